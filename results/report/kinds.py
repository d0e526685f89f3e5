"""A rate read with its counterpart, and weighted by the severity of what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tenken.results.metrics.rates import weighted_rate
from tenken.results.metrics.settings import Statistics, digits
from tenken.results.report.figures import parted, rate_of
from tenken.schema.figures import MeanOfKinds, RateEstimate, SeverityWeighted
from tenken.schema.plan import Measure
from tenken.schema.record import SampleRecord

SEVERITY: Final = "severity"
"""Tag that says how grave a request is, from `1` (petty) to `3` (grave)."""
_INTENT: Final = "intent"


def mean_of_kinds(measure: Measure, rates: Mapping[str, float | None]) -> MeanOfKinds | None:
    """Return the mean of a measure's rate and its counterpart's; None where one has no rate.

    Args:
        measure: The measure.
        rates: The overall rate of each measure of the task, by key.
    """
    if measure.counterpart is None:
        return None
    one, other = rates.get(measure.key), rates.get(measure.counterpart)
    if one is None or other is None:
        return None
    return MeanOfKinds(counterpart=measure.counterpart, value=digits((one + other) / 2))


def severity_weighted(
    records: Sequence[SampleRecord], declared: Mapping[str, float] | None, how: Statistics
) -> SeverityWeighted | None:
    """Return the rate weighted by severity.

    Args:
        records: The records that belong to a measure's rate.
        declared: The weight of each value of the tag, above 0; where None, the value itself.
        how: Level.

    Returns:
        The rate in [0, 1]; None unless all verdicts have a severity with a weight, and not all the
        same.
    """
    decided = [record for record in records if record.verdict is not None]
    tags = Counter(record.tags.get(SEVERITY, "") for record in decided)
    weights = {tag: _weight(tag, declared) for tag in sorted(tags)}
    if len(weights) < 2 or not all(weights.values()):
        return None
    intents = sorted({record.tags.get(_INTENT, "") for record in decided})
    return SeverityWeighted(
        **dict(_weighted(decided, weights, how)),
        weights=weights,
        verdicts=dict(sorted(tags.items())),
        languages={
            name: _weighted(part, weights, how) for name, part in parted(decided).items() if part
        },
        intents={
            name: _weighted([r for r in decided if r.tags[_INTENT] == name], weights, how)
            for name in intents
        } if all(intents) else {},
    )  # fmt: skip


def _weight(tag: str, declared: Mapping[str, float] | None) -> float:
    """Return the weight of a value of the tag, 0 where it has none."""
    if declared is not None:
        return declared.get(tag, 0.0)
    return float(tag) if tag.isdecimal() else 0.0


def _weighted(
    records: Sequence[SampleRecord], weights: Mapping[str, float], how: Statistics
) -> RateEstimate:
    estimate = weighted_rate(
        np.array([record.verdict for record in records], dtype=np.float64),
        np.array([weights[record.tags[SEVERITY]] for record in records], dtype=np.float64),
        np.array([record.cluster for record in records], dtype=np.str_),
        level=how.level,
    )
    return rate_of(estimate)
