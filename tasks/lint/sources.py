"""Where facts can be looked up: what is wrong with a source, and all of them by address."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from tenken.tasks.dataset.sample import measure_of
from tenken.tasks.lint.subject import Finding, Item, Subject

_DATE: Final = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_DAY: Final = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_URL: Final = re.compile(r"https?://[^\s/]+\.[^\s]+")
_KEYS: Final = ("title", "url", "date")
_DATES: Final = ("date", "seen", "review_by")
"""The day for which a fact holds, when somebody last looked it up, by when to look again."""
_COPY: Final = ("archived", "copy")
"""The day on which an archive took a copy of the page, and the copy's address."""


@dataclass(frozen=True, slots=True)
class Cited:
    """An address on which facts of samples rest.

    Attributes:
        url: The address.
        title: What is there, as the first sample says it.
        tasks: Names of the tasks that rest on it, sorted.
        samples: Number of their samples.
        archived: Day of the oldest copy in an archive; empty where a sample knows of none.
        copy: Address of that copy.
        review_by: The first day by which a fact is to be looked at again; empty without one.
    """

    url: str
    title: str
    tasks: tuple[str, ...]
    samples: int
    archived: str
    copy: str
    review_by: str

    @property
    def overdue(self) -> bool:
        """Whether that day has passed."""
        return _passed(self.review_by)


def cited(subjects: Sequence[Subject]) -> list[Cited]:
    """Return every address that samples name, what is due first in front.

    Args:
        subjects: The tasks; of a closed one no source is told.

    Returns:
        A row an address; those without a date to be looked at again come last.
    """
    found: dict[str, list[tuple[str, dict[str, str]]]] = defaultdict(list)
    for subject in subjects:
        for item in subject.items if not subject.card.dataset.private else ():
            if item.sample.source:
                found[item.sample.source.get("url", "")].append((subject.name, item.sample.source))
    rows = [_row(url, named) for url, named in found.items() if url]
    return sorted(rows, key=lambda row: (row.review_by or "9", row.url))


def _row(url: str, named: Sequence[tuple[str, dict[str, str]]]) -> Cited:
    sources = [source for _, source in named]
    copies = [(source.get("archived", ""), source.get("copy", "")) for source in sources]
    archived, copy = min(copies) if all(day for day, _ in copies) else ("", "")
    return Cited(
        url=url,
        title=sources[0].get("title", ""),
        tasks=tuple(sorted({task for task, _ in named})),
        samples=len(named),
        archived=archived,
        copy=copy,
        review_by=min((s["review_by"] for s in sources if s.get("review_by")), default=""),
    )


def sources(subject: Subject) -> Iterator[Finding]:
    """Find facts without a source, and sources that cannot be looked up.

    Facts need one where the samples of the same measure have one, or where the card's
    `dataset.source` says that each item names one.
    """
    said = "each item names" in subject.card.dataset.source
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in subject.items:
        measure = measure_of(subject.card, item.sample)
        groups[measure.key if measure else ""].append(item)
        yield from _source(subject, item)
    for members in groups.values():
        bare = [item for item in members if not item.sample.source]
        needed = said or len(bare) < len(members)
        for item in bare if needed else ():
            missing = (
                "'{id}' names no source, and the card says that each item names one."
                if said
                else "'{id}' names no source, and its siblings have one."
            )
            yield subject.at(item, "error", "source", missing, id=item.sample.id)
    facts = subject.card.risk == "misinformation" and subject.card.scorer.name == "tenken/choice"
    if facts and subject.items and not any(item.sample.source for item in subject.items):
        none = "right and wrong answers rest on facts, and no sample names a source."
        yield subject.on_card("dataset", "warning", "source", none)


def _source(subject: Subject, item: Item) -> Iterator[Finding]:
    source = item.sample.source
    if not source:
        return
    for key in _KEYS:
        if not source.get(key, "").strip():
            yield subject.at(item, "error", "source", "the source has no '{key}'.", key=key)
    for key in sorted(source.keys() - {*_KEYS, *_DATES, *_COPY}):
        yield subject.at(item, "error", "source", "unknown key '{key}' in the source.", key=key)
    for key in ("url", "copy"):
        if source.get(key) and not _URL.fullmatch(source[key]):
            said = "the source's {key} must begin with http:// or https://."
            yield subject.at(item, "error", "source", said, key=key)
    yield from _archive(subject, item, source)
    for key in _DATES:
        if source.get(key) and not _DATE.fullmatch(source[key]):
            said = "the source's {key} is YYYY, YYYY-MM or YYYY-MM-DD."
            yield subject.at(item, "error", "source", said, key=key)
            return
    if _passed(source.get("review_by", "")):
        said = "the fact of '{id}' was to be looked at again by {day}."
        about = {"id": item.sample.id, "day": source["review_by"]}
        yield subject.at(item, "warning", "review-by", said, **about)


def _archive(subject: Subject, item: Item, source: dict[str, str]) -> Iterator[Finding]:
    """Find a copy that cannot be: a day without an address, or one that is yet to come."""
    archived = source.get("archived", "")
    if archived and not _DAY.fullmatch(archived):
        said = "the source's archived is a day, YYYY-MM-DD, or null where there is no copy."
        yield subject.at(item, "error", "source", said)
    elif archived > date.today().isoformat():
        said = "the source's archived, {archived}, is yet to come."
        yield subject.at(item, "error", "source", said, archived=archived)
    if bool(archived) != bool(source.get("copy", "")):
        said = "the source's archived and copy belong together: the day, and the copy's address."
        yield subject.at(item, "error", "source", said)


def _passed(due: str) -> bool:
    return bool(due) and date.today().isoformat()[: len(due)] > due
