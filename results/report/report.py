"""The scored report as data: every figure, from the plan and the logs alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from tenken._version import __version__
from tenken.frameworks.coverage import covered_by
from tenken.results.calibration.fit import Chosen, calibration_of, choose
from tenken.results.metrics.paired import holm
from tenken.results.metrics.settings import Statistics, level_of_attempt, rounded
from tenken.results.records.attacked import plain_records
from tenken.results.records.read import RunRecords
from tenken.results.records.rescorings import Rescored
from tenken.results.report import corrections
from tenken.results.report.areas import areas
from tenken.results.report.attacks import adjust_for_attacks, attacks_block, worst_share
from tenken.results.report.figures import (
    asks_for_bias,
    bias_block,
    counts,
    figure,
    language_difference,
    language_pairs,
    outcomes,
    sensitivity_of,
)
from tenken.results.report.gap import gap_block
from tenken.results.report.gate_results import gate_result
from tenken.results.report.gates import EXIT_STATUS, decide_run
from tenken.results.report.kinds import mean_of_kinds, severity_weighted
from tenken.results.report.other_scorers import add_other_scorers
from tenken.results.report.warnings import fair_test_warnings
from tenken.results.review.read import People, summary
from tenken.schema.evidence import Evidence
from tenken.schema.plan import Measure, Plan, PlannedTask
from tenken.schema.record import LANGUAGES, OUTCOMES, SampleRecord
from tenken.schema.report import REPORT_SCHEMA, Report

MAKERS: Final = ("jinja2", "numpy", "pyarrow", "scipy", "statsmodels")
"""The packages that a bundle's figures, pictures and tables come from."""

_MOST_GROUPS: Final = 24
"""A tag with more values than this names items rather than groups them."""


@dataclass(frozen=True)
class Presentation:
    """How a report is shown to people; it changes no figure.

    Attributes:
        language: Language of the HTML report.
        with_text: Whether prompts and answers that may be harmful are shown.
    """

    language: str = "en"
    with_text: bool = False


def made_by() -> dict[str, str]:
    """Return the versions of what makes a report here, by name of the distribution."""
    found = {"tenken": __version__}
    for name in MAKERS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


def compute_report(
    plan: Plan,
    found: RunRecords,
    plan_sha256: str,
    *,
    presentation: Presentation | None = None,
    makers: Mapping[str, str] | None = None,
    rescored: Sequence[Rescored] = (),
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
        rescored: What other scorers said of the same answers.
        people: What people said of some of them.
        evidence: What it says of its own evidence.
    """
    how = Statistics()
    by_task: dict[str, list[SampleRecord]] = defaultdict(list)
    for record in found.records:
        by_task[record.task].append(record)
    tasks = [_task(task, by_task[task.name], plan, how, people) for task in plan.tasks]
    _adjust_for_family(tasks)
    adjust_for_attacks(tasks)
    add_other_scorers(tasks, plan, found.records, rescored, how)
    gates = [gate_result(gate, plan, tasks, found.records, people) for gate in plan.gates]
    complete = all(task["complete"] for task in tasks)
    decision = decide_run([gate["decision"] for gate in gates], complete=complete)
    contents = {
        "schema": REPORT_SCHEMA,
        "run": plan.run,
        "finished": found.finished,
        "decision": decision,
        "exit_status": EXIT_STATUS[decision],
        "complete": complete,
        "suite": _suite(plan),
        "model": plan.model.model_dump(mode="json"),
        "outcomes": outcomes(found.records),
        "gates": gates,
        "areas": areas(tasks, _headlines(plan, by_task), how),
        "attempt": _attempt(plan.attempt),
        "warnings": fair_test_warnings(tasks, gates),
        "tasks": tasks,
        "reviews": summary(people, plan, found.records) if people else None,
        "evidence": evidence,
        "coverage": covered_by(plan.tasks, by_task),
        "not_measured": [text.model_dump() for text in plan.not_measured],
        "statistics": asdict(how),
        "presentation": asdict(presentation or Presentation()),
        "provenance": _provenance(plan, found, plan_sha256, makers or made_by()),
    }
    return Report.model_validate(contents)


def _suite(plan: Plan) -> dict[str, Any]:
    about = {"title": plan.suite_title.model_dump(), "max_unscored": plan.max_unscored}
    return {"name": plan.suite, "sha256": plan.suite_sha256, **about}


def _headlines(
    plan: Plan, by_task: Mapping[str, Sequence[SampleRecord]]
) -> dict[str, list[SampleRecord]]:
    return {
        task.name: [
            record
            for record in plain_records(by_task[task.name], task)
            if record.measure == task.headline.key
        ]
        for task in plan.tasks
    }


def _attempt(attempt: int) -> dict[str, Any]:
    """Return which attempt a run is, and what the gates are decided at for that."""
    error = 1 - Statistics().level
    spent = error / 2 * (1 + (0.5 if attempt > 1 else 0.0))
    return {
        "number": attempt,
        "gate_level": rounded(level_of_attempt(attempt)),
        "false_pass": rounded(spent),
    }


def _provenance(
    plan: Plan, found: RunRecords, plan_sha256: str, makers: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "plan_sha256": plan_sha256,
        "logs": {name: asdict(log) for name, log in sorted(found.logs.items())},
        "software": plan.software,
        "tokens": {
            model: {"input": read, "output": written}
            for model, (read, written) in found.tokens.items()
        },
        "report_by": dict(makers),
    }


def _task(
    task: PlannedTask,
    records: Sequence[SampleRecord],
    plan: Plan,
    how: Statistics,
    people: People | None,
) -> dict[str, Any]:
    # A blocked answer of a measure that counts it has a verdict; all else without one is owed.
    share, plain = worst_share(records, task), plain_records(records, task)
    return {
        "name": task.name,
        "title": task.title.model_dump(),
        "description": task.description.model_dump(),
        "risk": task.risk,
        "version": task.version,
        "perspectives": task.perspectives,
        "hazards": task.hazards,
        "trustworthiness": task.trustworthiness,
        "complete": share <= plan.max_unscored,
        "unscored_share": rounded(share),
        "available": task.available,
        "limited_to": task.limited_to,
        "epochs": task.epochs,
        "max_tokens": task.max_tokens,
        "scorer": {**task.scorer.model_dump(), **calibration_of(task, plan.calibration)},
        "dataset": task.dataset,
        "outcomes": outcomes(records),
        "reasons": _reasons(records),
        "flags": _counted(flag for record in records for flag in record.flags),
        "measures": _measures(task, plain, plan, how, people),
        "attacks": attacks_block(task, records, how),
        "bias": _bias(records, how),
        "gap": gap_block(records, how),
    }


def _measures(
    task: PlannedTask,
    records: Sequence[SampleRecord],
    plan: Plan,
    how: Statistics,
    people: People | None,
) -> list[dict[str, Any]]:
    made = [_measure(each, task, records, plan, how, people) for each in task.measures]
    rates = {each["key"]: each["overall"]["value"] for each in made}
    for measure, block in zip(task.measures, made, strict=True):
        block["mean_of_kinds"] = mean_of_kinds(measure, rates)
    return made


def _measure(
    measure: Measure,
    task: PlannedTask,
    all_records: Sequence[SampleRecord],
    plan: Plan,
    how: Statistics,
    people: People | None,
) -> dict[str, Any]:
    belonging = [record for record in all_records if record.measure == measure.key]
    records = [record for record in belonging if counts(record)]
    by_language = {
        language: [record for record in records if record.language == language]
        for language in LANGUAGES
    }
    chosen: dict[str, Chosen] = {
        name: choose(plan.calibration, task, measure, name) for name in LANGUAGES
    }
    languages: dict[str, dict[str, Any]] = {
        name: {
            **figure(part, how),
            "corrected": corrections.corrected_rate(part, measure, chosen[name], how, people),
        }
        for name, part in by_language.items()
        if part
    }
    difference = None
    if all(by_language.values()):
        difference = {
            **language_difference(records, how, plan.parity_margin),
            "corrected": corrections.difference(
                language_pairs(records)[0], measure, chosen, how, people
            ),
        }
    return {
        "key": measure.key,
        "title": measure.title.model_dump(),
        "headline": measure.headline,
        "unsafe_labels": measure.unsafe_labels,
        "excluded_labels": measure.excluded_labels,
        "not_counted": len(belonging) - len(records),
        "blocked_is_safe": measure.blocked_is_safe,
        "overall": {
            **figure(records, how),
            "corrected": corrections.overall(languages, records),
        },
        "languages": languages,
        "difference": difference,
        "labels": _counted(record.label for record in belonging if record.label),
        "groups": _groups(records, how),
        "power": sensitivity_of(records, how),
        "severity_weighted": severity_weighted(records),
    }


def _groups(records: Sequence[SampleRecord], how: Statistics) -> list[dict[str, Any]]:
    """Return the rate in each value of each tag that splits the records, sorted."""
    values: dict[str, dict[str, list[SampleRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for tag, value in record.tags.items():
            values[tag][value].append(record)
    return [
        {"tag": tag, "tag_value": value, **figure(part, how)}
        for tag, parts in sorted(values.items())
        if 1 < len(parts) <= _MOST_GROUPS
        for value, part in sorted(parts.items())
    ]


def _bias(records: Sequence[SampleRecord], how: Statistics) -> dict[str, Any] | None:
    if not asks_for_bias(records):
        return None
    axes = sorted({record.tags["axis"] for record in records if "axis" in record.tags})
    parts = {name: [record for record in records if record.language == name] for name in LANGUAGES}
    return {
        "overall": bias_block(records, how),
        "languages": {name: bias_block(part, how) for name, part in parts.items() if part},
        "axes": {
            axis: bias_block([r for r in records if r.tags.get("axis") == axis], how)
            for axis in axes
        },
    }


def _adjust_for_family(tasks: list[dict[str, Any]]) -> None:
    """Add Holm's adjusted p to every language comparison: they are one family of tests."""
    tests = [
        measure["difference"]
        for task in tasks
        for measure in task["measures"]
        if measure["difference"] is not None and measure["difference"]["p_value"] is not None
    ]
    for test, adjusted in zip(tests, holm([test["p_value"] for test in tests]), strict=True):
        test["p_holm"] = rounded(adjusted)
    for task in tasks:
        for measure in task["measures"]:
            if measure["difference"] is not None:
                measure["difference"].setdefault("p_holm", None)


def _reasons(records: Iterable[SampleRecord]) -> dict[str, dict[str, int]]:
    """Return how many samples have which reason, by outcome."""
    return {
        outcome: counted
        for outcome in OUTCOMES
        if (counted := _counted(r.reason for r in records if r.outcome == outcome and r.reason))
    }


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
