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
    found: dict[str, str] = {}
    for each in given or ():
        role, equals, name = each.partition("=")
        if not role or not equals or not name:
            raise InputError(
                "--model-role '{each}': write ROLE=MODEL or ROLE=FILE.yaml.", each=each
            )
        if role in found:
            raise InputError("--model-role: '{role}' is given twice; give it once.", role=role)
        found[role] = name
    return endpoints_of(found)


def endpoints_of(roles: Mapping[str, str]) -> dict[str, Endpoint]:
    """Return the endpoint of each role, by a model string or the name of an endpoint file.

    Raises:
        SuiteError: A file breaks a rule.
    """
    return {
        role: read_endpoint(Path(name))
        if name.endswith((".yaml", ".yml"))
        else read_endpoint(None, model=name)
        for role, name in roles.items()
    }


def make_roles(roles: Mapping[str, Endpoint]) -> dict[str, Model]:
    """Return Inspect's models for the roles; nothing is sent yet.

    Raises:
        EndpointError: A model cannot be set up.
    """
    return {role: make_model(each, REPLY_TOKENS) for role, each in sorted(roles.items())}
