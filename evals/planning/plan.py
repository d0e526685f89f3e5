"""From a suite and an endpoint to a plan: every digest that decides what a run is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tenken.errors import InputError, Sentence, UnknownNameError
from tenken.evals.asked import Choices, RunTask, TaskSelection, least, limits_of
from tenken.evals.models.endpoint import EMBEDDED, Endpoint
from tenken.evals.planning.cards import cards_for
from tenken.evals.planning.gates import check_gates, gates_of
from tenken.evals.planning.graders import check_unasked, with_grader
from tenken.evals.planning.resolve import load_entry, name_in
from tenken.evals.planning.software import software
from tenken.evals.suite import Suite, SuiteFile, SuiteTask
from tenken.io.canonical import digest
from tenken.schema.model import EmbeddedModel, PlannedModel
from tenken.schema.plan import SCANNERS, Plan, PlannedTask
from tenken.tasks.attacks.adaptive import AttackSettings, budgets_of
from tenken.tasks.attacks.apply import named_attacks
from tenken.tasks.attacks.transforms import MANY_SHOT, shots_that_fit
from tenken.tasks.card.card import Scoring
from tenken.tasks.dataset.sample import TaskSample

EVERY_TASK: Final = "*"
"""Stands for every task where another scorer is chosen."""


def resolve(suite: Suite, choices: Choices, *, embedded: bool = False) -> list[TaskSelection]:
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
    scorers = {
        name if name == EVERY_TASK else name_in(suite, name): scorer
        for name, scorer in choices.scorers.items()
    }
    loaded = [
        (entry, load_entry(entry, data=choices.data, accepted=choices.accepted, wanted=wanted))
        for entry in suite.tasks
    ]
    _check_suite(suite, loaded, (wanted | set(scorers)) - {EVERY_TASK})
    found = [
        asked
        for entry, task in loaded
        if not wanted or task.name in wanted
        if (asked := _asked(suite, entry, task, choices, scorers, embedded=embedded)) is not None
    ]
    if not found:
        raise InputError(
            "the suite '{name}' has no sample left to ask with these choices.", name=suite.name
        )
    check_unasked(found, choices.roles)
    return found


def _asked(
    suite: Suite,
    entry: SuiteTask,
    task: RunTask,
    choices: Choices,
    scorers: Mapping[str, str],
    *,
    embedded: bool,
) -> TaskSelection | None:
    """Return what is asked of a task, None where no sample is left."""
    slow = limits_of(entry) if embedded else None
    limit = least(entry.limit, choices.limit, slow.limit if slow else None)
    samples: Sequence[TaskSample] = task.choose(choices.languages or tuple(task.languages), limit)
    if not samples:
        return None
    other = scorers.get(task.name) or scorers.get(EVERY_TASK)
    if other is not None:
        scoring = Scoring(name=other)
    else:
        headline = next((each for each in task.measures if each.headline), None)
        unsafe = headline.unsafe_labels if headline else ()
        scoring = entry.scorer or with_grader(task.scoring, unsafe, choices.roles)
    where = Sentence("suite {suite}, task {task}", suite=suite.name, task=task.name)
    fewer = slow.attacks if slow else []
    attacks = named_attacks(choices.attacks or fewer or entry.attacks, where)
    answer = least(entry.max_tokens or task.max_tokens, slow.max_tokens if slow else None)
    settings = _settings(entry, attacks, choices, answer, where)
    if attacks:
        samples = task.attacked(samples, attacks, settings)
    if embedded and any(sample.files for sample in samples):
        raise InputError(
            "{where}: its samples have files, and the embedded model reads texts alone; "
            "name another model with --model.",
            where=where,
        )
    task.check(samples, scoring)
    epochs = choices.epochs or entry.epochs or task.epochs
    return TaskSelection(entry, task, tuple(samples), scoring, epochs, embedded, attacks, settings)


def _settings(
    entry: SuiteTask, attacks: Sequence[str], choices: Choices, answer: int | None, where: str
) -> AttackSettings:
    """Return what a run sets for a task's attacks: their budgets, and how many shots fit."""
    budgets = budgets_of(entry.budgets, where)
    fills = MANY_SHOT in attacks and choices.context is not None
    shots = shots_that_fit(choices.context or 0, answer or 0) if fills else None
    return AttackSettings({n: b for n, b in budgets.items() if n in attacks}, shots)


def _check_suite(
    suite: Suite, loaded: Sequence[tuple[SuiteTask, RunTask]], wanted: set[str]
) -> None:
    """Refuse tasks that are listed twice or not at all, and gates on what is not measured."""
    where = Sentence("suite {suite}", suite=suite.name)
    tasks = [task for _, task in loaded]
    by_name = {task.name: task for task in tasks}
    if len(by_name) != len(tasks):
        names = [task.name for task in tasks]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InputError(
            "{where}: task '{twice}' is listed twice; remove one.", where=where, twice=twice[0]
        )
    for name in sorted(wanted - set(by_name)):
        raise UnknownNameError("task", name, by_name, where)
    attacks = {
        task.name: named_attacks(entry.attacks, f"{where}, task {task.name}")
        for entry, task in loaded
    }
    check_gates(suite, by_name, attacks)


def make_plan(
    suite_file: SuiteFile,
    endpoint: Endpoint,
    asked: Sequence[TaskSelection],
    choices: Choices,
    *,
    embedded: EmbeddedModel | None = None,
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
    for each in asked:
        each.task.check_roles(each, endpoint, choices.roles)
    model, roles = _planned_models(endpoint, choices, embedded)
    tasks = planned_tasks(endpoint, asked, choices, embedded=embedded)
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
            gates_of(suite, {e.task.name: e.attacks for e in asked}, choices.languages)
            if choices.gates
            else []
        ),
        not_measured=suite.not_measured,
        max_unscored=suite.max_unscored,
        seed=suite.seed,
        parity_margin=suite.parity_margin,
        attempt=choices.attempt,
        scanners=SCANNERS,
        reuse_days=0 if choices.fresh else suite.reuse_days,
        settings={
            "languages": list(choices.languages),
            "limit": choices.limit,
            "tasks": sorted(choices.tasks),
            "epochs": choices.epochs,
            **({"attacks": list(choices.attacks)} if choices.attacks else {}),
            **({} if choices.gates else {"gates": False}),
            **({"fresh": True} if choices.fresh else {}),
        },
        software=software(),
    )
    return plan.model_copy(update={"calibration": cards_for(plan)})


def planned_tasks(
    endpoint: Endpoint,
    asked: Sequence[TaskSelection],
    choices: Choices,
    *,
    embedded: EmbeddedModel | None = None,
) -> list[PlannedTask]:
    """Return the tasks of a plan, as `make_plan` does.

    Args:
        endpoint: The model under test.
        asked: The tasks with their samples, as `resolve` found them.
        choices: What the command line chose; its roles are used.
        embedded: Digests and versions of the embedded model, where that is tested.
    """
    model, roles = _planned_models(endpoint, choices, embedded)
    return [
        each.task.plan(each, model, roles).model_copy(
            update={"request": each.task.request(endpoint.request(each.max_tokens))}
        )
        for each in asked
    ]


def _planned_models(
    endpoint: Endpoint, choices: Choices, embedded: EmbeddedModel | None
) -> tuple[PlannedModel, dict[str, PlannedModel]]:
    model = endpoint.planned().model_copy(update={"embedded": embedded})
    return model, {role: each.planned() for role, each in sorted(choices.roles.items())}


def run_name(suite_file: SuiteFile, endpoint: Endpoint, choices: Choices) -> str:
    """Return the name of a run's folder: the same command gives the same name.

    It depends on what was asked for (suite, endpoint, choices), not on the data: after a change of
    a sample the same folder is continued, and only the task that changed is asked again.

    Args:
        suite_file: The suite as read; its name counts.
        endpoint: The model under test, before anything was found out about it.
        choices: What the command line chose.

    Returns:
        Suite, model, and 8 hexadecimal digits of a SHA-256, joined by `--`.
    """
    suite = suite_file.suite.name
    request = [
        suite, _named(endpoint), choices.limit,
        sorted(choices.languages), sorted(choices.tasks), choices.epochs,
        sorted(choices.scorers.items()),
        *([[r, _named(e)] for r, e in sorted(choices.roles.items())]),
        *([["attacks", *choices.attacks]] if choices.attacks else []),
        *([] if choices.gates else ["no gates"]),
        *(["fresh"] if choices.fresh else []),
    ]  # fmt: skip
    plain = unicodedata.normalize("NFKC", endpoint.model.rsplit("/", 1)[-1]).lower()
    model = re.sub(r"[^\w.]+", "-", plain).strip("-._")
    return f"{suite}--{model[:40].rstrip('-._') or 'model'}--{digest(request)[:8]}"


def _named(endpoint: Endpoint) -> dict[str, Any]:
    model = endpoint.planned()
    return {**model.identity(), "api_key_env": model.api_key_env}


def is_embedded(endpoint: Endpoint) -> bool:
    """Whether the model under test is the one that comes with the package."""
    return endpoint.model == EMBEDDED
