"""From a suite and choices to what is asked, and to the plan with its digests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenken.errors import InputError, UnknownNameError
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.graders import with_grader
from tenken.evals.planning.own import scorer_binding
from tenken.evals.planning.plan import (
    Choices,
    is_embedded,
    make_plan,
    resolve,
    run_name,
)
from tenken.evals.planning.software import software
from tenken.evals.suite import read_suite
from tenken.io.plugins import warn
from tenken.schema.plan import Plan
from tenken.tasks.card.card import Scoring
from tenken.tasks.library import LoadedTask, built_in_folders, load_task

MOCK = Endpoint(model="mockllm/model")
FRAUD = "criminal_misuse/fraud"
OF_FRAUD = Choices(limit=4, tasks=("fraud",))


def _plan(choices: Choices = Choices(limit=4), endpoint: Endpoint = MOCK) -> Plan:  # noqa: B008
    suite = read_suite("baseline")
    return make_plan(suite, endpoint, resolve(suite.suite, choices), choices)


def test_the_smaller_limit_counts() -> None:
    suite = read_suite("baseline").suite
    sizes = {each.task.name: len(each.samples) for each in resolve(suite, Choices(limit=20))}
    assert set(sizes.values()) == {20}
    assert len(next(iter(resolve(suite, Choices(limit=9999)))).samples) == 292


def test_choices_narrow_a_suite() -> None:
    suite = read_suite("baseline").suite
    choices = Choices(languages=("ja",), tasks=("fraud",), epochs=3)
    (asked,) = resolve(suite, choices)
    assert asked.task.name == FRAUD and asked.epochs == 3 and asked.max_tokens == 512
    assert {sample.language for sample in asked.samples} == {"ja"}


def test_samples_of_tasks_that_are_not_named_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def load(name: str) -> LoadedTask:
        read.append(name)
        return load_task(name)

    monkeypatch.setattr("tenken.evals.planning.resolve.load_task", load)
    (asked,) = resolve(read_suite("baseline").suite, OF_FRAUD)
    assert asked.task.name == FRAUD and len(read) == 1


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        (Choices(tasks=("fruad",)), f"unknown task 'fruad'. Did you mean '{FRAUD}'"),
        (Choices(scorers={"fruad": "tenken/choice"}), "unknown task 'fruad'"),
        (Choices(limit=0), "the limit is 0"),
        (Choices(languages=("qq",)), "unknown language 'qq'"),
        (Choices(languages=("fr",)), "has no sample left to ask"),
    ],
)
def test_names_that_are_unknown_are_refused(choices: Choices, message: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve(read_suite("baseline").suite, choices)
    assert message in str(caught.value)


def test_a_plan_holds_all_that_decides_a_run() -> None:
    plan = _plan()
    task = plan.task(FRAUD)
    assert task is not None and task.withheld and task.limited_to == 4
    assert task.available == len(load_task(FRAUD).samples)
    assert len(task.samples) == 4 and task.scorer.name == "tenken/refusal"
    assert {gate.task for gate in plan.gates} < {each.name for each in plan.tasks}
    assert plan.software["inspect-ai"] and plan.to_bytes() == _plan().to_bytes()


def test_gates_on_what_is_left_out_are_left_out() -> None:
    plan = _plan(Choices(tasks=("fraud",), limit=4))
    assert [gate.measure for gate in plan.gates] == ["violation_rate", "over_refusal_rate"]


CHANGES: list[tuple[str, Choices, Endpoint]] = [
    ("a limit", Choices(limit=6), MOCK),
    (
        "a scorer",
        Choices(
            limit=4,
            scorers={FRAUD: "tenken/rubric_judge"},
            roles={"grader": Endpoint(model="mockllm/judge")},
        ),
        MOCK,
    ),
    ("a model", Choices(limit=4), Endpoint(model="mockllm/other")),
    ("a system prompt", Choices(limit=4), Endpoint(model="mockllm/model", system_prompt="Hi")),
    (
        "a temperature",
        Choices(limit=4),
        Endpoint.model_validate({"model": "mockllm/model", "parameters": {"temperature": 1}}),
    ),
    ("a language", Choices(limit=4, languages=("en",)), MOCK),
]


@pytest.mark.parametrize(("what", "choices", "endpoint"), CHANGES)
def test_what_changes_answers_or_verdicts_changes_the_key(
    what: str, choices: Choices, endpoint: Endpoint
) -> None:
    alone = replace(choices, tasks=("fraud",))
    before, after = _plan(OF_FRAUD).task(FRAUD), _plan(alone, endpoint).task(FRAUD)
    assert before is not None and after is not None
    assert before.reuse_key != after.reuse_key, what
    suite = read_suite("baseline")
    assert run_name(suite, MOCK, Choices(limit=4)) != run_name(suite, endpoint, choices), what


@pytest.mark.parametrize(
    "changes",
    [
        {"connections": {"max_connections": 3}},
        {"price": {"input": 1, "output": 1}},
    ],
)
def test_what_changes_no_answer_changes_no_key(changes: dict[str, Any]) -> None:
    endpoint = Endpoint.model_validate({"model": "mockllm/model", **changes})
    assert _plan(OF_FRAUD, endpoint).to_bytes() == _plan(OF_FRAUD).to_bytes()


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("org/My Model:7B", "my-model-7b"),
        ("x/" + "y" * 90, "y" * 40),
        ("日本/モデル", "モデル"),
        ("x/?!", "model"),
    ],
)
def test_a_run_is_named_for_suite_and_model(model: str, part: str) -> None:
    name = run_name(read_suite("smoke"), Endpoint(model=model), Choices())
    assert name.startswith(f"smoke--{part}--") and "/" not in name


def test_a_scorer_is_bound_with_its_version_and_source() -> None:
    bound = scorer_binding(Scoring(name="tenken/refusal"))
    assert bound.version and len(bound.source_sha256) == 64
    with pytest.raises(UnknownNameError, match="Did you mean 'tenken/refusal'"):
        scorer_binding(Scoring(name="tenken/refusals"))
    with pytest.raises(InputError, match="cannot be made"):
        scorer_binding(Scoring(name="tenken/refusal", args={"x": 1}))


def test_versions_and_the_embedded_model() -> None:
    assert {"python", "tenken", "inspect-ai", "scipy"} <= set(software())
    assert is_embedded(Endpoint(model="tenken/smollm2")) and not is_embedded(MOCK)


def test_the_embedded_model_is_asked_a_balanced_part() -> None:
    suite = read_suite("baseline").suite
    whole, part = resolve(suite, Choices()), resolve(suite, Choices(), embedded=True)
    assert {each.task.name for each in whole} == set(built_in_folders())
    assert sum(len(each.samples) for each in whole) == sum(
        len(load_task(name).samples) for name in built_in_folders()
    )
    assert sum(len(each.samples) for each in part) < 200
    for each, all_of_it in zip(part, whole, strict=True):
        assert len(each.samples) < len(all_of_it.samples)
        languages = [sample.language for sample in each.samples]
        assert languages.count("en") == languages.count("ja")
    fraud = next(each for each in part if each.task.name == FRAUD)
    assert fraud.max_tokens == 24


GRADER = {"grader": Endpoint(model="mockllm/grader")}


def test_where_a_grader_is_bound_harm_is_judged_and_refusal_else() -> None:
    names = ("fraud", "escalation", "disinformation_requests", "claim_pressure")
    plan = _plan(Choices(limit=4, tasks=names, roles=GRADER))
    judges = {task.name.partition("/")[2]: task for task in plan.tasks}
    harm = judges["fraud"].vocabulary
    assert harm is not None and (harm.judges, harm.threshold) == ("harm", 0.5)
    assert judges["fraud"].graders == ["mockllm/grader"]
    assert judges["escalation"].scorer.args == {"turns": "harmful"}
    scorers = [judges[name].scorer.name for name in names]
    assert scorers == ["tenken/harm_judge"] * 3 + ["tenken/steadfastness"]
    alone = _plan(OF_FRAUD).task(FRAUD)
    assert alone is not None and alone.vocabulary is not None and not alone.graders
    assert (alone.vocabulary.judges, alone.vocabulary.threshold) == ("refusal", None)


def test_the_scorer_that_somebody_names_stays_and_so_do_other_roles() -> None:
    named = Choices(limit=4, scorers={"*": "tenken/refusal"}, tasks=("fraud",), roles=GRADER)
    other = Choices(limit=4, tasks=("fraud",), roles={"attacker": GRADER["grader"]})
    assert {_plan(each).tasks[0].scorer.name for each in (named, other)} == {"tenken/refusal"}
    refusals = ["full_refusal", "partial_refusal"]  # of a headline that means refusal
    scoring = Scoring(name="tenken/refusal")
    assert with_grader(scoring, refusals, GRADER) == scoring
    assert with_grader(scoring, ["compliance"], GRADER).name == "tenken/harm_judge"


def test_the_tested_model_is_no_grader_of_its_own_harm() -> None:
    with pytest.raises(InputError, match="would judge itself"):
        _plan(Choices(limit=4, tasks=("fraud",), roles={"grader": MOCK}))


@pytest.mark.parametrize(
    ("role", "words"),
    [("judge", "roles that it asks: -."), ("grder", "Did you mean 'grader'?")],
)
def test_a_role_that_nothing_asks_is_refused(role: str, words: str) -> None:
    suite = read_suite("baseline").suite
    choices = Choices(tasks=("false_claims",), limit=4, roles={role: MOCK})
    with pytest.raises(InputError, match=f"'{role}'") as error:
        resolve(suite, choices)
    assert str(error.value).endswith(words)


def test_a_grader_that_this_run_does_not_ask_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    warn.cache_clear()
    suite = read_suite("baseline").suite
    resolve(suite, Choices(tasks=("false_claims",), limit=4, roles={"grader": MOCK}))
    assert "the role 'grader'" in capsys.readouterr().err
    resolve(suite, Choices(tasks=("fraud",), limit=4, roles={"grader": MOCK}))
    assert capsys.readouterr().err == ""
