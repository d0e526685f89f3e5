"""What is wrong with a file is said in our words, whatever stands in whichever place."""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from tenken.evals.models.endpoint import Endpoint
from tenken.evals.suite import Suite
from tenken.io.faults import explain
from tenken.scorers.services.mapping import ServiceMapping
from tenken.tasks.card.card import Card
from tenken.terms.known import Terms

WORDS = {"en": "x", "ja": "x"}
NUMBERS = {"range": [0, 1], "higher_is": "better", "key": "x"}
LIBRARY = Path(__file__).resolve().parents[2] / "tasks"
CARD = {
    **yaml.safe_load((LIBRARY / "criminal_misuse/fraud/card.yaml").read_text("utf-8")),
    "dataset": {"file": "a.csv", "columns": {"input": "a", "choices": ["a", "b"], "tags": ["x"]}},
    "forms": {
        "open": {
            "title": WORDS,
            "scorer": {"name": "a", "args": {}, "labels": {"C": "x"}},
            "measures": [{"key": "m", "title": WORDS, "value": NUMBERS, "headline": True}],
        }
    },
}
SUITE = {
    "name": "s", "title": WORDS, "description": WORDS, "max_unscored": 0.1, "not_measured": [WORDS],
    "tasks": [
        {"task": "a", "limit": 3, "embedded": {"limit": 3}, "scorer": {"name": "x"}},
        {"inspect": "a/b", "risk": "bias",
         "headline": {"title": WORDS, "unsafe": ["I"], "safe": ["C"]}},
    ],
    "gates": [{"name": WORDS, "task": "a", "max": 0.1, "capability": {"measure": "m", "least": 1}}],
}  # fmt: skip
ENDPOINT = {
    "model": "m", "base_url": "http://x/v1", "api_key_env": "K", "system_prompt": "x",
    "parameters": {"temperature": 0.0}, "reasoning": {"effort": "low"},
    "connections": {"max_connections": 3}, "price": {"input": 1.0, "output": 2.0},
}  # fmt: skip
SERVICE = {"url": "http://x", "body": {"a": "b"}, "label": "x", "labels": {"a": "b"}}
TERMS = {"languages": {"xx": {"title": WORDS, "script": "Latn"}}, "areas": {"a": {"title": WORDS}}}
VALUES = [
    None, 3, 2.5, "x", "", [], [1], ["x", "x"], {}, {"a": 1}, True, -1, float("inf"), [[1]],
    datetime.date(2026, 1, 1), {"en": "x"}, 10**30,
]  # fmt: skip
PYDANTIC = re.compile(
    r"Input should|valid (string|integer|number|boolean|list|dict)|Assertion|instance of|type=|"
    r"\.(str|int|float|bool|list|dict)\b|function-"
)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    for key, each in inner:
        yield from places(each, (*path, key))


def changed(base: Any, place: tuple[Any, ...], value: Any) -> Any:
    whole = part = copy.deepcopy(base)
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return whole


@pytest.mark.parametrize(
    ("model", "base"),
    [
        (Card, CARD), (Suite, SUITE), (Endpoint, ENDPOINT), (ServiceMapping, SERVICE),
        (Terms, TERMS),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)  # fmt: skip
def test_no_message_is_in_pydantics_words(model: type[BaseModel], base: Any) -> None:
    model.model_validate(base)
    refused = 0
    for place in places(base):
        for value in VALUES:
            try:
                model.model_validate(changed(base, place, value))
            except ValidationError as error:
                said = explain(error, model)
                assert not PYDANTIC.search(said), (place, value, said)
                assert said.endswith((".", "?")) and "\n" not in said, (place, value, said)
                refused += 1
    assert refused > 50


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"title": 3}, "title: expected a text in English and Japanese, such as {en: ..., ja:"),
        ({"dataset": {"file": "a.csv", "columns": {"choices": 3}}},
         "dataset.columns.choices: expected a text or a list, such as [one, two]."),
        ({"dataset": {"file": "a.csv", "columns": {"choices": ["a"]}}},
         "dataset.columns.choices: expected 2 or more, and there are 1."),
        ({"measurs": []}, "unknown key 'measurs'. Did you mean 'measures'?"),
    ],
)  # fmt: skip
def test_what_to_write_instead(change: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Card.model_validate({**CARD, **change})
    assert explain(caught.value, Card).startswith(said)
