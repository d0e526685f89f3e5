"""A metric that is no mean: its interval holds the truth, and claims nothing that is unknown."""

from __future__ import annotations

import numpy as np
import pytest

from tenken.results.metrics import values
from tenken.results.metrics.values import LEAST_CLUSTERS, METHOD, WHOLE, jackknife
from tenken.terms.metrics import calibration_error, metrics


def scores(confidence, correct):
    return [
        {"confidence": float(sure), "correct": float(right)}
        for sure, right in zip(confidence, correct, strict=True)
    ]


def test_the_calibration_error_by_hand():
    # 0.9 stated of which half is right, 0.6 of which all are: (4 * 0.4 + 2 * 0.4) / 6
    found = calibration_error(scores([0.9] * 4 + [0.6] * 2, [1, 1, 0, 0, 1, 1]))
    assert found == pytest.approx(0.4)
    assert calibration_error(scores([1.0, 0.0], [1, 0])) == 0.0


def mean_of(series):
    return jackknife(
        lambda part: sum(each["value"] for each in part) / len(part),
        [{"value": float(each)} for each in series],
        [str(number) for number in range(len(series))],
        least=0.0,
        most=1.0,
    )


def test_a_mean_has_students_interval():
    values = np.linspace(0.2, 0.6, 40)
    found = mean_of(values)
    reach = 2.0226909 * values.std(ddof=1) / 40**0.5
    assert found.value == pytest.approx(0.4)
    assert found.high == pytest.approx(0.4 + reach, abs=1e-6)
    assert found.low == pytest.approx(0.4 - reach, abs=1e-6)
    assert found.method == METHOD


@pytest.mark.parametrize("k", [1, LEAST_CLUSTERS - 1])
def test_few_clusters_show_nothing(k):
    found = jackknife(
        calibration_error, scores([0.9] * k, [1] * k), [*map(str, range(k))], least=0.0, most=1.0
    )
    assert (found.low, found.high, found.method) == (0.0, 1.0, WHOLE)


def test_what_no_cluster_changes_shows_nothing():
    k = LEAST_CLUSTERS
    same = scores([1.0] * k, [1] * k)
    found = jackknife(calibration_error, same, [*map(str, range(k))], least=0.0, most=1.0)
    assert (found.value, found.low, found.high) == (0.0, 0.0, 1.0)
    assert jackknife(calibration_error, [], [], least=0.0, most=1.0).value is None


def test_the_order_of_answers_means_nothing():
    generator = np.random.default_rng(5)
    sure = generator.choice([0.55, 0.75, 0.95], 60)
    made = scores(sure, generator.random(60) < sure)
    clusters = [str(number // 2) for number in range(60)]
    order = generator.permutation(60)
    one = jackknife(calibration_error, made, clusters, least=0.0, most=1.0)
    other = jackknife(
        calibration_error,
        [made[place] for place in order],
        [clusters[place] for place in order],
        least=0.0,
        most=1.0,
    )
    assert one.low == pytest.approx(other.low) and one.high == pytest.approx(other.high)


@pytest.mark.parametrize("drift", [0.05, -0.05, 0.0])
def test_the_side_that_few_answers_lead_away_from_is_wider(monkeypatch, drift):
    """Where halves give more than the whole by a drift, endless answers would give less by more."""
    series = np.linspace(0.4, 0.6, 40)
    monkeypatch.setattr(values, "_of_halves", lambda *_: 0.5 + drift)
    found = mean_of(series)
    reach = 2.0226909 * series.std(ddof=1) / 40**0.5
    far = abs(drift) / (2**0.5 - 1) + 1.5 * reach if drift else reach
    below, above = (far, reach) if drift > 0 else (reach, far)
    assert found.low == pytest.approx(0.5 - below, abs=1e-6)
    assert found.high == pytest.approx(0.5 + above, abs=1e-6)


def test_a_metric_turned_round_has_the_same_interval_turned_round():
    generator = np.random.default_rng(9)
    sure = generator.choice([0.55, 0.75, 0.95], 60)
    made = scores(sure, generator.random(60) < sure)
    clusters = [str(number // 2) for number in range(60)]
    one = jackknife(calibration_error, made, clusters, least=0.0, most=1.0)
    other = jackknife(lambda e: 1 - calibration_error(e), made, clusters, least=0.0, most=1.0)
    assert one.method == other.method == METHOD
    assert (1 - other.high, 1 - other.low) == (pytest.approx(one.low), pytest.approx(one.high))


@pytest.mark.parametrize("gap", [0.0, 0.2])
def test_the_interval_covers(gap):
    """Of a calibrated model too, whose calibration error is at the end of its range."""
    generator, covered, tries = np.random.default_rng(7), 0, 60
    for _ in range(tries):
        sure = generator.choice([0.65, 0.75, 0.85, 0.95], LEAST_CLUSTERS)
        right = generator.random(LEAST_CLUSTERS) < sure - gap
        found = jackknife(
            calibration_error, scores(sure, right), [*map(str, range(LEAST_CLUSTERS))],
            least=0.0, most=1.0,
        )  # fmt: skip
        covered += found.low <= gap <= found.high
    assert covered / tries >= 0.9


def test_metrics_are_listed():
    assert "calibration_error" in metrics()
