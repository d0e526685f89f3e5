"""The files around the code say what is true: workflows, versions, templates."""

from __future__ import annotations

import json
import re
import subprocess
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
