"""Whether a plan is the one that was asked: against its suite, its own digests, and the logs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from tenken.io.canonical import sha256_bytes
from tenken.io.documents import DocumentError, read_mapping
from tenken.results.records.logs import LogHeader
from tenken.results.records.read import RunRecords
from tenken.results.report.report import made_by
from tenken.results.seal.folder import read_plain
from tenken.schema.plan import (
    PLAN_FILE,
    REUSE_DAYS,
    SUITE_FILE,
    Gate,
    Plan,
    PlannedModel,
    PlannedTask,
)
from tenken.schema.reuse import inspect_key, own_key
from tenken.schema.verification import Finding

_MOST_NAMED: Final = 10
_MOST_ROLES: Final = 6
_SUITE_DEFAULTS: Final = {"max_unscored": 0.05, "seed": 20260401, "not_measured": []}
_PARAMETERS_ASIDE: Final = frozenset({"extra_body"})
"""Parameters that Inspect's log does not give back as they were set."""


def plan_findings(run: Path, plan: Plan, found: RunRecords) -> Iterator[Finding]:
    """Compare a plan with its suite, its reuse keys, and the logs of what was asked.

    Args:
        run: The run's folder.
        plan: Its plan.
        found: What its logs hold.
    """
    faults = [*_suite(run, plan), *_keys(plan), *_logs(plan, found), *_samples(found)]
    yield from faults[:_MOST_NAMED]
    if len(faults) > _MOST_NAMED:
        said = f"{len(faults) - _MOST_NAMED} more faults of the plan."
        yield Finding("wrong", PLAN_FILE, said)
    if not any(each.status == "wrong" for each in faults):
        yield Finding("ok", PLAN_FILE, "the plan is the one that the logs were asked by.")


def _suite(run: Path, plan: Plan) -> Iterator[Finding]:
    try:
        data = read_plain(run / SUITE_FILE)
        suite = read_mapping(data)
    except FileNotFoundError:
        said = "the suite's file is not in the bundle: gates and limits were not compared with it."
        yield Finding("unknown", SUITE_FILE, said, "preregistered")
        return
    except (OSError, ValueError, DocumentError) as error:
        yield Finding("wrong", SUITE_FILE, f"not a readable suite: {error}")
        return
    if sha256_bytes(data) != plan.suite_sha256:
        yield Finding("wrong", SUITE_FILE, "not the suite that the plan names by its digest.")
        return
    for key, default in _SUITE_DEFAULTS.items():
        planned = plan.model_dump(mode="json")[key] if key == "not_measured" else getattr(plan, key)
        if planned != suite.get(key, default):
            said = f"the plan says {planned!r}, the suite says {suite.get(key, default)!r}."
            yield Finding("wrong", f"{PLAN_FILE}: {key}", said)
    allowed = suite.get("reuse_days", REUSE_DAYS)
    if plan.reuse_days > allowed:
        said = f"the plan says {plan.reuse_days}, the suite says {allowed}."
        yield Finding("wrong", f"{PLAN_FILE}: reuse_days", said)
    yield from _gates(plan, suite)


def _gates(plan: Plan, suite: Mapping[str, Any]) -> Iterator[Finding]:
    tasks = {task.name for task in plan.tasks}
    left_out = plan.settings.get("gates") is False
    wanted = [] if left_out else [Gate.model_validate(each) for each in suite.get("gates", [])]
    asked = plan.settings.get("languages") or []
    by_name = {gate.name: gate for gate in plan.gates}
    for gate in wanted:
        owed = gate.task in tasks and (not asked or gate.language in (None, *asked))
        planned = by_name.pop(gate.name, None)
        if owed and planned is None:
            said = "the suite has this gate, and the plan does not."
            yield Finding("wrong", f"{PLAN_FILE}: gate '{gate.name}'", said)
        elif planned is not None and planned != gate:
            said = f"the plan says {_short(planned)}, the suite says {_short(gate)}."
            yield Finding("wrong", f"{PLAN_FILE}: gate '{gate.name}'", said)
    for name in by_name:
        said = "gates were to be left out." if left_out else "the suite has no such gate."
        yield Finding("wrong", f"{PLAN_FILE}: gate '{name}'", said)
    if left_out and suite.get("gates"):
        said = f"the run left out the suite's {len(suite['gates'])} gates (--no-gates)."
        yield Finding("note", PLAN_FILE, said)


def _short(gate: Gate) -> str:
    return f"{gate.threshold} on {gate.task} {gate.measure or ''} {gate.language or ''}".strip()


def _keys(plan: Plan) -> Iterator[Finding]:
    """Compute each task's key again; another version of Tenken may have made it otherwise."""
    same = plan.software.get("tenken") == made_by()["tenken"]
    for task in plan.tasks:
        if task.reuse_key in _possible_keys(task, plan):
            continue
        place = f"{PLAN_FILE}: {task.name}"
        if same:
            said = "its reuse_key is not that of what the plan says was asked."
            yield Finding("wrong", place, said)
        else:
            said = f"its reuse_key was made by tenken {plan.software.get('tenken')}."
            yield Finding("unknown", place, said, "preregistered")


def _possible_keys(task: PlannedTask, plan: Plan) -> Iterator[str]:
    for judges in _possible_judges(task, plan.roles):
        if "inspect_task" in task.dataset:
            for most in (task.max_tokens, None):
                yield inspect_key(
                    task.dataset["inspect_task"],
                    task.dataset.get("args") or {},
                    task.scorer.version,
                    task.scorer.source_sha256,
                    task.prompt_sha256,
                    plan.model,
                    most,
                    judges,
                )
        else:
            yield own_key(
                task.name,
                task.version,
                task.prompt_sha256,
                task.scorer,
                plan.model,
                task.max_tokens,
                judges,
                [attack.source_sha256 for attack in task.attacks],
            )


def _possible_judges(
    task: PlannedTask, roles: Mapping[str, PlannedModel]
) -> Iterator[dict[str, PlannedModel]]:
    """Yield the models that a task's graders can be: the plan names the models, not the roles."""
    for chosen in combinations(list(roles)[:_MOST_ROLES], len(task.graders)):
        if sorted(roles[role].name for role in chosen) == task.graders:
            yield {role: roles[role] for role in chosen}


def _logs(plan: Plan, found: RunRecords) -> Iterator[Finding]:
    tasks = {task.log_name: task for task in plan.tasks}
    for header in found.headers:
        for what, planned, logged in _differences(header, tasks[header.task], plan.model):
            said = f"the plan says {planned!r}, the log says {logged!r}."
            yield Finding("wrong", f"logs/{header.path.name}: {what}", said)


def _differences(
    header: LogHeader, task: PlannedTask, model: PlannedModel
) -> Iterator[tuple[str, Any, Any]]:
    if header.model and header.model != model.name and not header.model.endswith(f"/{model.name}"):
        yield "model", model.name, header.model
    if header.base_url and model.base_url and header.base_url != model.base_url:
        yield "base_url", model.base_url, header.base_url
    if header.epochs is not None and header.epochs != task.epochs:
        yield "epochs", task.epochs, header.epochs
    for key, planned in model.parameters.items():
        if key not in _PARAMETERS_ASIDE and header.parameters.get(key) != planned:
            yield key, planned, header.parameters.get(key)


def _samples(found: RunRecords) -> Iterator[Finding]:
    for key in found.unlike:
        said = "the plan has another language, pair, cluster, measure or tag than was asked."
        yield Finding("wrong", f"{PLAN_FILE}: sample {key}", said)
    unplanned = sum(log.unplanned for log in found.logs.values())
    if unplanned:
        said = f"{unplanned} samples were asked that the plan does not have; no figure has them."
        yield Finding("wrong", PLAN_FILE, said)
