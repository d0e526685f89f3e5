"""The scored report as data: every figure, from the plan and the logs alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from tenken.frameworks.coverage import covered_by
from tenken.results.metrics.settings import Statistics, digits, level_of_attempt
from tenken.results.records.attacked import plain_records
from tenken.results.records.read import RunRecords
from tenken.results.records.rescorings import RescoringInUse
from tenken.results.report.areas import areas
from tenken.results.report.figures import outcomes
from tenken.results.report.gate_results import gate_result
from tenken.results.report.gates import EXIT_STATUS, decide_run
from tenken.results.report.other_scorers import other_scorers
from tenken.results.report.shown import Presentation, made_by
from tenken.results.report.tasks import task_results
from tenken.results.report.warnings import fair_test_warnings
from tenken.results.review.read import People, summary
from tenken.schema.evidence import Evidence
from tenken.schema.plan import Plan
from tenken.schema.record import SampleRecord
from tenken.schema.report import (
    REPORT_SCHEMA,
    Attempt,
    LogFile,
    PresentationSettings,
    Provenance,
    Report,
    StatisticsSettings,
    SuiteSummary,
    Tokens,
)


def compute_report(
    plan: Plan,
    found: RunRecords,
    plan_sha256: str,
    *,
    presentation: Presentation | None = None,
    makers: Mapping[str, str] | None = None,
    rescored: Sequence[RescoringInUse] = (),
    people: People | None = None,
    evidence: Evidence | None = None,
) -> Report:
    """Compute the report of a run, wherever its records come from.

    Args:
        plan: What was to be measured.
        found: What became of it.
        plan_sha256: Digest of the plan's file.
        presentation: How the report will be shown.
        makers: Versions to state as its makers; those installed here where left out.
        rescored: What other scorers said about the same answers.
        people: What people said about some of them.
        evidence: What it says about its own evidence.
    """
    how = Statistics()
    by_task: dict[str, list[SampleRecord]] = defaultdict(list)
    for record in found.records:
        by_task[record.task].append(record)
    others = other_scorers(plan, found.records, rescored, how)
    tasks = task_results(plan, by_task, people, others, how)
    gates = tuple(gate_result(gate, plan, tasks, found.records, people) for gate in plan.gates)
    complete = all(task.complete for task in tasks)
    decision = decide_run([gate.decision for gate in gates], complete=complete)
    return Report(
        schema=REPORT_SCHEMA,
        run=plan.run,
        finished=found.finished,
        decision=decision,
        exit_status=EXIT_STATUS[decision],
        complete=complete,
        suite=_suite(plan),
        model=plan.model,
        outcomes=outcomes(found.records),
        gates=gates,
        areas=areas(tasks, headlines(plan, by_task), how, plan.tasks),
        attempt=_attempt(plan.attempt),
        warnings=fair_test_warnings(tasks, gates),
        scanners=plan.scanners,
        tasks=tasks,
        reviews=summary(people, plan, found.records) if people else None,
        evidence=evidence,
        coverage=covered_by(plan.tasks, by_task),
        not_measured=tuple(plan.not_measured),
        statistics=StatisticsSettings(**asdict(how)),
        presentation=PresentationSettings(**asdict(presentation or Presentation())),
        provenance=_provenance(plan, found, plan_sha256, makers or made_by()),
    )


def _suite(plan: Plan) -> SuiteSummary:
    return SuiteSummary(
        name=plan.suite,
        title=plan.suite_title,
        max_unscored=plan.max_unscored,
        sha256=plan.suite_sha256,
    )


def headlines(
    plan: Plan, by_task: Mapping[str, Sequence[SampleRecord]]
) -> dict[str, list[SampleRecord]]:
    """Return the samples of each task's headline, under no attack, by the task's name.

    Args:
        plan: The committed plan; says which measure is a task's headline.
        by_task: All records by task name; a task without records may be missing.

    Returns:
        By task name, in the plan's order; empty where a task has no such sample.
    """
    return {
        task.name: [
            record
            for record in plain_records(by_task.get(task.name, ()), task)
            if record.measure == task.headline.key
        ]
        for task in plan.tasks
    }


def _attempt(attempt: int) -> Attempt:
    """Return which attempt a run is, and what the gates are decided at for that."""
    error = 1 - Statistics().level
    spent = error / 2 * (1 + (0.5 if attempt > 1 else 0.0))
    level = digits(level_of_attempt(attempt))
    return Attempt(number=attempt, gate_level=level, false_pass=digits(spent))


def _provenance(
    plan: Plan, found: RunRecords, plan_sha256: str, makers: Mapping[str, str]
) -> Provenance:
    return Provenance(
        plan_sha256=plan_sha256,
        logs={name: LogFile(**asdict(log)) for name, log in sorted(found.logs.items())},
        software=plan.software,
        tokens={
            model: Tokens(input=read, output=written)
            for model, (read, written) in found.tokens.items()
        },
        report_by=dict(makers),
    )
