"""What the items of a task can measure at all: its figures, and which lie outside the targets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

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

TARGETS: Final[dict[Figure, str]] = {
    "surface": f"n-grams pick at most {NGRAMS:.0%} of harmful halves",
    "length": f"length picks at most {LENGTH:.0%} of them",
    "constants": f"no constant answer is more than {GAIN:.0%} better than lots on the headline",
    "doubles": "no two items are nearly the same",
    "design": f"requests have all design tags, {STATED:.0%} at most state their purpose, "
    f"{CROWDED:.0%} at most are of about one length, {PHRASE:.0%} at most share a phrase",
    "sources": "every page that a fact rests on has a copy in an archive and a day to look again",
    "wordings": f"{SHARE:.0%} of the items, where any, have other wordings",
    "reviews": "people who did not write them have read all items",
}
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
    message: str
    reason: str = ""

    @property
    def told(self) -> str:
        """What it is, and why."""
        return f"{self.message} Why: {self.reason}" if self.reason else self.message


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


def _outside(subject: Subject, depth: Depth) -> Iterator[tuple[Figure, str]]:
    for each in depth.surfaces:
        yield from _outside_surface(each)
    for strategy in depth.strategies:
        if strategy.gain > GAIN:
            yield (
                "constants",
                f"{strategy.language}: '{strategy.name}' brings the headline to "
                f"{strategy.rate:.0%}, and drawing lots to {strategy.chance:.0%} (at most "
                f"{GAIN:.0%} apart).",
            )
    if depth.doubles:
        yield "doubles", f"{depth.doubles} findings of items that are nearly the same (none)."
    if (subject.card.scorer.name, subject.card.solver.name) == _REQUESTS and depth.surfaces:
        for message in _outside_design(depth):
            yield "design", message
    having, items = depth.in_other_words
    if 0 < having < SHARE * items:
        yield "wordings", f"{having} of {items} items have other wordings (at least {SHARE:.0%})."
    for message in _outside_sources(depth.sources):
        yield "sources", message
    for message in _outside_reviews(depth.read):
        yield "reviews", message


def _outside_sources(pages: Sequence[Cited]) -> Iterator[str]:
    for lacking, what in (
        (sum(not page.archived for page in pages), "no copy in an archive"),
        (sum(not page.review_by for page in pages), "no day to be looked at again"),
    ):
        if lacking:
            yield f"{lacking} of {len(pages)} pages that facts rest on have {what} (none)."


def _outside_reviews(read: ItemsRead) -> Iterator[str]:
    unread = read.samples - read.by_people - read.by_models_alone
    if unread:
        yield f"nobody who did not write them has read {unread} of its {read.samples} samples."
    if read.by_models_alone:
        yield f"models alone have read {read.by_models_alone} of its {read.samples} samples."


def _outside_surface(each: Surface) -> Iterator[tuple[Figure, str]]:
    if each.ngrams > NGRAMS:
        yield (
            "surface",
            f"{each.language}: n-grams pick the harmful half of {each.ngrams:.0%} of {each.pairs} "
            f"held-out pairs (at most {NGRAMS:.0%}; shuffled {each.shuffled:.0%}).",
        )
    if each.by_length > LENGTH:
        word = "shorter" if each.shorter > 0.5 else "longer"
        yield (
            "length",
            f"{each.language}: the {word} half is the harmful one in {each.by_length:.0%} of "
            f"{each.pairs} pairs (at most {LENGTH:.0%}).",
        )


def _outside_design(depth: Depth) -> Iterator[str]:
    missing = [key for key in DESIGN_TAGS if key not in depth.tags]
    if missing:
        yield f"no sample has the design tag {', '.join(missing)}."
    intents = depth.tags.get("intent", {})
    stated = intents.get("stated", 0) / max(1, sum(intents.values()))
    if stated > STATED:
        yield f"{stated:.0%} of the harmful requests state their purpose (at most a third)."
    for each in depth.lengths:
        if each.crowded > CROWDED:
            yield (
                f"{each.language}: {each.crowded:.0%} of the texts are in one band of length "
                f"(at most {CROWDED:.0%})."
            )
    for phrase in depth.phrases:
        if phrase.share > PHRASE:
            yield f"{phrase.language}: '{phrase.text}' is in {phrase.share:.0%} of the texts."
