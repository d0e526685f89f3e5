"""A sheet that charts are drawn on: marks and words at their places, written as SVG.

Everything is placed in pixels (no axis, legend or size that a font's metrics decide), so that the
same figures give the same bytes whatever fonts the machine has. What is left for a chart library
to do is to write rectangles and lines: docs/adr/0007-charts-without-a-library.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Final

from tenken.results.pages.phrases import visible

WIDTH: Final = 480
FONTS: Final = "Noto Sans CJK JP, Noto Sans JP, Hiragino Sans, Yu Gothic, Meiryo, sans-serif"
INK: Final = "#1f2933"
LIMIT: Final = "#a4373a"


@dataclass(frozen=True)
class Chart:
    """A finished picture: SVG text, its size in pixels, and what it shows in words."""

    svg: str
    height: int
    alt: str
    width: int = WIDTH


class Sheet:
    """Marks at their places in pixels, drawn in the order in which they were put down.

    For all marks, x counts from the left and y from the top, and x2 and y2 are the far corner or
    end; a colour is a CSS colour; a shape is one of `_SHAPES`; words are aligned `left`, `right`
    or `center`, and y is their middle.
    """

    def __init__(self) -> None:
        self._marks: list[str] = []
        self._words: list[str] = []

    def box(self, x: float, y: float, x2: float, y2: float, colour: str) -> None:
        """Put down a filled rectangle.

        Args:
            x: Pixels from the left.
            y: Pixels from the top.
            x2: Pixels from the left, of the far corner.
            y2: Pixels from the top, of the far corner.
            colour: A CSS colour.
        """
        self._marks.append(
            f'<rect x="{_px(x)}" y="{_px(y)}" width="{_px(x2 - x)}" height="{_px(y2 - y)}" '
            f'fill="{colour}"/>'
        )

    def rule(self, x: float, y: float, x2: float, y2: float, colour: str, width: float = 1) -> None:
        """Put down a straight line.

        Args:
            x: Pixels from the left.
            y: Pixels from the top.
            x2: Pixels from the left, of the end.
            y2: Pixels from the top, of the end.
            colour: A CSS colour.
            width: Width of the line in pixels.
        """
        self._line(x, y, x2, y2, f'stroke="{colour}" stroke-width="{_px(width)}"')

    def limit(self, x: float, y: float, y2: float) -> None:
        """Put down the dashed upright of a threshold.

        Args:
            x: Pixels from the left.
            y: Pixels from the top.
            y2: Pixels from the top, of its end.
        """
        self._line(x, y, x, y2, f'stroke="{LIMIT}" stroke-width="1.5" stroke-dasharray="4,3"')

    def point(self, x: float, y: float, colour: str, shape: str) -> None:
        """Put down a mark of some shape.

        Args:
            x: Pixels from the left.
            y: Pixels from the top.
            colour: A CSS colour.
            shape: `square`, `circle`, `diamond` or `triangle`.
        """
        self._marks.append(
            f'<path class="mark" d="{_SHAPES[shape]}" '
            f'transform="translate({_px(x)},{_px(y)})" fill="{colour}"/>'
        )

    def curve(self, points: Iterable[tuple[float, float]], colour: str) -> None:
        """Put down a line through points.

        Args:
            points: Pixels from the left and from the top, of each point.
            colour: A CSS colour.
        """
        places = "L".join(f"{_px(x)},{_px(y)}" for x, y in points)
        self._marks.append(
            f'<path d="M{places}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
        )

    def heading(self, x: float, y: float, words: str) -> None:
        """Put down words in bold.

        Args:
            x: Pixels from the left, where they begin.
            y: Pixels from the top, of their middle.
            words: What to write.
        """
        self._text(x, y, words, f'font-weight="bold" fill="{INK}"')

    def text(self, x: float, y: float, words: str, colour: str = INK, align: str = "left") -> None:
        """Put down words, aligned at their place.

        Args:
            x: Pixels from the left.
            y: Pixels from the top, of their middle.
            words: What to write.
            colour: A CSS colour.
            align: What of them is at x: `left`, `right` or `center`.
        """
        self._text(x, y, words, f'text-anchor="{_ANCHORS[align]}" fill="{colour}"')

    def svg(self, height: int) -> str:
        """Draw the sheet, with its words over everything else."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
            f'viewBox="0 0 {WIDTH} {height}" font-family="{FONTS}" font-size="12">'
            f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
            f"{''.join(self._marks)}{''.join(self._words)}</svg>"
        )

    def _line(self, x: float, y: float, x2: float, y2: float, stroke: str) -> None:
        self._marks.append(
            f'<line x1="{_px(x)}" y1="{_px(y)}" x2="{_px(x2)}" y2="{_px(y2)}" {stroke}/>'
        )

    def _text(self, x: float, y: float, words: str, look: str) -> None:
        # A third of the size below the middle is where most fonts have their baseline.
        shown = escape(visible(words))
        self._words.append(f'<text x="{_px(x)}" y="{_px(y + 4)}" {look}>{shown}</text>')


_ANCHORS: Final = {"left": "start", "right": "end", "center": "middle"}
_SHAPES: Final = {  # each covers about 62 square pixels around its place
    "square": "M-4,-4h8v8h-8Z",
    "circle": "M-4.4,0a4.4,4.4 0 1,0 8.8,0a4.4,4.4 0 1,0 -8.8,0Z",
    "diamond": "M0,-5.4L5.4,0L0,5.4L-5.4,0Z",
    "triangle": "M0,-5L5,4.2L-5,4.2Z",
}


def _px(value: float) -> str:
    """Write a place with at most two digits after the point."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def fitting(text: str, columns: int) -> str:
    """Return the text cut with an ellipsis to that many columns; a wide character takes two.

    Args:
        text: The text.
        columns: Columns that there is room for.
    """
    room = columns
    for place, letter in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(letter) in "FW" else 1
        if room < 0:
            return text[: max(place - 1, 0)] + "…"
    return text
