"""Gold files: answers whose label is known, as CSV or JSON Lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenken.errors import InputError, Sentence, UnknownNameError
from tenken.io.canonical import sha256_bytes
from tenken.io.rows import read_rows
from tenken.terms.known import languages

_XSTEST = {
    "1_full_compliance": "compliance",
    "2_full_refusal": "full_refusal",
    "3_partial_refusal": "partial_refusal",
}
_XSTEST_SEED = "tenken-refusal-en-1"
_PROMPT_SEED = "tenken-refusal-dev-1"
_XSTEST_COLUMNS = {"id", "type", "prompt", "completion", "final_label"}
_NEEDED = ("id", "language", "prompt", "response", "label")


@dataclass(frozen=True, slots=True)
class GoldAnswer:
    """One answer with its true label.

    Attributes:
        id: The answer's own id; unique in the file.
        language: The language that the answer is written in.
        prompt: What was asked.
        response: What the model said.
        label: The true label, in the scorer's words.
        ratings: What each reviewer said, in the columns' order; None where one said nothing.
        tags: What the card breaks the figures down by.
        choices: The answers to choose from, for multiple choice.
        roles: What each choice means (`stereotyped`, `counter`, `unknown`), where the label says
            that and not whether the choice is right.
        target: The right one's letter, for multiple choice.
        split: The part of the file that the answer belongs to, empty for none.
    """

    id: str
    language: str
    prompt: str
    response: str
    label: str
    ratings: tuple[str | None, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)
    choices: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    target: str = ""
    split: str = ""


@dataclass(frozen=True, slots=True)
class GoldFile:
    """A gold file: its answers and the digest of its bytes."""

    name: str
    sha256: str
    answers: tuple[GoldAnswer, ...]


def read_gold(
    paths: Iterable[Path], split: str | None = None, held: Mapping[Path, bytes] | None = None
) -> GoldFile:
    """Read one or more gold files as one set.

    CSV and JSON Lines have the columns `id, language, prompt, response, label`, and may have
    `reviewer_1`, `reviewer_2`, ..., `tags`, `choices`, `roles`, `target` and `split`. Files in the
    layout of XSTest's completions (Röttger et al. 2024) are known by their columns; they have the
    split `tune` and `trial` that the refusal scorer's weights were fitted by.

    Args:
        paths: The files.
        split: Take the answers of this part alone.
        held: The contents of files that are not on disk.

    Raises:
        InputError: A file cannot be read, is empty, lacks a column, or holds an id twice.
    """
    files = list(paths)
    placed: list[tuple[str, GoldAnswer]] = []
    digests: list[str] = []
    for path in files:
        try:
            data = held[path] if held and path in held else path.read_bytes()
        except OSError as error:
            raise InputError(
                "{path}: the gold file cannot be read: {error}.", path=path, error=error
            ) from None
        digests.append(sha256_bytes(data))
        several = len(files) > 1
        placed += [
            (f"{path}:{line}", _answer(path, line, row, several)) for line, row in _rows(path, data)
        ]
    chosen = [each for each in placed if split is None or each[1].split == split]
    kept = [answer for _, answer in chosen]
    if not kept:
        part = Sentence(" in the split '{split}'", split=split) if split else ""
        raise InputError("{files}: there is no answer{part}.", files=files[0], part=part)
    _check_ids(chosen)
    name = "+".join(path.name for path in files)
    digest = digests[0] if len(digests) == 1 else sha256_bytes("".join(digests).encode())
    return GoldFile(name, digest, tuple(kept))


def _rows(path: Path, data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in read_rows(path, data, "a gold answer"):
        yield line, _from_xstest(row) if row.keys() >= _XSTEST_COLUMNS else row


def xstest_split(prompt_id: str) -> str:
    """Return the half that an XSTest prompt belongs to, `tune` or `trial`.

    The refusal scorer's cues and weights were made on `tune`: only `trial` puts it to the test.
    """
    first = hashlib.sha256(f"{_XSTEST_SEED}:{prompt_id}".encode()).digest()[0]
    return "trial" if first % 2 else "tune"


def prompt_split(prompt: str) -> str:
    """Return the half that a prompt of another public set belongs to, `tune` or `trial`."""
    first = hashlib.sha256(f"{_PROMPT_SEED}:{prompt}".encode()).digest()[0]
    return "trial" if first % 2 else "tune"


def _from_xstest(row: dict[str, Any]) -> dict[str, Any]:
    contrast = str(row["type"]).startswith("contrast_")
    return {
        "id": row["id"],
        "language": "en",
        "prompt": row["prompt"],
        "response": row["completion"],
        "label": _XSTEST.get(row["final_label"], row["final_label"]),
        "tags": {"type": row["type"], "prompt": "unsafe" if contrast else "safe"},
        "reviewer_1": _XSTEST.get(row.get("annotation_1") or "", row.get("annotation_1")),
        "reviewer_2": _XSTEST.get(row.get("annotation_2") or "", row.get("annotation_2")),
        "split": xstest_split(str(row["id"])),
    }


def _answer(path: Path, line: int, row: dict[str, Any], several: bool) -> GoldAnswer:
    for key in _NEEDED:
        if key not in row:
            raise InputError(
                "{path}:{line}: the column '{key}' is missing; the columns are {columns}.",
                path=path,
                line=line,
                key=key,
                columns=", ".join(row),
            )
        empty = row[key] is None or (row[key] == "" and key != "response")
        if empty:
            raise InputError(
                "{path}:{line}: the column '{key}' is empty.", path=path, line=line, key=key
            )
    if isinstance(row["id"], (bool, dict, list)):
        raise InputError(
            "{path}:{line}: id: expected a text or a number, not {value!r:.40}.",
            path=path,
            line=line,
            value=row["id"],
        )
    if row["language"] not in languages():
        raise UnknownNameError("language", str(row["language"]), languages(), f"{path}:{line}")
    choices = _texts(path, line, "choices", row.get("choices"))
    roles = _texts(path, line, "roles", row.get("roles"))
    if roles and len(roles) != len(choices):
        raise InputError(
            "{path}:{line}: roles: {n} for {n2} choices.",
            path=path,
            line=line,
            n=len(roles),
            n2=len(choices),
        )
    # Older files say rater_1, rater_2, ...
    said = (key for key in row if key.startswith(("reviewer_", "rater_")))
    reviewers = sorted(said, key=lambda key: (len(key), key))
    return GoldAnswer(
        id=f"{path.stem}:{row['id']}" if several else str(row["id"]),
        language=row["language"],
        prompt=_words(path, line, "prompt", row["prompt"]),
        response=_words(path, line, "response", row["response"]),
        label=_text(path, line, "label", row["label"]),
        ratings=tuple(_text(path, line, key, row[key]) if row[key] else None for key in reviewers),
        tags=_tags(path, line, row.get("tags")) | ({"file": path.stem} if several else {}),
        choices=choices,
        roles=roles,
        target=str(row.get("target") or ""),
        split=str(row.get("split") or ""),
    )


def _words(path: Path, line: int, column: str, value: Any) -> str:
    """Return a text; a table may have taken a text of digits for a number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InputError(
            "{path}:{line}: {column}: expected a text, such as \"I'm sorry, I can't.\", not "
            "{value!r:.40}.",
            path=path,
            line=line,
            column=column,
            value=value,
        )
    return str(value)


def _text(path: Path, line: int, column: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(
            "{path}:{line}: {column}: expected a label, such as compliance, not {value!r}.",
            path=path,
            line=line,
            column=column,
            value=value,
        )
    return value.strip()


def _texts(path: Path, line: int, column: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and value.strip():
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
        value = value if isinstance(value, list) else 0
    if not value and value != 0:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise InputError(
            '{path}:{line}: {column}: write a JSON list of texts, such as ["the first", '
            '"the second"].',
            path=path,
            line=line,
            column=column,
        )
    return tuple(value)


def _tags(path: Path, line: int, value: Any) -> dict[str, str]:
    """Return tags from a mapping, or from a CSV cell such as `kind=lecture; style=terse`."""
    if not value:
        return {}
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if isinstance(value, str):
        pairs = [part.partition("=") for part in value.split(";") if part.strip()]
        value = {key.strip(): text.strip() or "yes" for key, _, text in pairs}
    if not isinstance(value, dict):
        raise InputError(
            '{path}:{line}: tags: write a JSON object, such as {{"kind": "lecture"}}.',
            path=path,
            line=line,
        )
    return {str(key): str(text) for key, text in value.items()}


def _check_ids(placed: Iterable[tuple[str, GoldAnswer]]) -> None:
    first: dict[str, str] = {}
    for place, answer in placed:
        if answer.id in first:
            raise InputError(
                "{place}: the id '{id}' is listed twice, first at {first}.",
                place=place,
                id=answer.id,
                first=first[answer.id],
            )
        first[answer.id] = place
