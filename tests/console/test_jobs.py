"""Runs that are started in the browser: what a form may ask, and that none is ever lost."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request

sys.path.insert(0, str(Path(__file__).parents[1]))

from stub_endpoint import Stub, running

from tenken.console.app import make_app
from tenken.console.auth import acts
from tenken.console.live.jobs import Job
from tenken.console.live.request import Offer, read_form
from tenken.console.settings import Settings
from tenken.console.web.call import Call
from tenken.console.web.render import fragment
from tenken.errors import InputError

from .conftest import Console, csrf

OFFER = Offer({"smoke": ["a/one", "a/two"]}, ["lab"])
KEY = "sk-of-the-laboratory-123"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"suite": "../x"}, "unknown suite"),
        ({"suite": "smoke"}, "name 1 to 8 different models"),
        ({"suite": "smoke", "models": "--key=/etc/passwd"}, "not the name of a model"),
        ({"suite": "smoke", "models": "m\nm"}, "different models"),
        ({"suite": "smoke", "models": "m", "limit": "0"}, "limit: expected"),
        ({"suite": "smoke", "models": "m", "max_cost": "1e9"}, "max_cost"),
        ({"suite": "smoke", "models": "m", "epochs": "2; rm"}, "epochs"),
        ({"suite": "smoke", "profile": "../lab"}, "unknown endpoint file"),
        ({"suite": "smoke", "models": "m", "task": "b/three"}, "unknown task"),
        ({"suite": "smoke", "models": "m", "language": "xx"}, "unknown language"),
    ],
)
def test_a_form_names_nothing_but_what_is_offered(form: dict[str, str], said: str) -> None:
    fields = {name: [value] for name, value in form.items()}
    with pytest.raises(InputError, match=re.escape(said)):
        read_form(form, fields, OFFER)


def test_a_form_comes_to_the_same_command_as_typed() -> None:
    form = {"suite": "smoke", "models": "openai/gpt-x\n", "limit": "4", "max_cost": "2.50"}
    fields = {"profile": ["lab"], "task": ["a/one"], "language": ["ja"]}
    profile, model = read_form(form, fields, OFFER)
    options = ["--task=a/one", "--language=ja", "--limit=4", "--max-cost=2.50", "--lang=en"]
    folder = Path("/srv/endpoints")
    assert profile.arguments("run", folder) == [
        "run", "--endpoint-file=/srv/endpoints/lab.yaml", *options, "--", "smoke"
    ]  # fmt: skip
    assert model.arguments("plan", folder) == [
        "plan", "--model=openai/gpt-x", *options[:3], "--", "smoke"
    ]  # fmt: skip


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running() as made:
        yield made


@pytest.fixture
def lab(tmp_path: Path, stub: Stub) -> Iterator[Console]:
    results, endpoints = tmp_path / "results", tmp_path / "endpoints"
    results.mkdir()
    endpoints.mkdir()
    (endpoints / "lab.yaml").write_text(f"model: letter-a\nbase_url: {stub.base_url}\n")
    settings = Settings(
        results=results, endpoints=endpoints, sign_in="accounts", secrets={"LAB_API_KEY": KEY}
    )
    made = Console(make_app(settings), results)
    yield made
    for job in made.services.jobs.all():
        made.services.jobs.pause(job.id, "stopped")
        wait(made, job.id)
    for client in made.clients:
        client.close()
    made.services.close()


def wait(console: Console, number: int) -> Job:
    """Wait until a run's process is over."""
    child = console.services.jobs._children.get(number)
    if child is not None:
        child.wait(120)
    job = console.services.jobs.get(number)
    assert job is not None
    return job


@pytest.mark.slow
def test_a_run_from_the_browser(lab: Console) -> None:
    client = lab.person("evaluator")
    token = csrf(client)
    form: dict[str, Any] = {"csrf": token, "suite": "smoke", "profile": "lab", "limit": "2"}
    page = client.get("/jobs").text
    assert "lab" in page
    assert KEY not in page
    plan = unescape(client.post("/jobs/plan", data=form).text)
    assert "misinformation/false_claims" in plan
    assert lab.services.jobs.all() == []
    started = client.post("/jobs", data=form)
    assert started.headers["location"] == "/jobs/1"
    job = wait(lab, 1)
    assert (job.state, job.run[:7]) == ("ended", "smoke--"), job.said
    assert job.status in (0, 3, 5)
    assert sum(task["done"] for task in job.tasks) == sum(task["total"] for task in job.tasks) > 0
    assert (lab.results / job.run / "seal.json").is_file()
    with client.stream("GET", "/jobs/1/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        told = "".join(events.iter_text())
    assert told.startswith("event: look\ndata: <dl")
    assert told.endswith("event: over\ndata: over\n\n")
    assert "smoke" in client.get("/runs").text
    assert [a.act for a in acts.read_acts(lab.services.engine)] == ["start", "sign_in"]

    begun = lab.services.jobs.start("evaluator", {"suite": "smoke", "model": "m"}, [
        "run", f"--endpoint-file={lab.services.settings.endpoints}/lab.yaml", "--limit=2",
        "--no-gates", "--epochs=3", f"--results-dir={lab.results}", "--", "smoke",
    ])  # fmt: skip
    other = make_app(lab.services.settings).state.services
    child = lab.services.jobs._children[begun]
    seen = other.jobs.get(begun)
    assert seen is not None
    assert seen.state == "running"  # another server finds the process that the first one began
    os.kill(child.pid, signal.SIGKILL)
    child.wait(60)
    lost = other.jobs.get(begun)
    assert lost is not None
    assert lost.state == "lost"
    other.close()
    assert client.post(f"/jobs/{begun}", data={"csrf": token, "do": "go_on"}).status_code == 303
    ended = wait(lab, begun)
    assert ended.state == "ended", ended.said
    assert KEY not in client.get(f"/jobs/{begun}").text


def test_what_a_run_says_is_masked(lab: Console) -> None:
    number = lab.services.jobs.start("x", {"suite": "s", "model": "m"}, ["show", "--", KEY])
    job = wait(lab, number)
    assert job.status == 2
    assert KEY not in job.said
    assert "[secret]" in job.said
    noted = {"latest": [
        {"task": "t", "unscored": False, "error": "", "sample": "one", "answer": f"a key: {KEY}"},
        {"task": "t", "unscored": True, "error": "", "sample": "two"},
    ]}  # fmt: skip
    (lab.results / ".console" / "jobs" / "1" / "progress.json").write_text(json.dumps(noted))
    found = lab.services.jobs.get(number)
    assert found is not None
    assert [each["sample"] for each in found.latest] == ["two", "one"]
    assert found.latest[1]["answer"] == "a key: [secret]"
    running = Call(Request({"type": "http", "path": "/jobs/1", "headers": [], "query_string": b""}),
                   lab.services, None)  # fmt: skip
    shown = fragment(running, "job_live.html", job=replace(found, state="running"))
    assert shown.index("two") < shown.index("a key: [secret]")
    assert "covered" in shown
