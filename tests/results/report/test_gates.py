"""A gate looks at the whole interval; what was not measured never passes."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.results.report.gates import EXIT_STATUS, decide_gate, decide_run
from tenken.schema.plan import Gate
from tenken.schema.record import Decision

GATE = Gate(name="g", task="t", max=0.1)
DECISIONS: tuple[Decision, ...] = ("PASS", "FAIL", "INCONCLUSIVE", "INCOMPLETE")


def rate(low: float, high: float) -> dict[str, float]:
    return {"value": (low + high) / 2, "low": low, "high": high}


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
    nothing = {"value": None, "low": None, "high": None}
    assert decide_gate(GATE, nothing, complete=True)[0] == "INCOMPLETE"


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


def test_a_run_without_gates_passes_when_it_is_complete() -> None:
    assert decide_run([], complete=True) == "PASS"
    assert decide_run([], complete=False) == "INCOMPLETE"


def test_only_a_pass_ends_with_status_0() -> None:
    assert [name for name, status in EXIT_STATUS.items() if status == 0] == ["PASS"]
    assert len(set(EXIT_STATUS.values())) == len(DECISIONS)
