"""What a plan must hold besides its form, so that every figure has just one meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tenken.errors import BundleError, Sentence, Words
from tenken.results.seal.folder import refuse_odd
from tenken.schema.plan import ANY_ATTACK, LEANS, PLAN_FILE, Gate, Plan, PlannedTask, read_plan

_MOST_RECORDS: Final = 500_000
"""More records than this take a report too long to make."""
_MOST_EPOCHS: Final = 1000
"""As many as a suite may ask for."""


def read_sound_plan(run: Path) -> Plan:
    """Read a bundle's plan and check that its parts fit together.

    Args:
        run: The run's folder.

    Raises:
        BundleError: The file is missing, not a plan, not a plain file, or contradicts itself.
    """
    path = run / PLAN_FILE
    try:
        refuse_odd(path)
    except FileNotFoundError:
        pass  # said by the plan's own reader
    except ValueError as error:
        raise BundleError("{path}: {error}.", path=path, error=error) from None
    plan = read_plan(run)
    check_sound(plan, path)
    return plan


def check_sound(plan: Plan, path: Path) -> None:
    """Refuse a plan whose parts do not fit together.

    Args:
        plan: The plan.
        path: Where it is, or is to be.

    Raises:
        BundleError: It contradicts itself.
    """
    for fault in _faults(plan):
        raise BundleError("{path}: contradicts itself: {fault}.", path=path, fault=fault)


def _faults(plan: Plan) -> Iterator[Words]:
    yield from _twice("gate", (gate.name for gate in plan.gates))
    yield from _twice("task", (task.name for task in plan.tasks))
    yield from _twice("log", (task.log_name for task in plan.tasks))
    if not (math.isfinite(plan.max_unscored) and 0 <= plan.max_unscored <= 1):
        yield Sentence(
            "max_unscored is {max_unscored}, not a share in [0, 1]", max_unscored=plan.max_unscored
        )
    if plan.seed < 0:
        yield Sentence("the seed is {seed}, below 0", seed=plan.seed)
    if sum(len(task.samples) * max(task.epochs, 1) for task in plan.tasks) > _MOST_RECORDS:
        yield Sentence("it has more than {most_records:,} samples", most_records=_MOST_RECORDS)
    for name, card in plan.calibration.items():
        if sum(cell.count for cell in card.confusion) != card.n:
            yield Sentence(
                "the counts of the calibration card '{name}' do not add up to its {n} items",
                name=name,
                n=card.n,
            )
    for task in plan.tasks:
        yield from _task_faults(task)
    for gate in plan.gates:
        yield from _gate_faults(gate, plan)


def _task_faults(task: PlannedTask) -> Iterator[Words]:
    keys = {measure.key for measure in task.measures}
    yield from _twice("measure", (measure.key for measure in task.measures))
    yield from _twice("sample", (sample.id for sample in task.samples))
    if sum(measure.headline for measure in task.measures) != 1:
        yield Sentence("{name} has no single headline measure", name=task.name)
    if not 1 <= task.epochs <= _MOST_EPOCHS:
        yield Sentence(
            "{name} has {epochs} epochs; 1 to {most_epochs} are possible",
            name=task.name,
            epochs=task.epochs,
            most_epochs=_MOST_EPOCHS,
        )
    if task.max_tokens is not None and task.max_tokens < 1:
        yield Sentence(
            "{name} allows {max_tokens} tokens of an answer",
            name=task.name,
            max_tokens=task.max_tokens,
        )
    asked = len(task.samples)
    if task.available < asked:
        yield Sentence(
            "{name} asks {asked} samples of {available} that are available",
            name=task.name,
            asked=asked,
            available=task.available,
        )
    if task.limited_to != (asked if asked < task.available else None):
        yield Sentence(
            "{name} is limited to {limited_to}, and asks {asked} of {available}",
            name=task.name,
            limited_to=task.limited_to,
            asked=asked,
            available=task.available,
        )
    for sample in task.samples:
        if sample.measure not in keys:
            yield Sentence(
                "sample {id} is of measure '{measure}', which is not there",
                id=sample.id,
                measure=sample.measure,
            )


def _gate_faults(gate: Gate, plan: Plan) -> Iterator[Words]:
    task = plan.task(gate.task)
    if task is None:
        yield Sentence(
            "gate '{name}' is on '{task}', which is not there", name=gate.name, task=gate.task
        )
        return
    keys = {each.key for each in task.measures}
    if gate.measure is not None and gate.measure not in keys | set(LEANS):
        yield Sentence(
            "gate '{name}' is on measure '{measure}', which is not there",
            name=gate.name,
            measure=gate.measure,
        )
    if gate.capability is not None and gate.capability.measure not in keys:
        yield Sentence(
            "gate '{name}' asks for '{measure}', which is not there",
            name=gate.name,
            measure=gate.capability.measure,
        )
    ways = {ANY_ATTACK, *(each.name for each in task.attacks)}
    if gate.attack is not None and not (task.attacks and gate.attack in ways):
        yield Sentence(
            "gate '{name}' is on the attack '{attack}', which was not planned",
            name=gate.name,
            attack=gate.attack,
        )


def _twice(kind: str, names: Iterable[str]) -> Iterator[Words]:
    for name, times in Counter(names).items():
        if times > 1:
            yield Sentence(
                "{kind} '{name}' is there {times} times", kind=kind, name=name, times=times
            )
