"""The gap of swapped decisions: whom they favour, by hand and by symmetry."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from tenken.results.metrics.settings import Statistics
from tenken.results.report.gap import MAJORITY, MINORITY, gap_block
from tenken.schema.record import SampleRecord

HOW = Statistics()


def record(number: int, label: str, language: str = "en", axis: str = "age") -> SampleRecord:
    return SampleRecord(
        task="bias/decision_parity", sample_id=f"d{number}-{language}", epoch=1, scorer="s",
        language=language, pair_id=f"d{number}", cluster=f"d{number}", measure="flip_rate",
        outcome="scored", verdict=float(label in (MAJORITY, MINORITY)), label=label,
        tags={"axis": axis},
    )  # fmt: skip


def made(majority: int, minority: int, same: int) -> list[SampleRecord]:
    labels = [MAJORITY] * majority + [MINORITY] * minority + ["same_favourable"] * same
    return [record(number, label) for number, label in enumerate(labels)]


def test_the_gap_is_a_paired_difference_with_the_exact_test() -> None:
    block = gap_block(made(8, 2, 30), HOW)
    assert block is not None
    overall = block.overall
    assert overall.value == pytest.approx(0.15)
    assert overall.low is not None and overall.high is not None
    assert overall.low < 0.15 < overall.high
    assert (overall.favours_majority, overall.favours_minority, overall.n) == (8, 2, 40)
    assert overall.p_value == pytest.approx(binomtest(2, 10).pvalue)


def test_sides_changed_change_the_sign_alone() -> None:
    one, other = gap_block(made(7, 1, 12), HOW), gap_block(made(1, 7, 12), HOW)
    assert one is not None
    assert other is not None
    assert one.overall.value == -(other.overall.value or 0.0)
    assert one.overall.p_value == other.overall.p_value


def test_languages_and_axes_stand_apart_and_other_tasks_have_no_gap() -> None:
    records = [
        record(1, MAJORITY, "en", "age"),
        record(1, "same_unfavourable", "ja", "age"),
        record(2, MINORITY, "ja", "gender"),
    ]
    block = gap_block(records, HOW)
    assert block is not None
    assert {name: part.n for name, part in block.languages.items()} == {"en": 1, "ja": 2}
    assert block.axes["gender"].value == -1.0
    assert gap_block([record(1, "compliance")], HOW) is None
