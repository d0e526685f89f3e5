"""Another package's task, as a run plans and asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tenken.errors import InputError
from tenken.evals.asked import TaskSelection
from tenken.evals.external.make import identified, make_task
from tenken.evals.external.roles import check_roles, roles_of
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.suite import Headline
from tenken.io.canonical import digest
from tenken.schema.plan import (
    Bilingual,
    Measure,
    PlannedModel,
    PlannedSample,
    PlannedTask,
    ScorerBinding,
)
from tenken.schema.reuse import inspect_key
from tenken.tasks.attacks.adaptive import AttackSettings
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.sample import TaskSample

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model

    from tenken.evals.suite import SuiteTask


@dataclass(frozen=True, slots=True)
class ForeignTask:
    """Another package's task with its samples; see `tenken.evals.asked.RunTask`.

    Attributes:
        entry: The suite's entry, which says what the task is to the report.
        registry_name: Under which Inspect knows it.
        release: The package's version, and the task's own where it has one.
        source_sha256: Digest of the file that the task is written in.
        scorer: Name of the score that counts.
        samples: Its samples; empty where it will not be asked.
        epochs: How often the task itself asks each sample.
        max_tokens: Most tokens of an answer, by the task itself.
        parameters: Further parameters of generation that the task itself sets.
    """

    entry: SuiteTask
    registry_name: str
    release: str
    source_sha256: str
    scorer: str
    samples: tuple[TaskSample, ...] = ()
    epochs: int = 1
    max_tokens: int | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the report calls it."""
        return self.entry.task

    @property
    def risk(self) -> str:
        """The risk area that it counts in."""
        assert self.entry.risk is not None  # noqa: S101 - the suite's model refuses it
        return self.entry.risk

    @property
    def languages(self) -> Sequence[str]:
        """The one language of its samples."""
        return [self.entry.language]

    @property
    def measures(self) -> Sequence[Measure]:
        """The one rate that the suite declares."""
        counts = headline(self.entry)
        return [
            Measure(
                key=counts.key,
                title=counts.title,
                headline=True,
                blocked_is_safe=self.risk == "criminal_misuse",
            )
        ]

    @property
    def leans(self) -> Sequence[str]:
        """No figures in [-1, 1]."""
        return ()

    @property
    def scoring(self) -> Scoring:
        """Its own scorer."""
        return Scoring(name=self.scorer)

    @property
    def categories(self) -> Mapping[str, list[str]]:
        """No categories: nobody says what it serves."""
        return {"perspectives": [], "hazards": [], "trustworthiness": []}

    @property
    def takes_one_call(self) -> bool:
        """No: it asks in its own way."""
        return False

    @property
    def needs_tools(self) -> bool:
        """No: nothing says so."""
        return False

    def measure_of(self, sample: TaskSample) -> Measure | None:
        """Return the one rate, to which every sample belongs."""
        return self.measures[0]

    def texts_of(self, sample: TaskSample) -> list[str]:
        """Return the sample's text: what else it asks is not known before the run."""
        text = sample.input
        return [text if isinstance(text, str) else "\n".join(m["content"] for m in text)]

    def choose(self, languages: Sequence[str], limit: int | None) -> list[TaskSample]:
        """Return the first samples, as many as the limit allows.

        Args:
            languages: The task's one language has to be among them; else there are no samples.
            limit: Most samples; None for all.

        Raises:
            InputError: The limit is below 1.
        """
        if limit is not None and limit < 1:
            raise InputError("the limit is {limit}; it must be at least 1.", limit=limit)
        return list(self.samples[:limit]) if self.entry.language in languages else []

    def attacked(
        self, samples: Sequence[TaskSample], attacks: Sequence[str], settings: AttackSettings
    ) -> Sequence[TaskSample]:
        """Refuse to be attacked.

        Args:
            samples: The samples as written; unused.
            attacks: Names of attacks; unused.
            settings: What the run sets for its attacks; unused.

        Raises:
            InputError: Always: it is not known how the task asks.
        """
        raise InputError(
            "the task '{name}' cannot be attacked: it is another package's. Attacks are "
            "for tasks that put one request and score refusal or harm; name others with "
            "--task.",
            name=self.name,
        )

    def check(self, samples: Sequence[TaskSample], scoring: Scoring) -> None:
        """Refuse any scorer but the task's own; the task itself was checked when it was loaded.

        Args:
            samples: The samples to ask; unused.
            scoring: The scorer that the suite or the command line names.

        Raises:
            InputError: Another scorer is named.
        """
        if scoring.name != self.scorer:
            raise InputError(
                "the task '{name}' is another package's and brings its own scorer; '{name2}' "
                "cannot take its place. Score its logs with 'tenken score'.",
                name=self.name,
                name2=scoring.name,
            )

    def check_roles(
        self, asked: TaskSelection, endpoint: Endpoint, roles: Mapping[str, Endpoint]
    ) -> None:
        """Refuse a judge that is not named, or that would be the tested model itself.

        Args:
            asked: The task with its samples; unused.
            endpoint: The model under test.
            roles: The models in other roles, as the command line binds them.

        Raises:
            InputError: A role has no model, or the tested one.
        """
        check_roles(self.entry, endpoint, roles)

    @property
    def says_all_roles(self) -> bool:
        """Never: a solver of another package may ask any role by itself."""
        return False

    def asks(self, asked: TaskSelection) -> list[str]:
        """Return the roles that the suite's entry names.

        Args:
            asked: The task with its samples; unused.
        """
        return roles_of(self.entry)

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a request: the endpoint's, and over them the task's own."""
        return {**request, **self.parameters}

    def plan(
        self, asked: TaskSelection, model: PlannedModel, roles: Mapping[str, PlannedModel]
    ) -> PlannedTask:
        """Return the task as a plan holds it.

        Args:
            asked: What is asked of it.
            model: The model under test.
            roles: The models in roles beside it.
        """
        entry, samples, counts = self.entry, asked.samples, headline(self.entry)
        judges = {role: roles[role] for role in self.asks(asked) if role in roles}
        content = digest([[s.id, s.cluster, s.tags, s.metadata["sha256"]] for s in samples])
        key = inspect_key(
            self.registry_name, entry.args, self.release, self.source_sha256, content, model,
            entry.max_tokens, judges,
        )  # fmt: skip
        said = f"{entry.inspect}, {self.release}"
        return PlannedTask(
            name=self.name,
            log_name=self.name,
            risk=entry.risk or "bias",
            title=Bilingual(en=self.name, ja=self.name),
            description=Bilingual(
                en=f"The task {said}, by its own prompts and scorer.",
                ja=f"タスク {said}。出題と採点はそのタスク自身によります。",
            ),
            version=self.release.replace("+", "-"),
            dataset={
                "source": said,
                "inspect_task": self.registry_name,
                "args": entry.args,
                "language": entry.language,
            },
            prompt_sha256=content,
            reuse_key=key,
            scorer=ScorerBinding(
                name=self.scorer, args={}, version=self.release, source_sha256=self.source_sha256
            ),
            graders=sorted(judge.name for judge in judges.values()),
            mapping=counts.mapping,
            measures=list(self.measures),
            epochs=asked.epochs,
            max_tokens=asked.max_tokens,
            limited_to=len(samples) if len(samples) < len(self.samples) else None,
            available=len(self.samples),
            withheld=entry.risk == "criminal_misuse",
            samples=[_planned(sample, counts.key) for sample in samples],
        )

    def to_inspect(
        self,
        asked: TaskSelection,
        planned: PlannedTask,
        judges: Mapping[str, Model],
        limit: int | None,
        *,
        on_demand: bool = False,
    ) -> Task:
        """Return the Inspect task for a run: the planned samples alone, under the planned name.

        Args:
            asked: What is asked.
            planned: The task as planned.
            judges: The models in roles.
            limit: Most tokens of a request, as planned.
            on_demand: Make each sample when it is asked for, instead of holding all.

        Raises:
            InputError: The samples are not those of the plan any more.
        """
        return _task_to_run(self.entry, planned, judges, limit)


def _planned(sample: TaskSample, measure: str) -> PlannedSample:
    return PlannedSample(
        id=sample.id,
        language=sample.language,
        pair_id=sample.pair_id,
        cluster=sample.cluster,
        measure=measure,
        tags=sample.tags,
    )


def _task_to_run(
    entry: SuiteTask, planned: PlannedTask, judges: Mapping[str, Model], limit: int | None
) -> Task:
    from inspect_ai import Epochs, task_with
    from inspect_ai.dataset import MemoryDataset

    made = make_task(entry, judges)
    by_id = {str(each.id): each for each in identified(made.dataset)}
    try:
        kept = [by_id[sample.id] for sample in planned.samples]
    except KeyError:
        raise InputError(
            "the samples of '{inspect}' are not the planned ones.", inspect=entry.inspect
        ) from None
    config = made.config
    if limit is not None:
        config = config.model_copy(update={"max_tokens": limit})
    return task_with(
        made,
        dataset=MemoryDataset(kept, name=made.dataset.name, location=made.dataset.location),
        name=planned.log_name,
        version=planned.log_version,
        epochs=Epochs(planned.epochs, made.epochs_reducer or "mean"),
        config=config,
    )


def headline(entry: SuiteTask) -> Headline:
    """Return the figure that stands for the task of an entry with `inspect`."""
    assert entry.headline is not None  # noqa: S101 - the suite's model refuses an entry without
    return entry.headline
