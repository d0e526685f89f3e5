"""How a run shows its progress: plain lines in a file, a table on a terminal."""

from __future__ import annotations

import io
import json
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
from tenken.evals.running.meter import Meter
from tenken.evals.running.progress import Progress, TaskProgress, short_names


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
            clock.now += 10
            progress.ended("tenken/fraud", unscored=number == 0, error="")
    lines = stream.getvalue().splitlines()
    assert lines == [
        "criminal_misuse/fraud: 5/10 done, 1 unscored, 0 errored, 0:50 left",
        "criminal_misuse/fraud: 8/10 done, 1 unscored, 0 errored, 0:20 left",
        "criminal_misuse/fraud: 10/10 done, 1 unscored, 0 errored",
        "8 samples in 1:20; tokens 0 in, 0 out; 0 retries.",
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


@pytest.mark.parametrize("width", [40, 60, 100])
def test_the_table_says_what_is_used_up_and_waited_for(clock: Clock, width: int) -> None:
    names = ["criminal_misuse/intimidation_and_stalking", "criminal_misuse/illicit_recruitment",
             "bias/illicit_recruitment", "misinformation/false_claims"]  # fmt: skip
    stream = io.StringIO()
    console = Console(file=stream, width=width, color_system=None)
    meter = Meter(tokens_in=12_345, tokens_out=678, reasoning=90, calls=3, dollars=0.25)
    progress = Progress(
        {name: TaskProgress(name, 480) for name in names}, console, quiet=True, meter=meter
    )
    progress.began = clock.now
    for name in names:
        progress.started(name)
    clock.now += 10
    progress.ended(names[0], unscored=True, error="", reason="neither")
    meter.last_error = "no answer within 60 seconds."
    number = meter.waiting("429", clock.now + 41, told=True)
    meter.waiting("503", clock.now + 2, told=False)
    console.print(progress._shown())
    lines = stream.getvalue().splitlines()
    text = " ".join(" ".join(lines).split())
    for words in ("1/1920 in all, 0.1 a second", "5:19:50 left for all", "12,345 in, 678 out",
                  "(90 of reasoning)", "0.2500 US dollars", "2 retries", "unscored: 1 neither",
                  "429: waiting 41 s as told (2 requests)", "last error: no answer"):  # fmt: skip
        assert words in text, text
    rows = [line.split()[0] for line in lines[1:5]]  # below the head
    assert len(set(rows)) == 4 and all(len(line) <= width for line in lines)
    meter.sent(number)
    assert meter.wait(clock.now) == "503: waiting 2 s (1 request)"


def test_names_stay_apart() -> None:
    long = ["a/" + "x" * 30 + end for end in ("1", "1y", "2")] + ["b/" + "x" * 30 + "1"]
    for width in (12, 20, 34, 80):
        found = short_names(long, width)
        assert len(set(found)) == 4 and all(len(name) <= width for name in found), found
    assert short_names(["a/b", "c/d"], 12) == ["a/b", "c/d"]


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
    # What Inspect says of itself is not the command's: one line a task, one before them, one after.
    assert len(said.splitlines()) == 3 and "4 samples in" in said and "80 in, 20 out" in said
    said = runs.commands.run(*runs.arguments(model, "--task", "false_claims")[:-1]).stderr
    assert said.splitlines()[-1].endswith("this run is finished, so nothing was asked.")


def test_the_note_has_the_latest_answers_and_no_words_that_could_do_harm(
    clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = tmp_path / "note.json"
    monkeypatch.setenv("TENKEN_PROGRESS", str(note))
    progress, _ = shown(terminal=False, quiet=True)
    progress.tasks["tenken/fraud"].readable = {"plain"}
    with progress:
        for number in range(20):
            sample = "plain" if number % 2 else "harmful"
            progress.ended(
                "tenken/fraud", unscored=False, error="", sample=sample, answer=f"{number} " * 900
            )
    latest = json.loads(note.read_text("utf-8"))["latest"]
    assert [each["sample"] for each in latest] == ["harmful", "plain"] * 4
    assert [each.get("answer", "")[:3] for each in latest[-2:]] == ["", "19 "]
    assert max(len(each.get("answer", "")) for each in latest) == 400
