"""Items that are there twice, or nearly: in one task, and in two."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from tenken.errors import Sentence, Words
from tenken.schema.record import in_order
from tenken.tasks.examples import is_example
from tenken.tasks.lint.subject import Finding, Item, Subject, asked
from tenken.tasks.texts import Level

_SHINGLE: Final = {"en": 5, "ja": 3}
"""Characters of a shingle: about a word of English, about a word of Japanese."""

ALIKE: Final = 0.4
"""Jaccard similarity of the shingles from which two items are pointed out.

In the library of November 2026 no two items but a twin and its harmful sample reach 0.35; two
sentences of sixty letters that differ in one word reach 0.67.
"""

SAME: Final = 0.7
"""Similarity from which they are one item."""

_TWIN: Final = 0.95
"""A twin is meant to be like its harmful sample, but to differ in more than a mark."""


@dataclass(frozen=True, slots=True)
class _Entry:
    subject: Subject
    item: Item
    shingles: frozenset[str]
    asked: str
    family: str


def doubles(subjects: Sequence[Subject], checked: set[str]) -> Iterator[Finding]:
    """Find the same text twice, and texts that hardly differ.

    The examples that every laid-out task begins with are left out. Items of one cluster may be
    alike: the swap is their point. So may an item in other words and the twin of the plain one,
    which asks in its words. They still must not be the same.

    Args:
        subjects: All tasks to compare with one another.
        checked: Names of the tasks that are under check; two others are not compared.
    """
    there = {item.sample.language for subject in subjects for item in subject.items}
    for language in in_order(there):
        entries = [
            _Entry(subject, item, shingles(item.text, language), asked(item.sample), family)
            for subject in subjects
            for item, family in _families(subject)
            if item.sample.language == language and not is_example(item.sample)
        ]
        yield from _same(entries, checked)
        texts = [entry for entry in entries if not entry.item.sample.files]
        for left, right, likeness in _alike(texts, checked):
            finding = _judge(left, right, likeness)
            if finding is not None:
                yield finding


def _families(subject: Subject) -> Iterator[tuple[Item, str]]:
    """Yield each item with its cluster; a harmless twin with that of its harmful sample."""
    clusters = {item.sample.id: item.sample.cluster for item in subject.items}
    for item in subject.items:
        yield item, clusters.get(item.sample.benign_twin or "", item.sample.cluster)


def shingles(text: str, language: str) -> frozenset[str]:
    """Return the runs of characters of a text, without case, width, marks and blanks.

    Args:
        text: The text.
        language: Language of the text, which sets the length of a run.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(each for each in folded if each.isalnum())
    size = _SHINGLE.get(language, _SHINGLE["en"])
    return frozenset(plain[i : i + size] for i in range(max(1, len(plain) - size + 1)))


def _same(entries: list[_Entry], checked: set[str]) -> Iterator[Finding]:
    """Find samples that put the very same thing to the model."""
    first: dict[str, _Entry] = {}
    for entry in entries:
        known = first.setdefault(entry.asked, entry)
        if known is not entry and _one_checked(known, entry, checked):
            yield _found(entry, "error", "'{id}' is the same as {other}.", _named(known, entry))


def _alike(entries: list[_Entry], checked: set[str]) -> Iterator[tuple[_Entry, _Entry, float]]:
    """Yield the pairs of entries whose similarity reaches ALIKE, exactly, without trying all.

    Two sets that are alike share one of their rarest members: only the rarest
    |x| - ceil(t|x|) + 1 are looked up (prefix filter of Chaudhuri, Ganti and Kaushik 2006, and
    Bayardo, Ma and Srikant 2007).
    """
    own = [entry for entry in entries if entry.subject.name in checked]
    rest = [entry for entry in entries if entry.subject.name not in checked]
    counts = Counter(shingle for entry in own for shingle in entry.shingles)
    rank = {shingle: n for n, (shingle, _) in enumerate(sorted(counts.items(), key=_rarity))}
    index: dict[str, list[_Entry]] = defaultdict(list)
    for entry in own:
        prefix = _prefix(entry, rank)
        yield from _matches(entry, prefix, index)
        for shingle in prefix:
            index[shingle].append(entry)
    for entry in rest:
        yield from _matches(entry, _prefix(entry, rank), index)


def _prefix(entry: _Entry, rank: dict[str, int]) -> list[str]:
    """Return the rarest shingles of an entry, without those that no checked entry has."""
    size = len(entry.shingles)
    known = [shingle for shingle in entry.shingles if shingle in rank]
    length = size - math.ceil(ALIKE * size) + 1 - (size - len(known))
    return sorted(known, key=rank.__getitem__)[: max(0, length)]


def _matches(
    entry: _Entry, prefix: list[str], index: dict[str, list[_Entry]]
) -> Iterator[tuple[_Entry, _Entry, float]]:
    size = len(entry.shingles)
    candidates = {_place(other): other for shingle in prefix for other in index.get(shingle, ())}
    for _, other in sorted(candidates.items(), key=_first):
        if _exempt(other, entry) or not ALIKE * size <= len(other.shingles) <= size / ALIKE:
            continue
        shared = len(entry.shingles & other.shingles)
        likeness = shared / (size + len(other.shingles) - shared)
        if likeness >= ALIKE:
            left, right = sorted((other, entry), key=_place)
            yield left, right, likeness


def _first(each: tuple[tuple[str, int], _Entry]) -> tuple[str, int]:
    return each[0]


def _rarity(counted: tuple[str, int]) -> tuple[int, str]:
    return counted[1], counted[0]


def _place(entry: _Entry) -> tuple[str, int]:
    return entry.subject.name, entry.item.line


def _one_checked(left: _Entry, right: _Entry, checked: set[str]) -> bool:
    return left.subject.name in checked or right.subject.name in checked


def _exempt(left: _Entry, right: _Entry) -> bool:
    same_task = left.subject.name == right.subject.name
    one, other = left.item.sample, right.item.sample
    if same_task and one.cluster == other.cluster:
        return True
    if same_task and left.family == right.family and (one.variant or other.variant):
        return one.id != other.benign_twin and other.id != one.benign_twin
    return left.asked == right.asked


def _judge(left: _Entry, right: _Entry, likeness: float) -> Finding | None:
    one, other = left.item.sample, right.item.sample
    if other.id == one.benign_twin or one.id == other.benign_twin:
        if likeness < _TWIN:
            return None
        return _found(right, "error", "'{id}' differs in nothing from its twin '{other}'.", one.id)
    level: Level = "error" if likeness >= SAME else "warning"
    said = "'{id}' is {share:.0%} the same as {other}."
    return _found(right, level, said, _named(left, right), share=likeness)


def _found(right: _Entry, level: Level, words: Words, other: str, /, **values: object) -> Finding:
    about = {"id": right.item.sample.id, "other": other, **values}
    return right.subject.at(right.item, level, "double", words, **about)


def _named(left: _Entry, right: _Entry) -> Sentence:
    about = {"id": left.item.sample.id, "line": left.item.line}
    if left.subject.name == right.subject.name:
        return Sentence("'{id}' (line {line})", **about)
    return Sentence("'{id}' of {task} (line {line})", **about, task=left.subject.name)
