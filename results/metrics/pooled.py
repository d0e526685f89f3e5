"""Rates of tasks that lend each other strength: a beta-binomial model over tasks and areas.

The clusters of a task are draws at its own rate, the rates of an area's tasks come from a beta
distribution about the area's mean, and the means of areas from another. It is the model of Gelman
et al. (Bayesian Data Analysis, 3rd ed. 2013, section 5.3) with one level more. How far tasks of an
area, and areas, agree has the uniform shrinkage prior (Christiansen and Morris 1997, JASA
92:618-632): a correlation between 0 and 1, all alike. Everything is summed over grids: nothing is
drawn, and the same counts give the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np

from tenken.results.metrics.interval import Estimate, Interval
from tenken.results.metrics.rates import Codes, Floats, cluster_table

METHOD: Final = "partial pooling, beta-binomial"
_MEANS: Final = 100
"""Points of the grid of an area's mean."""
_GRAND: Final = 25
_STRENGTHS: Final = 16
_EDGES: Final = 200
"""Points at which the distribution of a task's rate is known; straight lines join them."""
_LEAST: Final = 1e-300
_FEW: Final = 10
"""With fewer clusters, how far members differ is not known well enough to count on."""
_NEGLIGIBLE: Final = 1e-5


class Count(NamedTuple):
    """The counts of a task's clusters.

    Attributes:
        unsafe: How many are unsafe; need not be whole.
        clusters: How many there are; an effective number need not be whole.
    """

    unsafe: float
    clusters: float


@dataclass(frozen=True)
class Posterior:
    """What the counts of tasks say about all their rates together.

    Attributes:
        counts: By area, by task.
        weights: By area, shape (means, strengths): the chance of each mean of the area together
            with each strength of its tasks.
    """

    counts: Mapping[str, Mapping[str, Count]]
    weights: Mapping[str, Floats]

    def area(self, area: str, *, level: float = 0.95) -> Estimate:
        """Return the mean rate of tasks like those of an area: items and tasks are both draws.

        Args:
            area: Name of the area; one of those of `counts`.
            level: Two-sided mass of the credible interval, in (0, 1).

        Returns:
            The posterior mean and interval, in [0, 1]; n is the sum of the tasks' effective
            clusters.
        """
        value = float(self.weights[area].sum(axis=1) @ _mean_grid(_MEANS)[0])
        low, high = self.points(area, None, _tails(level))
        return _estimate(value, low, high, list(self.counts[area].values()), level)

    def task(self, area: str, task: str, *, level: float = 0.95) -> Estimate:
        """Return a task's rate, drawn towards those of the others as far as they agree.

        Args:
            area: Name of the area that the task belongs to.
            task: Name of the task; one of those of `counts[area]`.
            level: Two-sided mass of the credible interval, in (0, 1).

        Returns:
            The posterior mean and interval, in [0, 1]; n is the task's effective number of
            clusters.
        """
        chances, firsts, seconds = self._betas(area, task)
        value = float(chances @ (firsts / (firsts + seconds)))
        low, high = self.points(area, task, _tails(level))
        return _estimate(value, low, high, [self.counts[area][task]], level)

    def points(self, area: str, task: str | None, chances: Floats) -> Floats:
        """Return quantiles of a task's rate, or of an area's mean where no task is named.

        Args:
            area: Name of the area.
            task: Name of one of its tasks; None for the area's mean.
            chances: Shape (k,), cumulative chances in [0, 1], such as 0.025 and 0.975.

        Returns:
            Shape (k,), the rate in [0, 1] at each chance, interpolated on the grid.
        """
        if task is None:
            edges = _mean_grid(_MEANS)[1]
            below = np.concatenate([[0.0], np.cumsum(self.weights[area].sum(axis=1))])
            return np.interp(chances, below, edges)
        from scipy.special import betainc

        edges, (weights, firsts, seconds) = _mean_grid(_EDGES)[1], self._betas(area, task)
        return np.interp(
            chances, weights @ betainc(firsts[:, None], seconds[:, None], edges), edges
        )

    def _betas(self, area: str, task: str) -> tuple[Floats, Floats, Floats]:
        """Return the beta distributions that a task's rate is a mixture of, with their chances."""
        count = self.counts[area][task]
        means, strengths = _mean_grid(_MEANS)[0][:, None], _strength_grid()[0][None, :]
        firsts = count.unsafe + means * strengths
        seconds = count.clusters - count.unsafe + (1 - means) * strengths
        kept = self.weights[area] > _NEGLIGIBLE * self.weights[area].max()
        chances = self.weights[area][kept]
        return chances / chances.sum(), firsts[kept], seconds[kept]


def count_of(verdicts: Floats, clusters: Codes) -> Count:
    """Return a task's counts at its effective number of clusters.

    Each cluster counts once; for more, from ten clusters on, as far as its members differ (Korn and
    Graubard 1998, Survey Methodology 24:193-201), and never for more than its members.

    Args:
        verdicts: Shape (n,), in [0, 1], 1 is unsafe; at least one.
        clusters: Shape (n,), integers or strings: the cluster of each verdict.

    Returns:
        Unsafe clusters (the rate times the effective number) and the effective number, neither of
        which need be whole.
    """
    rate, n = float(np.mean(verdicts)), len(verdicts)
    off = cluster_table(clusters, np.asarray(verdicts) - rate)[:, 0]
    size = float(off.size)
    if off.size >= _FEW and 0 < rate < 1:
        variance = float(off @ off) / n**2 * off.size / (off.size - 1)
        size = min(float(n), max(size, rate * (1 - rate) / max(variance, _LEAST)))
    return Count(rate * size, size)


def pooled(counts: Mapping[str, Mapping[str, Count]]) -> Posterior:
    """Fit the model.

    Args:
        counts: By area, by task; tasks without clusters say nothing and get what the others say.

    Raises:
        ValueError: A task has more unsafe clusters than clusters, or fewer than none.
    """
    for tasks in counts.values():
        for name, count in tasks.items():
            if not 0 <= count.unsafe <= count.clusters + 1e-9:
                raise ValueError(f"{name}: expected 0 to {count.clusters} unsafe, {count.unsafe}")
    spread, prior = _between_areas(), _prior()
    fits = {area: _scaled(list(tasks.values())) for area, tasks in counts.items()}
    # Each area's chance, by grand mean and strength of areas (rows), and strength of tasks.
    chances = {area: np.maximum(spread @ fit, _LEAST) for area, fit in fits.items()}
    whole = sum((np.log(each) for each in chances.values()), np.log(prior))
    grand = np.exp(whole - whole.max())
    grand /= grand.sum()
    weights = {}
    for area, fit in fits.items():
        own = (spread.T @ (grand / chances[area])) * fit
        weights[area] = own / own.sum()
    return Posterior(counts, weights)


def log_marginal(count: Count, mean: Floats, strength: Floats) -> Floats:
    """Return the log chance of a task's count, without its constant.

    Args:
        count: The count.
        mean: Mean of the beta distribution that the task's rate comes from.
        strength: The sum of its two parameters.
    """
    from scipy.special import betaln

    one, two = mean * strength, (1 - mean) * strength
    found: Floats = betaln(one + count.unsafe, two + count.clusters - count.unsafe)
    return found - betaln(one, two)


@dataclass(frozen=True)
class Checks:
    """Posterior predictive checks (Gelman, Meng and Stern 1996, Statistica Sinica 6:733-807).

    Each is the chance that new tasks in the same areas, with as many clusters, show a statistic at
    least as large as that of the run; near 0 or 1 the model does not fit.

    Attributes:
        spread: Of the standard deviation of the tasks' rates.
        highest: Of the highest rate.
        lowest: Of the lowest rate.
    """

    spread: float
    highest: float
    lowest: float


def checks(posterior: Posterior, *, draws: int = 1000, seed: int = 0) -> Checks:
    """Check the model against the counts that it was fitted to; ties count half.

    Args:
        posterior: The fitted model, with its counts.
        draws: How many sets of new tasks are simulated.
        seed: Seed of the random numbers; the same seed gives the same checks.

    Returns:
        Three chances in [0, 1]; 0.5 each where no task has a cluster.
    """
    random, middles = np.random.default_rng(seed), _mean_grid(_MEANS)[0]
    strengths = _strength_grid()[0]
    rates, news = [], []
    for area, tasks in posterior.counts.items():
        weights = posterior.weights[area]
        places = random.choice(weights.size, size=draws, p=weights.ravel())
        means, own = middles[places // strengths.size], strengths[places % strengths.size]
        for count in tasks.values():
            if count.clusters:
                rate = random.beta(means * own + 1e-9, (1 - means) * own + 1e-9)
                news.append(random.binomial(round(count.clusters), rate) / count.clusters)
                rates.append(count.unsafe / count.clusters)
    seen, new = np.array(rates), np.array(news)
    if not rates:
        return Checks(0.5, 0.5, 0.5)
    return Checks(
        spread=_above(new.std(axis=0), float(seen.std())),
        highest=_above(new.max(axis=0), float(seen.max())),
        lowest=_above(new.min(axis=0), float(seen.min())),
    )


def _above(new: Floats, seen: float) -> float:
    near = np.abs(new - seen) < 1e-12
    return float(np.mean(((new > seen) & ~near) + near / 2))


def _scaled(counts: Sequence[Count]) -> Floats:
    """Return the chance of an area's counts by its mean and strength, the largest 1."""
    means, strengths = _mean_grid(_MEANS)[0][:, None], _strength_grid()[0][None, :]
    logs = sum(
        (log_marginal(count, means, strengths) for count in counts if count.clusters),
        np.zeros((_MEANS, _STRENGTHS)),
    )
    chances: Floats = np.exp(logs - logs.max())
    return chances


@lru_cache(maxsize=8)
def _mean_grid(number: int) -> tuple[Floats, Floats]:
    """Return the middles and the edges of a grid of [0, 1] that is finest at its ends."""
    angles = np.linspace(0, np.pi / 2, 2 * number + 1)
    points = np.sin(angles) ** 2
    return points[1::2], points[::2]


@lru_cache(maxsize=1)
def _strength_grid() -> tuple[Floats, Floats]:
    """Return strengths and their prior chances: the correlation 1 / (1 + strength) is uniform."""
    middles, edges = _mean_grid(_STRENGTHS)
    return 1 / middles - 1, np.diff(edges)


@lru_cache(maxsize=1)
def _prior() -> Floats:
    """Return the prior chance of grand mean and strength of areas (rows), and of tasks."""
    grand, strength = np.diff(_mean_grid(_GRAND)[1]), _strength_grid()[1]
    return np.outer(np.outer(grand, strength), strength).astype(np.float64)


@lru_cache(maxsize=1)
def _between_areas() -> Floats:
    """Return the chance of an area's mean (columns) by grand mean and strength of areas."""
    from scipy.special import betainc

    edges = _mean_grid(_MEANS)[1]
    grand = _mean_grid(_GRAND)[0][:, None, None]
    strength = _strength_grid()[0][:, None]
    below = betainc(grand * strength, (1 - grand) * strength, edges)
    found: Floats = np.diff(below, axis=-1).reshape(-1, _MEANS).astype(np.float64)
    return found


def _tails(level: float) -> Floats:
    return np.array([(1 - level) / 2, (1 + level) / 2])


def _estimate(
    value: float, low: np.float64, high: np.float64, counts: Sequence[Count], level: float
) -> Estimate:
    clusters = round(sum(count.clusters for count in counts))
    return Estimate(value, Interval(float(low), float(high), METHOD, level), clusters, clusters)
