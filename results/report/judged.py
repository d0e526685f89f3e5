"""What answers to requests were judged for: harm where a grader was bound, else refusal alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from tenken.results.metrics.settings import Statistics
from tenken.results.report.figures import figure, parted
from tenken.schema.plan import PlannedTask
from tenken.schema.record import SampleRecord
from tenken.schema.scorers import Judged


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
