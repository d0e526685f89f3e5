"""From true labels and labels given to the figures of a calibration card."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from tenken.results.metrics import agreement
from tenken.results.metrics.agreement import Confusion
from tenken.results.metrics.interval import NOT_MEASURED, Estimate, Interval
from tenken.results.metrics.rates import wilson_interval, wilson_limits
from tenken.results.metrics.rogan_gladen import BinaryTrial
from tenken.results.metrics.settings import rounded
from tenken.schema.calibration import (
    UNDECIDED,
    Cell,
    Figure,
    PromptKind,
    RaterAgreement,
    Reading,
    Repeated,
    Stratum,
)

_YES, _NO = "positive", "other"
_PROMPTS: Final[Mapping[str, PromptKind]] = {
    "unsafe": "harmful",
    "harmful": "harmful",
    "safe": "harmless",
    "harmless": "harmless",
}
"""What the tag `prompt` of gold answers says about the kind of prompt."""


def cells(truth: Sequence[str], seen: Sequence[str]) -> list[Cell]:
    """Return the counts by true label and label given, sorted.

    Args:
        truth: True label of each item.
        seen: Label given to each item, in the same order.

    Returns:
        The pairs of labels that occur, each with its count.

    Raises:
        ValueError: If the two have different lengths.
    """
    counts = Counter(zip(truth, seen, strict=True))
    return [Cell(truth=t, seen=s, count=count) for (t, s), count in sorted(counts.items())]


def reading(table: Sequence[Cell], positive: Collection[str], share: float = 1.0) -> Reading:
    """Return the figures with some labels on one side and all others on the other.

    Items that the scorer could not decide are left out of the figures: in a run they are
    unscored, and no verdict of theirs is corrected. So are items whose truth is that nothing is
    decided; they are counted apart (`undecided_truths`).

    Args:
        table: The counts.
        positive: The labels on the one side.
        share: Distinct prompts an answer, in (0, 1]: answers to one prompt are a cluster, so that
            intervals are those of as many answers as there are prompts.
    """
    sides = _sides(table, positive)
    trial = sides.trial(_YES)
    return Reading(
        positive=sorted(positive),
        accuracy=_clustered(sides.agreed, sides.n, share),
        sensitivity=_clustered(trial.true_positives, trial.positives, share),
        specificity=_clustered(trial.true_negatives, trial.negatives, share),
        kappa=figure(agreement.cohen_kappa(sides, clusters=sides.n * share)),
    )


def undecided_truths(table: Sequence[Cell]) -> tuple[int, int]:
    """Return how many items decide nothing by their truth, and how many the scorer left so."""
    truths = [cell for cell in table if cell.truth == UNDECIDED]
    return sum(c.count for c in truths), sum(c.count for c in truths if c.seen == UNDECIDED)


def strata_of(rows: Sequence[tuple[Mapping[str, str], str, str, str]], gold: str) -> list[Stratum]:
    """Return the counts by model, gold set and kind of prompt.

    Args:
        rows: Tags, prompt, true label and label given of each answer. The tag `model`, else the
            file or the set, says whose the answer is; the tag `prompt` whether it asks for harm.
        gold: What to call the model where no tag does.
    """
    groups: dict[tuple[str, str, str], list[tuple[str, str, str]]] = defaultdict(list)
    for tags, prompt, truth, seen in rows:
        name = tags.get("set", "")
        model = tags.get("model") or tags.get("file") or name or gold
        groups[model, name, tags.get("prompt", "")].append((prompt, truth, seen))
    return [
        Stratum(
            model=model,
            gold_set=name,
            prompt=_PROMPTS.get(kind, ""),
            prompts=len({prompt for prompt, _, _ in members}),
            confusion=cells([truth for _, truth, _ in members], [seen for _, _, seen in members]),
        )
        for (model, name, kind), members in sorted(groups.items())
    ]


def prompt_share(strata: Sequence[Stratum]) -> float:
    """Return the distinct prompts an answer of a card, in (0, 1]; 1 where it does not say."""
    answers: dict[tuple[str, str], int] = defaultdict(int)
    prompts: dict[tuple[str, str], int] = defaultdict(int)
    for each in strata:  # models answer the same prompts, sets have their own
        kind = each.gold_set, each.prompt
        answers[kind] += sum(cell.count for cell in each.confusion)
        prompts[kind] = max(prompts[kind], each.prompts)
    return min(1.0, sum(prompts.values()) / sum(answers.values())) if strata else 1.0


def _clustered(count: int, n: int, share: float) -> Figure:
    if not n:
        return figure(NOT_MEASURED)
    low, high = wilson_limits(np.float64(count / n), max(1.0, n * share), 0.05)
    return figure(Estimate(count / n, Interval(float(low), float(high), "wilson"), n, n))


def trial_of(table: Sequence[Cell], positive: Collection[str]) -> BinaryTrial:
    """Return what a correction needs of a trial, for the labels that a measure calls unsafe.

    Args:
        table: The counts; cells with an undecided label on either side are left out.
        positive: The labels of the unsafe side.
    """
    return _sides(table, positive).trial(_YES)


def share(count: int, n: int) -> Figure:
    """Return a share with Wilson's 95% interval, without a value where n is 0.

    Args:
        count: How many of the n, from 0 to n.
        n: How many there are.
    """
    if not n:
        return Figure(value=None, low=None, high=None, n=0)
    return figure(Estimate(count / n, wilson_interval(count, n, level=0.95), n, n))


def repeated(pairs: Sequence[tuple[str, str]], side: Collection[str]) -> Repeated:
    """Return how often a second reading is on the other side of the first.

    Args:
        pairs: First and second label of each answer that a judge was asked twice about.
        side: The labels on the one side.
    """
    decided = [(one, two) for one, two in pairs if two != UNDECIDED]
    flipped = sum((one in side) != (two in side) for one, two in decided)
    return Repeated(
        asked=len(pairs),
        undecided=len(pairs) - len(decided),
        flipped=flipped,
        share=share(flipped, len(decided)),
    )


def raters(
    ratings: Sequence[Sequence[str | None]], clusters: Sequence[str]
) -> RaterAgreement | None:
    """Return the agreement of the people behind the labels, None with fewer than two.

    Args:
        ratings: A row for each answer, in it one label for each person, None where one gave none.
        clusters: What each answer is an answer to: those to one prompt are a cluster.
    """
    import numpy as np

    count = max((len(row) for row in ratings), default=0)
    if count < 2:
        return None
    alpha = agreement.krippendorff_alpha(ratings, clusters=np.array(clusters, dtype=np.str_))
    return RaterAgreement(raters=count, krippendorff_alpha=figure(alpha))


def figure(estimate: Estimate) -> Figure:
    """Return an estimate as a card holds it."""
    interval = estimate.interval
    return Figure(
        value=rounded(estimate.value),
        low=rounded(interval.low) if interval else None,
        high=rounded(interval.high) if interval else None,
        n=estimate.n,
    )


def _sides(table: Sequence[Cell], positive: Collection[str]) -> Confusion:
    counts = {(t, s): 0 for t in (_YES, _NO) for s in (_YES, _NO)}
    for cell in table:
        if UNDECIDED not in (cell.seen, cell.truth):
            truth = _YES if cell.truth in positive else _NO
            seen = _YES if cell.seen in positive else _NO
            counts[truth, seen] += cell.count
    return Confusion(
        (_YES, _NO),
        tuple((counts[t, _YES], counts[t, _NO]) for t in (_YES, _NO)),
    )
