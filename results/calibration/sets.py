"""A trial by gold set and model: the figures of each, and how far sets differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import numpy as np

from tenken.results.calibration.readings import prompt_share, reading, trial_of
from tenken.results.metrics.settings import digits
from tenken.schema.calibration import UNDECIDED, BetweenSets, Cell, Part, Spread, Stratum

_HALF: Final = 0.5
"""Added to both counts of a share where one of them is 0 (Haldane 1956)."""


def parts_of(strata: Sequence[Stratum], positive: Collection[str]) -> list[Part]:
    """Return the figures of each gold set, and of each model in a set that has several, sorted.

    Args:
        strata: The card's counts; those of no named set are in no part.
        positive: The labels on the positive side.
    """
    found = []
    for name, members in _by_set(strata).items():
        found.append(_part(name, "", members, positive))
        models = sorted({each.model for each in members})
        for model in models if len(models) > 1 else ():
            of_model = [each for each in members if each.model == model]
            found.append(_part(name, model, of_model, positive))
    return found


def between_sets(strata: Sequence[Stratum], positive: Collection[str]) -> BetweenSets | None:
    """Return how far a scorer's sensitivity and specificity differ between gold sets.

    Args:
        strata: The card's counts.
        positive: The labels on the positive side.

    Returns:
        None with fewer than two sets.
    """
    sets = _by_set(strata)
    if len(sets) < 2:
        return None
    trials = [trial_of(_merged(members), positive) for members in sets.values()]
    return BetweenSets(
        sensitivity=_spread([(each.true_positives, each.positives) for each in trials]),
        specificity=_spread([(each.true_negatives, each.negatives) for each in trials]),
    )


def _spread(shares: Sequence[tuple[int, int]]) -> Spread | None:
    """Return the spread of shares, given as counts of how many; None with fewer than two.

    The variance is that of the logits beyond what sampling gives (DerSimonian and Laird 1986,
    Controlled Clinical Trials 7:177-188, equation 8).
    """
    known = [(count, of) for count, of in shares if of]
    if len(known) < 2:
        return None
    from statsmodels.stats.meta_analysis import combine_effects

    counts = np.array([(count, of - count) for count, of in known], dtype=np.float64)
    counts += _HALF * (counts.min(axis=1, keepdims=True) == 0)
    logits = np.log(counts[:, 0] / counts[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):  # I squared of shares that are all alike
        combined: Any = combine_effects(logits, (1 / counts).sum(axis=1), method_re="chi2")
    values = [count / of for count, of in known]
    return Spread(
        sets=len(known),
        least=digits(min(values)),
        greatest=digits(max(values)),
        variance=digits(max(0.0, float(combined.tau2))),
    )


def _by_set(strata: Sequence[Stratum]) -> dict[str, list[Stratum]]:
    names = sorted({each.gold_set for each in strata if each.gold_set})
    return {name: [each for each in strata if each.gold_set == name] for name in names}


def _part(name: str, model: str, strata: Sequence[Stratum], positive: Collection[str]) -> Part:
    table = _merged(strata)
    figures = reading(table, positive, prompt_share(strata))
    return Part(
        gold_set=name,
        model=model,
        n=sum(cell.count for cell in table),
        undecided=sum(cell.count for cell in table if cell.seen == UNDECIDED),
        **{
            key: getattr(figures, key)
            for key in ("accuracy", "sensitivity", "specificity", "kappa")
        },
    )


def _merged(strata: Iterable[Stratum]) -> list[Cell]:
    counts: Counter[tuple[str, str]] = Counter()
    for each in strata:
        for cell in each.confusion:
            counts[cell.truth, cell.seen] += cell.count
    return [Cell(truth=t, seen=s, count=count) for (t, s), count in sorted(counts.items())]
