"""A suite's gates: that each is on something measured, and which of them a run decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tenken.errors import InputError, UnknownNameError
from tenken.evals.asked import RunTask
from tenken.evals.suite import Suite
from tenken.schema.plan import LEANS, Gate
from tenken.schema.record import LANGUAGES


def check_gates(suite: Suite, by_name: Mapping[str, RunTask]) -> None:
    """Refuse gates on what is not measured.

    Args:
        suite: The suite.
        by_name: Its tasks by full name.

    Raises:
        UnknownNameError: A task, measure or language that there is not; the message lists them.
        InputError: A correction of what has none.
    """
    for gate in suite.gates:
        where = f"suite {suite.name}, gate '{gate.name}'"
        if gate.task not in by_name:
            raise UnknownNameError("task", gate.task, by_name, where)
        task = by_name[gate.task]
        keys = [*(measure.key for measure in task.measures), *task.leans]
        if gate.measure is not None and gate.measure not in keys:
            raise UnknownNameError("measure", gate.measure, keys, where)
        if gate.measure in LEANS and gate.use == "corrected":
            raise InputError(f"{where}: {gate.measure} is not corrected; leave 'use' out.")
        if gate.language is not None and gate.language not in task.languages:
            raise UnknownNameError("language", gate.language, task.languages, where)


def gates_of(suite: Suite, asked: Collection[str], languages: Collection[str]) -> list[Gate]:
    """Return the gates on what is asked; a gate on what was left out is left out too.

    Args:
        suite: The suite.
        asked: Full names of the tasks that are asked.
        languages: The languages that are asked; all where empty.
    """
    there = (None, *(languages or LANGUAGES))
    return [gate for gate in suite.gates if gate.task in asked and gate.language in there]
