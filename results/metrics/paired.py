"""Two models, or two languages, on the same items: the difference, its interval and its tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tenken.results.metrics.interval import Interval
from tenken.results.metrics.means import bounded_interval, mean_is_zero
from tenken.results.metrics.rates import Codes, Floats, cluster_table, in_unit_range

TEST = "exact on clusters"


class Discordant(NamedTuple):
    """Pairs whose two verdicts differ.

    Attributes:
        b01: Pairs where a is below b (a safe, b unsafe).
        b10: Pairs where a is above b.
    """

    b01: int
    b10: int


@dataclass(frozen=True)
class PairedResult:
    """The difference of two rates over matched items.

    Attributes:
        value: Mean of a - b; None when there are no pairs.
        interval: None exactly when value is None.
        n_pairs: Matched items.
        clusters: Clusters that they fall into.
        discordant: Counts of pairs that differ, by direction.
        p_value: Two-sided p of "no difference"; None when there are no pairs.
        method: Name of the test behind p_value.
    """

    value: float | None
    interval: Interval | None
    n_pairs: int
    clusters: int
    discordant: Discordant
    p_value: float | None
    method: str


class Equivalence(NamedTuple):
    """Whether two rates differ by less than a margin.

    Attributes:
        margin: Largest difference that counts as none.
        low: Lower end of the interval of the two one-sided tests.
        high: Its upper end.
        equivalent: Whether the whole interval is within the margin.
    """

    margin: float
    low: float
    high: float
    equivalent: bool


def paired_difference(
    a: Floats, b: Floats, clusters: Codes, *, level: float = 0.95
) -> PairedResult:
    """Compare two sets of verdicts on the same items.

    Interval and test are those of a mean of values in [-1, 1] (`tenken.results.metrics.means`):
    with one pair to a cluster and verdicts of 0 or 1 the test is McNemar's exact one. They hold
    their level where the failures of one side gather in few clusters and those of the other are
    scattered, and never disagree.

    Args:
        a: Shape (n,), verdicts in [0, 1] of the first.
        b: Shape (n,), verdicts of the second on the same items in the same order.
        clusters: Shape (n,), integers or strings.
        level: Two-sided confidence.

    Returns:
        The result; its value is None when there are no pairs.

    Raises:
        ValueError: If shapes differ or a verdict is outside [0, 1].
    """
    table = _table(a, b, clusters)
    discordant = Discordant(int((a < b).sum()), int((a > b).sum()))
    if not len(table):
        return PairedResult(None, None, 0, 0, discordant, None, "no pairs")
    sums, sizes = table.T
    value = float(sums.sum() / sizes.sum())
    ends = bounded_interval(sums, sizes, least=-1.0, level=level)
    interval = Interval(min(ends.low, value), max(ends.high, value), ends.method, level)
    p_value = mean_is_zero(sums, sizes)
    return PairedResult(value, interval, len(a), len(table), discordant, p_value, TEST)


def equivalence(
    a: Floats, b: Floats, clusters: Codes, *, margin: float, level: float = 0.95
) -> Equivalence | None:
    """Test that two rates differ by less than a margin (TOST, Schuirmann 1987).

    Two one-sided tests at 1 - level each (J. Pharmacokin. Biopharm. 15:657-680): the rates are
    equivalent where the interval at 2 * level - 1 is within the margin.

    Args:
        a: Shape (n,), verdicts in [0, 1] of the first.
        b: Shape (n,), verdicts of the second on the same items.
        clusters: Shape (n,), integers or strings.
        margin: In (0, 1].
        level: 1 - the error of each test.

    Returns:
        The finding; None without pairs.

    Raises:
        ValueError: If shapes differ or a verdict is outside [0, 1].
    """
    table = _table(a, b, clusters)
    if not len(table):
        return None
    ends = bounded_interval(table[:, 0], table[:, 1], least=-1.0, level=2 * level - 1)
    within = -margin < ends.low and ends.high < margin
    return Equivalence(margin, ends.low, ends.high, within)


def joint_p(parts: Sequence[tuple[Floats, Floats, Codes]]) -> float | None:
    """Test that the mean difference of several tasks, each of equal weight, is 0.

    Args:
        parts: Verdicts a and b, and clusters, of each task.

    Returns:
        Two-sided p; None where a task has no pairs.
    """
    tables = [_table(*part) for part in parts]
    if not tables or any(not len(table) for table in tables):
        return None
    weighted = [table / table[:, 1].sum() for table in tables]
    sums, sizes = np.concatenate(weighted).T
    return mean_is_zero(sums, sizes, unseen=float(sizes.max()))


def _table(a: Floats, b: Floats, clusters: Codes) -> Floats:
    a, b = in_unit_range(a, "a"), in_unit_range(b, "b")
    if a.shape != b.shape:
        raise ValueError(f"a has shape {a.shape}, b has {b.shape}: match the items first")
    return cluster_table(clusters, a - b, np.ones_like(a))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjust a family of p values by Holm (1979, Scand. J. Statist. 6:65-70).

    Args:
        p_values: The family, in any order; may be empty.

    Returns:
        Adjusted p values in the order given, each in [0, 1].
    """
    n, least = len(p_values), 0.0
    adjusted = [0.0] * n
    for rank, place in enumerate(sorted(range(n), key=p_values.__getitem__)):
        least = max(least, min(1.0, (n - rank) * p_values[place]))
        adjusted[place] = least
    return adjusted
