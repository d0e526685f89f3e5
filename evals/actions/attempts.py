"""The register of attempts beside the runs, and what another plan changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from tenken.schema.plan import Plan, PlannedTask

_MOST: Final = 100
_OF_TASK: Final = ("limited_to", "epochs", "max_tokens", "version")


def earlier_attempts(entries: Sequence[dict[str, Any]], plan: Plan) -> list[dict[str, str]]:
    """Return the earlier starts of a suite on a model that a register shows, and their ends.

    Args:
        entries: The register's entries.
        plan: The plan of the attempt that is about to begin.
    """
    found: list[dict[str, str]] = []
    open_of: dict[str, dict[str, str]] = {}
    for entry in entries:
        event, run = str(entry.get("event")), str(entry.get("run"))
        if event == "started":
            same = entry.get("suite"), entry.get("model")
            if run == plan.run or same == (plan.suite, plan.model.name):
                open_of[run] = {"run": run, "started": str(entry.get("at")), "ended": "open"}
                found.append(open_of[run])
            else:
                open_of.pop(run, None)
        elif event in ("aborted", "sealed") and run in open_of:
            open_of[run]["ended"] = event
            open_of[run]["decision"] = str(entry.get("decision", ""))
    return found[-_MOST:]


def changes(old: Plan, new: Plan) -> list[dict[str, str]]:
    """Return what another plan for the same run changes, in the form of a journal's line.

    Args:
        old: The plan that was committed.
        new: The plan that the same command would make now.

    Returns:
        One entry for each difference, with `what`, `old` and `new`; a long list is cut.
    """
    return [
        {"what": what, "old": str(before), "new": str(after)}
        for what, before, after in _changes(old, new)
        if before != after
    ][:_MOST]


def _changes(old: Plan, new: Plan) -> Iterator[tuple[str, Any, Any]]:
    before = {task.name: task for task in old.tasks}
    after = {task.name: task for task in new.tasks}
    for name in before.keys() | after.keys():
        one, other = before.get(name), after.get(name)
        if one is None or other is None:
            yield name, "asked" if one else "not asked", "asked" if other else "not asked"
            continue
        yield from _task_changes(name, one, other)
    for key in old.model.parameters.keys() | new.model.parameters.keys():
        yield key, old.model.parameters.get(key), new.model.parameters.get(key)
    yield "base_url", old.model.base_url, new.model.base_url
    yield "max_unscored", old.max_unscored, new.max_unscored
    yield "suite_sha256", old.suite_sha256[:16], new.suite_sha256[:16]
    gates = [[f"{gate.name} {gate.threshold}" for gate in plan.gates] for plan in (old, new)]
    yield "gates", "; ".join(gates[0]), "; ".join(gates[1])
    cards = [", ".join(sorted(plan.calibration)) for plan in (old, new)]
    yield "calibration", cards[0], cards[1]


def _task_changes(
    name: str, one: PlannedTask, other: PlannedTask
) -> Iterator[tuple[str, Any, Any]]:
    for key in _OF_TASK:
        yield f"{name}: {key}", getattr(one, key), getattr(other, key)
    yield f"{name}: scorer", one.scorer.name, other.scorer.name
    yield f"{name}: samples", len(one.samples), len(other.samples)
