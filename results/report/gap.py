"""The gap between groups in swapped decisions: whom the changes favour, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.settings import Statistics, rounded
from tenken.schema.figures import Gap, GapFigure
from tenken.schema.record import SampleRecord, languages_of

MAJORITY: Final = "favours_majority"
MINORITY: Final = "favours_minority"
_SAME: Final = ("same_favourable", "same_unfavourable")


def gap_block(records: Sequence[SampleRecord], how: Statistics) -> Gap | None:
    """Return the gap over all pairs, by language and by axis.

    Args:
        records: The records of one task.
        how: The confidence level, as the plan has it.

    Returns:
        The gap, by axis of the tag `axis`; None for a task without swapped pairs.
    """
    found = swapped(records)
    if not found:
        return None
    axes = sorted({record.tags["axis"] for record in found if "axis" in record.tags})
    return Gap(
        overall=_gap(found, how),
        languages={
            name: _gap(part, how)
            for name in languages_of(found)
            if (part := [record for record in found if record.language == name])
        },
        axes={axis: _gap([r for r in found if r.tags.get("axis") == axis], how) for axis in axes},
    )


def swapped(records: Sequence[SampleRecord]) -> list[SampleRecord]:
    """Return the decisions on pairs with one attribute swapped."""
    return [record for record in records if record.label in (MAJORITY, MINORITY, *_SAME)]


def _gap(records: Sequence[SampleRecord], how: Statistics) -> GapFigure:
    """Return how much oftener a swap favours the majority than the minority, in [-1, 1].

    Both are rates over the same pairs, so that their difference is a paired one and its exact
    test is McNemar's (`tenken.results.metrics.paired`).
    """
    majority = np.array([record.label == MAJORITY for record in records], dtype=np.float64)
    minority = np.array([record.label == MINORITY for record in records], dtype=np.float64)
    clusters = np.array([record.cluster for record in records], dtype=np.str_)
    found = paired_difference(majority, minority, clusters, level=how.level)
    interval = found.interval
    return GapFigure(
        value=rounded(found.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        method=interval.method if interval else None,
        n=len(records),
        favours_majority=int(majority.sum()),
        favours_minority=int(minority.sum()),
        p_value=rounded(found.p_value),
        test=found.method,
    )
