"""All samples of all tasks through one pool of connections.

The tail of one task overlaps the beginning of the next. Every answer is kept by whatever guards
the model before it comes back here, so that a killed run asks nothing twice.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tenken.evals.running.answers import asking
from tenken.evals.running.journal import note_end
from tenken.evals.running.meter import Meter
from tenken.evals.running.sweep.call import Caller
from tenken.evals.running.sweep.gate import Gate
from tenken.evals.running.sweep.log import SweepLog, finished
from tenken.evals.running.sweep.sample import (
    SampleResult,
    error_of,
    messages_of,
    record_of,
    score_of,
)
from tenken.schema.plan import PlannedTask

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.log import EvalLog
    from inspect_ai.model import ChatMessage, GenerateConfig, Model, ModelName, ModelOutput
    from inspect_ai.scorer import Scorer

    from tenken.evals.running.hooks import Listener


@dataclass
class SweepTask:
    """A task that takes one call a sample.

    Attributes:
        planned: The task as planned.
        task: Inspect's task, built.
        earlier: A log of an earlier attempt, whose finished samples are taken over.
    """

    planned: PlannedTask
    task: Task
    earlier: Path | None = None
    failed: int = field(default=0, init=False)
    left: int = field(default=0, init=False)
    scored: int = field(default=0, init=False)
    unscored: int = field(default=0, init=False)
    total: float = field(default=0.0, init=False)

    @property
    def scorer(self) -> Scorer:
        """The task's one scorer, which asks no model."""
        return next(iter(self.task.scorer or ()))

    @property
    def score_name(self) -> str:
        """Name of the score in the log."""
        return self.planned.scorer.score_name


def run_sweep(
    tasks: Sequence[SweepTask],
    model: Model,
    config: GenerateConfig,
    folder: Path,
    listeners: Sequence[Listener],
    *,
    gate: Gate,
    meter: Meter | None = None,
) -> bool:
    """Ask every sample that no log has an answer for, and write one log a task.

    Args:
        tasks: What to ask.
        model: The model, with whatever guards it around `api.generate`.
        config: The endpoint's parameters; a task's own `max_tokens` goes before them.
        folder: Where the logs go.
        listeners: Whoever follows the samples as they end.
        gate: How many requests may be under way at once.
        meter: Where retries and waits are counted.

    Returns:
        Whether each sample has an answer.

    Raises:
        KeyboardInterrupt: Stopped; the logs hold what had ended.
        StorageError: A log cannot be written.
    """
    sweep = _Sweep(Caller(model, gate, meter or Meter()), config, folder, listeners)
    try:
        asyncio.run(sweep.run(tasks))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    return all(task.failed == task.left == 0 for task in tasks)


@dataclass(frozen=True)
class _Job:
    """One question: a sample of a task in an epoch, and the messages that put it."""

    task: SweepTask
    log: SweepLog
    config: GenerateConfig
    sample: Sample
    epoch: int
    said: list[ChatMessage]

    @property
    def key(self) -> tuple[str, str | int, int]:
        """The task's name in logs, the sample's id and the epoch."""
        return self.task.planned.log_name, self.sample.id or "", self.epoch


_Answers: TypeAlias = "asyncio.Queue[tuple[_Job, SampleResult, ModelOutput] | None]"
"""Jobs with how they ended and what they were answered; None after the last."""

_WAITING: Final = 2
"""Answers a worker that may wait to be judged and written."""


@dataclass
class _Sweep:
    caller: Caller
    config: GenerateConfig
    folder: Path
    listeners: Sequence[Listener]
    open: dict[str, tuple[SweepTask, SweepLog]] = field(default_factory=dict)

    @cached_property
    def model_name(self) -> ModelName:
        """Name of the model, made once for all samples."""
        from inspect_ai.model import ModelName

        return ModelName(self.caller.model)

    async def run(self, tasks: Sequence[SweepTask]) -> None:
        """Ask by many workers at once, and keep what they bring in one task beside them.

        The next request is on its way before an answer is judged and written.
        """
        number = self.caller.gate.most or self.caller.gate.limit
        answers: _Answers = asyncio.Queue(_WAITING * number)
        keeper = asyncio.create_task(self._keep_all(answers))
        askers = asyncio.create_task(self._ask_all(self._jobs(tasks), answers, number))
        try:
            await asyncio.wait([askers, keeper], return_when=asyncio.FIRST_COMPLETED)
            if not keeper.done():  # it ends first only where it cannot write
                await askers
        finally:
            askers.cancel()
            await asyncio.wait([askers])
            last = asyncio.create_task(answers.put(None))
            # It finds no room where the keeper ends by an error while the queue is full.
            await asyncio.wait([last, keeper], return_when=asyncio.FIRST_COMPLETED)
            last.cancel()
            try:
                await keeper
            finally:
                for task, log in list(self.open.values()):
                    self._close(task, log, "cancelled")

    async def _ask_all(self, jobs: Iterator[_Job], answers: _Answers, number: int) -> None:
        await asyncio.gather(*(self._work(jobs, answers) for _ in range(number)))

    def _jobs(self, tasks: Sequence[SweepTask]) -> Iterator[_Job]:
        """Yield the questions task by task; a task's log is begun with its first."""
        for task in tasks:
            done = finished(task.earlier) if task.earlier else frozenset()
            waiting = [
                (place, epoch)
                for epoch in range(1, task.planned.epochs + 1)
                for place, sample in enumerate(task.planned.samples)
                if (sample.id, epoch) not in done
            ]
            if task.earlier is not None and not waiting:
                continue
            task.left = len(waiting)
            log = SweepLog(self.folder / _file_name(task), self._header(task, "started"))
            self.open[task.planned.name] = task, log
            if task.earlier is not None:
                log.take_over(task.earlier, done)
            for listener in self.listeners:
                listener.started(task.planned.log_name)
            config = self.config.merge(task.task.config)
            for place, epoch in waiting:  # made when asked: all at once would not be flat
                sample = task.task.dataset[place]
                yield _Job(task, log, config, sample, epoch, messages_of(sample))

    async def _work(self, jobs: Iterator[_Job], answers: _Answers) -> None:
        for job in jobs:
            how = await self._ask(job)
            if how.output is None:  # there is nothing to judge, and the guard is to know at once
                self._keep(job, how)
            else:
                await answers.put((job, how, how.output))

    async def _keep_all(self, answers: _Answers) -> None:
        while (answer := await answers.get()) is not None:
            job, how, output = answer
            self._keep(job, await self._judged(job, how, output))
            await asyncio.sleep(0)  # whatever came in meanwhile goes first

    async def _ask(self, job: _Job) -> SampleResult:
        started = time.time()
        asking.set(job.key)
        try:
            output = await self.caller.ask(job.said, job.config)
        except Exception as error:  # whatever a provider raises ends the sample, no more
            return SampleResult(None, None, error_of(error), started, time.time())
        output.time = time.time() - started
        return SampleResult(output, None, None, started, time.time())

    async def _judged(self, job: _Job, how: SampleResult, output: ModelOutput) -> SampleResult:
        asking.set(job.key)
        scorer, score, error = job.task.scorer, None, None
        try:
            score = await score_of(scorer, job.sample, job.epoch, job.said, output, self.model_name)
        except Exception as failure:  # whatever a scorer raises ends the sample, no more
            error = error_of(failure)
        return SampleResult(how.output, score, error, how.started, time.time())

    def _keep(self, job: _Job, how: SampleResult) -> None:
        task = job.task
        name = task.score_name
        record = record_of(job.sample, job.epoch, job.said, how, name, str(self.model_name))
        error = how.error.message.split("(", 1)[0].strip() if how.error else ""
        given = how.score.value if how.score else None
        # The journal goes first: no log may hold what the journal had no room to say.
        note_end(task.planned.log_name, job.sample.id, job.epoch, how.output, error, given)
        job.log.add(record)
        task.left -= 1
        task.failed += how.error is not None
        task.unscored += how.unscored
        if how.score is not None and not how.unscored:
            task.scored += 1
            value = how.score.value
            task.total += float(value) if isinstance(value, (int, float)) else 0.0
        for listener in self.listeners:
            listener.ended(
                task.planned.log_name, unscored=how.unscored, error=error, reason=how.reason,
                sample=str(job.sample.id), answer=how.output.completion if how.output else "",
            )  # fmt: skip
        if task.left == 0:
            self._close(task, job.log)

    def _close(self, task: SweepTask, log: SweepLog, status: str = "") -> None:
        del self.open[task.planned.name]
        log.close(self._header(task, status or ("error" if task.failed else "success")))
        if task.earlier is not None and task.earlier != log.path:
            task.earlier.unlink(missing_ok=True)  # begun in the same second, they have one name

    def _header(self, task: SweepTask, status: Any) -> EvalLog:
        from inspect_ai.log import EvalLog, EvalPlan, EvalPlanStep, EvalStats

        solver = EvalPlanStep(solver="tenken/ask")
        return EvalLog(
            status=status,
            eval=self._spec(task),
            plan=EvalPlan(steps=[solver], config=self.config.merge(task.task.config)),
            results=_results(task) if status != "started" else None,
            stats=EvalStats(started_at=_now(), completed_at=_now()),
        )

    def _spec(self, task: SweepTask) -> Any:
        from inspect_ai.log import EvalConfig, EvalDataset, EvalSpec

        planned = task.planned
        return EvalSpec(
            created=_now(),
            task=planned.log_name,
            task_version=planned.log_version,
            task_registry_name=planned.log_name,
            dataset=EvalDataset(name=planned.name, samples=len(planned.samples)),
            model=str(self.model_name),
            model_generate_config=self.config,
            model_base_url=self.caller.model.api.base_url,
            config=EvalConfig(epochs=planned.epochs),
            packages=_packages(),
            metadata=task.task.metadata,
            tags=["tenken"],
        )


def _results(task: SweepTask) -> Any:
    """Return the summary that Inspect's viewer shows; the report's figures are not made of it."""
    from inspect_ai.log import EvalMetric, EvalResults, EvalScore

    mean = task.total / task.scored if task.scored else float("nan")
    score = EvalScore(
        name=task.score_name,
        scorer=task.planned.scorer.name,
        scored_samples=task.scored,
        unscored_samples=task.unscored,
        metrics={"mean": EvalMetric(name="mean", value=mean)},
    )
    count = len(task.planned.samples) * task.planned.epochs
    return EvalResults(total_samples=count, completed_samples=count - task.failed, scores=[score])


def _packages() -> dict[str, str]:
    from importlib.metadata import version

    return {"inspect_ai": version("inspect-ai")}


def _file_name(task: SweepTask) -> str:
    stamp = datetime.now(UTC).isoformat(timespec="seconds").replace(":", "-").replace("+", "-")
    name = task.planned.log_name.rsplit("/", 1)[-1].replace("_", "-")
    return f"{stamp}_{name}_{task.planned.reuse_key[:22]}.eval"


def _now() -> Any:
    return datetime.now(UTC).isoformat(timespec="seconds")
