"""Several estimates made into one: means and differences with their joined intervals."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval

shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)


def known(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, Interval(low, high, "m"))


def mean(parts: list[Estimate], weights: list[float] | None = None, **more: float) -> Estimate:
    return Estimate.mean(parts, weights, method="joined", **more)


ends = shares.map(lambda three: known(three[1], three[0], three[2]))


@given(ends)
def test_the_mean_of_one_is_itself(one: Estimate) -> None:
    assert mean([one]).ends == pytest.approx(one.ends)


def test_independent_parts_are_joined_by_squares_and_equal_ones_are_narrower() -> None:
    one, other = known(0.2, 0.1, 0.4), known(0.4, 0.2, 0.5)
    found = mean([one, other])
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - hypot(0.1, 0.2) / 2)
    assert found.high == pytest.approx(0.3 + hypot(0.2, 0.1) / 2)


def test_parts_that_go_together_wholly_add_their_reach() -> None:
    one, other = known(0.2, 0.1, 0.4), known(0.4, 0.2, 0.5)
    found = mean([one, other], [0.25, 0.75], correlation=1.0)
    assert found.value == pytest.approx(0.35)
    assert found.low == pytest.approx(0.35 - 0.25 * 0.1 - 0.75 * 0.2)
    assert found.high == pytest.approx(0.35 + 0.25 * 0.2 + 0.75 * 0.1)


def test_a_difference_turns_the_second_interval_round() -> None:
    found = known(0.6, 0.5, 0.9).minus(known(0.2, 0.1, 0.3), method="joined")
    assert found.value == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - hypot(0.1, 0.1))
    assert found.high == pytest.approx(0.4 + hypot(0.3, 0.1))


@given(st.lists(ends, min_size=1, max_size=4), st.floats(0, 1))
def test_nothing_leaves_its_scale(parts: list[Estimate], correlation: float) -> None:
    found = mean(parts, correlation=correlation).ends
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    apart = parts[0].minus(parts[-1], method="joined").ends
    assert -1 <= apart.low <= apart.value <= apart.high <= 1


def test_an_estimate_without_a_value_has_no_ends_and_caveats_go_on() -> None:
    with pytest.raises(ValueError, match="expected an estimate with a value"):
        mean([NOT_MEASURED])
    card = Estimate(0.2, Interval(0.1, 0.4, "m"), caveats=frozenset(["exploratory"]))
    joined = mean([card, known(0.4, 0.2, 0.5)])
    assert (joined.caveats, joined.method) == ({"exploratory"}, "joined")
    assert card.minus(card, method="d").caveats == {"exploratory"}
