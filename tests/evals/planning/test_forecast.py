"""What a run would ask, cost and take."""

from __future__ import annotations

import pytest

from tenken.evals.asked import TaskSelection
from tenken.evals.models.endpoint import Connections, Endpoint, Price, Reasoning
from tenken.evals.planning.forecast import forecast, if_it_reasons, shape
from tenken.evals.planning.plan import Choices, resolve
from tenken.evals.suite import read_suite

FOUR = Endpoint(model="x", connections=Connections(max_connections=4))
PRICED = Endpoint(model="x", price=Price(input=3, output=15))


def _asked(**choices: int) -> list[TaskSelection]:
    tasks = ("false_claims", "fraud", "ambiguous_qa")
    return resolve(read_suite("baseline").suite, Choices(tasks=tasks, **choices))  # type: ignore[arg-type]


def test_calls_are_samples_times_epochs() -> None:
    once = forecast(_asked(limit=10), FOUR, 2.0)
    thrice = forecast(_asked(limit=10, epochs=3), FOUR, 2.0)
    assert once.calls == 30 and thrice.calls == 90
    assert once.seconds == pytest.approx(16.0) and thrice.seconds == pytest.approx(46.0)
    assert thrice.tokens_in == pytest.approx(3 * once.tokens_in, abs=3)
    assert once.tokens_out == 10 * (16 + 512 + 16)
    assert once.cost is None and "dollars" not in once.sentence()


def test_reasoning_is_in_the_cost_where_it_is_known_and_said_where_it_may_be() -> None:
    thinking = PRICED.model_copy(update={"reasoning": Reasoning(tokens=1000)})
    plain, more = (forecast(_asked(limit=4), each, 1) for each in (PRICED, thinking))
    assert more.tokens_out - plain.tokens_out == more.reasoning == 1000 * plain.calls
    assert (more.cost or 0) - (plain.cost or 0) == pytest.approx(1000 * plain.calls * 15 / 1e6)
    assert "of them for reasoning" in more.sentence() and "reasoning" not in plain.sentence()
    likely = if_it_reasons(_asked(limit=4), PRICED, 1)
    assert likely is not None and likely.reasoning == 8192 * plain.calls
    assert if_it_reasons(_asked(limit=4), thinking, 1) is None


def test_the_cost_is_an_upper_end() -> None:
    seen = forecast(_asked(limit=4), PRICED, 1)
    assert seen.cost == pytest.approx((seen.tokens_in * 3 + seen.tokens_out * 15) / 1e6)
    assert "at most 0.0" in seen.sentence() and "US dollars" in seen.sentence()


def test_japanese_takes_more_tokens_than_its_letters_suggest() -> None:
    suite = read_suite("smoke").suite
    english, japanese = (
        forecast(resolve(suite, Choices(languages=(each,))), FOUR, 1) for each in ("en", "ja")
    )
    assert english.calls == japanese.calls and japanese.tokens_in > english.tokens_in * 0.8


def test_what_a_difference_depends_on_counts_the_headline_alone() -> None:
    fraud = next(each for each in _asked(limit=20, epochs=2) if each.task.card.name == "fraud")
    size = shape(fraud)
    assert size["n"] == 16 and size["pairs"] == 4 and size["clusters"] <= 4
