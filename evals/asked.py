"""What one run asks: its choices within a suite, and each task with the samples to ask.

A task of a card and one of another package meet the same protocol, so that nothing after this
needs to know whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from tenken.evals.models.endpoint import Endpoint
from tenken.evals.suite import EmbeddedLimits, SuiteTask
from tenken.schema.model import PlannedModel
from tenken.schema.plan import Measure, PlannedTask
from tenken.tasks.attacks.adaptive import AttackSettings
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.sample import TaskSample

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model


T = TypeVar("T")


class RunTask(Protocol):
    """A task as a run plans and asks it: `OwnTask` of a card, `ForeignTask` of another package."""

    @property
    def name(self) -> str:
        """Full name, `risk/name`."""
        ...

    @property
    def risk(self) -> str:
        """The risk area that it counts in."""
        ...

    @property
    def samples(self) -> tuple[TaskSample, ...]:
        """Every sample that it has."""
        ...

    @property
    def languages(self) -> Sequence[str]:
        """The languages that the samples are in."""
        ...

    @property
    def measures(self) -> Sequence[Measure]:
        """The rates that it gives."""
        ...

    @property
    def leans(self) -> Sequence[str]:
        """The figures in [-1, 1] that it gives beside its rates."""
        ...

    @property
    def scoring(self) -> Scoring:
        """Its own scorer."""
        ...

    @property
    def epochs(self) -> int:
        """How often it asks each sample by itself."""
        ...

    @property
    def max_tokens(self) -> int | None:
        """Most tokens of an answer, by itself."""
        ...

    @property
    def categories(self) -> Mapping[str, list[str]]:
        """The categories of published frameworks that it serves, by framework."""
        ...

    @property
    def takes_one_call(self) -> bool:
        """Whether each sample is one question to the model, as far as the task says."""
        ...

    @property
    def needs_tools(self) -> bool:
        """Whether its samples act with tools that the endpoint must take, as far as it says."""
        ...

    def measure_of(self, sample: TaskSample) -> Measure | None:
        """Return the measure that a sample belongs to, or None."""
        ...

    def texts_of(self, sample: TaskSample) -> list[str]:
        """Return the text of each call that a sample takes at most."""
        ...

    def choose(self, languages: Sequence[str], limit: int | None) -> list[TaskSample]:
        """Return the samples to ask.

        Args:
            languages: Only samples in one of these.
            limit: Most samples over all languages, at least 1; None for all.
        """
        ...

    def attacked(
        self, samples: Sequence[TaskSample], attacks: Sequence[str], settings: AttackSettings
    ) -> Sequence[TaskSample]:
        """Return every sample under every attack, or refuse to be attacked.

        Args:
            samples: The samples as written.
            attacks: Names of attacks, `none` among them where the plain requests are asked too.
            settings: What the run sets for its attacks.

        Raises:
            InputError: The task cannot be attacked.
        """
        ...

    def check(self, samples: Sequence[TaskSample], scoring: Scoring) -> None:
        """Refuse parts that do not fit together, before anything is asked.

        Args:
            samples: The samples to ask.
            scoring: The scorer's registry name and arguments.

        Raises:
            InputError: A part does not fit the others.
        """
        ...

    def check_roles(
        self, asked: TaskSelection, endpoint: Endpoint, roles: Mapping[str, Endpoint]
    ) -> None:
        """Refuse a judge that is not named, or that would be the tested model itself.

        Args:
            asked: The task with its samples and scorer.
            endpoint: The model under test.
            roles: The models in other roles, such as `grader`.

        Raises:
            InputError: A role has no model, or the tested one.
        """
        ...

    @property
    def says_all_roles(self) -> bool:
        """Whether it asks models in no other roles than those that it names."""
        ...

    def asks(self, asked: TaskSelection) -> list[str]:
        """Return the roles of the models that the task asks, or may ask, beside the tested one.

        Args:
            asked: The task with its samples and scorer.
        """
        ...

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a request, what the task itself sets among them."""
        ...

    def plan(
        self, asked: TaskSelection, model: PlannedModel, roles: Mapping[str, PlannedModel]
    ) -> PlannedTask:
        """Return the task as a plan holds it.

        Args:
            asked: The task with its samples and scorer.
            model: The model under test; its name, address and parameters are planned.
            roles: The models in other roles, as planned.
        """
        ...

    def to_inspect(
        self,
        asked: TaskSelection,
        planned: PlannedTask,
        judges: Mapping[str, Model],
        limit: int | None,
        *,
        on_demand: bool = False,
    ) -> Task:
        """Return the Inspect task that asks the planned samples.

        Args:
            asked: The task with its samples and scorer.
            planned: The same task as the committed plan holds it.
            judges: The models in other roles, connected.
            limit: Most tokens of a request, as planned; None for no limit.
            on_demand: Make each sample when it is asked for, instead of holding all.
        """
        ...


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line chooses within a suite.

    Attributes:
        limit: Most samples of each task, over its languages.
        languages: Ask in these alone.
        tasks: Run these alone.
        epochs: How often each sample is asked.
        scorers: Judge a task by another scorer than its card's, by the task's full name; `*` is
            every task.
        roles: The models in roles beside the one under test, such as `grader`.
        attacks: Ask every sample under these attacks instead of the suite's.
        context: Tokens that fit into the model's context, for the attack that fills it; None where
            the endpoint file does not say.
        data: Files or folders of public benchmarks' data, by the benchmark's full name.
        accepted: Whether terms that ask for it are accepted.
        gates: Whether the suite's gates are decided.
        fresh: Whether everything is asked, whatever answers earlier runs have.
        attempt: How many runs of the suite on the model there were, this one counted.
    """

    limit: int | None = None
    languages: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    epochs: int | None = None
    scorers: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Endpoint] = field(default_factory=dict)
    attacks: tuple[str, ...] = ()
    context: int | None = None
    data: Mapping[str, Path] = field(default_factory=dict)
    accepted: bool = False
    gates: bool = True
    fresh: bool = False
    attempt: int = 1


@dataclass(frozen=True)
class TaskSelection:
    """One task of a run with the samples that will be asked."""

    entry: SuiteTask
    task: RunTask
    samples: tuple[TaskSample, ...]
    scoring: Scoring
    epochs: int
    embedded: bool = False
    attacks: tuple[str, ...] = ()
    settings: AttackSettings = field(default_factory=AttackSettings)
    _made: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def once(self, name: str, make: Callable[[], T]) -> T:
        """Return what depends on the samples alone, made for the first plan and kept for others.

        Args:
            name: What it is.
            make: Makes it.
        """
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made

    def without_samples(self) -> TaskSelection:
        """Return the task without its samples, which take much memory and are asked once."""
        task: Any = self.task
        return replace(self, task=replace(task, samples=()), samples=(), _made={})

    @property
    def max_tokens(self) -> int | None:
        """Most tokens of an answer: the suite's word, else the card's."""
        own = self.entry.max_tokens or self.task.max_tokens
        return least(own, limits_of(self.entry).max_tokens) if self.embedded else own


def limits_of(entry: SuiteTask) -> EmbeddedLimits:
    """Return what holds for an entry on the embedded model."""
    return entry.embedded or EmbeddedLimits()


def least(*limits: int | None) -> int | None:
    """Return the smallest of the limits that there are, None where there is none."""
    return min((limit for limit in limits if limit is not None), default=None)
