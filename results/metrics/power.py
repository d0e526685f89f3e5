"""What a sample can show, exactly: whether a gate can be passed, and how likely it is.

Everything is counted in clusters whose answers agree with each other, where the interval is that
of Clopper and Pearson and the test of pairs is McNemar's exact one. Answers that agree less show
more. Nothing here is an approximation, so that the power that is stated is the power there is. Two
halves of different items are compared as the report does it: their intervals joined by squares
(MOVER, Zou and Donner 2008).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_POWER = 0.8
MOST_CLUSTERS: Final = 2000
"""More are never looked for: no library of items has so many of a kind."""


def clusters_to_pass(maximum: float, *, level: float = 0.95) -> int | None:
    """Give the least number of clusters at which a model without a failure passes a gate.

    Args:
        maximum: The highest rate that passes, in [0, 1].
        level: Two-sided confidence of the interval.

    Returns:
        The number; None for a maximum of 0, which no number of clusters shows.
    """
    if maximum >= 1:
        return 1
    if maximum <= 0:
        return None
    # 0 of k give at most 1 - error^(1/k).
    return math.ceil(math.log((1 - level) / 2) / math.log1p(-maximum) - 1e-9)


def most_failures(clusters: int, maximum: float, *, level: float = 0.95) -> int | None:
    """Give how many clusters may be unsafe for a gate to be passed.

    Args:
        clusters: How many there are.
        maximum: The highest rate that passes, in [0, 1].
        level: Two-sided confidence of the interval, whose upper end must not exceed `maximum`.

    Returns:
        The number; None where not even 0 unsafe clusters pass.
    """
    from scipy.special import bdtr

    counts = np.arange(clusters)
    # The upper limit of x of k is at most the maximum where P(X <= x) at the maximum is small.
    passing = counts[bdtr(counts, clusters, maximum) <= (1 - level) / 2] if maximum < 1 else counts
    return int(passing[-1]) if passing.size else None


def chance_to_pass(clusters: int, maximum: float, rate: float, *, level: float = 0.95) -> float:
    """Give the chance that a model of some true rate passes a gate.

    Args:
        clusters: How many there are.
        maximum: The highest rate that passes, in [0, 1].
        rate: The model's true rate.
        level: Two-sided confidence of the interval.
    """
    from scipy.special import bdtr

    most = most_failures(clusters, maximum, level=level)
    return 0.0 if most is None else float(bdtr(most, clusters, rate))


def detectable_rate(
    clusters: int, baseline: float, *, power: float = _POWER, level: float = 0.95
) -> float | None:
    """Give the smallest excess over a fixed rate that a sample shows.

    Args:
        clusters: How many there are.
        baseline: The fixed rate, in [0, 1).
        power: Chance of showing it: the whole interval is above the fixed rate.
        level: Two-sided confidence of the interval.

    Returns:
        The rate that is shown with that chance, minus the baseline; None where no rate is.
    """
    from scipy.special import bdtrc, bdtri

    if clusters < 1 or baseline >= 1:
        return None
    counts = np.arange(1, clusters + 1)
    shown = counts[bdtrc(counts - 1, clusters, baseline) < (1 - level) / 2]
    if not shown.size:
        return None
    # The rate at which P(X >= shown) is the power.
    return float(bdtri(shown[0] - 1, clusters, 1 - power)) - baseline


def detectable_difference(
    clusters: int, discordance: float, *, power: float = _POWER, level: float = 0.95
) -> float | None:
    """Give the smallest difference of two rates on the same items that the exact test shows.

    Args:
        clusters: How many pairs of clusters there are.
        discordance: The share of them with two different verdicts, in (0, 1].
        power: Chance of showing it.
        level: 1 - the two-sided level of the test.

    Returns:
        The difference; None where even differences that all point one way are too few.
    """
    from scipy.optimize import brentq

    def excess(difference: float) -> float:
        return _power_of_pairs(clusters, discordance, difference, level) - power

    if clusters < 1 or discordance <= 0 or excess(discordance) < 0:
        return None
    return float(brentq(excess, 0.0, discordance, xtol=1e-6))


def _power_of_pairs(clusters: int, discordance: float, difference: float, level: float) -> float:
    """Give the power of McNemar's exact test, over all numbers of pairs that differ."""
    from scipy.special import bdtr, bdtrc

    numbers, weights, most = _tests_of_pairs(clusters, discordance, level)
    lean = (discordance + difference) / (2 * discordance)
    both = bdtr(most, numbers, lean) + bdtrc(numbers - most - 1, numbers, lean)
    return float(weights @ both)


@lru_cache(maxsize=64)
def _tests_of_pairs(
    clusters: int, discordance: float, level: float
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    """Give the numbers of differing pairs at which the test can reject, with the chance of each.

    The third is the largest smaller count at which it does.
    """
    numbers, weights = np.arange(clusters + 1), _chances(clusters, discordance)
    numbers, weights = numbers[weights > 1e-9], weights[weights > 1e-9]
    most = _most_rejected(numbers, level)
    return numbers[most >= 0], weights[most >= 0], most[most >= 0]


def _most_rejected(numbers: NDArray[np.int64], level: float) -> NDArray[np.int64]:
    """Give the largest smaller count of differing pairs at which the test rejects; -1 for none."""
    from scipy.special import bdtr

    low, high = np.full_like(numbers, -1), numbers // 2 + 1
    while np.any(high - low > 1):
        middle = (low + high) // 2
        rejected = 2 * bdtr(middle, numbers, 0.5) < 1 - level
        low, high = np.where(rejected, middle, low), np.where(rejected, high, middle)
    return low


def power_of_halves(
    one: int, other: int, baseline: float, excess: float, *, level: float = 0.95
) -> float:
    """Give the chance that the other half of a task is shown to have the higher rate.

    Args:
        one: Clusters of the half with the baseline.
        other: Clusters of the other half.
        baseline: True rate of the first half, in [0, 1].
        excess: How much higher that of the other is.
        level: Two-sided confidence of the interval of the difference.
    """
    if min(one, other) < 1:
        return 0.0
    return _chance_shown(_shown(one, other, level), one, other, baseline, excess)


def detectable_between_halves(
    one: int, other: int, baseline: float, *, power: float = _POWER, level: float = 0.95
) -> float | None:
    """Give the smallest excess of the other half that is shown.

    Args:
        one: Clusters of the half with the baseline.
        other: Clusters of the other half.
        baseline: True rate of the first half, in [0, 1).
        power: Chance of showing the excess, in (0, 1).
        level: Two-sided confidence of the interval of the difference.

    Returns:
        The excess, in (0, 1 - baseline]; None where none is shown with that chance.
    """
    from scipy.optimize import brentq

    if min(one, other) < 1 or baseline >= 1:
        return None
    shown = _shown(one, other, level)

    def missing(excess: float) -> float:
        return _chance_shown(shown, one, other, baseline, excess) - power

    if missing(1 - baseline) < 0:
        return None
    return float(brentq(missing, 0.0, 1 - baseline, xtol=1e-6))


def clusters_of_halves(
    baseline: float, excess: float, *, power: float = _POWER, level: float = 0.95
) -> int | None:
    """Give how many clusters each of two halves needs to show an excess.

    Args:
        baseline: True rate of the first half, in [0, 1).
        excess: How much higher that of the other half is, in (0, 1 - baseline].
        power: Chance of showing the excess, in (0, 1).
        level: Two-sided confidence of the interval of the difference.

    Returns:
        The number for each half, which has the power; None where more than `MOST_CLUSTERS` are
        needed, or where the excess is out of range.
    """
    if not 0 < excess <= 1 - baseline:
        return None

    def enough(clusters: int) -> bool:
        return power_of_halves(clusters, clusters, baseline, excess, level=level) >= power

    most = 8
    while not enough(most):
        if most >= MOST_CLUSTERS:
            return None
        most = min(2 * most, MOST_CLUSTERS)
    least = most // 2
    while most - least > 1:
        middle = (least + most) // 2
        least, most = (least, middle) if enough(middle) else (middle, most)
    return most


def _shown(one: int, other: int, level: float) -> NDArray[np.bool_]:
    """Give for each pair of counts whether the difference's lower end is above 0."""
    rate, _, high = _limits(one, level)
    rate2, low2, _ = _limits(other, level)
    value = rate2[None, :] - rate[:, None]
    down = np.hypot((rate2 - low2)[None, :], (high - rate)[:, None])
    return value > down


def _limits(clusters: int, level: float) -> tuple[NDArray[np.float64], ...]:
    """Give rate and ends of Clopper and Pearson for each count."""
    from scipy.special import betaincinv

    counts, error = np.arange(clusters + 1), (1 - level) / 2
    low, high = np.zeros(clusters + 1), np.ones(clusters + 1)
    low[1:] = betaincinv(counts[1:], clusters - counts[1:] + 1, error)
    high[:-1] = betaincinv(counts[:-1] + 1, clusters - counts[:-1], 1 - error)
    return counts / clusters, low, high


def _chance_shown(
    shown: NDArray[np.bool_], one: int, other: int, baseline: float, excess: float
) -> float:
    first, second = _chances(one, baseline), _chances(other, min(1.0, baseline + excess))
    return float(first @ shown @ second)


def _chances(trials: int, rate: float) -> NDArray[np.float64]:
    """Give the chance of each number of successes; `scipy.stats` takes half a second to import.

    Each follows from its neighbour, from the likeliest outwards, so that no digit is lost.
    """
    chances: NDArray[np.float64] = np.zeros(trials + 1)
    if not 0 < rate < 1:
        chances[trials if rate >= 1 else 0] = 1
        return chances
    mode, before = min(int((trials + 1) * rate), trials), np.arange(trials)
    ratios = (trials - before) / (before + 1) * (rate / (1 - rate))
    chances[mode] = 1
    chances[mode + 1 :] = np.cumprod(ratios[mode:])
    chances[:mode] = np.cumprod(1 / ratios[:mode][::-1])[::-1]
    chances /= chances.sum()
    return chances
