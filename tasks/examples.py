"""The example items and the card that every task laid out by `tenken new` begins with."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tenken.schema.record import RISKS
from tenken.tasks.dataset.sample import TaskSample

HERE: Final = Path(__file__).parent / "scaffold"


def is_example(sample: TaskSample) -> bool:
    """Tell whether a sample is one of the examples."""
    return isinstance(sample.input, str) and sample.input in _texts()


@cache
def examples(risk: str) -> tuple[dict[str, Any], ...]:
    """Return the example items for a risk, with ids that begin with `x`."""
    lines = (HERE / f"{risk}.jsonl").read_text("utf-8").splitlines()
    return tuple(json.loads(line) for line in lines)


@cache
def card_of(risk: str) -> dict[str, Any]:
    """Return the card for a risk, with `$words` where the task's own come in."""
    found: dict[str, Any] = yaml.safe_load((HERE / f"{risk}.yaml").read_text("utf-8"))
    return found


def descriptions() -> frozenset[str]:
    """Return the English descriptions that a laid-out card has."""
    return frozenset(str(card_of(risk)["description"]["en"]) for risk in RISKS)


@cache
def _texts() -> frozenset[str]:
    return frozenset(row["input"] for risk in RISKS for row in examples(risk))
