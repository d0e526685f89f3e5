"""What a suite will meet at an endpoint that was examined: what fits, what differs, what fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tenken.evals.asked import TaskSelection
from tenken.evals.models.doctor.findings import Diagnosis
from tenken.evals.models.doctor.headers import requests_a_minute
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.forecast import forecast, longest_prompt

_LATENCY = 1.0


@dataclass(frozen=True)
class Meeting:
    """One thing that a suite will meet.

    Attributes:
        kind: `fails` where a task cannot be measured, `differs` where it can, in another way.
        task: Full name of the task; empty for the whole suite.
        sentence: What it is, and what to do about it.
    """

    kind: Literal["fails", "differs"]
    task: str
    sentence: str


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
        why = {"no": "takes no tools", "not known": "did not say whether it takes tools"}
        said = why.get(found.tools.taken, "did not call the tool that it was offered")
        yield Meeting(
            "fails", name,
            f"its samples act with tools, and the endpoint {said}: what is measured would be that "
            "it does nothing",
        )  # fmt: skip
    room = found.context.tokens
    answer = endpoint.limit(asked.max_tokens) or 0
    longest = longest_prompt(asked, endpoint)
    if room is not None and longest + answer > room:
        yield Meeting(
            "fails", name,
            f"its longest prompt of about {longest:,} tokens and {answer:,} for the answer do not "
            f"fit into {room:,}: lower reasoning.tokens, or leave the task out with --task",
        )  # fmt: skip
    elif room is None and longest > found.context.held > 0:
        yield Meeting(
            "differs", name,
            f"its longest prompt has about {longest:,} tokens, and none longer than "
            f"{found.context.held:,} was tried",
        )  # fmt: skip


def _of_suite(
    asked: Sequence[TaskSelection], endpoint: Endpoint, found: Diagnosis
) -> Iterator[Meeting]:
    if endpoint.accepts.temperature is False:
        yield Meeting(
            "differs", "", "no temperature is sent: answers vary, so ask several --epochs"
        )
    elif found.repeatable is False:
        yield Meeting(
            "differs", "", "temperature 0 does not give the same answer twice: ask several --epochs"
        )
    if endpoint.system_prompt and found.system.taken == "taken, not followed":
        yield Meeting("differs", "", "the system prompt is taken and may not be followed")
    if found.context.cut:
        yield Meeting("fails", "", "long prompts are cut in silence")
    elif found.context.forgets:
        yield Meeting("differs", "", "the beginning of a long prompt is not remembered")
    if len(found.fingerprints) > 1:
        yield Meeting(
            "differs", "", "two answers had two fingerprints: more than one model may answer"
        )
    if not found.counts_tokens:
        yield Meeting("differs", "", "answers count no tokens: caps cannot hold")
    rate = requests_a_minute(found.limits)
    calls = forecast(asked, endpoint, _LATENCY).calls
    if rate:
        yield Meeting(
            "differs", "",
            f"{calls:,} calls at {rate:,} requests a minute take at least {calls / rate:,.0f} "
            "minutes",
        )  # fmt: skip
