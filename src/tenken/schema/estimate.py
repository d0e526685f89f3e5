"""An estimate with its interval, as reports and comparisons write it, and how several make one.

Intervals are joined by the squares of their reach on each side (MOVER: Zou and Donner 2008,
Statistics in Medicine 27:1693-1702).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Annotated, NamedTuple

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.record import Language, Outcome

Share = Annotated[float, Field(ge=0, le=1)]
Signed = Annotated[float, Field(ge=-1, le=1)]
Count = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
OutcomeCounts = dict[Outcome, Count]
"""How many samples came to each outcome."""
LanguageCounts = dict[Language, Count]


class Ends(NamedTuple):
    """A value with the two ends of its interval, unrounded."""

    value: float
    low: float
    high: float


class Interval(Frozen):
    """A figure with the ends of its interval; all are null where nothing was measured.

    Attributes:
        value: The figure.
        low: Lower end of its interval.
        high: Upper end of its interval.
    """

    value: float | None
    low: float | None
    high: float | None


class Rate(Interval):
    """A rate in [0, 1]; 1 is the unsafe end.

    Attributes:
        value: The rate.
        low: Lower end of its interval.
        high: Upper end of its interval.
    """

    value: Share | None
    low: Share | None
    high: Share | None


class Difference(Interval):
    """A difference of two rates, or a score, in [-1, 1].

    Attributes:
        value: The difference.
        low: Lower end of its interval.
        high: Upper end of its interval.
    """

    value: Signed | None
    low: Signed | None
    high: Signed | None


def mean(
    parts: Sequence[Ends],
    weights: Sequence[float] | None = None,
    *,
    correlation: float = 0.0,
    lowest: float = 0.0,
) -> Ends:
    """Return the mean of several estimates with their joined interval.

    Args:
        parts: At least one.
        weights: Adding up to 1; equal ones where left out.
        correlation: Of each two of the parts, in [0, 1].
        lowest: Lower end of the scale: 0 for rates, -1 for differences; the upper one is 1.

    Returns:
        The mean; the interval is cut at the ends of the scale.
    """
    shares = [1 / len(parts)] * len(parts) if weights is None else weights
    value = sum(share * part.value for share, part in zip(shares, parts, strict=True))
    down = _reach(
        [w * abs(p.value - p.low) for w, p in zip(shares, parts, strict=True)], correlation
    )
    up = _reach(
        [w * abs(p.high - p.value) for w, p in zip(shares, parts, strict=True)], correlation
    )
    return Ends(value, max(lowest, value - down), min(1.0, value + up))


def difference(one: Ends, other: Ends) -> Ends:
    """Return one - other of two independent rates, with an interval within [-1, 1]."""
    value = one.value - other.value
    down = _reach([one.value - one.low, other.high - other.value], 0.0)
    up = _reach([one.high - one.value, other.value - other.low], 0.0)
    return Ends(value, max(-1.0, value - down), min(1.0, value + up))


def _reach(distances: Sequence[float], correlation: float) -> float:
    squares = sum(each**2 for each in distances)
    products = sum(distances) ** 2 - squares  # twice the product of each two
    return sqrt(squares + correlation * products)
