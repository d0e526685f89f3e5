"""How a run shows its progress: plain lines in a file, a table on a terminal."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tenken.evals.models.endpoint import Endpoint
from tenken.evals.running import progress as module
from tenken.evals.running.guard import Budget, Guard
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


def shown(tmp_path: Path, *, terminal: bool, quiet: bool = False) -> tuple[Progress, io.StringIO]:
    stream = io.StringIO()
    guard = Guard(Budget(tmp_path / "spent.jsonl"), Endpoint(model="mockllm/model"))
    console = Console(file=stream, force_terminal=terminal, width=100)
    tasks = {"tenken/fraud": TaskProgress("criminal_misuse/fraud", 10, done=2, before=2)}
    return Progress(tasks, guard, console, quiet=quiet), stream


def test_plain_lines_come_now_and_then_and_at_the_end(tmp_path: Path, clock: Clock) -> None:
    progress, stream = shown(tmp_path, terminal=False)
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


def test_a_terminal_gets_a_table(tmp_path: Path, clock: Clock) -> None:
    progress, stream = shown(tmp_path, terminal=True)
    with progress:
        progress.started("tenken/fraud")
        clock.now += 60
        progress.ended("tenken/fraud", unscored=False, error="RateLimitError")
    text = stream.getvalue()
    assert "\x1b[" in text
    assert all(word in text for word in ("criminal_misuse/fraud", "3/10", "errored", "7:00"))


def test_quiet_says_nothing(tmp_path: Path, clock: Clock) -> None:
    for terminal in (True, False):
        progress, stream = shown(tmp_path, terminal=terminal, quiet=True)
        with progress:
            for _ in range(8):
                clock.now += 60
                progress.ended("tenken/fraud", unscored=False, error="")
        assert stream.getvalue() == ""


def test_errors_are_told_to_the_guard_and_other_tasks_are_ignored(
    tmp_path: Path, clock: Clock
) -> None:
    progress, _ = shown(tmp_path, terminal=False)
    with progress:
        progress.ended("tenken/fraud", unscored=True, error="RateLimitError")
        progress.ended("other/task", unscored=False, error="RateLimitError")
    task = progress.tasks["tenken/fraud"]
    assert (task.done, task.unscored, task.errored) == (3, 0, 1)
    assert progress.guard.failures == 1


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
