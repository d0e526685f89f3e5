"""From true labels and labels given to the figures of a calibration card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from tenken.results.metrics import agreement
from tenken.results.metrics.agreement import Confusion
from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.rates import wilson_interval
from tenken.results.metrics.rogan_gladen import BinaryTrial
from tenken.results.metrics.settings import rounded
from tenken.schema.calibration import UNDECIDED, Cell, Figure, Reading

_YES, _NO = "positive", "other"


def cells(truth: Sequence[str], seen: Sequence[str]) -> list[Cell]:
    """Return the counts by true label and label given, sorted."""
    counts = Counter(zip(truth, seen, strict=True))
    return [Cell(truth=t, seen=s, count=count) for (t, s), count in sorted(counts.items())]


def reading(table: Sequence[Cell], positive: Collection[str]) -> Reading:
    """Return the figures with some labels on one side and all others on the other.

    Items that the scorer could not decide are left out of the figures: in a run they are
    unscored, and no verdict of theirs is corrected.
    """
    sides = _sides(table, positive)
    return Reading(
        positive=sorted(positive),
        accuracy=figure(agreement.accuracy(sides)),
        sensitivity=figure(agreement.sensitivity(sides, _YES)),
        specificity=figure(agreement.specificity(sides, _YES)),
        kappa=figure(agreement.cohen_kappa(sides)),
    )


def trial_of(table: Sequence[Cell], positive: Collection[str]) -> BinaryTrial:
    """Return what a correction needs of a trial, for the labels that a measure calls unsafe."""
    return _sides(table, positive).trial(_YES)


def share(count: int, n: int) -> Figure:
    """Return a share with its interval, without a value where n is 0."""
    if not n:
        return Figure(value=None, low=None, high=None, n=0)
    return figure(Estimate(count / n, wilson_interval(count, n, level=0.95), n, n))


def raters(ratings: Sequence[Sequence[str | None]]) -> dict[str, object] | None:
    """Return the agreement of the people behind the labels, None with fewer than two."""
    count = max((len(row) for row in ratings), default=0)
    if count < 2:
        return None
    alpha = agreement.krippendorff_alpha(ratings)
    return {"raters": count, "krippendorff_alpha": figure(alpha).model_dump()}


def figure(estimate: Estimate) -> Figure:
    """Return an estimate as a card holds it."""
    interval = estimate.interval
    return Figure(
        value=rounded(estimate.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        n=estimate.n,
    )


def _sides(table: Sequence[Cell], positive: Collection[str]) -> Confusion:
    counts = {(t, s): 0 for t in (_YES, _NO) for s in (_YES, _NO)}
    for cell in table:
        if cell.seen != UNDECIDED:
            truth = _YES if cell.truth in positive else _NO
            seen = _YES if cell.seen in positive else _NO
            counts[truth, seen] += cell.count
    return Confusion(
        (_YES, _NO),
        tuple((counts[t, _YES], counts[t, _NO]) for t in (_YES, _NO)),
    )
