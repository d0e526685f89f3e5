"""Running a plan over Inspect's eval_set, in a folder that goes on where it was stopped."""

from __future__ import annotations

import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import InputError, StorageError
from tenken.evals.external.task import InspectLoaded, task_to_run
from tenken.evals.models.endpoint import EMBEDDED, Endpoint
from tenken.evals.models.make import generate_config, make_model
from tenken.evals.models.roles import make_roles
from tenken.evals.planning.plan import Asked
from tenken.evals.process import interruptible, silent_console, tune_process
from tenken.evals.running.answers import KeptAnswers
from tenken.evals.running.guard import Budget, Guard
from tenken.evals.running.journal import journal_of, note_in
from tenken.evals.running.rescore import keep_parents
from tenken.io.files import ensure_writable, storage_error, write_atomically
from tenken.schema.plan import PLAN_FILE, Plan, PlannedTask, read_plan
from tenken.tasks.build import build

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model

    from tenken.evals.running.sweep.gate import Gate

LOGS: Final = "logs"
MOST_CONNECTIONS: Final = 512
"""Requests at once that an adaptive run may grow to."""

RESUME: Final = ".resume"
SALT: Final = "salt.hex"
SUPERSEDED: Final = "superseded"

_SIGNS: Final = frozenset("#?%")
_LOG_BUFFER: Final = 500
"""Samples between two writes of a log; each write copies the whole file (INSPECT: eval.py)."""


@dataclass(frozen=True)
class Caps:
    """What a run may spend; None for no cap."""

    max_cost: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Attributes:
        folder: The run's folder.
        stopped: Why it ended before its last sample; empty if it did not.
        tokens_in: Tokens read by models, over all attempts.
        tokens_out: Tokens written by models, over all attempts.
        cost: US dollars, where a price is known.
        failures: How many requests failed for which reason, in words for a person.
    """

    folder: Path
    stopped: str
    tokens_in: int
    tokens_out: int
    cost: float | None
    failures: Mapping[str, int]


def is_finished(folder: Path, plan: Plan) -> bool:
    """Whether the folder holds the whole and sealed answers to just this plan.

    Calibration cards may be others: they decide what the report corrects, and no question.
    """
    if not (folder / "seal.json").exists() or (folder / RESUME).exists():
        return False
    try:
        old = read_plan(folder)
    except InputError:
        return False
    same = old.model_copy(update={"calibration": plan.calibration})
    return same.to_bytes() == plan.to_bytes()


def with_committed_cards(folder: Path, plan: Plan) -> Plan:
    """Return the plan with the calibration cards of the one that was committed to, if any.

    A plan does not change once it is committed: cards that came later are not put into it.
    """
    try:
        old = read_plan(folder)
    except InputError:
        return plan
    kept = plan.model_copy(update={"calibration": old.calibration})
    return kept if kept.to_bytes() == old.to_bytes() else plan


def run_plan(
    plan: Plan,
    asked: Sequence[Asked],
    endpoint: Endpoint,
    folder: Path,
    *,
    caps: Caps | None = None,
    model: Model | None = None,
    roles: Mapping[str, Endpoint] | None = None,
    quiet: bool = False,
) -> RunOutcome:
    """Ask what is not yet answered and leave the logs in the run's folder.

    The folder must be `claimed`. Nothing is asked twice: finished samples are taken from the
    logs, and answers that no log had yet when a process was killed from the folder `.resume`.

    Args:
        plan: What to do.
        asked: The loaded tasks of the plan, in its order.
        endpoint: The model under test.
        folder: The run's folder.
        caps: What may be spent.
        model: Use this model instead of making the endpoint's (for tests).
        roles: The models in roles beside the one under test.
        quiet: Show no progress.

    Raises:
        StoppedError: Stopped from the keyboard; says how to go on.
        StorageError: The disk is full or not writable; what was logged is kept.
    """
    said = f"stopped. What was answered is kept in {folder}; give the same command again to go on."
    with interruptible(said), silent_console(), journal_of(folder):
        _prepare(plan, folder)
        made = model or make_model(endpoint)
        limits = caps or Caps()
        ledger = folder / RESUME / "spent.jsonl"
        budget = Budget(ledger, limits.max_cost, limits.max_tokens, endpoint.price)
        kept = KeptAnswers(folder / RESUME / "answers.jsonl")
        guard = Guard(budget, endpoint, kept)
        guard.wrap(made)
        judges = make_roles(roles or {})
        for role, judge in judges.items():
            Guard(budget, (roles or {})[role], kept, guard.peers, role=role).wrap(judge)
        tasks = [
            task_to_run(each.entry, planned, judges, planned.limit(plan.model))
            if isinstance(each.task, InspectLoaded)
            else _task(each, planned, planned.limit(plan.model))
            for each, planned in zip(asked, plan.tasks, strict=True)
        ]
        try:
            complete = _sweep_then_rest(
                plan, asked, tasks, made, judges, endpoint, folder, guard, quiet=quiet
            )
        finally:
            kept.close()
            budget.close()
            _set_aside_old_logs(plan, folder)
        if complete and not guard.why_stopped:
            shutil.rmtree(folder / RESUME, ignore_errors=True)
    spent = budget.tokens_in, budget.tokens_out, budget.cost
    failures: Counter[str] = Counter()
    for each in guard.peers:
        failures.update(each.said)
    return RunOutcome(folder, guard.why_stopped, *spent, failures)


def _prepare(plan: Plan, folder: Path) -> None:
    keep_parents(folder, SUPERSEDED)
    _set_aside_old_logs(plan, folder)
    write_atomically(folder / PLAN_FILE, plan.to_bytes())
    ensure_writable(folder / LOGS)
    ensure_writable(folder / RESUME)
    _write_salt(folder / LOGS / SALT)
    tune_process()


def _sweep_then_rest(
    plan: Plan,
    asked: Sequence[Asked],
    tasks: list[Task],
    model: Model,
    judges: dict[str, Model],
    endpoint: Endpoint,
    folder: Path,
    guard: Guard,
    *,
    quiet: bool,
) -> bool:
    """Ask the tasks of one call a sample first, then the others by Inspect's runner."""
    from tenken.evals.running.progress import Progress
    from tenken.evals.running.sweep.choose import takes_one_call
    from tenken.evals.running.sweep.log import remove_partial
    from tenken.evals.running.sweep.pool import SweepTask, run_sweep

    remove_partial(folder / LOGS)
    sweeps: list[SweepTask] = []
    rest: list[Task] = []
    for each, task, planned in zip(asked, tasks, plan.tasks, strict=True):
        if takes_one_call(each.task, task, planned):
            sweeps.append(SweepTask(planned, task, _log_of(planned, folder)))
        else:
            rest.append(task)
    complete = True
    if sweeps:
        with Progress(_counts(plan, folder), quiet=quiet) as progress:
            complete = run_sweep(
                sweeps,
                model,
                generate_config(endpoint),
                folder / LOGS,
                [guard, progress],
                gate=_gate(model, endpoint),
            )
    if rest:
        done = _evaluate(plan, rest, model, judges, endpoint, folder, guard, quiet=quiet)
        complete = done and complete
    for each_guard in guard.peers:
        if each_guard.broken is not None:
            raise each_guard.broken
    return complete


def _gate(model: Model, endpoint: Endpoint) -> Gate:
    """Return how many requests a sweep may have under way at once."""
    from tenken.evals.running.sweep.gate import Gate

    limit = endpoint.connections.max_connections
    if endpoint.model == EMBEDDED:
        limit = model.api.max_connections()
    return Gate(limit, MOST_CONNECTIONS if endpoint.connections.adaptive else None)


def _log_of(planned: PlannedTask, folder: Path) -> Path | None:
    wanted = (planned.log_name, f"{planned.version}+{planned.reuse_key[:20]}")
    return next((p for p in (folder / LOGS).glob("*.eval") if _contents(p)[0] == wanted), None)


def _evaluate(
    plan: Plan,
    tasks: list[Task],
    model: Model,
    judges: dict[str, Model],
    endpoint: Endpoint,
    folder: Path,
    guard: Guard,
    *,
    quiet: bool,
) -> bool:
    """Run the tasks and return whether each has all of its samples without an error."""
    from inspect_ai import eval_set

    from tenken.evals.running.hooks import followed_by
    from tenken.evals.running.progress import Progress

    progress = Progress(_counts(plan, folder), quiet=quiet)
    config = generate_config(endpoint)
    try:
        with progress, followed_by(guard, progress), _plain(folder / LOGS) as logs_here:
            complete, logs = eval_set(
                tasks,
                log_dir=str(logs_here),
                log_dir_allow_dirty=True,
                model=model,
                model_roles=dict(judges) or None,
                epochs=None,
                retry_attempts=1,
                retry_immediate=False,
                retry_cleanup=True,
                fail_on_error=True,
                continue_on_fail=True,
                max_tasks=1,
                max_samples=config.max_connections,
                display="none",
                log_level="critical",
                log_level_transcript="critical",
                score_display=False,
                log_realtime=False,
                log_model_api=False,
                log_images=False,
                log_buffer=_LOG_BUFFER,
                ctl_server=False,
                tags=["tenken"],
            )
    except OSError as error:
        raise _storage_error(folder / LOGS, error) from error
    for each in guard.peers:
        if each.broken is not None:
            raise each.broken
    if len(logs) < len(tasks):
        raise KeyboardInterrupt  # Inspect swallows it before a task has ended, and says success
    return complete


@contextmanager
def _plain(place: Path) -> Iterator[Path]:
    """Give a folder under a name without the signs that Inspect reads as parts of an address."""
    if not _SIGNS.intersection(str(place.absolute())):
        yield place
        return
    with TemporaryDirectory(prefix="tenken-") as other:
        link = Path(other) / LOGS
        link.symlink_to(place.absolute(), target_is_directory=True)
        yield link


def _storage_error(logs: Path, error: OSError) -> StorageError:
    """Return the error about the file that it is about: Inspect writes to the home folder too."""
    named = Path(os.fsdecode(error.filename)) if isinstance(error.filename, (str, bytes)) else logs
    inside = named.absolute().is_relative_to(logs.absolute().parent)
    found = storage_error(logs if inside else named, error)
    if inside:
        return found
    return StorageError(f"{found} Set HOME or XDG_DATA_HOME to a folder that can be written.")


def _task(asked: Asked, planned: PlannedTask, limit: int | None) -> Task:
    task = build(
        asked.task,
        asked.samples,
        version=f"{planned.version}+{planned.reuse_key[:20]}",
        scoring=asked.scoring,
        max_tokens=limit,
    )
    from inspect_ai import Epochs, task_with

    return task_with(task, epochs=Epochs(planned.epochs, "mean"))


def _set_aside_old_logs(plan: Plan, folder: Path) -> None:
    """Leave one log a task; those of other data, prompts or scorers are moved out of the way.

    Inspect leaves the log of an attempt that was killed beside the one that took it up.
    """
    wanted = {(task.log_name, f"{task.version}+{task.reuse_key[:20]}") for task in plan.tasks}
    fullest: dict[tuple[str, str], tuple[int, Path]] = {}
    paths = (folder / LOGS).glob("*.eval")
    for path in sorted(paths, key=lambda path: path.stat().st_mtime_ns):
        key, done = _contents(path)
        before = fullest.get(key, (0, None))
        if key not in wanted or before[0] > done:
            _set_aside(path, folder, key[0] if key not in wanted else "")
            continue
        if before[1] is not None:
            _set_aside(before[1], folder)
        fullest[key] = done, path


def _contents(path: Path) -> tuple[tuple[str, str], int]:
    """Return a log's task and version, empty if it cannot be read, and its finished samples."""
    from inspect_ai.log import read_eval_log, read_eval_log_sample_summaries

    try:
        spec = read_eval_log(str(path), header_only=True).eval
        done = sum(each.completed and not each.error for each in
                   read_eval_log_sample_summaries(str(path)))  # fmt: skip
    except Exception:
        return ("", ""), 0  # killed before the header was written: it holds nothing
    return (spec.task, str(spec.task_version)), done


def _set_aside(path: Path, folder: Path, voided: str = "") -> None:
    """Keep a log apart; `voided` is its task where its answers no longer count."""
    note_in(folder, "superseded", log=path.name, **({"task": voided} if voided else {}))
    try:
        (folder / SUPERSEDED).mkdir(exist_ok=True)
        os.replace(path, folder / SUPERSEDED / path.name)
    except OSError as error:
        raise storage_error(folder / SUPERSEDED, error) from error


def _counts(plan: Plan, folder: Path) -> dict[str, Any]:
    """Return the progress of each task, with what earlier attempts have finished."""
    from tenken.evals.running.progress import TaskProgress

    counts = {
        task.log_name: TaskProgress(task.name, len(task.samples) * task.epochs)
        for task in plan.tasks
    }
    for path in (folder / LOGS).glob("*.eval"):
        (name, _), done = _contents(path)
        if name in counts:
            counts[name].done = counts[name].before = done
    return counts


def _write_salt(path: Path) -> None:
    if not path.exists():
        write_atomically(path, secrets.token_hex(32).encode())
