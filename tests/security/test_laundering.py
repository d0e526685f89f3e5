"""A forgery gets no new seal: commands refuse to build on evidence that was not sealed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tenken.results.seal.keys import load_public_key, make_key
from tenken.results.seal.seal import is_signed_by, read_seal

Command = Callable[..., tuple[int, str, str]]


def commands(lab: Any, run: Path) -> dict[str, list[Any]]:
    return {
        "report": ["report", run],
        "review": ["review", run, "--sample", "2"],
        "score": ["score", run, "--scorer", "fraud=refusal"],
        "run": [*lab.command, "--results-dir", run.parent],
    }


@pytest.mark.parametrize("name", ["report", "review", "score", "run"])
def test_changed_answers_are_not_sealed_again(
    lab: Any, run: Path, attacks: ModuleType, default_key: Path, command_line: Command, name: str
) -> None:
    attacks.change_scores(run)
    before = (run / "seal.json").read_bytes()
    status, _, err = command_line(*commands(lab, run)[name])
    assert status == 2 and "not the file that was sealed" in err, (status, err)
    assert (run / "seal.json").read_bytes() == before


@pytest.mark.parametrize("name", ["report", "review", "score", "run"])
def test_a_log_more_is_not_sealed(
    lab: Any, run: Path, default_key: Path, command_line: Command, name: str
) -> None:
    (run / "logs" / "more.eval").write_bytes(b"x")
    status, _, err = command_line(*commands(lab, run)[name])
    assert status == 2 and "more.eval: not among the files that were sealed" in err


def test_a_missing_log_is_not_sealed_over(run: Path, command_line: Command) -> None:
    next((run / "logs").glob("*fraud*.eval")).unlink()
    status, _, err = command_line("report", run)
    assert status == 2 and "the file is missing" in err


@pytest.mark.parametrize("name", ["report", "review", "score"])
def test_a_seal_taken_away_is_not_made_anew(
    lab: Any, run: Path, attacks: ModuleType, default_key: Path, command_line: Command, name: str
) -> None:
    attacks.change_scores(run)
    (run / "seal.json").unlink()
    status, _, err = command_line(*commands(lab, run)[name])
    assert status == 2 and "has no seal" in err and not (run / "seal.json").exists()


def test_a_forgers_seal_gets_no_signature_in_silence(
    run: Path, attacks: ModuleType, lab: Any, default_key: Path, command_line: Command
) -> None:
    """A forger changes the answers and seals them himself; the laboratory then makes a report."""
    attacks.change_scores(run)
    attacks.seal_again(run)
    assert command_line("report", run, "--lang", "ja")[0] == 0
    seal = read_seal(run)
    assert seal.keyids == [] and not is_signed_by(seal, load_public_key(lab.public))


def test_a_seal_names_the_one_before_it_and_why(
    run: Path, lab: Any, default_key: Path, command_line: Command
) -> None:
    first = read_seal(run)
    assert first.statement.predicate.reason == "run"
    assert command_line("report", run)[0] == 0
    assert read_seal(run).sha256 == first.sha256, "nothing changed, so nothing is sealed again"
    assert command_line("report", run, "--lang", "ja")[0] == 0
    second = read_seal(run).statement.predicate
    assert (second.previous, second.reason) == (first.sha256, "report")
    assert read_seal(run).keyids == first.keyids
    assert json.loads((run / "superseded" / f"seal-{first.sha256[:32]}.json").read_bytes())


def test_an_auditor_adds_a_signature(run: Path, tmp_path: Path, command_line: Command) -> None:
    before = read_seal(run)
    make_key(tmp_path / "a.pem", tmp_path / "a.pub")
    assert command_line("report", run, "--key", tmp_path / "a.pem")[0] == 0
    after = read_seal(run)
    assert after.statement == before.statement and len(after.keyids) == 2
