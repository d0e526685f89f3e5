"""Starting, looking at, pausing and going on.

A run goes on where the server ends, and a new server finds it again: its state is in files and in
the database, and what was answered is kept by the run itself.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, insert, select, update

from tenken.console.bundles.commands import environment
from tenken.console.database.connect import writing
from tenken.console.database.tables import jobs
from tenken.errors import InputError
from tenken.io.secrets import Secrets, known_secrets

_TAIL: Final = 8000
_MOST_RUNNING: Final = 8


@dataclass(frozen=True)
class Job:
    """A run that was started here.

    Attributes:
        about: Suite and model, for people.
        state: `running`, `paused`, `stopped`, `ended`, or `lost` where the process was killed.
        status: Exit status of the run; None before its end.
        run: Name of the run's folder; empty before it is known.
        tasks: Counts of each task.
        tokens: Tokens used so far, in and out; None where that is not known.
        dollars: What they cost; None where no price is known.
        said: The end of what the command has written.
        latest: The answers that came last, the newest first; words that could do harm are not
            among them.
    """

    id: int
    account: str
    about: Mapping[str, str]
    state: str
    started: float
    ended: float | None
    status: int | None
    run: str = ""
    tasks: Sequence[Mapping[str, Any]] = ()
    tokens: int | None = None
    dollars: float | None = None
    said: str = ""
    latest: Sequence[Mapping[str, Any]] = ()

    @property
    def is_over(self) -> bool:
        """Whether its process has ended."""
        return self.state != "running"

    @property
    def seconds_left(self) -> float | None:
        """The time that its slowest task still takes; None where it is not known."""
        known = [t["seconds_left"] for t in self.tasks if t.get("seconds_left") is not None]
        return max(known, default=None)


class Jobs:
    """The runs of one console."""

    def __init__(
        self, engine: Engine, folder: Path, results: Path, secrets: Mapping[str, str]
    ) -> None:
        self._engine, self._results, self._secrets = engine, results, dict(secrets)
        self._folder = folder / "jobs"
        self._children: dict[int, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def start(self, account: str, about: Mapping[str, str], arguments: Sequence[str]) -> int:
        """Start a run and return the job's number.

        Args:
            account: Name of the account that starts it.
            about: Suite and model, for people.
            arguments: Arguments of the command line, from the name of the command on.

        Raises:
            InputError: Too many runs are under way.
        """
        with self._lock:
            if sum(not job.is_over for job in self.all()) >= _MOST_RUNNING:
                raise InputError(
                    "{most_running} runs are under way; wait for one of them.",
                    most_running=_MOST_RUNNING,
                )
            values = {
                "account": account, "command": json.dumps(list(arguments)),
                "about": json.dumps(dict(about)), "state": "running", "pid": 0,
                "started": time.time(),
            }  # fmt: skip
            with writing(self._engine) as connection:
                made = connection.execute(insert(jobs).values(values))
                number = int((made.inserted_primary_key or (0,))[0])
            self._begin(number, arguments)
        return number

    def pause(self, number: int, state: str) -> None:
        """Ask a run to stop cleanly; all that was answered is kept.

        Args:
            number: The job.
            state: What it is then: `paused` or `stopped`.
        """
        job = self.get(number)
        if job is None or job.is_over:
            return
        self._write(number, state=state)
        pid = self._row(number).pid
        if self._is_ours(number, pid):
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGTERM)

    def go_on(self, number: int) -> None:
        """Give the same command again.

        Raises:
            InputError: The run is under way.
        """
        with self._lock:
            job = self.get(number)
            if job is None or not job.is_over:
                raise InputError("the run is under way.")
            self._write(number, state="running", status=None, ended=None)
            self._begin(number, json.loads(self._row(number).command))

    def all(self) -> list[Job]:
        """Return all jobs, the newest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(jobs).order_by(jobs.c.id.desc()).limit(200)).all()
        return [self._job(row) for row in rows]

    def get(self, number: int) -> Job | None:
        """Return a job as it is now."""
        row = self._row(number)
        return None if row is None else self._job(row)

    def _begin(self, number: int, arguments: Sequence[str]) -> None:
        folder = self._folder / str(number)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (folder / "status").unlink(missing_ok=True)
        command = [sys.executable, "-m", "tenken.console.live.runner", str(folder / "status")]
        more = {**self._secrets, "TENKEN_PROGRESS": str(folder / "progress.json")}
        with (folder / "said.log").open("ab") as said:
            process = subprocess.Popen(  # noqa: S603 - our own module, no shell
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env=environment(more),
                start_new_session=True,
            )
        self._children[number] = process
        self._write(number, pid=process.pid)

    def _job(self, row: Any) -> Job:
        folder = self._folder / str(row.id)
        state, status, ended = row.state, row.status, row.ended
        if status is None and ended is None:
            state, status, ended = self._settle(row, folder)
        noted = _json(folder / "progress.json")
        run = str(noted.get("run", ""))
        tokens, dollars = _spent(self._results, run)
        return Job(
            id=row.id, account=row.account, about=json.loads(row.about), state=state,
            started=row.started, ended=ended, status=status, run=run,
            tasks=[each for each in noted.get("tasks", []) if isinstance(each, dict)],
            tokens=tokens, dollars=dollars, said=self._said(folder), latest=self._latest(noted),
        )  # fmt: skip

    def _settle(self, row: Any, folder: Path) -> tuple[str, int | None, float | None]:
        child = self._children.get(row.id)
        if child is not None:
            child.poll()
        with suppress(OSError, ValueError):
            status = int((folder / "status").read_text("ascii"))
            state = "ended" if row.state == "running" else row.state
            now = time.time()
            self._write(row.id, state=state, status=status, ended=now)
            return state, status, now
        if row.pid == 0 or self._is_ours(row.id, row.pid):
            return "running", None, None
        now = time.time()
        self._write(row.id, state="lost", ended=now)
        return "lost", None, now

    def _is_ours(self, number: int, pid: int) -> bool:
        """Whether a process is still the job's: numbers of processes are given out again."""
        child = self._children.get(number)
        if child is not None and child.pid == pid:
            return child.poll() is None
        try:
            told = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
        return str(self._folder / str(number) / "status").encode() in told

    def _said(self, folder: Path) -> str:
        try:
            data = (folder / "said.log").read_bytes()[-_TAIL:]
        except OSError:
            return ""
        return self._masked(data.decode("utf-8", "replace"))

    def _latest(self, noted: Mapping[str, Any]) -> list[dict[str, Any]]:
        found = noted.get("latest", [])
        rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        return [
            {key: self._masked(value) if isinstance(value, str) else value
             for key, value in each.items()}
            for each in reversed(rows)
        ]  # fmt: skip

    def _masked(self, text: str) -> str:
        own = Secrets({name: value for name, value in self._secrets.items() if len(value) >= 8})
        return str(known_secrets().masked(own.masked(text)))

    def _row(self, number: int) -> Any:
        with self._engine.connect() as connection:
            return connection.execute(select(jobs).where(jobs.c.id == number)).first()

    def _write(self, number: int, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(update(jobs).where(jobs.c.id == number).values(**values))


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _spent(results: Path, run: str) -> tuple[int | None, float | None]:
    """Return the tokens and US dollars that a run has used so far, from its own ledger."""
    if not run or "/" in run or run.startswith("."):
        return None, None
    try:
        lines = (results / run / ".resume" / "spent.jsonl").read_text("utf-8").splitlines()
    except OSError:
        return None, None
    tokens, dollars, priced = 0, 0.0, True
    for line in lines:
        with suppress(ValueError, TypeError):
            read, written, cost = json.loads(line)
            tokens += int(read) + int(written)
            dollars += float(cost or 0.0)
            priced = priced and cost is not None
    return tokens, dollars if priced and lines else None
