"""A whole bundle verifies; what could not be checked is said, and so is what differs."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenken.errors import BundleError, InputError
from tenken.io.canonical import pretty_json
from tenken.results.bundle import write as bundle
from tenken.results.bundle.made import read_report_json
from tenken.results.bundle.write import write_bundle
from tenken.results.records.table import parquet_bytes, read_parquet
from tenken.results.report import report
from tenken.results.seal.keys import make_key
from tenken.results.seal.seal import statement, write_seal
from tenken.results.verify import verify
from tenken.results.verify.differences import report_places
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import is_whole, verify_bundle
from tenken.schema.verification import Finding, Verification

pytestmark = pytest.mark.usefixtures("plain_page")


@pytest.fixture
def run(sealed: Any, tmp_path: Path) -> Path:
    return Path(sealed.copy(tmp_path / "run"))


def reseal(run: Path, key: Path | None = None) -> None:
    """Seal the files as they are there, with the samples that the table states."""
    (run / "seal.json").unlink(missing_ok=True)
    made = SimpleNamespace(**read_report_json(run))
    write_seal(run, statement(run, read_parquet(run / "samples.parquet"), made), key)


def edit(run: Path, change: Callable[[dict[str, Any]], object]) -> None:
    made = read_report_json(run)
    change(made)
    (run / "report.json").write_bytes(pretty_json(made))


def wrong(found: Verification) -> list[str]:
    return [f"{each.what}: {each.message}" for each in found.findings if each.status == "wrong"]


def notes(found: Verification) -> dict[str, str]:
    return {
        each.what: each.message for each in found.findings if each.status in ("note", "unknown")
    }


def holds(found: Verification) -> dict[str, str]:
    return {name: grade.holds for name, grade in found.grades.items()}


def test_a_whole_bundle_verifies(sealed: Any, run: Path) -> None:
    found = verify_bundle(run, trusted([sealed.public], asked=True))
    assert [f.what for f in found.findings if f.status != "ok"] == ["suite.yaml"]
    assert (found.verdict, found.exit_status) == ("VERIFIED", 0)
    assert holds(found) == {
        "consistent": "yes",
        "authentic": "yes",
        "preregistered": "unknown",
        "rescored": "unknown",
        "page_remade": "yes",
    }
    report = read_report_json(run)
    assert (found.run, found.decision) == (report["run"], report["decision"])
    assert (found.model, found.finished) == (report["model"]["name"], report["finished"])
    assert [each.name for each in found.signers] == [sealed.public.name]


def test_without_a_key_a_signature_is_a_claim(run: Path) -> None:
    found = verify_bundle(run)
    assert is_whole(found) and "claims key" in notes(found)["signature"]
    assert (found.verdict, found.exit_status) == ("CONSISTENT, SIGNER NOT CHECKED", 8)
    reseal(run)
    found = verify_bundle(run)
    assert is_whole(found) and "unsigned" in notes(found)["signature"]
    assert (found.verdict, found.exit_status) == ("CONSISTENT, UNSIGNED", 8)


def test_a_folder_that_is_no_bundle_is_an_error(tmp_path: Path, run: Path) -> None:
    with pytest.raises(BundleError, match="no plan"):
        verify_bundle(tmp_path)
    (run / "seal.json").unlink()
    with pytest.raises(BundleError, match="no seal"):
        verify_bundle(run)


def test_a_key_that_is_none_is_an_error(run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        verify_bundle(run, trusted([tmp_path / "no.pub"], asked=True))
    reseal(run)
    with pytest.raises(InputError):
        verify_bundle(run, trusted([tmp_path / "no.pub"], asked=True))


def test_what_lies_apart_is_mentioned(run: Path) -> None:
    (run / ".resume").mkdir()
    (run / ".resume" / "spent.jsonl").touch()
    findings = verify_bundle(run)
    assert is_whole(findings) and ".resume/spent.jsonl" in notes(findings)["files"]


def numbers_of(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [p for key, each in value.items() for p in numbers_of(each, (*at, key))]
    if isinstance(value, list):
        return [p for key, each in enumerate(value) for p in numbers_of(each, (*at, key))]
    return [at] if isinstance(value, (int, float)) and not isinstance(value, bool) else []


def test_every_number_of_a_report_is_compared(run: Path) -> None:
    """Each one is changed in turn, and the comparison names its place and no other."""
    right, shown = read_report_json(run), read_report_json(run)
    places = numbers_of(right)
    assert len(places) > 300
    for place in places:
        node = shown
        for key in place[:-1]:
            node = node[key]
        value = node[place[-1]]
        node[place[-1]] += 1
        name = "".join(f"[{k}]" if isinstance(k, int) else f".{k}" for k in place).lstrip(".")
        assert [found[0] for found in report_places(shown, right)] == [name]
        node[place[-1]] = value


@pytest.mark.parametrize("gone", [True, False], ids=["table", "logs"])
@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda r: r["areas"][1].update(value=0.75), "areas[1].value"),
        (lambda r: r["gates"][0].update(decision="PASS", high=0.1), "gates[0]."),
        (lambda r: r["tasks"][2]["bias"]["overall"]["bias_ambiguous"].update(value=0.0),
         "tasks[2].bias.overall.bias_ambiguous.value"),
        (lambda r: r["tasks"][0]["measures"][0]["languages"]["ja"].update(n=1000),
         "tasks[0].measures[0].languages.ja.n"),
        (lambda r: r["outcomes"].update(errored=0, scored=999), "outcomes.scored"),
        (lambda r: r["tasks"].pop(), "tasks"),
        (lambda r: r.update(extra=1), "extra"),
        (lambda r: r["tasks"][0].update(complete=1), "tasks[0].complete"),
    ],
)  # fmt: skip
def test_a_number_changed_and_sealed_again_is_named(
    run: Path, change: Any, place: str, gone: bool
) -> None:
    edit(run, change)
    reseal(run)
    if gone:
        shutil.rmtree(run / "logs")
    findings = wrong(verify_bundle(run, without_logs=True))
    assert any(each.startswith(f"report.json: {place}") for each in findings), findings
    assert all(each.startswith(("report.json", "logs")) for each in findings)


def table_with(run: Path, **cells: Any) -> None:
    """Change cells of the first scored row of the table and seal it again."""
    records = read_parquet(run / "samples.parquet")
    from dataclasses import replace

    place = next(i for i, r in enumerate(records) if r.outcome == "scored")
    records[place] = replace(records[place], **cells)
    (run / "samples.parquet").write_bytes(parquet_bytes(records))
    reseal(run)


@pytest.mark.parametrize(
    "cells", [{"verdict": 0.25}, {"label": "x"}, {"cluster": "x"}, {"outcome": "errored"}]
)
def test_a_row_changed_and_sealed_again_is_named(run: Path, cells: dict[str, Any]) -> None:
    table_with(run, **cells)
    (found,) = wrong(verify_bundle(run))
    assert found.startswith("samples.parquet: misinformation/claims:claims-")


def test_without_logs_every_rate_comes_from_the_rows(sealed: Any, run: Path) -> None:
    shutil.rmtree(run / "logs")
    found = verify_bundle(run, trusted([sealed.public], asked=True), without_logs=True)
    assert is_whole(found)
    assert "4 files of the logs were taken out" in notes(found)["logs"]
    assert "numbers" in found.grades["consistent"].message
    assert (found.verdict, found.exit_status) == ("CONSISTENT, PAGE NOT REMADE", 64)
    lost = wrong(verify_bundle(run, trusted([sealed.public], asked=True)))
    assert any("salt.hex: the file is missing" in each for each in lost)
    assert any("--without-logs" in each for each in lost)


def test_logs_taken_out_in_part_do_not_pass(sealed: Any, run: Path, log_named: Any) -> None:
    log_named(run, "claims").unlink()
    assert wrong(verify_bundle(run, trusted([sealed.public], asked=True), without_logs=True))
    shutil.rmtree(run / "logs")
    (run / "logs").mkdir()
    (run / "logs" / "new.eval").touch()
    assert wrong(verify_bundle(run, trusted([sealed.public], asked=True), without_logs=True))


def test_the_option_changes_nothing_while_the_logs_are_there(sealed: Any, run: Path) -> None:
    plain = verify_bundle(run, trusted([sealed.public], asked=True))
    assert verify_bundle(run, trusted([sealed.public], asked=True), without_logs=True) == plain


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"verdict": 0.25}, "report.json: "),
        ({"verdict": None}, "cannot have the verdict None"),
        ({"cluster": "x"}, "the plan says otherwise"),
        ({"tags": {"kind": "kind9"}}, "the plan says otherwise"),
        ({"sample_id": "x"}, "the plan has no such sample"),
        ({"outcome": "errored", "verdict": 0.0}, "cannot have the verdict 0.0"),
    ],
)
def test_without_logs_rows_must_fit_plan_and_report(
    run: Path, cells: dict[str, Any], said: str
) -> None:
    table_with(run, **cells)
    shutil.rmtree(run / "logs")
    assert any(said in each for each in wrong(verify_bundle(run, without_logs=True)))


def test_without_logs_the_samples_digests_must_be_the_sealed_ones(run: Path) -> None:
    records = read_parquet(run / "samples.parquet")
    stated = statement(run, records[1:], SimpleNamespace(**read_report_json(run)))
    (run / "seal.json").unlink()
    write_seal(run, stated, None)
    shutil.rmtree(run / "logs")
    found = wrong(verify_bundle(run, without_logs=True))
    assert found == [
        "seal: misinformation/claims:claims-000000-en:1: states another digest than the "
        "files give, which are the ones that were sealed."
    ]


@pytest.mark.parametrize("shown", [None, [], {"logs": 1}, {"logs": {"a": 1}, "tokens": {}}])
def test_without_logs_an_odd_provenance_is_a_finding(run: Path, shown: Any) -> None:
    edit(run, lambda r: r.update(provenance=shown))
    reseal(run)
    shutil.rmtree(run / "logs")
    assert wrong(verify_bundle(run, without_logs=True))


OLD = {**report.made_by(), "jinja2": "2.0.0", "pyarrow": "19.0.0"}


@pytest.fixture
def old_run(run: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle made by other versions, which draw and pack otherwise; the numbers are the same."""

    def packed(records: Any) -> bytes:
        return repacked(parquet_bytes(records))

    with monkeypatch.context() as patch:
        patch.setattr(report, "made_by", lambda: OLD)
        patch.setattr(bundle, "render_html", lambda *_: b"<html>drawn otherwise")
        patch.setattr(bundle, "parquet_bytes", packed)
        write_bundle(run)
    return run


def repacked(data: bytes) -> bytes:
    table = pq.read_table(pa.BufferReader(data))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="snappy")
    return bytes(sink.getvalue().to_pybytes())


def test_other_versions_excuse_other_pictures_and_packing(old_run: Path) -> None:
    found = verify_bundle(old_run)
    assert wrong(found) == []
    assert "jinja2 2.0.0" in notes(found)["report.html"]
    assert "pyarrow 19.0.0" in notes(found)["samples.parquet"]
    assert "jinja2 2.0.0 (installed: " in notes(found)["versions"]
    assert found.grades["page_remade"].holds == "unknown"
    assert "PAGE NOT REMADE" in found.verdict and found.exit_status & 64


def test_the_same_versions_excuse_nothing(old_run: Path) -> None:
    edit(old_run, lambda r: r["provenance"].update(report_by=report.made_by()))
    reseal(old_run)
    assert wrong(verify_bundle(old_run)) == [
        "report.html: differs from what the logs give.",
        "samples.parquet: the same rows in other bytes.",
    ]


def test_a_version_excuses_only_what_it_decides(old_run: Path) -> None:
    with (old_run / "samples.csv").open("ab") as stream:
        stream.write(b"more\r\n")
    reseal(old_run)
    assert wrong(verify_bundle(old_run)) == ["samples.csv: differs from what the logs give."]


def test_other_versions_excuse_no_other_number_or_row(old_run: Path) -> None:
    edit(old_run, lambda r: r["areas"][0].update(n=1))
    reseal(old_run)
    found = wrong(verify_bundle(old_run))
    assert any(each.startswith("report.json: areas[0].n") for each in found)
    assert any(each.startswith("report.html") for each in found)


def test_other_versions_excuse_no_file_that_was_not_sealed(old_run: Path) -> None:
    (old_run / "report.html").write_bytes(b"<html>forged")
    assert any(each.startswith("report.html") for each in wrong(verify_bundle(old_run)))


@pytest.mark.parametrize("stated", [None, {}, {"tenken": 1}, {**OLD, "numpy": 2}])
def test_odd_versions_excuse_nothing(old_run: Path, stated: Any) -> None:
    edit(old_run, lambda r: r["provenance"].update(report_by=stated))
    reseal(old_run)
    assert any("report_by" in each for each in wrong(verify_bundle(old_run)))


def test_findings_are_one_line_of_visible_text() -> None:
    finding = Finding("wrong", "a\x1b[2Jb\n", "<b>&\u202e\ud800" + "x" * 999)
    assert finding.what == "a[U+001B][2Jb[U+000A]"
    assert finding.message.startswith("<b>&[U+202E][U+D800]")
    assert finding.message.isprintable() and len(finding.message) <= 400


def test_an_error_within_is_a_finding_and_no_crash(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("by a hostile number")

    monkeypatch.setattr(verify, "make_files", broken)
    assert any(
        "ZeroDivisionError: by a hostile number" in each for each in wrong(verify_bundle(run))
    )


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    from tenken.evals.cli.main import main

    monkeypatch.setattr(sys, "argv", ["tenken", "verify", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(str(ended.value.code))


def test_figures_by_the_methods_of_another_version_are_said_plainly(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(run, lambda r: r["areas"][0].update(low=0.0123))
    edit(run, lambda r: r["provenance"]["report_by"].update(tenken="0.0.9"))
    reseal(run)
    found = verify_bundle(run)
    assert wrong(found) == []
    assert "was written by tenken 0.0.9 with other methods" in found.grades["consistent"].message
    assert found.verdict.startswith("NOT VERIFIED") and found.exit_status == 2


def test_a_policy_says_what_is_required(
    sealed: Any,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(f"require: [consistent, authentic]\nkeys: ['{sealed.public}']\n")
    assert call(monkeypatch, str(run), "--policy", str(policy)) == 0
    policy.write_text("require: [consistent, authentic]\n")
    assert call(monkeypatch, str(run), "--policy", str(policy)) == 2
    assert "NOT VERIFIED: the policy requires authentic" in capsys.readouterr().out
    policy.write_text("require: [rescored]\n")
    assert call(monkeypatch, str(run), "--policy", str(policy)) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("require: [verified]", "require.0: expected 'consistent', 'authentic'"),
        ("requires: []", "unknown key 'requires'. Did you mean 'require'?"),
        ("keys: [none.pub]", "none.pub: not a readable public key"),
        ("[", "not valid YAML"),
    ],
)
def test_what_is_no_policy_is_one_line(
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    text: str,
    said: str,
) -> None:
    (tmp_path / "policy.yaml").write_text(text)
    assert call(monkeypatch, str(run), "--policy", str(tmp_path / "policy.yaml")) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_the_status_says_which_grade_does_not_hold(
    sealed: Any,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = ("--key", str(sealed.public))
    assert call(monkeypatch, str(run), *key) == 0
    assert "VERIFIED" in capsys.readouterr().out
    make_key(tmp_path / "x.pem", tmp_path / "x.pub")
    assert call(monkeypatch, str(run), "--key", str(tmp_path / "x.pub")) == 2
    assert "NOT VERIFIED: 1 finding is wrong" in capsys.readouterr().out
    shutil.rmtree(run / "logs")
    assert call(monkeypatch, str(run), *key, "--without-logs") == 64
    assert call(monkeypatch, str(run), *key, "--json") == 2
    capsys.readouterr()
    (run / "seal.json").write_bytes(b"{}")
    assert call(monkeypatch, str(run), *key) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("tenken: ") and "seal.json" in line
