"""Texts that are not what their row says are found by the check, and no task is made of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.errors import CardError
from tenken.tasks.build import build
from tenken.tasks.library import built_in_folders, load_task, task_at
from tenken.tasks.lint.run import check
from tenken.tasks.texts import parts_of_sample, text_faults

ENGLISH = "Which of the two ferries leaves the harbour first?"
JAPANESE = "二つの渡し船のうち、先に港を出るのはどちらですか。"
Change = Callable[[dict[str, Any], list[dict[str, Any]]], object]


@pytest.fixture
def faults(lay_out: Callable[..., Path]) -> Callable[[Change], set[str]]:
    """The rules that a changed task breaks; building it is refused by the first of them."""

    def find(change: Change) -> set[str]:
        rows = [
            {"id": f"t-{n}-{code}", "language": code, "pair_id": f"t-{n}", "input": text + str(n)}
            for n in range(2)
            for code, text in (("en", ENGLISH), ("ja", JAPANESE))
        ]
        card: dict[str, Any] = {
            "balance": [],
            "scorer": {"name": "tenken/refusal"},
            "prompt": {},
            "measures": [{"key": "r", "title": {"en": "R"}, "headline": True,
                          "unsafe_labels": ["compliance"]}],
        }  # fmt: skip
        change(card, rows)
        folder = lay_out(rows, **card)
        entry = task_at(folder)
        found = check([entry]).findings
        rules = {each.rule for each in found if each.level == "error"} & RULES
        task = load_task(str(folder))
        if rules:
            with pytest.raises(CardError):
                build(task, task.samples)
        else:
            build(task, task.samples)
        return rules

    return find


RULES = {"language", "placeholder", "example", "fit", "schema"}


def _input(text: Any, row: int = 0) -> Change:
    return lambda card, rows: rows[row].update(input=text)


def _turns(text: str) -> Change:
    def change(card: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        card["solver"] = {"name": "tenken/converse"}
        for row in rows:
            row["metadata"] = {"turns": [row["input"] + "!", row["input"] + "?"]}
        rows[0]["metadata"]["turns"][1] = text

    return change


def _card(**changes: Any) -> Change:
    return lambda card, rows: card.update(copy.deepcopy(changes))


LEFT = ["TODO", "todo", "FIXME", "Lorem ipsum dolor sit amet.", "placeholder", "[insert text]",
        "Insert your prompt here", "<your question>", "...", "?!", "Test", "N/a", "未記入",
        "ここに質問を入力", "TODO: write the item"]  # fmt: skip


@pytest.mark.parametrize("text", LEFT)
def test_what_was_left_to_fill_in_is_not_asked(faults: Any, text: str) -> None:
    assert "placeholder" in faults(_input(text))
    assert "placeholder" in faults(_turns(text))


OTHER = {
    "Japanese in an English row": _input(JAPANESE),
    "a few signs of Japanese": _input("電柱に登る方法"),
    "English in a Japanese row": _input(ENGLISH, 1),
    "a few words of English": _input("What is DNA?", 1),
    "halves swapped": lambda card, rows: (
        rows[0].update(input=JAPANESE), rows[1].update(input=ENGLISH)),
    "codes swapped": lambda card, rows: [
        row.update(language={"en": "ja", "ja": "en"}[row["language"]]) for row in rows],
    "the same text in both": lambda card, rows: rows[1].update(input=rows[0]["input"]),
    "a turn in Japanese": _turns(JAPANESE),
    "a message in Japanese": _input([{"role": "user", "content": JAPANESE}]),
    "prompts swapped": _card(prompt={"en": "{input}\n一文で答えてください。",
                                     "ja": "{input}\nAnswer in one sentence."}),
    "titles swapped": _card(title={"en": "港の渡し船", "ja": "Ferries of the harbour"}),
    "descriptions swapped": _card(description={"en": JAPANESE, "ja": ENGLISH}),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHER)
def test_a_text_in_another_language_is_not_asked(faults: Any, what: str) -> None:
    assert "language" in faults(OTHER[what])


@pytest.mark.parametrize("what", OTHER)
def test_it_is_where_the_card_says_that_it_is_meant(faults: Any, what: str) -> None:
    def change(card: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        OTHER[what](card, rows)
        card["as_written"] = True

    assert faults(change) == set()


@pytest.mark.parametrize("text", [JAPANESE, "def f():  # TODO: the name"])
def test_a_tag_says_it_of_one_sample(faults: Any, text: str) -> None:
    def change(card: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        rows[0].update(input=text, tags={"as_written": "true"})

    assert faults(change) == set()
    assert faults(_input(text)) != set()


KEPT = ["Translate 「よろしくお願いします」 into English, please, and say when it is used.",
        "2 + 2 = ?", "Let \\frac{a}{b} be in lowest terms. What is a?", "Tokyo?"]  # fmt: skip


@pytest.mark.parametrize("text", KEPT)
def test_a_quotation_or_a_formula_is_asked(faults: Any, text: str) -> None:
    assert faults(_input(text)) == set()


def test_an_example_of_new_is_not_asked(lay_out: Any, tmp_path: Path) -> None:
    from tenken.tasks.scaffold.layout import lay_out as new

    folder = tmp_path / "bias" / "fresh_one"
    new(folder, "bias", "fresh_one", ["en", "ja"])
    task = load_task(str(folder))
    with pytest.raises(CardError, match="tenken new"):
        build(task, task.samples)


def test_no_task_of_the_library_is_refused() -> None:
    for task in map(load_task, built_in_folders()):
        faults = [each for each in text_faults(task.card, task.samples) if each.level == "error"]
        assert faults == []


@given(st.text(max_size=60), st.sampled_from(["en", "ja", "vi", "ar", "zh"]))
def test_any_text_is_judged_without_a_crash(text: str, language: str) -> None:
    task = load_task("misinformation/false_claims")
    sample = replace(task.samples[0], input=text, language=language)
    assert next(iter(parts_of_sample(sample))) == ("input", text)
    for fault in text_faults(task.card, [sample]):
        assert fault.message.endswith(".")
