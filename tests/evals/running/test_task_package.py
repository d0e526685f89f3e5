"""The worked example of a package with a task of its own: installed, found, checked and run."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from command_server import CommandServer, Ended
from stub_endpoint import Stub

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "task_package"
TASK = "misinformation/units_of_measure"
PIP = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package installed below `site`."""
    folder = tmp_path_factory.mktemp("package")
    shutil.copytree(EXAMPLE, folder / "source")  # building leaves files beside what is built
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *PIP, "--target", folder / "site",
         folder / "source"],
        check=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def typed(place: Path, commands: CommandServer) -> Callable[..., Ended]:
    """Types a command beside the package, where Python finds it."""
    site = str(place / "site")
    here = f"import os, sys; os.chdir({str(place)!r}); sys.path.insert(0, {site!r})"
    return partial(commands.run, env={"TENKEN_PLUGINS": ""}, code=here)


def test_its_task_is_listed_and_passes_the_check_without_a_warning(
    typed: Callable[..., Ended],
) -> None:
    listed = json.loads(typed("list", "--json").stdout)["tasks"]
    (task,) = (each for each in listed if each["name"] == TASK)
    assert (task["package"], task["samples"]) == ("task_package", {"en": 6, "ja": 6})
    checked = typed("check", "units_of_measure")
    *sources, counted = checked.stdout.splitlines()
    assert counted == "1 task, 12 samples: 0 errors, 0 warnings"
    assert [line.split(":")[0] for line in sources] == ["sources"]


def test_its_task_runs_to_a_report_with_every_sample(
    place: Path, typed: Callable[..., Ended], stub: Stub
) -> None:
    suite = "name: own\ntitle: {en: Own, ja: 自作}\ndescription: {en: One., ja: 一つ。}\n"
    (place / "own.yaml").write_text(f"{suite}tasks:\n  - {{task: {TASK}}}\n", "utf-8")
    done = typed("run", "own.yaml", "--model", "letter-a", "--base-url", stub.base_url,
                  "--results-dir", "runs")  # fmt: skip
    assert done.status == 5, done.stderr  # the suite has no gates: nothing is decided
    (folder,) = (path for path in (place / "runs").iterdir() if path.is_dir())
    (task,) = json.loads((folder / "report.json").read_bytes())["tasks"]
    assert task["name"] == TASK
    assert sum(task["outcomes"].values()) == 12
    assert typed("verify", str(folder)).status == 8  # unsigned
