"""What a run would do, before it does: calls, tokens, money, time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from tenken.evals.asked import TaskSelection
from tenken.evals.models.endpoint import Endpoint, Reasoning
from tenken.evals.planning.attackers import (
    MESSAGE,
    RoleForecast,
    read_in_attack,
    role_forecasts,
)
from tenken.evals.planning.graders import grader_roles
from tenken.evals.words import phrase
from tenken.schema.plan import ATTACK_TAG, NO_ATTACK
from tenken.tasks.solvers.budget import budget_in

_PER_CHARACTER = {"en": 0.25, "ja": 0.9}
"""Tokens for a character. No tokenizer is at hand for an endpoint that was not asked yet: these
are the usual order (about four English characters a token, about one token a Japanese one)."""

_OTHER_LANGUAGE = 0.6
"""Of languages that are not among these: more than English takes, as tokenizers have it."""

_FILE = 1000
"""Tokens of an image or another file: the order of what vendors count for an image of a page."""

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
        reasoning: Tokens out, among the others, that are there for the model's reasoning.
        graded: Calls to graders, beside the others; a judge may ask once more.
        roles: Where a task is asked under attacks that adapt, what each role takes at most.
        cost: US dollars at most, None where no price is known.
        seconds: At the given latency and connections.
    """

    tasks: list[TaskForecast]
    calls: int
    tokens_in: int
    tokens_out: int
    reasoning: int
    graded: int
    roles: dict[str, RoleForecast]
    cost: float | None
    seconds: float

    def sentence(self) -> str:
        """Return the forecast in one line, for the beginning of a run."""
        cost = phrase("forecast_cost", dollars=self.cost) if self.cost is not None else ""
        thought = phrase("forecast_thought", tokens=self.reasoning) if self.reasoning else ""
        return phrase(
            "forecast", calls=self.calls, tokens_in=self.tokens_in, tokens_out=self.tokens_out,
            thought=thought, cost=cost,
        )  # fmt: skip


def forecast(
    asked: Sequence[TaskSelection],
    endpoint: Endpoint,
    latency: float,
    roles: Mapping[str, Endpoint] | None = None,
) -> Forecast:
    """Return what asking will take.

    Args:
        asked: What will be asked.
        endpoint: The model under test, with its price, limits and connections.
        latency: Seconds for one call.
        roles: The models in roles beside it, for what attacks that adapt take of them.
    """
    price, connections = endpoint.price, endpoint.connections.max_connections
    tasks = [_task(each, endpoint) for each in asked]
    allowance = endpoint.reasoning.tokens if endpoint.reasoning else 0
    calls = sum(task.calls for task in tasks)
    read, written = sum(t.tokens_in for t in tasks), sum(t.tokens_out for t in tasks)
    cost = (read * price.input + written * price.output) / 1e6 if price else None
    graded = sum(_answers(each) * each.epochs * len(grader_roles(each.scoring)) for each in asked)
    in_roles = role_forecasts(asked, roles or {}, _OPEN_ANSWER)
    waits = calls + sum(each.calls for each in in_roles.values())
    seconds = ceil(waits / connections) * latency
    if in_roles and cost is not None:
        paid = [each.cost for each in in_roles.values()]
        cost = None if None in paid else cost + sum(each or 0.0 for each in paid)
    return Forecast(tasks, calls, read, written, calls * allowance, graded, in_roles, cost, seconds)


def _answers(asked: TaskSelection) -> int:
    """Return how many answers of a task are judged, at most."""
    budgets = (budget_in(sample.metadata) for sample in asked.samples)
    return sum(budget.target if budget else 1 for budget in budgets)


def if_it_reasons(
    asked: Sequence[TaskSelection], endpoint: Endpoint, latency: float
) -> Forecast | None:
    """Return the forecast for an endpoint that may turn out to reason.

    Args:
        asked: What will be asked.
        endpoint: The model under test, with its price, limits and connections.
        latency: Seconds for one call.

    Returns:
        The forecast with the default allowance for reasoning; None where the endpoint file says
        whether the model reasons.
    """
    if endpoint.reasoning is not None:
        return None
    reasoning = endpoint.model_copy(update={"reasoning": Reasoning()})
    return forecast(asked, reasoning, latency)


def _task(asked: TaskSelection, endpoint: Endpoint) -> TaskForecast:
    counts: dict[str, int] = {}
    for sample in asked.samples:
        counts[sample.language] = counts.get(sample.language, 0) + 1
    answer = asked.max_tokens or _OPEN_ANSWER
    calls, read = 0, 0.0
    for sample in asked.samples:
        rate = _PER_CHARACTER.get(sample.language, _OTHER_LANGUAGE)
        texts = asked.task.texts_of(sample)
        calls += len(texts)
        budget = budget_in(sample.metadata)
        if budget is not None:
            read += read_in_attack(budget, answer)
            continue
        # Each call of a conversation sends again what was said before it.
        before = float(_FILE * len(sample.files))
        for text in texts:
            before += len(text) * rate + _MESSAGE_OVERHEAD
            read += before
            before += answer
    written = calls * (endpoint.limit(answer) or answer) * asked.epochs
    return TaskForecast(
        asked.task.name, counts, calls * asked.epochs, round(read * asked.epochs), written
    )


def longest_prompt(asked: TaskSelection, endpoint: Endpoint) -> int:
    """Estimate how many tokens the longest prompt of a task has, earlier turns included.

    Args:
        asked: The task with its samples; a file counts as a fixed number of tokens.
        endpoint: The model under test, with its system prompt.

    Returns:
        Tokens, estimated from the number of characters in each language.
    """
    answer = asked.max_tokens or _OPEN_ANSWER
    system = len(endpoint.system_prompt or "") * _PER_CHARACTER["ja"]
    longest = 0.0
    for sample in asked.samples:
        texts = asked.task.texts_of(sample)
        rate = _PER_CHARACTER.get(sample.language, _OTHER_LANGUAGE)
        budget = budget_in(sample.metadata)
        if budget is not None:
            turns = budget.turns if budget.method == "climb" else 1
            longest = max(longest, turns * (MESSAGE + answer) - answer)
            continue
        said = sum(len(text) * rate + _MESSAGE_OVERHEAD for text in texts)
        said += _FILE * len(sample.files)
        longest = max(longest, said + answer * (len(texts) - 1))
    return round(longest + system)


def shape(asked: TaskSelection) -> dict[str, int]:
    """Return what the smallest detectable difference of a task's headline depends on."""
    counted = [
        sample
        for sample in asked.samples
        if sample.tags.get(ATTACK_TAG, NO_ATTACK) == NO_ATTACK or not asked.attacks
        if (measure := asked.task.measure_of(sample)) is not None and measure.headline
    ]
    return {
        "n": len(counted) * asked.epochs,
        "pairs": len({s.pair_id for s in counted}),
        "clusters": len({s.cluster for s in counted}),
    }
