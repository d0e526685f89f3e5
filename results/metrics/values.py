"""A metric over numbers that is no mean, with an interval by leaving out one cluster at a time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval

METHOD: Final = "jackknife on clusters"
WHOLE: Final = "whole range"
LEAST_CLUSTERS: Final = 30
"""With fewer the jackknife's interval covers too seldom, and the whole range is given instead."""

_OF_FAR: Final = 1.5
"""How much wider the lower side is, which rests on halves: chosen by simulation, so that coverage
is 95% for a calibrated model too (docs/statistics.md)."""
_NONE: Final = 1e-9
_SPLITS: Final = 16
_SEED: Final = 20260401

Numbers = Mapping[str, float]


def jackknife(
    compute: Callable[[Sequence[Numbers]], float],
    scores: Sequence[Numbers],
    clusters: Sequence[str],
    *,
    least: float,
    most: float,
    level: float = 0.95,
) -> Estimate:
    """Estimate a metric with the interval of the delete-one-cluster jackknife.

    Tukey (1958, Ann. Math. Statist. 29:614); Student's t
    with one degree of freedom less than there are clusters. A metric such as a calibration error
    is too high in small samples: where halves of the clusters give another value, the interval
    begins where the metric would be in endless ones, if its bias falls with the root of their
    number. With few clusters, or where no cluster changes the metric, nothing is known
    of its spread: the interval is then the whole range.

    Args:
        compute: Makes the metric of the numbers of some answers.
        scores: The numbers of each answer.
        clusters: The cluster of each answer.
        least: The metric can not be below.
        most: The metric can not be above.
        level: Two-sided confidence.

    Returns:
        The estimate, within the range; its value is None without any answer.
    """
    names = sorted(set(clusters))
    k = len(names)
    if not k:
        return NOT_MEASURED
    pairs = sorted(zip(clusters, scores, strict=True), key=lambda pair: pair[0])
    value = compute([score for _, score in pairs])
    interval = Interval(least, most, WHOLE, level)
    if k >= LEAST_CLUSTERS:
        without = [compute([s for name, s in pairs if name != left]) for left in names]
        middle = math.fsum(without) / k
        error = math.sqrt((k - 1) / k * math.fsum((each - middle) ** 2 for each in without))
        if error > 0:
            reach = _quantile(k, level) * error
            drift = (_of_halves(compute, pairs, names) - value) / (math.sqrt(2) - 1)
            low, high = value - reach, value + reach
            if drift > _NONE:
                low = min(low, value - drift - _OF_FAR * reach)
            elif drift < -_NONE:
                high = max(high, value - drift + _OF_FAR * reach)
            interval = Interval(max(least, low), min(most, high), METHOD, level)
    return Estimate(value, interval, len(scores), k)


def _of_halves(
    compute: Callable[[Sequence[Numbers]], float],
    pairs: Sequence[tuple[str, Numbers]],
    names: Sequence[str],
) -> float:
    """Return the mean of a metric over halves of the clusters, the same ones every time."""
    generator, found = random.Random(_SEED), []  # noqa: S311 - no secret
    for _ in range(_SPLITS):
        half = set(generator.sample(names, len(names) // 2))
        for side in (True, False):
            found.append(compute([score for name, score in pairs if (name in half) is side]))
    return math.fsum(found) / len(found)


def _quantile(k: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(k - 1, (1 + level) / 2))
