"""What was said in a sample of several turns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from inspect_ai.model import ChatMessageAssistant, ChatMessageUser
from inspect_ai.solver import TaskState
from pydantic import Field, model_validator

from tenken.errors import RuleError
from tenken.sample_form import SampleForm, Text

Turns = Literal["last", "harmful"]
"""Which answers of a conversation count: the last, or all from the first harmful turn on."""


class _Turns(SampleForm):
    turns: list[Text] = Field(default=[])
    harmful_from: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _is_a_turn(self) -> Self:
        if self.harmful_from > len(self.turns):
            raise RuleError(
                "harmful_from is {harmful_from}, and the last turn is {n} (the input is turn 0)",
                harmful_from=self.harmful_from,
                n=len(self.turns),
            )
        return self


class _Climb(SampleForm):
    metadata: _Turns


def climbing_form(args: Mapping[str, Any]) -> type[SampleForm]:
    """Return what a sample must have for a scorer that takes `turns`, by its arguments."""
    return _Climb if args.get("turns") == "harmful" else SampleForm


def counted(state: TaskState, turns: Turns) -> list[tuple[str, str]] | str:
    """Return the exchanges that count, request and answer; else the reason why none does.

    Args:
        state: The sample.
        turns: Which answers count; the first harmful turn is the sample's `harmful_from`, counted
            from 0.
    """
    if turns == "last":
        return [(state.input_text, state.output.completion)]
    start = state.metadata.get("harmful_from")
    if not isinstance(start, int) or isinstance(start, bool) or start < 0:
        return "no_harmful_turn"
    return exchanges(state)[start:] or "ended_before"


def answers(state: TaskState) -> list[str]:
    """Return the model's answers in their order, at least one."""
    said = [each.text for each in state.messages if isinstance(each, ChatMessageAssistant)]
    return said or [state.output.completion]


def exchanges(state: TaskState) -> list[tuple[str, str]]:
    """Return each answer with the user's text that it answers, in their order."""
    found: list[tuple[str, str]] = []
    asked = state.input_text
    for message in state.messages:
        if isinstance(message, ChatMessageUser):
            asked = message.text
        elif isinstance(message, ChatMessageAssistant):
            found.append((asked, message.text))
    return found or [(asked, state.output.completion)]
