"""A suite: which tasks to run, how many of their samples, and which rates must stay below what."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from tenken.errors import RuleError, SuiteError, UnknownNameError, said_by
from tenken.io.canonical import sha256_bytes
from tenken.io.documents import DocumentError, read_mapping
from tenken.io.faults import explain
from tenken.io.functions import is_in_file
from tenken.schema.plan import REUSE_DAYS, Bilingual, Gate, ScoreMapping
from tenken.schema.record import Language, Risk
from tenken.tasks.card.card import Scoring
from tenken.tasks.library import PLACES, task_at


class Headline(BaseModel):
    """The figure that stands for another package's task, and how its scores become verdicts.

    Attributes:
        title: What the report calls the rate.
        scorer: Name of the score; may be left out where the task has one scorer.
        value: Key of the value, where a score is a table of several.
        safe: Values that are verdict 0.
        unsafe: Values that are verdict 1, with `safe` for those that are verdict 0; any other
            value leaves the sample unscored.
        higher_is: Instead of lists, for numbers: `better` or `worse`.
        range: The numbers at the two ends, with `higher_is`.
        key: Stable name of the rate.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)

    title: Bilingual
    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "unsafe_rate"
    scorer: str | None = None
    value: str | None = None
    unsafe: list[float | str] = []
    safe: list[float | str] = []
    higher_is: Literal["better", "worse"] | None = None
    range: Annotated[list[float], Field(min_length=2, max_length=2)] = [0.0, 1.0]

    @model_validator(mode="after")
    def _one_mapping(self) -> Self:
        if self.higher_is is None and not (self.unsafe and self.safe):
            raise RuleError(
                "say which scores are unsafe: lists unsafe and safe, or higher_is: better|worse"
            )
        if self.higher_is is not None and (self.unsafe or self.safe):
            raise RuleError("either the lists unsafe and safe or higher_is, not both")
        if {str(each) for each in self.unsafe} & {str(each) for each in self.safe}:
            raise RuleError("a value is both in unsafe and in safe")
        if not self.range[0] < self.range[1]:
            raise RuleError("range is [lowest, highest]")
        return self

    @property
    def mapping(self) -> ScoreMapping:
        """What the plan holds of it."""
        return ScoreMapping(
            value=self.value,
            unsafe=self.unsafe,
            safe=self.safe,
            higher_is=self.higher_is,
            low=self.range[0],
            high=self.range[1],
        )


class InspectEntry(BaseModel):
    """The keys of a suite's entry that say which task it is.

    Attributes:
        task: A task's name; of another package's task, what the report calls it (its registry
            name where left out).
        inspect: Registry name of another package's task, such as `inspect_evals/xstest`, or
            `file.py@task` for one in a file.
        args: Its arguments; `{role: grader}` stands for the model that is bound to that role.
        risk: The risk area that it counts in.
        language: The language of all of its samples.
        headline: The figure that stands for it.
        graders: Roles that its scorer asks by itself and that must therefore be bound.
        cluster: Keys of the samples' metadata whose values variants share; each sample stands
            alone where left out.
        tags: Keys of the samples' metadata that the report groups by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)

    task: str
    inspect: str | None = None
    args: dict[str, Any] = {}
    risk: Risk | None = None
    language: Language = "en"
    headline: Headline | None = None
    graders: list[str] = []
    cluster: list[str] = []
    tags: list[str] = []

    @model_validator(mode="before")
    @classmethod
    def _named_for_itself(cls, raw: Any) -> Any:
        if isinstance(raw, dict) and "inspect" in raw and "task" not in raw:
            return {"task": raw["inspect"], **raw}
        return raw

    @model_validator(mode="after")
    def _whole(self) -> Self:
        own = ("args", "risk", "language", "headline", "graders", "cluster", "tags")
        if self.inspect is None:
            given = [key for key in own if key in self.model_fields_set]
            if given:
                raise RuleError(
                    "{given} is for another package's task, named by 'inspect'", given=given[0]
                )
            return self
        if "/" not in self.inspect and not is_in_file(self.inspect):
            raise RuleError(
                "inspect is a registry name, such as inspect_evals/xstest, or file.py@task"
            )
        for key in ("risk", "headline"):
            if getattr(self, key) is None:
                raise RuleError("a task named by 'inspect' needs the key '{key}'", key=key)
        for key in ("scorer", "attacks"):
            if key in self.model_fields_set:
                raise RuleError("{key} cannot be set for a task named by 'inspect'", key=key)
        return self


_FOLDER = Path(__file__).parent / "suites"


class EmbeddedLimits(BaseModel):
    """How much of a task the embedded model is asked, so that a suite takes minutes on it.

    Attributes:
        limit: Most samples, over both languages, taken in balance.
        max_tokens: Most tokens of an answer.
        attacks: These attacks instead of the task's, where there are any.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)

    limit: Annotated[int, Field(ge=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    attacks: list[str] = Field(default_factory=list)


class SuiteTask(InspectEntry):
    """A task in a suite, with what the suite sets for it.

    Attributes:
        task: Full name, its last part where that is unique, or the place of a task's folder
            relative to the suite's file (`./my_tasks/bias/mine`).
        limit: Most samples, over both languages, taken in balance (`tenken.tasks.dataset.choose`).
        epochs: How often each sample is asked.
        max_tokens: Most tokens of an answer; the card's where left out.
        embedded: What holds instead on the embedded model, which is slow.
        scorer: Judge instead of the card's scorer.
        also: Judges beside it: once the run is sealed they read its answers, as `tenken score`
            lets them; what they say is beside the first scorer's figures and in no gate. Caps on
            money and tokens are for the run alone.
        attacks: Ask every sample under each of these, by name; `none` is the plain request, and
            `all` is every fixed attack there is; those that adapt are asked for by name. A limit
            counts the samples before that.
        budgets: What attacks that adapt may use up on one request, by the attack's name: `turns`,
            `width`, `branching` in place of the attack's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)

    limit: Annotated[int, Field(ge=1)] | None = None
    epochs: Annotated[int, Field(ge=1, le=1000)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    embedded: EmbeddedLimits | None = None
    scorer: Scoring | None = None
    also: list[Scoring] = []
    attacks: list[str] = Field(default_factory=list)
    budgets: dict[str, dict[str, int]] = {}


def _entry(raw: Any) -> Any:
    """Take a task's name alone for the entry of that task."""
    return {"task": raw} if isinstance(raw, str) else raw


class Suite(BaseModel):
    """What `tenken run SUITE` runs.

    Attributes:
        name: Name of the suite, and the beginning of its runs' names.
        title: What the report calls the suite.
        description: What it is for.
        tasks: What is asked, in this order; a task's name alone is an entry.
        gates: Thresholds for rates; a run without gates cannot fail.
        max_unscored: Largest share of samples in [0, 1] without a verdict that a task may have
            before the run counts as incomplete.
        parity_margin: Largest difference between the languages' rates, in (0, 1], that counts as
            none: the report then says whether they are equivalent.
        not_measured: What a reader might think was measured and was not, in words.
        reuse_days: How old an answer of an earlier run may be, in days, to be taken over: the same
            question to the same model with the same parameters and fingerprint; 0 for never.
        seed: Seed of everything random in the statistics.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, strict=True)

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=100)]
    title: Bilingual
    description: Bilingual
    tasks: Annotated[list[Annotated[SuiteTask, BeforeValidator(_entry)]], Field(min_length=1)]
    gates: list[Gate] = []
    max_unscored: Annotated[float, Field(ge=0, le=1)] = 0.05
    parity_margin: Annotated[float, Field(gt=0, le=1)] | None = None
    not_measured: list[Bilingual] = []
    reuse_days: Annotated[int, Field(ge=0, le=3650)] = REUSE_DAYS
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 20260401


@dataclass(frozen=True, slots=True)
class SuiteFile:
    """A suite with the file that it was read from, its digest and its bytes."""

    suite: Suite
    path: Path
    sha256: str
    data: bytes = b""


def suite_names() -> list[str]:
    """Return the names of the suites that come with the package, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.yaml"))


@dataclass(frozen=True)
class SuiteOutline:
    """A suite at a glance.

    Attributes:
        name: Name of the suite.
        title: Its title by language.
        tasks: What it calls its tasks.
    """

    name: str
    title: dict[str, str]
    tasks: tuple[str, ...]


def suite_outlines() -> list[SuiteOutline]:
    """Return the suites that come with the package, sorted by name; nothing of them is checked."""
    found = [read_yaml(path, path.read_bytes()) for path in sorted(_FOLDER.glob("*.yaml"))]
    return [
        SuiteOutline(each["name"], each["title"], tuple(_named(task) for task in each["tasks"]))
        for each in found
    ]


def _named(entry: dict[str, Any] | str) -> str:
    return entry if isinstance(entry, str) else str(entry.get("task") or entry["inspect"])


def read_suite(name: str) -> SuiteFile:
    """Read a suite by the name of one that comes with the package, or by a file's path.

    Raises:
        UnknownNameError: There is no suite of that name, or no such file.
        SuiteError: The file breaks a rule; the message names the key and the nearest known one.
    """
    path = Path(name) if name.endswith((".yaml", ".yml")) else _FOLDER / f"{name}.yaml"
    if not os.path.isfile(path):  # a name may be too long for any file
        raise UnknownNameError("suite", name, suite_names())
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SuiteError(path, "cannot be read: {error}.", error=error) from None
    raw = read_yaml(path, data)
    try:
        suite = Suite.model_validate(raw)
    except ValidationError as error:
        raise SuiteError(path, explain(error, Suite)) from None
    names = [entry.task for entry in suite.tasks]
    for entry in names:
        if names.count(entry) > 1:
            raise SuiteError(path, "task '{entry}' is listed twice; remove one.", entry=entry)
    tasks = [_placed(entry, path) for entry in suite.tasks]
    return SuiteFile(suite.model_copy(update={"tasks": tasks}), path, sha256_bytes(data), data)


def _placed(entry: SuiteTask, path: Path) -> SuiteTask:
    """Return the entry with its task's full name where it names a folder beside the suite."""
    if entry.inspect is not None and is_in_file(entry.inspect):
        return entry.model_copy(update={"inspect": str(path.parent / entry.inspect)})
    if not entry.task.startswith(PLACES):
        return entry
    return entry.model_copy(update={"task": task_at(path.parent / entry.task).name})


def read_yaml(path: Path, data: bytes) -> dict[str, Any]:
    """Read a mapping from YAML, with errors that name file and line.

    Args:
        path: What the errors call the file; it is not opened.
        data: Its bytes, UTF-8.

    Raises:
        SuiteError: The bytes are not YAML, or not a mapping.
    """
    try:
        return read_mapping(data)
    except DocumentError as error:
        place = f"{path}:{error.line}" if error.line is not None else path
        raise SuiteError(place, said_by(error)) from None
