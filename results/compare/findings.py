"""What a comparison finds: two families of tests, and no whole that its parts contradict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tenken.results.metrics.paired import holm
from tenken.results.metrics.settings import rounded

_SHOWN: Final = ("run_safer", "baseline_safer")


def find(comparisons: Sequence[Mapping[str, Any]], level: float) -> dict[str, Any]:
    """Write the adjusted p and the finding into every row of a comparison.

    Areas and headline rates are a family of their own, so that the questions asked first do not
    pay for the many asked after; all other rows are the second. Holm's method holds the chance of
    a false finding within each.

    Args:
        comparisons: As a comparison holds them; their rows are written to.
        level: 1 - the chance of any false finding in a family.

    Returns:
        `method`, and how many tests are in the `first` and the `second` family.
    """
    first, second = _families(comparisons)
    for family in (first, second):
        adjusted = holm([row["p_value"] for row in family])
        for row, p_value in zip(family, adjusted, strict=True):
            row["p_holm"] = rounded(p_value)
            row["finding"] = _finding(row, p_value, level)
    for comparison in comparisons:
        for whole, parts in _wholes(comparison):
            _agree(whole, parts)
    return {"method": "Holm", "first": len(first), "second": len(second)}


def _families(
    comparisons: Sequence[Mapping[str, Any]],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    first: dict[int, dict[str, Any]] = {}
    second: dict[int, dict[str, Any]] = {}
    for comparison in comparisons:
        for task in comparison["tasks"]:
            for measure in task["measures"]:
                head = measure["headline"] and task["attack"] is None
                _take(first if head else second, [measure["overall"]])
                _take(second, _others(measure, first))
        for area in comparison["areas"]:
            _take(first, [area["overall"]])
            _take(second, _others(area, first))
    return list(first.values()), list(second.values())


def _take(family: dict[int, dict[str, Any]], rows: Sequence[dict[str, Any]]) -> None:
    """Add rows that have a test; the same row under two names is one test."""
    family.update({id(row): row for row in rows if row["p_value"] is not None})


def _others(part: Mapping[str, Any], first: Mapping[int, dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in part["languages"].values() if id(row) not in first]


def _finding(row: Mapping[str, Any], p_value: float, level: float) -> str:
    if p_value >= 1 - level or row["value"] == 0:
        return "no_difference_shown"
    return "run_safer" if row["value"] < 0 else "baseline_safer"


def _wholes(
    comparison: Mapping[str, Any],
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield each row that is a mean of others, with them; parts come before their wholes."""
    heads: dict[str, Any] = {}
    for task in comparison["tasks"]:
        for measure in task["measures"]:
            yield measure["overall"], list(measure["languages"].values())
            if measure["headline"] and task["attack"] is None:
                heads[task["name"]] = measure
    for area in comparison["areas"]:
        measures = [heads[name] for name in area["tasks"] if name in heads]
        for name, row in area["languages"].items():
            yield row, [each["languages"][name] for each in measures if name in each["languages"]]
        yield area["overall"], [each["overall"] for each in measures]


def _agree(whole: dict[str, Any], parts: Sequence[dict[str, Any]]) -> None:
    """Where all parts of a mean are found to lean one way, so does the mean: they imply it."""
    findings = {part["finding"] for part in parts}
    if len(parts) < 2 or len(findings) != 1 or whole["p_holm"] is None:
        return
    finding = findings.pop()
    if finding in _SHOWN and whole["finding"] != finding:
        whole["finding"] = finding
        whole["p_holm"] = max(part["p_holm"] for part in parts)
