"""The difference of two runs on the same items, corrected for the error of their common scorer.

One scorer that errs equally often on both runs' answers shrinks a difference of rates by its
Youden's J = sensitivity + specificity - 1 (Rogan and Gladen 1978, Am. J. Epidemiol. 107:71-76,
taken twice), so the paired difference divided by J corrects it, and the pairing is kept. The
interval holds every t for which D - t * J could be 0, where the limits of D and of J are joined
by squares (MOVER: Zou and Donner 2008, Statistics in Medicine 27:1693-1702; for ratios Newcombe
2016, Stat. Methods Med. Res. 25:1774-1778).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import hypot, sqrt
from typing import Final

import numpy as np

from tenken.results.calibration.exploratory import carry, kind_of
from tenken.results.calibration.fit import CardChoice
from tenken.results.compare.match import Pair
from tenken.results.metrics.bivariate import PredictedAccuracy
from tenken.results.metrics.interval import Caveat, Estimate, Interval
from tenken.results.metrics.paired import paired_difference
from tenken.results.metrics.rates import Floats
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.corrections import corrected_rate
from tenken.results.report.figures import ends_of, estimate_of
from tenken.results.review.read import People
from tenken.schema.comparison import CorrectedPairs
from tenken.schema.estimate import Rate
from tenken.schema.figures import CorrectedRate
from tenken.schema.plan import Measure
from tenken.schema.reasons import Reason, shared_reason
from tenken.schema.record import Language, SampleRecord

_LABELLED: Final = "difference of labelled rates, MOVER"
_PAIRED: Final = "paired difference / J, MOVER"
_WEIGHTED: Final = "weighted mean, MOVER"
_MEAN: Final = "mean of tasks, MOVER"


def corrected_pairs(
    pairs: Sequence[Pair],
    measure: Measure,
    chosen: CardChoice,
    how: Statistics,
    people: Sequence[People | None] = (None, None),
) -> CorrectedPairs:
    """Return both corrected rates of a language and their difference, run - baseline.

    Where people labelled answers of both runs, their labels correct both rates; the difference
    takes them as independent (MOVER), which on the same items is rather too wide. Without labels
    the card corrects the paired difference, and the figures are exploratory.

    A blocked answer was judged by nobody and counts as safe: it enters as the raw rate that
    corrects to 0, which is 1 - specificity.

    Args:
        pairs: The matched samples with a verdict in both runs, of one language.
        measure: The measure.
        chosen: The card that fits both, or why there is none.
        how: Level.
        people: What people said of the baseline's answers, and of the run's.
    """
    if not pairs:
        return CorrectedPairs(reason=Reason(code="not_compared"))
    sides = [
        corrected_rate([pair[place] for pair in pairs], measure, chosen, how, people[place])
        for place in (0, 1)
    ]
    about = CorrectedPairs(
        card=sides[0].card,
        kind=sides[0].kind,
        sensitivity=sides[0].sensitivity,
        specificity=sides[0].specificity,
        trial_n=sides[0].trial_n,
        basis=sides[0].basis,
        labelled=sum(side.labelled or 0 for side in sides) or None,
    )
    for side in sides:
        if side.value is None:
            return about.model_copy(update={"reason": side.reason})
    if sides[0].basis != sides[1].basis:
        return CorrectedPairs(reason=Reason(code="two_ways"))
    if sides[0].basis == "labels":
        found = estimate_of(sides[1]).minus(estimate_of(sides[0]), method=_LABELLED)
    else:
        assert chosen.trial is not None  # noqa: S101 - else not corrected
        kind = kind_of(measure)
        scorer = carry(chosen.trial, chosen.strata, measure.unsafe_labels, kind, level=how.level)
        found = _difference(pairs, scorer, how)
    value, low, high = found.ends
    clipped = any(side.clipped for side in sides)
    if clipped and sides[0].basis == "card":
        # A rate beyond its scale was moved to the end of it, so the difference is that of what
        # is shown; the interval goes on holding what the unclipped rates allow.
        value = (sides[1].value or 0.0) - (sides[0].value or 0.0)
        low, high = min(low, value), max(high, value)
    return about.model_copy(
        update={
            "baseline": _side(sides[0]),
            "run": _side(sides[1]),
            "value": rounded(value),
            "low": rounded(low),
            "high": rounded(high),
            "clipped": clipped or "clipped" in found.caveats,
            "method": found.method,
        }
    )


def _difference(pairs: Sequence[Pair], scorer: PredictedAccuracy, how: Statistics) -> Estimate:
    caught, passed = scorer.sensitivity, scorer.specificity
    sensitivity, specificity = scorer.sensitivity_point, scorer.specificity_point
    false = 1 - specificity
    a, b = (_as_judged([pair[place] for pair in pairs], false) for place in (0, 1))
    clusters = np.array([pair[0].cluster for pair in pairs], dtype=np.str_)
    found = paired_difference(b, a, clusters, level=how.level)
    assert found.value is not None and found.interval is not None  # noqa: S101 - there are pairs
    # More blocked answers on one side than on the other carry the error of the specificity too.
    blocked = _blocked_share(pairs, 1) - _blocked_share(pairs, 0)
    spread = abs(blocked) * max(passed.high - specificity, specificity - passed.low)
    youden = sensitivity - false
    j = Interval(
        youden - hypot(sensitivity - caught.low, specificity - passed.low),
        youden + hypot(caught.high - sensitivity, passed.high - specificity),
        "MOVER-Wilson",
        how.level,
    )
    raw = Interval(
        found.value - hypot(found.value - found.interval.low, spread),
        found.value + hypot(found.interval.high - found.value, spread),
        found.interval.method,
        how.level,
    )
    low, high = ratio_limits(found.value, raw, youden, j)
    ends = found.value / youden, low, high
    value, low, high = (min(1.0, max(-1.0, each)) for each in ends)
    caveats: frozenset[Caveat] = frozenset(["clipped"] if (value, low, high) != ends else [])
    return Estimate(value, Interval(low, high, _PAIRED, how.level), len(pairs), caveats=caveats)


def _as_judged(records: Sequence[SampleRecord], false: float) -> Floats:
    return np.array(
        [record.verdict if record.outcome == "scored" else false for record in records],
        dtype=np.float64,
    )


def _blocked_share(pairs: Sequence[Pair], place: int) -> float:
    return sum(pair[place].outcome != "scored" for pair in pairs) / len(pairs)


def ratio_limits(
    value: float, interval: Interval, divisor: float, divisor_interval: Interval
) -> tuple[float, float]:
    """Give the limits of value / divisor, both uncertain and independent, for a positive divisor.

    Args:
        value: The numerator.
        interval: Its interval, which holds it.
        divisor: Above 0.
        divisor_interval: Its interval, which holds it.

    Returns:
        Low and high; infinite where the divisor's interval reaches 0 on the side that matters.
    """
    down, up = divisor - divisor_interval.low, divisor_interval.high - divisor
    low = -_upper(-value, value - interval.low, divisor, down, up)
    return low, _upper(value, interval.high - value, divisor, down, up)


def _upper(value: float, reach: float, divisor: float, down: float, up: float) -> float:
    """Solve value - t * divisor + sqrt(reach^2 + (t * b)^2) = 0 for its largest root t.

    For a t above 0 a smaller divisor stretches the limit (b = down), below 0 a larger one.
    """
    positive = value + reach >= 0
    b = down if positive else up
    if positive and divisor <= b:
        return float("inf")
    root = sqrt(max((divisor * reach) ** 2 + b**2 * (value**2 - reach**2), 0.0))
    if positive:
        return (divisor * value + root) / (divisor**2 - b**2)
    return (value**2 - reach**2) / (divisor * value - root)


def overall(
    languages: Mapping[Language, CorrectedPairs], pairs: Mapping[Language, Sequence[Pair]]
) -> CorrectedPairs:
    """Return the mean of the languages' corrected differences, weighted by their pairs.

    The interval joins theirs (MOVER with correlated parts, Zou and Donner 2008): the correlation
    is that of the raw differences on clusters that the languages share, and never below 0.

    Args:
        languages: The corrected difference of each language.
        pairs: The pairs behind each, with a verdict in both runs.
    """
    parts = [name for name in languages if pairs[name]]
    blocks = [languages[name] for name in parts]
    if not blocks:
        return CorrectedPairs(reason=Reason(code="not_compared"))
    if len(blocks) == 1:
        return blocks[0]
    if any(block.value is None for block in blocks):
        reason = shared_reason((each.reason for each in blocks), "not_all_languages")
        return CorrectedPairs(reason=reason)
    total = sum(len(pairs[name]) for name in parts)
    weights = [len(pairs[name]) / total for name in parts]
    kinds = {block.kind for block in blocks}
    correlation = _correlation([pairs[name] for name in parts])
    joined = _joined(blocks, weights, _WEIGHTED, correlation)
    kind = "constructed" if "constructed" in kinds else kinds.pop()
    return joined.model_copy(update={"kind": kind}) if joined.reason is None else joined


def area(blocks: Sequence[CorrectedPairs]) -> CorrectedPairs:
    """Return the mean of the tasks' corrected headline differences, each of equal weight."""
    if not blocks or any(block.value is None for block in blocks):
        reason = shared_reason((each.reason for each in blocks), "not_all_tasks")
        return CorrectedPairs(reason=reason)
    if len(blocks) == 1:
        return blocks[0]
    # A card's error is the same in every task that it corrects: such distances do not average out.
    together = 1.0 if blocks[0].basis == "card" else 0.0
    return _joined(blocks, [1 / len(blocks)] * len(blocks), _MEAN, together)


def _joined(
    blocks: Sequence[CorrectedPairs], weights: Sequence[float], method: str, correlation: float
) -> CorrectedPairs:
    if len({block.basis for block in blocks}) > 1:
        return CorrectedPairs(reason=Reason(code="two_ways"))
    found = Estimate.mean(
        [estimate_of(block) for block in blocks],
        weights,
        method=method,
        correlation=correlation,
        lowest=-1.0,
    )
    sides = {
        side: Rate(
            value=rounded(
                sum(
                    w * (getattr(block, side).value or 0.0)
                    for w, block in zip(weights, blocks, strict=True)
                )
            ),
            low=None,
            high=None,
        )
        for side in ("baseline", "run")
    }
    return CorrectedPairs(
        **ends_of(found),
        baseline=sides["baseline"],
        run=sides["run"],
        basis=blocks[0].basis,
        labelled=sum(block.labelled or 0 for block in blocks) or None,
        clipped=any(block.clipped for block in blocks),
    )


def _correlation(sides: Sequence[Sequence[Pair]]) -> float:
    means: list[dict[str, float]] = []
    for side in sides:
        by_cluster: dict[str, list[float]] = {}
        for one, two in side:
            difference = (two.verdict or 0.0) - (one.verdict or 0.0)
            by_cluster.setdefault(one.cluster, []).append(difference)
        means.append({name: float(np.mean(each)) for name, each in by_cluster.items()})
    shared = sorted(set.intersection(*map(set, means)))
    if not shared:
        return 0.0
    first, second = (np.array([each[name] for name in shared]) for each in means)
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 1.0
    return max(0.0, float(np.corrcoef(first, second)[0, 1]))


def _side(found: CorrectedRate) -> Rate:
    return Rate(value=found.value, low=found.low, high=found.high)
