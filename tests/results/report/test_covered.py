"""What a report says of the frameworks: the run's own verdicts, and what it did not cover."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenken.frameworks.coverage import coverage, covered_by
from tenken.results.pages.report import render_html
from tenken.results.records.read import read_records
from tenken.results.report.report import compute_report
from tenken.results.report.shown import Presentation
from tenken.schema.plan import PlannedTask, read_plan
from tenken.schema.record import SampleRecord
from tenken.schema.report import Report


@pytest.fixture(scope="module")
def whole(make_run: Any) -> tuple[Path, dict[str, Any]]:
    run: Path = make_run(60)
    raw = json.loads((run / "plan.json").read_bytes())
    for task in raw["tasks"]:
        task["hazards"], task["trustworthiness"] = ["ncr"], ["safe"]
        task["perspectives"] = [1] if task["risk"] == "criminal_misuse" else [2, 4]
    (run / "plan.json").write_text(json.dumps(raw), "utf-8")
    plan = read_plan(run)
    return run, compute_report(plan, read_records(run, plan), "0" * 64).contents()


def _rows(report: dict[str, Any], framework: str) -> dict[str, Any]:
    block = next(each for each in report["coverage"] if each["framework"] == framework)
    return {row["code"]: row for row in block["categories"]}


def test_n_counts_the_verdicts_of_each_language(whole: tuple[Path, dict[str, Any]]) -> None:
    run, report = whole
    records = read_records(run, read_plan(run)).records
    rows = _rows(report, "hazards")
    for language in ("en", "ja"):
        mine = [each for each in records if each.language == language]
        assert rows["ncr"]["asked"][language] == len(mine)
        judged = sum(each.verdict is not None for each in mine)
        assert rows["ncr"]["n"][language] == judged < len(mine)
    assert len(rows["ncr"]["tasks"]) == 3 and rows["hte"]["tasks"] == []
    one = _rows(report, "perspectives")["1"]
    assert [task["name"].split("/")[0] for task in one["tasks"]] == ["criminal_misuse"]


def test_a_run_that_asked_nothing_has_no_verdict_anywhere(
    whole: tuple[Path, dict[str, Any]],
) -> None:
    plan = read_plan(whole[0])
    for block in covered_by(plan.tasks, {}):
        assert {count for row in block.categories for count in row.n.values()} == {0}


def test_a_plan_from_before_the_frameworks_is_read(whole: tuple[Path, dict[str, Any]]) -> None:
    task = read_plan(whole[0]).tasks[0].model_dump(mode="json")
    del task["hazards"], task["trustworthiness"]
    old = PlannedTask.model_validate(task)
    assert (old.hazards, old.trustworthiness) == ([], [])
    records: dict[str, list[SampleRecord]] = {old.name: []}
    assert covered_by([old], records) == coverage([])


@pytest.mark.parametrize(
    ("language", "heading", "missing", "closed"),
    [
        ("en", "Coverage of published frameworks", "hte Hate: no task covers it.", "closed"),
        (
            "ja",
            "公開された枠組みとの対応",
            "hte ヘイト：扱うタスクがありません。",
            "非公開で管理",
        ),
    ],
)
def test_the_page_shows_the_matrix_and_says_what_is_missing(
    whole: tuple[Path, dict[str, Any]], language: str, heading: str, missing: str, closed: str
) -> None:
    run, _ = whole
    plan = read_plan(run)
    shown = Presentation(language)
    report = compute_report(plan, read_records(run, plan), "0" * 64, presentation=shown).contents()
    page = render_html(Report.model_validate(report), {}).decode()
    part = page[page.index('<section id="coverage">') :]
    part = part[: part.index("</section>")]
    assert heading in part and missing in part and closed in part
    row = _rows(report, "hazards")["ncr"]
    assert all(f">{row['n'][name]}<" in part for name in ("en", "ja"))
    for block in report["coverage"]:
        assert block["source"] in part
        assert all(each["title"][language] in part for each in block["categories"])
    for task in report["tasks"]:
        anchor = "task-" + task["name"].replace("/", "-").replace("_", "-")
        assert f'href="#{anchor}"' in part and f'id="{anchor}"' in page
