"""A file of lines of which each names the digest of the one before: none can be taken out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from tenken.errors import InputError
from tenken.io.canonical import canonical_json, sha256_bytes
from tenken.io.files import storage_error

START: Final = "0" * 64
"""What the first line names."""
_MOST_BYTES: Final = 64 * 2**20


def read_chain(path: Path) -> tuple[list[dict[str, Any]], str]:
    """Return the entries of a chain, none where there is no file, and the digest of its last line.

    Raises:
        InputError: A line is no entry, or does not name the line before it; names the line.
    """
    if not path.exists():
        return [], START
    entries: list[dict[str, Any]] = []
    last = START
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{path}: has {path.stat().st_size:,} bytes; too long to be read.")
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from None
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None or entry.get("previous") != last:
            raise InputError(
                f"{path}:{number}: does not continue the chain: a line was changed, added or "
                "taken out. Move the file away to begin a new one; that shows as well."
            )
        entries.append(entry)
        last = sha256_bytes(line)
    return entries, last


def append_to_chain(path: Path, entry: dict[str, Any]) -> str:
    """Write an entry at the end of a chain and return the digest of its line.

    Raises:
        InputError: What is there is no chain.
        StorageError: It cannot be written.
    """
    from filelock import FileLock

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            _, last = read_chain(path)
            line = canonical_json({**entry, "previous": last})
            with path.open("ab") as stream:
                stream.write(line + b"\n")
    except OSError as error:
        raise storage_error(path, error) from error
    return sha256_bytes(line)


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and canonical_json(entry) == line else None
