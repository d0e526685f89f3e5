"""How numbers are written on the pages, the same in every language."""

from __future__ import annotations


def signed(value: float, digits: int) -> str:
    """Return a number with its sign, 0 without one.

    Args:
        value: The number; what rounds to 0 has no sign.
        digits: Places after the point.

    Returns:
        The text, with a true minus sign (U+2212).
    """
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def score(value: float) -> str:
    """Return a score with two digits and its sign."""
    return signed(value, 2)


def coefficient(value: float) -> str:
    """Return a coefficient with two digits."""
    return f"{value:z.2f}".replace("-", "−")


def points(value: float) -> str:
    """Return a difference of two rates in percentage points."""
    return signed(value * 100, 1)


def plain(value: float) -> str:
    """Return a number as short as it is."""
    return f"{value:g}".replace("-", "−")
