"""Every page of the console in Japanese: no English sentence is left on one."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import pytest
from starlette.testclient import TestClient

from tenken.console.app import make_app
from tenken.console.bundles.indexing import index_samples
from tenken.console.settings import Settings
from tenken.results.pages.findings import finding_said
from tenken.results.pages.words import Words

sys.path.insert(0, str(Path(__file__).parents[1]))

from latin_words import english_on

from .conftest import Console, closed, csrf

TOOLS = Path(__file__).parents[2] / "tools"
FORGERIES = (
    "figure",
    "plan-cluster",
    "plan-model",
    "plan-drop",
    "answers",
    "zip-after",
    "plan-nan",
)
NAMES = re.compile(
    r"et al|XSTest|BBQ|Question Answering|Findings of ACL|"
    r"Rogan and Gladen|Christiansen and Morris|Imbens and Manski|Zou and Donner|"
    r"AI Safety Institute Japan|^tenken \w+|^of the AI Risk|^role grader$"
)
"""Authors and titles of what is cited, and commands."""
MOST_OF_A_KIND = 3


@pytest.fixture
def forged(sealed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    """A console over a run, an unfinished and a torn one, and forgeries of several kinds."""
    monkeypatch.syspath_prepend(TOOLS)
    from attack_bundle import ATTACKS

    results = tmp_path / "results"
    shutil.copytree(sealed, results / "run")
    for name in FORGERIES:
        copy = results / f"forged-{name}"
        shutil.copytree(sealed, copy)
        ATTACKS[name].make(copy)
    (results / "unfinished").mkdir()
    shutil.copy(sealed / "plan.json", results / "unfinished" / "plan.json")
    (results / "torn").mkdir()
    (results / "torn" / "report.json").write_text('{"decision": ["PASS"], "model"')
    database = f"sqlite:///{tmp_path / 'c.sqlite'}"
    app = make_app(Settings(results=results, database=database, sign_in="accounts"))
    yield from closed(Console(app, results))


def kind(address: str) -> str:
    """The address without what only chooses one of many."""
    path, _, query = address.partition("?")
    path = re.sub(r"/\d+", "/N", path)
    path = re.sub(r"^/library(-items)?/.+", r"/library\1/T", path)
    path = re.sub(r"^/runs/[^/]+", "/runs/R", path)
    return f"{path}?{re.sub(r'=[^&]*', '', query)}"


def crawl(client: TestClient, *start: str) -> Iterator[tuple[str, str]]:
    """Yield the address and the text of each page that links lead to, a few of each kind."""
    waiting, seen, kinds = list(start), set[str](), Counter[str]()
    while waiting:
        address = waiting.pop(0)
        if address in seen or (kinds[kind(address)] >= MOST_OF_A_KIND and address not in start):
            continue
        seen.add(address)
        kinds[kind(address)] += 1
        answer = client.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        yield address, answer.text
        for link in map(unescape, re.findall(r'href="([^"#]+)', answer.text)):
            if link.startswith("/") and not re.search(r"/static/|/export/|\.zip|/file\?", link):
                waiting.append(urljoin(address, link))
            elif link.startswith("?") and "lang=" not in link:
                waiting.append(urljoin(address, link))


def test_no_english_sentence_is_on_a_page_in_japanese(forged: Console) -> None:
    client = forged.person("administrator")
    token = csrf(client)
    client.cookies.set("tenken_language", "ja")
    runs = sorted(each.name for each in forged.results.iterdir())
    wrong: set[str] = set()
    for name in runs:
        found = forged.services.verifications.now(name)
        wrong |= {each["code"] for each in found.get("findings", ()) if each["status"] == "wrong"}
    assert len(wrong) >= 5, "the forgeries show findings of several kinds"
    index_samples(forged.services.engine, forged.results / "run")
    start = ["/runs", "/nowhere", "/account", "/acts", "/accounts", "/jobs"]
    start += [f"/runs/{name}/audit" for name in runs] + [f"/runs/{name}" for name in runs]
    pages = list(crawl(client, *start))
    uncovered = [address for address, _ in pages if re.search(r"/samples/\d+", address)]
    pages += [(a, client.post(a, data={"csrf": token}).text) for a in uncovered]
    assert {"/runs/R/report?", "/runs/R/samples/N?", "/library/T?", "/models?"} <= {
        kind(address) for address, _ in pages
    }
    left = {
        (words, address)
        for address, page in pages
        for words in english_on(page)
        if not NAMES.search(words)
    }
    assert not left, sorted(left)


def test_findings_are_in_the_language_of_the_page(own: Console) -> None:
    page = own.results / "run" / "report.html"
    page.write_bytes(page.read_bytes() + b" ")
    found = own.services.verifications.now("run")
    (changed,) = [each for each in found["findings"] if each["code"] == "file_changed"]
    client = own.person("auditor")
    for language in ("en", "ja"):
        client.cookies.set("tenken_language", language)
        shown = unescape(client.get("/runs/run/audit").text)
        assert finding_said(changed, Words(language)) in shown
    assert changed["message"] == "the file is not the one that was sealed."
    assert changed["message"] not in shown
    api = client.get("/api/v1/runs/run/verification").json()
    assert json.dumps(changed) in json.dumps(api), "programs get the code and the English sentence"


def test_the_helper_sees_english_and_passes_over_what_is_marked() -> None:
    page = '<p>誤り: the file is missing.</p><code>the file</code><p lang="en">the file</p>'
    assert english_on(page) == {"the file is missing"}
    assert english_on(
        '<br><input aria-label="go on then"><svg><title>は the end</title></svg>'
    ) == {
        "go on then",
        "the end",
    }
    assert english_on("<p>Qwen 3 と report.json、XSTest</p>") == set()
