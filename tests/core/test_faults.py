"""What is wrong with a file is said in our words, whatever stands in whichever place."""

from __future__ import annotations

import copy
import datetime
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, ValidationError

from tenken.errors import TenkenError
from tenken.evals.actions.commit import read_profile
from tenken.evals.config import RunConfig
from tenken.evals.models.endpoint import Endpoint, read_endpoint
from tenken.evals.suite import Suite, read_suite
from tenken.io.faults import explain
from tenken.results.review.labels import Label
from tenken.results.verify.policy import read_policy
from tenken.schema.calibration import CalibrationCard
from tenken.schema.calibration import read_card as read_calibration
from tenken.schema.evidence import ProfileFile
from tenken.schema.plan import ScoreMapping
from tenken.schema.reviews import ItemReview
from tenken.schema.verification import Policy
from tenken.scorers.labelled.gold import read_gold
from tenken.scorers.labelled.human import read_labels
from tenken.scorers.services.mapping import ServiceMapping, mapping_named
from tenken.tasks.card.card import Card, read_card
from tenken.tasks.dataset.read import read_samples
from tenken.tasks.dataset.reviews import review_lines
from tenken.terms.known import Terms, read_terms

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
POLICY = {"require": ["consistent"], "keys": ["a.pub"], "max_attempts": 1}
PROFILE = {"operator": "A", "laboratory": "B", "time_authority": "http://x"}
REVIEW = {
    "id": "a", "item": "0" * 64, "language": "en", "by": "person", "reader": "R",
    "date": "2026-01-31", "naturalness": 3, "harmful": True, "equal": False, "decision": "keep",
    "note": "x",
}  # fmt: skip
LABEL = {
    "draw": "0" * 64, "item": "1" * 64, "reviewer": "R", "role": "reviewer", "label": "x",
    "note": "x",
}  # fmt: skip
CALIBRATION = json.loads(
    (LIBRARY.parent / "scorers/cards/tenken-choice--choice_en--en.json").read_bytes()
)
CALIBRATION["confusion"] = CALIBRATION["confusion"][:1]
MAPPING = {"value": "x", "unsafe": ["I"], "safe": ["C"], "labels": {"a": "b"}, "low": 0, "high": 1}
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
        (Terms, TERMS), (Policy, POLICY), (ProfileFile, PROFILE), (ItemReview, REVIEW),
        (Label, LABEL), (CalibrationCard, CALIBRATION), (ScoreMapping, MAPPING),
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
    assert refused > 25


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


GOLD = {"id": "a", "language": "en", "prompt": "p", "response": "r", "label": "compliance"}
SAMPLE = {
    "id": "t-1-en", "language": "en", "pair_id": "t-1", "input": "Q?", "choices": ["yes", "no"],
    "target": "A", "tags": {"kind": "odd"},
}  # fmt: skip
LINES = {"gold.jsonl": GOLD, "labels.jsonl": {"id": "a", "label": "compliance"}}


def _card(path: Path) -> object:
    return read_card(path.parent, risk_folder=False)


def _item_reviews(path: Path) -> object:
    for number, each in review_lines(path.parent):
        if isinstance(each, str):
            raise TenkenError(f"{path}:{number}: {each}")
    return None


def _samples(path: Path) -> object:
    about = {"dataset": {"file": path.name}, "balance": []}
    card = Card.model_validate({**CARD, "forms": {}, **about})
    return read_samples(card, path.parent)


KINDS: dict[str, tuple[str, dict[str, Any], str, Any, Callable[[Path], object]]] = {
    "card": ("card.yaml", CARD, "title", 3, _card),
    "suite": ("suite.yaml", SUITE, "max_unscored", "x", lambda path: read_suite(str(path))),
    "endpoint": ("endpoint.yaml", ENDPOINT, "parameters", {"temperature": "hot"}, read_endpoint),
    "run": ("run.yaml", {"suite": "smoke"}, "limit", "three", RunConfig.of),
    "policy": ("policy.yaml", POLICY, "require", ["all"], read_policy),
    "profile": ("profile.yaml", PROFILE, "operator", 3, read_profile),
    "terms": ("terms.yaml", TERMS, "areas", {"a": 3}, read_terms),
    "service": ("service.yaml", SERVICE, "url", 3, lambda path: mapping_named(str(path))),
    "calibration card": ("card.json", CALIBRATION, "n", "x", read_calibration),
    "gold": ("gold.jsonl", GOLD, "response", {"a": 1}, lambda path: read_gold([path])),
    "labels": ("labels.jsonl", LINES["labels.jsonl"], "epoch", "x", read_labels),
    "samples": ("samples.jsonl", SAMPLE, "input", 3, _samples),
    "item reviews": ("reviews.jsonl", REVIEW, "naturalness", "x", _item_reviews),
}
"""By kind: the file, what is in a right one, a key, a wrong value of it, and who reads it."""
FAULTS = (
    "a value",
    "a key",
    "no mapping",
    "nothing",
    "no text",
    "no syntax",
    "no file",
    "a folder",
)


def _broken(kind: str, fault: str) -> bytes | None:
    _, right, key, wrong, _ = KINDS[kind]
    contents: Any = {**right, key: wrong} if fault == "a value" else {**right, "nonesuch": 1}
    texts = {
        "no mapping": b"[1, 2]", "nothing": b"", "no text": b"\xff\xfe\xfa a: b",
        "no syntax": b"{a: [",
    }  # fmt: skip
    if fault in texts:
        return texts[fault]
    return json.dumps(contents).encode()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_file_says_what_is_wrong_with_it(kind: str, fault: str, tmp_path: Path) -> None:
    name, *_, read = KINDS[kind]
    path = tmp_path / "fraud" / name
    path.parent.mkdir()
    if fault == "a folder":
        path.mkdir()
    elif fault != "no file":
        path.write_bytes(_broken(kind, fault) or b"")
    if (kind, fault) in ACCEPTED:
        read(path)
        return
    with pytest.raises(TenkenError) as caught:
        read(path)
    said = str(caught.value)
    assert not PYDANTIC.search(said) and "\n" not in said and "Errno" not in said, said
    assert name in said or str(path.parent) in said, said
    if fault == "a value":
        assert re.search("expected|counts from", said), said
    if fault == "a key":
        assert "unknown" in said and "nonesuch" in said, said


ACCEPTED = {
    ("gold", "a key"): "columns that are not ours stay in the file",
    ("item reviews", "nothing"): "nobody has read an item",
    ("item reviews", "no file"): "nobody has read an item",
}
"""What is no fault, with the reason."""
