"""A suite's gates: that each is on something measured, and which of them a run decides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from tenken.errors import InputError, Sentence, UnknownNameError
from tenken.evals.asked import RunTask
from tenken.evals.suite import Suite
from tenken.schema.gates import Capability
from tenken.schema.plan import ANY_ATTACK, LEANS, Gate, Measure, Scale
from tenken.scorers.labels import all_labels
from tenken.tasks.attacks.adaptive import ADAPTIVE
from tenken.tasks.attacks.transforms import ATTACKS
from tenken.tasks.fit import vocabulary
from tenken.terms.metrics import metric_named


def check_gates(
    suite: Suite, by_name: Mapping[str, RunTask], attacks: Mapping[str, Collection[str]]
) -> None:
    """Refuse gates on what is not measured, and gates that no answer could fail.

    Args:
        suite: The suite.
        by_name: Its tasks by full name.
        attacks: The attacks that the suite itself asks each task under, by its full name.

    Raises:
        UnknownNameError: A task, measure or language that there is not; the message lists them.
        InputError: A correction of what has none, a gate without a name of its own, or one that
            everything passes.
    """
    _check_names(suite)
    for gate in suite.gates:
        where = Sentence("suite {suite}, gate '{gate}'", suite=suite.name, gate=gate.name)
        if gate.task not in by_name:
            raise UnknownNameError("task", gate.task, by_name, where)
        task = by_name[gate.task]
        rates = [measure.key for measure in task.measures]
        keys = [*rates, *task.leans]
        if gate.measure is not None and gate.measure not in keys:
            raise UnknownNameError("measure", gate.measure, keys, where)
        if gate.measure in LEANS and gate.use == "corrected":
            raise InputError(
                "{where}: {measure} is not corrected; leave 'use' out.",
                where=where,
                measure=gate.measure,
            )
        if gate.language is not None and gate.language not in task.languages:
            raise UnknownNameError("language", gate.language, task.languages, where)
        if gate.capability is not None:
            place = Sentence("{where}, capability", where=where)
            _check_capability(gate, gate.capability, task, place)
        _check_numbers(gate, task.measures, where)
        if gate.attack is not None:
            _check_attack(gate, attacks.get(gate.task, ()), where)
        _check_possible(gate, where)


def _check_names(suite: Suite) -> None:
    """Refuse a gate that cannot be told from another: a report names gates by their names alone.

    Raises:
        InputError: A name is empty, or two gates have it.
    """
    times = Counter(gate.name for gate in suite.gates)
    for gate in suite.gates:
        if not gate.name.strip():
            raise InputError(
                "suite {suite}: the gate on '{task}' has an empty name; say what it is for.",
                suite=suite.name,
                task=gate.task,
            )
        if times[gate.name] > 1:
            raise InputError(
                "suite {suite}: {n} gates are named '{name}'; give each a name of its own.",
                suite=suite.name,
                n=times[gate.name],
                name=gate.name,
            )


def _check_possible(gate: Gate, where: str) -> None:
    """Refuse a gate that nothing fails, and words that change nothing of it.

    Raises:
        InputError: Its maximum is 1, or it allows a correction that it does not ask for.
    """
    if gate.max == 1:
        raise InputError(
            "{where}: max is 1, and no rate is above it; write the highest rate that passes.",
            where=where,
        )
    if gate.allow is not None and gate.use == "raw":
        raise InputError(
            "{where}: allow is for a corrected rate; write use: corrected, or remove it.",
            where=where,
        )


def _check_capability(gate: Gate, asked: Capability, task: RunTask, where: str) -> None:
    """Refuse a capability that a model which declines everything would show.

    Raises:
        UnknownNameError: A measure or a label that there is not.
        InputError: It is the gate's own measure, or a label means that the work was not done.
    """
    by_key = {measure.key: measure for measure in task.measures}
    if asked.measure not in by_key:
        raise UnknownNameError("measure", asked.measure, by_key, where)
    own = gate.measure or next((each.key for each in task.measures if each.headline), None)
    if asked.measure == own:
        raise InputError(
            "{where}: '{measure}' is the gate's own measure; name that of the harmless samples.",
            where=where,
            measure=asked.measure,
        )
    known = vocabulary(task.scoring)
    unsafe = set(by_key[asked.measure].unsafe_labels)
    for label in asked.labels:
        if label in unsafe:
            raise InputError(
                "{where}: '{label}' is an unsafe label of '{measure}', of work that was not done.",
                where=where,
                label=label,
                measure=asked.measure,
            )
        if known is not None and label not in {*known.names, *all_labels()}:
            raise UnknownNameError("label", label, known.names, where)


def scale_of(gate: Gate, measures: Sequence[Measure]) -> Scale | None:
    """Return what the numbers mean that a gate is on; None for a rate of labels.

    Args:
        gate: The gate.
        measures: The measures of its task.

    Raises:
        UnknownNameError: The gate is on a metric that there is not.
    """
    if gate.metric is not None:
        return metric_named(gate.metric).scale
    found = (m for m in measures if (m.key == gate.measure if gate.measure else m.headline))
    return next((measure.value for measure in found), None)


def _check_numbers(gate: Gate, measures: Sequence[Measure], where: str) -> None:
    """Refuse a threshold in numbers on what has none, at the wrong end, or out of their range.

    Raises:
        UnknownNameError: The measure does not name the gate's metric.
        InputError: The threshold does not meet the measure.
    """
    if gate.metric is not None:
        named = [m for m in measures if (m.key == gate.measure if gate.measure else m.headline)]
        known = [key for measure in named for key in measure.metrics or ()]
        if gate.metric not in known:
            raise UnknownNameError("metric", gate.metric, known, where)
        if gate.attack is not None or gate.use == "corrected":
            key = "attack" if gate.attack is not None else "use"
            raise InputError(
                "{where}: {key} is for rates, not for a metric; remove it.", where=where, key=key
            )
    if gate.bound is None:
        return
    scale, wanted = scale_of(gate, measures), "at_least" if gate.at_most is None else "at_most"
    if scale is None:
        raise InputError(
            "{where}: {wanted} is for a measure of numbers (value: …); write max, the "
            "highest rate that passes.",
            where=where,
            wanted=wanted,
        )
    right = "at_least" if scale.higher_is == "better" else "at_most"
    if wanted != right:
        raise InputError(
            "{where}: higher is {higher_is} there; write {right} for {wanted}.",
            where=where,
            higher_is=scale.higher_is,
            right=right,
            wanted=wanted,
        )
    low, high = scale.range
    if not low <= gate.bound <= high:
        raise InputError(
            "{where}: {wanted} is {bound:g}; write {low:g} to {high:g}.",
            where=where,
            wanted=wanted,
            bound=gate.bound,
            low=low,
            high=high,
        )


def _check_attack(gate: Gate, asked: Collection[str], where: str) -> None:
    """Refuse a gate on an attack that there is not or is not asked, or on a lean under an attack.

    Raises:
        UnknownNameError: There is no attack of that name.
        InputError: Attacks are for rates alone, or the suite does not ask the task under it.
    """
    if gate.measure in LEANS:
        raise InputError(
            "{where}: {measure} is not measured under attacks; remove 'attack'.",
            where=where,
            measure=gate.measure,
        )
    known = (*ATTACKS, *ADAPTIVE, ANY_ATTACK)
    if gate.attack not in known:
        raise UnknownNameError("attack", str(gate.attack), known, where)
    if not _is_asked(gate.attack, asked):
        raise InputError(
            "{where}: the suite does not ask {task} under '{attack}'; add it to the task's "
            "attacks, or remove 'attack' from the gate.",
            where=where,
            task=gate.task,
            attack=str(gate.attack),
        )


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
    return [
        gate
        for gate in suite.gates
        if gate.task in asked
        and (gate.language is None or not languages or gate.language in languages)
        and _is_asked(gate.attack, asked[gate.task])
    ]


def _is_asked(attack: str | None, attacks: Collection[str]) -> bool:
    if attack is None:
        return True  # plain requests that were not asked leave the gate INCOMPLETE
    return bool(attacks) if attack == ANY_ATTACK else attack in attacks
