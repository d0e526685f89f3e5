"""Rows of CSV or JSON Lines files, each with its line, for gold answers and people's labels."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tenken.errors import InputError

_LONGEST_CELL = 2**24


def utf8_text(path: Path, data: bytes) -> str:
    """Return the text of a file in UTF-8, with or without a byte order mark.

    Raises:
        InputError: It is in another encoding; names file and line.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 text; save the file as UTF-8.") from None


def csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the rows of a CSV text with a line of column names.

    Raises:
        InputError: Not CSV; names file and line.
    """
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.DictReader(io.StringIO(text))
    try:
        for row in reader:
            if None in row:
                raise InputError(
                    f"{path}:{reader.line_num}: the row has more cells than there are columns."
                )
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(f"{path}:{reader.line_num}: not CSV: {error}.") from None


def json_rows(path: Path, text: str, what: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a JSON Lines text; blank lines are passed over.

    Args:
        path: The file, for the message.
        text: Its text.
        what: What a row is, such as `a label`.

    Raises:
        InputError: Not JSON, or not an object; names file and line.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}:{number}: not JSON: {error}.") from None
        if not isinstance(row, dict):
            raise InputError(f"{path}:{number}: {what} is a JSON object.")
        yield number, row
