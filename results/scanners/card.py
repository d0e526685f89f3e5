"""How often each scanner is right on its gold answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from tenken.io.canonical import pretty_json
from tenken.results.metrics.rates import wilson_interval
from tenken.results.metrics.settings import digits
from tenken.results.scanners.scan import SCANNERS
from tenken.results.scanners.whole import (
    CUT,
    IDENTICAL,
    TOOL_ERROR,
    identical,
    tool_failed,
    was_cut,
)

GOLD: Final = Path(__file__).with_name("gold.jsonl")
GOLD_RECORDS: Final = Path(__file__).with_name("gold_records.jsonl")
CARD: Final = Path(__file__).with_name("card.json")


class GoldAnswer(BaseModel):
    """An answer whose signs are known.

    Attributes:
        answer: Its text.
        language: Of the prompt that it is an answer to.
        signs: The scanners that should see something.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer: str
    language: str
    signs: tuple[str, ...] = ()


class GoldRecord(BaseModel):
    """What a log says of one or more answers, and which of them have a sign.

    Attributes:
        sign: The scanner that is tried.
        stop_reason: For `cut`, why the model stopped, in Inspect's words.
        messages: For `tool_error`, the conversation.
        answers: For `identical_answer`, all answers of a task, each with how often it is given.
        there: Whether the sign is there; for `identical_answer`, the answers that have it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sign: Literal["cut", "tool_error", "identical_answer"]
    stop_reason: str = ""
    messages: tuple[dict[str, Any], ...] = ()
    answers: tuple[tuple[str, int], ...] = ()
    there: bool | tuple[str, ...]

    def seen(self) -> Iterator[tuple[bool, bool]]:
        """Yield, for each answer, whether the sign is there and whether the scanner sees it."""
        if self.sign == "cut":
            yield bool(self.there), was_cut(self.stop_reason)
        elif self.sign == "tool_error":
            yield bool(self.there), tool_failed(self.messages)
        else:
            said = [text for text, times in self.answers for _ in range(times)]
            found = identical(enumerate(said), len(said))
            there = self.there if isinstance(self.there, tuple) else ()
            yield from ((text in there, place in found) for place, text in enumerate(said))


def gold_records() -> list[GoldRecord]:
    """Return what is known of whole records; all of it is constructed."""
    lines = GOLD_RECORDS.read_text("utf-8").splitlines()
    return [GoldRecord.model_validate_json(line) for line in lines if line]


def gold() -> list[GoldAnswer]:
    """Return the gold answers; all are constructed, none is of a model."""
    lines = GOLD.read_text("utf-8").splitlines()
    return [GoldAnswer.model_validate_json(line) for line in lines if line]


def card() -> bytes:
    """Return the bytes of the card: by scanner, what it finds, and what it takes for a sign."""
    answers, records = gold(), gold_records()
    tried = {
        name: [(name in each.signs, scanner(each.answer, each.language)) for each in answers]
        for name, scanner in SCANNERS.items()
    }
    for name in (CUT, TOOL_ERROR, IDENTICAL):
        tried[name] = [pair for each in records if each.sign == name for pair in each.seen()]
    return pretty_json({name: dict(_figures(pairs)) for name, pairs in tried.items()})


def _figures(pairs: Sequence[tuple[bool, bool]]) -> Iterator[tuple[str, dict[str, float | int]]]:
    for what, there in (("found", True), ("false_alarms", False)):
        part = [seen for truth, seen in pairs if truth is there]
        seen = sum(part)
        ends = wilson_interval(seen, len(part), level=0.95)
        yield (
            what,
            {
                "count": seen,
                "n": len(part),
                "low": digits(ends.low),
                "high": digits(ends.high),
            },
        )
