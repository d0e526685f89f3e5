"""A judge is asked twice about a fixed 5% of the answers, and the first reading is the verdict."""

from __future__ import annotations

import asyncio

import pytest
from inspect_ai.model import ModelName
from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from tenken.scorers._judge.repeat import SHARE, is_drawn, judged_twice


def test_the_share_is_drawn_by_id_and_epoch_and_always_the_same() -> None:
    drawn = [n for n in range(20_000) if is_drawn(f"s{n}", 1)]
    assert len(drawn) / 20_000 == pytest.approx(SHARE, abs=0.005)
    assert drawn == [n for n in range(20_000) if is_drawn(f"s{n}", 1)]
    assert drawn != [n for n in range(20_000) if is_drawn(f"s{n}", 2)]


def test_the_second_reading_is_kept_beside_the_verdict() -> None:
    drawn = next(n for n in range(1000) if is_drawn(n, 1))
    other = next(n for n in range(1000) if not is_drawn(n, 1))

    def run(sample: int) -> tuple[Score, int]:
        labels = iter(("compliance", "harmless"))
        asked: list[str] = []

        async def judge() -> Score:
            label = next(labels)
            asked.append(label)
            return Score(value=1.0, metadata={"label": label, "labels": [label]})

        state = TaskState(ModelName("mockllm/m"), sample, 1, "p", [])
        return asyncio.run(judged_twice(state, judge)), len(asked)

    score, count = run(drawn)
    assert count == 2 and score.metadata is not None
    assert score.metadata["label"] == "compliance"
    assert score.metadata["labels"] == ["again:harmless", "compliance"]
    assert run(other)[1] == 1
