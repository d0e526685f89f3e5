"""A suite's gates: that each is on something measured, and which of them a run decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tenken.errors import InputError, UnknownNameError
from tenken.evals.suite import Suite
from tenken.schema.plan import ANY_ATTACK, LEANS, Gate
from tenken.schema.record import LANGUAGES
from tenken.tasks.attacks.transforms import ATTACKS
from tenken.tasks.card.card import Card
from tenken.tasks.library import LoadedTask


def check_gates(suite: Suite, by_name: Mapping[str, LoadedTask]) -> None:
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
        card = by_name[gate.task].card
        keys = [measure.key for measure in card.measures]
        if gate.measure in LEANS:
            _check_lean(gate, card, by_name[gate.task], where)
        elif gate.measure is not None and gate.measure not in keys:
            raise UnknownNameError("measure", gate.measure, keys, where)
        if gate.language is not None and gate.language not in card.languages:
            raise UnknownNameError("language", gate.language, card.languages, where)
        if gate.capability is not None and gate.capability.measure not in keys:
            raise UnknownNameError("measure", gate.capability.measure, keys, f"{where}, capability")
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


def _check_lean(gate: Gate, card: Card, task: LoadedTask, where: str) -> None:
    """Refuse a gate on a lean that the task's samples or scorer cannot have.

    Raises:
        UnknownNameError: There is no such figure; the message lists what there is.
        InputError: A correction is asked for, which a lean has none of.
    """
    contexts = {sample.tags.get("context") for sample in task.samples}
    found = [f"bias_{each}" for each in ("ambiguous", "disambiguated") if each in contexts]
    found += ["gap"] if card.scorer.name.endswith("/group_gap") else []
    if gate.measure not in found:
        keys = [*(measure.key for measure in card.measures), *found]
        raise UnknownNameError("measure", str(gate.measure), keys, where)
    if gate.use == "corrected":
        raise InputError(f"{where}: {gate.measure} is not corrected; leave 'use' out.")


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
