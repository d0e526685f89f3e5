"""Reading files of a bundle that anybody may have made: plain files only, and not without end."""

from __future__ import annotations

from pathlib import Path
from typing import Final

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
