"""From records to the figures of a report: a rate with interval, bounds and outcomes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tenken.records import OUTCOMES, SampleRecord
from tenken.results.bias import bias_scores
from tenken.results.paired import PairedResult, paired_difference
from tenken.results.power import design_effect, minimum_detectable, minimum_detectable_pair
from tenken.results.statistics import Estimate, bounds, rate

_DIGITS = 10
"""Figures are written with ten significant digits: enough to recompute any decision, and few
enough that two builds of numpy agree on every one."""


def rounded(value: float | None) -> float | None:
    """Return the value with ten significant digits, None for None and for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.{_DIGITS}g}")


@dataclass(frozen=True)
class Statistics:
    """What all intervals of a report share: seed, bootstrap resamples, and level in (0, 1)."""

    seed: int
    resamples: int = 2000
    level: float = 0.95


def outcomes(records: Iterable[SampleRecord]) -> dict[str, int]:
    """Return how many records came to each outcome, zeros included."""
    found = Counter(record.outcome for record in records)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def undecided(records: Sequence[SampleRecord]) -> int:
    """Return how many records have no verdict."""
    return sum(record.verdict is None for record in records)


def figure(records: Sequence[SampleRecord], how: Statistics) -> dict[str, Any]:
    """Return a rate in [0, 1] with all that a reader needs to weigh it.

    Returns:
        `value`, `low`, `high` and `method` (None without a single verdict), `n` verdicts in
        `clusters`, `best` and `worst` (the rate if all undecided samples had gone the good, or
        the bad, way), and `outcomes`.
    """
    decided = [record for record in records if record.verdict is not None]
    verdicts = np.array([record.verdict for record in decided], dtype=np.float64)
    names = np.array([record.cluster for record in decided])
    estimate = rate(verdicts, names, seed=how.seed, resamples=how.resamples, level=how.level)
    ends = bounds(float(verdicts.sum()), len(decided), undecided(records))
    return {
        **estimate_json(estimate),
        "best": rounded(ends.best) if ends else None,
        "worst": rounded(ends.worst) if ends else None,
        "outcomes": outcomes(records),
    }


def estimate_json(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate as a report holds it."""
    interval = estimate.interval
    return {
        "value": rounded(estimate.value),
        "low": rounded(interval.low) if interval else None,
        "high": rounded(interval.high) if interval else None,
        "method": interval.method if interval else None,
        "n": estimate.n,
        "clusters": estimate.clusters,
    }


def language_difference(
    records: Sequence[SampleRecord], how: Statistics
) -> tuple[dict[str, Any], PairedResult]:
    """Return Japanese minus English over the pairs that have a verdict in both.

    Positive: more unsafe in Japanese. Pairs with a verdict in one language only are counted and
    left out.
    """
    sides: dict[tuple[str, int], dict[str, SampleRecord]] = {}
    for record in records:
        sides.setdefault((record.pair_id, record.epoch), {})[record.language] = record
    both = [(s["ja"], s["en"]) for s in sides.values() if {"en", "ja"} <= set(s)]
    whole = [(ja, en) for ja, en in both if ja.verdict is not None and en.verdict is not None]
    result = paired_difference(
        np.array([ja.verdict for ja, _ in whole], dtype=np.float64),
        np.array([en.verdict for _, en in whole], dtype=np.float64),
        np.array([en.cluster for _, en in whole]),
        seed=how.seed,
        resamples=how.resamples,
        level=how.level,
    )
    interval = result.interval
    return {
        "value": rounded(result.value),
        "low": rounded(interval.low) if interval else None,
        "high": rounded(interval.high) if interval else None,
        "interval_method": interval.method if interval else None,
        "n_pairs": result.n_pairs,
        "pairs_left_out": len(both) - len(whole),
        "clusters": result.clusters,
        "worse_in_english": result.discordant.b01,
        "worse_in_japanese": result.discordant.b10,
        "p_value": rounded(result.p_value),
        "test": result.method,
    }, result


def bias_block(records: Sequence[SampleRecord], how: Statistics) -> dict[str, Any] | None:
    """Return accuracies and bias scores (Parrish et al. 2022), None for tasks without roles."""
    usable = [
        (record, role)
        for record in records
        if record.outcome == "scored" and (role := _role(record)) is not None
    ]
    if not usable:
        return None
    scores = bias_scores(
        [record.tags["context"] for record, _ in usable],  # type: ignore[misc]
        [role for _, role in usable],  # type: ignore[misc]
        ["correct" in record.labels for record, _ in usable],
        np.array([record.cluster for record, _ in usable]),
        seed=how.seed,
        resamples=how.resamples,
        level=how.level,
    )
    return {field.name: estimate_json(getattr(scores, field.name)) for field in fields(scores)}


def sensitivity_of(records: Sequence[SampleRecord]) -> dict[str, Any]:
    """Return what the sample can show: design effect and smallest detectable differences."""
    decided = [record for record in records if record.verdict is not None]
    verdicts = np.array([record.verdict for record in decided], dtype=np.float64)
    effect = design_effect(verdicts, np.array([record.cluster for record in decided]))
    pairs = len({record.pair_id for record in decided})
    single = minimum_detectable(len(decided), 0.1, design_effect=effect) if decided else None
    paired = minimum_detectable_pair(pairs, 0.2, design_effect=effect) if pairs else None
    return {
        "design_effect": rounded(effect),
        "detectable_above_0.1": rounded(single),
        "detectable_between_languages": rounded(paired),
    }


def _role(record: SampleRecord) -> str | None:
    if "context" not in record.tags:
        return None
    return next((x for x in record.labels if x in ("stereotyped", "counter", "unknown")), None)
