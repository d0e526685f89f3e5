"""A report is noted once at the end of a run's journal, whatever its length."""

from __future__ import annotations

from pathlib import Path

import pytest

from tenken.io.chain import ChainFile, iter_chain
from tenken.results.records import journal
from tenken.results.records.journal import note_report, read_journal

AT = "2026-04-01T00:00:00.000+00:00"


@pytest.mark.parametrize("piece", [7, 100, 2**20])
def test_a_report_is_noted_once_and_the_chain_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(journal, "_PIECE", piece)
    chain = ChainFile(tmp_path / "journal.jsonl")
    chain.append({"event": "started", "at": AT, "attempt": 1, "others": [], "changes": []})
    chain.close()
    for digest in ("a" * 64, "a" * 64, "b" * 64, "a" * 64):
        note_report(tmp_path, digest, "report", AT)
    found = list(iter_chain(tmp_path / "journal.jsonl"))
    assert [each["report_sha256"][0] for each in found[1:]] == ["a", "b", "a"]
    read = read_journal(tmp_path)
    assert read is not None
    assert read.reported == "a" * 64


def test_a_run_without_a_journal_gets_none(tmp_path: Path) -> None:
    note_report(tmp_path, "a" * 64, "report", AT)
    assert list(tmp_path.iterdir()) == []


def test_the_old_journal_is_replaced_and_never_written_into(tmp_path: Path) -> None:
    """A staged copy is a second name of the same file."""
    path, other = tmp_path / "journal.jsonl", tmp_path / "other.jsonl"
    path.write_bytes(b"")
    other.hardlink_to(path)
    note_report(tmp_path, "a" * 64, "report", AT)
    assert other.read_bytes() == b""
    assert path.read_bytes().count(b"\n") == 1
