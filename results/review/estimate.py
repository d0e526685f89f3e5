"""The rate that people's labels on a part of a run give for all of it (PPI++)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.ppi import ppi_rate
from tenken.results.metrics.rates import Codes, Floats
from tenken.results.metrics.settings import Statistics
from tenken.results.review.choices import side
from tenken.results.review.items import key_of
from tenken.results.review.read import People, ReviewedAnswer
from tenken.schema.plan import Measure
from tenken.schema.reasons import Reason
from tenken.schema.record import SampleRecord

LEAST_CLUSTERS: Final = 2
"""With one cluster there is no spread to make an interval of."""

_EVEN: Final = 1e-9


def reviewed_of(records: Sequence[SampleRecord], people: People) -> list[ReviewedAnswer | None]:
    """Return what people said about each record, None where they said nothing that counts.

    Args:
        records: The records to look up.
        people: What people said about the run.

    Returns:
        One entry for each record, in the same order; None where nobody gave it a label.
    """
    found = (people.reviewed.get(key_of(record)) for record in records)
    return [each if each is not None and each.labels else None for each in found]


def estimate(
    judged: Sequence[SampleRecord], measure: Measure, people: People, how: Statistics
) -> tuple[Estimate | None, int, Reason | None]:
    """Return the rate over the answers that the scorer judged.

    Args:
        judged: The scored records of a measure in one language.
        measure: The measure; its unsafe labels say which side a label is on.
        people: The labels.
        how: Level.

    Returns:
        The estimate, how many answers have labels, and why there is no estimate. Without labels
        the count is 0 and there is no reason.
    """
    said = reviewed_of(judged, people)
    labelled = [(record, each) for record, each in zip(judged, said, strict=True) if each]
    if not labelled:
        return None, 0, None
    n = len(labelled)
    if any(label in measure.excluded_labels for _, each in labelled for label in each.labels):
        return None, n, Reason(code="label_left_out")
    sides = [{side(label, measure) for label in each.labels} for _, each in labelled]
    if any(len(each) > 1 for each in sides):
        return None, n, Reason(code="awaiting_adjudicator")
    if len({record.cluster for record, _ in labelled}) < LEAST_CLUSTERS:
        return None, n, Reason(code="few_labels")
    rest = [record for record, each in zip(judged, said, strict=True) if not each]
    records = [record for record, _ in labelled]
    found = ppi_rate(
        np.array([each.pop() for each in sides], dtype=np.float64),
        _verdicts(records),
        _verdicts(rest),
        weights=scaled([each.weight for _, each in labelled]),
        clusters_labelled=_clusters(records),
        clusters_rest=_clusters(rest),
        level=how.level,
    )
    return found, n, None


def scaled(weights: Sequence[float]) -> Floats | None:
    """Return weights of at least 1 in the same proportions, None where all are alike."""
    array = np.array(weights, dtype=np.float64)
    if np.ptp(array) <= _EVEN * array.max():
        return None
    scaled_array: Floats = np.maximum(array / array.min(), 1.0)
    return scaled_array


def _verdicts(records: Sequence[SampleRecord]) -> Floats:
    return np.array([record.verdict for record in records], dtype=np.float64)


def _clusters(records: Sequence[SampleRecord]) -> Codes:
    return np.array([record.cluster for record in records], dtype=np.str_)
