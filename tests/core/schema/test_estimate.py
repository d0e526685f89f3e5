"""Several estimates made into one: means and differences with their joined intervals."""

from __future__ import annotations

from math import hypot

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenken.schema.estimate import Ends, difference, mean

shares = st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)
ends = shares.map(lambda three: Ends(three[1], three[0], three[2]))


@given(ends)
def test_the_mean_of_one_is_itself(one: Ends) -> None:
    assert mean([one]) == pytest.approx(one)


def test_independent_parts_are_joined_by_squares_and_equal_ones_are_narrower() -> None:
    one, other = Ends(0.2, 0.1, 0.4), Ends(0.4, 0.2, 0.5)
    found = mean([one, other])
    assert found.value == pytest.approx(0.3)
    assert found.low == pytest.approx(0.3 - hypot(0.1, 0.2) / 2)
    assert found.high == pytest.approx(0.3 + hypot(0.2, 0.1) / 2)


def test_parts_that_go_together_wholly_add_their_reach() -> None:
    one, other = Ends(0.2, 0.1, 0.4), Ends(0.4, 0.2, 0.5)
    found = mean([one, other], [0.25, 0.75], correlation=1.0)
    assert found.value == pytest.approx(0.35)
    assert found.low == pytest.approx(0.35 - 0.25 * 0.1 - 0.75 * 0.2)
    assert found.high == pytest.approx(0.35 + 0.25 * 0.2 + 0.75 * 0.1)


def test_a_difference_turns_the_second_interval_round() -> None:
    found = difference(Ends(0.6, 0.5, 0.9), Ends(0.2, 0.1, 0.3))
    assert found.value == pytest.approx(0.4)
    assert found.low == pytest.approx(0.4 - hypot(0.1, 0.1))
    assert found.high == pytest.approx(0.4 + hypot(0.3, 0.1))


@given(st.lists(ends, min_size=1, max_size=4), st.floats(0, 1))
def test_nothing_leaves_its_scale(parts: list[Ends], correlation: float) -> None:
    found = mean(parts, correlation=correlation)
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    apart = difference(parts[0], parts[-1])
    assert -1 <= apart.low <= apart.value <= apart.high <= 1
