"""How much an attack that adapts may use up, from what a suite sets."""

from __future__ import annotations

from typing import Any, Final, Literal

from tenken.errors import RuleError
from tenken.schema.plan import AttackBudget

BLOCKED_IS_SAFE: Final = "blocked_is_safe"
"""Key of an attacked sample's metadata: whether an answer that a filter withheld is safe."""

BUDGET: Final = "budget"
"""Key of an attacked sample's metadata that holds what the attack may use up."""

MOST_TURNS: Final = 100
MOST_CALLS: Final = 1_000
"""Calls to the model under test, for one request; a slip of the keyboard would ask for more."""


def budget_of(
    method: Literal["climb", "search"],
    *,
    turns: int,
    width: int = 1,
    branching: int = 1,
    prune: bool = False,
) -> AttackBudget:
    """Return what an attack may use up on one request.

    A search that prunes begins with one conversation, another with `width` of them (Mehrotra et
    al. 2023, section 4: PAIR is the tree of branching 1 that is not pruned).

    Args:
        method: How the attack goes about it.
        turns: Turns or rounds, from 1 to 100.
        width: Conversations that go on at once, at least 1.
        branching: Rewritings of each in a round, at least 1.
        prune: Whether rewritings are dropped.

    Raises:
        ValueError: A number is out of its range.
    """
    for name, value in (("turns", turns), ("width", width), ("branching", branching)):
        if not 1 <= value <= MOST_TURNS:
            raise RuleError(
                "{name} is {value}; write a number from 1 to {most_turns}",
                name=name,
                value=value,
                most_turns=MOST_TURNS,
            )
    first = 1 if prune else width
    target = turns if method == "climb" else branching * (first + (turns - 1) * width)
    if target > MOST_CALLS:
        raise RuleError(
            "that is {target} calls for each request; at most {most_calls} are allowed",
            target=target,
            most_calls=MOST_CALLS,
        )
    return AttackBudget(
        method=method, turns=turns, width=width, branching=branching, prune=prune, target=target,
        attacker=2 * target, judge=2 * target * (1 + prune),
    )  # fmt: skip


def budget_in(metadata: dict[str, Any]) -> AttackBudget | None:
    """Return the budget in a sample's metadata, None for a sample that no attacker is behind."""
    found = metadata.get(BUDGET)
    return AttackBudget.model_validate(found) if isinstance(found, dict) else None
