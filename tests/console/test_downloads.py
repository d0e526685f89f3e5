"""What may be taken away of a run: exports and the published twin."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from tenken.console.auth import acts
from tenken.console.bundles.downloads import EXPORTS
from tenken.console.bundles.journal import journal_of
from tenken.results.export.formats import FORMATS
from tenken.results.export.source import read_source
from tenken.results.verify.verify import is_whole, verify_bundle

from .conftest import Console


def test_exports_and_the_published_twin_are_those_of_the_command_line(
    own: Console, tmp_path: Path
) -> None:
    auditor, reader = own.person("auditor"), own.person("reader")
    page = auditor.get("/runs/run/audit").text
    assert {name: file for name, (file, _) in FORMATS.items()} == EXPORTS
    for name in EXPORTS:
        assert f'href="/runs/run/export/{name}"' in page
        assert "/export/" not in reader.get("/runs/run/audit").text
        assert reader.get(f"/runs/run/export/{name}").status_code == 403
    taken = auditor.get("/runs/run/export/csv")
    made = FORMATS["csv"][1](read_source(own.results / "run"))
    assert taken.content.splitlines() == made.splitlines()
    assert taken.headers["content-disposition"].endswith("run.rates.csv")
    assert auditor.get("/runs/run/export/docx").status_code == 404
    assert reader.get("/runs/run/published.zip").status_code == 403
    twin = auditor.get("/runs/run/published.zip")
    with zipfile.ZipFile(io.BytesIO(twin.content)) as archive:
        archive.extractall(tmp_path)
    twin_folder = tmp_path / "run-published"
    assert not (twin_folder / "logs").exists()
    assert is_whole(verify_bundle(twin_folder))
    assert [(each.act, each.what) for each in acts.read_acts(own.services.engine, "run")] == [
        ("publish", ""), ("export", "csv")
    ]  # fmt: skip
    (own.results / "run" / "report.json").write_bytes(b"{}")
    broken = auditor.get("/runs/run/published.zip")
    assert broken.status_code in (400, 409)


def test_the_journal_is_counted_whatever_is_in_it(own: Console) -> None:
    lines = [
        {"event": "started", "at": "2026-01-01T00:00:00+00:00"},
        {"event": "asked", "at": "2026-01-01T00:00:01+00:00"},
        {"event": "asked", "at": "2026-01-01T00:00:09+00:00"},
        {"event": "<b>odd</b>", "at": "never"},
    ]
    told = [json.dumps(each) for each in lines] + ["[" * 50_000, "7", '{"at": 1}']
    (own.results / "run" / "journal.jsonl").write_text("\n".join(told))
    found = [(each.event, each.count) for each in journal_of(own.results / "run")]
    assert found == [("started", 1), ("asked", 2), ("<b>odd</b>", 1)]
    page = own.person("auditor").get("/runs/run/audit").text
    assert "run started" in page
    assert "&lt;b&gt;odd" in page
    (own.results / "run" / "journal.jsonl").unlink()
    assert journal_of(own.results / "run") == ()
