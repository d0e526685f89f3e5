"""Showing how a run goes: what is done, at which pace, what it uses up, and what goes wrong.

On a terminal there is a live table, in a notebook bars in the cell's output, elsewhere a plain line
now and then, so that a log file stays readable.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter, deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from tenken.evals.running.meter import Meter
from tenken.evals.running.notebook import Bar, Cell, notebook_cell
from tenken.evals.words import listed, phrase, term

_PLAIN_EVERY = 30.0
"""Seconds between two plain lines."""
_BARS_EVERY = 0.5
"""Seconds between two versions of a notebook's bars."""
_NARROW = 60
"""Columns below which the heads of columns are short."""
_COUNTS = 38
"""Columns that the counts of a task take beside its name."""
_COUNTS_SHORT = 28
_LEAST_NAME = 12

_NOTE: Final = "TENKEN_PROGRESS"
"""Variable that names a file which another program, such as the console, reads the counts from."""
_NOTE_EVERY: Final = 0.5
"""Seconds between two of its versions."""
_NOTE_ANSWERS: Final = 8
"""How many of the latest answers it has."""
_NOTE_CHARACTERS: Final = 400


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
        why: How many have no verdict for which reason.
        readable: Ids of the samples whose words a report may show.
    """

    name: str
    total: int
    done: int = 0
    before: int = 0
    unscored: int = 0
    errored: int = 0
    started: float | None = None
    errors: dict[str, int] = field(default_factory=dict)
    why: Counter[str] = field(default_factory=Counter)
    readable: Collection[str] = ()

    def seconds_left(self, now: float) -> float | None:
        """Return the time left at the pace so far, or None before there is a pace."""
        return _left([self], now)


@dataclass(frozen=True)
class Latest:
    """An answer that has just come."""

    task: str
    sample: str
    answer: str
    unscored: bool
    error: str


@dataclass
class Progress:
    """The display of one run."""

    tasks: dict[str, TaskProgress]
    console: Console = field(default_factory=lambda: Console(stderr=True))
    quiet: bool = False
    live: Live | None = None
    cell: Cell | None = None
    last_line: float = 0.0
    run: str = ""
    last_note: float = 0.0
    meter: Meter = field(default_factory=Meter)
    began: float = 0.0
    latest: deque[Latest] = field(default_factory=lambda: deque(maxlen=_NOTE_ANSWERS))

    def __enter__(self) -> Progress:
        if self.console.is_terminal and not self.quiet:
            self.live = Live(get_renderable=self._shown, console=self.console, refresh_per_second=4)
            self.live.start()
        self.began = self.last_line = time.monotonic()
        if self.live is None and not self.quiet:
            self.cell = notebook_cell()
            self._show_bars([])
        self._note(at_once=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._note(at_once=True)
        if self.live is not None:
            self.live.stop()
            self.live = None
        if self.cell is not None:
            self._show_bars([self.summary()])
            self.cell = None
        elif not self.quiet:
            self._print(self.summary())

    def started(self, log_name: str) -> None:
        """A task's first sample is about to be asked."""
        task = self.tasks.get(log_name)
        if task is not None and task.started is None:
            task.started = time.monotonic()

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
            answer: What the model said; only whoever reads the note sees it.
        """
        task = self.tasks.get(log_name)
        if task is None:
            return
        task.done += 1
        task.unscored += unscored and not error
        task.errored += bool(error)
        if error:
            task.errors[error] = task.errors.get(error, 0) + 1
        if unscored and not error and reason:
            task.why[reason] += 1
        self.latest.append(Latest(task.name, sample, answer, unscored, error))
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
        latest = [self._contents_of(each) for each in self.latest]
        part = Path(f"{name}.part")
        with suppress(OSError):  # nobody's run ends because nobody can look on
            about = {"run": self.run, "tasks": tasks, "latest": latest}
            part.write_text(json.dumps(about), "utf-8")
            part.replace(name)

    def _contents_of(self, each: Latest) -> dict[str, Any]:
        """Return an answer as the note has it: its words only where a report may show them."""
        shown = any(
            task.name == each.task and each.sample in task.readable for task in self.tasks.values()
        )
        words = {"answer": each.answer[:_NOTE_CHARACTERS]} if shown else {}
        return {"task": each.task, "sample": each.sample, "unscored": each.unscored,
                "error": each.error, **words}  # fmt: skip

    def summary(self) -> str:
        """Return in one line how long it took and what was used up."""
        fresh = sum(task.done - task.before for task in self.tasks.values())
        seconds = time.monotonic() - self.began
        return phrase("summary_line", n=fresh, clock=clock(seconds), used=self.meter.used())

    def _say(self, task: TaskProgress) -> None:
        if self.live is not None or self.quiet:
            return
        now = time.monotonic()
        if self.cell is not None:
            if now - self.last_line >= _BARS_EVERY:
                self.last_line = now
                self._show_bars(list(self._lines(now)))
            return
        if task.done < task.total and now - self.last_line < _PLAIN_EVERY:
            return
        self.last_line = now
        left = task.seconds_left(now)
        said = phrase(
            "task_line", task=task.name, done=task.done, total=task.total,
            unscored=task.unscored, errored=task.errored,
        ) + (phrase("left", clock=clock(left)) if left else "")  # fmt: skip
        waits = self.meter.wait(now)
        self._print(phrase("then").join((said, waits)) if waits else said)

    def _show_bars(self, lines: Sequence[str]) -> None:
        """Show each task's bar in the notebook, if the run is in one, with lines below them."""
        if self.cell is None:
            return
        now = time.monotonic()
        times = [(task, task.seconds_left(now)) for task in self.tasks.values()]
        bars = [Bar(t.name, t.done, t.total, clock(left) if left else "") for t, left in times]
        self.cell.show(bars, lines)

    def _print(self, line: str) -> None:
        self.console.print(Text(line), highlight=False, soft_wrap=True)

    def _shown(self) -> Group:
        now = time.monotonic()
        lines = [Text(line, overflow="fold") for line in self._lines(now)]
        return Group(self._table(now), *lines)

    def _lines(self, now: float) -> Iterator[str]:
        """Yield the lines below the table: the whole run, what it uses up, what goes wrong."""
        tasks = list(self.tasks.values())
        done, total = sum(task.done for task in tasks), sum(task.total for task in tasks)
        fresh = done - sum(task.before for task in tasks)
        rate = fresh / (now - self.began) if now > self.began else 0.0
        left = _left(tasks, now, self.began)
        ends = phrase("left_for_all", clock=clock(left)) if left is not None else ""
        yield phrase("all_line", done=done, total=total, rate=rate) + ends
        yield self.meter.used()
        why = sum((task.why for task in tasks), Counter[str]())
        if why:
            reasons = listed(
                phrase("times", n=n, what=term("reason", name)) for name, n in why.most_common()
            )
            yield phrase("unscored_by", why=reasons)
        if waits := self.meter.wait(now):
            yield waits
        if self.meter.last_error:
            yield phrase("last_error", error=self.meter.last_error)

    def _table(self, now: float) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
        narrow = self.console.width < _NARROW
        titles = ("unsc.", "err.") if narrow else ("unscored", "errored")
        for title in ("task", "done", *titles, "left"):
            side = "left" if title == "task" else "right"
            table.add_column(term("column", title), justify=side, no_wrap=True)  # type: ignore[arg-type]
        width = max(self.console.width - (_COUNTS_SHORT if narrow else _COUNTS), _LEAST_NAME)
        names = short_names([task.name for task in self.tasks.values()], width)
        for name, task in zip(names, self.tasks.values(), strict=True):
            left = task.seconds_left(now)
            table.add_row(
                Text(name),
                f"{task.done}/{task.total}",
                str(task.unscored),
                str(task.errored),
                clock(left) if left is not None else "",
            )
        return table


def short_names(names: Sequence[str], width: int) -> list[str]:
    """Return names that fit into some columns and stay apart from each other.

    Whole names where they fit, then their last parts, then these with the middle left out; a number
    tells apart what is still the same.

    Args:
        names: Full names, `risk/name`.
        width: Columns.
    """
    last = [name.rsplit("/", 1)[-1] for name in names]
    for form in (list(names), last):
        if all(len(name) <= width for name in form) and len(set(form)) == len(names):
            return form
    found: list[str] = []
    for name in last:
        short = _cut(name, width)
        if short in found:
            mark = str(sum(each[:-1] == short[:-1] or each == short for each in found) + 1)
            short = _cut(name, width - len(mark)) + mark
        found.append(short)
    return found


def _cut(name: str, width: int) -> str:
    if len(name) <= width:
        return name
    head = (width - 1) // 2
    return f"{name[:head]}…{name[len(name) - (width - 1 - head) :]}"


def _left(tasks: Sequence[TaskProgress], now: float, began: float | None = None) -> float | None:
    fresh = sum(task.done - task.before for task in tasks)
    starts = [task.started for task in tasks if task.started is not None]
    if fresh <= 0 or not starts:
        return None
    since = min(starts) if began is None else began
    return (now - since) / fresh * sum(task.total - task.done for task in tasks)


def clock(seconds: float) -> str:
    """Return a time as minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
