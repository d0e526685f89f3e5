"""Roles and the rights that each has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

Role = Literal["reader", "reviewer", "evaluator", "auditor", "administrator"]
Right = Literal[
    "read",
    "review",
    "uncover",
    "verify",
    "download",
    "see_acts",
    "start",
    "assign",
    "withdraw",
    "accounts",
]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
RIGHTS: Final[tuple[Right, ...]] = get_args(Right)

_RIGHTS_OF: Final[Mapping[Role, frozenset[Right]]] = {
    "reader": frozenset({"read"}),
    "reviewer": frozenset({"read", "review"}),
    "evaluator": frozenset(
        {"read", "review", "uncover", "verify", "download", "start", "assign", "withdraw"}
    ),
    "auditor": frozenset({"read", "uncover", "verify", "download", "see_acts"}),
    "administrator": frozenset(RIGHTS),
}  # fmt: skip


def may(role: str, right: Right) -> bool:
    """Return whether a role has a right; an unknown role has none.

    Args:
        role: Name of the role, as the database has it.
        right: The right that a page or an act asks for.
    """
    return any(right in rights for name, rights in _RIGHTS_OF.items() if name == role)
