"""A console over small bundles, one of them hostile, and a browser's stand-in for each role."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.applications import Starlette
from starlette.testclient import TestClient

sys.path.insert(0, str(Path(__file__).parents[1]))

from command_server import CommandServer

from tenken.console.app import make_app
from tenken.console.auth import accounts
from tenken.console.auth.accounts import add_account
from tenken.console.bundles import commands as console_commands
from tenken.console.bundles.indexing import index_samples
from tenken.console.database.connect import open_database
from tenken.console.reviewing import sheets
from tenken.console.services import Services
from tenken.console.settings import Settings
from tenken.errors import TenkenError
from tenken.results.bundle.write import write_bundle
from tenken.results.records.archive import Archive

BUNDLE = Path(__file__).parents[1] / "data" / "bundles" / "smoke--smollm2--0.1.0"
ADDRESS = "http://127.0.0.1:8765"
PASSWORD = "correct horse battery"
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}"
HOSTILE_FOLDER = "\"'><img src=x onerror=alert(3)>&amp;"


@dataclass
class Console:
    """A console and the people who use it."""

    app: Starlette
    results: Path
    clients: list[TestClient] = field(default_factory=list)

    @property
    def services(self) -> Services:
        services: Services = self.app.state.services
        return services

    def client(self, **headers: str) -> TestClient:
        """Return a browser that has not signed in."""
        client = TestClient(
            self.app, base_url=ADDRESS, follow_redirects=False, headers=headers,
            raise_server_exceptions=True,
        )  # fmt: skip
        self.clients.append(client)
        return client

    def person(self, role: str, name: str = "") -> TestClient:
        """Return a browser in which somebody of a role has signed in."""
        client, name = self.client(), name or role
        add_account(self.services.engine, name, role, PASSWORD)
        answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client


def csrf(client: TestClient, page: str = "/runs") -> str:
    """Return the token that forms of this browser bring along."""
    found = re.search(r'X-CSRF-Token": "([^"]+)"', client.get(page).text)
    assert found
    return found[1]


def hostile_copy(folder: Path, to: Path) -> None:
    """Copy a bundle with markup in its titles, its model's name and every answer."""
    shutil.copytree(folder, to)
    report = json.loads((to / "report.json").read_bytes())
    report["model"]["name"] = HOSTILE
    report["suite"]["name"] = HOSTILE
    for task in report["tasks"]:
        task["title"] = {"en": HOSTILE, "ja": HOSTILE}
        for measure in task["measures"]:
            measure["title"] = {"en": HOSTILE, "ja": HOSTILE}
    (to / "report.json").write_text(json.dumps(report))
    for path in (to / "logs").glob("*.eval"):
        rewrite(path, _with_markup)


def rewrite(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Write a log again with every sample changed."""
    with Archive(path) as old:
        members = {name: old.read(name) for name in old.names}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in members.items():
            if name.startswith("samples/"):
                data = json.dumps(change(json.loads(data))).encode()  # noqa: PLW2901
            new.writestr(name, data)


def _with_markup(sample: dict[str, Any]) -> dict[str, Any]:
    sample["input"] = HOSTILE
    sample["output"]["completion"] = HOSTILE
    for message in sample["messages"]:
        message["content"] = HOSTILE
    for score in (sample.get("scores") or {}).values():
        score["answer"] = score["explanation"] = HOSTILE
    return sample


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let argon2 work less: the tests sign in often."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(accounts, "_hasher", lambda: quick)
    monkeypatch.setattr(accounts, "_decoy", lambda: quick.hash("nobody has this password"))


class _Commands:
    """Runs commands in children of one process that has imported everything."""

    def __init__(self, server: CommandServer) -> None:
        self._server = server

    def run(self, arguments: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
        ended = self._server.run(*arguments, seconds=120)
        said, stderr = ended.stdout.encode(), ended.stderr.encode()
        return subprocess.CompletedProcess(list(arguments), ended.status, said, stderr)


@pytest.fixture(scope="session")
def command_children(commands: CommandServer) -> _Commands:
    return _Commands(commands)


@pytest.fixture(autouse=True)
def _quick_commands(command_children: _Commands, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Spare every command the seconds of its imports; `test_commands.py` starts real ones."""
    monkeypatch.setattr(console_commands, "_run", command_children.run)
    monkeypatch.setattr(sheets, "_start", _sheets_here)
    yield
    for thread in threading.enumerate():  # a verification that a page began outlives no test
        if "(_verify)" in thread.name:
            thread.join(60)


def _sheets_here(run: Path, database: str) -> subprocess.CompletedProcess[str]:
    engine = open_database(database)
    try:
        sheets.write_sheets(engine, run)
    except TenkenError as error:
        return subprocess.CompletedProcess([], 1, "", str(error))
    finally:
        engine.dispose()
    return subprocess.CompletedProcess([], 0, "", "")


@pytest.fixture(scope="session")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder: a bundle, a hostile one under a hostile name, and what is no run."""
    results = tmp_path_factory.mktemp("results")
    shutil.copytree(BUNDLE, results / "good")
    hostile_copy(BUNDLE, results / HOSTILE_FOLDER)
    (results / "unfinished").mkdir()
    shutil.copy(BUNDLE / "plan.json", results / "unfinished" / "plan.json")
    (results / "torn").mkdir()
    (results / "torn" / "report.json").write_text('{"decision": ["PASS"], "model"')
    (results / "linked").symlink_to(results / "good")
    (results / "good" / "secret.txt").symlink_to("/etc/passwd")
    (results / "empty").mkdir()
    return results


@pytest.fixture(scope="session")
def prepared(
    bundles: Path, command_children: _Commands, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A database in which the samples are indexed and the bundles verified."""
    path = tmp_path_factory.mktemp("prepared") / "console.sqlite"
    url = f"sqlite:///{path}"
    services = Services(Settings(results=bundles, database=url, sign_in="accounts"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console_commands, "_run", command_children.run)
        for name in ("good", HOSTILE_FOLDER):
            index_samples(services.engine, bundles / name)
            services.verifications.now(name)
    services.close()
    return path


@pytest.fixture(scope="session")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle as this version seals it."""
    run = tmp_path_factory.mktemp("sealed") / "run"
    shutil.copytree(BUNDLE, run)
    write_bundle(run)
    return run


@pytest.fixture
def own(sealed: Path, tmp_path: Path) -> Iterator[Console]:
    """A console over a bundle that may be changed."""
    results = tmp_path / "results"
    shutil.copytree(sealed, results / "run")
    database = f"sqlite:///{tmp_path / 'c.sqlite'}"
    app = make_app(Settings(results=results, database=database, sign_in="accounts"))
    yield from closed(Console(app, results))


@pytest.fixture
def console(prepared: Path, bundles: Path, tmp_path: Path) -> Iterator[Console]:
    """A console with accounts over the bundles, with a database of its own."""
    yield from _console(bundles, prepared, tmp_path, sign_in="accounts")


@pytest.fixture
def local_console(prepared: Path, bundles: Path, tmp_path: Path) -> Iterator[Console]:
    """A console with the one-time link."""
    yield from _console(bundles, prepared, tmp_path, sign_in="link")


def _console(results: Path, prepared: Path, folder: Path, **settings: Any) -> Iterator[Console]:
    shutil.copy(prepared, folder / "console.sqlite")
    database = f"sqlite:///{folder / 'console.sqlite'}"
    yield from closed(
        Console(make_app(Settings(results=results, database=database, **settings)), results)
    )


def closed(made: Console) -> Iterator[Console]:
    yield made
    for client in made.clients:
        client.close()
    made.services.close()
