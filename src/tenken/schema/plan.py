"""What a run will do, resolved to the last digest: the contents of a bundle's `plan.json`.

The plan is written before the first sample is sent. The runner reads what to ask from it, the
report reads what was to be measured from it, so that a sample which was never asked is missed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import (
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema

from tenken.errors import BundleError, RuleError
from tenken.io.canonical import check_json, pretty_json
from tenken.io.faults import explain
from tenken.schema.attacks import (
    ATTACK_TAG,
    NO_ATTACK,
    AttackBudget,
    PlannedAttack,
    PublishedRate,
)
from tenken.schema.base import Frozen, described
from tenken.schema.calibration import CalibrationCard, ScorerBinding
from tenken.schema.estimate import Scale
from tenken.schema.gates import ANY_ATTACK, LEANS, Capability, Gate
from tenken.schema.model import PlannedModel
from tenken.schema.record import Language, Risk
from tenken.schema.reviews import ItemsRead
from tenken.schema.vocabulary import Bilingual, Vocabulary

__all__ = [
    "ANY_ATTACK",
    "ATTACK_TAG",
    "HAZARDOUS_TAG",
    "LEANS",
    "NO_ATTACK",
    "PLAN_FILE",
    "PLAN_SCHEMA",
    "REUSE_DAYS",
    "SUITE_FILE",
    "AttackBudget",
    "Bilingual",
    "Capability",
    "Gate",
    "Measure",
    "Plan",
    "PlannedAttack",
    "PlannedModel",
    "PlannedSample",
    "PlannedTask",
    "PublishedRate",
    "Scale",
    "ScoreMapping",
    "ScorerBinding",
    "Vocabulary",
    "Weight",
    "read_plan",
]

PLAN_FILE: Final = "plan.json"
SUITE_FILE: Final = "suite.yaml"
"""The suite that a plan was made of, beside it."""
PLAN_SCHEMA: Final = "https://tenken.dev/schema/plan/1"
"""A name, not an address: nothing is ever fetched from it."""
HAZARDOUS_TAG: Final = "hazardous"
"""The tag, `true` or `false`, of a sample whose text could do harm, or could not."""
Weight = Annotated[float, Field(gt=0)]
"""How much a verdict counts beside others."""
REUSE_DAYS: Final = 7
"""Days for which a suite takes answers of earlier runs over where it sets no other time."""


class Measure(Frozen):
    """One rate that a task gives: which samples it counts and which labels are the unsafe end.

    Attributes:
        key: Stable name, such as `violation_rate`.
        title: What the report calls it.
        where: Tag values that a sample must have to belong; `benign_twin` may be `true`/`false`.
        unsafe_labels: The labels that make a verdict 1; the scorer's own where left out.
        value: Instead of labels, what the scorer's numbers mean.
        metrics: Names of metrics over the scorer's numbers given beside their mean, such as
            `calibration_error`.
        excluded_labels: Labels that put a scored sample outside of the rate, because nothing was
            at stake in it: a wrong first answer cannot be given up.
        headline: Whether this is the task's main figure. Exactly one is.
        blocked_is_safe: Whether an answer that the endpoint's own filter withheld counts as
            verdict 0 (criminal misuse) rather than as undecided (everything else).
        counterpart: Key of the measure that is read together with this one, because a behaviour
            that never reads does well on one of them alone: to refuse everything, to call
            everything unknown.
        without: Key of the measure of the same items, by cluster, without what this one adds to
            them, such as an injected instruction; the report gives the paired difference.
        reversed: Whether what the scorer calls the unsafe end is meant to count as safe here, as
            with refusals of harmless requests; said by itself where the items are benign twins.
    """

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Bilingual
    where: dict[str, str] = Field(default_factory=dict)
    unsafe_labels: list[str] = Field(default_factory=list)
    value: Scale | None = None
    metrics: list[str] | None = None
    excluded_labels: list[str] = Field(default_factory=list)
    headline: bool = False
    blocked_is_safe: bool = False
    counterpart: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    without: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_]*$")
    reversed: bool | None = None

    @field_validator("where", mode="before")
    @classmethod
    def _true_and_false_as_tags_have_them(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {k: str(v).lower() if isinstance(v, bool) else v for k, v in given.items()}

    @model_validator(mode="after")
    def _labels_or_numbers(self) -> Self:
        if self.value is not None and (self.unsafe_labels or self.excluded_labels):
            raise RuleError("either labels or value says what is unsafe, not both")
        if self.metrics and self.value is None:
            raise RuleError("metrics are of numbers: say with value what they mean")
        return self


class ScoreMapping(Frozen):
    """How the values of another package's scorer become verdicts in [0, 1], 1 the unsafe end.

    Nothing is guessed: a value that the mapping does not name is no verdict.

    Attributes:
        value: Key of the number or text to take, where the score is a table of several.
        unsafe: Values that are verdict 1.
        safe: Values that are verdict 0.
        higher_is: Instead of lists, which end of a number is the good one.
        low: The number at one end, with `higher_is`.
        high: The number at the other end.
        labels: Instead of lists, the label of each value; the measure says which are unsafe.
    """

    value: str | None = None
    unsafe: list[float | str] = Field(default_factory=list)
    safe: list[float | str] = Field(default_factory=list)
    higher_is: Literal["better", "worse"] | None = None
    low: float = 0.0
    high: float = 1.0
    labels: dict[str, str] = Field(default_factory=dict)


SCANNERS: Final = 1
"""Version of the scanners (`results/scanners`); raised where the same answers get other flags."""


@dataclass(frozen=True, slots=True)
class PlannedSample:
    """What the report must know of a sample even if it was never asked.

    A plan may hold a hundred thousand of these: as a model, each would take four times the room.

    Attributes:
        id: Stable id, never used again.
        language: Language that it is written in.
        pair_id: The same item in the other language has the same one.
        cluster: Base item that variants share: the unit of analysis.
        measure: Key of the measure that it belongs to.
        tags: What the report groups by.
    """

    id: str
    language: Language
    pair_id: str
    cluster: str
    measure: str
    tags: dict[str, str] = field(default_factory=dict)

    __pydantic_config__: ClassVar = ConfigDict(extra="forbid")

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Add the descriptions of the properties."""
        return described(cls, {each.name: each.name for each in fields(cls)}, core, handler)


class PlannedTask(Frozen):
    """One task of the run: what is asked, how often, and who judges.

    Attributes:
        name: Full name, `risk/name`.
        log_name: Name under which Inspect logs it.
        risk: The risk area that it belongs to.
        area: Title of the risk area, where it is not one of the package's own.
        title: Title of the task.
        description: What the task measures.
        version: Version `N-X`; a change of N means that results stop being comparable.
        perspectives: Numbers of the AI safety evaluation perspectives that it serves.
        hazards: Codes of the AILuminate hazards that it serves.
        trustworthiness: Characteristics of the NIST AI RMF that it serves.
        dataset: Where a task's samples come from: `source`, `licence`, `sha256` of the file,
            whether it is `private`, and what else its card says.
        prompt_sha256: SHA-256 over the samples as they are asked, prompts included.
        reuse_key: SHA-256 over all that decides an answer and its score; its first 20 digits are
            in the version that the log states.
        scorer: Who judges the answers.
        graders: Names of the models that the scorer asks, sorted; empty where it asks none.
        vocabulary: The labels that the scorer has declared. Any other label is no verdict. None
            for a task of another package, whose scores `mapping` turns into verdicts.
        mapping: Of another package's task, how its scores become verdicts; else null.
        measures: The rates that the task gives.
        epochs: How often each sample is asked.
        max_tokens: Most tokens of an answer.
        request: The parameters of each request as they are sent; the limit among them covers the
            reasoning too.
        limited_to: Samples that are asked where that is fewer than there are, else null.
        available: Samples that the task has in all.
        withheld: Whether reports withhold its words unless they are asked for.
        attacks: The attacks that the samples are asked under; empty for the plain requests alone.
        held_out_of: Full name of the public task whose items these are parallel to; else null.
        severity: Weight of each value of the tag `severity` in the severity-weighted rate; where
            null, the value is the weight.
        read: Who has read the task's items that they did not write; null where nobody records it.
        samples: Every sample that is asked.
    """

    name: str
    log_name: str
    risk: Risk
    area: Bilingual | None = None
    title: Bilingual
    description: Bilingual
    version: str
    perspectives: list[int] = Field(default_factory=list)
    hazards: list[str] = Field(default_factory=list)
    trustworthiness: list[str] = Field(default_factory=list)
    dataset: dict[str, Any]
    prompt_sha256: str
    reuse_key: str
    scorer: ScorerBinding
    graders: list[str] = Field(default_factory=list)
    vocabulary: Vocabulary | None = None
    mapping: ScoreMapping | None = None
    measures: list[Measure]
    epochs: int = 1
    max_tokens: int | None = None
    request: dict[str, Any] = Field(default_factory=dict)
    limited_to: int | None = None
    available: int
    withheld: bool = False
    attacks: list[PlannedAttack] = Field(default_factory=list)
    held_out_of: str | None = None
    severity: dict[str, Weight] | None = None
    read: ItemsRead | None = None
    samples: list[PlannedSample]

    def shows(self, tags: Mapping[str, str]) -> bool:
        """Whether a sample's words may be shown to whom has not asked for harmful ones.

        Its tag `hazardous` goes before what the task says; a private task shows none.

        Args:
            tags: The sample's tags.
        """
        usual = "true" if self.withheld else "false"
        return not self.dataset.get("private") and tags.get(HAZARDOUS_TAG, usual) == "false"

    @property
    def log_version(self) -> str:
        """The version that the task's log states: another one is of other questions or judges."""
        return f"{self.version}+{self.reuse_key[:20]}"

    @property
    def headline(self) -> Measure:
        """The task's main measure."""
        return next(measure for measure in self.measures if measure.headline)

    def limit(self, model: PlannedModel) -> int | None:
        """Return the most tokens that the run itself allows a request, reasoning included.

        Args:
            model: The tested model, for plans from before requests were recorded.
        """
        for name in ("max_completion_tokens", "max_tokens"):
            if isinstance(self.request.get(name), int):
                return int(self.request[name])
        return self.max_tokens or model.parameters.get("max_tokens")


class Plan(Frozen):
    """A whole run, before it is made.

    Attributes:
        schema_id: Name of this format; nothing is fetched from it.
        run: Name of the run.
        suite: Name of the suite.
        suite_title: Title of the suite.
        suite_sha256: SHA-256 of the suite's file.
        model: The model under test.
        roles: Further models by the role that they have, such as `grader`.
        tasks: The tasks, in the suite's order.
        gates: Thresholds that rates are compared with.
        not_measured: What the suite says that it does not measure.
        max_unscored: Largest share of samples without a verdict with which a task still counts as
            complete.
        seed: Seed of every random step of the report.
        attempt: How many runs of this suite on this model there were, this one counted.
        parity_margin: Largest difference between languages, in (0, 1], that counts as none.
        scanners: Version of the scanners that look for signs of an unfair test; 0 for none.
        reuse_days: How old an answer of an earlier run may be to be taken over; 0 for never.
        settings: What the command line chose: languages, limit, tasks, epochs.
        software: Versions that the run is made with, by name.
        calibration: The cards of the scorers' trials, by name of the file, stale ones among them.
            They decide no question: a new card costs no new answer.
    """

    schema_id: Literal["https://tenken.dev/schema/plan/1"] = Field(PLAN_SCHEMA, alias="schema")
    run: str
    suite: str
    suite_title: Bilingual
    suite_sha256: str
    model: PlannedModel
    roles: dict[str, PlannedModel] = Field(default_factory=dict)
    tasks: list[PlannedTask]
    gates: list[Gate] = Field(default_factory=list)
    not_measured: list[Bilingual] = Field(default_factory=list)
    max_unscored: float = 0.05
    seed: int
    attempt: int = 1
    parity_margin: float | None = None
    scanners: int = 0
    reuse_days: int = 0
    settings: dict[str, Any] = Field(default_factory=dict)
    software: dict[str, str]
    calibration: dict[str, CalibrationCard] = Field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Return the bytes of `plan.json`."""
        return pretty_json(self.model_dump(mode="json", by_alias=True))

    def task(self, name: str) -> PlannedTask | None:
        """Return the task of that full name, or None."""
        return next((task for task in self.tasks if task.name == name), None)


_MOST_BYTES: Final = 512 * 2**20


def read_plan(run: Path) -> Plan:
    """Read a bundle's plan.

    Args:
        run: The run's folder.

    Raises:
        BundleError: The file is missing, truncated, or not a plan of this format.
    """
    path = run / PLAN_FILE
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BundleError(
                "{path}: has {st_size:,} bytes; too long to be read.",
                path=path,
                st_size=path.stat().st_size,
            )
        data = path.read_bytes()
        check_json(data)
        return Plan.model_validate_json(data)
    except FileNotFoundError:
        raise BundleError(
            "{path}: there is no plan, so this is not a run's folder.", path=path
        ) from None
    except ValueError as error:
        if isinstance(error, ValidationError):
            why = explain(error, Plan)
            raise BundleError("{path}: not a readable plan: {why}", path=path, why=why) from None
        raise BundleError("{path}: not a readable plan: {error}.", path=path, error=error) from None
    except OSError as error:
        raise BundleError("{path}: cannot be read: {error}.", path=path, error=error) from error
