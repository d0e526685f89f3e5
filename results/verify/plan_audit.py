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
from tenken.results.report.shown import made_by
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
from tenken.schema.verification import Finding, Said

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
        yield Finding.of("wrong", PLAN_FILE, "more_faults", n=len(faults) - _MOST_NAMED)
    if not any(each.status == "wrong" for each in faults):
        yield Finding.of("ok", PLAN_FILE, "plan_fits")


def _suite(run: Path, plan: Plan) -> Iterator[Finding]:
    try:
        data = read_plain(run / SUITE_FILE)
        suite = read_mapping(data)
    except FileNotFoundError:
        yield Finding.of("unknown", SUITE_FILE, "suite_missing", "preregistered")
        return
    except (OSError, ValueError, DocumentError) as error:
        yield Finding.of("wrong", SUITE_FILE, "suite_unreadable", error=str(error))
        return
    if sha256_bytes(data) != plan.suite_sha256:
        yield Finding.of("wrong", SUITE_FILE, "suite_other")
        return
    for key, default in _SUITE_DEFAULTS.items():
        planned = plan.model_dump(mode="json")[key] if key == "not_measured" else getattr(plan, key)
        if planned != suite.get(key, default):
            yield _unlike_suite(key, repr(planned), repr(suite.get(key, default)))
    allowed = suite.get("reuse_days", REUSE_DAYS)
    if plan.reuse_days > allowed:
        yield _unlike_suite("reuse_days", f"{plan.reuse_days}", f"{allowed}")
    yield from _gates(plan, suite)


def _unlike_suite(place: str, planned: str, suite: str) -> Finding:
    about = {"planned": planned, "suite": suite}
    return Finding.of("wrong", f"{PLAN_FILE}: {place}", "plan_unlike_suite", **about)


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
            yield Finding.of("wrong", _place(gate.name), "gate_not_planned")
        elif planned is not None and planned != gate:
            yield _unlike_suite(f"gates.{gate.name}", _short(planned), _short(gate))
    for name in by_name:
        said = Said("gate_left_out" if left_out else "gate_not_in_suite")
        yield Finding.of("wrong", _place(name), said)
    if left_out and suite.get("gates"):
        yield Finding.of("note", PLAN_FILE, "gates_left_out", n=len(suite["gates"]))


def _place(gate: str) -> str:
    return f"{PLAN_FILE}: gates.{gate}"


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
            yield Finding.of("wrong", place, "other_reuse_key")
        else:
            by = plan.software.get("tenken", "?")
            yield Finding.of("unknown", place, "reuse_key_by", "preregistered", version=by)


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
            about = {"planned": repr(planned), "logged": repr(logged)}
            place = f"logs/{header.path.name}: {what}"
            yield Finding.of("wrong", place, "plan_unlike_log", **about)


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
        yield Finding.of("wrong", f"{PLAN_FILE}: {key}", "sample_unlike_plan")
    unplanned = sum(log.unplanned for log in found.logs.values())
    if unplanned:
        yield Finding.of("wrong", PLAN_FILE, "samples_unplanned", n=unplanned)
