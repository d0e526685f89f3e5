"""A rate beside that of the same items without what its measure adds to them, paired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import paired_of
from tenken.schema.attacks import Condition, ConditionChange
from tenken.schema.plan import Measure
from tenken.schema.record import SampleRecord, languages_of

_Item = tuple[str, str]


def condition_block(
    measure: Measure,
    present: Sequence[SampleRecord],
    absent: Sequence[SampleRecord],
    how: Statistics,
) -> Condition | None:
    """Return what the condition of a measure does to its items.

    An item is a cluster in one language; over several epochs its verdict is their mean.

    Args:
        measure: The measure, which names the one of the same items without the condition.
        present: The records that belong to its rate.
        absent: Those that belong to the other measure's.
        how: Level.

    Returns:
        The paired differences in [-1, 1]; None for a measure that names no other, and where no
        item was asked on both sides.
    """
    if measure.without is None:
        return None
    sides = _verdicts(present), _verdicts(absent)
    shared = sorted(sides[0].keys() & sides[1].keys())
    if not shared:
        return None
    return Condition(
        without=measure.without,
        overall=_change(shared, *sides, how),
        languages={
            name: _change(part, *sides, how)
            for name in languages_of(present)
            if (part := [item for item in shared if item[1] == name])
        },
    )


def _verdicts(records: Sequence[SampleRecord]) -> dict[_Item, float | None]:
    """Return the mean verdict of each item; None where one of its verdicts is missing."""
    said: dict[_Item, list[float | None]] = defaultdict(list)
    for record in records:
        said[record.cluster, record.language].append(record.verdict)
    found: dict[_Item, float | None] = {}
    for item, verdicts in said.items():
        decided = [each for each in verdicts if each is not None]
        whole = len(decided) == len(verdicts)
        found[item] = sum(decided) / len(decided) if whole else None
    return found


def _change(
    items: Sequence[_Item],
    present: Mapping[_Item, float | None],
    absent: Mapping[_Item, float | None],
    how: Statistics,
) -> ConditionChange:
    pairs = [
        (one, other, item[0])
        for item in items
        if (one := present[item]) is not None and (other := absent[item]) is not None
    ]
    ones = np.array([one for one, _, _ in pairs], dtype=np.float64)
    others = np.array([other for _, other, _ in pairs], dtype=np.float64)
    clusters = np.array([cluster for _, _, cluster in pairs], dtype=np.str_)
    found = paired_difference(ones, others, clusters, level=how.level)
    return ConditionChange(
        **dict(paired_of(found, len(items) - len(pairs))),
        present=rounded(float(ones.mean())) if pairs else None,
        absent=rounded(float(others.mean())) if pairs else None,
        present_alone=found.discordant.b10,
        absent_alone=found.discordant.b01,
    )
