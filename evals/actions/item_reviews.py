"""Readings of a task's items: what readers are given, and what they send back."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from tenken.errors import InputError, hint
from tenken.io.faults import explain
from tenken.io.files import write_atomically
from tenken.io.rows import read_rows
from tenken.results.metrics.agreement import krippendorff_alpha
from tenken.results.metrics.interval import Estimate
from tenken.results.pages.item_review import ItemSheet, ReadItem
from tenken.schema.reviews import ItemReview
from tenken.tasks.dataset.reviews import REVIEWS_FILE, item_digest, read_reviews, review_bytes
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.library import TaskFolder
from tenken.tasks.lint.subject import Item, Subject, read_subject
from tenken.tasks.scaffold.refresh import refresh

_ALONGSIDE: Final = frozenset({"task", "number", "text", "choices", "other"})


def items_of(entry: TaskFolder) -> Subject:
    """Return a task with its items.

    Raises:
        InputError: Its samples are not in a file of its own, or break a rule.
    """
    subject = read_subject(entry)
    if not isinstance(subject, Subject):
        raise InputError("{path}: {message}", path=subject.path, message=subject.message)
    if subject.data is None:
        raise InputError(
            "{name}: its samples are not in a file of its folder; only a task's own items "
            "are reviewed.",
            name=entry.name,
        )
    if subject.flaws:
        line, flaw = subject.flaws[0]
        raise InputError("{path}:{line}: {flaw}", path=subject.path, line=line, flaw=flaw)
    return subject


def item_sheet(
    subject: Subject, language: str | None, sample: int | None, seed: int, reader: str | None
) -> ItemSheet:
    """Return what readers are asked: items in an order that tells nothing of twins.

    Args:
        subject: The task.
        language: Language of the items; all where None.
        sample: How many to draw; all where None.
        seed: Decides what is drawn, and the order.
        reader: Leave out what this reader has read.
    """
    read = {each.item for each in read_reviews(subject.folder) if each.reader == reader}
    items = [
        item
        for item in subject.items
        if language in (None, item.sample.language) and item_digest(item.sample) not in read
    ]
    random.Random(seed).shuffle(items)  # noqa: S311 - an order, no secret
    harm = any(item.sample.benign_twin for item in subject.items)
    shown = [_read_item(item, subject.items) for item in items[:sample]]
    return ItemSheet(subject.name, subject.card.title, harm, shown)


def _read_item(item: Item, items: Sequence[Item]) -> ReadItem:
    sample = item.sample
    others = (
        each
        for each in items
        if each.sample.pair_id == sample.pair_id and each.sample.language != sample.language
    )
    other = next(others, None)
    return ReadItem(
        item=item_digest(sample),
        language=sample.language,
        parts=item.parts,
        choices=sample.choices,
        other=(other.sample.language, other.text) if other else None,
    )


def import_reviews(subject: Subject, paths: Sequence[Path]) -> list[ItemReview]:
    """Record readings beside the task's items, and sum them up in the task's README.

    Args:
        subject: The task, with the items that could be read.
        paths: Files of readings, as `tenken review-items` hands them out and people fill them in.

    Returns:
        The records that are new; a reading that is already there is passed over.

    Raises:
        InputError: A file cannot be read, a line is not about an item of this task, or a reader has
            answered differently before.
        StorageError: The task's folder cannot be written.
    """
    samples = {item_digest(item.sample): item.sample for item in subject.items}
    known = read_reviews(subject.folder)
    held = {(each.item, each.by, each.reader): each for each in known}
    new: dict[tuple[str, str, str], ItemReview] = {}
    for path in paths:
        for place, row in _filled(path):
            review = _review(place, row, subject.name, samples)
            key = (review.item, review.by, review.reader)
            old = new.get(key, held.get(key))
            if old is None:
                new[key] = review
            elif old.model_dump(exclude={"date"}) != review.model_dump(exclude={"date"}):
                raise InputError(
                    "{place}: '{reader}' has read this item already and said otherwise; records "
                    "are never written over.",
                    place=place,
                    reader=review.reader,
                )
    if new:
        data = review_bytes([*known, *new.values()])
        write_atomically(subject.folder / REVIEWS_FILE, data)
        refresh(subject.folder, write=True, risk_folder=False)
    return list(new.values())


def readers_alpha(subject: Subject) -> Estimate | None:
    """Return Krippendorff's alpha of what readers take items for; None without two readers."""
    now = {item_digest(item.sample) for item in subject.items}
    said: dict[str, dict[str, str]] = {}
    for each in read_reviews(subject.folder):
        if each.item in now and each.harmful is not None:
            said.setdefault(each.item, {})[f"{each.by}:{each.reader}"] = str(each.harmful)
    names = sorted({name for row in said.values() for name in row})
    rows = [[row.get(name) for name in names] for row in said.values() if len(row) > 1]
    return krippendorff_alpha(rows) if rows else None


def _filled(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the place and the row of each line on which something was decided."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    for line, row in read_rows(path, data, "a reading"):
        if row.get("decision"):
            yield f"{path}:{line}", row


def _review(
    place: str, row: Mapping[str, Any], task: str, samples: Mapping[str, TaskSample]
) -> ItemReview:
    if row.get("task", task) != task:
        raise InputError(
            "{place}: this is a reading of '{row}', not of '{task}'.",
            place=place,
            row=row["task"],
            task=task,
        )
    sample = samples.get(str(row.get("item")))
    if sample is None:
        raise InputError(
            "{place}: the task has no such item; it has changed since the sheet was made.",
            place=place,
        )
    own = {key: value for key, value in row.items() if key not in _ALONGSIDE}
    own = {"date": date.today().isoformat(), **own}
    for key in own.keys() - ItemReview.model_fields.keys():
        near = hint(key, ItemReview.model_fields)
        raise InputError("{place}: unknown key '{key}'.{hint}", place=place, key=key, hint=near)
    if str(own.get("reader", "")).strip() == "":
        raise InputError(
            "{place}: reader: write a name, a pseudonym, or the model's name.", place=place
        )
    reader = str(own["reader"]).strip()
    own |= {"id": sample.id, "language": sample.language, "reader": reader}
    try:
        return ItemReview.model_validate(own)
    except ValidationError as error:
        raise InputError("{place}: {why}", place=place, why=explain(error, ItemReview)) from None
