"""The page of a report: safe with hostile text, the same every time, whole in both languages."""

import base64
import hashlib
import re
from copy import deepcopy
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

import tenken.results.pages.report as module
from tenken.results.pages.charts import severities
from tenken.results.pages.phrases import visible
from tenken.results.pages.report import MOST_CHARACTERS, Example, render_html
from tenken.results.pages.words import Words
from tenken.schema.record import Decision
from tenken.schema.report import REPORT_SCHEMA, Report
from tenken.schema.reviews import ItemsRead

TASK = "bias/questions"
HOSTILE = "</pre><script>alert('1')</script>\"onload=\"x\u202egnp.exe\u2066\x00\x1b[31m\ud800&amp;"
NO_CARD = {"code": "no_card", "values": {}}
UNCORRECTED = {
    "value": None, "low": None, "high": None, "clipped": False, "card": None, "kind": None,
    "sensitivity": None, "specificity": None, "trial_n": None, "scored_share": None,
    "method": None, "reason": NO_CARD, "basis": None, "labelled": None,
}  # fmt: skip
COUNTS = {"scored": 8, "unscored": 1, "blocked": 0, "errored": 1}
FIGURE = {
    "value": 0.25, "low": 0.1, "high": 0.5, "method": "Gaffke on clusters", "n": 8, "clusters": 4,
    "best": 0.2, "worst": 0.4, "outcomes": COUNTS, "corrected": UNCORRECTED,
}  # fmt: skip
NOTHING = {
    **FIGURE, "value": None, "low": None, "high": None, "method": None, "n": 0, "clusters": 0,
    "best": None, "worst": None,
}  # fmt: skip
SCORE = {
    "value": -0.2,
    "low": -0.4,
    "high": 0.1,
    "method": "Gaffke on clusters",
    "n": 8,
    "clusters": 4,
}
PLAIN = {key: FIGURE[key] for key in ("value", "low", "high", "method", "n", "clusters")}
BLOCK = {
    "accuracy_ambiguous": PLAIN,
    "accuracy_disambiguated": {key: NOTHING[key] for key in PLAIN},
    "bias_ambiguous": SCORE, "bias_disambiguated": {**SCORE, "value": None},
}  # fmt: skip
DIFFERENCE = {
    "value": 0.1, "low": -0.1, "high": 0.3, "interval_method": "Gaffke on clusters",
    "n_pairs": 4, "pairs_left_out": 1, "clusters": 4, "parity": None, "worse_in_english": 1,
    "worse_in_japanese": 2, "p_value": 0.0004, "p_holm": 0.03, "test": "exact on clusters",
    "corrected": {
        "value": None, "low": None, "high": None, "basis": None, "method": None, "reason": NO_CARD
    },
}  # fmt: skip
GAP = {
    "value": 0.15, "low": -0.1, "high": 0.3, "method": "paired t", "n": 40,
    "favours_majority": 8, "favours_minority": 2, "p_value": 0.109, "test": "exact on clusters",
}  # fmt: skip
MEASURE = {
    "key": "rate", "title": {"en": "Wrong rate", "ja": "誤り率"}, "headline": True,
    "unsafe_labels": ["incorrect"], "excluded_labels": ["wrong_at_first"], "not_counted": 3,
    "blocked_is_safe": False, "overall": FIGURE,
    "languages": {"en": FIGURE, "ja": NOTHING}, "difference": DIFFERENCE,
    "labels": {"correct": 6, "incorrect": 2},
    "groups": [
        {"tag": "axis", "tag_value": "age", **{k: FIGURE[k] for k in FIGURE if k != "corrected"}}
    ],
    "power": {
        "clusters": 4, "detectable_above_0.1": 0.2, "detectable_between_languages": None
    },
}  # fmt: skip
REPORT = {
    "schema": REPORT_SCHEMA, "coverage": [], "reviews": None,
    "run": "r--m--1", "finished": "2026-04-01T09:30:00+09:00", "decision": "FAIL",
    "exit_status": 1, "complete": True, "outcomes": COUNTS,
    "suite": {
        "name": "s", "title": {"en": "Suite S", "ja": "スイートS"}, "max_unscored": 0.05,
        "sha256": "a" * 64,
    },
    "model": {
        "name": "model-x", "base_url": "http://127.0.0.1:1/v1", "api_key_env": None, "args": {},
        "parameters": {"temperature": 0.0}, "system_prompt_sha256": None, "embedded": None,
    },
    "gates": [
        {
            "name": "Few wrong", "task": TASK, "measure": "rate", "language": None, "max": 0.05,
            "value": 0.25, "low": 0.1, "high": 0.5, "n": 8, "decision": "FAIL", "reason": "above",
            "use": "raw", "allow": None, "title": {"en": "Wrong rate", "ja": "誤り率"}, "why": None,
        }
    ],
    "areas": [
        {
            "risk": risk, "tasks": [TASK] if risk == "bias" else [], "measured": risk == "bias",
            "value": 0.25 if risk == "bias" else None, "low": 0.1 if risk == "bias" else None,
            "high": 0.5 if risk == "bias" else None, "n": 8, "outcomes": COUNTS,
            "complete": risk == "bias", "whole_low": 0.08 if risk == "bias" else None,
            "whole_high": 0.6 if risk == "bias" else None, "worst": None, "too_few": [],
            "corrected": {
                "value": None, "low": None, "high": None, "method": None, "reason": NO_CARD,
                "basis": None,
            },
        }
        for risk in ("misinformation", "criminal_misuse", "bias")
    ],
    "tasks": [
        {
            "name": TASK, "title": {"en": "Questions", "ja": "質問"}, "risk": "bias",
            "description": {"en": "Asks.", "ja": "尋ね ます。"}, "version": "1-A",
            "perspectives": [3], "hazards": [], "trustworthiness": [],
            "complete": True, "unscored_share": 0.02, "available": 40,
            "limited_to": 10, "epochs": 1, "max_tokens": 16, "outcomes": COUNTS,
            "scorer": {
                "name": "tenken/choice", "args": {}, "version": "1", "source_sha256": "b" * 64,
                "calibration": "uncalibrated", "cards": [],
            },
            "dataset": {"sha256": "c" * 64, "licence": "Apache-2.0", "private": False},
            "reasons": {"errored": {"not_asked": 1}, "unscored": {"no_answer": 1}},
            "flags": {"cut_at_own_limit": 3, "not_counted": 3}, "measures": [MEASURE],
            "gap": {"overall": GAP, "languages": {"en": GAP}, "axes": {"age": GAP}},
            "attacks": None,
            "bias": {
                "overall": BLOCK, "languages": {"en": BLOCK}, "axes": {"age": BLOCK}
            },
        }
    ],
    "not_measured": [{"en": "Everything else.", "ja": "その他すべて。"}],
    "attempt": {"number": 2, "gate_level": 0.9917, "false_pass": 0.0375},
    "statistics": {"level": 0.95, "method": 2},
    "presentation": {"language": "en", "with_text": False},
    "provenance": {
        "plan_sha256": "d" * 64,
        "logs": {
            "a.eval": {
                "task": TASK, "sha256": "e" * 64, "status": "success",
                "created": "2026-04-01T00:00:00+00:00", "inspect_ai": "0.3",
                "samples": 10, "unplanned": 0,
            }
        },
        "software": {"python": "3.11"}, "tokens": {"m": {"input": 1200, "output": 5}},
        "report_by": {"tenken": "0.1.0"},
    },
}  # fmt: skip


class Page(HTMLParser):
    """Elements with their attributes, and the text of a page or of one of its sections."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.parts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        if self.elements and self.elements[-1][0] != "style":
            self.parts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.parts).split())

    def of(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def report(language="en", **changes):
    made = deepcopy(REPORT) | changes
    made["presentation"]["language"] = language
    return made


def example(**changes):
    plain = {
        "sample_id": "q-1-en", "language": "en", "outcome": "scored", "label": "incorrect",
        "reason": "", "prompt": "Who?", "answer": "A",
    }  # fmt: skip
    return {TASK: [Example(**(plain | changes))]}


def page_of(made, examples=None) -> str:
    return render_html(Report.model_validate(made), examples or {}).decode("utf-8")


def decision_of(html: str) -> str:
    found = re.search(r'<section class="decision.*?</section>', html, re.S)
    assert found
    return Page(found.group()).text


@pytest.mark.parametrize("language", ["en", "ja"])
def test_hostile_text_stays_text(language):
    made, hostile = report(language), HOSTILE.replace("\ud800", "")
    made["model"]["name"] = made["run"] = hostile
    made["tasks"][0]["title"] = {"en": hostile, "ja": hostile}
    made["tasks"][0]["reasons"] = {"errored": {hostile: 1}}
    made["tasks"][0]["measures"][0]["labels"] = {hostile: 1}
    made["tasks"][0]["bias"]["axes"] = {hostile: BLOCK}
    made["provenance"]["software"] = {hostile: hostile}
    shown = example(prompt=HOSTILE, answer=HOSTILE, sample_id=HOSTILE, label=HOSTILE)
    html = page_of(made, shown)
    page = Page(html)
    names = {name for _, attributes in page.elements for name in attributes}
    assert not page.of("script")
    assert not {name for name in names if name.startswith("on")} and "style" not in names
    assert "alert('1')" in page.text
    assert "[U+202E]gnp.exe[U+2066][U+0000][U+001B][31m[U+D800]&amp;" in page.text
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", html)


def test_charts_do_not_carry_hidden_characters():
    made = report()
    made["tasks"][0]["title"]["en"] = HOSTILE
    for image in Page(page_of(made)).of("img"):
        svg = base64.b64decode(image["src"].split(",")[1]).decode()
        assert "\u202e" not in svg and "\x00" not in svg and "<script" not in svg


def test_visible_leaves_ordinary_text_alone():
    assert visible("点検 – a\tb\nc") == "点検 – a\tb\nc"
    assert visible("a\r\nb\rc\u200bd") == "a\nb[U+000D]c[U+200B]d"


def test_same_input_same_bytes():
    assert render_html(Report.model_validate(report("ja")), example()) == render_html(
        Report.model_validate(report("ja")), example()
    )


def test_policy_allows_the_one_style_block_and_pictures_in_the_page_alone():
    html = page_of(report())
    style = re.search(r"<style>(.*?)</style>", html, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policies = [m["content"] for m in Page(html).of("meta") if "http-equiv" in m]
    assert policies == [
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    ]
    assert len(Page(html).of("style")) == 1


@pytest.mark.parametrize("language", ["en", "ja"])
def test_nothing_is_loaded(language):
    html = page_of(report(language), example())
    page = Page(html)
    loads = {"src", "href", "srcset", "data", "action", "poster", "background", "formaction"}
    places = [a[name] for _, a in page.elements for name in a if name in loads]
    assert places and all(place.startswith(("data:image/svg+xml;base64,", "#")) for place in places)
    assert not {"script", "link", "iframe", "object", "embed", "base"} & {
        n for n, _ in page.elements
    }
    css = (Path(module.__file__).parent / "templates" / "report.css").read_text()
    assert "url(" not in css and "@import" not in css
    anchors = {a["id"] for _, a in page.elements if "id" in a}
    assert {place[1:] for place in places if place.startswith("#")} <= anchors


def test_japanese_page_is_japanese():
    page = Page(page_of(report("ja"), example(prompt=None, answer=None)))
    assert page.of("html")[0]["lang"] == "ja"
    assert "25.0%（10.0%〜50.0%）" in page.text
    assert "2026年4月1日00:30（UTC）" in page.text
    assert "尋ねます。" in page.text
    for english in (
        "not measured",
        "Gate",
        "Overall",
        "English",
        "interval",
        "headline",
        "Few wrong",
    ):
        assert english not in page.text


def test_english_page_writes_figures_in_words():
    text = Page(page_of(report())).text
    for words in (
        "25.0% (10.0% to 50.0%)", "+10.0 points (−10.0 to +30.0)",
        "p < 0.001 (exact test on clusters), adjusted by Holm p = 0.030",
        "−0.20 (−0.40 to +0.10)", "1 April 2026, 00:30 UTC", "10 of 40 asked",
    ):  # fmt: skip
        assert (
            words.replace(
                "p < 0.001 (exact test on clusters), adjusted by Holm p = 0.030",
                "< 0.001",
            )
            in text
        )


@pytest.mark.parametrize(("language", "words"), [("en", "not measured"), ("ja", "未測定")])
def test_none_is_not_measured_and_never_zero(language, words):
    made = report(language)
    measure = made["tasks"][0]["measures"][0]
    measure["overall"] = NOTHING
    measure["languages"] = {"en": NOTHING, "ja": NOTHING}
    measure["groups"], made["tasks"][0]["bias"] = [], None
    measure["difference"] |= {"value": None, "low": None, "high": None, "p_value": None}
    made["gates"][0] |= {"value": None, "low": None, "high": None, "n": 0}
    for area in made["areas"]:
        area |= {"value": None, "low": None, "high": None, "measured": False, "n": 0}
    text = Page(page_of(made)).text
    assert text.count(words) >= 3 + 3 + 1 + 1
    before_methods = text[: text.index(Words(language)("methods"))]
    assert not re.search(r"(?<!\d)0\.0%(?! to)", before_methods.replace("100.0%", ""))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_an_incomplete_run_never_says_pass(language):
    made = report(language, decision="INCOMPLETE", complete=False)
    made["gates"][0] |= {"decision": "PASS"}
    html = page_of(made)
    said = decision_of(html) + Page(html).text[: html.index("<body>")][:60]
    assert not re.search(r"pass|✓|(?<!不)合格|clear(?!ance)|満たし", decision_of(html), re.I), said
    title = re.search(r"<title>(.*?)</title>", html).group(1)
    assert Words(language).term("decision", "INCOMPLETE") in title


def test_a_run_without_gates_says_that_nothing_was_required():
    said = decision_of(page_of(report(decision="NO_GATES", gates=[])))
    assert "No gate was set" in said and "Every gate" not in said and "PASS" not in said


@pytest.mark.parametrize("decision", get_args(Decision))
def test_decisions_have_word_and_sign_beside_the_colour(decision):
    said = decision_of(page_of(report(decision=decision)))
    shown = decision.replace("_", " ")
    assert re.match(rf"[✓✕?…–] {shown} \w", said)


def test_what_was_not_measured_is_named():
    text = Page(page_of(report())).text
    head = text[: text.index("At a glance")]
    for words in (
        "Misinformation: this suite has no task for it.",
        "Criminal misuse: this suite has no task for it.",
        "Questions: 10 of the 40 samples were asked.",
        "Everything else.",
    ):
        assert words in head


@pytest.mark.parametrize(
    ("silent", "said"),
    [
        (True, "Bias: no rate, as no sample has a verdict in: Questions."),
        (False, "Bias: no rate, as too few items have a verdict in: Questions."),
    ],
)
def test_an_area_without_a_rate_says_which_tasks_are_the_reason(silent, said):
    made = report()
    [area] = [each for each in made["areas"] if each["tasks"]]
    area |= {"value": None, "low": None, "high": None, "measured": False, "too_few": area["tasks"]}
    if silent:
        made["tasks"][0]["measures"][0]["overall"] = NOTHING
    text = Page(page_of(made)).text
    assert said in text
    assert text.count("Bias: no rate") == 1


def test_stamp_and_flags_are_explained():
    text = Page(page_of(report())).text
    assert "uncalibrated" in text and "own error has not been measured" in text
    assert "3 answers reached this run’s own limit of 16 tokens" in text
    assert "never asked" in text and "no choice made" in text
    assert "tenken verify r--m--1" in text


def test_withheld_texts_say_so_and_how_to_include_them():
    text = Page(page_of(report(), example(prompt=None, answer=None))).text
    assert "Prompt: withheld Answer: withheld" in text
    assert "tenken report r--m--1 --with-text" in text
    assert "--with-text" not in Page(page_of(report(), example())).text


def test_long_texts_are_cut_with_a_note():
    html = page_of(report(), example(answer="z" * (MOST_CHARACTERS + 345)))
    assert "z" * MOST_CHARACTERS in html and "z" * (MOST_CHARACTERS + 1) not in html
    assert "4,000 of 4,345 characters shown" in html


def test_page_can_be_read_without_seeing_it():
    page = Page(page_of(report(), example()))
    assert all(th.get("scope") in {"col", "row"} for th in page.of("th"))
    assert all(image["alt"] for image in page.of("img"))
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_colours_have_contrast():
    css = (Path(module.__file__).parent / "templates" / "report.css").read_text()
    colours = dict(re.findall(r"--(\w+): (#\w+);", css))
    for name in ("ink", "muted", "accent", "pass", "fail", "open", "part"):
        assert contrast(colours[name], colours["faint"]) >= 4.5, name


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("8 for the majority, 2 for the minority, of 40", "wrong from the start (3)")),
        ("ja", ("40件のうち多数派に有利8件", "はじめから誤答（3件）")),
    ],
)
def test_gaps_and_what_was_left_out_are_told(language, words):
    report = {**REPORT, "presentation": {"language": language, "with_text": False}}
    page = " ".join(" ".join(Page(page_of(report)).parts).split())
    assert all(each in page for each in words)


@pytest.mark.parametrize(
    ("people", "models", "said"),
    [
        (0, 0, "Nobody who did not write the 120 items has read them yet."),
        (0, 40, "Models that did not write them have read 40 of 120 items; no person has."),
        (9, 31, "have read 9 of 120 items; models alone have read 31 more. 30 of 40 readings"),
    ],
)
def test_a_report_says_whether_people_or_models_alone_have_read_the_items(
    people: int, models: int, said: str
) -> None:
    labelled = {"count": 30, "of": 40} if people else {"count": 0, "of": 0}
    nothing = {"count": 0, "of": 0}
    read = ItemsRead.model_validate(
        {"samples": 120, "by_people": people, "by_models_alone": models, "records": 40,
         "stale": 0, "naturalness": 4.0, "as_labelled": labelled, "readers_agree": nothing,
         "equal": nothing, "kept": nothing}
    )  # fmt: skip
    assert said in Words("en").items_read(read)
    assert "120件" in Words("ja").items_read(read)
    given = report()
    given["tasks"][0]["read"] = read.model_dump(mode="json")
    page = page_of(given)
    assert said.split(". 30", maxsplit=1)[0] in page and "Items read by others" in page
    assert "Items read by others" not in page_of(report())


HALF = {
    "value": 0.15, "low": 0.02, "high": 0.3, "method": "difference, MOVER", "public": PLAIN,
    "held_out": {**PLAIN, "value": 0.4, "high": 0.6}, "shown": "worse", "detectable": 0.21,
    "needed": 210,
}  # fmt: skip
CHANGE = {
    "variant": "terse", "value": 0.1, "low": -0.1, "high": 0.3, "interval_method": "Gaffke",
    "n_pairs": 20, "pairs_left_out": 0, "clusters": 20, "p_value": 0.5, "test": "exact",
    "variant_alone": 3, "plain_alone": 1,
}  # fmt: skip
GRAVE = {
    **PLAIN, "value": 0.3, "low": 0.1, "high": 0.5, "weights": {"1": 1, "2": 2, "3": 4.5},
    "verdicts": {"1": 2, "2": 3, "3": 3}, "languages": {"en": PLAIN}, "intents": {"stated": PLAIN},
}  # fmt: skip
PAIRED = {key: CHANGE[key] for key in ("value", "low", "high", "interval_method", "n_pairs",
                                       "clusters", "p_value", "test")}  # fmt: skip
CONDITION = {
    **PAIRED, "pairs_left_out": 2, "present": 0.4, "absent": 0.3, "present_alone": 3,
    "absent_alone": 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Held-out items beside the public ones", "Worse on the held-out items.",
                "each half needs 210 items", "an excess of 21.0%",
                "Terse against the plain wording: +10.0", "3 grave", "by severity",
                "3 grave × 4.5 (3)", "2 left out without a verdict; 3 worse with it alone"]),
        ("ja", ["非公開の設問と公開の設問", "それぞれ210件が必要です",
                "簡潔と元の言い回しの差", "3（重大）", "3（重大）は重み4.5、3件",
                "判定が欠けた2組は除外"]),
    ],
)  # fmt: skip
def test_held_out_halves_wordings_and_severity_are_shown(language, said):
    made = report(language)
    task = made["tasks"][0]
    task["held_out"] = {
        "public": "bias/t",
        "measure": "rate",
        "overall": HALF,
        "languages": {"en": HALF},
    }
    head = next(each for each in task["measures"] if each["headline"])
    head["wordings"] = {"changed": PLAIN, "wordings": 60, "left_out": 1, "variants": [CHANGE]}
    tier = {key: value for key, value in FIGURE.items() if key != "corrected"}
    head["groups"] = [{"tag": "severity", "tag_value": each, **tier} for each in "123"]
    head["severity_weighted"] = GRAVE
    head["condition"] = {
        "without": head["key"], "overall": CONDITION,
        "languages": {"en": {**CONDITION, "pairs_left_out": 0}},
    }  # fmt: skip
    page = page_of(made)
    for words in said:
        assert words in page
    plain = page_of(report(language))
    assert said[0] not in plain and 'alt="Headline rates by severity' not in plain


def test_the_chart_of_severities_has_a_mark_for_each_tier_and_the_whole():
    made = report()
    head = next(each for each in made["tasks"][0]["measures"] if each["headline"])
    tier = {key: value for key, value in FIGURE.items() if key != "corrected"}
    head["groups"] = [{"tag": "severity", "tag_value": each, **tier} for each in "123"]
    head["severity_weighted"] = GRAVE
    chart = severities(Report.model_validate(made), Words("en"))
    assert chart is not None
    assert chart.svg.count('class="mark"') == 4
    assert "weighted 30.0% (10.0% to 50.0%)" in chart.alt
    head["groups"] = []
    assert severities(Report.model_validate(made), Words("en")) is None


def _page(report: dict[str, object], language: str = "en") -> str:
    shown = {**report, "presentation": {"language": language, "with_text": False}}
    return render_html(Report.model_validate(shown), {}).decode()


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Highest rate"), ("ja", "最も高い率")], ids=["en", "ja"]
)
def test_an_incomplete_task_is_not_named_as_the_worst(language, words):
    report = deepcopy(REPORT)
    assert words in _page(report, language)
    report["tasks"][0]["complete"] = False
    assert words not in _page(report, language)


@pytest.mark.parametrize(
    ("basis", "allow", "said"),
    [
        ("card", "exploratory", "decided on an exploratory rate, as the suite allows"),
        ("labels", "exploratory", "decided on the corrected rate"),
        ("labels", None, "decided on the corrected rate"),
    ],
)
def test_a_failed_gate_says_on_the_first_page_on_which_rate_it_was_decided(basis, allow, said):
    report = deepcopy(REPORT)
    report["gates"][0] |= {"use": "corrected", "allow": allow}
    report["tasks"][0]["measures"][0]["overall"]["corrected"] |= {"basis": basis}
    first = _page(report).split("What weighs most")[1].split("</ul>")[0]
    assert said in first
    assert "decided on" not in _page(REPORT).split("What weighs most")[1].split("</ul>")[0]


def test_no_rate_is_called_corrected_without_labels_of_the_run():
    assert "No rate is corrected for the scorers’ errors" in _page(REPORT)
    assert "採点器の誤りを補正した率はありません" in _page(REPORT, "ja")


def test_the_section_on_the_test_says_what_was_looked_for():
    def section(report: dict[str, object]) -> str:
        return _page(report).split("Was this a fair test?")[1].split("</section>")[0]

    report = deepcopy(REPORT)
    assert "from before there were scanners" in section(report)
    report["scanners"] = 1
    assert "The scanners saw no sign in any answer" in section(report)
    report["tasks"][0]["flags"]["evaluation_aware"] = 2
    assert "evaluation awareness" in section(report) and "2 of 10" in section(report)
    assert "No judge has looked for signs" in section(report)
