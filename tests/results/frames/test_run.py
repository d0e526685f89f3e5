"""Runs as tables: the documented columns, the figures of the report, and nothing lost."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import pytest

from tenken.errors import BundleError
from tenken.results.bundle.write import write_bundle
from tenken.results.compare.compare import compare
from tenken.results.frames.columns import DIFFERENCES, FIGURES, GATES, SAMPLES, Column
from tenken.results.frames.comparison import Comparison
from tenken.results.frames.run import Run, open_run, open_runs

MakeRun = Callable[..., Path]


@pytest.fixture
def run(make_run: MakeRun) -> Run:
    folder = make_run(samples=120)
    write_bundle(folder)
    return open_run(folder)


def _documented(found: pd.DataFrame, columns: Sequence[Column]) -> None:
    assert list(found.columns[: len(columns)]) == [column.name for column in columns]
    for column in columns:
        assert str(found[column.name].dtype) == column.dtype, column.name
        assert column.about


def test_every_table_has_the_documented_columns_and_dtypes(run: Run) -> None:
    _documented(run.samples(), SAMPLES)
    _documented(run.figures(), FIGURES)
    _documented(run.gates(), GATES)


def test_a_comparison_is_a_table_of_differences(run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    shutil.copytree(run.path, other)
    found = Comparison(compare([run.path, other]).contents())
    differences = found.frame()
    _documented(differences, DIFFERENCES)
    (measure, *_) = found.contents["comparisons"][0]["tasks"][0]["measures"]
    row = differences[differences.kind == "raw"].iloc[0]
    assert row.value == measure["overall"]["value"]
    assert row.value == pytest.approx(row.run_value - row.baseline_value)
    assert found.intact


def test_samples_are_all_there_and_make_the_rates_of_the_report(run: Run) -> None:
    samples, figures = run.samples(), run.figures()
    counts = {name: n for name, n in run.report["outcomes"].items() if n}
    assert samples.outcome.value_counts().to_dict() == counts
    raw = figures.query("by == 'all' and kind == 'raw' and unit == 'rate'")
    assert len(raw) > 2
    for row in raw.itertuples():
        part = samples[(samples.task == row.task) & (samples.measure == row.measure)]
        assert part.verdict.count() == row.n
        assert part.verdict.mean() == pytest.approx(row.value)
        assert row.low <= row.value <= row.high and 0 <= row.low and row.high <= 1
    assert {name for name in samples if name.startswith("tag.")}


def test_figures_are_those_of_the_report_by_language_and_group(run: Run) -> None:
    figures = run.figures()
    (task, *_) = run.report["tasks"]
    (measure, *_) = task["measures"]
    rows = figures[(figures.task == task["name"]) & (figures.kind == "raw")]
    for language, part in measure["languages"].items():
        (row,) = rows[(rows.by == "language") & (rows.group == language)].itertuples()
        assert (row.value, row.n) == (part["value"], part["n"])
    groups = rows[~rows.by.isin(["all", "language"])]
    assert len(groups) == len(measure["groups"])
    (difference,) = rows.query("unit == 'difference'").itertuples()
    assert difference.value == measure["difference"]["value"]


def test_a_rate_that_nobody_measured_is_missing_and_not_zero(run: Run) -> None:
    figures = run.figures()
    corrected = figures[figures.kind == "corrected"]
    assert corrected[corrected.value.isna()].reason.notna().all()


def test_runs_are_stacked_and_told_apart(run: Run, tmp_path: Path) -> None:
    one, two = tmp_path / "runs" / "one", tmp_path / "runs" / "two"
    for place, name in ((one, "one"), (two, "two")):
        place.mkdir(parents=True)
        for file in ("plan.json", "samples.parquet"):
            (place / file).write_bytes((run.path / file).read_bytes())
        report = {**run.report, "run": name}
        (place / "report.json").write_text(
            json.dumps(report, ensure_ascii=False, indent=2, sort_keys=True) + "\n", "utf-8"
        )
    (tmp_path / "runs" / "begun").mkdir()
    runs = open_runs(tmp_path / "runs")
    assert [each.name for each in runs] == ["one", "two"] and len(runs[:1]) == 1
    for table in ("samples", "figures", "gates"):
        stacked, single = getattr(runs, table)(), getattr(run, table)()
        assert stacked.groupby("run").size().to_dict() == {"one": len(single), "two": len(single)}
        assert stacked.dtypes.to_dict() == single.dtypes.to_dict()
    with pytest.raises(BundleError, match="no run with a report is in it"):
        open_runs(tmp_path)


def test_what_a_report_says_cannot_become_markup(run: Run) -> None:
    report = {**run.report, "run": "<script>x</script>"}
    shown = Run(run.path, report)._repr_html_()
    assert "<script>" not in shown and "&amp;lt;script&amp;gt;" in shown
