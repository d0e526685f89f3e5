"""The plan is committed before the first question, and every attempt leaves a trace."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.io.canonical import pretty_json
from tenken.io.chain import read_chain
from tenken.results.seal.commitment import read_commitment, write_commitment
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import verify_bundle
from tenken.schema.verification import Grade

Command = Callable[..., tuple[int, str, str]]


def preregistered(lab: Any, run: Path) -> Grade:
    return verify_bundle(run, trusted([lab.public], asked=False)).grades["preregistered"]


def events(run: Path) -> list[dict[str, Any]]:
    return read_chain(run.parent / "register.jsonl")[0]


def test_a_plan_committed_and_signed_before_the_first_question_holds(lab: Any, run: Path) -> None:
    grade = preregistered(lab, run)
    assert grade.holds == "yes" and "signed by lab.pub" in grade.message
    made = read_commitment(run)
    assert made is not None
    about = made.statement.predicate
    assert (about.attempt, about.previous, about.profile.operator) == (1, None, None)
    assert [each["event"] for each in events(run)] == ["started", "sealed"]


def test_who_does_not_know_the_key_cannot_say(run: Path) -> None:
    assert verify_bundle(run).grades["preregistered"].holds == "unknown"


def test_a_plan_changed_afterwards_is_not_the_committed_one(
    lab: Any, run: Path, attacks: Any
) -> None:
    attacks.edit_plan(run, lambda plan: plan.update(max_unscored=0.9))
    grade = preregistered(lab, run)
    assert grade.holds == "no" and "plan.json is not the one that was committed to" in grade.message


def test_a_commitment_made_afterwards_comes_after_the_logs(lab: Any, run: Path) -> None:
    made = read_commitment(run)
    assert made is not None
    later = made.statement.predicate.model_copy(update={"committed": "2999-01-01T00:00:00+00:00"})
    write_commitment(run, later, lab.private)
    grade = preregistered(lab, run)
    assert grade.holds == "no" and "before the plan was committed (2999" in grade.message


def test_a_forgers_commitment_is_not_the_laboratorys(lab: Any, run: Path) -> None:
    made = read_commitment(run)
    assert made is not None
    write_commitment(run, made.statement.predicate, None)
    assert preregistered(lab, run).holds == "unknown"
    forged = made.statement.predicate.model_copy(update={"nonce": "0" * 64})
    write_commitment(run, forged, None)
    envelope = json.loads((lab.run / "commitment.json").read_bytes())
    envelope["payload"] = json.loads((run / "commitment.json").read_bytes())["payload"]
    (run / "commitment.json").write_bytes(pretty_json(envelope))
    grade = preregistered(lab, run)
    assert grade.holds == "no" and "its signature does not fit the key" in grade.message


def test_a_card_after_the_fact_changes_nothing(
    lab: Any, run: Path, command_line: Command, default_key: Path
) -> None:
    own = Path("results/cards")
    own.mkdir(parents=True)
    cards = json.loads((run / "plan.json").read_bytes())["calibration"]
    for name, card in cards.items():
        (own / f"flattering-{name}").write_bytes(pretty_json({**card, "made": "2000-01-01"}
                                                 if "made" in card else card))  # fmt: skip
    before = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    status, _, err = command_line(*lab.command, "--results-dir", run.parent)
    assert status in (0, 1, 3, 4, 5) and "not in the plan that was committed" in err
    after = {path.name: path.read_bytes() for path in run.iterdir() if path.is_file()}
    assert after == before


def test_a_run_begun_again_is_the_second_attempt(
    lab: Any, run: Path, command_line: Command, default_key: Path
) -> None:
    shutil.rmtree(run)
    assert command_line(*lab.command, "--results-dir", run.parent)[0] in (0, 1, 3, 4, 5)
    made = read_commitment(run)
    assert made is not None and made.statement.predicate.attempt == 2
    status, out, _ = command_line("verify", run, "--key", lab.public)
    assert status == 0 and "this is attempt 2 at this run" in out
    for most, wanted in ((1, 2), (2, 0)):
        Path("policy.yaml").write_text(f"max_attempts: {most}\nkeys: [{lab.public}]\n")
        status, out, _ = command_line("verify", run, "--policy", "policy.yaml")
        assert status == wanted and ("this is attempt 2; the policy allows 1" in out) == (most == 1)
    assert [each["event"] for each in events(run)] == ["started", "sealed"] * 2


def test_a_sealed_run_without_its_seal_is_not_gone_on_with(
    lab: Any, run: Path, attacks: Any, command_line: Command, default_key: Path
) -> None:
    attacks.change_scores(run)
    (run / "seal.json").unlink()
    status, _, err = command_line(*lab.command, "--results-dir", run.parent)
    assert status == 2 and "this run was sealed (register.jsonl)" in err
    assert not (run / "seal.json").exists()


@pytest.mark.parametrize("change", ["drop", "edit", "add"])
def test_a_register_that_was_changed_is_refused(
    lab: Any, run: Path, command_line: Command, change: str
) -> None:
    register = run.parent / "register.jsonl"
    lines = register.read_bytes().splitlines(keepends=True)
    changed = {
        "drop": lines[1:],
        "edit": [lines[0].replace(b"started", b"resumed"), *lines[1:]],
        "add": [*lines, lines[-1]],
    }[change]
    register.write_bytes(b"".join(changed))
    shutil.rmtree(run)
    status, _, err = command_line(*lab.command, "--results-dir", run.parent)
    assert status == 2 and "does not continue the chain" in err


def test_a_plan_is_lodged_before_it_is_run(
    lab: Any, tmp_path: Path, command_line: Command, default_key: Path
) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text("laboratory: Lab of Tests\nobjective: To see.\n")
    where = ("--results-dir", tmp_path / "new", "--profile", profile)
    status, out, _ = command_line(*lab.command, *where, "--plan-only")
    assert status == 0 and "commitment.json" in out
    (run,) = (path for path in (tmp_path / "new").iterdir() if path.is_dir())
    assert not (run / "logs").exists()
    lodged = (run / "commitment.json").read_bytes()
    assert command_line(*lab.command, *where)[0] in (0, 1, 3, 4, 5)
    assert (run / "commitment.json").read_bytes() == lodged
    assert preregistered(lab, run).holds == "yes"
    made = read_commitment(run)
    assert made is not None and made.statement.predicate.profile.laboratory == "Lab of Tests"


def test_a_profile_of_another_form_is_one_line(
    lab: Any, tmp_path: Path, command_line: Command
) -> None:
    (tmp_path / "p.yaml").write_text("laboratry: x\n")
    status, _, err = command_line(*lab.command, "--profile", tmp_path / "p.yaml")
    assert status == 2 and "laboratry" in err and "laboratory" in err
