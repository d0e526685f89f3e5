"""Bundles that earlier versions wrote still verify."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tenken.io.canonical import pretty_json
from tenken.results.verify.verify import is_whole, verify_bundle

BUNDLES = sorted((Path(__file__).resolve().parents[2] / "data" / "bundles").iterdir())


@pytest.mark.parametrize("bundle", BUNDLES, ids=lambda path: path.name)
def test_a_bundle_of_an_earlier_version_verifies(bundle: Path) -> None:
    found = verify_bundle(bundle)
    assert is_whole(found), [each for each in found.findings if each.status == "wrong"]


def test_figures_of_an_older_method_are_told_apart(tmp_path: Path) -> None:
    found = verify_bundle(BUNDLES[0])
    (note,) = [each for each in found.findings if each.what == "method"]
    assert note.status == "unknown" and found.verdict.startswith("NOT VERIFIED: the figures cannot")
    assert "written by tenken 0.1.0 and its figures are of method 1" in note.message
    assert not any(each.what == "recomputation" for each in found.findings)


@pytest.mark.parametrize("place", ["value", "n"])
def test_an_older_method_excuses_no_other_rate(tmp_path: Path, place: str) -> None:
    run = tmp_path / "run"
    shutil.copytree(BUNDLES[0], run)
    report = json.loads((run / "report.json").read_bytes())
    report["tasks"][0]["measures"][0]["overall"][place] = 1
    (run / "report.json").write_bytes(pretty_json(report))
    wrong = [each.what for each in verify_bundle(run).findings if each.status == "wrong"]
    assert f"report.json: tasks[0].measures[0].overall.{place}" in wrong
