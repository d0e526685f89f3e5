"""From a sample and what the endpoint answered to Inspect's record of it."""

from __future__ import annotations

import math
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import to_json, to_jsonable_python

from tenken.evals.models.outputs import message_id

if TYPE_CHECKING:
    from inspect_ai.dataset import Sample
    from inspect_ai.log import EvalError
    from inspect_ai.model import ChatMessage, ModelName, ModelOutput
    from inspect_ai.scorer import Score, Scorer

_LISTED: Final = (
    "id", "epoch", "input", "choices", "target", "metadata", "scores", "model_usage", "role_usage",
    "started_at", "completed_at", "total_time", "working_time",
)  # fmt: skip
"""What a log's listing repeats of a sample."""
_LONG: Final = 16 * 1024
"""Bytes of a record from which on Inspect is asked to shorten what the listing repeats."""


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
        return isinstance(value, float) and not math.isfinite(value)

    @property
    def reason(self) -> str:
        """Why there is no verdict on the answer; empty where there is one, or nobody says."""
        return str(self.score.reason or "") if self.unscored and self.score else ""


@dataclass(frozen=True, slots=True)
class Record:
    """A sample as a log in Inspect's format holds it.

    Attributes:
        id: The sample's id.
        epoch: Which time it was asked, from 1.
        data: The JSON of Inspect's `EvalSample`.
        summary: The JSON of Inspect's `EvalSampleSummary`, for the log's listing.
    """

    id: str
    epoch: int
    data: bytes
    summary: bytes


def messages_of(sample: Sample) -> list[ChatMessage]:
    """Return the messages that put a sample to the model, without the endpoint's system prompt."""
    from inspect_ai.model import ChatMessageUser

    if isinstance(sample.input, str):
        return [ChatMessageUser(id=message_id(), content=sample.input, source="input")]
    return [
        each.model_copy(update={"source": "input"}) if each.role == "user" else each
        for each in sample.input
    ]


async def score_of(
    scorer: Scorer,
    sample: Sample,
    epoch: int,
    said: Sequence[ChatMessage],
    output: ModelOutput,
    model: ModelName,
) -> Score:
    """Return what a scorer says of an answer.

    Args:
        scorer: A scorer that asks no model.
        sample: The sample.
        epoch: Which time it was asked, from 1.
        said: The messages that put it to the model.
        output: The answer.
        model: Name of the model that gave it.
    """
    from inspect_ai.scorer import Target
    from inspect_ai.solver import TaskState

    target = Target(sample.target)
    state = TaskState(
        model=model,
        sample_id=sample.id or "",
        epoch=epoch,
        input=sample.input,
        messages=[*said, *(choice.message for choice in output.choices[:1])],
        target=target,
        choices=sample.choices,
        output=output,
        completed=True,
        metadata=dict(sample.metadata or {}),
        sample_uuid=message_id(),
    )
    score = await scorer(state, target)
    if score is None:
        raise TypeError("the scorer returned no score")
    return score


def record_of(
    sample: Sample,
    epoch: int,
    said: Sequence[ChatMessage],
    how: SampleResult,
    scorer: str,
    model: str,
) -> Record:
    """Return a sample as a log in Inspect's format holds it.

    Inspect's own classes take half a millisecond to come to the same; a test holds that they do.

    Args:
        sample: The sample.
        epoch: Which time it was asked, from 1.
        said: The messages that put it to the model.
        how: How it ended.
        scorer: Name of the score.
        model: Name of the model.
    """
    from inspect_ai.model import ModelOutput

    output = how.output or ModelOutput(model=model)
    usage = how.output.usage if how.output else None
    seconds = round(how.ended - how.started, 3)
    messages = [*said, *(choice.message for choice in output.choices[:1])]
    fields = {
        "id": sample.id or "",
        "epoch": epoch,
        "input": sample.input,
        "choices": sample.choices,
        "target": sample.target,
        "messages": messages,
        "output": output,
        "scores": {scorer: how.score} if how.score is not None else {},
        "metadata": sample.metadata or {},
        "store": {},
        "events": [],
        "model_usage": {model: usage} if usage else {},
        "role_usage": {},
        "started_at": _utc(how.started),
        "completed_at": _utc(how.ended),
        "total_time": seconds,
        "working_time": seconds,
        "attachments": {},
        "error": how.error,
    }
    data = _json(fields)
    about = {name: fields[name] for name in _LISTED}
    about["error"] = how.error.message if how.error is not None else None
    about |= {"completed": True, "message_count": len(messages)}
    return Record(
        str(sample.id or ""), epoch, data, _json(about) if len(data) < _LONG else _shortened(data)
    )


def _json(fields: dict[str, Any]) -> bytes:
    present = {name: value for name, value in fields.items() if value is not None}
    try:
        return to_json(present, exclude_none=True, inf_nan_mode="constants")
    except ValueError:  # a scorer's metadata, or an error's words: Inspect writes null, and \udXXX
        plain = to_jsonable_python(present, fallback=lambda _: None, inf_nan_mode="constants")
        return to_json(_encodable(plain), exclude_none=True, inf_nan_mode="constants")


def _encodable(value: Any) -> Any:
    """Return JSON whose texts are texts in UTF-8 too, with half characters written as escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_encodable(key): _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list) else value


def _shortened(data: bytes) -> bytes:
    from inspect_ai.log import EvalSample

    summary = EvalSample.model_validate_json(data).summary()
    return to_json(summary, exclude_none=True, inf_nan_mode="constants")


def error_of(error: BaseException) -> EvalError:
    """Return an exception in the form that Inspect's logs have."""
    from inspect_ai.log import EvalError

    trace = "".join(traceback.format_exception(error, limit=8))
    return EvalError(message=_words(error), traceback=trace, traceback_ansi=trace)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}({', '.join(repr(each) for each in error.args)})"


def _utc(seconds: float) -> str:
    return datetime.fromtimestamp(round(seconds, 3), UTC).isoformat()
