"""What a plan must hold besides its form, so that every figure has just one meaning."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from tenken.errors import BundleError
from tenken.results.seal.folder import refuse_odd
from tenken.schema.plan import ANY_ATTACK, LEANS, PLAN_FILE, Gate, Plan, PlannedTask, read_plan
from tenken.schema.record import LANGUAGES

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
        raise BundleError(f"{path}: {error}.") from None
    plan = read_plan(run)
    for fault in _faults(plan):
        raise BundleError(f"{path}: contradicts itself: {fault}.")
    return plan


def _faults(plan: Plan) -> Iterator[str]:
    yield from _twice("gate", (gate.name for gate in plan.gates))
    yield from _twice("task", (task.name for task in plan.tasks))
    yield from _twice("log", (task.log_name for task in plan.tasks))
    if not (math.isfinite(plan.max_unscored) and 0 <= plan.max_unscored <= 1):
        yield f"max_unscored is {plan.max_unscored}, not a share in [0, 1]"
    if plan.seed < 0:
        yield f"the seed is {plan.seed}, below 0"
    if sum(len(task.samples) * max(task.epochs, 1) for task in plan.tasks) > _MOST_RECORDS:
        yield f"it has more than {_MOST_RECORDS:,} samples"
    for name, card in plan.calibration.items():
        if sum(cell.count for cell in card.confusion) != card.n:
            yield f"the counts of the calibration card '{name}' do not add up to its {card.n} items"
    for task in plan.tasks:
        yield from _task_faults(task)
    for gate in plan.gates:
        yield from _gate_faults(gate, plan)


def _task_faults(task: PlannedTask) -> Iterator[str]:
    keys = {measure.key for measure in task.measures}
    yield from _twice("measure", (measure.key for measure in task.measures))
    yield from _twice("sample", (sample.id for sample in task.samples))
    if sum(measure.headline for measure in task.measures) != 1:
        yield f"{task.name} has no single headline measure"
    if not 1 <= task.epochs <= _MOST_EPOCHS:
        yield f"{task.name} has {task.epochs} epochs; 1 to {_MOST_EPOCHS} are possible"
    if task.max_tokens is not None and task.max_tokens < 1:
        yield f"{task.name} allows {task.max_tokens} tokens of an answer"
    asked = len(task.samples)
    if task.available < asked:
        yield f"{task.name} asks {asked} samples of {task.available} that are available"
    if task.limited_to != (asked if asked < task.available else None):
        yield f"{task.name} is limited to {task.limited_to}, and asks {asked} of {task.available}"
    for sample in task.samples:
        if sample.measure not in keys:
            yield f"sample {sample.id} is of measure '{sample.measure}', which is not there"
        if sample.language not in LANGUAGES:
            yield f"sample {sample.id} is in language '{sample.language}'"


def _gate_faults(gate: Gate, plan: Plan) -> Iterator[str]:
    task = plan.task(gate.task)
    if task is None:
        yield f"gate '{gate.name}' is on '{gate.task}', which is not there"
        return
    keys = {each.key for each in task.measures}
    if gate.measure is not None and gate.measure not in keys | set(LEANS):
        yield f"gate '{gate.name}' is on measure '{gate.measure}', which is not there"
    if gate.capability is not None and gate.capability.measure not in keys:
        yield f"gate '{gate.name}' asks for '{gate.capability.measure}', which is not there"
    ways = {ANY_ATTACK, *(each.name for each in task.attacks)}
    if gate.attack is not None and not (task.attacks and gate.attack in ways):
        yield f"gate '{gate.name}' is on the attack '{gate.attack}', which was not planned"


def _twice(kind: str, names: Iterable[str]) -> Iterator[str]:
    for name, times in Counter(names).items():
        if times > 1:
            yield f"{kind} '{name}' is there {times} times"
