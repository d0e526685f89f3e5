"""Which folders are runs; the only way from an address to a file.

An address names a run, and a file of it, by a name that has to be among those that are there: no
path is ever built from what a browser sends.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError, UnknownNameError
from tenken.results.bundle.made import REPORT
from tenken.results.seal.folder import SEAL_FILE, contents, read_plain
from tenken.schema.plan import PLAN_FILE

_LONGEST: Final = 255


def run_names(results: Path) -> list[str]:
    """Return the names of the folders that are runs, sorted; links are none."""
    found = []
    with os.scandir(results) as entries:
        for entry in entries:
            if _is_name(entry.name) and entry.is_dir(follow_symlinks=False):
                folder = Path(entry.path)
                if (folder / PLAN_FILE).is_file() or (folder / REPORT).is_file():
                    found.append(entry.name)
    return sorted(found)


def run_folder(results: Path, name: str) -> Path:
    """Return the folder of a run.

    Args:
        results: The folder of results.
        name: Name of the run, as an address has it; no path.

    Raises:
        UnknownNameError: There is no such run, or it is a link.
    """
    folder = results / name if _is_name(name) else None
    if folder is None or folder.is_symlink() or not folder.is_dir() or name not in _listed(results):
        raise UnknownNameError("run", name[:80], ())
    return folder


def run_file(folder: Path, name: str) -> Path:
    """Return a file of a run that its seal lists, or the seal itself.

    Args:
        folder: The run's folder.
        name: Path below the folder, as an address has it.

    Raises:
        UnknownNameError: There is no such file, or it is a link.
    """
    held = contents(folder)
    if name != SEAL_FILE and name not in held.files:
        raise UnknownNameError("file", name[:80], ())
    path = folder / name
    if path.is_symlink() or not path.is_file():
        raise UnknownNameError("file", name[:80], ())
    return path


def run_files(folder: Path) -> list[tuple[str, int]]:
    """Return the plain files of a run with their sizes in bytes, the seal among them."""
    names = contents(folder).files
    seal = [SEAL_FILE] if (folder / SEAL_FILE).is_file() else []
    return [(name, (folder / name).stat().st_size) for name in [*names, *seal]]


def read_report(folder: Path) -> dict[str, Any]:
    """Return the report of a run as it was written; whether it is true is for `verify` to say.

    Raises:
        BundleError: It is missing or no report.
    """
    try:
        report = json.loads(read_plain(folder / REPORT))
        if not isinstance(report, dict):
            raise ValueError("no object")
    except FileNotFoundError:
        raise BundleError("{report}: the file is missing.", report=REPORT) from None
    except (OSError, ValueError, RecursionError):
        raise BundleError("{report}: not a readable report.", report=REPORT) from None
    return report


def stamp(path: Path) -> str:
    """Return what changes when a file is written again; empty where there is no file."""
    try:
        about = path.stat(follow_symlinks=False)
    except OSError:
        return ""
    return f"{about.st_mtime_ns}-{about.st_size}"


def _listed(results: Path) -> set[str]:
    with os.scandir(results) as entries:
        return {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}


def _is_name(name: str) -> bool:
    return (
        0 < len(name) <= _LONGEST
        and not name.startswith(".")
        and name.isprintable()
        and "/" not in name
        and "\\" not in name
    )
