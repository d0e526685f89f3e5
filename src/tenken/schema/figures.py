"""The figures of a report: a rate with what a reader needs to weigh it, and what is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar

from pydantic import Field, PositiveInt

from tenken.schema.base import Frozen
from tenken.schema.estimate import Count, Difference, OutcomeCounts, Rate, Share, Signed
from tenken.schema.reasons import Reason
from tenken.schema.record import Language

FigureT = TypeVar("FigureT")


def parts(overall: FigureT, languages: Mapping[Language, FigureT]) -> dict[str, FigureT]:
    """Return a figure over all languages, named `overall`, and those of each language.

    Args:
        overall: The figure over all languages.
        languages: The figures by language; may be empty.
    """
    found = {"overall": overall}
    found.update((name, part) for name, part in languages.items())
    return found


class RateEstimate(Rate):
    """An estimate in [0, 1] with its interval.

    Attributes:
        method: How the interval was computed.
        n: Answers that the estimate rests on.
        clusters: Clusters that these answers fall into.
    """

    method: str | None
    n: Count
    clusters: Count


class ScoreEstimate(Difference):
    """An estimate in [-1, 1] with its interval.

    Attributes:
        method: How the interval was computed.
        n: Answers that the estimate rests on.
        clusters: Clusters that these answers fall into.
    """

    method: str | None
    n: Count
    clusters: Count


class RateFigure(RateEstimate):
    """A rate with all that a reader needs to weigh it.

    Attributes:
        best: The rate if every sample without a verdict had gone the safe way; null without
            samples.
        worst: The rate if every sample without a verdict had gone the unsafe way; null without
            samples.
        outcomes: What became of the samples behind the rate.
    """

    best: Share | None
    worst: Share | None
    outcomes: OutcomeCounts


class CorrectedRate(Rate):
    """The rate corrected for the scorer's own error (Rogan and Gladen 1978).

    It is beside the raw rate, which stays as it is.

    Attributes:
        value: The corrected rate, 1 the unsafe end; null where there is no correction.
        low: Lower end of its interval, which carries the sampling errors of the rate and of the
            trial.
        high: Upper end of its interval.
        clipped: Whether value or interval would be outside 0 to 1 and was cut there.
        card: File of the calibration card; null without one, and for a mean over languages.
        kind: How the trial's labels came about; over several languages the weaker kind.
        basis: What the correction rests on: labels that people gave to answers of this run
            (PPI++), or the card of the scorer's trial (Rogan-Gladen); null where there is neither.
            No figure is made of both.
        labelled: Answers that people labelled; null where the basis is no labels.
        sensitivity: Share of the trial's unsafe answers that the scorer found.
        specificity: Share of the trial's other answers that the scorer let pass.
        trial_n: Answers of the trial that the scorer decided.
        scored_share: Share of the verdicts that the scorer reached; the rest are blocked answers,
            which count as safe, and the corrected rate is scaled by this share.
        method: How value and interval were computed.
        reason: Why there is no correction: a code and its parameters; null where there is one.
    """

    value: Share | None = None
    low: Share | None = None
    high: Share | None = None
    clipped: bool = False
    card: str | None = None
    kind: Literal["human_rated", "constructed"] | None = None
    basis: Literal["labels", "card"] | None = None
    labelled: PositiveInt | None = None
    sensitivity: Share | None = None
    specificity: Share | None = None
    trial_n: Count | None = None
    scored_share: Share | None = None
    method: str | None = None
    reason: Reason | None = None


class CorrectedMean(Rate):
    """The mean of corrected rates, each of equal weight.

    Attributes:
        value: The mean; null unless every part is corrected.
        low: Lower end of its interval.
        high: Upper end of its interval.
        basis: What every part's correction rests on; null where they differ or there is none.
        method: How value and interval were computed.
        reason: Why there is no correction: a code and its parameters; null where there is one.
    """

    value: Share | None = None
    low: Share | None = None
    high: Share | None = None
    basis: Literal["labels", "card"] | None = None
    method: str | None = None
    reason: Reason | None = None


class CorrectedDifference(Difference):
    """The corrected rate in Japanese minus the one in English, each over all of its samples.

    Attributes:
        value: The difference; null unless both are corrected.
        low: Lower end of its interval.
        high: Upper end of its interval.
        basis: What both corrections rest on; null where they differ or there is none.
        method: How value and interval were computed.
        reason: Why there is no correction: a code and its parameters; null where there is one.
    """

    value: Signed | None = None
    low: Signed | None = None
    high: Signed | None = None
    basis: Literal["labels", "card"] | None = None
    method: str | None = None
    reason: Reason | None = None


class CorrectedFigure(RateFigure):
    """A rate in [0, 1], 1 the unsafe end, with what a reader needs to weigh it.

    Attributes:
        corrected: The rate corrected for the scorer's own error.
    """

    corrected: CorrectedRate


class GroupFigure(RateFigure):
    """The rate among the samples that share a value of a tag.

    Attributes:
        tag: Name of the tag.
        tag_value: The value that the samples share.
    """

    tag: str
    tag_value: str


class Agreement(ScoreEstimate):
    """How far two scorers agree on which answers are unsafe, over those that both have judged.

    Attributes:
        agreed: Answers that both judged alike.
        first_unsafe: Answers that are unsafe to the first scorer alone.
        other_unsafe: Answers that are unsafe to the other scorer alone.
    """

    agreed: Count
    first_unsafe: Count
    other_unsafe: Count


class RescoredFigure(CorrectedFigure):
    """A rate by another scorer, with its agreement with the first.

    Attributes:
        agreement: Cohen's kappa of both scorers' verdicts.
    """

    agreement: Agreement


class Parity(Frozen):
    """Whether two rates differ by less than a margin (two one-sided tests).

    Attributes:
        margin: Largest difference that counts as none.
        low: Lower end of the interval of the two one-sided tests.
        high: Upper end of the interval of the two one-sided tests.
        equivalent: Whether all of it is within the margin.
    """

    margin: Annotated[float, Field(gt=0, le=1)]
    low: Signed
    high: Signed
    equivalent: bool


class Paired(Difference):
    """A difference of two rates over the same items.

    Attributes:
        interval_method: How the interval was computed.
        n_pairs: Items with a verdict on both sides, each epoch counted.
        pairs_left_out: Items asked on both sides that lack a verdict on one.
        clusters: Clusters that the items fall into.
        p_value: Two-sided p of no difference.
        test: Name of the test behind p.
    """

    interval_method: str | None
    n_pairs: Count
    pairs_left_out: Count
    clusters: Count
    p_value: Share | None
    test: str


class PairedLanguages(Paired):
    """The rate in Japanese minus the rate in English, over items with a verdict in both.

    Attributes:
        parity: Whether the languages' rates differ by less than the suite's margin; null without a
            margin or pairs.
        worse_in_english: Items that are more unsafe in English.
        worse_in_japanese: Items that are more unsafe in Japanese.
    """

    parity: Parity | None
    worse_in_english: Count
    worse_in_japanese: Count


class LanguageDifference(PairedLanguages):
    """The rate in Japanese minus the rate in English, over items with a verdict in both.

    Attributes:
        p_holm: Its p adjusted by Holm over all language comparisons of the report.
        corrected: The same difference of the corrected rates.
    """

    p_holm: Share | None
    corrected: CorrectedDifference


class Power(Frozen):
    """What the sample can show, at a power of 0.8.

    Attributes:
        clusters: Clusters with a verdict, which the smallest differences count.
        detectable_above_tenth: Smallest excess over a rate of 0.1 that is detected; null where
            none is.
        detectable_between_languages: Smallest difference between the languages that is detected,
            if a fifth of the pairs differ; null where none is.
    """

    clusters: Count
    detectable_above_tenth: Share | None = Field(alias="detectable_above_0.1")
    detectable_between_languages: Share | None


class BiasScores(Frozen):
    """Accuracy and bias score in each kind of context.

    Attributes:
        accuracy_ambiguous: Share of right answers where the text does not say.
        accuracy_disambiguated: Share of right answers where the text says it.
        bias_ambiguous: s_AMB: positive when wrong answers follow the stereotype.
        bias_disambiguated: s_DIS: positive when answers that name a group follow the stereotype.
    """

    accuracy_ambiguous: RateEstimate
    accuracy_disambiguated: RateEstimate
    bias_ambiguous: ScoreEstimate
    bias_disambiguated: ScoreEstimate


class Bias(Frozen):
    """Bias scores after Parrish et al. (2022).

    Attributes:
        overall: The scores over all samples.
        languages: The scores in each language that was asked in.
        axes: The scores on each axis of bias.
    """

    overall: BiasScores
    languages: dict[Language, BiasScores]
    axes: dict[str, BiasScores]


class GapFigure(Difference):
    """A difference of two rates over the same swapped pairs, in [-1, 1].

    Attributes:
        method: How the interval was made.
        n: Pairs with both decisions.
        favours_majority: Pairs in which only the majority's version got the favourable decision.
        favours_minority: Pairs in which only the minority's version got it.
        p_value: That swaps favour neither.
        test: The test that it comes from.
    """

    method: str | None
    n: Count
    favours_majority: Count
    favours_minority: Count
    p_value: float | None
    test: str


class Gap(Frozen):
    """How much oftener a swap of the group favours the majority than the minority.

    Attributes:
        overall: Over all pairs.
        languages: In each language that was asked in.
        axes: On each axis of bias.
    """

    overall: GapFigure
    languages: dict[Language, GapFigure]
    axes: dict[str, GapFigure]


UnansweredKind = Literal["no_answer", "no_tool", "same_answer"]


class Unanswered(Frozen):
    """Answers that are none, and count as safe in a rate of harm.

    Attributes:
        kind: `no_answer` for labels such as `neither`, `no_tool` for harmless agentic samples in
            which no tool was called, `same_answer` for one letter to nearly every question.
        measure: Key of the measure; null where it is about the task as a whole.
        n: How many there are.
        of: Verdicts that they are among.
        share: n / of.
        most: Largest share with which the task is a result.
        too_many: Whether there are more: the task is incomplete.
    """

    kind: UnansweredKind
    measure: str | None
    n: PositiveInt
    of: PositiveInt
    share: Share
    most: Share
    too_many: bool


class MeanOfKinds(Frozen):
    """A rate and its counterpart as one number, which no behaviour that never reads does well on.

    Attributes:
        counterpart: Key of the other measure.
        value: Mean of the two rates, each of equal weight, in [0, 1].
    """

    counterpart: str
    value: Share


class SeverityWeighted(RateEstimate):
    """A rate in which each verdict weighs as much as the severity of what was asked.

    Attributes:
        weights: The weight of each value of the tag `severity`, as the task's card declares it.
        verdicts: Number of verdicts by value of the tag.
        languages: The same rate in each language that was asked in.
        intents: The same rate for each value of the tag `intent`; empty where samples lack it.
    """

    weights: dict[str, Annotated[float, Field(gt=0)]]
    verdicts: dict[str, PositiveInt]
    languages: dict[Language, RateEstimate]
    intents: dict[str, RateEstimate]
