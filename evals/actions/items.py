"""How well the items of runs work, and what answering without reading would come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tenken.errors import InputError, TenkenError
from tenken.results.metrics.irt import Items, fit_items
from tenken.results.metrics.items import ItemFigures, Reliability, item_figures, reliability
from tenken.results.metrics.items import mantel_haenszel as dif
from tenken.results.metrics.settings import rounded
from tenken.results.records.attacked import plain_records
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.schema.plan import Plan
from tenken.schema.record import LANGUAGES, SampleRecord
from tenken.tasks.lint.constants import Strategy, strategies

_STRATA = 3
_SUSPECT = 0.01
"""p below which an item's difference between languages is flagged; nothing adjusts it."""


@dataclass(frozen=True)
class TaskItems:
    """The items of a task's headline measure.

    Attributes:
        task: Full name of the task.
        measure: Key of the measure.
        answerers: Models and epochs that the figures are of.
        items: Figures by sample's id, in the plan's order.
        reliability: Of all items together.
        dif: Pairs of languages that differ at equal standing: p by pair's id.
        constants: What answering without reading comes to; empty where the task is not at hand.
        model: The two-parameter logistic model; None with fewer than eight runs.
    """

    task: str
    measure: str
    answerers: int
    items: dict[str, ItemFigures]
    reliability: Reliability
    dif: dict[str, float]
    constants: tuple[Strategy, ...]
    model: Items | None = None

    def contents(self) -> dict[str, Any]:
        """Return what `tenken items --json` prints of the task."""
        return {
            "task": self.task,
            "measure": self.measure,
            "answerers": self.answerers,
            "reliability": self.reliability._asdict(),
            "items": {
                name: {**asdict(each), **self._placed(place)}
                for place, (name, each) in enumerate(self.items.items())
            },
            "language_dif": self.dif,
            "constant_strategies": [asdict(each) for each in self.constants],
        }

    def _placed(self, place: int) -> dict[str, float | None]:
        """Return slope and location of an item."""
        if self.model is None:
            return {"slope": None, "location": None}
        slope, location = self.model.slopes[place], self.model.locations[place]
        return {"slope": rounded(float(slope)), "location": rounded(float(location))}


def task_items(folders: Sequence[Path]) -> list[TaskItems]:
    """Return how well the items of each task work over some runs.

    Args:
        folders: The runs' folders. Items of other words or versions under one id are refused.

    Raises:
        InputError: No run is named, or two hold different versions of a task.
        BundleError: A run cannot be read.
    """
    if not folders:
        raise InputError("name at least one run.")
    plans: dict[str, Plan] = {}
    asked: dict[str, str] = {}
    answers: dict[str, dict[tuple[str, int], dict[str, SampleRecord]]] = defaultdict(dict)
    for folder in folders:
        plan = read_sound_plan(folder)
        found = read_records(folder, plan)
        for task in plan.tasks:
            version = task.version
            if asked.setdefault(task.name, version) != version:
                raise InputError(
                    "{folder}: task '{name}' has version {version}, another run {asked}; name runs "
                    "of one version.",
                    folder=folder,
                    name=task.name,
                    version=version,
                    asked=asked[task.name],
                )
            plans.setdefault(task.name, plan)
            own = [record for record in found.records if record.task == task.name]
            for record in plain_records(own, task):
                if record.measure == task.headline.key and record.verdict is not None:
                    row = answers[task.name].setdefault((str(folder), record.epoch), {})
                    row[record.sample_id] = record
    return [_of_task(name, plans[name], rows) for name, rows in sorted(answers.items())]


def _of_task(
    name: str, plan: Plan, rows: dict[tuple[str, int], dict[str, SampleRecord]]
) -> TaskItems:
    task = next(each for each in plan.tasks if each.name == name)
    seen = {key for row in rows.values() for key in row}
    ids = [sample.id for sample in task.samples if sample.id in seen]
    table = np.full((len(rows), len(ids)), np.nan)
    for number, row in enumerate(rows.values()):
        for place, key in enumerate(ids):
            if key in row:
                table[number, place] = row[key].verdict
    figures = dict(zip(ids, item_figures(table), strict=True))
    # Epochs of one run are not answerers apart.
    first = np.array([epoch == 1 for _, epoch in rows], dtype=np.bool_)
    return TaskItems(
        task=name,
        measure=task.headline.key,
        answerers=len(rows),
        items=figures,
        reliability=reliability(table),
        dif=_dif(list(rows.values())),
        constants=_constants(name),
        model=fit_items(table[first]),
    )


def _dif(rows: Sequence[dict[str, SampleRecord]]) -> dict[str, float]:
    """Return the pairs that one language finds harder at equal standing of the answerer."""
    means = [float(np.mean([r.verdict or 0.0 for r in row.values()])) for row in rows]
    order = np.argsort(np.argsort(means))
    strata = [int(place * _STRATA // max(len(rows), 1)) for place in order]
    pairs: dict[str, list[tuple[int, bool, bool]]] = defaultdict(list)
    for stratum, row in zip(strata, rows, strict=True):
        for record in row.values():
            first = record.language == LANGUAGES[0]
            pairs[record.pair_id].append((stratum, first, (record.verdict or 0.0) < 0.5))
    found = {name: dif(answers).p_value for name, answers in sorted(pairs.items())}
    return {name: p for name, p in found.items() if p is not None and p < _SUSPECT}


def _constants(name: str) -> tuple[Strategy, ...]:
    from tenken.tasks.library import load_task

    try:
        task = load_task(name)
    except TenkenError:
        return ()  # a task of another package, or one that is not at hand
    return tuple(strategies(task.card, task.samples))
