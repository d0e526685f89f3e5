"""Items of the library that people read in the browser: blind, kept, as from the terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tenken.console.auth import acts
from tenken.console.auth.accounts import all_accounts
from tenken.console.pages import library
from tenken.console.pages import readings as pages
from tenken.console.reviewing import assignments, readings
from tenken.tasks.dataset.reviews import read_reviews

from .conftest import Console, csrf

SAID = {"naturalness": "4", "equal": "cannot_say", "decision": "change", "note": "shorter"}


@pytest.fixture
def task(lay_out: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A task of somebody's own, which the console knows."""
    folder = lay_out()
    monkeypatch.setattr(pages, "tasks", lambda: [{"name": str(folder)}])
    return folder


def begin(client: TestClient, task: Path, token: str, **more: str) -> str:
    form = {"csrf": token, "task": str(task), "sample": "3", **more}
    answer = client.post("/readings", data=form)
    assert answer.status_code == 303, unescape(answer.text)[-500:]
    return answer.headers["location"]


def test_items_are_read_blind_and_the_records_are_the_commands(
    console: Console, task: Path
) -> None:
    ann = console.person("reviewer", "ann")
    token = csrf(ann)
    place = begin(ann, task, token, language="ja")
    assert place == "/readings/1"
    for number in (1, 2, 3):
        screen = ann.get(place).text
        shown = screen.split("<main")[1]
        assert not re.search(r"t-0\d|odd|even|target", shown)  # neither id nor tag nor label
        item = re.search(r'name="item" value="(\w+)"', shown)
        assert item
        said = SAID if number < 3 else {"naturalness": "2"}
        answer = ann.post(place, data={"csrf": token, "item": item[1], **said})
        assert answer.status_code == 303
    screen = ann.get("/review").text
    assert "2 of 3 read" in screen
    wrong = {"csrf": token, "item": item[1], "decision": "burn"}
    assert ann.post(place, data=wrong).status_code == 400
    assert ann.post(place, data={"csrf": token, "item": "0" * 64}).status_code == 404
    assert read_reviews(task) == []
    done = ann.post(f"{place}/hand-in", data={"csrf": token})
    assert done.status_code == 303, unescape(done.text)[-500:]
    records = read_reviews(task)
    found = [(r.by, r.reader, r.naturalness, r.equal, r.decision, r.note) for r in records]
    assert found == [("person", "ann", 4, None, "change", "shorter")] * 2
    assert {each.language for each in records} == {"ja"}
    assert ann.post(f"{place}/hand-in", data={"csrf": token}).status_code == 409
    assert ann.post(place, data={"csrf": token, "item": item[1], **SAID}).status_code == 409
    begin(ann, task, token, sample="500")
    read = {each.item for each in records}
    assert not read & {each.item for each in readings.items_of(console.services.engine, 2)}
    done_acts = [(each.act, each.what) for each in acts.read_acts(console.services.engine)]
    assert done_acts[:3] == [
        ("read_items", f"ann: {task}"), ("hand_in", f"2 readings of {task}"),
        ("read_items", f"ann: {task}"),
    ]  # fmt: skip


def test_an_evaluator_asks_somebody_and_nobody_else_reads_it(console: Console, task: Path) -> None:
    lead, ann = console.person("evaluator", "lead"), console.person("reviewer", "ann")
    reader = console.person("reader")
    numbers = {each.name: str(each.id) for each in all_accounts(console.services.engine)}
    token = csrf(lead)
    assert begin(lead, task, token, account=numbers["ann"]) == "/review"
    assert lead.get("/readings/1").status_code == 404
    assert ann.get("/readings/1").status_code == 200
    assert reader.get("/readings/1").status_code == 403
    own = {"csrf": csrf(ann), "task": str(task), "sample": "1", "account": numbers["lead"]}
    assert ann.post("/readings", data=own).headers["location"] == "/readings/2"  # for herself
    refused = {"account": numbers["reader"]}, {"sample": "0"}, {"sample": "x"}
    for wrong in refused:
        form = {"csrf": token, "task": str(task), "sample": "1", **wrong}
        assert lead.post("/readings", data=form).status_code == 400
    form = {"csrf": token, "task": "../../etc", "sample": "1"}
    assert lead.post("/readings", data=form).status_code == 404


def test_the_library_says_who_has_read_what_and_how_items_work(own: Console) -> None:
    client = own.person("reviewer", "ann")
    page = unescape(client.get("/library").text)
    assert "Due for review" in page
    name = "misinformation/false_claims"
    read = library.readings_by_task()[name]
    assert f"{read['by_people']:,} of {read['samples']:,}" in page
    shown = unescape(client.get(f"/library/{name}").text)
    assert "tenken-choice--choice_ja--ja.json" in shown
    assert "Over the latest runs of 1 models" in shown
    items = unescape(client.get(f"/library-items/{name}").text)
    entry = own.services.runs.get("run")
    assert entry is not None
    facility = re.findall(r'data-label="Facility"><span>([\d.–]+)', items)
    task = next(each for each in entry.tasks if each.name == name)
    measured = [float(each) for each in facility if each != "–"]
    assert task.overall.value is not None
    assert sum(1 - each for each in measured) / len(measured) == pytest.approx(task.overall.value)
    account = next(each for each in all_accounts(own.services.engine) if each.name == "ann")
    assignments.assign(own.services.engine, "run", "d" * 64, account.id, "reviewer")
    blind = unescape(client.get(f"/library-items/{name}").text)
    assert "No run here has asked this task" in blind
