"""Errors are written for the person who can mend what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken import errors

NAMES = ["bias/ambiguous_qa", "criminal_misuse/fraud", "misinformation/false_claims"]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("criminal_misuse/frauds", "criminal_misuse/fraud"),
        ("fruad", "criminal_misuse/fraud"),
        ("ambigous_qa", "bias/ambiguous_qa"),
        ("false-claims", "misinformation/false_claims"),
        ("zzz", None),
    ],
)
def test_the_nearest_known_name_is_suggested(written: str, meant: str | None) -> None:
    assert errors.nearest(written, NAMES) == meant
    message = str(errors.UnknownNameError("task", written, NAMES))
    assert message.startswith(f"unknown task '{written}'.")
    assert ("Did you mean" in message) is (meant is not None)
    assert all(name in message for name in NAMES)


def test_long_lists_are_cut_and_empty_ones_said() -> None:
    many = str(errors.UnknownNameError("run", "x", [f"run-{n:02}" for n in range(20)]))
    assert "run-11, ... (20 in all)" in many and "run-12" not in many
    assert "None exist." in str(errors.UnknownNameError("run", "x", [], "results/runs"))


@given(st.text(max_size=30), st.lists(st.text(max_size=10), max_size=5))
def test_a_suggestion_is_a_known_name(written: str, known: list[str]) -> None:
    assert errors.nearest(written, known) in {None, *known}


def test_cards_name_file_and_line() -> None:
    assert str(errors.CardError("a/samples.jsonl", "bad.", 7)) == "a/samples.jsonl:7: bad."
    assert str(errors.CardError("a/card.yaml", "bad.")) == "a/card.yaml: bad."


def test_every_error_has_an_exit_status() -> None:
    assert errors.CardError("x", "y").exit_status == 2
    assert errors.StoppedError("x").exit_status == 3
    assert issubclass(errors.EndpointError, errors.TenkenError)
