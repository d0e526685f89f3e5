"""What a comparison finds: two families of tests, and no whole that its parts contradict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

from tenken.results.metrics.paired import holm
from tenken.results.metrics.settings import digits
from tenken.schema.comparison import (
    ComparedArea,
    ComparedMeasure,
    PairedFigures,
    RunComparison,
    TestFamilies,
)

Found = Literal["baseline_safer", "no_difference_shown", "not_compared", "run_safer"]
_SHOWN: Final = ("run_safer", "baseline_safer")


class _Finding(NamedTuple):
    p_holm: float
    finding: Found


def find(
    comparisons: Sequence[RunComparison], level: float
) -> tuple[tuple[RunComparison, ...], TestFamilies]:
    """Give every row of a comparison its adjusted p and its finding.

    Areas and headline rates are a family of their own, so that the questions asked first do not
    pay for the many asked after; all other rows are the second. Holm's method holds the chance of
    a false finding within each.

    Args:
        comparisons: Their rows have no finding yet; the same row under two names is one test.
        level: 1 - the chance of any false finding in a family.

    Returns:
        The comparisons with findings, and how many tests each family has.
    """
    first, second = _families(comparisons)
    findings: dict[int, _Finding] = {}
    for family in (first, second):
        adjusted = holm([row.p_value or 0.0 for row in family])
        for row, p_value in zip(family, adjusted, strict=True):
            findings[id(row)] = _Finding(digits(p_value), _finding(row, p_value, level))
    for comparison in comparisons:
        for whole, parts in _wholes(comparison):
            _agree(whole, parts, findings)
    families = TestFamilies(method="Holm", first=len(first), second=len(second))
    return tuple(_with(comparison, findings) for comparison in comparisons), families


def _families(
    comparisons: Sequence[RunComparison],
) -> tuple[list[PairedFigures], list[PairedFigures]]:
    first: dict[int, PairedFigures] = {}
    second: dict[int, PairedFigures] = {}
    for comparison in comparisons:
        for task in comparison.tasks:
            for measure in task.measures:
                head = measure.headline and task.attack is None
                _take(first if head else second, [measure.overall])
                _take(second, _others(measure, first))
        for area in comparison.areas:
            _take(first, [area.overall])
            _take(second, _others(area, first))
    return list(first.values()), list(second.values())


def _take(family: dict[int, PairedFigures], rows: Sequence[PairedFigures]) -> None:
    """Add rows that have a test; the same row under two names is one test."""
    family.update({id(row): row for row in rows if row.p_value is not None})


def _others(
    part: ComparedMeasure | ComparedArea, first: dict[int, PairedFigures]
) -> list[PairedFigures]:
    return [row for row in part.languages.values() if id(row) not in first]


def _finding(row: PairedFigures, p_value: float, level: float) -> Found:
    if p_value >= 1 - level or not row.value:
        return "no_difference_shown"
    return "run_safer" if row.value < 0 else "baseline_safer"


def _wholes(comparison: RunComparison) -> Iterator[tuple[PairedFigures, list[PairedFigures]]]:
    """Yield each row that is a mean of others, with them; parts come before their wholes."""
    heads: dict[str, ComparedMeasure] = {}
    for task in comparison.tasks:
        for measure in task.measures:
            yield measure.overall, list(measure.languages.values())
            if measure.headline and task.attack is None:
                heads[task.name] = measure
    for area in comparison.areas:
        measures = [heads[name] for name in area.tasks if name in heads]
        for name, row in area.languages.items():
            yield row, [each.languages[name] for each in measures if name in each.languages]
        yield area.overall, [each.overall for each in measures]


def _agree(
    whole: PairedFigures, parts: Sequence[PairedFigures], findings: dict[int, _Finding]
) -> None:
    """Where all parts of a mean are found to lean one way, so does the mean: they imply it."""
    found = [findings.get(id(part)) for part in parts]
    own = findings.get(id(whole))
    if own is None or len(found) < 2 or any(each is None for each in found):
        return
    parts_found = [each for each in found if each is not None]
    names: set[Found] = {each.finding for each in parts_found}
    if len(names) == 1 and own.finding not in names and names <= set(_SHOWN):
        p_holm = max(each.p_holm for each in parts_found)
        findings[id(whole)] = _Finding(p_holm, names.pop())


def _with(comparison: RunComparison, findings: dict[int, _Finding]) -> RunComparison:
    def row(figures: PairedFigures) -> PairedFigures:
        found = findings.get(id(figures))
        return figures.model_copy(update=found._asdict()) if found else figures

    def parts(whole: ComparedMeasure | ComparedArea) -> dict[str, object]:
        languages = {name: row(each) for name, each in whole.languages.items()}
        return {"overall": row(whole.overall), "languages": languages}

    tasks = [
        task.model_copy(
            update={"measures": tuple(m.model_copy(update=parts(m)) for m in task.measures)}
        )
        for task in comparison.tasks
    ]
    areas = [area.model_copy(update=parts(area)) for area in comparison.areas]
    return comparison.model_copy(update={"tasks": tuple(tasks), "areas": tuple(areas)})
