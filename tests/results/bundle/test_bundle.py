"""A bundle is made again byte for byte, wherever and whenever that is done."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tenken.errors import BundleError
from tenken.results.bundle.made import MADE, presentation_of, read_report_json
from tenken.results.bundle.write import write_bundle
from tenken.results.report.shown import Presentation
from tenken.results.seal.seal import read_seal
from tenken.results.verify.policy import trusted
from tenken.results.verify.verify import is_whole, verify_bundle

FILES = (*MADE, "seal.json")
AGAIN = """
import sys
from pathlib import Path
from tenken.results.bundle.made import presentation_of
from tenken.results.bundle.write import write_bundle
run = Path(sys.argv[1])
write_bundle(run, presentation_of(run), Path(sys.argv[2]))
"""


def made_files(run: Path) -> dict[str, bytes]:
    return {name: (run / name).read_bytes() for name in FILES}


def test_another_process_makes_the_same_bytes(sealed: Any, tmp_path: Path) -> None:
    """Other hash seed, other working folder, other place of the run, and the real page."""
    run = sealed.copy(tmp_path / "a" / "run")
    write_bundle(run, Presentation("ja", with_text=True), sealed.private)
    first = made_files(run)
    moved = tmp_path / "moved"
    shutil.move(run, moved)
    for name in MADE:
        if name != "report.json":
            (moved / name).unlink()
    subprocess.run(
        [sys.executable, "-c", AGAIN, "moved", str(sealed.private)],
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONHASHSEED": "4242", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
    )
    assert made_files(moved) == first
    assert is_whole(verify_bundle(moved, trusted([sealed.public], asked=True)))


@pytest.mark.usefixtures("plain_page")
def test_the_seal_states_the_same_with_and_without_a_key(sealed: Any, tmp_path: Path) -> None:
    run = sealed.copy(tmp_path / "run")
    signed = read_seal(run)
    write_bundle(run)
    assert read_seal(run) == signed, "an unchanged bundle keeps its signature"
    (run / "seal.json").unlink()
    write_bundle(run)
    again = read_seal(run)
    assert again.statement.says_the_same(signed.statement) and again.keyids == []


@pytest.mark.usefixtures("plain_page")
def test_how_a_report_was_shown_is_kept(sealed: Any, tmp_path: Path) -> None:
    run = sealed.copy(tmp_path / "run")
    write_bundle(run, presentation_of(run, language="ja", with_text=True))
    assert presentation_of(run) == Presentation("ja", True)
    assert presentation_of(run, language="en") == Presentation("en", True)
    assert b"<script>" in (run / "samples.csv").read_bytes()


@pytest.mark.usefixtures("plain_page")
@pytest.mark.parametrize(
    "shown", [None, {}, {"language": "fr", "with_text": True}, {"language": []}]
)
def test_an_odd_presentation_falls_back(sealed: Any, tmp_path: Path, shown: Any) -> None:
    from tenken.io.canonical import pretty_json

    run = sealed.copy(tmp_path / "run")
    report = {**read_report_json(run), "presentation": shown}
    (run / "report.json").write_bytes(pretty_json(report))
    assert presentation_of(run) == Presentation()


@pytest.mark.usefixtures("plain_page")
def test_hazardous_words_are_in_no_file_unless_asked_for(
    sealed: Any, tmp_path: Path, rewrite_samples: Any, log_named: Any
) -> None:
    run = sealed.copy(tmp_path / "run")

    def spoken(sample: dict[str, Any]) -> dict[str, Any]:
        sample["output"]["completion"] = "HAZARD"
        sample["input"] = "REQUEST"
        return sample

    rewrite_samples(log_named(run, "requests"), spoken)
    write_bundle(run)
    for name in FILES:
        data = (run / name).read_bytes()
        assert b"HAZARD" not in data and b"REQUEST" not in data, name
    write_bundle(run, Presentation(with_text=True))
    assert b"HAZARD" in (run / "samples.csv").read_bytes()
    assert b"HAZARD" in (run / "report.html").read_bytes()


@pytest.mark.usefixtures("plain_page")
def test_a_log_of_a_killed_run_gives_an_incomplete_report(
    sealed: Any, tmp_path: Path, rewrite: Any, log_named: Any
) -> None:
    run = sealed.copy(tmp_path / "run")
    log = log_named(run, "claims")

    def killed(name: str, data: bytes) -> bytes | None:
        return None if name == "header.json" or name.endswith("-ja_epoch_1.json") else data

    rewrite(log, killed)
    report, _ = write_bundle(run)
    assert report.provenance.logs[log.name].status == "started"
    assert report.decision == "INCOMPLETE"
    assert report.tasks[0].reasons["errored"]["not_asked"] == 12
    assert is_whole(verify_bundle(run))


@pytest.mark.usefixtures("plain_page")
def test_a_link_in_the_folder_is_not_sealed_in_silence(sealed: Any, tmp_path: Path) -> None:
    run = sealed.copy(tmp_path / "run")
    (run / "notes").symlink_to("/etc/hostname")
    with pytest.raises(BundleError, match="not a plain file"):
        write_bundle(run)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"\xff", b"[" * 99999, b'{"a": NaN}\n'])
def test_what_is_no_report_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "report.json").write_bytes(data)
    with pytest.raises(BundleError, match="not a readable report"):
        read_report_json(tmp_path)


def test_reports_hold_no_trace_of_where_they_were_made(sealed: Any) -> None:
    for name in MADE:
        assert str(sealed.run.parent).encode() not in (sealed.run / name).read_bytes()
    json.loads((sealed.run / "report.json").read_bytes())
