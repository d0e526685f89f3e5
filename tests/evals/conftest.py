"""Fixtures of the tests that run suites against an endpoint on loopback."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from command_server import Command, CommandServer, Ended
from stub_endpoint import Stub, running

FIGURES_ASIDE = ("evidence", "finished", "provenance", "model", "run")
"""Parts of a report that say when, where and of which endpoint."""


class Runs:
    """Runs of suites against a stub, in a results folder of their own."""

    def __init__(self, commands: CommandServer, stub: Stub, folder: Path) -> None:
        self.commands = commands
        self.stub = stub
        self.results = folder / "runs"
        self._endpoint = folder / "endpoint.yaml"

    def arguments(self, model: str, *more: str | Path, **endpoint: Any) -> list[str | Path]:
        """The command line of `tenken run smoke --no-gates` with one attempt for each sample."""
        connections = {"max_retries": 0, **endpoint.pop("connections", {})}
        self._endpoint.write_text(
            yaml.safe_dump(
                {"model": model, "base_url": self.stub.base_url, "connections": connections}
                | endpoint
            )
        )
        suite = (
            []
            if (more and str(more[0]).endswith(".yaml")) or "baseline" in more
            else ["smoke", "--no-gates"]
        )
        return ["run", *suite, *more, "--endpoint-file", self._endpoint,
                "--results-dir", self.results, "--json"]  # fmt: skip

    def run(self, model: str, *more: str | Path, seconds: float = 60, **endpoint: Any) -> Ended:
        """Run to the end."""
        return self.start(model, *more, **endpoint).wait(seconds)

    def start(
        self, model: str, *more: str | Path, code: str = "",
        env: dict[str, str] | None = None, **endpoint: Any,
    ) -> Command:  # fmt: skip
        """Start a run."""
        return self.commands.start(*self.arguments(model, *more, **endpoint), code=code, env=env)

    @property
    def folder(self) -> Path:
        """The folder of the one run."""
        (found,) = (path for path in self.results.iterdir() if path.is_dir())
        return found

    @property
    def report(self) -> dict[str, Any]:
        """The whole report of the one run."""
        loaded: dict[str, Any] = json.loads((self.folder / "report.json").read_bytes())
        return loaded

    @property
    def reasons(self) -> dict[str, int]:
        """How often each reason is in the report, as `outcome: reason`."""
        total: Counter[str] = Counter()
        for task in self.report["tasks"]:
            for outcome, reasons in task["reasons"].items():
                total.update({f"{outcome}: {reason}": n for reason, n in reasons.items()})
        return dict(total)

    def figures(self) -> dict[str, Any]:
        """What two runs of the same samples must have in common."""
        return {key: part for key, part in self.report.items() if key not in FIGURES_ASIDE}


@pytest.fixture(scope="session")
def tenken(commands: CommandServer) -> CommandServer:
    """Runs the command in processes of its own."""
    return commands


@pytest.fixture
def stub() -> Iterator[Stub]:
    """An endpoint that answers at once."""
    with running() as server:
        yield server


@pytest.fixture
def runs(tenken: CommandServer, stub: Stub, tmp_path: Path) -> Runs:
    """Runs against the stub."""
    return Runs(tenken, stub, tmp_path)


@pytest.fixture(scope="session")
def make_runs() -> type[Runs]:
    """Makes runs in another folder or against another stub."""
    return Runs
