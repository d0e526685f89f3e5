"""How far a scorer agrees with the truth, and several raters with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.rates import (
    Codes,
    Floats,
    cluster_table,
    exact_interval,
    wilson_interval,
)
from tenken.results.metrics.rogan_gladen import BinaryTrial

_NO_SPREAD = 1e-12  # what rounding leaves of a variance of 0


@dataclass(frozen=True)
class Confusion:
    """Counts of items by their true label and the label they were given.

    Attributes:
        labels: Names of rows and columns.
        counts: A row for each true label, a column for each label given.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """All items."""
        return sum(map(sum, self.counts))

    @property
    def agreed(self) -> int:
        """Items that were given their true label."""
        return sum(row[i] for i, row in enumerate(self.counts))

    def trial(self, positive: str) -> BinaryTrial:
        """Set one label against all others.

        Raises:
            ValueError: If the label is not one of the table's.
        """
        if positive not in self.labels:
            raise ValueError(f"no label {positive!r}, expected one of {', '.join(self.labels)}")
        i = self.labels.index(positive)
        positives, flagged = sum(self.counts[i]), sum(row[i] for row in self.counts)
        hits = self.counts[i][i]
        return BinaryTrial(
            positives=positives,
            true_positives=hits,
            negatives=self.n - positives,
            true_negatives=self.n - positives - (flagged - hits),
        )


def confusion(truth: Sequence[str], seen: Sequence[str], labels: Sequence[str]) -> Confusion:
    """Count items by true label and label given.

    Args:
        truth: True label of each item.
        seen: Label given to each item.
        labels: All labels, in the order of the table.

    Returns:
        The table.

    Raises:
        ValueError: If lengths differ, a label repeats, or an item has a label not listed.
    """
    if len(truth) != len(seen):
        raise ValueError(f"truth has {len(truth)} items, seen has {len(seen)}: match them first")
    place = {label: i for i, label in enumerate(labels)}
    if len(place) != len(labels):
        raise ValueError(f"labels repeat: {', '.join(labels)}")
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for row, (one, other) in enumerate(zip(truth, seen, strict=True)):
        for name, label in (("truth", one), ("seen", other)):
            if label not in place:
                raise ValueError(f"{name}[{row}] is {label!r}, expected one of {', '.join(labels)}")
        counts[place[one], place[other]] += 1
    return Confusion(tuple(labels), tuple(tuple(map(int, line)) for line in counts))


def accuracy(table: Confusion, *, level: float = 0.95) -> Estimate:
    """Give the share of items with their true label, with Wilson's interval.

    Args:
        table: Counts of items by true label and label given.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The share in [0, 1]; n counts all items. Without a value where the table is empty.
    """
    return _proportion(table.agreed, table.n, level)


def sensitivity(table: Confusion, positive: str, *, level: float = 0.95) -> Estimate:
    """Give the share of items of a label that were given it, with Wilson's interval.

    Args:
        table: Counts of items by true label and label given.
        positive: The label that is to be found; all others count as one.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The share in [0, 1]; n counts the items whose true label is `positive`. Without a value
        where there are none.

    Raises:
        ValueError: If the table has no such label.
    """
    trial = table.trial(positive)
    return _proportion(trial.true_positives, trial.positives, level)


def specificity(table: Confusion, positive: str, *, level: float = 0.95) -> Estimate:
    """Give the share of items of other labels that were not given this one, with Wilson's.

    Args:
        table: Counts of items by true label and label given.
        positive: The label that is to be found; all others count as one.
        level: Two-sided confidence, in (0, 1).

    Returns:
        The share in [0, 1]; n counts the items with another true label. Without a value where there
        are none.

    Raises:
        ValueError: If the table has no such label.
    """
    trial = table.trial(positive)
    return _proportion(trial.true_negatives, trial.negatives, level)


def _proportion(count: int, n: int, level: float) -> Estimate:
    if n == 0:
        return NOT_MEASURED
    return Estimate(count / n, wilson_interval(count, n, level=level), n, n)


def cohen_kappa(table: Confusion, *, level: float = 0.95) -> Estimate:
    """Give Cohen's kappa with the large-sample interval of Fleiss, Cohen and Everitt (1969).

    Where that has no width (all items agree, none does, or one side used a single label), the
    exact interval of the share that agrees is used, with the agreement by chance held.

    Args:
        table: The counts; truth and seen may as well be two raters.
        level: Two-sided confidence.

    Returns:
        Kappa in [-1, 1]; None where it has no denominator: no items, or one label for all.
    """
    from scipy.special import ndtri

    n, counts = table.n, np.asarray(table.counts, dtype=np.float64)
    if n == 0:
        return NOT_MEASURED
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1)) / n**2
    if 1 - chance < _NO_SPREAD:
        return NOT_MEASURED
    value = (table.agreed / n - chance) / (1 - chance)
    variance = _kappa_variance(counts / n, value, chance) / n
    if variance < _NO_SPREAD:
        share = exact_interval(table.agreed / n, n, level=level)
        low, high = ((end - chance) / (1 - chance) for end in (share.low, share.high))
        method = "exact on agreement"
    else:
        reach = -float(ndtri((1 - level) / 2)) * math.sqrt(variance)
        low, high, method = value - reach, value + reach, "asymptotic"
    return Estimate(value, Interval(max(-1.0, low), min(1.0, high), method, level), n, n)


def _kappa_variance(shares: Floats, kappa: float, chance: float) -> float:
    """Give the large-sample variance of kappa times n (Fleiss, Cohen and Everitt 1969, eq. 13)."""
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    weights = columns[:, None] + rows[None, :]
    on_diagonal, its_weights = np.diag(shares), np.diag(weights)
    same = on_diagonal @ (1 - its_weights * (1 - kappa)) ** 2
    apart = (shares * weights**2).sum() - on_diagonal @ its_weights**2
    spread = same + (1 - kappa) ** 2 * apart - (kappa - chance * (1 - kappa)) ** 2
    return float(spread) / (1 - chance) ** 2


def krippendorff_alpha(
    ratings: Sequence[Sequence[str | None]],
    *,
    clusters: Codes | None = None,
    level: float = 0.95,
) -> Estimate:
    """Give Krippendorff's alpha for labels without order, from any number of raters.

    Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability". The interval leaves out one
    cluster of units at a time, with Student's t (the jackknife: Tukey 1958, Ann. Math. Statist.
    29:614; Efron and Stein 1981, Ann. Statist. 9:586-596). Where that has no width (no unit has a
    disagreement, or all have the same), the exact interval of the observed disagreement is
    used, with the disagreement by chance held.

    Args:
        ratings: A row for each unit, in it one label for each rater; None where a rater gave
            none. Units with fewer than two labels say nothing and are left out.
        clusters: Shape (units,), integers or strings; by default every unit is its own.
        level: Two-sided confidence.

    Returns:
        Alpha, at most 1; n counts the labels that could be paired. None where it has no
        denominator: nothing to pair, or the same label throughout.

    Raises:
        ValueError: If clusters has another length than ratings.
    """
    codes = np.arange(len(ratings)) if clusters is None else np.asarray(clusters)
    if codes.shape != (len(ratings),):
        raise ValueError(f"clusters has shape {codes.shape}, expected ({len(ratings)},)")
    columns, kept = _unit_columns(ratings)
    table = cluster_table(codes[kept], *columns)
    n, k = int(table[:, 1].sum()), table.shape[0]
    observed = _alphas(table.sum(axis=0, keepdims=True))
    if n == 0 or np.isnan(observed[0]):
        return NOT_MEASURED
    value = float(observed[0])
    if k == 1:
        return Estimate(value, Interval(-1.0, 1.0, "undefined: one cluster", level), n, k)
    without = _alphas(table.sum(axis=0) - table)
    without = without[~np.isnan(without)]
    if without.size > 1 and np.ptp(without) > _NO_SPREAD:
        return Estimate(value, _jackknife(without, value, level), n, k)
    totals = table.sum(axis=0)
    share, chance = exact_interval(totals[0] / n, k, level=level), float(_expected(totals))
    low, high = (max(-1.0, 1 - end / chance) for end in (share.high, share.low))
    return Estimate(value, Interval(low, high, "exact on clusters", level), n, k)


def _jackknife(without: Floats, value: float, level: float) -> Interval:
    from scipy.special import stdtrit

    k = without.size
    variance = (k - 1) / k * float(np.square(without - without.mean()).sum())
    reach = -float(stdtrit(k - 1, (1 - level) / 2)) * math.sqrt(variance)
    low, high = max(-1.0, value - reach), min(1.0, value + reach)
    return Interval(low, high, "jackknife, t", level)


def _unit_columns(ratings: Sequence[Sequence[str | None]]) -> tuple[list[Floats], Codes]:
    """Tabulate disagreement, labels, and labels of each kind for units with two labels or more."""
    kinds = sorted({label for unit in ratings for label in unit if label is not None})
    place = {label: i for i, label in enumerate(kinds)}
    counts = np.zeros((len(ratings), len(kinds)))
    for row, unit in enumerate(ratings):
        for label in unit:
            if label is not None:
                counts[row, place[label]] += 1
    kept = counts.sum(axis=1) >= 2
    counts = counts[kept]
    size = counts.sum(axis=1)
    disagreement = (size**2 - np.square(counts).sum(axis=1)) / (size - 1)
    return [disagreement, size, *counts.T], kept


def _expected(totals: Floats) -> Floats:
    """Give the disagreement expected by chance, in [0, 1], from totals in the last axis."""
    size, kinds = totals[..., 1], totals[..., 2:]
    with np.errstate(invalid="ignore", divide="ignore"):
        chance = (size**2 - np.square(kinds).sum(axis=-1)) / (size * (size - 1))
    return np.asarray(chance, dtype=np.float64)


def _alphas(totals: Floats) -> Floats:
    """Compute alpha from totals of shape (replicates, columns); not a number without a chance."""
    expected = _expected(totals)
    with np.errstate(invalid="ignore", divide="ignore"):
        observed = totals[:, 0] / totals[:, 1]
        return np.where(expected > 0, 1 - observed / expected, np.nan)
