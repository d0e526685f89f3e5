"""The page on items: a dot each, what they tell together, and nothing of an item's name trusted."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

import numpy as np

from tenken.results.metrics.irt import Items, fit_items
from tenken.results.metrics.items import ItemFigures, Reliability, item_figures, reliability
from tenken.results.metrics.rates import Floats
from tenken.results.pages.items import dots, information, render_items
from tenken.results.pages.words import Words


@dataclass
class Page:
    """A task with items by simulation."""

    table: Floats
    task: str = "bias/<b>"
    measure: str = "unsafe_rate"
    dif: dict[str, float] = field(default_factory=dict)
    constants: tuple[()] = ()

    @property
    def answerers(self) -> int:
        return len(self.table)

    @property
    def items(self) -> dict[str, ItemFigures]:
        return {f"i-{n}": each for n, each in enumerate(item_figures(self.table))}

    @property
    def reliability(self) -> Reliability:
        return reliability(self.table)

    @property
    def model(self) -> Items | None:
        return fit_items(self.table)


def _page(answerers: int) -> Page:
    random = np.random.default_rng(2)
    standing = random.normal(size=(answerers, 1))
    return Page((random.random((answerers, 6)) < 1 / (1 + np.exp(2 * standing))).astype(float))


def test_there_is_a_mark_for_each_item_and_a_curve_from_eight_runs_on() -> None:
    many, few, words = _page(40), _page(5), Words("en")
    assert dots(many, words).svg.count('class="mark"') == 6
    assert information(few, words) is None
    curve = information(many, words)
    assert curve is not None and curve.svg.count(' stroke-width="1.5"/>') == 1
    assert "tell most" in curve.alt
    flagged = Page(np.zeros((5, 6)))
    assert "6 of them flagged" in dots(flagged, words).alt


def test_the_page_escapes_names_and_is_the_same_each_time() -> None:
    page = render_items([_page(12)], 12, "en")
    assert page == render_items([_page(12)], 12, "en")
    text = page.decode()
    assert "bias/&lt;b&gt;" in text and "McDonald" in text and "Slope" in text
    pictures = re.findall(r'src="data:image/svg\+xml;base64,([^"]+)"', text)
    assert len(pictures) == 2
    assert all(base64.b64decode(each).startswith(b"<svg") for each in pictures)
    assert "マクドナルドのω" in render_items([_page(12)], 12, "ja").decode()
