"""An interval, and a number with its interval and its denominators."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True)
class Estimate:
    """A number with its interval and its denominators.

    Attributes:
        value: The point estimate; None when there was no denominator.
        interval: None exactly when value is None.
        n: Observations that the number rests on.
        clusters: Clusters that those observations fall into.
    """

    value: float | None
    interval: Interval | None
    n: int
    clusters: int


NOT_MEASURED = Estimate(value=None, interval=None, n=0, clusters=0)
