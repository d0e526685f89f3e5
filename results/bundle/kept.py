"""What this installation remembers of the bundles that it sealed: a page is then made again fast.

A note is kept in the user's own cache, under the digest of the seal that was written, and never in
the bundle: nobody who hands a bundle on can put one there. The seal names the digest of every file,
so a note is of these logs, these tables and this report, or of none. It holds the examples that
the page shows, and is not written where they may be harmful or have pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG
from typing import Final

from pydantic import ValidationError

from tenken import frameworks, io, results, schema, terms
from tenken.errors import StorageError
from tenken.io.cache import cache_folder
from tenken.io.canonical import digest, pretty_json, sha256_bytes, sha256_file
from tenken.io.files import write_atomically
from tenken.results.pages.report import Example
from tenken.results.report.shown import made_by
from tenken.results.seal.folder import SEAL_FILE
from tenken.schema.base import Frozen

_MOST_NOTES: Final = 200
_MAKING: Final = (results, schema, frameworks, terms, io)
"""The packages that decide what a report says and how it looks."""


class Note(Frozen):
    """What is remembered of a bundle.

    Attributes:
        made_by: Digest of the program that made it.
        examples: What its page shows, by full name of the task.
        secrets: Variables that hold a secret because the plan says so.
    """

    made_by: str
    examples: dict[str, tuple[Example, ...]]
    secrets: tuple[str, ...]


def new_note(examples: Mapping[str, Sequence[Example]], secrets: Iterable[str | None]) -> Note:
    """Return what is to be remembered of a bundle that is made here.

    Args:
        examples: What the page shows.
        secrets: Variables that hold a secret because the plan says so.
    """
    return Note(
        made_by=program(),
        examples={task: tuple(part) for task, part in examples.items()},
        secrets=tuple(sorted({name for name in secrets if name})),
    )


def keep(run: Path, note: Note) -> None:
    """Keep a note of a bundle that was just sealed; a cache that cannot be written is left alone.

    Args:
        run: The run's folder, sealed.
        note: What is to be remembered; nothing is where the page shows pictures.
    """
    if any(each.pictures for part in note.examples.values() for each in part):
        return
    path = _place(sha256_file(run / SEAL_FILE))
    with suppress(StorageError, OSError, RuntimeError):  # a home that nobody knows, too
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(path, pretty_json(note.model_dump(mode="json")))
        path.chmod(0o600)
        _forget_old(path.parent)


def note_of(seal_sha256: str) -> Note | None:
    """Return what is remembered of a bundle; None if another program made it, or nothing is.

    A note that somebody else could have written, in a cache that is shared, is none.

    Args:
        seal_sha256: Digest of its seal's file.
    """
    path = _place(seal_sha256)
    try:
        about = path.lstat()
        if about.st_uid != os.geteuid() or about.st_mode & 0o022 or not S_ISREG(about.st_mode):
            return None
        note = Note.model_validate_json(path.read_bytes())
    except (OSError, RuntimeError, ValidationError):
        return None
    return note if note.made_by == program() else None


def program() -> str:
    """Return the digest of what makes a bundle here: these sources, and the packages they use."""
    sources = {}
    for package in _MAKING:
        folder = Path(str(package.__file__)).parent
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(each for each in folders if each != "__pycache__")
            for path in (Path(place, name) for name in sorted(names)):
                sources[f"{package.__name__}/{path.relative_to(folder)}"] = sha256_bytes(
                    path.read_bytes()
                )
    return digest([made_by(), sources])


def _place(seal_sha256: str) -> Path:
    return cache_folder() / "reports" / f"{seal_sha256}.json"


def _forget_old(folder: Path) -> None:
    notes = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in notes[:-_MOST_NOTES]:
        path.unlink(missing_ok=True)
