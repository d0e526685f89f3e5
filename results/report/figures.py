"""From records to the figures of a report: a rate with interval, bounds and outcomes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypedDict, get_args

import numpy as np

from tenken.results.metrics.bbq import Context, Role, bias_scores
from tenken.results.metrics.interval import NOT_MEASURED, Caveat, Estimate, Interval
from tenken.results.metrics.paired import (
    Equivalence,
    PairedResult,
    equivalence,
    paired_difference,
)
from tenken.results.metrics.power import detectable_difference, detectable_rate
from tenken.results.metrics.rates import Codes, Floats, bounds, rate
from tenken.results.metrics.settings import Statistics, digits, rounded
from tenken.results.records.outcomes import NOT_COUNTED
from tenken.schema.estimate import Interval as Written
from tenken.schema.estimate import OutcomeCounts
from tenken.schema.figures import (
    BiasScores,
    CorrectedRate,
    Paired,
    PairedLanguages,
    Parity,
    Power,
    RateEstimate,
    RateFigure,
    ScoreEstimate,
)
from tenken.schema.record import OUTCOMES, SampleRecord, in_order, languages_of

_CONTEXTS: Final[dict[str, Context]] = {each: each for each in get_args(Context)}
_ROLES: Final[tuple[Role, ...]] = get_args(Role)
_LEAN: Final = {"stereotyped": 1.0, "counter": -1.0, "unknown": 0.0}


def outcomes(records: Iterable[SampleRecord]) -> OutcomeCounts:
    """Return how many records had each outcome, zeros included."""
    found = Counter(record.outcome for record in records)
    return {outcome: found[outcome] for outcome in OUTCOMES}


def undecided(records: Sequence[SampleRecord]) -> int:
    """Return how many records have no verdict and should have one."""
    return sum(record.verdict is None and counts(record) for record in records)


def counts(record: SampleRecord) -> bool:
    """Whether a record belongs to its measure's rate (see `Measure.excluded_labels`)."""
    return NOT_COUNTED not in record.flags


def figure(records: Sequence[SampleRecord], how: Statistics) -> RateFigure:
    """Return a rate in [0, 1] with all that a reader needs to weigh it.

    Args:
        records: The records of one measure; those without a verdict count in `best` and `worst`
            alone.
        how: The confidence level, as the plan has it.

    Returns:
        `value`, `low`, `high` and `method` (None without a single verdict), `n` verdicts in
        `clusters`, `best` and `worst` (the rate if all undecided samples had gone the good, or
        the bad, way), and `outcomes`.
    """
    decided = [record for record in records if record.verdict is not None]
    verdicts = np.array([record.verdict for record in decided], dtype=np.float64)
    estimate = rate(verdicts, _clusters(decided), level=how.level)
    ends = bounds(math.fsum(verdicts), len(decided), undecided(records))
    return RateFigure(
        **_written(estimate),
        best=rounded(ends.best) if ends else None,
        worst=rounded(ends.worst) if ends else None,
        outcomes=outcomes(records),
    )


def rate_of(estimate: Estimate) -> RateEstimate:
    """Return a rate as a report holds it."""
    return RateEstimate(**_written(estimate))


def score_of(estimate: Estimate) -> ScoreEstimate:
    """Return an estimate in [-1, 1] as a report holds it."""
    return ScoreEstimate(**_written(estimate))


def _written(estimate: Estimate) -> dict[str, Any]:
    return {**ends_of(estimate), "n": estimate.n, "clusters": estimate.clusters}


class Ends(TypedDict):
    """What every figure of a report begins with: value, interval and how both were computed."""

    value: float | None
    low: float | None
    high: float | None
    method: str | None


def ends_of(estimate: Estimate | CorrectedRate) -> Ends:
    """Return value, interval and method as every block of a report writes them."""
    return {
        "value": rounded(estimate.value),
        "low": rounded(estimate.low),
        "high": rounded(estimate.high),
        "method": estimate.method,
    }


def estimate_of(figure: Written, *caveats: Caveat, n: int = 0) -> Estimate:
    """Return a figure of a report as an estimate, to be joined with others.

    Args:
        figure: A figure of a report, with value and ends.
        *caveats: What a reader must know of it, to be carried along.
        n: How many samples are behind it.

    Returns:
        The estimate; not measured where the figure lacks its value or an end.
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return NOT_MEASURED
    interval = Interval(figure.low, figure.high, "")
    return Estimate(figure.value, interval, n, caveats=frozenset(caveats))


def language_difference(
    records: Sequence[SampleRecord], how: Statistics, margin: float | None = None
) -> PairedLanguages:
    """Return Japanese minus English over the pairs that have a verdict in both.

    Positive: more unsafe in Japanese. Pairs with a verdict in one language only are counted and
    left out.

    Args:
        records: The samples of a measure.
        how: Level.
        margin: Largest difference that counts as none; None asks for no test of equivalence.
    """
    pairs, left_out = language_pairs(records)
    ja, en = _verdicts(pairs)
    clusters = _clusters([english for _, english in pairs])
    result = paired_difference(ja, en, clusters, level=how.level)
    same = equivalence(ja, en, clusters, margin=margin, level=how.level) if margin else None
    return PairedLanguages(
        **dict(paired_of(result, left_out)),
        parity=_parity(same),
        worse_in_english=result.discordant.b01,
        worse_in_japanese=result.discordant.b10,
    )


def _parity(found: Equivalence | None) -> Parity | None:
    if found is None:
        return None
    return Parity(
        margin=found.margin,
        low=digits(found.low),
        high=digits(found.high),
        equivalent=found.equivalent,
    )


def paired_of(result: PairedResult, left_out: int) -> Paired:
    """Return a paired difference as a report holds it.

    Args:
        result: The difference.
        left_out: Pairs without a verdict on both sides.
    """
    interval = result.interval
    return Paired(
        value=rounded(result.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        interval_method=interval.method if interval else None,
        n_pairs=result.n_pairs,
        pairs_left_out=left_out,
        clusters=result.clusters,
        p_value=rounded(result.p_value),
        test=result.method,
    )


def asks_for_bias(records: Iterable[SampleRecord]) -> bool:
    """Whether the samples are questions in ambiguous or disambiguated contexts."""
    return any(_context(record) is not None for record in records)


def bias_block(records: Sequence[SampleRecord], how: Statistics) -> BiasScores:
    """Return accuracies and bias scores (Parrish et al. 2022) over the answers with a role.

    Args:
        records: The records of a task of the BBQ kind; only those scored, with a context and a
            role, count.
        how: The confidence level, as the plan has it.

    Returns:
        Accuracies in [0, 1] and bias scores in [-1, 1] (1 is wholly with the stereotype), each for
        ambiguous and for disambiguated contexts.
    """
    contexts: list[Context] = []
    roles: list[Role] = []
    usable: list[SampleRecord] = []
    for record in records:
        context, role = _context(record), _role(record)
        if record.outcome == "scored" and context is not None and role is not None:
            contexts.append(context)
            roles.append(role)
            usable.append(record)
    scores = bias_scores(
        contexts,
        roles,
        ["correct" in record.labels for record in usable],
        _clusters(usable),
        level=how.level,
    )
    return BiasScores(
        accuracy_ambiguous=rate_of(scores.accuracy_ambiguous),
        accuracy_disambiguated=rate_of(scores.accuracy_disambiguated),
        bias_ambiguous=score_of(scores.bias_ambiguous),
        bias_disambiguated=score_of(scores.bias_disambiguated),
    )


def sensitivity_of(records: Sequence[SampleRecord], how: Statistics) -> Power:
    """Return what the sample can show: the smallest detectable differences.

    They count clusters, as `tenken plan` does, and are exact where a cluster's answers agree.
    Pairs are those with a verdict in both languages.

    Args:
        records: The records of one measure.
        how: The confidence level, as the plan has it; the power is 0.8.

    Returns:
        Clusters with a verdict, the smallest excess over a rate of 0.1, and the smallest difference
        between languages where a fifth of the pairs differ; None where no excess or difference is
        shown.
    """
    decided = {record.cluster for record in records if record.verdict is not None}
    pairs = {english.cluster for _, english in language_pairs(records)[0]}
    above = detectable_rate(len(decided), 0.1, level=how.level)
    between = detectable_difference(len(pairs), 0.2, level=how.level)
    return Power(
        clusters=len(decided),
        detectable_between_languages=rounded(between),
        **{"detectable_above_0.1": rounded(above)},
    )


def parted(records: Sequence[SampleRecord]) -> dict[str, list[SampleRecord]]:
    """Return the records of each language, in the order in which reports have them."""
    return {
        name: [record for record in records if record.language == name]
        for name in languages_of(records)
    }


def language_pairs(
    records: Sequence[SampleRecord],
) -> tuple[list[tuple[SampleRecord, SampleRecord]], int]:
    """Return (Japanese, English) of each item with a verdict in both, and how many lack one.

    Of a task in other languages it is its second one and its first, in the order of reports.

    Args:
        records: Samples of one measure, each epoch counted.
    """
    sides: dict[tuple[str, int], dict[str, SampleRecord]] = {}
    for record in records:
        sides.setdefault((record.pair_id, record.epoch), {})[record.language] = record
    compared = in_order(record.language for record in records)[:2]
    if len(compared) < 2:
        return [], 0
    first, second = compared
    both = [(s[second], s[first]) for s in sides.values() if first in s and second in s]
    whole = [(ja, en) for ja, en in both if ja.verdict is not None and en.verdict is not None]
    return whole, len(both) - len(whole)


def leaning(
    records: Sequence[SampleRecord], context: Context
) -> tuple[list[SampleRecord], Floats, list[SampleRecord]]:
    """Return the answers in a context that lean or could have, which way, and the undecided.

    Answers lean by 1 towards the stereotype and by -1 against it. Where the text says who it was,
    only those that name a group count.

    Args:
        records: The records of a task of the BBQ kind.
        context: `ambiguous` or `disambiguated`.

    Returns:
        The decided records; shape (n,) their lean, one of -1, 0 and 1; the records that were not
        scored.
    """
    there = [record for record in records if _context(record) == context]
    decided = [r for r in there if r.outcome == "scored" and _role(r) is not None]
    if context == "disambiguated":
        decided = [record for record in decided if _role(record) != "unknown"]
    values = [_LEAN[_role(record) or "unknown"] for record in decided]
    missing = [record for record in there if record.outcome != "scored"]
    return decided, np.array(values, dtype=np.float64), missing


def _verdicts(
    pairs: Sequence[tuple[SampleRecord, SampleRecord]],
) -> tuple[Floats, Floats]:
    ja = np.array([ja.verdict for ja, _ in pairs], dtype=np.float64)
    en = np.array([en.verdict for _, en in pairs], dtype=np.float64)
    return ja, en


def _clusters(records: Sequence[SampleRecord]) -> Codes:
    """Return a number for each record's cluster, in the order of the clusters' names."""
    names = [record.cluster for record in records]
    places = {name: place for place, name in enumerate(sorted(set(names)))}
    return np.array([places[name] for name in names], dtype=np.int64)


def _context(record: SampleRecord) -> Context | None:
    return _CONTEXTS.get(record.tags.get("context", ""))


def _role(record: SampleRecord) -> Role | None:
    return next((each for each in _ROLES if each in record.labels), None)
