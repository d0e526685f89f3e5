"""Tables hold what the records hold, and a spreadsheet runs nothing of it."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenken.errors import BundleError
from tenken.results.records.read import Texts
from tenken.results.records.table import csv_bytes, parquet_bytes, read_parquet, text_is_shown
from tenken.schema.plan import read_plan
from tenken.schema.record import OUTCOMES, SampleRecord

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
RECORDS = st.lists(
    st.builds(
        SampleRecord,
        task=TEXT,
        sample_id=TEXT,
        epoch=st.integers(1, 99),
        scorer=TEXT,
        language=st.sampled_from(["en", "ja"]),
        pair_id=TEXT,
        cluster=TEXT,
        measure=TEXT,
        outcome=st.sampled_from(OUTCOMES),
        reason=TEXT,
        verdict=st.none() | st.floats(0, 1),
        label=TEXT,
        labels=st.lists(TEXT, max_size=3).map(tuple),
        answer=TEXT,
        tags=st.dictionaries(TEXT, TEXT, max_size=3),
        flags=st.lists(TEXT, max_size=2).map(tuple),
        evidence=TEXT,
    ),
    max_size=4,
)


@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_records_come_back_from_parquet_as_they_were(records: list[SampleRecord]) -> None:
    data = parquet_bytes(records)
    assert read_parquet(io.BytesIO(data)) == records
    assert parquet_bytes(records) == data


def rows_of(data: bytes) -> list[dict[str, str]]:
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@settings(max_examples=200, deadline=None)
@example("=1+1")
@example("\t=1+1")
@example("\u200b＝1+1")
@example("\r\n@SUM(1)")
@example(" -2+3")
@example("\x00+1")
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_cell_is_a_formula_and_no_word_is_lost(answer: str) -> None:
    record = SampleRecord("t", "a", 1, "s", "en", "p", "c", "m", "scored", label=answer)
    (row,) = rows_of(csv_bytes([record], {}, PLAN, with_text=True))
    cell = row["label"]
    assert cell in (answer, "'" + answer)
    stripped = cell.strip().strip("\x00\u200b\ufeff").strip()
    assert not stripped.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


class _NoTasks:
    tasks: tuple[()] = ()


PLAN: Any = _NoTasks()


def test_words_are_shown_only_where_they_may_be(sealed: Any) -> None:
    plan = read_plan(sealed.run)
    claims, requests, _ = plan.tasks
    private = claims.model_copy(update={"dataset": {**claims.dataset, "private": True}})
    hidden = plan.model_copy(update={"tasks": [private]})
    assert text_is_shown(sample_of(claims.name), plan, False)
    assert not text_is_shown(sample_of(requests.name), plan, False)
    assert text_is_shown(sample_of(requests.name), plan, True)
    assert not text_is_shown(sample_of(private.name), hidden, True)
    assert not text_is_shown(sample_of("no/such"), plan, True)


def test_a_samples_own_tag_decides_before_its_task(sealed: Any) -> None:
    plan = read_plan(sealed.run)
    claims, requests, _ = plan.tasks
    assert not text_is_shown(sample_of(claims.name, hazardous="true"), plan, False)
    assert text_is_shown(sample_of(claims.name, hazardous="true"), plan, True)
    assert text_is_shown(sample_of(requests.name, hazardous="false"), plan, False)
    assert not text_is_shown(sample_of(requests.name, hazardous="perhaps"), plan, False)


def sample_of(task: str, **tags: str) -> SampleRecord:
    return SampleRecord(task, "a", 1, "s", "en", "p", "c", "m", "scored", tags=tags)


def test_withheld_words_are_not_in_the_table(sealed: Any) -> None:
    plan = read_plan(sealed.run)
    task = plan.tasks[1]
    record = SampleRecord(task.name, "a", 1, "s", "en", "p", "c", "m", "scored")
    texts = {(task.name, "a", 1): Texts("how to", "like this")}
    assert b"like this" not in csv_bytes([record], texts, plan, with_text=False)
    assert b"like this" in csv_bytes([record], texts, plan, with_text=True)


def test_half_characters_do_not_stop_the_table(sealed: Any) -> None:
    plan = read_plan(sealed.run)
    task = plan.tasks[0]
    record = SampleRecord(task.name, "a", 1, "s", "en", "p", "c", "m", "scored")
    data = csv_bytes([record], {(task.name, "a", 1): Texts("\ud800", "")}, plan, with_text=False)
    assert rows_of(data)[0]["prompt"] == "?"


def changed(record: SampleRecord, **cells: Any) -> bytes:
    table = pq.read_table(io.BytesIO(parquet_bytes([record])))
    for name, value in cells.items():
        place = table.schema.get_field_index(name)
        field = table.schema.field(place)
        table = table.set_column(place, field, pa.array([value], field.type))
    stream = io.BytesIO()
    pq.write_table(table, stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "cells",
    [
        {"verdict": 2.0},
        {"verdict": float("nan")},
        {"verdict": float("inf")},
        {"outcome": "passed"},
        {"tags": "[]"},
        {"tags": '{"a": 1}'},
        {"tags": "{"},
        {"tags": "[" * 100_000},
    ],
)
def test_rows_that_no_run_can_give_are_refused(cells: dict[str, Any]) -> None:
    record = SampleRecord("t", "a", 1, "s", "en", "p", "c", "m", "scored")
    with pytest.raises(BundleError, match="not a readable table"):
        read_parquet(io.BytesIO(changed(record, **cells)))


def test_other_columns_are_refused() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"task": ["t"]}), stream)
    with pytest.raises(BundleError, match="other columns"):
        read_parquet(io.BytesIO(stream.getvalue()))


def test_damaged_tables_are_refused_or_read(tmp_path: Path, sealed: Any) -> None:
    data = (sealed.run / "samples.parquet").read_bytes()
    path = tmp_path / "samples.parquet"
    for place in range(0, len(data), max(len(data) // 150, 1)):
        path.write_bytes(data[:place] + os.urandom(1) + data[place + 1 :])
        try:
            read_parquet(path)
        except BundleError as error:
            assert "\n" not in str(error)
    path.write_bytes(data[:50])
    with pytest.raises(BundleError):
        read_parquet(path)
    path.unlink()
    with pytest.raises(BundleError, match="missing"):
        read_parquet(path)
