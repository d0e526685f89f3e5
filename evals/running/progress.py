"""Showing how a run goes: for each task what is done, unscored, errored, and the time left.

On a terminal there is a live table, elsewhere a plain line now and then, so that a log file stays
readable.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.live import Live
from rich.table import Table

_PLAIN_EVERY = 15.0
"""Seconds between two plain lines."""

_NOTE: Final = "TENKEN_PROGRESS"
"""Variable that names a file which another program, such as the console, reads the counts from."""
_NOTE_EVERY: Final = 0.5
"""Seconds between two of its versions."""


@dataclass
class TaskProgress:
    """Counts of one task.

    Attributes:
        total: Samples times epochs.
        done: Those that ended, in whichever way.
        before: Those of them that an earlier attempt had ended.
        unscored: Ended with an answer and no verdict.
        errored: Ended with no answer.
        started: Clock time of the first sample of this attempt, in seconds.
        errors: How many ended in each class of error.
    """

    name: str
    total: int
    done: int = 0
    before: int = 0
    unscored: int = 0
    errored: int = 0
    started: float | None = None
    errors: dict[str, int] = field(default_factory=dict)

    def seconds_left(self, now: float) -> float | None:
        """Return the time left at the pace so far, or None before there is a pace."""
        fresh = self.done - self.before
        if self.started is None or fresh <= 0:
            return None
        return (now - self.started) / fresh * (self.total - self.done)


@dataclass
class Progress:
    """The display of one run."""

    tasks: dict[str, TaskProgress]
    console: Console = field(default_factory=lambda: Console(stderr=True))
    quiet: bool = False
    live: Live | None = None
    last_line: float = 0.0
    run: str = ""
    last_note: float = 0.0

    def __enter__(self) -> Progress:
        if self.console.is_terminal and not self.quiet:
            self.live = Live(get_renderable=self._table, console=self.console, refresh_per_second=4)
            self.live.start()
        self.last_line = time.monotonic()
        self._note(at_once=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._note(at_once=True)
        if self.live is not None:
            self.live.stop()
            self.live = None

    def started(self, log_name: str) -> None:
        """A task's first sample is about to be asked."""
        task = self.tasks.get(log_name)
        if task is not None and task.started is None:
            task.started = time.monotonic()

    def ended(self, log_name: str, *, unscored: bool, error: str) -> None:
        """A sample has ended.

        Args:
            log_name: The task's name in the log.
            unscored: Whether it ended with an answer and no verdict.
            error: Class of the error that it ended with; empty for none.
        """
        task = self.tasks.get(log_name)
        if task is None:
            return
        task.done += 1
        task.unscored += unscored and not error
        task.errored += bool(error)
        if error:
            task.errors[error] = task.errors.get(error, 0) + 1
        self._note()
        self._say(task)

    def _note(self, *, at_once: bool = False) -> None:
        """Write the counts to the file that another program reads them from, if there is one."""
        name, now = os.environ.get(_NOTE), time.monotonic()
        if not name or (now - self.last_note < _NOTE_EVERY and not at_once):
            return
        self.last_note = now
        tasks = [
            {
                "name": task.name, "total": task.total, "done": task.done,
                "before": task.before, "unscored": task.unscored, "errored": task.errored,
                "errors": task.errors, "seconds_left": task.seconds_left(now),
            }
            for task in self.tasks.values()
        ]  # fmt: skip
        part = Path(f"{name}.part")
        with suppress(OSError):  # nobody's run ends because nobody can look on
            part.write_text(json.dumps({"run": self.run, "tasks": tasks}), "utf-8")
            part.replace(name)

    def _say(self, task: TaskProgress) -> None:
        if self.live is not None or self.quiet:
            return
        now = time.monotonic()
        if task.done < task.total and now - self.last_line < _PLAIN_EVERY:
            return
        self.last_line = now
        left = task.seconds_left(now)
        self.console.print(
            f"{task.name}: {task.done}/{task.total} done, {task.unscored} unscored, "
            f"{task.errored} errored{f', {_clock(left)} left' if left else ''}",
            highlight=False,
            soft_wrap=True,
        )

    def _table(self) -> Table:
        now = time.monotonic()
        table = Table(box=None, pad_edge=False)
        for title in ("task", "done", "unscored", "errored", "left"):
            table.add_column(title, justify="left" if title == "task" else "right")
        for task in self.tasks.values():
            left = task.seconds_left(now)
            table.add_row(
                task.name,
                f"{task.done}/{task.total}",
                str(task.unscored),
                str(task.errored),
                _clock(left) if left is not None else "",
            )
        return table


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
