"""The listing of a log's samples is kept packed until the log is closed."""

from __future__ import annotations

import json

import pytest

from tenken.evals.running.sweep.log import _PackedBytes


@pytest.mark.parametrize("count", [0, 1, 2, 5_000])
def test_what_was_packed_comes_back(count: int) -> None:
    packed, added = _PackedBytes(), []
    for number in range(count):
        added.append(json.dumps({"id": number, "text": "点" * (number % 70)}).encode())
        packed.add(added[-1])
    pieces = list(packed.pieces())
    assert b"".join(pieces) == b"".join(added)
    assert packed.length == sum(map(len, added))


def test_alike_summaries_take_little_room() -> None:
    packed, summary = _PackedBytes(), b"x" * 900
    for number in range(10_000):
        packed.add(summary + str(number).encode())
    assert len(packed._parts) < 1_000_000 < packed.length
