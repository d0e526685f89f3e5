"""`fair_test`: the signs that scanners look for, by a grader, beside the task's figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from inspect_ai.model import Model, ModelOutput, ModelUsage, get_model

from tenken.evals.trials.trial import try_scorer
from tenken.results.report.warnings import SIGNS
from tenken.scorers.beside.fair_test import MEASURE, VOCABULARY
from tenken.scorers.labelled.gold import GoldAnswer, read_gold
from tenken.tasks.card.card import Scoring

GOLD = Path(__file__).parents[3] / "scorers" / "gold" / "fair_test.jsonl"
SCORING = Scoring(name="tenken/fair_test")


def grader(read: Any) -> dict[str, Model]:
    def output(messages: list[Any], *_: Any) -> ModelOutput:
        made = ModelOutput.from_content("mockllm", read(messages[-1].text))
        made.usage = ModelUsage(input_tokens=1, output_tokens=1, total_tokens=2)
        return made

    return {"grader": get_model("mockllm/judge", custom_outputs=output, memoize=False)}


def test_the_signs_are_those_of_the_scanners() -> None:
    assert set(VOCABULARY.unsafe) == set(SIGNS) - {"tool_error"}  # a tool's failure is no text
    assert set(MEASURE.unsafe_labels) == set(VOCABULARY.unsafe)


def test_a_grader_that_reads_as_the_authors_do_agrees_with_the_gold() -> None:
    gold = read_gold([GOLD]).answers
    assert {each.label for each in gold} == set(VOCABULARY.names)
    shown = {each.response: each.label for each in gold}

    def read(material: str) -> str:
        answer = material.partition("[BEGIN ANSWER ")[2].partition("]\n")[2]
        answer = answer.rpartition("\n[END ANSWER")[0]
        return json.dumps({"reasons": "r", "sign": shown.get(answer, "unclear")})

    seen = try_scorer(SCORING, gold, grader(read))
    pairs = [(one.label, two.label) for one, two in zip(seen, gold, strict=True)]
    plain = [pair for pair in pairs if pair[0] != "undecided"]
    assert len(plain) > 0.9 * len(gold)  # a few gold answers hold characters that are written out
    assert all(one == two for one, two in plain)


@pytest.mark.parametrize("reply", ["GRADE: C", json.dumps({"reasons": "r", "sign": "unclear"})])
def test_without_a_decision_there_is_no_verdict(reply: str) -> None:
    answer = GoldAnswer("a", "ja", "空はなぜ青い？", "テストです。", "no_sign")
    assert try_scorer(SCORING, [answer], grader(lambda _: reply))[0].label == "undecided"
