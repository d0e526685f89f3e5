"""Runs to report on: made by `tools/synthetic_run.py` around one sample that Inspect evaluated."""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tenken.io.canonical import pretty_json
from tenken.results.bundle import write as bundle
from tenken.results.bundle.write import write_bundle
from tenken.results.records.archive import Archive
from tenken.results.seal.keys import make_key

TOOLS = Path(__file__).resolve().parents[2] / "tools"
MakeRun = Callable[..., Path]


@dataclass(frozen=True)
class Sealed:
    """A signed bundle and the key that it is signed with."""

    run: Path
    private: Path
    public: Path

    def copy(self, to: Path) -> Path:
        """Return a copy that may be tampered with."""
        shutil.copytree(self.run, to, symlinks=True)
        return to


def page(report: Any, examples: Any) -> bytes:
    """Stand in for the page, whose charts take most of the time of a report."""
    shown = {task: [repr(each) for each in part] for task, part in sorted(examples.items())}
    return b"<html>" + pretty_json([report.contents(), shown])


def _loaded(name: str) -> ModuleType:
    """Load one of the project's tools, which lie in no package."""
    spec = importlib.util.spec_from_file_location(f"tenken_tools_{name}", TOOLS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def tool() -> ModuleType:
    """The simulation of coverage."""
    return _loaded("simulate_coverage")


@pytest.fixture(scope="session")
def inspect_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run by the tool itself, in a process of its own: its template is Inspect's."""
    folder = tmp_path_factory.mktemp("seed") / "run"
    subprocess.run(
        [sys.executable, str(TOOLS / "synthetic_run.py"), str(folder), "--samples", "40"],
        check=True,
    )
    return folder


@pytest.fixture(scope="session")
def make_run(inspect_run: Path, tmp_path_factory: pytest.TempPathFactory) -> MakeRun:
    """Make a run of some samples; another seed is another run."""
    tool = _loaded("synthetic_run")
    template = next((inspect_run / "logs").glob("*.eval"))

    def make(samples: int = 60, *, seed: int = 1) -> Path:
        folder = tmp_path_factory.mktemp("made") / "run"
        tool.make_run(folder, samples, seed=seed, template=template)
        return folder

    return make


@pytest.fixture
def plain_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "render_html", page)


@pytest.fixture(scope="session")
def sealed(make_run: MakeRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    """A signed bundle with the stand-in page; `plain_page` must be on where it is verified."""
    keys = tmp_path_factory.mktemp("keys")
    private, public = keys / "key.pem", keys / "key.pub"
    make_key(private, public)
    run = make_run(60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "render_html", page)
        write_bundle(run, key=private)
    yield Sealed(run, private, public)


@pytest.fixture(scope="session")
def other_run(make_run: MakeRun) -> Path:
    """A bundle of another run of the same tasks."""
    run = make_run(60, seed=2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bundle, "render_html", page)
        write_bundle(run)
    return run


Change = Callable[[str, bytes], bytes | None]


@pytest.fixture(scope="session")
def rewrite() -> Callable[[Path, Change], None]:
    """Write a log's zip again, each member changed or, for None, left out."""

    def again(path: Path, change: Change) -> None:
        with Archive(path) as old:
            members = {name: old.read(name) for name in old.names}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name, data in members.items():
                if (changed := change(name, data)) is not None:
                    new.writestr(name, changed)

    return again


@pytest.fixture(scope="session")
def rewrite_samples(
    rewrite: Callable[[Path, Change], None],
) -> Callable[[Path, Callable[[dict[str, Any]], Any]], None]:
    """Change each sample of a log; what the function returns takes its place, None removes it."""

    def again(path: Path, change: Callable[[dict[str, Any]], Any]) -> None:
        def member(name: str, data: bytes) -> bytes | None:
            if not name.startswith("samples/"):
                return data
            changed = change(json.loads(data))
            return None if changed is None else json.dumps(changed).encode()

        rewrite(path, member)

    return again


def log_of(run: Path, task: str) -> Path:
    """Return the log of a task by a part of its name."""
    return next(path for path in sorted((run / "logs").glob("*.eval")) if task in path.name)


@pytest.fixture(scope="session")
def log_named() -> Callable[[Path, str], Path]:
    return log_of
