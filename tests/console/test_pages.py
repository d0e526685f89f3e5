"""What the pages show, whatever is in a bundle."""

from __future__ import annotations

import re
import string
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from tenken.console.auth import acts
from tenken.console.bundles.filters import RunQuery, select_runs
from tenken.console.bundles.index import Figure, RunEntry
from tenken.console.bundles.standings import over_time, standings
from tenken.console.web.guard import POLICY
from tenken.console.words import FOLDER, language_of

from .conftest import HOSTILE, HOSTILE_FOLDER, Console, csrf

PAGES = ("", "/report", "/samples", "/samples?sort=worst", "/samples/0", "/samples/5", "/grades")
CONSOLE = Path(__file__).parents[2] / "src" / "tenken" / "console"


class _Tags(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name.startswith("on") or name == "style" or (value or "").startswith("javascript:"):
                self.found.append(f"{tag} {name}={value}")
        sources = [value or "" for name, value in attrs if name == "src"]
        if tag in ("script", "img") and not all(
            each.startswith(("/static/", "data:image/svg+xml;base64,")) for each in sources or [""]
        ):
            self.found.append(f"{tag} {sources}")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_of_a_bundle_is_taken_for_markup(language: str, console: Console) -> None:
    client = console.person("administrator")
    token = csrf(client)
    client.cookies.set("tenken_language", language)
    run = f"/runs/{quote(HOSTILE_FOLDER, safe='')}"
    answers = [client.get("/runs"), client.get(f"/runs?q={quote(HOSTILE)}&model={quote(HOSTILE)}")]
    answers += [client.get(run + page) for page in PAGES]
    answers += [client.post(f"{run}/samples/{n}", data={"csrf": token}) for n in range(12)]
    answers += [client.get(f"/runs/{quote(HOSTILE)}"), client.get(f"/{quote(HOSTILE)}")]
    for answer in answers:
        assert answer.status_code in (200, 400, 404), answer.text[-500:]
        tags = _Tags()
        tags.feed(answer.text)
        assert tags.found == [], answer.url
        policy = answer.headers["content-security-policy"]
        assert policy == POLICY or "script-src" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert f'lang="{language}"' in answer.text or "<html" not in answer.text
    assert any("&lt;script&gt;alert(1)" in answer.text for answer in answers)


def test_the_way_from_the_table_to_the_worst_samples(console: Console) -> None:
    client = console.person("reader")
    table = client.get("/runs").text
    assert "unfinished" in table
    assert "unreadable" in table
    assert "linked" not in table
    page = client.get("/runs/good").text
    worst = re.search(r'id="worst".*?class="big">([\d.]+%).*?href="([^"]+)"', page, re.S)
    assert worst
    listed = client.get(worst[2].replace("&amp;", "&"))
    verdicts = re.findall(r'data-label="Verdict"><span>([\d.]+|–)', listed.text)
    numbers = [float(each) for each in verdicts if each != "–"]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 1.0
    grades = client.get("/runs/good/grades").text
    assert "consistent" in grades


def test_covered_text_is_shown_to_whom_it_may_and_that_is_recorded(console: Console) -> None:
    reader, auditor = console.person("reader"), console.person("auditor")
    rows, _ = _select(console, "task=criminal_misuse/fraud")
    assert rows
    assert all(row.covered for row in rows)
    position = rows[0].position
    words = console.services.samples.one("good", position, uncovered=True)
    assert words is not None
    part = words.prompt[:30]
    address = f"/runs/good/samples/{position}"
    for client in (reader, auditor):
        assert part not in unescape(client.get(address).text)
        assert part not in client.get("/runs/good/samples?task=criminal_misuse/fraud").text
        found = client.get("/runs/good/samples", params={"q": part})
        assert "No sample fits" in found.text
    assert reader.post(address, data={"csrf": csrf(reader)}).status_code == 403
    sneaky = reader.get("/runs/good/samples", params={"q": part, "covered": "1"})
    assert "No sample fits" in sneaky.text
    shown = auditor.post(address, data={"csrf": csrf(auditor)})
    assert part in unescape(shown.text)
    assert (
        words.sample in auditor.get("/runs/good/samples", params={"q": part, "covered": "1"}).text
    )
    engine = console.services.engine
    found = [(each.account, each.act) for each in acts.read_acts(engine, "good")]
    assert found == [("auditor", "search_covered"), ("auditor", "uncover")]
    assert acts.first_break(engine) is None
    with engine.begin() as connection:
        connection.exec_driver_sql("update acts set account = 'nobody' where number = 3")
    assert acts.first_break(engine) == 3


def _select(console: Console, address: str):  # type: ignore[no-untyped-def]
    from urllib.parse import parse_qsl

    from tenken.console.bundles.samples import SampleQuery

    assert console.services.sample_index.state("good", 60) == "ready"
    return console.services.samples.select("good", SampleQuery.of(dict(parse_qsl(address))))


def test_samples_are_found_by_each_filter(console: Console) -> None:
    every, total = _select(console, "")
    assert total == len(every) == 20
    for address, fits in (
        ("language=ja", lambda r: r.language == "ja"),
        ("outcome=unscored", lambda r: r.outcome == "unscored"),
        ("tag=truth=true", lambda r: r.tags.get("truth") == "true"),
        ("label=correct", lambda r: r.label == "correct"),
        (f"q={every[0].sample.upper()}", lambda r: r.sample == every[0].sample),
        ("task=bias/ambiguous_qa&language=en", lambda r: r.task[0] == "b" and r.language == "en"),
        ("disagree=1", lambda r: False),
        ("q=100%25", lambda r: False),
        ("q=__", lambda r: False),
    ):
        rows, n = _select(console, address)
        assert [r.position for r in rows] == [r.position for r in every if fits(r)], address
        assert n == len(rows)
    assert [r.position for r in _select(console, "page=2")[0]] == []
    assert _select(console, "sort=nonsense&page=x&outcome=all")[1] == 20


def test_a_view_is_an_address() -> None:
    low, high = {"bias": Figure(0.2, 0.1, 0.3, 5)}, {"bias": Figure(0.4, 0.1, 0.9, 5)}
    runs = [
        RunEntry("b", "", "PASS", "m/two", "s", "2026-01-02", areas=low),
        RunEntry("a", "", "FAIL", "m/one", "s", "2026-01-03", areas=high),
        RunEntry("c", "", "PASS", "M/one", "t", "2026-01-01"),
    ]  # fmt: skip
    cases = {
        "": "abc", "sort=finished": "cba", "sort=-area-bias": "abc", "sort=area-bias": "bac",
        "decision=PASS": "bc", "q=ONE": "ac", "suite=t": "c", "model=m/two": "b",
        "sort=../x&page=0": "abc", "sort=model&page=99999999": "acb",
    }  # fmt: skip
    for address, names in cases.items():
        given = dict(part.split("=", 1) for part in address.split("&") if part)
        query = RunQuery.of(given, ["bias"])
        assert "".join(run.name for run in select_runs(runs, query)) == names, address
        again = dict(part.split("=", 1) for part in query.address()[1:].split("&") if part)
        assert RunQuery.of({k: v.replace("%2F", "/") for k, v in again.items()}, ["bias"]) == query


def test_both_catalogues_say_the_same() -> None:
    en, ja = (yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8")) for name in ("en", "ja"))
    fields = string.Formatter().parse
    assert {k: sorted(f[1] for f in fields(v) if f[1]) for k, v in en["text"].items()} == {
        k: sorted(f[1] for f in fields(v) if f[1]) for k, v in ja["text"].items()
    }
    assert {k: sorted(map(str, v)) for k, v in en["term"].items()} == {
        k: sorted(map(str, v)) for k, v in ja["term"].items()
    }
    used = "".join(
        path.read_text("utf-8")
        for path in sorted(CONSOLE.rglob("*"))
        if path.suffix in (".html", ".py")
    )
    assert [key for key in en["text"] if f"'{key}'" not in used and f'"{key}"' not in used] == [
        "sign_in_link", "sign_in_proxy",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "chosen", "accepted", "language"),
    [
        ("ja", "en", "en", "ja"), ("", "ja", "en", "ja"), ("xx", "", "ja,en;q=0.8", "ja"),
        ("", "", "fr, en;q=0.3, ja;q=0.9", "ja"), ("", "", "de", "en"), ("", "", ";q=;,", "en"),
    ],
)  # fmt: skip
def test_the_language_of_a_page(asked: str, chosen: str, accepted: str, language: str) -> None:
    assert language_of(asked, chosen, accepted) == language


def test_models_share_a_letter_if_and_only_if_they_are_alike() -> None:
    def entry(name: str, low: float, value: float, high: float, day: int = 1) -> RunEntry:
        figure = Figure(value, low, high, 50)
        return RunEntry(name, "", "PASS", name, "s", f"2026-01-0{day}", areas={"bias": figure})

    narrow = [entry("low", 0.08, 0.1, 0.12), entry("high", 0.38, 0.4, 0.42)]
    wide = entry("wide", 0.0, 0.2, 0.9)
    old = entry("low", 0.7, 0.8, 0.9, day=0)
    found = standings([*narrow, wide, old], suite="s", area="bias")
    letters = {each.run.model: set(each.groups) for each in found}
    assert [each.run.model for each in found] == ["low", "wide", "high"]
    assert not letters["low"] & letters["high"]
    assert letters["low"] & letters["wide"]
    assert letters["high"] & letters["wide"]
    assert standings([wide], suite="other", area="bias") == []
    points = over_time([*narrow, wide, old], model="l", suite="s", area="bias")
    assert [(p.figure.value, p.x) for p in points] == [(0.8, 0.0), (0.1, 1.0)]


def test_compare_in_the_browser(console: Console) -> None:
    client = console.person("reader")
    for address in ("/compare", "/compare?run=good", "/compare?run=good&run=good"):
        assert client.get(address).status_code == 400
    assert client.get("/compare?run=good&run=..").status_code == 404
    assert client.get("/models?suite=smoke&area=bias").status_code == 200
    assert "polyline" in client.get("/trends?suite=smoke&model=tenken").text
