"""What all intervals of a report share, and how their numbers are rounded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_DIGITS = 10
"""Figures are written with ten significant digits: enough to recompute any decision, and few
enough that two builds of numpy agree on every one."""


def rounded(value: float | None) -> float | None:
    """Return the value with ten significant digits, None for None and for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return digits(value)


def digits(value: float) -> float:
    """Return a finite value with ten significant digits."""
    return float(f"{value:.{_DIGITS}g}") + 0.0  # no negative zero


METHOD: Final = 4
"""The version of all estimators together; it changes when the same records give other figures.

1 took percentile bootstraps over clusters, Wilson's interval and sign flips; 2 had narrower
intervals for kappa and alpha; 3 had narrower ones for rates from people's labels, and for areas
whose tasks are all near 0 or 1.
"""


def level_of_attempt(attempt: int, level: float = 0.95) -> float:
    """Return the level at which the gates of a repeated attempt are decided.

    Alpha spending: the first attempt has the whole error, the n-th a share of 1 / (n (n + 1)) of
    it, which come to half of it over all that may follow. A model at a gate's limit passes with a
    chance of at most 1.5 times the error of one attempt, however often it is tried, and however
    much the attempts share.

    Args:
        attempt: Its number, from 1.
        level: Two-sided confidence of the first.
    """
    return level if attempt <= 1 else 1 - (1 - level) / (attempt * (attempt + 1))


@dataclass(frozen=True)
class Statistics:
    """What all figures of a report share.

    Attributes:
        level: Two-sided confidence, in (0, 1).
        method: The version of the estimators.
    """

    level: float = 0.95
    method: int = METHOD
