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

from tenken.errors import InputError, Sentence, StorageError
from tenken.evals.asked import TaskSelection
from tenken.evals.models.endpoint import EMBEDDED, Endpoint
from tenken.evals.models.make import generate_config, make_model
from tenken.evals.models.roles import make_roles
from tenken.evals.process import interruptible, say, silent_console, tune_process
from tenken.evals.running.answers import KeptAnswers
from tenken.evals.running.guard import Budget, Guard
from tenken.evals.running.journal import current, journal_of
from tenken.evals.running.logs import LOGS, SUPERSEDED, Log, LogKey, key_of, tidy
from tenken.evals.running.rescore import keep_parents
from tenken.evals.running.reuse import Reuse, take_over
from tenken.evals.running.workers.coordinate import NO_WORKERS, Workers
from tenken.io.files import ensure_writable, storage_error, write_atomically
from tenken.schema.plan import PLAN_FILE, Plan, read_plan

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model

    from tenken.evals.running.progress import Progress, TaskProgress
    from tenken.evals.running.sweep.gate import Gate
    from tenken.evals.running.sweep.pool import SweepTask

MOST_CONNECTIONS: Final = 512
"""Requests at once that an adaptive run may grow to."""

RESUME: Final = ".resume"
SALT: Final = "salt.hex"

_SIGNS: Final = frozenset("#?%")
_LOG_BUFFER: Final = 500
"""Samples between two writes of a log; each write copies the whole file (INSPECT: eval.py)."""

_HOW: Final[dict[str, Any]] = {
    "log_dir_allow_dirty": True,
    "epochs": None,
    "retry_attempts": 1,
    "retry_immediate": False,
    "retry_cleanup": True,
    "fail_on_error": True,
    "continue_on_fail": True,
    "max_tasks": 1,
    "display": "none",
    "log_level": "critical",
    "log_level_transcript": "critical",
    "score_display": False,
    "log_realtime": False,
    "log_model_api": False,
    "log_images": True,
    "log_buffer": _LOG_BUFFER,
    "ctl_server": False,
    "tags": ["tenken"],
}
"""How Inspect's runner is asked to work: no display or server of its own, few writes."""


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
    """Return whether the folder holds complete and sealed answers to exactly this plan.

    Calibration cards may differ: they decide what the report corrects, not what is asked.

    Args:
        folder: The run's folder; it need not exist.
        plan: The plan that the same command makes now.
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

    Args:
        folder: The run's folder; it need not exist.
        plan: The plan that the same command makes now; returned as it is where no plan was
            committed, or where more than the cards differs.
    """
    try:
        old = read_plan(folder)
    except InputError:
        return plan
    kept = plan.model_copy(update={"calibration": old.calibration})
    return kept if kept.to_bytes() == old.to_bytes() else plan


def run_plan(
    plan: Plan,
    asked: Sequence[TaskSelection],
    endpoint: Endpoint,
    folder: Path,
    *,
    caps: Caps | None = None,
    model: Model | None = None,
    roles: Mapping[str, Endpoint] | None = None,
    judges: Mapping[str, Model] | None = None,
    quiet: bool = False,
    workers: Workers = NO_WORKERS,
    reuse: Reuse | None = None,
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
        model: Inspect's model of the endpoint, where it was made already.
        roles: The models in roles beside the one under test.
        judges: Inspect's models of the roles, where they were made already.
        quiet: Show no progress.
        workers: Who asks beside this process, what takes one call a sample.
        reuse: Earlier runs whose answers may be taken over; none where left out.

    Raises:
        StoppedError: Stopped from the keyboard; says how to go on.
        StorageError: The disk is full or not writable; what was logged is kept.
    """
    said = Sentence(
        "stopped. What was answered is kept in {folder}; give the same command again to go on.",
        folder=folder,
    )
    with interruptible(said), silent_console(), journal_of(folder):
        logs = _prepare(plan, folder)
        made = model or make_model(endpoint)
        limits = caps or Caps()
        ledger = folder / RESUME / "spent.jsonl"
        budget = Budget(ledger, limits.max_cost, limits.max_tokens, endpoint.price)
        kept = KeptAnswers(folder / RESUME / "answers.jsonl")
        _take_over(plan, folder, logs, kept, reuse or Reuse(), quiet=quiet)
        guard = Guard(budget, endpoint, kept)
        guard.wrap(made)
        judges = make_roles(roles or {}) if judges is None else judges
        for role, judge in judges.items():
            own = (roles or {})[role]
            Guard(budget, own, kept, guard.peers, role=role, meter=guard.meter).wrap(judge)
        work = _Work(plan, asked, endpoint, folder, made, judges, guard, logs, quiet, workers)
        try:
            complete = work.ask()
        finally:
            kept.close()
            budget.close()
            tidy(folder, plan)
        if complete and not guard.why_stopped:
            shutil.rmtree(folder / RESUME, ignore_errors=True)
            workers.clear(folder)
    spent = budget.tokens_in, budget.tokens_out, budget.cost
    failures: Counter[str] = Counter()
    for each in guard.peers:
        failures.update(each.said)
    return RunOutcome(folder, guard.why_stopped, *spent, failures)


def _take_over(
    plan: Plan, folder: Path, logs: Mapping[LogKey, Log], kept: KeptAnswers, reuse: Reuse,
    *, quiet: bool,
) -> None:  # fmt: skip
    try:
        take_over(plan, folder, logs, kept, reuse)
    except OSError as error:
        raise storage_error(folder / RESUME, error) from error
    for line in () if quiet else reuse.sentences(plan.reuse_days):
        say(line)


def _prepare(plan: Plan, folder: Path) -> Mapping[LogKey, Log]:
    keep_parents(folder, SUPERSEDED)
    logs = tidy(folder, plan)
    write_atomically(folder / PLAN_FILE, plan.to_bytes())
    ensure_writable(folder / LOGS)
    ensure_writable(folder / RESUME)
    _write_salt(folder / LOGS / SALT)
    tune_process()
    return logs


@dataclass(frozen=True)
class _Work:
    """What is asked of whom, and where it goes.

    Attributes:
        plan: What to do.
        asked: The loaded tasks of the plan, in its order.
        endpoint: The model under test, as it was addressed.
        folder: The run's folder.
        model: Inspect's model of it, guarded.
        judges: The models in roles, guarded.
        guard: What guards the model.
        logs: The logs of earlier attempts that are gone on with.
        quiet: Show no progress.
        workers: Who asks beside this process.
    """

    plan: Plan
    asked: Sequence[TaskSelection]
    endpoint: Endpoint
    folder: Path
    model: Model
    judges: Mapping[str, Model]
    guard: Guard
    logs: Mapping[LogKey, Log]
    quiet: bool
    workers: Workers

    def ask(self) -> bool:
        """Ask the tasks of one call a sample first, then the others by Inspect's runner.

        Returns:
            Whether each sample has an answer.

        Raises:
            StorageError: The disk is full or not writable; nothing is begun after that.
        """
        from tenken.evals.running.hooks import journal_first
        from tenken.evals.running.progress import Progress
        from tenken.evals.running.sweep.choose import takes_one_call
        from tenken.evals.running.sweep.log import remove_partial
        from tenken.evals.running.sweep.pool import SweepTask

        remove_partial(self.folder / LOGS)
        sweeps: list[SweepTask] = []
        rest: list[Task] = []
        for each, planned in zip(self.asked, self.plan.tasks, strict=True):
            limit, one_call = planned.limit(self.plan.model), takes_one_call(each.task, planned)
            task = each.task.to_inspect(each, planned, self.judges, limit, on_demand=one_call)
            if one_call:
                log = self.logs.get(key_of(planned))
                sweeps.append(SweepTask(planned, task, log.path if log else None))
            else:
                rest.append(journal_first(task, planned.log_name))
        counts, meter = _counts(self.plan, self.logs), self.guard.meter
        run = self.folder.name
        with Progress(counts, quiet=self.quiet, meter=meter, run=run) as progress:
            complete = self._sweep(sweeps, progress) if sweeps else True
            self._check_storage()
            if rest:
                complete = self._evaluate(rest, progress) and complete
        self._check_storage()
        return complete

    def _check_storage(self) -> None:
        for guard in self.guard.peers:
            if guard.broken is not None:
                raise guard.broken
        journal = current.get()
        if journal is not None and journal.broken is not None:
            raise journal.broken

    def _sweep(self, tasks: Sequence[SweepTask], progress: Progress) -> bool:
        from tenken.evals.running.sweep.pool import run_sweep
        from tenken.evals.running.workers.coordinate import ask_by_workers
        from tenken.evals.running.workers.shard import questions_of

        if self.workers:
            questions = questions_of(tasks, generate_config(self.endpoint))
            ask_by_workers(questions, self.guard, self.workers, self.folder, quiet=self.quiet)
        return run_sweep(
            tasks,
            self.model,
            generate_config(self.endpoint),
            self.folder / LOGS,
            [self.guard, progress],
            gate=_gate(self.model, self.endpoint),
            meter=self.guard.meter,
        )

    def _evaluate(self, tasks: list[Task], progress: Progress) -> bool:
        """Run the tasks and return whether each has all of its samples without an error."""
        from inspect_ai import eval_set

        from tenken.evals.running.hooks import followed_by

        connections = generate_config(self.endpoint).max_connections
        try:
            with followed_by(self.guard, progress), _plain(self.folder / LOGS) as logs_here:
                complete, logs = eval_set(
                    tasks,
                    log_dir=str(logs_here),
                    model=self.model,
                    model_roles=dict(self.judges) or None,
                    max_samples=connections,
                    **_HOW,
                )
        except OSError as error:
            raise _storage_error(self.folder / LOGS, error) from error
        except BaseException:  # a full journal's, in groups
            self._check_storage()
            raise
        self._check_storage()
        if len(logs) < len(tasks):
            raise KeyboardInterrupt  # Inspect swallows it before a task has ended: says success
        return complete


def _gate(model: Model, endpoint: Endpoint) -> Gate:
    """Return how many requests a sweep may have under way at once."""
    from tenken.evals.running.sweep.gate import Gate

    limit = endpoint.connections.max_connections
    if endpoint.model == EMBEDDED:
        limit = model.api.max_connections()
    return Gate(limit, MOST_CONNECTIONS if endpoint.connections.adaptive else None)


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
    said: Final = "{found} Set HOME or XDG_DATA_HOME to a folder that can be written."
    return StorageError(said, found=found)


def _counts(plan: Plan, logs: Mapping[LogKey, Log]) -> dict[str, TaskProgress]:
    """Return the progress of each task, with what earlier attempts have finished."""
    from tenken.evals.running.progress import TaskProgress

    counts = {}
    for task in plan.tasks:
        log = logs.get(key_of(task))
        done = log.done if log else 0
        total = len(task.samples) * task.epochs
        readable = frozenset(each.id for each in task.samples if task.shows(each.tags))
        counts[task.log_name] = TaskProgress(task.name, total, done, done, readable=readable)
    return counts


def _write_salt(path: Path) -> None:
    if not path.exists():
        write_atomically(path, secrets.token_hex(32).encode())
