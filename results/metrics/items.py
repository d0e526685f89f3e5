"""How well items work: facility, discrimination, reliability, and what makes one suspect.

A table has a row for each answerer (a model, or one of its epochs) and a column for each item;
its cells are verdicts in [0, 1], 1 unsafe, not a number where there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np

from tenken.results.metrics.rates import Floats

Flag = Literal["ceiling", "floor", "negative", "dependent"]

LEAST_ANSWERERS: Final = 3
"""With fewer answerers a correlation over them says nothing."""
MOST_DEPENDENT: Final = 0.3
"""Residual correlation above which two items depend on each other (Christensen, Makransky and
Horton 2017, Appl. Psychol. Meas. 41:178-194, relative to the average)."""
_FACTOR_ROUNDS: Final = 50
LEAST_FOR_DEPENDENCE: Final = 30
"""With fewer answerers the largest of many residual correlations is above that by chance, and one
factor of many items explains much."""


@dataclass(frozen=True)
class ItemFigures:
    """What one item does.

    Attributes:
        answers: Verdicts on it.
        facility: Mean safe verdict in [0, 1]: 1 where every answerer does well.
        discrimination: Correlation of the item with the rest of the task over answerers, in
            [-1, 1] (corrected item-total, point-biserial for verdicts of 0 and 1); None with fewer
            than three answerers or without spread.
        flags: What makes it suspect.
    """

    answers: int
    facility: float | None
    discrimination: float | None
    flags: tuple[Flag, ...]


class Reliability(NamedTuple):
    """How far a task's items agree on who does well.

    Attributes:
        alpha: Cronbach's alpha (1951, Psychometrika 16:297-334); at most 1.
        split_half: Correlation of the odd with the even items, stepped up by Spearman and Brown
            (1910).
        omega: McDonald's omega (1999, Test Theory, chapter 6): the share of the sum's variance that
            one factor explains; None with fewer than 30 answerers.
    """

    alpha: float | None
    split_half: float | None
    omega: float | None = None


class Dif(NamedTuple):
    """Whether an item is harder in one language at equal standing (Mantel and Haenszel 1959).

    Attributes:
        odds_ratio: Common odds of a safe answer in the first group over the second.
        p_value: Two-sided, with the continuity correction.
    """

    odds_ratio: float | None
    p_value: float | None


def item_figures(table: Floats) -> list[ItemFigures]:
    """Return the figures of each item.

    Args:
        table: Shape (answerers, items), verdicts in [0, 1] or not a number.
    """
    safe = 1 - np.asarray(table, dtype=np.float64)
    dependent = _dependent(safe)
    return [_figures(safe, item, depends=bool(dependent[item])) for item in range(safe.shape[1])]


def _figures(safe: Floats, item: int, *, depends: bool) -> ItemFigures:
    own = safe[:, item]
    there = ~np.isnan(own)
    if not there.any():
        return ItemFigures(0, None, None, ())
    facility = float(own[there].mean())
    rest = _mean(np.delete(safe, item, axis=1))
    discrimination = _correlation(own, rest)
    flags: list[Flag] = []
    if there.sum() >= LEAST_ANSWERERS and facility in (0.0, 1.0):
        flags.append("ceiling" if facility else "floor")
    if discrimination is not None and discrimination < 0:
        flags.append("negative")
    if depends:
        flags.append("dependent")
    return ItemFigures(int(there.sum()), facility, discrimination, tuple(flags))


def _mean(safe: Floats) -> Floats:
    counts = (~np.isnan(safe)).sum(axis=1)
    sums = np.nansum(safe, axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def _correlation(one: Floats, other: Floats) -> float | None:
    both = ~np.isnan(one) & ~np.isnan(other)
    if both.sum() < LEAST_ANSWERERS or np.ptp(one[both]) == 0 or np.ptp(other[both]) == 0:
        return None
    return float(np.clip(np.corrcoef(one[both], other[both])[0, 1], -1, 1))


def _dependent(safe: Floats) -> Floats:
    """Return which items go together beyond what the task explains (Yen's Q3, 1984)."""
    answerers, items = safe.shape
    if answerers < LEAST_FOR_DEPENDENCE or items < LEAST_ANSWERERS or np.isnan(safe).any():
        return np.zeros(items)
    total = safe.mean(axis=1)
    spread = float(total.var())
    slopes = ((safe - safe.mean(axis=0)) * (total - total.mean())[:, None]).mean(axis=0)
    slopes = slopes / spread if spread else np.zeros(items)
    residuals = safe - safe.mean(axis=0) - slopes * (total - total.mean())[:, None]
    kept = residuals.std(axis=0) > 1e-9
    found = np.zeros(items)
    if kept.sum() > 1:
        q3 = np.corrcoef(residuals[:, kept].T)
        np.fill_diagonal(q3, np.nan)
        found[kept] = np.nanmax(q3, axis=1) - np.nanmean(q3) > MOST_DEPENDENT
    return found


def reliability(table: Floats) -> Reliability:
    """Return how reliably the items together tell answerers apart.

    Args:
        table: As for `item_figures`; answerers without a verdict on an item are left out.
    """
    safe = 1 - np.asarray(table, dtype=np.float64)
    whole = safe[~np.isnan(safe).any(axis=1)]
    answerers, items = whole.shape
    total = whole.sum(axis=1)
    if answerers < LEAST_ANSWERERS or items < 2 or np.ptp(total) == 0:
        return Reliability(None, None)
    within, between = float(whole.var(axis=0, ddof=1).sum()), float(total.var(ddof=1))
    half = _correlation(whole[:, ::2].mean(axis=1), whole[:, 1::2].mean(axis=1))
    stepped = 2 * half / (1 + half) if half is not None and half > -1 else None
    omega = _omega(whole) if answerers >= LEAST_FOR_DEPENDENCE else None
    return Reliability(items / (items - 1) * (1 - within / between), stepped, omega)


def _omega(whole: Floats) -> float:
    """Return omega by one principal-axis factor of the items' covariances."""
    covariance = np.cov(whole.T)
    loadings = np.zeros(len(covariance))
    shared = np.diag(covariance) / 2
    for _ in range(_FACTOR_ROUNDS):
        reduced = covariance - np.diag(np.diag(covariance) - shared)
        values, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -1] * np.sqrt(max(values[-1], 0.0))
        shared = np.minimum(loadings**2, np.diag(covariance))
    return min(1.0, float(loadings.sum()) ** 2 / float(covariance.sum()))


def mantel_haenszel(safe: Sequence[tuple[int, bool, bool]]) -> Dif:
    """Test whether an item is harder for one group, at equal standing on the rest.

    Args:
        safe: For each answer: the stratum of its answerer's standing, whether it is of the first
            group, and whether it is safe.
    """
    from scipy.special import erfc

    top = bottom = observed = expected = variance = 0.0
    for level in sorted({stratum for stratum, _, _ in safe}):
        cells = np.zeros((2, 2))
        for stratum, first, good in safe:
            if stratum == level:
                cells[int(not first), int(not good)] += 1
        n = cells.sum()
        if n < 2 or not cells.sum(axis=1).all():
            continue
        top += cells[0, 0] * cells[1, 1] / n
        bottom += cells[0, 1] * cells[1, 0] / n
        rows, columns = cells.sum(axis=1), cells.sum(axis=0)
        observed += cells[0, 0]
        expected += rows[0] * columns[0] / n
        variance += rows.prod() * columns.prod() / (n**2 * (n - 1))
    if variance <= 0:
        return Dif(None, None)
    chi2 = max(0.0, abs(observed - expected) - 0.5) ** 2 / variance
    return Dif(top / bottom if bottom else None, float(erfc(np.sqrt(chi2 / 2))))
