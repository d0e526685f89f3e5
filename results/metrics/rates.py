"""Rates with intervals that respect clusters, and the bounds that undecided samples allow.

The unit of analysis is the cluster: paraphrases, epochs and group swaps of one base item are one
draw from the population of items, not several. Every random step is seeded (PCG64) and works on
tables sorted by cluster, so that the order of rows never changes a number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[Any]

FEW_CLUSTERS = 30
"""With fewer, intervals come from Student's t rather than from the bootstrap."""

# Draws held in memory at once: 2**20 indices of 4 bytes and as many gathered floats, about 12 MiB.
_DRAWS_PER_CHUNK = 2**20


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


class Bounds(NamedTuple):
    """The values that a rate would have if all undecided samples went one way."""

    best: float
    worst: float


NOT_MEASURED = Estimate(value=None, interval=None, n=0, clusters=0)


def rate(
    verdicts: Floats, clusters: Codes, *, seed: int, resamples: int = 2000, level: float = 0.95
) -> Estimate:
    """Estimate the mean verdict, with the interval that the data's shape calls for.

    All verdicts 0, or all 1: Clopper-Pearson with the number of clusters as the number of trials.
    That is exact for singleton clusters, and conservative for larger ones, which it takes for one
    trial each. Otherwise Wilson (1927) where verdicts are 0 or 1 and every cluster has one member,
    a percentile bootstrap over clusters (ratio of sums) elsewhere, and Wilson's interval at the
    effective size with Student's t where they are fewer than `FEW_CLUSTERS`. Where every cluster
    has the same mean the bootstrap has no spread, and Clopper-Pearson with clusters as trials
    stands in, with a fractional count: a verdict in [0, 1] varies at most as a binary one of its
    mean.

    Args:
        verdicts: Shape (n,), in [0, 1], where 1 is unsafe.
        clusters: Shape (n,), integers or strings. Codes must not hang on the order of rows:
            number sorted names, or pass the names.
        seed: Seeds the bootstrap.
        resamples: Bootstrap replicates.
        level: Two-sided confidence.

    Returns:
        The estimate; its value is None when there are no verdicts.

    Raises:
        ValueError: If shapes differ or a verdict is outside [0, 1].
    """
    verdicts = in_unit_range(verdicts, "verdicts")
    table = cluster_table(clusters, verdicts, np.ones_like(verdicts))
    if table.shape[0] == 0:
        return NOT_MEASURED
    total, n = table.sum(axis=0)
    value = float(total / n)
    interval = _rate_interval(table, value, seed=seed, resamples=resamples, level=level)
    return Estimate(value, interval, int(n), table.shape[0])


def _rate_interval(
    table: Floats, value: float, *, seed: int, resamples: int, level: float
) -> Interval:
    k = table.shape[0]
    if value in (0.0, 1.0):
        return exact_interval(value, k, level=level)
    if k == 1:
        return Interval(0.0, 1.0, "undefined: one cluster", level)
    if np.all(table[:, 1] == 1) and np.all(np.isin(table[:, 0], (0.0, 1.0))):
        return wilson_interval(round(float(table[:, 0].sum())), k, level=level)
    if np.ptp(table[:, 0] / table[:, 1]) < 1e-12:  # equal up to rounding
        return exact_interval(value, k, level=level)
    if k < FEW_CLUSTERS:
        return _few_clusters_interval(table, value, level=level)
    totals = bootstrap_totals(table, seed=seed, resamples=resamples)
    return percentile_interval(totals[:, 0] / totals[:, 1], value, level=level)


def _few_clusters_interval(table: Floats, value: float, *, level: float) -> Interval:
    """Give Wilson's interval at the cluster-robust effective size, with Student's t.

    The percentile bootstrap covers far less than it says with few clusters. A spread between
    clusters that happens to be smaller than that of independent verdicts is not believed.
    """
    from scipy.special import stdtrit

    k, n = table.shape[0], float(table[:, 1].sum())
    robust = cluster_variance(table, value)
    independent = value * (1 - value) / n
    size = n / max(1.0, robust / independent)
    low, high = score_limits(value, size, float(stdtrit(k - 1, (1 - level) / 2)) ** 2)
    return Interval(float(low), float(high), "wilson, effective size, t", level)


def cluster_variance(table: Floats, value: float) -> float:
    """Give the variance of a ratio of sums by its residuals, a cluster being one draw.

    Args:
        table: A row for each cluster, its sum and its size.
        value: The ratio of the totals.
    """
    k, n = table.shape[0], float(table[:, 1].sum())
    residuals = table[:, 0] - value * table[:, 1]
    squares = math.fsum(np.square(residuals).tolist())
    return float(squares / (n * n) * k / (k - 1))


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
            "negative, and the sum of verdicts lies between 0 and the number scored"
        )
    total = scored + undecided
    return Bounds(good / total, (good + undecided) / total) if total else None


def wilson_interval(successes: int, trials: int, *, level: float) -> Interval:
    """Give the score interval of Wilson (1927, JASA 22:209-212) for a plain proportion."""
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
    """Give Wilson's limits for the square of any quantile; as `wilson_limits`."""
    p, n = np.asarray(rate, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    reach = np.sqrt(z2 * (p * (1 - p) + z2 / (4 * n)) / n) / (1 + z2 / n)
    low = np.where(p == 0, 0.0, np.maximum(middle - reach, 0.0))
    return low, np.where(p == 1, 1.0, np.minimum(middle + reach, 1.0))


def exact_interval(value: float, trials: int, *, level: float) -> Interval:
    """Give the interval of Clopper and Pearson (1934, Biometrika 26:404-413).

    Args:
        value: The proportion; value * trials may be fractional, as the beta quantiles allow.
        trials: Number of independent trials, here clusters.
        level: Two-sided confidence.

    Returns:
        The interval, closed at 0 when value is 0 and at 1 when value is 1.
    """
    from scipy.special import betainccinv, betaincinv

    tail, count = (1 - level) / 2, value * trials
    low = float(betaincinv(count, trials - count + 1, tail)) if value > 0 else 0.0
    high = float(betainccinv(count + 1, trials - count, tail)) if value < 1 else 1.0
    return Interval(low, high, "exact on clusters", level)


def in_unit_range(values: Floats, name: str) -> Floats:
    """Return values as floats after checking that all lie in [0, 1].

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


def bootstrap_totals(table: Floats, *, seed: int, resamples: int) -> Floats:
    """Draw clusters with replacement and add up their rows.

    Args:
        table: Shape (clusters, columns), as `cluster_table` makes it.
        seed: Seeds PCG64.
        resamples: Number of replicates.

    Returns:
        Shape (resamples, columns): column totals of each replicate.
    """
    k = table.shape[0]
    columns = np.ascontiguousarray(table.T)
    totals = np.empty((resamples, columns.shape[0]))
    for rows, drawn in _draws(k, seed, resamples):
        for j, column in enumerate(columns):
            flat = column[0] == column.min() == column.max()
            totals[rows, j] = k * column[0] if flat else column.take(drawn).sum(axis=1)
    return totals


def _draws(k: int, seed: int, resamples: int) -> Iterator[tuple[slice, NDArray[np.int32]]]:
    rng = np.random.Generator(np.random.PCG64(seed))
    step = max(1, _DRAWS_PER_CHUNK // k)
    for start in range(0, resamples, step):
        stop = min(start + step, resamples)
        yield slice(start, stop), rng.integers(0, k, size=(stop - start, k), dtype=np.int32)


def percentile_interval(replicates: Floats, value: float, *, level: float) -> Interval:
    """Turn bootstrap replicates into a percentile interval that holds the estimate.

    Replicates that are not numbers (an empty denominator in a resample) are left out. With very
    few clusters the percentiles can miss the estimate itself; the interval is then widened to it.
    """
    tail = (1 - level) / 2
    low, high = np.nanquantile(replicates, [tail, 1 - tail])
    ends = min(float(low), value), max(float(high), value)
    return Interval(*ends, "cluster bootstrap", level)
