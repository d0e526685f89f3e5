"""The attacks that adapt to the model's answers, and what a run sets for an attack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tenken.errors import InputError, RuleError, UnknownNameError
from tenken.io.documents import read_mapping
from tenken.schema.plan import AttackBudget, Bilingual, PlannedAttack, PublishedRate
from tenken.tasks.solvers.budget import budget_of

ROLES: Final = ("attacker", "grader")
"""The roles that must be bound where a task is asked under an attack that adapts."""

SOLVER: Final = "tenken/adapt"
"""The solver that such a task is asked by."""


@dataclass(frozen=True)
class Adaptive:
    """An attack that adapts.

    Attributes:
        title: What the report calls it.
        source: Where it was published.
        published: How often it succeeded there; None where no figure is at hand.
        defaults: What it may use up where nobody says otherwise, as arguments of `budget_of`.
    """

    name: str
    title: Bilingual
    source: str
    published: PublishedRate | None
    defaults: Mapping[str, Any]

    def budget(self, changes: Mapping[str, int] | None = None) -> AttackBudget:
        """Return what the attack may use up on one request.

        Args:
            changes: `turns`, `width` or `branching` in place of the default.

        Raises:
            ValueError: A key that the attack does not have, or a number out of its range.
        """
        has = [key for key in ("turns", "width", "branching") if key in self.defaults]
        for key in changes or {}:
            if key not in has:
                raise RuleError(UnknownNameError("key", key, has).sentence)
        return budget_of(**{**self.defaults, **(changes or {})})


@dataclass(frozen=True)
class AttackSettings:
    """What a run sets for its attacks.

    Attributes:
        budgets: What each attack that adapts may use up, by name; its default where left out.
        shots: Exchanges before the request in the attack `many_shot`; the few that it has by
            itself where left out.
    """

    budgets: Mapping[str, AttackBudget] = field(default_factory=dict)
    shots: int | None = None

    @staticmethod
    def planned(attacks: Iterable[PlannedAttack]) -> AttackSettings:
        """Return what a plan says of its attacks."""
        listed = list(attacks)
        return AttackSettings(
            {each.name: each.budget for each in listed if each.budget is not None},
            next((each.shots for each in listed if each.shots is not None), None),
        )

    def budget(self, name: str) -> AttackBudget:
        """Return what an attack that adapts may use up on one request."""
        return self.budgets.get(name) or ADAPTIVE[name].budget()


def budgets_of(given: Mapping[str, Mapping[str, int]], where: str) -> dict[str, AttackBudget]:
    """Return the budgets that a suite sets.

    Args:
        given: By the attack's name, `turns`, `width` or `branching`.
        where: What an error begins with.

    Raises:
        UnknownNameError: There is no attack of that name that adapts.
        InputError: A key or number that the attack does not take.
    """
    found = {}
    for name, changes in given.items():
        if name not in ADAPTIVE:
            raise UnknownNameError("attack that adapts", name, ADAPTIVE, where)
        try:
            found[name] = ADAPTIVE[name].budget(changes)
        except ValueError as error:
            raise InputError(
                "{where}: budgets.{name}: {error}.", where=where, name=name, error=error
            ) from None
    return found


def _adaptive(about: dict[str, Any]) -> Adaptive:
    title = Bilingual.model_validate(about["title"])
    found = about.get("published")
    published = PublishedRate.model_validate(found) if found else None
    return Adaptive(about["name"], title, about["source"], published, about["budget"])


_DATA: Final = read_mapping((Path(__file__).parent / "adaptive.yaml").read_bytes())

ADAPTIVE: Final[dict[str, Adaptive]] = {
    about["name"]: _adaptive(about) for about in _DATA["attacks"]
}
"""The attacks that adapt, by name, in the order in which they are asked and shown."""
