"""The report's charts as SVG: rates with intervals, outcomes, and bias scores.

Everything is placed in pixels (no axis, legend or size that a font's metrics decide), so that the
same figures give the same bytes whatever fonts the machine has.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any, Final

from tenken.results.wording import Words, visible

WIDTH: Final = 480
FONTS: Final = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, Meiryo, sans-serif"
_INK, _MUTED, _GRID, _LIMIT = "#1f2933", "#56616d", "#dde2e7", "#a4373a"
_BLUE, _ORANGE = "#1d6fa5", "#b4531a"
_SHOWN: Final = ("scored", "blocked", "unscored", "errored")
_OUTCOME_COLOURS: Final = dict(zip(_SHOWN, ("#2c6e9b", "#87929d", "#dba63c", _LIMIT), strict=True))
_LEFT, _RIGHT, _VALUES = 84.0, 318.0, 330.0  # where scales begin and end, and figures begin
_ROW, _GAP = 19.0, 16.0
_LOOKS_OF_TEXT: Final = ("left", "right", "center", "heading")
_UNIT, _BALANCE = (0.0, 1.0), (-1.0, 1.0)


@dataclass(frozen=True)
class Chart:
    """A finished picture: SVG text, its size in pixels, and what it shows in words."""

    svg: str
    height: int
    alt: str
    width: int = WIDTH


@dataclass
class _Sheet:
    """Marks with their places in pixels; what is drawn alike is one layer, to be quick."""

    boxes: list[dict[str, Any]] = field(default_factory=list)
    rules: list[dict[str, Any]] = field(default_factory=list)
    limits: list[dict[str, Any]] = field(default_factory=list)
    points: list[dict[str, Any]] = field(default_factory=list)
    texts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def box(self, x: float, y: float, x2: float, y2: float, colour: str) -> None:
        self.boxes.append({"x": x, "y": y, "x2": x2, "y2": y2, "c": colour})

    def rule(self, x: float, y: float, x2: float, y2: float, colour: str, width: float = 1) -> None:
        self.rules.append({"x": x, "y": y, "x2": x2, "y2": y2, "c": colour, "w": width})

    def limit(self, x: float, y: float, y2: float) -> None:
        self.limits.append({"x": x, "y": y, "x2": x, "y2": y2, "c": _LIMIT, "w": 1.5})

    def point(self, x: float, y: float, colour: str, shape: str) -> None:
        self.points.append({"x": x, "y": y, "c": colour, "h": shape})

    def text(self, x: float, y: float, words: str, colour: str = _INK, align: str = "left") -> None:
        self.texts.setdefault(align, []).append({"x": x, "y": y, "t": words, "c": colour})

    def heading(self, x: float, y: float, words: str) -> None:
        self.texts.setdefault("heading", []).append({"x": x, "y": y, "t": words, "c": _INK})

    def svg(self, height: int) -> str:
        """Draw the sheet; the data lie in the chart and every address is barred.

        The renderer sets marks, not words: it would measure each with the fonts of this machine,
        which takes milliseconds a word. It sets numbered blanks, which are filled in afterwards.
        """
        import vl_convert

        words: list[str] = []
        data = {"boxes": self.boxes, "rules": self.rules}
        data |= {"limits": self.limits, "points": self.points}
        for look in _LOOKS_OF_TEXT:
            data[look] = [_blank(row, words) for row in self.texts.get(look, ())]
        chart = {**_specification(), "height": height, "datasets": data}
        drawn = vl_convert.vegalite_to_svg(chart, allowed_base_urls=[])
        filled = re.sub(
            r">blank(\d+)<", lambda found: f">{escape(visible(words[int(found[1])]))}<", drawn
        )
        return filled.replace('font-family="blank"', f'font-family="{FONTS}"')


def _blank(row: dict[str, Any], words: list[str]) -> dict[str, Any]:
    words.append(row["t"])
    return {**row, "t": f"blank{len(words) - 1}"}


@cache
def _specification() -> dict[str, Any]:
    """Build what all charts share, once: layers over named data, all in pixels."""
    import altair as alt

    full = alt.ExprRef("height")
    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, WIDTH], range=[0, WIDTH]))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[0, full], range=[0, full]))
    colour = alt.Color("c:N", scale=None)
    width = alt.StrokeWidth("w:Q", scale=None)

    def chart(name: str, **more: Any) -> alt.Chart:
        return alt.Chart(alt.NamedData(name=name)).encode(x=x, y=y, color=colour, **more)

    ends = {"x2": "x2", "y2": "y2"}
    layers = [
        chart("boxes", **ends).mark_rect(),
        chart("rules", strokeWidth=width, **ends).mark_rule(),
        chart("limits", strokeWidth=width, **ends).mark_rule(strokeDash=[4, 3]),
        chart("points", shape=alt.Shape("h:N", scale=None)).mark_point(
            filled=True, size=62, opacity=1
        ),
    ]
    for look in _LOOKS_OF_TEXT:
        weight, align = ("bold", "left") if look == "heading" else ("normal", look)
        style = {"fontSize": 12, "fontWeight": weight, "align": align, "baseline": "middle"}
        layers.append(chart(look, text="t:N").mark_text(**style))
    whole = alt.layer(*layers).properties(
        width=WIDTH, padding=0, autosize=alt.AutoSizeParams(type="none")
    )
    whole = whole.configure(font="blank", background="white", aria=False, view={"stroke": None})
    return dict(whole.to_dict(validate=False))


def forest(report: Mapping[str, Any], words: Words) -> Chart:
    """Draw each task's headline rate, overall and by language, with intervals and thresholds."""
    sheet, y, told = _Sheet(), _GAP, []
    for task in report["tasks"]:
        measure = next(each for each in task["measures"] if each["headline"])
        here = task["name"], measure["key"]
        gates = [gate for gate in report["gates"] if (gate["task"], gate["measure"]) == here]
        limits = "  ".join(words("at_most", value=words.percent(gate["max"])) for gate in gates)
        sheet.heading(0, y, fitting(words.own(task["title"]), 52))
        sheet.text(WIDTH, y, limits, _LIMIT, "right")
        rows = {"overall": measure["overall"], **measure["languages"]}
        top = y + _GAP - 6
        _scale(sheet, top, top + _ROW * len(rows), _UNIT)
        for place, (name, figure) in enumerate(rows.items()):
            middle = top + _ROW * (place + 0.5)
            _interval(sheet, middle, figure, _UNIT, *_LOOKS[name])
            sheet.text(12, middle, _who(name, words), _MUTED)
            sheet.text(_VALUES, middle, words.rate(figure), _INK if figure["n"] else _MUTED)
            for gate in gates:
                if gate["language"] in (None, name):
                    sheet.limit(_across(gate["max"], _UNIT), middle - _ROW / 2, middle + _ROW / 2)
        told.append(_told(task, rows, words))
        y = top + _ROW * len(rows) + _GAP
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        mark = f"{value:.0%}"
        sheet.text(_across(value, _UNIT), y - 6, mark, _MUTED, "center")
    return _chart(sheet, y + 6, words("forest_alt", figures=words("alt_sep").join(told)))


_LOOKS: Final = {
    "overall": (_INK, "square"),
    "en": (_BLUE, "circle"),
    "ja": (_ORANGE, "diamond"),
    "bias_ambiguous": (_BLUE, "circle"),
    "bias_disambiguated": (_ORANGE, "diamond"),
}


def outcome_bars(report: Mapping[str, Any], words: Words) -> Chart:
    """Draw what share of each task's samples came to which outcome."""
    sheet, y, told = _Sheet(), _GAP, []
    for task in report["tasks"]:
        counts, total = task["outcomes"], sum(task["outcomes"].values())
        sheet.heading(0, y, fitting(words.own(task["title"]), 52))
        sheet.text(WIDTH, y, words("sample_count", n=words.count(total)), _MUTED, "right")
        y += _GAP
        _stack(sheet, y - 5, counts, total)
        y += _GAP + 8
        said = _legend(sheet, y, counts, words)
        told.append(words("alt_task", task=words.own(task["title"]), figures=said))
        y += _GAP + 11
    return _chart(sheet, y - 16, words("bars_alt", figures=words("alt_sep").join(told)))


def bias_axes(bias: Mapping[str, Any], words: Words) -> Chart:
    """Draw both bias scores of all samples and of each axis, with intervals."""
    sheet, y, told = _Sheet(), 12.0, []
    parts = {words("overall"): bias["overall"]}
    parts |= {words.term("axis", name): block for name, block in bias["axes"].items() if block}
    sheet.text(_LEFT + 14, y, words("bias_against"), _MUTED)
    sheet.text(_RIGHT, y, words("bias_with"), _MUTED, "right")
    for name, block in parts.items():
        y += _GAP + 1
        sheet.heading(0, y, name)
        _scale(sheet, y + 8, y + 8 + 2 * _ROW, _BALANCE)
        said = []
        for place, key in enumerate(("bias_ambiguous", "bias_disambiguated")):
            middle = y + 8 + _ROW * (place + 0.5)
            _interval(sheet, middle, block[key], _BALANCE, *_LOOKS[key])
            sheet.text(12, middle, words(key), _MUTED)
            sheet.text(_VALUES, middle, words.score(block[key]))
            said.append(words("alt_figure", name=words(key), value=words.score(block[key])))
        told.append(words("alt_task", task=name, figures=words("alt_join").join(said)))
        y += 8 + 2 * _ROW
    for value, mark in ((-1.0, "−1"), (0.0, "0"), (1.0, "+1")):
        sheet.text(_across(value, _BALANCE), y + 11, mark, _MUTED, "center")
    return _chart(sheet, y + 22, words("bias_alt", figures=words("alt_sep").join(told)))


def fitting(text: str, columns: int) -> str:
    """Return the text cut with an ellipsis to that many columns; a wide character takes two."""
    room = columns
    for place, letter in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(letter) in "FW" else 1
        if room < 0:
            return text[: max(place - 1, 0)] + "…"
    return text


def _chart(sheet: _Sheet, height: float, alt: str) -> Chart:
    return Chart(sheet.svg(round(height)), round(height), alt)


def _across(value: float, ends: tuple[float, float]) -> float:
    low, high = ends
    return _LEFT + (_RIGHT - _LEFT) * (value - low) / (high - low)


def _scale(sheet: _Sheet, top: float, bottom: float, ends: tuple[float, float]) -> None:
    for quarter in range(5):
        x = _LEFT + (_RIGHT - _LEFT) * quarter / 4
        middle = ends == _BALANCE and quarter == 2
        sheet.rule(x, top, x, bottom, "#9aa4ae" if middle else _GRID)


def _interval(
    sheet: _Sheet, y: float, figure: Mapping[str, Any], ends: tuple[float, float],
    colour: str, shape: str,
) -> None:  # fmt: skip
    if figure["value"] is None:
        return
    if figure["low"] is not None:
        low, high = (_across(figure[end], ends) for end in ("low", "high"))
        sheet.rule(low, y, high, y, colour, 2)
    sheet.point(_across(figure["value"], ends), y, colour, shape)


def _stack(sheet: _Sheet, y: float, counts: Mapping[str, int], total: int) -> None:
    x = 0.0
    for outcome in _SHOWN:
        if counts[outcome]:
            end = x + WIDTH * counts[outcome] / total
            sheet.box(x, y, max(end - 1.5, x + 1), y + 16, _OUTCOME_COLOURS[outcome])
            x = end
    if not total:
        sheet.box(0, y, WIDTH, y + 16, _GRID)


def _legend(sheet: _Sheet, y: float, counts: Mapping[str, int], words: Words) -> str:
    """Write the counts below a bar, each beside its colour; return them as words."""
    said = []
    for place, outcome in enumerate(_SHOWN):
        x = WIDTH * place / len(_SHOWN)
        name, n = words.term("outcome", outcome), words.count(counts[outcome])
        words_of = words("outcome_count", outcome=name, n=n)
        sheet.box(x, y - 5, x + 10, y + 5, _OUTCOME_COLOURS[outcome])
        sheet.text(x + 15, y, words_of, _INK if counts[outcome] else _MUTED)
        said.append(words_of)
    return words("alt_join").join(said)


def _who(name: str, words: Words) -> str:
    return words("overall") if name == "overall" else words.term("language", name)


def _told(task: Mapping[str, Any], rows: Mapping[str, Any], words: Words) -> str:
    said = [
        words("alt_figure", name=_who(name, words), value=words.rate(figure))
        for name, figure in rows.items()
    ]
    title = words.own(task["title"])
    return words("alt_task", task=title, figures=words("alt_join").join(said))
