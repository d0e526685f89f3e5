"""Whatever is flipped in a task ends as an error or without a verdict, never as another rate."""

from __future__ import annotations

import asyncio
import copy
import json
import math
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from inspect_ai.dataset import Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageUser,
    ModelName,
    ModelOutput,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import TaskState
from inspect_ai.tool import ToolCall

from tenken.errors import InputError
from tenken.io.canonical import sha256_bytes
from tenken.results.records.logs import LoggedSample
from tenken.results.records.outcomes import OutcomeFound, decide
from tenken.schema.plan import PlannedTask, ScoreMapping
from tenken.schema.vocabulary import Vocabulary
from tenken.tasks.build import build
from tenken.tasks.card.card import Scoring, read_card
from tenken.tasks.dataset.read import read_samples
from tenken.tasks.dataset.sample import measure_of
from tenken.tasks.fit import counted, planned_vocabulary
from tenken.tasks.library import LoadedTask, built_in_folders
from tenken.tasks.parts import make_scorer

REFUSES = "I'm sorry, but I can't help with that request."
HELPS = "Sure. Here is the text:\n\n1. Hello, it is me.\n2. I need the money today.\n3. Thank you."
SAYS = (("A", "A"), ("A", "B"), ("B", "A"), ("B", "B"), ("D", "D"), (REFUSES, REFUSES),
        (HELPS, HELPS))  # fmt: skip
"""The first answer of a sample, and the further ones."""
FOREIGN = ("inspect_ai/match", "inspect_ai/f1", "inspect_ai/includes", "tenken/no_such")
OF_OURS = ("tenken/refusal", "tenken/choice", "tenken/group_gap", "tenken/steadfastness",
           "tenken/tool_misuse", "tenken/requirement_judge", "tenken/fabrication")  # fmt: skip


@dataclass
class Raw:
    """A task as its author writes it: the card and a few samples."""

    card: dict[str, Any]
    samples: list[dict[str, Any]]


def raw_task(name: str) -> Raw:
    """The card of a task with the first pair of samples of each measure, and their twins."""
    folder = built_in_folders()[name].folder
    card = read_card(folder)
    samples = read_samples(card, folder)
    measures: dict[str, str] = {}
    for sample in samples:
        measure = measure_of(card, sample)
        assert measure is not None
        measures.setdefault(measure.key, sample.pair_id)
    pairs = set(measures.values())
    twins = {each.benign_twin for each in samples if each.pair_id in pairs}
    pairs |= {each.pair_id for each in samples if each.id in twins}
    rows = [json.loads(line) for line in (folder / card.dataset.file).read_text().splitlines()]
    kept = [row for row in rows if row.get("pair_id", row["id"]) in pairs]
    return Raw(yaml.safe_load((folder / "card.yaml").read_text()), kept)


def outcomes(raw: Raw) -> list[OutcomeFound | str]:
    """What each answer to each sample comes to; one `refused` where the task is."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / str(raw.card.get("risk")) / str(raw.card.get("name"))
        folder.mkdir(parents=True)
        lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in raw.samples)
        (folder / "samples.jsonl").write_text(lines)
        dataset = {**raw.card["dataset"], "sha256": sha256_bytes(lines.encode())}
        (folder / "card.yaml").write_text(json.dumps({**raw.card, "dataset": dataset}))
        try:
            card = read_card(folder)
            samples = tuple(read_samples(card, folder))
            task = LoadedTask(f"{card.risk}/{card.name}", folder, "here", card, samples)
            made = build(task, samples)
        except InputError:
            return ["refused"]
        measures = {each.key: each for each in counted(card.measures, card.scorer)}
        planned = SimpleNamespace(
            name=task.name,
            vocabulary=planned_vocabulary(card.scorer, list(measures.values())),
            mapping=ScoreMapping(labels=card.scorer.labels) if card.scorer.labels else None,
        )
        asked = [
            (sample, said)
            for sample in made.dataset
            for said in (*SAYS, (names(sample.metadata or {}),) * 2)
        ]
        found: list[OutcomeFound | str] = []
        for (sample, _), logged in zip(asked, scored(card.scorer, asked), strict=True):
            if logged is None:
                found.append("errored")
            else:
                measure = measures[(sample.metadata or {})["tenken"]["measure"]]
                found.append(decide(logged, cast(PlannedTask, planned), measure, "s", None))
        return found


def names(metadata: dict[str, Any]) -> str:
    """An answer with the words that a sample's scorer looks for, where it looks for some."""
    words = metadata.get("must") or metadata.get("must_not")
    first = words[0] if isinstance(words, list) and words else words
    return f"It is {first}." if isinstance(first, str) else "None."


def scored(
    scoring: Scoring, asked: list[tuple[Sample, tuple[str, str]]]
) -> list[LoggedSample | None]:
    """The log of each answer under the scorer; None where the scorer failed."""
    try:
        scorer = make_scorer(scoring)
    except Exception:
        return [None] * len(asked)

    async def judge() -> list[LoggedSample | None]:
        return [await logged(scorer, answered(sample, said)) for sample, said in asked]

    return asyncio.run(judge())


async def logged(scorer: Scorer, state: TaskState) -> LoggedSample | None:
    try:
        score = await scorer(state, state.target)
    except Exception:
        return None
    assert score is not None
    kept = {"value": score.value, "answer": score.answer, "reason": score.reason,
            "metadata": score.metadata}  # fmt: skip
    return LoggedSample(
        id=str(state.sample_id), epoch=1, input="Q", messages=[], completion="x",
        stop_reason="stop", output_tokens=1, called_tools=False, error="", limit="",
        scores={"s": kept}, completed_at="", usage={},
    )  # fmt: skip


def answered(sample: Sample, said: tuple[str, str]) -> TaskState:
    """The sample when a model has said something first, and something to all that follows."""
    about = sample.metadata or {}
    turns = about.get("turns")
    more = len(turns) if isinstance(turns, list) else 0
    messages: list[ChatMessage] = []
    for number in range(1 + more + ("swapped" in about)):
        answer = ChatMessageAssistant(content=said[number > 0])
        messages += [ChatMessageUser(content="Q"), answer]
    rules = about.get("misuse") or about.get("done")
    if isinstance(rules, list) and said[0] == HELPS:
        calls = [
            ToolCall(
                id=str(number),
                function=str(rule["tool"]),
                arguments={key: texts[0] for key, texts in rule.get("has", {}).items()},
            )
            for number, rule in enumerate(rules)
        ]
        messages += [ChatMessageAssistant(content="Done.", tool_calls=calls)]
    return TaskState(
        model=ModelName("mockllm/model"),
        sample_id=sample.id or "",
        epoch=1,
        input=sample.input,
        messages=messages,
        choices=sample.choices,
        target=Target(sample.target),
        output=ModelOutput.from_content("mockllm/model", messages[-1].text),
        metadata=about,
    )


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document, however deep."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = [(*path, key) for key, _ in inner] if isinstance(value, (dict, list)) else []
    for place in list(found):
        part = value[place[-1]]
        found += places(part, place) if isinstance(part, (dict, list)) else []
    return found


def flipped_type(value: Any) -> Any:
    """The value as another type, as people write it by mistake."""
    if isinstance(value, bool):
        return [value]
    if isinstance(value, (int, float)):
        return [value]
    if isinstance(value, str) or value is None:
        return {"text": value}
    return "".join(map(str, value)) if isinstance(value, list) else list(value)


def misspelt(text: str, how: int) -> str:
    """A text with one letter lost, doubled or added, or two letters swapped."""
    middle = len(text) // 2
    return (
        text[:middle] + text[middle + 1 :],
        text[:middle] + text[middle : middle + 1] + text[middle:],
        text + "s",
        text[:-2] + text[-2:][::-1],
    )[how % 4]


def inside(document: Any, place: tuple[Any, ...]) -> Any:
    for key in place[:-1]:
        document = document[key]
    return document


NAMES = sorted(built_in_folders())


@cache
def base(name: str) -> Raw:
    """The task as it is; read by whichever process tests it, and not where tests are collected."""
    return raw_task(name)


@cache
def without_change(name: str) -> list[OutcomeFound | str]:
    """What its answers come to."""
    return outcomes(base(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_task_as_it_is_gives_verdicts_on_both_sides(name: str) -> None:
    verdicts = {each.verdict for each in without_change(name) if isinstance(each, OutcomeFound)}
    assert {0.0, 1.0} <= verdicts


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=settings.default.max_examples // 3)
def test_a_flipped_key_or_type_gives_no_other_verdict(name: str, data: st.DataObject) -> None:
    raw = copy.deepcopy(base(name))
    whole = {"card": {k: raw.card[k] for k in ("scorer", "measures") if k in raw.card}
             | ({"solver": raw.card["solver"]} if "solver" in raw.card else {}),
             "samples": raw.samples}  # fmt: skip
    place = data.draw(st.sampled_from([each for each in places(whole) if len(each) > 2]))
    parent, key = inside(whole, place), place[-1]
    if isinstance(parent, dict) and data.draw(st.booleans()):
        parent[misspelt(key, data.draw(st.integers(0, 3)))] = parent.pop(key)
    else:
        parent[key] = flipped_type(parent[key])
    raw.card |= whole["card"]
    came = outcomes(raw)
    if came != ["refused"]:
        for before, after in zip(without_change(name), came, strict=True):
            verdict = after.verdict if isinstance(after, OutcomeFound) else None
            assert verdict is None or after == before, place


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=settings.default.max_examples // 5)
def test_a_misspelt_label_is_refused(name: str, data: st.DataObject) -> None:
    raw = copy.deepcopy(base(name))
    measure = data.draw(st.sampled_from(raw.card["measures"]))
    labels = measure[data.draw(st.sampled_from([k for k in measure if k.endswith("_labels")]))]
    number = data.draw(st.integers(0, len(labels) - 1))
    labels[number] = misspelt(labels[number], data.draw(st.integers(0, 3)))
    assert outcomes(raw) == ["refused"]


@pytest.mark.parametrize("name", NAMES)
def test_a_scorer_that_does_not_fit_is_refused(name: str) -> None:
    own = base(name).card["scorer"]["name"]
    for other in (*FOREIGN, *OF_OURS):
        if other != own:
            raw = Raw({**base(name).card, "scorer": {"name": other}}, base(name).samples)
            assert outcomes(raw) == ["refused"], other


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", ["solver", "scorer"])
def test_a_part_or_argument_that_does_not_exist_is_refused(name: str, part: str) -> None:
    for change in ({"name": "tenken/no_such"}, {"args": {"no_such": 1}}):
        raw = copy.deepcopy(base(name))
        raw.card[part] = {**raw.card.get(part, {"name": "tenken/ask"}), **change}
        assert outcomes(raw) == ["refused"]


def _measures(change: dict[str, Any]) -> Any:
    return lambda raw: raw.card["measures"][0].update(change)


def _samples(change: dict[str, Any]) -> Any:
    return lambda raw: [row.update(copy.deepcopy(change)) for row in raw.samples]


def _card(change: dict[str, Any]) -> Any:
    return lambda raw: raw.card.update(copy.deepcopy(change))


def _swapped_is_the_input(raw: Raw) -> None:
    for row in raw.samples:
        row["metadata"]["swapped"] = row["input"] + " "


def _twin_of_itself(raw: Raw) -> None:
    for row in raw.samples:
        row["benign_twin"] = row["id"]


def _steps(number: Any) -> Any:
    return _card({"solver": {"name": "tenken/act", "args": {"max_steps": number}}})


NUMBERS = {"key": "r", "title": {"en": "R", "ja": "R"}, "headline": True}
REFUSED = {
    "a choice of an argument that is misspelt": (
        "fraud", _card({"scorer": {"name": "tenken/refusal", "args": {"turns": "harmfull"}}})),
    "no step": ("agentic_misuse", _steps(0)),
    "true for a number": ("agentic_misuse", _steps(True)),
    "a number in quotes": ("agentic_misuse", _steps("6")),
    "a list for a role": (
        "escalation", _card({"solver": {"name": "tenken/converse", "args": {"attacker": ["x"]}}})),
    "a measure that takes all": ("fraud", _measures({"where": {}})),
    "a measure of a tag in capitals": ("fraud", _measures({"where": {"benign_twin": "False"}})),
    "signs without a shape": ("fraud", _samples({"input": "\u200b\ufeff\u00ad"})),
    "a wrong encoding": ("fraud", _samples({"input": "Write \u0093this\u0094 for me"})),
    "a replaced sign": ("fraud", _samples({"input": "caf\ufffd"})),
    "nothing asked": ("fraud", _samples({"input": [{"role": "system", "content": "You help."}]})),
    "a twin of itself": ("fraud", _twin_of_itself),
    "the same text swapped": ("decision_parity", _swapped_is_the_input),
    "choices alike": ("false_claims", _samples({"choices": ["Yes", "ｙｅｓ "], "target": "A"})),
    "a choice that is another's letter": (
        "false_claims", _samples({"choices": ["B", "A"], "target": "A"})),
    "a blank choice": ("false_claims", _samples({"choices": ["Yes", "\u3000"], "target": "A"})),
    "numbers the wrong way round": ("false_claims", _card({
        "scorer": {"name": "inspect_ai/f1"},
        "measures": [{**NUMBERS, "value": {"range": [0, 1], "higher_is": "worse"}}]})),
    "a wider range than the scorer's": ("false_claims", _card({
        "scorer": {"name": "inspect_ai/f1"},
        "measures": [{**NUMBERS, "value": {"range": [-100, 1], "higher_is": "better"}}]})),
    "true in a range": ("false_claims", _card({
        "scorer": {"name": "inspect_ai/f1"},
        "measures": [{**NUMBERS, "value": {"range": [False, True], "higher_is": "better"}}]})),
}  # fmt: skip
"""What was once a figure and is a mistake: the task, and how it is changed."""


@pytest.mark.parametrize("what", REFUSED)
def test_a_mistake_is_refused(what: str) -> None:
    name, change = REFUSED[what]
    raw = copy.deepcopy(base(next(full for full in NAMES if full.endswith(f"/{name}"))))
    change(raw)
    assert outcomes(raw) == ["refused"]


RETURNED = [
    None,
    math.nan,
    math.inf,
    -math.inf,
    [1, 0],
    {"a": 1},
    True,
    "0.5",
    "bad",
    "",
    -1,
    7,
    "C",
]


@scorer(metrics=[mean()], name="returns")
def returns(number: int, bare: bool = False) -> Scorer:
    async def score(state: TaskState, target: Target) -> Any:
        value = RETURNED[number]
        return value if bare or value is None else Score(value=value)  # type: ignore[arg-type]

    return score


@pytest.mark.parametrize("bare", [False, True])
@pytest.mark.parametrize("number", range(len(RETURNED)), ids=lambda n: repr(RETURNED[n]))
def test_what_a_scorer_returns_beside_a_number_in_range_is_no_verdict(
    number: int, bare: bool
) -> None:
    raw = copy.deepcopy(base("criminal_misuse/fraud"))
    raw.card["scorer"] = {"name": "returns", "args": {"number": number, "bare": bare}}
    raw.card["measures"] = [{**NUMBERS, "value": {"range": [0, 5], "higher_is": "worse"}}]
    found = outcomes(raw)
    assert found
    assert all(each == "errored" or (isinstance(each, OutcomeFound) and each.outcome == "unscored"
               and each.verdict is None) for each in found)  # fmt: skip


@scorer(metrics=[mean()], name="any_label")
def any_label(label: str) -> Scorer:
    async def score(state: TaskState, target: Target) -> Score:
        return Score(value=0.0, metadata={"label": label})

    return score


@pytest.mark.parametrize("label", ["", "zzz", "Compliance", "correct"])
def test_an_open_vocabulary_takes_no_label_that_means_nothing(
    label: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "VOCABULARY", {"any_label": Vocabulary(labels=[])})
    raw = copy.deepcopy(base("criminal_misuse/fraud"))
    raw.card["scorer"] = {"name": "any_label", "args": {"label": label}}
    assert {each.reason for each in outcomes(raw) if isinstance(each, OutcomeFound)} == {
        "unknown_label"
    }


@pytest.mark.parametrize("name", NAMES)
def test_labels_of_the_other_end_are_refused(name: str) -> None:
    """Every measure that harm raises: the worst answers would have been its safe ones."""
    card = read_card(built_in_folders()[name].folder)
    known = planned_vocabulary(card.scorer, counted(card.measures, card.scorer))
    assert known is not None
    for number, measure in enumerate(counted(card.measures, card.scorer)):
        beside = set(known.beside(measure.unsafe_labels)) - {"stereotyped", "counter", "unknown"}
        safe = beside - set(measure.unsafe_labels) - set(measure.excluded_labels)
        if not set(known.unsafe) & safe and set(known.unsafe) & set(measure.unsafe_labels):
            raw = copy.deepcopy(base(name))
            raw.card["measures"][number]["unsafe_labels"] = sorted(safe)
            assert outcomes(raw) == ["refused"], measure.key
            raw.card["measures"][number]["unsafe_labels"] = sorted(safe)[:1]
            assert outcomes(raw) == ["refused"], measure.key


ONLY_REFUSALS = [{**NUMBERS, "unsafe_labels": ["full_refusal"]}]


def _harmful(raw: Raw) -> list[dict[str, Any]]:
    return [row for row in raw.samples if "benign_twin" not in row]


@pytest.mark.parametrize("said", [{}, {"reversed": True}])
def test_refusals_of_harmful_requests_are_no_unsafe_end(said: dict[str, bool]) -> None:
    raw = copy.deepcopy(base("criminal_misuse/fraud"))
    raw.card["measures"] = [{**ONLY_REFUSALS[0], **said}]
    assert outcomes(raw) == ["refused"]


def test_refusals_of_harmless_requests_are_where_the_card_says_so() -> None:
    raw = copy.deepcopy(base("criminal_misuse/fraud"))
    raw.samples = _harmful(raw)
    raw.card["measures"] = copy.deepcopy(ONLY_REFUSALS)
    assert outcomes(raw) == ["refused"]
    raw.card["measures"][0]["reversed"] = True
    assert {0.0, 1.0} <= {each.verdict for each in outcomes(raw) if isinstance(each, OutcomeFound)}
    for row in raw.samples:
        row["tags"] |= {"hazardous": "true"}
    assert outcomes(raw) == ["refused"]


def test_right_answers_of_inspects_scorer_are_no_unsafe_end() -> None:
    raw = copy.deepcopy(base("misinformation/false_claims"))
    raw.card["scorer"] = {"name": "inspect_ai/match", "labels": {"C": "good", "I": "bad"}}
    raw.card["measures"] = [{**NUMBERS, "unsafe_labels": ["good"]}]
    assert outcomes(raw) == ["refused"]
    raw.card["measures"][0]["unsafe_labels"] = ["bad"]
    assert outcomes(raw) != ["refused"]


def test_a_label_that_no_item_can_get_makes_no_measure_right() -> None:
    raw = copy.deepcopy(base("misinformation/false_claims"))
    raw.card["measures"][0]["unsafe_labels"] = ["correct", "stereotyped"]
    assert outcomes(raw) == ["refused"]


@pytest.mark.parametrize("label", ["counter", "unknown", "correct"])
def test_a_bias_that_is_avoided_is_no_unsafe_end(label: str) -> None:
    raw = copy.deepcopy(base("bias/ambiguous_qa"))
    raw.card["measures"][0]["unsafe_labels"] = [label]
    assert outcomes(raw) == ["refused"]


def test_an_over_refusal_measure_needs_no_word() -> None:
    raw = copy.deepcopy(base("criminal_misuse/fraud"))
    raw.card["measures"][1]["reversed"] = True
    assert outcomes(raw) == without_change("criminal_misuse/fraud")
    raw.card["measures"][0]["reversed"] = True
    assert outcomes(raw) == ["refused"]


VALUES = [{"C": "correct", "X": "incorrect"}, {"c": "correct", "i": "incorrect"}, {"C": "correct"}]
MISSPELT = {"turns": "Turns", "harmful_from": "harmful_form", "swapped": "swaped"}


@pytest.mark.parametrize("labels", VALUES)
def test_labels_for_values_that_inspects_scorers_do_not_give_are_refused(labels: Any) -> None:
    raw = copy.deepcopy(base("misinformation/false_claims"))
    raw.card["scorer"] = {"name": "inspect_ai/match", "labels": labels}
    raw.card["measures"] = [{**NUMBERS, "unsafe_labels": [list(labels.values())[-1]]}]
    assert outcomes(raw) == ["refused"]


def test_right_answers_as_numbers_are_better_where_they_are_higher() -> None:
    raw = copy.deepcopy(base("misinformation/false_claims"))
    raw.card["scorer"] = {"name": "inspect_ai/match"}
    raw.card["measures"] = [{**NUMBERS, "value": {"range": [0, 1], "higher_is": "worse"}}]
    assert outcomes(raw) == ["refused"]


@pytest.mark.parametrize("key", MISSPELT)
def test_a_key_beside_the_right_one_that_is_nearly_it_is_refused(key: str) -> None:
    name = {"swapped": "bias/decision_parity"}.get(key, "criminal_misuse/escalation")
    raw = copy.deepcopy(base(name))
    for row in raw.samples:
        value = row["metadata"].pop(key, None)
        row["metadata"][MISSPELT[key]] = value if value is not None else "x"
    assert outcomes(raw) == ["refused"]
