"""The models that another package's task asks beside the tested one, each of them named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tenken.errors import InputError
from tenken.evals.models.endpoint import is_same_model
from tenken.inspect_private import arguments_of, short_name

if TYPE_CHECKING:
    from tenken.evals.models.endpoint import Endpoint
    from tenken.evals.suite import SuiteTask


def roles_of(entry: SuiteTask) -> list[str]:
    """Return the roles that an entry's task asks: those in its arguments, and its graders."""
    named = [v["role"] for v in entry.args.values() if is_role(v)]
    return sorted({*named, *entry.graders})


def check_roles(entry: SuiteTask, tested: Endpoint, roles: Mapping[str, Endpoint]) -> None:
    """Refuse a judge that is not named, or that would be the tested model itself.

    Args:
        entry: The suite's entry of the task; says which roles it asks.
        tested: The model under test.
        roles: The models in other roles, as the command line binds them.

    Raises:
        InputError: A role has no model, or the tested one.
    """
    for role in roles_of(entry):
        judge = roles.get(role)
        if judge is None:
            raise InputError(
                "the task '{task}' asks a model in the role '{role}': bind one with "
                "--model-role {role}=MODEL.",
                task=entry.task,
                role=role,
            )
        if is_same_model(judge, tested.planned()):
            raise InputError(
                "the tested model {model} would judge itself in the task '{task}': bind "
                "another model to the role '{role}'.",
                model=tested.model,
                task=entry.task,
                role=role,
            )


def check_own_role(entry: SuiteTask, scorer: Any) -> None:
    """Refuse a scorer that would ask an undeclared role, and so let the model judge itself.

    Args:
        entry: The suite's entry of the task; says which roles it asks.
        scorer: The scorer that the package's task brings, as Inspect made it.

    Raises:
        InputError: The suite does not say that the role is asked.
    """
    given = arguments_of(scorer)
    asks = "model_role" in given or short_name(scorer).startswith("model_graded")
    role = given.get("model_role") or "grader"
    if asks and not given.get("model") and role not in roles_of(entry):
        raise InputError(
            "the scorer of the task '{task}' asks a model in the role '{role}' by itself: "
            "add graders: [{role}] to it in the suite.",
            task=entry.task,
            role=role,
        )


def is_role(value: Any) -> bool:
    """Whether a task's argument stands for the model in a role."""
    return isinstance(value, dict) and set(value) == {"role"} and isinstance(value["role"], str)
