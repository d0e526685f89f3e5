"""A task of a card, ours or an evaluator's, as a run plans and asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tenken.errors import UnknownNameError
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.planning.graders import (
    check_attackers,
    check_graders,
    grader_roles,
    solver_roles,
)
from tenken.schema.plan import (
    LEANS,
    Measure,
    PlannedModel,
    PlannedTask,
    ScoreMapping,
    ScorerBinding,
)
from tenken.schema.reuse import own_key
from tenken.tasks.attacks.adaptive import ADAPTIVE, ROLES, AttackSettings
from tenken.tasks.attacks.apply import (
    check_adaptable,
    check_attackable,
    planned_attacks,
    under_attack,
)
from tenken.tasks.build import adapts, build, planned, samples_digest, selected, texts_of
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.reviews import items_read
from tenken.tasks.dataset.sample import TaskSample, measure_of
from tenken.tasks.fit import counted, planned_vocabulary
from tenken.tasks.library import LoadedTask
from tenken.tasks.parts import choices_of, make_scorer, scorer_factory
from tenken.terms.known import title_of_area

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.model import Model

    from tenken.evals.asked import TaskSelection

_ASK = "tenken/ask"


class OwnTask(LoadedTask):
    """A card with its samples; see `tenken.evals.asked.RunTask`."""

    __slots__ = ()

    @property
    def languages(self) -> Sequence[str]:
        """The languages that the samples are in."""
        return self.card.languages

    @property
    def measures(self) -> Sequence[Measure]:
        """The rates that the task gives."""
        return self.card.measures

    @property
    def scoring(self) -> Scoring:
        """The card's scorer."""
        return self.card.scorer

    @property
    def needs_tools(self) -> bool:
        """Whether its solver lets the model act."""
        return self.card.solver.name == "tenken/act"

    @property
    def epochs(self) -> int:
        """How often each sample is asked where neither suite nor command says."""
        return 1

    @property
    def max_tokens(self) -> int | None:
        """Most tokens of an answer where the suite does not say."""
        return self.card.max_tokens

    @property
    def risk(self) -> str:
        """The risk area that it counts in."""
        return self.card.risk

    @property
    def categories(self) -> dict[str, list[str]]:
        """The categories that it serves, by framework."""
        return {
            "perspectives": [str(number) for number in self.card.perspectives],
            "hazards": list(self.card.hazards),
            "trustworthiness": list(self.card.trustworthiness),
        }

    @property
    def leans(self) -> Sequence[str]:
        """The figures in [-1, 1] that the task gives beside its rates (see `LEANS`).

        Samples say which; of a task whose samples are not read it may be any.
        """
        if not self.samples:
            return LEANS
        contexts = {f"bias_{sample.tags.get('context')}" for sample in self.samples}
        gap = {"gap"} if self.card.scorer.name.endswith("/group_gap") else set()
        return [each for each in LEANS if each in contexts | gap]

    @property
    def takes_one_call(self) -> bool:
        """Whether each sample is one question to the model, by the card."""
        return self.card.solver.name == _ASK and not (self.folder / "task.py").exists()

    def measure_of(self, sample: TaskSample) -> Measure | None:
        """Return the measure that a sample belongs to, or None."""
        return measure_of(self.card, sample)

    def texts_of(self, sample: TaskSample) -> list[str]:
        """Return the text of each call that a sample takes at most, as far as it is known."""
        return texts_of(self, sample)

    def choose(self, languages: Sequence[str], limit: int | None) -> list[TaskSample]:
        """Return the samples to ask, balanced as `tasks.build.selected` does it.

        Args:
            languages: Only samples in one of these.
            limit: Most samples over all languages; None for all.

        Raises:
            UnknownNameError: There is no such language.
            InputError: The limit is below 1.
        """
        return selected(self, languages, limit)

    def attacked(
        self, samples: Sequence[TaskSample], attacks: Sequence[str], settings: AttackSettings
    ) -> Sequence[TaskSample]:
        """Return every sample under every attack.

        Args:
            samples: The samples as written.
            attacks: Names of attacks, `none` among them where the plain requests are asked too.
            settings: What the run sets for its attacks.

        Raises:
            InputError: The task is not one that attacks make sense for.
        """
        check_attackable(self)
        check_adaptable(self, attacks)
        return under_attack(self, samples, attacks, settings)

    def check(self, samples: Sequence[TaskSample], scoring: Scoring) -> None:
        """Build the task once, so that parts that do not fit are refused.

        Args:
            samples: The samples to ask.
            scoring: The scorer's registry name and arguments.

        Raises:
            InputError: A part does not exist, or does not fit the others.
        """
        for _ in build(self, samples, scoring=scoring, on_demand=True).dataset:
            pass  # each can be made

    def check_roles(
        self, asked: TaskSelection, endpoint: Endpoint, roles: Mapping[str, Endpoint]
    ) -> None:
        """Refuse a scorer whose grader is not named, or would be the tested model itself.

        Nothing is asked of a grader where every sample has choices and the scorer reads those.

        Args:
            asked: The task with its samples and scorer.
            endpoint: The model under test.
            roles: The models in other roles, as the command line binds them.

        Raises:
            InputError: A role has no model, or the tested one.
        """
        if adapts(asked.samples):
            check_attackers(asked.attacks, self.name, endpoint.planned(), roles)
        by_choice = choices_of(asked.scoring.name) == "instead"
        if not (by_choice and all(sample.choices for sample in asked.samples)):
            check_graders(asked.scoring, self.name, endpoint.planned(), roles)

    @property
    def says_all_roles(self) -> bool:
        """Whether it has no code of its own, which could ask any role."""
        names = (self.card.solver.name, self.card.scorer.name)
        ours = all(name.startswith(("tenken/", "inspect_ai/")) for name in names)
        return ours and not (self.folder / "task.py").exists()

    def asks(self, asked: TaskSelection) -> list[str]:
        """Return the roles of the models that scorer, solver and attacks ask.

        Args:
            asked: The task with its samples and scorer.
        """
        found = [*grader_roles(asked.scoring), *solver_roles(self.card.solver)]
        return [*found, *(ROLES if adapts(asked.samples) else ())]

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters of a request: the endpoint's."""
        return request

    def plan(
        self, asked: TaskSelection, model: PlannedModel, roles: Mapping[str, PlannedModel]
    ) -> PlannedTask:
        """Return the task as a plan holds it.

        Args:
            asked: What is asked of it.
            model: The model under test.
            roles: The models in roles beside it.

        Raises:
            UnknownNameError: The scorer is not registered.
            InputError: It does not take the arguments that it is given.
        """
        card, samples, scoring = self.card, asked.samples, asked.scoring
        binding, measures = scorer_binding(scoring), counted(card.measures, scoring)
        judges = {role: roles[role] for role in self.asks(asked) if role in roles}
        content = asked.once("digest", lambda: samples_digest(self, samples))
        attacks = planned_attacks(asked.attacks, asked.settings)
        available = _available(self.samples, asked.attacks)
        sources = [attack.source_sha256 for attack in attacks]
        own = self.samples
        remote = card.dataset.remote is not None or card.dataset.is_table
        return PlannedTask(
            name=self.name,
            log_name=f"{self.package}/{card.name}",
            risk=card.risk,
            area=title_of_area(card.risk),
            title=card.title,
            description=card.description,
            version=card.version,
            perspectives=card.perspectives,
            hazards=card.hazards,
            trustworthiness=card.trustworthiness,
            dataset={**card.dataset.facts(), **self.data},
            prompt_sha256=content,
            reuse_key=own_key(
                self.name, card.version, content, binding, model, asked.max_tokens, judges, sources
            ),
            scorer=binding,
            graders=sorted(judge.name for judge in judges.values()),
            vocabulary=planned_vocabulary(scoring, measures),
            mapping=ScoreMapping(labels=labels) if (labels := scoring.labels) else None,
            measures=measures,
            epochs=asked.epochs,
            max_tokens=asked.max_tokens,
            limited_to=len(samples) if len(samples) < available else None,
            available=available,
            withheld=card.is_hazardous or card.dataset.private,
            attacks=attacks,
            held_out_of=card.held_out_of,
            severity=card.severity,
            read=None if remote else asked.once("read", lambda: items_read(self.folder, own)),
            samples=asked.once("planned", lambda: planned(self, samples)),
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
        """Return the Inspect task that asks the planned samples.

        Args:
            asked: What is asked.
            planned: The task as planned.
            judges: The models in roles; its scorer finds them by their role.
            limit: Most tokens of a request, as planned.
            on_demand: Make each sample when it is asked for, instead of holding all.
        """
        from inspect_ai import Epochs, task_with

        task = build(
            self,
            asked.samples,
            version=planned.log_version,
            scoring=asked.scoring,
            max_tokens=limit,
            fitted=True,  # by `check`, when it was planned
            on_demand=on_demand,
        )
        return task_with(task, epochs=Epochs(planned.epochs, "mean"))


def _available(samples: Sequence[TaskSample], attacks: Sequence[str]) -> int:
    """Return how many samples a task has under its attacks; twins are under no adapting one."""
    adapting = sum(name in ADAPTIVE for name in attacks)
    harmful = sum(not sample.benign_twin for sample in samples)
    fixed = len(attacks) - adapting if attacks else 1
    return len(samples) * fixed + harmful * adapting


def own_task(loaded: LoadedTask) -> OwnTask:
    """Return a loaded task as a run plans and asks it."""
    return OwnTask(
        loaded.name, loaded.folder, loaded.package, loaded.card, loaded.samples, loaded.data
    )


def scorer_binding(scoring: Scoring) -> ScorerBinding:
    """Return the name, version and source digest of a scorer.

    Raises:
        UnknownNameError: No scorer of that name is registered with Inspect.
        InputError: It does not take these arguments.
    """
    from tenken.scorers.registry import pinned_args, scorer_source

    make_scorer(scoring)
    factory = scorer_factory(scoring.name)
    if factory is None:
        raise UnknownNameError("scorer", scoring.name, ())
    number, source = scorer_source(factory)
    args = pinned_args(factory, scoring.args)
    return ScorerBinding(name=scoring.name, args=args, version=number, source_sha256=source)
