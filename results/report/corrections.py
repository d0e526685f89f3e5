"""The rates of a report corrected for the scorer's own error, by people's labels or by its card.

Where people labelled answers of the run itself, their labels decide (PPI++); elsewhere the card in
the plan does (Rogan-Gladen). No figure is made of both.

A raw rate is never touched: each figure gets a block of its own beside it, with the reason
where there is no correction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import sqrt
from typing import Final, Literal, NamedTuple

import numpy as np

from tenken.results.calibration.exploratory import explore, kind_of
from tenken.results.calibration.fit import CardChoice
from tenken.results.metrics.interval import Caveat, Ends, Estimate, Interval
from tenken.results.metrics.rates import Codes, Floats, rate
from tenken.results.metrics.rogan_gladen import Refusal
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import ends_of, estimate_of
from tenken.results.review import estimate as rates
from tenken.results.review.read import People
from tenken.schema.figures import CorrectedDifference, CorrectedMean, CorrectedRate
from tenken.schema.plan import Measure
from tenken.schema.reasons import Reason, shared_reason
from tenken.schema.record import SampleRecord, in_order

POWERED: Final = "prediction-powered (PPI++)"

_Kind = Literal["human_rated", "constructed"]
_Basis = Literal["labels", "card"]

_WEIGHTED: Final = "weighted mean, MOVER"
_DIFFERENCE: Final = "difference, MOVER"
_MEAN: Final = "mean of tasks, MOVER"


class Part(NamedTuple):
    """The corrected rate of one language.

    Attributes:
        n: Verdicts of the rate that it corrects.
        corrected: The correction.
    """

    n: int
    corrected: CorrectedRate


def corrected_rate(
    records: Sequence[SampleRecord],
    measure: Measure,
    chosen: CardChoice,
    how: Statistics,
    people: People | None = None,
) -> CorrectedRate:
    """Return the correction of a rate in one language, as a report holds it.

    Only answers that the scorer judged can be judged wrongly. Where blocked answers count as
    safe, the corrected rate of the judged ones is scaled by their share, `scored_share`; the
    interval then joins both errors (MOVER for a product).

    Args:
        records: The samples of the measure in that language.
        measure: The measure.
        chosen: The card, or why there is none.
        how: Level.
        people: The labels that people gave; with any in this rate, the card is not asked.
    """
    decided = [record for record in records if record.verdict is not None]
    judged = [record for record in decided if record.outcome == "scored"]
    if people is not None:
        powered, n, reason = rates.estimate(judged, measure, people, how)
        if n:
            about = CorrectedRate(basis="labels", labelled=n, kind="human_rated", reason=reason)
            return about if powered is None else _shown(about, powered, POWERED, decided, how)
    if chosen.card is None or chosen.trial is None:
        return CorrectedRate(reason=chosen.reason)
    about = CorrectedRate(
        basis="card",
        card=chosen.name,
        kind=chosen.card.gold.kind,
        sensitivity=rounded(chosen.trial.sensitivity),
        specificity=rounded(chosen.trial.specificity),
        trial_n=chosen.trial.n,
    )
    if not judged:
        return _without(about, Reason(code="nothing_judged"))
    verdicts, clusters = _verdicts(judged), _clusters(judged)
    if not np.all(np.isin(verdicts, (0.0, 1.0))):
        return _without(about, Reason(code="own_values"))
    raw = rate(verdicts, clusters, level=how.level)
    labels, kind = measure.unsafe_labels, kind_of(measure)
    found = explore(raw, chosen.trial, chosen.strata, labels, kind, level=how.level)
    if isinstance(found, Refusal):
        return _without(about, found.reason)
    return _shown(about, found, found.method, decided, how)


def _without(about: CorrectedRate, reason: Reason) -> CorrectedRate:
    return about.model_copy(update={"reason": reason})


def _shown(
    about: CorrectedRate,
    found: Estimate,
    method: str | None,
    decided: Sequence[SampleRecord],
    how: Statistics,
) -> CorrectedRate:
    value, low, high = _scaled(found, decided, how)
    judged = sum(record.outcome == "scored" for record in decided)
    return about.model_copy(
        update={
            "value": rounded(value),
            "low": rounded(low),
            "high": rounded(high),
            "clipped": "clipped" in found.caveats,
            "scored_share": rounded(judged / len(decided)),
            "method": method,
        }
    )


def _scaled(found: Estimate, decided: Sequence[SampleRecord], how: Statistics) -> Ends:
    """Return value, low and high over all that count, those among them that nobody judged too.

    A correction adds doubt: no side is narrower than that of the rate as the scorer gave it.
    """
    value, low, high = found.ends
    judged = np.array([record.outcome == "scored" for record in decided], dtype=np.float64)
    if not judged.all():
        share = rate(judged, _clusters(decided), level=how.level).ends
        rest = value * (share.value - share.low), value * (share.high - share.value)
        down, up = share.value * (value - low), share.value * (high - value)
        value *= share.value
        low, high = value - sqrt(down**2 + rest[0] ** 2), value + sqrt(up**2 + rest[1] ** 2)
    return _no_narrower(Ends(value, low, high), decided, how)


def _no_narrower(ends: Ends, decided: Sequence[SampleRecord], how: Statistics) -> Ends:
    """Return an interval in [0, 1] no side of which, nor the whole, is narrower than the raw one.

    What lies beyond 0 or 1 is made up on the other side: a rate that is corrected down to 0 is
    known no better than before.
    """
    raw = rate(_verdicts(decided), _clusters(decided), level=how.level).ends
    low = max(0.0, min(ends.low, ends.value - (raw.value - raw.low)))
    high = min(1.0, max(ends.high, ends.value + (raw.high - raw.value)))
    lack = max(0.0, (raw.high - raw.low) - (high - low))
    if low == 0.0:
        return Ends(ends.value, low, min(1.0, high + lack))
    return Ends(ends.value, max(0.0, low - lack), high)


def overall(
    languages: Sequence[Part], records: Sequence[SampleRecord], how: Statistics
) -> CorrectedRate:
    """Return the mean of the languages' corrected rates, weighted by their verdicts.

    The interval joins theirs (MOVER with correlated parts, Zou and Donner 2008, Statistics in
    Medicine 27:1693-1702). The correlation is that of the raw verdicts on clusters that both
    languages share; the trials' errors are independent, so this errs on the wide side. It is no
    narrower than that of the rate as the scorer gave it.

    Args:
        languages: The corrected rate of each language.
        records: All samples of the measure.
        how: Level.
    """
    parts = [part for part in languages if part.n]
    blocks = [part.corrected for part in parts]
    kinds: set[_Kind] = {block.kind for block in blocks if block.kind is not None}
    kind: _Kind | None = "constructed" if "constructed" in kinds else next(iter(kinds), None)
    if not blocks:
        return CorrectedRate(reason=Reason(code="nothing_judged"))
    if len(blocks) == 1:
        return blocks[0]
    if any(block.value is None for block in blocks):
        reason = shared_reason((block.reason for block in blocks), "not_all_languages")
        return CorrectedRate(kind=kind, reason=reason)
    bases: set[_Basis | None] = {block.basis for block in blocks}
    if len(bases) > 1:
        return CorrectedRate(kind=kind, reason=Reason(code="two_ways"))
    total = sum(part.n for part in parts)
    weights = [part.n / total for part in parts]
    joined = Estimate.mean(
        [_estimate(block) for block in blocks],
        weights,
        method=_WEIGHTED,
        correlation=_correlation(records),
    )
    decided = [record for record in records if record.verdict is not None]
    value, low, high = _no_narrower(joined.ends, decided, how)
    whole = Estimate(value, Interval(low, high, _WEIGHTED, how.level))
    shares = [w * (block.scored_share or 0.0) for w, block in zip(weights, blocks, strict=True)]
    return CorrectedRate(
        **ends_of(whole),
        clipped="clipped" in joined.caveats,
        basis=bases.pop(),
        labelled=sum(block.labelled or 0 for block in blocks) or None,
        kind=kind,
        scored_share=rounded(min(1.0, sum(shares))),
    )


def _estimate(block: CorrectedRate) -> Estimate:
    caveats: list[Caveat] = ["clipped"] if block.clipped else []
    return estimate_of(block, *caveats)


def _correlation(records: Iterable[SampleRecord]) -> float:
    """Return how far the languages' verdicts go together over shared clusters, in [0, 1].

    0 without a shared cluster; 1 where one side shows no spread to tell it from.
    """
    sides: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for record in records:
        if record.verdict is not None:
            sides[record.cluster][record.language].append(record.verdict)
    pair = in_order(name for side in sides.values() for name in side)[:2]
    if len(pair) < 2:
        return 0.0
    shared = [
        [float(np.mean(side[language])) for language in pair]
        for _, side in sorted(sides.items())
        if set(pair) <= set(side)
    ]
    if not shared:
        return 0.0
    one, other = np.array(shared, dtype=np.float64).T
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 1.0
    return max(0.0, float(np.corrcoef(one, other)[0, 1]))


def difference(
    pairs: Sequence[tuple[SampleRecord, SampleRecord]],
    measure: Measure,
    chosen: Mapping[str, CardChoice],
    how: Statistics,
    people: People | None = None,
) -> CorrectedDifference:
    """Return Japanese minus English of the corrected rates, over the pairs that the raw one is of.

    The interval takes them as independent (MOVER): on the same items it is rather too wide.

    Args:
        pairs: The Japanese and the English record of each pair with a verdict in both.
        measure: The measure.
        chosen: The card of each language, or why there is none.
        how: Level.
        people: The labels that people gave.
    """
    if not pairs:
        return CorrectedDifference(reason=Reason(code="no_pair"))
    ja, en = (
        corrected_rate([pair[side] for pair in pairs], measure, chosen[name], how, people)
        for side, name in enumerate((pairs[0][0].language, pairs[0][1].language))
    )
    return difference_of(ja, en)


def difference_of(ja: CorrectedRate, en: CorrectedRate) -> CorrectedDifference:
    """Return Japanese minus English of two corrected rates, taken as independent.

    The interval joins those of the two rates by squares (MOVER, Zou and Donner 2008).

    Args:
        ja: The corrected rate of the Japanese samples.
        en: The corrected rate of the English samples.

    Returns:
        The difference in [-1, 1], or the reason why there is none: one rate is missing, or the two
        were corrected in different ways.
    """
    if ja.value is None or en.value is None:
        return CorrectedDifference(reason=Reason(code="not_both_languages"))
    if ja.basis != en.basis:
        return CorrectedDifference(reason=Reason(code="two_ways"))
    found = estimate_of(ja).minus(estimate_of(en), method=_DIFFERENCE)
    return CorrectedDifference(**ends_of(found), basis=ja.basis)


def area(blocks: Sequence[CorrectedRate]) -> CorrectedMean:
    """Return the mean of the tasks' corrected headline rates, each of equal weight."""
    bases: set[_Basis | None] = {block.basis for block in blocks}
    alone = next(iter(bases)) if len(bases) == 1 else None
    if not blocks or any(block.value is None for block in blocks):
        reason = shared_reason((block.reason for block in blocks), "not_all_tasks")
        return CorrectedMean(basis=alone, reason=reason)
    if len(blocks) == 1:
        return CorrectedMean(**ends_of(blocks[0]), basis=alone)
    if len(bases) > 1:
        return CorrectedMean(reason=Reason(code="two_ways"))
    # A card's error is the same in every task that it corrects: such distances do not average out.
    together = 1.0 if alone == "card" else 0.0
    joined = Estimate.mean(
        [estimate_of(block) for block in blocks], method=_MEAN, correlation=together
    )
    return CorrectedMean(**ends_of(joined), basis=alone)


def _verdicts(records: Sequence[SampleRecord]) -> Floats:
    return np.array([record.verdict for record in records], dtype=np.float64)


def _clusters(records: Sequence[SampleRecord]) -> Codes:
    return np.array([record.cluster for record in records], dtype=np.str_)
