"""A laboratory with a key, and a run of its own that it has signed, for everybody to attack."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from command_server import CommandServer
from stub_endpoint import Stub, running

from tenken.results.seal.keys import make_key

TOOLS = Path(__file__).resolve().parents[2] / "tools"

SUITE = {
    "name": "trial",
    "title": {"en": "Trial", "ja": "試行"},
    "description": {"en": "Two tasks and a gate.", "ja": "二つのタスクと基準。"},
    "tasks": [
        {"task": "misinformation/false_claims", "limit": 8},
        {"task": "criminal_misuse/fraud", "limit": 8},
    ],
    "gates": [{"name": "Few false claims", "task": "misinformation/false_claims", "max": 0.9}],
}


@dataclass(frozen=True)
class Lab:
    """A laboratory: its signed run, its keys, and the command that made the run."""

    run: Path
    private: Path
    public: Path
    command: list[str]

    def copy(self, to: Path) -> Path:
        """Return a copy of the run that may be tampered with, in a results folder of its own."""
        to.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.run.parent, to, symlinks=True, dirs_exist_ok=True)
        return to / self.run.name


@pytest.fixture(scope="session")
def endpoint() -> Iterator[Stub]:
    """An endpoint that answers at once."""
    with running() as stub:
        yield stub


@pytest.fixture(scope="session")
def lab(commands: CommandServer, endpoint: Stub, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A run of two tasks with a gate, signed."""
    place = tmp_path_factory.mktemp("lab")
    suite = place / "trial.yaml"
    suite.write_text(yaml.safe_dump(SUITE, allow_unicode=True), "utf-8")
    private, public = place / "lab.pem", place / "lab.pub"
    make_key(private, public)
    command = ["run", str(suite), "--model", "letter-hash", "--base-url", endpoint.base_url]
    ended = commands.start(
        *command, "--results-dir", place / "runs", "--key", private, "--json"
    ).wait(120)
    assert ended.status in (0, 1, 3, 4, 5), ended
    (run,) = (each for each in (place / "runs").iterdir() if each.is_dir())
    return Lab(run, private, public, command)


@pytest.fixture
def run(lab: Lab, tmp_path: Path) -> Path:
    """A copy of the laboratory's run."""
    return lab.copy(tmp_path / "runs")


@pytest.fixture
def default_key(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The laboratory's key, where a command finds it unasked."""
    monkeypatch.setenv("TENKEN_SIGNING_KEY", str(lab.private))
    return lab.private


@pytest.fixture(scope="session")
def attacks() -> ModuleType:
    """The tool that makes forgeries."""
    sys.path.insert(0, str(TOOLS))
    spec = importlib.util.spec_from_file_location("attack_bundle", TOOLS / "attack_bundle.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


Command = Callable[..., tuple[int, str, str]]
