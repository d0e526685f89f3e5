"""Rates from labels and verdicts: the published estimator, closed forms, simulated coverage."""

import importlib
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri, stdtrit
from scipy.stats import beta

from tenken.results.metrics.interval import NOT_MEASURED, Interval
from tenken.results.metrics.ppi import powered_mean, ppi_rate
from tenken.results.metrics.rates import exact_interval

# Two sets of data, and what the reference implementation ppi-python 0.2.3 says of them:
# value, low and high of its interval, and the error level asked for.
BINARY = (
    np.repeat([1.0, 1.0, 0.0, 0.0], [15, 3, 6, 36]),
    np.repeat([1.0, 0.0, 1.0, 0.0], [15, 3, 6, 36]),
    np.repeat([1.0, 0.0], [110, 190]),
)
GRADED = (
    np.repeat([1.0, 0.0], [40, 160]),
    np.linspace(1, 0, 200) ** 2,
    np.arange(700) % 100 / 100,
)
REFERENCE = [
    (BINARY, 0.05, 0.30867612253741794, 0.21630386563518195, 0.40104837943965393),
    (GRADED, 0.10, 0.3351994089123932, 0.3027243585768597, 0.3676744592479267),
]


def _draw(seed: int, n: int, m: int, rate: float = 0.3, right: float = 0.9):
    rng = np.random.default_rng(seed)
    truth = (rng.random(n + m) < rate).astype(float)
    seen = np.where(rng.random(n + m) < right, truth, 1 - truth)
    return truth[:n], seen[:n], seen[n:]


def _ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


@pytest.mark.parametrize(("data", "alpha", "value", "low", "high"), REFERENCE)
def test_value_and_variance_are_those_of_the_reference(data, alpha, value, low, high):
    mean = powered_mean(*data)
    assert mean is not None
    assert mean.value == pytest.approx(value, abs=1e-12)
    reach = -ndtri(alpha / 2) * math.sqrt(mean.variance)
    assert (mean.value - reach, mean.value + reach) == pytest.approx((low, high), abs=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_random_data_agree_with_the_reference(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = importlib.import_module("ppi_py")
        data = _draw(seed, 40 + 60 * seed, 500, right=0.75)
        value = float(reference.ppi_mean_pointestimate(*data)[0])
        low, high = (float(end[0]) for end in reference.ppi_mean_ci(*data, alpha=0.05))
    mean = powered_mean(*data)
    assert mean is not None
    assert mean.value == pytest.approx(value, abs=1e-12)
    assert math.sqrt(mean.variance) == pytest.approx((high - low) / 2 / -ndtri(0.025), abs=1e-9)


def test_many_labels_give_the_symmetric_interval_of_the_paper():
    data = _draw(1, 5000, 20_000)
    mean, estimate = powered_mean(*data), ppi_rate(*data)
    assert mean is not None
    reach = -ndtri(0.025) * math.sqrt(mean.variance)
    assert estimate.value == pytest.approx(mean.value, abs=1e-11)
    assert _ends(estimate.interval) == pytest.approx(
        (mean.value - reach, mean.value + reach), abs=2e-4
    )


def test_a_useless_scorer_leaves_the_labels_alone():
    labels = np.repeat([1.0, 0.0], [12, 48])
    estimate = ppi_rate(labels, np.zeros(60), np.zeros(400))
    tail = ndtr(stdtrit(59, 0.025))  # Clopper and Pearson with the t quantile, and n - 1 for n
    ends = beta.ppf([tail, 1 - tail], [11.8, 12.8], [48.2, 47.2])
    assert estimate.value == pytest.approx(0.2)
    assert _ends(estimate.interval) == pytest.approx(tuple(ends), abs=1e-9)
    assert (estimate.n, estimate.clusters) == (60, 60)


def test_a_scorer_that_is_wrong_more_often_than_right_gets_no_say():
    labels, scored, rest = _draw(3, 200, 800, right=0.1)
    mean = powered_mean(labels, scored, rest)
    assert mean is not None
    assert (mean.power, mean.value) == (0.0, labels.mean())


def test_a_good_scorer_narrows_the_interval():
    widths = []
    for right in (0.5, 0.8, 0.95):
        low, high = _ends(ppi_rate(*_draw(4, 200, 5000, right=right)).interval)
        widths.append(high - low)
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] < 0.7 * widths[0]


def test_a_biased_scorer_is_put_right_by_the_labels():
    rng = np.random.default_rng(8)
    truth = (rng.random(9000) < 0.1).astype(float)
    seen = np.where(rng.random(9000) < 0.25, 1.0, truth)  # flags a quarter of all for nothing
    estimate = ppi_rate(truth[:1000], seen[:1000], seen[1000:])
    low, high = _ends(estimate.interval)
    assert low < 0.1 < high < seen.mean()


def test_without_the_rest_the_labels_speak_alone():
    labels, scored, _ = _draw(5, 80, 0)
    mean = powered_mean(labels, scored, np.array([]))
    assert mean is not None
    assert (mean.power, mean.value) == (0.0, labels.mean())
    assert mean.variance == pytest.approx(labels.var() / 80)


def test_no_labels_give_no_number():
    assert ppi_rate(np.array([]), np.array([]), np.ones(5)) == NOT_MEASURED
    assert powered_mean(np.array([]), np.array([]), np.ones(5)) is None


@pytest.mark.parametrize("verdict", [0.0, 1.0])
def test_labels_that_all_agree_get_an_exact_interval(verdict):
    estimate = ppi_rate(np.full(40, verdict), np.tile([0.0, 1.0], 20), np.tile([0.0, 1.0], 100))
    assert estimate.value == verdict
    assert estimate.interval == exact_interval(verdict, 40, level=0.95)


def test_a_scorer_without_error_on_the_labels_is_not_taken_to_be_perfect():
    labels = np.repeat([1.0, 0.0], [2, 48])
    low, high = _ends(ppi_rate(labels, labels, np.repeat([1.0, 0.0], [400, 9600])).interval)
    assert high - low > 0.03  # a sample of 10,050 labels would give 0.008


def test_labels_of_one_cluster_say_nothing_of_others():
    labels, scored, rest = _draw(6, 20, 40)
    estimate = ppi_rate(
        labels,
        scored,
        rest,
        clusters_labelled=np.zeros(20, dtype=int),
        clusters_rest=np.arange(1, 41),
    )
    assert estimate.interval == Interval(0.0, 1.0, "undefined: one cluster", 0.95)
    assert (estimate.n, estimate.clusters) == (20, 1)


def test_singleton_clusters_are_no_clusters():
    data = _draw(7, 60, 200)
    plain = ppi_rate(*data)
    named = ppi_rate(
        *data,
        clusters_labelled=np.array([f"a{i}" for i in range(60)]),
        clusters_rest=np.array([f"b{i}" for i in range(200)]),
    )
    assert named.value == pytest.approx(plain.value)
    assert _ends(named.interval) == pytest.approx(_ends(plain.interval))


def test_repeating_every_sample_does_not_narrow_the_interval():
    labels, scored, rest = _draw(9, 100, 400)
    once = powered_mean(labels, scored, rest)
    fivefold = powered_mean(
        *(np.repeat(part, 5) for part in (labels, scored, rest)),
        clusters_labelled=np.repeat(np.arange(100), 5),
        clusters_rest=np.repeat(np.arange(100, 500), 5),
    )
    assert once is not None
    assert fivefold is not None
    assert fivefold.value == pytest.approx(once.value)
    assert fivefold.variance == pytest.approx(once.variance)


def test_weights_undo_an_uneven_draw():
    rng = np.random.default_rng(12)
    truth = (rng.random(40_000) < 0.1).astype(float)
    seen = np.where(rng.random(40_000) < 0.85, truth, 1 - truth)
    chance = np.where(seen == 1, 0.5, 0.05)
    drawn = rng.random(40_000) < chance
    even = ppi_rate(truth[drawn], seen[drawn], seen[~drawn])
    weighted = ppi_rate(truth[drawn], seen[drawn], seen[~drawn], weights=1 / chance[drawn])
    assert abs(weighted.value - 0.1) < 0.01
    assert abs(even.value - 0.1) > 0.02
    low, high = _ends(weighted.interval)
    assert low < truth.mean() < high


def test_equal_weights_come_to_the_same_as_none():
    data = _draw(13, 400, 1600)
    plain, weighted = powered_mean(*data), powered_mean(*data, weights=np.full(400, 5.0))
    assert plain is not None
    assert weighted is not None
    assert weighted.value == pytest.approx(plain.value, abs=1e-3)
    assert weighted.variance == pytest.approx(plain.variance, rel=0.01)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 60), st.integers(0, 90), st.booleans())
def test_the_interval_holds_the_estimate_and_mirrors(seed, n, m, uneven):
    labels, scored, rest = _draw(seed, n, m, rate=seed % 11 / 10, right=0.8)
    weights = np.random.default_rng(seed).uniform(1, 9, n) if uneven else None
    one = ppi_rate(labels, scored, rest, weights=weights)
    other = ppi_rate(1 - labels, 1 - scored, 1 - rest, weights=weights)
    assert one.value is not None
    low, high = _ends(one.interval)
    assert 0 <= low <= one.value <= high <= 1
    assert low < high
    assert other.value == pytest.approx(1 - one.value)
    assert _ends(other.interval) == pytest.approx((1 - high, 1 - low), abs=1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"scored_on_labelled": np.ones(3)}, "scored_on_labelled has"),
        ({"labels": np.array([0.0, 2.0])}, r"labels\[1\] is 2.0"),
        ({"scored_on_rest": np.array([np.nan])}, r"scored_on_rest\[0\] is nan"),
        ({"weights": np.array([1.0, 0.5])}, r"weights\[1\] is 0.5"),
        ({"weights": np.array([1.0, np.inf])}, r"weights\[1\] is inf"),
        ({"weights": np.ones(5)}, "one for each of 2 labels"),
        ({"clusters_labelled": np.arange(2)}, "together, or neither"),
        ({"clusters_labelled": np.arange(2), "clusters_rest": np.arange(9)}, "expected"),
    ],
)
def test_data_that_do_not_fit_are_an_error(change, words):
    data = {
        "labels": np.array([0.0, 1.0]),
        "scored_on_labelled": np.array([0.0, 1.0]),
        "scored_on_rest": np.array([1.0, 1.0, 0.0]),
    }
    with pytest.raises(ValueError, match=words):
        ppi_rate(**(data | change))


@pytest.mark.parametrize("section", ["powered_rate", "clustered_powered_rate"])
def test_coverage(tool, section):
    effort = replace(tool.SHORT, single=80)
    cells = list(getattr(tool, section)(effort, np.random.default_rng(2)))
    assert 0.93 < np.mean([cell.coverage for cell in cells]) < 0.975
    assert min(cell.coverage for cell in cells) > 0.93 - 3 * math.sqrt(0.93 * 0.07 / 80)


@pytest.mark.parametrize(
    ("rate", "sensitivity", "specificity", "labels"),
    [(0.2, 0.5, 0.99, 20), (0.02, 0.95, 0.95, 20), (0.1, 0.5, 0.99, 50), (0.01, 0.6, 0.65, 50)],
)
def test_few_labels_of_a_scorer_that_misses_or_at_a_rate_next_to_0(
    tool, rate, sensitivity, specificity, labels
):
    """Wilson's limits with half an error more held 89% to 93% in these cells."""
    rng = np.random.default_rng(5)
    held = []
    for _ in range(400):
        truth = (rng.random(1000) < rate).astype(float)
        seen = tool._scored(truth, sensitivity, specificity, rng)
        low, high = _ends(ppi_rate(truth[:labels], seen[:labels], seen[labels:]).interval)
        held.append(low <= rate <= high)
    assert np.mean(held) > 0.945


def test_coverage_of_an_uneven_draw(tool):
    effort = replace(tool.SHORT, single=80, rates=(0.2, 0.5))
    cells = list(tool.weighted_powered_rate(effort, np.random.default_rng(2)))
    assert 0.93 < np.mean([cell.coverage for cell in cells]) < 0.975


def test_coverage_of_the_labels_of_a_review(tool):
    """Heavy labels that all say the same made 95% intervals cover 61% at a rate of 0.05."""
    effort = replace(tool.SHORT, single=80)
    cells = list(tool.reviewed_rate(effort, np.random.default_rng(2)))
    assert np.mean([cell.coverage for cell in cells]) > 0.94
    assert min(cell.coverage for cell in cells) > 0.93 - 3 * math.sqrt(0.93 * 0.07 / 80)


def test_heavy_labels_that_agree_do_not_make_the_interval_narrow():
    """Ten heavy labels of no unsafe answer exclude no rate that they could have missed."""
    labels = np.repeat([0.0, 1.0, 0.0], [10, 2, 8])
    weights = np.repeat([38.0, 2.0], [10, 10])
    estimate = ppi_rate(labels, labels, np.zeros(380), weights=weights)
    assert estimate.value == pytest.approx(4 / 400, abs=0.01)
    low, high = _ends(estimate.interval)
    assert low < estimate.value and high > 0.1


@given(st.integers(2, 60), st.integers(0, 1000))
@settings(max_examples=50, deadline=None)
def test_even_weights_change_no_interval(n, seed):
    labels, scored, rest = _draw(seed, n, 200)
    found = ppi_rate(labels, scored, rest).interval
    mean = powered_mean(labels, scored, rest)
    assert mean is not None
    variance = (mean.variance + mean.power**2 / n**2) * n / (n - 1)
    value = min(1.0, max(0.0, round(mean.value, 12)))
    spread = max(value * (1 - value), labels.mean() * (1 - labels.mean()))
    if spread == 0.0 or variance < 1e-15:
        assert _ends(found) == _ends(exact_interval(value, n, level=0.95))
        return
    tail = float(ndtr(stdtrit(n - 1, 0.025)))
    wanted = exact_interval(value, spread / variance, level=1 - 2 * tail)
    assert _ends(found) == pytest.approx(_ends(wanted), abs=1e-9)


def test_next_to_0_the_interval_is_that_of_the_labels_and_not_of_no_sample_at_all():
    labels, scored, rest = np.zeros(100), np.zeros(100), np.zeros(100)
    labels[0] = scored[0] = 1.0
    one = ppi_rate(labels, scored, rest)
    labels[1] = 1.0
    two = ppi_rate(labels, scored, rest)
    assert one.high is not None and two.high is not None
    assert one.high < two.high < 0.1
