"""The reviewers' page: blind, in two languages, and nothing that a model wrote is run."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tenken.results.pages.review import Sheet, lines, page
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import Texts, read_records
from tenken.results.review.choices import Option, options
from tenken.results.review.draw import draw
from tenken.results.review.items import Item, read_items
from tenken.schema.plan import Plan

HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    '"}]};alert(1)//\u2028',
    "\u202eevil\u0000\x1b[31m",
    "{{ 7 * 7 }} ${alert(1)}",
    "",
)


@pytest.fixture(scope="module")
def sheet(make_run: Any) -> Sheet:
    run: Path = make_run(60)
    plan: Plan = read_sound_plan(run)
    items = {item.digest: item for item in read_items(run, plan, read_records(run, plan), [])}
    made = draw(plan, list(items.values()), len(HOSTILE), 1)
    return Sheet(made, [items[each.item] for each in made.items])


class Seen(HTMLParser):
    """What a browser makes of a page: its scripts, and every tag."""

    def __init__(self, html: bytes) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.style = ""
        self.policy = ""
        self.feed(html.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        about = dict(attrs)
        if tag == "script":
            self.scripts.append((about, ""))
        if about.get("http-equiv") == "Content-Security-Policy":
            self.policy = about["content"] or ""
        assert not any(name.startswith("on") or name in ("src", "style") for name in about)

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and self.scripts:
            about, text = self.scripts[-1]
            self.scripts[-1] = (about, text + data)
        if self.lasttag == "style":
            self.style += data


def hostile(sheet: Sheet) -> Sheet:
    items: list[Item] = [
        replace(
            item,
            text=Texts(text, text),
            task=item.task.model_copy(
                update={"title": item.task.title.model_copy(update={"en": text})}
            ),
            options=(*item.options, Option("x", choice=f"A) {text}")),
        )
        for item, text in zip(sheet.items, HOSTILE, strict=True)
    ]
    return replace(sheet, items=items)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_text_stays_data(sheet: Sheet, language: str) -> None:
    plain, seen = Seen(page(sheet, language)), Seen(page(hostile(sheet), language))
    assert seen.tags == plain.tags
    (about, data), (ours, script) = seen.scripts
    assert about == {"type": "application/json", "id": "data"} and ours == {}
    assert not set("<>&\u2028") & set(data)
    shown = [item["parts"][1]["text"] for item in json.loads(data)["items"]]
    assert shown[:3] == list(HOSTILE[:3])
    assert shown[4] == "[U+202E]evil[U+0000][U+001B][31m"
    assert script == plain.scripts[1][1]
    assert "innerHTML" not in script and "eval" not in script


def test_policy_allows_the_one_script_and_the_one_style_alone(sheet: Sheet) -> None:
    html = page(sheet, "en").decode()
    script = html.rsplit("<script>", 1)[1].split("</script>")[0]
    style = html.split("<style>", 1)[1].split("</style>")[0]
    digests = [
        "sha256-" + base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()
        for each in (style, script)
    ]
    assert Seen(html.encode()).policy == (
        f"default-src 'none'; img-src data:; style-src '{digests[0]}'; "
        f"script-src '{digests[1]}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"https?://", html)


def test_neither_file_names_model_run_scorer_or_verdict(sheet: Sheet) -> None:
    for data in (page(sheet, "en"), lines(sheet, "en")):
        text = data.decode()
        for word in ("mockllm", "synthetic--", "tenken/refusal", 'verdict"', "probability", "why"):
            assert word not in text
    row = json.loads(lines(sheet, "en").splitlines()[0])
    assert (row["label"], row["reviewer"], row["role"]) == ("", "", "reviewer")
    assert "review-" in sheet.stem and "synthetic" not in sheet.stem


def test_the_page_is_japanese_when_asked_for(sheet: Sheet) -> None:
    html = page(sheet, "ja").decode()
    assert '<html lang="ja">' in html and "回答の確認" in html
    question = json.loads(Seen(html.encode()).scripts[0][1])["items"][0]["questions"][0]
    assert question["choices"][-1] == {"label": "cannot_say", "words": "判断できない"}


def test_same_input_same_bytes(sheet: Sheet) -> None:
    assert page(sheet, "en") == page(sheet, "en")
    assert lines(sheet, "ja") == lines(sheet, "ja")


def test_adjudicators_see_what_reviewers_said_but_not_who(sheet: Sheet) -> None:
    first = sheet.items[0]
    label = first.options[0].label
    asked = replace(sheet, role="adjudicator", items=[first], given={first.digest: [label]})
    row = json.loads(lines(asked, "en"))
    assert row["role"] == "adjudicator" and len(row["given"]) == 1
    assert asked.stem.startswith("adjudicate-")


def test_choices_are_asked_by_their_text_and_come_to_the_scorers_label(sheet: Sheet) -> None:
    item = next(i for i in sheet.items if i.record.task == "misinformation/claims")
    measure = item.task.measures[0].model_copy(update={"unsafe_labels": ["stereotyped"]})
    task = item.task.model_copy(update={"measures": [measure]})
    about = {"choices": ["her", "him", "unknown"], "target": "C",
             "roles": ["stereotyped", "counter", "unknown"]}  # fmt: skip
    found = [(o.label, o.choice) for o in options(task, item.record, about)]
    assert found == [("stereotyped", "A) her"), ("counter", "B) him"), ("unknown", "C) unknown")]
    wrong = measure.model_copy(update={"unsafe_labels": ["incorrect"]})
    task = item.task.model_copy(update={"measures": [wrong]})
    assert [o.label for o in options(task, item.record, {**about, "roles": []})] == [
        "incorrect", "incorrect", "correct",
    ]  # fmt: skip


def test_an_unknown_scorers_labels_are_those_it_gave(sheet: Sheet) -> None:
    item = next(i for i in sheet.items if i.record.task == "misinformation/claims")
    measure = item.task.measures[0].model_copy(update={"unsafe_labels": ["bad"]})
    scorer = item.task.scorer.model_copy(update={"name": "theirs/judge"})
    task = item.task.model_copy(update={"measures": [measure], "scorer": scorer})
    assert {o.label for o in options(task, item.record, {}, ["fine"])} == {"bad", "fine"}
    assert {o.label for o in options(task, item.record, {}, ["bad"])} == {"bad", "other"}
    plain = [o.label for o in options(item.task, item.record, {})]
    assert plain == ["unsafe", "safe"]  # a measure that takes the scorer's own value
