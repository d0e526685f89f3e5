"""Every planned sample and epoch has exactly one record, whatever the logs hold."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import BundleError
from tenken.io.canonical import pretty_json
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.schema.plan import PLAN_FILE, Plan, read_plan


@pytest.fixture
def run(sealed: Any, tmp_path: Path) -> Path:
    return Path(sealed.copy(tmp_path / "run"))


def planned(plan: Plan) -> list[tuple[str, str, int]]:
    return [
        (task.name, sample.id, epoch)
        for task in plan.tasks
        for sample in task.samples
        for epoch in range(1, task.epochs + 1)
    ]


def recorded(run: Path) -> list[tuple[str, str, int]]:
    return [(r.task, r.sample_id, r.epoch) for r in read_records(run, read_plan(run)).records]


def test_each_planned_sample_has_one_record_in_the_plans_order(run: Path) -> None:
    assert recorded(run) == planned(read_plan(run))


def test_a_sample_that_no_log_holds_was_not_asked(
    run: Path, rewrite_samples: Any, log_named: Any
) -> None:
    rewrite_samples(
        log_named(run, "claims"), lambda sample: None if sample["id"].endswith("-ja") else sample
    )
    plan = read_plan(run)
    found = read_records(run, plan)
    missing = [r for r in found.records if r.task.endswith("claims") and r.language == "ja"]
    assert {(r.outcome, r.reason, r.verdict, r.evidence) for r in missing} == {
        ("errored", "not_asked", None, "")
    }
    assert recorded(run) == planned(plan)


def test_a_task_without_a_log_was_not_asked_at_all(run: Path, log_named: Any) -> None:
    log_named(run, "claims").unlink()
    reasons = Counter(
        record.reason
        for record in read_records(run, read_plan(run)).records
        if record.task.endswith("claims")
    )
    assert set(reasons) == {"not_asked"}


def test_epochs_that_are_missing_were_not_asked(run: Path) -> None:
    plan = read_plan(run)
    longer = [task.model_copy(update={"epochs": 3}) for task in plan.tasks]
    plan = plan.model_copy(update={"tasks": longer})
    records = read_records(run, plan).records
    assert [(r.task, r.sample_id, r.epoch) for r in records] == planned(plan)
    assert all(r.reason == "not_asked" for r in records if r.epoch > 1)


def test_samples_outside_the_plan_are_counted_and_count_in_nothing(
    run: Path, rewrite_samples: Any, log_named: Any
) -> None:
    log = log_named(run, "questions")

    def renamed(sample: dict[str, Any]) -> dict[str, Any]:
        return {**sample, "epoch": 7} if sample["id"].endswith("0-ja") else sample

    rewrite_samples(log, renamed)
    found = read_records(run, read_plan(run))
    odd = sum(s.id.endswith("0-ja") for t in read_plan(run).tasks[2:] for s in t.samples)
    assert found.logs[log.name].unplanned == odd > 0
    assert recorded(run) == planned(read_plan(run))


def test_another_runs_log_is_refused(run: Path, other_run: Path, log_named: Any) -> None:
    shutil.copy(log_named(other_run, "claims"), log_named(run, "claims"))
    with pytest.raises(BundleError, match="not of a task of this run's plan"):
        read_records(run, read_plan(run))


def test_two_logs_of_a_task_are_refused_with_the_way_out(run: Path, log_named: Any) -> None:
    log = log_named(run, "claims")
    shutil.copy(log, log.with_name("z.eval"))
    with pytest.raises(BundleError, match="tenken run"):
        read_records(run, read_plan(run))


@pytest.mark.parametrize("salt", [None, "", "xyz", "é"])
def test_without_a_salt_there_are_no_digests(run: Path, salt: str | None) -> None:
    path = run / "logs" / "salt.hex"
    path.unlink()
    if salt:
        path.write_text(salt, encoding="utf-8")
        with pytest.raises(BundleError, match=r"salt\.hex"):
            read_records(run, read_plan(run))
    else:
        with pytest.raises(BundleError, match="missing"):
            read_records(run, read_plan(run))


def test_tokens_are_added_up_over_all_logs(run: Path) -> None:
    found = read_records(run, read_plan(run))
    held = sum(log.samples for log in found.logs.values())
    assert found.tokens == {"mockllm/model": (60 * held, 5 * held)}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda p: p["tasks"].append(p["tasks"][0]), "is there 2 times"),
        (lambda p: p["tasks"][0]["measures"][0].update(headline=False), "no single headline"),
        (lambda p: p["tasks"][0]["samples"][0].update(measure="nosuch"), "'nosuch'"),
        (lambda p: p["tasks"][0]["samples"][0].update(language="<fr>"), "samples.0.language"),
        (lambda p: p["tasks"][0]["samples"].append(p["tasks"][0]["samples"][0]), "2 times"),
        (lambda p: p["tasks"][0].update(epochs=0), "0 epochs"),
        (lambda p: p["tasks"][0].update(epochs=10**9), "more than"),
        (lambda p: p["gates"][0].update(task="a/b"), "'a/b'"),
        (lambda p: p["gates"][0].update(measure="nosuch"), "'nosuch'"),
        (lambda p: p.update(max_unscored=1.5), "max_unscored"),
        (lambda p: p.update(seed=-1), "seed"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(run: Path, change: Any, fault: str) -> None:
    plan = json.loads((run / PLAN_FILE).read_bytes())
    change(plan)
    (run / PLAN_FILE).write_bytes(pretty_json(plan))
    with pytest.raises(BundleError, match=fault):
        read_sound_plan(run)


def test_a_plan_behind_a_link_is_refused(run: Path, tmp_path: Path) -> None:
    (run / PLAN_FILE).rename(tmp_path / "elsewhere")
    (run / PLAN_FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BundleError, match="not a plain file"):
        read_sound_plan(run)
    (run / PLAN_FILE).unlink()
    with pytest.raises(BundleError, match="no plan"):
        read_sound_plan(run)
