"""A task's figures: its measures in each language, its groups, attacks, bias scores and gap."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from tenken.results.calibration.fit import CardChoice, choose, scorer_summary
from tenken.results.metrics.paired import holm
from tenken.results.metrics.settings import Statistics, digits, rounded
from tenken.results.records.attacked import plain_records
from tenken.results.report import corrections
from tenken.results.report.attacks import adjust_for_attacks, attacks_block, worst_share
from tenken.results.report.conditions import condition_block
from tenken.results.report.figures import (
    asks_for_bias,
    bias_block,
    counts,
    figure,
    language_difference,
    language_pairs,
    outcomes,
    parted,
    sensitivity_of,
)
from tenken.results.report.gap import gap_block
from tenken.results.report.held_out import held_out_block
from tenken.results.report.judges import judged, judges
from tenken.results.report.kinds import mean_of_kinds, severity_weighted
from tenken.results.report.scaled import scaled_figures
from tenken.results.report.unanswered import no_result, unanswered
from tenken.results.report.wordings import wordings_block
from tenken.results.review.read import People
from tenken.schema.figures import (
    Bias,
    BiasScores,
    CorrectedFigure,
    GroupFigure,
    LanguageDifference,
)
from tenken.schema.plan import Measure, Plan, PlannedTask
from tenken.schema.record import OUTCOMES, Language, SampleRecord
from tenken.schema.report import MeasureResult, TaskResult
from tenken.schema.scorers import OtherScorer

_MOST_GROUPS: Final = 24
"""A tag with more values than this names items rather than groups them."""


def task_results(
    plan: Plan,
    by_task: Mapping[str, Sequence[SampleRecord]],
    people: People | None,
    others: Mapping[str, tuple[OtherScorer, ...]],
    how: Statistics,
) -> tuple[TaskResult, ...]:
    """Return what every task of a run gave, in the suite's order.

    Args:
        plan: What was to be measured.
        by_task: What became of it, by the task's name.
        people: What people said of some of the answers.
        others: What other scorers said of them, by the task's name.
        how: Level.
    """
    results = [
        _task(task, by_task.get(task.name, ()), plan, how, people, others.get(task.name, ()))
        for task in plan.tasks
    ]
    results = [
        result.model_copy(update={"held_out": held_out_block(task, plan.tasks, by_task, how)})
        for task, result in zip(plan.tasks, results, strict=True)
    ]
    blocks = adjust_for_attacks([task.attacks for task in results])
    adjusted = [
        task.model_copy(update={"attacks": block})
        for task, block in zip(results, blocks, strict=True)
    ]
    return _adjusted(adjusted)


def _task(
    task: PlannedTask,
    records: Sequence[SampleRecord],
    plan: Plan,
    how: Statistics,
    people: People | None,
    others: tuple[OtherScorer, ...],
) -> TaskResult:
    # A blocked answer of a measure that counts it has a verdict; all else without one is owed.
    share, plain = worst_share(records, task), plain_records(records, task)
    silent = unanswered(task, records)
    return TaskResult(
        name=task.name,
        title=task.title,
        description=task.description,
        risk=task.risk,
        version=task.version,
        perspectives=tuple(task.perspectives),
        hazards=tuple(task.hazards),
        trustworthiness=tuple(task.trustworthiness),
        complete=share <= plan.max_unscored and not no_result(silent),
        unscored_share=digits(share),
        unanswered=silent,
        available=task.available,
        limited_to=task.limited_to,
        epochs=task.epochs,
        max_tokens=task.max_tokens,
        scorer=scorer_summary(task, plan.calibration),
        judged=judged(task, plain, how),
        judges=judges(task, records, how),
        dataset=task.dataset,
        read=task.read,
        outcomes=outcomes(records),
        reasons=_reasons(records),
        flags=_counted(flag for record in records for flag in record.flags),
        other_scorers=others,
        measures=_measures(task, plain, plan, how, people),
        attacks=attacks_block(task, records, how),
        bias=_bias(records, how),
        gap=gap_block(records, how),
    )


def _measures(
    task: PlannedTask,
    records: Sequence[SampleRecord],
    plan: Plan,
    how: Statistics,
    people: People | None,
) -> tuple[MeasureResult, ...]:
    found = [_measure(each, task, records, plan, how, people) for each in task.measures]
    rates = {each.key: each.overall.value for each in found}
    return tuple(
        each.model_copy(update={"mean_of_kinds": mean_of_kinds(measure, rates)})
        for measure, each in zip(task.measures, found, strict=True)
    )


def _measure(
    measure: Measure,
    task: PlannedTask,
    all_records: Sequence[SampleRecord],
    plan: Plan,
    how: Statistics,
    people: People | None,
) -> MeasureResult:
    belonging = [record for record in all_records if record.measure == measure.key]
    records = [record for record in belonging if counts(record)]
    without = [r for r in all_records if r.measure == measure.without and counts(r)]
    by_language: dict[Language, list[SampleRecord]] = parted(records)
    chosen: dict[str, CardChoice] = {
        name: choose(plan.calibration, task, measure, name) for name in by_language
    }
    languages: dict[Language, CorrectedFigure] = {
        name: CorrectedFigure(
            **dict(figure(part, how)),
            corrected=corrections.corrected_rate(part, measure, chosen[name], how, people),
        )
        for name, part in by_language.items()
        if part
    }
    difference = None
    if len(by_language) > 1:
        pairs = language_pairs(records)[0]
        difference = LanguageDifference(
            **dict(language_difference(records, how, plan.parity_margin)),
            p_holm=None,
            corrected=corrections.difference(pairs, measure, chosen, how, people),
        )
    parts = [corrections.Part(each.n, each.corrected) for each in languages.values()]
    overall = CorrectedFigure(
        **dict(figure(records, how)), corrected=corrections.overall(parts, records, how)
    )
    return MeasureResult(
        key=measure.key,
        title=measure.title,
        headline=measure.headline,
        unsafe_labels=tuple(measure.unsafe_labels),
        excluded_labels=tuple(measure.excluded_labels),
        not_counted=len(belonging) - len(records),
        blocked_is_safe=measure.blocked_is_safe,
        overall=overall,
        languages=languages,
        difference=difference,
        labels=_counted(record.label for record in belonging if record.label),
        groups=tuple(_groups(records, how)),
        power=sensitivity_of(records, how),
        severity_weighted=severity_weighted(records, task.severity, how),
        condition=condition_block(measure, records, without, how),
        scaled=scaled_figures(measure, records, overall, languages, how),
        wordings=wordings_block(records, how),
    )


def _groups(records: Sequence[SampleRecord], how: Statistics) -> list[GroupFigure]:
    """Return the rate in each value of each tag that splits the records, sorted."""
    values: dict[str, dict[str, list[SampleRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for tag, value in record.tags.items():
            values[tag][value].append(record)
    return [
        GroupFigure(tag=tag, tag_value=value, **dict(figure(part, how)))
        for tag, parts in sorted(values.items())
        if 1 < len(parts) <= _MOST_GROUPS
        for value, part in sorted(parts.items())
    ]


def _bias(records: Sequence[SampleRecord], how: Statistics) -> Bias | None:
    if not asks_for_bias(records):
        return None
    axes = sorted({record.tags["axis"] for record in records if "axis" in record.tags})
    parts = parted(records)
    languages: dict[Language, BiasScores] = {
        name: bias_block(part, how) for name, part in parts.items() if part
    }
    by_axis = {axis: [r for r in records if r.tags.get("axis") == axis] for axis in axes}
    return Bias(
        overall=bias_block(records, how),
        languages=languages,
        axes={axis: bias_block(part, how) for axis, part in by_axis.items()},
    )


def _adjusted(tasks: Sequence[TaskResult]) -> tuple[TaskResult, ...]:
    """Add Holm's adjusted p to every language comparison: they are one family of tests."""
    p_values = [
        measure.difference.p_value
        for task in tasks
        for measure in task.measures
        if measure.difference is not None and measure.difference.p_value is not None
    ]
    adjusted = iter(holm(p_values))
    found = []
    for task in tasks:
        measures = []
        for measure in task.measures:
            test = measure.difference
            if test is not None and test.p_value is not None:
                test = test.model_copy(update={"p_holm": rounded(next(adjusted))})
            measures.append(measure.model_copy(update={"difference": test}))
        found.append(task.model_copy(update={"measures": tuple(measures)}))
    return tuple(found)


def _reasons(records: Iterable[SampleRecord]) -> dict[str, dict[str, int]]:
    """Return how many samples have which reason, by outcome."""
    return {
        outcome: counted
        for outcome in OUTCOMES
        if (counted := _counted(r.reason for r in records if r.outcome == outcome and r.reason))
    }


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
