"""Files of people's labels: CSV or JSON Lines with `id`, `label`, and what tells answers apart."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tenken.errors import InputError, UnknownNameError
from tenken.io.canonical import sha256_bytes
from tenken.io.rows import read_rows
from tenken.scorers.labels import all_labels

_KNOWN: Final = ("id", "label", "epoch", "reviewer", "run", "answer_sha256", "note")
_OLD_NAMES: Final = {"rater": "reviewer"}
"""Columns that files had another name for."""
_MOST_BYTES: Final = 64 * 2**20


@dataclass(frozen=True, slots=True)
class HumanLabel:
    """What one person said of one answer.

    Attributes:
        epoch: The time of asking whose answer was read.
        reviewer: Who said it; empty where the file does not say.
        run: Name of the run whose answer was read; empty where the file does not say.
        answer_sha256: Digest of the answer's text; empty where the file does not say.
        line: Line of the file.
    """

    id: str
    label: str
    epoch: int
    reviewer: str
    run: str
    answer_sha256: str
    line: int


@dataclass(frozen=True)
class LabelFile:
    """A file of labels and the digest of its bytes."""

    path: Path
    sha256: str
    labels: tuple[HumanLabel, ...]


def read_labels(path: Path, allowed: tuple[str, ...] = ()) -> LabelFile:
    """Read a file of labels.

    The columns are `id` and `label`; `epoch` (1 where left out), `reviewer`, `run`,
    `answer_sha256` and `note` may be beside them.

    Args:
        path: A CSV file, or JSON Lines.
        allowed: Labels beside those that the package's own scorers give.

    Raises:
        InputError: The file cannot be read, is empty, lacks a column, or labels one answer twice
            by the same reviewer.
        UnknownNameError: A label that no scorer gives.
    """
    try:
        data = path.read_bytes()
        if len(data) > _MOST_BYTES:
            raise InputError(
                "{path}: more than {most_bytes:,} bytes are no file of labels.",
                path=path,
                most_bytes=_MOST_BYTES,
            )
    except OSError as error:
        raise InputError(
            "{path}: the labels cannot be read: {error}.", path=path, error=error
        ) from None
    known = all_labels() | set(allowed)
    found: dict[tuple[str, int, str], HumanLabel] = {}
    for line, row in read_rows(path, data, "a label"):
        label = _label(path, line, row)
        if label.label not in known:
            raise UnknownNameError("label", label.label, known, f"{path}:{line}")
        key = (label.id, label.epoch, label.reviewer)
        if key in found:
            raise InputError(
                "{path}:{line}: '{id}' of epoch {epoch} was labelled in line {line2} already; "
                "tell reviewers apart in a column 'reviewer'.",
                path=path,
                line=line,
                id=label.id,
                epoch=label.epoch,
                line2=found[key].line,
            )
        found[key] = label
    if not found:
        raise InputError("{path}: there is no label in it.", path=path)
    return LabelFile(path, sha256_bytes(data), tuple(found.values()))


def _label(path: Path, line: int, row: dict[str, Any]) -> HumanLabel:
    for old, new in _OLD_NAMES.items():
        if old in row and new in row:
            raise InputError(
                "{path}:{line}: '{old}' and '{new}' are one column; remove '{old}'.",
                path=path,
                line=line,
                old=old,
                new=new,
            )
    row = {_OLD_NAMES.get(key, key): value for key, value in row.items()}
    for key in row:
        if key not in _KNOWN:
            raise UnknownNameError("column", str(key), _KNOWN, f"{path}:{line}")
    cells = {key: "" if row.get(key) is None else str(row[key]).strip() for key in _KNOWN}
    for key in ("id", "label"):
        if not cells[key]:
            raise InputError(
                "{path}:{line}: the column '{key}' is missing or empty.",
                path=path,
                line=line,
                key=key,
            )
    epoch = cells["epoch"] or "1"
    if not (epoch.isascii() and epoch.isdigit() and 1 <= int(epoch[:9]) <= 1_000_000):
        raise InputError(
            "{path}:{line}: the epoch is '{epoch}'; it counts from 1.",
            path=path,
            line=line,
            epoch=epoch,
        )
    return HumanLabel(
        cells["id"], cells["label"], int(epoch), cells["reviewer"], cells["run"],
        cells["answer_sha256"].lower(), line,
    )  # fmt: skip
