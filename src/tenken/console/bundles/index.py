"""What the table of runs shows of each run, kept in the database and made again as files change."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Engine, delete, insert, select

from tenken.console.bundles.folder import read_report, run_names, stamp
from tenken.console.database.connect import writing
from tenken.console.database.tables import runs
from tenken.errors import TenkenError
from tenken.results.bundle.made import REPORT

UNFINISHED: Final = "unfinished"
UNREADABLE: Final = "unreadable"
_FRESH: Final = 1.0
"""Seconds for which the folder is not looked at again."""
_AT_ONCE: Final = 40
"""More new runs than this are read while the table already shows the others."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A rate in [0, 1], 1 the unsafe end, with its interval; all None where not measured."""

    value: float | None
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class TaskFigure:
    """The headline rate of a task.

    Attributes:
        title: Title by language, `en` and `ja`.
        measure: Key of the measure.
        measure_title: Title of the measure by language.
    """

    name: str
    title: Mapping[str, str]
    risk: str
    version: str
    measure: str
    measure_title: Mapping[str, str]
    overall: Figure
    languages: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class GateLine:
    """A gate and the decision on it.

    Attributes:
        name: What it is called, by language.
        most: Highest rate that passes.
    """

    name: Mapping[str, str]
    task: str
    decision: str
    figure: Figure
    most: float


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run as the table shows it.

    Attributes:
        name: Name of its folder.
        decision: The decision on it, or `unfinished` or `unreadable`.
        finished: Time of the last sample's end, ISO 8601.
        areas: Rate of each area by its name.
        error: Why the report cannot be read.
    """

    name: str
    stamp: str
    decision: str
    model: str = ""
    suite: str = ""
    finished: str = ""
    attempt: int = 1
    answers: int = 0
    undecided: int = 0
    areas: Mapping[str, Figure] = field(default_factory=dict)
    tasks: tuple[TaskFigure, ...] = ()
    gates: tuple[GateLine, ...] = ()
    error: str = ""

    @property
    def worst(self) -> TaskFigure | None:
        """The task with the highest headline rate."""
        measured = [task for task in self.tasks if task.overall.value is not None]
        return max(measured, key=lambda task: task.overall.value or 0.0, default=None)


class RunIndex:
    """All runs of a folder, in memory and in the database."""

    def __init__(self, engine: Engine, results: Path) -> None:
        self._engine, self._results = engine, results
        self._entries: dict[str, RunEntry] = {}
        self._looked = float("-inf")
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._waiting = 0
        with engine.connect() as connection:
            for row in connection.execute(select(runs)):
                self._entries[row.name] = entry_of(row.name, row.stamp, json.loads(row.about))

    def all(self) -> list[RunEntry]:
        """Return all runs by name, those that are there now."""
        self.refresh()
        return [self._entries[name] for name in sorted(self._entries)]

    def get(self, name: str) -> RunEntry | None:
        """Return a run by the name of its folder, as its files are now."""
        entry = self._entries.get(name)
        now = stamp(self._results / name / REPORT)
        if entry is None or entry.stamp != now:
            with self._lock:
                self._looked = float("-inf")
            self.refresh()
        return self._entries.get(name)

    @property
    def waiting(self) -> int:
        """How many runs are still to be read."""
        return self._waiting

    def refresh(self) -> None:
        """Look at the folder again; many new runs are read in the background."""
        with self._lock:
            if time.monotonic() - self._looked < _FRESH or self._is_busy():
                return
            names = run_names(self._results)
            changed = self._changed(names)
            gone = set(self._entries) - set(names)
            for name in gone:
                del self._entries[name]
            self._waiting = len(changed)
            if len(changed) > _AT_ONCE:
                self._thread = threading.Thread(
                    target=self._take_in, args=(changed, gone), daemon=True
                )
                self._thread.start()
                return
            self._take_in(changed, gone)

    def _changed(self, names: list[str]) -> list[tuple[str, str]]:
        found = []
        for name in names:
            now, entry = stamp(self._results / name / REPORT), self._entries.get(name)
            if entry is None or entry.stamp != now:
                found.append((name, now))
        return found

    def _is_busy(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _take_in(self, changed: list[tuple[str, str]], gone: set[str]) -> None:
        rows = []
        for name, now in changed:
            about = _about(self._results / name) if now else {"decision": UNFINISHED}
            self._entries[name] = entry_of(name, now, about)
            rows.append({"name": name, "stamp": now, "about": json.dumps(about)})
            self._waiting -= 1
        names = [*gone, *(row["name"] for row in rows)]
        with writing(self._engine) as connection:
            for start in range(0, len(names), 500):
                part = names[start : start + 500]
                connection.execute(delete(runs).where(runs.c.name.in_(part)))
            if rows:
                connection.execute(insert(runs), rows)
        self._looked = time.monotonic()


def entry_of(name: str, now: str, about: Mapping[str, Any]) -> RunEntry:
    """Return a run from what the database holds about it.

    Args:
        name: Name of the run's folder.
        now: Stamp of the report that the entry was read from.
        about: The stored JSON: fields of `RunEntry`, with tasks, areas and gates as plain values.
    """
    tasks = tuple(
        TaskFigure(
            each["name"], each["title"], each["risk"], each["version"], each["measure"],
            each["measure_title"], Figure(*each["overall"]),
            {key: Figure(*figure) for key, figure in each["languages"].items()},
        )
        for each in about.get("tasks", ())
    )  # fmt: skip
    areas = {risk: Figure(*figure) for risk, figure in about.get("areas", {}).items()}
    gates = tuple(
        GateLine(
            each["name"], each["task"], each["decision"], Figure(*each["figure"]), each["most"]
        )
        for each in about.get("gates", ())
    )
    plain = {k: v for k, v in about.items() if k not in ("tasks", "areas", "gates")}
    return RunEntry(name=name, stamp=now, areas=areas, tasks=tasks, gates=gates, **plain)


def _about(folder: Path) -> dict[str, Any]:
    """Return what the table shows of a run; a report that is none says so."""
    try:
        return _read(read_report(folder))
    except TenkenError as error:
        return {"decision": UNREADABLE, "error": str(error).replace(f"{folder}/", "")[:300]}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return {"decision": UNREADABLE, "error": "the report is not of this version."}


def _read(report: Mapping[str, Any]) -> dict[str, Any]:
    outcomes = report["outcomes"]
    return {
        "decision": str(report["decision"])[:20],
        "model": str(report["model"]["name"])[:200],
        "suite": str(report["suite"]["name"])[:200],
        "finished": str(report["finished"])[:40],
        "attempt": int((report.get("attempt") or {}).get("number", 1)),
        "answers": sum(map(int, outcomes.values())),
        "undecided": int(outcomes.get("unscored", 0)) + int(outcomes.get("errored", 0)),
        "areas": {str(area["risk"]): _figure(area) for area in report["areas"]},
        "tasks": [_task(task) for task in report["tasks"]],
        "gates": [
            {
                "name": _both({"en": gate["name"], "ja": gate.get("name_ja") or gate["name"]}),
                "task": str(gate["task"])[:200],
                "decision": str(gate["decision"])[:20],
                "figure": _figure(gate),
                "most": float(gate["max"]),
            }
            for gate in report["gates"]
        ],
    }


def _task(task: Mapping[str, Any]) -> dict[str, Any]:
    head = next(measure for measure in task["measures"] if measure["headline"])
    return {
        "name": str(task["name"])[:200],
        "title": _both(task["title"]),
        "risk": str(task["risk"]),
        "version": str(task["version"]),
        "measure": str(head["key"])[:100],
        "measure_title": _both(head["title"]),
        "overall": _figure(head["overall"]),
        "languages": {str(k): _figure(part) for k, part in head["languages"].items()},
    }


def _both(title: Mapping[str, Any] | str) -> dict[str, str]:
    if isinstance(title, str):
        return {"en": title[:300], "ja": title[:300]}
    return {language: str(title[language])[:300] for language in ("en", "ja")}


def _figure(part: Mapping[str, Any]) -> list[Any]:
    ends = [None if part[key] is None else float(part[key]) for key in ("value", "low", "high")]
    return [*ends, int(part["n"])]
