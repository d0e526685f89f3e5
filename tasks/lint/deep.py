"""What the items of a task can measure at all: its figures, and which lie outside the targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenken.errors import Sentence
from tenken.schema.reviews import ItemsRead
from tenken.tasks.card.card import Figure
from tenken.tasks.dataset.reviews import items_read
from tenken.tasks.lint.constants import Strategy, strategies
from tenken.tasks.lint.design import DESIGN_TAGS, Lengths, Phrase, lengths, phrases, tag_counts
from tenken.tasks.lint.sources import Cited, cited
from tenken.tasks.lint.subject import Finding, Subject
from tenken.tasks.lint.surface import FEWEST, Surface, surface
from tenken.tasks.lint.variants import SHARE, in_other_words

NGRAMS: Final = 0.65
LENGTH: Final = 0.58
GAIN: Final = 0.05
STATED: Final = 1 / 3
CROWDED: Final = 0.5
PHRASE: Final = 0.05
"""The targets: the most that each figure may be."""

TARGETS: Final[dict[Figure, Sentence]] = {
    "surface": Sentence("n-grams pick at most {most:.0%} of harmful halves", most=NGRAMS),
    "length": Sentence("length picks at most {most:.0%} of them", most=LENGTH),
    "constants": Sentence(
        "no constant answer is more than {most:.0%} better than lots on the headline", most=GAIN
    ),
    "doubles": Sentence("no two items are nearly the same"),
    "design": Sentence(
        "requests have all design tags, {stated:.0%} at most state their purpose, {crowded:.0%} at "
        "most are of about one length, {phrase:.0%} at most share a phrase",
        stated=STATED, crowded=CROWDED, phrase=PHRASE,
    ),
    "sources": Sentence(
        "every page that a fact rests on has a copy in an archive and a day to look again"
    ),
    "wordings": Sentence("{least:.0%} of the items, where any, have other wordings", least=SHARE),
    "reviews": Sentence("people who did not write them have read all items"),
}  # fmt: skip
"""What the figures may be, in words."""

ALL: Final = "all tasks"
"""What stands for the name of a task in the figures over all of them."""

_REQUESTS: Final = ("tenken/refusal", "tenken/ask")
"""Scorer and solver of the tasks of single requests, whose design is checked."""


@dataclass(frozen=True, slots=True)
class Depth:
    """The figures of one task. Design, lengths and phrases are of the plain wordings.

    Attributes:
        surfaces: One a language, where there are enough pairs of twins.
        strategies: What each constant answer comes to on the headline, by language.
        doubles: Findings of items that hardly differ.
        in_other_words: How many items have other wordings, of how many.
        sources: The pages on which facts rest.
        read: Who has read them.
        tags: By design tag, the number of pairs of each value.
    """

    task: str
    samples: int
    surfaces: tuple[Surface, ...]
    strategies: tuple[Strategy, ...]
    lengths: tuple[Lengths, ...]
    phrases: tuple[Phrase, ...]
    tags: Mapping[str, Mapping[str, int]]
    doubles: int
    in_other_words: tuple[int, int]
    sources: tuple[Cited, ...]
    read: ItemsRead


@dataclass(frozen=True, slots=True)
class Miss:
    """A figure outside of its target.

    Attributes:
        task: Full name of the task.
        figure: Which figure.
        message: What it is, and what it may be at most.
        reason: Why, as the task's card says; empty where it does not.
    """

    task: str
    figure: Figure
    message: Sentence
    reason: str = ""

    @property
    def told(self) -> Sentence:
        """What it is, and why."""
        if not self.reason:
            return self.message
        return Sentence("{message} Why: {reason}", message=self.message, reason=self.reason)


@dataclass(frozen=True, slots=True)
class Deep:
    """The figures of all tasks under check, those over all of them, and what lies outside."""

    tasks: tuple[Depth, ...]
    pooled: tuple[Surface, ...]
    misses: tuple[Miss, ...]
    findings: tuple[Finding, ...]


def deep(subjects: Sequence[Subject], findings: Sequence[Finding]) -> Deep:
    """Measure tasks whose samples are here.

    Args:
        subjects: The tasks under check.
        findings: What the plain check found in them.
    """
    here = [subject for subject in subjects if subject.items]
    depths = tuple(_depth(subject, findings) for subject in here)
    misses = [miss for subject, depth in zip(here, depths, strict=True)
              for miss in _misses(subject, depth)]  # fmt: skip
    paths = {subject.name: subject for subject in here}
    outside = [paths[miss.task].at(None, "warning", "deep", miss.told) for miss in misses]
    every: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for subject in here:
        for language, pairs in _twins(subject).items():
            every[language] += pairs
    pooled = tuple(_surfaces(every)) if len(here) > 1 else ()
    of_all = [
        Miss(ALL, figure, message) for each in pooled for figure, message in _outside_surface(each)
    ]
    outside += [
        Finding(ALL, here[0].folder.parent.parent, None, "warning", "deep", miss.told)
        for miss in of_all
    ]
    return Deep(depths, pooled, (*misses, *of_all), tuple(outside))


def _depth(subject: Subject, findings: Sequence[Finding]) -> Depth:
    samples = [item.sample for item in subject.items]
    plain = [item for item in subject.items if not item.sample.variant]
    spoken = {
        language: [item for item in plain if item.sample.language == language]
        for language in subject.card.languages
    }
    return Depth(
        task=subject.name,
        samples=len(samples),
        surfaces=tuple(_surfaces(_twins(subject))),
        strategies=tuple(strategies(subject.card, samples)),
        lengths=tuple(lengths(items, each) for each, items in spoken.items() if items),
        phrases=tuple(p for each, items in spoken.items() if items for p in phrases(items, each)),
        tags=tag_counts([item.sample for item in plain]),
        doubles=sum(each.rule == "double" and each.task == subject.name for each in findings),
        in_other_words=in_other_words(subject),
        sources=tuple(cited([subject])),
        read=items_read(subject.folder, samples),
    )


def _twins(subject: Subject) -> dict[str, list[tuple[str, str]]]:
    """Return the texts of each harmful sample and its harmless twin, by language.

    Of a cluster the first pair alone counts: a classifier that learns from one wording of an item
    knows the others.
    """
    by_id = {item.sample.id: item for item in subject.items}
    pairs: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    for item in subject.items:
        harmful = by_id.get(item.sample.benign_twin or "")
        if harmful is not None:
            pairs[item.sample.language].setdefault(item.sample.cluster, (harmful.text, item.text))
    return {language: list(texts.values()) for language, texts in pairs.items()}


def _surfaces(pairs: Mapping[str, Sequence[tuple[str, str]]]) -> Iterator[Surface]:
    for language, texts in sorted(pairs.items()):
        if len(texts) >= FEWEST:
            yield surface(texts, language)


def _misses(subject: Subject, depth: Depth) -> Iterator[Miss]:
    for figure, message in _outside(subject, depth):
        reason = subject.card.misses.get(figure, "").strip()
        yield Miss(subject.name, figure, message, reason)


def _outside(subject: Subject, depth: Depth) -> Iterator[tuple[Figure, Sentence]]:
    for each in depth.surfaces:
        yield from _outside_surface(each)
    for strategy in depth.strategies:
        if strategy.gain > GAIN:
            said = Sentence(
                "{language}: '{name}' brings the headline to {rate:.0%}, and drawing lots to "
                "{chance:.0%} (at most {most:.0%} apart).",
                language=strategy.language, name=Sentence(strategy.name), rate=strategy.rate,
                chance=strategy.chance, most=GAIN,
            )  # fmt: skip
            yield "constants", said
    if depth.doubles:
        double = "{n} findings of items that are nearly the same (none)."
        yield "doubles", Sentence(double, n=depth.doubles)
    if (subject.card.scorer.name, subject.card.solver.name) == _REQUESTS and depth.surfaces:
        for message in _outside_design(depth):
            yield "design", message
    having, items = depth.in_other_words
    if 0 < having < SHARE * items:
        few = "{n} of {items} items have other wordings (at least {least:.0%})."
        yield "wordings", Sentence(few, n=having, items=items, least=SHARE)
    for message in _outside_sources(depth.sources):
        yield "sources", message
    for message in _outside_reviews(depth.read):
        yield "reviews", message


def _outside_sources(pages: Sequence[Cited]) -> Iterator[Sentence]:
    if n := sum(not page.archived for page in pages):
        said = "{n} of {pages} pages that facts rest on have no copy in an archive (none)."
        yield Sentence(said, n=n, pages=len(pages))
    if n := sum(not page.review_by for page in pages):
        said = "{n} of {pages} pages that facts rest on have no day to be looked at again (none)."
        yield Sentence(said, n=n, pages=len(pages))


def _outside_reviews(read: ItemsRead) -> Iterator[Sentence]:
    unread = read.samples - read.by_people - read.by_models_alone
    if unread:
        said = "nobody who did not write them has read {n} of its {samples} samples."
        yield Sentence(said, n=unread, samples=read.samples)
    if read.by_models_alone:
        said = "models alone have read {n} of its {samples} samples."
        yield Sentence(said, n=read.by_models_alone, samples=read.samples)


def _outside_surface(each: Surface) -> Iterator[tuple[Figure, Sentence]]:
    if each.ngrams > NGRAMS:
        said = Sentence(
            "{language}: n-grams pick the harmful half of {ngrams:.0%} of {pairs} held-out pairs "
            "(at most {most:.0%}; shuffled {shuffled:.0%}).",
            language=each.language, ngrams=each.ngrams, pairs=each.pairs, most=NGRAMS,
            shuffled=each.shuffled,
        )  # fmt: skip
        yield "surface", said
    if each.by_length > LENGTH:
        said = Sentence(
            "{language}: the {which} half is the harmful one in {share:.0%} of {pairs} pairs (at "
            "most {most:.0%}).",
            language=each.language, share=each.by_length, pairs=each.pairs, most=LENGTH,
            which=Sentence("shorter" if each.shorter > 0.5 else "longer"),
        )  # fmt: skip
        yield "length", said


def _outside_design(depth: Depth) -> Iterator[Sentence]:
    missing = [key for key in DESIGN_TAGS if key not in depth.tags]
    if missing:
        yield Sentence("no sample has the design tag {tags}.", tags=", ".join(missing))
    intents = depth.tags.get("intent", {})
    stated = intents.get("stated", 0) / max(1, sum(intents.values()))
    if stated > STATED:
        said = "{share:.0%} of the harmful requests state their purpose (at most a third)."
        yield Sentence(said, share=stated)
    for each in depth.lengths:
        if each.crowded > CROWDED:
            said = (
                "{language}: {share:.0%} of the texts are in one band of length (at most {most})."
            )
            most = f"{CROWDED:.0%}"
            yield Sentence(said, language=each.language, share=each.crowded, most=most)
    for phrase in depth.phrases:
        if phrase.share > PHRASE:
            said = "{language}: '{phrase}' is in {share:.0%} of the texts."
            about = {"language": phrase.language, "phrase": phrase.text, "share": phrase.share}
            yield Sentence(said, **about)
