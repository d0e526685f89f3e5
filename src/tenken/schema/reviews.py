"""What people said of a sample of the answers, as a report holds it."""

from __future__ import annotations

from pydantic import PositiveInt

from tenken.schema.base import Frozen
from tenken.schema.calibration import Figure
from tenken.schema.estimate import Count, Difference


class ReviewerKappa(Difference):
    """Kappa of two reviewers.

    Attributes:
        reviewers: Numbers of the two.
        value: The estimate; null without a denominator.
        low: Lower end of the interval.
        high: Upper end of the interval.
        n: Items that it rests on.
    """

    reviewers: tuple[PositiveInt, ...]
    n: Count


class ReviewerAgreement(Frozen):
    """Agreement on one scorer's labels.

    Attributes:
        scorer: Registry name of the scorer.
        answers: Answers with two labels or more.
        alpha: Krippendorff's alpha; n counts labels.
        kappa: Cohen's kappa of each pair of reviewers.
    """

    scorer: str
    answers: Count
    alpha: Figure
    kappa: tuple[ReviewerKappa, ...]


class DrawSummary(Frozen):
    """A draw.

    Attributes:
        file: Its file in the bundle.
        sample: How many answers were asked for.
        seed: Seed of the draw.
        population: Answers that there were to draw from.
        drawn: Answers drawn.
    """

    file: str
    sample: Count
    seed: Count
    population: Count
    drawn: Count


class Reviews(Frozen):
    """What people said of a sample of the answers. Reviewers are numbered, not named.

    Attributes:
        draws: The draws, each made and sealed before anybody gave a label.
        files: Labels in each file of them, by the file's name.
        drawn: Answers drawn, each counted once.
        labelled: Answers with a label that holds.
        open: Answers that reviewers differ on and no adjudicator has settled.
        adjudicated: Answers that an adjudicator settled.
        cannot_say: Answers of which nobody could say anything.
        stale: Labelled answers that were replaced since; they count nowhere.
        reviewers: People who gave labels, adjudicators aside.
        agreement: How far reviewers agree, for each scorer whose labels they gave.
    """

    draws: tuple[DrawSummary, ...]
    files: dict[str, Count]
    drawn: Count
    labelled: Count
    open: Count
    adjudicated: Count
    cannot_say: Count
    stale: Count
    reviewers: Count
    agreement: tuple[ReviewerAgreement, ...]
