"""The files around the code say what is true: workflows, versions, templates."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tenken import __version__

ROOT = Path(__file__).resolve().parents[1]
YAML = [
    *sorted((ROOT / ".github").rglob("*.yml")),
    ROOT / ".pre-commit-config.yaml",
    ROOT / "CITATION.cff",
]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def _steps(path: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(path.read_text("utf-8"))["jobs"].values()
    return [step for job in jobs for step in job["steps"]]


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_every_file_can_be_read(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text("utf-8")), dict)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_runs_targets_that_exist_with_the_least_rights(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text("utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for step in _steps(path):
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", step["uses"])
        for target in re.findall(r"^make (\w+)", step.get("run", ""), re.M):
            done = subprocess.run(
                ["make", "-n", target], cwd=ROOT, capture_output=True, check=False
            )
            assert done.returncode == 0, target


def test_the_versions_of_python_are_those_of_the_package() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "checks.yml").read_text("utf-8"))
    tried = workflow["jobs"]["test"]["strategy"]["matrix"]["python"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert tried == ["3.11", "3.12", "3.13"] and project["requires-python"] == f">={tried[0]}"


def test_the_version_is_one() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert citation["version"] == __version__
    assert newest is not None and newest[1] == __version__


def test_the_containers_are_built_from_what_is_here() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").splitlines()
    assert any(line.startswith("USER ") and line != "USER root" for line in lines)
    about = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_bytes())
    assert (ROOT / ".devcontainer" / about["build"]["dockerfile"]).exists()


def test_every_locked_package_has_hashes_and_no_host_is_named() -> None:
    for name in ("requirements.lock", "weights.lock"):
        text = (ROOT / name).read_text("utf-8")
        entries = re.split(r"\n(?=\S)", text.strip())
        assert entries and all("--hash=sha256:" in each for each in entries)
        assert not re.search(r"https?:|--index|--find-links", text)
    locked = {
        line.split("==")[0].lower().replace("_", "-"): line.split("==")[1].split()[0]
        for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines()
        if "==" in line
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = {re.split(r"[\[<>=;~! ]", each)[0].lower() for each in project["dependencies"]}
    assert wanted - locked.keys() <= {"zipfile-zstd"}, "renew it with make lock"
    listed = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    assert all(f"| {name} |" in listed.lower() for name in locked)


def test_security_names_only_tests_that_exist() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    named = re.findall(r"`(test_\w+\.py|tests/[\w/]+\.py)?(?:::(test_\w+))?`", text)
    last, checked = "", 0
    for file, function in named:
        last = file or last
        path = ROOT / last if last.startswith("tests/") else ROOT / "tests" / "security" / last
        assert path.is_file(), last
        if function:
            assert f"def {function}(" in path.read_text("utf-8"), f"{last}::{function}"
            checked += 1
    assert checked > 15


def test_the_mutants_that_are_always_tried_can_be_made() -> None:
    spec = importlib.util.spec_from_file_location("mutants", ROOT / "tools" / "mutants.py")
    assert spec is not None and spec.loader is not None
    mutants = importlib.util.module_from_spec(spec)
    sys.modules["mutants"] = mutants  # its dataclass looks there
    spec.loader.exec_module(mutants)
    for each in mutants.named():
        assert compile(each.text, each.path, "exec") and each.shown()
    for path in mutants.modules(None):
        nearest, room = mutants.tests_of(path)
        assert all((ROOT / name).exists() for name in (*nearest, *room)), path
    del sys.modules["mutants"]
