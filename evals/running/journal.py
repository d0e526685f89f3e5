"""The journal of a run: a line for each thing that happens, chained by digests, as it happens."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from tenken.evals.models.told import ENDPOINT, plain
from tenken.evals.running.answers import asking
from tenken.inspect_private import active_sample
from tenken.io.canonical import answer_digest
from tenken.io.chain import ChainFile
from tenken.io.files import storage_error
from tenken.schema.evidence import JOURNAL_FILE

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput

    from tenken.errors import StorageError

REUSED: Final = "reused"
"""Key of an output's metadata that names the run it was taken from, and when it was received."""

_FACTS: Final = ("model", "fingerprint", "id", "request")
_Key = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was sent.

    Attributes:
        at: When, ISO 8601.
        failed: Class of the error that it ended with; empty where it was answered or timed out.
    """

    at: str
    failed: str = ""


@dataclass(frozen=True, slots=True)
class WorkerWord:
    """What a worker says about a sample's requests.

    Attributes:
        task: The task's name in the log.
        sample: The sample's id.
        epoch: Which time it was asked, from 1.
        calls: The requests, in their order.
        answered: When the answer came, ISO 8601; empty for none.
    """

    task: str
    sample: str
    epoch: int
    calls: tuple[Call, ...]
    answered: str = ""


class Noting(Protocol):
    """Whoever takes down the requests that are sent and the answers that come."""

    def asked(self, role: str) -> None:
        """A model is about to be asked."""
        ...

    def failed(self, role: str, error: BaseException) -> None:
        """Note that a request got no answer.

        Args:
            role: Role of the model that was asked; empty for the one under test.
            error: What went wrong.
        """
        ...

    def answered(self, role: str, output: ModelOutput, *, recalled: bool = False) -> None:
        """Note that a request was answered, now or in an earlier attempt.

        Args:
            role: Role of the model that was asked; empty for the one under test.
            output: The answer.
            recalled: Whether the answer is that of an earlier attempt.
        """
        ...


current: ContextVar[Journal | None] = ContextVar("journal", default=None)
"""The journal of the run under way, for whoever follows its samples."""


class Journal:
    """Notes what is asked, answered and scored.

    Digests are salted with the run's salt: a short answer could be guessed from a plain one.

    Attributes:
        path: The file.
        broken: Why a line could not be written; None while all could.
    """

    def __init__(self, folder: Path) -> None:
        """Open the journal of a run's folder; nothing is written yet."""
        self.path = folder / JOURNAL_FILE
        self._chain = ChainFile(self.path)
        self._salt_file = folder / "logs" / "salt.hex"
        self._tries: dict[_Key, int] = {}
        self._failed: dict[_Key, str] = {}
        self._hosts: set[tuple[str, str]] = set()
        self._by_workers: set[_Key] = set()
        self._digests: dict[tuple[str, str, int], tuple[str, str]] = {}
        self.broken: StorageError | None = None

    def note(self, event: str, **about: Any) -> None:
        """Write a line, with the time unless one is given as `at`.

        Raises:
            OSError: It cannot be written.
        """
        self._chain.append({"event": event, "at": now(), **about})

    @cached_property
    def _salt(self) -> bytes:
        return bytes.fromhex(self._salt_file.read_text("ascii"))

    def close(self) -> None:
        """Close the file."""
        self._chain.close()

    def asked(self, role: str) -> None:
        """Note that a model is about to be asked, for the first time or once more."""
        self._asked(_key(role), now())

    def failed(self, role: str, error: BaseException) -> None:
        """Remember why a request got no answer, for the line of the next one.

        Args:
            role: Role of the model that was asked; empty for the one under test.
            error: What went wrong; the name of its class is written.
        """
        self._failed[_key(role)] = type(error).__name__

    def answered(self, role: str, output: ModelOutput, *, recalled: bool = False) -> None:
        """Note an answer, with what the endpoint says about itself.

        Args:
            role: The role of the model; empty for the one under test.
            output: The answer, secrets taken out.
            recalled: Whether it is not asked for now: an earlier attempt received it, and it was
                kept, or an earlier run did, and it was taken over. An answer of this attempt's
                workers, which the journal has already, is passed over.
        """
        key = _key(role)
        if recalled and key in self._by_workers:
            self._by_workers.discard(key)
            return
        reused = dict((output.metadata or {}).get(REUSED) or {}) if recalled else {}
        event = "reused" if reused else "recalled" if recalled else "answered"
        self._answered(key, output, now(), event=event, **reused)

    def told(self, told: WorkerWord, output: ModelOutput | None) -> None:
        """Note the requests that a worker sent for a sample, at the times by the worker's clock.

        Args:
            told: What the worker says about them.
            output: The answer, None where there is none.
        """
        key: _Key = (told.task, told.sample, told.epoch, "")
        for call in told.calls:
            self._asked(key, call.at)
            if call.failed:
                self._failed[key] = call.failed
        if output is not None:
            self._answered(key, output, told.answered, event="answered")
            self._by_workers.add(key)

    def _asked(self, key: _Key, at: str) -> None:
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        if tries == 1:
            self.note("asked", **_named(key), at=at)
        else:
            after = plain(self._failed.pop(key, "no answer"))
            self.note("retried", **_named(key), after=after, at=at)

    def _answered(
        self, key: _Key, output: ModelOutput, at: str, *, event: str, **taken: Any
    ) -> None:
        told = dict((output.metadata or {}).get(ENDPOINT) or {})
        connection = str(told.get("host") or ""), str(told.get("tls") or "")
        if connection[0] and connection not in self._hosts:
            self._hosts.add(connection)
            named = {"host": connection[0], "tls_key_sha256": connection[1]}
            self.note("connected", **{k: v for k, v in named.items() if v})
        said = {name: plain(told[name]) for name in _FACTS if told.get(name)}
        said.setdefault("model", plain(output.model))
        tries = self._tries.pop(key, 1)
        self._failed.pop(key, None)
        self.note(
            event,
            **_named(key),
            **said,
            **taken,
            **({"tries": tries} if tries > 1 else {}),
            answer=self._answer(key[:3], output.completion, ends=False),
            at=at,
        )

    def ended(
        self, log_name: str, sample: str, epoch: int, answer: str, error: str, *, unscored: bool
    ) -> None:
        """Note how a sample ended.

        Args:
            log_name: The task's name in the log.
            sample: The sample's id.
            epoch: Which time it was asked, from 1.
            answer: The answer as the log holds it.
            error: Class of the error that it ended with; empty for none.
            unscored: Whether it ended with an answer and no verdict.
        """
        event = "errored" if error else "unscored" if unscored else "scored"
        named = {"task": log_name, "sample": sample, "epoch": epoch}
        about = {"error": plain(error)} if error else {}
        place = log_name, sample, epoch
        self.note(event, **named, **about, answer=self._answer(place, answer, ends=True))

    def _answer(self, place: tuple[str, str, int], answer: str, *, ends: bool) -> str:
        """Return the digest of an answer, made once where a sample ends with its only answer."""
        known = self._digests.pop(place, ("", ""))
        if known[1] and known[0] == answer:
            found = known[1]
        else:
            found = answer_digest(self._salt, place, answer)
        if not ends:
            self._digests[place] = answer, found
        return found


def note_end(
    log_name: str, sample: Any, epoch: int, output: ModelOutput | None, error: str, score: Any
) -> None:
    """Note in the run's journal, if there is one, how a sample ended, before a log has it.

    A kill between the two leaves an answer that is kept, and that is scored again, unchanged.

    Args:
        log_name: The task's name in the log.
        sample: The sample's id.
        epoch: Which time it was asked, from 1.
        output: The answer, None for none.
        error: Class of the error that it ended with; empty for none.
        score: The value of the score, None for none.

    Raises:
        StorageError: It cannot be written.
    """
    journal = current.get()
    if journal is None:
        return
    unscored = score is None or (isinstance(score, float) and math.isnan(score))
    answer = output.completion if output is not None else ""
    try:
        journal.ended(log_name, str(sample), epoch, answer, error, unscored=unscored)
    except OSError as failed:
        journal.broken = storage_error(journal.path, failed)
        raise journal.broken from failed


def note_in(folder: Path, event: str, **about: Any) -> None:
    """Write one line into the journal of a run's folder, the open one if there is one.

    Args:
        folder: The run's folder.
        event: What happened, as the journal names it.
        **about: Further fields of the line, as JSON values.

    Raises:
        StorageError: The journal cannot be written.
    """
    open_one = current.get()
    path = folder / JOURNAL_FILE
    journal = open_one if open_one is not None and open_one.path == path else Journal(folder)
    try:
        journal.note(event, **about)
    except OSError as error:
        raise storage_error(path, error) from error
    finally:
        if journal is not open_one:
            journal.close()


@contextmanager
def journal_of(folder: Path) -> Iterator[None]:
    """Keep the journal of a run's folder while the block asks."""
    journal = Journal(folder)
    followed = current.set(journal)
    try:
        yield
    finally:
        current.reset(followed)
        journal.close()


def now() -> str:
    """Return the time by this machine's clock, ISO 8601 in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _key(role: str) -> _Key:
    log_name, sample, epoch = asking.get() or active_sample() or ("", "", 0)
    return log_name, str(sample), epoch, role


def _named(key: _Key) -> dict[str, Any]:
    log_name, sample, epoch, role = key
    named: dict[str, Any] = {"task": log_name, "sample": sample, "epoch": epoch}
    return {**named, "role": role} if role else named
