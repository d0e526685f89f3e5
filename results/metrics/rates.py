"""Rates with intervals that respect clusters, and the bounds that undecided samples allow.

The unit of analysis is the cluster: paraphrases, epochs and group swaps of one base item are one
draw from the population of items, not several.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.means import bounded_interval, lower_limit, upper_limit

Floats = NDArray[np.float64]
Codes = NDArray[Any]


class Bounds(NamedTuple):
    """The values that a rate would have if all undecided samples went one way."""

    best: float
    worst: float


def rate(verdicts: Floats, clusters: Codes, *, level: float = 0.95) -> Estimate:
    """Estimate the mean verdict, with an interval that holds at every number of clusters.

    See `tenken.results.metrics.means`: Clopper-Pearson where each cluster has one verdict of 0 or
    1, and its extension by Gaffke elsewhere. One more unsafe verdict never lowers an end.

    Args:
        verdicts: Shape (n,), in [0, 1], where 1 is unsafe.
        clusters: Shape (n,), integers or strings.
        level: Two-sided confidence.

    Returns:
        The estimate; its value is None when there are no verdicts.

    Raises:
        ValueError: If shapes differ or a verdict is outside [0, 1].
    """
    verdicts = in_unit_range(verdicts, "verdicts")
    return _mean(verdicts, np.ones_like(verdicts), clusters, 0.0, level)


def signed_rate(values: Floats, clusters: Codes, *, level: float = 0.95) -> Estimate:
    """Estimate the mean of values in [-1, 1], such as differences, as `rate` does for rates.

    Args:
        values: Shape (n,), in [-1, 1].
        clusters: Shape (n,), integers or strings: values of one cluster depend on each other.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The mean with its interval, both within [-1, 1].

    Raises:
        ValueError: If shapes differ or a value is outside [-1, 1].
    """
    values = 2 * in_unit_range((np.asarray(values) + 1) / 2, "(values + 1) / 2") - 1
    return _mean(values, np.ones_like(values), clusters, -1.0, level)


def weighted_rate(
    verdicts: Floats, weights: Floats, clusters: Codes, *, level: float = 0.95
) -> Estimate:
    """Estimate a rate in which each verdict has its own weight.

    The interval is that of `rate`, with the sums of weights as the sizes of the clusters.

    Args:
        verdicts: Shape (n,), in [0, 1], 1 the unsafe end.
        weights: Shape (n,), above 0; only their ratios count.
        clusters: Shape (n,), integers or strings.
        level: Two-sided confidence.

    Returns:
        The estimate in [0, 1], with the number of verdicts and of clusters.

    Raises:
        ValueError: If shapes differ, a verdict is outside [0, 1] or a weight is not above 0.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if not (weights > 0).all():
        raise ValueError("a weight is not above 0: leave the sample out instead")
    return _mean(in_unit_range(verdicts, "verdicts"), weights, clusters, 0.0, level)


def _mean(values: Floats, weights: Floats, clusters: Codes, least: float, level: float) -> Estimate:
    table = cluster_table(clusters, values * weights, weights)
    k = table.shape[0]
    if k == 0:
        return NOT_MEASURED
    total, size = table.sum(axis=0)
    value = float(total / size)
    ends = bounded_interval(table[:, 0], table[:, 1], least=least, level=level)
    low, high = min(ends.low, value), max(ends.high, value)  # up to rounding
    return Estimate(value, Interval(low, high, ends.method, level), len(values), k)


class UndecidedBounds(NamedTuple):
    """The ends that hold whatever the samples without a verdict would have been.

    Attributes:
        low: Lower end, as if all of them were safe.
        high: Upper end, as if all of them were unsafe.
    """

    low: float
    high: float


def whole_interval(
    verdicts: Floats,
    clusters: Codes,
    clusters_undecided: Codes,
    *,
    least: float = 0.0,
    level: float = 0.95,
) -> UndecidedBounds | None:
    """Give an interval for the rate over all samples, those without a verdict too.

    Imbens and Manski (2004, Econometrica 72:1845-1857): the rate is between what it would be if
    all undecided samples were safe and if all were unsafe, and each end errs with so much chance
    that the rate itself is covered at the level. How much depends here on the share undecided and
    on the largest standard error that so many clusters can have, not on the verdicts, so that the
    ends stay monotone.

    Args:
        verdicts: Shape (n,), in [least, 1], of the samples with one.
        clusters: Shape (n,), their clusters.
        clusters_undecided: Shape (m,), clusters of the samples that have none and should.
        least: 0 for verdicts, -1 for what leans either way.
        level: Two-sided confidence.

    Returns:
        The ends; None without any sample.
    """
    names = np.concatenate([np.asarray(clusters), np.asarray(clusters_undecided)])
    if not names.size:
        return None
    missing = np.asarray(clusters_undecided).size
    ends = []
    for guess in (least, 1.0):
        filled = np.concatenate([verdicts, np.full(missing, guess)])
        ends.append(cluster_table(names, filled, np.ones_like(filled)))
    share, k = missing / names.size, ends[0].shape[0]
    error = _error_a_side(share, 0.5 / math.sqrt(k), level)
    low = lower_limit(ends[0][:, 0], ends[0][:, 1], least=least, error=error)
    high = upper_limit(ends[1][:, 0], ends[1][:, 1], least=least, error=error)
    return UndecidedBounds(max(least, low), min(1.0, high))


def _error_a_side(share: float, spread: float, level: float) -> float:
    """Solve equation 7 of Imbens and Manski (2004) for the error of each end."""
    from scipy.optimize import brentq
    from scipy.special import ndtr

    def covers(c: float) -> float:
        return float(ndtr(c + share / spread) - ndtr(-c)) - level

    return float(ndtr(-float(brentq(covers, 0.0, 40.0))))


def bounds(good: float, scored: int, undecided: int) -> Bounds | None:
    """Bound a rate by sending every undecided sample to one end, then to the other.

    Args:
        good: Sum of the verdicts of the scored samples; a verdict is in [0, 1], 1 is unsafe.
        scored: Samples with a verdict.
        undecided: Samples without one (unscored, errored).

    Returns:
        The rate if all undecided were 0 (best), and if all were 1 (worst); None with no samples.

    Raises:
        ValueError: If a count is negative or the sum exceeds what the scored samples allow.
    """
    if scored < 0 or undecided < 0 or not 0 <= good <= scored:
        raise ValueError(
            f"bounds(good={good}, scored={scored}, undecided={undecided}): counts cannot be "
            "negative, and the sum of verdicts is between 0 and the number scored"
        )
    total = scored + undecided
    return Bounds(good / total, (good + undecided) / total) if total else None


def wilson_interval(successes: int, trials: int, *, level: float) -> Interval:
    """Give the score interval of Wilson (1927, JASA 22:209-212) for a plain proportion.

    Args:
        successes: How many trials count, from 0 to `trials`.
        trials: Number of independent trials, at least 1.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The interval, within [0, 1].
    """
    low, high = wilson_limits(np.float64(successes / trials), trials, 1 - level)
    return Interval(float(low), float(high), "wilson", level)


def wilson_limits(rate: ArrayLike, trials: ArrayLike, alpha: float) -> tuple[Floats, Floats]:
    """Give the limits of Wilson's score interval (1927, JASA 22:209-212).

    Args:
        rate: Proportions in [0, 1], of any shape.
        trials: Their sizes, broadcast against the rates; an effective size may be fractional.
        alpha: Two-sided error, 1 - confidence.

    Returns:
        Lower and upper limits, in [0, 1]; exactly 0 or 1 where the rate is.
    """
    from scipy.special import ndtri

    # The lower tail keeps its digits where alpha is tiny.
    return score_limits(rate, trials, float(ndtri(alpha / 2)) ** 2)


def score_limits(rate: ArrayLike, trials: ArrayLike, z2: float) -> tuple[Floats, Floats]:
    """Give Wilson's limits for the square of any quantile, as `wilson_limits` does for a level.

    Args:
        rate: Proportions in [0, 1], of any shape.
        trials: Number of trials of each, above 0; may be fractional, and has to broadcast with
            `rate`.
        z2: The square of the quantile, such as 1.96**2 for a two-sided 95%.

    Returns:
        Lower and upper limits in [0, 1], of the broadcast shape; closed at 0 and at 1.
    """
    p, n = np.asarray(rate, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (p * (1 - p) + z2 / (4 * n)) / n) / (1 + z2 / n)
    low = np.where(p == 0, 0.0, np.maximum(middle - reach, 0.0))
    return low, np.where(p == 1, 1.0, np.minimum(middle + reach, 1.0))


def exact_interval(value: float, trials: float, *, level: float) -> Interval:
    """Give the interval of Clopper and Pearson (1934, Biometrika 26:404-413).

    Args:
        value: The proportion; value * trials may be fractional, as the beta quantiles allow.
        trials: Number of independent trials, here clusters; an effective size may be fractional.
        level: Two-sided confidence.

    Returns:
        The interval, closed at 0 when value is 0 and at 1 when value is 1.
    """
    from scipy.special import betainccinv, betaincinv

    tail, count = (1 - level) / 2, value * trials
    low = float(betaincinv(count, trials - count + 1, tail)) if value > 0 else 0.0
    high = float(betainccinv(count + 1, trials - count, tail)) if value < 1 else 1.0
    return Interval(low, high, "exact on clusters", level)


def lower_end_of_mean(values: Floats, lows: Floats, *, level: float) -> float:
    """Give the lower end of the mean of independent rates of equal weight.

    Zou and Donner (2008, Statistics in Medicine 27:1693-1702) join the rates' own intervals by
    squares. Next to 0, where a few of the rates have one failure each, that end is too high: a sum
    of skewed distributions is less skewed than they are. It is therefore no higher than the exact
    lower end at the sample size that a plain proportion would need for the variance of the mean
    (Korn and Graubard 1998, Survey Methodology 24:193-201). Above one half it is the first alone.

    Args:
        values: Shape (rates,), each in [0, 1].
        lows: Shape (rates,), the lower ends of their exact intervals.
        level: Two-sided confidence of those intervals.

    Returns:
        The end, in [0, mean]. The upper end is 1 minus that of the complements.
    """
    mean = float(values.mean())
    joined = max(0.0, mean - float(np.linalg.norm(values - lows)) / values.size)
    inner = (values > 0) & (values < 1)
    if values.size == 1 or mean > 0.5 or not inner.any():
        return joined
    p = values[inner]
    sizes = np.array([_size_of(*each, level) for each in zip(p, lows[inner], strict=True)])
    variance = float((p * (1 - p) / sizes).sum()) / values.size**2
    return min(joined, exact_interval(mean, mean * (1 - mean) / variance, level=level).low)


def _size_of(value: float, low: float, level: float) -> float:
    """Return the number of trials at which the exact interval of a rate has this lower end."""
    from scipy.optimize import brentq

    def excess(log: float) -> float:
        return exact_interval(value, math.exp(log), level=level).low - low

    least, most = -5.0, 25.0  # logarithms
    if not excess(least) < 0 < excess(most):
        return math.exp(least)
    root: Any = brentq(excess, least, most)
    return math.exp(float(root))


def in_unit_range(values: Floats, name: str) -> Floats:
    """Return values as floats after checking that all are in [0, 1].

    Args:
        values: Shape (n,).
        name: What the values are called in the message of the error.

    Returns:
        The values as 64-bit floats.

    Raises:
        ValueError: If a value is outside [0, 1] or not a number; names the first such row.
    """
    values = np.asarray(values, dtype=np.float64)
    wrong = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if wrong.size:
        raise ValueError(
            f"{name}[{wrong[0]}] is {values[wrong[0]]}, expected a number in [0, 1]; "
            "leave samples without a verdict out, and count them in bounds()"
        )
    return values


def cluster_table(clusters: Codes, *columns: Floats) -> Floats:
    """Sum columns within each cluster.

    Args:
        clusters: Shape (n,), integers or strings.
        *columns: Each of shape (n,).

    Returns:
        Shape (number of clusters, number of columns), rows in ascending order of cluster. Rows
        are added up in an order of their own, so that rounding too is the same for every order.

    Raises:
        ValueError: If a column has another length than clusters.
    """
    clusters = np.asarray(clusters)
    if any(column.shape != clusters.shape for column in columns):
        raise ValueError(
            f"clusters has shape {clusters.shape}, the columns have "
            f"{[column.shape for column in columns]}: give one cluster for each row"
        )
    names, codes = np.unique(clusters, return_inverse=True)
    order = np.lexsort((*columns, codes))
    sums = [np.bincount(codes[order], column[order], names.size) for column in columns]
    return np.column_stack(sums).astype(np.float64)
