"""The rows of a public set's file, in any of the usual forms, and the gold answers in them."""

from __future__ import annotations

import ast
import gzip
import io
import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from tenken.errors import InputError
from tenken.evals.trials.gold_left import Tally, Why
from tenken.io.rows import csv_rows, decode_text, is_csv, json_rows
from tenken.schema.record import LANGUAGES
from tenken.scorers.labelled.gold import GoldAnswer

_OWN: Final = ("id", "language", "prompt", "response", "label")
_UNPACK: Final = {".gz": gzip.decompress, ".xz": lzma.decompress}
_LARGEST: Final = 2**29
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

Row = dict[str, Any]


class Columns(BaseModel):
    """Which column of a set says what; a dot goes into a nested value (`propositions.refuses`).

    Attributes:
        id: The answer's own id; the row's number where there is none.
        prompt: What was asked; `a|b` is the first of two columns that is there.
        response: What the model said.
        label: The label; of several columns, the name of the first that holds true.
        answers: Instead of an answer a row, columns that list answers (as a Python list, or with
            `;` between them), each with the label of all of them.
        target: The right answer.
        mean: Instead of a label, ratings whose mean is compared with `at_least`.
        at_least: From this mean on the label is `above`, else `below`.
        raters: The raters' own labels.
        language: The answer's language.
        choices: The choices of a multiple-choice question; rows that have none are no part of the
            set.
        chosen: The choice that people read in the answer: a letter, or the choice's text.
        tags: Columns that become tags, by tag.
        each: Whether a row holds several records, or lists of records, by name, and each is a row.
        skip: Rows in which this column holds true are no part of the set.
        needs: Rows without a value in these columns are no part of the set.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = "id"
    prompt: str = "prompt"
    response: str = "response"
    label: str | list[str] = "label"
    answers: dict[str, str] = {}
    target: str = ""
    mean: list[str] = []
    at_least: float = 0.5
    raters: list[str] = []
    language: str = ""
    choices: str = ""
    chosen: str = ""
    tags: dict[str, str] = {}
    each: bool = False
    skip: str = ""
    needs: list[str] = []


def rows_of(name: str, content: bytes) -> Iterator[tuple[int, Row]]:
    """Yield the rows of a file with their numbers.

    Args:
        name: The file's name; its end says which form it has: CSV, TSV, JSON, JSON Lines,
            parquet, each of the texts also packed (`.gz`, `.xz`).
        content: Its bytes.

    Raises:
        InputError: The file is of no such form, or too large.
    """
    path = Path(name)
    unpack = _UNPACK.get(path.suffix.lower())
    if unpack is not None:
        try:
            content, path = unpack(content), path.with_suffix("")
        except (OSError, EOFError, lzma.LZMAError) as error:
            raise InputError(
                "{name}: cannot be unpacked: {error}.", name=name, error=error
            ) from None
    if len(content) > _LARGEST:
        raise InputError("{name}: more than {largest} MiB.", name=name, largest=_LARGEST >> 20)
    if path.suffix == ".parquet":
        yield from _parquet(name, content)
        return
    text = decode_text(path, content)
    if is_csv(path):
        while text.startswith("#"):  # facts about the file, above the columns' names
            text = text.partition("\n")[2]
        yield from csv_rows(path, text)
    elif path.suffix == ".json" and text.lstrip()[:1] == "[":
        yield from enumerate(_array(name, text), start=1)
    else:
        yield from json_rows(path, text, "a gold answer")


def _parquet(name: str, content: bytes) -> Iterator[tuple[int, Row]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows: list[Row] = pq.read_table(io.BytesIO(content)).to_pylist()
    except pa.ArrowException as error:
        raise InputError("{name}: not readable parquet: {error}.", name=name, error=error) from None
    yield from enumerate(rows, start=1)


def _array(name: str, text: str) -> list[Row]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError("{name}: not JSON: {error}.", name=name, error=error) from None
    if not all(isinstance(row, dict) for row in rows):
        raise InputError("{name}: expected a list of JSON objects.", name=name)
    return list(rows)


def answers_of(
    name: str,
    file: str,
    rows: Iterator[tuple[int, Row]],
    columns: Columns,
    language: str,
    tags: Mapping[str, str],
    tally: Tally,
    prompts: Mapping[str, str] | None = None,
) -> Iterator[GoldAnswer]:
    """Yield the gold answers of a file, labelled in the set's own words.

    Args:
        name: The set's name, the beginning of each id.
        file: The file's name, for messages.
        rows: Its rows, with numbers.
        columns: Which column says what; rows in the layout of gold files are known by theirs.
        language: The answers' language, where no column says it.
        tags: Tags of every answer.
        tally: Takes the rows that are not used.
        prompts: The prompts by number, where a row has the number alone.

    Raises:
        InputError: A row lacks a column.
    """
    stem = file.removesuffix(Path(file).suffix).replace("/", "-")
    unseen = {path for path in (columns.choices, *columns.needs) if path}
    row: Row = {}
    for number, outer in rows:
        for place, row in enumerate(_records(outer, columns, f"{file}:{number}")):
            own = row.keys() >= {*_OWN}
            using = Columns() if own else columns
            where = f"{file}:{number}"
            tally.rows += 1
            unseen -= {path for path in unseen if own or _has(row, path)}
            if why := _left_out(row, using):
                tally.leave(why, where)
                continue
            fallback = f"{number}.{place}" if columns.each or columns.answers else str(number)
            prompt = _spoken(_needed(row, using.prompt, where))
            ours = row["language"] if own else _get(row, using.language) or language
            if ours not in LANGUAGES:
                tally.leave("language", where)
                continue
            yield GoldAnswer(
                id=f"{name}:{stem}:{_get(row, using.id) or fallback}",
                language=ours,
                prompt=(prompts or {}).get(prompt, prompt),
                response=_response(row, using, where),
                label=_label(row, using, where),
                ratings=tuple(_said(_get(row, key)) for key in using.raters),
                tags={**tags, **_tags(row, using), **_own_tags(row if own else {})},
                choices=_choices(row, using),
                target=_chosen(row, using) or _said(_get(row, using.target)) or "",
            )
    if row and unseen:  # of rows that lack a value some have it; a column that none has is missing
        raise _missing(row, min(unseen), file)


def _records(row: Row, columns: Columns, where: str) -> list[Row]:
    """Return the records of a row: itself, those that it holds by name, or one for each answer."""
    if columns.answers and not row.keys() >= {*_OWN}:
        return [
            {**row, "response": text, "label": label}
            for column, label in columns.answers.items()
            for text in _listed(_needed(row, column, where))
        ]
    records = [row]
    if columns.each:
        held = (value if isinstance(value, list) else [value] for value in row.values())
        records = [record for several in held for record in several]
    for each in records:
        if not isinstance(each, dict):
            raise InputError(
                "{where}: expected a record, not {each!r:.40}.", where=where, each=each
            )
    return records


def _listed(value: Any) -> list[str]:
    """Return the texts of a cell: a list as Python or JSON writes it, or texts between `;`."""
    if isinstance(value, str) and value.strip().startswith("["):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            value = [value]
    texts = value if isinstance(value, list) else str(value or "").split(";")
    return [str(text).strip() for text in texts if str(text).strip()]


def _left_out(row: Row, columns: Columns) -> Why | None:
    """Return why a row is no answer of the set."""
    if columns.skip and _get(row, columns.skip):
        return "skipped"
    if columns.choices and not _choices(row, columns):
        return "no_choices"
    wanted = [columns.prompt, *_of_label(columns)]
    # An answer may be empty; whether it may is what `needs` says.
    empty = any(_has(row, path) and _get(row, path) in (None, "") for path in wanted)
    lacks = any(_get(row, path) in (None, "") for path in columns.needs)
    return "no_value" if empty or lacks else None


def _of_label(columns: Columns) -> list[str]:
    one = isinstance(columns.label, str) and not (columns.mean or columns.chosen)
    return [str(columns.label)] if one else []


def _has(row: Row, path: str) -> bool:
    """Whether a row has a column, be it empty; a nested value may be left out where it is empty."""
    if path in row or any(each in row for each in path.split("|")):
        return True
    return "." in path and path.partition(".")[0] in row


def _missing(row: Row, path: str, where: str) -> InputError:
    return InputError(
        "{where}: the column '{path}' is missing; it has {columns}.",
        where=where,
        path=path,
        columns=", ".join(row),
    )


def _get(row: Row, path: str) -> Any:
    """Return the value of a column, None where there is none; a dot goes into a nested value."""
    if not path or path in row:
        return row.get(path) if path else None
    if "|" in path:
        return next((row[each] for each in path.split("|") if each in row), None)
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _needed(row: Row, path: str, where: str) -> Any:
    value = _get(row, path)
    if value is None:
        raise _missing(row, path, where)
    return value


def _spoken(value: Any) -> str:
    """Return a text, or of a conversation what was said last."""
    if isinstance(value, list) and value and isinstance(value[-1], dict):
        return str(value[-1].get("content") or "")
    return str(value)


def _response(row: Row, columns: Columns, where: str) -> str:
    """Return the answer, without the prompt where a file repeats it in front."""
    text = _spoken(_needed(row, columns.response, where))
    prompt = _spoken(_get(row, columns.prompt) or "").strip()
    before, found, rest = text.partition(prompt) if prompt else ("", "", "")
    if columns.each and found and len(before) < len("assistant") + 2:
        return rest.strip().removeprefix("model\n")
    return text


def _label(row: Row, columns: Columns, where: str) -> str:
    if columns.chosen:
        return "named" if _chosen(row, columns) else "none"
    if columns.mean:
        return "above" if _mean(row, columns.mean, where) >= columns.at_least else "below"
    if isinstance(columns.label, str):
        return _said(_needed(row, columns.label, where)) or "none"
    return next((key.rpartition(".")[2] for key in columns.label if _get(row, key)), "none")


def _mean(row: Row, columns: Sequence[str], where: str) -> float:
    values = (_get(row, key) for key in columns)
    try:
        ratings = [float(value) for value in values if value not in ("", None)]
    except (TypeError, ValueError):
        raise InputError(
            "{where}: a rating in {columns} is no number.", where=where, columns=", ".join(columns)
        ) from None
    if not ratings:
        raise InputError(
            "{where}: there is no rating in {columns}.", where=where, columns=", ".join(columns)
        )
    return sum(ratings) / len(ratings)


def _said(value: Any) -> str | None:
    """Return a label as a text: `true` and `false` as JSON has them, whole numbers without `.0`."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text.removesuffix(".0") if text[:-2].isdigit() else text


def _tags(row: Row, columns: Columns) -> dict[str, str]:
    found = {tag: _said(_get(row, key)) for tag, key in columns.tags.items()}
    return {tag: value for tag, value in found.items() if value}


def _own_tags(row: Row) -> dict[str, str]:
    found = row.get("tags")
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _choices(row: Row, columns: Columns) -> tuple[str, ...]:
    value = _get(row, columns.choices)
    if isinstance(value, str):
        try:
            value = ast.literal_eval(value)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        pairs = (each[-1] if isinstance(each, (list, tuple)) else each for each in value)
        return tuple(map(str, pairs))
    return ()


def _chosen(row: Row, columns: Columns) -> str:
    """Return the letter of the choice that people read in the answer, empty for none."""
    said = _said(_get(row, columns.chosen))
    if not said:
        return ""
    texts = [text.strip().lower() for text in _choices(row, columns)]
    letter = said[0].upper()
    if letter in _LETTERS[: len(texts)] and said[1:2] in ("", ".", ")", ":"):
        return letter
    return _LETTERS[texts.index(said.lower())] if said.lower() in texts else ""
