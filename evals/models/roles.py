"""Models in roles beside the one under test: graders, attackers; each named, none by default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tenken.errors import InputError
from tenken.evals.models.endpoint import Endpoint, read_endpoint
from tenken.evals.models.make import make_model

if TYPE_CHECKING:
    from inspect_ai.model import Model


REPLY_TOKENS = 1_000
"""Tokens of what a model in a role says, its reasoning beside them, where it reasons."""


def read_roles(given: Sequence[str] | None) -> dict[str, Endpoint]:
    """Return the endpoints that options such as `grader=MODEL` or `grader=FILE.yaml` name.

    Raises:
        InputError: An option is not of the form ROLE=MODEL, or a role is listed twice.
        SuiteError: A file breaks a rule.
    """
    found: dict[str, Endpoint] = {}
    for each in given or ():
        role, equals, name = each.partition("=")
        if not role or not equals or not name:
            raise InputError(f"--model-role '{each}': write ROLE=MODEL or ROLE=FILE.yaml.")
        if role in found:
            raise InputError(f"--model-role '{each}': the role '{role}' is bound already.")
        is_file = name.endswith((".yaml", ".yml"))
        found[role] = read_endpoint(Path(name)) if is_file else read_endpoint(None, model=name)
    return found


def make_roles(roles: Mapping[str, Endpoint]) -> dict[str, Model]:
    """Return Inspect's models for the roles; nothing is sent yet.

    Raises:
        EndpointError: A model cannot be set up.
    """
    return {role: make_model(each, REPLY_TOKENS) for role, each in sorted(roles.items())}
