"""What a sample can show: closed forms, and the power of the gate and the test themselves."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.power import (
    _chances,
    chance_to_pass,
    clusters_of_halves,
    clusters_to_pass,
    detectable_between_halves,
    detectable_difference,
    detectable_rate,
    most_failures,
    power_of_halves,
)
from tenken.results.metrics.rates import rate


@pytest.mark.parametrize(
    ("maximum", "clusters"), [(0.25, 13), (0.2, 17), (0.15, 23), (0.1, 36), (0.05, 72), (1.0, 1)]
)
def test_the_clusters_that_a_gate_takes(maximum, clusters):
    assert clusters_to_pass(maximum) == clusters
    assert 1 - 0.025 ** (1 / clusters) <= maximum
    assert most_failures(clusters, maximum) == 0
    if clusters > 1:
        assert 1 - 0.025 ** (1 / (clusters - 1)) > maximum
        assert most_failures(clusters - 1, maximum) is None


def test_no_number_of_clusters_shows_a_rate_of_nothing():
    assert clusters_to_pass(0.0) is None
    assert chance_to_pass(1000, 0.0, 0.0) == 0.0


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 120), st.floats(0.02, 0.9))
def test_the_most_failures_are_those_of_the_interval(clusters, maximum):
    most = most_failures(clusters, maximum)

    def high(failures):
        verdicts = np.repeat([1.0, 0.0], [failures, clusters - failures])
        return rate(verdicts, np.arange(clusters)).interval.high

    if most is None:
        assert high(0) > maximum - 1e-8
    else:
        assert high(most) <= maximum + 1e-8
        assert high(most + 1) > maximum - 1e-8


@pytest.mark.parametrize(("true", "size"), [(0.02, 1), (0.02, 4), (0.05, 2), (0.1, 3)])
def test_the_power_of_a_gate_is_the_one_stated(true, size):
    """Clusters whose answers agree; 1,000 runs leave three standard errors of 0.047 at most."""
    rng, clusters = np.random.default_rng(3), np.repeat(np.arange(60), size)
    passed = [
        rate(np.repeat((rng.random(60) < true).astype(float), size), clusters).interval.high <= 0.1
        for _ in range(1000)
    ]
    assert np.mean(passed) == pytest.approx(chance_to_pass(60, 0.1, true), abs=0.03)


def test_the_detectable_rate_is_shown_in_four_of_five_runs():
    excess = detectable_rate(80, 0.1)
    draws = np.random.default_rng(1).binomial(80, 0.1 + excess, 1000)
    low = {
        count: rate(np.repeat([1.0, 0.0], [count, 80 - count]), np.arange(80)).interval.low
        for count in set(draws)
    }
    assert np.mean([low[count] > 0.1 for count in draws]) == pytest.approx(0.8, abs=0.03)


def test_the_detectable_difference_is_shown_in_four_of_five_runs():
    rng, difference, found = np.random.default_rng(2), detectable_difference(100, 0.2), 0
    shares = [(0.2 + difference) / 2, (0.2 - difference) / 2, 0.8]
    for _ in range(800):
        more, less, _ = rng.multinomial(100, shares)
        a = np.repeat([1.0, 0.0], [more, 100 - more])
        b = np.repeat([0.0, 1.0, 0.0], [more, less, 100 - more - less])
        found += paired_difference(a, b, np.arange(100)).p_value < 0.05
    assert found / 800 == pytest.approx(0.8, abs=0.04)


def test_too_few_clusters_show_nothing():
    assert detectable_rate(0, 0.1) is None
    assert detectable_rate(1, 0.1) is None
    assert detectable_difference(0, 0.2) is None
    assert detectable_difference(5, 0.2) is None
    assert detectable_difference(20, 0.2) is None or detectable_difference(20, 0.2) <= 0.2


@settings(deadline=None, max_examples=20)
@given(st.integers(40, 200))
def test_more_clusters_show_no_less(clusters):
    assert detectable_rate(2 * clusters, 0.1) <= detectable_rate(clusters, 0.1) + 0.02


@pytest.mark.parametrize(
    ("one", "other", "rate_", "excess"), [(30, 20, 0.1, 0.3), (50, 50, 0.3, 0)]
)
def test_the_power_of_halves_is_how_often_their_interval_is_above_0(one, other, rate_, excess):
    draw = np.random.default_rng(5)
    times = 400
    shown = 0
    for _ in range(times):
        first = rate((draw.random(one) < rate_) * 1.0, np.arange(one))
        second = rate((draw.random(other) < rate_ + excess) * 1.0, np.arange(other))
        shown += second.minus(first, method="").low > 0
    stated = power_of_halves(one, other, rate_, excess)
    assert shown / times == pytest.approx(stated, abs=4 * np.sqrt(0.25 / times))


@pytest.mark.parametrize("rate_", [0.0, 0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize(("one", "other"), [(10, 10), (60, 20), (100, 200)])
def test_halves_that_do_not_differ_are_seldom_told_apart(one, other, rate_):
    assert power_of_halves(one, other, rate_, 0.0) <= 0.025


def test_the_excess_that_halves_detect_has_the_power_and_so_has_the_number_needed():
    found = detectable_between_halves(60, 40, 0.1)
    assert found is not None
    assert power_of_halves(60, 40, 0.1, found) == pytest.approx(0.8, abs=1e-4)
    assert detectable_between_halves(2, 2, 0.3) is None
    assert clusters_of_halves(0.1, 0.1) == 210
    assert power_of_halves(210, 210, 0.1, 0.1) >= 0.8 > power_of_halves(200, 200, 0.1, 0.1)
    assert clusters_of_halves(0.5, 0.001) is None
    assert clusters_of_halves(0.95, 0.1) is None


def test_pairs_that_all_differ_and_lean_one_way_are_told_apart():
    """Eight of eight: the exact test rejects at 2 * 0.5**8, five of five at no less than 0.0625."""
    assert detectable_difference(8, 1.0) == pytest.approx(0.95, abs=0.05)
    assert detectable_difference(5, 1.0) is None


@pytest.mark.parametrize("trials", [1, 7, 300, 20_000])
@pytest.mark.parametrize("chance", [0.0, 0.003, 0.2, 0.5, 0.97, 1.0])
def test_the_chances_of_counts_are_those_of_the_binomial(trials, chance):
    found = _chances(trials, chance)
    assert found == pytest.approx(binom.pmf(np.arange(trials + 1), trials, chance), abs=1e-14)
    assert math.fsum(found) == pytest.approx(1, abs=1e-14)
