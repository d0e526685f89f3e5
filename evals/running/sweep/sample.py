"""From a sample and what the endpoint answered to Inspect's record of it."""

from __future__ import annotations

import math
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspect_ai.dataset import Sample
    from inspect_ai.log import EvalError, EvalSample
    from inspect_ai.model import ChatMessage, ModelOutput
    from inspect_ai.scorer import Score, Scorer
    from inspect_ai.solver import TaskState


@dataclass(frozen=True, slots=True)
class SampleResult:
    """How one sample ended.

    Attributes:
        output: The answer, or None where there is none.
        score: The score, or None where the sample has no answer or the scorer failed.
        error: What went wrong, or None.
        started: When it was asked, seconds since 1970.
        ended: When it ended.
    """

    output: ModelOutput | None
    score: Score | None
    error: EvalError | None
    started: float
    ended: float

    @property
    def unscored(self) -> bool:
        """Whether there is an answer and no verdict on it."""
        value = self.score.value if self.score else None
        return isinstance(value, float) and math.isnan(value)

    @property
    def reason(self) -> str:
        """Why there is no verdict on the answer; empty where there is one, or nobody says."""
        return str(self.score.reason or "") if self.unscored and self.score else ""


def messages_of(sample: Sample) -> list[ChatMessage]:
    """Return the messages that put a sample to the model, without the endpoint's system prompt."""
    from inspect_ai.model import ChatMessageUser

    if isinstance(sample.input, str):
        return [ChatMessageUser(content=sample.input, source="input")]
    return [
        each.model_copy(update={"source": "input"}) if each.role == "user" else each
        for each in sample.input
    ]


async def score_of(
    scorer: Scorer, sample: Sample, epoch: int, output: ModelOutput, model: str
) -> Score:
    """Return what a scorer says of an answer.

    Args:
        scorer: A scorer that asks no model.
        sample: The sample.
        epoch: Which time it was asked, from 1.
        output: The answer.
        model: Name of the model that gave it.
    """
    from inspect_ai.scorer import Target

    score = await scorer(_state(sample, epoch, output, model), Target(sample.target))
    if score is None:
        raise TypeError("the scorer returned no score")
    return score


def _state(sample: Sample, epoch: int, output: ModelOutput, model: str) -> TaskState:
    from inspect_ai.model import ModelName
    from inspect_ai.scorer import Target
    from inspect_ai.solver import TaskState

    return TaskState(
        model=ModelName(model),
        sample_id=sample.id or "",
        epoch=epoch,
        input=sample.input,
        messages=[*messages_of(sample), *(choice.message for choice in output.choices[:1])],
        target=Target(sample.target),
        choices=sample.choices,
        output=output,
        completed=True,
        metadata=dict(sample.metadata or {}),
    )


def record_of(sample: Sample, epoch: int, how: SampleResult, scorer: str, model: str) -> EvalSample:
    """Return Inspect's record of a sample.

    Args:
        sample: The sample.
        epoch: Which time it was asked, from 1.
        how: How it ended.
        scorer: Name of the score.
        model: Name of the model.
    """
    from inspect_ai.log import EvalSample
    from inspect_ai.model import ModelOutput

    output = how.output or ModelOutput(model=model)
    usage = how.output.usage if how.output else None
    return EvalSample(
        id=sample.id or "",
        epoch=epoch,
        input=sample.input,
        choices=sample.choices,
        target=sample.target,
        metadata=sample.metadata or {},
        messages=[*messages_of(sample), *(choice.message for choice in output.choices[:1])],
        output=output,
        scores={scorer: how.score} if how.score is not None else {},
        model_usage={model: usage} if usage else {},
        error=how.error,
        started_at=_utc(how.started),
        completed_at=_utc(how.ended),
        total_time=round(how.ended - how.started, 3),
        working_time=round(how.ended - how.started, 3),
    )


def error_of(error: BaseException) -> EvalError:
    """Return an exception in the form that Inspect's logs have."""
    from inspect_ai.log import EvalError

    trace = "".join(traceback.format_exception(error, limit=8))
    return EvalError(message=_words(error), traceback=trace, traceback_ansi=trace)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}({', '.join(repr(each) for each in error.args)})"


def _utc(seconds: float) -> Any:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
