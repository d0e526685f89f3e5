"""Passing on what Inspect says of each sample of a run: to journal, guard and display."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from inspect_ai import Task, task_with
from inspect_ai.hooks import Hooks, SampleEnd, TaskStart, hooks
from inspect_ai.log import transcript
from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from tenken.errors import StorageError
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
_noted: set[tuple[str, str, int]] = set()
"""Samples that the journal has and no log yet."""


class JournalFullError(BaseException):
    """The journal cannot be written: ends Inspect's runner before a log has the sample.

    Inspect goes on after any `Exception` of a task's cleanup.
    """


def journal_first(task: Task, log_name: str) -> Task:
    """Let the journal say that a sample was scored before a log has it.

    Inspect tells its hooks that a sample has ended when it is in the log: a kill between the two
    would leave a log with answers of which the journal knows no end. What it does after scoring
    and before it logs is a task's `cleanup`. Errors are noted when they are logged: a sample that
    ended in one is asked again in any case.

    Args:
        task: The task; it is changed in place and returned.
        log_name: Its name in the log.
    """
    before = task.cleanup

    async def cleanup(state: TaskState) -> None:
        try:
            if before is not None:
                await before(state)
        finally:
            if not any(event.event == "error" for event in transcript().events):
                _note_scored(log_name, state)

    return task_with(task, cleanup=cleanup)


def _note_scored(log_name: str, state: TaskState) -> None:
    value = _value((state.scores or {}).values())
    try:
        note_end(log_name, state.sample_id, state.epoch, state.output, "", value)
    except StorageError as error:
        raise JournalFullError(str(error)) from None
    _noted.add((log_name, str(state.sample_id), state.epoch))


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
        key = name, str(sample.id), sample.epoch
        if error or key not in _noted:
            note_end(name, sample.id, sample.epoch, sample.output, error, _value(scores))
        _noted.discard(key)
        for listener in _listeners:
            listener.ended(
                name, unscored=bool(undecided), error=error, reason=reason,
                sample=str(sample.id), answer=sample.output.completion,
            )  # fmt: skip


def _value(scores: Iterable[Score]) -> Any:
    """Return a value of the scores: not a number if one of them is none, None without any."""
    values = [score.value for score in scores]
    return next((value for value in values if _is_nan(value)), values[0] if values else None)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)
