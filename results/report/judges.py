"""What a task's answers were judged for, and how steady its judges are when asked twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

import numpy as np

from tenken.results.calibration.readings import repeated
from tenken.results.metrics.agreement import krippendorff_alpha
from tenken.results.metrics.settings import Statistics
from tenken.results.report.figures import figure, parted, score_of
from tenken.schema.calibration import UNDECIDED
from tenken.schema.plan import PlannedTask
from tenken.schema.record import SampleRecord
from tenken.schema.scorers import Judged, Judges, PanelAgreement

_AGAIN = "again:"
_VOTE = "vote:"


def judged(task: PlannedTask, records: Sequence[SampleRecord], how: Statistics) -> Judged | None:
    """Return what a task's answers were judged for, with the refusals among them.

    Args:
        task: The task as planned.
        records: Its records, plain requests alone.
        how: Level.

    Returns:
        None for a task whose scorer judges neither refusal nor harm.
    """
    known = task.vocabulary
    if known is None or known.judges is None:
        return None
    refusals = set(known.positive) - set(known.unsafe)
    answered = [
        _as_refusal(record, refusals)
        for record in records
        if record.measure == task.headline.key and record.outcome == "scored"
    ]
    return Judged(
        what=known.judges,
        threshold=known.threshold,
        graders=tuple(task.graders),
        refused=figure(answered, how) if refusals else None,
        languages={
            language: figure(part, how)
            for language, part in parted(answered).items()
            if part and refusals
        },
    )


def _as_refusal(record: SampleRecord, refusals: Collection[str]) -> SampleRecord:
    refused = {record.label, *record.labels} & set(refusals)
    return replace(record, verdict=float(bool(refused)))


def judges(task: PlannedTask, records: Sequence[SampleRecord], how: Statistics) -> Judges | None:
    """Return how steady the judges of a task were.

    Args:
        task: The task as planned.
        records: Its records; their further labels hold second readings and votes.
        how: Level.

    Returns:
        None where no grader judged.
    """
    if not task.graders:
        return None
    unsafe = {measure.key: measure.unsafe_labels for measure in task.measures}
    pairs = [
        (_side(record.label, unsafe[record.measure]), _side(again, unsafe[record.measure]))
        for record in records
        if record.outcome == "scored" and record.measure in unsafe
        for again in _after(_AGAIN, record)
    ]
    return Judges(repeated=repeated(pairs, ["unsafe"]), panel=_panel(records, how))


def _panel(records: Sequence[SampleRecord], how: Statistics) -> PanelAgreement | None:
    rated = [(record.cluster, row) for record in records if (row := _votes(record))]
    if not rated:
        return None
    ratings = [row for _, row in rated]
    clusters = np.array([cluster for cluster, _ in rated], dtype=np.str_)
    several = [row for row in ratings if len(row) - row.count(None) > 1]
    return PanelAgreement(
        answers=len(several),
        unanimous=sum(len(set(row) - {None}) == 1 for row in several),
        alpha=score_of(krippendorff_alpha(ratings, clusters=clusters, level=how.level)),
    )


def _votes(record: SampleRecord) -> list[str | None]:
    """Return the graders' labels in the order of their names, None where one gave none."""
    votes = [each.partition(":")[::2] for each in _after(_VOTE, record)]
    ordered = sorted(votes, key=lambda vote: (len(vote[0]), vote[0]))
    return [None if label == UNDECIDED else label for _, label in ordered]


def _after(mark: str, record: SampleRecord) -> Iterator[str]:
    return (label.removeprefix(mark) for label in record.labels if label.startswith(mark))


def _side(label: str, unsafe: Collection[str]) -> str:
    if label == UNDECIDED:
        return UNDECIDED
    return "unsafe" if label in unsafe else "safe"
