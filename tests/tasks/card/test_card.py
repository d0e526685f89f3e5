"""Cards: what a card may say, and what is said about one that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenken.errors import CardError
from tenken.tasks.card.card import Card, read_card
from tenken.tasks.library import built_in_folders

LayOut = Callable[..., Path]
MEASURE = {"key": "x", "title": {"en": "X", "ja": "X"}, "headline": True}

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"scorers": {"name": "tenken/choice"}}, "unknown key 'scorers'. Did you mean 'scorer'?"),
    ({"dataset": {"sha257": "0" * 64}}, "'dataset.sha257'. Did you mean 'sha256'?"),
    ({"title": {"ja": "日本語だけ"}}, "the key 'title.en' is missing"),
    ({"canary": None}, "the key 'canary' is missing"),
    ({"languages": []}, "languages: expected 1 or more, and there are 0"),
    ({"languages": ["en", "xx"]}, "languages: unknown language 'xx'. Known: ar,"),
    ({"languages": ["en", "en"]}, "languages: listed twice"),
    ({"risk": "weather"}, "risk: unknown risk area 'weather'. Known: bias, "),
    ({"version": "1.0"}, "version: expected the form"),
    ({"dataset": {"sha256": "abc"}}, "dataset.sha256: expected the form"),
    ({"perspectives": [11]}, "perspectives.0: expected 10 or less"),
    ({"hazards": ["cbrn"]}, "hazards: unknown code 'cbrn'."),
    ({"trustworthiness": ["save"]}, "unknown code 'save'. Did you mean 'safe'?"),
    ({"trustworthiness": ["safe", "safe"]}, "trustworthiness: 'safe' is listed twice."),
    ({"measures": []}, "measures: expected 1 or more, and there are 0"),
    ({"measures": [{**MEASURE, "headline": False}]}, "exactly one measure must have headline"),
    ({"measures": [MEASURE, {**MEASURE, "key": "y"}]}, "exactly one measure must have headline"),
    (
        {"measures": [MEASURE, {**MEASURE, "headline": False}]},
        "measures: listed twice",
    ),
    ({"prompt": {"en": "{input} {answer}"}}, "prompt.en: only {input} and {choices}"),
    ({"prompt": {"en": "{input.__class__}"}}, "prompt.en: only {input} and {choices}"),
    ({"prompt": {"ja": "{input!r}"}}, "prompt.ja: only {input} and {choices}"),
    ({"prompt": {"en": "{input"}}, "prompt.en: expected '}' before end of string"),
    ({"prompt": {"en": "Say hello."}}, "prompt.en: {input} is missing"),
    ({"max_tokens": 0}, "max_tokens: expected 1 or more"),
    ({"title": "Tiny"}, "title: expected a text in English and Japanese, such as {en: ..., ja:"),
    ({"epochs": 3}, "unknown key 'epochs'."),
    ({"scorer": "tenken/choice"}, "scorer: expected a mapping, such as {key: value}"),
]


@pytest.mark.parametrize(("changes", "message"), WRONG)
def test_a_wrong_card_is_named_with_file_and_key(
    lay_out: LayOut, changes: dict[str, Any], message: str
) -> None:
    folder = lay_out(**changes)
    with pytest.raises(CardError) as caught:
        read_card(folder)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{folder / 'card.yaml'}: ")
    assert "\n" not in str(caught.value)


def test_a_card_agrees_with_where_it_lies(lay_out: LayOut) -> None:
    folder = lay_out()
    assert read_card(folder).name == "tiny"
    moved = folder.rename(folder.with_name("other"))
    with pytest.raises(CardError, match="name is 'tiny' but the folder is 'other'"):
        read_card(moved)
    elsewhere = moved.rename(moved.parent.parent / "tiny")
    with pytest.raises(CardError, match="risk is 'bias' but the folder is 'tasks'"):
        read_card(elsewhere)
    assert read_card(elsewhere, risk_folder=False).risk == "bias"


def test_no_card_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(CardError, match="there is no card here"):
        read_card(tmp_path)
    (tmp_path / "card.yaml").mkdir()
    with pytest.raises(CardError, match="cannot be read: Is a directory"):
        read_card(tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("name: tiny\n\trisk: bias\n", 2, "not valid YAML"),
        ("name: &a tiny\nrisk: *a\n", 2, "aliases"),
        ("name: tiny\nrisk: bias\nname: b\n", 3, "the key 'name' is listed twice"),
    ],
)
def test_wrong_yaml_is_named_with_its_line(
    lay_out: LayOut, text: str, line: int, message: str
) -> None:
    path = lay_out() / "card.yaml"
    path.write_text(text)
    with pytest.raises(CardError, match=message) as caught:
        read_card(path.parent)
    assert str(caught.value).startswith(f"{path}:{line}: ")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(st.sampled_from([*Card.model_fields, "extra"]), JSON, max_size=3))
def test_a_card_with_anything_in_it_is_a_card_or_a_card_error(
    lay_out: LayOut, changes: dict[str, Any]
) -> None:
    path = lay_out() / "card.yaml"
    raw = {**yaml.safe_load(path.read_bytes()), **changes}
    path.write_text(yaml.safe_dump(raw, allow_unicode=False), "utf-8")
    try:
        read_card(path.parent)
    except CardError as error:
        assert str(error).startswith(str(path))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.binary(max_size=120))
def test_any_bytes_as_a_card_give_a_card_error(lay_out: LayOut, data: bytes) -> None:
    path = lay_out() / "card.yaml"
    path.write_bytes(data)
    with pytest.raises(CardError):
        read_card(path.parent)


@pytest.mark.parametrize("name", built_in_folders())
def test_the_cards_of_the_library_are_whole(name: str) -> None:
    card = read_card(built_in_folders()[name].folder)
    assert card.languages == ["en", "ja"]
    assert card.name in card.canary
    assert card.authors and card.dataset.licence and card.perspectives and card.trustworthiness
