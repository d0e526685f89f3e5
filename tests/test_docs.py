"""What the README and the guides tell people to type is typed here."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tenken.canonical import sha256_bytes
from tenken.evals.endpoint import Endpoint
from tenken.evals.suite import Suite
from tenken.tasks.card import read_card
from tenken.tasks.samples import read_samples

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


def test_the_guide_makes_a_task_that_loads(tmp_path: Path) -> None:
    card = yaml.safe_load(blocks(GUIDE, "yaml")[0])
    samples = blocks(GUIDE, "json")[0].encode()
    card["dataset"]["sha256"] = sha256_bytes(samples)
    folder = tmp_path / card["risk"] / card["name"]
    folder.mkdir(parents=True)
    (folder / "card.yaml").write_text(yaml.safe_dump(card, allow_unicode=True))
    (folder / "samples.jsonl").write_bytes(samples)
    found = read_samples(read_card(folder), folder)
    assert [json.loads(line)["id"] for line in samples.splitlines()] == [s.id for s in found]
    assert Suite.model_validate(yaml.safe_load(blocks(GUIDE, "yaml")[1])).gates[0].max == 0.2
