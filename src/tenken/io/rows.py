"""Rows of CSV or JSON Lines files, each with its line, for gold answers and people's labels."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, LiteralString

from tenken.errors import InputError, RuleError, Sentence
from tenken.io.canonical import refuse_doubles

_LONGEST_CELL = 2**24
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def decode_text(path: Path, data: bytes, encoding: str = "") -> str:
    """Return the text of a file.

    Args:
        path: The file, for the message.
        data: Its bytes.
        encoding: A name that Python knows, such as `cp932`; where it is empty, a byte order mark
            tells UTF-16 from UTF-8.

    Raises:
        InputError: The bytes are in another encoding (names the line), or no encoding has that
            name.
    """
    known = encoding or ("utf-16" if data[:2] in _UTF16_MARKS else "utf-8-sig")
    try:
        return data.decode(known)
    except LookupError:
        raise InputError(
            "{path}: unknown encoding '{encoding}'; write one such as utf-8 or cp932.",
            path=path,
            encoding=encoding,
        ) from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        name = encoding or ("UTF-16" if known == "utf-16" else "UTF-8")
        raise InputError(
            "{path}:{line}: not {name} text; save the file as UTF-8.",
            path=path,
            line=line,
            name=name,
        ) from None


def is_csv(path: Path) -> bool:
    """Whether a file's name says CSV or TSV, in small or capital letters."""
    return path.suffix.lower() in (".csv", ".tsv")


def delimiter_of(text: str) -> str:
    """Return what separates the columns: of `,`, `;` and a tab, the most frequent in line 1."""
    header = re.sub(r'"[^"]*"', "", text.split("\n", 1)[0])
    return max(",;\t", key=header.count)


def read_rows(path: Path, data: bytes, what: LiteralString) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a CSV, TSV or JSON Lines file, each with its line.

    Args:
        path: The file; its name says which kind it is.
        data: Its bytes.
        what: What a row is, such as `a label`.

    Raises:
        InputError: The file is not of its kind; the message names file and line.
    """
    text = decode_text(path, data)
    return csv_rows(path, text) if is_csv(path) else json_rows(path, text, what)


def csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a CSV text with a line of column names.

    Args:
        path: What the errors call the file; it is not opened.
        text: The whole text; the delimiter is found from it.

    Returns:
        Pairs of the line that a row ends on, from 1, and the row by column name.

    Raises:
        InputError: The text is not CSV, a column is there twice, or a row has too many cells; the
            message names file and line.
    """
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(
        io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True
    )
    try:
        names = [name for name in reader.fieldnames or () if name.strip()]
        for name in names:
            if names.count(name) > 1:
                raise InputError(
                    "{path}:1: the column '{name}' is there twice; rename or remove one.",
                    path=path,
                    name=name,
                )
        for row in reader:
            if None in row:
                raise InputError(
                    "{path}:{line_num}: the row has more cells than there are columns.",
                    path=path,
                    line_num=reader.line_num,
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(
            "{path}:{line_num}: not CSV: {error}.", path=path, line_num=reader.line_num, error=error
        ) from None


def json_rows(path: Path, text: str, what: LiteralString) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a JSON Lines text; blank lines are passed over.

    Args:
        path: The file, for the message.
        text: Its text.
        what: What a row is, such as `a label`.

    Raises:
        InputError: Not JSON, not an object, or a key is there twice; names file and line.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_once)
        except RuleError as error:
            raise InputError(
                "{path}:{number}: {error}; remove one.", path=path, number=number, error=error
            ) from None
        except (ValueError, RecursionError) as error:
            raise InputError(
                "{path}:{number}: not JSON: {error}.", path=path, number=number, error=error
            ) from None
        if not isinstance(row, dict):
            raise InputError(
                "{path}:{number}: {what} is a JSON object.",
                path=path,
                number=number,
                what=Sentence(what),
            )
        yield number, row


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    refuse_doubles(pairs)
    return dict(pairs)
