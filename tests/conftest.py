"""What all tests share: a home of their own, no network, and a small task laid out in a folder."""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from functools import cache
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))

from command_server import CommandServer, own_environment

from tenken.io.canonical import sha256_bytes
from tenken.tasks import library

# Compiled code is kept whatever the caller's environment says: each worker and each process that
# a test starts would compile all of it again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# jsonschema compiles 38 grammars of IRIs when it finds this package; no schema here has an IRI.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

# The same examples every time, and no time limit: the machine may be busy. More of them with
# `make test ARGS=--hypothesis-profile=more`, as the checks do with one Python; others with
# `thorough`.
settings.register_profile("tenken", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("more", deadline=None, derandomize=True, max_examples=150)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("tenken")

CARD: dict[str, Any] = {
    "name": "tiny",
    "title": {"en": "Tiny", "ja": "小さい"},
    "risk": "bias",
    "description": {"en": "A tiny task.", "ja": "小さなタスクです。"},
    "languages": ["en", "ja"],
    "version": "1-A",
    "dataset": {"file": "samples.jsonl", "licence": "CC0-1.0"},
    "prompt": {"en": "{input}\n{choices}", "ja": "{input}\n{choices}"},
    "scorer": {"name": "tenken/choice"},
    "measures": [
        {
            "key": "wrong_rate",
            "title": {"en": "Wrong", "ja": "誤り"},
            "unsafe_labels": ["incorrect"],
            "headline": True,
        }
    ],
    "balance": ["kind"],
    "canary": "tenken:tiny:00000000",
    "authors": ["A test"],
}


TOOLS = Path(__file__).resolve().parents[1] / "tools"
_NUMBERS = count()


def _folder(factory: pytest.TempPathFactory, kind: str, name: str) -> Path:
    """Return a new folder; pytest's own way reads all earlier ones to find a number for each."""
    path = factory.getbasetemp() / kind / f"{name}{next(_NUMBERS)}"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def tmp_path(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new folder of the test's own, as pytest's fixture of this name does."""
    return _folder(tmp_path_factory, "tests", re.sub(r"\W", "_", request.node.name)[:30])


def _samples(pairs: int) -> list[dict[str, Any]]:
    return [
        {
            "id": f"t-{number:02}-{language}",
            "language": language,
            "pair_id": f"t-{number:02}",
            "input": f"Question {number}?" if language == "en" else f"質問{number}?",
            "choices": ["yes", "no"],
            "target": "AB"[number % 2],
            "tags": {"kind": "odd" if number % 2 else "even"},
        }
        for number in range(pairs)
        for language in ("en", "ja")
    ]


def _refuse_far(real: Callable[..., Any]) -> Callable[..., Any]:
    def connect(self: socket.socket, address: Any) -> Any:
        host = address[0] if isinstance(address, tuple) else ""
        if host not in ("", "127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to reach {host}")
        return real(self, address)

    return connect


def pytest_configure() -> None:
    """Let commands be stopped as from a keyboard: a shell's background job ignores SIGINT."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[Any]:
    """Look for garbage neither while tests are collected nor, later, in what was imported then."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.collect()
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the cache of whoever runs the tests out of what a whole session makes, too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(_folder(tmp_path_factory, "homes", "session")))
        yield


@pytest.fixture(autouse=True)
def _own_home(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Keep the keys and caches of whoever runs the tests out of them, and them out of those."""
    if request.node.get_closest_marker("packaging"):
        return  # pip needs its own settings, and reaches its index
    home = _folder(tmp_path_factory, "homes", "home")
    own = own_environment(home)
    for name in os.environ.keys() - own.keys():
        monkeypatch.delenv(name)
    for name, value in own.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.setattr(socket.socket, "connect", _refuse_far(socket.socket.connect))
    monkeypatch.setattr(library, "_BY_PLACE", dict(library._BY_PLACE))


@pytest.fixture(scope="session")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CommandServer]:
    """Runs the command in processes of its own."""
    server = CommandServer(tmp_path_factory.mktemp("commands"))
    yield server
    server.close()


@cache
def _loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"tenken_tools_{name}", TOOLS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def load_tool() -> Callable[[str], ModuleType]:
    """Return the function that loads one of the project's tools, which lie in no package."""
    return _loaded


@pytest.fixture(scope="session")
def inspect_run(commands: CommandServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run around one sample that Inspect has evaluated, in a process of its own."""
    folder = tmp_path_factory.mktemp("seed") / "run"
    ended = commands.run_tool(TOOLS / "synthetic_run.py", folder, "--samples", "40")
    assert ended.status == 0, ended.stderr
    return folder


@pytest.fixture(scope="session")
def make_run(inspect_run: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that makes a run of some samples; another seed is another run."""
    template = next((inspect_run / "logs").glob("*.eval"))

    def make(samples: int = 60, *, seed: int = 1) -> Path:
        folder = tmp_path_factory.mktemp("made") / "run"
        _loaded("synthetic_run").make_run(folder, samples, seed=seed, template=template)
        return folder

    return make


@pytest.fixture
def lay_out(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a task's folder, `risk/name`, and returns its path.

    It takes the samples as objects or as bytes, and keys of the card to change; a key with the
    value None is left out. The card has the right digest unless it is given another.
    """

    def write(
        samples: list[dict[str, Any]] | bytes | None = None, pairs: int = 4, **changes: Any
    ) -> Path:
        card = {key: value for key, value in {**CARD, **changes}.items() if value is not None}
        folder = tmp_path / "tasks" / str(card["risk"]) / str(card["name"])
        folder.mkdir(parents=True, exist_ok=True)
        rows = _samples(pairs) if samples is None else samples
        data = (
            rows
            if isinstance(rows, bytes)
            else "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        )
        (folder / "samples.jsonl").write_bytes(data)
        card["dataset"] = {"sha256": sha256_bytes(data), **card["dataset"]}
        text = yaml.safe_dump(json.loads(json.dumps(card)), allow_unicode=True, sort_keys=False)
        (folder / "card.yaml").write_text(text, "utf-8")
        return folder

    return write


@pytest.fixture
def tiny_samples() -> Callable[[int], list[dict[str, Any]]]:
    """Return the function that makes the samples of the small task."""
    return _samples


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], str]:
    """Return a function that makes a laid-out task known, as one of another package."""

    def add(folder: Path) -> str:
        name = f"{folder.parent.name}/{folder.name}"
        entry = library.TaskFolder(name, folder, "elsewhere")
        monkeypatch.setattr(library, "_installed", lambda: (entry,))
        return name

    return add


@pytest.fixture
def made_own() -> Callable[[Path], None]:
    """Return a function that puts one's own words in place of those that `tenken new` lays out."""
    more = {"en": " I would like to know it today.", "ja": "今日のうちに知りたいです。"}

    def change(folder: Path) -> None:
        card, samples = folder / "card.yaml", folder / "samples.jsonl"
        said = card.read_text("utf-8").replace("Say here what", "This says what")
        card.write_text(said.replace("書いてください。", "書いたものです。"), "utf-8")
        rows = [json.loads(line) for line in samples.read_text("utf-8").splitlines()]
        for row in rows:
            row["input"] += more[row["language"]]
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        samples.write_text("".join(lines), "utf-8")

    return change


@pytest.fixture
def command_line(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Iterator[Callable[..., tuple[int, str, str]]]:
    """Return a function that runs the command line here and gives status, stdout and stderr."""
    from tenken.evals.cli import main

    monkeypatch.setattr("tenken.tasks.library._BY_PLACE", {})  # a process starts without any
    place = tmp_path / "cwd"
    place.mkdir()
    monkeypatch.chdir(place)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["tenken", *map(str, arguments)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return run  # type: ignore[return-value]
