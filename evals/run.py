"""Running a plan over Inspect's eval_set, in a folder that goes on where it was stopped."""

from __future__ import annotations

import gc
import os
import secrets
import shutil
import signal
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import InputError, StoppedError
from tenken.evals.endpoint import Endpoint, generate_config, make_model
from tenken.evals.guard import Budget, Guard
from tenken.evals.planning import Asked
from tenken.files import ensure_writable, storage_error, write_atomically
from tenken.plan import PLAN_FILE, Plan, PlannedTask, read_plan
from tenken.tasks.build import build, make_scorer

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model

LOGS: Final = "logs"
RESUME: Final = ".resume"
SALT: Final = "salt.hex"
SUPERSEDED: Final = "superseded"

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
    """

    folder: Path
    stopped: str
    tokens_in: int
    tokens_out: int
    cost: float | None


def is_finished(folder: Path, plan: Plan) -> bool:
    """Whether the folder holds the whole and sealed result of just this plan."""
    if not (folder / "seal.json").exists() or (folder / RESUME).exists():
        return False
    try:
        return read_plan(folder).to_bytes() == plan.to_bytes()
    except InputError:
        return False


def run_plan(
    plan: Plan,
    asked: Sequence[Asked],
    endpoint: Endpoint,
    folder: Path,
    *,
    caps: Caps | None = None,
    model: Model | None = None,
    quiet: bool = False,
    scorers: Mapping[str, Any] | None = None,
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
        quiet: Show no progress.
        scorers: Scorers by task instead of those of the plan (for tests).

    Raises:
        StoppedError: Stopped from the keyboard; says how to go on.
        StorageError: The disk is full or not writable; what was logged is kept.
    """
    _set_aside_old_logs(plan, folder)
    (folder / "seal.json").unlink(missing_ok=True)
    write_atomically(folder / PLAN_FILE, plan.to_bytes())
    ensure_writable(folder / LOGS)
    ensure_writable(folder / RESUME)
    _write_salt(folder / LOGS / SALT)
    os.environ["INSPECT_CACHE_DIR"] = str((folder / RESUME).resolve())
    _tune_process()
    made = model or make_model(endpoint)
    limits = caps or Caps()
    budget = Budget(
        folder / RESUME / "spent.jsonl", limits.max_cost, limits.max_tokens, endpoint.price
    )
    secret = endpoint.secret()
    guard = Guard(
        budget, endpoint.connections.stop_after_errors, (secret,) if secret else ()
    )
    guard.wrap(made)
    tasks = [_task(each, planned) for each, planned in zip(asked, plan.tasks, strict=True)]
    complete = _evaluate(plan, tasks, made, endpoint, folder, guard, quiet=quiet)
    stopped = guard.stopped
    if complete and not stopped:
        shutil.rmtree(folder / RESUME, ignore_errors=True)
    return RunOutcome(folder, stopped, budget.tokens_in, budget.tokens_out, budget.cost)


def _evaluate(
    plan: Plan,
    tasks: list[Task],
    model: Model,
    endpoint: Endpoint,
    folder: Path,
    guard: Guard,
    *,
    quiet: bool,
) -> bool:
    """Run the tasks and return whether each has all of its samples without an error."""
    from inspect_ai import eval_set

    from tenken.evals.progress import Progress
    from tenken.tasks.asking import keep_answers

    progress = Progress(_counts(plan, folder), guard, quiet=quiet)
    token = keep_answers.set(plan.run)
    config = generate_config(endpoint)
    try:
        with progress, _interruptible(), _silent_console():
            complete, _ = eval_set(
                tasks,
                log_dir=str(folder / LOGS),
                log_dir_allow_dirty=True,
                model=model,
                epochs=None,
                retry_attempts=1,
                retry_immediate=False,
                retry_cleanup=True,
                fail_on_error=True,
                continue_on_fail=True,
                max_tasks=1,
                max_samples=config.max_connections or model.api.max_connections(),
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
    except KeyboardInterrupt:
        raise StoppedError(
            f"stopped. What was answered is kept in {folder}; "
            "give the same command again to go on."
        ) from None
    except OSError as error:
        raise storage_error(folder / LOGS, error) from error
    finally:
        keep_answers.reset(token)
    return complete


def _task(asked: Asked, planned: PlannedTask) -> Task:
    task = build(
        asked.task,
        asked.samples,
        version=f"{planned.version}+{planned.reuse_key[:20]}",
        scorer=make_scorer(asked.scoring),
        max_tokens=planned.max_tokens,
    )
    from inspect_ai import Epochs, task_with

    return task_with(task, epochs=Epochs(planned.epochs, "mean"))


def _set_aside_old_logs(plan: Plan, folder: Path) -> None:
    """Move logs of other data, prompts or scorers out of the way; nothing is deleted."""
    from inspect_ai.log import read_eval_log

    wanted = {(task.log_name, f"{task.version}+{task.reuse_key[:20]}") for task in plan.tasks}
    for path in sorted((folder / LOGS).glob("*.eval")):
        try:
            spec = read_eval_log(str(path), header_only=True).eval
            fits = (spec.task, str(spec.task_version)) in wanted
        except Exception:
            fits = False  # killed before the header was written: it holds nothing
        if not fits:
            (folder / SUPERSEDED).mkdir(exist_ok=True)
            os.replace(path, folder / SUPERSEDED / path.name)


def _counts(plan: Plan, folder: Path) -> dict[str, Any]:
    """Return the progress of each task, with what earlier attempts have finished."""
    from inspect_ai.log import read_eval_log_sample_summaries

    from tenken.evals.progress import TaskProgress

    counts = {
        task.log_name: TaskProgress(task.name, len(task.samples) * task.epochs)
        for task in plan.tasks
    }
    for path in sorted((folder / LOGS).glob("*.eval")):
        with suppress(Exception):  # a log that cannot be read is run again
            name = next((n for n in counts if f"_{n.replace('/', '-').replace('_', '-')}_" in
                         path.name), None)
            if name is not None:
                summaries = read_eval_log_sample_summaries(str(path))
                done = sum(1 for each in summaries if each.completed and not each.error)
                counts[name].done = counts[name].before = max(done, counts[name].done)
    return counts


def _write_salt(path: Path) -> None:
    if not path.exists():
        write_atomically(path, secrets.token_hex(32).encode())


def _tune_process() -> None:
    """Make one process ask faster: see docs/adr/0004-speed.md for what each is worth."""
    import asyncio

    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    with suppress(ImportError), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM stop a run as cleanly as the keyboard does."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    old = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, old)


@contextmanager
def _silent_console() -> Iterator[None]:
    """Keep Inspect's closing words off the terminal: the command says how the run ended."""
    import rich

    console = rich.get_console()
    old, console.quiet = console.quiet, True
    try:
        yield
    finally:
        console.quiet = old
