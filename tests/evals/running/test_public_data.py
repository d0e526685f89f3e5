"""Public benchmarks in a suite: data of the user's own, terms to accept, plan, report, seal."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import InputError
from tenken.evals.cli._options import data_paths
from tenken.evals.planning.plan import Choices, resolve
from tenken.evals.suite import read_suite

TITLE = {"en": "Public", "ja": "公開"}
HEADER = ["Type", "Category", "Question", "Original Answer", "Correct Answers", "Incorrect Answers"]
CommandLine = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "mine.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(HEADER)
        for n in range(8):
            rows.writerow(["事実（fact）", "科学", f"質問{n}?", "いいえ", "['いいえ']", "['はい']"])
    return path


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    path = tmp_path / "mine.yaml"
    tasks = [{"task": "public/jtruthfulqa"}, {"task": "public/jbbq"}]
    path.write_text(
        json.dumps({"name": "mine", "title": TITLE, "description": TITLE, "tasks": tasks})
    )
    return path


def test_a_run_on_data_of_the_users_own(runs: Any, suite: Path, data: Path) -> None:
    arguments = [suite, "--task", "jtruthfulqa", "--data", f"jtruthfulqa={data}"]
    refused = runs.run("letter-a", *arguments)
    assert refused.status == 2 and "give --accept-licence" in refused.stderr
    assert "CC-BY-NC-SA-4.0 allows non-commercial use alone" in refused.stderr
    assert not runs.results.exists() and runs.stub.prompts == []
    ended = runs.run("letter-a", *arguments, "--accept-licence")
    assert ended.status == 5, ended
    (task,) = runs.report["tasks"]
    assert task["outcomes"]["scored"] == 8 and task["dataset"]["licence"] == "CC-BY-NC-SA-4.0"
    (about,) = task["dataset"]["files"].values()
    assert about["pinned"] is False and len(about["sha256"]) == 64
    assert str(data) not in (runs.folder / "plan.json").read_text("utf-8")
    assert runs.commands.run("verify", runs.folder).status == 8  # unsigned


def test_changed_data_are_asked_anew(runs: Any, suite: Path, data: Path) -> None:
    arguments = [suite, "--task", "jtruthfulqa", "--data", f"jtruthfulqa={data}"]
    assert runs.run("letter-a", *arguments, "--accept-licence").status == 5
    data.write_text(data.read_text("utf-8").replace("質問1?", "別の質問?"), "utf-8")
    assert runs.run("letter-a", *arguments, "--accept-licence").status == 5
    assert len(runs.stub.asked) == 16 and runs.folder.is_dir()


def test_what_is_not_asked_needs_no_data(suite: Path, data: Path) -> None:
    choices = Choices(
        tasks=("public/jtruthfulqa",), data={"public/jtruthfulqa": data}, accepted=True
    )
    (asked,) = resolve(read_suite(str(suite)).suite, choices)
    assert len(asked.samples) == 8
    with pytest.raises(InputError, match="on request alone"):
        resolve(read_suite(str(suite)).suite, Choices(tasks=("public/jbbq",), accepted=True))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["xstest"], "write NAME=PATH"),
        (["xtest=/x"], "Did you mean 'xstest'"),
        (["xstest=/x", "public/xstest=/y"], "given twice"),
    ],
)
def test_odd_data_options_are_refused(given: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        data_paths(given)


def test_list_and_show_need_no_data(command_line: CommandLine, tmp_path: Path) -> None:
    status, out, _ = command_line("list")
    assert status == 0 and out.index("public benchmarks") < out.index("public/xstest")
    _, out, _ = command_line("list", "--json")
    listed = json.loads(out)
    assert not any(task["name"].startswith("public/") for task in listed["tasks"])
    assert {"public/jbbq", "public/harmbench"} <= {task["name"] for task in listed["public"]}
    status, out, _ = command_line("show", "jtruthfulqa")
    assert status == 0 and "CC-BY-NC-SA-4.0 allows non-commercial use alone" in out
    assert "its samples are not shown" in out


def test_show_with_data(command_line: CommandLine, data: Path) -> None:
    status, out, _ = command_line("show", "jtruthfulqa", "--data", f"jtruthfulqa={data}")
    assert status == 0 and "wrong_answer_rate (headline): 8 ja" in out and "質問" in out
