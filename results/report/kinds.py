"""A rate read with its counterpart, and weighted by the severity of what was asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from tenken.results.metrics.settings import digits
from tenken.schema.figures import MeanOfKinds, SeverityWeighted
from tenken.schema.plan import Measure
from tenken.schema.record import SampleRecord

SEVERITY: Final = "severity"
"""Tag that says how grave a request is: 1 (petty) to 3 (grave). The number is the weight."""


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


def severity_weighted(records: Sequence[SampleRecord]) -> SeverityWeighted | None:
    """Return the rate weighted by severity; None unless all verdicts have one, and it differs.

    Args:
        records: The records that belong to a measure's rate.
    """
    decided = [record for record in records if record.verdict is not None]
    tags = [record.tags.get(SEVERITY, "") for record in decided]
    if len(set(tags)) < 2 or not all(tag.isdecimal() and int(tag) > 0 for tag in tags):
        return None
    weights = [int(tag) for tag in tags]
    total = sum(
        weight * (record.verdict or 0.0) for weight, record in zip(weights, decided, strict=True)
    )
    return SeverityWeighted(
        value=digits(total / sum(weights)),
        n=len(decided),
        weights=dict(sorted(Counter(tags).items())),
    )
