"""How far a scorer agrees with the truth, and several raters with each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.rates import Codes, Floats, cluster_table, wilson_interval
from tenken.results.metrics.reweighted import LEAST, METHOD, WHOLE, reweighted_limits
from tenken.results.metrics.rogan_gladen import BinaryTrial

_NO_SPREAD = 1e-12  # what rounding leaves of a chance of 0


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


def cohen_kappa(
    table: Confusion, *, clusters: float | None = None, level: float = 0.95
) -> Estimate:
    """Give Cohen's kappa with the interval of reweighted items.

    Fleiss, Cohen and Everitt's large-sample interval (1969) covers too little with fewer than some
    hundreds of items, least where a label is rare; see `tenken.results.metrics.reweighted`.

    Args:
        table: The counts; truth and seen may as well be two raters.
        clusters: How many independent items the table is worth, above 0; all by default.
        level: Two-sided confidence.

    Returns:
        Kappa in [-1, 1]; None where it has no denominator: no items, or one label for all.
    """
    n, counts = table.n, np.asarray(table.counts, dtype=np.float64)
    if n == 0:
        return NOT_MEASURED
    cells = _cells(len(table.labels))
    value = _kappas(counts.ravel() @ cells, none=math.nan)
    if np.isnan(value):
        return NOT_MEASURED
    items = n if clusters is None else clusters
    if items < LEAST:
        return Estimate(float(value), Interval(-1.0, 1.0, WHOLE, level), n, n)
    worth = counts.ravel() * (items / n)
    there = worth > 0
    low, high = reweighted_limits(cells[there], worth[there], cells, _kappas, level=level)
    return _between(float(value), low, high, n, n, level)


def _cells(kinds: int) -> Floats:
    """Return what an item adds in each cell: agreement, itself, its label on either side."""
    one, other = (side.ravel() for side in np.indices((kinds, kinds)))
    sides = np.eye(kinds)
    agreed = (one == other).astype(np.float64)
    return np.column_stack([agreed, np.ones(kinds**2), sides[one], sides[other]])


def _kappas(sums: Floats, *, none: float = 0.0) -> Floats:
    """Compute kappa from sums of shape (..., columns of `_cells`); `none` without a chance."""
    size = sums[..., 1]
    one, other = np.split(sums[..., 2:], 2, axis=-1)
    chance = (one * other).sum(axis=-1) / size**2
    apart = np.where(1 - chance < _NO_SPREAD, np.nan, 1 - chance)
    return np.asarray(np.nan_to_num((sums[..., 0] / size - chance) / apart, nan=none))


def _between(
    value: float, low: float, high: float, n: int, clusters: int, level: float
) -> Estimate:
    """Return an estimate whose interval lies in [-1, 1] and holds the value."""
    ends = max(-1.0, min(low, value)), min(1.0, max(high, value))
    return Estimate(value, Interval(*ends, METHOD, level), n, clusters)


def krippendorff_alpha(
    ratings: Sequence[Sequence[str | None]],
    *,
    clusters: Codes | None = None,
    level: float = 0.95,
) -> Estimate:
    """Give Krippendorff's alpha for labels without order, from any number of raters.

    Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability". The interval is that of
    reweighted clusters, see `tenken.results.metrics.reweighted`: the unseen cluster is of one label
    throughout, or all disagreement between two.

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
    value = _alphas(table.sum(axis=0), n) if n else np.array(math.nan)
    if np.isnan(value):
        return NOT_MEASURED
    if k < LEAST:
        return Estimate(float(value), Interval(-1.0, 1.0, WHOLE, level), n, k)
    rows, counts = np.unique(table, axis=0, return_counts=True)
    # of the size that a label finds its own cluster to have, on average
    unseen = _extremes(table.shape[1] - 2) * (float(np.square(table[:, 1]).sum()) / n)
    low, high = reweighted_limits(
        rows, counts.astype(np.float64), unseen,
        lambda sums: np.nan_to_num(_alphas(sums, n)), level=level,
    )  # fmt: skip
    return _between(float(value), low, high, n, k, level)


def _extremes(kinds: int) -> Floats:
    """Return the columns of clusters of one label alone, and of two that always disagree."""
    labels = np.eye(kinds)
    alone = [[0.0, 1.0, *label] for label in labels]
    pairs = [[1.0, 1.0, *(a + b) / 2] for a, b in combinations(labels, 2)]
    return np.array(alone + pairs)


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


def _alphas(sums: Floats, n: int) -> Floats:
    """Compute alpha of `n` labels from sums of shape (..., columns), not a number without chance.

    The correction for few labels is that of `n`, whatever the sums weigh.
    """
    size, kinds = sums[..., 1], sums[..., 2:]
    expected = (1 - np.square(kinds / size[..., None]).sum(axis=-1)) * n / (n - 1)
    apart = np.where(expected < _NO_SPREAD, np.nan, expected)
    return np.asarray(1 - sums[..., 0] / size / apart, dtype=np.float64)
