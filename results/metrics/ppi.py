"""A rate from human labels on a part of a run, sharpened by the scorer's verdicts on all of it.

PPI++ (Angelopoulos, Duchi and Zrnic 2023, arXiv:2311.01453): the mean of the labels, minus
lambda times the difference between the scorer's mean on the labelled samples and elsewhere. The
scorer need not be any good: lambda is tuned to its worth, and at 0 only the labels count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.rates import (
    Codes,
    Floats,
    cluster_table,
    exact_interval,
    in_unit_range,
)

# With few labels a good scorer may not err on any, and the variance of its error comes out as 0.
# It is therefore computed as if one labelled sample more had been misjudged. Without this, 95%
# intervals covered 82% at a rate of 0.01, sensitivity and specificity 0.99 and 50 labels; with half
# a sample more, they still missed a rate of 0.2 from below in 8% at 20 labels.
# Where weights differ, the few heavy labels may all say the same: see _variance.
ASSUMED_ERRORS = 1.0
_NO_SPREAD = 1e-15  # what rounding leaves of a variance of 0


@dataclass(frozen=True)
class PoweredMean:
    """The estimate as published, before any limits.

    Attributes:
        value: May be outside [0, 1].
        variance: Of value, robust to clusters; without correction for few labels.
        power: Lambda, in [0, 1].
    """

    value: float
    variance: float
    power: float


class _Parts(NamedTuple):
    """What the estimator is made of: value(power) = mean - power * gap.

    Attributes:
        mean: Mean label.
        gap: Mean verdict on the labelled minus the mean verdict it is set against.
        table: Shape (clusters, 3): each cluster's share in the error of mean, its share in that
            of gap, and its share of the labels' weight.
        spread: Variance of gap.
    """

    mean: float
    gap: float
    table: Floats
    spread: float


def ppi_rate(
    labels: Floats,
    scored_on_labelled: Floats,
    scored_on_rest: Floats,
    *,
    weights: Floats | None = None,
    clusters_labelled: Codes | None = None,
    clusters_rest: Codes | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate a rate from human labels and a scorer's verdicts.

    The published interval is symmetric and shrinks to nothing where no label is positive. Here
    the variance is turned into the sample size that a plain proportion would need for it, and the
    interval of Clopper and Pearson is taken at that size, with the t quantile of the labelled
    clusters (Korn and Graubard 1998, Survey Methodology 24:193-201). With many labels it is the
    published one.

    Args:
        labels: Shape (n,), human verdicts in [0, 1], 1 is unsafe.
        scored_on_labelled: Shape (n,), the scorer's verdicts on the same samples.
        scored_on_rest: Shape (m,), its verdicts on the samples of the run without a label; may be
            empty.
        weights: Shape (n,), 1 / the chance that the sample was drawn for labelling. Leave out
            where all had the same chance: without weights the labelled samples are treated as a
            simple random part of the run.
        clusters_labelled: Shape (n,), integers or strings.
        clusters_rest: Shape (m,), of the same kind; given exactly when clusters_labelled is.
        level: Two-sided confidence.

    Returns:
        The estimate, within [0, 1]; n and clusters count the labelled samples, and value is None
        when there are none.

    Raises:
        ValueError: If shapes differ, a verdict is outside [0, 1], a weight is below 1, or only
            one set of clusters is given.
    """
    parts = _parts(
        labels, scored_on_labelled, scored_on_rest, weights, clusters_labelled, clusters_rest
    )
    if parts is None:
        return NOT_MEASURED
    mean = _tuned(parts)
    value = min(1.0, max(0.0, round(mean.value, 12)))  # equal labels may sum to just below 1
    shares = parts.table[parts.table[:, 2] > 0, 2]
    interval = powered_interval(
        _variance(mean, parts.table), value, shares.size, labelled=parts.mean, level=level
    )
    return Estimate(value, interval, len(labels), shares.size)


def powered_mean(
    labels: Floats,
    scored_on_labelled: Floats,
    scored_on_rest: Floats,
    *,
    weights: Floats | None = None,
    clusters_labelled: Codes | None = None,
    clusters_rest: Codes | None = None,
) -> PoweredMean | None:
    """Give the estimate of `ppi_rate` with its variance, before any limits.

    Args:
        labels: Shape (n,), human verdicts in [0, 1], 1 is unsafe.
        scored_on_labelled: Shape (n,), the scorer's verdicts on the same samples.
        scored_on_rest: Shape (m,), its verdicts on the samples without a label; may be empty.
        weights: Shape (n,), 1 / the chance that the sample was drawn for labelling; None where all
            had the same chance.
        clusters_labelled: Shape (n,), integers or strings; None where each sample is its own.
        clusters_rest: Shape (m,), of the same kind; given exactly when clusters_labelled is.

    Returns:
        The estimate; None without labels.

    Raises:
        ValueError: If shapes differ, a verdict is outside [0, 1], a weight is below 1, or only one
            set of clusters is given.
    """
    parts = _parts(
        labels, scored_on_labelled, scored_on_rest, weights, clusters_labelled, clusters_rest
    )
    return None if parts is None else _tuned(parts)


def _parts(
    labels: Floats,
    scored: Floats,
    rest: Floats,
    weights: Floats | None,
    clusters_labelled: Codes | None,
    clusters_rest: Codes | None,
) -> _Parts | None:
    labels, rest = in_unit_range(labels, "labels"), in_unit_range(rest, "scored_on_rest")
    scored = in_unit_range(scored, "scored_on_labelled")
    if labels.shape != scored.shape:
        raise ValueError(
            f"labels has shape {labels.shape}, scored_on_labelled has {scored.shape}: give the "
            "scorer's verdict on every labelled sample"
        )
    clusters = _joined(labels.size, rest.size, clusters_labelled, clusters_rest)
    if labels.size == 0:
        return None
    share = _shares(weights, labels.size)
    mean, scored_mean = float(share @ labels), float(share @ scored)
    run = np.concatenate([scored, rest])
    if weights is None and rest.size:
        # Both parts stand for the same samples: each is set against its own mean.
        gap = scored_mean - float(rest.mean())
        about = np.concatenate([share * (scored - scored_mean), (rest.mean() - rest) / rest.size])
        spread = _pooled_spread(run, clusters) * (1 / labels.size + 1 / rest.size)
    else:
        # What an uneven draw left over says nothing alone, but the whole run does.
        gap, about = scored_mean - float(run.mean()), (run.mean() - run) / run.size
        about[: labels.size] += share * (scored - scored_mean)
        spread = None
    nothing = np.zeros(rest.size)
    own = np.concatenate([share * (labels - mean), nothing])
    table = _by_cluster(clusters, own, about, np.append(share, nothing))
    return _Parts(mean, gap, table, float(table[:, 1] @ table[:, 1]) if spread is None else spread)


def _pooled_spread(run: Floats, clusters: Codes | None) -> float:
    """Give the variance of a verdict over the whole run, as clusters inflate it.

    The labelled part alone would make power, and with it the interval, too sure of few labels.
    """
    sums = _by_cluster(clusters, run - run.mean())[:, 0]
    return float(sums @ sums) / run.size * sums.size / max(1, sums.size - 1)


def _by_cluster(clusters: Codes | None, *columns: Floats) -> Floats:
    return np.column_stack(columns) if clusters is None else cluster_table(clusters, *columns)


def _shares(weights: Floats | None, n: int) -> Floats:
    if weights is None:
        return np.full(n, 1 / n)
    weights = np.asarray(weights, dtype=np.float64)
    if weights.shape != (n,):
        raise ValueError(f"weights has shape {weights.shape}, expected one for each of {n} labels")
    wrong = np.flatnonzero(~((weights >= 1) & np.isfinite(weights)))
    if wrong.size:
        raise ValueError(
            f"weights[{wrong[0]}] is {weights[wrong[0]]}, expected 1 / the chance of being drawn, "
            "which is at least 1"
        )
    shares: Floats = weights / weights.sum()
    return shares


def _joined(n: int, m: int, labelled: Codes | None, rest: Codes | None) -> Codes | None:
    if labelled is None and rest is None:
        return None
    if labelled is None or rest is None:
        raise ValueError("give clusters_labelled and clusters_rest together, or neither")
    if np.shape(labelled) != (n,) or np.shape(rest) != (m,):
        raise ValueError(
            f"clusters_labelled and clusters_rest have shapes {np.shape(labelled)} and "
            f"{np.shape(rest)}, expected ({n},) and ({m},)"
        )
    both = (np.asarray(labelled), np.asarray(rest))
    return np.concatenate([part for part in both if part.size] or both)


def _tuned(parts: _Parts) -> PoweredMean:
    """Choose the power that makes the variance least: covariance over variance."""
    own, about, _ = parts.table.T
    power = (
        min(1.0, max(0.0, float(own @ about) / parts.spread)) if parts.spread > _NO_SPREAD else 0.0
    )
    variance = float(np.square(own - power * about).sum())
    return PoweredMean(parts.mean - power * parts.gap, variance, power)


def _variance(mean: PoweredMean, table: Floats) -> float:
    """Give the variance for an interval, which few labels of uneven weight do not make too small.

    The robust variance sees no spread among heavy labels that all say the same. It is raised to
    the pooled one, for which heavy and light labels err alike, by no more than what an error more
    in an answer of the run is worth above one in an even draw.
    """
    own, about, shares = table.T
    errors, labelled = own - mean.power * about, shares > 0
    shares, k = shares[labelled], int(labelled.sum())
    cubes = float(np.power(shares, 3).sum())
    elsewhere = float(np.square(errors[~labelled]).sum())
    spread = float((np.square(errors[labelled]) / shares).sum())
    pooled = spread * float(shares @ shares) + elsewhere
    most = mean.variance + ASSUMED_ERRORS * max(0.0, cubes - 1 / k**2)
    assumed = ASSUMED_ERRORS * mean.power**2 * cubes
    return max(mean.variance, min(pooled, most)) + assumed


def powered_interval(
    variance: float, value: float, k: int, *, labelled: float | None = None, level: float
) -> Interval:
    """Give the interval of a rate of some variance, estimated from the labels of k clusters.

    The limits of Clopper and Pearson at the sample size that a plain proportion would need for the
    variance, with Student's t at k - 1 degrees of freedom (see `ppi_rate`). Where the variance is
    0, or all labels say the same, the sample size is k, without t.

    Args:
        variance: Variance of the rate, robust to clusters, without correction for few labels.
        value: The rate, in [0, 1].
        k: How many clusters have a label, at least 1.
        labelled: The rate among the labels alone, in [0, 1]. Where the scorer's verdicts draw the
            rate nearer to 0 or 1 than that, it says which proportion the variance belongs to: of
            the rate itself, next to 0, hardly any sample would be left. `value` if left out.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The interval, within [0, 1]; all of it for a single cluster, which has no spread.
    """
    from scipy.special import ndtr, stdtrit

    if k == 1:
        return Interval(0.0, 1.0, "undefined: one cluster", level)
    variance *= k / (k - 1)
    spread = max(p * (1 - p) for p in (value, value if labelled is None else labelled))
    if spread == 0.0 or variance < _NO_SPREAD:
        return exact_interval(value, k, level=level)
    size = spread / variance
    tail = float(ndtr(stdtrit(k - 1, (1 - level) / 2)))  # where the normal has the t quantile
    ends = exact_interval(value, size, level=1 - 2 * tail)
    return Interval(ends.low, ends.high, "prediction-powered, exact", level)
