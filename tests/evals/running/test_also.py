"""Further scorers of a suite: asked once the run is sealed, beside the first, and never twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenken.results.verify.verify import verify_bundle
from tenken.schema.rescoring import parse_ledger

SAMPLES = 4


def folder_of(runs: Any) -> Path:
    """The folder of the one run; answers of graders are kept beside it."""
    (found,) = runs.results.glob("one--*")
    return Path(found)


def task_of(runs: Any) -> dict[str, Any]:
    (task,) = json.loads((folder_of(runs) / "report.json").read_bytes())["tasks"]
    return dict(task)


def suite(folder: Path, *also: dict[str, Any]) -> Path:
    words = {"en": "One", "ja": "一"}
    task = {"task": "fraud", "limit": SAMPLES, "also": list(also)}
    path = folder / "one.yaml"
    path.write_text(json.dumps(
        {"name": "one", "title": words, "description": words, "tasks": [task]}
    ))  # fmt: skip
    return path


@pytest.fixture
def grader(runs: Any, tmp_path: Path) -> str:
    path = tmp_path / "grader.yaml"
    one = {"max_connections": 1}  # a cap then stops it at the same answer every time
    path.write_text(
        json.dumps({"model": "judge", "base_url": runs.stub.base_url, "connections": one})
    )
    return f"grader={path}"


def test_the_leaks_of_a_run_are_beside_its_figures(runs: Any, grader: str, tmp_path: Path) -> None:
    path = suite(tmp_path, {"name": "tenken/reasoning_leak"})
    again = (path, "--model-role", grader)
    ended = runs.run("refuse+think", *again)
    assert "Traceback" not in ended.stderr
    task = task_of(runs)
    assert task["scorer"]["name"] == "tenken/harm_judge"
    (other,) = task["other_scorers"]
    (measure,) = other["measures"]
    assert (measure["overall"]["value"], measure["overall"]["n"]) == (1.0, SAMPLES)
    statuses = {each.status for each in verify_bundle(folder_of(runs)).findings}
    assert "wrong" not in statuses
    asked, ledger = len(runs.stub.requests), (folder_of(runs) / "ledger.jsonl").read_bytes()
    assert len(parse_ledger(ledger)) == 1
    runs.run("refuse+think", *again)
    assert len(runs.stub.requests) == asked
    assert (folder_of(runs) / "ledger.jsonl").read_bytes() == ledger


@pytest.mark.parametrize(
    ("scoring", "says"),
    [
        ({"name": "tenken/reasoning_leak"}, "--model-role grader=MODEL"),
        ({"name": "tenken/reasoning_leaks"}, "reasoning_leak"),
        ({"name": "tenken/refusal", "args": {"odd": 1}}, "odd"),
        ({"name": "tenken/choice"}, "cannot judge criminal_misuse/fraud"),
    ],
)
def test_what_cannot_judge_is_refused_before_anything_is_asked(
    runs: Any, tmp_path: Path, scoring: dict[str, Any], says: str
) -> None:
    arguments = runs.arguments("refuse", suite(tmp_path, scoring))
    ended = runs.commands.start(*arguments).wait(60)
    assert ended.status == 2 and says in ended.stderr
    assert runs.stub.requests == [] and not runs.results.exists()


def test_a_scorer_that_is_listed_twice_is_refused(runs: Any, tmp_path: Path) -> None:
    twice = {"name": "tenken/refusal"}
    ended = runs.commands.start(*runs.arguments("refuse", suite(tmp_path, twice, twice))).wait(60)
    assert ended.status == 2 and "'tenken/refusal' is listed twice" in ended.stderr
    assert runs.stub.requests == [] and not runs.results.exists()


def test_a_grader_that_fails_leaves_the_run_sealed_and_is_asked_the_next_time(
    runs: Any, grader: str, tmp_path: Path
) -> None:
    path, place = suite(tmp_path, {"name": "tenken/reasoning_leak"}), Path(grader[7:])
    before = 2 + SAMPLES  # one question to each model, and the samples
    place.write_text(json.dumps(
        {"model": f"judge@{before + 1}:http-401", "base_url": runs.stub.base_url}
    ))  # fmt: skip
    arguments = runs.arguments("refuse+think", path, "--model-role", grader)
    ended = runs.commands.start(*arguments).wait(60)
    assert ended.status == 2 and "Traceback" not in ended.stderr
    assert (folder_of(runs) / "seal.json").exists() and "other_scorers" not in task_of(runs)
    runs.stub.healthy = True
    runs.run("refuse+think", path, "--model-role", grader)
    assert task_of(runs)["other_scorers"][0]["outcomes"]["scored"] == SAMPLES
    assert len([each for each in runs.stub.asked if "BEGIN" not in each]) == SAMPLES


def test_a_cap_holds_for_further_scorers_too_and_a_higher_one_goes_on(
    runs: Any, grader: str, tmp_path: Path
) -> None:
    path = suite(tmp_path, {"name": "tenken/reasoning_leak"})
    again = (path, "--model-role", grader, "--max-connections", "1")
    runs.run("refuse+think", *again, "--max-tokens", "1000000")
    assert len(parse_ledger((folder_of(runs) / "ledger.jsonl").read_bytes())) == 1
    spent, runs.results = _tokens(runs), tmp_path / "capped"
    ended = runs.run("refuse+think", *again, "--max-tokens", str(spent + 30))
    assert "cap of" in json.loads(ended.stdout)["stopped"]
    assert not (folder_of(runs) / "ledger.jsonl").exists()
    assert (folder_of(runs) / "seal.json").exists() and "other_scorers" not in task_of(runs)
    asked = len(runs.stub.requests)
    runs.run("refuse+think", *again, "--max-tokens", "1000000")
    assert task_of(runs)["other_scorers"][0]["outcomes"]["scored"] == SAMPLES
    assert len(runs.stub.requests) - asked <= SAMPLES  # a question first, and one answer is kept


def _tokens(runs: Any) -> int:
    """The tokens of a run's samples and its first scorer, as its report has them."""
    report = json.loads((folder_of(runs) / "report.json").read_bytes())
    return sum(each["input"] + each["output"] for each in report["provenance"]["tokens"].values())
