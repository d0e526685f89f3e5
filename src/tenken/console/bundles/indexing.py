"""The samples of a run, written to the database by a process of its own.

    python -m tenken.console.bundles.indexing RUN

The process reads the address of the database from its standard input, so that it is in no list of
processes.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, delete, insert, select

from tenken.console.bundles.commands import environment
from tenken.console.bundles.folder import stamp
from tenken.console.database.connect import writing
from tenken.console.database.tables import indexed, samples
from tenken.errors import TenkenError
from tenken.io.canonical import canonical_json
from tenken.results.bundle.made import RECORDS, REPORT

_AT_ONCE: Final = 2000
_LONGEST: Final = 20_000
"""Characters of a text that are searched; a sample's page has it whole."""


class SampleIndex:
    """Sees to it that the samples of a run are in the database as the run is now."""

    def __init__(self, engine: Engine, results: Path, database: str) -> None:
        self._engine, self._results, self._database = engine, results, database
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._lock = threading.Lock()

    def state(self, name: str, patience: float = 8.0) -> str:
        """Return `ready`, `busy`, or why the samples cannot be read.

        Args:
            name: The run.
            patience: Seconds to wait for a run that is read for the first time.
        """
        now = stamp(self._results / name / REPORT)
        with self._engine.connect() as connection:
            row = connection.execute(select(indexed).where(indexed.c.run == name)).first()
        if row is not None and row.stamp == now:
            return row.error or "ready"
        with self._lock:
            process = self._running.get(name)
            if process is None or process.poll() is not None:
                process = self._running[name] = self._started(name)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            return "busy"
        with self._engine.connect() as connection:
            row = connection.execute(select(indexed).where(indexed.c.run == name)).first()
        if row is None or (row.stamp != now and process.returncode):
            return "the process that reads the samples ended early."
        return row.error or "ready"

    def close(self) -> None:
        """End what is still being read; it begins again when somebody asks."""
        with self._lock:
            for process in self._running.values():
                process.terminate()
                process.wait()

    def _started(self, name: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(  # noqa: S603 - our own module, no shell
            [sys.executable, "-m", "tenken.console.bundles.indexing", str(self._results / name)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.write(self._database.encode())
        process.stdin.close()
        return process


def index_samples(engine: Engine, run: Path) -> None:
    """Write the samples of a run to the database, in place of those that were there.

    A run that cannot be read is noted with the reason, and has no samples.

    Args:
        engine: The database.
        run: The run's folder.
    """
    now, error = stamp(run / REPORT), ""
    with writing(engine) as connection:
        connection.execute(delete(samples).where(samples.c.run == run.name))
        connection.execute(delete(indexed).where(indexed.c.run == run.name))
        try:
            part: list[dict[str, Any]] = []
            for row in _rows(run):
                part.append(row)
                if len(part) >= _AT_ONCE:
                    connection.execute(insert(samples), part)
                    part = []
            if part:
                connection.execute(insert(samples), part)
        except TenkenError as failure:
            connection.execute(delete(samples).where(samples.c.run == run.name))
            error = str(failure).replace(f"{run}/", "")[:500]
        connection.execute(insert(indexed).values(run=run.name, stamp=now, error=error))


def _rows(run: Path) -> Iterator[dict[str, Any]]:
    from tenken.results.records.logs import log_files
    from tenken.results.records.plan_check import read_sound_plan
    from tenken.results.records.read import RunRecords, read_records
    from tenken.results.records.table import read_parquet, text_is_shown

    plan = read_sound_plan(run)
    logs = bool(log_files(run))
    found = read_records(run, plan) if logs else RunRecords(read_parquet(run / RECORDS))
    split = _disagreements(run, plan, found) if logs else set()
    for position, record in enumerate(found.records):
        key = (record.task, record.sample_id, record.epoch)
        text = found.texts.get(key)
        planned = plan.task(record.task)
        yield {
            "run": run.name,
            "position": position,
            "task": record.task,
            "sample": _plain(record.sample_id),
            "epoch": record.epoch,
            "language": record.language,
            "measure": record.measure,
            "outcome": record.outcome,
            "reason": _plain(record.reason),
            "label": _plain(record.label),
            "verdict": record.verdict,
            "tags": _plain(canonical_json(dict(record.tags)).decode()),
            "disagree": key in split,
            "covered": not text_is_shown(record, plan, with_text=False),
            "private": planned is None or bool(planned.dataset.get("private")),
            "prompt": _plain(text.prompt) if text else "",
            "answer": _plain(text.answer) if text else "",
        }


def _disagreements(run: Path, plan: Any, found: Any) -> set[tuple[str, str, int]]:
    """Return the samples on which judges, or two scorers, disagree."""
    from tenken.results.records.rescorings import read_rescorings
    from tenken.results.review.items import key_of, read_items

    rescored = read_rescorings(run, plan, found.records, found.logs)
    panel = any("panel" in task.scorer.name for task in plan.tasks)
    if not rescored and not panel:
        return set()
    items = read_items(run, plan, found, (), rescored, private=True)
    return {key_of(item.record) for item in items if "judges_disagree" in item.why}


def _plain(text: str) -> str:
    """Return a text as every database takes it."""
    whole = text.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    return whole[:_LONGEST]


def main() -> None:
    """Read a run, as another process has asked."""
    from tenken.console.database.connect import open_database

    engine = open_database(sys.stdin.read())
    index_samples(engine, Path(sys.argv[1]))
    engine.dispose()


if __name__ == "__main__":
    main()
