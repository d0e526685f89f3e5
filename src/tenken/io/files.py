"""Writing files so that a crash, a full disk or a missing permission never leaves half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, LiteralString

from tenken.errors import RunBusyError, Sentence, StorageError, said_by

LOCK_FILE: Final = ".lock"


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file as a whole or not at all.

    The bytes go to a file beside it, are synced, and take over the name in one step.

    Args:
        path: The file; its folder is made where it is missing.
        data: All of its bytes.

    Raises:
        StorageError: The folder is not writable or the disk is full; the old file is untouched.
    """
    _take_place(path, data, "wb")


def append_atomically(path: Path, data: bytes) -> None:
    """Add bytes to a file's end, all of them or none; the old file is replaced, not written into.

    Args:
        path: The file.
        data: What is added.

    Raises:
        StorageError: It cannot be written; the old file is untouched.
    """
    _take_place(path, data, "ab")


def _take_place(path: Path, data: bytes, mode: str) -> None:
    neighbour = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if mode == "ab":
            shutil.copyfile(path, neighbour)
        with neighbour.open(mode) as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(neighbour, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            neighbour.unlink(missing_ok=True)
        raise storage_error(path, error) from error


def ensure_writable(folder: Path) -> None:
    """Make `folder` where it is missing and show that files can be written to it.

    Raises:
        StorageError: It cannot be made or written to.
    """
    probe = folder / f".writable.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise storage_error(folder, error) from error


def storage_error(path: Path, error: OSError) -> StorageError:
    """Return an error that says in words what is wrong with the storage.

    Args:
        path: The file that could not be written.
        error: What the operating system said.
    """
    reasons: Mapping[int, LiteralString] = {
        errno.ENOSPC: "the disk is full; free some space and give the same command again",
        errno.EDQUOT: "the disk quota is used up; free some space and give the same command again",
        errno.EACCES: "no permission to write there; choose another folder with --results-dir",
        errno.EPERM: "no permission to write there; choose another folder with --results-dir",
        errno.EROFS: "the file system is read-only; choose another folder with --results-dir",
        errno.ENOTDIR: "a file is in the way of a folder of that name",
        errno.EEXIST: "a file is in the way of a folder of that name",
    }
    known = reasons.get(error.errno or 0)
    reason = Sentence(known) if known else said_by(error)
    return StorageError("{path}: cannot be written: {reason}.", path=path, reason=reason)


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[None]:
    """Hold a run's folder for this process alone; the system lets go when the process ends.

    A folder in which nothing was written is gone again at the end.

    Raises:
        RunBusyError: Another process holds it.
        StorageError: The folder cannot be written.
    """
    from filelock import FileLock, Timeout

    ensure_writable(folder)
    lock = FileLock(folder / LOCK_FILE, blocking=False, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise RunBusyError(
            "{folder}: another process is writing to this run; wait for it, or choose "
            "another folder with --results-dir.",
            folder=folder,
        ) from None
    except OSError as error:
        raise storage_error(folder / LOCK_FILE, error) from error
    try:
        yield
    finally:
        _remove_if_unused(folder)
        lock.release()


def _remove_if_unused(folder: Path) -> None:
    with contextlib.suppress(OSError):
        if os.listdir(folder) == [LOCK_FILE]:
            (folder / LOCK_FILE).unlink()
            folder.rmdir()


class LineFile:
    """A file that takes a line at a time; what it took outlives the process.

    Each line goes to the operating system at once, so a kill loses none. A line that a kill or a
    full disk cut short is closed off when the file is opened again.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle = -1

    def lines(self) -> list[str]:
        """Return what was written so far, with whatever was cut short."""
        if not self.path.exists():
            return []
        text = self.path.read_bytes().decode(errors="replace")
        return [line for line in text.split("\n") if line]  # an answer may hold other line ends

    def append(self, line: str) -> None:
        """Write a line.

        Raises:
            OSError: It cannot be written.
        """
        if self._handle < 0:
            self._handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            line = f"\n{line}" if os.fstat(self._handle).st_size else line
        data = f"{line}\n".encode()
        while data:
            data = data[os.write(self._handle, data) :]

    def close(self) -> None:
        """Close the file; a later line opens it again."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
