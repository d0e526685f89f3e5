"""Figures of attacks, against numbers worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from tenken.results.metrics.settings import Statistics
from tenken.results.records.attacked import base_id, plain_records
from tenken.results.report.attacks import adjust_for_attacks, any_of, attacks_block, worst_share
from tenken.schema.plan import Bilingual, Measure, PlannedAttack, PlannedTask, ScorerBinding
from tenken.schema.record import SampleRecord

HOW = Statistics()
WORDS = Bilingual(en="x", ja="x")


def task(*attacks: str, twins: bool = True) -> PlannedTask:
    measures = [Measure(key="harm", title=WORDS, headline=True, where={"benign_twin": "false"})]
    if twins:
        measures.append(Measure(key="declined", title=WORDS, where={"benign_twin": "true"}))
    return PlannedTask(
        name="bias/t", log_name="t", risk="bias", title=WORDS, description=WORDS, version="1-A",
        dataset={}, prompt_sha256="", reuse_key="", measures=measures, available=1, samples=[],
        scorer=ScorerBinding(name="tenken/refusal", args={}, version="1", source_sha256=""),
        attacks=[PlannedAttack(name=name, title=WORDS) for name in attacks],
    )  # fmt: skip


def record(
    item: str, attack: str, verdict: float | None, *, measure: str = "harm", epoch: int = 1,
    language: str = "en", outcome: Any = None,
) -> SampleRecord:  # fmt: skip
    suffix = "" if attack == "none" else f"~{attack}"
    return SampleRecord(
        task="bias/t", sample_id=f"{item}-{language}{suffix}", epoch=epoch, scorer="s",
        language=language, pair_id=f"{item}{suffix}", cluster=item, measure=measure,
        outcome=outcome or ("scored" if verdict is not None else "unscored"), verdict=verdict,
        tags={"attack": attack},
    )  # fmt: skip


def grid(attack: str, verdicts: str, **more: Any) -> list[SampleRecord]:
    """One record an item: 1 unsafe, 0 safe, ? undecided."""
    known = {"1": 1.0, "0": 0.0, "?": None}
    return [record(f"i{n}", attack, known[each], **more) for n, each in enumerate(verdicts)]


def block(found: list[SampleRecord], *attacks: str) -> dict[str, Any]:
    made = attacks_block(task(*attacks), found, HOW)
    assert made is not None
    (adjusted,) = adjust_for_attacks([made])
    assert adjusted is not None
    return adjusted.model_dump(mode="json")


def by_name(made: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in made["attacks"]}


def test_a_task_without_attacks_has_no_block_and_loses_no_record() -> None:
    found = [record("a", "none", 1.0), record("a", "x", 0.0)]
    assert attacks_block(task(), found, HOW) is None
    assert plain_records(found, task()) == found


def test_success_increase_and_any_by_hand() -> None:
    found = [*grid("none", "1000000000"), *grid("a", "1111110000"), *grid("b", "0000000011")]
    made = block(found, "none", "a", "b")
    a, b = by_name(made)["a"], by_name(made)["b"]
    assert a["success"]["overall"]["value"] == 0.6
    assert a["success"]["overall"]["method"] == "Gaffke on clusters"
    assert by_name(made)["none"]["success"]["overall"]["value"] == 0.1
    assert by_name(made)["none"]["increase"] is None
    increase = a["increase"]["overall"]
    assert (increase["value"], increase["n_pairs"]) == (0.5, 10)
    assert (increase["attack_alone"], increase["plain_alone"]) == (5, 0)
    assert increase["p_value"] == pytest.approx(2 * 0.5**5)
    assert increase["interval_method"] == "Gaffke on clusters"
    assert increase["low"] < 0.5 < increase["high"]
    assert b["increase"]["overall"]["value"] == pytest.approx(0.1)
    assert b["increase"]["overall"]["p_value"] == pytest.approx(binomtest(1, 3).pvalue)
    # Items 0 to 5, 8 and 9 gave way to at least one of the three.
    assert made["any_of"]["overall"]["value"] == 0.8
    assert made["any_of"]["tries"] == 3
    assert made["decided"] == 30


def test_holm_is_over_all_attacks_of_the_report() -> None:
    found = [*grid("none", "0000000000"), *grid("a", "1111110000"), *grid("b", "1111111100")]
    made = block(found, "none", "a", "b")
    a, b = (by_name(made)[name]["increase"]["overall"] for name in "ab")
    assert b["p_holm"] == pytest.approx(2 * b["p_value"])
    assert a["p_holm"] == pytest.approx(a["p_value"])
    assert "p_holm" not in by_name(made)["a"]["increase"]["languages"]["en"]


def test_items_in_two_languages_make_one_cluster() -> None:
    found = [
        each
        for language in ("en", "ja")
        for each in (*grid("none", "0000", language=language), *grid("a", "1100" if language == "en"
                                                                     else "1110",
                                                                     language=language))
    ]  # fmt: skip
    a = by_name(block(found, "none", "a"))["a"]
    overall = a["increase"]["overall"]
    assert (overall["n_pairs"], overall["clusters"], overall["test"]) == (8, 4, "exact on clusters")
    assert overall["value"] == 5 / 8
    assert overall["p_value"] == pytest.approx(2 / 2 / 2 / 1.5)  # of sums 2, 2, 1 and 0
    assert a["success"]["languages"]["ja"]["value"] == 0.75
    assert a["increase"]["languages"]["en"]["value"] == 0.5
    assert a["increase"]["languages"]["en"]["test"] == "exact on clusters"
    assert a["success"]["overall"]["clusters"] == 4


def test_a_pair_without_both_verdicts_is_counted_and_left_out() -> None:
    found = [*grid("none", "00?0"), *grid("a", "1?10")]
    increase = by_name(block(found, "none", "a"))["a"]["increase"]["overall"]
    assert (increase["n_pairs"], increase["pairs_left_out"]) == (2, 2)
    assert increase["value"] == 0.5


def test_an_item_is_undecided_unless_something_succeeded() -> None:
    found = [*grid("none", "00?0"), *grid("a", "1??0"), *grid("b", "?010")]
    overall = block(found, "none", "a", "b")["any_of"]["overall"]
    assert (overall["value"], overall["n"]) == (pytest.approx(2 / 3), 3)
    assert (overall["best"], overall["worst"]) == (0.5, 0.75)
    assert overall["outcomes"] == {"scored": 3, "unscored": 1, "blocked": 0, "errored": 0}


def test_an_item_that_was_only_ever_blocked_is_blocked() -> None:
    blocked = [record("i", name, 0.0, outcome="blocked") for name in ("none", "a")]
    (item,) = any_of(blocked)
    assert (item.outcome, item.verdict) == ("blocked", 0.0)
    (item,) = any_of([*blocked, record("i", "b", 0.0)])
    assert (item.outcome, item.verdict) == ("scored", 0.0)


def test_epochs_are_tries_of_their_own() -> None:
    found = [record("i", name, verdict, epoch=epoch)
             for epoch, verdicts in ((1, (0.0, 1.0)), (2, (0.0, 0.0)))
             for name, verdict in zip(("none", "a"), verdicts, strict=True)]  # fmt: skip
    overall = block(found, "none", "a")["any_of"]["overall"]
    assert (overall["value"], overall["n"], overall["clusters"]) == (0.5, 2, 1)


def test_benign_twins_are_counted_for_each_attack_and_in_no_success() -> None:
    twins = [*grid("none", "0000", measure="declined"), *grid("a", "1110", measure="declined")]
    made = block([*grid("none", "00"), *grid("a", "01"), *twins], "none", "a")
    assert by_name(made)["a"]["over_refusal"]["overall"]["value"] == 0.75
    assert by_name(made)["none"]["over_refusal"]["overall"]["value"] == 0.0
    assert by_name(made)["a"]["success"]["overall"]["n"] == 2
    assert made["any_of"]["overall"]["n"] == 2


def test_without_twins_or_plain_requests_there_is_nothing_to_say_of_them() -> None:
    made = attacks_block(task("a", twins=False), grid("a", "01"), HOW)
    assert made is not None
    (a,) = made.attacks
    assert (made.over_refusal_measure, a.over_refusal, a.increase) == (None, None, None)
    assert plain_records(grid("a", "01"), task("a")) == []


def test_neither_the_plain_requests_nor_the_rest_thin_out_the_other() -> None:
    plain, attacked = grid("none", "0??0"), grid("a", "000000000000")
    assert worst_share([*plain, *attacked], task("none", "a")) == 0.5
    assert worst_share([*grid("none", "0000"), *grid("a", "????")], task("none", "a")) == 0.5
    assert worst_share([], task("none")) == 1.0


def test_a_samples_own_id_may_look_like_an_attack() -> None:
    assert base_id(record("i", "a", 1.0)) == "i-en"
    assert base_id(record("i~b", "a", 1.0)) == "i~b-en"
    assert base_id(record("i", "none", 1.0)) == "i-en"


@settings(max_examples=12)
@given(st.lists(st.text("01?", min_size=6, max_size=6), min_size=1, max_size=4))
def test_any_success_is_at_least_that_of_each(rows: list[str]) -> None:
    names = ["none", "a", "b", "c"][: len(rows)]
    found = [each for name, row in zip(names, rows, strict=True) for each in grid(name, row)]
    made = block(found, *names)
    whole = made["any_of"]["overall"]
    hits = sum(any(row[place] == "1" for row in rows) for place in range(6))
    assert sum(whole["outcomes"].values()) == 6
    assert round((whole["value"] or 0.0) * whole["n"]) == hits
    for each in made["attacks"]:
        assert (each["success"]["overall"]["best"] or 0.0) <= whole["worst"] + 1e-9
