"""What attacks that adapt take of the models in roles: calls, tokens, money, at most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tenken.evals.asked import TaskSelection
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.roles import REPLY_TOKENS
from tenken.evals.planning.graders import grader_roles
from tenken.schema.plan import AttackBudget
from tenken.tasks.attacks.adaptive import ROLES
from tenken.tasks.build import adapts
from tenken.tasks.solvers.adapt import readings
from tenken.tasks.solvers.budget import budget_in

MESSAGE: Final = REPLY_TOKENS
"""Tokens of an attacker's message, at most: those of its reply."""

_RUBRIC: Final = 1_500
"""Tokens of what a model in a role is told, at most; the rubrics of harm are the longest."""


@dataclass(frozen=True)
class RoleForecast:
    """What a model in a role is asked for; all figures are upper ends.

    Attributes:
        calls: Calls, each that may be made once more among them.
        tokens_in: Tokens that it reads.
        tokens_out: Tokens that it writes.
        cost: US dollars; None where no price is known.
    """

    calls: int
    tokens_in: int
    tokens_out: int
    cost: float | None


def role_forecasts(
    asked: Sequence[TaskSelection], roles: Mapping[str, Endpoint], answer: int
) -> dict[str, RoleForecast]:
    """Return what attacks that adapt take of each role, none where no task is under one.

    Args:
        asked: What will be asked.
        roles: The models in roles, with their prices and limits; a role may be left open.
        answer: Tokens of an answer of the tested model, where a task does not limit it.
    """
    adapting = [each for each in asked if adapts(each.samples)]
    if not adapting:
        return {}
    names = dict.fromkeys([*ROLES, *(r for each in adapting for r in grader_roles(each.scoring))])
    found = {}
    for role in names:
        calls = read = 0
        for each in adapting:
            for n, tokens in _calls(each, role, each.max_tokens or answer):
                calls += n * each.epochs
                read += tokens * each.epochs
        found[role] = _priced(calls, read, roles.get(role))
    return found


def read_in_attack(budget: AttackBudget, answer: int) -> int:
    """Return how many tokens the tested model reads under an attack that adapts, at most.

    Args:
        budget: What the attack may use up.
        answer: Tokens of an answer.
    """
    if budget.method == "search":
        return budget.target * MESSAGE
    return sum(MESSAGE + turn * (MESSAGE + answer) for turn in range(budget.turns))


def _calls(asked: TaskSelection, role: str, answer: int) -> Iterator[tuple[int, int]]:
    """Yield numbers of calls to a role, each with the tokens that all of them read at most."""
    judging = grader_roles(asked.scoring).count(role)
    for sample in asked.samples:
        budget = budget_in(sample.metadata)
        tries = budget.target if budget else 1
        if judging:
            # A reply that is of no use is asked for once more, and a few answers twice.
            again = max(readings(sample.id, epoch + 1) for epoch in range(asked.epochs))
            n = 2 * tries * again * judging
            yield n, n * (_RUBRIC + MESSAGE + answer)
        if budget is None:
            continue
        if role == ROLES[0]:
            yield budget.attacker, _attacker_reads(budget, answer)
        elif role == ROLES[1]:
            yield budget.judge, budget.judge * (_RUBRIC + MESSAGE + answer)


def _attacker_reads(budget: AttackBudget, answer: int) -> int:
    """Return how many tokens an attacker reads: each message with all that came before it."""
    first = budget.target - (budget.turns - 1) * budget.width * budget.branching
    sizes = [first, *[budget.width * budget.branching] * (budget.turns - 1)]
    once = sum(
        size * (_RUBRIC + MESSAGE + turn * (MESSAGE + answer)) for turn, size in enumerate(sizes)
    )
    return 2 * once


def _priced(calls: int, read: int, endpoint: Endpoint | None) -> RoleForecast:
    limit = endpoint.limit(REPLY_TOKENS) if endpoint else None
    written = calls * (limit or REPLY_TOKENS)
    price = endpoint.price if endpoint else None
    cost = (read * price.input + written * price.output) / 1e6 if price else None
    return RoleForecast(calls, read, written, cost)
