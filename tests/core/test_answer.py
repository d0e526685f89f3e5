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
        (HARMONY.replace("final", "Final"), "B", "why"),
        ("< think >why</ think >B", "B", "why"),
        ("<think/>B", "B", ""),
        ("<think />\nB", "B", ""),
        ("<longcat_think>why</longcat_think>B", "B", "why"),
        ("<mm:think>why</mm:think>B", "B", "why"),
        ("<thought_process>why</thought_process>B", "B", "why"),
        ("<scratchpad>why</scratchpad>B", "B", "why"),
        ("&lt;think&gt;why&lt;/think&gt;B", "B", "why"),
        ("＜think＞why＜/think＞B", "B", "why"),
        ("【思考】なぜ【/思考】B", "B", "なぜ"),
        ("[REASONING]why[/REASONING]B", "B", "why"),
        ("<|inner_prefix|>why<|inner_suffix|>B", "B", "why"),
        ("<|channel>thought\nwhy<channel|>B", "B", "why"),
        ("<unused94>thought\nwhy<unused95>B", "B", "why"),
        ("Here is my thought process: why\nHere is my response: B", "B", "why"),
        ("<think>```\nx\n```</think>B", "B", "```\nx\n```"),
        ("<think>say '<think>' or '</think>'</think>B", "B", "say '<think>' or '</think>'"),
        ("```\nx</think>B", "B", "```\nx"),
        ("<|start|>assistant<|message|>B<|end|>", "B", ""),
        ("<|start_header_id|>assistant<|end_header_id|>\n\nB<|eot_id|>", "B", ""),
        ("B<|user|>", "B", ""),
        ("B[|endofturn|]", "B", ""),
        ("B<EOT><pad><pad>", "B", ""),
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
    "piece",
    ["<pad>", "</s>\n", "<|user|>", "<|channel|>analysis<|x|>", "<think>", "</think>", "`<think>",
     "```\n<think>\n", "<think ", "< / ", "<" + " " * 50, "「<think>", "assistantfina"],
)  # fmt: skip
def test_a_model_that_repeats_itself_without_end_is_read_in_one_go(piece: str) -> None:
    text = "analysisWell, B" + piece * (MOST_CHARACTERS // len(piece))
    assert len(parts(text).answer) <= len(text)
    assert len(parts("B" + text).answer) <= len(text) + 1


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("<think>I could", ""),
        ("Well.\n<think>I could", "Well.\n"),
        ("[THINK]I could", ""),
        ("<|channel|>analysis<|message|>I could", ""),
        ("analysisWell, I could", ""),
        ("Here is my thought process: I could", ""),
        ("<scratchpad>I could", ""),
    ],
)
def test_reasoning_that_never_ends_is_unfinished(text: str, answer: str) -> None:
    found = parts(text)
    assert found.unfinished
    assert found.answer.strip() == answer.strip()
    assert "I could" in found.thought


@pytest.mark.parametrize(
    "text",
    ["Write `<think>why</think>` first.", "So:\n```\n<think>\nwhy\n</think>\nB\n```\nThat is it.",
     "「<think>なぜ</think>」と書きます。", "The analysis: assistantfinal is a word.",
     "analysis of B", "  as it is \n", "", "Put it into `<think>` and `</think>`.",
     "The <think> tag opens it.",
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
