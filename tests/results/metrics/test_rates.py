"""Rates: closed forms, published tables, simulated coverage, and what must not change them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from tenken.results.metrics.rates import (
    Interval,
    bootstrap_totals,
    bounds,
    cluster_table,
    exact_interval,
    rate,
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


def test_a_plain_proportion_is_wilson():
    estimate = rate(np.repeat([1.0, 0.0], [81, 182]), np.arange(263), seed=1)
    assert estimate.value == 81 / 263
    assert estimate.interval == wilson_interval(81, 263, level=0.95)
    assert (estimate.n, estimate.clusters) == (263, 263)


@pytest.mark.parametrize("verdict", [0.0, 1.0])
def test_a_rate_at_the_edge_is_exact_on_the_number_of_clusters(verdict):
    estimate = rate(np.full(60, verdict), np.repeat(np.arange(20), 3), seed=1)
    width = 1 - 0.025 ** (1 / 20)  # closed form of Clopper-Pearson at 0 of 20
    assert estimate.value == verdict
    expected = (0.0, width) if verdict == 0 else (1 - width, 1.0)
    assert _ends(estimate.interval) == pytest.approx(expected)


def test_no_verdicts_give_no_number():
    estimate = rate(np.array([]), np.array([], dtype=int), seed=1)
    assert (estimate.value, estimate.interval, estimate.n, estimate.clusters) == (None, None, 0, 0)


def test_one_verdict_says_almost_nothing():
    assert _ends(rate(np.array([1.0]), np.array([7]), seed=1).interval) == pytest.approx((0.025, 1))


def test_one_cluster_with_mixed_verdicts_has_no_interval_to_speak_of():
    estimate = rate(np.array([0.0, 1.0, 1.0]), np.zeros(3, dtype=int), seed=1)
    assert estimate.value == pytest.approx(2 / 3)
    assert estimate.interval == Interval(0.0, 1.0, "undefined: one cluster", 0.95)


def test_clusters_that_all_agree_do_not_get_an_interval_of_no_width():
    verdicts, clusters = np.tile([0.0, 1.0], 10), np.repeat(np.arange(10), 2)
    interval = rate(verdicts, clusters, seed=1).interval
    assert _ends(interval) == pytest.approx(proportion_confint(5, 10, method="beta"))


def test_repeating_every_verdict_does_not_narrow_the_interval():
    rng = np.random.default_rng(5)
    verdicts = rng.integers(0, 2, 200).astype(float)
    once = rate(verdicts, np.arange(200), seed=1)
    tenfold = rate(np.repeat(verdicts, 10), np.repeat(np.arange(200), 10), seed=1, resamples=8000)
    assert tenfold.value == once.value
    assert (tenfold.n, tenfold.clusters) == (2000, 200)
    assert _ends(tenfold.interval) == pytest.approx(_ends(once.interval), abs=0.012)


def test_the_bootstrap_has_the_variance_of_a_ratio_of_sums():
    rng = np.random.default_rng(2)
    sizes = rng.integers(1, 6, 300)
    table = np.column_stack([rng.binomial(sizes, 0.3), sizes]).astype(float)
    totals = bootstrap_totals(table, seed=3, resamples=20_000)
    ratio = table[:, 0].sum() / table[:, 1].sum()
    residual = table[:, 0] - ratio * table[:, 1]  # linearised, Cochran (1977), ch. 2
    expected = math.sqrt((residual**2).sum()) / table[:, 1].sum()
    assert np.std(totals[:, 0] / totals[:, 1]) == pytest.approx(expected, rel=0.03)


def test_coverage_with_clusters_is_close_to_nominal():
    rng = np.random.default_rng(11)
    hits, runs, clusters = 0, 400, np.repeat(np.arange(60), 4)
    for run in range(runs):
        own = rng.beta(1.2, 2.8, 60)  # cluster rates around 0.3, intraclass correlation 0.2
        verdicts = (rng.random(240) < np.repeat(own, 4)).astype(float)
        low, high = _ends(rate(verdicts, clusters, seed=run, resamples=500).interval)
        hits += low <= 0.3 <= high
    # three standard errors of a simulation of this size, and 2 points for the percentile method
    assert hits / runs > 0.95 - 0.033 - 0.02


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = random.sample(rows, len(rows))
    results = [
        rate(np.array([v for v, _ in order]), np.array([c for _, c in order]), seed=4, resamples=50)
        for order in (rows, shuffled)
    ]
    assert results[0] == results[1]


@given(ROWS)
def test_counting_the_other_end_mirrors_the_estimate(rows):
    verdicts, clusters = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    one = rate(verdicts, clusters, seed=4, resamples=60)
    other = rate(1 - verdicts, clusters, seed=4, resamples=60)
    assert one.value is not None
    assert other.value == pytest.approx(1 - one.value)
    low, high = _ends(one.interval)
    assert _ends(other.interval) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@given(ROWS)
def test_the_interval_holds_the_estimate_and_stays_in_range(rows):
    verdicts, clusters = np.array([v for v, _ in rows]), np.array([c for _, c in rows])
    estimate = rate(verdicts, clusters, seed=0, resamples=40)
    low, high = _ends(estimate.interval)
    assert 0 <= low <= estimate.value <= high <= 1
    assert low < high


def test_clusters_may_be_names():
    named = rate(np.array([0.0, 1, 1, 0]), np.array(["b", "a", "a", "b"]), seed=1)
    coded = rate(np.array([0.0, 1, 1, 0]), np.array([1, 0, 0, 1]), seed=1)
    assert named == coded


def test_a_seed_repeats_itself_and_another_does_not():
    verdicts, clusters = np.random.default_rng(1).random(90), np.repeat(np.arange(30), 3)
    assert rate(verdicts, clusters, seed=1) == rate(verdicts, clusters, seed=1)
    assert rate(verdicts, clusters, seed=1) != rate(verdicts, clusters, seed=2)


def test_chunks_do_not_show(monkeypatch):
    table = np.random.default_rng(1).random((37, 2))
    whole = bootstrap_totals(table, seed=9, resamples=50)
    monkeypatch.setattr("tenken.results.metrics.rates._DRAWS_PER_CHUNK", 100)
    assert np.allclose(bootstrap_totals(table, seed=9, resamples=50), whole)


@pytest.mark.parametrize("wrong", [-0.1, 1.1, math.nan])
def test_verdicts_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match=r"verdicts\[1\]"):
        rate(np.array([0.0, wrong]), np.array([0, 1]), seed=1)


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
    found = [rate(run, clusters, seed=1).interval for run in runs]
    assert all(each is not None for each in found)
    assert np.mean([each.low <= 0.45 <= each.high for each in found if each]) >= least


def test_few_clusters_are_worth_at_most_their_verdicts() -> None:
    """By hand: 6 of 12 in 6 clusters of one each way, but for two; t with 5 degrees of freedom."""
    verdicts = np.array([1, 0] * 4 + [1, 1, 0, 0], dtype=float)
    interval = rate(verdicts, np.repeat(np.arange(6), 2), seed=1).interval
    assert interval is not None and interval.method == "wilson, effective size, t"
    t2 = 2.5705818356363146**2  # the spread between clusters is below that of 12 verdicts: n is 12
    reach = math.sqrt(t2 * (0.25 + t2 / 48) / 12) / (1 + t2 / 12)
    assert (interval.low, interval.high) == (pytest.approx(0.5 - reach), pytest.approx(0.5 + reach))
