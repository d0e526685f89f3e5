"""Passing on what Inspect says of each sample of a run: to the guard, and to the display."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from inspect_ai.hooks import Hooks, SampleEnd, TaskStart, hooks

from tenken.evals.running.journal import note_end


class Listener(Protocol):
    """Whoever follows the samples of a run."""

    def started(self, log_name: str) -> None:
        """A task's first sample is about to be asked."""

    def ended(
        self, log_name: str, *, unscored: bool, error: str, reason: str = "", sample: str = "",
        answer: str = "",
    ) -> None:  # fmt: skip
        """A sample has ended.

        Args:
            log_name: The task's name in the log.
            unscored: Whether it ended with an answer and no verdict.
            error: Class of the error that it ended with; empty for none.
            reason: Why it has no verdict; empty where that is not known.
            sample: The sample's id.
            answer: What the model said; empty for nothing.
        """


_listeners: list[Listener] = []


@contextmanager
def followed_by(*listeners: Listener) -> Iterator[None]:
    """Let the listeners follow the samples of the run in the block."""
    before = list(_listeners)
    _listeners.extend(listeners)
    try:
        yield
    finally:
        _listeners[:] = before


@hooks(name="tenken_samples", description="Follows the samples of a run as they end.")
class SampleHooks(Hooks):
    """Passes on what Inspect says of each sample."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def enabled(self) -> bool:
        """Whether a run of ours is under way; a plain `inspect eval` shows its own display."""
        return bool(_listeners)

    async def on_task_start(self, data: TaskStart) -> None:
        """Note the task's name and that it has begun."""
        self._names[data.eval_id] = data.spec.task
        for listener in _listeners:
            listener.started(data.spec.task)

    async def on_sample_end(self, data: SampleEnd) -> None:
        """Pass on how the sample ended."""
        sample = data.sample
        error = sample.error.message.split("(", 1)[0].strip() if sample.error else ""
        scores = list((sample.scores or {}).values())
        undecided = [score for score in scores if _is_nan(score.value)]
        reason = next((str(score.reason) for score in undecided if score.reason), "")
        name = self._names.get(data.eval_id, "")
        score = float("nan") if undecided else next((each.value for each in scores), None)
        note_end(name, sample.id, sample.epoch, sample.output, error, score)
        for listener in _listeners:
            listener.ended(
                name, unscored=bool(undecided), error=error, reason=reason,
                sample=str(sample.id), answer=sample.output.completion,
            )  # fmt: skip


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
