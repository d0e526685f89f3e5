"""A server that is killed outright, in the middle of a run and of a label, seen in the browser."""

from __future__ import annotations

import os
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from command_server import Command, CommandServer
from stub_endpoint import Stub, running

from tenken.io.chain import read_chain

from . import test_browser

chromium, pytestmark = test_browser.chromium, test_browser.pytestmark

IN_FLIGHT = 10
"""Requests that a run has under way at once, unless it is told otherwise."""


class Servers:
    """Starts `tenken serve` over one folder, again and again, and ends what is left of it."""

    def __init__(self, commands: CommandServer, folder: Path) -> None:
        self.results = folder / "results"
        self._commands, self._endpoints = commands, folder / "endpoints"
        self._started: list[Command] = []

    def start(self) -> str:
        """Start a server, and return the link that lets one browser in."""
        server = self._commands.start(
            "serve", "--port", "0", "--results-dir", self.results, "--endpoints", self._endpoints
        )
        self._started.append(server)
        said = server.folder / "stderr"
        pattern = re.compile(r"http://127\.0\.0\.1:\d+/enter\S+")
        until(lambda: said.exists() and pattern.search(said.read_text("utf-8")), 60)
        return pattern.findall(said.read_text("utf-8"))[0]

    def kill(self) -> None:
        """Kill the server that was started last, if it is still there."""
        if self._started:
            server = self._started.pop()
            server.kill(signal.SIGKILL)
            server.wait(30)


def until(what: Any, seconds: int = 90) -> None:
    for _ in range(seconds * 10):
        if what():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come about")


@pytest.fixture
def stub() -> Iterator[Stub]:
    with running(latency=0.7) as made:
        yield made


@pytest.fixture
def servers(commands: CommandServer, tmp_path: Path, stub: Stub) -> Iterator[Servers]:
    made = Servers(commands, tmp_path)
    made.results.mkdir()
    (tmp_path / "endpoints").mkdir()
    profile = f"model: letter-a\nbase_url: {stub.base_url}\n"
    (tmp_path / "endpoints" / "lab.yaml").write_text(profile, "utf-8")
    yield made
    made.kill()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(locale="en-GB")
    context.set_default_timeout(120_000)  # this server's own commands begin with their imports
    yield context.new_page()
    context.close()


def address(link: str) -> str:
    return link.split("/enter", 1)[0]


def start_a_run(page: Any, link: str, stub: Stub) -> None:
    """Start a run by its form, as a person would, and wait until it asks."""
    page.goto(link)
    page.goto(f"{address(link)}/jobs")
    page.get_by_label("lab", exact=True).check()
    page.locator("input[name=limit]").fill("8")
    page.get_by_role("button", name="Show the plan").click()
    page.locator("form[action='/jobs'] button").click()
    page.wait_for_url("**/jobs/1")
    until(lambda: len(stub.asked) >= 4)


def started_run(results: Path) -> Path:
    (run,) = [each.parent for each in results.glob("*/plan.json")]
    return run


def job_process(results: Path) -> int:
    """The process of the run, which is no child of the new server."""
    import sqlite3

    (found,) = [*results.rglob("*.sqlite"), *results.rglob("*.db")][:1]
    connection = sqlite3.connect(f"file:{found}?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT pid FROM jobs WHERE id = 1").fetchone()[0])
    finally:
        connection.close()


def state(page: Any) -> str:
    page.reload()
    return str(page.locator(".facts dd strong").first.inner_text())


def test_a_run_and_a_label_outlive_the_servers_that_they_were_begun_in(
    page: Any, servers: Servers, stub: Stub
) -> None:
    start_a_run(page, servers.start(), stub)
    servers.kill()
    link = servers.start()
    page.goto(link)
    page.goto(f"{address(link)}/jobs/1")
    assert state(page) in ("running", "ended"), "the new server knows the run of the old one"
    run = started_run(servers.results)
    until((run / "seal.json").is_file)
    until(lambda: state(page) == "ended")
    again = {prompt: n for prompt, n in Counter(stub.asked).items() if n > 1}
    assert again == {}
    page.goto(f"{address(link)}/runs/{run.name}")
    assert page.locator("h1").inner_text().endswith("letter-a")

    page.goto(f"{address(link)}/runs/{run.name}/review")
    page.locator("input[name=sample]").fill("3")
    page.locator("form[action$='/review/draw'] button").click()
    page.locator("form[action$='/review/assign'] button").first.click()
    page.goto(f"{address(link)}/review/1")
    page.get_by_text("Answer 1 of 3").first.wait_for()
    page.keyboard.press("1")
    page.get_by_text("Answer 2 of 3").first.wait_for()
    servers.kill()
    link = servers.start()
    page.goto(link)
    page.goto(f"{address(link)}/review")
    page.get_by_text("1 of 3 labelled").first.wait_for()
    page.goto(f"{address(link)}/review/1")
    page.get_by_text("Answer 2 of 3").first.wait_for()
    page.keyboard.press("1")
    page.get_by_text("2 of 3 labelled").first.wait_for()


def test_a_run_that_died_with_its_server_goes_on_from_the_browser(
    page: Any, servers: Servers, stub: Stub
) -> None:
    start_a_run(page, servers.start(), stub)
    until(lambda: len(stub.answered) >= 12)
    process = job_process(servers.results)
    servers.kill()
    os.killpg(process, signal.SIGKILL)
    run = started_run(servers.results)
    until(lambda: stub.under_way == 0)
    before = len(stub.asked)
    entries, _ = read_chain(run / "journal.jsonl")
    kept = sum(entry.get("event") == "answered" for entry in entries)
    assert kept >= 1
    stub.latency = 0.0
    link = servers.start()
    page.goto(link)
    page.goto(f"{address(link)}/jobs/1")
    assert state(page) == "ended early"
    with page.expect_navigation():
        page.get_by_role("button", name="Go on").click()
    until((run / "seal.json").is_file)
    until(lambda: state(page) == "ended")
    again = sum(n - 1 for n in Counter(stub.asked).values())
    assert again <= min(IN_FLIGHT, before - kept), "only what was under way is asked again"
