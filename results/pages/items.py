"""A page on the items of tasks: each as a dot, what they tell together, and which are suspect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, LiteralString, Protocol

import numpy as np
from markupsafe import Markup

from tenken.errors import Sentence
from tenken.results.metrics.irt import Items
from tenken.results.metrics.items import ItemFigures, Reliability
from tenken.results.pages.environment import TEMPLATES, csp_sha256, page_environment
from tenken.results.pages.sheet import WIDTH, Chart, Sheet
from tenken.results.pages.words import Words
from tenken.terms.sentences import sentence_in

_STYLES: Final = ("report.css", "compare.css")
_INK, _GRID, _BLUE, _RED = "#56616d", "#dde2e7", "#1d6fa5", "#a4373a"
_LEFT, _RIGHT, _TOP, _BOTTOM = 60.0, 460.0, 16.0, 196.0
_HEIGHT: Final = 232
_STANDINGS: Final = (-4.0, 4.0)


class Constant(Protocol):
    """What answering without reading comes to."""

    @property
    def name(self) -> LiteralString:
        """What is always done."""
        ...

    @property
    def language(self) -> str:
        """Of the samples."""
        ...

    @property
    def rate(self) -> float:
        """The headline's rate under it."""
        ...

    @property
    def chance(self) -> float:
        """The rate of one who draws lots."""
        ...


class TaskPage(Protocol):
    """What the page shows of a task; see `metrics.items` and `metrics.irt` for the figures."""

    @property
    def task(self) -> str:
        """Full name."""
        ...

    @property
    def measure(self) -> str:
        """Key of its headline."""
        ...

    @property
    def answerers(self) -> int:
        """Models and epochs behind the figures."""
        ...

    @property
    def items(self) -> Mapping[str, ItemFigures]:
        """By sample's id."""
        ...

    @property
    def reliability(self) -> Reliability:
        """Of all items together."""
        ...

    @property
    def model(self) -> Items | None:
        """The two-parameter model; None with fewer than eight runs."""
        ...

    @property
    def dif(self) -> Mapping[str, float]:
        """By pair's id, p of a difference between languages."""
        ...

    @property
    def constants(self) -> Sequence[Constant]:
        """What needs no run."""
        ...


def render_items(tasks: Sequence[TaskPage], runs: int, language: str) -> bytes:
    """Return the page; the same figures give the same bytes.

    Args:
        tasks: The tasks.
        runs: How many runs they are over.
        language: Language of the page, `en` or `ja`.
    """
    words = Words("ja" if language == "ja" else "en")
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES)
    page = (
        page_environment()
        .get_template("items.html")
        .render(
            w=words,
            said=lambda name: sentence_in(words.language, Sentence(name)),
            tasks=tasks,
            runs=runs,
            charts=[(dots(task, words), information(task, words)) for task in tasks],
            style=Markup(style),  # noqa: S704 - our own files
            style_sha256=csp_sha256(style),
        )
    )
    return page.lstrip().encode()


def dots(task: TaskPage, words: Words) -> Chart:
    """Draw each item: facility across, discrimination up; flagged ones as red triangles.

    Args:
        task: The figures of a task's items; those without a facility are not drawn.
        words: The words of the reader's language.

    Returns:
        Facility in [0, 1] across, discrimination in [-1, 1] up.
    """
    sheet = _axes(words("it_facility"), words("it_discrimination"), (0, 1), (-1, 1))
    shown = [each for each in task.items.values() if each.facility is not None]
    for each in shown:
        x = _LEFT + (each.facility or 0.0) * (_RIGHT - _LEFT)
        y = _BOTTOM - ((each.discrimination or 0.0) + 1) / 2 * (_BOTTOM - _TOP)
        suspect = bool(each.flags)
        sheet.point(x, y, _RED if suspect else _BLUE, "triangle" if suspect else "circle")
    flagged = sum(bool(each.flags) for each in shown)
    alt = words("it_dots_alt", task=task.task, n=len(shown), flagged=flagged)
    return Chart(sheet.svg(_HEIGHT), _HEIGHT, alt)


def information(task: TaskPage, words: Words) -> Chart | None:
    """Draw the information of all items together by ability.

    Args:
        task: The figures of a task's items, with the fitted item response model.
        words: The words of the reader's language.

    Returns:
        The chart; None where no model was fitted.
    """
    if task.model is None:
        return None
    standings = np.linspace(*_STANDINGS, 81)
    whole = task.model.information(standings).sum(axis=1)
    top = max(1.0, float(np.ceil(whole.max())))
    sheet = _axes(words("it_standing"), words("it_information"), _STANDINGS, (0, top))
    xs = _LEFT + (standings - _STANDINGS[0]) / (_STANDINGS[1] - _STANDINGS[0]) * (_RIGHT - _LEFT)
    ys = _BOTTOM - whole / top * (_BOTTOM - _TOP)
    sheet.curve(zip(xs, ys, strict=True), _BLUE)
    best = float(standings[whole.argmax()])
    alt = words("it_information_alt", task=task.task, most=f"{whole.max():.1f}", at=f"{best:.1f}")
    return Chart(sheet.svg(_HEIGHT), _HEIGHT, alt)


def _axes(
    across: str, up: str, x_scale: tuple[float, float], y_scale: tuple[float, float]
) -> Sheet:
    sheet = Sheet()
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _LEFT + share * (_RIGHT - _LEFT), _BOTTOM - share * (_BOTTOM - _TOP)
        sheet.rule(x, _TOP, x, _BOTTOM, _GRID)
        sheet.rule(_LEFT, y, _RIGHT, y, _GRID)
        sheet.text(x, _BOTTOM + 12, f"{x_scale[0] + share * (x_scale[1] - x_scale[0]):g}", _INK,
                   "center")  # fmt: skip
        sheet.text(_LEFT - 6, y, f"{y_scale[0] + share * (y_scale[1] - y_scale[0]):g}", _INK,
                   "right")  # fmt: skip
    sheet.text(WIDTH / 2, _HEIGHT - 8, across, _INK, "center")
    sheet.text(4, 8, up, _INK)
    return sheet
