"""Public items beside held-out ones, over runs of one model or several."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tenken.errors import InputError, Sentence
from tenken.results.metrics.settings import Statistics
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.results.report.held_out import fall_block, held_out_block, of_measure
from tenken.schema.attacks import Fall, HeldOut
from tenken.schema.plan import PlannedTask
from tenken.schema.record import SampleRecord


@dataclass
class ModelHalves:
    """What the runs of one model hold of public and held-out items.

    Attributes:
        model: The model's name.
        halves: By the held-out task's name, its rate beside the public one's.
        falls: By the held-out task's name, how much more this model loses on it than the first.
    """

    model: str
    halves: dict[str, HeldOut] = field(default_factory=dict)
    falls: dict[str, Fall] = field(default_factory=dict)
    tasks: dict[str, PlannedTask] = field(default_factory=dict, repr=False)
    records: dict[str, list[SampleRecord]] = field(
        default_factory=lambda: defaultdict(list), repr=False
    )

    def add(self, run: Path) -> None:
        """Take in a run.

        Raises:
            InputError: A task of it is in another run of the same model.
            BundleError: It cannot be read.
        """
        plan = read_sound_plan(run)
        for task in plan.tasks:
            if task.name in self.tasks:
                message = Sentence(
                    "the task '{name}' is in another run of {model} too.",
                    name=task.name,
                    model=self.model,
                )
                raise InputError("{run}: {message}", run=run, message=message)
            self.tasks[task.name] = task
        for record in read_records(run, plan).records:
            self.records[record.task].append(record)

    def of(self, name: str) -> tuple[list[SampleRecord], list[SampleRecord]]:
        """Return the records of a held-out task's public half and its own."""
        half = self.halves[name]
        public, own = self.tasks[half.public], self.tasks[name]
        return (
            of_measure(public, self.records, half.measure),
            of_measure(own, self.records, half.measure),
        )


def halves_of_runs(runs: Sequence[Path]) -> list[ModelHalves]:
    """Compare each held-out task of some runs with the public one that it is parallel to.

    Args:
        runs: Folders of runs; the halves of a model may be in different ones.

    Returns:
        A model each, in the order of the runs; the first is the one that others are compared with.

    Raises:
        InputError: A task is in two runs of a model, or none of them has both halves of a task.
        BundleError: A run cannot be read.
    """
    models: dict[str, ModelHalves] = {}
    for run in runs:
        name = read_sound_plan(run).model.name
        models.setdefault(name, ModelHalves(name)).add(run)
    how = Statistics()
    for model in models.values():
        every = list(model.tasks.values())
        blocks = {task.name: held_out_block(task, every, model.records, how) for task in every}
        model.halves = {name: block for name, block in blocks.items() if block is not None}
    found = [model for model in models.values() if model.halves]
    if not found:
        raise InputError(_nothing(models.values()))
    first = found[0]
    for model in found[1:]:
        shared = [
            name
            for name, half in model.halves.items()
            if name in first.halves and half.measure == first.halves[name].measure
        ]
        falls = {name: fall_block(model.of(name), first.of(name), how) for name in shared}
        model.falls = {name: fall for name, fall in falls.items() if fall is not None}
    return found


def _nothing(models: Iterable[ModelHalves]) -> Sentence:
    """Return why there is nothing to compare."""
    missing = sorted(
        {
            Sentence(
                "'{name}' without '{held_out_of}'", name=task.name, held_out_of=task.held_out_of
            )
            for model in models
            for task in model.tasks.values()
            if task.held_out_of
        }
    )
    said = f": {', '.join(missing)}" if missing else ", nor is any of their tasks held out"
    return Sentence(
        "the runs hold no public task together with its held-out half{said}.", said=said
    )
