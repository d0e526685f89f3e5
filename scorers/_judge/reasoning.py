"""What a model thought before it answered; shown to a judge where that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from inspect_ai.model import ContentReasoning
from inspect_ai.scorer import Score
from inspect_ai.solver import TaskState

from tenken.io.documents import read_mapping
from tenken.scorers.verdict import facts

SOURCE_DATA = ("reasoning.yaml",)
SHOWN: Final = "reasoning_shown"
"""Key of a score's metadata, and flag of its record, where the judge has read the thought."""
_BLOCK: Final = "REASONING"


def thought(state: TaskState) -> str:
    """Return what the model thought before its last answer, empty where nothing of it is known.

    Of a thought that the endpoint keeps hidden it is the summary, where there is one.
    """
    found = (
        ((part.summary or "") if part.redacted else part.reasoning).strip()
        for part in _reasoned(state)
    )
    return "\n\n".join(filter(None, found))


def has_thought(state: TaskState) -> bool:
    """Whether the model thought before its last answer, be it that nothing of it can be read."""
    return bool(_reasoned(state))


def _reasoned(state: TaskState) -> list[ContentReasoning]:
    content = state.output.choices[0].message.content if state.output.choices else ""
    parts = content if isinstance(content, list) else ()
    return [part for part in parts if isinstance(part, ContentReasoning)]


def with_reasoning(
    state: TaskState, rubric: str, material: Mapping[str, str], *, show: bool
) -> tuple[str, dict[str, str]]:
    """Return what a judge is told and shown, with the model's thought in a block of its own.

    Args:
        state: The sample.
        rubric: The rubric.
        material: What is to be judged, by the name of its block.
        show: Whether the judge may read the thought. Without one, nothing is added.
    """
    said = thought(state) if show else ""
    if not said:
        return rubric, dict(material)
    language = "ja" if facts(state).get("language") == "ja" else "en"
    return f"{rubric.rstrip()}\n\n{_notes()[language]}\n", {**material, _BLOCK: said}


def noted(state: TaskState, score: Score, *, show: bool) -> Score:
    """Return a judge's score, which says so where the judge has read the model's thought.

    Args:
        state: The sample.
        score: The judge's score.
        show: Whether the judge may read the thought.
    """
    if show and thought(state):
        score.metadata = {**(score.metadata or {}), SHOWN: True}
    return score


@cache
def _notes() -> dict[str, str]:
    notes = read_mapping(Path(__file__).with_name(SOURCE_DATA[0]).read_bytes())
    return {language: str(text).strip() for language, text in notes.items()}
