"""The records as tables: samples.parquet for machines, samples.csv for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tenken.canonical import canonical_json
from tenken.errors import BundleError
from tenken.plan import Plan
from tenken.records import SampleRecord
from tenken.results.records import Texts

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""First characters that make a spreadsheet take a cell for a formula, full width included."""

_COLUMNS: Final = (
    "task", "sample_id", "epoch", "scorer", "language", "pair_id", "cluster", "measure",
    "outcome", "reason", "verdict", "label", "labels", "answer", "tags", "flags", "evidence",
)  # fmt: skip


def parquet_bytes(records: Sequence[SampleRecord]) -> bytes:
    """Return the records as a Parquet file; the same records give the same bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = [_row(record) for record in records]
    kinds = {"epoch": pa.int32(), "verdict": pa.float64()}
    table = pa.table(
        {name: pa.array([row[name] for row in rows], kinds.get(name, pa.string()))
         for name in _COLUMNS}
    )  # fmt: skip
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="zstd")
    return stream.getvalue()


def read_parquet(path: Path) -> list[SampleRecord]:
    """Read the records back.

    Raises:
        BundleError: The file is missing, truncated, or has other columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        rows = pq.read_table(path).to_pylist()
        return [_record(row) for row in rows]
    except FileNotFoundError:
        raise BundleError(f"{path}: the file is missing.") from None
    except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
        raise BundleError(f"{path}: not a readable table of samples: {error}.") from None


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
    shown = {task.name for task in plan.tasks if text_is_shown(task.name, plan, with_text)}
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow([*_COLUMNS, "prompt", "response"])
    for record in records:
        row = _row(record)
        text = texts.get((record.task, record.sample_id, record.epoch))
        words = (text.prompt, text.answer) if text and record.task in shown else ("", "")
        writer.writerow([_guarded(row[name]) for name in _COLUMNS] + [_guarded(w) for w in words])
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", errors="replace")


def text_is_shown(task: str, plan: Plan, with_text: bool) -> bool:
    """Whether a report may show the words of a task's samples.

    A private task's words are shown to nobody; a hazardous task's only where they are asked for.
    """
    planned = plan.task(task)
    if planned is None or planned.dataset.get("private"):
        return False
    return with_text or not planned.withheld


def _guarded(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return "'" + value
    return "" if value is None else value


def _row(record: SampleRecord) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(record, name) for name in _COLUMNS}
    row["labels"] = " ".join(record.labels)
    row["flags"] = " ".join(record.flags)
    row["tags"] = canonical_json(dict(record.tags)).decode()
    return row


def _record(row: dict[str, Any]) -> SampleRecord:
    return SampleRecord(
        **{
            **row,
            "labels": tuple(row["labels"].split()),
            "flags": tuple(row["flags"].split()),
            "tags": json.loads(row["tags"]),
        }
    )
