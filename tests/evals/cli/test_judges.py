"""`tenken judges`: cards of the same gold answers, ranked by kappa, with cost and steadiness."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.results.calibration.judges import ranked
from tenken.schema.calibration import CalibrationCard, read_cards

Run = Callable[..., tuple[int, str, str]]
CARDS = Path(__file__).parents[3] / "scorers" / "cards"
REFUSAL = "tenken-refusal--refusal--ja.json"


def card(kappa: float | None, **changed: Any) -> CalibrationCard:
    old = json.loads((CARDS / REFUSAL).read_text("utf-8"))
    old["readings"][0]["kappa"]["value"] = kappa
    return CalibrationCard.model_validate({**old, **changed})


JUDGE = {
    "graders": ["openai/a"],
    "usage": {"verdicts": 200, "input": 40_000, "output": 10_000, "cost": 0.5},
    "repeated": {
        "asked": 12, "undecided": 2, "flipped": 1,
        "share": {"value": 0.1, "low": 0.0, "high": 0.4, "n": 10},
    },
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    other = {"name": "people.jsonl", "sha256": "1" * 64, "kind": "human_rated", "source": ""}
    made = {
        "a": card(0.6), "b": card(0.8, **JUDGE), "c": card(None), "d": card(0.1, gold=other),
    }  # fmt: skip
    for name, each in made.items():
        (tmp_path / f"{name}.json").write_bytes(each.to_bytes())
    return tmp_path


def test_cards_are_ranked_among_those_of_the_same_answers_people_first(folder: Path) -> None:
    rows = ranked(read_cards(folder))
    assert [(row.card, row.rank) for row in rows] == [
        ("d.json", 1), ("b.json", 1), ("a.json", 2), ("c.json", 3)
    ]  # fmt: skip
    judge = rows[1]
    assert (judge.cost, judge.tokens) == (2.5, 250_000)
    assert (rows[2].cost, rows[2].tokens, rows[2].flipped) == (0.0, 0.0, None)


def test_the_table_and_its_json(command_line: Run, folder: Path) -> None:
    status, out, _ = command_line("judges", "--cards", folder)
    assert status == 0 and "labelled by people" in out.splitlines()[0]
    (line,) = [each for each in out.splitlines() if "openai/a" in each]
    assert "1. tenken/refusal by openai/a" in line and "2.50" in line and "0.100 of 10" in line
    _, out, _ = command_line("judges", "--cards", folder, "--json")
    listed = json.loads(out)["judges"]
    assert [each["graders"] for each in listed] == [[], ["openai/a"], [], []]
    assert listed[1]["flipped"]["n"] == 10
    _, out, _ = command_line("judges", "--cards", folder, "--scorer", "refusal", "--language", "ja")
    assert out.count("tenken/refusal") == 4


def test_the_table_speaks_japanese(command_line: Run, folder: Path) -> None:
    status, out, _ = command_line("judges", "--cards", folder, "--lang", "ja")
    assert status == 0 and "人がラベルを付けた回答" in out.splitlines()[0]
    assert "感度" in out and "（採点モデルopenai/a）" in out and "sensitivity" not in out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--scorer", "refusl"], "unknown scorer 'refusl'. Did you mean 'tenken/refusal'"),
        (["--language", "fr"], "unknown language 'fr'"),
        (["--cards", "nowhere"], "there is no such folder"),
    ],
)
def test_wrong_use_ends_with_one_line(command_line: Run, given: list[str], message: str) -> None:
    status, _, err = command_line("judges", *given)
    assert status == 2 and message in err and err.count("\n") == 1


def test_the_cards_of_the_package_are_ranked_where_none_are_named(command_line: Run) -> None:
    status, out, _ = command_line("judges")
    assert status == 0 and "tenken/choice" in out and "xstest" in out
