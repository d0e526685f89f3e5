"""A number with its interval and denominators, and how several numbers make one.

Intervals are joined by the squares of their reach on each side (MOVER: Zou and Donner 2008,
Statistics in Medicine 27:1693-1702).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal, NamedTuple

Caveat = Literal["clipped", "exploratory"]
"""What a reader must know of an estimate: an end was moved to the end of its scale, or it rests
on a card alone."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval and the name of the method that made it.

    Attributes:
        low: Lower end.
        high: Upper end.
        method: What was computed, in words fit for a report.
        level: Nominal two-sided confidence.
    """

    low: float
    high: float
    method: str
    level: float = 0.95


class Ends(NamedTuple):
    """A value with the two ends of its interval, all measured."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A number with its interval and its denominators.

    Attributes:
        value: The point estimate; None when there was no denominator.
        interval: None exactly when value is None.
        n: Observations that the number rests on.
        clusters: Clusters that those observations fall into.
        caveats: What a reader must know of it.
    """

    value: float | None
    interval: Interval | None
    n: int = 0
    clusters: int = 0
    caveats: frozenset[Caveat] = frozenset()

    @property
    def low(self) -> float | None:
        """Lower end of the interval."""
        return self.interval.low if self.interval else None

    @property
    def high(self) -> float | None:
        """Upper end of the interval."""
        return self.interval.high if self.interval else None

    @property
    def method(self) -> str | None:
        """How the interval was made."""
        return self.interval.method if self.interval else None

    @property
    def ends(self) -> Ends:
        """Value and interval of an estimate that was measured.

        Raises:
            ValueError: It was not.
        """
        if self.value is None or self.interval is None:
            raise ValueError("expected an estimate with a value")
        return Ends(self.value, self.interval.low, self.interval.high)

    @classmethod
    def mean(
        cls,
        parts: Sequence[Estimate],
        weights: Sequence[float] | None = None,
        *,
        method: str,
        correlation: float = 0.0,
        lowest: float = 0.0,
    ) -> Estimate:
        """Return the mean of several estimates with their joined interval.

        Args:
            parts: At least one, all measured.
            weights: Adding up to 1; equal ones where left out.
            method: What a report calls it.
            correlation: Of each two of the parts, in [0, 1].
            lowest: Lower end of the scale: 0 for rates, -1 for differences; the upper one is 1.

        Returns:
            The mean; the interval is cut at the ends of the scale.
        """
        shares = [1 / len(parts)] * len(parts) if weights is None else weights
        each = list(zip(shares, [part.ends for part in parts], strict=True))
        value = sum(share * ends.value for share, ends in each)
        down = _reach([w * abs(ends.value - ends.low) for w, ends in each], correlation)
        up = _reach([w * abs(ends.high - ends.value) for w, ends in each], correlation)
        interval = Interval(max(lowest, value - down), min(1.0, value + up), method)
        return cls._joined(value, interval, parts)

    def minus(self, other: Estimate, *, method: str) -> Estimate:
        """Return this rate minus another, independent one, with an interval within [-1, 1].

        Args:
            other: The rate that is taken away.
            method: What a report calls it.
        """
        one, two = self.ends, other.ends
        value = one.value - two.value
        down = _reach([one.value - one.low, two.high - two.value], 0.0)
        up = _reach([one.high - one.value, two.value - two.low], 0.0)
        interval = Interval(max(-1.0, value - down), min(1.0, value + up), method)
        return self._joined(value, interval, (self, other))

    @classmethod
    def _joined(cls, value: float, interval: Interval, parts: Sequence[Estimate]) -> Estimate:
        caveats = frozenset[Caveat]().union(*(part.caveats for part in parts))
        n, clusters = sum(part.n for part in parts), sum(part.clusters for part in parts)
        return cls(value, interval, n, clusters, caveats)


NOT_MEASURED = Estimate(value=None, interval=None, n=0, clusters=0)


def _reach(distances: Sequence[float], correlation: float) -> float:
    squares = sum(each**2 for each in distances)
    products = sum(distances) ** 2 - squares  # twice the product of each two
    return sqrt(squares + correlation * products)
