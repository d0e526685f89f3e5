"""Exports hold the figures of the report and keep to the schemas that others publish."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from google.protobuf.json_format import ParseDict
from in_toto_attestation.predicates.test_result.v0.test_result_pb2 import TestResult as Predicate
from in_toto_attestation.v1.statement import Statement
from in_toto_attestation.v1.statement_pb2 import Statement as StatementMessage

from tenken.errors import BundleError
from tenken.results.bundle.publish import publish_bundle
from tenken.results.export.every_eval_ever import relation
from tenken.results.export.formats import FORMATS
from tenken.results.export.source import Source, read_source
from tenken.schema.report import Report

SCHEMAS = Path(__file__).resolve().parents[2] / "data" / "schemas"


@pytest.fixture(scope="module")
def source(sealed: Any) -> Source:
    found = read_source(sealed.run)
    return replace(found, report=with_perspectives(found.report))


def with_perspectives(report: Report) -> Report:
    """Give the tasks perspectives: those of synthetic runs serve none."""
    tasks = tuple(
        task.model_copy(update={"perspectives": (number, 6)})
        for number, task in enumerate(report.tasks, start=1)
    )
    return report.model_copy(update={"tasks": tasks})


def exported(source: Source, name: str) -> Any:
    data = FORMATS[name][1](source)
    assert FORMATS[name][1](source) == data, "the same bundle gives the same bytes"
    return data if name == "csv" else json.loads(data)


def schema(name: str) -> Any:
    """A schema; its patterns are those of ECMA 262, whose classes of letters Python spells out."""
    text = (SCHEMAS / name).read_text("utf-8")
    letters = "[A-Za-z\\u00c0-\\u024f\\u3040-\\u9fff]"
    return json.loads(text.replace(r"\\p{L}", letters).replace(r"\\p{N}", "[0-9]"))


def test_in_toto_reads_it_as_a_test_result(source: Source) -> None:
    made = exported(source, "in-toto")
    ParseDict(made["predicate"], Predicate())  # refuses unknown fields and wrong types
    stated = Statement.copy_from_pb(ParseDict(made, StatementMessage()))
    stated.validate()
    report, about = source.report, made["predicate"]
    assert about["result"] == {"PASS": "PASSED"}.get(report.decision, "FAILED")
    assert about["passedTests"] == [g.name for g in report.gates if g.decision == "PASS"]
    assert about["failedTests"] == [g.name for g in report.gates if g.decision != "PASS"]
    assert report.gates
    digests = {each["name"]: each["digest"]["sha256"] for each in about["configuration"]}
    assert digests["plan.json"] == report.provenance.plan_sha256
    assert digests["seal.json"] == source.seal.sha256


def test_every_eval_ever_takes_it(source: Source) -> None:
    made = exported(source, "every-eval-ever")
    jsonschema.Draft7Validator(schema("every_eval_ever.schema.json")).validate(made)
    rows = {each["evaluation_result_id"]: each for each in made["evaluation_results"]}
    for task in source.report.tasks:
        for measure in task.measures:
            for language, figure in [("all", measure.overall), *measure.languages.items()]:
                row = rows.pop(f"{task.name}/{measure.key}/{language}", None)
                assert (row is None) == (figure.value is None)
                if row is not None:
                    assert row["score_details"]["score"] == figure.value
                    interval = row["score_details"]["uncertainty"]["confidence_interval"]
                    assert (interval["lower"], interval["upper"]) == (figure.low, figure.high)
                    assert row["metric_config"]["lower_is_better"] is True
    assert not rows


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("Independent third party", "third_party"),
        ("the vendor's own laboratory", "first_party"),
        ("joint evaluation", "collaborative"),
        ("独立した第三者", "third_party"),
        ("it is complicated", "other"),
        ("independent of the vendor", "other"),
        (None, "other"),
    ],
)
def test_a_relation_that_words_leave_open_is_other(words: str | None, meant: str) -> None:
    assert relation(words) == meant


def test_oscal_takes_it(source: Source) -> None:
    made = exported(source, "oscal")
    jsonschema.Draft7Validator(schema("oscal_assessment-results_schema.json")).validate(made)
    (result,) = made["assessment-results"]["results"]
    report = source.report
    assert len(result["observations"]) == sum(len(task.measures) for task in report.tasks)
    states = {each["title"]: each["target"]["status"]["state"] for each in result["findings"]}
    assert states == {
        gate.name: "satisfied" if gate.decision == "PASS" else "not-satisfied"
        for gate in report.gates
    }
    open_gates = [gate.name for gate in report.gates if gate.decision != "PASS"]
    assert [each["title"] for each in result.get("risks", [])] == open_gates
    ids = {each["uuid"] for each in result["observations"]}
    for found in result["findings"]:
        assert {each["observation-uuid"] for each in found["related-observations"]} <= ids
    names = {each["title"]: each for each in made["assessment-results"]["back-matter"]["resources"]}
    (link,) = names["plan.json"]["rlinks"]
    assert link["hashes"][0]["value"] == report.provenance.plan_sha256


def test_aisev_counts_no_sample_without_a_verdict_as_good(source: Source) -> None:
    made, shape = exported(source, "aisev"), schema("aisev.schema.json")
    jsonschema.Draft7Validator(shape).validate(made)
    log = jsonschema.Draft7Validator({**shape["$defs"]["log"], "$defs": shape["$defs"]})
    by_task = {task.name: task.perspectives for task in source.report.tasks}
    wanted = sum(len(by_task[r.task]) for r in source.records if r.verdict is not None)
    good = sum(len(by_task[r.task]) for r in source.records if (r.verdict or 0) < 0.5
               and r.verdict is not None)  # fmt: skip
    samples = []
    for text in made["quantitative_results"].values():
        log.validate(json.loads(text))
        samples += json.loads(text)["samples"]
    assert len(samples) == wanted
    assert sum(s["scores"]["model_graded_qa"]["value"] == "C" for s in samples) == good
    left = sum(len(by_task[r.task]) for r in source.records if r.verdict is None)
    assert sum(made["tenken"]["without_verdict"].values()) == left > 0


def test_csv_has_a_row_for_each_rate_and_no_formula(source: Source) -> None:
    rows = list(csv.DictReader(io.StringIO(exported(source, "csv").decode("utf-8-sig"))))
    figures = [
        figure
        for task in source.report.tasks
        for measure in task.measures
        for figure in (measure.overall, *measure.languages.values())
    ]
    assert [float(row["value"]) if row["value"] else None for row in rows] == [
        figure.value for figure in figures
    ]
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "@"))]


def test_a_published_bundle_is_exported_too_and_a_changed_one_is_not(
    sealed: Any, tmp_path: Path
) -> None:
    run = sealed.copy(tmp_path / "run")
    publish_bundle(run, tmp_path / "pub", sealed.private)
    found = read_source(tmp_path / "pub")
    published = replace(found, report=with_perspectives(found.report))
    for name in FORMATS:
        assert exported(published, name)
    texts = exported(published, "aisev")["quantitative_results"].values()
    assert {s["input"] for text in texts for s in json.loads(text)["samples"]} == {"(withheld)"}
    (run / "report.json").write_bytes((run / "report.json").read_bytes().replace(b"0.5", b"0.1"))
    with pytest.raises(BundleError, match="not the file that was sealed"):
        read_source(run)
