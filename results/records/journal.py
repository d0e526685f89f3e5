"""Reading a run's journal: what it says of each sample, of each start, and of the endpoint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError, InputError, said_by
from tenken.io.canonical import canonical_json, sha256_bytes
from tenken.io.chain import START, iter_chain
from tenken.io.files import append_atomically
from tenken.results.seal.folder import refuse_odd
from tenken.schema.evidence import JOURNAL_FILE, Connection, Told
from tenken.schema.plan import Plan

_MOST_TOLD: Final = 20
_MOST_SOURCES: Final = 1000
_LONGEST: Final = 256
_ENDED: Final = ("scored", "unscored")
_PIECE: Final = 2**20
_REPORTED: Final = b'"event":"reported"'

Key = tuple[str, str, int]
"""Name of the task in the log, id of the sample, epoch."""


@dataclass(slots=True)
class Trace:
    """What a journal says of one sample in one epoch, since its task's log was last voided.

    Attributes:
        asked: Times that the model under test was asked for the first time in an attempt.
        requests: Times that it was asked at all, once more among them.
        tries: Most requests that an answer says it took.
        answered: Answers, recalled ones among them.
        ended: Times that the sample ended with an answer, scored or without a verdict. The same
            answer scored again after a later start, its log lost with a broken one, is one.
        errored: Times that it ended in an error.
        digest: Salted digest of the answer that it ended with.
        start: Number of the start after which it last ended with an answer.
    """

    asked: int = 0
    requests: int = 0
    tries: int = 0
    answered: int = 0
    ended: int = 0
    errored: int = 0
    digest: str = ""
    start: int = 0


@dataclass
class SourceRecord:
    """What a journal says of the answers that were taken over from one run.

    Attributes:
        seal: Digest of the run's seal; empty where the journal does not name it.
        tested: Answers of the model under test.
        answers: Answers of all models.
        first: When the oldest was received, ISO 8601.
        last: When the newest was received.
        oldest: Greatest age of an answer when it was taken over, in days.
    """

    seal: str = ""
    tested: int = 0
    answers: int = 0
    first: str = ""
    last: str = ""
    oldest: float = 0.0


@dataclass
class JournalRecords:
    """What a journal says.

    Attributes:
        traces: By sample.
        started: The line of the first start, empty without one.
        starts: Starts of this run, resumed ones among them.
        aborted: Times that it was broken off.
        asked_again: Requests that were sent once more.
        recalled: Answers that were kept from an earlier attempt.
        sources: Answers that were taken over from earlier runs, by the run's name.
        met: What the endpoint of the model under test said of itself before anything was asked.
        odd_reuse: Answers that were taken over though the endpoint said something else of itself.
        superseded: Scored answers whose log another took the place of.
        scored_again: Times that the same answer was scored once more after a later start.
        stopped: Why the last attempt ended early; empty if it did not.
        models: Answers of the model under test by the model that they say they are by.
        fingerprints: The same by `system_fingerprint`.
        connections: Where answers came from.
        reported: Digest of the report that was made last; empty for none.
        first_asked: When the first question was put, ISO 8601; empty for none.
    """

    traces: dict[Key, Trace] = field(default_factory=dict)
    started: dict[str, Any] = field(default_factory=dict)
    starts: int = 0
    aborted: int = 0
    asked_again: int = 0
    recalled: int = 0
    sources: dict[str, SourceRecord] = field(default_factory=dict)
    met: list[tuple[str, str]] = field(default_factory=list)
    odd_reuse: int = 0
    superseded: int = 0
    scored_again: int = 0
    stopped: str = ""
    models: Counter[str] = field(default_factory=Counter)
    fingerprints: Counter[str] = field(default_factory=Counter)
    connections: list[Connection] = field(default_factory=list)
    reported: str = ""
    first_asked: str = ""

    def told(self, counted: Counter[str]) -> tuple[Told, ...]:
        """Return what was said, the most frequent first; the tail of a long list is summed up."""
        ranked = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
        shown = [Told(value=value, answers=n) for value, n in ranked[:_MOST_TOLD]]
        rest = sum(n for _, n in ranked[_MOST_TOLD:])
        more = f"({len(ranked) - _MOST_TOLD} more)"
        return (*shown, Told(value=more, answers=rest)) if rest else tuple(shown)


def read_journal(run: Path) -> JournalRecords | None:
    """Read a run's journal, None where there is none.

    Raises:
        BundleError: A line is missing, changed, or says nothing that a journal says.
    """
    path = run / JOURNAL_FILE
    try:
        refuse_odd(path)
        about = path.stat()
        found = _read(path, (about.st_ino, about.st_size, about.st_mtime_ns))
    except FileNotFoundError:
        return None
    except InputError as error:
        raise BundleError(said_by(error)) from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BundleError(
            "{path}: not a readable journal: {error!r}.", path=path, error=error
        ) from None
    return found


@lru_cache(maxsize=1)
def _read(path: Path, state: tuple[int, int, int]) -> JournalRecords:
    """Read a journal once, however many checks ask for it while the file is in the same state."""
    found = JournalRecords()
    for entry in iter_chain(path):
        _take(found, entry)
    return found


def planned_keys(plan: Plan) -> Iterator[tuple[Key, str]]:
    """Yield each sample and epoch of a plan as a journal names it, with its name in a seal."""
    for task in plan.tasks:
        for sample in task.samples:
            for epoch in range(1, task.epochs + 1):
                key = task.log_name, sample.id, epoch
                yield key, f"{task.name}:{sample.id}:{epoch}"


def note_report(run: Path, report_sha256: str, reason: str, at: str) -> None:
    """Note in a run's journal, if it has one, that its report was made, unless it says so already.

    Args:
        run: The run's folder, or a staged copy of it.
        report_sha256: Digest of the report's file.
        reason: The command that made it.
        at: When, ISO 8601.

    Raises:
        StorageError: It cannot be written.
    """
    path = run / JOURNAL_FILE
    if not path.is_file():
        return
    if f'"report_sha256":"{report_sha256}"'.encode() in _last_line(path, _REPORTED):
        return
    last = _last_line(path)
    previous = sha256_bytes(last) if last else START
    entry = {"event": "reported", "at": at, "report_sha256": report_sha256, "by": reason}
    append_atomically(path, canonical_json({**entry, "previous": previous}) + b"\n")


def _last_line(path: Path, mark: bytes = b"") -> bytes:
    """Return the last line of a file that has a mark in it, empty for none; read from its end."""
    after = b""
    with path.open("rb") as stream:
        for start in range(path.stat().st_size - 1, -1, -_PIECE):
            first = max(0, start + 1 - _PIECE)
            stream.seek(first)
            lines = (stream.read(start + 1 - first) + after).split(b"\n")
            after = lines.pop(0) if first else b""
            found = next((line for line in reversed(lines) if line and mark in line), b"")
            if found:
                return found
    return b""


def _take(found: JournalRecords, entry: dict[str, Any]) -> None:
    event = entry["event"]
    if event in ("asked", "retried", "answered", "recalled", "reused"):
        _take_call(found, entry, event)
    elif event in (*_ENDED, "errored"):
        trace = _trace(found, entry)
        if event == "errored":
            trace.errored += 1
            trace.start = 0  # the same answer may be scored again: its log was never written
        else:
            _take_end(found, trace, str(entry["answer"]))
    elif event == "superseded" and "task" in entry:
        voided = [key for key in found.traces if key[0] == entry["task"]]
        for key in voided:
            found.superseded += found.traces.pop(key).ended
    else:
        _take_run(found, entry, event)


def _take_end(found: JournalRecords, trace: Trace, digest: str) -> None:
    if trace.ended and trace.start < found.starts and trace.digest == digest:
        found.scored_again += 1
    else:
        trace.ended += 1
    trace.digest, trace.start = digest, found.starts


def _take_call(found: JournalRecords, entry: dict[str, Any], event: str) -> None:
    found.first_asked = found.first_asked or str(entry["at"])
    found.asked_again += event == "retried"
    found.recalled += event == "recalled"
    if event == "reused":
        _take_reused(found, entry)
    if entry.get("role"):
        return
    trace = _trace(found, entry)
    trace.asked += event == "asked"
    trace.requests += event in ("asked", "retried")
    if event == "answered":
        trace.tries = max(trace.tries, int(entry.get("tries", 1)))
    if event in ("answered", "recalled", "reused"):
        trace.answered += 1
        found.models[str(entry.get("model", ""))[:_LONGEST]] += 1
        if fingerprint := entry.get("fingerprint"):
            found.fingerprints[str(fingerprint)[:_LONGEST]] += 1


def _take_reused(found: JournalRecords, entry: dict[str, Any]) -> None:
    source = found.sources.setdefault(str(entry["run"])[:_LONGEST], SourceRecord())
    if len(found.sources) > _MOST_SOURCES:
        raise TypeError("answers of too many runs")
    received = str(entry["received"])[:_LONGEST]
    age = datetime.fromisoformat(str(entry["at"])) - datetime.fromisoformat(received)
    source.answers += 1
    source.first = min(source.first or received, received)
    source.last = max(source.last, received)
    source.oldest = max(source.oldest, age.total_seconds() / 86_400)
    if not entry.get("role"):
        source.tested += 1
        said = str(entry.get("model", "")), str(entry.get("fingerprint", ""))
        found.odd_reuse += bool(found.met) and said not in found.met


def _take_run(found: JournalRecords, entry: dict[str, Any], event: str) -> None:
    if event in ("started", "resumed"):
        found.starts += 1
        found.stopped = ""
        if event == "started":
            found.started = entry
    elif event == "handed_out":  # to workers, whose clocks may be others
        found.first_asked = found.first_asked or str(entry["at"])
    elif event == "aborted":
        found.aborted += 1
    elif event == "source":
        source = found.sources.setdefault(str(entry["run"])[:_LONGEST], SourceRecord())
        source.seal = str(entry["seal_sha256"])[:64]
    elif event == "met":
        if not entry.get("role") and entry.get("model"):
            found.met.append((str(entry["model"]), str(entry.get("fingerprint", ""))))
    elif event == "stopped":
        found.stopped = str(entry["why"])
    elif event == "reported":
        found.reported = str(entry["report_sha256"])
    elif event == "connected":
        host, key = str(entry["host"]), str(entry.get("tls_key_sha256", ""))
        connection = Connection(host=host[:_LONGEST], tls_key_sha256=key[:64])
        if connection not in found.connections and len(found.connections) < _MOST_TOLD:
            found.connections.append(connection)


def _trace(found: JournalRecords, entry: dict[str, Any]) -> Trace:
    epoch = entry["epoch"]
    if not isinstance(epoch, int):
        raise TypeError("an epoch is no whole number")
    return found.traces.setdefault((str(entry["task"]), str(entry["sample"]), epoch), Trace())
