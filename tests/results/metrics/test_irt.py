"""The two-parameter logistic model against a published fit, and against what made the answers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from tenken.results.metrics.irt import fit_items

# Section 6 of the Law School Admission Test (Bock and Lieberman 1970): answers to five items, first
# item first, with how many of 1,000 people gave them.
LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3,
    "00111": 4, "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15,
    "10000": 10, "10001": 29, "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15,
    "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173, "11100": 11, "11101": 61,
    "11110": 28, "11111": 298,
}  # fmt: skip


def test_the_law_school_test_comes_out_as_published() -> None:
    rows = [[1.0 - int(each) for each in pattern] for pattern in LSAT6]
    table = np.repeat(np.array(rows), list(LSAT6.values()), axis=0)
    assert table.shape == (1000, 5)
    found = fit_items(table, with_priors=False)
    assert found is not None
    # Rizopoulos 2006, Journal of Statistical Software 17(5), the package ltm.
    assert found.slopes == pytest.approx([0.825, 0.723, 0.890, 0.689, 0.657], abs=0.01)
    assert found.locations == pytest.approx([-3.36, -1.37, -0.28, -1.87, -3.12], abs=0.05)


def test_items_are_found_again_and_one_that_all_answer_alike_stays_finite() -> None:
    random = np.random.default_rng(4)
    slopes, locations = np.array([0.5, 1.0, 2.0, 1.5]), np.array([0.0, -1.0, 1.0, 0.5])
    standing = random.normal(size=(1200, 1))
    safe = random.random((1200, 4)) < 1 / (1 + np.exp(-slopes * (standing - locations)))
    table = np.column_stack([1.0 - safe, np.zeros(1200)])
    table[::7, 0] = np.nan
    found = fit_items(table)
    assert found is not None
    assert found.slopes[:4] == pytest.approx(slopes, rel=0.35)
    assert found.locations[:4] == pytest.approx(locations, abs=0.25)
    assert np.isfinite(found.locations).all() and found.locations[4] < -3


def test_with_priors_the_fit_is_the_mode_of_the_posterior() -> None:
    """Of few answerers the priors decide: the mode is found here by another method."""
    random = np.random.default_rng(6)
    chance = 1 / (
        1 + np.exp(-1.5 * (random.normal(size=(14, 1)) - np.array([-1.0, 0.0, 0.5, 2.0])))
    )
    safe = (random.random((14, 4)) < chance).astype(float)
    nodes = np.linspace(-5, 5, 41)
    weights = np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()

    def surprise(parameters: np.ndarray) -> float:
        log_slopes, intercepts = parameters[:4], parameters[4:]
        logits = nodes[:, None] * np.exp(log_slopes) + intercepts
        right, wrong = -np.logaddexp(0, -logits), -np.logaddexp(0, logits)
        given = np.exp(safe @ right.T + (1 - safe) @ wrong.T) @ weights
        # Mislevy 1986: log slopes normal about 0 with sd 0.5, intercepts about 0 with sd 2.5.
        priors = (log_slopes**2).sum() / (2 * 0.5**2) + (intercepts**2).sum() / (2 * 2.5**2)
        return float(priors - np.log(given).sum())

    mode = minimize(surprise, np.zeros(8), method="BFGS", options={"gtol": 1e-7}).x
    found = fit_items(1.0 - safe)
    assert found is not None
    assert found.slopes == pytest.approx(np.exp(mode[:4]), abs=1e-3)
    assert found.locations * -found.slopes == pytest.approx(mode[4:], abs=1e-3)


def test_information_is_most_at_the_location() -> None:
    random, standings = np.random.default_rng(5), np.linspace(-4, 4, 161)
    logits = 2 * (random.normal(size=(400, 1)) - np.linspace(-1, 1, 10))
    found = fit_items(1.0 - (random.random((400, 10)) < 1 / (1 + np.exp(-logits))))
    assert found is not None
    curves = found.information(standings)
    assert standings[curves.argmax(axis=0)] == pytest.approx(found.locations, abs=0.06)
    assert curves.max(axis=0) == pytest.approx(found.slopes**2 / 4, rel=0.01)


def test_with_seven_answerers_there_is_no_model() -> None:
    assert fit_items(np.zeros((7, 5))) is None
    assert fit_items(np.zeros((8, 1))) is None
