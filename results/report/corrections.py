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
from typing import Any, Final

import numpy as np

from tenken.results.calibration.fit import Chosen
from tenken.results.metrics.interval import Estimate
from tenken.results.metrics.rates import Codes, Floats, rate
from tenken.results.metrics.rogan_gladen import Correction, correct_rate
from tenken.results.metrics.settings import Statistics, rounded
from tenken.results.report.figures import ends_of
from tenken.results.review import estimate as rates
from tenken.results.review.read import People
from tenken.schema import estimate
from tenken.schema.plan import Measure
from tenken.schema.reasons import Reason, shared_reason, written
from tenken.schema.record import SampleRecord, in_order

POWERED: Final = "prediction-powered (PPI++)"

_WEIGHTED: Final = "weighted mean, MOVER"
_DIFFERENCE: Final = "difference, MOVER"
_MEAN: Final = "mean of tasks, MOVER"


def corrected_rate(
    records: Sequence[SampleRecord],
    measure: Measure,
    chosen: Chosen,
    how: Statistics,
    people: People | None = None,
) -> dict[str, Any]:
    """Return the correction of a rate in one language, as a report holds it.

    Only answers that the scorer judged can be judged wrongly. Where blocked answers count as
    safe, the corrected rate of the judged ones is scaled by their share, `scored_share`; the
    interval then joins both errors (MOVER for a product).

    Args:
        records: The samples of the measure in that language.
        measure: The measure.
        chosen: The card, or why there is none.
        how: Seed and level.
        people: The labels that people gave; with any in this rate, the card is not asked.
    """
    decided = [record for record in records if record.verdict is not None]
    judged = [record for record in decided if record.outcome == "scored"]
    if people is not None:
        powered, n, reason = rates.estimate(judged, measure, people, how)
        if n:
            return _by_labels(powered, n, reason, decided, how)
    if chosen.card is None or chosen.trial is None:
        return _block(reason=chosen.reason)
    about: dict[str, Any] = {
        "basis": "card",
        "card": chosen.name,
        "kind": chosen.card.gold.kind,
        "sensitivity": rounded(chosen.trial.sensitivity),
        "specificity": rounded(chosen.trial.specificity),
        "trial_n": chosen.trial.n,
    }
    if not judged:
        return _block(**about, reason=Reason(code="nothing_judged"))
    verdicts, clusters = _verdicts(judged), _clusters(judged)
    if not np.all(np.isin(verdicts, (0.0, 1.0))):
        return _block(**about, reason=Reason(code="own_values"))
    raw = rate(verdicts, clusters, level=how.level)
    found = correct_rate(raw, chosen.trial, level=how.level)
    if not isinstance(found, Correction):
        return _block(**about, reason=found.reason)
    value, low, high = _scaled(found, decided, how)
    return _block(
        **about,
        value=rounded(value),
        low=rounded(low),
        high=rounded(high),
        clipped=found.clipped,
        scored_share=rounded(len(judged) / len(decided)),
        method=found.method,
    )


def _by_labels(
    found: Estimate | None,
    n: int,
    reason: Reason | None,
    decided: Sequence[SampleRecord],
    how: Statistics,
) -> dict[str, Any]:
    about: dict[str, Any] = {"basis": "labels", "labelled": n, "kind": "human_rated"}
    if found is None:
        return _block(**about, reason=reason)
    value, low, high = _scaled(found, decided, how)
    judged = sum(record.outcome == "scored" for record in decided)
    return _block(
        **about,
        value=rounded(value),
        low=rounded(low),
        high=rounded(high),
        scored_share=rounded(judged / len(decided)),
        method=POWERED,
    )


def _scaled(
    found: Correction | Estimate, decided: Sequence[SampleRecord], how: Statistics
) -> tuple[float, float, float]:
    """Return value, low and high over all that count, those among them that nobody judged too.

    A correction adds doubt: no side is narrower than that of the rate as the scorer gave it.
    """
    assert found.value is not None and found.interval is not None  # noqa: S101 - something was judged
    value, low, high = found.value, found.interval.low, found.interval.high
    judged = np.array([record.outcome == "scored" for record in decided], dtype=np.float64)
    if not judged.all():
        share = rate(judged, _clusters(decided), level=how.level)
        assert share.value is not None and share.interval is not None  # noqa: S101 - decided is not empty
        rest = (
            value * (share.value - share.interval.low),
            value * (share.interval.high - share.value),
        )
        down, up = share.value * (value - low), share.value * (high - value)
        value *= share.value
        low, high = value - sqrt(down**2 + rest[0] ** 2), value + sqrt(up**2 + rest[1] ** 2)
    raw = rate(_verdicts(decided), _clusters(decided), level=how.level)
    assert raw.value is not None and raw.interval is not None  # noqa: S101 - decided is not empty
    low = min(low, value - (raw.value - raw.interval.low))
    high = max(high, value + (raw.interval.high - raw.value))
    return value, max(0.0, low), min(1.0, high)


def overall(
    languages: Mapping[str, Mapping[str, Any]], records: Sequence[SampleRecord]
) -> dict[str, Any]:
    """Return the mean of the languages' corrected rates, weighted by their verdicts.

    The interval joins theirs (MOVER with correlated parts, Zou and Donner 2008, Statistics in
    Medicine 27:1693-1702). The correlation is that of the raw verdicts on clusters that both
    languages share; the trials' errors are independent, so this errs on the wide side.

    Args:
        languages: The figures of each language, with `n` and `corrected`.
        records: All samples of the measure.
    """
    parts = [part for part in languages.values() if part["n"]]
    blocks = [part["corrected"] for part in parts]
    kinds = {block["kind"] for block in blocks} - {None}
    kind = "constructed" if "constructed" in kinds else next(iter(kinds), None)
    if not blocks:
        return _block(reason=Reason(code="nothing_judged"))
    if len(blocks) == 1:
        return dict(blocks[0])
    if any(block["value"] is None for block in blocks):
        reason = shared_reason((block["reason"] for block in blocks), "not_all_languages")
        return _block(kind=kind, reason=reason)
    bases = {block.get("basis") for block in blocks}
    if len(bases) > 1:
        return _block(kind=kind, reason=Reason(code="two_ways"))
    total = sum(part["n"] for part in parts)
    weights = [part["n"] / total for part in parts]
    parts_ends = [ends_of(block) for block in blocks]
    joined = estimate.mean(parts_ends, weights, correlation=_correlation(records))
    shares = [w * block["scored_share"] for w, block in zip(weights, blocks, strict=True)]
    return _block(
        value=rounded(joined.value),
        low=rounded(joined.low),
        high=rounded(joined.high),
        clipped=any(block["clipped"] for block in blocks),
        basis=bases.pop(),
        labelled=sum(block.get("labelled") or 0 for block in blocks) or None,
        kind=kind,
        scored_share=rounded(min(1.0, sum(shares))),
        method=_WEIGHTED,
    )


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
    chosen: Mapping[str, Chosen],
    how: Statistics,
    people: People | None = None,
) -> dict[str, Any]:
    """Return the second language minus the first of the corrected rates, over the raw one's pairs.

    The interval takes them as independent (MOVER): on the same items it is rather too wide.

    Args:
        pairs: The Japanese and the English record of each pair with a verdict in both.
        measure: The measure.
        chosen: The card of each language, or why there is none.
        how: Seed and level.
        people: The labels that people gave.
    """
    if not pairs:
        return _plain(reason=Reason(code="no_pair")) | {"basis": None}
    ja, en = (
        corrected_rate([pair[side] for pair in pairs], measure, chosen[name], how, people)
        for side, name in enumerate((pairs[0][0].language, pairs[0][1].language))
    )
    return difference_of(ja, en)


def difference_of(ja: Mapping[str, Any], en: Mapping[str, Any]) -> dict[str, Any]:
    """Return Japanese minus English of two corrected rates, taken as independent (MOVER)."""
    if ja["value"] is None or en["value"] is None:
        return _plain(reason=Reason(code="not_both_languages")) | {"basis": None}
    if ja.get("basis") != en.get("basis"):
        return _plain(reason=Reason(code="two_ways")) | {"basis": None}
    found = _plain(*estimate.difference(ends_of(ja), ends_of(en)), _DIFFERENCE)
    return found | {"basis": ja["basis"]}


def area(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the mean of the tasks' corrected headline rates, each of equal weight."""
    bases = {block.get("basis") for block in blocks}
    alone = bases.pop() if len(bases) == 1 else None
    return {**_area(blocks), "basis": alone}


def _area(blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not blocks or any(block["value"] is None for block in blocks):
        return _plain(reason=shared_reason((block["reason"] for block in blocks), "not_all_tasks"))
    if len(blocks) == 1:
        (only,) = blocks
        return _plain(only["value"], only["low"], only["high"], only["method"])
    if len({block.get("basis") for block in blocks}) > 1:
        return _plain(reason=Reason(code="two_ways"))
    # A card's error is the same in every task that it corrects: such distances do not average out.
    together = 1.0 if blocks[0].get("basis") == "card" else 0.0
    ends = [ends_of(block) for block in blocks]
    return _plain(*estimate.mean(ends, correlation=together), _MEAN)


def _block(*, reason: Reason | None = None, **given: Any) -> dict[str, Any]:
    return {
        "value": None, "low": None, "high": None, "clipped": False, "basis": None,
        "labelled": None, "card": None, "kind": None,
        "sensitivity": None, "specificity": None, "trial_n": None, "scored_share": None,
        "method": None, "reason": written(reason),
    } | given  # fmt: skip


def _plain(
    value: float | None = None,
    low: float | None = None,
    high: float | None = None,
    method: str | None = None,
    *,
    reason: Reason | None = None,
) -> dict[str, Any]:
    return {
        "value": rounded(value),
        "low": rounded(low),
        "high": rounded(high),
        "method": method,
        "reason": written(reason),
    }


def _verdicts(records: Sequence[SampleRecord]) -> Floats:
    return np.array([record.verdict for record in records], dtype=np.float64)


def _clusters(records: Sequence[SampleRecord]) -> Codes:
    return np.array([record.cluster for record in records], dtype=np.str_)
