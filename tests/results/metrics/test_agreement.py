"""Agreement: published worked examples, edges, and what must not change the numbers."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial, t
from statsmodels.stats.inter_rater import cohens_kappa

from tenken.results.metrics.agreement import (
    Confusion,
    accuracy,
    cohen_kappa,
    confusion,
    krippendorff_alpha,
    sensitivity,
    specificity,
)
from tenken.results.metrics.interval import NOT_MEASURED, Interval
from tenken.results.metrics.rates import exact_interval, wilson_interval
from tenken.results.metrics.rogan_gladen import BinaryTrial

RATING = st.sampled_from(["a", "b", "c", None])
UNITS = st.lists(st.lists(RATING, min_size=3, max_size=3), min_size=1, max_size=12)
BINARY = Confusion(("unsafe", "safe"), ((40, 10), (5, 95)))


def _ends(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    return interval.low, interval.high


def _units(*raters: str) -> list[list[str | None]]:
    return [
        [None if label == "." else label for label in unit] for unit in zip(*raters, strict=True)
    ]


def test_items_are_counted_by_truth_and_label():
    table = confusion(["a", "a", "b", "c"], ["a", "b", "b", "a"], ["a", "b", "c"])
    assert table == Confusion(("a", "b", "c"), ((1, 1, 0), (0, 1, 0), (1, 0, 0)))
    assert (table.n, table.agreed) == (4, 2)


@pytest.mark.parametrize(
    ("truth", "seen", "labels", "words"),
    [
        (["a"], [], ["a"], "match them first"),
        (["a"], ["x"], ["a", "b"], r"seen\[0\] is 'x', expected one of a, b"),
        (["a", "x"], ["a", "a"], ["a", "b"], r"truth\[1\] is 'x'"),
        ([], [], ["a", "a"], "labels repeat"),
    ],
)
def test_items_that_do_not_fit_the_table_are_an_error(truth, seen, labels, words):
    with pytest.raises(ValueError, match=words):
        confusion(truth, seen, labels)


def test_proportions_of_a_table_have_wilson_intervals():
    assert accuracy(BINARY).value == 135 / 150
    assert sensitivity(BINARY, "unsafe").value == 0.8
    assert specificity(BINARY, "unsafe").value == 0.95
    assert sensitivity(BINARY, "unsafe").interval == wilson_interval(40, 50, level=0.95)
    assert specificity(BINARY, "unsafe", level=0.9).interval == wilson_interval(95, 100, level=0.9)
    assert accuracy(BINARY).n == 150


def test_one_label_is_set_against_all_others():
    table = Confusion(("a", "b", "c"), ((8, 1, 1), (2, 5, 3), (0, 4, 6)))
    assert table.trial("a") == BinaryTrial(10, 8, 20, 18)
    assert table.trial("b") == BinaryTrial(10, 5, 20, 15)
    with pytest.raises(ValueError, match="no label 'd', expected one of a, b, c"):
        table.trial("d")


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), max_size=30))
def test_sensitivity_to_one_of_two_labels_is_specificity_to_the_other(pairs):
    table = confusion([a for a, _ in pairs], [b for _, b in pairs], ["a", "b"])
    assert sensitivity(table, "a") == specificity(table, "b")


def test_an_empty_class_has_no_number():
    table = confusion(["safe"], ["safe"], ["unsafe", "safe"])
    assert sensitivity(table, "unsafe") == NOT_MEASURED
    empty = confusion([], [], ["a", "b"])
    assert accuracy(empty) == cohen_kappa(empty) == NOT_MEASURED


def test_kappa_matches_the_worked_example_of_a_textbook():
    # Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, table 18.1:
    # kappa 0.68, its 95% interval for large samples from 0.50 to 0.85.
    estimate = cohen_kappa(Confusion(("p", "n", "o"), ((75, 1, 4), (5, 4, 1), (0, 0, 10))))
    assert estimate.value == pytest.approx(0.676, abs=5e-4)
    assert _ends(estimate.interval) == pytest.approx((0.50, 0.85), abs=0.04)


def test_kappa_of_perfect_agreement_is_not_taken_to_be_certain():
    estimate = cohen_kappa(Confusion(("a", "b"), ((10, 0), (0, 10))))
    low, high = _ends(estimate.interval)
    agreed = exact_interval(1.0, 20, level=0.95).low
    assert (estimate.value, high) == (1.0, 1.0)
    assert low == pytest.approx((agreed - 0.5) / 0.5, abs=0.05)


def test_kappa_of_items_in_clusters_has_the_interval_of_as_many_items_as_clusters():
    table = Confusion(("a", "b"), ((40, 8), (4, 28)))
    of_half = cohen_kappa(Confusion(("a", "b"), ((20, 4), (2, 14))))
    found = cohen_kappa(table, clusters=40)
    assert found.value == pytest.approx(of_half.value)
    assert _ends(found.interval) == pytest.approx(_ends(of_half.interval))
    assert found.n == 80


@given(st.integers(1, 30), st.integers(0, 30))
def test_kappas_interval_is_that_of_the_agreement_where_labels_are_even(agree, apart):
    """On even margins kappa is twice the agreement less one, a mean whose limits are known."""
    found = cohen_kappa(Confusion(("a", "b"), ((agree, apart), (apart, agree))))
    low, high = _ends(found.interval)
    share = exact_interval(agree / (agree + apart), 2 * (agree + apart), level=0.95)
    if agree + apart >= 15:
        assert (low, high) == pytest.approx((2 * share.low - 1, 2 * share.high - 1), abs=0.07)


@pytest.mark.parametrize("n", [6, 9])
def test_the_intervals_of_few_items_cover_by_enumeration(n):
    """Every table of two labels, by its chance; what is left out has no kappa."""
    tables = [
        (a, b, c, n - a - b - c)
        for a in range(n + 1)
        for b in range(n + 1 - a)
        for c in range(n + 1 - a - b)
    ]
    kappas, alphas = [], []
    for a, b, c, d in tables:
        kappas.append(cohen_kappa(Confusion(("x", "y"), ((a, b), (c, d)))).interval)
        pairs = [["x", "x"]] * a + [["x", "y"]] * (b + c) + [["y", "y"]] * d
        alphas.append(krippendorff_alpha(pairs).interval)
    for share, right in ((0.05, 0.6), (0.2, 0.8), (0.5, 0.95)):
        one = np.array([1 - right, right])
        cells = share * np.outer(one, one) + (1 - share) * np.outer(one[::-1], one[::-1])
        chance = float(cells.sum(axis=0) @ cells.sum(axis=1))
        true = (float(np.trace(cells)) - chance) / (1 - chance)
        weights = [multinomial.pmf(table, n, cells.ravel()) for table in tables]
        for intervals in (kappas, alphas):
            held = [
                w for w, i in zip(weights, intervals, strict=True) if i and i.low <= true <= i.high
            ]
            there = [w for w, i in zip(weights, intervals, strict=True) if i]
            assert sum(held) >= 0.95 * sum(there)


def test_kappa_is_0_where_one_side_gives_a_single_label():
    estimate = cohen_kappa(Confusion(("a", "b"), ((0, 10), (0, 10))))
    low, high = _ends(estimate.interval)
    assert estimate.value == 0.0
    assert low < -0.3 < 0.3 < high


def test_kappa_has_no_denominator_with_one_label_for_all():
    assert cohen_kappa(Confusion(("a", "b"), ((10, 0), (0, 0)))) == NOT_MEASURED


@given(st.lists(st.integers(0, 30), min_size=9, max_size=9))
def test_kappa_stays_in_range_and_inside_its_interval(cells):
    table = Confusion(("a", "b", "c"), tuple(tuple(cells[i : i + 3]) for i in (0, 3, 6)))
    estimate = cohen_kappa(table)
    if estimate.value is not None:
        low, high = _ends(estimate.interval)
        assert -1 <= low <= estimate.value + 1e-9
        assert estimate.value - 1e-9 <= high <= 1
        assert low < high


# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections A, B and C.
@pytest.mark.parametrize(
    ("raters", "alpha", "n", "units"),
    [
        (("0100000010", "1110010000"), 0.095, 20, 10),
        (("aabbdcccedda", "babbbccceddd"), 0.692, 24, 12),
        (
            ("123321412...", "1233224125.3", ".3332342251.", "12332441251."),
            0.743,
            40,
            11,
        ),
    ],
)
def test_alpha_matches_the_published_worked_examples(raters, alpha, n, units):
    estimate = krippendorff_alpha(_units(*raters))
    assert estimate.value == pytest.approx(alpha, abs=5e-4)
    assert (estimate.n, estimate.clusters) == (n, units)
    low, high = _ends(estimate.interval)
    assert low < estimate.value < high <= 1


def _alpha_by_pairs(units: list[list[str | None]]) -> float | None:
    """Alpha from its definition: weigh every pair within a unit, then every pair of all."""
    kept = [[x for x in unit if x is not None] for unit in units]
    kept = [unit for unit in kept if len(unit) > 1]
    everything = [x for unit in kept for x in unit]
    n = len(everything)
    observed = sum(
        2 * sum(a != b for a, b in combinations(unit, 2)) / (len(unit) - 1) for unit in kept
    )
    expected = 2 * sum(a != b for a, b in combinations(everything, 2))
    return 1 - (n - 1) * observed / expected if expected else None


@given(UNITS)
def test_alpha_is_what_its_definition_says(units):
    estimate = krippendorff_alpha(units)
    expected = _alpha_by_pairs(units)
    if expected is None:
        assert estimate == NOT_MEASURED
        return
    assert estimate.value == pytest.approx(expected)
    low, high = _ends(estimate.interval)
    assert low <= estimate.value <= high <= 1
    assert low < high


@given(UNITS, st.permutations([0, 1, 2]))
def test_neither_raters_nor_units_have_an_order(units, order):
    shuffled = [[unit[i] for i in order] for unit in reversed(units)]
    clusters = np.arange(len(units))
    one = krippendorff_alpha(units, clusters=clusters)
    other = krippendorff_alpha(shuffled, clusters=clusters[::-1])
    assert one == other


def test_alpha_of_perfect_agreement_is_not_taken_to_be_certain():
    few, many = (krippendorff_alpha(_units("ab" * half, "ab" * half)) for half in (3, 60))
    assert few.value == many.value == 1.0
    assert _ends(few.interval)[0] < 0.3
    assert 0.9 < _ends(many.interval)[0] < 0.95
    assert _ends(many.interval)[1] == 1.0


def test_alpha_is_not_measured_without_pairs_or_without_variety():
    assert krippendorff_alpha([]) == NOT_MEASURED
    assert krippendorff_alpha(_units("ab.", "..c")) == NOT_MEASURED
    assert krippendorff_alpha(_units("aaa", "aaa")) == NOT_MEASURED


def test_fewer_than_six_units_have_no_interval_to_speak_of():
    nothing = Interval(-1.0, 1.0, "whole range", 0.95)
    assert krippendorff_alpha([["a", "b", "b"]]).interval == nothing
    assert krippendorff_alpha(_units("ababa", "ababa")).interval == nothing
    assert krippendorff_alpha(_units("ababab", "ababab")).interval != nothing
    assert cohen_kappa(Confusion(("a", "b"), ((3, 0), (0, 2)))).interval == nothing
    assert cohen_kappa(Confusion(("a", "b"), ((30, 0), (0, 20))), clusters=5).interval == nothing


def test_clusters_widen_the_interval_of_alpha():
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 60)
    other = np.where(rng.random(60) < 0.8, truth, 1 - truth)
    units = [[str(a), str(b)] for a, b in zip(truth, other, strict=True)] * 3
    alone = _ends(krippendorff_alpha(units).interval)
    clustered = _ends(krippendorff_alpha(units, clusters=list(range(60)) * 3).interval)
    ratio = (clustered[1] - clustered[0]) / (alone[1] - alone[0])
    assert ratio == pytest.approx(math.sqrt(3), rel=0.12)


def test_the_interval_of_alpha_nears_the_jackknifes_with_many_units():
    rng = np.random.default_rng(8)
    first = rng.integers(0, 2, 300)
    other = np.where(rng.random(300) < 0.85, first, 1 - first)
    units = [[str(a), str(b)] for a, b in zip(first, other, strict=True)]
    estimate = krippendorff_alpha(units)
    left = [_alpha_by_pairs(units[:k] + units[k + 1 :]) for k in range(300)]
    error = math.sqrt(299 / 300 * sum((each - sum(left) / 300) ** 2 for each in left))
    reach = float(t.ppf(0.975, 299)) * error
    assert estimate.value is not None
    ends = estimate.value - reach, estimate.value + reach
    assert _ends(estimate.interval) == pytest.approx(ends, abs=0.02)


@pytest.mark.parametrize("value", [("ab", "ab"), ("aab", "bba")])
def test_more_of_the_same_narrows_both_intervals(value):
    alphas = [krippendorff_alpha(_units(*(side * times for side in value))) for times in (4, 16)]
    tables = [cohen_kappa(confusion(value[0] * times, value[1] * times, "ab")) for times in (4, 16)]
    for few, many in (alphas, tables):
        (low, high), (lower, upper) = _ends(few.interval), _ends(many.interval)
        assert upper - lower < high - low


def test_no_alpha_is_below_minus_1():
    estimate = krippendorff_alpha(_units("aab", "bba"))
    noisy = krippendorff_alpha(_units("aaba", "bbaa"))
    assert estimate.interval is not None and noisy.interval is not None
    assert estimate.interval.low >= -1 and noisy.interval.low == -1


def test_clusters_of_another_length_are_an_error():
    with pytest.raises(ValueError, match="clusters has shape"):
        krippendorff_alpha([["a", "b"]], clusters=np.arange(2))


def test_chance_agreement_gives_an_alpha_about_0():
    rng = np.random.default_rng(6)
    units = rng.choice(["a", "b", "c"], size=(400, 3)).tolist()
    estimate = krippendorff_alpha(units)
    low, high = _ends(estimate.interval)
    assert estimate.value == pytest.approx(0, abs=0.07)  # about three standard errors
    assert 0.05 < high - low < 0.15


@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=3, max_size=3))
def test_kappa_matches_statsmodels_and_its_interval_the_large_sample_one_in_large_samples(counts):
    table = Confusion(("a", "b", "c"), tuple(map(tuple, counts)))
    found = cohen_kappa(table)
    if found.value is None:
        return
    with np.errstate(all="ignore"):
        theirs = cohens_kappa(np.array(counts, dtype=float))
    assert found.value == pytest.approx(theirs.kappa, abs=1e-9)
    many = cohen_kappa(
        Confusion(("a", "b", "c"), tuple(tuple(50 * x for x in row) for row in counts))
    )
    error = theirs.std_kappa / math.sqrt(50)
    if sum(map(sum, counts)) >= 40 and 0.0 < theirs.std_kappa < 0.2:
        ends = theirs.kappa - 1.96 * error, theirs.kappa + 1.96 * error
        assert _ends(many.interval) == pytest.approx(ends, abs=max(0.01, 0.3 * error))
