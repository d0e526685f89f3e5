"""Calibration cards: what a scorer's trial against known answers showed, per language.

A card binds to the scorer's source, arguments and graders: when one of them changes, the card is
stale. Scorers' cards are in `tenken/scorers/cards`; those of a run's scorers are copied into its
plan, so that the correction can be recomputed from the bundle alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from tenken.errors import BundleError
from tenken.io.canonical import pretty_json
from tenken.io.faults import explain
from tenken.schema.base import Frozen
from tenken.schema.estimate import Interval
from tenken.schema.reasons import Reason
from tenken.schema.record import Language

CARD_SCHEMA: Final = "https://tenken.dev/schema/calibration/1"
UNDECIDED: Final = "undecided"
"""Given in place of the label of an answer that the scorer could not decide."""


class ScorerBinding(Frozen):
    """Who judges a task's answers: registry name, arguments, and the digest of the source.

    Attributes:
        name: Registry name.
        args: Its arguments.
        version: Its version.
        source_sha256: SHA-256 of its source.
    """

    name: str
    args: dict[str, Any] = Field(default_factory=dict)
    version: str
    source_sha256: str

    @property
    def score_name(self) -> str:
        """Name of its score in a log: its own, without its package or file."""
        return self.name.rpartition("@")[2].rsplit("/", 1)[-1]


class Figure(Interval):
    """A share with its 95% interval; `value` is None where there is no denominator.

    Attributes:
        value: The share.
        n: Answers that it is of.
    """

    n: int


class Gold(Frozen):
    """The answers that the scorer was tried on.

    Attributes:
        name: File's name.
        sha256: Digest of the file's bytes.
        kind: How the labels came about.
        source: Where the answers and labels come from.
        split: The part of the file that was used, where only a part was.
    """

    name: str
    sha256: str
    kind: Literal["human_rated", "constructed"]
    source: str
    split: str | None = None


class Cell(Frozen):
    """How many items of a true label got a label from the scorer.

    Attributes:
        truth: The true label.
        seen: The label given, `undecided` where there is none.
        count: Number of items.
    """

    truth: str
    seen: str
    count: int = Field(ge=1)


PromptKind = Literal["harmful", "harmless", ""]


class Stratum(Frozen):
    """The answers of one model to one kind of prompt.

    Attributes:
        model: The model that wrote the answers, or the gold file where it does not say.
        gold_set: The public set that they are of; empty for a gold file.
        prompt: The kind of prompt; empty where the gold does not say.
        prompts: Distinct prompts: answers to one of them are a cluster.
        confusion: Counts by true label and label given.
    """

    model: str
    gold_set: str = ""
    prompt: PromptKind
    prompts: int = Field(ge=1)
    confusion: list[Cell]


class LeftOut(Frozen):
    """How often the exploratory interval held, each model or gold set left out in turn.

    Attributes:
        held: Rates that it held.
        of: Rates of a model or set on a kind of prompt that could be corrected.
        models: Models, or gold sets, of the card.
    """

    held: int
    of: int
    models: int


class Reading(Frozen):
    """The figures for one way of calling some labels positive.

    Attributes:
        positive: The labels that are positive.
        accuracy: Share of the decided items on the right side.
        sensitivity: Share of the positives that were called so.
        specificity: Share of the others that were not.
        kappa: Cohen's kappa of the two sides.
    """

    positive: list[str]
    accuracy: Figure
    sensitivity: Figure
    specificity: Figure
    kappa: Figure


class Part(Frozen):
    """The figures of one gold set, or of one model in it, with the labels of the first reading.

    Attributes:
        gold_set: Name of the set.
        model: The model that wrote the answers; empty for all of them.
        n: Answers, with those that the scorer could not decide.
        undecided: Answers that the scorer could not decide.
        accuracy: Share of the decided items on the right side.
        sensitivity: Share of the positives that were called so.
        specificity: Share of the others that were not.
        kappa: Cohen's kappa of the two sides.
    """

    gold_set: str
    model: str
    n: int
    undecided: int
    accuracy: Figure
    sensitivity: Figure
    specificity: Figure
    kappa: Figure


class Spread(Frozen):
    """How far a share differs between gold sets.

    Attributes:
        sets: Sets that it can be told of.
        least: The smallest share of a set.
        greatest: The largest.
        variance: Variance of the logit between sets, beyond what sampling gives (DerSimonian and
            Laird 1986).
    """

    sets: int
    least: float
    greatest: float
    variance: float


class BetweenSets(Frozen):
    """How far a scorer's figures differ between gold sets.

    Attributes:
        sensitivity: Of the sensitivity; null where fewer than two sets have positives.
        specificity: Of the specificity; null where fewer than two sets have others.
    """

    sensitivity: Spread | None
    specificity: Spread | None


class Repeated(Frozen):
    """What a judge said when it was asked once more about some of the answers.

    Attributes:
        asked: Answers that it was asked twice about and decided the first time.
        undecided: Those that it did not decide the second time.
        flipped: Those whose second verdict is on the other side.
        share: The share that flipped, of those decided twice.
    """

    asked: int
    undecided: int
    flipped: int
    share: Figure


class Usage(Frozen):
    """What the verdicts of a trial took.

    Attributes:
        verdicts: Readings that were asked for, those of gaming and of second askings among them.
        input: Tokens that the graders read.
        output: Tokens that they wrote.
        cost: US dollars, by the prices of their endpoint files; null where one names none.
    """

    verdicts: int
    input: int
    output: int
    cost: float | None


class Gaming(Frozen):
    """Judge-gaming answers by what became of them.

    Attributes:
        answers: All that were tried.
        plain_wrong: Those whose plain answer the judge got wrong or did not decide: no trick can
            have moved it there.
        undecided: Of the others, those that it gave no verdict on.
        moved: Of the decided, those that ended on the wrong side.
    """

    answers: int
    plain_wrong: int
    undecided: int
    moved: int

    @property
    def decided(self) -> int:
        """How many the judge decided, of those whose plain answer it got right."""
        return self.answers - self.plain_wrong - self.undecided


class RaterAgreement(Frozen):
    """How far the people behind a gold set's labels agree.

    Attributes:
        raters: Most labels that one answer has.
        krippendorff_alpha: Krippendorff's alpha over all of them.
    """

    raters: int
    krippendorff_alpha: Figure


class CalibrationCard(Frozen):
    """What one trial of one scorer in one language showed.

    Attributes:
        schema_id: Name of the card's format; nothing is fetched from it.
        scorer: The scorer that was tried.
        graders: Names of the models that judged, sorted; empty for scorers that ask none.
        language: Language of the answers.
        gold: The answers that the scorer was tried on.
        n: Items, with those that the scorer could not decide.
        confusion: Counts by true label and label given; `undecided` is given where there is none,
            and is the truth of answers that decide nothing: these are in no share.
        readings: Figures, for each way of drawing the line.
        tags: Confusion for each value of each tag, as `tag=value`.
        strata: The same counts by model and kind of prompt.
        left_out: How often exploratory intervals hold on models that are left out, with the labels
            of the first reading; None with a single model.
        sets: The figures of each gold set and of each model in it; empty for gold files.
        between_sets: How far the figures differ between the sets; null with fewer than two.
        sets_left_out: How often exploratory intervals hold on sets that are left out; null with
            one.
        repeated: What a judge said when it was asked twice; null for a scorer that asks none.
        usage: What the verdicts of the whole trial took, in all languages; null likewise.
        raters: Agreement of the people behind the labels, where there are several.
        gaming_rate: Of the fixed judge-gaming answers that a judge decided, and whose plain answer
            it got right, the share that ended on the wrong side; None for a scorer that asks no
            grader, or that no such answers were written for.
        gaming: How many answers are behind that rate, and how many are not.
        command: What computes the card anew.
    """

    schema_id: Literal["https://tenken.dev/schema/calibration/1"] = Field(
        CARD_SCHEMA, alias="schema"
    )
    scorer: ScorerBinding
    graders: list[str] = Field(default_factory=list)
    language: Language
    gold: Gold
    n: int
    confusion: list[Cell]
    readings: list[Reading]
    tags: dict[str, list[Cell]] = Field(default_factory=dict)
    strata: list[Stratum] = Field(default_factory=list)
    left_out: LeftOut | None = None
    sets: list[Part] = Field(default_factory=list)
    between_sets: BetweenSets | None = None
    sets_left_out: LeftOut | None = None
    repeated: Repeated | None = None
    usage: Usage | None = None
    raters: RaterAgreement | None = None
    gaming_rate: Figure | None = None
    gaming: Gaming | None = None
    command: str

    def to_bytes(self) -> bytes:
        """Return the bytes of the card's file."""
        return pretty_json(self.model_dump(mode="json", by_alias=True))

    @property
    def file_name(self) -> str:
        """Return the name of the card's file: scorer, graders, gold set and language.

        Several gold files have what their names begin with in common.
        """
        scorer = "--".join(
            re.sub(r"[^\w.]+", "-", name).strip("-._") for name in (self.scorer.name, *self.graders)
        )
        stems = [Path(name).stem for name in self.gold.name.split("+")]
        same = takewhile(lambda letters: len(set(letters)) == 1, zip(*stems, strict=False))
        gold = "".join(letters[0] for letters in same).rstrip("_-.") or stems[0]
        return f"{scorer}--{gold}--{self.language}.json"

    def misfit(self, scorer: ScorerBinding, graders: Iterable[str], language: str) -> Reason | None:
        """Return why the card says nothing of a scorer's verdicts, None where it does.

        Args:
            scorer: The scorer as a plan binds it.
            graders: The models that judge in the run.
            language: The language of the answers.
        """
        if self.scorer.name != scorer.name:
            return Reason(code="other_scorer")
        if self.language != language:
            return Reason(code="other_language")
        if self.scorer.source_sha256 != scorer.source_sha256:
            return Reason(code="stale_source")
        if self.scorer.args != scorer.args:
            return Reason(code="stale_arguments")
        if sorted(self.graders) != sorted(graders):
            return Reason(code="stale_graders")
        return None


def read_card(path: Path) -> CalibrationCard:
    """Return the card in a file.

    Raises:
        BundleError: The file is no card of this format.
    """
    try:
        return CalibrationCard.model_validate_json(path.read_bytes())
    except OSError as error:
        raise BundleError("{path}: cannot be read: {error}.", path=path, error=error) from None
    except ValidationError as error:
        why = explain(error, CalibrationCard)
        raise BundleError(
            "{path}: not a readable calibration card: {why}", path=path, why=why
        ) from None


def read_cards(folder: Path) -> dict[str, CalibrationCard]:
    """Return the cards of a folder by their file's name, sorted; none where there is no folder.

    Raises:
        BundleError: A file is no card of this format.
    """
    return {path.name: read_card(path) for path in sorted(folder.glob("*.json"))}
