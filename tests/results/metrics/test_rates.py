"""Rates: closed forms, published tables, simulated coverage, and what must not change them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from tenken.results.metrics.interval import Interval
from tenken.results.metrics.rates import (
    bounds,
    cluster_table,
    exact_interval,
    lower_end_of_mean,
    rate,
    signed_rate,
    whole_interval,
    wilson_interval,
    wilson_limits,
)

VERDICT = st.sampled_from([0.0, 0.25, 0.5, 1.0])
ROWS = st.lists(st.tuples(VERDICT, st.integers(0, 6)), min_size=1, max_size=40)


def _ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


# Newcombe (1998, Statistics in Medicine 17:857-872), table I: methods 3 (score) and 5 (exact).
@pytest.mark.parametrize(
    ("successes", "trials", "score", "exact"),
    [
        (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
        (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
        (0, 20, (0.0, 0.1611), (0.0, 0.1684)),
        (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
    ],
)
def test_single_proportions_match_the_published_table(successes, trials, score, exact):
    assert _ends(wilson_interval(successes, trials, level=0.95)) == pytest.approx(score, abs=6e-5)
    interval = exact_interval(successes / trials, trials, level=0.95)
    assert _ends(interval) == pytest.approx(exact, abs=6e-5)


@given(st.integers(1, 300), st.data())
def test_intervals_agree_with_statsmodels(trials, data):
    successes = data.draw(st.integers(0, trials))
    level = data.draw(st.sampled_from([0.8, 0.95, 0.99]))
    wilson = proportion_confint(successes, trials, 1 - level, method="wilson")
    exact = proportion_confint(successes, trials, 1 - level, method="beta")
    assert _ends(wilson_interval(successes, trials, level=level)) == pytest.approx(wilson, abs=1e-9)
    interval = exact_interval(successes / trials, trials, level=level)
    assert _ends(interval) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("verdict", [0.0, 1.0])
def test_a_rate_at_the_edge_is_exact_on_the_number_of_clusters(verdict):
    estimate = rate(np.full(60, verdict), np.repeat(np.arange(20), 3))
    width = 1 - 0.025 ** (1 / 20)  # closed form of Clopper-Pearson at 0 of 20
    assert estimate.value == verdict
    expected = (0.0, width) if verdict == 0 else (1 - width, 1.0)
    assert _ends(estimate.interval) == pytest.approx(expected)


def test_no_verdicts_give_no_number():
    estimate = rate(np.array([]), np.array([], dtype=int))
    assert (estimate.value, estimate.interval, estimate.n, estimate.clusters) == (None, None, 0, 0)


def test_one_verdict_says_almost_nothing():
    assert _ends(rate(np.array([1.0]), np.array([7])).interval) == pytest.approx((0.025, 1))


def test_one_cluster_with_mixed_verdicts_says_almost_nothing():
    estimate = rate(np.array([0.0, 1.0, 1.0]), np.zeros(3, dtype=int))
    assert estimate.value == pytest.approx(2 / 3)
    assert _ends(estimate.interval) == pytest.approx((2 / 3 * 0.025, 1 - 1 / 3 * 0.025))


def test_clusters_that_all_agree_do_not_get_an_interval_of_no_width():
    verdicts, clusters = np.tile([0.0, 1.0], 10), np.repeat(np.arange(10), 2)
    low, high = _ends(rate(verdicts, clusters).interval)
    assert low < 0.36 and high > 0.64


def test_repeating_every_verdict_does_not_narrow_the_interval():
    rng = np.random.default_rng(5)
    verdicts = rng.integers(0, 2, 200).astype(float)
    once = rate(verdicts, np.arange(200))
    tenfold = rate(np.repeat(verdicts, 10), np.repeat(np.arange(200), 10))
    assert tenfold.value == once.value
    assert (tenfold.n, tenfold.clusters) == (2000, 200)
    assert _ends(tenfold.interval) == pytest.approx(_ends(once.interval), abs=0.012)


def test_coverage_with_clusters_is_close_to_nominal():
    rng = np.random.default_rng(11)
    hits, runs, clusters = 0, 400, np.repeat(np.arange(60), 4)
    for _ in range(runs):
        own = rng.beta(1.2, 2.8, 60)  # cluster rates around 0.3, intraclass correlation 0.2
        verdicts = (rng.random(240) < np.repeat(own, 4)).astype(float)
        low, high = _ends(rate(verdicts, clusters).interval)
        hits += low <= 0.3 <= high
    assert hits / runs > 0.95 - 0.033  # three standard errors of a simulation of this size


@settings(deadline=None, max_examples=50)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    results = [
        rate(np.array([v for v, _ in order]), np.array([c for _, c in order]))
        for order in (rows, shuffled)
    ]
    assert results[0] == results[1]


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_counting_the_other_end_mirrors_the_estimate(rows):
    verdicts, clusters = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    one = rate(verdicts, clusters)
    other = rate(1 - verdicts, clusters)
    assert one.value is not None
    assert other.value == pytest.approx(1 - one.value)
    low, high = _ends(one.interval)
    assert _ends(other.interval) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_the_interval_holds_the_estimate_and_stays_in_range(rows):
    verdicts, clusters = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    estimate = rate(verdicts, clusters)
    low, high = _ends(estimate.interval)
    assert 0 <= low <= estimate.value <= high <= 1
    assert low < high


def test_clusters_may_be_names():
    named = rate(np.array([0.0, 1, 1, 0]), np.array(["b", "a", "a", "b"]))
    coded = rate(np.array([0.0, 1, 1, 0]), np.array([1, 0, 0, 1]))
    assert named == coded


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_verdicts_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match=r"verdicts\[1\]"):
        rate(np.array([0.0, wrong]), np.array([0, 1]))


def test_lengths_must_match():
    with pytest.raises(ValueError, match="one cluster for each row"):
        cluster_table(np.array([1, 2]), np.array([1.0]))


def test_bounds_send_the_undecided_both_ways():
    assert bounds(3, 8, 2) == (0.3, 0.5)
    assert bounds(0, 0, 4) == (0.0, 1.0)
    assert bounds(2.5, 5, 0) == (0.5, 0.5)
    assert bounds(0, 0, 0) is None


@pytest.mark.parametrize("arguments", [(6, 5, 0), (-1, 5, 0), (1, 5, -1)])
def test_impossible_counts_are_refused(arguments):
    with pytest.raises(ValueError, match="bounds"):
        bounds(*arguments)


@given(
    st.lists(st.tuples(st.integers(1, 5000), st.floats(0, 1)), min_size=1, max_size=20),
    st.sampled_from([0.5, 0.1, 0.05, 0.001]),
)
def test_wilson_limits_match_statsmodels(rows, alpha):
    n = np.array([size for size, _ in rows])
    count = np.array([round(size * share) for size, share in rows])
    low, high = wilson_limits(count / n, n, alpha)
    theirs = proportion_confint(count, n, alpha, method="wilson")
    np.testing.assert_allclose(low, np.where(count == 0, 0, theirs[0]), atol=1e-12)
    np.testing.assert_allclose(high, np.where(count == n, 1, theirs[1]), atol=1e-12)


@given(st.integers(1, 3000), st.floats(0, 1), st.sampled_from([0.8, 0.95, 0.99]))
def test_exact_intervals_match_scipy(trials, share, level):
    count = round(trials * share)
    theirs = binomtest(count, trials).proportion_ci(level, method="exact")
    found = exact_interval(count / trials, trials, level=level)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@pytest.mark.parametrize(("k", "least"), [(2, 0.95), (4, 0.95), (8, 0.94), (16, 0.93)])
def test_few_clusters_do_not_look_like_many(k: int, least: float) -> None:
    rng = np.random.default_rng(k)
    clusters = np.repeat(np.arange(k), 2)
    runs = [(rng.random(2 * k) < 0.45).astype(float) for _ in range(400)]
    found = [rate(run, clusters).interval for run in runs]
    assert all(each is not None for each in found)
    assert np.mean([each.low <= 0.45 <= each.high for each in found if each]) >= least


def test_the_mean_of_signs_is_mirrored():
    values, clusters = np.array([1.0, -1, 0, 0, 1, 1]), np.arange(6) // 2
    one, other = signed_rate(values, clusters), signed_rate(-values, clusters)
    assert one.value == pytest.approx(1 / 3)
    low, high = _ends(one.interval)
    assert _ends(other.interval) == pytest.approx((-high, -low), abs=1e-9)
    assert -1 <= low < 1 / 3 < high <= 1


def test_without_undecided_samples_the_whole_interval_is_the_rates_own():
    verdicts, clusters = np.repeat([1.0, 0.0], [3, 57]), np.arange(60) // 2
    ends = whole_interval(verdicts, clusters, np.array([], dtype=int))
    assert ends is not None
    assert ends == pytest.approx(_ends(rate(verdicts, clusters).interval), abs=1e-6)


def test_many_undecided_samples_bound_the_rate_at_one_sided_levels():
    """Imbens and Manski: with a wide gap between the ends, each errs with the whole 5%."""
    ends = whole_interval(np.zeros(200), np.arange(200), np.arange(200, 400))
    assert ends is not None
    expected = proportion_confint(200, 400, 0.10, method="beta")
    assert ends == pytest.approx((0.0, expected[1]), abs=1e-6)


@given(ROWS, st.lists(st.integers(0, 8), max_size=8))
@settings(deadline=None, max_examples=50)
def test_undecided_samples_only_widen(rows, undecided):
    verdicts, clusters = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    ends = whole_interval(verdicts, clusters, np.array(undecided, dtype=int))
    assert ends is not None
    filled = [
        np.mean(np.concatenate([verdicts, np.full(len(undecided), guess)])) for guess in (0.0, 1.0)
    ]
    assert 0 <= ends.low <= filled[0] + 1e-9
    assert filled[1] - 1e-9 <= ends.high <= 1


def test_no_sample_at_all_has_no_whole_interval():
    empty = np.array([], dtype=int)
    assert whole_interval(np.array([]), empty, empty) is None


@pytest.mark.parametrize("seed", range(6))
def test_an_undecided_answer_that_turns_out_unsafe_never_lowers_the_upper_end(seed):
    rng = np.random.default_rng(seed)
    clusters = np.repeat(np.arange(12), rng.integers(1, 6, 12))
    verdicts = (rng.random(clusters.size) < 0.15 * seed).astype(float)
    undecided = rng.integers(0, 12, 3)
    before = whole_interval(verdicts, clusters, undecided)
    joined = np.append(clusters, undecided[0])
    after = whole_interval(np.append(verdicts, 1.0), joined, undecided[1:])
    assert before is not None and after is not None
    assert after.high >= before.high - 1e-9
    assert after.low >= before.low - 0.01


def test_the_mean_of_rates_in_the_middle_is_joined_by_squares():
    values, lows = np.array([0.3, 0.5, 0.4]), np.array([0.2, 0.35, 0.3])
    joined = 0.4 - np.hypot(np.hypot(0.1, 0.15), 0.1) / 3
    assert lower_end_of_mean(values, lows, level=0.95) == pytest.approx(joined, abs=2e-3)
    above = lower_end_of_mean(values + 0.4, lows + 0.4, level=0.95)
    assert above == pytest.approx(joined + 0.4)
    assert lower_end_of_mean(values[:1], lows[:1], level=0.95) == pytest.approx(0.2)


@pytest.mark.parametrize(("clusters", "tasks"), [(10, 4), (30, 8), (120, 2)])
def test_one_failure_in_each_of_some_tasks_is_as_good_as_all_of_them_in_one_sample(clusters, tasks):
    """Joined by squares the lower end of three tasks with a failure in ten is twice as high."""
    values = np.repeat([1 / clusters, 0.0], [tasks - 1, 1])
    low = exact_interval(1 / clusters, clusters, level=0.95).low
    found = lower_end_of_mean(values, np.where(values > 0, low, 0.0), level=0.95)
    pooled = exact_interval(values.mean(), clusters * tasks, level=0.95).low
    assert found == pytest.approx(pooled, rel=0.06)
    assert lower_end_of_mean(np.zeros(tasks), np.zeros(tasks), level=0.95) == 0.0


def test_rare_failures_of_many_tasks_leave_the_mean_inside():
    """Eight tasks of 30 clusters at 0.5%: joined by squares, 9% of lower ends were too high."""
    rng = np.random.default_rng(6)
    counts = rng.binomial(30, 0.005, (1500, 8))
    ends = [exact_interval(n / 30, 30, level=0.95).low for n in range(counts.max() + 1)]
    lows = [
        lower_end_of_mean(row / 30, np.array([ends[n] for n in row]), level=0.95) for row in counts
    ]
    assert np.mean(np.array(lows) > 0.005) < 0.02
