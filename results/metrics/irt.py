"""Item response theory: the two-parameter logistic model of items and answerers.

The chance of a safe answer is 1 / (1 + exp(-slope * (standing - location))), with standings drawn
from a standard normal distribution. Fitted by marginal likelihood (Bock and Aitkin 1981,
Psychometrika 46:443-459); with priors on the items (Mislevy 1986, Psychometrika 51:177-195), since
runs are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from tenken.results.metrics.rates import Floats

LEAST_ANSWERERS: Final = 8
"""With fewer, slopes are all prior."""
_NODES: Final = 41
_REACH: Final = 5.0
_ROUNDS: Final = 500
_CLOSE: Final = 1e-5
_STEEPEST: Final = 6.0
_LOG_SLOPE_SD: Final = 0.5
_INTERCEPT_SD: Final = 2.5


@dataclass(frozen=True)
class Items:
    """The fitted items, in the order of the table's columns.

    Attributes:
        slopes: How sharply each item tells answerers apart.
        locations: The standing at which an answer is safe half the time; higher is harder.
    """

    slopes: Floats
    locations: Floats

    def information(self, standings: Floats) -> Floats:
        """Return each item's information at some standings, shape (standings, items)."""
        chance = _logistic(np.asarray(standings)[:, None], self.slopes, self.locations)
        found: Floats = self.slopes**2 * chance * (1 - chance)
        return found


def fit_items(table: Floats, *, with_priors: bool = True) -> Items | None:
    """Fit the model.

    Args:
        table: Shape (answerers, items), verdicts in [0, 1], 1 unsafe, or not a number; from 0.5 on
            an answer counts as unsafe.
        with_priors: Whether items have priors: log slopes normal about 0 with sd 0.5, intercepts
            about 0 with sd 2.5. Without, an item on which all agree has no finite location.

    Returns:
        The items; None with fewer than eight answerers or two items.
    """
    given = np.asarray(table, dtype=np.float64)
    if given.shape[0] < LEAST_ANSWERERS or given.shape[1] < 2:
        return None
    there = ~np.isnan(given)
    safe = np.where(there, given < 0.5, 0.0).astype(np.float64)
    nodes = np.linspace(-_REACH, _REACH, _NODES)
    weights = np.exp(-(nodes**2) / 2)
    weights /= weights.sum()
    slopes = np.ones(given.shape[1])
    share = (safe.sum(axis=0) + 0.5) / (there.sum(axis=0) + 1)
    intercepts = np.log(share / (1 - share))
    for _ in range(_ROUNDS):
        before = np.concatenate([slopes, intercepts])
        logits = nodes[:, None] * slopes + intercepts
        right, wrong = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
        logs = safe @ right.T + (there - safe) @ wrong.T
        posterior = np.exp(logs - logs.max(axis=1, keepdims=True)) * weights
        posterior /= posterior.sum(axis=1, keepdims=True)
        counts, unsafe = posterior.T @ there, posterior.T @ safe
        slopes, intercepts = _step(slopes, intercepts, nodes, counts, unsafe, with_priors)
        if np.max(np.abs(np.concatenate([slopes, intercepts]) - before)) < _CLOSE:
            break
    return Items(slopes, -intercepts / slopes)


def _step(
    slopes: Floats, intercepts: Floats, nodes: Floats, counts: Floats, safe: Floats, priors: bool
) -> tuple[Floats, Floats]:
    """Take Newton's step for every item at once, slopes on the log scale."""
    x = nodes[:, None] * slopes
    chance = 1 / (1 + np.exp(-(x + intercepts)))
    off, spread = safe - counts * chance, counts * chance * (1 - chance)
    log_slopes = np.log(slopes)
    first = (off * x).sum(axis=0) - priors * log_slopes / _LOG_SLOPE_SD**2
    second = off.sum(axis=0) - priors * intercepts / _INTERCEPT_SD**2
    # Fisher's information of log slope and intercept.
    a = (spread * x**2).sum(axis=0) + priors / _LOG_SLOPE_SD**2 + 1e-9
    b = (spread * x).sum(axis=0)
    c = spread.sum(axis=0) + priors / _INTERCEPT_SD**2 + 1e-9
    det = np.maximum(a * c - b**2, 1e-12)
    move = np.clip((c * first - b * second) / det, -0.5, 0.5)
    shift = np.clip((a * second - b * first) / det, -1.0, 1.0)
    return np.exp(np.clip(log_slopes + move, -4, np.log(_STEEPEST))), intercepts + shift


def _logistic(standing: Floats, slopes: Floats, locations: Floats) -> Floats:
    found: Floats = 1 / (1 + np.exp(-slopes * (standing - locations)))
    return found
