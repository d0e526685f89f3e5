"""A rate read with its counterpart, weighted by severity, and beside the bare items."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.rates import rate
from tenken.results.metrics.settings import Statistics
from tenken.results.report.conditions import condition_block
from tenken.results.report.kinds import mean_of_kinds, severity_weighted
from tenken.schema.figures import MeanOfKinds
from tenken.schema.plan import Bilingual, Measure
from tenken.schema.record import SampleRecord

HOW = Statistics()
LINEAR = {"1": 1.0, "2": 2.0, "3": 3.0}
TITLE = Bilingual(en="A", ja="あ")


def record(number: int, verdict: float | None, epoch: int = 1, **tags: str) -> SampleRecord:
    language = tags.pop("language", "en")
    return SampleRecord(
        task="t", sample_id=f"s{number}", epoch=epoch, scorer="s", language=language,
        pair_id=f"s{number}", cluster=f"s{number}", measure="a",
        outcome="unscored" if verdict is None else "scored", verdict=verdict, tags=tags,
    )  # fmt: skip


def records(*pairs: tuple[float | None, str | None]) -> Any:
    return [
        record(number, verdict, **({} if severity is None else {"severity": severity}))
        for number, (verdict, severity) in enumerate(pairs)
    ]


def test_a_grave_failure_weighs_more_than_a_petty_one() -> None:
    found = severity_weighted(records((1, "3"), (0, "1"), (0, "2"), (None, "3")), LINEAR, HOW)
    assert found is not None
    assert (found.value, found.n, found.verdicts) == (0.5, 3, {"1": 1, "2": 1, "3": 1})
    assert found.low is not None and found.high is not None
    assert 0 < found.low < 0.5 < found.high < 1
    grave = severity_weighted(records((0, "3"), (1, "1")), LINEAR, HOW)
    assert grave is not None and grave.value == 0.25


def test_the_card_says_how_much_a_severity_weighs() -> None:
    given = records((1, "3"), (0, "1"))
    steep = severity_weighted(given, {"1": 1.0, "3": 9.0}, HOW)
    assert steep is not None and (steep.value, steep.weights) == (0.9, {"1": 1.0, "3": 9.0})
    plain = severity_weighted(given, None, HOW)  # a card that says nothing: the tag is the weight
    assert plain is not None and plain.value == 0.75


def test_equal_weights_give_the_plain_rate_with_its_interval() -> None:
    given = records(*[(float(n % 3 == 0), "12"[n % 2]) for n in range(30)])
    found = severity_weighted(given, {"1": 2.0, "2": 2.0}, HOW)
    verdicts = np.array([each.verdict for each in given], dtype=np.float64)
    plain = rate(verdicts, np.arange(30))
    assert found is not None
    assert found.value == pytest.approx(plain.value)
    assert (found.low, found.high) == (pytest.approx(plain.low), pytest.approx(plain.high))


def test_the_weighted_rate_is_given_by_language_and_intent_too() -> None:
    given = [
        record(0, 1.0, severity="3", intent="stated"),
        record(1, 0.0, severity="1", intent="implied"),
        record(2, 0.0, severity="1", intent="stated", language="ja"),
    ]
    found = severity_weighted(given, LINEAR, HOW)
    assert found is not None
    assert {name: part.value for name, part in found.intents.items()} == {
        "implied": 0.0, "stated": 0.75,
    }  # fmt: skip
    assert {name: part.value for name, part in found.languages.items()} == {"en": 0.75, "ja": 0.0}
    untold = [record(0, 1.0, severity="3", intent="stated"), record(1, 0.0, severity="1")]
    some = severity_weighted(untold, LINEAR, HOW)
    assert some is not None and some.intents == {}


@pytest.mark.parametrize(
    "given",
    [
        records((1, "2"), (0, "2")),
        records((1, "2"), (0, None)),
        records((1, "high"), (0, "1")),
        records((1, "4"), (0, "1")),
        records((None, "1"), (None, "2")),
        records(),
    ],
)
def test_without_weights_that_differ_there_is_no_weighted_rate(given: Any) -> None:
    assert severity_weighted(given, LINEAR, HOW) is None


ATTACKED = Measure(key="a", title=TITLE, without="b")


def test_a_condition_is_compared_item_by_item() -> None:
    present = [record(n, float(n < 6)) for n in range(10)]
    absent = [record(n, float(n < 1)) for n in range(10)]
    block = condition_block(ATTACKED, present, absent, HOW)
    assert block is not None
    found = block.overall
    assert (block.without, found.present, found.absent, found.value) == ("b", 0.6, 0.1, 0.5)
    assert (found.present_alone, found.absent_alone, found.n_pairs) == (5, 0, 10)
    expected = paired_difference(
        np.array([each.verdict for each in present], dtype=np.float64),
        np.array([each.verdict for each in absent], dtype=np.float64),
        np.arange(10),
    )
    assert expected.interval is not None
    assert found.low == pytest.approx(expected.interval.low)
    assert found.high == pytest.approx(expected.interval.high)
    assert found.p_value == pytest.approx(2 / 2**5)  # McNemar's exact test on 5 to 0


def test_an_item_without_a_verdict_on_one_side_is_left_out_and_counted() -> None:
    present = [record(0, 1.0), record(1, None), record(2, 1.0, epoch=1), record(2, 0.0, epoch=2)]
    absent = [record(0, 0.0), record(1, 0.0), record(2, 0.0), record(3, 1.0)]
    block = condition_block(ATTACKED, present, absent, HOW)
    assert block is not None
    found = block.overall
    assert (found.n_pairs, found.pairs_left_out) == (2, 1)
    assert (found.present, found.absent) == (0.75, 0.0)


def test_without_another_measure_or_shared_items_there_is_no_condition() -> None:
    alone = ATTACKED.model_copy(update={"without": None})
    assert condition_block(alone, [record(0, 1.0)], [record(0, 0.0)], HOW) is None
    assert condition_block(ATTACKED, [record(0, 1.0)], [record(1, 0.0)], HOW) is None


def test_the_mean_needs_both_rates() -> None:
    head = Measure(key="a", title=TITLE, headline=True, counterpart="b")
    assert mean_of_kinds(head, {"a": 0.0, "b": 1.0}) == MeanOfKinds(counterpart="b", value=0.5)
    assert mean_of_kinds(head, {"a": 0.0, "b": None}) is None
    assert mean_of_kinds(head, {"a": 0.0}) is None
    alone = head.model_copy(update={"counterpart": None})
    assert mean_of_kinds(alone, {"a": 0.0, "b": 1.0}) is None
