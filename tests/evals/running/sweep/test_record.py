"""A sweep writes the record of a sample without Inspect's classes, and just as they would."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalSample
from inspect_ai.model import (
    ChatMessageSystem,
    ChatMessageUser,
    ContentImage,
    ContentText,
    ModelOutput,
    ModelUsage,
)
from inspect_ai.scorer import Score
from pydantic_core import to_json

from tenken.evals.running.sweep.sample import SampleResult, error_of, messages_of, record_of

MODEL = "endpoint/letters"
IMAGE = "data:image/png;base64," + "A" * 30_000
CHAT = [
    ChatMessageSystem(content="Be brief."),
    ChatMessageUser(content=[ContentText(text="What is this?"), ContentImage(image=IMAGE)]),
]
SAMPLES = [
    Sample(id="a-1-en", input="Which letter?", choices=["This", "That"], target="A",
           metadata={"tenken": {"tags": {"severity": "2"}}, "none": None, "odd": math.inf}),
    Sample(id="a-2-ja", input="どれですか。" * 4_000, target=["甲", "乙"]),
    Sample(id="a-3-en", input=CHAT, metadata={"long": {"text": "x" * 5_000}}),
]  # fmt: skip
ANSWER = ModelOutput.from_content("letters", "A")
ANSWER.usage = ModelUsage(input_tokens=7, output_tokens=2, total_tokens=9)
ANSWER.metadata = {"endpoint": {"host": "127.0.0.1"}}
RIGHT = Score(value=0.0, answer="A", explanation="letter\nalone", metadata={"label": "correct"})
RESULTS = [
    SampleResult(ANSWER, RIGHT, None, 1.8e9, 1.8e9 + 1.25),
    SampleResult(ANSWER, Score.unscored(reason="no_answer"), None, 1.8e9 + 0.1, 1.8e9 + 3),
    SampleResult(None, None, error_of(RuntimeError("gone")), 1.8e9, 1.8e9 + 0.0004),
]


def by_inspect(sample: Sample, said: Any, how: SampleResult) -> EvalSample:
    """The record by Inspect's own class."""
    output, seconds = how.output or ModelOutput(model=MODEL), round(how.ended - how.started, 3)
    return EvalSample(
        id=sample.id or "",
        epoch=2,
        input=sample.input,
        choices=sample.choices,
        target=sample.target,
        metadata=sample.metadata or {},
        messages=[*said, *(choice.message for choice in output.choices)],
        output=output,
        scores={"choice": how.score} if how.score else {},
        model_usage={MODEL: output.usage} if output.usage else {},
        error=how.error,
        started_at=datetime.fromtimestamp(round(how.started, 3), UTC).isoformat(),
        completed_at=datetime.fromtimestamp(round(how.ended, 3), UTC).isoformat(),
        total_time=seconds,
        working_time=seconds,
    )


def dumped(value: Any) -> Any:
    """The JSON of a model."""
    return loaded(to_json(value, exclude_none=True, inf_nan_mode="constants"))


def loaded(data: bytes) -> Any:
    """What JSON holds, with a name for each number that is none: such a number equals nothing."""
    return json.loads(data, parse_constant=lambda name: name)


@pytest.mark.parametrize("how", RESULTS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_record_is_what_inspect_makes_of_it(sample: Sample, how: SampleResult) -> None:
    said = messages_of(sample)
    record = record_of(sample, 2, said, how, "choice", MODEL)
    theirs = by_inspect(sample, said, how)
    assert (record.id, record.epoch) == (sample.id, 2)
    assert loaded(record.data) == dumped(theirs)
    summary = dumped(theirs.summary())
    if how.score is RIGHT and len(record.data) < 16_384:
        summary["scores"]["choice"]["explanation"] = "letter\nalone"  # what is short is kept
    assert loaded(record.summary) == summary
    assert EvalSample.model_validate_json(record.data).messages == theirs.messages


def test_messages_have_ids_of_their_own() -> None:
    ids = [message.id for _ in range(50) for message in messages_of(SAMPLES[0])]
    assert len(set(ids)) == 50
    assert all(len(each or "") == 22 for each in ids)
