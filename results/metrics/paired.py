"""Two models, or two languages, on the same items: the difference, its interval and its test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from tenken.results.metrics.rates import (
    FEW_CLUSTERS,
    Codes,
    Floats,
    Interval,
    bootstrap_totals,
    cluster_table,
    cluster_variance,
    exact_interval,
    in_unit_range,
    percentile_interval,
    wilson_interval,
)

_NO_SPREAD = 1e-12  # what rounding leaves of equal sums


class Discordant(NamedTuple):
    """Pairs whose two verdicts differ.

    Attributes:
        b01: Pairs where a is below b (a safe, b unsafe).
        b10: Pairs where a is above b.
    """

    b01: int
    b10: int


@dataclass(frozen=True)
class PairedResult:
    """The difference of two rates over matched items.

    Attributes:
        value: Mean of a - b; None when there are no pairs.
        interval: None exactly when value is None.
        n_pairs: Matched items.
        clusters: Clusters that they fall into.
        discordant: Counts of pairs that differ, by direction.
        p_value: Two-sided p of "no difference"; None when there are no pairs.
        method: Name of the test behind p_value.
    """

    value: float | None
    interval: Interval | None
    n_pairs: int
    clusters: int
    discordant: Discordant
    p_value: float | None
    method: str


def paired_difference(
    a: Floats,
    b: Floats,
    clusters: Codes,
    *,
    seed: int,
    resamples: int = 2000,
    level: float = 0.95,
) -> PairedResult:
    """Compare two sets of verdicts on the same items.

    With one pair to a cluster and verdicts of 0 or 1: Newcombe's interval and exact McNemar. With
    one pair to a cluster and other verdicts: the paired t interval and test. With several pairs
    to a cluster: percentile bootstrap over clusters (Student's t with the cluster-robust variance
    where there are fewer than `FEW_CLUSTERS`), and a test that flips the sign of whole
    clusters. Where differences do not vary between clusters, an exact interval stands in for
    one of no width.

    Args:
        a: Shape (n,), verdicts in [0, 1] of the first.
        b: Shape (n,), verdicts of the second on the same items in the same order.
        clusters: Shape (n,), integers or strings that do not hang on the order of rows.
        seed: Seeds the bootstrap and the sign flips.
        resamples: Bootstrap replicates, and sign flips where they cannot all be listed.
        level: Two-sided confidence.

    Returns:
        The result; its value is None when there are no pairs.

    Raises:
        ValueError: If shapes differ or a verdict is outside [0, 1].
    """
    a, b = in_unit_range(a, "a"), in_unit_range(b, "b")
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, b has {b.shape}: match the items first")
    discordant = Discordant(int((a < b).sum()), int((a > b).sum()))
    table = cluster_table(clusters, a - b, np.ones_like(a), (a != b).astype(np.float64))
    k, n = table.shape[0], a.size
    if n == 0:
        return PairedResult(None, None, 0, 0, discordant, None, "no pairs")
    value = float(table[:, 0].sum() / n)
    if k < n:
        interval = _cluster_interval(table, value, seed=seed, resamples=resamples, level=level)
        p_value, method = sign_flip_p(table[:, 0], seed=seed, resamples=resamples), "sign flips"
    elif np.all(np.isin(np.concatenate([a, b]), (0.0, 1.0))):
        both = int((a * b).sum())
        interval = newcombe_interval(both, discordant, n, level=level)
        p_value, method = mcnemar_p(discordant), "exact McNemar"
    else:
        interval = _t_interval(table, value, level=level)
        p_value, method = _t_test(table[:, 0])
    return PairedResult(value, interval, n, k, discordant, p_value, method)


def newcombe_interval(both: int, discordant: Discordant, n: int, *, level: float) -> Interval:
    """Give the square-and-add score interval for a difference of paired proportions.

    Method 10 of Newcombe (1998, Statistics in Medicine 17:2635-2650): Wilson limits of the two
    rates, combined by their correlation phi with its numerator corrected for continuity.

    Args:
        both: Pairs where both verdicts are 1.
        discordant: Pairs that differ.
        n: All pairs.
        level: Two-sided confidence.

    Returns:
        The interval for the rate of a minus the rate of b.
    """
    count_a, count_b = both + discordant.b10, both + discordant.b01
    neither = n - both - sum(discordant)
    p_a, p_b = count_a / n, count_b / n
    wilson_a = wilson_interval(count_a, n, level=level)
    wilson_b = wilson_interval(count_b, n, level=level)
    phi = _corrected_phi(both, discordant, neither)
    down = _hypotenuse(p_a - wilson_a.low, wilson_b.high - p_b, phi)
    up = _hypotenuse(wilson_a.high - p_a, p_b - wilson_b.low, phi)
    value = (discordant.b10 - discordant.b01) / n
    low, high = max(-1.0, value - down), min(1.0, value + up)
    return Interval(low, high, "newcombe paired score", level)


def _corrected_phi(both: int, discordant: Discordant, neither: int) -> float:
    b01, b10 = discordant
    margins = (both + b10) * (neither + b01) * (both + b01) * (neither + b10)
    if margins == 0:
        return 0.0
    numerator = float(both * neither - b10 * b01)
    if numerator > 0:
        numerator = max(numerator - (both + b10 + b01 + neither) / 2, 0.0)
    return numerator / math.sqrt(margins)


def _hypotenuse(x: float, y: float, phi: float) -> float:
    return math.sqrt(max(0.0, x * x - 2 * phi * x * y + y * y))


def mcnemar_p(discordant: Discordant) -> float:
    """Give the exact two-sided p of McNemar's test: a binomial test of the discordant pairs."""
    from scipy.stats import binomtest

    differing = sum(discordant)
    return float(binomtest(discordant.b01, differing).pvalue) if differing else 1.0


def sign_flip_p(sums: Floats, *, seed: int, resamples: int) -> float:
    """Test that clusters lean neither way, by flipping the sign of whole clusters.

    If a and b are exchangeable within every cluster, each cluster's summed difference is as
    likely to be its negative. All sign patterns are listed when they are no more than the
    resamples; otherwise a seeded draw of them counts the observed one in, so p is never 0
    (Phipson and Smyth 2010, Stat. Appl. Genet. Mol. Biol. 9:39).

    Args:
        sums: Shape (clusters,), summed differences.
        seed: Seeds PCG64.
        resamples: Sign patterns drawn.

    Returns:
        Two-sided p; 1.0 when all sums are 0.
    """
    observed = abs(float(sums.sum())) - 1e-9  # ties survive rounding
    sizes = np.sort(np.abs(sums[sums != 0]))
    k = sizes.size
    if 2**k <= resamples:
        bits = np.arange(2**k)[:, None] >> np.arange(k) & 1
        return float(np.mean(np.abs((2 * bits - 1) @ sizes) >= observed))
    rng = np.random.Generator(np.random.PCG64(seed))
    step, hits = max(1, 2**20 // k), 0
    for start in range(0, resamples, step):
        shape = (min(step, resamples - start), k)
        flips = rng.integers(0, 2, size=shape, dtype=np.int8) * 2.0 - 1.0
        hits += int((np.abs(flips @ sizes) >= observed).sum())
    return (hits + 1) / (resamples + 1)


def _cluster_interval(
    table: Floats, value: float, *, seed: int, resamples: int, level: float
) -> Interval:
    if np.ptp(table[:, 0] / table[:, 1]) < _NO_SPREAD:
        return _constant_interval(table, value, level=level)
    if table.shape[0] < FEW_CLUSTERS:
        return _few_clusters_interval(table, value, level=level)
    totals = bootstrap_totals(table[:, :2], seed=seed, resamples=resamples)
    return percentile_interval(totals[:, 0] / totals[:, 1], value, level=level)


def _few_clusters_interval(table: Floats, value: float, *, level: float) -> Interval:
    """Give Student's interval with the cluster-robust variance.

    A spread between clusters that happens to be smaller than that of independent pairs is not
    believed.
    """
    from scipy.special import stdtrit

    k, n = table.shape[0], float(table[:, 1].sum())
    independent = max(float(table[:, 2].sum()) / n - value**2, 0.0) / n
    variance = max(cluster_variance(table[:, :2], value), independent)
    reach = -float(stdtrit(k - 1, (1 - level) / 2)) * math.sqrt(variance)
    low, high = max(-1.0, value - reach), min(1.0, value + reach)
    return Interval(low, high, "cluster-robust t", level)


def _constant_interval(table: Floats, value: float, *, level: float) -> Interval:
    """Bound a difference that is the same in every cluster.

    Where no pair differs, the difference is at most the share of clusters with a pair that does,
    and that share is exactly 0 of k. Elsewhere (d + 1) / 2 lies in [0, 1] and is taken as a rate.
    """
    k = table.shape[0]
    if not table[:, 2].any():
        high = exact_interval(0.0, k, level=level).high
        return Interval(-high, high, "exact on clusters", level)
    if k == 1 and abs(value) < 1:
        return Interval(-1.0, 1.0, "undefined: one cluster", level)
    exact = exact_interval((value + 1) / 2, k, level=level)
    return Interval(2 * exact.low - 1, 2 * exact.high - 1, exact.method, level)


def _t_interval(table: Floats, value: float, *, level: float) -> Interval:
    from scipy.stats import ttest_1samp

    differences = table[:, 0]
    if np.ptp(differences) < _NO_SPREAD:
        return _constant_interval(table, value, level=level)
    limits = ttest_1samp(differences, 0.0).confidence_interval(level)
    low, high = max(-1.0, float(limits.low)), min(1.0, float(limits.high))
    return Interval(low, high, "paired t", level)


def _t_test(differences: Floats) -> tuple[float, str]:
    from scipy.stats import ttest_1samp

    if np.ptp(differences) < _NO_SPREAD:  # nothing to set the difference against but its signs
        same = abs(float(differences[0])) < _NO_SPREAD
        return (1.0 if same else 2.0 ** (1 - differences.size)), "sign test"
    return float(ttest_1samp(differences, 0.0).pvalue), "paired t"


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust a family of p values by Holm (1979, Scand. J. Statist. 6:65-70).

    Args:
        p_values: The family, in any order; may be empty.

    Returns:
        Adjusted p values in the order given, each in [0, 1].
    """
    if not p_values:
        return []
    from statsmodels.stats.multitest import multipletests

    adjusted: Any = multipletests(list(p_values), method="holm")
    return [float(p) for p in adjusted[1]]
