"""A comparison of runs as one page for people: no network, no script, nothing of a run trusted.

It has the report's look and its guards: all text goes through `visible`, is escaped, and the
content security policy allows the one style block, by its digest, and pictures in the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any, Final

from jinja2 import Environment
from markupsafe import Markup

from tenken.results.pages.charts import differences, plain_headlines
from tenken.results.pages.environment import TEMPLATES, csp_sha256, page_environment
from tenken.results.pages.sheet import Chart
from tenken.results.pages.words import Words
from tenken.schema.comparison import (
    ComparedArea,
    ComparedMeasure,
    Comparison,
    PairedFigures,
    RunComparison,
)
from tenken.schema.estimate import OwnRate, ToldApart
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


@dataclass(frozen=True)
class _GlanceRow:
    """An area, or one language of it, over all runs.

    Attributes:
        name: What it is.
        whole: Whether it is over all languages.
        rates: Each run's own rate; None for a run that did not ask it.
        told: Which runs are told apart, in words.
    """

    name: str
    whole: bool
    rates: tuple[OwnRate | None, ...]
    told: str


def _glance_rows(comparison: Comparison, words: Words) -> list[_GlanceRow]:
    """Return a row for each area and for each of its languages."""
    found = comparison.overview
    assert found is not None  # noqa: S101 - the template asks
    rates = {(each.risk, each.language, each.letter): each for each in found.rates}
    places = dict.fromkeys((each.risk, each.language) for each in found.rates)
    rows = []
    for risk, language in places:
        name = words.term("language", language) if language else words.term("risk", risk)
        own = tuple(rates.get((risk, language, run.letter)) for run in comparison.runs)
        if language is not None and not any(each and each.n for each in own):
            continue
        asked = [each.letter for each in own if each is not None and each.value is not None]
        pairs = [each for each in found.pairs if (each.risk, each.language) == (risk, language)]
        rows.append(_GlanceRow(name, language is None, own, _differences(pairs, asked, words)))
    return rows


def _differences(pairs: Sequence[ToldApart], asked: Sequence[str], words: Words) -> str:
    """Return in words which runs are told apart, the safer one first, and which cannot be.

    Args:
        pairs: The pairs of runs in this row.
        asked: Letters of the runs that have a rate in it.
        words: The language of the page.
    """
    said = []
    for each in pairs:
        if each.safer is not None:
            less = each.other if each.safer == each.one else each.one
            said.append(words("safer_than", safer=each.safer, other=less))
    compared = {frozenset((each.one, each.other)) for each in pairs if each.compared}
    apart = ["–".join(pair) for pair in combinations(asked, 2) if frozenset(pair) not in compared]
    if compared and not said:
        said.append(words("none_told"))
    if apart:
        said.append(words("cannot_compare", pairs=words("comma").join(apart)))
    return words("clause").join(said) or "–"


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
    environment.globals["glance_rows"] = _glance_rows
    return environment
