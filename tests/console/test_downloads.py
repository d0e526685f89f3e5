"""What may be taken away of a run: exports and the published twin."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from tenken.console.auth import acts
from tenken.console.bundles.downloads import EXPORTS
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
