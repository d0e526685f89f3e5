"""Intervals of figures that are no means, by every set of weights that clusters may have.

Gaffke's bound (2005, Math. Methods Statist. 14:451-467) as `means` has it, for figures whose limits
are no sum: clusters have a flat Dirichlet's weights, and one cluster more that nobody saw lies
wherever the figure is worst for it. Of a mean the limits would be those of `means`. That they cover
is measured, not proven (docs/statistics.md).

Weights are drawn, the same ones every time: inverse distribution functions of uniform numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METHOD: Final = "reweighted clusters"
WHOLE: Final = "whole range"
LEAST: Final = 6
"""With fewer clusters the limits of kappa and alpha cover too seldom, and the whole range is given
instead: by enumeration of all tables of two labels, 71% with 2 items, and 97% from 6 on."""
_DRAWS: Final = 4000
_SEED: Final = 20261130


def reweighted_limits(
    rows: Floats,
    counts: Floats,
    unseen: Floats,
    figure: Callable[[Floats], Floats],
    *,
    level: float = 0.95,
) -> tuple[float, float]:
    """Give the limits of a figure that is computed from sums over clusters.

    Args:
        rows: Shape (kinds, columns), what each kind of cluster adds to the sums.
        counts: Shape (kinds,), how many clusters are of each kind, above 0.
        unseen: Shape (alternatives, columns), what the unseen cluster may add.
        figure: Takes sums of shape (draws, columns), gives the figure of shape (draws,).
        level: Two-sided confidence, in (0, 1).

    Returns:
        The lower limit, of the alternative that has the lowest, and the upper one alike.
    """
    kinds = len(counts)
    sums = np.column_stack([_weights(kinds, i, n) for i, n in enumerate(counts.tolist())]) @ rows
    weight = -np.log1p(-_uniform(kinds)[:, :1])
    tails = [(1 - level) / 2, (1 + level) / 2]
    ends = np.array([np.quantile(figure(sums + weight * other), tails) for other in unseen])
    return float(ends[:, 0].min()), float(ends[:, 1].max())


@lru_cache(maxsize=8)
def _uniform(kinds: int) -> Floats:
    """Return the uniform numbers of each draw: one for the unseen cluster, one for each kind."""
    return np.random.Generator(np.random.PCG64(_SEED)).random((_DRAWS, kinds + 1))


@lru_cache(maxsize=256)  # 8 MB; figures of one report have many counts in common
def _weights(kinds: int, kind: int, count: float) -> Floats:
    """Return what `count` clusters of one kind weigh together, in each draw."""
    from scipy.special import gammaincinv

    return np.asarray(gammaincinv(count, _uniform(kinds)[:, kind + 1]), dtype=np.float64)
