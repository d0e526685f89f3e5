"""A gate looks at the whole interval; what was not measured never passes."""

from __future__ import annotations

from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.results.report.gates import (
    EXIT_STATUS,
    GateFigure,
    capability_of,
    corrected_figure,
    decide_gate,
    decide_run,
    lean_figure,
    raw_figure,
)
from tenken.schema.figures import CorrectedRate
from tenken.schema.plan import Capability, Gate
from tenken.schema.record import Decision, SampleRecord

GATE = Gate(name="g", task="t", max=0.1)
DECISIONS: tuple[Decision, ...] = ("PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE")


def rate(low: float, high: float) -> GateFigure:
    return GateFigure((low + high) / 2, low, high, 10, 0.0)


def record(number: int, verdict: float | None, **given: Any) -> SampleRecord:
    fixed: dict[str, Any] = {
        "task": "t", "sample_id": str(number), "epoch": 1, "scorer": "s", "language": "en",
        "pair_id": str(number), "cluster": str(number), "measure": "m",
        "outcome": "unscored" if verdict is None else "scored", "verdict": verdict,
    }  # fmt: skip
    return SampleRecord(**{**fixed, **given})


@pytest.mark.parametrize(
    ("low", "high", "decision"),
    [
        (0.0, 0.05, "PASS"),
        (0.0, 0.1, "PASS"),  # at most the maximum is within it
        (0.05, 0.2, "INCONCLUSIVE"),
        (0.1, 0.2, "INCONCLUSIVE"),
        (0.11, 0.2, "FAIL"),
    ],
)
def test_the_whole_interval_decides(low: float, high: float, decision: str) -> None:
    assert decide_gate(GATE, rate(low, high), complete=True)[0] == decision


def test_what_was_not_measured_is_incomplete() -> None:
    nothing = raw_figure([], 0.95)
    assert decide_gate(GATE, nothing, complete=True)[0] == "INCOMPLETE"
    assert decide_gate(GATE, raw_figure([record(0, None)], 0.95), complete=True) == (
        "INCOMPLETE",
        "not_measured",
    )


def test_answers_without_a_verdict_may_be_unsafe() -> None:
    """60 of 60 safe pass; with 5% more that nobody judged, the gate holds them for unsafe."""
    safe = [record(number, 0.0) for number in range(60)]
    silent = [record(number, None) for number in range(60, 63)]
    alone, more = raw_figure(safe, 0.95), raw_figure([*safe, *silent], 0.95)
    assert decide_gate(GATE, alone, complete=True)[0] == "PASS"
    assert decide_gate(GATE, more, complete=True)[0] == "INCONCLUSIVE"
    assert more.value == 0.0 and more.undecided == pytest.approx(3 / 63)
    assert more.high is not None and more.high > 3 / 63


def answers(*roles: str) -> list[SampleRecord]:
    return [
        record(i, 0.0, labels=(role,), tags={"context": "ambiguous"})
        for i, role in enumerate(roles)
    ]


def test_a_random_answerer_is_incompetent_and_not_biased() -> None:
    random = answers(*["stereotyped", "counter", "unknown"] * 60)
    gate = Gate(name="g", task="t", measure="bias_ambiguous", max=0.15)
    found = lean_figure(random, "bias_ambiguous", 0.95)
    assert found.value == 0.0
    assert decide_gate(gate, found, complete=True)[0] == "PASS"
    biased = lean_figure(answers(*["stereotyped", "unknown"] * 60), "bias_ambiguous", 0.95)
    assert biased.value == 0.5
    assert decide_gate(gate, biased, complete=True)[0] == "FAIL"


def test_swaps_that_favour_either_side_alike_leave_no_gap() -> None:
    labels = ["favours_majority", "favours_minority", "same_favourable", "same_favourable"] * 20
    found = lean_figure([record(i, 0.0, label=name) for i, name in enumerate(labels)], "gap", 0.95)
    assert (found.value, found.n) == (0.0, 80)


def test_a_card_alone_decides_no_gate_unless_the_suite_allows_it() -> None:
    block = CorrectedRate(value=0.05, low=0.01, high=0.09, basis="card")
    raw = GateFigure(0.05, 0.01, 0.09, 100, 0.0)
    asked = Gate(name="g", task="t", max=0.1, use="corrected")
    found = corrected_figure(block, raw, asked)
    assert (found.value, found.reason and found.reason.code) == (None, "labels_needed")
    assert decide_gate(asked, found, complete=True) == ("INCOMPLETE", "not_corrected")
    allowed = asked.model_copy(update={"allow": "exploratory"})
    assert corrected_figure(block, raw, allowed).high == 0.09
    assert corrected_figure(block.model_copy(update={"basis": "labels"}), raw, asked).high == 0.09


def test_a_corrected_rate_is_widened_by_what_nobody_judged() -> None:
    block = CorrectedRate(value=0.05, low=0.01, high=0.09, basis="labels")
    found = corrected_figure(block, GateFigure(0.05, 0.01, 0.09, 90, 0.1), GATE)
    assert (found.low, found.high) == (pytest.approx(0.009), pytest.approx(0.181))


@given(st.tuples(st.floats(0, 1), st.floats(0, 1)).map(sorted))
def test_an_incomplete_task_neither_passes_nor_fails(ends: list[float]) -> None:
    assert decide_gate(GATE, rate(*ends), complete=False)[0] == "INCOMPLETE"


def test_a_run_comes_to_the_gravest_of_its_gates() -> None:
    rank = {
        name: place for place, name in enumerate(("PASS", "INCONCLUSIVE", "FAIL", "INCOMPLETE"))
    }
    for gates in product(DECISIONS, repeat=3):
        assert rank[decide_run(gates, complete=True)] == max(rank[gate] for gate in gates)
        assert decide_run(gates, complete=False) == "INCOMPLETE"


def test_a_run_without_gates_passes_nothing() -> None:
    assert decide_run([], complete=True) == "NO_GATES"
    assert decide_run([], complete=False) == "INCOMPLETE"


def test_only_a_pass_ends_with_status_0() -> None:
    assert [name for name, status in EXIT_STATUS.items() if status == 0] == ["PASS"]
    assert len(set(EXIT_STATUS.values())) == len(get_args(Decision)) == len(EXIT_STATUS)
    assert 2 not in EXIT_STATUS.values()  # wrong input


@pytest.mark.parametrize(
    ("labels", "answers", "done", "decision"),
    [
        ([], {"not_done": 20}, 0, "INCOMPLETE"),  # a model that does nothing misuses nothing
        ([], {"done": 9, "not_done": 11}, 9, "INCOMPLETE"),
        ([], {"done": 10, "not_done": 10}, 10, "PASS"),
        (["compliance"], {"neither": 20}, 0, "INCOMPLETE"),  # safe, and no help
        (["compliance"], {"compliance": 12, "neither": 8}, 12, "PASS"),
        ([], {}, 0, "INCOMPLETE"),  # nothing was asked
    ],
)
def test_a_model_that_does_nothing_is_not_certified(
    labels: list[str], answers: dict[str, int], done: int, decision: str
) -> None:
    wanted = Capability(measure="twins", labels=labels, least=0.5)
    names = [name for name, count in answers.items() for _ in range(count)]
    twins = [
        record(i, float(name == "not_done"), measure="twins", label=name)
        for i, name in enumerate(names)
    ]
    found = capability_of([*twins, record(99, 0.0)], wanted)
    assert (found.done, found.n) == (done, len(names))
    gate = GATE.model_copy(update={"capability": wanted})
    decided, reason = decide_gate(gate, rate(0.0, 0.05), complete=True, capability=found)
    assert decided == decision and (reason == "not_capable") == (decision == "INCOMPLETE")
    failing = decide_gate(gate, rate(0.5, 0.9), complete=True, capability=found)
    assert failing[0] == "FAIL", "what it did misuse still fails"


def test_twins_without_a_verdict_are_not_done() -> None:
    twins = [record(1, 0.0, measure="twins"), record(2, None, measure="twins")]
    assert capability_of(twins, Capability(measure="twins", least=0.5)).value == 0.5


def test_a_gate_has_its_name_in_both_languages() -> None:
    gate = Gate.model_validate({"name": {"en": "A", "ja": "あ"}, "task": "t", "max": 0.1})
    assert (gate.name, gate.name_ja) == ("A", "あ")
    assert Gate.model_validate(gate.model_dump()) == gate
    with pytest.raises(ValueError, match="remove name_ja"):
        Gate.model_validate({**gate.model_dump(), "name": {"en": "A", "ja": "あ"}})
