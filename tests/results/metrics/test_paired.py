"""Paired differences: exact McNemar, symmetry, the level under hard nulls, equivalence, Holm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from tenken.results.metrics.paired import (
    TEST,
    equivalence,
    holm,
    joint_p,
    paired_difference,
)

PAIR = st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0]), st.integers(0, 5))


def _verdicts(both: int, only_a: int, only_b: int, neither: int):
    counts = [both, only_a, only_b, neither]
    return np.repeat([1.0, 1, 0, 0], counts), np.repeat([1.0, 0, 1, 0], counts)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 30), st.integers(0, 60), st.integers(0, 60))
def test_single_pairs_have_mcnemars_exact_p(both, only_a, only_b):
    a, b = _verdicts(both, only_a, only_b, 4)
    result = paired_difference(a, b, np.arange(a.size))
    expected = mcnemar([[both, only_a], [only_b, 4]], exact=True).pvalue if only_a + only_b else 1.0
    assert result.p_value == pytest.approx(max(expected, 1e-10), abs=1e-9)
    assert result.discordant == (only_b, only_a)
    assert result.method == TEST


def test_identical_answers_leave_room_for_doubt():
    a, b = _verdicts(20, 0, 0, 30)
    result = paired_difference(a, b, np.arange(50))
    width = 1 - 0.025 ** (1 / 50)
    assert (result.value, result.p_value) == (0.0, 1.0)
    assert (result.interval.low, result.interval.high) == pytest.approx((-width, width))


def test_no_pairs_give_no_number():
    empty = np.array([])
    result = paired_difference(empty, empty, empty)
    assert (result.value, result.interval, result.p_value, result.n_pairs) == (None, None, None, 0)
    assert equivalence(empty, empty, empty, margin=0.1) is None


def test_clusters_that_all_differ_alike_reach_the_edge():
    result = paired_difference(np.ones(12), np.zeros(12), np.repeat(np.arange(6), 2))
    assert result.value == 1.0
    assert result.interval.high == 1.0
    assert result.interval.low == pytest.approx(2 * 0.025 ** (1 / 6) - 1)
    assert result.p_value == pytest.approx(2 / 2**6)


def test_one_cluster_shows_no_difference():
    result = paired_difference(np.array([1.0, 0, 1]), np.array([0.0, 0, 1]), np.zeros(3))
    assert result.interval.low < -0.9
    assert result.interval.high > 0.9
    assert result.p_value > 0.3


@pytest.mark.parametrize(("k", "size", "rate"), [(20, 24, 0.02), (40, 4, 0.05), (120, 24, 0.02)])
def test_failures_in_few_clusters_against_scattered_ones_hold_the_level(k, size, rate):
    """Equal rates: a t test finds a difference in 12 to 64% of these cells."""
    rng, runs, found = np.random.default_rng(k), 150, 0
    clusters = np.repeat(np.arange(k), size)
    for _ in range(runs):
        gathered = np.repeat(rng.random(k) < rate, size).astype(float)
        scattered = (rng.random(k * size) < rate).astype(float)
        found += paired_difference(gathered, scattered, clusters).p_value <= 0.05
    assert found / runs <= 0.06


@settings(deadline=None, max_examples=50)
@given(st.lists(PAIR, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_swapping_turns_the_sign(rows, random):
    def compare(order, swap):
        a, b, clusters = (np.array(column) for column in zip(*order, strict=True))
        first, second = (b, a) if swap else (a, b)
        return paired_difference(first, second, clusters)

    result = compare(rows, False)
    assert compare(random.sample(rows, len(rows)), False) == result
    swapped = compare(rows, True)
    assert swapped.value == pytest.approx(-result.value)
    assert swapped.p_value == pytest.approx(result.p_value, abs=1e-9)
    assert swapped.discordant == result.discordant[::-1]
    ends = (-result.interval.high, -result.interval.low)
    assert (swapped.interval.low, swapped.interval.high) == pytest.approx(ends, abs=1e-9)
    assert -1 <= result.interval.low <= result.value <= result.interval.high <= 1


def test_equal_rates_are_equivalent_once_there_are_enough():
    few, many = (np.tile([1.0, 0, 0, 0], k) for k in (5, 50))
    assert not equivalence(few, few, np.arange(20), margin=0.1).equivalent
    found = equivalence(many, many, np.arange(200), margin=0.1)
    assert found.equivalent
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 200))  # each test errs with 5%


def test_a_difference_at_the_margin_is_not_equivalent():
    a, b = _verdicts(0, 20, 0, 180)
    assert not equivalence(a, b, np.arange(200), margin=0.1).equivalent
    assert equivalence(a, b, np.arange(200), margin=0.3).equivalent


def test_tasks_count_alike_in_the_joint_test():
    small = (np.ones(5), np.zeros(5), np.arange(5))
    large = (np.zeros(500), np.zeros(500), np.arange(500))
    assert joint_p([small]) == pytest.approx(2**-4)
    assert joint_p([small, large]) == pytest.approx(2**-4, abs=1e-6)
    assert joint_p([small, (np.array([]),) * 3]) is None
    assert joint_p([]) is None


def test_mismatched_lengths_are_refused():
    with pytest.raises(ValueError, match="match the items first"):
        paired_difference(np.array([1.0]), np.array([1.0, 0.0]), np.array([0]))


def test_holm_adjusts_step_by_step():
    # by hand: 0.01*4, 0.013*3 raised to the one before, 0.04*2, 0.2*1
    assert holm([0.04, 0.01, 0.2, 0.013]) == pytest.approx([0.08, 0.04, 0.2, 0.04])
    assert holm([]) == []
    assert holm([0.7, 0.9]) == pytest.approx([1.0, 1.0])
