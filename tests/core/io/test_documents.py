"""YAML that people write: what is read, and what is refused on which line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.io.documents import DocumentError, read_mapping, read_value

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)

REFUSED = [
    ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
    ("a: 1\nb: [1, 2\n", 3, "not valid YAML"),
    ("a: 1\nb: 2\na: 3\n", 3, "'a' is listed twice"),
    ("x:\n  a: 1\n  a: 1\n", 3, "'a' is listed twice"),
    (BOMB, 2, "aliases"),
    ("a: &x 1\nb: *x\n", 2, "aliases"),
    ("a: " + "[" * 5000 + "]" * 5000, 1, "nested too deeply"),
    ("a: 1\n---\nb: 2\n", 2, "second document"),
    ("? [a, b]\n: 1\n", 1, "a key must be a text"),
    ("~: 2\n", None, "the key None must be a text"),
    ('1: 2\n"1": 3\n', 2, "the key '1' is listed twice"),
    ("a: 2026-01-01\n", None, "put the date into quotes"),
    ("a: !!binary aGVsbG8=\n", None, "put the bytes into quotes"),
    ("a: .nan\n", None, "finite number"),
    ("a: 2026-99-99\n", None, "not valid YAML"),
    ("a: !!python/object/apply:os.system [true]\n", 1, "not valid YAML"),
    ("- 1\n", None, "must be a mapping"),
    ("", None, "must be a mapping"),
]


@pytest.mark.parametrize(("text", "line", "message"), REFUSED)
def test_a_trap_is_refused_with_its_line(text: str, line: int | None, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        read_mapping(text.encode())
    assert caught.value.line == line
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_utf_8_are_refused_with_their_line() -> None:
    with pytest.raises(DocumentError, match="not valid YAML") as caught:
        read_mapping("a: 1\nb: 日本".encode("euc-jp"))
    assert caught.value.line == 2


def test_what_json_can_say_is_read() -> None:
    text = "a: {en: One, ja: 一}\nb: [1, 2.5, true, null]\nc: |\n  two\n  lines\n"
    assert read_mapping(text) == {
        "a": {"en": "One", "ja": "一"},
        "b": [1, 2.5, True, None],
        "c": "two\nlines\n",
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("8", 8), ("[a, b]", ["a", "b"]), ("", None), ("a:b", "a:b")],
)
def test_a_value_alone_is_read(text: str, value: Any) -> None:
    assert read_value(text) == value


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_give_a_plain_mapping_or_one_kind_of_error(data: bytes) -> None:
    try:
        found = read_mapping(data)
    except DocumentError as error:
        assert "\n" not in str(error)
    else:
        json.dumps(found, allow_nan=False)


@given(st.text("ab:-[]{}&*!|>\n\t #'\",?0", max_size=60))
def test_any_yaml_like_text_gives_a_plain_mapping_or_one_kind_of_error(text: str) -> None:
    try:
        json.dumps(read_mapping(text), allow_nan=False)
    except DocumentError:
        pass


def test_a_key_is_what_is_written() -> None:
    found = read_mapping("1: full_refusal\nno: compliance\n1.5: x\n")
    assert found == {"1": "full_refusal", "no": "compliance", "1.5": "x"}
