"""What of a public set a trial does not use, counted by reason: nothing is dropped in silence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from tenken.scorers.labelled.gold import GoldAnswer

Why = Literal[
    "language", "no_value", "skipped", "no_choices", "label", "twice",
    "tuned", "not_pinned", "not_there", "not_read",
]  # fmt: skip
"""Of rows: another language; no prompt, answer or label; no part of the set, as a column of it
says; no choices; a label that means nothing for the scorer; the same answer twice; of the half that
the scorer was made with. Of files: one whose digest is not the pinned one (which is used all the
same), one of the set that is not there, one beside them that is of no set."""

OF_FILES: Final = ("not_pinned", "not_there", "not_read")
"""The reasons that are of files and not of rows."""
_TABLES: Final = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".gz", ".xz")


@dataclass(frozen=True)
class Left:
    """Rows that are not used, or files that a reader must know of, for one reason.

    Attributes:
        why: The reason.
        n: How many.
        first: Where the first is: file and row, or the answer's id.
    """

    why: Why
    n: int
    first: str


@dataclass
class Tally:
    """The rows of a set, and those of them that are not used.

    Attributes:
        rows: All rows that were read.
    """

    rows: int = 0
    _left: dict[Why, Left] = field(default_factory=dict)

    def leave(self, why: Why, where: str) -> None:
        """Count a row that is not used.

        Args:
            why: The reason.
            where: Its file and row, or its id.
        """
        found = self._left.get(why, Left(why, 0, where))
        self._left[why] = replace(found, n=found.n + 1)

    def left(self) -> tuple[Left, ...]:
        """Return what was left out, in the order of the first row of each kind."""
        return tuple(self._left.values())


def note_files(
    pinned: Mapping[str, str | None],
    found: Mapping[str, str],
    folder: Path | None,
    tally: Tally,
) -> None:
    """Note which files of a set are others than the pinned ones, not there, or not read.

    Args:
        pinned: The set's files with their digests, None where none is known.
        found: The files that were read, with their digests.
        folder: The folder that the user names, None where the files came from elsewhere.
        tally: Takes what is noted.
    """
    digests = {Path(name).name: sha256 for name, sha256 in found.items()}
    for path, sha256 in pinned.items():
        name = Path(path).name
        if name not in digests:
            tally.leave("not_there", name)
        elif sha256 not in (None, digests[name]):
            tally.leave("not_pinned", name)
    if folder is not None and folder.is_dir():
        for beside in sorted(folder.iterdir()):
            if beside.suffix.lower() in _TABLES and beside.name not in digests:
                tally.leave("not_read", beside.name)


def once(answers: Iterable[GoldAnswer], tally: Tally) -> Iterator[GoldAnswer]:
    """Yield each answer once, with an id of its own.

    Args:
        answers: The answers of a set, all files together.
        tally: Takes the answers that are there twice; of two with one id the second gets another.
    """
    known: dict[str, set[tuple[str, str, str]]] = {}
    for answer in answers:
        said = answer.prompt, answer.response, answer.label
        same = known.setdefault(answer.id, set())
        if said in same:
            tally.leave("twice", answer.id)
            continue
        same.add(said)
        yield replace(answer, id=f"{answer.id}#{len(same)}") if len(same) > 1 else answer
