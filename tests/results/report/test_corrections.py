"""Corrected rates: which card speaks, what is refused and why, and that the raw rate stays."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from tenken.errors import BundleError
from tenken.results.bundle.write import make_files, write_bundle
from tenken.results.calibration.fit import choose
from tenken.results.calibration.readings import reading
from tenken.results.metrics.rates import rate
from tenken.results.metrics.rogan_gladen import BinaryTrial, correct_rate
from tenken.results.metrics.settings import Statistics
from tenken.results.pages.report import render_html
from tenken.results.pages.words import Words
from tenken.results.records.plan_check import read_sound_plan
from tenken.results.records.read import RunRecords, read_records
from tenken.results.report import corrections
from tenken.results.report import report as report_module
from tenken.results.report.report import compute_report
from tenken.results.verify.verify import is_whole, verify_bundle
from tenken.schema.calibration import CalibrationCard, Cell, Gold, read_cards
from tenken.schema.estimate import Interval
from tenken.schema.figures import CorrectedRate
from tenken.schema.plan import PLAN_FILE, Gate, Plan, ScorerBinding, read_plan
from tenken.schema.reasons import Reason
from tenken.schema.record import SampleRecord
from tenken.schema.report import Report

HOW = Statistics()
RATE = "violation_rate"
SCHEMA = Path(report_module.__file__).parents[1] / "schemas" / "report.schema.json"
# 95 of 100 unsafe answers found, 90 of 100 others let pass.
COUNTS = {
    ("compliance", "compliance"): 95,
    ("compliance", "full_refusal"): 5,
    ("full_refusal", "full_refusal"): 80,
    ("full_refusal", "compliance"): 10,
    ("partial_refusal", "partial_refusal"): 10,
}
TRIAL = BinaryTrial(positives=100, true_positives=95, negatives=100, true_negatives=90)


def card(
    scorer: ScorerBinding,
    language: str = "en",
    *,
    kind: str = "human_rated",
    counts: dict[tuple[str, str], int] | None = None,
    graders: tuple[str, ...] = (),
    name: str = "gold.jsonl",
) -> CalibrationCard:
    table = [Cell(truth=t, seen=s, count=n) for (t, s), n in (counts or COUNTS).items()]
    return CalibrationCard.model_validate(
        {
            "scorer": scorer,
            "graders": graders,
            "language": language,
            "gold": Gold.model_validate(
                {"name": name, "sha256": "0" * 64, "kind": kind, "source": "a test"}
            ),
            "n": sum(cell.count for cell in table),
            "confusion": table,
            "readings": [reading(table, ("compliance",))],
            "command": "tenken calibrate x",
        }
    )


@pytest.fixture(scope="module")
def plan(sealed: Any) -> Plan:
    """The plan of a synthetic run without any card."""
    return read_plan(sealed.run)


@pytest.fixture(scope="module")
def found(sealed: Any, plan: Plan) -> RunRecords:
    return read_records(sealed.run, plan)


@pytest.fixture(scope="module")
def fraud(plan: Plan) -> Any:
    return next(task for task in plan.tasks if any(m.key == RATE for m in task.measures))


def with_cards(plan: Plan, *cards: CalibrationCard, **changes: Any) -> Plan:
    named = {f"{number}.json": each for number, each in enumerate(cards)}
    return plan.model_copy(update={"calibration": named, **changes})


def reported(plan: Plan, found: RunRecords) -> dict[str, Any]:
    made = compute_report(plan, found, "0" * 64).contents()
    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert [e.message for e in Draft202012Validator(schema).iter_errors(made)] == []
    return made


def violations(made: dict[str, Any]) -> dict[str, Any]:
    return next(m for t in made["tasks"] for m in t["measures"] if m["key"] == RATE)


def raw_figures(value: Any) -> Any:
    """A report without all that cards may change."""
    if isinstance(value, dict):
        aside = {"corrected", "calibration", "cards"}
        return {key: raw_figures(part) for key, part in value.items() if key not in aside}
    return [raw_figures(part) for part in value] if isinstance(value, list) else value


def records(
    base: SampleRecord, unsafe: int, safe: int, blocked: int = 0, *, language: str = "en"
) -> list[SampleRecord]:
    kinds = [("scored", 1.0)] * unsafe + [("scored", 0.0)] * safe + [("blocked", 0.0)] * blocked
    return [
        replace(
            base,
            sample_id=f"x{number}-{language}",
            pair_id=f"x{number}",
            cluster=f"x{number}",
            language=language,
            measure=RATE,
            outcome=outcome,  # type: ignore[arg-type]
            verdict=verdict,
        )
        for number, (outcome, verdict) in enumerate(kinds)
    ]


def correct(fraud: Any, some: list[SampleRecord], the_card: CalibrationCard) -> dict[str, Any]:
    measure = next(m for m in fraud.measures if m.key == RATE)
    chosen = choose({"c.json": the_card}, fraud, measure, "en")
    assert not chosen.reason
    return corrections.corrected_rate(some, measure, chosen, HOW).model_dump(mode="json")


def test_without_a_card_nothing_is_corrected_and_says_so(plan: Plan, found: RunRecords) -> None:
    made = reported(plan, found)
    assert {task["scorer"]["calibration"] for task in made["tasks"]} == {"uncalibrated"}
    block = violations(made)["overall"]["corrected"]
    assert (block["value"], block["low"], block["high"]) == (None, None, None)
    assert block["reason"] == {"code": "no_card", "values": {}}
    assert violations(made)["difference"]["corrected"]["value"] is None


def test_cards_change_no_raw_figure(plan: Plan, found: RunRecords, fraud: Any) -> None:
    both = with_cards(plan, card(fraud.scorer), card(fraud.scorer, "ja"))
    made = reported(both, found)
    assert raw_figures(made) == raw_figures(reported(plan, found))
    task = next(task for task in made["tasks"] if task["name"] == fraud.name)
    assert task["scorer"]["calibration"] == "calibrated"
    assert [each["language"] for each in task["scorer"]["cards"]] == ["en", "ja"]
    shown = {each["measure"]: each for each in task["scorer"]["cards"][0]["measures"]}
    assert shown[RATE]["sensitivity"]["value"] == 0.95
    assert shown["over_refusal_rate"]["sensitivity"]["value"] == pytest.approx(80 / 90)
    for name in ("en", "ja"):
        block = violations(made)["languages"][name]["corrected"]
        assert block["low"] <= block["value"] <= block["high"]


def test_a_language_is_corrected_by_rogan_and_gladen(plan: Plan, found: RunRecords, fraud: Any):
    block = correct(fraud, records(found.records[0], 40, 60), card(fraud.scorer))
    raw = rate(np.repeat([1.0, 0.0], [40, 60]), np.arange(100))
    expected = correct_rate(raw, TRIAL)
    assert block["value"] == pytest.approx((0.4 + 0.9 - 1) / 0.85)
    # With fewer than five models what was seen are bounds, never narrower than sampling alone.
    assert block["low"] < expected.interval.low  # type: ignore[union-attr]
    assert block["high"] > expected.interval.high  # type: ignore[union-attr]
    assert block["method"] == "Rogan-Gladen, least and greatest seen"
    assert (block["card"], block["kind"], block["trial_n"]) == ("c.json", "human_rated", 200)
    assert (block["sensitivity"], block["specificity"]) == (0.95, 0.9)


def test_clusters_widen_the_interval(found: RunRecords, fraud: Any) -> None:
    alone = records(found.records[0], 40, 60)
    grouped = [replace(r, cluster=f"c{number // 10}") for number, r in enumerate(alone)]
    one, other = (correct(fraud, some, card(fraud.scorer)) for some in (alone, grouped))
    assert one["value"] == other["value"]
    assert other["high"] - other["low"] > one["high"] - one["low"]


def test_a_rate_of_zero_is_worth_its_clusters(found: RunRecords, fraud: Any) -> None:
    perfect = {("compliance", "compliance"): 60, ("full_refusal", "full_refusal"): 60}
    alone = records(found.records[0], 0, 40)
    grouped = [replace(r, cluster=f"c{number // 10}") for number, r in enumerate(alone)]
    wide = correct(fraud, grouped, card(fraud.scorer, counts=perfect))
    assert wide["value"] == 0 and wide["high"] > 0.4  # four clusters say little
    assert correct(fraud, alone, card(fraud.scorer, counts=perfect))["high"] < 0.15


def test_blocked_answers_are_not_the_scorers(found: RunRecords, fraud: Any) -> None:
    base = found.records[0]
    judged = correct(fraud, records(base, 40, 60), card(fraud.scorer))
    block = correct(fraud, records(base, 40, 60, blocked=100), card(fraud.scorer))
    assert block["scored_share"] == 0.5
    assert block["value"] == pytest.approx(judged["value"] / 2)
    assert block["low"] <= judged["low"] / 2 and block["high"] >= judged["high"] / 2
    only = correct(fraud, records(base, 0, 0, blocked=10), card(fraud.scorer))
    assert (only["value"], only["reason"]["code"]) == (None, "nothing_judged")


def test_values_between_the_ends_are_not_labels(found: RunRecords, fraud: Any) -> None:
    some = [replace(r, verdict=0.5) for r in records(found.records[0], 40, 60)]
    assert correct(fraud, some, card(fraud.scorer))["reason"]["code"] == "own_values"


@pytest.mark.parametrize(
    ("counts", "unsafe", "reason"),
    [
        (
            {("compliance", "compliance"): 20, ("full_refusal", "full_refusal"): 20},
            10, "small_trial",
        ),
        (
            {
                ("compliance", "compliance"): 50, ("compliance", "full_refusal"): 50,
                ("full_refusal", "full_refusal"): 55, ("full_refusal", "compliance"): 45,
            },
            40,
            "barely_tells_apart",
        ),
        (
            {
                ("compliance", "compliance"): 90, ("compliance", "full_refusal"): 10,
                ("full_refusal", "full_refusal"): 50, ("full_refusal", "compliance"): 50,
            },
            0,
            "raw_too_low",
        ),
    ],
)  # fmt: skip
def test_what_is_not_corrected_says_why_and_shows_the_trial(
    found: RunRecords, fraud: Any, counts: Any, unsafe: int, reason: str
) -> None:
    some = records(found.records[0], unsafe, 100 - unsafe)
    block = correct(fraud, some, card(fraud.scorer, counts=counts))
    assert reason == block["reason"]["code"]
    assert (block["value"], block["low"], block["high"]) == (None, None, None)
    assert block["card"] == "c.json" and block["sensitivity"] is not None
    assert not Words("ja").why(Reason.model_validate(block["reason"])).isascii()


def test_the_best_card_is_chosen(fraud: Any) -> None:
    measure = fraud.headline
    twice = {key: 2 * n for key, n in COUNTS.items()}
    cards = {
        "a.json": card(fraud.scorer, kind="constructed", counts=twice),
        "d.json": card(fraud.scorer),
        "c.json": card(fraud.scorer),
    }
    assert choose(cards, fraud, measure, "en").name == "c.json"
    assert choose({**cards, "z.json": card(fraud.scorer, counts=twice)}, fraud, measure,
                  "en").name == "z.json"  # fmt: skip
    assert choose({"a.json": cards["a.json"]}, fraud, measure, "en").name == "a.json"


def test_a_card_that_does_not_fit_says_why(fraud: Any) -> None:
    other = fraud.scorer.model_copy(update={"source_sha256": "f" * 64})
    changed = fraud.scorer.model_copy(update={"args": {"x": 1}})
    safe = {("full_refusal", "full_refusal"): 100}
    unsafe = {("compliance", "compliance"): 100}
    for cards, reason in (
        ([], "no_card"),
        ([card(fraud.scorer, "ja")], "no_card"),
        ([card(fraud.scorer.model_copy(update={"name": "x/y"}))], "no_card"),
        ([card(other)], "stale_source"),
        ([card(changed)], "stale_arguments"),
        ([card(fraud.scorer, graders=("m",))], "stale_graders"),
        ([card(fraud.scorer, counts=safe)], "no_answer_labelled"),
        ([card(fraud.scorer, counts=unsafe)], "only_answers_labelled"),
        ([card(fraud.scorer, counts=safe), card(other)], "stale_source"),
    ):
        named = {f"{n}.json": each for n, each in enumerate(cards)}
        chosen = choose(named, fraud, fraud.headline, "en")
        assert chosen.card is None and chosen.reason is not None
        assert chosen.reason.code == reason
        if "labelled" in reason:
            assert chosen.reason.values == {"labels": ("compliance",)}
            assert "complied" in Words("en").why(chosen.reason)
    valued = fraud.headline.model_copy(update={"unsafe_labels": []})
    why = choose({"a.json": card(fraud.scorer)}, fraud, valued, "en").reason
    assert why is not None and why.code == "own_values"


def test_one_language_without_a_card_leaves_the_whole_uncorrected(
    plan: Plan, found: RunRecords, fraud: Any
) -> None:
    made = reported(with_cards(plan, card(fraud.scorer)), found)
    measure = violations(made)
    assert measure["languages"]["en"]["corrected"]["value"] is not None
    assert measure["languages"]["ja"]["corrected"]["reason"]["code"] == "no_card"
    assert measure["overall"]["corrected"]["value"] is None
    assert measure["overall"]["corrected"]["reason"]["code"] == "not_all_languages"
    task = next(task for task in made["tasks"] if task["name"] == fraud.name)
    assert task["scorer"]["calibration"] == "partly"


def block(value: float | None, low: float, high: float, **more: Any) -> CorrectedRate:
    given: dict[str, Any] = {"value": value, "low": low, "high": high, "scored_share": 1.0}
    return CorrectedRate(**{**given, "kind": "human_rated", **more})


def test_overall_is_the_weighted_mean_with_mover(found: RunRecords) -> None:
    base, how = found.records[0], HOW
    en = corrections.Part(30, block(0.2, 0.1, 0.4))
    ja = corrections.Part(10, block(0.6, 0.3, 0.7, kind="constructed"))
    english = [replace(r, cluster=f"en-{r.cluster}") for r in records(base, 60, 240)]
    made = corrections.overall([en, ja], english + records(base, 60, 40, language="ja"), how)
    assert made.value == pytest.approx(0.3)
    assert made.low == pytest.approx(0.3 - math.hypot(0.75 * 0.1, 0.25 * 0.3))
    assert made.high == pytest.approx(0.3 + math.hypot(0.75 * 0.2, 0.25 * 0.1))
    assert made.kind == "constructed" and made.card is None
    same = records(base, 50, 50) + records(base, 50, 50, language="ja")
    joined = corrections.overall([en, ja], same, how)
    assert joined.low == pytest.approx(0.3 - (0.75 * 0.1 + 0.25 * 0.3))
    assert corrections.overall([en, ja._replace(n=0)], same, how) == en.corrected


@pytest.mark.parametrize(
    ("unsafe", "safe"), [(0, 40), (1, 40), (2, 90), (6, 30), (20, 20), (39, 1), (90, 2), (40, 0)]
)
def test_no_correction_is_narrower_than_what_it_corrects(
    found: RunRecords, fraud: Any, unsafe: int, safe: int
) -> None:
    sides = [records(found.records[0], unsafe, safe, language=name) for name in ("en", "ja")]
    blocks = [CorrectedRate(**correct(fraud, some, card(fraud.scorer))) for some in sides]
    parts = [corrections.Part(len(some), block) for some, block in zip(sides, blocks, strict=True)]
    whole = corrections.overall(parts, sides[0] + sides[1], HOW)
    for made, some in ((blocks[0], sides[0]), (whole, sides[0] + sides[1])):
        codes = np.arange(len(some)) % (unsafe + safe)
        raw = rate(np.array([record.verdict for record in some], dtype=float), codes).ends
        assert made.low is not None and made.high is not None
        assert made.high - made.low >= raw.high - raw.low - 1e-9


def test_the_difference_moves_point_and_interval() -> None:
    made = corrections.difference_of(
        block(0.6, 0.3, 0.7, basis="labels"), block(0.2, 0.1, 0.4, basis="labels")
    )
    assert made.value == pytest.approx(0.4)
    assert made.low == pytest.approx(0.4 - math.hypot(0.3, 0.2))
    assert made.high == pytest.approx(0.4 + math.hypot(0.1, 0.1))


def test_languages_without_a_common_pair_have_no_corrected_difference() -> None:
    made = corrections.difference([], None, {}, None)  # type: ignore[arg-type]
    assert made.value is None and made.reason is not None and made.reason.code == "no_pair"


def test_an_area_needs_every_task() -> None:
    one, none = (
        block(0.2, 0.1, 0.4, method="m"),
        block(None, 0, 0, reason=Reason(code="no_card")),
    )
    assert corrections.area([one]).value == 0.2
    both = corrections.area([one, one])
    assert both.value == pytest.approx(0.2)
    assert both.low is not None and both.low > 0.1
    assert corrections.area([one, none]).value is None
    assert corrections.area([]).value is None


def gated(plan: Plan, fraud: Any, use: str, *cards: CalibrationCard, limit: float = 0.5) -> Plan:
    gate = Gate(name="g", task=fraud.name, max=limit, use=use)  # type: ignore[arg-type]
    return with_cards(plan, *cards, gates=[gate])


def test_gates_stay_on_the_raw_rate_unless_told(plan: Plan, found: RunRecords, fraud: Any) -> None:
    cards = card(fraud.scorer), card(fraud.scorer, "ja")
    made = reported(gated(plan, fraud, "raw", *cards), found)
    raw, fixed = violations(made)["overall"], violations(made)["overall"]["corrected"]
    assert made["gates"][0]["value"] == raw["value"]
    assert made["gates"][0]["high"] >= raw["high"] != fixed["high"]
    told = reported(gated(plan, fraud, "corrected", *cards), found)["gates"][0]
    assert (told["value"], told["why"]["code"]) == (None, "labels_needed")
    allowed = gated(plan, fraud, "corrected", *cards)
    gates = [gate.model_copy(update={"allow": "exploratory"}) for gate in allowed.gates]
    told = reported(allowed.model_copy(update={"gates": gates}), found)["gates"][0]
    assert (told["value"], told["use"], told["n"]) == (fixed["value"], "corrected", raw["n"])
    assert told["low"] <= fixed["low"] < fixed["high"] <= told["high"]


def test_a_gate_without_its_correction_is_incomplete(
    plan: Plan, found: RunRecords, fraud: Any
) -> None:
    made = reported(gated(plan, fraud, "corrected", limit=1.0), found)
    (gate,) = made["gates"]
    assert (gate["decision"], made["decision"]) == ("INCOMPLETE", "INCOMPLETE")
    assert (gate["reason"], gate["why"]["code"]) == ("not_corrected", "no_card")
    assert gate["value"] is None
    html = render_html(Report.model_validate(made), {}).decode()
    assert "no corrected rate: no calibration card for it" in html


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_page_keeps_raw_and_corrected_apart(
    plan: Plan, found: RunRecords, fraud: Any, language: str
) -> None:
    made = reported(with_cards(plan, card(fraud.scorer), card(fraud.scorer, "ja")), found)
    made["presentation"]["language"] = language
    html, words = render_html(Report.model_validate(made), {}).decode(), Words(language)
    title = words("corrected").replace("'", "&#39;")
    measures = sum(len(task["measures"]) for task in made["tasks"])
    assert html.count(f'class="corrected">{title}</th>') == measures + 1
    overall = violations(made)["overall"]
    fixed = Interval(**{end: overall["corrected"][end] for end in ("value", "low", "high")})
    assert words.rate(fixed) in html and words.percent(overall["value"]) in html
    assert words.term("calibration", "uncalibrated") in html  # of the other tasks
    assert f'<span class="stamp exploratory">{words("exploratory")}</span>' in html
    assert "gold.jsonl" in html and "tenken calibrate x" in html
    assert words.term("gold_kind", "human_rated") in html


def test_a_bundle_with_cards_verifies_and_a_changed_card_is_found(
    make_run: Any, plain_page: None
) -> None:
    run = make_run(60)
    plan = read_plan(run)
    task = next(task for task in plan.tasks if any(m.key == RATE for m in task.measures))
    told = with_cards(plan, card(task.scorer), card(task.scorer, "ja"))
    (run / PLAN_FILE).write_bytes(told.to_bytes())
    report = write_bundle(run)[0].contents()
    assert violations(report)["overall"]["corrected"]["value"] is not None
    assert is_whole(verify_bundle(run))
    better = {**COUNTS, ("compliance", "compliance"): 99, ("compliance", "full_refusal"): 1}
    forged = with_cards(plan, card(task.scorer, counts=better), card(task.scorer, "ja"))
    (run / PLAN_FILE).write_bytes(forged.to_bytes())
    found = verify_bundle(run)
    assert not is_whole(found)
    assert any("corrected" in finding.what for finding in found.findings)


def test_a_card_whose_counts_do_not_add_up_is_refused(make_run: Any) -> None:
    run = make_run(60)
    plan = read_plan(run)
    wrong = card(plan.tasks[0].scorer).model_copy(update={"n": 7})
    (run / PLAN_FILE).write_bytes(with_cards(plan, wrong).to_bytes())
    with pytest.raises(BundleError, match="do not add up"):
        read_sound_plan(run)
    with pytest.raises(BundleError, match="do not add up"):
        make_files(run)


def test_a_plan_from_before_there_were_cards_is_read(make_run: Any) -> None:
    run = make_run(60)
    old = json.loads((run / PLAN_FILE).read_bytes())
    del old["calibration"]
    (run / PLAN_FILE).write_text(json.dumps(old))
    assert read_plan(run).calibration == {}


def test_a_folder_of_cards_is_read_and_a_broken_one_named(fraud: Any, tmp_path: Path) -> None:
    made = card(fraud.scorer, name="a_one.csv+a_two.csv")
    assert made.file_name.endswith("--a--en.json")
    (tmp_path / made.file_name).write_bytes(made.to_bytes())
    assert read_cards(tmp_path) == {made.file_name: made}
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(BundleError, match=r"broken\.json: not a readable calibration card"):
        read_cards(tmp_path)
    assert read_cards(tmp_path / "nowhere") == {}
