"""Images that a model was shown: with the text that they belong to, covered where it is."""

from __future__ import annotations

import base64
import re
import sys
from html import unescape
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from stub_endpoint import running

import tenken
from tenken.console.app import make_app
from tenken.console.auth.accounts import all_accounts
from tenken.console.bundles import sample
from tenken.console.bundles.samples import SampleQuery
from tenken.console.reviewing import assignments
from tenken.console.settings import Settings
from tenken.results.review.draw import read_draws

from .conftest import Console, closed, csrf, rewrite

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "image"
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"0" * 40).decode()
FOREIGN = [
    "data:image/svg+xml;base64,PHN2Zy8+", "http://evil.example/a.png", "/etc/passwd",
    'data:image/png;base64,AAAA" onerror="alert(1)', "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/png;base64," + "A" * 3_000,
]  # fmt: skip
"""Addresses that are no image, are elsewhere, or are too large for a page."""


def _with_images(logged: dict[str, Any]) -> dict[str, Any]:
    images = [{"type": "image", "image": each} for each in ("attachment://one", *FOREIGN)]
    content = [{"type": "text", "text": "Look."}, *images]
    logged["input"] = [{"role": "user", "content": content}]
    logged["attachments"] = {"one": PNG}
    logged["messages"] = [{"role": "user", "content": content}, *logged["messages"][1:]]
    return logged


def _images(page: str) -> list[str]:
    return [unescape(each) for each in re.findall(r'<img src="([^"]*)"', page)]


def test_images_are_shown_with_the_text_and_covered_with_it(
    own: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sample, "MOST_CHARACTERS", 2_000)
    for path in (own.results / "run" / "logs").glob("*.eval"):
        rewrite(path, _with_images)
    auditor, reader = own.person("auditor"), own.person("reader")
    assert own.services.sample_index.state("run", 60) == "ready"
    rows, _ = own.services.samples.select("run", SampleQuery())
    plain = next(row for row in rows if not row.covered)
    covered = next(row for row in rows if row.covered)
    shown = reader.get(f"/runs/run/samples/{plain.position}")
    assert _images(shown.text) == [PNG]
    assert 'alt="Image 1 that the model was shown"' in shown.text
    assert "img-src 'self' data:;" in shown.headers["content-security-policy"]
    assert (
        'alt="モデルに示した画像1"'
        in reader.get(f"/runs/run/samples/{plain.position}", headers={"accept-language": "ja"}).text
    )
    address = f"/runs/run/samples/{covered.position}"
    for client in (auditor, reader):
        assert _images(client.get(address).text) == []
    assert reader.post(address, data={"csrf": csrf(reader)}).status_code == 403
    assert _images(auditor.post(address, data={"csrf": csrf(auditor)}).text) == [PNG]


@pytest.mark.slow
def test_whoever_labels_an_answer_sees_what_the_model_saw(tmp_path: Path) -> None:
    with running() as stub:
        run = tenken.run(
            EXAMPLE, "letter-a", base_url=stub.base_url, limit=2, quiet=True,
            results_dir=tmp_path / "results",
        )  # fmt: skip
    database = f"sqlite:///{tmp_path / 'c.sqlite'}"
    app = make_app(Settings(results=tmp_path / "results", database=database, sign_in="accounts"))
    for console in closed(Console(app, tmp_path / "results")):
        lead, ann = console.person("evaluator", "lead"), console.person("reviewer", "ann")
        token, place = csrf(lead), f"/runs/{run.name}/review"
        made = lead.post(f"{place}/draw", data={"csrf": token, "sample": "2", "seed": "1"})
        assert made.status_code == 303, unescape(made.text)[-400:]
        (draw,) = read_draws(run.path)
        people = {each.name: each.id for each in all_accounts(console.services.engine)}
        form = {"csrf": token, "draw": draw, "account": str(people["ann"]), "role": "reviewer"}
        assert lead.post(f"{place}/assign", data=form).status_code == 303
        (asked,) = assignments.assignments_of(console.services.engine)
        (image,) = _images(ann.get(f"/review/{asked.id}").text)
        pictures = [base64.b64encode(each.read_bytes()) for each in EXAMPLE.rglob("*.png")]
        assert image.removeprefix("data:image/png;base64,").encode() in pictures
