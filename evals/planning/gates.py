"""A suite's gates: that each is on something measured, and which of them a run decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tenken.errors import InputError, UnknownNameError
from tenken.evals.asked import RunTask
from tenken.evals.suite import Suite
from tenken.schema.plan import ANY_ATTACK, LEANS, Gate
from tenken.schema.record import LANGUAGES
from tenken.tasks.attacks.transforms import ATTACKS


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
        rates = [measure.key for measure in task.measures]
        keys = [*rates, *task.leans]
        if gate.measure is not None and gate.measure not in keys:
            raise UnknownNameError("measure", gate.measure, keys, where)
        if gate.measure in LEANS and gate.use == "corrected":
            raise InputError(f"{where}: {gate.measure} is not corrected; leave 'use' out.")
        if gate.language is not None and gate.language not in task.languages:
            raise UnknownNameError("language", gate.language, task.languages, where)
        if gate.capability is not None and gate.capability.measure not in rates:
            measure, place = gate.capability.measure, f"{where}, capability"
            raise UnknownNameError("measure", measure, rates, place)
        if gate.attack is not None:
            _check_attack(gate, where)


def _check_attack(gate: Gate, where: str) -> None:
    """Refuse a gate on an attack that there is not, or on a lean under an attack.

    Raises:
        UnknownNameError: There is no attack of that name.
        InputError: Attacks are for rates alone.
    """
    if gate.measure in LEANS:
        raise InputError(f"{where}: {gate.measure} is not measured under attacks; remove 'attack'.")
    if gate.attack not in (*ATTACKS, ANY_ATTACK):
        raise UnknownNameError("attack", str(gate.attack), (*ATTACKS, ANY_ATTACK), where)


def gates_of(
    suite: Suite, asked: Mapping[str, Collection[str]], languages: Collection[str]
) -> list[Gate]:
    """Return the gates on what is asked; a gate on what was left out is left out too.

    Args:
        suite: The suite.
        asked: The attacks that each task is asked under, by its full name; empty for the plain
            requests alone.
        languages: The languages that are asked; all where empty.
    """
    there = (None, *(languages or LANGUAGES))
    return [
        gate
        for gate in suite.gates
        if gate.task in asked
        and gate.language in there
        and _is_asked(gate.attack, asked[gate.task])
    ]


def _is_asked(attack: str | None, attacks: Collection[str]) -> bool:
    if attack is None:
        return True  # plain requests that were not asked leave the gate INCOMPLETE
    return bool(attacks) if attack == ANY_ATTACK else attack in attacks
