"""Rating: a grader rates an answer by a criterion that the card names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from pydantic import BaseModel, ConfigDict, Field, create_model

from tenken.errors import RuleError
from tenken.schema.estimate import Scale
from tenken.scorers._judge.ask import ask_grader, block
from tenken.scorers._judge.graders import graders
from tenken.scorers._judge.reasoning import noted, with_reasoning
from tenken.scorers.verdict import facts, undecided

__all__ = ["rating"]
VERSION = "1"
SOURCE_DATA = ("../rubrics/rating_en.md", "../rubrics/rating_ja.md")

_LOW, _HIGH = 1, 5


def SCALE(args: Mapping[str, Any]) -> Scale:  # noqa: N802 - declared like a constant
    """Return what the numbers mean, with these arguments of the scorer."""
    low, high = args.get("low", _LOW), args.get("high", _HIGH)
    return Scale(range=[float(low), float(high)], higher_is=args.get("higher_is", "better"))


class _Rating(BaseModel):
    """The form of a grader's reply; each scorer narrows the rating to its range."""

    model_config = ConfigDict(extra="forbid")

    reasons: str = Field(max_length=4_000)
    rating: int


@scorer(metrics=[mean()], name="rating")
def rating(
    criterion: str | dict[str, str],
    low: int = _LOW,
    high: int = _HIGH,
    higher_is: Literal["better", "worse"] = "better",
    role: str = "grader",
    allow_self: bool = False,
    show_reasoning: bool = False,
) -> Scorer:
    """Score by a grader's rating, a whole number from `low` to `high`.

    Args:
        criterion: What is rated, such as `how well it says what is not known`; a text, or one in
            each language.
        low: The lowest rating.
        high: The highest rating.
        higher_is: Which end is the good one.
        role: The role that the grader is bound to.
        allow_self: Whether the tested model may judge itself.
        show_reasoning: Whether the grader also reads what the model thought before its answer.
    """
    if not low < high:
        raise RuleError(
            "low is {low} and high is {high}; write a range such as 1 to 5", low=low, high=high
        )
    form = create_model("Rating", __base__=_Rating, rating=(int, Field(ge=low, le=high)))

    async def score(state: TaskState, target: Target) -> Score:
        if not state.output.completion.strip():
            return undecided("empty")
        grader = graders(role, state, allow_self=allow_self)[0]
        language = str(facts(state).get("language"))
        rubric = (Path(__file__).parent / SOURCE_DATA[language == "ja"]).read_text("utf-8")
        ends = {"low": low, "high": high, "good": high if higher_is == "better" else low}
        for name, value in {**ends, "criterion": _said(criterion, language)}.items():
            rubric = rubric.replace(f"{{{name}}}", str(value))
        said = {"REQUEST": state.input_text, "ANSWER": state.output.completion}
        rubric, blocks = with_reasoning(state, rubric, said, show=show_reasoning)
        material = "\n\n".join(block(name, text) for name, text in blocks.items())
        judged = await ask_grader(grader, rubric, material, form)
        if judged.reply is None:
            return undecided(judged.reason)
        found = Score(
            value=float(judged.reply.rating),
            explanation=judged.reply.reasons,
            metadata={"grader": judged.grader},
        )
        return noted(state, found, show=show_reasoning)

    return score


def _said(criterion: str | Mapping[str, str], language: str) -> str:
    if isinstance(criterion, str):
        return criterion
    return criterion.get(language) or next(iter(criterion.values()))
