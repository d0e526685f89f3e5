"""How often each scanner is right on its gold answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

from tenken.io.canonical import pretty_json
from tenken.results.metrics.rates import wilson_interval
from tenken.results.metrics.settings import digits
from tenken.results.scanners.scan import SCANNERS

GOLD: Final = Path(__file__).with_name("gold.jsonl")
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


def gold() -> list[GoldAnswer]:
    """Return the gold answers; all are constructed, none is of a model."""
    lines = GOLD.read_text("utf-8").splitlines()
    return [GoldAnswer.model_validate_json(line) for line in lines if line]


def card() -> bytes:
    """Return the bytes of the card: by scanner, what it finds, and what it takes for a sign."""
    return pretty_json({name: dict(_figures(name)) for name in SCANNERS})


def _figures(name: str) -> Iterator[tuple[str, dict[str, float | int]]]:
    answers = gold()
    for what, there in (("found", True), ("false_alarms", False)):
        part = [each for each in answers if (name in each.signs) is there]
        seen = sum(SCANNERS[name](each.answer, each.language) for each in part)
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
