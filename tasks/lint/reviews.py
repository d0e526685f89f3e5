"""Who read the items of a task and what they found: the records of `reviews.jsonl`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tenken.io.faults import explain
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.lint.subject import Finding, Subject

REVIEWS_FILE: Final = "reviews.jsonl"


class Review(BaseModel):
    """One reading of one sample by somebody who did not write it.

    Attributes:
        id: The sample's id.
        by: Who kind read it.
        reviewer: Which of them, by a name that tells two apart and identifies nobody.
        harmful: What the reader took it for, blind to the label; None where the task has none.
        naturalness: From 1 (no one would write this) to 5.
        equal: Whether both languages ask the same; None where the reader saw one.
        decision: What became of the sample.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    id: str
    by: Literal["person", "model"]
    reviewer: Annotated[str, Field(min_length=1)]
    harmful: bool | None = None
    naturalness: Annotated[int, Field(ge=1, le=5)] | None = None
    equal: bool | None = None
    decision: Literal["keep", "change", "drop"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What the records of a task come to.

    Attributes:
        read: Samples of which there is a record.
        by: Number of records by who kind.
        naturalness: Mean rating from 1 to 5; None without one.
        agreed: Share of blind readings that say of a sample what its label says; None without.
    """

    read: int
    by: Mapping[str, int]
    naturalness: float | None
    agreed: float | None


def records(folder: Path) -> Iterator[tuple[int, Review | str]]:
    """Yield each line's number with its record, or with what is wrong with it."""
    path = folder / REVIEWS_FILE
    if not path.exists():
        return
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        if line.strip():
            try:
                yield number, Review.model_validate_json(line)
            except ValidationError as error:
                yield number, explain(error, Review)


def reviews(subject: Subject) -> Iterator[Finding]:
    """Find review records that cannot be read, or that are of a sample that is not there."""
    path, known = subject.folder / REVIEWS_FILE, {item.sample.id for item in subject.items}
    for number, review in records(subject.folder):
        if isinstance(review, str):
            yield Finding(subject.name, path, number, "error", "review", review)
        elif subject.data is not None and review.id not in known:
            message = f"the review is of '{review.id}', which is not among the samples."
            yield Finding(subject.name, path, number, "error", "review", message)


def reviewed(folder: Path, samples: Sequence[TaskSample]) -> Reviewed:
    """Sum up a task's review records; those of a sample that is gone do not count."""
    known = {sample.id: sample for sample in samples}
    valid = [each for _, each in records(folder) if isinstance(each, Review) and each.id in known]
    rated = [each.naturalness for each in valid if each.naturalness is not None]
    blind = [
        each.harmful == (known[each.id].benign_twin is None)
        for each in valid
        if each.harmful is not None and known[each.id].tags.get("debatable") != "true"
    ]
    return Reviewed(
        read=len({each.id for each in valid}),
        by=dict(sorted(Counter(each.by for each in valid).items())),
        naturalness=sum(rated) / len(rated) if rated else None,
        agreed=sum(blind) / len(blind) if blind else None,
    )
