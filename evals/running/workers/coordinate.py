"""Handing out shards until every question has an answer that is kept."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from tenken.errors import Sentence, StorageError
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.process import say
from tenken.evals.running.answers import KeptAnswers
from tenken.evals.running.guard import Guard
from tenken.evals.running.journal import WorkerWord, current, note_in
from tenken.evals.running.workers.journal import digest_of, gather, is_disk, remove
from tenken.evals.running.workers.lease import Leases
from tenken.evals.running.workers.pools import Lost, Pool, pool_of
from tenken.evals.running.workers.shard import Question, Shard, ShardEnd
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from inspect_ai.model import ModelOutput

SHARDS: Final = "shards"
_LARGEST: Final = 500
_SMALLEST: Final = 20
_ROUNDS: Final = 4
"""Shards that each worker gets, about: the last ones are small, so that none waits for another."""

_MOST_LOSSES: Final = 5
_LINE_EVERY: Final = 15.0


@dataclass(frozen=True)
class Workers:
    """Who asks beside this process.

    Attributes:
        count: Processes of this machine; 0 for none.
        cluster: Instead of them, a Dask scheduler (see `pools.pool_of`).
        journal: Where workers write their answers, a path or an fsspec URL that all of them
            reach; the run's folder where left out.
    """

    count: int = 0
    cluster: str | None = None
    journal: str | None = None

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return self.count > 0 or self.cluster is not None

    def place(self, folder: Path) -> str:
        """Return where the journals of a run are."""
        if self.journal is None:
            return str((folder / ".resume" / SHARDS).absolute())
        base = self.journal.rstrip("/")
        base = str(Path(base).absolute()) if is_disk(base) else base
        return f"{base}/{folder.name}"

    def clear(self, folder: Path) -> None:
        """Remove the journals of a run whose answers are all in its logs."""
        if self.journal is not None:
            remove(self.place(folder))


NO_WORKERS: Final = Workers()


def ask_by_workers(
    questions: Iterable[Question], guard: Guard, workers: Workers, folder: Path, *, quiet: bool
) -> None:
    """Let workers ask what nobody has an answer to; the answers are kept as those of a kill are.

    Questions that got no answer are left to whoever goes through the samples after this.

    Args:
        questions: What to ask.
        guard: What guards the model: its cap, its endpoint, its kept answers.
        workers: Who asks.
        folder: The run's folder.
        quiet: Show no progress.

    Raises:
        EndpointError: The model cannot be set up where the workers are.
        StoppedError: The workers are gone.
        StorageError: Workers are lost again and again, or an answer cannot be written.
    """
    kept = guard.kept
    assert isinstance(kept, KeptAnswers)  # noqa: S101 - a run's answers are always kept
    place = workers.place(folder)
    coordinator = _Coordinator(guard, guard.endpoint, kept, place, quiet)
    coordinator.take_over(place)
    waiting = [question for question in questions if not kept.has(question.key)]
    if not waiting:
        return
    note_in(folder, "handed_out", questions=len(waiting))
    with pool_of(workers.count, workers.cluster) as pool:
        coordinator.ask(waiting, pool)


@dataclass
class _Coordinator:
    guard: Guard
    endpoint: Endpoint
    kept: KeptAnswers
    place: str
    quiet: bool
    attempt: str = field(default_factory=lambda: uuid4().hex[:8])
    out: dict[int, Shard] = field(default_factory=dict)
    losses: int = 0
    total: int = 0
    answered: int = 0
    stopped: bool = False

    def ask(self, questions: Sequence[Question], pool: Pool) -> None:
        """Hand out shards, and take back what comes of them, until nothing is left to ask."""
        budget = self.guard.budget
        spent = budget.tokens_in + budget.tokens_out
        leases = Leases(
            self.endpoint.connections.max_connections,
            pool.size,
            None if budget.max_tokens is None else max(budget.max_tokens - spent, 0),
            None if budget.max_cost is None else max(budget.max_cost - budget.dollars, 0.0),
        )
        waiting, number = deque(questions), 0
        self.total = len(waiting)
        began = said = time.monotonic()
        while True:
            leases.workers = max(pool.size, 1)
            while waiting and len(self.out) < pool.size and not self.stopped:
                lease = leases.take(number)
                if lease is None:
                    break
                size = _size(len(waiting), pool.size)
                part = tuple(waiting.popleft() for _ in range(min(size, len(waiting))))
                journal = f"{self.place}/{self.attempt}-{number:06}.jsonl"
                shard = Shard(
                    number, self.endpoint.model_dump_json(), part, lease, journal, pool.parent
                )
                self.out[number] = shard
                pool.submit(shard)
                number += 1
            if not self.out:
                return
            for result in pool.results():
                waiting.extend(self._back(result, leases))
            if not self.quiet and time.monotonic() - said > _LINE_EVERY:
                said = time.monotonic()
                self._say(said - began, pool.size)

    def take_over(self, place: str) -> tuple[int, float, int]:
        """Keep the answers of journals that are not kept yet, and count what they cost.

        Returns:
            Tokens, US dollars and answers that were taken over.
        """
        from inspect_ai.model import ModelOutput, ModelUsage

        budget = self.guard.budget
        before = budget.tokens_in + budget.tokens_out, budget.dollars
        count = 0
        for key, told, answer in gather(place):
            if self.kept.has(key):
                continue
            usage = answer.get("usage")
            if usage is not None or answer["choices"][0].get("stop_reason") != "content_filter":
                parsed = ModelUsage.model_validate(usage) if usage is not None else None
                budget.spend(parsed, self.endpoint.price)
            self.kept.add(key, answer)
            _note(told, ModelOutput.model_validate(answer))
            count += 1
        after = budget.tokens_in + budget.tokens_out
        return after - before[0], budget.dollars - before[1], count

    def _back(self, result: ShardEnd | Lost, leases: Leases) -> list[Question]:
        """Take a shard back and return those of its questions that are to be asked again."""
        shard = self.out.pop(result.number)
        whole = isinstance(result, ShardEnd) and digest_of(shard.journal) == result.digest
        tokens, dollars, count = self.take_over(shard.journal)
        leases.give_back(result.number, tokens, dollars)
        self.answered += count
        left = [question for question in shard.questions if not self.kept.has(question.key)]
        if isinstance(result, ShardEnd) and whole:
            self.guard.said.update(result.said)
            for told in result.unanswered:
                _note(told, None)
            self.losses = 0 if count else self.losses
            if result.lease_used_up:
                return [] if leases.used_up else left
            self.stopped = self.stopped or bool(result.stopped)
            return []  # what failed is asked once more by whoever goes through the samples
        self.losses = 0 if count else self.losses + 1
        why = result.why if isinstance(result, Lost) else Sentence("its journal was changed")
        if not self.quiet:
            say(phrase("shard_again", number=result.number, why=why))
        if self.losses > _MOST_LOSSES:
            raise StorageError("workers are lost again and again; the last one: {why}.", why=why)
        return left

    def _say(self, seconds: float, workers: int) -> None:
        rate = self.answered / seconds
        told = phrase("workers_line", workers=workers, n=self.answered, all=self.total, rate=rate)
        left = (self.total - self.answered) / rate if rate else 0.0
        say(told + (phrase("workers_left", seconds=left) if rate else ""))


def _note(told: WorkerWord, output: ModelOutput | None) -> None:
    journal = current.get()
    if journal is not None:
        journal.told(told, output)


def _size(waiting: int, workers: int) -> int:
    return max(_SMALLEST, min(_LARGEST, waiting // (workers * _ROUNDS)))
