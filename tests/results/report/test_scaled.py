"""A measure of numbers is shown, and gated, in its own numbers."""

from __future__ import annotations

import io
from typing import Any

import pytest

from tenken.results.metrics.settings import Statistics
from tenken.results.records.table import parquet_bytes, read_parquet
from tenken.results.report.figures import figure
from tenken.results.report.gates import decide_gate, metric_figure, raw_figure
from tenken.results.report.scaled import scaled_figures
from tenken.schema.estimate import Interval
from tenken.schema.plan import Bilingual, Gate, Measure, Scale
from tenken.schema.record import SampleRecord

HOW = Statistics()
STARS = Scale(range=[1, 5], higher_is="better")
TITLE = Bilingual(en="Stars", ja="星")


def record(number: int, score: float | None, scale: Scale, **numbers: float) -> SampleRecord:
    return SampleRecord(
        task="t", sample_id=str(number), epoch=1, scorer="s", language="en", pair_id=str(number),
        cluster=str(number), measure="m", outcome="unscored" if score is None else "scored",
        verdict=None if score is None else scale.share(score), score=score, numbers=numbers,
    )  # fmt: skip


def test_a_scale_turns_shares_into_numbers_and_back() -> None:
    assert [STARS.share(each) for each in (1, 3, 5)] == [1.0, 0.5, 0.0]
    assert STARS.number(STARS.share(4.5)) == 4.5
    worse = Scale(range=[0, 10], higher_is="worse")
    assert (worse.share(2.5), worse.number(0.25)) == (0.25, 2.5)
    turned = STARS.numbers(Interval(value=0.25, low=0.0, high=0.5))
    assert (turned.value, turned.low, turned.high) == (4.0, 3.0, 5.0)
    apart = STARS.differences(Interval(value=0.25, low=0.0, high=0.5))
    assert (apart.value, apart.low, apart.high) == (-1.0, -2.0, 0.0)


def test_the_mean_is_in_the_scorers_own_numbers() -> None:
    scores = [1.0, 2.0, 4.0, 5.0, 5.0]
    records = [record(place, score, STARS) for place, score in enumerate(scores)]
    measure = Measure(key="m", title=TITLE, value=STARS, headline=True)
    rate = figure(records, HOW)
    found = scaled_figures(measure, records, rate, {"en": rate}, HOW)
    assert found is not None
    assert found.overall.value == pytest.approx(3.4)
    assert found.overall.low is not None and found.overall.high is not None
    assert 1 <= found.overall.low < 3.4 < found.overall.high <= 5
    assert found.languages["en"] == found.overall and found.metrics == ()
    labels = Measure(key="m", title=TITLE, unsafe_labels=["x"], headline=True)
    assert scaled_figures(labels, records, rate, {}, HOW) is None


@pytest.mark.parametrize(
    ("given", "decision"),
    [({"at_least": 3.0}, "PASS"), ({"at_least": 4.9}, "FAIL"), ({"at_least": 4.0}, "INCONCLUSIVE")],
)
def test_a_gate_in_the_scorers_own_numbers(given: dict[str, Any], decision: str) -> None:
    records = [record(place, 4.0 + place % 2 * 0.2, STARS) for place in range(40)]
    gate = Gate(name="g", task="t", **given)
    limit = gate.limit(STARS)
    found = raw_figure(records, 0.95)
    assert decide_gate(gate, found, complete=True, limit=limit)[0] == decision


def test_one_threshold_and_no_more() -> None:
    for given in ({}, {"max": 0.1, "at_least": 3.0}, {"at_most": 1.0, "at_least": 3.0}):
        with pytest.raises(ValueError, match=r"a gate needs max|are both given"):
            Gate(name="g", task="t", **given)
    with pytest.raises(ValueError, match="expected a measure of numbers"):
        Gate(name="g", task="t", at_most=1.0).limit()


def test_a_gate_on_a_metric_knows_nothing_of_what_is_missing() -> None:
    scale = Scale(range=[0, 1], higher_is="worse")
    whole = [
        record(place, 0.01, scale, confidence=0.9, correct=float(place % 10 > 0))
        for place in range(60)
    ]
    found = metric_figure(whole, "calibration_error", 0.95)
    assert found.value == pytest.approx(0.0) and found.high is not None and found.high < 0.2
    owed = metric_figure([*whole, record(99, None, scale)], "calibration_error", 0.95)
    assert (owed.low, owed.high, owed.n) == (0.0, 1.0, 60)
    assert metric_figure([], "calibration_error", 0.95).value is None


def test_tables_hold_the_numbers_where_there_are_any() -> None:
    with_numbers = [record(0, 4.0, STARS, confidence=0.5), record(1, None, STARS)]
    assert read_parquet(io.BytesIO(parquet_bytes(with_numbers))) == with_numbers
    import pyarrow.parquet as pq

    plain = [record(1, None, STARS)]
    assert "score" not in pq.read_table(io.BytesIO(parquet_bytes(plain))).column_names
