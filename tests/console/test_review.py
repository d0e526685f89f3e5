"""Labelling in the browser: blind, kept at once, by several people, sealed as from the terminal."""

from __future__ import annotations

import json
import re
import threading
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from tenken.console.app import make_app
from tenken.console.auth.accounts import all_accounts
from tenken.console.reviewing import assignments, drafts
from tenken.console.reviewing.agreeing import agreement
from tenken.console.reviewing.sheets import read_sheet
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import read_records
from tenken.results.review.draw import read_draws
from tenken.results.review.labels import read_labels
from tenken.results.review.read import read_people

from .conftest import Console, csrf


def label_all(client: TestClient, number: int, choose: Any) -> None:
    """Label all items of an assignment, as a person would: one screen after the other."""
    token = csrf(client, "/review")
    for _ in range(20):
        screen = client.get(f"/review/{number}").text
        item = re.search(r'name="item" value="(\w+)"', screen)
        options = re.findall(r'name="label" value="([^"]*)"', screen)
        assert item and options
        if 'aria-pressed="true"' in screen:
            return
        form = {"csrf": token, "item": item[1], "label": choose(options), "note": "n"}
        assert client.post(f"/review/{number}", data=form).status_code == 303


@pytest.mark.slow
def test_two_people_label_at_once_and_somebody_settles_it(own: Console) -> None:
    lead = own.person("evaluator", "lead")
    ann, bob = own.person("reviewer", "ann"), own.person("reviewer", "bob")
    engine, token = own.services.engine, csrf(lead)
    drawn = lead.post("/runs/run/review/draw", data={"csrf": token, "sample": "6", "seed": "3"})
    assert drawn.status_code == 303, unescape(drawn.text)[-600:]
    (draw,) = read_draws(own.results / "run")
    people = {each.name: each.id for each in all_accounts(engine)}
    for name in ("ann", "bob"):
        form = {"csrf": token, "draw": draw, "account": str(people[name]), "role": "reviewer"}
        assert lead.post("/runs/run/review/assign", data=form).status_code == 303
        assert lead.post("/runs/run/review/assign", data=form).status_code == 400
    numbers = {each.name: each.id for each in assignments.assignments_of(engine)}

    screen = ann.get(f"/review/{numbers['ann']}").text
    for told in ("smollm2", "Verdict", "tenken/choice", "0.00", "1.00"):
        assert told not in screen.split("<main")[1]
    assert ann.get("/runs/run").status_code == 403
    assert ann.get("/runs/run/samples").status_code == 403
    assert bob.get(f"/review/{numbers['ann']}").status_code == 404
    early = ann.post(f"/review/{numbers['ann']}/hand-in", data={"csrf": csrf(ann, "/review")})
    assert early.status_code == 400

    both = [
        threading.Thread(target=label_all, args=(ann, numbers["ann"], lambda o: o[0])),
        threading.Thread(target=label_all, args=(bob, numbers["bob"], lambda o: o[1])),
    ]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    items = read_sheet(engine, "run", draw, "reviewer")
    for name, place in (("ann", 0), ("bob", 1)):
        kept = drafts.drafts_of(engine, numbers[name])
        assert {k: (d.label, d.note) for k, d in kept.items()} == {
            each.item: (each.labels[place], "n") for each in items
        }

    told = unescape(lead.get(f"/runs/run/review/{draw}/progress").text)
    agreed = {each.scorer: each for each in agreement(engine, "run", draw)}
    assert sum(each.answers for each in agreed.values()) == len(items)
    assert "Reviewers agree on 0 of" in told
    assert all(f"{scorer}: Krippendorff’s alpha" in told for scorer in agreed)
    assert ann.get(f"/runs/run/review/{draw}/progress").status_code == 403

    answers: list[int] = []
    tokens = {"ann": csrf(ann, "/review"), "bob": csrf(bob, "/review")}

    def hand_in(client: TestClient, name: str) -> None:
        form = {"csrf": tokens[name]}
        answers.append(client.post(f"/review/{numbers[name]}/hand-in", data=form).status_code)

    both = [threading.Thread(target=hand_in, args=(c, n)) for c, n in ((ann, "ann"), (bob, "bob"))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert answers == [303, 303]
    run = own.results / "run"
    labels = [each for file in read_labels(run, read_draws(run)).values() for each in file]
    assert sorted({each.reviewer for each in labels}) == ["ann", "bob"]
    assert len(labels) == 2 * len(items)
    sealed = json.loads((run / "report.json").read_bytes())["reviews"]["agreement"]
    assert [(each["scorer"], each["answers"], each["alpha"]) for each in sealed] == [
        (each.scorer, each.answers, each.alpha.model_dump()) for each in agreed.values()
    ]
    assert ann.get("/runs/run").status_code == 200
    again = {"csrf": tokens["ann"], "item": items[0].item, "label": items[0].labels[1]}
    assert ann.post(f"/review/{numbers['ann']}", data=again).status_code == 409

    form = {"csrf": token, "draw": draw, "account": str(people["lead"]), "role": "adjudicator"}
    assert lead.post("/runs/run/review/assign", data=form).status_code == 303
    number = next(a.id for a in assignments.assignments_of(engine) if a.role == "adjudicator")
    assert "Reviewers gave" in lead.get(f"/review/{number}").text
    label_all(lead, number, lambda options: options[0])
    assert lead.post(f"/review/{number}/hand-in", data={"csrf": token}).status_code == 303
    plan = read_sound_plan(run)
    people_now = read_people(run, plan, read_records(run, plan))
    assert not any(each.is_open for each in people_now.reviewed.values())


@pytest.mark.slow
def test_a_label_that_was_kept_outlives_the_server(own: Console) -> None:
    """The answer to a kept label comes after the disk has it: nothing is closed here on purpose."""
    lead = own.person("evaluator", "lead")
    token, engine = csrf(lead), own.services.engine
    lead.post("/runs/run/review/draw", data={"csrf": token, "sample": "2"})
    (draw,) = read_draws(own.results / "run")
    assignments.assign(engine, "run", draw, all_accounts(engine)[0].id, "reviewer")
    items = read_sheet(engine, "run", draw, "reviewer")
    form = {"csrf": token, "item": items[0].item, "label": items[0].labels[0]}
    assert lead.post("/review/1", data=form).status_code == 303
    for wrong in ({"label": "nonsense"}, {"item": "0" * 64}):
        assert lead.post("/review/1", data={**form, **wrong}).status_code == 400
    other = make_app(own.services.settings).state.services
    assert drafts.drafts_of(other.engine, 1)[items[0].item].label == items[0].labels[0]
    other.close()
    taken = {"csrf": token, "assignment": "1"}
    assert lead.post("/runs/run/review/withdraw", data=taken).status_code == 303
    assert assignments.assignments_of(engine) == []
    for sample in ("0", "x", "-1", "999999"):
        bad = lead.post("/runs/run/review/draw", data={"csrf": token, "sample": sample})
        assert bad.status_code == 400
