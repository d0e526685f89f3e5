"""Differences of two runs for which tasks lend each other strength: model-based, no finding.

The clusters of a task differ at some rate, and of those that differ a share is worse in the second
run. The chance of what was seen is the product of both, so that each has a model of its own
(`metrics.pooled`), over tasks and areas; the difference is rate * (2 * share - 1).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tenken.results.compare.match import MatchedTask, Pair, match
from tenken.results.compare.runs import ComparedRun
from tenken.results.metrics.interval import Estimate, Interval
from tenken.results.metrics.pooled import METHOD, Checks, Count, Posterior, checks, pooled
from tenken.results.metrics.rates import Floats, cluster_table
from tenken.results.report.figures import counts
from tenken.results.report.pooled import LEAST_TASKS

_POINTS: Final = 200


@dataclass(frozen=True)
class PooledDifferences:
    """A run minus the baseline, over headline measures.

    Attributes:
        baseline: Letter of the baseline.
        run: Letter of the other run.
        areas: The mean difference on tasks like those of each area, with at least two tasks.
        tasks: By full name.
        checks: Whether the models fit: of how often clusters differ, and of which way.
    """

    baseline: str
    run: str
    areas: dict[str, Estimate]
    tasks: dict[str, Estimate]
    checks: tuple[Checks, Checks]


def pooled_differences(runs: Sequence[ComparedRun]) -> list[PooledDifferences]:
    """Return the pooled differences of each run from the first."""
    return [_against(runs[0], run) for run in runs[1:]]


def _against(baseline: ComparedRun, run: ComparedRun) -> PooledDifferences:
    differing: dict[str, dict[str, Count]] = defaultdict(dict)
    worse: dict[str, dict[str, Count]] = defaultdict(dict)
    for area, name, up, down, clusters in _tasks(match(baseline, run)[0]):
        differing[area][name] = Count(up + down, clusters)
        worse[area][name] = Count(up, up + down)
    often, share = pooled(differing), pooled(worse)
    return PooledDifferences(
        baseline.letter,
        run.letter,
        areas={
            area: _difference(often, share, area, None)
            for area, tasks in differing.items()
            if len(tasks) >= LEAST_TASKS
        },
        tasks={
            name: _difference(often, share, area, name)
            for area, tasks in differing.items()
            for name in tasks
        },
        checks=(checks(often), checks(share)),
    )


def _tasks(matched: Sequence[MatchedTask]) -> Iterator[tuple[str, str, float, float, int]]:
    """Yield area, task, clusters that are worse, clusters that are better, and all clusters."""
    for each in matched:
        pairs = [pair for pair in each.pairs.get(each.task.headline.key, ()) if _decided(pair)]
        if each.attack is None and pairs:
            change = _changes(pairs)
            up, down = float(change[change > 0].sum()), -float(change[change < 0].sum())
            yield each.task.risk, each.task.name, up, down, change.size


def _decided(pair: Pair) -> bool:
    return all(counts(record) and record.verdict is not None for record in pair)


def _changes(pairs: Sequence[Pair]) -> Floats:
    """Return the mean change of each cluster."""
    change = np.array([(b.verdict or 0.0) - (a.verdict or 0.0) for a, b in pairs])
    clusters = np.array([a.cluster for a, _ in pairs], dtype=np.str_)
    table = cluster_table(clusters, change, np.ones(len(pairs)))
    return table[:, 0] / table[:, 1]


def _difference(often: Posterior, share: Posterior, area: str, task: str | None) -> Estimate:
    """Return the difference; its interval holds 95% of all products of equally likely points."""
    middles = (np.arange(_POINTS) + 0.5) / _POINTS
    rates, leans = (each.points(area, task, middles) for each in (often, share))
    products = np.outer(rates, 2 * leans - 1).ravel()
    low, high = (float(np.quantile(products, p)) for p in (0.025, 0.975))
    own = often.counts[area]
    clusters = round(
        sum(each.clusters for each in own.values()) if not task else own[task].clusters
    )
    interval = Interval(low, high, METHOD)
    return Estimate(float(products.mean()), interval, clusters, clusters)
