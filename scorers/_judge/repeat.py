"""Asking a judge twice about a few answers: how often its verdict is another the second time."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Final

from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from tenken.scorers._judge.reasoning import noted

AGAIN: Final = "again:"
"""Begins the label that the second reading gave, among the further labels of a score."""

SHARE: Final = 0.05
"""Share of the answers that a judge is asked twice about."""


def is_drawn(sample_id: str | int, epoch: int) -> bool:
    """Whether a judge is asked twice about a sample: a fixed 5% of them, by the digest of its id.

    Args:
        sample_id: Id of the sample.
        epoch: 1 for the first time of asking.
    """
    drawn = hashlib.sha256(f"repeat\0{sample_id}\0{epoch}".encode()).digest()
    return int.from_bytes(drawn[:8], "big") < SHARE * 2**64


async def judged_twice(
    state: TaskState, judge: Callable[[], Awaitable[Score]], *, show_reasoning: bool = False
) -> Score:
    """Return a judge's score; of a drawn sample, with what it says when it is asked once more.

    The first reading is the verdict.

    Args:
        state: The sample.
        judge: Asks the judge and makes its score.
        show_reasoning: Whether the judge may read what the model thought.
    """
    score = await judge()
    if is_drawn(state.sample_id, state.epoch):
        second = (await judge()).metadata or {}
        first = score.metadata or {}
        labels = sorted({*first.get("labels", ()), f"{AGAIN}{second.get('label')}"})
        score.metadata = {**first, "labels": labels, "again": second}
    return noted(state, score, show=show_reasoning)
