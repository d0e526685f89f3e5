"""The records as tables: samples.parquet for machines, samples.csv for people."""

from __future__ import annotations

import csv
import io
import json
import math
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tenken.errors import BundleError, RuleError, in_a_line
from tenken.io.canonical import canonical_json
from tenken.results.records.read import Texts
from tenken.schema.plan import Plan
from tenken.schema.record import OUTCOMES, SampleRecord

_FORMULA: Final = frozenset("=+-@＝＋－＠")
"""First characters that make a spreadsheet take a cell for a formula, full width included."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Categories of characters that a spreadsheet may drop before it looks for a formula."""

_LISTS: Final = ("labels", "flags")
_COLUMNS: Final = (
    "task", "sample_id", "epoch", "scorer", "language", "pair_id", "cluster", "measure",
    "outcome", "reason", "verdict", "label", "labels", "answer", "tags", "flags", "evidence",
)  # fmt: skip
_BATCH: Final = 10_000
"""Records that are made into a table at once; bounds the memory that it takes."""
_NUMBERS: Final = ("score", "numbers")
"""Columns of a run in which a scorer gave numbers; other runs have none of them."""
MOST_ROWS: Final = 500_000
"""Most rows of any table."""
_MOST_BYTES: Final = 2**30
"""Most bytes that a table may say it unpacks to."""


def parquet_bytes(records: Sequence[SampleRecord]) -> bytes:
    """Return the records as a Parquet file; the same records give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = _names(records)
    schema = _schema(names)
    parts = [_batch(records[i : i + _BATCH], names, schema) for i in range(0, len(records), _BATCH)]
    table = pa.concat_tables(parts).combine_chunks() if parts else schema.empty_table()
    stream = io.BytesIO()
    pq.write_table(table.cast(schema), stream, compression="zstd")
    return stream.getvalue()


def _batch(records: Sequence[SampleRecord], names: Sequence[str], schema: Any) -> Any:
    """Return records as a table, by way of JSON: Arrow loads pandas to read Python's own lists."""
    import pyarrow.json as arrow_json
    from pydantic_core import to_json

    lines = []
    for record in records:
        row = {name: getattr(record, name) for name in names}
        row |= {name: make(row[name]) for name, make in _OBJECTS.items() if name in names}
        lines.append(to_json(row, inf_nan_mode="constants"))
    data = b"\n".join(lines)
    form = arrow_json.ParseOptions(
        explicit_schema=schema, unexpected_field_behavior="error", newlines_in_values=False
    )
    whole = arrow_json.ReadOptions(use_threads=False, block_size=len(data) + 1)
    return arrow_json.read_json(io.BytesIO(data), read_options=whole, parse_options=form)


def read_parquet(source: Path | io.BytesIO, most_rows: int = MOST_ROWS) -> list[SampleRecord]:
    """Read the records back.

    Args:
        source: The file.
        most_rows: Most rows that it may have, such as the plan's.

    Raises:
        BundleError: The file is missing, truncated, or is not a table of samples.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = "samples.parquet" if isinstance(source, io.BytesIO) else source
    try:
        with pq.ParquetFile(source) as file:
            about = file.metadata
            size = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
            if size > _MOST_BYTES:
                raise RuleError("it says that it unpacks to {size:,} bytes", size=size)
            if about.num_rows > most_rows:
                raise RuleError(
                    "it has {num_rows:,} rows, and {most_rows:,} were planned",
                    num_rows=about.num_rows,
                    most_rows=most_rows,
                )
            schemas = (_schema(_COLUMNS), _schema((*_COLUMNS, *_NUMBERS)))
            if not any(file.schema_arrow.equals(each) for each in schemas):
                raise RuleError("it has other columns")
            rows = file.read().to_pylist()
        return [_record(row) for row in rows]
    except FileNotFoundError:
        raise BundleError("{name}: the file is missing.", name=name) from None
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError, RecursionError) as error:
        said = in_a_line(error)
        raise BundleError(
            "{name}: not a readable table of samples: {said}.", name=name, said=said
        ) from None


def csv_bytes(
    records: Sequence[SampleRecord],
    texts: Mapping[tuple[str, str, int], Texts],
    plan: Plan,
    *,
    with_text: bool,
) -> bytes:
    """Return the records as CSV for a spreadsheet, UTF-8 with a byte order mark.

    Args:
        records: The records.
        texts: The words behind them.
        plan: Says which tasks' words are withheld, and which are private whatever is asked for.
        with_text: Whether withheld words are shown too.
    """
    packed = io.BytesIO(b"\xef\xbb\xbf")
    packed.seek(0, io.SEEK_END)
    stream = io.TextIOWrapper(packed, encoding="utf-8", errors="replace", newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    names = _names(records)
    writer.writerow([*names, "prompt", "response"])
    for record in records:
        text = texts.get((record.task, record.sample_id, record.epoch))
        shown = text is not None and text_is_shown(record, plan, with_text)
        words = (text.prompt, text.answer) if text and shown else ("", "")
        writer.writerow(
            [
                cell if isinstance(cell, str) and cell[:1].isalnum() else guarded(cell)
                for cell in (*_cells(record, names), *words)
            ]
        )
    stream.flush()
    return packed.getvalue()


def text_is_shown(record: SampleRecord, plan: Plan, with_text: bool) -> bool:
    """Return whether a report may show the words of a sample.

    A private task's words are never shown; hazardous ones only on request. A sample's tag
    `hazardous` takes precedence over what the task says.

    Args:
        record: The sample's record, with its tags.
        plan: The committed plan; words of a task that it does not have are not shown.
        with_text: Whether hazardous words were asked for.
    """
    planned = plan.task(record.task)
    if planned is None or planned.dataset.get("private"):
        return False
    return with_text or planned.shows(record.tags)


def _names(records: Sequence[SampleRecord]) -> tuple[str, ...]:
    """Return the columns of a run's tables."""
    has_numbers = any(record.score is not None for record in records)
    return (*_COLUMNS, *_NUMBERS) if has_numbers else _COLUMNS


def _cells(record: SampleRecord, names: Sequence[str]) -> list[Any]:
    return [_CELLS.get(name, _as_it_is)(getattr(record, name)) for name in names]


def _as_it_is(value: Any) -> Any:
    return value


def _numbers_text(numbers: Mapping[str, float]) -> str:
    return canonical_json(dict(numbers)).decode()


def _tags_text(tags: Mapping[str, str]) -> str:
    return _of_pairs(tuple(tags.items()))


@lru_cache(maxsize=4096)  # many samples have the same tags, and two tables name them
def _of_pairs(pairs: tuple[tuple[str, str], ...]) -> str:
    return canonical_json(dict(pairs)).decode()


_OBJECTS: Final[Mapping[str, Callable[[Any], str]]] = {"tags": _tags_text, "numbers": _numbers_text}
_CELLS: Final[Mapping[str, Callable[[Any], Any]]] = {
    **dict.fromkeys(_LISTS, " ".join),
    **_OBJECTS,
}


def guarded(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: such a cell gets a quote before it."""
    if not isinstance(value, str):
        return "" if value is None else value
    if not value or value[0].isalnum():  # nearly all
        return value
    first = next((each for each in value if unicodedata.category(each) not in _UNSEEN), "")
    return "'" + value if first in _FORMULA else value


def _schema(names: Sequence[str]) -> Any:
    import pyarrow as pa

    kinds = {"epoch": pa.int32(), "verdict": pa.float64(), "score": pa.float64()}
    kinds |= {name: pa.list_(pa.string()) for name in _LISTS}
    return pa.schema(
        [
            pa.field(name, kinds.get(name, pa.string()), nullable=name in ("verdict", "score"))
            for name in names
        ]
    )


def _record(row: dict[str, Any]) -> SampleRecord:
    tags, numbers = json.loads(row["tags"]), json.loads(row.get("numbers", "{}"))
    verdict = row["verdict"]
    if any(row[name] is None for name in _COLUMNS if name != "verdict"):
        raise RuleError("a cell is empty")
    if not isinstance(tags, dict) or not all(isinstance(each, str) for each in tags.values()):
        raise RuleError("a row's tags are not an object of texts")
    if row["outcome"] not in OUTCOMES:
        raise RuleError("'{row}' is not an outcome", row=row["outcome"])
    if verdict is not None and not (math.isfinite(verdict) and 0 <= verdict <= 1):
        raise RuleError("the verdict {verdict} is outside [0, 1]", verdict=verdict)
    if not isinstance(numbers, dict) or not all(map(_is_number, numbers.values())):
        raise RuleError("a row's numbers are not an object of numbers")
    if row.get("score") is not None and not _is_number(row["score"]):
        raise RuleError("the score {row} is not a finite number", row=row["score"])
    lists = {name: tuple(row[name]) for name in _LISTS}
    return SampleRecord(**{**row, **lists, "tags": tags, "numbers": numbers})


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
