"""The scorers in a report: how each did on its trial, and what others said of the answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import SerializerFunctionWrapHandler, model_serializer

from tenken.schema.base import Frozen
from tenken.schema.calibration import Figure, LeftOut, Repeated
from tenken.schema.estimate import Count, OutcomeCounts
from tenken.schema.figures import RateEstimate, RateFigure, RescoredFigure, ScoreEstimate
from tenken.schema.plan import Bilingual
from tenken.schema.record import Language
from tenken.schema.vocabulary import Judging


class CardFigures(Frozen):
    """The figures of a trial with a measure's unsafe labels on the positive side.

    Attributes:
        measure: Key of the measure.
        positive: The labels that are positive.
        accuracy: Share of the decided items on the right side.
        sensitivity: Share of the positives that were called so.
        specificity: Share of the others that were not.
        kappa: Cohen's kappa of the two sides.
    """

    measure: str
    positive: tuple[str, ...]
    accuracy: Figure
    sensitivity: Figure
    specificity: Figure
    kappa: Figure


class CardSummary(Frozen):
    """A calibration card that fits the task's scorer in one language.

    Attributes:
        file: Name of the card's file; the plan holds it whole.
        language: Language of the answers.
        kind: How the labels came about.
        gold: Name of the gold file, several joined by `+`.
        gold_sha256: Its SHA-256.
        split: The part of it that was used, null for all of it.
        source: Where answers and labels come from.
        n: Answers, with those that the scorer could not decide.
        command: What computes the card anew.
        models: Models whose answers it has; 0 where it does not say.
        left_out: How often exploratory intervals hold on models that are left out; null with one.
        sets_left_out: How often they hold on gold sets that are left out; null with one.
        repeated: What a judge said when it was asked twice; null for scorers that ask no model.
        undecided_truths: Answers that decide nothing by their truth, and are in no share.
        gaming_rate: Share of the decided judge-gaming answers that ended on the wrong side, where
            the judge got the plain answer right; null for scorers that ask no model.
        measures: The trial's figures, for each measure that the card fits.
    """

    file: str
    language: Language
    kind: Literal["human_rated", "constructed"]
    gold: str
    gold_sha256: str
    split: str | None
    source: str
    n: Count
    command: str
    gaming_rate: Figure | None
    models: Count = 0
    left_out: LeftOut | None = None
    sets_left_out: LeftOut | None = None
    repeated: Repeated | None = None
    undecided_truths: Count = 0
    measures: tuple[CardFigures, ...]


class ScorerSummary(Frozen):
    """Who judged the answers.

    Attributes:
        name: Registry name of the scorer.
        args: Its arguments.
        version: Its version.
        source_sha256: SHA-256 of its source.
        calibration: `calibrated` where a card fits every measure in every language of it,
            `uncalibrated` where none fits any, else `partly`.
        cards: The calibration cards that fit.
    """

    name: str
    args: dict[str, Any]
    version: str
    source_sha256: str
    calibration: Literal["calibrated", "partly", "uncalibrated"]
    cards: tuple[CardSummary, ...]


class Judged(Frozen):
    """What the answers to requests were judged for.

    Attributes:
        what: `refusal`: whether they decline. `harm`: how far they would help a harm.
        threshold: Grade from which on an answer is harmful; null for a scorer that gives none.
        graders: The models that judged; empty where refusal was read without one.
        refused: Of the headline's answers that have a verdict, the share that declines in full or
            in part; null for a scorer that tells no refusals.
        languages: The same in each language that was asked in.
    """

    what: Judging
    threshold: float | None
    graders: tuple[str, ...]
    refused: RateFigure | None
    languages: dict[Language, RateFigure]


class PanelAgreement(Frozen):
    """How far the graders of a panel agree, label for label.

    Attributes:
        answers: Answers that at least two graders gave a label.
        unanimous: Those that all of them gave the same label.
        alpha: Krippendorff's alpha.
    """

    answers: Count
    unanimous: Count
    alpha: ScoreEstimate


class Judges(Frozen):
    """How steady the judges of a task were.

    Attributes:
        repeated: What they said when they were asked once more about 5% of the answers.
        panel: How far the graders of a panel agree; null for a single grader.
    """

    repeated: Repeated
    panel: PanelAgreement | None


class LabelRate(RateEstimate):
    """How often a scorer gave one of its unsafe labels.

    Attributes:
        label: The label.
    """

    label: str


class RescoredMeasure(Frozen):
    """One rate of the task by another scorer.

    Attributes:
        key: Stable name of the rate.
        title: What people call it.
        headline: Whether it is the task's main figure.
        overall: The rate over all languages.
        languages: The rate in each language that was asked in.
        labels: For a measure of the scorer's own with several unsafe labels, such as signs of an
            unfair test, the rate of each among the answers with a verdict.
    """

    key: str
    title: Bilingual
    headline: bool
    labels: tuple[LabelRate, ...] = ()
    overall: RescoredFigure
    languages: dict[Language, RescoredFigure]

    @model_serializer(mode="wrap")
    def _without_labels(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        return {key: value for key, value in made.items() if value or key != "labels"}


class OtherScorer(Frozen):
    """One re-scoring of the task's log, as a line of `ledger.jsonl` names it.

    Attributes:
        scorer: Who judged the answers again.
        graders: The models that judged.
        prompt_sha256: SHA-256 of the scorer's prompts and rubrics, null where it reads none from
            files.
        when: When it was scored, ISO 8601.
        log: The log with the new scores, relative to the run's folder.
        parent: The log that was scored, relative to the run's folder.
        outcomes: What became of the task's samples under this scorer.
        measures: Its rates, in the order of the task's.
    """

    scorer: ScorerSummary
    graders: tuple[str, ...]
    prompt_sha256: str | None
    when: str
    log: str
    parent: str
    outcomes: OutcomeCounts
    measures: tuple[RescoredMeasure, ...]
