"""What a worker does: ask a shard's questions within its leases."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from tenken.evals.models.endpoint import Price
from tenken.evals.models.make import make_model
from tenken.evals.process import silent_console
from tenken.evals.running.answers import asking
from tenken.evals.running.guard import Budget, Guard
from tenken.evals.running.sweep.call import Caller
from tenken.evals.running.sweep.gate import Gate
from tenken.evals.running.workers.journal import Journal
from tenken.evals.running.workers.shard import Question, Shard, ShardEnd, messages_from

if TYPE_CHECKING:
    from inspect_ai.model import GenerateConfig

_FREE = Price(input=0, output=0)


class CoordinatorGoneError(Exception):
    """The process that handed out the shard has ended: nobody would gather more answers."""


def ask_shard(shard: Shard) -> ShardEnd:
    """Ask a shard's questions and keep each answer in its journal.

    Args:
        shard: What to ask, of whom, within which leases.

    Returns:
        What became of it. Questions without an answer are for the coordinator to hand out again.

    Raises:
        EndpointError: The model cannot be set up here, such as for want of its key.
        OSError: The journal cannot be written.
    """
    endpoint, journal = shard.tested(), Journal(shard.journal)
    with TemporaryDirectory(prefix="tenken-") as own, silent_console():
        budget = Budget(
            Path(own) / "spent.jsonl",
            shard.lease.dollars,
            shard.lease.tokens,
            endpoint.price or (_FREE if shard.lease.dollars is None else None),
        )
        guard = Guard(budget, endpoint, journal, noting=journal.calls)
        model = guard.wrap(make_model(endpoint))
        caller = Caller(model, Gate(shard.lease.connections))
        work = _Work(caller, guard, shard, frozenset(journal.keys))
        try:
            asyncio.run(work.run())
        finally:
            journal.close()
            budget.close()
        if guard.broken is not None:
            raise guard.broken
        tokens = budget.tokens_in + budget.tokens_out
        return ShardEnd(
            shard.number, len(journal.lines), journal.digest, tokens, budget.dollars,
            work.failed, guard.why_stopped, work.lease_used_up, dict(guard.said),
            journal.calls.left(),
        )  # fmt: skip


class _Work:
    """The questions of a shard through the connections that are leased to it."""

    def __init__(self, caller: Caller, guard: Guard, shard: Shard, there: frozenset[str]) -> None:
        self.failed = 0
        self.lease_used_up = False
        self._caller, self._guard, self._shard, self._there = caller, guard, shard, there
        self._configs: dict[str, GenerateConfig] = {}

    async def run(self) -> None:
        questions = (each for each in self._shard.questions if each.key not in self._there)
        workers = [self._ask_all(questions) for _ in range(self._shard.lease.connections)]
        try:
            await asyncio.gather(*workers)
        finally:
            await self._caller.model.api.aclose()

    async def _ask_all(self, questions: Iterator[Question]) -> None:
        for question in questions:
            if self._guard.why_stopped:
                return
            if self._shard.parent and os.getppid() != self._shard.parent:
                raise CoordinatorGoneError
            await self._ask(question)

    async def _ask(self, question: Question) -> None:
        from tenken.evals.running.guard import SpendCapReachedError

        asking.set((question.task, question.sample, question.epoch))
        try:
            await self._caller.ask(messages_from(question.messages), self._config(question.config))
        except SpendCapReachedError:
            self.lease_used_up = True
        except Exception as error:  # whatever a provider raises: the question stays unanswered
            self.failed += 1
            self._guard.sample_failed(type(error).__name__)

    def _config(self, text: str) -> GenerateConfig:
        from inspect_ai.model import GenerateConfig

        if text not in self._configs:
            self._configs[text] = GenerateConfig.model_validate_json(text)
        return self._configs[text]
