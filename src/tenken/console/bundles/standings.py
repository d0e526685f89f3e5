"""Models side by side, those together that cannot be told apart, and one model over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import hypot
from typing import Final

from tenken.console.bundles.index import Figure, RunEntry

_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MOST: Final = 60
"""Most models in one table."""


@dataclass(frozen=True)
class Standing:
    """A model's place.

    Attributes:
        run: Its latest run that measured the figure.
        groups: Letters of the groups that it belongs to; two models that share one cannot be
            told apart.
    """

    run: RunEntry
    figure: Figure
    groups: str


@dataclass(frozen=True)
class Point:
    """A figure of one run in a chart over time.

    Attributes:
        x: Place from the left, in [0, 1].
    """

    run: RunEntry
    figure: Figure
    x: float


def figure_of(run: RunEntry, area: str, task: str, language: str) -> Figure | None:
    """Return the figure of a run that is asked for; None where it was not measured.

    Args:
        run: The run.
        area: An area's name; used where no task is named.
        task: A task's full name.
        language: Only of this language; tasks alone have such figures.
    """
    found: Figure | None
    if task:
        named = next((each for each in run.tasks if each.name == task), None)
        found = None if named is None else named.overall
        if named is not None and language:
            found = named.languages.get(language)
    else:
        found = run.areas.get(area)
    return found if found and found.value is not None and found.low is not None else None


def standings(
    runs: Sequence[RunEntry], *, suite: str, area: str, task: str = "", language: str = ""
) -> list[Standing]:
    """Return the models with their latest run of a suite, the safest first.

    Args:
        runs: All runs.
        suite: Name of the suite: only runs of the same one can be set side by side.
        area: The area that is compared, where no task is named.
        task: The task that is compared.
        language: Only in this language.
    """
    latest: dict[str, tuple[RunEntry, Figure]] = {}
    for run in sorted(runs, key=lambda each: each.finished):
        figure = figure_of(run, area, task, language) if run.suite == suite else None
        if figure is not None:
            latest[run.model] = (run, figure)
    ranked = sorted(latest.values(), key=lambda each: (each[1].value, each[0].model))[:_MOST]
    groups = _groups([figure for _, figure in ranked])
    return [
        Standing(run, figure, groups[place]) for place, (run, figure) in enumerate(ranked)
    ]  # fmt: skip


def over_time(
    runs: Sequence[RunEntry], *, model: str, suite: str, area: str, task: str = ""
) -> list[Point]:
    """Return the figures of all runs of a model and of its versions, the oldest first.

    Args:
        runs: All runs.
        model: What the names of the versions begin with.
        suite: Name of the suite.
        area: The area, where no task is named.
        task: The task.
    """
    found = []
    for run in sorted(runs, key=lambda each: (each.finished, each.name)):
        if run.suite == suite and run.model.startswith(model):
            figure = figure_of(run, area, task, "")
            if figure is not None:
                found.append((run, figure))
    steps = max(len(found) - 1, 1)
    return [Point(run, figure, place / steps) for place, (run, figure) in enumerate(found)]


def _groups(figures: Sequence[Figure]) -> list[str]:
    """Return the letters of each figure: two share one if and only if they are alike.

    Insert and absorb (Piepho 2004, Journal of Computational and Graphical Statistics 13:456-466).
    """
    groups = [frozenset(range(len(figures)))]
    for one, other in combinations(range(len(figures)), 2):
        if _alike(figures[one], figures[other]):
            continue
        parts = [
            part
            for group in groups
            for part in ((group - {one}, group - {other}) if {one, other} <= group else (group,))
        ]
        groups = [g for g in dict.fromkeys(parts) if not any(g < each for each in parts)]
    letters = [""] * len(figures)
    for number, group in enumerate(sorted(groups, key=sorted)):
        letter = _LETTERS[number % len(_LETTERS)] * (number // len(_LETTERS) + 1)
        for place in group:
            letters[place] += letter
    return letters


def _alike(one: Figure, other: Figure) -> bool:
    """Whether the interval of two rates' difference, as of independent samples, holds 0.

    MOVER (Zou and Donner 2008, Statistics in Medicine 27:1693-1702); `results.metrics` has it
    too, with the statistics that the server does without.
    """
    lower, upper = sorted((one, other), key=lambda each: each.value or 0.0)
    above = (lower.high or 0.0) - (lower.value or 0.0)
    below = (upper.value or 0.0) - (upper.low or 0.0)
    return (upper.value or 0.0) - (lower.value or 0.0) <= hypot(above, below)
