"""A comparison of runs as one page for people: no network, no script, nothing of a run trusted.

It has the report's look and its guards: all text goes through `visible`, is escaped, and the
content security policy allows the one style block, by its digest, and pictures in the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from tenken.results.pages.charts import Chart, differences, plain_headlines
from tenken.results.pages.environment import TEMPLATES, csp_sha256, page_environment
from tenken.results.pages.words import Words
from tenken.schema.comparison import (
    ComparedArea,
    ComparedMeasure,
    Comparison,
    PairedFigures,
    RunComparison,
)
from tenken.schema.figures import parts

_STYLES: Final = ("report.css", "compare.css")


def render_comparison(comparison: Comparison, language: str) -> bytes:
    """Return the page of a comparison; the same input gives the same bytes.

    Args:
        comparison: What `compare` returns.
        language: Language of the page, `en` or `ja`.
    """
    words = Words("ja" if language == "ja" else "en")
    style = "".join((TEMPLATES / name).read_text(encoding="utf-8") for name in _STYLES)
    level = comparison.statistics.level
    page = (
        _environment()
        .get_template("compare.html")
        .render(
            c=comparison,
            w=words,
            style=Markup(style),  # noqa: S704 - our own files
            style_sha256=csp_sha256(style),
            charts=[_charts(each, words) for each in comparison.comparisons],
            methods=sorted(_methods(comparison.contents()["comparisons"])),
            level=f"{level * 100:g}%",
            alpha=f"{1 - level:.3g}",
        )
    )
    return page.lstrip().encode()


def _charts(comparison: RunComparison, words: Words) -> dict[str, Chart]:
    """Return the chart of the raw differences, and one of the corrected where there are any."""
    heads = [
        [measure.overall, *measure.languages.values()] for _, measure in plain_headlines(comparison)
    ]
    if not heads:
        return {}
    found = {"raw_chart": differences(comparison, words, corrected=False)}
    if any(part.corrected.value is not None for parts in heads for part in parts):
        found["corrected_chart"] = differences(comparison, words, corrected=True)
    return found


def _rows(part: ComparedMeasure | ComparedArea, words: Words) -> list[tuple[str, PairedFigures]]:
    """Return the named rows of a measure or area; a single language needs no overall row."""
    rows = [
        (words("overall") if name == "overall" else words.term("language", name), row)
        for name, row in parts(part.overall, part.languages).items()
    ]
    return rows[1:] if len(rows) == 2 else rows


def _methods(value: Any) -> set[str]:
    found: set[str] = set()
    if isinstance(value, Mapping):
        for key in ("interval_method", "method"):
            if isinstance(value.get(key), str):
                found.add(value[key])
        for part in value.values():
            found |= _methods(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            found |= _methods(part)
    return found


@cache
def _environment() -> Environment:
    environment = page_environment()
    environment.globals["rows_of"] = _rows
    return environment
