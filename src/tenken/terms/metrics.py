"""Metrics over the numbers of scorers, which packages add to.

A package adds one by an entry point in the group `tenken.metrics` that names a `Metric`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import fsum
from typing import Final

from tenken.errors import FOREIGN, UnknownNameError
from tenken.io.plugins import plugin_points, warn
from tenken.schema.estimate import Scale
from tenken.schema.vocabulary import Bilingual

ENTRY_POINTS: Final = "tenken.metrics"
_BINS: Final = 10

Numbers = Mapping[str, float]
"""The numbers that a scorer gave one answer, by key; `value` where it gave a single one."""


@dataclass(frozen=True)
class Metric:
    """A figure over the numbers of many answers.

    Attributes:
        title: What reports call it.
        scale: Its range, and which end is the good one.
        compute: Makes it of the numbers of at least one answer, in any order.
        needs: Keys that each answer's numbers must have.
    """

    title: Bilingual
    scale: Scale
    compute: Callable[[Sequence[Numbers]], float]
    needs: tuple[str, ...] = ()


def calibration_error(scores: Sequence[Numbers]) -> float:
    """Return how far stated confidence is from being right, in [0, 1].

    The expected calibration error over ten bins of equal width (Naeini et al. 2015, AAAI): the
    mean over answers of the distance, within a bin, of mean confidence and share of right answers.

    Args:
        scores: Each with `confidence` in [0, 1] and `correct`, 0 or 1.
    """
    bins: dict[int, list[float]] = defaultdict(list)
    for score in scores:
        place = min(int(score["confidence"] * _BINS), _BINS - 1)
        bins[place].append(score["confidence"] - score["correct"])
    return fsum(abs(fsum(bins[place])) for place in sorted(bins)) / len(scores)


BUILT_IN: Final = {
    "calibration_error": Metric(
        title=Bilingual(en="Calibration error", ja="較正誤差"),
        scale=Scale(range=[0.0, 1.0], higher_is="worse"),
        compute=calibration_error,
        needs=("confidence", "correct"),
    )
}


@cache
def metrics() -> dict[str, Metric]:
    """Return every known metric by its name, those of the package first."""
    found = dict(BUILT_IN)
    for point in plugin_points(ENTRY_POINTS):
        try:
            made: object = point.load()
        except FOREIGN as error:  # whatever another package raises
            warn(f"the metric '{point.name}' is left out: {type(error).__name__}: {error}")
            continue
        if isinstance(made, Metric):
            found.setdefault(point.name, made)
        else:
            warn(f"the metric '{point.name}' is left out: {point.value} is no tenken Metric.")
    return found


def metric_named(name: str, where: str = "") -> Metric:
    """Return a metric by its name.

    Args:
        name: Its name.
        where: Where it is named, for the message.

    Raises:
        UnknownNameError: There is none; the message lists those there are.
    """
    found = metrics().get(name)
    if found is None:
        raise UnknownNameError("metric", name, metrics(), where)
    return found
