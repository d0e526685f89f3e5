"""Figures of items against values worked out by hand, by simulation, and by statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from tenken.results.metrics.items import item_figures, mantel_haenszel, reliability

NONE = float("nan")


def test_facility_and_discrimination_by_hand() -> None:
    table = np.array([[0, 0, 1], [0, 1, 1], [1, 1, 1], [0, 0, NONE]])
    easy, telling, hard = item_figures(table)
    assert (easy.answers, easy.facility) == (4, 0.75)
    rest = [0.5, 0.0, 0.0, 1.0]  # of the other two items, safe
    expected = np.corrcoef([1, 1, 0, 1], rest)[0, 1]
    assert easy.discrimination == pytest.approx(expected)
    assert telling.discrimination == pytest.approx(
        np.corrcoef([1, 0, 0, 1], [0.5, 0.5, 0, 1])[0, 1]
    )
    assert (hard.facility, hard.discrimination, hard.flags) == (0.0, None, ("floor",))


def test_an_item_that_goes_against_the_rest_is_flagged_and_two_runs_say_nothing() -> None:
    able = np.repeat([[0.0], [1.0]], 5, axis=0) @ np.ones((1, 4))
    table = np.column_stack([able, 1 - able[:, 0]])
    assert [each.flags for each in item_figures(table)] == [()] * 4 + [("negative",)]
    assert all(each.discrimination is None for each in item_figures(table[:2]))
    assert item_figures(np.full((3, 1), NONE))[0].facility is None
    assert item_figures(np.zeros((3, 2)))[0].flags == ("ceiling",)


def test_a_copy_of_an_item_is_dependent_and_others_are_not() -> None:
    rng = np.random.default_rng(2)
    ability = rng.normal(size=(300, 1))
    table = (ability + rng.logistic(size=(300, 12)) > 0).astype(float)
    table[:, 1] = table[:, 0]
    flags = [each.flags for each in item_figures(table)]
    assert flags[:2] == [("dependent",), ("dependent",)] and not any(flags[2:])


def test_alpha_is_one_for_copies_and_near_nothing_for_coins() -> None:
    same = np.repeat(np.random.default_rng(1).integers(0, 2, (40, 1)), 6, axis=1)
    assert reliability(same) == pytest.approx((1.0, 1.0, 1.0))
    coins = np.random.default_rng(3).integers(0, 2, (400, 10)).astype(float)
    found = reliability(coins)
    assert found.alpha is not None and abs(found.alpha) < 0.25
    assert reliability(coins[:2]) == (None, None, None)


def test_mantel_haenszel_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(4)
    answers = [
        (int(s), bool(g), bool(rng.random() < 0.3 + 0.15 * s + 0.2 * g))
        for s, g in zip(rng.integers(0, 3, 300), rng.integers(0, 2, 300), strict=True)
    ]
    tables = [
        np.array(
            [[sum(a == (s, g, good) for a in answers) for good in (True, False)]
             for g in (True, False)]
        )
        for s in range(3)
    ]  # fmt: skip
    theirs = StratifiedTable(tables)
    found = mantel_haenszel(answers)
    assert found.odds_ratio == pytest.approx(theirs.oddsratio_pooled)
    assert found.p_value == pytest.approx(theirs.test_null_odds(correction=True).pvalue)
    assert mantel_haenszel([(0, True, True)]) == (None, None)


def test_omega_is_what_one_factor_explains_and_nothing_of_noise() -> None:
    random = np.random.default_rng(3)
    loadings = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    own = random.normal(size=(4000, 6)) * np.sqrt(1 - loadings**2)
    values = random.normal(size=(4000, 1)) * loadings + own
    found = reliability(0.5 + values / 20)
    whole = loadings.sum() ** 2
    assert found.omega == pytest.approx(whole / (whole + (1 - loadings**2).sum()), abs=0.02)
    assert found.alpha is not None and found.omega is not None and found.omega > found.alpha
    noise = reliability((random.random((60, 20)) < 0.5).astype(float)).omega
    assert noise is not None and noise < 0.35
    assert reliability(random.random((29, 5))).omega is None
