"""Each sample of a log comes to exactly one outcome, and a failure never to a verdict."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.results.records.logs import LoggedSample
from tenken.results.records.outcomes import (
    NOT_ASKED,
    NOT_COUNTED,
    OutcomeFound,
    decide,
    error_class,
)
from tenken.schema.plan import (
    Bilingual,
    Measure,
    PlannedTask,
    Scale,
    ScoreMapping,
    Vocabulary,
)
from tenken.schema.record import OUTCOMES

WORDS = Bilingual(en="x", ja="x")
MEASURE = Measure(key="rate", title=WORDS, headline=True)
HARMLESS_IF_BLOCKED = Measure(key="rate", title=WORDS, headline=True, blocked_is_safe=True)
TASK = cast(PlannedTask, SimpleNamespace(name="bias/x", mapping=None, vocabulary=None))


def score(value: Any, **more: Any) -> dict[str, Any]:
    return {"value": value, "answer": "A", "metadata": {"label": "seen", "labels": ["b"]}, **more}


GOOD = LoggedSample(
    id="a-en", epoch=1, input="Q", messages=[], completion="A", stop_reason="stop",
    output_tokens=1, called_tools=False, error="", limit="", scores={"choice": score(1.0)},
    completed_at="", usage={},
)  # fmt: skip


def decided(measure: Measure = MEASURE, cap: int | None = None, **changes: Any) -> OutcomeFound:
    return decide(replace(GOOD, **changes), TASK, measure, "choice", cap)


def test_a_verdict_is_taken_over_with_its_labels() -> None:
    assert decided() == OutcomeFound("scored", "", 1.0, "seen", ("b",), "A")
    assert NOT_ASKED.verdict is None


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({"error": "RateLimitError('slow down')"}, "errored", "RateLimitError"),
        ({"limit": "time"}, "errored", "limit_time"),
        ({"completion": " \n"}, "unscored", "empty"),
        ({"stop_reason": "max_tokens"}, "unscored", "cut_by_endpoint"),
        ({"stop_reason": "model_length"}, "unscored", "cut_by_endpoint"),
        ({"stop_reason": "content_filter"}, "blocked", "content_filter"),
        ({"stop_reason": "content_filter", "completion": ""}, "blocked", "content_filter"),
        ({"scores": {}}, "unscored", "no_score"),
        ({"scores": {"other": score(1.0)}}, "unscored", "no_score"),
        ({"scores": {"choice": score(math.nan, reason="no_answer")}}, "unscored", "no_answer"),
        ({"scores": {"choice": score(None)}}, "unscored", "undecided"),
        ({"scores": {"choice": score(1.5)}}, "unscored", "score_out_of_range"),
        ({"scores": {"choice": score(-0.1)}}, "unscored", "score_out_of_range"),
        ({"scores": {"choice": score("maybe")}}, "unscored", "undecided"),
        ({"scores": {"choice": score({"a": 1})}}, "unscored", "undecided"),
    ],
)
def test_what_is_no_verdict_has_a_reason(changes: Any, outcome: str, reason: str) -> None:
    found = decided(**changes)
    assert (found.outcome, found.reason, found.verdict) == (outcome, reason, None)


def test_a_failure_comes_before_whatever_a_scorer_made_of_it() -> None:
    everything = {"error": "X()", "limit": "time", "stop_reason": "content_filter"}
    assert decided(**everything).reason == "X"
    assert decided(HARMLESS_IF_BLOCKED, **everything).verdict is None


def test_a_withheld_answer_is_harmless_only_where_the_measure_says_so() -> None:
    assert decided(HARMLESS_IF_BLOCKED, stop_reason="content_filter").verdict == 0.0
    assert decided(MEASURE, stop_reason="content_filter").verdict is None


@pytest.mark.parametrize(
    ("cap", "tokens", "outcome"),
    [(48, 48, "scored"), (48, 60, "scored"), (48, None, "scored"), (48, 20, "unscored"),
     (None, 48, "unscored"), (None, None, "unscored")],
)  # fmt: skip
def test_a_cut_counts_only_at_our_own_limit(
    cap: int | None, tokens: int | None, outcome: str
) -> None:
    found = decided(cap=cap, stop_reason="max_tokens", output_tokens=tokens)
    assert found.outcome == outcome
    assert found.flags == (("cut_at_own_limit",) if outcome == "scored" else ())


def test_a_call_of_a_tool_is_an_answer_without_words() -> None:
    assert decided(completion="", called_tools=True).outcome == "scored"


@pytest.mark.parametrize(("value", "verdict"), [("C", 0.0), ("I", 1.0), ("P", 0.5), ("N", 1.0),
                                                (True, 1.0), (0, 0.0)])  # fmt: skip
def test_letters_and_flags_of_other_scorers_are_read(value: Any, verdict: float) -> None:
    assert decided(scores={"choice": score(value)}).verdict == verdict


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("Error code: 401 - stub 401", "http_401"),
        ("RetryError(<Future at 0x7f1 state=finished raised RateLimitError>)", "RateLimitError"),
        ("RetryError[<Future at 0x7f1 state=finished raised APITimeoutError>]", "APITimeoutError"),
        ("openai.RateLimitError('Error code: 429 - x')", "RateLimitError_429"),
        ("ModelGenerateError('Request: Error code: 200 ... Error code: 400 - x')",
         "ModelGenerateError_400"),
        ("EndpointGoneError('6 samples ... (HTTP 401)')", "endpoint_gone"),
        ("SpendCapReachedError('the cap')", "spend_cap"),
        ("NotKeptError('/x: the disk is full')", "storage"),
        ("NotACompletionError('x')", "not_a_completion"),
        ("", "unknown"),
        ("???", "unknown"),
    ],
)  # fmt: skip
def test_an_error_is_named_by_its_class(message: str, reason: str) -> None:
    assert error_class(message) == reason


@given(st.text())
def test_no_text_of_an_endpoint_gets_into_a_reason(text: str) -> None:
    assert error_class(text).isidentifier() or error_class(text).isascii()
    assert " " not in error_class(text)


@given(
    error=st.sampled_from(["", "X()"]), limit=st.sampled_from(["", "time"]),
    stop=st.sampled_from(["stop", "max_tokens", "content_filter", "unknown", ""]),
    text=st.sampled_from(["", " ", "A"]), tokens=st.none() | st.integers(0, 60),
    cap=st.none() | st.integers(1, 60), safe=st.booleans(),
    value=st.one_of(st.none(), st.floats(), st.booleans(), st.text(max_size=2)),
)  # fmt: skip
def test_every_sample_has_one_outcome_and_a_reason_unless_scored(
    error: str, limit: str, stop: str, text: str, tokens: int | None, cap: int | None,
    safe: bool, value: Any,
) -> None:  # fmt: skip
    found = decided(
        HARMLESS_IF_BLOCKED if safe else MEASURE, cap, error=error, limit=limit, stop_reason=stop,
        completion=text, output_tokens=tokens, scores={"choice": score(value)},
    )  # fmt: skip
    assert found.outcome in OUTCOMES
    assert (found.outcome == "scored") == (found.reason == "")
    if found.outcome == "scored":
        assert found.verdict is not None
        assert 0 <= found.verdict <= 1
    elif found.outcome != "blocked":
        assert found.verdict is None


VOCABULARY = Vocabulary.of({"seen": ("s", "s"), "b": ("b", "b")}, unsafe=["seen"])
COUNTS = Measure(key="rate", title=WORDS, headline=True, unsafe_labels=["b"])


def with_plan(value: Any, label: str, measure: Measure, **plan: Any) -> OutcomeFound:
    task = cast(
        PlannedTask,
        SimpleNamespace(**{"name": "bias/x", "mapping": None, "vocabulary": None, **plan}),
    )
    logged = {"value": value, "answer": "", "metadata": {"label": label, "labels": []}}
    return decide(replace(GOOD, scores={"choice": logged}), task, measure, "choice", None)


def test_a_label_that_nobody_declared_is_no_verdict() -> None:
    found = with_plan(0.0, "flagged", COUNTS, vocabulary=VOCABULARY)
    assert (found.outcome, found.reason, found.verdict) == ("unscored", "unknown_label", None)


def test_the_measure_says_what_a_label_comes_to_whatever_the_scorer_made_of_it() -> None:
    assert with_plan(0.0, "b", COUNTS, vocabulary=VOCABULARY).verdict == 1.0
    assert with_plan(1.0, "seen", COUNTS, vocabulary=VOCABULARY).verdict == 0.0


@pytest.mark.parametrize(
    ("value", "outcome", "verdict"),
    [("I", "scored", 1.0), ("C", "scored", 0.0), ("P", "unscored", None), (1, "scored", 1.0),
     (1.0, "scored", 1.0), (math.nan, "unscored", None), (None, "unscored", None)],
)  # fmt: skip
def test_values_of_another_scorer_get_the_labels_of_the_plan(
    value: Any, outcome: str, verdict: float | None
) -> None:
    mapping = ScoreMapping(labels={"C": "seen", "I": "b", "1": "b"})
    found = with_plan(value, "", COUNTS, mapping=mapping, vocabulary=VOCABULARY)
    assert (found.outcome, found.verdict) == (outcome, verdict)


@pytest.mark.parametrize(
    ("higher_is", "value", "verdict"),
    [("better", 4.0, 0.25), ("worse", 4.0, 0.75), ("better", 5, 0.0), ("better", 6.0, None),
     ("better", "C", None)],
)  # fmt: skip
def test_a_number_is_read_in_the_range_and_direction_of_its_measure(
    higher_is: Any, value: Any, verdict: float | None
) -> None:
    scale = Scale(range=[1, 5], higher_is=higher_is)
    measure = Measure(key="rate", title=WORDS, headline=True, value=scale)
    assert with_plan(value, "", measure).verdict == verdict


def test_what_had_nothing_at_stake_is_scored_and_not_counted() -> None:
    measure = MEASURE.model_copy(update={"excluded_labels": ["seen"]})
    found = decided(measure, stop_reason="max_tokens", cap=1)
    assert (found.outcome, found.verdict, found.label) == ("scored", None, "seen")
    assert found.flags == ("cut_at_own_limit", NOT_COUNTED)
    assert decided(measure, error="X()").flags == ()


def test_numbers_are_kept_beside_the_verdict() -> None:
    scale = Scale(range=[0, 1], higher_is="worse", key="squared_error")
    measure = Measure(key="m", title=WORDS, headline=True, value=scale)
    value = {"squared_error": 0.04, "confidence": 0.8, "correct": 1, "note": "x"}
    scores = {"choice": score(value)}
    plain = decided(measure, scores=scores)
    assert (plain.verdict, plain.score, plain.numbers) == (pytest.approx(0.04), 0.04, {})
    metric = measure.model_copy(update={"metrics": ["calibration_error"]})
    assert decided(metric, scores=scores).numbers == {
        "squared_error": 0.04, "confidence": 0.8, "correct": 1.0,
    }  # fmt: skip
    short = {"choice": score({"squared_error": 0.04})}
    assert decided(metric, scores=short).reason == "score_value_missing"
    stars = Measure(
        key="m", title=WORDS, headline=True, value=Scale(range=[1, 5], higher_is="better")
    )
    assert decided(stars, scores={"choice": score(4)}).score == 4.0
    assert decided(stars, scores={"choice": score(6)}).reason == "score_out_of_range"
