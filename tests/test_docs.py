"""What the README and the guides tell people to type is typed here."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tenken.evals.models.endpoint import Endpoint

ROOT = Path(__file__).resolve().parents[1]
TENKEN = Path(sys.executable).with_name("tenken")
GUIDE = ROOT / "docs" / "adding-a-task.md"


def blocks(path: Path, language: str) -> list[str]:
    """The code blocks of a language in a Markdown file."""
    return re.findall(rf"^```{language}\n(.*?)^```", path.read_text("utf-8"), re.M | re.S)


def commands(path: Path, program: str) -> list[list[str]]:
    lines = [line for block in blocks(path, "console") for line in block.splitlines()]
    return [shlex.split(line) for line in lines if line.split()[:1] == [program]]


def test_the_first_block_is_the_two_commands() -> None:
    assert blocks(ROOT / "README.md", "console")[0] == "make run\nmake test\n"


@pytest.mark.parametrize("target", ["run", "test", "install", "check", "fix", "bench"])
def test_every_make_target_that_is_named_exists(target: str) -> None:
    done = subprocess.run(["make", "-n", target], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


@pytest.mark.parametrize("command", commands(ROOT / "README.md", "tenken"), ids=" ".join)
def test_every_command_of_the_readme_has_the_options_that_it_names(command: list[str]) -> None:
    shown = subprocess.run(
        [TENKEN, command[1], "--help"], capture_output=True, text=True, check=True
    ).stdout
    for word in command[2:]:
        if word.startswith("-"):
            assert re.search(rf"{re.escape(word)}\b", shown), word


@pytest.mark.parametrize("command", commands(ROOT / "README.md", "tenken"), ids=" ".join)
def test_runs_of_the_readme_get_as_far_as_the_plan(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if command[1] not in ("run", "plan"):
        pytest.skip("asks nothing")
    if command[2].startswith("public-"):
        pytest.skip("downloads its data")
    (tmp_path / "endpoint.yaml").write_text(blocks(ROOT / "README.md", "yaml")[0])
    monkeypatch.setenv("MY_KEY", "k")
    extra = ["--dry-run"] if command[1] == "run" else []
    done = subprocess.run(
        [TENKEN, *command[1:], *extra], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"\d+ calls, about [\d,]+ tokens in", done.stdout)
    assert not list(tmp_path.glob("results/runs/*"))


def test_the_endpoint_file_of_the_readme_is_one() -> None:
    endpoint = Endpoint.model_validate(yaml.safe_load(blocks(ROOT / "README.md", "yaml")[0]))
    assert endpoint.api_key_env == "MY_KEY"


def test_the_exit_statuses_of_the_readme_are_those_of_the_help() -> None:
    shown = subprocess.run([TENKEN, "--help"], capture_output=True, text=True, check=True).stdout
    said = (ROOT / "README.md").read_text("utf-8")
    for words in ("0 all gates pass", "1 a gate fails", "2 wrong input", "3 incomplete"):
        assert words in " ".join(shown.split())
        assert words in said


def test_every_link_to_a_file_leads_to_one() -> None:
    for path in (ROOT / "README.md", GUIDE, ROOT / "CONTRIBUTING.md"):
        for target in re.findall(r"\]\((?!http|#)([^)#]+)\)", path.read_text("utf-8")):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_guide_of_tasks_leads_to_a_run(tmp_path: Path) -> None:
    """Every step is typed as it stands; only the model is Inspect's own stand-in."""
    site = tmp_path / "site"
    environment = {**os.environ, "PYTHONPATH": str(site)}
    pip = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--target", str(site)]

    def typed(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    laid, checked, shown, run = commands(GUIDE, "tenken")
    assert typed(TENKEN, *laid[1:]).returncode == 0
    (folder,) = (path.parent for path in tmp_path.rglob("card.yaml"))
    samples, (card, suite) = blocks(GUIDE, "json")[0], blocks(GUIDE, "yaml")
    (folder / "card.yaml").write_text(card, "utf-8")
    (folder / "samples.jsonl").write_text(samples, "utf-8")
    (tmp_path / "my_suite.yaml").write_text(suite, "utf-8")
    done = typed(TENKEN, *checked[1:])
    assert done.stdout.endswith("1 task, 4 samples: 0 errors, 0 warnings\n"), done.stdout
    assert commands(GUIDE, "python") == [["python", "-m", "pip", "install", "-e", "my_tasks"]]
    installed = typed(sys.executable, "-m", "pip", "install", *pip, "./my_tasks")
    assert installed.returncode == 0, installed.stderr
    assert "Units of measure / 計量単位" in typed(TENKEN, *shown[1:]).stdout
    words = ["mockllm/model" if word == "tenken/smollm2" else word for word in run[1:]]
    planned = typed(TENKEN, *words, "--dry-run")
    assert "4 calls" in planned.stdout, planned.stderr
