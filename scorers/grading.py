"""Which model grades: by role, always named, never the tested model by accident."""

from __future__ import annotations

from inspect_ai.model import Model, get_model, model_roles
from inspect_ai.solver import TaskState


class NoGraderError(Exception):
    """No grader is bound to the role, or it is the tested model itself."""


def graders(role: str, state: TaskState, *, allow_self: bool) -> list[Model]:
    """Return the models that are bound to a role, at least one.

    Args:
        role: Name of the role, such as `grader`.
        state: The sample, which knows the tested model.
        allow_self: Whether the tested model may judge itself.

    Raises:
        NoGraderError: None is bound, or the tested model would judge itself.
    """
    bound = model_roles().get(role)
    if bound is None:
        raise NoGraderError(
            f"no model is bound to the role '{role}'; bind one with --model-role {role}=MODEL."
        )
    found = bound if isinstance(bound, list) else [bound]
    if not allow_self and any(str(each) == str(state.model) for each in found):
        tested = get_model()
        if any(_same(each, tested) for each in found):
            raise NoGraderError(
                f"the tested model {state.model} would judge itself; bind another model to the "
                f"role '{role}', or give the scorer allow_self: true."
            )
    return found


def _same(one: Model, other: Model) -> bool:
    return str(one) == str(other) and one.api.base_url == other.api.base_url
