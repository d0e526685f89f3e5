"""Charts as SVG: rates and differences with intervals, outcomes, and bias scores."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from tenken.results.pages.sheet import INK, LIMIT, WIDTH, Chart, Sheet, fitting
from tenken.results.pages.words import Words
from tenken.schema.comparison import ComparedMeasure, ComparedTask, RunComparison
from tenken.schema.estimate import Difference, Interval, Scale
from tenken.schema.figures import Bias, GroupFigure, parts
from tenken.schema.record import Outcome
from tenken.schema.report import Report, TaskResult

_MUTED, _GRID = "#56616d", "#dde2e7"
_BLUE, _ORANGE = "#1d6fa5", "#b4531a"
_SHOWN: Final[tuple[Outcome, ...]] = ("scored", "blocked", "unscored", "errored")
_OUTCOME_COLOURS: Final = dict(zip(_SHOWN, ("#2c6e9b", "#87929d", "#dba63c", LIMIT), strict=True))
_LEFT, _RIGHT, _VALUES = 84.0, 318.0, 330.0  # where scales begin and end, and figures begin
_ROW, _GAP = 19.0, 16.0
_UNIT, _BALANCE = (0.0, 1.0), (-1.0, 1.0)


def forest(report: Report, words: Words) -> Chart:
    """Draw each task's headline rate, overall and by language, with intervals and thresholds.

    Args:
        report: The report; gates without units of their own are drawn as dashed thresholds.
        words: The words of the reader's language.
    """
    sheet, y, spoken = Sheet(), _GAP, []
    for task in report.tasks:
        measure = task.headline
        here = task.name, measure.key
        scale = measure.scaled.scale if measure.scaled else None
        gates = [
            gate
            for gate in report.gates
            if (gate.task, gate.measure) == here and not (gate.units and gate.units.metric)
        ]
        limits = "  ".join(map(words.threshold, gates))
        sheet.heading(0, y, fitting(words.own(task.title), 52))
        sheet.text(WIDTH, y, limits, LIMIT, "right")
        rows = parts(measure.overall, measure.languages)
        top = y + _GAP - 6
        _scale(sheet, top, top + _ROW * len(rows), _UNIT)
        for place, (name, figure) in enumerate(rows.items()):
            middle = top + _ROW * (place + 0.5)
            _interval(sheet, middle, figure, _UNIT, *_LOOKS.get(name, _OTHER))
            sheet.text(12, middle, _who(name, words), _MUTED)
            sheet.text(_VALUES, middle, words.rate(figure, scale), INK if figure.n else _MUTED)
            for gate in gates:
                if gate.language in (None, name):
                    sheet.limit(_across(gate.max, _UNIT), middle - _ROW / 2, middle + _ROW / 2)
        spoken.append(_alt(task, rows, words, scale))
        y = top + _ROW * len(rows) + _GAP
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        mark = f"{value:.0%}"
        sheet.text(_across(value, _UNIT), y - 6, mark, _MUTED, "center")
    return _chart(sheet, y + 6, words("forest_alt", figures=words("alt_sep").join(spoken)))


def severities(report: Report, words: Words) -> Chart | None:
    """Draw the headline rates at each severity of what was asked, and weighted by it.

    Args:
        report: The report.
        words: The words of the reader's language.

    Returns:
        None where no task's items are tagged by severity.
    """
    sheet, y, spoken = Sheet(), _GAP, []
    for task in report.tasks:
        tiers = [each for each in task.headline.groups if each.tag == "severity"]
        if not tiers:
            continue
        rows: list[tuple[str, Interval]] = [
            (words.term("severity", each.tag_value), each) for each in tiers
        ]
        if (weighted := task.headline.severity_weighted) is not None:
            rows.append((words("severity_whole"), weighted))
        sheet.heading(0, y, fitting(words.own(task.title), 52))
        top = y + _GAP - 6
        _scale(sheet, top, top + _ROW * len(rows), _UNIT)
        said = []
        for place, (name, figure) in enumerate(rows):
            middle = top + _ROW * (place + 0.5)
            tier = isinstance(figure, GroupFigure)
            shown = words.rate(figure)
            _interval(sheet, middle, figure, _UNIT, *_LOOKS["en" if tier else "overall"])
            sheet.text(12, middle, name, _MUTED)
            sheet.text(_VALUES, middle, shown, _MUTED if figure.value is None else INK)
            said.append(words("alt_figure", name=name, value=shown))
        title = words.own(task.title)
        spoken.append(words("alt_task", task=title, figures=words("alt_join").join(said)))
        y = top + _ROW * len(rows) + _GAP
    if not spoken:
        return None
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        sheet.text(_across(value, _UNIT), y - 6, f"{value:.0%}", _MUTED, "center")
    return _chart(sheet, y + 6, words("severity_alt", figures=words("alt_sep").join(spoken)))


_OTHER: Final = (_MUTED, "triangle")
"""Of languages beside English and Japanese."""
_LOOKS: Final = {
    "overall": (INK, "square"),
    "en": (_BLUE, "circle"),
    "ja": (_ORANGE, "diamond"),
    "bias_ambiguous": (_BLUE, "circle"),
    "bias_disambiguated": (_ORANGE, "diamond"),
}


def outcome_bars(report: Report, words: Words) -> Chart:
    """Draw what share of each task's samples had which outcome.

    Args:
        report: The report.
        words: The words of the reader's language.
    """
    sheet, y, spoken = Sheet(), _GAP, []
    for task in report.tasks:
        counts, total = task.outcomes, sum(task.outcomes.values())
        sheet.heading(0, y, fitting(words.own(task.title), 52))
        sheet.text(WIDTH, y, words("sample_count", n=words.count(total)), _MUTED, "right")
        y += _GAP
        _stack(sheet, y - 5, counts, total)
        y += _GAP + 8
        said = _legend(sheet, y, counts, words)
        spoken.append(words("alt_task", task=words.own(task.title), figures=said))
        y += _GAP + 11
    return _chart(sheet, y - 16, words("bars_alt", figures=words("alt_sep").join(spoken)))


def bias_axes(bias: Bias, words: Words) -> Chart:
    """Draw both bias scores of all samples and of each axis, with intervals.

    Args:
        bias: The bias scores of a task, in [-1, 1].
        words: The words of the reader's language.
    """
    sheet, y, spoken = Sheet(), 12.0, []
    parts = {words("overall"): bias.overall}
    parts |= {words.term("axis", name): block for name, block in bias.axes.items()}
    sheet.text(_LEFT + 14, y, words("bias_against"), _MUTED)
    sheet.text(_RIGHT, y, words("bias_with"), _MUTED, "right")
    for name, block in parts.items():
        y += _GAP + 1
        sheet.heading(0, y, name)
        _scale(sheet, y + 8, y + 8 + 2 * _ROW, _BALANCE)
        said = []
        scores = {
            "bias_ambiguous": block.bias_ambiguous,
            "bias_disambiguated": block.bias_disambiguated,
        }
        for place, (key, score) in enumerate(scores.items()):
            middle = y + 8 + _ROW * (place + 0.5)
            _interval(sheet, middle, score, _BALANCE, *_LOOKS[key])
            sheet.text(12, middle, words(key), _MUTED)
            sheet.text(_VALUES, middle, words.score(score))
            said.append(words("alt_figure", name=words(key), value=words.score(score)))
        spoken.append(words("alt_task", task=name, figures=words("alt_join").join(said)))
        y += 8 + 2 * _ROW
    for value, mark in ((-1.0, "−1"), (0.0, "0"), (1.0, "+1")):
        sheet.text(_across(value, _BALANCE), y + 11, mark, _MUTED, "center")
    return _chart(sheet, y + 22, words("bias_alt", figures=words("alt_sep").join(spoken)))


def _is_exploratory(figure: Difference) -> bool:
    """Whether a figure is there that no label of the runs themselves corrects."""
    return figure.value is not None and getattr(figure, "basis", None) != "labels"


def differences(comparison: RunComparison, words: Words, *, corrected: bool) -> Chart:
    """Draw the paired difference of each task's headline rate; below 0 the run is safer.

    Raw and corrected differences are two charts: a mark is never one or the other.

    Args:
        comparison: A run against the baseline; differences are in [-1, 1].
        words: The words of the reader's language.
        corrected: Whether to draw the corrected differences in place of the raw ones.
    """
    tasks = list(plain_headlines(comparison))
    drawn: list[dict[str, Difference]] = [
        {
            name: part.corrected if corrected else part
            for name, part in parts(head.overall, head.languages).items()
        }
        for _, head in tasks
    ]
    ends = _reach(figure for rows in drawn for figure in rows.values())
    sheet, y, spoken = Sheet(), 12.0, []
    sheet.text(_LEFT, y, words("is_safer", letter=comparison.run), _MUTED)
    sheet.text(_RIGHT, y, words("is_safer", letter=comparison.baseline), _MUTED, "right")
    for (task, head), rows in zip(tasks, drawn, strict=True):
        y += _GAP + 4
        marked = corrected and any(map(_is_exploratory, rows.values()))
        sheet.heading(0, y, fitting(words.own(task.title), 46 if marked else 62))
        if marked:
            sheet.text(WIDTH, y, words("exploratory"), LIMIT, "right")
        top = y + _GAP - 6
        _scale(sheet, top, top + _ROW * len(rows), ends)
        sheet.rule(_across(0.0, ends), top, _across(0.0, ends), top + _ROW * len(rows), "#9aa4ae")
        said = []
        for place, (name, figure) in enumerate(rows.items()):
            middle = top + _ROW * (place + 0.5)
            _interval(sheet, middle, figure, ends, *_LOOKS.get(name, _OTHER))
            value = words.points_only(figure, head.scale)
            sheet.text(12, middle, _who(name, words), _MUTED)
            sheet.text(_VALUES, middle, value, _MUTED if figure.value is None else INK)
            if corrected and _is_exploratory(figure):
                value = words("exploratory_value", value=value)
            said.append(words("alt_figure", name=_who(name, words), value=value))
        title = words.own(task.title)
        spoken.append(words("alt_task", task=title, figures=words("alt_join").join(said)))
        y = top + _ROW * len(rows)
    for at in (ends[0], 0.0, ends[1]):
        sheet.text(_across(at, ends), y + 11, words.points_mark(at), _MUTED, "center")
    return _chart(sheet, y + 22, words("differences_alt", figures=words("alt_sep").join(spoken)))


def plain_headlines(
    comparison: RunComparison,
) -> Iterator[tuple[ComparedTask, ComparedMeasure]]:
    """Yield each task that was compared under no attack, with its headline measure."""
    for task in comparison.tasks:
        for measure in task.measures:
            if measure.headline and task.attack is None:
                yield task, measure


def _reach(figures: Iterable[Interval]) -> tuple[float, float]:
    """Return the ends of a scale around 0 that holds every interval."""
    ends = [abs(end or 0.0) for figure in figures if figure.value is not None
            for end in (figure.low, figure.high)]  # fmt: skip
    most = max(ends, default=1.0)
    reach = next(each for each in (0.1, 0.25, 0.5, 1.0) if most <= each or each == 1.0)
    return -reach, reach


def _chart(sheet: Sheet, height: float, alt: str) -> Chart:
    return Chart(sheet.svg(round(height)), round(height), alt)


def _across(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)


def _scale(sheet: Sheet, top: float, bottom: float, ends: tuple[float, float]) -> None:
    for quarter in range(5):
        x = _LEFT + (_RIGHT - _LEFT) * quarter / 4
        middle = ends == _BALANCE and quarter == 2
        sheet.rule(x, top, x, bottom, "#9aa4ae" if middle else _GRID)


def _interval(
    sheet: Sheet, y: float, figure: Interval, ends: tuple[float, float],
    colour: str, shape: str,
) -> None:  # fmt: skip
    if figure.value is None:
        return
    if figure.low is not None and figure.high is not None:
        sheet.rule(_across(figure.low, ends), y, _across(figure.high, ends), y, colour, 2)
    sheet.point(_across(figure.value, ends), y, colour, shape)


def _stack(sheet: Sheet, y: float, counts: Mapping[Outcome, int], total: int) -> None:
    x = 0.0
    for outcome in _SHOWN:
        if counts[outcome]:
            end = x + WIDTH * counts[outcome] / total
            sheet.box(x, y, max(end - 1.5, x + 1), y + 16, _OUTCOME_COLOURS[outcome])
            x = end
    if not total:
        sheet.box(0, y, WIDTH, y + 16, _GRID)


def _legend(sheet: Sheet, y: float, counts: Mapping[Outcome, int], words: Words) -> str:
    """Write the counts below a bar, each beside its colour; return them as words."""
    said = []
    for place, outcome in enumerate(_SHOWN):
        x = WIDTH * place / len(_SHOWN)
        name, n = words.term("outcome", outcome), words.count(counts[outcome])
        words_of = words("outcome_count", outcome=name, n=n)
        sheet.box(x, y - 5, x + 10, y + 5, _OUTCOME_COLOURS[outcome])
        sheet.text(x + 15, y, words_of, INK if counts[outcome] else _MUTED)
        said.append(words_of)
    return words("alt_join").join(said)


def _who(name: str, words: Words) -> str:
    return words("overall") if name == "overall" else words.term("language", name)


def _alt(task: TaskResult, rows: Mapping[str, Interval], words: Words, scale: Scale | None) -> str:
    said = [
        words("alt_figure", name=_who(name, words), value=words.rate(figure, scale))
        for name, figure in rows.items()
    ]
    title = words.own(task.title)
    return words("alt_task", task=title, figures=words("alt_join").join(said))
