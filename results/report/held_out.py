"""A task of held-out items beside its public half: whether the public items were trained on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tenken.results.metrics.interval import NOT_MEASURED, Estimate
from tenken.results.metrics.paired import PairedResult, paired_difference
from tenken.results.metrics.power import clusters_of_halves, detectable_between_halves
from tenken.results.metrics.rates import rate
from tenken.results.metrics.settings import Statistics, digits, rounded
from tenken.results.records.attacked import plain_records
from tenken.results.report.figures import counts, paired_of, parted, rate_of
from tenken.schema.attacks import Fall, HeldOut, HeldOutFigure
from tenken.schema.plan import PlannedTask
from tenken.schema.record import SampleRecord, languages_of

_METHOD: Final = "difference, MOVER"
_TENTH: Final = 0.1


def held_out_block(
    task: PlannedTask,
    planned: Sequence[PlannedTask],
    by_task: Mapping[str, Sequence[SampleRecord]],
    how: Statistics,
) -> HeldOut | None:
    """Return a held-out task's rate beside its public half's.

    Args:
        task: The task of held-out items.
        planned: All tasks that were asked.
        by_task: What became of them, by the task's name.
        how: Level.

    Returns:
        The comparison; None for any other task, and where the public one was not asked, or has no
        measure of the headline's key.
    """
    public = next((each for each in planned if each.name == task.held_out_of), None)
    key = task.headline.key
    if public is None or key not in {measure.key for measure in public.measures}:
        return None
    ours = of_measure(task, by_task, key)
    theirs = of_measure(public, by_task, key)
    shared = set(languages_of(ours)) & set(languages_of(theirs))
    public_parts = {name: part for name, part in parted(theirs).items() if name in shared}
    own_parts = {name: part for name, part in parted(ours).items() if name in shared}
    return HeldOut(
        public=public.name,
        measure=key,
        overall=_figure(
            [each for part in public_parts.values() for each in part],
            [each for part in own_parts.values() for each in part],
            how,
        ),
        languages={
            name: _figure(part, own_parts[name], how) for name, part in public_parts.items()
        },
    )


def of_measure(
    task: PlannedTask, by_task: Mapping[str, Sequence[SampleRecord]], key: str
) -> list[SampleRecord]:
    """Return the plain records of a task that belong to a measure's rate.

    Args:
        task: The task.
        by_task: Records by the task's name.
        key: Key of the measure.
    """
    records = plain_records(by_task.get(task.name, ()), task)
    return [record for record in records if record.measure == key and counts(record)]


def _figure(
    public: Sequence[SampleRecord], held_out: Sequence[SampleRecord], how: Statistics
) -> HeldOutFigure:
    one, other = _rate(public, how), _rate(held_out, how)
    measured = one.value is not None and other.value is not None
    found = other.minus(one, method=_METHOD) if measured else NOT_MEASURED
    low, high = found.low or 0.0, found.high or 0.0
    base = one.value if one.value is not None else 0.0
    detectable = detectable_between_halves(one.clusters, other.clusters, base, level=how.level)
    return HeldOutFigure(
        value=rounded(found.value),
        low=rounded(found.low),
        high=rounded(found.high),
        method=found.method,
        public=rate_of(one),
        held_out=rate_of(other),
        shown="worse" if low > 0 else "better" if high < 0 else "neither",
        detectable=rounded(detectable) if measured else None,
        needed=clusters_of_halves(base, _TENTH, level=how.level) if measured else None,
    )


def _rate(records: Sequence[SampleRecord], how: Statistics) -> Estimate:
    decided = [record for record in records if record.verdict is not None]
    verdicts = np.array([record.verdict for record in decided], dtype=np.float64)
    clusters = np.array([record.cluster for record in decided], dtype=np.str_)
    return rate(verdicts, clusters, level=how.level)


def fall_block(
    halves: tuple[Sequence[SampleRecord], Sequence[SampleRecord]],
    baseline: tuple[Sequence[SampleRecord], Sequence[SampleRecord]],
    how: Statistics,
) -> Fall | None:
    """Return how much more one model loses on the held-out half than another does.

    A half that is harder is harder for both. On each half the models are compared item by item;
    the halves hold different items, so that the two differences are independent.

    Args:
        halves: The public records and the held-out ones of a model, of one measure.
        baseline: Those of the model that it is compared with.
        how: Level.

    Returns:
        The difference of the two excesses, in [-2, 2], above 0 where the model loses more; None
        where a half has no item that both models have a verdict on.
    """
    public, held_out = (
        _paired(ours, theirs, how) for ours, theirs in zip(halves, baseline, strict=True)
    )
    if public.value is None or held_out.value is None:
        return None
    one, other = public.interval, held_out.interval
    if one is None or other is None:
        return None
    value = held_out.value - public.value
    low = value - math.hypot(held_out.value - other.low, one.high - public.value)
    high = value + math.hypot(other.high - held_out.value, public.value - one.low)
    return Fall(
        value=digits(value),
        low=digits(max(-2.0, low)),
        high=digits(min(2.0, high)),
        method=_METHOD,
        public=paired_of(public, 0),
        held_out=paired_of(held_out, 0),
        shown="more" if low > 0 else "less" if high < 0 else "neither",
    )


def _paired(
    ours: Sequence[SampleRecord], theirs: Sequence[SampleRecord], how: Statistics
) -> PairedResult:
    """Compare two models on the samples that both have a verdict on."""
    known = {(each.sample_id, each.epoch): each.verdict for each in theirs}
    pairs = [
        (each.verdict, other, each.cluster)
        for each in ours
        if each.verdict is not None
        and (other := known.get((each.sample_id, each.epoch))) is not None
    ]
    return paired_difference(
        np.array([one for one, _, _ in pairs], dtype=np.float64),
        np.array([other for _, other, _ in pairs], dtype=np.float64),
        np.array([cluster for _, _, cluster in pairs], dtype=np.str_),
        level=how.level,
    )
