"""Partial pooling: a published fit, calibration by simulation, shrinkage, and predictive checks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import betainc
from scipy.stats import kstest

from tenken.results.metrics.pooled import Count, _above, checks, count_of, log_marginal, pooled
from tenken.results.metrics.rates import Floats, rate

# Tumours in 71 groups of rats (Tarone 1982; Gelman et al., Bayesian Data Analysis, table 5.1).
TUMOURS = [*[0] * 14, *[1] * 8, *[2] * 9, 1, 5, 2, 5, 3, 2, 7, 7, 3, 3, 2, 9, 10, *[4] * 7, 10, 4,
           4, 4, 5, 11, 12, 5, 5, 6, 5, *[6] * 4, 16, 15, 15, 9, 4]  # fmt: skip
RATS = [20, 20, 20, 20, 20, 20, 20, 19, 19, 19, 19, 18, 18, 17, 20, 20, 20, 20, 19, 19, 18, 18, 25,
        24, 23, 20, 20, 20, 20, 20, 20, 10, 49, 19, 46, 27, 17, 49, 47, 20, 20, 13, 48, 50, 20, 20,
        20, 20, 20, 20, 20, 48, 19, 19, 19, 22, 46, 49, 20, 20, 23, 19, 22, 20, 20, 20, 52, 46, 47,
        24, 14]  # fmt: skip
GROUPS = {str(n): Count(*pair) for n, pair in enumerate(zip(TUMOURS, RATS, strict=True))}


def test_the_likelihood_gives_the_published_posterior_of_the_rat_tumours() -> None:
    # Section 5.3: p(a, b) ~ (a + b)^-5/2 on this grid of log(a / b) and log(a + b).
    logit, size = np.linspace(-2.3, -1.3, 120)[:, None], np.linspace(1, 5, 120)[None, :]
    strength, mean = np.exp(size), 1 / (1 + np.exp(-logit))
    one, two = mean * strength, (1 - mean) * strength
    logs = np.log(one * two) - 2.5 * size
    logs = logs + sum(log_marginal(count, mean, strength) for count in GROUPS.values())
    weights = np.exp(logs - logs.max())
    weights /= weights.sum()
    assert float((weights * one).sum()) == pytest.approx(2.4, abs=0.05)  # published: 2.4
    assert float((weights * two).sum()) == pytest.approx(14.3, abs=0.1)  # published: 14.3


def test_with_our_prior_the_rat_tumours_come_out_alike() -> None:
    found = pooled({"rats": GROUPS})
    mean = found.area("rats")
    assert mean.value == pytest.approx(2.4 / 16.7, abs=0.003)
    assert mean.low is not None and mean.low > 0.11 and mean.high is not None and mean.high < 0.18
    last = found.task("rats", "70").value  # 4 of 14
    assert last == pytest.approx((2.4 + 4) / (16.7 + 14), abs=0.01)
    assert all(0.05 < p < 0.95 for p in vars(checks(found)).values())


def _beta(mean: float, strength: float, random: np.random.Generator) -> float:
    return float(random.beta(max(mean * strength, 1e-9), max((1 - mean) * strength, 1e-9)))


def test_truths_drawn_from_the_prior_are_anywhere_in_their_posterior_alike() -> None:
    """Simulation-based calibration (Talts et al. 2018, arXiv:1804.06788), without sampling."""
    random, ranks = np.random.default_rng(7), {"area": [], "task": []}
    edges = np.sin(np.linspace(0, np.pi / 2, 101)) ** 2
    for _ in range(60):
        grand, between, within = random.random(), *(1 / random.random(2) - 1)
        counts, truth = {}, {}
        for area in "ab":
            mean = _beta(grand, between, random)
            own = {str(n): _beta(mean, within, random) for n in (6, 30)}
            counts[area] = {n: Count(float(random.binomial(int(n), p)), int(n))
                            for n, p in own.items()}  # fmt: skip
            truth[area] = mean, own
        found = pooled(counts)
        weights, firsts, seconds = found._betas("a", "6")
        below = {
            "area": np.concatenate([[0.0], np.cumsum(found.weights["a"].sum(axis=1))]),
            "task": weights @ betainc(firsts[:, None], seconds[:, None], edges),
        }
        for what, true in (("area", truth["a"][0]), ("task", truth["a"][1]["6"])):
            # Anywhere within its cell of the grid: a rate may be nearer to 0 than any grid is fine.
            cell = int(np.clip(np.searchsorted(edges, true) - 1, 0, 99))
            low, high = below[what][cell : cell + 2]
            ranks[what].append(low + random.random() * (high - low))
    for what, found_ranks in ranks.items():
        assert kstest(found_ranks, "uniform").pvalue > 0.01, what
        assert abs(np.mean(np.abs(np.array(found_ranks) - 0.5) < 0.475) - 0.95) < 0.05, what


def test_four_verdicts_borrow_from_the_others_and_many_do_not() -> None:
    others = {str(n): Count(3, 60) for n in range(6)}
    found = pooled({"a": {**others, "few": Count(0, 4), "odd": Count(45, 60)}})
    few, odd = found.task("a", "few"), found.task("a", "odd")
    alone = rate(np.zeros(4), np.arange(4))
    assert few.high is not None and alone.high is not None and few.high < alone.high
    assert odd.value == pytest.approx(0.75, abs=0.05)
    alike = pooled({"a": {**others, "few": Count(0, 4)}}).task("a", "few")
    assert alike.high is not None and alike.high < 0.15 < few.high


def test_rates_that_the_model_cannot_bring_forth_are_found() -> None:
    even = pooled({"a": {str(n): Count(n % 3, 20) for n in range(12)}})
    assert 0.03 < checks(even).spread < 0.97
    # All exactly alike: draws would differ.
    same = pooled({"a": {str(n): Count(10, 20) for n in range(40)}})
    assert checks(same).spread > 0.97


def test_an_area_is_wider_than_its_tasks_together_and_the_same_each_time() -> None:
    counts = {"a": {"x": Count(2, 60), "y": Count(6, 60)}, "b": {"z": Count(1, 50)}}
    one, two = pooled(counts).area("a"), pooled(counts).area("a")
    assert one == two
    both = rate(np.repeat([1.0, 0.0], [8, 112]), np.arange(120))
    assert one.high - one.low > both.high - both.low  # type: ignore[operator]


def test_members_of_a_cluster_count_as_far_as_they_differ() -> None:
    clusters = np.repeat(np.arange(20), 6)
    random = np.random.default_rng(1)

    def size(verdicts: Floats) -> float:
        return count_of(verdicts, clusters).clusters

    same, apart = np.repeat(random.random(20) < 0.3, 6), random.random(120) < 0.3
    assert size(same.astype(float)) == pytest.approx(20)
    assert 70 < size(apart.astype(float)) <= 120
    assert size(np.zeros(120)) == 20
    assert count_of(np.array([1.0, 0.0, 0.0]), np.array([0, 0, 1])) == Count(2 / 3, 2)


def test_more_unsafe_than_there_are_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 to 3 unsafe"):
        pooled({"a": {"x": Count(4, 3)}})


def test_what_is_as_large_counts_by_half() -> None:
    assert _above(np.array([0.1, 0.3, 0.3, 0.5]), 0.3) == 0.5
    assert _above(np.array([0.3, 0.3]), 0.3) == 0.5
    assert _above(np.array([0.1, 0.5, 0.5, 0.3]), 0.3) == 0.625
