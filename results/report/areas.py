"""Risk areas: the mean of their tasks' headline rates, its bounds, and the worst task beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any, Final

from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report import corrections
from tenken.results.report.figures import ends_of
from tenken.results.report.gates import raw_figure
from tenken.schema import estimate
from tenken.schema.plan import PlannedTask
from tenken.schema.record import OUTCOMES, RISKS, SampleRecord, in_order

LEAST_CLUSTERS: Final = 5
"""A task with fewer clusters says too little to stand for a part of an area: without a failure
in 4 of them its rate may be 60%."""


def areas(
    tasks: Sequence[dict[str, Any]],
    headlines: Mapping[str, Sequence[SampleRecord]],
    how: Statistics,
    planned: Sequence[PlannedTask] = (),
) -> list[dict[str, Any]]:
    """Return the figures of every risk area, measured or not.

    Args:
        tasks: The tasks as the report holds them.
        headlines: The samples of each task's headline, by the task's name.
        how: Level.
        planned: The tasks as planned, which bring the titles of areas beside the package's own.
    """
    others = in_order({task["risk"] for task in tasks} - set(RISKS))
    found = [
        _area(risk, [t for t in tasks if t["risk"] == risk], headlines, how)
        for risk in (*RISKS, *others)
    ]
    titles = {task.risk: task.area for task in planned if task.area}
    for area in found:
        if title := titles.get(area["risk"]):
            area["title"] = title.model_dump()
    return found


def _area(
    risk: str,
    tasks: Sequence[dict[str, Any]],
    headlines: Mapping[str, Sequence[SampleRecord]],
    how: Statistics,
) -> dict[str, Any]:
    """Return an area's rate: the mean of its tasks' headline rates, each of equal weight.

    The interval combines the tasks' own (method of variance estimates recovery, Zou and Donner
    2008, Statistics in Medicine 27:1693-1702): with one task it is that task's interval.
    """
    heads = [next(m for m in task["measures"] if m["headline"])["overall"] for task in tasks]
    measured = [head for head in heads if head["value"] is not None]
    few = [
        task["name"]
        for task, head in zip(tasks, heads, strict=True)
        if head["clusters"] < LEAST_CLUSTERS
    ]
    area: dict[str, Any] = {
        "risk": risk,
        "tasks": [task["name"] for task in tasks],
        "measured": bool(measured) and len(measured) == len(heads) and not few,
        "value": None,
        "low": None,
        "high": None,
        "whole_low": None,
        "whole_high": None,
        "worst": None,
        "too_few": few,
        "n": sum(head["n"] for head in measured),
        "outcomes": {name: sum(task["outcomes"][name] for task in tasks) for name in OUTCOMES},
        "complete": bool(tasks) and all(task["complete"] for task in tasks),
        "corrected": corrections.area([head["corrected"] for head in heads]),
    }
    if area["measured"]:
        area |= combined(measured)
        area |= _bounded(measured, [headlines[task["name"]] for task in tasks], how)
        area["worst"] = _worst(tasks, measured)
    return area


def combined(heads: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean of rates with its interval (MOVER); of one rate, that rate's own."""
    if len(heads) == 1:  # its own interval, to the last digit
        return {key: heads[0][key] for key in ("value", "low", "high")}
    found = estimate.mean([ends_of(head) for head in heads])
    return {name: rounded(end) for name, end in found._asdict().items()}


def _bounded(
    heads: Sequence[dict[str, Any]], records: Sequence[Sequence[SampleRecord]], how: Statistics
) -> dict[str, Any]:
    """Return the ends that hold whatever the samples without a verdict would have been."""
    ends = [raw_figure(each, how.level) for each in records]
    best, worst = (sum(head[side] for head in heads) / len(heads) for side in ("best", "worst"))
    down = _reach([h["best"] - (e.low or 0.0) for h, e in zip(heads, ends, strict=True)])
    up = _reach([(e.high or 0.0) - h["worst"] for h, e in zip(heads, ends, strict=True)])
    return {
        "whole_low": rounded(max(0.0, best - down)),
        "whole_high": rounded(min(1.0, worst + up)),
    }


def _reach(distances: Sequence[float]) -> float:
    return sqrt(sum(each**2 for each in distances)) / len(distances)


def _worst(
    tasks: Sequence[Mapping[str, Any]], heads: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the task with the highest rate: a mean hides it."""
    task, head = max(zip(tasks, heads, strict=True), key=lambda pair: pair[1]["value"])
    return {"task": task["name"], **{key: head[key] for key in ("value", "low", "high")}}
