"""Preference: whether a grader prefers an answer to the sample's reference, in both orders."""

from __future__ import annotations

from typing import Literal

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from pydantic import BaseModel, ConfigDict, Field

from tenken.sample_form import SampleForm, Text
from tenken.schema.estimate import Scale
from tenken.scorers._judge.graders import graded
from tenken.scorers.verdict import undecided

__all__ = ["preference"]
VERSION = "1"
SCALE = Scale(range=[0.0, 1.0], higher_is="better")
SOURCE_DATA = ("../rubrics/preference_en.md", "../rubrics/preference_ja.md")

_RUBRICS = ("rubrics/preference_en.md", "rubrics/preference_ja.md")
_WON = {"first": 1.0, "equal": 0.5, "second": 0.0}


class _Reference(SampleForm):
    reference: Text


class _Request(SampleForm):
    metadata: _Reference


SAMPLE = _Request


class PreferenceReply(BaseModel):
    """The form of a grader's reply."""

    model_config = ConfigDict(extra="forbid")

    reasons: str = Field(max_length=4_000)
    better: Literal["first", "second", "equal"]


@scorer(metrics=[mean()], name="preference")
def preference(role: str = "grader", allow_self: bool = False) -> Scorer:
    """Score 1 where a grader prefers the answer to `metadata.reference`, 0 where the reference.

    The grader is asked twice, with each text in the first place once, and the score is the mean:
    a grader that always takes the first (Zheng et al. 2023) gives 0.5, as a tie does. The mean
    over samples is the win rate, a tie counting half.

    Args:
        role: The role that the grader is bound to.
        allow_self: Whether the tested model may judge itself.
    """

    async def score(state: TaskState, target: Target) -> Score:
        answer = state.output.completion
        reference = state.metadata.get("reference")
        if not answer.strip() or not isinstance(reference, str):
            return undecided("empty" if isinstance(reference, str) else "no_reference")
        won = []
        for texts in ((answer, reference), (reference, answer)):
            material = {"REQUEST": state.input_text, "FIRST": texts[0], "SECOND": texts[1]}
            judged = await graded(
                state, role, _RUBRICS, material, PreferenceReply, allow_self=allow_self
            )
            if judged.reply is None:
                return undecided(judged.reason)
            won.append(_WON[judged.reply.better])
        value = (won[0] + 1 - won[1]) / 2
        return Score(value=value, metadata={"grader": judged.grader, "in_each_order": won})

    return score
