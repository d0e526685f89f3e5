"""The listing of a log's samples is kept packed until the log is closed."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest
from inspect_ai.log import EvalConfig, EvalDataset, EvalLog, EvalSpec

from tenken.evals.running.sweep.log import SweepLog, _PackedBytes
from tenken.evals.running.sweep.sample import Record

_SPEC = EvalSpec(
    created="2026-11-01T00:00:00+00:00", task="one", model="none/none", dataset=EvalDataset(),
    config=EvalConfig(),
)  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 2, 5_000])
def test_what_was_packed_comes_back(count: int) -> None:
    packed, added = _PackedBytes(), []
    for number in range(count):
        added.append(json.dumps({"id": number, "text": "点" * (number % 70)}).encode())
        packed.add(added[-1])
    pieces = list(packed.pieces())
    assert b"".join(pieces) == b"".join(added)
    assert packed.length == sum(map(len, added))


@pytest.mark.parametrize("length", [0, 1, 255, 256, 1_700, 70_000, 300_000])
def test_a_member_of_any_length_comes_back(tmp_path: Path, length: int) -> None:
    text = bytes(random.Random(length).choices(b"abcdef 0123", k=length))
    log = SweepLog(tmp_path / "one.eval", EvalLog(eval=_SPEC))
    log.add(Record("a", 1, text, b"{}"))
    log.close(EvalLog(eval=_SPEC, status="success"))
    with zipfile.ZipFile(tmp_path / "one.eval") as written:
        assert written.read("samples/a_epoch_1.json") == text
        packed = written.getinfo("samples/a_epoch_1.json").compress_size
        assert packed < max(100, 0.7 * length)
        assert json.loads(written.read("summaries.json")) == [{}]


def test_alike_summaries_take_little_room() -> None:
    packed, summary = _PackedBytes(), b"x" * 900
    for number in range(10_000):
        packed.add(summary + str(number).encode())
    assert len(packed._parts) < 1_000_000 < packed.length
