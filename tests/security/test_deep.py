"""`verify --deep`: scores against their own answers, prompts against the library."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tenken.evals.running.replay import replay
from tenken.results.records.plan_check import read_sound_plan

Command = Callable[..., tuple[int, str, str]]

SAID = {
    "scores": "the log says",
    "answers": "the log says",
    "prompts": "the prompt in the log is not the library's",
    "scores-everywhere": "the log says",
    "scores-renamed": "the log has no score by",
    "system-message": "the log has other messages than one question and its answer",
    "answers-shown": "the log has other messages than one question and its answer",
    "facts": "its choices, target or facts in the log are not the library's",
    "plan-data-everywhere": "the plan's items are not the library's of this version",
}


def test_the_honest_run_is_scored_again(lab: Any, run: Path, command_line: Command) -> None:
    status, out, _ = command_line("verify", run, "--key", lab.public, "--deep", "--json")
    found = json.loads(out)
    assert (status, found["grades"]["rescored"]["holds"]) == (0, "yes"), found["findings"]


def test_a_synthetic_run_contradicts_itself_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).resolve().parents[2] / "tools")
    from synthetic_run import make_run

    plan = make_run(tmp_path / "run", 200)
    found = list(replay(tmp_path / "run", plan))
    assert {each.status for each in found} == {"unknown"}, found
    assert {f.code for f in found} <= {"items_not_here", "scorer_not_here", "scorer_other_version"}


def test_each_deep_forgery_has_its_words(attacks: ModuleType) -> None:
    deep = {name for name, attack in attacks.ATTACKS.items() if attack.deep}
    assert set(SAID) == deep


@pytest.mark.parametrize("name", SAID)
def test_a_forgery_within_the_logs_is_named(
    run: Path, attacks: ModuleType, name: str, command_line: Command
) -> None:
    attacks.ATTACKS[name].make(run)
    status, out, _ = command_line("verify", run, "--deep", "--json")
    found = json.loads(out)
    said = [f["message"] for f in found["findings"] if f["grade"] == "rescored"]
    assert any(SAID[name] in each for each in said), said
    assert found["grades"]["rescored"]["holds"] == "no" and status & 32, status


def test_a_rescoring_is_scored_again_as_well(
    run: Path, attacks: ModuleType, command_line: Command
) -> None:
    assert command_line("score", run, "--scorer", "fraud=refusal")[0] in (0, 3)
    plan = read_sound_plan(run)
    assert {each.status for each in replay(run, plan)} == {"ok"}
    attacks.rescored_scores(run)
    wrong = [each for each in replay(run, plan) if each.status == "wrong"]
    assert wrong and all(each.what.startswith("rescored/") for each in wrong[:5]), wrong
    assert wrong[0].code == "other_score"


def test_logs_that_cannot_be_read_are_not_gone_through(
    run: Path, attacks: ModuleType, command_line: Command
) -> None:
    attacks.ATTACKS["bomb-values"].make(run)
    status, out, _ = command_line("verify", run, "--deep")
    assert status == 2 and "rescored: not done: the logs cannot be read" in out
