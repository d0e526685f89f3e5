"""Figures of a measure of numbers in the scorer's own numbers, with the metrics that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.metrics.values import jackknife
from tenken.results.report.figures import parted
from tenken.schema.estimate import Interval, MetricFigure, MetricResult, Scale, ScaledFigures
from tenken.schema.plan import Measure
from tenken.schema.record import Language, SampleRecord
from tenken.terms.metrics import metric_named


def scaled_figures(
    measure: Measure,
    records: Sequence[SampleRecord],
    overall: Interval,
    languages: Mapping[Language, Interval],
    how: Statistics,
) -> ScaledFigures | None:
    """Return a measure's figures in the scorer's own numbers; None for a measure of labels.

    Args:
        measure: The measure.
        records: The records that count in it.
        overall: Its rate in [0, 1], 1 the unsafe end.
        languages: Its rate in each language.
        how: Level.
    """
    scale = measure.value
    if scale is None:
        return None
    parts = {name: part for name, part in parted(records).items() if part}
    return ScaledFigures(
        scale=scale,
        overall=_numbers(scale, overall),
        languages={name: _numbers(scale, figure) for name, figure in languages.items()},
        metrics=tuple(
            MetricResult(
                key=key,
                title=metric_named(key).title,
                scale=metric_named(key).scale,
                overall=_figure(key, records, how),
                languages={name: _figure(key, part, how) for name, part in parts.items()},
            )
            for key in measure.metrics or ()
        ),
    )


def metric_estimate(key: str, records: Sequence[SampleRecord], level: float) -> Estimate:
    """Return a metric over the numbers of all answers with a verdict.

    Args:
        key: Name of the metric.
        records: The records that count in the measure.
        level: Two-sided confidence.
    """
    metric = metric_named(key)
    decided = [record for record in records if record.outcome == "scored"]
    low, high = metric.scale.range
    return jackknife(
        metric.compute,
        [record.numbers for record in decided],
        [record.cluster for record in decided],
        least=low,
        most=high,
        level=level,
    )


def _figure(key: str, records: Sequence[SampleRecord], how: Statistics) -> MetricFigure:
    found = metric_estimate(key, records, how.level)
    return MetricFigure(
        value=rounded(found.value),
        low=rounded(found.low),
        high=rounded(found.high),
        method=found.method,
        n=found.n,
        clusters=found.clusters,
    )


def _numbers(scale: Scale, figure: Interval) -> Interval:
    own = scale.numbers(figure)
    return Interval(value=rounded(own.value), low=rounded(own.low), high=rounded(own.high))
