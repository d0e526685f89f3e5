"""What all intervals of a report share, and how their numbers are rounded."""

from __future__ import annotations

import math
from dataclasses import dataclass

_DIGITS = 10
"""Figures are written with ten significant digits: enough to recompute any decision, and few
enough that two builds of numpy agree on every one."""


def rounded(value: float | None) -> float | None:
    """Return the value with ten significant digits, None for None and for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{_DIGITS}g}")


@dataclass(frozen=True)
class Statistics:
    """What all intervals of a report share: seed, bootstrap resamples, and level in (0, 1)."""

    seed: int
    resamples: int = 2000
    level: float = 0.95
