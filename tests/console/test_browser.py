"""The console in a real browser: Debian's chromium, driven by Playwright."""

from __future__ import annotations

import json
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import uvicorn
from sqlalchemy import insert

from tenken.console.bundles.samples import SampleQuery
from tenken.console.database.connect import writing
from tenken.console.database.tables import jobs, reading_items, readings, review_items
from tenken.console.reviewing import assignments
from tenken.console.reviewing.drafts import drafts_of

from .conftest import Console

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: apt-get install chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATHS = (
    "/runs", "/runs/good", "/runs/good/samples?sort=worst", "/runs/good/samples/0",
    "/runs/good/samples/8", "/runs/good/audit", "/runs/good/review", "/models", "/trends", "/jobs",
    "/review", "/review/1", "/readings/1", "/jobs/1", "/library", "/library/bias/ambiguous_qa",
    "/library-items/bias/ambiguous_qa",
    "/acts", "/accounts", "/account", "/api/v1/docs", "/nowhere",
)  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield made
        made.close()


@pytest.fixture
def served(local_console: Console) -> Iterator[Console]:
    """The console on a port of loopback."""
    listening = socket.create_server(("127.0.0.1", 0))
    services = local_console.services
    services.settings = replace(services.settings, port=listening.getsockname()[1])
    config = uvicorn.Config(local_console.app, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield local_console
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture
def page(chromium: Any, served: Console) -> Iterator[Any]:
    """A page on which somebody has come in by the link, watched for what it must not do."""
    context = chromium.new_context(locale="en-GB")
    made = context.new_page()
    own, wrong = served.services.settings.address, []
    made.on("request", lambda r: wrong.append(r.url) if not r.url.startswith((own, "data:")) else 0)
    made.on("console", lambda m: wrong.append(m.text) if "Content Security" in m.text else None)
    made.on("pageerror", lambda error: wrong.append(str(error)))
    made.goto(served.services.link_address())
    yield made
    assert wrong == []
    context.close()


def test_the_first_visit_of_a_reader(page: Any, served: Console) -> None:
    """Four clicks: the run, the worst figure's samples, the worst one; its grade is beside it."""
    row = (
        page.get_by_role("row")
        .filter(has_text="smoke--smollm2--0.1.0")
        .or_(page.get_by_role("row").filter(has_text="good"))
    )
    row.first.get_by_role("link").click()
    worst = page.locator("#worst")
    shown = worst.locator(".big").inner_text()
    rates = page.locator("table .figure strong").all_inner_texts()
    assert float(shown.split("%")[0]) == max(float(rate.strip("%")) for rate in rates)
    page.get_by_text("consistent", exact=False).first.wait_for()
    worst.get_by_role("link").click()
    verdicts = page.locator("td[data-label=Verdict]").all_inner_texts()[:10]
    numbers = [float(each) for each in verdicts if each != "–"]
    assert numbers == sorted(numbers, reverse=True)
    first = page.locator("table.samples tbody th a").first
    name = first.inner_text()
    first.click()
    assert page.get_by_role("heading", level=1).inner_text() == name
    found, _ = served.services.samples.select("good", SampleQuery(sort="worst"))
    assert name in {each.sample for each in found if each.verdict == found[0].verdict}


def test_a_view_follows_what_is_typed(page: Any, served: Console) -> None:
    page.goto(f"{served.services.settings.address}/runs/good/samples")
    page.get_by_label("Search in ids").fill("fc-elections")
    page.wait_for_url("**q=fc-elections**")
    page.wait_for_function("document.querySelectorAll('table.samples tbody tr').length < 20")
    assert all(
        "elections" in each for each in page.locator("table.samples tbody th").all_inner_texts()
    )
    address = page.url
    page.goto(f"{served.services.settings.address}/runs")
    page.goto(address)
    assert page.get_by_label("Search in ids").input_value() == "fc-elections"


def draw_three(served: Console) -> list[str]:
    """Ask whoever is there to label three answers, and return their digests."""
    engine = served.services.engine
    options = [{"label": "yes", "words": "Yes"}, {"label": "no", "words": "No"}]
    body = {"title": "T", "language": "en", "prompt": "<b>?</b>", "answer": "!", "options": options}
    rows = [
        {
            "run": "good", "draw": "d" * 64, "item": f"{n:064}", "position": n, "covered": n == 1,
            "scorer": "tenken/choice", "cluster": str(n), "means": "{}", "given": "[]",
            "body": json.dumps({"en": body, "ja": body}),
        }
        for n in range(3)
    ]  # fmt: skip
    with writing(engine) as connection:
        connection.execute(insert(review_items), rows)
    account = served.services.local_account()
    assignments.assign(engine, "good", "d" * 64, account.id, "reviewer")
    return [str(row["item"]) for row in rows]


def test_labels_by_keys_alone(page: Any, served: Console) -> None:
    items = draw_three(served)
    page.goto(f"{served.services.settings.address}/review/1")
    for place, key in enumerate("121", start=1):
        page.get_by_text(f"Answer {place} of 3").first.wait_for()
        page.keyboard.press(key)
        page.wait_for_load_state()
    page.get_by_text("3 of 3 labelled").first.wait_for()
    kept = drafts_of(served.services.engine, 1)
    assert [kept[item].label for item in items] == ["yes", "no", "yes"]
    page.keyboard.press("ArrowLeft")
    page.get_by_text("Answer 2 of 3").first.wait_for()


def begun_reading(served: Console) -> None:
    """Ask whoever is there to read an item."""
    account = served.services.local_account()
    reading = {"id": 1, "task": "bias/x", "account": account.id, "created": 1.8e9}
    asked = {"task": "bias/x", "language": "ja", "text": "質問", "choices": ["A"], "other": "Q?",
             "harmful": None, "equal": None}  # fmt: skip
    item = {"reading": 1, "item": "0" * 64, "position": 0, "asked": json.dumps(asked), "said": "{}"}
    with writing(served.services.engine) as connection:
        connection.execute(insert(readings), [reading])
        connection.execute(insert(reading_items), [item])


def started_job(served: Console) -> None:
    """Lay out a run under way that nobody has started."""
    about = json.dumps({"suite": "smoke", "model": "m"})
    row = {"id": 1, "account": "local", "command": "[]", "about": about, "state": "running",
           "pid": 0, "started": 1.8e9}  # fmt: skip
    with writing(served.services.engine) as connection:
        connection.execute(insert(jobs), [row])
    folder = served.services.jobs._folder / "1"
    folder.mkdir(parents=True, exist_ok=True)
    task = {"name": "bias/x", "total": 9, "done": 4, "unscored": 1, "errored": 1,
            "errors": {"Timeout": 1}, "seconds_left": 9}  # fmt: skip
    latest = [
        {"task": "bias/x", "sample": f"x-{n}", "unscored": n == 1, "error": "", **words}
        for n, words in enumerate(({"answer": "An answer. " * 30}, {}))
    ]
    (folder / "progress.json").write_text(json.dumps({"tasks": [task], "latest": latest}))


def reach(page: Any, target: Any) -> None:
    """Go to something by the Tab key alone, and see that the focus is shown there."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            outline = target.evaluate("each => getComputedStyle(each).outlineStyle")
            assert outline != "none", target
            return
    raise AssertionError(f"{target} cannot be reached by Tab")


def test_the_way_to_a_sample_by_the_keyboard_alone(page: Any, served: Console) -> None:
    page.goto(f"{served.services.settings.address}/runs")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the page")
    assert skip.evaluate("each => each === document.activeElement")
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    for place in (
        page.locator("a[href='/runs/good']").first,
        page.locator("#worst a").first,
        page.locator("table.samples tbody th a").first,
        page.locator("a[rel=next]"),
    ):
        reach(page, place)
        before = page.url
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, before=before: url != before)
        page.wait_for_load_state()
    assert page.get_by_role("heading", level=1).is_visible()
    page.emulate_media(media="print")
    assert not page.locator(".top nav").is_visible()
    assert page.get_by_role("heading", level=1).is_visible()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_pages_are_for_everybody(language: str, page: Any, served: Console) -> None:
    """No serious finding of axe; at 390 pixels nothing but tables goes beyond the edge."""
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    # The colours are the same in both languages, and to look at them takes longest.
    rules = {"color-contrast": {"enabled": language == "en"}}
    options = {"resultTypes": ["violations"], "rules": rules}
    draw_three(served)
    started_job(served)
    begun_reading(served)
    page.goto(f"{served.services.settings.address}/runs?lang={language}")
    for path in PATHS:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"{served.services.settings.address}{path}")
        page.wait_for_load_state("load")
        for each in axe.run(page, options=options).response["violations"]:
            if each["impact"] in ("serious", "critical"):
                places = [node["html"][:200] for node in each["nodes"][:3]]
                found.append((path, each["id"], places))
        page.set_viewport_size({"width": 390, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > 390:
            found.append((path, "wide", [str(wide)]))
    assert found == []
