"""The rate that a calibration card alone suggests: exploratory, for no card is of this model.

A card holds a scorer's counts by model and by kind of prompt. Between models its sensitivity and
specificity differ by more than sampling error, so they are carried over as
`tenken.results.metrics.bivariate` says, and the raw rate is corrected by them (Rogan and Gladen
1978). How often such an interval held on the card's own models, each left out in turn, is on the
card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Final, Literal

import numpy as np

from tenken.results.calibration.readings import trial_of
from tenken.results.metrics.bivariate import PredictedAccuracy, carried, pooled
from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.rates import rate
from tenken.results.metrics.rogan_gladen import (
    BinaryTrial,
    Correction,
    Refusal,
    corrected_within,
    joined_limits,
    limits,
    refusal,
)
from tenken.schema.calibration import Cell, LeftOut, PromptKind, Stratum
from tenken.schema.plan import Measure

LEAST_OF_A_KIND: Final = 10
"""With fewer positives or negatives among one kind of prompt, all kinds are taken together."""

By = Literal["model", "gold_set"]
"""What an interval is carried over to: another model, or another gold set."""

_PREDICTED: Final = "Rogan-Gladen, bivariate prediction"
_BOUNDS: Final = "Rogan-Gladen, least and greatest seen"


def kind_of(measure: Measure) -> PromptKind:
    """Return the kind of prompt that a measure is about; empty where it does not say."""
    twin = measure.where.get("benign_twin")
    return {"true": "harmless", "false": "harmful"}.get(twin or "", "")  # type: ignore[return-value]


def explore(
    raw: Estimate,
    trial: BinaryTrial,
    strata: Sequence[Stratum],
    unsafe: Collection[str],
    kind: PromptKind = "",
    *,
    by: By = "model",
    level: float = 0.95,
) -> Correction | Refusal:
    """Correct a raw rate by a card, with what another model may do to the scorer.

    Args:
        raw: The rate as the scorer gave it, in [0, 1].
        trial: The card's trial, for cards that hold no strata.
        strata: The card's counts by model and kind of prompt.
        unsafe: The labels that are the unsafe end.
        kind: The kind of prompt that the rate is of.
        by: Whether the scorer is carried over to another model, or to another gold set.
        level: Two-sided confidence.

    Returns:
        The exploratory rate, or the reason why there is none.
    """
    trials = _trials(strata, unsafe, kind, by) or [trial]
    whole = pooled(trials)
    refused = refusal(raw, whole)
    if refused is not None:
        return refused
    scorer = carried(trials, level=level)
    low, high = _ends(raw, scorer)
    sampled = limits(
        raw.ends,
        whole.true_positives,
        whole.positives,
        whole.true_negatives,
        whole.negatives,
        level=level,
    )
    low, high = min(low, float(sampled.low)), max(high, float(sampled.high))
    return corrected_within(raw, whole, low, high, _name(scorer), level)


def carry(
    trial: BinaryTrial,
    strata: Sequence[Stratum],
    unsafe: Collection[str],
    kind: PromptKind = "",
    *,
    level: float = 0.95,
) -> PredictedAccuracy:
    """Return what a card's scorer may do on another model's answers, as `explore` uses it.

    Args:
        trial: The card's trial, for cards that hold no strata.
        strata: The card's counts by model and kind of prompt.
        unsafe: The labels that are the unsafe end.
        kind: The kind of prompt that the rate is of; empty for all kinds together.
        level: Two-sided confidence, in (0, 1).
    """
    return carried(_trials(strata, unsafe, kind) or [trial], level=level)


def _name(scorer: PredictedAccuracy) -> str:
    return _PREDICTED if scorer.how == "predicted" else _BOUNDS


def _trials(
    strata: Sequence[Stratum], unsafe: Collection[str], kind: PromptKind, by: By = "model"
) -> list[BinaryTrial]:
    """Return a trial for each model or gold set, on prompts of the kind where there are enough."""
    alike = [each for each in strata if each.prompt == kind] if kind else []
    for part in (alike, strata):
        groups: dict[str, list[Cell]] = defaultdict(list)
        for each in part:
            groups[getattr(each, by)] += each.confusion
        trials = [trial_of(cells, unsafe) for _, cells in sorted(groups.items())]
        positives = sum(each.positives for each in trials)
        negatives = sum(each.negatives for each in trials)
        if min(positives, negatives) >= LEAST_OF_A_KIND:
            return [each for each in trials if each.n]
    return []


def _ends(raw: Estimate, scorer: PredictedAccuracy) -> tuple[float, float]:
    value, low, high = raw.ends
    caught, passed = scorer.sensitivity, scorer.specificity
    if scorer.how == "predicted":
        ends = joined_limits(
            (value, low, high),
            (scorer.sensitivity_point, caught.low, caught.high),
            (scorer.specificity_point, passed.low, passed.high),
        )
        return float(ends.low), float(ends.high)
    least = _corrected(low, caught.high, passed.low, 0.0)
    return least, _corrected(high, caught.low, passed.high, 1.0)


def _corrected(flagged: float, sensitivity: float, specificity: float, unknown: float) -> float:
    """Return the true rate behind a flagged one, `unknown` where the scorer tells nothing."""
    youden = sensitivity + specificity - 1
    if youden <= 0:
        return unknown
    return (flagged + specificity - 1) / youden


def left_out(
    strata: Sequence[Stratum], unsafe: Collection[str], by: By = "model"
) -> LeftOut | None:
    """Return how often the exploratory interval holds on models or sets that the card lacks.

    Each is left out in turn: the others' counts correct the share of its answers that the scorer
    calls unsafe, on each kind of prompt, and its labels say what is true.

    Args:
        strata: The card's counts.
        unsafe: The labels that are the unsafe end.
        by: What is left out.

    Returns:
        None with fewer than two of them, or where no share could be corrected.
    """
    names = sorted({getattr(each, by) for each in strata} - {""})
    held = of = 0
    for name in names if len(names) > 1 else ():
        others = [each for each in strata if getattr(each, by) != name]
        own: dict[PromptKind, list[Cell]] = defaultdict(list)
        for each in strata:
            if getattr(each, by) == name:
                own[each.prompt] += each.confusion
        for kind, cells in sorted(own.items()):
            trial = trial_of(cells, unsafe)
            if not trial.n:
                continue
            flagged = trial.true_positives + trial.negatives - trial.true_negatives
            verdicts = np.repeat([1.0, 0.0], [flagged, trial.n - flagged])
            raw = rate(verdicts, np.arange(trial.n))
            found = explore(raw, BinaryTrial(0, 0, 0, 0), others, unsafe, kind, by=by)
            if isinstance(found, Correction):
                of += 1
                _, low, high = found.ends
                held += low <= trial.positives / trial.n <= high
    return LeftOut(held=held, of=of, models=len(names)) if of else None
