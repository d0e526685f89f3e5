"""From a suite and an endpoint to a plan: every digest that decides what a run is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tenken.errors import InputError, UnknownNameError
from tenken.evals.external.roles import check_roles
from tenken.evals.external.task import InspectLoaded
from tenken.evals.models.endpoint import EMBEDDED, Endpoint
from tenken.evals.planning.cards import cards_for
from tenken.evals.planning.gates import check_gates, gates_of
from tenken.evals.planning.graders import check_graders, grader_roles, solver_roles
from tenken.evals.planning.resolve import load_entry, name_in
from tenken.evals.planning.software import software
from tenken.evals.suite import EmbeddedLimits, Suite, SuiteFile, SuiteTask
from tenken.io.canonical import digest
from tenken.schema.plan import (
    Plan,
    PlannedModel,
    PlannedTask,
    ScoreMapping,
    ScorerBinding,
)
from tenken.schema.reuse import own_key
from tenken.tasks.attacks.apply import (
    check_attackable,
    named_attacks,
    planned_attacks,
    under_attack,
)
from tenken.tasks.build import build, planned, samples_digest, selected
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.sample import TaskSample
from tenken.tasks.fit import counted, vocabulary
from tenken.tasks.library import LoadedTask
from tenken.tasks.parts import make_scorer, scorer_factory

_CHOICE_FIRST = "tenken/claim_stance"
"""Asks a grader only about samples without choices."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line chooses within a suite.

    Attributes:
        limit: Most samples of each task, over its languages.
        languages: Ask in these alone.
        tasks: Run these alone.
        epochs: How often each sample is asked.
        scorers: Judge a task by another scorer than its card's, by the task's full name.
        roles: The models in roles beside the one under test, such as `grader`.
        attacks: Ask every sample under these attacks instead of the suite's.
        data: Files or folders of public benchmarks' data, by the benchmark's full name.
        accepted: Whether terms that ask for it are accepted.
        gates: Whether the suite's gates are decided.
        attempt: How many runs of the suite on the model there were, this one counted.
    """

    limit: int | None = None
    languages: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    epochs: int | None = None
    scorers: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, Endpoint] = field(default_factory=dict)
    attacks: tuple[str, ...] = ()
    data: Mapping[str, Path] = field(default_factory=dict)
    accepted: bool = False
    gates: bool = True
    attempt: int = 1


@dataclass(frozen=True)
class Asked:
    """One task of a run with the samples that will be asked."""

    entry: SuiteTask
    task: LoadedTask
    samples: tuple[TaskSample, ...]
    scoring: Scoring
    epochs: int
    embedded: bool = False
    attacks: tuple[str, ...] = ()

    @property
    def max_tokens(self) -> int | None:
        """Most tokens of an answer: the suite's word, else the card's."""
        own = self.entry.max_tokens or self.task.card.max_tokens
        return _least(own, _embedded(self.entry).max_tokens) if self.embedded else own


def resolve(suite: Suite, choices: Choices, *, embedded: bool = False) -> list[Asked]:
    """Return what a suite asks, task by task, in the suite's order, each of them built once.

    Nothing is written before this has passed: an unknown solver or scorer, arguments that it does
    not take, samples and measures that do not fit it are refused here.

    Args:
        suite: The suite.
        choices: What the command line chose.
        embedded: Whether the embedded model is asked, with the suite's limits for it.

    Raises:
        UnknownNameError: A task, a language, or a gate's task or measure that does not exist.
        InputError: A task is listed twice, or nothing is left to ask.
        CardError: A task's card or samples break a rule, or do not fit its solver and scorer.
    """
    wanted = {name_in(suite, name) for name in choices.tasks}
    scorers = {name_in(suite, name): scorer for name, scorer in choices.scorers.items()}
    loaded = [
        (entry, load_entry(entry, data=choices.data, accepted=choices.accepted, wanted=wanted))
        for entry in suite.tasks
    ]
    _check_suite(suite, [task for _, task in loaded], wanted | set(scorers))
    found: list[Asked] = []
    for entry, task in loaded:
        if wanted and task.name not in wanted:
            continue
        languages = choices.languages or tuple(task.card.languages)
        slow = _embedded(entry).limit if embedded else None
        samples = selected(task, languages, _least(entry.limit, choices.limit, slow))
        if not samples:
            continue
        scoring = entry.scorer or task.card.scorer
        if task.name in scorers:
            scoring = Scoring(name=scorers[task.name])
        own = task.own_epochs if isinstance(task, InspectLoaded) else 1
        epochs = choices.epochs or entry.epochs or own
        where = f"suite {suite.name}, task {task.name}"
        fewer = _embedded(entry).attacks if embedded else []
        attacks = named_attacks(choices.attacks or fewer or entry.attacks, where)
        if attacks:
            check_attackable(task, foreign=isinstance(task, InspectLoaded))
            samples = under_attack(task, samples, attacks)
        if not isinstance(task, InspectLoaded):
            build(task, samples, scoring=scoring)
        found.append(Asked(entry, task, tuple(samples), scoring, epochs, embedded, attacks))
    if not found:
        raise InputError(f"the suite '{suite.name}' has no sample left to ask with these choices.")
    return found


def _check_suite(suite: Suite, tasks: Sequence[LoadedTask], wanted: set[str]) -> None:
    """Refuse tasks that are listed twice or not at all, and gates on what is not measured."""
    where = f"suite {suite.name}"
    by_name = {task.name: task for task in tasks}
    if len(by_name) != len(tasks):
        names = ", ".join(task.name for task in tasks)
        raise InputError(f"{where}: a task is listed twice; remove one: {names}.")
    for name in sorted(wanted - set(by_name)):
        raise UnknownNameError("task", name, by_name, where)
    check_gates(suite, by_name)


def make_plan(
    suite_file: SuiteFile,
    endpoint: Endpoint,
    asked: Sequence[Asked],
    choices: Choices,
    *,
    embedded: dict[str, Any] | None = None,
    declared: Endpoint | None = None,
) -> Plan:
    """Return the plan of a run.

    Args:
        suite_file: The suite as read.
        endpoint: The model under test.
        asked: What `resolve` found.
        choices: What the command line chose.
        embedded: Digests and versions of the embedded model, where that is tested.
        declared: The endpoint before anything was found out of it, for the run's name; the same
            command has the same name.

    Raises:
        UnknownNameError: A scorer that is not registered.
        InputError: A scorer does not take the arguments it is given.
    """
    suite = suite_file.suite
    model = endpoint.planned().model_copy(update={"embedded": embedded})
    roles = {role: each.planned() for role, each in sorted(choices.roles.items())}
    for each in asked:
        if isinstance(each.task, InspectLoaded):
            check_roles(each.entry, endpoint, choices.roles)
            continue
        _check_graders(each, endpoint, choices.roles)
    tasks = [
        each.task.planned(
            each.entry, each.samples, model, roles, epochs=each.epochs, max_tokens=each.max_tokens
        )
        if isinstance(each.task, InspectLoaded)
        else _planned_task(each, model, roles)
        for each in asked
    ]
    tasks = [
        task.model_copy(
            update={
                "request": each.task.own_request(request)
                if isinstance(each.task, InspectLoaded)
                else request
            }
        )
        for task, each in zip(tasks, asked, strict=True)
        for request in [endpoint.request(each.max_tokens)]
    ]
    plan = Plan(
        schema="https://tenken.dev/schema/plan/1",
        run=run_name(suite_file, declared or endpoint, choices),
        suite=suite.name,
        suite_title=suite.title,
        suite_sha256=suite_file.sha256,
        model=model,
        roles=roles,
        tasks=tasks,
        gates=(
            gates_of(suite, [task.name for task in tasks], choices.languages)
            if choices.gates
            else []
        ),
        not_measured=suite.not_measured,
        max_unscored=suite.max_unscored,
        seed=suite.seed,
        parity_margin=suite.parity_margin,
        attempt=choices.attempt,
        settings={
            "languages": list(choices.languages),
            "limit": choices.limit,
            "tasks": sorted(choices.tasks),
            "epochs": choices.epochs,
            **({"attacks": list(choices.attacks)} if choices.attacks else {}),
            **({} if choices.gates else {"gates": False}),
        },
        software=software(),
    )
    return plan.model_copy(update={"calibration": cards_for(plan)})


def run_name(suite_file: SuiteFile, endpoint: Endpoint, choices: Choices) -> str:
    """Return the name of a run's folder: the same command has the same one.

    It depends on what was asked for (suite, endpoint, choices), not on the data: after a change
    of a sample the same folder goes on, and only the task that changed is asked again.
    """
    suite = suite_file.suite.name
    request = [
        suite, _named(endpoint), choices.limit,
        sorted(choices.languages), sorted(choices.tasks), choices.epochs,
        sorted(choices.scorers.items()),
        *([[r, _named(e)] for r, e in sorted(choices.roles.items())]),
        *([["attacks", *choices.attacks]] if choices.attacks else []),
        *([] if choices.gates else ["no gates"]),
    ]  # fmt: skip
    model = re.sub(r"[^a-z0-9.]+", "-", endpoint.model.rsplit("/", 1)[-1].lower()).strip("-.")
    return f"{suite}--{model[:40] or 'model'}--{digest(request)[:8]}"


def _named(endpoint: Endpoint) -> dict[str, Any]:
    model = endpoint.planned()
    return {**model.identity(), "api_key_env": model.api_key_env}


def scorer_binding(scoring: Scoring) -> ScorerBinding:
    """Return the name, version and source digest of a scorer.

    Raises:
        UnknownNameError: No scorer of that name is registered with Inspect.
        InputError: It does not take these arguments.
    """
    from tenken.scorers.registry import pinned_args, scorer_source

    make_scorer(scoring)
    factory = scorer_factory(scoring.name)
    assert factory is not None  # noqa: S101 - make_scorer would have refused the name
    number, source = scorer_source(factory)
    args = pinned_args(factory, scoring.args)
    return ScorerBinding(name=scoring.name, args=args, version=number, source_sha256=source)


def _check_graders(asked: Asked, tested: Endpoint, roles: Mapping[str, Endpoint]) -> None:
    """Refuse a scorer whose grader is not named, or would be the tested model itself."""
    if asked.scoring.name == _CHOICE_FIRST and all(sample.choices for sample in asked.samples):
        return
    check_graders(asked.scoring, asked.task.name, tested.planned(), roles)


def _planned_task(
    asked: Asked, model: PlannedModel, roles: Mapping[str, PlannedModel]
) -> PlannedTask:
    task, card = asked.task, asked.task.card
    binding = scorer_binding(asked.scoring)
    asking = [*grader_roles(asked.scoring), *solver_roles(card.solver)]
    judges = {role: roles[role] for role in asking if role in roles}
    content = samples_digest(task, asked.samples)
    attacks = planned_attacks(asked.attacks)
    available = len(task.samples) * max(len(attacks), 1)
    key = own_key(
        task.name,
        card.version,
        content,
        binding,
        model,
        asked.max_tokens,
        judges,
        [attack.source_sha256 for attack in attacks],
    )
    return PlannedTask(
        name=task.name,
        log_name=f"{task.package}/{card.name}",
        risk=card.risk,
        title=card.title,
        description=card.description,
        version=card.version,
        perspectives=card.perspectives,
        hazards=card.hazards,
        trustworthiness=card.trustworthiness,
        dataset={**card.dataset.facts(), **task.data},
        prompt_sha256=content,
        reuse_key=key,
        scorer=binding,
        graders=sorted(judge.name for judge in judges.values()),
        vocabulary=vocabulary(asked.scoring),
        mapping=ScoreMapping(labels=labels) if (labels := asked.scoring.labels) else None,
        measures=counted(card.measures, asked.scoring),
        epochs=asked.epochs,
        max_tokens=asked.max_tokens,
        limited_to=len(asked.samples) if len(asked.samples) < available else None,
        available=available,
        withheld=card.is_hazardous or card.dataset.private,
        attacks=attacks,
        samples=planned(task, asked.samples),
    )


def _embedded(entry: SuiteTask) -> EmbeddedLimits:
    return entry.embedded or EmbeddedLimits()


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def is_embedded(endpoint: Endpoint) -> bool:
    """Whether the model under test is the one that comes with the package."""
    return endpoint.model == EMBEDDED
