"""The answers of a shard, each written as it comes, on any path that workers reach.

Beside each answer is what the run's journal says about it: when it was asked for, how often, and
why again. On a disk a journal is one file with a line for each answer. An object store cannot
append to a file: there each answer is an object of its own below the journal's name.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import StorageError
from tenken.evals.running.answers import asking
from tenken.evals.running.journal import Call, WorkerWord, now
from tenken.io.canonical import sha256_bytes
from tenken.io.files import LineFile, storage_error

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput

_DIGITS: Final = 16
_SUFFIX: Final = ".jsonl"


def is_disk(place: str) -> bool:
    """Whether a place is a path of the file system, and not a URL of another store."""
    return "://" not in place


def line_of(key: str, said: str) -> str:
    """Return an answer's line: key, answer with its journal entries, and a digest of both.

    Args:
        key: Digest of the question, as `answers.key_of` gives it.
        said: JSON of the answer and of what the journal notes of it.
    """
    return f'["{key}",{said},"{_digest(key, said)}"]'


class Calls:
    """What a worker notes of its requests until they are answered, as `Guard` asks of a journal."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str, int], list[Call]] = {}

    def asked(self, role: str) -> None:
        """Note that the model is about to be asked."""
        self._open.setdefault(_sample(), []).append(Call(now()))

    def failed(self, role: str, error: BaseException) -> None:
        """Note why the last request got no answer.

        Args:
            role: Role of the model that was asked; unused.
            error: What went wrong; the name of its class is noted.
        """
        calls = self._open.get(_sample())
        if calls:
            calls[-1] = replace(calls[-1], failed=type(error).__name__)

    def answered(self, role: str, output: ModelOutput, *, recalled: bool = False) -> None:
        """Do nothing: the answer is in the shard's journal, with the requests.

        Args:
            role: Unused.
            output: Unused.
            recalled: Unused.
        """

    def take(self) -> WorkerWord:
        """Return what there is to say about the sample that was just answered."""
        sample = _sample()
        return WorkerWord(*sample, tuple(self._open.pop(sample, ())), now())

    def left(self) -> tuple[WorkerWord, ...]:
        """Return what there is to say about samples without an answer."""
        return tuple(WorkerWord(*sample, tuple(calls)) for sample, calls in self._open.items())


class Journal:
    """A journal that is written to; it has what `Guard` asks of kept answers."""

    def __init__(self, place: str) -> None:
        """Begin a journal, or go on with that of a worker that was lost.

        Args:
            place: A path that ends in `.jsonl`, or an fsspec URL.
        """
        self.place = place
        self.calls = Calls()
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
        """Return None: a worker is only asked what has no answer yet.

        Args:
            messages: Unused.
            config: Unused.
            role: Unused.
        """
        return None

    def keep(self, messages: Any, config: Any, output: ModelOutput, role: str = "") -> None:
        """Write an answer; a failure is not written, so that it is asked again.

        Args:
            messages: The messages that were sent.
            config: Parameters of generation.
            output: The answer; one that a content filter withheld is written.
            role: Role of the model that answered; empty for the one under test.

        Raises:
            OSError: The answer cannot be written.
        """
        from tenken.evals.running.answers import key_of

        if output.error and output.stop_reason != "content_filter":
            return
        told = json.dumps(asdict(self.calls.take()))
        said = f'{{"told":{told},"answer":{output.model_dump_json(exclude_none=True)}}}'
        line = line_of(key_of(messages, config, role), said)
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


def gather(folder: str) -> Iterator[tuple[str, WorkerWord, dict[str, Any]]]:
    """Yield key, requests and answer of each whole line of all journals of a folder.

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
                told = found[1]["told"]
                calls = tuple(Call(**each) for each in told.pop("calls"))
                yield found[0], WorkerWord(**told, calls=calls), found[1]["answer"]


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


def _read(line: str) -> tuple[str, dict[str, Any]] | None:
    if not line.startswith('["') or not line.endswith('"]'):
        return None
    key, comma, rest = line[2:].partition('",')
    said, mark = rest[: -(_DIGITS + 4)], rest[-(_DIGITS + 2) : -2]
    if not comma or mark != _digest(key, said):
        return None
    try:
        found: dict[str, Any] = json.loads(said)
    except ValueError:
        return None
    return key, found


def _sample() -> tuple[str, str, int]:
    task, sample, epoch = asking.get() or ("", "", 0)
    return task, str(sample), epoch


def _digest(key: str, said: str) -> str:
    return sha256_bytes(f"{key},{said}".encode())[:_DIGITS]


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
        raise StorageError("{place}: cannot be read: {error}.", place=place, error=error) from error


def _store(place: str) -> Any:
    from fsspec.core import url_to_fs

    return url_to_fs(place)[0]


def _inside(place: str) -> str:
    from fsspec.core import url_to_fs

    return str(url_to_fs(place)[1])
