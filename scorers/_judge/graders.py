"""Which model grades: by role, always named, never the tested model by accident."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from inspect_ai.model import Model, get_model, model_roles
from inspect_ai.solver import TaskState
from pydantic import BaseModel

from tenken.scorers._judge.ask import Judged, ask_grader, block
from tenken.scorers._judge.reasoning import with_reasoning
from tenken.scorers.verdict import facts

_PROVIDER = "endpoint/"

ReplyT = TypeVar("ReplyT", bound=BaseModel)


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


def grader_name(grader: Model) -> str:
    """Return the name of a grader as plans and cards have it, without our provider's."""
    return str(grader).removeprefix(_PROVIDER)


async def graded(
    state: TaskState,
    role: str,
    rubrics: tuple[str, str],
    material: Mapping[str, str],
    form: type[ReplyT],
    *,
    allow_self: bool,
    show_reasoning: bool = False,
) -> Judged[ReplyT]:
    """Ask the first grader of a role, by the rubric in the sample's language.

    Args:
        state: The sample.
        role: Name of the role.
        rubrics: Files beside the scorers, English and Japanese.
        material: What is to be judged, by the name of its block.
        form: The pydantic model of the reply.
        allow_self: Whether the tested model may judge itself.
        show_reasoning: Whether the grader also reads what the model thought.

    Raises:
        NoGraderError: None is bound, or the tested model would judge itself.
    """
    grader = graders(role, state, allow_self=allow_self)[0]
    path = Path(__file__).parents[1] / rubrics[facts(state).get("language") == "ja"]
    rubric, blocks = with_reasoning(state, path.read_text("utf-8"), material, show=show_reasoning)
    shown = "\n\n".join(block(name, text) for name, text in blocks.items())
    return await ask_grader(grader, rubric, shown, form)


def _same(one: Model, other: Model) -> bool:
    return str(one) == str(other) and one.api.base_url == other.api.base_url
