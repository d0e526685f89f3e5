"""The scored report of a run: the contents of `report.json`."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, PositiveInt, SerializerFunctionWrapHandler, model_serializer

from tenken.io.canonical import pretty_json
from tenken.schema.attacks import Attacks, Condition, HeldOut, Wordings
from tenken.schema.base import Frozen
from tenken.schema.coverage import CoveredFramework
from tenken.schema.estimate import Count, OutcomeCounts, Rate, ScaledFigures, Sha256, Share
from tenken.schema.evidence import Evidence
from tenken.schema.figures import (
    Bias,
    CorrectedFigure,
    CorrectedMean,
    Gap,
    GroupFigure,
    LanguageDifference,
    MeanOfKinds,
    Power,
    SeverityWeighted,
    Unanswered,
)
from tenken.schema.gates import FairTestWarning, GateResult
from tenken.schema.model import PlannedModel
from tenken.schema.plan import Bilingual
from tenken.schema.record import Decision, Language, Risk
from tenken.schema.reviews import ItemsRead, Reviews
from tenken.schema.scorers import Judged, Judges, OtherScorer, ScorerSummary

REPORT_SCHEMA: Final = "https://tenken.dev/schema/report/2"
"""A name, not an address. The schema is in `tenken/results/schemas/report.schema.json`."""


class SuiteSummary(Frozen):
    """The suite that was run.

    Attributes:
        name: Name of the suite.
        title: Title of the suite.
        max_unscored: Largest share of samples without a verdict with which a task still counts as
            complete.
        sha256: SHA-256 of the suite's file.
    """

    name: str
    title: Bilingual
    max_unscored: Share
    sha256: Sha256


class PresentationSettings(Frozen):
    """How the report is shown to people; it changes no figure.

    Attributes:
        language: Language of the HTML report.
        with_text: Whether prompts and answers that may be harmful are shown.
    """

    language: Language
    with_text: bool


class StatisticsSettings(Frozen):
    """What all intervals share.

    Attributes:
        method: Version of the estimators: another gives other figures for the same records.
        level: Two-sided confidence of the intervals.
    """

    method: PositiveInt
    level: float


class MeasureResult(Frozen):
    """One rate that a task gives.

    Attributes:
        key: Stable name of the rate.
        title: What people call it.
        headline: Whether it is the task's main figure.
        unsafe_labels: Labels that make a verdict 1; empty where the scorer's own value counts.
        excluded_labels: Labels that put a scored sample outside of the rate.
        not_counted: Scored samples that a label put outside of the rate.
        blocked_is_safe: Whether an answer withheld by the endpoint's filter has verdict 0 rather
            than none.
        overall: The rate over all languages.
        languages: The rate in each language that was asked in.
        difference: Japanese against English, null where one of them was not asked in.
        labels: How many samples the scorer gave each label.
        groups: The rate by each value of each tag.
        power: What the sample can show, at a power of 0.8.
        mean_of_kinds: The mean of the rate and of its counterpart; left out without one.
        severity_weighted: The rate weighted by severity; left out where no sample has the tag.
        condition: The rate beside that of the same items without what the measure adds to them;
            left out where it adds nothing.
        scaled: The same figures in the scorer's own numbers; left out for a scorer of labels.
        wordings: How far verdicts hold in other words; left out where no item has a variant.
    """

    key: str
    title: Bilingual
    headline: bool
    unsafe_labels: tuple[str, ...]
    excluded_labels: tuple[str, ...]
    not_counted: Count
    blocked_is_safe: bool
    overall: CorrectedFigure
    languages: dict[Language, CorrectedFigure]
    difference: LanguageDifference | None
    labels: dict[str, PositiveInt]
    groups: tuple[GroupFigure, ...]
    power: Power
    mean_of_kinds: MeanOfKinds | None = None
    severity_weighted: SeverityWeighted | None = None
    condition: Condition | None = None
    scaled: ScaledFigures | None = None
    wordings: Wordings | None = None

    @model_serializer(mode="wrap")
    def _without_none(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        optional = (
            "mean_of_kinds", "severity_weighted", "condition", "scaled", "wordings",
        )  # fmt: skip
        return {key: value for key, value in made.items() if value or key not in optional}


class TaskResult(Frozen):
    """What one task gave.

    Attributes:
        name: Full name, `risk/name`.
        title: Title of the task.
        description: What the task measures.
        risk: The risk area that it belongs to.
        version: Version `N-X`; a change of N means that results stop being comparable.
        perspectives: Numbers of the AI safety evaluation perspectives that it serves.
        hazards: Codes of the AILuminate hazards that it serves.
        trustworthiness: Characteristics of the NIST AI RMF that it serves.
        complete: Whether enough of its samples have a verdict, and few of the answers are none.
        unscored_share: Share of its samples without a verdict.
        unanswered: Answers that are none; left out where there are none.
        available: Samples that the task has in all.
        limited_to: Samples that were asked where that is fewer, else null.
        epochs: How often each sample was asked.
        max_tokens: Most tokens that the run allowed for an answer, null for no cap of its own.
        scorer: Who judged the answers.
        judged: What answers to requests were judged for; left out for tasks that put none.
        judges: How steady the graders were; left out without any.
        dataset: Where the samples come from.
        read: Who has read the items that they did not write; left out where nobody records it.
        outcomes: What became of its samples.
        reasons: How many samples have no verdict, by outcome and reason.
        flags: How many samples carry a remark that changes no verdict, by remark.
        other_scorers: What other scorers said of the same answers; left out where none did.
        measures: The rates that the task gives.
        attacks: What attacks did, null for a task that was asked under none.
        bias: Bias scores, null for a task that asks for none.
        gap: Whom swapped decisions favour, null for a task without any.
        held_out: Of a task of held-out items, its rate beside the public one's; else left out.
    """

    name: str
    title: Bilingual
    description: Bilingual
    risk: Risk
    version: str
    perspectives: tuple[int, ...]
    hazards: tuple[str, ...]
    trustworthiness: tuple[str, ...]
    complete: bool
    unscored_share: Share
    unanswered: tuple[Unanswered, ...] = ()
    available: Count
    limited_to: int | None
    epochs: PositiveInt
    max_tokens: int | None
    scorer: ScorerSummary
    judged: Judged | None = None
    judges: Judges | None = None
    dataset: dict[str, Any]
    read: ItemsRead | None = None
    outcomes: OutcomeCounts
    reasons: dict[str, dict[str, PositiveInt]]
    flags: dict[str, PositiveInt]
    other_scorers: tuple[OtherScorer, ...] = ()
    measures: tuple[MeasureResult, ...]
    attacks: Attacks | None
    bias: Bias | None
    gap: Gap | None
    held_out: HeldOut | None = None

    @property
    def headline(self) -> MeasureResult:
        """The task's main measure."""
        return next(measure for measure in self.measures if measure.headline)

    @property
    def worst_unanswered(self) -> Unanswered | None:
        """The measure with the largest share of answers that are none; None without any."""
        return max(
            self.unanswered, key=lambda each: (each.too_many, each.share, each.n), default=None
        )

    @model_serializer(mode="wrap")
    def _without_empty(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        optional = ("other_scorers", "unanswered", "judged", "judges", "read", "held_out")
        return {k: v for k, v in made.items() if k not in optional or getattr(self, k)}


class WorstTask(Rate):
    """The task of an area with the highest rate: a mean hides it.

    Attributes:
        task: Full name of the task.
    """

    task: str


class AreaResult(Rate):
    """A risk area: the mean of its tasks' headline rates, each of equal weight.

    Attributes:
        risk: The area.
        title: What it is called, where it is not one of the package's own.
        tasks: Full names of its tasks.
        measured: Whether there is a task, a rate for each, and enough clusters behind each.
        value: The mean rate; null when the area is not measured.
        low: Lower end of its interval.
        high: Upper end of its interval.
        whole_low: Lower end, as if all samples without a verdict were safe.
        whole_high: Upper end, as if all samples without a verdict were unsafe.
        worst: The task with the highest rate; null when the area is not measured.
        too_few: Tasks with too few clusters to stand for a part of the area.
        n: Verdicts behind the headline rates.
        outcomes: What became of all samples of its tasks.
        complete: Whether there is a task, and each is complete.
        corrected: The mean of the tasks' corrected headline rates.
        generalised: The mean rate of tasks like these, by a model in which items and tasks are
            draws; no gate is decided on it. Null with fewer than two tasks.
    """

    risk: Risk
    title: Bilingual | None = None
    tasks: tuple[str, ...]
    measured: bool
    whole_low: Share | None
    whole_high: Share | None
    worst: WorstTask | None
    too_few: tuple[str, ...]
    n: Count
    outcomes: OutcomeCounts
    complete: bool
    corrected: CorrectedMean
    generalised: Rate | None = None


class Attempt(Frozen):
    """Which run of this suite on this model a run is.

    Attributes:
        number: Its number, from 1.
        gate_level: Two-sided confidence at which its gates are decided.
        false_pass: Most chance that a model at a gate's limit passes it in any of the attempts.
    """

    number: PositiveInt
    gate_level: Annotated[float, Field(gt=0, lt=1)]
    false_pass: Share


class LogFile(Frozen):
    """One log.

    Attributes:
        task: Full name of the task that it holds.
        sha256: SHA-256 of the file.
        status: `success`, `error`, `cancelled`, or `started` where the process was killed.
        created: When it was begun, ISO 8601.
        inspect_ai: Version of Inspect that wrote it, empty if it does not say.
        samples: Samples that it holds, each epoch counted.
        unplanned: Those among them that the plan does not have; they count in no figure.
    """

    task: str
    sha256: Sha256
    status: str
    created: str
    inspect_ai: str
    samples: Count
    unplanned: Count


class Tokens(Frozen):
    """Tokens of one model.

    Attributes:
        input: Tokens read.
        output: Tokens written.
    """

    input: int
    output: int


class Provenance(Frozen):
    """What the report was made from, and with what.

    Attributes:
        plan_sha256: SHA-256 of `plan.json`.
        logs: The logs that were read, by name of the file.
        software: Versions that the run was made with, by name.
        tokens: Tokens by model, as the endpoints counted them.
        report_by: Versions of what made the report's figures, page and tables; empty where a
            package is missing.
    """

    plan_sha256: Sha256
    logs: dict[str, LogFile]
    software: dict[str, str]
    tokens: dict[str, Tokens]
    report_by: dict[str, str]


class Report(Frozen):
    """The scored report of a run: every figure follows from the plan and the logs beside it.

    Attributes:
        schema_id: Name of this format; nothing is fetched from it.
        run: Name of the run.
        finished: Time of the last sample's end, ISO 8601; empty if none ended.
        decision: What the run came to: INCOMPLETE before all, then the gravest decision of its
            gates; NO_GATES where there is none.
        exit_status: Exit status of the command for this decision.
        complete: Whether every task has verdicts for enough of its samples.
        suite: The suite that was run.
        model: The model under test.
        outcomes: What became of all samples of the run.
        gates: Thresholds and what each came to.
        areas: One entry a risk area, measured or not.
        attempt: Which run of this suite on this model it is.
        warnings: What a reader must know before the verdict.
        scanners: Version of the scanners that looked for signs of an unfair test; left out where
            none did.
        tasks: One entry a task, in the suite's order.
        coverage: Which categories of published frameworks the run measured: one entry a framework.
        reviews: What people said of a sample of the answers; null where nothing was drawn for
            them.
        not_measured: What the suite says that it does not measure.
        statistics: What all intervals share.
        evidence: What the report says of its own evidence; left out where the run has no journal.
        presentation: How the report is shown to people; it changes no figure.
        provenance: What the report was made from, and with what.
    """

    schema_id: Literal["https://tenken.dev/schema/report/2"] = Field(REPORT_SCHEMA, alias="schema")
    run: str
    finished: str
    decision: Decision
    exit_status: Literal[0, 1, 3, 4, 5]
    complete: bool
    suite: SuiteSummary
    model: PlannedModel
    outcomes: OutcomeCounts
    gates: tuple[GateResult, ...]
    areas: tuple[AreaResult, ...]
    attempt: Attempt
    warnings: tuple[FairTestWarning, ...] = ()
    scanners: Count = 0
    tasks: tuple[TaskResult, ...]
    coverage: tuple[CoveredFramework, ...]
    reviews: Reviews | None
    not_measured: tuple[Bilingual, ...]
    statistics: StatisticsSettings
    evidence: Evidence | None = None
    presentation: PresentationSettings
    provenance: Provenance

    @model_serializer(mode="wrap")
    def _without_what_is_not_there(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        made: dict[str, Any] = handler(self)
        return {k: v for k, v in made.items() if v or k not in ("evidence", "scanners")}

    def contents(self) -> dict[str, Any]:
        """Return what `report.json` holds."""
        return self.model_dump(mode="json", by_alias=True)

    def to_bytes(self) -> bytes:
        """Return the bytes of `report.json`."""
        return pretty_json(self.contents())
