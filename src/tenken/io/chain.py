"""A file of lines of which each names the digest of the one before: none can be taken out."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from pydantic_core import from_json

from tenken.errors import InputError
from tenken.io.canonical import canonical_json, sha256_bytes
from tenken.io.files import storage_error

START: Final = "0" * 64
"""What the first line names."""
_MOST_BYTES: Final = 512 * 2**20
_LONGEST_LINE: Final = 2**23
_TAIL: Final = 2**16
_VALUE: Final = rb'(?:"[^"\\\x00-\x1f]*"|0|[1-9][0-9]{0,14}|true|false|null)'
_FLAT: Final = re.compile(rb'\{"[a-z0-9_]+":%b(?:,"[a-z0-9_]+":%b)*\}' % (_VALUE, _VALUE))
"""Texts without escapes and whole numbers have one spelling."""


def read_chain(path: Path, most_bytes: int = _MOST_BYTES) -> tuple[list[dict[str, Any]], str]:
    """Return the entries of a chain, none where there is no file, and the digest of its last line.

    Args:
        path: The file.
        most_bytes: Most bytes that it may have.

    Raises:
        InputError: A line is not an entry, or does not name the line before it; names the line.
    """
    entries = list(iter_chain(path, most_bytes))
    if not entries:
        return [], START
    return entries, sha256_bytes(canonical_json(entries[-1]))


def iter_chain(path: Path, most_bytes: int = _MOST_BYTES) -> Iterator[dict[str, Any]]:
    """Yield the entries of a chain one by one, none where there is no file.

    Args:
        path: The file.
        most_bytes: Most bytes that it may have.

    Raises:
        InputError: A line is not an entry, or does not name the line before it; names the line.
    """
    if not path.exists():
        return
    last = START
    try:
        if path.stat().st_size > most_bytes:
            raise InputError(
                "{path}: has {st_size:,} bytes; too long to be read.",
                path=path,
                st_size=path.stat().st_size,
            )
        with path.open("rb") as stream:
            for number, whole in enumerate(stream, start=1):
                line = whole.removesuffix(b"\n")
                entry = _entry(line) if len(line) <= _LONGEST_LINE else None
                if entry is None or entry.get("previous") != last:
                    raise InputError(
                        "{path}:{number}: does not continue the chain: a line was changed, added "
                        "or taken out. Move the file away to begin a new one; that shows as well.",
                        path=path,
                        number=number,
                    )
                yield entry
                last = sha256_bytes(line)
    except OSError as error:
        raise InputError("{path}: cannot be read: {error}.", path=path, error=error) from None


def append_to_chain(path: Path, entry: dict[str, Any]) -> str:
    """Append an entry to a chain and return the digest of its line.

    A lock file beside the chain keeps two processes from appending at once.

    Args:
        path: The chain's file; made, with its folder, where it is missing.
        entry: The fields of the line; `previous` is added, the digest of the line before it.

    Returns:
        A SHA-256 in hexadecimal digits.

    Raises:
        InputError: The file is not an unbroken chain.
        StorageError: The file cannot be written.
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


class ChainFile:
    """A chain that one process writes to; what it took outlives the process.

    A line that a kill or a full disk cut short is taken out when the file is opened again: it was
    never whole, and nothing rests on it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1
        self._last = START

    def append(self, entry: dict[str, Any]) -> None:
        """Write an entry.

        Raises:
            OSError: It cannot be written; the file is as it was.
        """
        if self._handle < 0:
            self._open()
        line = canonical_json({**entry, "previous": self._last})
        size, data = os.fstat(self._handle).st_size, line + b"\n"
        try:
            while data:
                data = data[os.write(self._handle, data) :]
        except OSError:
            os.ftruncate(self._handle, size)
            raise
        self._last = sha256_bytes(line)

    def close(self) -> None:
        """Close the file; a later entry opens it again."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _open(self) -> None:
        self._handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        size = os.fstat(self._handle).st_size
        start = max(0, size - _TAIL)
        tail = os.pread(self._handle, _TAIL, start)
        whole, mark, torn = tail.rpartition(b"\n")
        if torn:
            os.ftruncate(self._handle, size - len(torn))
        self._last = sha256_bytes(whole.rpartition(b"\n")[2]) if mark else START


def _entry(line: bytes) -> dict[str, Any] | None:
    try:
        entry = _parsed(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) and _is_canonical(line, entry) else None


def _is_canonical(line: bytes, entry: dict[str, Any]) -> bool:
    """Whether an entry's line is the one JSON form that it has.

    Of a flat object of plain texts and whole numbers, as nearly all lines are, that is so where its
    keys are in order and none is there twice.
    """
    if _FLAT.fullmatch(line) and line.count(b'":') == len(entry) and sorted(entry) == list(entry):
        return True
    return canonical_json(entry) == line


def _parsed(line: bytes) -> Any:
    try:
        return from_json(line)  # twice as fast as the standard library
    except ValueError:  # it refuses halves of characters, and deep nesting
        return json.loads(line)
