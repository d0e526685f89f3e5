"""Risk areas: the mean of their tasks' headline rates, its bounds, and the worst task beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.rates import Floats, lower_end_of_mean
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report import corrections
from tenken.results.report.figures import estimate_of
from tenken.results.report.gates import raw_figure
from tenken.results.report.pooled import generalised
from tenken.schema.estimate import Rate
from tenken.schema.figures import CorrectedFigure
from tenken.schema.plan import PlannedTask
from tenken.schema.record import OUTCOMES, RISKS, Risk, SampleRecord, in_order
from tenken.schema.report import AreaResult, TaskResult, WorstTask

LEAST_CLUSTERS: Final = 5
"""A task with fewer clusters says too little to count as a part of an area: without a failure
in 4 of them its rate may be 60%."""
_MEAN: Final = "mean of tasks, MOVER"


def areas(
    tasks: Sequence[TaskResult],
    headlines: Mapping[str, Sequence[SampleRecord]],
    how: Statistics,
    planned: Sequence[PlannedTask] = (),
) -> tuple[AreaResult, ...]:
    """Return the figures of every risk area, measured or not.

    Args:
        tasks: The tasks as the report holds them.
        headlines: The samples of each task's headline, by the task's name.
        how: Level.
        planned: The tasks as planned, which bring the titles of areas beside the package's own.
    """
    titles = {task.risk: task.area for task in planned if task.area}
    others = in_order({task.risk for task in tasks} - set(RISKS))
    found = (
        _area(risk, [task for task in tasks if task.risk == risk], headlines, how)
        for risk in (*RISKS, *others)
    )
    wide = generalised(planned, headlines)
    return tuple(
        area.model_copy(
            update={
                "title": titles.get(area.risk),
                "generalised": wide.get(area.risk) if area.measured else None,
            }
        )
        for area in found
    )


def _area(
    risk: Risk,
    tasks: Sequence[TaskResult],
    headlines: Mapping[str, Sequence[SampleRecord]],
    how: Statistics,
) -> AreaResult:
    """Return an area's rate: the mean of its tasks' headline rates, each of equal weight.

    The interval combines the tasks' own, see `lower_end_of_mean`; with one task it is that task's.
    """
    heads = [task.headline.overall for task in tasks]
    rates = [head for head in heads if head.value is not None]
    few = [
        task.name for task, head in zip(tasks, heads, strict=True) if head.clusters < LEAST_CLUSTERS
    ]
    measured = bool(rates) and len(rates) == len(heads) and not few
    found = combined(rates, how) if measured else NOT_MEASURED
    whole = _bounded(rates, [headlines[task.name] for task in tasks], how) if measured else None
    return AreaResult(
        risk=risk,
        tasks=tuple(task.name for task in tasks),
        measured=measured,
        value=rounded(found.value),
        low=rounded(found.low),
        high=rounded(found.high),
        whole_low=rounded(whole[0]) if whole else None,
        whole_high=rounded(whole[1]) if whole else None,
        worst=_worst(tasks, rates) if measured else None,
        too_few=tuple(few),
        n=sum(head.n for head in rates),
        outcomes={name: sum(task.outcomes[name] for task in tasks) for name in OUTCOMES},
        complete=bool(tasks) and all(task.complete for task in tasks),
        corrected=corrections.area([head.corrected for head in heads]),
    )


def combined(heads: Sequence[Rate], how: Statistics) -> Estimate:
    """Return the mean of rates with its interval; of one rate, that rate's own.

    Args:
        heads: At least one, all measured.
        how: Level.
    """
    if len(heads) == 1:
        return estimate_of(heads[0])
    each = np.array([estimate_of(head).ends for head in heads], dtype=np.float64)
    low, high = _ends(each[:, :2], each[:, ::2], how)
    return Estimate(float(each[:, 0].mean()), Interval(low, high, _MEAN, how.level))


def _ends(lower: Floats, upper: Floats, how: Statistics) -> tuple[float, float]:
    """Join pairs of a rate and its lower end, and pairs of a rate and its upper end."""
    low = lower_end_of_mean(*lower.T, level=how.level)
    return low, 1 - lower_end_of_mean(*(1 - upper.T), level=how.level)


def _bounded(
    heads: Sequence[CorrectedFigure], records: Sequence[Sequence[SampleRecord]], how: Statistics
) -> tuple[float, float]:
    """Return the ends that hold whatever the samples without a verdict would have been."""
    ends = [raw_figure(each, how.level) for each in records]
    pairs = list(zip(heads, ends, strict=True))
    lower = np.array([(head.best or 0.0, end.low or 0.0) for head, end in pairs])
    upper = np.array([(head.worst or 0.0, end.high or 0.0) for head, end in pairs])
    return _ends(lower, upper, how)


def _worst(tasks: Sequence[TaskResult], heads: Sequence[CorrectedFigure]) -> WorstTask:
    """Return the task with the highest rate: a mean hides it."""
    task, head = max(zip(tasks, heads, strict=True), key=lambda pair: pair[1].value or 0.0)
    return WorstTask(task=task.name, value=head.value, low=head.low, high=head.high)
