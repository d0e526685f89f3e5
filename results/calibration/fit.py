"""Which calibration card speaks for a measure in a language, and how far a scorer has any."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from tenken.results.calibration.readings import (
    prompt_share,
    reading,
    trial_of,
    undecided_truths,
)
from tenken.results.metrics.rogan_gladen import BinaryTrial
from tenken.schema.calibration import CalibrationCard, Stratum
from tenken.schema.plan import Measure, PlannedTask
from tenken.schema.reasons import STALE, Reason
from tenken.schema.record import languages_of
from tenken.schema.scorers import CardFigures, CardSummary, ScorerSummary

_OTHER: Final = ("other_scorer", "other_language")


@dataclass(frozen=True)
class CardChoice:
    """The card that a measure is corrected with in one language, or the reason why none is.

    Attributes:
        name: The card's file; empty without one.
        trial: The trial with the measure's unsafe labels as the positive ones.
        strata: The counts by model and kind of prompt of every card that fits.
        reason: Why there is no card; None with one.
    """

    name: str = ""
    card: CalibrationCard | None = None
    trial: BinaryTrial | None = None
    strata: tuple[Stratum, ...] = ()
    reason: Reason | None = None


def choose(
    cards: Mapping[str, CalibrationCard], task: PlannedTask, measure: Measure, language: str
) -> CardChoice:
    """Return the card that fits a measure in one language.

    Of several, labels by people go before constructed ones, then more items, then the name.

    Args:
        cards: By name of the file, as in the plan.
        task: The task, with its scorer and graders.
        measure: The measure; its unsafe labels are the positives of the trial.
        language: The language of the answers.

    Returns:
        The card, or the reason why there is none: of several cards that do not, the stale one's.
    """
    if not measure.unsafe_labels:
        return CardChoice(reason=Reason(code="own_values"))
    fitting: list[tuple[tuple[bool, int, str], CardChoice]] = []
    reasons: list[Reason] = []
    for name, card in sorted(cards.items()):
        trial = trial_of(card.confusion, measure.unsafe_labels)
        why = card.misfit(task.scorer, task.graders, language) or _one_sided(trial, measure)
        if why:
            reasons.append(why)
        else:
            order = (card.gold.kind != "human_rated", -card.n, name)
            fitting.append((order, CardChoice(name, card, trial)))
    if fitting:
        best = min(fitting, key=lambda each: each[0])[1]
        cards_of_kind = [each.card for _, each in fitting if each.card and _alike(each, best)]
        strata = tuple(stratum for card in cards_of_kind for stratum in card.strata)
        return replace(best, strata=strata)
    close = [why for why in reasons if why.code not in _OTHER]
    close.sort(key=lambda why: why.code not in STALE)
    return CardChoice(reason=close[0] if close else Reason(code="no_card"))


def _alike(one: CardChoice, best: CardChoice) -> bool:
    """Whether two cards' labels came about alike: constructed answers are of no model."""
    return bool(one.card and best.card and one.card.gold.kind == best.card.gold.kind)


def _one_sided(trial: BinaryTrial, measure: Measure) -> Reason | None:
    labels = {"labels": tuple(measure.unsafe_labels)}
    if not trial.positives:
        return Reason(code="no_answer_labelled", values=labels)
    return None if trial.negatives else Reason(code="only_answers_labelled", values=labels)


def scorer_summary(task: PlannedTask, cards: Mapping[str, CalibrationCard]) -> ScorerSummary:
    """Return a task's scorer with how far it is calibrated, and the cards that say so.

    It is `calibrated` when a card fits every measure in every language of it, `uncalibrated` when
    none fits any, else `partly`. Each card has its figures for the measures that it fits.

    Args:
        task: The task.
        cards: By name of the file, as in the plan.
    """
    there = {(sample.language, sample.measure) for sample in task.samples}
    asked = [
        (language, measure)
        for language in languages_of(task.samples)
        for measure in task.measures
        if (language, measure.key) in there
    ]
    found: dict[str, list[Measure]] = defaultdict(list)
    for language, measure in asked:
        chosen = choose(cards, task, measure, language)
        if chosen.card is not None:
            found[chosen.name].append(measure)
    fitted = sum(map(len, found.values()))
    whole = fitted == len(asked)
    return ScorerSummary(
        **dict(task.scorer),
        calibration=("calibrated" if whole else "partly") if fitted else "uncalibrated",
        cards=tuple(_summary(name, cards[name], each) for name, each in found.items()),
    )


def _summary(name: str, card: CalibrationCard, measures: Sequence[Measure]) -> CardSummary:
    share = prompt_share(card.strata)
    return CardSummary(
        file=name,
        language=card.language,
        kind=card.gold.kind,
        gold=card.gold.name,
        gold_sha256=card.gold.sha256,
        split=card.gold.split,
        source=card.gold.source,
        n=card.n,
        command=card.command,
        gaming_rate=card.gaming_rate,
        models=len({each.model for each in card.strata}),
        left_out=card.left_out,
        sets_left_out=card.sets_left_out,
        repeated=card.repeated,
        undecided_truths=undecided_truths(card.confusion)[0],
        measures=tuple(
            CardFigures(
                measure=each.key, **dict(reading(card.confusion, each.unsafe_labels, share))
            )
            for each in measures
        ),
    )
