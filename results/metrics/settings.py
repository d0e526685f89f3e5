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
    return float(f"{value:.{_DIGITS}g}")


METHOD: Final = 2
"""The version of all estimators together; it changes when the same records give other figures.

1 took percentile bootstraps over clusters, Wilson's interval and sign flips.
"""


@dataclass(frozen=True)
class Statistics:
    """What all figures of a report share.

    Attributes:
        level: Two-sided confidence, in (0, 1).
        method: The version of the estimators.
    """

    level: float = 0.95
    method: int = METHOD
