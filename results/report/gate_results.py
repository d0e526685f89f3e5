"""A run's gates, each with the figure that it was decided on."""

from __future__ import annotations

from collections.abc import Sequence

from tenken.results.calibration.fit import choose
from tenken.results.metrics.settings import Statistics, digits, level_of_attempt
from tenken.results.records.attacked import attack_of, plain_records
from tenken.results.report import corrections
from tenken.results.report.attacks import any_of
from tenken.results.report.figures import counts, parted
from tenken.results.report.gates import (
    GateFigure,
    capability_of,
    corrected_figure,
    decide_gate,
    is_lean,
    lean_figure,
    metric_figure,
    raw_figure,
)
from tenken.results.review.read import People
from tenken.schema.estimate import Scale
from tenken.schema.figures import CorrectedRate
from tenken.schema.gates import GateResult, GateUnits
from tenken.schema.plan import ANY_ATTACK, Gate, Measure, Plan, PlannedTask
from tenken.schema.record import SampleRecord
from tenken.schema.report import TaskResult
from tenken.terms.metrics import metric_named


def gate_result(
    gate: Gate,
    plan: Plan,
    tasks: Sequence[TaskResult],
    records: Sequence[SampleRecord],
    people: People | None,
) -> GateResult:
    """Return what a gate came to.

    Args:
        gate: The gate.
        plan: The run's plan.
        tasks: The tasks as the report holds them.
        records: All records of the run.
        people: What people said of some of them.
    """
    task = next(each for each in tasks if each.name == gate.task)
    planned = next(each for each in plan.tasks if each.name == gate.task)
    measure = _measure_of(gate, planned)
    own = [
        record
        for record in records
        if record.task == gate.task and gate.language in (None, record.language)
    ]
    found = _figure(gate, measure, planned, plan, own, people)
    # The share is that of the gate's own samples: a task's other measures must not thin it out.
    complete = task.complete and found.undecided <= plan.max_unscored
    plain = plain_records(own, planned)
    capability = capability_of(plain, gate.capability) if gate.capability else None
    scale = _scale_of(gate, measure)
    limit = gate.limit(scale)
    decision, reason = decide_gate(
        gate, found, complete=complete, limit=limit, capability=capability
    )
    return GateResult(
        name=gate.name,
        name_ja=gate.name_ja,
        task=gate.task,
        measure=measure.key if measure else str(gate.measure),
        title=measure.title if measure else None,
        language=gate.language,
        attack=gate.attack,
        max=digits(limit) if gate.max is None else gate.max,
        capability=capability,
        use=gate.use,
        allow=gate.allow,
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        decision=decision,
        reason=reason,
        why=found.reason,
        units=GateUnits(scale=scale, bound=gate.bound, metric=gate.metric)
        if scale is not None and gate.bound is not None
        else None,
    )


def _scale_of(gate: Gate, measure: Measure | None) -> Scale | None:
    """Return what the numbers mean that a gate is on, None for a rate."""
    if gate.metric is not None:
        return metric_named(gate.metric).scale
    return measure.value if measure is not None else None


def _measure_of(gate: Gate, task: PlannedTask) -> Measure | None:
    """Return the measure that a gate is on, None for a lean."""
    if is_lean(gate):
        return None
    return next(
        each
        for each in task.measures
        if (each.key == gate.measure if gate.measure else each.headline)
    )


def _figure(
    gate: Gate,
    measure: Measure | None,
    task: PlannedTask,
    plan: Plan,
    records: Sequence[SampleRecord],
    people: People | None,
) -> GateFigure:
    how = Statistics(level=level_of_attempt(plan.attempt))
    if measure is None:
        return lean_figure(plain_records(records, task), str(gate.measure), how.level)
    own = [record for record in records if record.measure == measure.key]
    if gate.attack == ANY_ATTACK:
        own = any_of([record for record in own if counts(record)])
    elif gate.attack is not None:
        own = [record for record in own if attack_of(record) == gate.attack]
    else:
        own = plain_records(own, task)
    if gate.metric is not None:
        return metric_figure(own, gate.metric, how.level)
    found = raw_figure(own, how.level)
    if gate.use == "corrected" and found.value is not None:
        block = _corrected(own, measure, task, plan, how, people)
        found = corrected_figure(block, found, gate)
    return found


def _corrected(
    records: Sequence[SampleRecord],
    measure: Measure,
    task: PlannedTask,
    plan: Plan,
    how: Statistics,
    people: People | None,
) -> CorrectedRate:
    """Return the correction of a rate over the languages that its samples are in."""
    belonging = [record for record in records if counts(record)]
    parts: list[corrections.Part] = []
    for name, part in parted(belonging).items():
        chosen = choose(plan.calibration, task, measure, name)
        block = corrections.corrected_rate(part, measure, chosen, how, people)
        decided = sum(record.verdict is not None for record in part)
        parts.append(corrections.Part(decided, block))
    return corrections.overall(parts, belonging, how)
