"""The mean of bounded values in clusters: one interval and one test at every number of clusters.

Gaffke's bound (2005, Math. Methods Statist. 14:451-467; Learned-Miller and Thomas 2019,
arXiv:1905.06208): give the clusters every possible set of weights (a flat Dirichlet), and one
cluster more that nobody saw, wholly at the far end. The upper limit is the quantile of the
weighted mean. It needs no variance, so that it holds where failures gather in few clusters, and
one more unsafe verdict never lowers a limit.

With one verdict of 0 or 1 to a cluster it is the interval of Clopper and Pearson (1934). With
differences of -1, 0 or 1 its test is McNemar's exact one. Tests check both.

Weights are gamma variables over their sum. "The weighted mean is above t" therefore says that a
sum of gamma variables is above 0, and the chance of that is one integral (Gil-Pelaez 1951,
Biometrika 38:481; Imhof 1961, Biometrika 48:419-426), taken by the trapezoidal rule on a
logarithmic scale, where it converges exponentially.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenken.results.metrics.interval import Interval

Floats = NDArray[np.float64]

METHOD = "Gaffke on clusters"

_STEP = 0.05
_GRID = np.exp(np.arange(-28.0, 38.0, _STEP))
_EVERY = 20
"""One in so many points is looked at first, to see where the integrand has died away."""
_GONE = 40.0
"""The integrand below exp(-40) adds nothing."""
_SMALLEST = 1e-10
"""The integral is exact to about 1e-12: a smaller chance is given as this one."""
_ROWS = 2000


def bounded_interval(
    sums: Floats, sizes: Floats, *, least: float = 0.0, most: float = 1.0, level: float = 0.95
) -> Interval:
    """Give the interval of a mean over all members of the clusters.

    Args:
        sums: Shape (clusters,), the sum of each cluster's values.
        sizes: Shape (clusters,), how many values each has, at least 1.
        least: No value can be below.
        most: No value can be above.
        level: Two-sided confidence; each side errs with half of the rest.

    Returns:
        The interval, closed at an end that all values share.
    """
    low = lower_limit(sums, sizes, least=least, most=most, error=(1 - level) / 2)
    high = upper_limit(sums, sizes, least=least, most=most, error=(1 - level) / 2)
    return Interval(low, high, METHOD, level)


def upper_limit(
    sums: Floats, sizes: Floats, *, least: float = 0.0, most: float = 1.0, error: float
) -> float:
    """Give the upper limit that the mean exceeds with a chance of at most `error`.

    Args:
        sums: Shape (clusters,), the sum of each cluster's values.
        sizes: Shape (clusters,), how many values each has; at least one cluster.
        least: The lowest value that there can be.
        most: The highest value that there can be.
        error: One-sided chance of error, in (0, 0.5); (1 - level) / 2 for a two-sided interval.

    Returns:
        The limit, in [least, most].
    """
    span = most - least
    shares = np.clip((np.asarray(sums) - least * np.asarray(sizes)) / span, 0.0, sizes)
    return least + span * _upper(*_grouped(shares, np.asarray(sizes)), error)


def lower_limit(
    sums: Floats, sizes: Floats, *, least: float = 0.0, most: float = 1.0, error: float
) -> float:
    """Give the lower limit, which the mean is below with a chance of at most `error`.

    Args:
        sums: Shape (clusters,), the sum of each cluster's values.
        sizes: Shape (clusters,), how many values each has; at least one cluster.
        least: The lowest value that there can be.
        most: The highest value that there can be.
        error: One-sided chance of error, in (0, 0.5); (1 - level) / 2 for a two-sided interval.

    Returns:
        The limit, in [least, most]; the mirror of `upper_limit`.
    """
    return -upper_limit(-np.asarray(sums), sizes, least=-most, most=-least, error=error)


def mean_is_zero(sums: Floats, sizes: Floats, *, unseen: float | None = None) -> float:
    """Give the two-sided p of "the mean is 0" for values in [-1, 1].

    It is the level at which a limit of the interval touches 0, so that test and interval never
    disagree. Under the smallest chance that can be computed, 1e-10, it is that chance.

    Args:
        sums: Shape (clusters,), the sum of each cluster's values.
        sizes: Shape (clusters,), how many values each has. They may be weighted alike.
        unseen: Size of the cluster that nobody saw; that of a member's, on average, if left out.
    """
    sums = np.asarray(sums, dtype=np.float64)
    atom = _unseen(np.asarray(sizes)) if unseen is None else unseen
    weights = np.append(np.ones(sums.size), 1.0)
    low = 1 - _chance_above(np.append(sums, -atom), weights)
    high = _chance_above(np.append(sums, atom), weights)
    return min(1.0, max(_SMALLEST, 2 * min(low, high)))


def _unseen(sizes: Floats) -> float:
    """Return the size that a value finds its own cluster to have, on average."""
    return float((sizes**2).sum() / sizes.sum())


def _grouped(shares: Floats, sizes: Floats) -> tuple[bytes, int]:
    """Return distinct clusters with their number, in a form that can be remembered."""
    pairs = np.column_stack([shares, sizes]).astype(np.float64)
    rows, counts = np.unique(pairs, axis=0, return_counts=True)
    return np.column_stack([rows, counts]).tobytes(), len(rows)


@lru_cache(maxsize=4096)
def _upper(table: bytes, rows: int, error: float) -> float:
    """Solve for the limit; a report asks for the same table many times."""
    from scipy.optimize import brentq

    shares, sizes, counts = np.frombuffer(table).reshape(rows, 3).T
    atom = float(counts @ sizes**2) / float(counts @ sizes)
    if np.all(shares == sizes):
        return 1.0
    shares, sizes = np.append(shares, atom), np.append(sizes, atom)
    weights = np.append(counts, 1.0)

    def excess(t: float) -> float:
        return _chance_above(shares - t * sizes, weights) - error

    ends = _bracket(shares, sizes, weights, error)
    if excess(ends[0]) <= 0:
        ends = (float((shares / sizes).min()), ends[0])
    root: Any = brentq(excess, ends[0], ends[1], xtol=1e-13)
    return float(root)


def _bracket(shares: Floats, sizes: Floats, weights: Floats, error: float) -> tuple[float, float]:
    """Return the mean, and a value that is surely above the limit.

    Further out the integrand would turn faster than the grid can follow.
    """
    from scipy.optimize import brentq

    far = max(6.0, 1 - math.log(error))  # in standard errors; an exponential tail is the longest

    def within(t: float) -> float:
        excess = shares - t * sizes
        return float(weights @ excess) / math.sqrt(float(weights @ excess**2)) + far

    mean = float(weights @ shares) / float(weights @ sizes)
    most = float((shares / sizes).max()) - 1e-13
    if within(most) >= 0:
        return mean, most
    end: Any = brentq(within, mean, most)
    return mean, float(end)


def _chance_above(scales: Floats, shapes: Floats) -> float:
    """Give the chance that a sum of scaled gamma variables is above 0."""
    kept = np.abs(scales) > 1e-15
    scales, shapes = scales[kept], shapes[kept]
    if not (scales > 0).any():
        return 0.0
    if not (scales < 0).any():
        return 1.0
    scales = scales / math.sqrt(float(shapes @ scales**2))
    coarse, _ = _transform(scales, shapes, _GRID[::_EVERY])
    stop = (int(np.searchsorted(coarse, _GONE)) + 1) * _EVERY
    fading, angle = _transform(scales, shapes, _GRID[:stop])
    return 0.5 + _STEP / math.pi * float((np.sin(angle) * np.exp(-fading)).sum())


def _transform(scales: Floats, shapes: Floats, points: Floats) -> tuple[Floats, Floats]:
    """Return minus the log size and the angle of the characteristic function at some points."""
    fading, angle = np.zeros(points.size), np.zeros(points.size)
    for start in range(0, scales.size, _ROWS):
        part = slice(start, start + _ROWS)
        turned = scales[part, None] * points
        fading += 0.5 * (shapes[part] @ np.log1p(turned * turned))
        angle += shapes[part] @ np.arctan(turned)
    return fading, angle
