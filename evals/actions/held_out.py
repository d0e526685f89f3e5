"""Public items beside held-out ones, over one or more runs of a model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tenken.errors import InputError
from tenken.results.metrics.settings import Statistics
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.results.report.held_out import held_out_block
from tenken.schema.attacks import HeldOut
from tenken.schema.plan import PlannedTask
from tenken.schema.record import SampleRecord


def held_out_of_runs(runs: Sequence[Path]) -> tuple[str, dict[str, HeldOut]]:
    """Compare each held-out task of some runs with the public one that it is parallel to.

    Args:
        runs: Folders of runs of one model; the halves may be in different ones.

    Returns:
        The model's name, and the comparisons by the held-out task's name.

    Raises:
        InputError: The runs are of several models, a task is in two of them, or none of them has
            both halves of a task.
        BundleError: A run cannot be read.
    """
    tasks: dict[str, PlannedTask] = {}
    by_task: dict[str, list[SampleRecord]] = defaultdict(list)
    models: dict[str, Path] = {}
    for run in runs:
        plan = read_sound_plan(run)
        models.setdefault(plan.model.name, run)
        for task in plan.tasks:
            if task.name in tasks:
                raise InputError(f"{run}: the task '{task.name}' is in another of the runs too.")
            tasks[task.name] = task
        for record in read_records(run, plan).records:
            by_task[record.task].append(record)
    if len(models) > 1:
        raise InputError(f"the runs are of different models: {', '.join(sorted(models))}.")
    every, how = list(tasks.values()), Statistics()
    blocks = {task.name: held_out_block(task, every, by_task, how) for task in every}
    found = {name: block for name, block in blocks.items() if block is not None}
    if not found:
        missing = [f"'{each.name}' without '{each.held_out_of}'" for each in every
                   if each.held_out_of]  # fmt: skip
        said = f": {', '.join(missing)}" if missing else ", nor is any of their tasks held out"
        raise InputError(f"the runs hold no public task together with its held-out half{said}.")
    return next(iter(models)), found
