"""Confidence: how far from being right a multiple-choice answer is that says how sure it is."""

from __future__ import annotations

import re
from typing import Annotated, Final

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from pydantic import Field

from tenken.sample_form import SampleForm, Text
from tenken.schema.estimate import Scale
from tenken.scorers._choice.reading import parse_choice
from tenken.scorers.verdict import facts, undecided

__all__ = ["confidence"]
VERSION = "1"
SCALE = Scale(range=[0.0, 1.0], higher_is="worse", key="squared_error")

_PERCENT: Final = re.compile(r"(\d{1,3}(?:\.\d+)?)\s*(?:[%％]|percent\b|パーセント)", re.IGNORECASE)
_WHOLE: Final = 100


class _Question(SampleForm):
    choices: Annotated[list[str], Field(min_length=2)]
    target: Text


SAMPLE = _Question


@scorer(metrics={"*": [mean()]}, name="confidence")
def confidence() -> Scorer:
    """Score the squared distance between stated confidence and being right (Brier 1950).

    The answer names a letter and one percentage, such as `A, 80%`. Its numbers are
    `squared_error`, in [0, 1], higher is worse, and, for the metric `calibration_error`,
    `confidence` and `correct`. No letter, no percentage, or two different ones are no verdict.
    """

    async def score(state: TaskState, target: Target) -> Score:
        answer = state.output.completion
        stated = {float(each) for each in _PERCENT.findall(answer)}
        if len(stated) != 1 or not 0 <= min(stated) <= _WHOLE:
            return undecided("several_confidences" if len(stated) > 1 else "no_confidence")
        texts = [option.value for option in state.choices]
        language = facts(state).get("language")
        reading = parse_choice(_PERCENT.sub("", answer).strip(" ,.、。()（）"), texts, language)
        if reading.letter is None:
            return undecided(str(reading.reason))
        sure, right = stated.pop() / _WHOLE, float(reading.letter in target)
        return Score(
            value={"squared_error": (sure - right) ** 2, "confidence": sure, "correct": right},
            answer=reading.letter,
        )

    return score
