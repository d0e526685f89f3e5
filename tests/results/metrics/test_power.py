"""What a sample can show: design effects by hand, detectable differences as published."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from tenken.results.metrics.power import (
    design_effect,
    minimum_detectable,
    minimum_detectable_independent,
    minimum_detectable_pair,
)


def test_design_effect_by_hand():
    # clusters (1,1), (0,0), (1,0): MSB 0.5, MSW 1/6, ICC (0.5 - 1/6) / (0.5 + 1/6) = 0.5
    verdicts = np.array([1.0, 1, 0, 0, 1, 0])
    assert design_effect(verdicts, np.repeat([0, 1, 2], 2)) == pytest.approx(1.5)


def test_copies_cost_their_whole_number():
    verdicts = np.repeat(np.random.default_rng(1).integers(0, 2, 50).astype(float), 4)
    assert design_effect(verdicts, np.repeat(np.arange(50), 4)) == pytest.approx(4.0)


def test_uneven_copies_cost_the_size_weighted_mean():
    sizes = np.tile([1, 3], 20)
    verdicts = np.repeat(np.tile([0.0, 0, 1, 1], 10), sizes)
    effect = design_effect(verdicts, np.repeat(np.arange(40), sizes))
    assert effect == pytest.approx((sizes**2).sum() / sizes.sum())


@pytest.mark.parametrize(
    ("verdicts", "clusters"),
    [
        ([], []),
        ([1.0, 0, 1], [0, 0, 0]),
        ([1.0, 0, 1], [0, 1, 2]),
        ([0.3, 0.3, 0.3, 0.3], [0, 0, 1, 1]),
        ([0.0, 1, 0, 1], [0, 0, 1, 1]),  # members differ more than clusters do: cut off at 1
    ],
)
def test_design_effect_is_one_where_undefined_or_negative(verdicts, clusters):
    assert design_effect(np.array(verdicts), np.array(clusters)) == 1.0


@pytest.mark.parametrize("baseline", [0.0, 0.05, 0.3])
def test_detectable_rates_agree_with_statsmodels(baseline):
    one = minimum_detectable(400, baseline)
    effect = proportion_effectsize(baseline + one, baseline)
    power = NormalIndPower(ddof=0).power(effect, 400, 0.05, ratio=0)
    assert power == pytest.approx(0.8, abs=1e-3)
    two = minimum_detectable_independent(400, 200, baseline)
    effect = proportion_effectsize(baseline + two, baseline)
    assert NormalIndPower().power(effect, 400, 0.05, ratio=0.5) == pytest.approx(0.8, abs=1e-3)


def test_simulated_power_against_a_fixed_rate():
    from scipy.stats import binom, binomtest

    n, baseline = 300, 0.1
    truth = baseline + minimum_detectable(n, baseline)
    rejected = [k for k in range(n + 1) if binomtest(k, n, baseline).pvalue <= 0.05]
    assert binom.pmf(rejected, n, truth).sum() == pytest.approx(0.8, abs=0.04)


def test_mcnemar_size_matches_the_published_formula():
    # Connor (1987), p. 209: p01 = 0.45, p10 = 0.05 at 80% power needs 23 pairs, 22 fall short
    assert minimum_detectable_pair(23, 0.5) < 0.45 - 0.05 < minimum_detectable_pair(22, 0.5)
    z_a, z_b, psi, d = 1.959964, 0.841621, 0.2, 0.08
    n = (z_a * math.sqrt(psi) + z_b * math.sqrt(psi - d**2)) ** 2 / d**2
    assert minimum_detectable_pair(round(n), psi) == pytest.approx(d, abs=2e-4)


@pytest.mark.parametrize(
    "result",
    [
        minimum_detectable(0, 0.1),
        minimum_detectable(3, 0.9),
        minimum_detectable_independent(0, 10, 0.1),
        minimum_detectable_pair(0, 0.5),
        minimum_detectable_pair(2, 0.5),
        minimum_detectable_pair(20, 0.05),
        minimum_detectable_pair(100, 0.0),
    ],
)
def test_what_cannot_be_detected_has_no_number(result):
    assert result is None


def test_a_design_effect_is_a_smaller_sample():
    assert minimum_detectable(400, 0.1, design_effect=2) == minimum_detectable(200, 0.1)
    assert minimum_detectable_pair(400, 0.3, design_effect=2) == minimum_detectable_pair(200, 0.3)
    assert minimum_detectable_independent(
        400, 400, 0.1, design_effect=2
    ) == minimum_detectable_independent(200, 200, 0.1)


@given(st.integers(20, 5000), st.floats(0, 0.6))
def test_more_samples_detect_less(n, baseline):
    smaller, larger = minimum_detectable(n, baseline), minimum_detectable(2 * n, baseline)
    assert smaller is None or (larger is not None and 0 < larger < smaller)


def test_rates_outside_the_unit_range_are_refused():
    with pytest.raises(ValueError, match="baseline"):
        minimum_detectable(10, 1.2)
    with pytest.raises(ValueError, match="discordance"):
        minimum_detectable_pair(10, -0.1)
