"""Who read the items of a task and what they found: the records of `reviews.jsonl`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from tenken.errors import InputError, Sentence
from tenken.io.canonical import canonical_json, digest
from tenken.io.faults import explain
from tenken.schema.reviews import ItemReview, ItemsRead, OutOf
from tenken.tasks.dataset.sample import TaskSample

REVIEWS_FILE: Final = "reviews.jsonl"


def item_digest(sample: TaskSample) -> str:
    """Return the SHA-256 of all that makes a sample another item; tags and labels do not."""
    return digest([sample.language, sample.input, sample.choices, sample.metadata])


def review_lines(folder: Path) -> Iterator[tuple[int, ItemReview | Sentence]]:
    """Yield each line's number with its record, or with what is wrong with it.

    Raises:
        InputError: The file cannot be read.
    """
    path = folder / REVIEWS_FILE
    if not path.exists():
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            try:
                yield number, ItemReview.model_validate_json(line)
            except ValidationError as error:
                yield number, explain(error, ItemReview)


def read_reviews(folder: Path) -> list[ItemReview]:
    """Return the records that can be read; `tenken check` names the lines that cannot."""
    return [each for _, each in review_lines(folder) if isinstance(each, ItemReview)]


def review_bytes(records: Iterable[ItemReview]) -> bytes:
    """Return the one form of a file of records: a line each, by sample, day and reader."""
    found = sorted(records, key=lambda each: (each.id, each.date, each.by, each.reader))
    return b"".join(canonical_json(each.model_dump(mode="json")) + b"\n" for each in found)


def items_read(folder: Path, samples: Sequence[TaskSample]) -> ItemsRead:
    """Sum up a task's records.

    Args:
        folder: The task's folder.
        samples: Its samples as they are now.
    """
    records = read_reviews(folder)
    now = {sample.id: item_digest(sample) for sample in samples} if records else {}
    valid = [each for each in records if now.get(each.id) == each.item]
    people = {each.id for each in valid if each.by == "person"}
    rated = [each.naturalness for each in valid]
    return ItemsRead(
        samples=len(samples),
        by_people=len(people),
        by_models_alone=len({each.id for each in valid} - people),
        records=len(valid),
        stale=len(records) - len(valid),
        naturalness=round(sum(rated) / len(rated), 3) if rated else None,
        as_labelled=_share(_as_labelled(valid, samples)),
        readers_agree=_share(_agree(valid)),
        equal=_share(each.equal for each in valid if each.equal is not None),
        kept=_share(each.decision == "keep" for each in valid),
    )


def _share(said: Iterable[bool]) -> OutOf:
    counted = list(said)
    return OutOf(count=sum(counted), of=len(counted))


def _as_labelled(records: Sequence[ItemReview], samples: Sequence[TaskSample]) -> Iterator[bool]:
    """Yield whether each reading says what the label says; debatable items have none."""
    known = {sample.id: sample for sample in samples}
    for each in records:
        sample = known[each.id]
        if each.harmful is not None and sample.tags.get("debatable") != "true":
            yield each.harmful == (sample.benign_twin is None)


def _agree(records: Sequence[ItemReview]) -> Iterator[bool]:
    by_item: dict[str, list[bool]] = defaultdict(list)
    for each in records:
        if each.harmful is not None:
            by_item[each.id].append(each.harmful)
    for said in by_item.values():
        if len(said) > 1:
            yield len(set(said)) == 1
