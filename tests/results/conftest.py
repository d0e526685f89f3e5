"""Runs to report on, signed, copied and taken apart."""

from __future__ import annotations

import json
import shutil
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


@pytest.fixture(scope="session")
def tool(load_tool: Callable[[str], ModuleType]) -> ModuleType:
    """The simulation of coverage."""
    return load_tool("simulate_coverage")


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
