"""What a sample can show: the cost of clustering, and the smallest difference it can detect.

Rates are compared on the arcsine scale of Cohen (1988, Statistical Power Analysis for the
Behavioral Sciences, ch. 6), h = 2 asin(sqrt(p1)) - 2 asin(sqrt(p0)), which stays finite where a
violation rate is 0 and the plain normal approximation promises too much.
"""

from __future__ import annotations

import math

import numpy as np

from tenken.results.metrics.rates import Codes, Floats, cluster_table


def design_effect(verdicts: Floats, clusters: Codes) -> float:
    """Estimate by how much clustering inflates the variance of a rate.

    The intraclass correlation comes from a one-way analysis of variance (Donner and Koval 1980,
    Biometrics 36:19-25), cut off at 0, and the effect is 1 + (m - 1) * ICC with m the mean
    cluster size weighted by size (Kish 1965, Survey Sampling, sec. 5.4).

    Args:
        verdicts: Shape (n,), any numbers.
        clusters: Shape (n,), integers or strings.

    Returns:
        At least 1.0; exactly 1.0 where the correlation is undefined (fewer than two clusters, no
        cluster with two members, or verdicts that are all the same).
    """
    verdicts = np.asarray(verdicts, dtype=np.float64)
    table = cluster_table(clusters, verdicts, verdicts**2, np.ones_like(verdicts))
    sums, squares, sizes = table.T
    n, k = float(sizes.sum()), int(table.shape[0])
    if k < 2 or n == k:
        return 1.0
    explained = float((np.square(sums) / sizes).sum())
    between = (explained - float(sums.sum()) ** 2 / n) / (k - 1)
    within = (float(squares.sum()) - explained) / (n - k)
    mean_size = float(np.square(sizes).sum()) / n
    typical_size = (n - mean_size) / (k - 1)
    spread = between + (typical_size - 1) * within
    if spread <= 1e-12:  # only rounding is left: all verdicts are the same
        return 1.0
    return 1.0 + (mean_size - 1) * min(1.0, max(0.0, (between - within) / spread))


def minimum_detectable(
    n: int,
    baseline: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
) -> float | None:
    """Give the smallest excess over a fixed rate that a sample detects.

    Args:
        n: Sample size.
        baseline: The fixed rate, in [0, 1].
        power: Chance of detecting the difference.
        level: 1 - the two-sided significance level.
        design_effect: Variance inflation by clusters; the effective size is n / design_effect.

    Returns:
        p1 - baseline for the detectable p1 above the baseline (the unsafe side); None where no
        rate up to 1 is far enough, or n is 0. For the safe side pass 1 - baseline.
    """
    return _above(baseline, math.sqrt(design_effect / n), power, level) if n > 0 else None


def minimum_detectable_independent(
    n_1: int,
    n_2: int,
    baseline: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
) -> float | None:
    """Give the smallest excess of one rate over another that two separate samples detect.

    Args:
        n_1: Size of the sample whose rate is the baseline.
        n_2: Size of the other.
        baseline: Rate of the first, in [0, 1].
        power: Chance of detecting the difference.
        level: 1 - the two-sided significance level.
        design_effect: Variance inflation by clusters, in both samples.

    Returns:
        The difference; None where no rate up to 1 is far enough, or a sample is empty.
    """
    if min(n_1, n_2) <= 0:
        return None
    return _above(baseline, math.sqrt(design_effect * (1 / n_1 + 1 / n_2)), power, level)


def _above(baseline: float, scale: float, power: float, level: float) -> float | None:
    """Step from the baseline by the detectable effect, in units of the standard error of h."""
    if not 0 <= baseline <= 1:
        raise ValueError(f"baseline is {baseline}, expected a rate in [0, 1]")
    angle = math.asin(math.sqrt(baseline)) + sum(_quantiles(power, level)) * scale / 2
    return math.sin(angle) ** 2 - baseline if angle <= math.pi / 2 else None


def minimum_detectable_pair(
    n: int,
    discordance: float,
    *,
    power: float = 0.8,
    level: float = 0.95,
    design_effect: float = 1.0,
) -> float | None:
    """Give the smallest paired difference that McNemar's test detects.

    Solves the sample size formula of Connor (1987, Biometrics 43:207-211),
    n = (z_a sqrt(psi) + z_b sqrt(psi - d^2))^2 / d^2, for the difference d.

    Args:
        n: Pairs.
        discordance: psi, the expected share of pairs with two different verdicts, in [0, 1].
        power: Chance of detecting the difference.
        level: 1 - the two-sided significance level.
        design_effect: Variance inflation by clusters of the pairs' differences.

    Returns:
        The difference of the two rates; None where even discordant pairs that all point the same
        way would be too few.

    Raises:
        ValueError: If discordance is outside [0, 1].
    """
    if not 0 <= discordance <= 1:
        raise ValueError(f"discordance is {discordance}, expected a share in [0, 1]")
    z_a, z_b = _quantiles(power, level)
    size = n / design_effect
    rest = size + z_b**2 - z_a**2
    if n <= 0 or rest < 0 or discordance == 0:
        return None
    root = math.sqrt(discordance)
    difference = root * (z_a * math.sqrt(size) + z_b * math.sqrt(rest)) / (size + z_b**2)
    return difference if difference <= discordance else None


def _quantiles(power: float, level: float) -> tuple[float, float]:
    from scipy.special import ndtri

    return -float(ndtri((1 - level) / 2)), float(ndtri(power))
