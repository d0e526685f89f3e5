"""What people said: of a sample of the answers, as a report holds it, and of a task's items."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from tenken.schema.base import Frozen
from tenken.schema.calibration import Figure
from tenken.schema.estimate import Count, Difference
from tenken.schema.record import Language


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


class ItemReview(Frozen):
    """One reading of one item by somebody who did not write it: a line of `reviews.jsonl`.

    Attributes:
        id: The sample's id.
        item: SHA-256 of what was read. A record of an item that has changed since counts nowhere.
        language: Language of the item.
        by: Who kind read it.
        reader: The person's name or pseudonym, or the model's name.
        date: The day on which it was read.
        naturalness: From 1 (nobody would write this) to 5.
        harmful: Whether meeting it in full would do harm, said without knowing what it is meant
            to be; null where the reader could not say, or the task has no harmless twins.
        equal: Whether both languages ask the same; null where the reader could not say.
        decision: What should become of the item.
        note: What the reader adds.
    """

    id: Annotated[str, Field(min_length=1)]
    item: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    language: Language
    by: Literal["person", "model"]
    reader: Annotated[str, Field(min_length=1, max_length=60)]
    date: date
    naturalness: Annotated[int, Field(strict=True, ge=1, le=5)]
    harmful: Annotated[bool, Field(strict=True)] | None = None
    equal: Annotated[bool, Field(strict=True)] | None = None
    decision: Literal["keep", "change", "drop"]
    note: Annotated[str, Field(max_length=2000)] = ""


class OutOf(Frozen):
    """A number and what it is a part of.

    Attributes:
        count: How many.
        of: Of how many.
    """

    count: Count
    of: Count


class ItemsRead(Frozen):
    """Who has read the items of a task that they did not write, and what they found.

    Attributes:
        samples: Samples that the task has.
        by_people: Samples that at least one person has read.
        by_models_alone: Samples that models have read and no person has.
        records: Readings that count.
        stale: Readings of items that have changed since or are gone; they count nowhere.
        naturalness: Mean rating, from 1 to 5; null without a reading.
        as_labelled: Readings that take an item for what its label says, of those that say.
        readers_agree: Items that all their readers take for the same, of those with two or more.
        equal: Readings that find both languages equal, of those that say.
        kept: Readings that would keep the item as it is.
    """

    samples: Count
    by_people: Count
    by_models_alone: Count
    records: Count
    stale: Count
    naturalness: float | None
    as_labelled: OutOf
    readers_agree: OutOf
    equal: OutOf
    kept: OutOf
