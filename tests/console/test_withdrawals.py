"""Withdrawing an item in the browser: by right, on record, with the figures before and after."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from stub_endpoint import running

from tenken.console.app import make_app
from tenken.console.auth.acts import read_acts
from tenken.console.settings import Settings
from tenken.results.verify.verify import verify_bundle

from .conftest import Console, closed, csrf

SUITE = {
    "name": "trial",
    "title": {"en": "Trial", "ja": "試行"},
    "description": {"en": "One task.", "ja": "一つのタスク。"},
    "tasks": [{"task": "misinformation/false_claims", "limit": 8}],
}
WHY = "Two choices are <b>right</b>."


@pytest.fixture(scope="module")
def journaled(command_children: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a journal: items are withdrawn from no other."""
    place = tmp_path_factory.mktemp("journaled")
    (place / "trial.yaml").write_text(json.dumps(SUITE), "utf-8")
    with running() as stub:
        ended = command_children.run([
            "run", str(place / "trial.yaml"), "--model", "letter-hash", "--base-url",
            stub.base_url, "--results-dir", str(place / "runs"), "--json",
        ])  # fmt: skip
    assert ended.returncode in (0, 1, 3, 4, 5), ended.stderr
    (run,) = (each for each in (place / "runs").iterdir() if each.is_dir())
    return Path(run)


@pytest.fixture
def over(journaled: Path, tmp_path: Path) -> Iterator[Console]:
    """A console over the run."""
    results = tmp_path / "results"
    shutil.copytree(journaled, results / "run")
    database = f"sqlite:///{tmp_path / 'c.sqlite'}"
    app = make_app(Settings(results=results, database=database, sign_in="accounts"))
    yield from closed(Console(app, results))


def place_of(console: Console) -> int:
    """The position of a sample, once the samples are read."""
    services = console.services
    from tenken.console.bundles.indexing import index_samples
    from tenken.console.bundles.samples import SampleQuery

    index_samples(services.engine, console.results / "run")
    rows, _ = services.samples.select("run", SampleQuery())
    return int(rows[0].position)


@pytest.mark.slow
def test_an_item_is_withdrawn_by_right_and_on_the_record(over: Console) -> None:
    lead, auditor = over.person("evaluator", "lead"), over.person("auditor", "ann")
    run, place = over.results / "run", place_of(over)
    before = json.loads((run / "report.json").read_bytes())
    address = f"/runs/run/samples/{place}"
    assert "Nothing was withdrawn" in auditor.get("/runs/run/withdrawn").text
    assert "/withdraw" in lead.get(address).text
    assert f"{address}/withdraw" not in auditor.get(address).text
    for person in (auditor, over.person("reviewer", "rae"), over.person("reader", "bob")):
        form = {"csrf": csrf(person), "why": WHY}
        assert person.post(f"{address}/withdraw", data=form).status_code == 403
    assert lead.post(f"{address}/withdraw", data={"why": WHY}).status_code == 403
    token = csrf(lead)
    for why in ("", "  \n", "x" * 501):
        bad = lead.post(f"{address}/withdraw", data={"csrf": token, "why": why})
        assert bad.status_code == 400
    assert not (run / "withdrawn.jsonl").exists()

    done = lead.post(f"{address}/withdraw", data={"csrf": token, "why": WHY})
    assert done.status_code == 303, unescape(done.text)[-600:]
    assert done.headers["location"] == "/runs/run/withdrawn"
    after = json.loads((run / "report.json").read_bytes())
    (item,) = after["evidence"]["withdrawals"]["items"]
    assert (item["by"], item["why"]) == ("lead", WHY)
    for each in (before, after):
        del each["evidence"]
    assert before == after
    assert verify_bundle(run).grades["consistent"].holds == "yes"
    (act,) = [each for each in read_acts(over.services.engine) if each.act == "withdraw_item"]
    assert (act.account, act.run) == ("lead", "run") and WHY in act.what

    for language, with_them, without in (
        ("en", "With the items", "Without them"),
        ("ja", "項目を含む率", "項目を除いた率"),
    ):
        page = auditor.get(f"/runs/run/withdrawn?lang={language}").text
        assert with_them in page and without in page and "lead" in page
        assert "<b>right</b>" not in page and "&lt;b&gt;right" in page
        assert f"n = {after['tasks'][0]['measures'][0]['overall']['n'] - 1}" in page
    shown = lead.get(address).text
    assert "This item was withdrawn by lead" in shown and f"{address}/withdraw" not in shown
    again = lead.post(f"{address}/withdraw", data={"csrf": token, "why": WHY})
    assert again.status_code == 400 and "withdrawn already" in unescape(again.text)
