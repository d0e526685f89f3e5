"""What a run's journal says happened, counted; whether it is whole is for `verify` to say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from tenken.console.bundles.folder import stamp
from tenken.schema.evidence import JOURNAL_FILE

_LONGEST_LINE: Final = 2**20
_MOST_LINES: Final = 2_000_000
_MOST_KINDS: Final = 40


@dataclass(frozen=True)
class JournalLine:
    """How often something happened.

    Attributes:
        event: What; as the journal has it.
        first: When for the first time, ISO 8601.
        last: When for the last time.
    """

    event: str
    count: int
    first: str
    last: str


def journal_of(run: Path) -> Sequence[JournalLine]:
    """Return what happened in the order in which it first did; empty without a journal."""
    path = run / JOURNAL_FILE
    if path.is_symlink() or not path.is_file():
        return ()
    return _counted(path, stamp(path))


@lru_cache(maxsize=64)
def _counted(path: Path, _stamp: str) -> Sequence[JournalLine]:
    found: dict[str, JournalLine] = {}
    with suppress(OSError), path.open("rb") as stream:
        for number, line in enumerate(iter(lambda: stream.readline(_LONGEST_LINE), b"")):
            entry = _entry(line)
            event, at = str(entry.get("event", ""))[:60], str(entry.get("at", ""))[:40]
            if not event or number >= _MOST_LINES:
                continue
            before = found.get(event, JournalLine(event, 0, at, at))
            if event in found or len(found) < _MOST_KINDS:
                found[event] = JournalLine(event, before.count + 1, before.first, at)
    return tuple(found.values())


def _entry(line: bytes) -> dict[str, object]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}
