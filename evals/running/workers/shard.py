"""A shard: questions of one model with their leases, fit to be sent to another process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tenken.evals.models.endpoint import Endpoint
from tenken.evals.running.journal import WorkerWord

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessage, GenerateConfig

    from tenken.evals.running.sweep.pool import SweepTask


@dataclass(frozen=True, slots=True)
class Question:
    """One question to the model under test.

    Attributes:
        task: Name of the task in its log.
        sample: Id of the sample.
        epoch: Which time it is asked, from 1.
        messages: The conversation, as JSON.
        config: Parameters of the request, as JSON.
        key: Under which its answer is kept.
    """

    task: str
    sample: str | int
    epoch: int
    messages: str
    config: str
    key: str


@dataclass(frozen=True, slots=True)
class Lease:
    """What a shard may use.

    Attributes:
        connections: Requests under way at once.
        tokens: Tokens, in and out; None for no cap.
        dollars: US dollars; None for no cap.
    """

    connections: int
    tokens: int | None = None
    dollars: float | None = None


@dataclass(frozen=True, slots=True)
class Shard:
    """What a worker is given.

    Attributes:
        number: Which shard of this attempt it is.
        endpoint: The model under test, as JSON; its key is read from the worker's environment.
        questions: What to ask.
        lease: What may be used.
        journal: Where the answers go: a path or an fsspec URL.
        parent: Process that must be alive, on the same machine; 0 for none.
    """

    number: int
    endpoint: str
    questions: tuple[Question, ...]
    lease: Lease
    journal: str
    parent: int = 0

    def tested(self) -> Endpoint:
        """Return the model under test."""
        return Endpoint.model_validate_json(self.endpoint)


@dataclass(frozen=True, slots=True)
class ShardEnd:
    """What became of a shard.

    Attributes:
        number: Which shard it was.
        answered: Answers that are in its journal.
        digest: SHA-256 of the journal's lines, to be compared when they are gathered.
        tokens: Tokens used.
        dollars: US dollars, where the price is known.
        failed: Questions that were asked and got no answer.
        stopped: Why it ended before its last question; empty if it did not.
        lease_used_up: Whether that was its lease, not the endpoint.
        said: How many requests failed, by what the failure means.
        unanswered: The requests for questions that got no answer.
    """

    number: int
    answered: int
    digest: str
    tokens: int
    dollars: float
    failed: int
    stopped: str
    lease_used_up: bool
    said: dict[str, int]
    unanswered: tuple[WorkerWord, ...] = ()


def questions_of(tasks: Sequence[SweepTask], config: GenerateConfig) -> Iterator[Question]:
    """Yield the questions of the samples that no log has an answer for.

    Args:
        tasks: Tasks that take one call a sample.
        config: The endpoint's parameters; a task's own go before them.
    """
    from tenken.evals.models.make import with_system
    from tenken.evals.running.answers import asking, key_of
    from tenken.evals.running.sweep.log import finished
    from tenken.evals.running.sweep.sample import messages_of

    before = asking.get()
    try:
        for task in tasks:
            done = finished(task.earlier) if task.earlier else frozenset()
            merged = config.merge(task.task.config)
            told = merged.model_dump_json(exclude_none=True)
            for epoch in range(1, task.planned.epochs + 1):
                for sample in task.task.dataset:
                    if (str(sample.id), epoch) in done:
                        continue
                    asking.set((task.planned.log_name, sample.id or "", epoch))
                    messages = messages_of(sample)
                    key = key_of(with_system(messages, merged), merged, "")
                    yield Question(
                        task.planned.log_name, sample.id or "", epoch, _dumped(messages), told, key
                    )
    finally:
        asking.set(before)


def messages_from(text: str) -> list[ChatMessage]:
    """Return the messages of a question."""
    from inspect_ai.model import ChatMessage
    from pydantic import TypeAdapter

    adapter: TypeAdapter[list[ChatMessage]] = TypeAdapter(list[ChatMessage])
    return adapter.validate_json(text)


def _dumped(messages: Sequence[ChatMessage]) -> str:
    return json.dumps([each.model_dump(mode="json", exclude_none=True) for each in messages])
