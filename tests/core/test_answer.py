"""What of a model's text counts as its answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.answer import MOST_CHARACTERS, parts, shortened

HARMONY = "<|channel|>analysis<|message|>why<|end|><|start|>assistant<|channel|>final<|message|>B"


@pytest.mark.parametrize(
    ("text", "answer", "thought"),
    [
        ("<think>why</think>B", "B", "why"),
        ("<think>\n\n</think>\n\nB", "B", ""),
        ("<THINK>why</THINK>B", "B", "why"),
        ("why</think>\n\nB", "B", "why"),
        ("<thinking>why</thinking> B", "B", "why"),
        ("<seed:think>why</seed:think>B", "B", "why"),
        ("[THINK]why[/THINK]B", "B", "why"),
        ("◁think▷why◁/think▷B", "B", "why"),
        ("<|START_THINKING|>why<|END_THINKING|><|START_RESPONSE|>B<|END_RESPONSE|>", "B", "why"),
        ("<think>a<think>b</think>c</think>B", "B", "a<think>b\n\nc"),
        ("one\n<think>why</think>\ntwo", "one\n\ntwo", "why"),
        (f"{HARMONY}<|return|>", "B", "why"),
        ("analysiswhyassistantfinalB", "B", "why"),
        ("B<|im_end|>", "B", ""),
        ("B</s>", "B", ""),
        ("B<|eot_id|>\n<|endoftext|>", "B", ""),
        ("<start_of_turn>model\nB<end_of_turn>\n", "B", ""),
    ],
)
def test_reasoning_and_end_tokens_are_no_answer(text: str, answer: str, thought: str) -> None:
    found = parts(text)
    assert (found.answer, found.thought, found.unfinished) == (answer, thought, False)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>I could", ""),
        ("Well.\n<think>I could", "Well.\n"),
        ("[THINK]I could", ""),
        ("<|channel|>analysis<|message|>I could", ""),
    ],
)
def test_reasoning_that_never_ends_is_unfinished(text: str, answer: str) -> None:
    found = parts(text)
    assert found.unfinished
    assert found.answer.strip() == answer.strip()
    assert "I could" in found.thought


@pytest.mark.parametrize(
    "text",
    ["  as it is \n", "", "Put it into `<think>` and `</think>`.", "The <think> tag opens it.",
     "a <b>bold</b> word", "<s>struck</s> out", "final analysis: B", "<|channel"],
)  # fmt: skip
def test_an_answer_without_either_is_left_alone(text: str) -> None:
    assert parts(text).answer == text
    assert not parts(text).unfinished


PIECES = st.sampled_from(
    [
        "<think>",
        "</think>",
        "[THINK]",
        "[/THINK]",
        "<|im_end|>",
        "</s>",
        "\n",
        " ",
        "B",
        "text",
        "`",
    ]
)


@given(st.lists(PIECES, max_size=12).map("".join))
def test_every_word_is_in_the_answer_or_in_the_thought(text: str) -> None:
    found = parts(text)
    assert (found.answer + found.thought).count("B") == text.count("B")


@pytest.mark.parametrize("text", ["<think>" * 50_000, " " * 500_000 + "x", "</think>" * 50_000])
def test_long_texts_take_no_long_time(text: str) -> None:
    assert len(parts(text).answer) <= len(text)


def test_a_very_long_answer_is_shortened_and_says_so() -> None:
    long = "a" * 80_000 + "b" * 80_000
    short = shortened(long)
    assert len(short) < MOST_CHARACTERS + 60
    assert short.startswith("aaa") and short.endswith("bbb")
    assert "60000 characters left out" in short
    assert shortened("short") == "short"
