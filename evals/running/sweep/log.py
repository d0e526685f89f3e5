"""A log in Inspect's format, written sample by sample, so that memory stays flat.

Inspect's own writer holds a log in memory and takes several milliseconds of processor time a
sample. This one writes the layout that `records.logs` reads; the tests hold that Inspect reads it
as its own.
"""

from __future__ import annotations

import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import from_json, to_json

from tenken.io.files import storage_error

if TYPE_CHECKING:
    from inspect_ai.log import EvalLog

    from tenken.evals.running.sweep.sample import Record

PARTIAL: Final = ".part"
"""What the name of a log ends with until it is whole."""

_SAMPLES: Final = "samples/"
_SUMMARIES: Final = "summaries.json"
_PARTS: Final = "_journal/summaries/"
_HEADER: Final = "header.json"
_START: Final = "_journal/start.json"
_PIECE: Final = 2**16
_SMALLEST, _LARGEST = 9, 15
"""Bits of the window that zlib packs with."""
_LONG: Final = 2**30
"""Bytes from which on a member of a zip needs longer fields."""
_KEPT_LENGTH: Final = 64 * 1024
"""Longest summary that is kept as it is, in bytes: the listing must stay quick to load."""

Key = tuple[str, int]

Follower = Callable[[str, str, bytes], None]
"""Takes the task's name in the log, and name and bytes of a sample's member, once it is written."""
follower: ContextVar[Follower | None] = ContextVar("follower", default=None)
"""Who reads the logs of a run while they are written."""


class SweepLog:
    """A log that takes samples one by one and has its name once it is closed."""

    def __init__(self, path: Path, header: EvalLog) -> None:
        """Begin a log.

        Args:
            path: Where the log is to be, ending in `.eval`.
            header: The log without samples: what is evaluated, and how.

        Raises:
            StorageError: It cannot be written.
        """
        self.path = path
        self._task, self._follower = header.eval.task, follower.get()
        self._part = path.with_name(f".{path.name}{PARTIAL}")
        self._listing = _PackedBytes()
        try:
            self._zip = zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
            start = {"version": header.version, "eval": header.eval, "plan": header.plan}
            self._zip.writestr(_START, to_json(start, exclude_none=True))
        except OSError as error:
            raise storage_error(path, error) from error

    def add(self, sample: Record) -> None:
        """Write a sample.

        Raises:
            StorageError: It cannot be written.
        """
        member = _member((sample.id, sample.epoch))
        self._write(member, sample.data)
        if self._follower is not None:
            self._follower(self._task, member, sample.data)
        short = len(sample.summary) <= _KEPT_LENGTH
        self._summarise(sample.summary if short else _short(sample.summary))

    def take_over(self, other: Path, keys: frozenset[Key]) -> None:
        """Copy samples of an earlier log of the same task as they are.

        Args:
            other: The earlier log.
            keys: Id and epoch of each sample to copy.

        Raises:
            StorageError: It cannot be written.
        """
        for key, data, summary in read_samples(other, keys):
            self._write(_member(key), data)
            self._summarise(summary)

    def close(self, header: EvalLog) -> None:
        """Write the header and give the log its name.

        Args:
            header: The log without samples, with status, results and statistics.

        Raises:
            StorageError: It cannot be written.
        """
        self._write_summaries()
        self._write(
            _HEADER,
            to_json(header, exclude_none=True, exclude={"samples"}, inf_nan_mode="constants"),
        )
        try:
            self._zip.close()
            with self._part.open("rb") as stream:
                os.fsync(stream.fileno())
            os.replace(self._part, self.path)
        except OSError as error:
            raise storage_error(self.path, error) from error

    def _summarise(self, summary: bytes) -> None:
        self._listing.add((b"," if self._listing.length else b"[") + summary)

    def _write_summaries(self) -> None:
        if not self._listing.length:
            self._listing.add(b"[")
        self._listing.add(b"]")
        try:
            long = self._listing.length >= _LONG
            with self._zip.open(_SUMMARIES, "w", force_zip64=long) as stream:
                for piece in self._listing.pieces():
                    stream.write(piece)
        except OSError as error:
            raise storage_error(self.path, error) from error

    def _write(self, name: str, data: bytes) -> None:
        info = zipfile.ZipInfo(name, time.localtime()[:6])
        info.compress_type, info.file_size = zipfile.ZIP_DEFLATED, len(data)
        info.external_attr = 0o600 << 16
        try:
            with self._zip.open(info, "w") as stream:
                stream._compressor = _packer(len(data))  # type: ignore[attr-defined]
                stream.write(data)
        except OSError as error:
            raise storage_error(self.path, error) from error


def _packer(length: int) -> Any:
    """Return what packs so many bytes.

    The usual one clears 256 KiB first, which takes longer than to pack a sample; a text needs no
    more room than it is long.
    """
    window = min(max(length.bit_length(), _SMALLEST), _LARGEST)
    return zlib.compressobj(4, zlib.DEFLATED, -window, min(window - 7, 8))


class _PackedBytes:
    """Bytes that grow, packed: the listing of a log's samples is long, and wanted at its end.

    Attributes:
        length: How many bytes it holds.
    """

    def __init__(self) -> None:
        self.length = 0
        self._packer = zlib.compressobj(1)
        self._parts = bytearray()

    def add(self, data: bytes) -> None:
        """Append bytes."""
        self.length += len(data)
        self._parts += self._packer.compress(data)

    def pieces(self) -> Iterator[bytes]:
        """Yield all bytes in pieces; nothing can be added after that."""
        self._parts += self._packer.flush()
        unpacker = zlib.decompressobj()
        for start in range(0, len(self._parts), _PIECE):
            yield unpacker.decompress(self._parts[start : start + _PIECE])
        yield unpacker.flush()


def finished(path: Path) -> frozenset[Key]:
    """Return id and epoch of the samples of a log that ended without an error."""
    with _opened(path) as log:
        return frozenset(_key(each) for each in _summaries(log) if not each.get("error"))


def count_finished(path: Path) -> int:
    """Return how many samples of a log are complete and without an error."""
    with _opened(path) as log:
        return sum(bool(e.get("completed")) and not e.get("error") for e in _summaries(log))


def read_samples(path: Path, keys: frozenset[Key]) -> Iterator[tuple[Key, bytes, bytes]]:
    """Yield samples of a log as they are stored, each with its summary.

    Args:
        path: A log in Inspect's format.
        keys: Id and epoch of each sample that is wanted.
    """
    with _opened(path) as log:
        for summary in _summaries(log):
            key = _key(summary)
            if key in keys:
                yield key, log.read(_member(key)), to_json(summary, inf_nan_mode="constants")


def _opened(path: Path) -> zipfile.ZipFile:
    import zipfile_zstd  # noqa: F401 - teaches zipfile the compression of Inspect's own logs

    return zipfile.ZipFile(path)


def _summaries(log: zipfile.ZipFile) -> list[dict[str, Any]]:
    """Return the summaries of a log, of one too that Inspect's runner never finished."""
    names = set(log.namelist())
    parts = sorted(name for name in names if name.startswith(_PARTS))
    found: list[dict[str, Any]] = []
    for name in [_SUMMARIES] if _SUMMARIES in names else parts:
        found += from_json(log.read(name))
    return [each for each in found if _member(_key(each)) in names]


def _key(summary: dict[str, Any]) -> Key:
    return str(summary["id"]), int(summary["epoch"])


def remove_partial(folder: Path) -> None:
    """Remove what a killed process left of unfinished logs; the answers are kept elsewhere."""
    for path in folder.glob(f".*{PARTIAL}"):
        path.unlink(missing_ok=True)


def _member(key: Key) -> str:
    return f"{_SAMPLES}{key[0]}_epoch_{key[1]}.json"


def _short(summary: bytes) -> bytes:
    """Return a summary without the texts that make it long; the sample itself has them."""
    about = from_json(summary)
    return to_json({**about, "input": "", "metadata": {}}, inf_nan_mode="constants")
