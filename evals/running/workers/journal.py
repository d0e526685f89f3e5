"""The answers of a shard, each written as it comes, on any path that workers reach.

On a disk a journal is one file that takes a line an answer. An object store cannot add to a file:
there each answer is an object of its own below the journal's name.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import StorageError
from tenken.io.canonical import sha256_bytes
from tenken.io.files import LineFile, storage_error

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput

_DIGITS: Final = 16
_SUFFIX: Final = ".jsonl"


def is_disk(place: str) -> bool:
    """Whether a place is a path of the file system, and not a URL of another store."""
    return "://" not in place


def line_of(key: str, output: str) -> str:
    """Return an answer's line: key, answer, and a digest of both."""
    return f'["{key}",{output},"{_digest(key, output)}"]'


class Journal:
    """A journal that is written to; it has what `Guard` asks of kept answers."""

    def __init__(self, place: str) -> None:
        """Begin a journal, or go on with that of a worker that was lost.

        Args:
            place: A path that ends in `.jsonl`, or an fsspec URL.
        """
        self.place = place
        self.lines = [line for text in _texts(place) for line in text.split("\n") if _read(line)]
        self.keys = {line[2:].partition('"')[0] for line in self.lines}
        self._file = LineFile(Path(place)) if is_disk(place) else None
        if self._file is not None:
            Path(place).parent.mkdir(parents=True, exist_ok=True)

    @property
    def digest(self) -> str:
        """SHA-256 of the lines, in the order in which they were written."""
        return sha256_bytes("\n".join(self.lines).encode())

    def take(self, messages: Any, config: Any, role: str = "") -> ModelOutput | None:
        """Return None: a worker is asked for what nobody has an answer to."""
        return None

    def keep(self, messages: Any, config: Any, output: ModelOutput, role: str = "") -> None:
        """Write an answer.

        Raises:
            OSError: It cannot be written.
        """
        from tenken.evals.running.answers import key_of

        if output.error and output.stop_reason != "content_filter":
            return
        line = line_of(key_of(messages, config, role), output.model_dump_json(exclude_none=True))
        if self._file is not None:
            self._file.append(line)
        else:
            _store(self.place).pipe_file(
                f"{_inside(self.place)}/{len(self.lines):06}{_SUFFIX}", line.encode()
            )
        self.lines.append(line)

    def close(self) -> None:
        """Close the journal."""
        if self._file is not None:
            self._file.close()


def gather(folder: str) -> Iterator[tuple[str, str]]:
    """Yield key and answer of each whole line of all journals of a folder.

    A line that a kill cut short, or whose digest does not fit, is left out: it is asked again.

    Args:
        folder: A path or an fsspec URL.

    Raises:
        StorageError: A journal cannot be read.
    """
    for text in _texts(folder):
        for line in text.split("\n"):
            found = _read(line)
            if found is not None:
                yield found


def remove(folder: str) -> None:
    """Remove all journals of a folder; one that cannot be removed stays.

    Args:
        folder: A path or an fsspec URL.
    """
    if is_disk(folder):
        shutil.rmtree(folder, ignore_errors=True)
        return
    store, inside = _store(folder), _inside(folder)
    with suppress(OSError):
        if store.exists(inside):
            store.rm(inside, recursive=True)


def digest_of(place: str) -> str:
    """Return the digest of a journal's whole lines, as `Journal.digest` states it."""
    texts = _texts(place)
    lines = [line for text in texts for line in text.split("\n") if _read(line) is not None]
    return sha256_bytes("\n".join(lines).encode())


def _read(line: str) -> tuple[str, str] | None:
    if not line.startswith('["') or not line.endswith('"]'):
        return None
    key, comma, rest = line[2:].partition('",')
    output, mark = rest[: -(_DIGITS + 4)], rest[-(_DIGITS + 2) : -2]
    if not comma or mark != _digest(key, output):
        return None
    try:
        json.loads(output)
    except ValueError:
        return None
    return key, output


def _digest(key: str, output: str) -> str:
    return sha256_bytes(f"{key},{output}".encode())[:_DIGITS]


def _texts(place: str) -> Iterator[str]:
    if is_disk(place):
        path = Path(place)
        files = sorted(path.rglob(f"*{_SUFFIX}")) if path.is_dir() else [path]
        for file in files:
            try:
                yield file.read_bytes().decode(errors="replace")
            except FileNotFoundError:
                continue
            except OSError as error:
                raise storage_error(file, error) from error
        return
    store, inside = _store(place), _inside(place)
    try:
        names = sorted(store.find(inside)) if store.exists(inside) else []
        for name in names:
            yield store.cat_file(name).decode(errors="replace")
    except OSError as error:
        raise StorageError(f"{place}: cannot be read: {error}.") from error


def _store(place: str) -> Any:
    from fsspec.core import url_to_fs

    return url_to_fs(place)[0]


def _inside(place: str) -> str:
    from fsspec.core import url_to_fs

    return str(url_to_fs(place)[1])
