"""How many labels of a run's answers a corrected rate takes: planned from what is expected.

The interval that is expected is that of `ppi_rate` at its expected variance, for labels drawn with
equal chances of clusters whose answers agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tenken.results.metrics.interval import Interval
from tenken.results.metrics.ppi import ASSUMED_ERRORS, powered_interval
from tenken.results.metrics.rates import exact_interval

LEAST: Final = 2
"""One labelled cluster has no spread."""


@dataclass(frozen=True)
class ExpectedLabels:
    """What labels are expected to meet.

    Attributes:
        rate: The share of answers that people would call unsafe, in (0, 1).
        sensitivity: Chance that the scorer calls such an answer unsafe.
        specificity: Chance that it calls another answer safe. Without a trial, 0.5 and 0.5 say
            that its verdicts tell nothing, and only the labels count.
    """

    rate: float
    sensitivity: float = 0.5
    specificity: float = 0.5

    def variance(self, labels: int, rest: int) -> float:
        """Return the variance of the corrected rate, at the power that makes it least.

        Angelopoulos, Duchi and Zrnic (2023, arXiv:2311.01453): the labels' own, less what the
        verdicts explain; and the error more that `ppi_rate` assumes.

        Args:
            labels: Clusters with a label.
            rest: Clusters without one.
        """
        own, better = self.rate * (1 - self.rate), self.sensitivity + self.specificity - 1
        seen = self.rate * self.sensitivity + (1 - self.rate) * (1 - self.specificity)
        spread, shared = seen * (1 - seen), own * better
        if not rest or not spread:
            return own / labels
        power = min(1.0, max(0.0, shared / spread * rest / (labels + rest)))
        gap = spread * (1 / labels + 1 / rest)
        plain = own / labels - 2 * power * shared / labels + power**2 * gap
        return plain + ASSUMED_ERRORS * (power / labels) ** 2


def expected_interval(
    labels: int, clusters: int, expected: ExpectedLabels, *, level: float = 0.95
) -> Interval:
    """Return the interval of a corrected rate that some number of labels is expected to give.

    Args:
        labels: Clusters with a label, at least 2 and at most all.
        clusters: Clusters of the run.
        expected: What the labels are expected to meet.
        level: Two-sided confidence.
    """
    variance = expected.variance(labels, clusters - labels)
    return powered_interval(variance, expected.rate, labels, level=level)


def labels_for_width(
    width: float, clusters: int, expected: ExpectedLabels, *, level: float = 0.95
) -> int | None:
    """Return the least number of labelled clusters whose corrected rate is narrow enough.

    Args:
        width: The whole width of the interval, in (0, 1).
        clusters: Clusters of the run.
        expected: What the labels are expected to meet.
        level: Two-sided confidence.

    Returns:
        The number; None where not even labels of the whole run are enough: a corrected rate is
        never narrower than the raw one.
    """
    if clusters < LEAST or narrowest(clusters, expected, level=level) > width:
        return None
    low, high = LEAST, clusters
    while low < high:
        middle = (low + high) // 2
        found = expected_interval(middle, clusters, expected, level=level)
        low, high = (low, middle) if found.high - found.low <= width else (middle + 1, high)
    return low


def narrowest(clusters: int, expected: ExpectedLabels, *, level: float = 0.95) -> float:
    """Return the least width that labels of a whole run lead to.

    It is never less than that of the raw rate's interval, of Clopper and Pearson.

    Args:
        clusters: Clusters of the run, at least 2.
        expected: What the labels are expected to meet.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The whole width of the interval, upper minus lower end, in (0, 1].
    """
    parts = (
        expected_interval(clusters, clusters, expected, level=level),
        exact_interval(expected.rate, clusters, level=level),  # the raw one
    )
    return max(each.high - each.low for each in parts)
