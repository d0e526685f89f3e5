"""What a suite will meet at an endpoint that was examined: what fits, what differs, what fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, LiteralString

from tenken.errors import Sentence, Words
from tenken.evals.asked import TaskSelection
from tenken.evals.models.doctor.findings import Diagnosis
from tenken.evals.models.doctor.headers import requests_a_minute
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.forecast import forecast, longest_prompt

Kind = Literal["fails", "differs"]
_LATENCY: Final = 1.0
_UNTOOLED: Final[dict[str, LiteralString]] = {
    "no": "takes no tools",
    "not known": "did not say whether it takes tools",
}


@dataclass(frozen=True)
class Meeting:
    """One thing that a suite will meet.

    Attributes:
        kind: `fails` where a task cannot be measured, `differs` where it can, in another way.
        task: Full name of the task; empty for the whole suite.
        sentence: What it is, and what to do about it.
    """

    kind: Kind
    task: str
    sentence: Sentence


def meetings(asked: Sequence[TaskSelection], endpoint: Endpoint, found: Diagnosis) -> list[Meeting]:
    """Return what a suite will meet, what fails first.

    Args:
        asked: What will be asked.
        endpoint: The endpoint with what it takes.
        found: What was found out of it.
    """
    met = [*_of_suite(asked, endpoint, found)]
    for each in asked:
        met += _of_task(each, endpoint, found)
    return sorted(met, key=lambda meeting: meeting.kind != "fails")


def _of_task(asked: TaskSelection, endpoint: Endpoint, found: Diagnosis) -> Iterator[Meeting]:
    name, task = asked.task.name, asked.task
    if task.needs_tools and found.tools.taken != "yes":
        said = _UNTOOLED.get(found.tools.taken, "did not call the tool that it was offered")
        yield _met(
            "fails", name,
            "its samples act with tools, and the endpoint {said}: what is measured would be that "
            "it does nothing",
            said=Sentence(said),
        )  # fmt: skip
    room = found.context.tokens
    answer = endpoint.limit(asked.max_tokens) or 0
    longest = longest_prompt(asked, endpoint)
    if room is not None and longest + answer > room:
        yield _met(
            "fails", name,
            "its longest prompt of about {longest:,} tokens and {answer:,} for the answer do not "
            "fit into {room:,}: lower reasoning.tokens, or leave the task out with --task",
            longest=longest, answer=answer, room=room,
        )  # fmt: skip
    elif room is None and longest > found.context.held > 0:
        yield _met(
            "differs", name,
            "its longest prompt has about {longest:,} tokens, and none longer than {held:,} was "
            "tried",
            longest=longest, held=found.context.held,
        )  # fmt: skip


def _of_suite(
    asked: Sequence[TaskSelection], endpoint: Endpoint, found: Diagnosis
) -> Iterator[Meeting]:
    if endpoint.accepts.temperature is False:
        yield _met("differs", "", "no temperature is sent: answers vary, so ask several --epochs")
    elif found.repeatable is False:
        said = "temperature 0 does not give the same answer twice: ask several --epochs"
        yield _met("differs", "", said)
    if endpoint.system_prompt and found.system.taken == "taken, not followed":
        yield _met("differs", "", "the system prompt is taken and may not be followed")
    if found.context.cut:
        yield _met("fails", "", "long prompts are cut in silence")
    elif found.context.forgets:
        yield _met("differs", "", "the beginning of a long prompt is not remembered")
    if len(found.fingerprints) > 1:
        said = "two answers had two fingerprints: more than one model may answer"
        yield _met("differs", "", said)
    if not found.counts_tokens:
        yield _met("differs", "", "answers count no tokens: caps cannot hold")
    rate = requests_a_minute(found.limits)
    calls = forecast(asked, endpoint, _LATENCY).calls
    if rate:
        said = "{calls:,} calls at {rate:,} requests a minute take at least {minutes:,.0f} minutes"
        yield _met("differs", "", said, calls=calls, rate=rate, minutes=calls / rate)


def _met(kind: Kind, task: str, words: Words, /, **values: object) -> Meeting:
    return Meeting(kind, task, Sentence(words, **values))
