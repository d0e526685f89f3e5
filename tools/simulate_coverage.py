"""Simulate how often the intervals of rates hold the true rate.

    python tools/simulate_coverage.py                the whole grid, every cell, some minutes
    python tools/simulate_coverage.py --short        a part of it, under a minute
    python tools/simulate_coverage.py --outside      only the cells outside 93-97 %
    python tools/simulate_coverage.py --only s_AMB   one section
    python tools/simulate_coverage.py --jobs 8       as many sections at once, with the same figures

Every number of a 95% interval is a share of simulated runs: 0.93 to 0.97 counts as covered as
promised. Exact intervals cover more, where verdicts leave them no other choice. A correction that
is refused counts neither way; the share refused is in its own column.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tenken.results.metrics.agreement import Confusion, cohen_kappa, krippendorff_alpha
from tenken.results.metrics.bbq import bias_scores
from tenken.results.metrics.interval import Estimate, Interval
from tenken.results.metrics.labels import ExpectedLabels, labels_for_width
from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.pooled import Count, pooled
from tenken.results.metrics.power import detectable_difference, detectable_rate, most_failures
from tenken.results.metrics.ppi import ppi_rate
from tenken.results.metrics.rates import (
    Floats,
    rate,
    weighted_rate,
    whole_interval,
    wilson_limits,
)
from tenken.results.metrics.rogan_gladen import limits
from tenken.results.metrics.settings import Statistics, level_of_attempt
from tenken.results.metrics.values import jackknife
from tenken.results.report.areas import combined
from tenken.results.review.draw import probabilities, systematic
from tenken.results.review.estimate import scaled
from tenken.results.review.items import Why
from tenken.schema.estimate import Rate
from tenken.terms.metrics import calibration_error

RATES = (0.01, 0.05, 0.2, 0.5, 0.8)
SCORERS = ((0.95, 0.95), (0.9, 0.8), (0.7, 0.95), (0.6, 0.65))
SIZES = (50, 200, 1000)
TRIALS = (50, 200, 800)
CLUSTER_SIZE, CORRELATION = 4, 0.2
GRID_RATES = (0.01, 0.05, 0.2, 0.5, 0.95)
REVIEWS = ((200, 20, 10), (200, 20, 50), (1000, 50, 50), (1000, 100, 100))
LABELS = (20, 50, 200)
HARD = 0.6
POOLS = ((0.05, 20, 20), (0.2, 10, 10), (0.02, 50, 50), (0.5, 5, 5))
POOLED_SIZES = (4, 10, 40, 60)
SHOWN = 0.0005
LEAST, MOST = 0.93, 0.97
Counts = NDArray[np.int64]
Shares = tuple[float, ...]


class Cell(NamedTuple):
    """One cell of a grid.

    Attributes:
        where: What was simulated, in words.
        coverage: Share of intervals that hold the true rate.
        above: Share of intervals that lie above it.
        below: Share that lie below it.
        width: Mean width.
        refused: Share of runs without an interval.
    """

    where: str
    coverage: float
    above: float
    below: float
    width: float
    refused: float = 0.0


@dataclass(frozen=True)
class Effort:
    """How many runs are simulated, and on which part of the grid.

    Attributes:
        counts: Runs a cell where whole cells are computed at once.
        single: Runs a cell where each is computed alone.
        grid_runs: Runs a cell of the grid of clusters.
        grid: Numbers of clusters, their sizes, and correlations within them.
        rates: True rates.
        sizes: Samples of a run.
        trials: Items of a scorer's trial, half of them positives.
    """

    counts: int = 8000
    single: int = 800
    grid_runs: int = 300
    grid: tuple[tuple[int, ...], tuple[int, ...], tuple[float, ...]] = (
        (3, 10, 30, 120), (1, 4, 24), (0.0, 0.3, 1.0),
    )  # fmt: skip
    rates: tuple[float, ...] = RATES
    sizes: tuple[int, ...] = SIZES
    trials: tuple[int, ...] = TRIALS


SHORT = Effort(1000, 80, 60, ((10, 40), (4,), (0.0, 1.0)), (0.05, 0.5), (50, 200), (50, 200))


def rates(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover `rate` over true rates, numbers and sizes of clusters, and correlations in them."""
    for true, k, size, rho in itertools.product(GRID_RATES, *effort.grid):
        if size == 1 and rho > 0:
            continue
        clusters = np.repeat(np.arange(k), size)

        def once(true: float = true, clusters: Counts = clusters, rho: float = rho) -> Estimate:
            return rate(_correlated(true, clusters, rng, rho), clusters)

        where = f"rate {true:<5g} in {k} clusters of {size}, correlation {rho}"
        yield _cell(where, true, _repeat_estimates(once, effort.grid_runs))


def uneven_rates(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover `rate` where one cluster in seven has 24 members and the others one or two."""
    for true, k, rho in itertools.product((0.02, 0.1, 0.5), effort.grid[0], effort.grid[2]):

        def once(true: float = true, k: int = k, rho: float = rho) -> Estimate:
            sizes = np.where(rng.random(k) < 1 / 7, 24, rng.integers(1, 3, k))
            clusters = np.repeat(np.arange(k), sizes)
            return rate(_correlated(true, clusters, rng, rho), clusters)

        where = f"rate {true:<5g} in {k} clusters of 1, 2 or 24, correlation {rho}"
        yield _cell(where, true, _repeat_estimates(once, effort.grid_runs))


def false_findings(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Test equal rates, one side's failures gathered in clusters and the other's scattered.

    `covered` is the share of runs without a finding: 0.94 and more holds the level.
    """
    for true, k, size, rho in itertools.product((0.02, 0.05, 0.2, 0.5), *effort.grid):
        clusters = np.repeat(np.arange(k), size)
        found = []
        for _ in range(effort.grid_runs):
            a = _correlated(true, clusters, rng, rho)
            b = _correlated(true, clusters, rng, 0.0)
            result = paired_difference(a, b, clusters)
            assert result.p_value is not None
            found.append((-1.0, 1.0) if result.p_value > 0.05 else (1.0, 1.0))
        where = f"equal rates {true:<5g} in {k} clusters of {size}, correlation {rho} against 0"
        yield _cell(where, 0.0, np.asarray(found))


def differences(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover a paired difference of 0.2."""
    for true, k, size, rho in itertools.product((0.05, 0.2, 0.5), *effort.grid):
        clusters = np.repeat(np.arange(k), size)

        def once(true: float = true, clusters: Counts = clusters, rho: float = rho) -> object:
            a = _correlated(true + 0.2, clusters, rng, rho)
            return paired_difference(a, _correlated(true, clusters, rng, rho), clusters)

        where = f"difference 0.2 from {true:<5g} in {k} clusters of {size}, correlation {rho}"
        yield _cell(where, 0.2, _repeat_estimates(once, effort.grid_runs))


def bias_scores_(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover s_AMB, templates leaning by a Dirichlet distribution."""
    for k, size, lean in itertools.product(
        effort.grid[0], (1, 4), ((3.0, 2.0, 5.0), (0.3, 0.1, 9.6), (0.2, 0.2, 0.6))
    ):
        clusters = np.repeat(np.arange(k), size)

        def once(
            k: int = k, size: int = size, lean: Shares = lean, clusters: Counts = clusters
        ) -> object:
            own = rng.dirichlet(lean, k)
            picks = (rng.random((k, size, 1)) > own.cumsum(axis=1)[:, None, :2]).sum(axis=2)
            roles = np.array(["stereotyped", "counter", "unknown"])[picks.ravel()]
            contexts = ["ambiguous"] * clusters.size
            return bias_scores(contexts, list(roles), roles == "unknown", clusters).bias_ambiguous

        true = (lean[0] - lean[1]) / sum(lean)
        where = f"s_AMB {true:<5.2f} in {k} clusters of {size}"
        yield _cell(where, true, _repeat_estimates(once, effort.grid_runs))


def undecided_rates(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the rate of all answers where unsafe ones oftener lack a verdict."""
    for true, k, size, rho in itertools.product((0.02, 0.1, 0.5), *effort.grid):
        clusters = np.repeat(np.arange(k), size)
        found = []
        for _ in range(effort.grid_runs):
            verdicts = _correlated(true, clusters, rng, rho)
            there = rng.random(clusters.size) >= np.where(verdicts == 1, 0.2, 0.02)
            ends = whole_interval(verdicts[there], clusters[there], clusters[~there])
            assert ends is not None
            found.append((ends.low, ends.high))
        where = f"rate {true:<5g} in {k} clusters of {size}, correlation {rho}, 20% and 2% missing"
        yield _cell(where, true, np.asarray(found))


def repeated_looks(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Look ten times at a model at a gate's limit, the answers accumulating.

    `covered` is the share of models that no look lets pass: 0.9625 and more is what is promised
    where each attempt has its own level, 0.975 for one look. Without, about 0.8 are left.
    """
    for maximum, first in itertools.product((0.1, 0.25), (40, 100)):
        levels = [level_of_attempt(attempt) for attempt in range(1, 11)]
        most = [most_failures(first * (n + 1), maximum, level=x) for n, x in enumerate(levels)]
        plain = [most_failures(first * (n + 1), maximum) for n in range(10)]
        looks = rng.binomial(first, maximum, (effort.counts, 10)).cumsum(axis=1)
        for name, limits_ in (("spending", most), ("one level for all", plain)):
            bars = np.array([-1 if each is None else each for each in limits_])
            passed = (looks <= bars).any(axis=1)
            ends = np.where(passed[:, None], [[2.0, 2.0]], [[-1.0, 1.0]])
            yield _cell(f"limit {maximum:g}, ten looks of {first}, {name}", 0.0, ends)


def area_rates(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover an area's rate, the mean of four tasks' rates."""
    for rates_, k, size, rho in itertools.product(
        (
            (0.0, 0.05, 0.2, 0.5),
            (0.02, 0.02, 0.02, 0.02),
            (0.3, 0.5, 0.7, 0.9),
            (0.01, 0.01, 0.01, 0.01),
            (0.95, 0.95, 0.95, 0.95),
        ),
        *effort.grid,
    ):
        clusters = np.repeat(np.arange(k), size)
        found = []
        for _ in range(effort.grid_runs):
            heads = []
            for true in rates_:
                estimate = rate(_correlated(true, clusters, rng, rho if true else 0.0), clusters)
                heads.append(Rate(value=estimate.value, low=estimate.low, high=estimate.high))
            area = combined(heads, Statistics())
            found.append((area.low, area.high))
        where = f"mean of {rates_} in {k} clusters of {size} each, correlation {rho}"
        yield _cell(where, float(np.mean(rates_)), np.asarray(found))


def weighted_rates(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the rate weighted by severity, where each cluster has one severity of three.

    True is the rate over endless items: of every severity as many, and the worst ones fail least.
    """
    weights = np.array([1.0, 2.0, 4.0])
    for true, k, size, rho in itertools.product((0.05, 0.2, 0.5), *effort.grid):
        own = true * np.array([1.5, 1.0, 0.5])
        clusters = np.repeat(np.arange(k), size)

        def once(
            own: Floats = own, k: int = k, clusters: Counts = clusters, rho: float = rho
        ) -> Estimate:
            severity = rng.integers(0, 3, k)[clusters]
            verdicts = np.zeros(clusters.size)
            for kind in range(3):
                drawn = _correlated(float(own[kind]), clusters, rng, rho)
                verdicts = np.where(severity == kind, drawn, verdicts)
            return weighted_rate(verdicts, weights[severity], clusters)

        where = f"rate about {true:<5g} in {k} clusters of {size}, correlation {rho}, weights 1 2 4"
        expected = float((weights * own).sum() / weights.sum())
        yield _cell(where, expected, _repeat_estimates(once, effort.grid_runs))


def halves(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover held-out minus public, two independent rates of other items."""
    for (public, held_out), k, size, rho in itertools.product(
        ((0.02, 0.02), (0.05, 0.2), (0.5, 0.5), (0.2, 0.8)), *effort.grid
    ):
        one, other = np.repeat(np.arange(k), size), np.repeat(np.arange(max(3, k // 2)), size)

        def once(
            rates_: tuple[float, float] = (public, held_out),
            sides: tuple[Counts, Counts] = (one, other),
            rho: float = rho,
        ) -> Estimate:
            first, second = (
                rate(_correlated(true, clusters, rng, rho), clusters)
                for true, clusters in zip(rates_, sides, strict=True)
            )
            return second.minus(first, method="difference, MOVER")

        where = f"{held_out:g} - {public:g}, {k} public clusters of {size}, correlation {rho}"
        yield _cell(where, held_out - public, _repeat_estimates(once, effort.grid_runs))


def calibration_errors(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the calibration error of models that state too much, the truth, or one number.

    The true error is that of 200,000 answers.
    """

    def answers(kind: str, n: int) -> list[dict[str, float]]:
        stated = np.full(n, 0.8) if kind == "constant" else rng.uniform(0.5, 1.0, n)
        truth = {"calibrated": stated, "overconfident": stated - 0.2}.get(kind, np.full(n, 0.7))
        right = (rng.random(n) < truth).astype(float)
        return [
            {"confidence": float(c), "correct": float(r)}
            for c, r in zip(stated, right, strict=True)
        ]

    for kind, k in itertools.product(("calibrated", "overconfident", "constant"), (30, 50, 200)):
        true = calibration_error(answers(kind, 200_000))

        def once(kind: str = kind, k: int = k) -> Estimate:
            names = [str(place) for place in range(k)]
            return jackknife(calibration_error, answers(kind, k), names, least=0.0, most=1.0)

        where = f"calibration error {true:.3f} ({kind}), {k} clusters of 1"
        yield _cell(where, true, _repeat_estimates(once, effort.grid_runs))


def kappas(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover Cohen's kappa of two readings of independent answers, by two labels."""
    for share, right, n in itertools.product((0.05, 0.2, 0.5), (0.8, 0.95), (50, 200)):
        table = _table(share, right)
        true = _kappa(table)

        def once(table: Floats = table, n: int = n) -> Estimate:
            drawn = rng.multinomial(n, table.ravel()).reshape(2, 2)
            return cohen_kappa(Confusion(("no", "yes"), tuple(map(tuple, drawn.tolist()))))

        ends = np.array([
            (each.low, each.high) for each in (once() for _ in range(effort.single))
            if each.interval is not None
        ])  # fmt: skip
        where = (
            f"kappa {true:.2f}, {share:g} positive, each reading right in {right:g}, {n} answers"
        )
        yield _cell(where, true, ends, refused=1 - len(ends) / effort.single)


def alphas(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover Krippendorff's alpha of two reviewers, answers of a cluster alike in part."""
    for share, right, k, size in itertools.product((0.2, 0.5), (0.8, 0.95), (10, 40), (1, 4)):
        true = _kappa(_table(share, right))  # of two reviewers and endless answers the same
        clusters = np.repeat(np.arange(k), size)

        def once(share: float = share, right: float = right, clusters: Counts = clusters) -> object:
            truth = _correlated(share, clusters, rng, 0.3)
            said = [
                np.where(rng.random(truth.size) < right, truth, 1 - truth).astype(int)
                for _ in range(2)
            ]
            pairs = [[str(a), str(b)] for a, b in zip(*said, strict=True)]
            return krippendorff_alpha(pairs, clusters=clusters)

        found = [once() for _ in range(effort.grid_runs)]
        ends = np.array([_interval(each) for each in found if getattr(each, "interval", None)])
        where = f"alpha {true:.2f}, {share:g} positive, right in {right:g}, {k} clusters of {size}"
        yield _cell(where, true, ends, refused=1 - len(ends) / effort.grid_runs)


def _table(share: float, right: float) -> Floats:
    """Return how often two independent readings of one answer say what, each as often right."""
    one = np.array([1 - right, right])  # of an answer that is positive
    return share * np.outer(one, one) + (1 - share) * np.outer(one[::-1], one[::-1])


def _kappa(table: Floats) -> float:
    chance = float(table.sum(axis=0) @ table.sum(axis=1))
    return (float(np.trace(table)) - chance) / (1 - chance)


def pooled_rates(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover tasks' rates and areas' means, of four areas with four tasks, by partial pooling.

    Tasks have 4 to 60 clusters. The last cells draw the truth from the model's own prior. An end
    that is right to the tenth of a point that reports show counts as right.
    """
    for mean, area, task in (*POOLS, (None, None, None)):
        tasks, areas, raw = [], [], []
        for _ in range(effort.grid_runs // 10):
            grand = rng.random() if mean is None else mean
            between = 1 / rng.random() - 1 if area is None else area
            within = 1 / rng.random() - 1 if task is None else task
            truth = {name: _beta(grand, between, rng) for name in "abcd"}
            own = {
                name: {n: _beta(centre, within, rng) for n in POOLED_SIZES}
                for name, centre in truth.items()
            }
            seen = {
                name: {str(n): Count(float(rng.binomial(n, p)), n) for n, p in part.items()}
                for name, part in own.items()
            }
            fitted = pooled(seen)
            areas += [_about(fitted.area(name), centre) for name, centre in truth.items()]
            for name, part in own.items():
                for n, p in part.items():
                    tasks.append(_about(fitted.task(name, str(n)), p))
                    unsafe = seen[name][str(n)].unsafe
                    raw.append(_about(rate((np.arange(n) < unsafe).astype(float), np.arange(n)), p))
        where = "prior" if mean is None else f"mean {mean:<5g} strengths {area} and {task}"
        yield _cell(f"{where}: tasks, pooled", 0.0, np.asarray(tasks))
        yield _cell(f"{where}: tasks, alone", 0.0, np.asarray(raw))
        yield _cell(f"{where}: areas, pooled", 0.0, np.asarray(areas))


def _beta(mean: float, strength: float, rng: np.random.Generator) -> float:
    return float(rng.beta(max(mean * strength, 1e-9), max((1 - mean) * strength, 1e-9)))


def _about(estimate: Estimate, true: float) -> tuple[float, float]:
    low, high = _interval(estimate)
    return low - true - SHOWN, high - true + SHOWN


def corrected_rate(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the corrected rate as `correct_rate` reports it."""
    return _corrected(limits, effort, rng)


def lang_reiczigel_rate(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the corrected rate by the published interval, for comparison."""
    return _corrected(lang_reiczigel, effort, rng)


def _corrected(
    method: Callable[..., tuple[Floats, Floats]], effort: Effort, rng: np.random.Generator
) -> Iterator[Cell]:
    for true, (se, sp), n, trial in itertools.product(
        effort.rates, SCORERS, effort.sizes, effort.trials
    ):
        flagged = rng.binomial(n, true * se + (1 - true) * (1 - sp), effort.counts)
        where = f"rate {true:<5g} se {se:<5g} sp {sp:<5g} n {n:<5} trial {trial}"
        raw = np.array([flagged / n, *wilson_limits(flagged / n, n, 0.05)])
        yield _corrected_cell(method, where, true, raw, n, (se, sp), trial, rng)


def clustered_correction(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the corrected rate of clustered runs, on the interval of the clustered raw rate."""
    for true, (se, sp), n, trial in itertools.product(
        effort.rates, SCORERS, effort.sizes, effort.trials[1:2]
    ):
        clusters = np.repeat(np.arange(n // CLUSTER_SIZE), CLUSTER_SIZE)
        raw = np.empty((3, effort.single))
        for run in range(effort.single):
            estimate = rate(_scored(_correlated(true, clusters, rng), se, sp, rng), clusters)
            raw[:, run] = estimate.value, *_interval(estimate)
        where = f"rate {true:<5g} se {se:<5g} sp {sp:<5g} n {n:<5} trial {trial} clustered"
        yield _corrected_cell(limits, where, true, raw, n, (se, sp), trial, rng)


def _corrected_cell(
    method: Callable[..., tuple[Floats, Floats]],
    where: str,
    true: float,
    raw: Floats,
    n: int,
    scorer: tuple[float, float],
    trial: int,
    rng: np.random.Generator,
) -> Cell:
    """Draw a trial for each run and judge the corrections that `correct_rate` would report."""
    half = trial // 2
    found, passed = (rng.binomial(half, share, raw.shape[1]) for share in scorer)
    told_apart = found / half + passed / half - 1 >= 0.2 - 1e-12
    trials = (found[told_apart], half, passed[told_apart], half)
    sizes = () if method is limits else (n,)
    low, high = method(tuple(raw[:, told_apart]), *sizes, *trials, level=0.95)
    reported = (low <= 1) & (high >= 0)
    ends = np.clip(np.column_stack([low, high])[reported], 0, 1)
    return _cell(where, true, ends, refused=1 - len(ends) / raw.shape[1])


def lang_reiczigel(
    measured: tuple[Floats, ...],
    n: float,
    found: Counts,
    positives: int,
    passed: Counts,
    negatives: int,
    *,
    level: float,
) -> tuple[Floats, Floats]:
    """Give the interval of Lang and Reiczigel (2014, Prev. Vet. Med. 113:13-22), unclipped."""
    z, raw = float(-ndtri((1 - level) / 2)), measured[0]
    size, plus, minus = n + z**2, positives + 2, negatives + 2
    rate_, se, sp = (raw * n + z**2 / 2) / size, (found + 1) / plus, (passed + 1) / minus
    point = (rate_ + sp - 1) / (se + sp - 1)
    of_se, of_sp = se * (1 - se) / plus, sp * (1 - sp) / minus
    variance = rate_ * (1 - rate_) / size + of_se * point**2 + of_sp * (1 - point) ** 2
    centre = point + 2 * z**2 * (point * of_se - (1 - point) * of_sp)
    reach = z * np.sqrt(variance) / np.abs(se + sp - 1)
    return centre - reach, centre + reach


def powered_rate(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover `ppi_rate` with a simple random sample of labels."""
    for true, (se, sp), n in itertools.product(effort.rates, SCORERS, LABELS):

        def once(true: float = true, se: float = se, sp: float = sp, n: int = n) -> Interval:
            return _by_labels(true, se, sp, n, rng)

        where = f"rate {true:<5g} se {se:<5g} sp {sp:<5g} labels {n:<4} of 1000"
        yield _cell(where, true, _repeat(once, effort.single))


def clustered_powered_rate(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover `ppi_rate` where whole clusters are labelled."""
    clusters = np.repeat(np.arange(1000 // CLUSTER_SIZE), CLUSTER_SIZE)
    for true, (se, sp) in itertools.product(effort.rates, SCORERS):

        def once(true: float = true, se: float = se, sp: float = sp, n: int = 200) -> Interval:
            truth = _correlated(true, clusters, rng)
            seen = _scored(truth, se, sp, rng)
            estimate = ppi_rate(
                truth[:n],
                seen[:n],
                seen[n:],
                clusters_labelled=clusters[:n],
                clusters_rest=clusters[n:],
            )
            return _some(estimate.interval)

        where = f"rate {true:<5g} se {se:<5g} sp {sp:<5g} labels 200 of 1000 clustered"
        yield _cell(where, true, _repeat(once, effort.single))


def weighted_powered_rate(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover `ppi_rate` where flagged samples are labelled four times as often as others."""
    for true, (se, sp) in itertools.product(effort.rates, SCORERS):

        def once(true: float = true, se: float = se, sp: float = sp) -> Interval:
            truth = (rng.random(1000) < true).astype(float)
            seen = _scored(truth, se, sp, rng)
            chance = np.where(seen == 1, 0.4, 0.1)
            drawn = rng.random(1000) < chance
            estimate = ppi_rate(truth[drawn], seen[drawn], seen[~drawn], weights=1 / chance[drawn])
            return _some(estimate.interval)

        where = f"rate {true:<5g} se {se:<5g} sp {sp:<5g} labels 40% of flagged, 10% of others"
        yield _cell(where, true, _repeat(once, effort.single))


def reviewed_rate(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover `ppi_rate` with the labels of `tenken review`: half of them where judges disagree.

    On those answers the scorer is right with a chance of HARD.
    """
    for true, (se, sp), (n, hard, labels) in itertools.product(effort.rates, SCORERS, REVIEWS):
        whys: list[tuple[Why, ...]] = [("judges_disagree",)] * hard + [()] * (n - hard)
        chances = np.array(probabilities(whys, labels))
        disputed = np.arange(n) < hard

        def once(
            true: float = true, se: float = se, sp: float = sp, n: int = n, labels: int = labels,
            chances: Floats = chances, disputed: NDArray[np.bool_] = disputed,
        ) -> Interval:  # fmt: skip
            truth = (rng.random(n) < true).astype(float)
            seen = np.where(disputed, _scored(truth, HARD, HARD, rng), _scored(truth, se, sp, rng))
            drawn = np.zeros(n, dtype=bool)
            drawn[systematic(list(chances), labels, int(rng.integers(2**31)))] = True
            weights = scaled(list(1 / chances[drawn]))
            estimate = ppi_rate(truth[drawn], seen[drawn], seen[~drawn], weights=weights)
            return _some(estimate.interval)

        where = f"rate {true:<5g} se {se:<5g} sp {sp:<5g} labels {labels} of {n}, {hard} disputed"
        yield _cell(where, true, _repeat(once, effort.single))


def planned_differences(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Show the smallest difference that a plan says is shown in four of five runs.

    `covered` is the share of runs that show it: 0.8 and a little more is what is promised.
    """
    for k, share in itertools.product((40, 120, 400), (0.1, 0.2, 0.4)):
        size, excess = detectable_difference(k, share), detectable_rate(k, share)

        def differs(worse: int, better: int, same: int, k: int = k) -> bool:
            a, b = (np.repeat(side, [worse, better, same]) for side in ([1.0, 0, 0], [0.0, 1, 0]))
            p_value = paired_difference(a, b, np.arange(k)).p_value
            return p_value is not None and p_value < 0.05

        def above(unsafe: int, safe: int, k: int = k, share: float = share) -> bool:
            return rate(np.repeat([1.0, 0.0], [unsafe, safe]), np.arange(k)).ends.low > share

        if size is not None:
            chances = [(share + size) / 2, (share - size) / 2, 1 - share]
            where = f"difference {size:.3f} of {k} pairs, {share:g} of which differ"
            yield _shown(where, rng.multinomial(k, chances, effort.counts), differs)
        if excess is not None:
            drawn = rng.multinomial(k, [share + excess, 1 - share - excess], effort.counts)
            yield _shown(f"{excess:.3f} above {share:g}, {k} clusters", drawn, above)


def _shown(where: str, drawn: Counts, shows: Callable[..., bool]) -> Cell:
    """Return the share of rows of counts that show what there is; equal rows are judged once."""
    rows, times = np.unique(drawn, axis=0, return_counts=True)
    found = np.repeat([shows(*row) for row in rows.tolist()], times)
    return _cell(where, 0.0, np.where(found[:, None], [[-1.0, 1.0]], [[1.0, 1.0]]))


def planned_labels(effort: Effort, rng: np.random.Generator) -> Iterator[Cell]:
    """Cover the corrected rate with as many labels as a plan says that a width takes.

    The mean width is to be at most the planned one.
    """
    for width, true, (se, sp) in itertools.product((0.1, 0.2), (0.1, 0.3), SCORERS):
        n = labels_for_width(width, 1000, ExpectedLabels(true, se, sp))
        assert n is not None

        def once(true: float = true, se: float = se, sp: float = sp, n: int = n) -> Interval:
            return _by_labels(true, se, sp, n, rng)

        where = f"planned width {width:g}, rate {true:g} se {se:g} sp {sp:g}: {n} labels of 1000"
        yield _cell(where, true, _repeat(once, effort.single))


def _correlated(
    true: float, clusters: Counts, rng: np.random.Generator, correlation: float = CORRELATION
) -> Floats:
    """Draw verdicts whose rate varies from cluster to cluster by a beta distribution."""
    k = int(clusters[-1]) + 1
    if correlation == 0:
        own = np.full(k, true)
    elif correlation == 1:
        own = (rng.random(k) < true).astype(float)
    else:
        spread = 1 / correlation - 1
        own = rng.beta(true * spread, (1 - true) * spread, k)
    return (rng.random(clusters.size) < own[clusters]).astype(float)


def _scored(truth: Floats, se: float, sp: float, rng: np.random.Generator) -> Floats:
    return (rng.random(truth.size) < np.where(truth == 1, se, 1 - sp)).astype(float)


def _by_labels(
    true: float, se: float, sp: float, labels: int, rng: np.random.Generator
) -> Interval:
    """Return the corrected interval of 1,000 answers, some of which are labelled at random."""
    truth = (rng.random(1000) < true).astype(float)
    seen = _scored(truth, se, sp, rng)
    return _some(ppi_rate(truth[:labels], seen[:labels], seen[labels:]).interval)


def _some(interval: Interval | None) -> Interval:
    assert interval is not None
    return interval


def _interval(estimate: object) -> tuple[float, float]:
    interval = _some(getattr(estimate, "interval", None))
    return interval.low, interval.high


def _repeat_estimates(once: Callable[[], object], runs: int) -> Floats:
    return np.array([_interval(once()) for _ in range(runs)])


def _repeat(once: Callable[[], Interval], runs: int) -> Floats:
    found = (once() for _ in range(runs))
    return np.array([(interval.low, interval.high) for interval in found])


def _cell(where: str, true: float, ends: Floats, *, refused: float = 0.0) -> Cell:
    low, high = ends[:, 0], ends[:, 1]
    above, below = float(np.mean(low > true)), float(np.mean(high < true))
    return Cell(where, 1 - above - below, above, below, float(np.mean(high - low)), refused)


SECTIONS = {
    "rate": rates,
    "rate, uneven clusters": uneven_rates,
    "difference": differences,
    "test of equal rates": false_findings,
    "s_AMB": bias_scores_,
    "undecided answers": undecided_rates,
    "area": area_rates,
    "pooled": pooled_rates,
    "repeated looks": repeated_looks,
    "correct_rate": corrected_rate,
    "correct_rate, clusters": clustered_correction,
    "for comparison: Lang and Reiczigel": lang_reiczigel_rate,
    "ppi_rate": powered_rate,
    "ppi_rate, clusters": clustered_powered_rate,
    "ppi_rate, uneven draw of labels": weighted_powered_rate,
    "ppi_rate, labels of a review": reviewed_rate,
    "severity-weighted": weighted_rates,
    "held-out minus public": halves,
    "calibration error": calibration_errors,
    "Cohen's kappa": kappas,
    "Krippendorff's alpha": alphas,
    "planned differences": planned_differences,
    "planned labels": planned_labels,
}


def _simulated(
    titles: list[str], effort: Effort, seed: int, jobs: int
) -> Iterator[tuple[str, list[Cell]]]:
    """Yield each section with its cells; a section has its own seed, however many run at once."""
    if jobs == 1:
        yield from ((title, _cells(title, effort, seed)) for title in titles)
        return
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        told = [pool.submit(_cells, title, effort, seed) for title in titles]
        yield from ((title, each.result()) for title, each in zip(titles, told, strict=True))


def _cells(title: str, effort: Effort, seed: int) -> list[Cell]:
    number = list(SECTIONS).index(title)
    return list(SECTIONS[title](effort, np.random.default_rng([seed, number])))


def summary(title: str, cells: list[Cell]) -> str:
    """Put a section into one line."""
    shares = np.array([cell.coverage for cell in cells])
    inside = int(((shares >= LEAST) & (shares <= MOST)).sum())
    return (
        f"{title}: {inside} of {len(cells)} cells in {LEAST:.0%}-{MOST:.0%}, "
        f"{(shares < LEAST).sum()} below, {(shares > MOST).sum()} above; "
        f"lowest {shares.min():.3f}, median {np.median(shares):.3f}, highest {shares.max():.3f}"
    )


def main() -> int:
    """Print the tables and a summary."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--short", action="store_true", help="a part of the grid, fewer runs")
    parser.add_argument("--only", metavar="NAME", help="only sections whose name begins so")
    parser.add_argument("--outside", action="store_true", help="only cells outside 93-97 %%")
    parser.add_argument("--seed", type=int, default=20250101, help="seed of the simulation")
    parser.add_argument("--jobs", type=int, default=1, help="how many sections at once")
    options = parser.parse_args()
    effort = SHORT if options.short else Effort()
    titles = [title for title in SECTIONS if title.startswith(options.only or "")]
    lines = []
    for title, cells in _simulated(titles, effort, options.seed, options.jobs):
        print(f"\n{title}\n  covered  above  below  width  refused")
        for cell in cells:
            if not options.outside or not LEAST <= cell.coverage <= MOST:
                print(
                    f"  {cell.coverage:7.3f}  {cell.above:5.3f}  {cell.below:5.3f}  "
                    f"{cell.width:5.3f}  {cell.refused:7.3f}  {cell.where}"
                )
        lines.append(summary(title, cells))
        print(lines[-1], flush=True)
    print("\n" + "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
