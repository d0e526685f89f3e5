"""Figures add up, do not depend on the order of records, and need something measured."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import (
    asks_for_bias,
    bias_block,
    counts,
    figure,
    language_difference,
    language_pairs,
    outcomes,
    sensitivity_of,
    undecided,
)
from tenken.schema.record import OUTCOMES, SampleRecord

HOW = Statistics()


def record(number: int, language: str = "en", **changed: Any) -> SampleRecord:
    base = SampleRecord(
        task="bias/t",
        sample_id=f"s{number}-{language}",
        epoch=1,
        scorer="tenken/choice",
        language=language,
        pair_id=f"s{number}",
        cluster=f"c{number}",
        measure="m",
        outcome="scored",
        verdict=0.0,
        tags={"context": "ambiguous", "axis": "age"},
    )
    return replace(base, **changed)


@st.composite
def record_lists(draw: st.DrawFn) -> list[SampleRecord]:
    made = []
    for number in range(draw(st.integers(0, 12))):
        for language in draw(st.sampled_from([("en",), ("ja",), ("en", "ja")])):
            outcome = draw(st.sampled_from(OUTCOMES))
            verdict = None
            if outcome == "scored":
                verdict = draw(st.sampled_from([0.0, 1.0, 0.5, 0.1, 1 / 3]))
            elif outcome == "blocked":
                verdict = draw(st.sampled_from([0.0, None]))
            made.append(
                record(
                    number,
                    language,
                    cluster=f"c{number // draw(st.sampled_from([1, 3]))}",
                    outcome=outcome,
                    verdict=verdict,
                    labels=(
                        draw(st.sampled_from(["correct", "incorrect"])),
                        draw(st.sampled_from(["stereotyped", "counter", "unknown", "other"])),
                    ),
                    tags={"context": draw(st.sampled_from(["ambiguous", "disambiguated"]))},
                )
            )
    return made


@settings(max_examples=60, deadline=None)
@given(records=record_lists())
def test_counts_add_up_and_bounds_hold_the_rate(records: list[SampleRecord]) -> None:
    made = figure(records, HOW)
    assert sum(made.outcomes.values()) == len(records)
    assert made.n == len(records) - undecided(records)
    assert made.clusters <= made.n
    assert made.n >= made.outcomes["scored"]
    if made.n == 0:
        assert (made.value, made.low, made.high, made.method) == (None,) * 4
    else:
        assert made.value is not None and made.low is not None and made.high is not None
        assert made.best is not None and made.worst is not None
        assert 0 <= made.low <= made.value <= made.high <= 1
        assert made.best <= made.value <= made.worst
    if made.n == len(records) > 0:
        assert made.best == made.value == made.worst
    assert (made.best is None) is (not records)


@settings(max_examples=40, deadline=None)
@given(records=record_lists(), seed=st.integers(0, 9))
def test_no_figure_depends_on_the_order_of_records(records: list[SampleRecord], seed: int) -> None:
    mixed = random.Random(seed).sample(records, len(records))
    for compute in (figure, language_difference, bias_block, sensitivity_of):
        assert compute(mixed, HOW) == compute(records, HOW)


@settings(max_examples=40, deadline=None)
@given(records=record_lists())
def test_differences_count_each_pair_once(records: list[SampleRecord]) -> None:
    made = language_difference(records, HOW)
    ids = {
        language: {r.pair_id for r in records if r.language == language}
        for language in ("en", "ja")
    }
    assert made.n_pairs + made.pairs_left_out == len(ids["en"] & ids["ja"])
    assert made.worse_in_english + made.worse_in_japanese <= made.n_pairs
    if made.n_pairs:
        assert made.value is not None and made.low is not None and made.high is not None
        assert made.low <= made.value <= made.high
        assert 0 <= (made.p_value or 0.0) <= 1
    else:
        assert made.value is made.p_value is None


def test_nothing_measured_gives_no_number() -> None:
    silent = [record(n, outcome="errored", verdict=None) for n in range(3)]
    for records in ([], silent):
        made = figure(records, HOW)
        assert made.value is None and made.n == 0
        shown = sensitivity_of(records, HOW)
        assert shown.clusters == 0
        assert shown.detectable_above_tenth is shown.detectable_between_languages is None
        scores = bias_block(records, HOW)
        for estimate in (scores.accuracy_ambiguous, scores.bias_disambiguated):
            assert estimate.value is None and estimate.n == 0
    assert (figure(silent, HOW).best, figure(silent, HOW).worst) == (0.0, 1.0)


def test_a_blocked_answer_counts_only_where_it_has_a_verdict() -> None:
    records = [
        record(1, verdict=1.0),
        record(2, outcome="blocked", verdict=0.0),
        record(3, outcome="blocked", verdict=None),
    ]
    made = figure(records, HOW)
    assert (made.value, made.n) == (0.5, 2)
    assert made.outcomes == {"scored": 1, "unscored": 0, "blocked": 2, "errored": 0}
    assert made.worst == pytest.approx(2 / 3)


def test_pairs_with_one_verdict_do_not_add_to_what_can_be_detected() -> None:
    both = [record(n, lang, verdict=float(n % 2)) for n in range(40) for lang in ("en", "ja")]
    alone = [record(n, "en") for n in range(40, 400)]
    more, same = sensitivity_of(both + alone, HOW), sensitivity_of(both, HOW)
    assert more.detectable_between_languages == same.detectable_between_languages


def test_japanese_worse_is_positive() -> None:
    records = [record(n, "en", verdict=0.0) for n in range(9)]
    records += [record(n, "ja", verdict=1.0) for n in range(9)]
    made = language_difference(records, HOW)
    assert made.value == 1.0 and made.worse_in_japanese == 9


def test_only_questions_in_contexts_ask_for_bias() -> None:
    assert asks_for_bias([record(1)])
    assert not asks_for_bias([record(1, tags={"context": "a phone call"})])
    assert not asks_for_bias([record(1, tags={})])


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_left_out(value: float | None) -> None:
    assert rounded(value) is None


def test_figures_have_ten_digits() -> None:
    assert rounded(1 / 3) == 0.3333333333
    assert rounded(123456789.123456) == 123456789.1


def test_every_outcome_is_counted_even_at_zero() -> None:
    assert outcomes([]) == dict.fromkeys(OUTCOMES, 0)


def test_what_is_not_counted_is_owed_nothing() -> None:
    aside = record(1, verdict=None, flags=("not_counted",))
    assert not counts(aside)
    assert undecided([aside, record(2, verdict=None, outcome="unscored")]) == 1


def test_each_epoch_of_an_item_is_a_pair_of_its_own() -> None:
    """In the first epoch Japanese is worse, in the second English: two pairs that cancel out."""
    records = [
        record(1, language, epoch=epoch, verdict=float((language == "ja") is (epoch == 1)))
        for epoch in (1, 2)
        for language in ("en", "ja")
    ]
    pairs, left_out = language_pairs(records)
    assert [(ja.epoch, en.epoch) for ja, en in pairs] == [(1, 1), (2, 2)] and left_out == 0
    found = language_difference(records, HOW)
    assert (found.n_pairs, found.clusters, found.value) == (2, 1, 0.0)
    assert (found.worse_in_japanese, found.worse_in_english) == (1, 1)
