"""Charts: well-formed and deterministic, hostile words stay words, nothing unmeasured is drawn."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.results.pages.charts import bias_axes, forest, outcome_bars
from tenken.results.pages.sheet import FONTS, fitting
from tenken.results.pages.words import Words
from tenken.schema.figures import Bias, BiasScores, CorrectedFigure, ScoreEstimate
from tenken.schema.gates import GateResult
from tenken.schema.plan import Bilingual
from tenken.schema.report import MeasureResult, Report, TaskResult

FIGURE = CorrectedFigure.model_construct(value=0.25, low=0.1, high=0.5, n=8)
NOTHING = CorrectedFigure.model_construct(value=None, low=None, high=None, n=0)
SCORE = ScoreEstimate(value=-0.5, low=-1.0, high=0.25, n=8, clusters=8, method=None)
BLOCK = BiasScores.model_construct(
    bias_ambiguous=SCORE, bias_disambiguated=SCORE.model_copy(update={"value": None})
)
SVG = "{http://www.w3.org/2000/svg}"


def report(overall=FIGURE, title="Claims", language=None):
    measure = MeasureResult.model_construct(
        key="rate", headline=True, overall=overall, languages={"en": overall, "ja": NOTHING}
    )
    task = TaskResult.model_construct(
        name="t",
        title=Bilingual(en=title, ja="主張"),
        outcomes={"scored": 6, "unscored": 0, "blocked": 0, "errored": 2},
        measures=(measure,),
    )
    gate = GateResult.model_construct(task="t", measure="rate", max=0.4, language=language)
    return Report.model_construct(tasks=(task,), gates=(gate,))


def texts(chart):
    return [node.text for node in ElementTree.fromstring(chart.svg).iter(f"{SVG}text")]


def test_forest_shows_rates_with_intervals_and_threshold():
    chart = forest(report(), Words("en"))
    shown = texts(chart)
    assert shown.count("25.0% (10.0% to 50.0%)") == 2
    assert {"Claims", "Overall", "English", "Japanese", "not measured", "≤ 40.0%"} <= set(shown)
    assert "Japanese not measured" in chart.alt and "Overall 25.0%" in chart.alt
    assert chart.svg.count('stroke-dasharray="4,3"') == 3


def test_a_threshold_for_one_language_is_drawn_there_alone():
    assert forest(report(language="en"), Words("en")).svg.count('stroke-dasharray="4,3"') == 1


def test_what_is_not_measured_has_no_mark():
    marks = [
        forest(report(each), Words("en")).svg.count("mark-symbol") for each in (FIGURE, NOTHING)
    ]
    assert marks[1] <= marks[0]
    assert "not measured" in forest(report(NOTHING), Words("en")).alt
    without = forest(report(NOTHING), Words("en")).svg
    assert "#1d6fa5" not in without and "#1d6fa5" in forest(report(), Words("en")).svg


def test_japanese_charts_are_japanese_with_fonts_for_it():
    chart = forest(report(), Words("ja"))
    assert {"主張", "全体", "英語", "日本語", "未測定", "25.0%（10.0%〜50.0%）"} <= set(
        texts(chart)
    )
    assert f'font-family="{FONTS}"' in chart.svg
    assert not re.search("[A-Za-z]", "".join(texts(chart)))


def test_outcomes_are_told_in_numbers_beside_the_colours():
    chart = outcome_bars(report(), Words("en"))
    assert {"scored 6", "blocked 0", "unscored 0", "errored 2", "n = 8"} <= set(texts(chart))
    assert "scored 6, blocked 0, unscored 0, errored 2" in chart.alt


def test_outcome_bars_without_samples():
    empty = report()
    empty.tasks[0].outcomes.update(dict.fromkeys(empty.tasks[0].outcomes, 0))
    assert "n = 0" in texts(outcome_bars(empty, Words("en")))


def test_bias_axes():
    bias = Bias.model_construct(overall=BLOCK, axes={"age": BLOCK})
    chart = bias_axes(bias, Words("en"))
    shown = texts(chart)
    assert {"Overall", "Age", "−0.50 (−1.00 to +0.25)", "not measured"} <= set(shown)
    assert "Gender" not in shown


@pytest.mark.parametrize("title", ["<script>x</script>&\"'", "blank1", 'font-family="blank"'])
def test_words_stay_words(title):
    assert title in texts(forest(report(title=title), Words("en")))


def test_same_figures_same_bytes_and_no_address():
    chart = forest(report(), Words("ja"))
    assert chart == forest(report(), Words("ja"))
    addresses = set(re.findall(r'https?://[^"]+', chart.svg))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


@given(st.text(alphabet="aあ（1", max_size=40), st.integers(2, 30))
def test_fitting_fits(text, columns):
    cut = fitting(text, columns)
    wide = sum(2 if letter in "あ（" else 1 for letter in cut)
    assert wide <= columns + 1
    assert cut == text or cut.endswith("…")
