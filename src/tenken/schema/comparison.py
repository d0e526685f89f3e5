"""A comparison of runs: what `compare --json` prints."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from tenken.schema.base import Frozen
from tenken.schema.estimate import (
    Count,
    Difference,
    OutcomeCounts,
    Overview,
    Rate,
    Scale,
    Share,
    Signed,
)
from tenken.schema.figures import RateEstimate
from tenken.schema.plan import Bilingual
from tenken.schema.reasons import Reason
from tenken.schema.record import Language, Risk
from tenken.schema.report import StatisticsSettings
from tenken.schema.verification import FindingText

COMPARISON_SCHEMA: Final = "https://tenken.dev/schema/comparison/2"
"""A name, not an address. The schema is in `tenken/results/schemas/comparison.schema.json`."""

Letter = Annotated[str, Field(pattern=r"^[A-Z]$")]
"""What a comparison calls a run; A is the baseline."""

Signature = Literal["good", "unchecked", "unsigned", "wrong", "none"]
"""How far the signature of a run's seal was checked; `unchecked` where no key was given."""

NotComparableCode = Literal[
    "task_missing",
    "version",
    "scorer",
    "graders",
    "prompt",
    "data",
    "measure_missing",
    "measure_rule",
    "sample_missing",
    "epoch",
    "sample_measure",
    "sample_place",
    "text",
    "attack",
]
"""Why samples are not comparable, the coarse reasons first."""


class IncompleteTask(Frozen):
    """A task with too many samples without a verdict, or too many answers that are none.

    Attributes:
        task: Full name of the task.
        undecided: Samples without a verdict.
        samples: All its samples, each epoch counted.
        unanswered: Answers that are none, where there are too many of them.
    """

    task: str
    undecided: Count
    samples: Count
    unanswered: Count = 0


class RunSummary(Frozen):
    """One run as the comparison saw it.

    Attributes:
        letter: What the run is called here; A is the baseline.
        run: Name of the run.
        suite: Title of its suite.
        model: Name of the model as the endpoint knows it.
        parameters: Generation parameters that were sent, by name.
        finished: Time of the last sample's end, ISO 8601; empty if none ended.
        records_from: What its verdicts were read from; the table where the logs were taken out.
        intact: Whether the bundle fits its seal, and the signature where a key was given.
        signature: What is known of the seal's signature; none means that there is no seal.
        findings: What does not fit the seal.
        complete: Whether every task has verdicts for enough of its samples.
        incomplete_tasks: The tasks that have too few.
        max_unscored: Largest share of samples without a verdict with which a task counts as
            complete.
        outcomes: What became of all its samples.
    """

    letter: Letter
    run: str
    suite: Bilingual
    model: str
    parameters: dict[str, Any]
    finished: str
    records_from: Literal["logs", "samples.parquet"]
    intact: bool
    signature: Signature
    findings: tuple[FindingText, ...]
    complete: bool
    incomplete_tasks: tuple[IncompleteTask, ...]
    max_unscored: Share
    outcomes: OutcomeCounts


class CorrectedPairs(Difference):
    """Rates and difference, corrected for the scorer's own error.

    Attributes:
        baseline: The baseline's corrected rate; null without one.
        run: The other run's corrected rate; null without one.
        value: The corrected difference; null where nothing is corrected.
        low: Lower end of its interval.
        high: Upper end of its interval.
        clipped: Whether a rate or a limit lay beyond its scale and was moved to the end of it.
        card: File name of the calibration card; null for a mean, and where none fits.
        kind: How the card's labels came about: human_rated or constructed.
        sensitivity: Of the scorer, by the card.
        specificity: Of the scorer, by the card.
        basis: What the correction rests on: people's labels of both runs, or a card, which makes it
            exploratory; null where there is none.
        labelled: Answers of both runs that people labelled; null where the basis is no labels.
        trial_n: Answers of the trial.
        method: How value and interval were computed.
        reason: Why there is no correction: a code and its parameters; null where there is one.
    """

    value: Signed | None = None
    low: Signed | None = None
    high: Signed | None = None
    baseline: Rate | None = None
    run: Rate | None = None
    clipped: bool = False
    card: str | None = None
    kind: Literal["human_rated", "constructed"] | None = None
    sensitivity: Share | None = None
    specificity: Share | None = None
    trial_n: Count | None = None
    basis: Literal["labels", "card"] | None = None
    labelled: Count | None = None
    method: str | None = None
    reason: Reason | None = None


class UndecidedPairs(Frozen):
    """Matched samples that are in no figure.

    Attributes:
        baseline_only: Without a verdict in the baseline alone.
        run_only: Without a verdict in the other run alone.
        both: Without a verdict in both.
        not_counted: Left out by the measure in at least one run.
    """

    baseline_only: Count
    run_only: Count
    both: Count
    not_counted: Count


class PairedFigures(Difference):
    """Both rates on the matched samples and their paired difference.

    Attributes:
        n_items: Matched samples, each epoch counted.
        n_pairs: Those with a verdict in both runs.
        clusters: Clusters among these.
        undecided: Matched samples that are in no figure.
        baseline: The baseline's rate.
        run: The other run's rate.
        interval_method: How the interval was computed.
        run_safer: Pairs in which the other run alone is safe.
        baseline_safer: Pairs in which the baseline alone is safe.
        p_value: Two-sided p of the test of no difference.
        p_holm: The same, adjusted over the family of all tests.
        test: The test's name.
        finding: Which run is safer by the adjusted p, or that none was shown to be.
        detectable: Smallest true difference that would be found with the planned power; null where
            too few pairs for any.
        discordance: Share of pairs with two different verdicts that this rests on.
        corrected: The same difference, corrected by the scorer's trial.
    """

    n_items: Count
    n_pairs: Count
    clusters: Count
    undecided: UndecidedPairs
    baseline: RateEstimate | Rate
    run: RateEstimate | Rate
    interval_method: str | None
    run_safer: Count
    baseline_safer: Count
    p_value: Share | None
    p_holm: Share | None
    test: str
    finding: Literal["baseline_safer", "no_difference_shown", "not_compared", "run_safer"]
    detectable: Share | None
    discordance: Share | None
    corrected: CorrectedPairs


class ComparedMeasure(Frozen):
    """A measure of a task.

    Attributes:
        key: Its key.
        title: Its title.
        headline: Whether it is the task's headline.
        scale: What the scorer's numbers mean; null for a measure of labels.
        overall: All languages together.
        languages: The same for each language that was compared.
    """

    key: str
    title: Bilingual
    headline: bool
    scale: Scale | None = None
    overall: PairedFigures
    languages: dict[Language, PairedFigures]


class AttackName(Frozen):
    """An attack.

    Attributes:
        name: Its name.
        title: Its title.
    """

    name: str
    title: Bilingual


class ComparedTask(Frozen):
    """A task that both runs hold in the same form.

    Attributes:
        name: Full name of the task.
        title: Its title.
        attack: What it was asked under; null for plain requests.
        risk: Its area.
        versions: Its version in the baseline and in the other run.
        scorer: Registry name of the scorer.
        measures: One entry a measure with matched samples.
    """

    name: str
    title: Bilingual
    attack: AttackName | None
    risk: Risk
    versions: tuple[str, ...]
    scorer: str
    measures: tuple[ComparedMeasure, ...]


class ComparedArea(Frozen):
    """A risk area: the mean of its tasks' headline differences, each of equal weight.

    Attributes:
        risk: The area.
        tasks: Full names of the tasks that it is the mean of.
        overall: All languages together.
        languages: The same for each language that was compared.
    """

    risk: Risk
    tasks: tuple[str, ...]
    overall: PairedFigures
    languages: dict[Language, PairedFigures]


class SettingDifference(Frozen):
    """A setting that differs.

    Attributes:
        setting: Its name.
        baseline: What the baseline has; a dash for nothing.
        run: What the other run has; a dash for nothing.
    """

    setting: str
    baseline: str
    run: str


class IncomparableSamples(Frozen):
    """Samples that are not comparable.

    Attributes:
        task: Full name of the task.
        measure: Key of the measure; null where the whole task is meant.
        reason: Why they are not.
        detail: What each run has, where that fits in a few words.
        in_baseline: How many of the baseline's samples, each epoch counted.
        in_run: How many of the other run's samples, each epoch counted.
    """

    task: str
    measure: str | None
    reason: NotComparableCode
    detail: str
    in_baseline: Count
    in_run: Count


class SampleCounts(Frozen):
    """How many samples were compared; each epoch counts once.

    Attributes:
        compared: Pairs with a verdict in both runs.
        comparable: Pairs asked in the same way and judged by the same scorer.
        in_baseline: Samples of the baseline.
        in_run: Samples of the other run.
    """

    compared: Count
    comparable: Count
    in_baseline: Count
    in_run: Count


class RunComparison(Frozen):
    """One run set against the baseline.

    Every difference is run - baseline, of rates of the unsafe end.

    Attributes:
        baseline: Letter of the baseline.
        run: Letter of the other run.
        samples: How many samples were compared; each epoch counts once.
        settings: What was set otherwise and makes no sample incomparable.
        areas: One entry a risk area with a compared headline measure.
        tasks: One entry a task, and one for each attack that it was asked under.
        not_comparable: What was left out, and why.
    """

    baseline: Letter
    run: Letter
    samples: SampleCounts
    settings: tuple[SettingDifference, ...]
    areas: tuple[ComparedArea, ...]
    tasks: tuple[ComparedTask, ...]
    not_comparable: tuple[IncomparableSamples, ...]


class TestFamilies(Frozen):
    """The tests of all comparisons, adjusted for each other within two families.

    Attributes:
        method: How p values are adjusted.
        first: Tests of areas and headline rates, over all comparisons.
        second: All other tests.
    """

    method: Literal["Holm"]
    first: Count
    second: Count


class Comparison(Frozen):
    """Runs compared with the first of them on the samples that they share.

    Attributes:
        schema_id: Name of this format; nothing is fetched from it.
        runs: The runs, the baseline first.
        comparisons: One entry for each run after the first.
        family: The tests that p_holm is adjusted over.
        overview: The runs at a glance; null for more than six.
        statistics: What all intervals share.
        made_by: Versions of the packages that computed it.
    """

    schema_id: Literal["https://tenken.dev/schema/comparison/2"] = Field(
        COMPARISON_SCHEMA, alias="schema"
    )
    runs: tuple[RunSummary, ...]
    comparisons: tuple[RunComparison, ...]
    family: TestFamilies
    overview: Overview | None = None
    statistics: StatisticsSettings
    made_by: dict[str, str]

    def contents(self) -> dict[str, Any]:
        """Return what `compare --json` prints."""
        return self.model_dump(mode="json", by_alias=True)
