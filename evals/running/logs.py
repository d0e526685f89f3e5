"""The logs of a run's folder: one for each task and version, others moved out of the way."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tenken.evals.running.journal import note_in
from tenken.evals.running.sweep.log import count_finished
from tenken.io.files import storage_error
from tenken.schema.plan import Plan, PlannedTask

if TYPE_CHECKING:
    from inspect_ai.model import GenerateConfig

LOGS: Final = "logs"
SUPERSEDED: Final = "superseded"

LogKey = tuple[str, str]
"""Name of a task in its log, and the version that the log states."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log that is gone on with.

    Attributes:
        path: The file.
        done: Samples that ended in it without an error.
    """

    path: Path
    done: int


def key_of(task: PlannedTask) -> LogKey:
    """Return what a planned task's log says of itself."""
    return task.log_name, task.log_version


def tidy(folder: Path, plan: Plan) -> Mapping[LogKey, Log]:
    """Leave one log a task; those of other data, prompts or scorers are moved out of the way.

    Inspect leaves the log of an attempt that was killed beside the one that took it up: the one
    with the most samples stays.

    Args:
        folder: The run's folder.
        plan: The plan, whose tasks the logs may be of.

    Returns:
        The logs that are left. Each was opened once.

    Raises:
        StorageError: A log cannot be moved.
    """
    wanted = {key_of(task) for task in plan.tasks}
    fullest: dict[LogKey, Log] = {}
    paths = (folder / LOGS).glob("*.eval")
    for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns):
        key, done = _contents(path)
        before = fullest.get(key)
        if key not in wanted or (before is not None and before.done > done):
            _set_aside(path, folder, key[0] if key not in wanted else "")
            continue
        if before is not None:
            _set_aside(before.path, folder)
        fullest[key] = Log(path, done)
    return fullest


@dataclass(frozen=True, slots=True)
class Head:
    """What a log says before its samples.

    Attributes:
        key: Name of its task, and the version that it states.
        config: Parameters that its samples were asked with.
        finished: Samples without an error, of a log whose samples all ended so; None of any other.
    """

    key: LogKey
    config: GenerateConfig
    finished: int | None


def read_head(path: Path) -> Head | None:
    """Read the head of a log; None for a file without one, such as of a run killed early on."""
    from inspect_ai.log import read_eval_log

    try:
        log = read_eval_log(str(path), header_only=True)
    except Exception:
        return None
    whole = log.results if log.status == "success" else None
    finished = whole.completed_samples if whole is not None else None
    return Head((log.eval.task, str(log.eval.task_version)), log.plan.config, finished)


def _contents(path: Path) -> tuple[LogKey, int]:
    """Return a log's task and version, empty if it cannot be read, and its finished samples."""
    head = read_head(path)
    if head is None:
        return ("", ""), 0
    try:
        # The listing of a long log's samples is long.
        return head.key, count_finished(path) if head.finished is None else head.finished
    except Exception:
        return ("", ""), 0


def _set_aside(path: Path, folder: Path, voided: str = "") -> None:
    """Keep a log apart; `voided` is its task where its answers no longer count."""
    note_in(folder, "superseded", log=path.name, **({"task": voided} if voided else {}))
    try:
        (folder / SUPERSEDED).mkdir(exist_ok=True)
        os.replace(path, folder / SUPERSEDED / path.name)
    except OSError as error:
        raise storage_error(folder / SUPERSEDED, error) from error
