"""Whether a model that always answers the same gains by it: targets, positions, tags."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final

from tenken.tasks.dataset.sample import measure_of
from tenken.tasks.lint.subject import Finding, Item, Subject
from tenken.tasks.texts import Level

_ENOUGH: Final = 12
"""Samples from which an uneven share says something."""

_UNEVEN: Final = 0.1
_LOPSIDED: Final = 0.25
"""How far the share of one position may lie above an even one: warning, error."""

_ANSWER_SETS: Final = 4

_TAG_RATIO: Final = 3.0
"""How often a tag's commonest value may stand for each time its rarest does."""


def positions(subject: Subject) -> Iterator[Finding]:
    """Find answers that are in one position too often, for each measure and language."""
    groups: dict[tuple[str, str, int], list[Item]] = defaultdict(list)
    for item in subject.items:
        sample = item.sample
        if sample.choices and sample.target:
            measure = measure_of(subject.card, sample)
            key = (measure.key if measure else "", sample.language, len(sample.choices))
            groups[key].append(item)
    for (measure_key, language, choices), members in groups.items():
        if len(members) < _ENOUGH:
            continue
        counts = Counter(item.sample.target for item in members)
        letter, most = min(counts.items(), key=lambda each: (-each[1], each[0]))
        excess = most / len(members) - 1 / choices
        if excess > _UNEVEN:
            level: Level = "error" if excess > _LOPSIDED else "warning"
            yield subject.at(
                None, level, "balance",
                "{measure}, {language}: the right answer is {letter} in {most} of {n} samples with "
                "{choices} choices.",
                measure=measure_key, language=language, letter=letter, most=most, n=len(members),
                choices=choices,
            )  # fmt: skip


def answer_lengths(subject: Subject) -> Iterator[Finding]:
    """Find tasks whose right answer can be told by its length.

    Where all samples offer the same few answers (yes and no), length tells no more than the
    words do.
    """
    if len({frozenset(item.sample.choices) for item in subject.items}) <= _ANSWER_SETS:
        return
    for language in subject.card.languages:
        told = [
            _longest_is_right(item)
            for item in subject.items
            if item.sample.language == language and item.sample.target and item.sample.choices
            if len({len(each) for each in item.sample.choices}) > 1
        ]
        choices = max((len(item.sample.choices) for item in subject.items), default=0)
        if len(told) < _ENOUGH or not choices:
            continue
        share = sum(told) / len(told)
        if share > 1 / choices + _LOPSIDED:
            yield subject.at(
                None, "warning", "balance",
                "{language}: the right answer is the longest choice in {longest} of {n} samples.",
                language=language, longest=sum(told), n=len(told),
            )  # fmt: skip


def _longest_is_right(item: Item) -> bool:
    lengths = [len(each) for each in item.sample.choices]
    place = ord(item.sample.target) - ord("A")
    return lengths[place] == max(lengths) and lengths.count(max(lengths)) == 1


def tags(subject: Subject) -> Iterator[Finding]:
    """Find tags of the card's `balance` that samples lack, or whose values are uneven."""
    for key in subject.card.balance:
        if not subject.items:
            return
        having = [item for item in subject.items if key in item.sample.tags]
        if not having:
            said = "balance names the tag '{key}', which no sample has."
            yield subject.on_card("balance", "error", "balance", said, key=key)
            continue
        yield from _missing(subject, key)
        yield from _uneven(subject, key, having)


def _missing(subject: Subject, key: str) -> Iterator[Finding]:
    """Within one measure a tag is on every sample or on none."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in subject.items:
        measure = measure_of(subject.card, item.sample)
        groups[measure.key if measure else ""].append(item)
    for members in groups.values():
        bare = [item for item in members if key not in item.sample.tags]
        if len(bare) < len(members):
            for item in bare:
                said = "'{id}' lacks the tag '{key}', which balance names."
                yield subject.at(item, "error", "balance", said, id=item.sample.id, key=key)


def _uneven(subject: Subject, key: str, having: list[Item]) -> Iterator[Finding]:
    counts = Counter(item.sample.tags[key] for item in having)
    if len(having) < _ENOUGH or len(counts) < 2:
        return
    ranked = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    (common, most), (rare, least) = ranked[0], ranked[-1]
    if most > _TAG_RATIO * least:
        yield subject.at(
            None, "warning", "balance",
            "tag '{key}': {most} samples are '{common}', and {least} are '{rare}'.",
            key=key, most=most, common=common, least=least, rare=rare,
        )  # fmt: skip
