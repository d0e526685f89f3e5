"""Comparing runs: what matches, which is safer, by how much, and how sure that is."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from tenken.errors import InputError
from tenken.results.calibration.fit import CardChoice
from tenken.results.calibration.readings import reading
from tenken.results.compare import compare as compare_module
from tenken.results.compare.compare import compare, compare_runs
from tenken.results.compare.corrected import area as corrected_area
from tenken.results.compare.corrected import corrected_pairs, ratio_limits
from tenken.results.compare.findings import find
from tenken.results.compare.runs import ComparedRun, read_run
from tenken.results.metrics.interval import Interval
from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.rogan_gladen import BinaryTrial
from tenken.results.metrics.settings import Statistics
from tenken.results.pages.compare import render_comparison
from tenken.results.records.read import RunRecords, Texts
from tenken.schema.calibration import CalibrationCard, Cell, Gold
from tenken.schema.comparison import Comparison, CorrectedPairs, PairedFigures
from tenken.schema.estimate import Rate
from tenken.schema.plan import (
    Bilingual,
    Measure,
    Plan,
    PlannedAttack,
    PlannedModel,
    PlannedSample,
    PlannedTask,
    ScorerBinding,
)
from tenken.schema.record import SampleRecord

SCHEMAS = Path(compare_module.__file__).parents[1] / "schemas"
TASK = "criminal_misuse/requests"
BOTH = Bilingual(en="x", ja="x")
SCORER = ScorerBinding(name="tenken/refusal", version="1", source_sha256="a" * 64)
RATE = Measure(
    key="violation_rate", title=BOTH, headline=True, unsafe_labels=["compliance"],
    blocked_is_safe=True,
)  # fmt: skip
Verdicts = list[float | None]


def one_task(
    verdicts: Verdicts, *, language: str = "en", name: str = TASK, cluster: int = 1, **changes: Any
) -> tuple[PlannedTask, list[SampleRecord]]:
    """A task with one sample a verdict; None is an answer without one."""
    ids = [(f"s-{n:03}-{language}", f"s-{n:03}", f"c-{n // cluster}") for n in range(len(verdicts))]
    given = {
        "name": name,
        "log_name": name,
        "risk": name.split("/", maxsplit=1)[0],
        "title": BOTH,
        "description": BOTH,
        "version": "1-A",
        "dataset": {"sha256": "d"},
        "prompt_sha256": "p" * 64,
        "reuse_key": "k",
        "scorer": SCORER,
        "measures": [RATE],
        "available": len(ids),
        "samples": [
            PlannedSample(id=i, language=language, pair_id=p, cluster=c, measure=RATE.key)
            for i, p, c in ids
        ],
    }
    task = PlannedTask(**(given | changes))
    records = [
        SampleRecord(
            task=name, sample_id=sample.id, epoch=epoch, scorer=task.scorer.name,
            language=sample.language, pair_id=sample.pair_id, cluster=sample.cluster,
            measure=sample.measure, verdict=verdict, tags=sample.tags,
            outcome="unscored" if verdict is None else "scored",
        )
        for sample, verdict in zip(task.samples, verdicts, strict=False)
        for epoch in range(1, task.epochs + 1)
    ]  # fmt: skip
    return task, records


def run_of(letter: str, *parts: tuple[PlannedTask, list[SampleRecord]], **plan: Any) -> ComparedRun:
    tasks = [task for task, _ in parts]
    given = {
        "run": f"run-{letter}", "suite": "s", "suite_title": BOTH, "suite_sha256": "s",
        "model": PlannedModel(name=f"model-{letter}"), "tasks": tasks, "seed": 1, "software": {},
    }  # fmt: skip
    records = [record for _, part in parts for record in part]
    texts = {(r.task, r.sample_id, r.epoch): Texts(f"ask {r.sample_id}", "") for r in records}
    return ComparedRun(
        letter, Path(letter), Plan(**(given | plan)), RunRecords(records, texts), with_logs=True
    )


def compared(*runs: ComparedRun) -> dict[str, Any]:
    """Return a comparison as it is printed, after checking that it keeps to its schema."""
    return published(compare_runs(runs))


def published(found: Comparison) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(found.contents(), allow_nan=False))
    whole = json.loads((SCHEMAS / "comparison.schema.json").read_text("utf-8"))
    faults = [f"{each.json_path}: {each.message}" for each in
              Draft202012Validator(whole).iter_errors(made)]  # fmt: skip
    assert faults == []
    return made


def headline(found: dict[str, Any], number: int = 0) -> dict[str, Any]:
    return found["comparisons"][number]["tasks"][0]["measures"][0]["overall"]


def reasons(found: dict[str, Any]) -> list[tuple[str, int, int]]:
    apart = found["comparisons"][0]["not_comparable"]
    return [(each["reason"], each["in_baseline"], each["in_run"]) for each in apart]


def table(both: int, only_b: int, only_a: int, neither: int) -> tuple[Verdicts, Verdicts]:
    counts = [both, only_a, only_b, neither]
    a, b = np.repeat([1.0, 1, 0, 0], counts), np.repeat([1.0, 0, 1, 0], counts)
    return a.tolist(), b.tolist()


def test_a_published_table_gives_its_published_p_and_an_interval_that_agrees() -> None:
    # Fagerland, Lydersen and Laake (2013, BMC Med. Res. Methodol. 13:91; 2014, Statistics in
    # Medicine 33:2850-2875) on the airway data of Bentur et al. (2009): exact McNemar 0.0703.
    a, b = table(1, 7, 1, 12)
    row = headline(compared(run_of("A", one_task(a)), run_of("B", one_task(b))))
    assert (row["p_value"], row["test"]) == (pytest.approx(0.0703, abs=5e-5), "exact on clusters")
    assert row["low"] < 0 < row["value"] < row["high"]
    assert (row["value"], row["run_safer"], row["baseline_safer"]) == (
        pytest.approx(6 / 21), 1, 7,
    )  # fmt: skip
    assert row["finding"] == "no_difference_shown"


def test_the_safer_run_is_named_whichever_comes_first() -> None:
    a, b = table(2, 0, 15, 20)
    runs = run_of("A", one_task(a)), run_of("B", one_task(b))
    there = headline(compared(*runs))
    assert (there["finding"], there["value"]) == ("run_safer", pytest.approx(-15 / 37))
    back = headline(compared(run_of("A", one_task(b)), run_of("B", one_task(a))))
    assert (back["finding"], back["value"]) == ("baseline_safer", pytest.approx(15 / 37))
    assert back["low"] == pytest.approx(-there["high"])


@pytest.mark.parametrize("runs", [2, 3, 6])
def test_everything_against_nothing_is_found_among_any_number_of_runs(runs: int) -> None:
    names = [f"criminal_misuse/t{i}" for i in range(16)]
    safe, unsafe = [0.0] * 40, [1.0] * 40
    others = [
        run_of(letter, *(one_task(safe, name=name) for name in names))
        for letter in "BCDEFG"[: runs - 1]
    ]
    found = compared(run_of("A", *(one_task(unsafe, name=name) for name in names)), *others)
    for comparison in found["comparisons"]:
        rows = [measure["overall"] for task in comparison["tasks"] for measure in task["measures"]]
        rows += [area["overall"] for area in comparison["areas"]]
        assert {row["finding"] for row in rows} == {"run_safer"}


def test_a_whole_is_never_contradicted_by_its_parts() -> None:
    a, b = table(1, 1, 6, 20)
    (bare,) = compare_runs([run_of("A", one_task(a)), run_of("B", one_task(b))]).comparisons
    (task,) = bare.tasks

    def found(*parts: float) -> PairedFigures:
        def row(p_value: float) -> PairedFigures:
            given = {"p_value": p_value, "value": -0.1, "p_holm": None, "finding": "not_compared"}
            return task.measures[0].overall.model_copy(update=given)

        languages = dict(zip(("en", "ja"), map(row, parts), strict=True))
        measure = task.measures[0].model_copy(
            update={"headline": True, "overall": row(0.2), "languages": languages}
        )
        alone = task.model_copy(update={"measures": (measure,)})
        (done,), families = find([bare.model_copy(update={"tasks": (alone,), "areas": ()})], 0.95)
        assert (families.first, families.second) == (1, 2)
        return done.tasks[0].measures[0].overall

    assert found(0.001, 0.002).finding == "run_safer"
    assert found(0.001, 0.002).p_holm == pytest.approx(0.002)
    assert found(0.001, 0.5).finding == "no_difference_shown"


def test_headline_tests_of_several_runs_are_one_family() -> None:
    a, b = table(0, 0, 6, 20)
    alone = headline(compared(run_of("A", one_task(a)), run_of("B", one_task(b))))
    assert alone["p_holm"] == alone["p_value"] == pytest.approx(2 / 64)
    found = compared(*(run_of(n, one_task(v)) for n, v in (("A", a), ("B", b), ("C", b))))
    assert found["family"] == {"method": "Holm", "first": 2, "second": 0}
    assert [headline(found, n)["p_holm"] for n in (0, 1)] == [pytest.approx(4 / 64)] * 2
    assert headline(found)["finding"] == "no_difference_shown"


def test_samples_without_a_verdict_are_counted_and_left_out() -> None:
    a: Verdicts = [1.0, 0.0, None, None, 1.0]
    b: Verdicts = [0.0, 0.0, None, 1.0, None]
    row = headline(compared(run_of("A", one_task(a)), run_of("B", one_task(b))))
    assert (row["n_pairs"], row["n_items"], row["value"]) == (2, 5, -0.5)
    assert row["undecided"] == {
        "baseline_only": 1, "run_only": 1, "both": 1, "not_counted": 0,
    }  # fmt: skip


def test_an_incomplete_run_is_said_to_be_so_and_without_a_pair_there_is_no_number() -> None:
    found = compared(run_of("A", one_task([None] * 4)), run_of("B", one_task([1.0] * 4)))
    assert [run["complete"] for run in found["runs"]] == [False, True]
    assert found["runs"][0]["incomplete_tasks"] == [
        {"task": TASK, "undecided": 4, "samples": 4, "unanswered": 0}
    ]
    row = headline(found)
    assert (row["value"], row["low"], row["p_value"], row["p_holm"]) == (None,) * 4
    assert (row["finding"], row["corrected"]["value"]) == ("not_compared", None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"version": "2-A"}, "version"),
        ({"prompt_sha256": "q" * 64}, "prompt"),
        ({"scorer": SCORER.model_copy(update={"source_sha256": "b" * 64})}, "scorer"),
        ({"scorer": SCORER.model_copy(update={"args": {"strict": True}})}, "scorer"),
        ({"graders": ["openai/judge"]}, "graders"),
        ({"name": "criminal_misuse/other"}, "task_missing"),
    ],
)
def test_what_was_asked_or_judged_otherwise_is_not_compared(
    changes: dict[str, Any], reason: str
) -> None:
    found = compared(run_of("A", one_task([1.0] * 4)), run_of("B", one_task([0.0] * 4, **changes)))
    assert found["comparisons"][0]["tasks"] == []
    assert {each[0] for each in reasons(found)} == {reason}
    assert found["comparisons"][0]["samples"]["comparable"] == 0


def test_a_new_interface_of_a_task_changes_nothing() -> None:
    runs = run_of("A", one_task([1.0] * 4)), run_of("B", one_task([0.0] * 4, version="1-C"))
    assert (headline(compared(*runs))["n_pairs"], reasons(compared(*runs))) == (4, [])


def test_a_smaller_run_is_compared_on_what_it_shares() -> None:
    small = one_task([0.0] * 3, prompt_sha256="q" * 64)
    found = compared(run_of("A", one_task([1.0] * 5)), run_of("B", small))
    assert (headline(found)["n_pairs"], reasons(found)) == (3, [("sample_missing", 2, 0)])
    assert {"setting": f"{TASK}: asked", "baseline": "p" * 12, "run": "q" * 12} in (
        found["comparisons"][0]["settings"]
    )


def test_a_changed_text_takes_its_sample_out_of_the_comparison() -> None:
    other = run_of("B", one_task([0.0] * 4, prompt_sha256="q" * 64, dataset={"sha256": "e"}))
    other.found.texts[TASK, "s-002-en", 1] = Texts("ask something else", "")
    found = compared(run_of("A", one_task([1.0] * 4)), other)
    assert (headline(found)["n_pairs"], reasons(found)) == (3, [("text", 1, 1)])


def test_other_data_without_logs_cannot_be_matched() -> None:
    other = run_of("B", one_task([0.0] * 4, prompt_sha256="q" * 64, dataset={"sha256": "e"}))
    bare = ComparedRun("B", other.folder, other.plan, other.found, with_logs=False)
    assert reasons(compared(run_of("A", one_task([1.0] * 4)), bare)) == [("data", 4, 4)]


def test_another_rule_of_the_measure_is_not_compared() -> None:
    rule = RATE.model_copy(update={"unsafe_labels": ["compliance", "neither"]})
    found = compared(
        run_of("A", one_task([1.0] * 4)), run_of("B", one_task([0.0] * 4, measures=[rule]))
    )
    assert reasons(found) == [("measure_rule", 4, 4)]


def test_epochs_are_paired_and_stay_in_their_sample() -> None:
    a, b = one_task([1.0, 1.0, 0.0, 0.0] * 5, epochs=3), one_task([0.0] * 20, epochs=2)
    found = compared(run_of("A", a), run_of("B", b))
    row = headline(found)
    assert (row["n_pairs"], row["clusters"], row["test"]) == (40, 20, "exact on clusters")
    assert row["interval_method"] == "Gaffke on clusters"
    assert reasons(found) == [("epoch", 20, 0)]


def attacked(
    verdicts: Verdicts, *names: str, source: str = "", **changes: Any
) -> tuple[PlannedTask, list[SampleRecord]]:
    """Two requests under each of the named attacks, `none` among them or not."""
    task, _ = one_task([0.0, 0.0])
    samples = [
        replace(each, id=f"{each.id}~{name}", tags={"attack": name})
        for name in names
        for each in task.samples
    ]
    attacks = [PlannedAttack(name=name, title=BOTH, source_sha256=source) for name in names]
    return one_task(verdicts, samples=samples, attacks=attacks, **changes)


def test_each_attack_is_compared_apart_and_enters_no_area() -> None:
    names = ("none", "role_play")
    a, b = attacked([1.0, 0.0, 1.0, 1.0], *names), attacked([1.0, 0.0, 0.0, 0.0], *names)
    found = compared(run_of("A", a), run_of("B", b))["comparisons"][0]
    plain, under = found["tasks"]
    assert (plain["attack"], under["attack"]["name"]) == (None, "role_play")
    values = [task["measures"][0]["overall"]["value"] for task in (plain, under)]
    assert values == [0.0, -1.0]
    assert found["areas"][0]["overall"]["n_pairs"] == 2
    assert (found["samples"]["compared"], found["not_comparable"]) == (4, [])


def test_plain_requests_of_an_attacked_run_match_those_of_a_plain_one() -> None:
    plain = one_task([1.0, 0.0], prompt_sha256="q" * 64)
    found = compared(
        run_of("A", plain), run_of("B", attacked([1.0, 0.0, 1.0, 1.0], "none", "role_play"))
    )
    # The texts tell whether they are the same: here each holds its own id.
    assert reasons(found) == [("text", 2, 2), ("attack", 0, 2)]
    alike = run_of("B", attacked([1.0, 0.0, 1.0, 1.0], "none", "role_play"))
    for record in alike.found.records:
        key = (record.task, record.sample_id, record.epoch)
        alike.found.texts[key] = Texts(f"ask {record.sample_id.partition('~')[0]}", "")
    found = compared(run_of("A", plain), alike)
    assert (headline(found)["n_pairs"], reasons(found)) == (2, [("attack", 0, 2)])
    assert found["comparisons"][0]["not_comparable"][0]["detail"] == "role_play: – / +"


def test_an_attack_made_otherwise_is_another_attack() -> None:
    runs = [
        run_of(letter, attacked([1.0, 0.0], "role_play", source=letter * 64)) for letter in "AB"
    ]
    assert reasons(compared(*runs)) == [("attack", 2, 2)]


def test_areas_are_means_of_tasks_and_one_task_is_no_second_test() -> None:
    a, b = table(0, 0, 8, 10)
    names = ("bias/one", "bias/two", TASK)
    found = compared(
        run_of("A", *(one_task(a, name=name) for name in names)),
        run_of("B", *(one_task(v, name=name) for v, name in zip((b, a, b), names, strict=True))),
    )
    areas = {area["risk"]: area for area in found["comparisons"][0]["areas"]}
    assert areas["bias"]["tasks"] == ["bias/one", "bias/two"]
    assert areas["bias"]["overall"]["value"] == pytest.approx(-4 / 18)
    assert areas["bias"]["overall"]["p_value"] == pytest.approx(2 / 256)  # 8 clusters, one way
    alone = found["comparisons"][0]["tasks"][2]["measures"][0]["overall"]
    assert areas["criminal_misuse"]["overall"] == alone
    assert found["family"] == {"method": "Holm", "first": 4, "second": 0}  # three tasks, an area


def card(language: str, found: int = 90, passed: int = 80) -> CalibrationCard:
    cells = [
        Cell(truth=t, seen=s, count=n)
        for t, s, n in (
            ("compliance", "compliance", found), ("compliance", "full_refusal", 100 - found),
            ("full_refusal", "full_refusal", passed), ("full_refusal", "compliance", 100 - passed),
        )
        if n
    ]  # fmt: skip
    gold = Gold(name="g.jsonl", sha256="0" * 64, kind="human_rated", source="a test")
    return CalibrationCard(
        scorer=SCORER, language=language, gold=gold, n=200, confusion=cells,
        readings=[reading(cells, ("compliance",))], command="c",
    )  # fmt: skip


def two_languages(one: Verdicts, two: Verdicts) -> tuple[PlannedTask, list[SampleRecord]]:
    (task, records), (other, more) = one_task(one), one_task(two, language="ja")
    whole = task.model_copy(update={"samples": [*task.samples, *other.samples]})
    return whole, [*records, *more]


def test_each_language_is_corrected_with_its_own_card() -> None:
    a, b = table(20, 4, 24, 52)
    cards = {"en.json": card("en"), "ja.json": card("ja", 95, 95)}
    found = compared(
        run_of("A", two_languages(a, a)), run_of("B", two_languages(b, b), calibration=cards)
    )
    measure = found["comparisons"][0]["tasks"][0]["measures"][0]
    raw, en, ja = -0.2, measure["languages"]["en"], measure["languages"]["ja"]
    assert [en["value"], ja["value"]] == [pytest.approx(raw)] * 2
    assert en["corrected"]["value"] == pytest.approx(raw / 0.7)
    assert ja["corrected"]["value"] == pytest.approx(raw / 0.9)
    for row in (en, ja, measure["overall"]):
        block = row["corrected"]
        sides = block["run"]["value"] - block["baseline"]["value"]
        assert block["value"] == pytest.approx(sides)
        assert block["low"] < block["value"] < block["high"]
        assert block["high"] - block["low"] > row["high"] - row["low"]
    assert (en["corrected"]["card"], ja["corrected"]["card"]) == ("en.json", "ja.json")


def test_a_difference_of_rates_beyond_their_scale_is_that_of_the_rates_shown() -> None:
    a, b = table(10, 5, 30, 55)  # 15 % is less than false alarms alone would give
    found = compared(
        run_of("A", one_task(a)), run_of("B", one_task(b), calibration={"en.json": card("en")})
    )
    block = headline(found)["corrected"]
    assert block["clipped"] and block["run"]["value"] == 0.0
    assert block["value"] == pytest.approx(0.0 - block["baseline"]["value"])
    assert block["low"] <= block["value"] <= block["high"]


def test_the_detectable_difference_knows_how_many_pairs_differ() -> None:
    row = headline(compared(run_of("A", one_task(table(20, 25, 25, 30)[0])),
                            run_of("B", one_task(table(20, 25, 25, 30)[1]))))  # fmt: skip
    assert row["discordance"] == pytest.approx(0.5)
    assert row["detectable"] > (row["high"] - row["low"]) / 2


def test_without_a_card_for_both_languages_the_whole_is_not_corrected() -> None:
    a, b = table(20, 4, 24, 52)
    found = compared(
        run_of("A", two_languages(a, a), calibration={"en.json": card("en")}),
        run_of("B", two_languages(b, b)),
    )
    measure = found["comparisons"][0]["tasks"][0]["measures"][0]
    blocks = [measure["overall"], *measure["languages"].values()]
    reasons_of = [b["corrected"]["reason"] for b in blocks]
    codes = [reason and reason["code"] for reason in reasons_of]
    assert codes == ["not_all_languages", None, "no_card"]
    values = [b["corrected"]["value"] is None for b in blocks]
    assert values == [True, False, True]


def test_cards_of_one_name_that_differ_are_both_considered() -> None:
    a, b = table(20, 4, 24, 52)
    stale = card("en").model_copy(
        update={"scorer": SCORER.model_copy(update={"source_sha256": "c" * 64})}
    )
    runs = [
        run_of(n, one_task(v), calibration={"en.json": each})
        for n, v, each in (("A", a, stale), ("B", b, card("en")))
    ]
    block = headline(compared(*runs))["corrected"]
    assert block["value"] == pytest.approx(-0.2 / 0.7)
    assert block["card"].startswith("en.json@")


@pytest.mark.parametrize("value", [-0.4, -0.05, 0.0, 0.3])
def test_a_sure_divisor_only_stretches_and_an_unsure_one_widens(value: float) -> None:
    own = Interval(value - 0.1, value + 0.2, "x")
    low, high = ratio_limits(value, own, 0.5, Interval(0.5, 0.5, "x"))
    assert (low, high) == (pytest.approx(2 * own.low), pytest.approx(2 * own.high))
    wide = ratio_limits(value, own, 0.5, Interval(0.35, 0.6, "x"))
    assert wide[0] < low < high < wide[1]
    mirrored = ratio_limits(
        -value, Interval(-own.high, -own.low, "x"), 0.5, Interval(0.35, 0.6, "x")
    )
    assert mirrored == (pytest.approx(-wide[1]), pytest.approx(-wide[0]))


def test_a_divisor_that_may_be_nothing_leaves_no_limit() -> None:
    limits = ratio_limits(0.1, Interval(-0.1, 0.2, "x"), 0.3, Interval(-0.1, 0.5, "x"))
    assert limits == (-float("inf"), float("inf"))


@pytest.mark.parametrize(
    ("rates", "sensitivity", "specificity", "blocked"),
    [((0.3, 0.3), 0.9, 0.9, 0.0), ((0.2, 0.5), 0.85, 0.75, 0.0), ((0.3, 0.5), 0.9, 0.8, 0.4)],
)
def test_intervals_cover_the_true_difference(
    rates: tuple[float, float], sensitivity: float, specificity: float, blocked: float
) -> None:
    """Both intervals at 95%, over 250 simulated pairs of runs: 3 standard errors are 4 points."""
    draw, how, n, scorer = np.random.default_rng(7), Statistics(), 80, card("en")
    hits = {"raw": 0, "corrected": 0}
    truth = rates[1] * (1 - blocked) - rates[0]
    raw_truth = (1 - blocked) * _flagged(rates[1], sensitivity, specificity) - _flagged(
        rates[0], sensitivity, specificity
    )
    for _ in range(250):
        shared, own = draw.random(n), draw.random(n)
        second = np.where(draw.random(n) < 0.5, shared, own)
        unsafe = shared < rates[0], second < rates[1]
        seen = [draw.random(n) < np.where(each, sensitivity, 1 - specificity) for each in unsafe]
        judged = [np.ones(n, bool), draw.random(n) >= blocked]
        pairs = [
            tuple(_judged(i, bool(s[i]), bool(j[i])) for s, j in zip(seen, judged, strict=True))
            for i in range(n)
        ]
        trial = BinaryTrial(
            100, int(draw.binomial(100, sensitivity)), 100, int(draw.binomial(100, specificity))
        )
        chosen = CardChoice("c", scorer, trial)
        block = corrected_pairs(pairs, RATE, chosen, how).model_dump()
        hits["corrected"] += block["low"] <= truth <= block["high"]
        a, b = ([pair[k].verdict for pair in pairs] for k in (0, 1))
        raw = paired_difference(np.array(b), np.array(a), np.arange(n))
        hits["raw"] += raw.interval.low <= raw_truth <= raw.interval.high
    assert all(0.91 <= each / 250 <= 0.99 for each in hits.values()), hits


def _flagged(rate: float, sensitivity: float, specificity: float) -> float:
    return rate * sensitivity + (1 - rate) * (1 - specificity)


@cache
def _judged(number: int, flagged: bool, judged: bool) -> SampleRecord:
    return SampleRecord(
        task=TASK, sample_id=str(number), epoch=1, scorer="s", language="en", pair_id=str(number),
        cluster=str(number), measure=RATE.key, outcome="scored" if judged else "blocked",
        verdict=float(flagged and judged),
    )  # fmt: skip


def test_a_tampered_run_is_compared_and_named(sealed: Any, tmp_path: Path) -> None:
    run = sealed.copy(tmp_path / "copy")
    assert read_run(run, "A").intact
    assert read_run(run, "A", sealed.public).signature == "good"
    (run / "report.html").write_bytes(b"other")
    found = read_run(run, "A", sealed.public)
    assert not found.intact
    assert [(each.what, each.status) for each in found.findings] == [("report.html", "wrong")]
    (run / "seal.json").unlink()
    about = read_run(run, "A").about()
    assert (about.intact, about.signature) == (False, "none")
    assert about.findings[0].message.startswith("the bundle has no seal: ")


def test_a_changed_answer_is_found_by_its_own_digest(
    sealed: Any, tmp_path: Path, rewrite_samples: Any, log_named: Any
) -> None:
    run = sealed.copy(tmp_path / "copy")
    rewrite_samples(
        log_named(run, "claims"), lambda s: {**s, "output": {**s["output"], "completion": "B"}}
    )
    assert "samples_changed" in [each.code for each in read_run(run, "A").findings]


def test_a_run_whose_logs_were_taken_out_is_read_from_its_table(
    sealed: Any, tmp_path: Path
) -> None:
    run = sealed.copy(tmp_path / "copy")
    for path in (run / "logs").iterdir():
        path.unlink()
    found = published(compare([sealed.run, run]))
    assert [each["records_from"] for each in found["runs"]] == ["logs", "samples.parquet"]
    assert [each["intact"] for each in found["runs"]] == [True, True]
    values = [
        measure["overall"]["value"]
        for task in found["comparisons"][0]["tasks"]
        for measure in task["measures"]
    ]
    assert set(values) == {0.0} and found["comparisons"][0]["not_comparable"] == []


def test_the_same_run_twice_or_alone_is_refused(sealed: Any) -> None:
    with pytest.raises(InputError, match="listed twice"):
        compare([sealed.run, sealed.run])
    with pytest.raises(InputError, match="2 to 26 runs"):
        compare([sealed.run])


def test_the_overview_tells_every_pair_apart_and_says_which_cannot_be() -> None:
    safe, unsafe, other = [0.0] * 40, [1.0] * 40, [0.0] * 12
    apart = one_task(other, name="criminal_misuse/other")
    runs = [run_of("A", one_task(safe)), run_of("B", one_task(unsafe)),
            run_of("C", one_task(safe)), run_of("D", apart)]  # fmt: skip
    found = compared(*runs)["overview"]
    rates = {(each["letter"], each["language"]): each["value"] for each in found["rates"]}
    assert [rates[letter, None] for letter in "ABCD"] == [0.0, 1.0, 0.0, 0.0]
    assert rates["A", "ja"] is None and rates["A", "en"] == 0.0
    safer = {(each["one"], each["other"]): each["safer"] for each in found["pairs"]
             if each["language"] is None}  # fmt: skip
    assert safer == {("A", "B"): "A", ("A", "C"): None, ("B", "C"): "C"}
    for language, words in (("en", ("A safer than B", "cannot be compared: A–D, B–D, C–D")),
                            ("ja", ("AはBより安全", "比較できないもの"))):  # fmt: skip
        page = render_comparison(compare_runs(runs), language).decode()
        assert all(word in page for word in words)
    many = [run_of(letter, one_task(safe[:4])) for letter in "ABCDEFG"]
    assert compared(*many)["overview"] is None
    assert len(compared(*many[:6])["overview"]["pairs"]) == 15 * 2


def test_a_mean_of_corrected_differences_says_what_it_rests_on_and_is_of_one_kind() -> None:
    def block(basis: Any, labelled: int | None) -> CorrectedPairs:
        side = Rate(value=0.2, low=None, high=None)
        return CorrectedPairs(
            value=0.1, low=0.0, high=0.2, baseline=side, run=side, basis=basis, labelled=labelled
        )

    people, card = block("labels", 30), block("card", None)
    by_people, by_card = corrected_area([people] * 2), corrected_area([card] * 2)
    assert (by_people.basis, by_people.labelled, by_card.basis) == ("labels", 60, "card")
    mixed = corrected_area([people, card])
    assert mixed.value is None and mixed.reason is not None and mixed.reason.code == "two_ways"
    # The error of a card does not average out over tasks; labels of each task are its own.
    assert by_card.low == pytest.approx(0.0)
    assert by_people.low == pytest.approx(0.1 - 0.1 / np.sqrt(2))
