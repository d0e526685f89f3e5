"""A report keeps its published form, adds up, and says nothing that was not measured."""

from __future__ import annotations

import json
import math
import random
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from tenken.results.metrics.settings import Statistics
from tenken.results.records.read import RunRecords, read_records
from tenken.results.report import areas as areas_module
from tenken.results.report import report as report_module
from tenken.results.report import tasks as tasks_module
from tenken.results.report.report import compute_report
from tenken.results.report.shown import made_by
from tenken.schema.estimate import Rate
from tenken.schema.plan import Gate, Plan, read_plan
from tenken.schema.record import SampleRecord

SCHEMAS = Path(report_module.__file__).parents[1] / "schemas"


def schema(name: str) -> dict[str, Any]:
    return dict(json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8")))


def faults(name: str, value: Any) -> list[str]:
    return [error.message for error in Draft202012Validator(schema(name)).iter_errors(value)]


@pytest.fixture(scope="module")
def plan(sealed: Any) -> Plan:
    return read_plan(sealed.run)


@pytest.fixture(scope="module")
def found(sealed: Any, plan: Plan) -> RunRecords:
    return read_records(sealed.run, plan)


@pytest.fixture(scope="module")
def made(plan: Plan, found: RunRecords) -> dict[str, Any]:
    return compute_report(plan, found, "0" * 64).contents()


def without(found: RunRecords, which: Any) -> RunRecords:
    """Take the verdict from some records."""
    lost = [
        replace(r, outcome="errored", reason="E", verdict=None) if which(r) else r
        for r in found.records
    ]
    return replace(found, records=lost)


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [each for part in value.values() for each in numbers(part)]
    if isinstance(value, list):
        return [each for part in value for each in numbers(part)]
    return [value] if isinstance(value, float) else []


def test_reports_and_plans_have_their_published_form(sealed: Any, made: dict[str, Any]) -> None:
    assert faults("report", made) == []
    assert faults("report", json.loads((sealed.run / "report.json").read_bytes())) == []
    assert faults("plan", json.loads((sealed.run / "plan.json").read_bytes())) == []


def test_a_run_that_asked_nothing_has_the_same_form(plan: Plan) -> None:
    nothing = compute_report(plan, RunRecords(), "0" * 64).contents()
    assert faults("report", nothing) == []
    assert nothing["decision"] == "INCOMPLETE"
    rates = [m["overall"] for t in nothing["tasks"] for m in t["measures"]] + nothing["areas"]
    assert {rate["value"] for rate in rates} == {None}


@pytest.mark.parametrize("name", ["report", "plan", "comparison"])
def test_every_key_is_described_and_no_other_allowed(name: str) -> None:
    whole = schema(name)
    Draft202012Validator.check_schema(whole)
    seen = 0
    todo: list[Any] = [whole]
    while todo:
        node = todo.pop()
        if isinstance(node, list):
            todo += node
        if not isinstance(node, dict):
            continue
        todo += node.values()
        for key, about in node.get("properties", {}).items():
            seen += 1
            assert about["description"].endswith("."), key
        if "properties" in node:
            assert node["additionalProperties"] is False
    assert seen > 40


def test_the_plans_schema_has_the_keys_of_the_model() -> None:
    definitions = schema("plan")
    known = {frozenset(part["properties"]) for part in definitions["$defs"].values() if
             "properties" in part}  # fmt: skip
    known.add(frozenset(definitions["properties"]))

    def keys_of(model: type[BaseModel]) -> set[frozenset[str]]:
        names = {field.alias or name for name, field in model.model_fields.items()}
        found = {frozenset(names)}
        for about in model.model_fields.values():
            parts = [about.annotation]
            while parts:
                part = parts.pop()
                parts += get_args(part)
                if isinstance(part, type) and issubclass(part, BaseModel):
                    found |= keys_of(part)
                elif isinstance(part, type) and is_dataclass(part):
                    found.add(frozenset(each.name for each in fields(part)))
        return found

    assert keys_of(Plan) == known


def test_no_number_is_infinite_or_none_at_all(made: dict[str, Any]) -> None:
    assert all(math.isfinite(number) for number in numbers(made))
    json.dumps(made, allow_nan=False)


def test_samples_add_up_at_every_level(made: dict[str, Any], plan: Plan) -> None:
    asked = sum(len(task.samples) * task.epochs for task in plan.tasks)
    assert sum(made["outcomes"].values()) == asked
    for outcome, count in made["outcomes"].items():
        assert sum(task["outcomes"][outcome] for task in made["tasks"]) == count
        assert sum(area["outcomes"][outcome] for area in made["areas"]) == count
    for task in made["tasks"]:
        for measure in task["measures"]:
            whole = measure["overall"]
            assert sum(part["n"] for part in measure["languages"].values()) == whole["n"]
            tags = {group["tag"] for group in measure["groups"]}
            for tag in tags:
                parts = [group for group in measure["groups"] if group["tag"] == tag]
                assert sum(group["n"] for group in parts) == whole["n"]
                assert len({group["tag_value"] for group in parts}) == len(parts) > 1


def test_no_number_hangs_on_the_order_of_records(
    plan: Plan, found: RunRecords, made: dict[str, Any]
) -> None:
    mixed = random.Random(3).sample(found.records, len(found.records))
    again = compute_report(plan, replace(found, records=mixed), "0" * 64).contents()
    assert again == made


def test_an_area_of_one_task_has_that_tasks_figures(made: dict[str, Any]) -> None:
    assert any(area["measured"] for area in made["areas"])
    for area in made["areas"]:
        if not area["measured"]:
            assert area["too_few"] and area["value"] is None
            continue
        (task,) = (task for task in made["tasks"] if task["risk"] == area["risk"])
        head = next(measure for measure in task["measures"] if measure["headline"])["overall"]
        assert [area[k] for k in ("value", "low", "high")] == [
            head[k] for k in ("value", "low", "high")
        ]


def test_an_area_of_two_tasks_has_their_mean_and_a_narrower_interval(plan: Plan) -> None:
    heads = [
        Rate(value=0.2, low=0.1, high=0.4),
        Rate(value=0.4, low=0.3, high=0.5),
    ]
    area = areas_module.combined(heads, Statistics())
    assert area.value == pytest.approx(0.3)
    assert area.low == pytest.approx(0.3 - math.sqrt(0.1**2 + 0.1**2) / 2, abs=0.003)
    assert area.high == pytest.approx(0.3 + math.sqrt(0.2**2 + 0.1**2) / 2)


def test_an_area_with_one_task_unmeasured_is_not_measured(plan: Plan, found: RunRecords) -> None:
    silent = without(found, lambda record: record.task.startswith("bias/"))
    bias = compute_report(plan, silent, "0" * 64).contents()["areas"][2]
    assert (bias["measured"], bias["value"], bias["n"]) == (False, None, 0)


def test_too_many_without_a_verdict_is_incomplete(plan: Plan, found: RunRecords) -> None:
    made = compute_report(plan, without(found, lambda r: r.language == "ja"), "0" * 64).contents()
    assert made["decision"] == "INCOMPLETE" and made["exit_status"] == 3
    assert not any(task["complete"] for task in made["tasks"])


def test_other_samples_of_a_task_do_not_hide_what_a_gates_own_lack(
    plan: Plan, found: RunRecords
) -> None:
    """7 of 100 without a verdict in the gate's measure, among 200 samples of the task."""
    base = next(r for r in found.records if r.measure == "violation_rate")
    task = next(task for task in plan.tasks if task.name == base.task)
    records: list[SampleRecord] = []
    for number in range(200):
        measure = "violation_rate" if number < 100 else "over_refusal_rate"
        lost = number < 7
        records.append(
            replace(
                base,
                sample_id=f"x{number}",
                cluster=f"x{number}",
                measure=measure,
                outcome="errored" if lost else "scored",
                verdict=None if lost else 0.0,
                label="full_refusal",
                answer="",
                labels=("full_refusal",),
            )
        )
    gate = Gate(name="g", task=task.name, measure="violation_rate", max=0.9)
    small = plan.model_copy(update={"tasks": [task], "gates": [gate]})
    made = compute_report(small, RunRecords(records), "0" * 64).contents()
    assert made["tasks"][0]["complete"]
    assert made["gates"][0]["decision"] == made["decision"] == "INCOMPLETE"


def test_language_comparisons_are_adjusted_as_one_family(made: dict[str, Any]) -> None:
    tests = [m["difference"] for t in made["tasks"] for m in t["measures"]]
    assert len(tests) == 4
    for test in tests:
        assert test["p_value"] <= test["p_holm"] <= 1


def test_a_report_in_one_language_compares_none(plan: Plan, found: RunRecords) -> None:
    english = [record for record in found.records if record.language == "en"]
    made = compute_report(plan, replace(found, records=english), "0" * 64).contents()
    assert {m["difference"] for t in made["tasks"] for m in t["measures"]} == {None}
    assert list(made["tasks"][2]["bias"]["languages"]) == ["en"]
    assert faults("report", made) == []


def test_a_tag_that_names_items_is_no_grouping(
    plan: Plan, found: RunRecords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks_module, "_MOST_GROUPS", 3)
    named = [replace(r, tags={"item": r.pair_id, "same": "x"}) for r in found.records]
    made = compute_report(plan, replace(found, records=named), "0" * 64).contents()
    assert made["tasks"][0]["measures"][0]["groups"] == []


def test_the_makers_are_named_with_their_versions(made: dict[str, Any]) -> None:
    assert made["provenance"]["report_by"] == made_by()
    assert all(made_by().values())
