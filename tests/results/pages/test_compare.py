"""The page of a comparison: safe with hostile text, whole in both languages, always the same."""

from __future__ import annotations

import base64
import hashlib
import re
from copy import deepcopy
from typing import Any
from xml.etree import ElementTree

import pytest

from tenken.results.compare.compare import compare
from tenken.results.compare.match import REASONS
from tenken.results.pages.charts import differences
from tenken.results.pages.compare import render_comparison
from tenken.results.pages.words import Words
from tenken.schema.comparison import (
    ComparedMeasure,
    ComparedTask,
    Comparison,
    CorrectedPairs,
    PairedFigures,
    RunComparison,
)
from tenken.schema.plan import Bilingual
from tenken.schema.reasons import Reason

HOSTILE = "</code><script>alert('1')</script>\"onload=\"x\u202egnp.exe\x1b[31m"


@pytest.fixture(scope="module")
def comparison(make_run: Any, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Two synthetic runs of the same samples, the second without its seal."""
    import shutil

    run = make_run(60)
    other = tmp_path_factory.mktemp("other") / "run"
    shutil.copytree(run, other)
    return compare([run, other]).contents()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_needs_nothing_from_elsewhere(comparison: dict[str, Any], language: str) -> None:
    page = render_comparison(Comparison.model_validate(comparison), language)
    assert page == render_comparison(Comparison.model_validate(comparison), language)
    text = page.decode()
    assert f'<html lang="{language}">' in text
    assert "<script" not in text and "http://" not in text and "https://" not in text
    assert " style=" not in text
    style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in text and "default-src 'none'" in text


def test_what_a_run_says_stays_words(comparison: dict[str, Any]) -> None:
    bad = deepcopy(comparison)
    bad["runs"][0]["model"] = bad["runs"][1]["run"] = HOSTILE
    bad["runs"][0]["parameters"] = {HOSTILE: HOSTILE}
    bad["runs"][0]["findings"][0]["message"] = HOSTILE
    found = bad["comparisons"][0]
    found["tasks"][0]["title"] = {"en": HOSTILE, "ja": HOSTILE}
    found["settings"] = [{"setting": HOSTILE, "baseline": HOSTILE, "run": HOSTILE}]
    found["not_comparable"] = [
        {"task": HOSTILE, "measure": None, "reason": "scorer", "detail": HOSTILE,
         "in_baseline": 1, "in_run": 1}
    ]  # fmt: skip
    text = render_comparison(Comparison.model_validate(bad), "en").decode()
    assert "<script" not in text and "\u202e" not in text and "\x1b" not in text
    assert "[U+202E]" in text
    hostile = Comparison.model_validate(bad).comparisons[0]
    ElementTree.fromstring(differences(hostile, Words("en"), corrected=False).svg)


def test_the_page_says_what_is_unverified_incomplete_and_left_out(
    comparison: dict[str, Any],
) -> None:
    text = render_comparison(Comparison.model_validate(comparison), "en").decode()
    assert "UNVERIFIED: seal.json: the bundle has no seal: the run was stopped" in text
    samples = comparison["comparisons"][0]["samples"]
    said = f"{samples['compared']} of {samples['comparable']} comparable samples"
    assert said in text
    assert "without a verdict in both" in text and "no difference shown" in text
    assert "Every sample of both runs is compared." in text


def test_every_reason_is_in_words_in_both_languages() -> None:
    for reason in REASONS:
        said = [Words(each).term("apart", reason, detail="x") for each in ("en", "ja")]
        assert said[0].isascii() and not said[1].isascii()


def figure(value: float | None, low: float | None = None, high: float | None = None) -> Any:
    return {"value": value, "low": low, "high": high}


def drawn(raw: Any, corrected: Any) -> RunComparison:
    fixed = CorrectedPairs.model_construct(**corrected, reason=Reason(code="no_card"))
    part = PairedFigures.model_construct(**raw, corrected=fixed)
    measure = ComparedMeasure.model_construct(headline=True, overall=part, languages={"en": part})
    title = Bilingual(en="Claims", ja="主張")
    task = ComparedTask.model_construct(title=title, attack=None, measures=(measure,))
    return RunComparison.model_construct(baseline="A", run="B", tasks=(task,))


def test_raw_and_corrected_differences_are_two_charts() -> None:
    found = drawn(figure(-0.05, -0.08, -0.01), figure(-0.2, -0.6, 0.1))
    raw, fixed = (differences(found, Words("en"), corrected=each) for each in (False, True))
    assert "−5.0 (−8.0 to −1.0)" in raw.svg and "−20.0" not in raw.svg
    assert "−20.0 (−60.0 to +10.0)" in fixed.svg and "−5.0" not in fixed.svg
    assert ">−10.0<" in raw.svg and ">+100.0<" in fixed.svg  # each scale holds its intervals
    assert "B is better" in raw.svg and "Claims: Overall −5.0 (−8.0 to −1.0)" in raw.alt


def test_what_has_no_difference_has_no_mark() -> None:
    chart = differences(drawn(figure(None), figure(None)), Words("ja"), corrected=True)
    assert chart.svg.count('class="mark"') == 0 and "補正なし" in chart.svg


def test_a_chart_calls_exploratory_what_no_label_of_the_runs_corrects() -> None:
    shown = figure(-0.2, -0.6, 0.1)
    for basis, marked in (("card", True), ("labels", False)):
        found = drawn(figure(-0.05, -0.08, -0.01), {**shown, "basis": basis})
        for language, word in (("en", "EXPLORATORY"), ("ja", "探索的な値")):
            chart = differences(found, Words(language), corrected=True)
            assert (word in chart.svg, word in chart.alt) == (marked, marked)
            assert word not in differences(found, Words(language), corrected=False).svg
