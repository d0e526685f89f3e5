"""Answers to choose from, read out of a question's text: exactly, or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.errors import InputError
from tenken.tasks.importers.aisev.choices import read_choices

WHERE = "set.csv:7"

READ: list[tuple[str, str, tuple[str, ...], str]] = [
    ("空の色は？\nA. 青\nB. 緑", "A", ("青", "緑"), "A"),
    ("空の色は？\nＡ．青\nＢ．緑\n記号で答えてください。", "緑", ("青", "緑"), "B"),
    ("空の色は？ ①青 ②緑", "②", (), ""),
    ("空の色は？ ①青、②緑", "②", (), ""),
    ("空の色は？\nア：青\nイ：緑", "正解：イ", ("青", "緑"), "B"),
    ("空の色は？\n(1) 青\n(2) 緑\n(3) 赤", "(3)", ("青", "緑", "赤"), "C"),
    ("Sky?\nA) blue\nB) green", "b", ("blue", "green"), "B"),
    ("Sky? A) blue B) green", "(B)", ("blue", "green"), "B"),
    ("Sky? A: blue, B: green", "Answer: A", ("blue", "green"), "A"),
    ("Which?\n- a. 3.5\n- b. 4.5", "4.5", ("3.5", "4.5"), "B"),
]

REFUSED: list[tuple[str, str, str]] = [
    ("Sky?", "A", "no answers to choose from"),
    ("Sky? A blue B green", "A", "no answers to choose from"),
    ("Sky?\nA. blue", "A", "no answers to choose from"),
    ("Sky?\nA. blue\nC. green", "A", "no answers to choose from"),
    ("Sky?\nB. blue\nA. green", "A", "no answers to choose from"),
    ("Sky?\nA. blue\nand\nB. green", "A", "no answers to choose from"),
    ("Sky? A) blue B) green Which one?", "A", "no answers to choose from"),
    ("Do:\n1. look\n2. think\nWhat now?\nA. blue\nB. green", "A", "no answers to choose from"),
    ("Sky?\nA. blue\nB. blue", "A", "different answers"),
    ("Sky?\nA. blue\nB. green", "", "the right answer is missing"),
    ("Sky?\nA. blue\nB. green", "C", "the right answer 'C' is neither"),
    ("Sky?\nA. blue\nB. green", "A or B", "the right answer 'A or B' is neither"),
    ("Sky?\nA. blue\nB. green", "The colour must be right.", "is neither a mark"),
    ("How many?\n1. 2\n2. 1", "1", "the right answer '1' is neither"),
]


@pytest.mark.parametrize(("text", "target", "texts", "letter"), READ)
def test_answers_and_the_right_one_are_read(
    text: str, target: str, texts: tuple[str, ...], letter: str
) -> None:
    found = read_choices(WHERE, text, (), target)
    assert (found.texts, found.target) == (texts or ("青", "緑"), letter or "B")


@pytest.mark.parametrize(("text", "target", "message"), REFUSED)
def test_what_leaves_a_doubt_is_refused_with_its_line(text: str, target: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        read_choices(WHERE, text, (), target)
    assert str(caught.value).startswith("set.csv:7: ")


def test_answers_in_columns_have_the_letters_of_their_order() -> None:
    assert read_choices(WHERE, "Sky?", ("blue", "green"), "B").target == "B"
    assert read_choices(WHERE, "Sky?", ("blue", "green"), "Green").target == "B"
    # A letter that is also the text of another answer leaves a doubt.
    with pytest.raises(InputError, match="is neither"):
        read_choices(WHERE, "Which letter?", ("B", "A"), "B")


@given(text=st.text(alphabet="ABab12①②アイ.)(：、。 \n青", max_size=40), target=st.text(max_size=4))
def test_any_text_gives_choices_or_one_error(text: str, target: str) -> None:
    try:
        found = read_choices(WHERE, text, (), target)
    except InputError as error:
        assert str(error).startswith("set.csv:7: ")
    else:
        assert len(found.texts) >= 2 and all(found.texts)
        assert 0 <= ord(found.target) - ord("A") < len(found.texts)


@given(
    st.lists(st.text(alphabet="abcdef青緑", min_size=1, max_size=6), min_size=2, max_size=9,
             unique=True), st.data(),
)  # fmt: skip
def test_a_well_formed_list_is_read_back(texts: list[str], data: st.DataObject) -> None:
    right = data.draw(st.integers(0, len(texts) - 1))
    lines = "".join(f"\n{chr(ord('A') + i)}. {text}" for i, text in enumerate(texts))
    letter = chr(ord("A") + right)
    found = read_choices(WHERE, f"Which?{lines}", (), f"({letter})")
    assert (list(found.texts), found.target) == (texts, letter)
