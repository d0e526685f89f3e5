"""What a run would do, before it does: calls, tokens, money, time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from tenken.evals.endpoint import Price
from tenken.evals.planning import Asked
from tenken.tasks.samples import measure_of

_PER_CHARACTER = {"en": 0.25, "ja": 0.9}
"""Tokens for a character. No tokenizer is at hand for an endpoint that was not asked yet: these
are the usual order (about four English characters a token, about one token a Japanese one)."""

_MESSAGE_OVERHEAD = 8
"""Tokens that a chat template adds to a prompt."""

_OPEN_ANSWER = 400
"""Tokens of an answer that nothing limits."""


@dataclass(frozen=True)
class TaskForecast:
    """What one task will ask for; tokens are estimates, output tokens an upper end."""

    name: str
    samples: dict[str, int]
    calls: int
    tokens_in: int
    tokens_out: int


@dataclass(frozen=True)
class Forecast:
    """What a run will ask for.

    Attributes:
        cost: US dollars at most, None where no price is known.
        seconds: At the given latency and connections.
    """

    tasks: list[TaskForecast]
    calls: int
    tokens_in: int
    tokens_out: int
    cost: float | None
    seconds: float

    def sentence(self) -> str:
        """Return the forecast in one line, for the beginning of a run."""
        cost = f", at most {self.cost:.2f} US dollars" if self.cost is not None else ""
        return (
            f"{self.calls} calls, about {self.tokens_in:,} tokens in and at most "
            f"{self.tokens_out:,} out{cost}"
        )


def forecast(
    asked: Sequence[Asked], *, price: Price | None, latency: float, connections: int
) -> Forecast:
    """Return what asking will take.

    Args:
        asked: What will be asked.
        price: US dollars for a million tokens.
        latency: Seconds for one call.
        connections: Calls under way at once.
    """
    tasks = [_task(each) for each in asked]
    calls = sum(task.calls for task in tasks)
    read, written = sum(t.tokens_in for t in tasks), sum(t.tokens_out for t in tasks)
    cost = (read * price.input + written * price.output) / 1e6 if price else None
    return Forecast(tasks, calls, read, written, cost, ceil(calls / connections) * latency)


def _task(asked: Asked) -> TaskForecast:
    counts: dict[str, int] = {}
    for sample in asked.samples:
        counts[sample.language] = counts.get(sample.language, 0) + 1
    calls = len(asked.samples) * asked.epochs
    read = sum(size * _PER_CHARACTER[lang] for lang, size in asked.characters.items())
    read += len(asked.samples) * _MESSAGE_OVERHEAD
    written = calls * (asked.max_tokens or _OPEN_ANSWER)
    return TaskForecast(asked.task.name, counts, calls, round(read * asked.epochs), written)


def shape(asked: Asked) -> dict[str, int]:
    """Return what the smallest detectable difference of a task's headline depends on."""
    card = asked.task.card
    counted = [s for s in asked.samples if (m := measure_of(card, s)) is not None and m.headline]
    return {
        "n": len(counted) * asked.epochs,
        "pairs": len({s.pair_id for s in counted}),
        "clusters": len({s.cluster for s in counted}),
    }
