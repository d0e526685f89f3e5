"""Corrected rates: closed forms, published figures, simulated coverage, and when to refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.rates import wilson_interval, wilson_limits
from tenken.results.metrics.rogan_gladen import (
    BinaryTrial,
    Correction,
    Refusal,
    correct_rate,
    limits,
)

VAST = 10**10  # a trial so large that sensitivity and specificity are as good as known


def _raw(value: float | None, n: float = 200, level: float = 0.95) -> Estimate:
    """A plain rate with Wilson's interval, as the published figures have it."""
    if value is None:
        return NOT_MEASURED
    ends = wilson_limits(value, n, 1 - level)
    return Estimate(value, Interval(*map(float, ends), "wilson", level), int(n), int(n))


def _trial(se: float, sp: float, n: int = VAST) -> BinaryTrial:
    return BinaryTrial(n, round(se * n), n, round(sp * n))


def _corrected(raw: float, n: float, trial: BinaryTrial, **options) -> Correction:
    result = correct_rate(_raw(raw, n), trial, **options)
    assert isinstance(result, Correction), result
    return result


def _refused(raw: float | None, trial: BinaryTrial, **options) -> Refusal:
    result = correct_rate(_raw(raw), trial, **options)
    assert isinstance(result, Refusal), result
    return result


@st.composite
def _cases(draw):
    """A raw rate, a size, and a trial that tells the classes apart."""
    n = draw(st.integers(5, 600))
    positives, negatives = draw(st.integers(20, 300)), draw(st.integers(30, 300))
    found = draw(st.integers(-(-positives * 6 // 10), positives))
    passed = draw(st.integers(-(-negatives * 6 // 10), negatives))
    return draw(st.integers(0, n)) / n, n, BinaryTrial(positives, found, negatives, passed)


def test_with_known_errors_the_published_limits_come_out():
    # The manual of the R package RSurveillance, example tp(20, 120, 0.9, 0.99), Wilson.
    found = _corrected(20 / 120, 120, _trial(0.9, 0.99))
    assert found.value == pytest.approx(0.17603, abs=5e-6)
    assert found.interval.low == pytest.approx(0.1129887, abs=1e-6)
    assert found.interval.high == pytest.approx(0.2623065, abs=1e-6)
    assert not found.clipped


@settings(max_examples=40)
@given(st.integers(2, 300), st.data())
def test_a_perfect_scorer_leaves_the_interval_of_wilson(n, data):
    count = data.draw(st.integers(1, n - 1))
    found = _corrected(count / n, n, _trial(1.0, 1.0))
    wilson = wilson_interval(count, n, level=0.95)
    assert found.value == pytest.approx(count / n)
    assert found.interval.low == pytest.approx(wilson.low, abs=1e-6)
    assert found.interval.high == pytest.approx(wilson.high, abs=1e-6)


def test_the_point_is_that_of_rogan_and_gladen():
    found = _corrected(0.3, 500, BinaryTrial(100, 90, 200, 160))
    assert found.value == pytest.approx((0.3 + 0.8 - 1) / (0.9 + 0.8 - 1))
    assert (found.raw_value, found.sensitivity, found.specificity) == (0.3, 0.9, 0.8)
    assert "MOVER" in found.method == found.interval.method


def test_large_samples_agree_with_lang_and_reiczigel(tool):
    half = 20_000
    trial = (round(0.85 * half), half, round(0.9 * half), half)
    raw = wilson_limits(0.31, 40_000.0, 0.05)
    ours = limits((0.31, *raw), *trial, level=0.95)
    theirs = tool.lang_reiczigel((0.31, *raw), 40_000.0, *trial, level=0.95)
    assert np.array(ours) == pytest.approx(np.array(theirs), abs=1e-4)


def test_a_small_trial_widens_the_interval():
    widths = []
    for n in (VAST, 400, 100, 25):
        interval = _corrected(0.4, 1000, _trial(0.8, 0.8, n)).interval
        widths.append(interval.high - interval.low)
    assert widths == sorted(widths)
    assert widths[-1] > 3 * widths[0]


def test_clusters_widen_the_interval_through_the_effective_size():
    trial = BinaryTrial(100, 90, 100, 90)
    alone, clustered = (_corrected(0.3, n, trial).interval for n in (300, 300 / 2.6))
    assert clustered.low < alone.low
    assert alone.high < clustered.high


@pytest.mark.parametrize(("raw", "edge"), [(0.0, 0.0), (1.0, 1.0)])
def test_at_the_ends_a_good_scorer_keeps_an_open_interval(raw, edge):
    found = _corrected(raw, 50, BinaryTrial(100, 98, 100, 98))
    assert found.value == edge
    assert found.clipped
    assert edge in (found.interval.low, found.interval.high)
    assert 0.03 < found.interval.high - found.interval.low < 0.15


def test_a_point_below_0_is_set_to_0_and_said_to_be():
    found = _corrected(0.08, 100, BinaryTrial(50, 45, 50, 45))
    assert (found.value, found.interval.low, found.clipped) == (0.0, 0.0, True)
    assert found.interval.high > 0.05


@pytest.mark.parametrize(
    ("raw", "code", "limit"), [(0.02, "raw_too_low", 0.2), (0.98, "raw_too_high", 0.8)]
)
def test_a_raw_rate_that_contradicts_the_trial_is_refused(raw, code, limit):
    found = _refused(raw, BinaryTrial(200, 160, 200, 160))
    assert (found.reason.code, found.reason.values) == (code, {"raw": raw, "limit": limit})
    assert (found.raw_value, found.sensitivity, found.specificity) == (raw, 0.8, 0.8)


def test_a_scorer_that_guesses_is_refused_by_its_own_numbers():
    reason = _refused(0.5, BinaryTrial(100, 55, 100, 60)).reason
    assert reason.code == "barely_tells_apart"
    assert reason.values == {"sensitivity": 0.55, "specificity": 0.6}
    assert _refused(0.5, BinaryTrial(100, 20, 100, 30)).reason.code == "barely_tells_apart"


def test_the_least_j_itself_is_enough():
    assert isinstance(correct_rate(_raw(0.5, 100), BinaryTrial(50, 30, 50, 30)), Correction)
    higher = _refused(0.5, BinaryTrial(50, 30, 50, 30), least_j=0.5)
    assert higher.reason.code == "barely_tells_apart"


@pytest.mark.parametrize(
    ("trial", "code"),
    [
        (BinaryTrial(25, 25, 24, 24), "small_trial"),
        (BinaryTrial(0, 0, 100, 90), "trial_without_unsafe"),
        (BinaryTrial(100, 90, 0, 0), "trial_without_safe"),
        (BinaryTrial(0, 0, 0, 0), "trial_without_unsafe"),
    ],
)
def test_a_trial_that_shows_too_little_is_refused(trial, code):
    assert _refused(0.5, trial).reason.code == code


def test_a_rate_that_was_not_measured_is_not_corrected():
    assert _refused(None, BinaryTrial(100, 90, 100, 90)).reason.code == "raw_not_measured"


def test_an_empty_class_has_no_rate():
    assert BinaryTrial(0, 0, 9, 8).sensitivity is None
    assert BinaryTrial(9, 8, 0, 0).specificity is None
    assert BinaryTrial(9, 8, 3, 2).n == 12


@pytest.mark.parametrize("counts", [(5, 6, 5, 5), (5, 5, 5, 6), (5, -1, 5, 5), (-1, -1, 5, 5)])
def test_impossible_counts_are_an_error(counts):
    with pytest.raises(ValueError, match="between 0 and the items of their class"):
        BinaryTrial(*counts)


def test_one_sample_says_next_to_nothing():
    interval = _corrected(1.0, 1, BinaryTrial(100, 95, 100, 95)).interval
    assert interval.low < 0.2
    assert interval.high == 1.0


@settings(max_examples=40)
@given(_cases(), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_holds_the_point_and_stays_in_range(case, level):
    found = correct_rate(_raw(*case[:2], level), case[2], level=level)
    if isinstance(found, Correction):
        assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1
        assert found.interval.low < found.interval.high
        assert found.clipped == (found.interval.low == 0 or found.interval.high == 1)


@settings(max_examples=40)
@given(_cases())
def test_counting_the_safe_ones_mirrors_the_correction(case):
    raw, n, trial = case
    mirrored = BinaryTrial(
        trial.negatives, trial.true_negatives, trial.positives, trial.true_positives
    )
    one, other = correct_rate(_raw(raw, n), trial), correct_rate(_raw(1 - raw, n), mirrored)
    assert type(one) is type(other)
    if isinstance(one, Correction) and isinstance(other, Correction):
        assert other.value == pytest.approx(1 - one.value, abs=1e-9)
        ends = (1 - one.interval.high, 1 - one.interval.low)
        assert (other.interval.low, other.interval.high) == pytest.approx(ends, abs=1e-6)


@settings(max_examples=40)
@given(_cases(), st.floats(0, 1))
def test_point_and_ends_rise_with_the_raw_rate(case, other):
    low_raw, high_raw = sorted((case[0], other))
    below, above = (correct_rate(_raw(raw, case[1]), case[2]) for raw in (low_raw, high_raw))
    if isinstance(below, Correction) and isinstance(above, Correction):
        assert below.value <= above.value + 1e-9
        assert below.interval.low <= above.interval.low + 1e-9
        assert below.interval.high <= above.interval.high + 1e-9


@settings(max_examples=40)
@given(_cases())
def test_more_confidence_is_a_wider_interval(case):
    narrow, wide = (
        correct_rate(_raw(*case[:2], level), case[2], level=level) for level in (0.9, 0.99)
    )
    if isinstance(narrow, Correction) and isinstance(wide, Correction):
        assert wide.interval.low <= narrow.interval.low
        assert narrow.interval.high <= wide.interval.high


@settings(max_examples=25)
@given(_cases())
def test_the_ends_are_where_the_joined_limits_touch_0(case):
    raw, n, trial = case
    found = correct_rate(_raw(raw, n), trial)
    if not isinstance(found, Correction):
        return
    se = wilson_interval(trial.true_positives, trial.positives, level=0.95)
    sp = wilson_interval(trial.true_negatives, trial.negatives, level=0.95)
    own = wilson_interval(round(raw * n), n, level=0.95)
    false = 1 - found.specificity

    def excess(t: float, *sides: float) -> float:
        distances = np.array(sides) * (1, t, 1 - t)
        value = raw - t * found.sensitivity - (1 - t) * false
        return value**2 - float(distances @ distances)

    if found.interval.low > 0:
        sides = (raw - own.low, se.high - found.sensitivity, found.specificity - sp.low)
        assert excess(found.interval.low, *sides) == pytest.approx(0, abs=1e-9)
    if found.interval.high < 1:
        sides = (own.high - raw, found.sensitivity - se.low, sp.high - found.specificity)
        assert excess(found.interval.high, *sides) == pytest.approx(0, abs=1e-9)


def test_coverage_over_the_whole_grid(tool):
    effort = replace(tool.Effort(), counts=2000)
    cells = list(tool.corrected_rate(effort, np.random.default_rng(7)))
    covered = np.array([cell.coverage for cell in cells])
    assert len(cells) == 5 * 4 * 3 * 3
    # No cell below 93%, but for three standard errors of the simulation.
    assert covered.min() > 0.93 - 3 * np.sqrt(0.93 * 0.07 / 2000)
    assert np.mean((covered >= 0.93) & (covered <= 0.97)) > 0.8
    # Cells above are those beside an end, with few trial items, or with a scorer close to chance.
    for cell in cells:
        if cell.coverage > 0.97 + 0.012:
            assert "rate 0.01 " in cell.where or "trial 50" in cell.where


def test_the_published_interval_covers_less_of_the_grid(tool):
    effort = replace(tool.Effort(), counts=2000, rates=(0.01, 0.2), sizes=(200, 1000))
    ours = [c.coverage for c in tool.corrected_rate(effort, np.random.default_rng(3))]
    theirs = [c.coverage for c in tool.lang_reiczigel_rate(effort, np.random.default_rng(3))]
    assert min(ours) > 0.93 > min(theirs)


def test_coverage_of_clustered_runs(tool):
    effort = replace(tool.SHORT, single=150, sizes=(200,), rates=(0.2,))
    covered = [c.coverage for c in tool.clustered_correction(effort, np.random.default_rng(5))]
    assert np.mean(covered) > 0.93
