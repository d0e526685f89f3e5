"""How a run shows its progress: plain lines in a file, a table on a terminal."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from inspect_ai import Task
from inspect_ai import eval as inspect_eval
from inspect_ai.dataset import Sample
from inspect_ai.solver import Generate, Solver, TaskState, solver
from rich.console import Console

from tenken.evals.models.endpoint import Endpoint
from tenken.evals.running import progress as module
from tenken.evals.running.guard import Budget, Guard
from tenken.evals.running.hooks import followed_by
from tenken.evals.running.progress import Progress, TaskProgress


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def shown(*, terminal: bool, quiet: bool = False) -> tuple[Progress, io.StringIO]:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=100)
    tasks = {"tenken/fraud": TaskProgress("criminal_misuse/fraud", 10, done=2, before=2)}
    return Progress(tasks, console, quiet=quiet), stream


def test_plain_lines_come_now_and_then_and_at_the_end(clock: Clock) -> None:
    progress, stream = shown(terminal=False)
    with progress:
        progress.started("tenken/fraud")
        for number in range(8):
            clock.now += 5
            progress.ended("tenken/fraud", unscored=number == 0, error="")
    lines = stream.getvalue().splitlines()
    assert lines == [
        "criminal_misuse/fraud: 5/10 done, 1 unscored, 0 errored, 0:25 left",
        "criminal_misuse/fraud: 8/10 done, 1 unscored, 0 errored, 0:10 left",
        "criminal_misuse/fraud: 10/10 done, 1 unscored, 0 errored",
    ]
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_gets_a_table(clock: Clock) -> None:
    progress, stream = shown(terminal=True)
    with progress:
        progress.started("tenken/fraud")
        clock.now += 60
        progress.ended("tenken/fraud", unscored=False, error="RateLimitError")
    text = stream.getvalue()
    assert "\x1b[" in text
    assert all(word in text for word in ("criminal_misuse/fraud", "3/10", "errored", "7:00"))


def test_quiet_says_nothing(clock: Clock) -> None:
    for terminal in (True, False):
        progress, stream = shown(terminal=terminal, quiet=True)
        with progress:
            for _ in range(8):
                clock.now += 60
                progress.ended("tenken/fraud", unscored=False, error="")
        assert stream.getvalue() == ""


def test_other_tasks_are_ignored(clock: Clock) -> None:
    progress, _ = shown(terminal=False)
    with progress:
        progress.ended("tenken/fraud", unscored=True, error="RateLimitError")
        progress.ended("other/task", unscored=False, error="RateLimitError")
    task = progress.tasks["tenken/fraud"]
    assert (task.done, task.unscored, task.errored) == (3, 0, 1)


def test_the_guard_counts_failures_without_any_display(tmp_path: Path) -> None:
    guard = Guard(Budget(tmp_path / "spent.jsonl"), Endpoint(model="mockllm/model"))
    with followed_by(guard):
        task = Task(name="t", dataset=[Sample(input="x")], solver=failing())
        (log,) = inspect_eval(task, model="mockllm/model", display="none", fail_on_error=False,
                              log_dir=str(tmp_path), ctl_server=False)  # fmt: skip
    assert log.status == "success"
    assert (guard.failures, guard.last_failure) == (1, "RuntimeError")


@solver
def failing() -> Solver:
    async def solve(state: TaskState, generate: Generate) -> TaskState:
        raise RuntimeError("no answer")

    return solve


def test_no_time_is_told_before_there_is_a_pace() -> None:
    assert TaskProgress("t", 10).seconds_left(5.0) is None
    assert TaskProgress("t", 10, done=2, before=2, started=0.0).seconds_left(5.0) is None
    assert TaskProgress("t", 10, done=5, started=0.0).seconds_left(5.0) == 5.0


def test_a_run_that_goes_on_counts_what_was_done_before(runs: Any) -> None:
    model = "letter-hash@9-12:http-401"
    said = runs.commands.run(*runs.arguments(model, "--task", "false_claims")[:-1]).stderr
    assert "misinformation/false_claims: 16/16 done, 0 unscored, 4 errored" in said
    runs.stub.healthy = True
    said = runs.commands.run(*runs.arguments(model, "--task", "false_claims")[:-1]).stderr
    assert "misinformation/false_claims: 16/16 done, 0 unscored, 0 errored" in said
    assert "\x1b" not in said
    # What Inspect says of itself is not the command's: one line a task, and one before them.
    assert len(said.splitlines()) == 2
