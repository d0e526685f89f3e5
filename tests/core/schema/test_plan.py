"""The plan: what a bundle's first file holds and how it is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenken.errors import BundleError
from tenken.schema.plan import PLAN_FILE, PLAN_SCHEMA, Plan, read_plan

PLAN = {
    "schema": PLAN_SCHEMA,
    "run": "smoke--m--1",
    "suite": "smoke",
    "suite_title": {"en": "Smoke", "ja": "煙"},
    "suite_sha256": "0" * 64,
    "model": {"name": "mockllm/model"},
    "tasks": [
        {
            "name": "bias/tiny",
            "log_name": "tenken/tiny",
            "risk": "bias",
            "title": {"en": "Tiny", "ja": "小"},
            "description": {"en": "Tiny", "ja": "小"},
            "version": "1-A",
            "dataset": {},
            "prompt_sha256": "0" * 64,
            "reuse_key": "0" * 64,
            "scorer": {"name": "tenken/choice", "version": "1", "source_sha256": "0" * 64},
            "measures": [
                {"key": "a", "title": {"en": "A", "ja": "A"}},
                {"key": "b", "title": {"en": "B", "ja": "B"}, "headline": True},
            ],
            "available": 2,
            "samples": [],
        }
    ],
    "seed": 1,
    "software": {"tenken": "0"},
}


def test_a_plan_reads_back_as_it_was_written(tmp_path: Path) -> None:
    plan = Plan.model_validate(PLAN)
    (tmp_path / PLAN_FILE).write_bytes(plan.to_bytes())
    assert read_plan(tmp_path) == plan
    assert read_plan(tmp_path).to_bytes() == plan.to_bytes()
    assert plan.to_bytes().endswith(b"}\n")


def test_a_plan_knows_its_tasks_and_their_headlines() -> None:
    plan = Plan.model_validate(PLAN)
    task = plan.task("bias/tiny")
    assert task is not None and task.headline.key == "b"
    assert plan.task("bias/other") is None
    assert plan.suite_title.of("ja") == "煙" and plan.suite_title.of("fr") == "Smoke"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (None, "there is no plan"),
        (b"{", "not a readable plan"),
        (b"[]", "not a readable plan"),
        (Plan.model_validate(PLAN).to_bytes()[:-20], "not a readable plan"),
        (b'{"schema": "https://tenken.dev/schema/plan/2"}', "not a readable plan: schema"),
    ],
)
def test_what_is_no_plan_is_said_in_one_line(
    tmp_path: Path, data: bytes | None, message: str
) -> None:
    if data is not None:
        (tmp_path / PLAN_FILE).write_bytes(data)
    with pytest.raises(BundleError, match=message) as caught:
        read_plan(tmp_path)
    assert "\n" not in str(caught.value)
