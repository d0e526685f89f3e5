"""Means of bounded values: known closed forms, monotone limits, and simulated coverage."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from statsmodels.stats.proportion import proportion_confint

from tenken.results.metrics.means import (
    bounded_interval,
    lower_limit,
    mean_is_zero,
    upper_limit,
)

CLUSTERS = st.lists(
    st.integers(1, 8).flatmap(lambda size: st.tuples(st.integers(0, size), st.just(size))),
    min_size=1,
    max_size=40,
)


def _ends(unsafe, sizes, **options):
    found = bounded_interval(np.array(unsafe, float), np.array(sizes, float), **options)
    return found.low, found.high


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 400), st.data())
def test_one_verdict_a_cluster_is_clopper_pearson(n, data):
    unsafe = data.draw(st.integers(0, n))
    level = data.draw(st.sampled_from([0.8, 0.95, 0.99]))
    expected = proportion_confint(unsafe, n, 1 - level, method="beta")
    verdicts = np.repeat([1.0, 0.0], [unsafe, n - unsafe])
    assert _ends(verdicts, np.ones(n), level=level) == pytest.approx(expected, abs=1e-8)


@settings(deadline=None, max_examples=50)
@given(CLUSTERS, st.data())
def test_one_more_unsafe_verdict_never_lowers_a_limit(clusters, data):
    unsafe, sizes = (list(column) for column in zip(*clusters, strict=True))
    place = data.draw(st.sampled_from(range(len(unsafe))))
    before = _ends(unsafe, sizes)
    unsafe[place] = min(unsafe[place] + 1, sizes[place])
    after = _ends(unsafe, sizes)
    assert after[0] >= before[0] - 1e-9
    assert after[1] >= before[1] - 1e-9


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 30), st.integers(1, 12))
def test_clusters_that_agree_are_one_verdict_each(k, size):
    unsafe = np.arange(k) % 3 == 0
    assert _ends(unsafe * size, np.full(k, size)) == pytest.approx(
        _ends(unsafe, np.ones(k)), abs=1e-8
    )


def test_no_failure_and_one_failure_of_many_clusters():
    """The limits of 120 clusters of 4: the first is a closed form, the second lies above it."""
    sizes = np.full(120, 4)
    none = _ends(np.zeros(120), sizes)[1]
    one = _ends(np.eye(120)[0], sizes)[1]
    assert none == pytest.approx(1 - 0.025 ** (1 / 120), abs=1e-9)
    assert none < one < 0.034


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 30))
@settings(deadline=None, max_examples=50)
def test_the_test_of_single_pairs_is_exact_mcnemar(worse, better, same):
    differences = np.repeat([1.0, -1.0, 0.0], [worse, better, same])
    if not differences.size:
        return
    total = worse + better
    expected = binomtest(worse, total).pvalue if total else 1.0
    found = mean_is_zero(differences, np.ones(differences.size))
    assert found == pytest.approx(max(expected, 1e-10), abs=1e-9)


@given(st.lists(st.tuples(st.integers(-3, 3), st.just(3)), min_size=1, max_size=25))
@settings(deadline=None, max_examples=50)
def test_interval_and_test_never_disagree(rows):
    sums, sizes = np.array(rows, float).T
    p_value = mean_is_zero(sums, sizes)
    low, high = _ends(sums, sizes, least=-1.0, level=0.95)
    if abs(p_value - 0.05) > 1e-6:
        assert (p_value < 0.05) == (not low <= 0 <= high)


def test_a_clear_difference_passes_any_family():
    assert mean_is_zero(np.full(40, 2.0), np.full(40, 2.0)) == 1e-10
    assert mean_is_zero(np.ones(20), np.ones(20)) == pytest.approx(2**-19, rel=1e-6)


@given(CLUSTERS)
@settings(deadline=None, max_examples=50)
def test_limits_mirror_each_other(clusters):
    unsafe, sizes = (np.array(column, float) for column in zip(*clusters, strict=True))
    low = lower_limit(unsafe, sizes, error=0.025)
    assert low == pytest.approx(1 - upper_limit(sizes - unsafe, sizes, error=0.025), abs=1e-9)


def test_small_errors_are_exact_too():
    verdicts = np.repeat([1.0, 0.0], [3, 97])
    expected = proportion_confint(3, 100, 2e-4, method="beta")
    assert _ends(verdicts, np.ones(100), level=1 - 2e-4) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("section", "least"),
    [
        ("rate", 0.94),
        ("rate, uneven clusters", 0.94),
        ("difference", 0.94),
        ("test of equal rates", 0.94),
        ("s_AMB", 0.94),
        ("undecided answers", 0.94),
        ("area", 0.94),
        ("severity-weighted", 0.94),
        ("held-out minus public", 0.94),
        ("calibration error", 0.93),
        ("Cohen's kappa", 0.94),
        ("Krippendorff's alpha", 0.94),
    ],
)
def test_simulated_coverage_holds_the_level(tool, section, least):
    """Cells of 60 runs: each may miss by three standard errors, all together by one point."""
    cells = list(tool.SECTIONS[section](tool.SHORT, np.random.default_rng(4)))
    shares = [cell.coverage for cell in cells]
    assert min(shares) >= least - 3 * np.sqrt(0.05 * 0.95 / tool.SHORT.grid_runs)
    assert np.mean(shares) >= 0.95 - 0.01


def test_what_a_plan_says_is_shown_in_four_of_five_runs(tool):
    effort = replace(tool.SHORT, counts=300)
    cells = list(tool.SECTIONS["planned differences"](effort, np.random.default_rng(4)))
    shares = [cell.coverage for cell in cells]
    error = np.sqrt(0.8 * 0.2 / 300)
    assert np.mean(shares) == pytest.approx(0.8, abs=3 * error / np.sqrt(len(cells)))
    assert 0.8 - 3.5 * error <= min(shares) <= max(shares) <= 0.8 + 3.5 * error


def test_sections_that_run_at_once_have_the_same_figures(tool):
    given = [sys.executable, tool.__file__, "--short", "--only", "repeated"]
    one, two = (
        subprocess.run([*given, *jobs], capture_output=True, text=True, check=True).stdout
        for jobs in ([], ["--jobs", "2"])
    )
    assert one == two and "ten looks" in one


def test_ten_looks_pass_no_more_models_than_the_report_says(tool):
    cells = list(tool.SECTIONS["repeated looks"](tool.SHORT, np.random.default_rng(4)))
    kept = {cell.where: cell.coverage for cell in cells}
    spending = [share for where, share in kept.items() if "spending" in where]
    without = [share for where, share in kept.items() if "one level" in where]
    assert min(spending) >= 1 - 0.0375 - 3 * np.sqrt(0.0375 / tool.SHORT.counts)
    assert max(without) < 0.95
