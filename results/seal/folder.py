"""What is in a run's folder, and which of it belongs to the bundle."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tenken.io.files import LOCK_FILE
from tenken.results.seal.publication import ATTESTATIONS, DISCLOSED

MOST_BYTES: Final = 256 * 2**20
"""Most bytes of one file that are taken into memory; a report of 100,000 samples has a few."""


def refuse_odd(path: Path) -> None:
    """Check that a path is a plain file, so that opening it follows no link and cannot hang.

    Raises:
        FileNotFoundError: There is nothing.
        ValueError: It is a link, a folder, a pipe or a device.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ValueError("not a plain file")
    if not path.exists():
        raise FileNotFoundError(path)


def read_plain(path: Path) -> bytes:
    """Return the bytes of a plain file.

    Raises:
        FileNotFoundError: There is nothing.
        ValueError: It is no plain file, or larger than `MOST_BYTES`.
        OSError: It cannot be read.
    """
    refuse_odd(path)
    size = path.stat().st_size
    if size > MOST_BYTES:
        raise ValueError(f"it has {size:,} bytes; at most {MOST_BYTES:,} are read")
    return path.read_bytes()


SEAL_FILE: Final = "seal.json"
SUPERSEDED: Final = "superseded"
"""Where logs, plans and seals are kept that others took the place of."""

STAGED: Final = ".staged"
"""Where a change of a bundle is made ready; a killed command leaves it behind."""

READY: Final = ".staged-ready"
"""A change that is complete and sealed, and only has to be moved into its place."""

_SET_APART: Final = (SUPERSEDED, ".resume", STAGED, READY, DISCLOSED, ATTESTATIONS)


@dataclass(frozen=True)
class Contents:
    """What is in a run's folder, by name relative to it, each list sorted.

    Attributes:
        files: Plain files that a seal covers.
        apart: Plain files that no seal covers: what a run needs to go on, and what it replaced.
        odd: All else: links, devices, names that are no text. They are never opened.
    """

    files: list[str]
    apart: list[str]
    odd: list[str]


def contents(run: Path) -> Contents:
    """Return what is in a run's folder; no link is followed below it."""
    found = Contents([], [], [])
    for folder, folders, files in os.walk(run):
        for base in sorted([*files, *(each for each in folders if _is_link(folder, each))]):
            path = Path(folder, base)
            name = path.relative_to(run).as_posix()
            plain = path.is_file() and not path.is_symlink() and name.isprintable()
            if not plain or (name == LOCK_FILE and path.stat().st_size):
                found.odd.append(name)
            elif _is_apart(name):
                found.apart.append(name)
            elif name not in (SEAL_FILE, LOCK_FILE):
                found.files.append(name)
    for names in (found.files, found.apart, found.odd):
        names.sort()
    return found


def _is_link(folder: str, name: str) -> bool:
    return Path(folder, name).is_symlink()


def _is_apart(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    return name.split("/", 1)[0] in _SET_APART or (base.startswith(".") and base.endswith(".part"))
