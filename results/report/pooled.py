"""Rates that tasks lend each other strength for: model-based, and decided upon by nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.pooled import Checks, Count, Posterior, checks, count_of, pooled
from tenken.results.metrics.settings import rounded
from tenken.results.report.figures import counts
from tenken.schema.estimate import Rate
from tenken.schema.plan import PlannedTask
from tenken.schema.record import Language, SampleRecord, languages_of

LEAST_TASKS: Final = 2
"""What one task says about others like it is all prior."""


@dataclass(frozen=True)
class PooledRates:
    """The rates of one language, or of all together.

    Attributes:
        language: None for all.
        areas: The mean rate of tasks like those of each area, with at least two tasks.
        tasks: By full name, the headline rate.
        checks: Whether the model fits the counts.
    """

    language: Language | None
    areas: dict[str, Estimate]
    tasks: dict[str, Estimate]
    checks: Checks


def pooled_rates(
    planned: Sequence[PlannedTask], headlines: Mapping[str, Sequence[SampleRecord]]
) -> list[PooledRates]:
    """Return the pooled headline rates of a run: of all languages together, then of each.

    Args:
        planned: The tasks.
        headlines: The samples of each task's headline, by the task's name.
    """
    records = [record for each in headlines.values() for record in each]
    languages = languages_of(records)
    found = []
    for language in (None, *(languages if len(languages) > 1 else ())):
        fitted = fit(planned, headlines, language)
        found.append(
            PooledRates(
                language,
                areas={area: fitted.area(area) for area in _wide(fitted)},
                tasks={
                    name: fitted.task(area, name)
                    for area, tasks in fitted.counts.items()
                    for name in tasks
                },
                checks=checks(fitted),
            )
        )
    return found


def generalised(
    planned: Sequence[PlannedTask], headlines: Mapping[str, Sequence[SampleRecord]]
) -> dict[str, Rate]:
    """Return, for each area with at least two tasks, the mean rate of tasks like its own.

    Args:
        planned: The tasks of the plan; each says its risk area.
        headlines: By task name, the records of its headline measure, under no attack.

    Returns:
        By area, the rate in [0, 1] with its 95% credible interval; areas with one task are left
        out.
    """
    fitted = fit(planned, headlines)
    rates = {area: fitted.area(area) for area in _wide(fitted)}
    return {
        area: Rate(value=rounded(each.value), low=rounded(each.low), high=rounded(each.high))
        for area, each in rates.items()
    }


def fit(
    planned: Sequence[PlannedTask],
    headlines: Mapping[str, Sequence[SampleRecord]],
    language: Language | None = None,
) -> Posterior:
    """Fit the model to the verdicts of the headlines; tasks without a verdict are left out.

    Args:
        planned: The tasks of the plan; each says its risk area.
        headlines: By task name, the records of its headline measure, under no attack.
        language: Only records in this language; None for all.
    """
    table: dict[str, dict[str, Count]] = defaultdict(dict)
    for task in planned:
        decided = [
            record
            for record in headlines[task.name]
            if record.verdict is not None and counts(record) and language in (None, record.language)
        ]
        if decided:
            verdicts = np.array([record.verdict for record in decided], dtype=np.float64)
            clusters = np.array([record.cluster for record in decided], dtype=np.str_)
            table[task.risk][task.name] = count_of(verdicts, clusters)
    return pooled(table)


def _wide(fitted: Posterior) -> list[str]:
    return [area for area, tasks in fitted.counts.items() if len(tasks) >= LEAST_TASKS]
