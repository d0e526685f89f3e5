"""The scored report as data: every figure, from the plan and the logs alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, Final

from tenken._version import __version__
from tenken.canonical import sha256_file
from tenken.plan import PLAN_FILE, Gate, Measure, Plan, PlannedTask, read_plan
from tenken.records import LANGUAGES, RISKS, SampleRecord
from tenken.results.figures import (
    Statistics,
    bias_block,
    figure,
    language_difference,
    outcomes,
    rounded,
    sensitivity_of,
    undecided,
)
from tenken.results.gates import EXIT_STATUS, decide_gate, decide_run
from tenken.results.paired import holm
from tenken.results.records import RunRecords, read_records

REPORT_SCHEMA: Final = "https://tenken.dev/schema/report/1"
"""A name, not an address. The schema lies in `tenken/results/schemas/report.schema.json`."""


@dataclass(frozen=True)
class Presentation:
    """How a report is shown to people; it changes no figure.

    Attributes:
        language: Language of the HTML report.
        with_text: Whether prompts and answers that may be harmful are shown.
    """

    language: str = "en"
    with_text: bool = False


def build_report(
    run: Path, presentation: Presentation | None = None
) -> tuple[dict[str, Any], Plan, RunRecords]:
    """Compute the report of a run from its plan and logs.

    Args:
        run: The run's folder.
        presentation: How it will be shown.

    Returns:
        The report's contents, the plan, and the records that it was computed from.

    Raises:
        BundleError: The plan or a log is missing or cannot be read.
    """
    plan = read_plan(run)
    found = read_records(run, plan)
    how = Statistics(plan.seed)
    by_task: dict[str, list[SampleRecord]] = defaultdict(list)
    for record in found.records:
        by_task[record.task].append(record)
    tasks = [_task(task, by_task[task.name], plan, how) for task in plan.tasks]
    _adjust_for_family(tasks)
    gates = [_gate(gate, plan, tasks) for gate in plan.gates]
    complete = all(task["complete"] for task in tasks)
    decision = decide_run([gate["decision"] for gate in gates], complete=complete)
    shown = presentation or Presentation()
    report = {
        "schema": REPORT_SCHEMA,
        "run": plan.run,
        "finished": found.finished,
        "decision": decision,
        "exit_status": EXIT_STATUS[decision],
        "complete": complete,
        "suite": {
            "name": plan.suite,
            "title": plan.suite_title.model_dump(),
            "max_unscored": plan.max_unscored,
            "sha256": plan.suite_sha256,
        },
        "model": plan.model.model_dump(mode="json"),
        "outcomes": outcomes(found.records),
        "gates": gates,
        "areas": _areas(tasks),
        "tasks": tasks,
        "not_measured": [text.model_dump() for text in plan.not_measured],
        "statistics": {"seed": how.seed, "resamples": how.resamples, "level": how.level},
        "presentation": {"language": shown.language, "with_text": shown.with_text},
        "provenance": {
            "plan_sha256": sha256_file(run / PLAN_FILE),
            "logs": {
                header.path.name: {
                    "task": header.raw["eval"]["metadata"].get("task", header.task),
                    "sha256": sha256_file(header.path),
                    "status": header.status,
                    "created": header.created,
                    "inspect_ai": header.raw["eval"].get("packages", {}).get("inspect_ai", ""),
                }
                for header in found.logs
            },
            "software": plan.software,
            "tokens": {
                model: {"input": read, "output": written}
                for model, (read, written) in found.tokens.items()
            },
            "report_by": {"tenken": __version__},
        },
    }
    return report, plan, found


def _task(
    task: PlannedTask, records: Sequence[SampleRecord], plan: Plan, how: Statistics
) -> dict[str, Any]:
    # A blocked answer of a measure that counts it has a verdict; all else without one is owed.
    owed = undecided(records)
    share = owed / len(records) if records else 1.0
    return {
        "name": task.name,
        "title": task.title.model_dump(),
        "description": task.description.model_dump(),
        "risk": task.risk,
        "version": task.version,
        "perspectives": task.perspectives,
        "complete": share <= plan.max_unscored,
        "unscored_share": rounded(share),
        "available": task.available,
        "limited_to": task.limited_to,
        "epochs": task.epochs,
        "max_tokens": task.max_tokens,
        "scorer": {**task.scorer.model_dump(), "calibration": "uncalibrated"},
        "dataset": task.dataset,
        "outcomes": outcomes(records),
        "reasons": _counted(f"{r.outcome}: {r.reason}" for r in records if r.reason),
        "flags": _counted(flag for record in records for flag in record.flags),
        "measures": [_measure(each, records, how) for each in task.measures],
        "bias": _bias(records, how),
    }


def _measure(
    measure: Measure, all_records: Sequence[SampleRecord], how: Statistics
) -> dict[str, Any]:
    records = [record for record in all_records if record.measure == measure.key]
    by_language = {
        language: [record for record in records if record.language == language]
        for language in LANGUAGES
    }
    difference, _ = language_difference(records, how)
    return {
        "key": measure.key,
        "title": measure.title.model_dump(),
        "headline": measure.headline,
        "unsafe_labels": measure.unsafe_labels,
        "blocked_is_safe": measure.blocked_is_safe,
        "overall": figure(records, how),
        "languages": {name: figure(part, how) for name, part in by_language.items() if part},
        "difference": difference if all(by_language.values()) else None,
        "labels": _counted(record.label for record in records if record.label),
        "groups": _groups(records, how),
        "power": sensitivity_of(records),
    }


def _groups(records: Sequence[SampleRecord], how: Statistics) -> list[dict[str, Any]]:
    """Return the rate in each value of each tag that splits the records, sorted."""
    values: dict[str, dict[str, list[SampleRecord]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        for tag, value in record.tags.items():
            values[tag][value].append(record)
    return [
        {"tag": tag, "value": value, **figure(part, how)}
        for tag, parts in sorted(values.items())
        if 1 < len(parts) <= _MOST_GROUPS
        for value, part in sorted(parts.items())
    ]


_MOST_GROUPS: Final = 24
"""A tag with more values than this names items rather than groups them."""


def _bias(records: Sequence[SampleRecord], how: Statistics) -> dict[str, Any] | None:
    whole = bias_block(records, how)
    if whole is None:
        return None
    parts = {
        language: bias_block([r for r in records if r.language == language], how)
        for language in LANGUAGES
    }
    axes = sorted({record.tags["axis"] for record in records if "axis" in record.tags})
    by_axis = {
        axis: bias_block([r for r in records if r.tags.get("axis") == axis], how) for axis in axes
    }
    return {"overall": whole, "languages": parts, "axes": by_axis}


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


def _gate(gate: Gate, plan: Plan, tasks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    planned = plan.task(gate.task)
    task = next(each for each in tasks if each["name"] == gate.task)
    key = gate.measure or (planned.headline.key if planned else "")
    measure = next(each for each in task["measures"] if each["key"] == key)
    rate = measure["languages"].get(gate.language) if gate.language else measure["overall"]
    rate = rate or {"value": None, "low": None, "high": None, "n": 0}
    decision, reason = decide_gate(gate, rate, complete=task["complete"])
    return {
        "name": gate.name,
        "task": gate.task,
        "measure": key,
        "language": gate.language,
        "max": gate.max,
        "value": rate["value"],
        "low": rate["low"],
        "high": rate["high"],
        "n": rate["n"],
        "decision": decision,
        "reason": reason,
    }


def _areas(tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_area(risk, [task for task in tasks if task["risk"] == risk]) for risk in RISKS]


def _area(risk: str, tasks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return an area's rate: the mean of its tasks' headline rates, each of equal weight.

    The interval combines the tasks' own (method of variance estimates recovery, Zou and Donner
    2008, Statistics in Medicine 27:1693-1702): with one task it is that task's interval.
    """
    heads = [next(m for m in task["measures"] if m["headline"])["overall"] for task in tasks]
    measured = [head for head in heads if head["value"] is not None]
    total = Counter[str]()
    for task in tasks:
        total.update(task["outcomes"])
    area: dict[str, Any] = {
        "risk": risk,
        "tasks": [task["name"] for task in tasks],
        "measured": bool(measured) and len(measured) == len(heads),
        "value": None,
        "low": None,
        "high": None,
        "n": sum(head["n"] for head in measured),
        "outcomes": dict(sorted(total.items())),
        "complete": bool(tasks) and all(task["complete"] for task in tasks),
    }
    if area["measured"]:
        k = len(measured)
        value = sum(head["value"] for head in measured) / k
        down = sqrt(sum((head["value"] - head["low"]) ** 2 for head in measured)) / k
        up = sqrt(sum((head["high"] - head["value"]) ** 2 for head in measured)) / k
        area |= {"value": rounded(value), "low": rounded(value - down), "high": rounded(value + up)}
    return area


def _counted(names: Any) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
