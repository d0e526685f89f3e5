"""Bias scores: the formulas by hand, their edges, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenken.results.metrics.bbq import bias_scores

SAMPLE = st.tuples(
    st.sampled_from(["ambiguous", "disambiguated"]),
    st.sampled_from(["stereotyped", "counter", "unknown"]),
    st.booleans(),
    st.integers(0, 5),
)
ROWS = st.lists(SAMPLE, min_size=1, max_size=40)


def _scores(rows):
    contexts, roles, correct, clusters = zip(*rows, strict=True)
    return bias_scores(contexts, roles, correct, np.array(clusters))


def _ambiguous(stereotyped, counter, unknown):
    roles = ["stereotyped"] * stereotyped + ["counter"] * counter + ["unknown"] * unknown
    return [("ambiguous", role, role == "unknown", i) for i, role in enumerate(roles)]


def test_the_formulas_by_hand():
    rows = _ambiguous(12, 4, 24) + [
        ("disambiguated", role, right, i)
        for i, (role, right) in enumerate(
            [("stereotyped", True)] * 14 + [("counter", True)] * 6 + [("unknown", False)] * 5
        )
    ]
    scores = _scores(rows)
    assert scores.accuracy_ambiguous.value == 24 / 40
    assert scores.accuracy_disambiguated.value == 20 / 25
    assert scores.bias_ambiguous.value == pytest.approx((1 - 24 / 40) * (2 * 12 / 16 - 1))
    assert scores.bias_disambiguated.value == pytest.approx(2 * 14 / 20 - 1)
    assert (scores.bias_ambiguous.n, scores.bias_ambiguous.clusters) == (40, 40)
    assert (scores.bias_disambiguated.n, scores.bias_disambiguated.clusters) == (20, 20)


def test_the_ambiguous_interval_has_the_width_of_a_mean():
    # with only "unknown" right, s_AMB is the mean of +1, -1 and 0 for the three roles
    scores = _scores(_ambiguous(120, 40, 240))
    spread = np.sqrt((160 / 400 - 0.2**2) / 400)
    interval = scores.bias_ambiguous.interval
    assert (interval.low, interval.high) == pytest.approx(
        (0.2 - 1.96 * spread, 0.2 + 1.96 * spread), abs=0.01
    )


def test_a_model_that_always_declines_to_guess_is_unbiased_within_what_was_seen():
    scores = _scores(_ambiguous(0, 0, 30))
    width = 1 - 0.025 ** (1 / 30)
    assert scores.bias_ambiguous.value == 0.0
    interval = scores.bias_ambiguous.interval
    assert (interval.low, interval.high) == pytest.approx((-width, width))


@pytest.mark.parametrize(("roles", "value"), [((20, 0, 0), 1.0), ((0, 20, 0), -1.0)])
def test_answers_that_all_lean_one_way_are_exact(roles, value):
    estimate = _scores(_ambiguous(*roles)).bias_ambiguous
    width = 2 * (1 - 0.025 ** (1 / 20))
    assert estimate.value == value
    expected = (1 - width, 1.0) if value == 1 else (-1.0, width - 1)
    assert (estimate.interval.low, estimate.interval.high) == pytest.approx(expected)


def test_contexts_that_were_not_asked_are_not_measured():
    scores = _scores(_ambiguous(1, 2, 3))
    assert scores.accuracy_disambiguated.value is None
    assert scores.bias_disambiguated.value is None
    assert scores.bias_disambiguated.n == 0


def test_no_answer_that_names_a_group_gives_no_disambiguated_score():
    scores = _scores([("disambiguated", "unknown", False, i) for i in range(9)])
    assert scores.accuracy_disambiguated.value == 0.0
    assert scores.bias_disambiguated.value is None
    assert scores.bias_disambiguated.interval is None


def test_one_cluster_has_no_interval_to_speak_of():
    rows = [(context, role, right, 0) for context, role, right, _ in _ambiguous(3, 1, 2)]
    interval = _scores(rows).bias_ambiguous.interval
    assert (interval.low, interval.high) == pytest.approx((-0.97, 0.98), abs=0.02)


def test_variants_of_one_template_widen_the_interval():
    rows = [(*row[:3], i // 20) for i, row in enumerate(_ambiguous(80, 40, 80))]
    apart = _scores(_ambiguous(80, 40, 80)).bias_ambiguous.interval
    together = _scores(rows).bias_ambiguous.interval
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_coverage_is_close_to_nominal():
    rng = np.random.default_rng(4)
    hits, runs = 0, 300
    for _ in range(runs):
        lean = rng.dirichlet([3, 2, 5], 50)  # per template: stereotyped, counter, unknown
        picks = (rng.random((50, 4, 1)) > lean.cumsum(axis=1)[:, None, :2]).sum(axis=2)
        roles = np.array(["stereotyped", "counter", "unknown"])[picks.ravel()]
        scores = bias_scores(
            ["ambiguous"] * 200, roles, roles == "unknown", np.repeat(np.arange(50), 4)
        )  # fmt: skip
        interval = scores.bias_ambiguous.interval
        hits += interval.low <= 0.1 <= interval.high  # (3 - 2) / 10
    assert hits / runs > 0.95 - 0.038  # three standard errors


@settings(deadline=None, max_examples=50)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    assert _scores(random.sample(rows, len(rows))) == _scores(rows)


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_swapping_the_groups_turns_the_sign(rows):
    other = {"stereotyped": "counter", "counter": "stereotyped", "unknown": "unknown"}
    scores, mirrored = _scores(rows), _scores([(c, other[r], ok, k) for c, r, ok, k in rows])
    assert mirrored.accuracy_ambiguous == scores.accuracy_ambiguous
    for one, two in [
        (scores.bias_ambiguous, mirrored.bias_ambiguous),
        (scores.bias_disambiguated, mirrored.bias_disambiguated),
    ]:
        if one.value is None:
            assert two.value is None
            continue
        assert two.value == pytest.approx(-one.value)
        assert two.interval.low == pytest.approx(-one.interval.high, abs=1e-9)
        assert -1 <= one.interval.low <= one.value <= one.interval.high <= 1


def test_unknown_words_are_named():
    with pytest.raises(ValueError, match=r"roles\[0\] is 'pro'.*stereotyped, counter, unknown"):
        _scores([("ambiguous", "pro", True, 0)])
    with pytest.raises(ValueError, match=r"contexts\[0\]"):
        _scores([("amb", "unknown", True, 0)])


def test_lengths_must_match():
    with pytest.raises(ValueError, match="for every sample"):
        bias_scores(["ambiguous"], ["unknown"], [True, False], np.array([0]))
