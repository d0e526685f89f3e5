"""Paired differences: worked examples, symmetry, calibration under the null, and Holm."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar

from tenken.results.metrics.paired import (
    Discordant,
    holm,
    mcnemar_p,
    newcombe_interval,
    paired_difference,
    sign_flip_p,
)

PAIR = st.tuples(st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 1.0]), st.integers(0, 5))


def _verdicts(both: int, only_a: int, only_b: int, neither: int):
    counts = [both, only_a, only_b, neither]
    return np.repeat([1.0, 1, 0, 0], counts), np.repeat([1.0, 0, 1, 0], counts)


# Columns: both, only a, only b, neither; then the published limits.
@pytest.mark.parametrize(
    ("table", "low", "high", "places"),
    [
        # Newcombe (1998, Statistics in Medicine 17:2635-2650), worked examples, method 10
        ((36, 12, 2, 0), 0.0569, 0.3404, 4),
        ((18, 12, 2, 18), 0.0562, 0.3290, 4),
        ((53, 0, 0, 1), -0.0729, 0.0729, 4),
        # Altman, Machin, Bryant and Gardner (2000, Statistics with Confidence), table 6.2
        ((14, 5, 0, 22), 0.011, 0.226, 3),
        # Fagerland, Lydersen and Laake (2014, Statistics in Medicine 33:2850-2875), on the
        # airway data of Bentur et al. (2009)
        ((1, 1, 7, 12), -0.507, -0.026, 3),
    ],
)
def test_newcombe_matches_published_examples(table, low, high, places):
    a, b = _verdicts(*table)
    result = paired_difference(a, b, np.arange(a.size), seed=1)
    assert result.value == pytest.approx((table[1] - table[2]) / sum(table))
    assert result.interval.method == "newcombe paired score"
    assert (result.interval.low, result.interval.high) == pytest.approx(
        (low, high), abs=0.6 * 10**-places
    )
    assert result.discordant == (table[2], table[1])
    assert result.method == "exact McNemar"


@given(st.integers(0, 60), st.integers(0, 60))
def test_mcnemar_agrees_with_statsmodels(b01, b10):
    expected = mcnemar([[3, b10], [b01, 4]], exact=True).pvalue if b01 + b10 else 1.0
    assert mcnemar_p(Discordant(b01, b10)) == pytest.approx(expected)


def test_identical_answers_leave_room_for_doubt():
    a, b = _verdicts(20, 0, 0, 30)
    result = paired_difference(a, b, np.arange(50), seed=1)
    assert (result.value, result.p_value) == (0.0, 1.0)
    assert result.interval.low < 0 < result.interval.high


def test_no_pairs_give_no_number():
    empty = np.array([])
    result = paired_difference(empty, empty, empty, seed=1)
    assert (result.value, result.interval, result.p_value, result.n_pairs) == (None, None, None, 0)


def test_graded_verdicts_use_the_t_interval():
    a, b = np.array([0.9, 0.5, 0.7, 0.2]), np.array([0.4, 0.5, 0.1, 0.3])
    result = paired_difference(a, b, np.arange(4), seed=1)
    # by hand: mean 0.25, sd 0.35119, t(3) = 3.1824
    assert (result.interval.low, result.interval.high) == pytest.approx((-0.3088, 0.8088), abs=1e-4)
    assert result.method == "paired t"
    assert result.p_value == pytest.approx(0.2501, abs=1e-3)


@pytest.mark.parametrize(("gap", "p_value"), [(0.0, 1.0), (0.25, 2**-7)])
def test_graded_verdicts_without_spread_have_an_exact_interval(gap, p_value):
    b = np.linspace(0.1, 0.6, 8)
    result = paired_difference(b + gap, b, np.arange(8), seed=1)
    assert result.interval.low < result.value < result.interval.high
    assert (result.method, result.p_value) == ("sign test", p_value)


def test_clusters_without_any_difference_are_bounded_by_what_was_never_seen():
    a = np.tile([0.0, 1.0], 15)
    result = paired_difference(a, a, np.repeat(np.arange(10), 3), seed=1)
    width = 1 - 0.025 ** (1 / 10)
    assert (result.interval.low, result.interval.high) == pytest.approx((-width, width))
    assert (result.value, result.p_value, result.method) == (0.0, 1.0, "sign flips")


def test_clusters_that_all_differ_alike_reach_the_edge():
    result = paired_difference(np.ones(12), np.zeros(12), np.repeat(np.arange(6), 2), seed=1)
    assert result.value == 1.0
    assert result.interval.high == 1.0
    assert result.interval.low == pytest.approx(2 * 0.025 ** (1 / 6) - 1)
    assert result.p_value == pytest.approx(2 / 2**6)


def test_one_cluster_has_no_interval_to_speak_of():
    result = paired_difference(np.array([1.0, 0, 1]), np.array([0.0, 0, 1]), np.zeros(3), seed=1)
    assert (result.interval.low, result.interval.high) == (-1.0, 1.0)
    assert result.p_value == 1.0


def test_sign_flips_of_few_clusters_are_all_listed():
    # 16 patterns of +-1 +-2 +-3 +-4; only +10 and -10 reach the observed 10
    assert sign_flip_p(np.array([1.0, 2, 3, 4]), seed=1, resamples=2000) == 2 / 16
    # observed 8: also the two patterns with the 1 flipped
    assert sign_flip_p(np.array([-1.0, 2, 3, 4]), seed=1, resamples=2000) == 4 / 16


def test_drawn_sign_flips_come_close_to_the_binomial():
    sums = np.repeat([1.0, -1.0], [20, 8])
    drawn = sign_flip_p(sums, seed=1, resamples=50_000)
    assert drawn == pytest.approx(mcnemar_p(Discordant(8, 20)), abs=0.004)


def test_a_drawn_p_is_never_zero():
    assert sign_flip_p(np.ones(200), seed=1, resamples=999) == 1 / 1000


def test_clustered_p_values_hold_their_level_under_the_null():
    rng = np.random.default_rng(8)
    clusters, rejected, runs = np.repeat(np.arange(30), 3), 0, 300
    for run in range(runs):
        shared = np.repeat(rng.random(30), 3)
        a, b = (rng.random((2, 90)) < shared).astype(float)
        result = paired_difference(a, b, clusters, seed=run, resamples=400)
        rejected += result.p_value <= 0.05
    assert rejected / runs < 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)


@given(st.lists(PAIR, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_order_changes_nothing_and_swapping_turns_the_sign(rows, random):
    def compare(order, swap):
        a, b, clusters = (np.array(column) for column in zip(*order, strict=True))
        first, second = (b, a) if swap else (a, b)
        return paired_difference(first, second, clusters, seed=3, resamples=60)

    result = compare(rows, False)
    assert compare(random.sample(rows, len(rows)), False) == result
    swapped = compare(rows, True)
    assert swapped.value == pytest.approx(-result.value)
    assert swapped.p_value == pytest.approx(result.p_value)
    assert swapped.discordant == result.discordant[::-1]
    ends = (-result.interval.high, -result.interval.low)
    assert (swapped.interval.low, swapped.interval.high) == pytest.approx(ends, abs=1e-9)
    assert -1 <= result.interval.low <= result.value <= result.interval.high <= 1


def test_mismatched_lengths_are_refused():
    with pytest.raises(ValueError, match="match the items first"):
        paired_difference(np.array([1.0]), np.array([1.0, 0.0]), np.array([0]), seed=1)


def test_newcombe_without_variation_has_no_correlation():
    interval = newcombe_interval(10, Discordant(0, 0), 10, level=0.95)
    assert interval.low == pytest.approx(-interval.high)


def test_holm_adjusts_step_by_step():
    # by hand: 0.01*4, 0.013*3 raised to the one before, 0.04*2, 0.2*1
    assert holm([0.04, 0.01, 0.2, 0.013]) == pytest.approx([0.08, 0.04, 0.2, 0.04])
    assert holm([]) == []
    assert holm([0.7, 0.9]) == pytest.approx([1.0, 1.0])
