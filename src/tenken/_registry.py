"""What Inspect loads by its entry point: every card as a task, our solver, scorers and model.

An import that fails here would hide every task of the package from Inspect, so nothing optional
is imported.
"""

from __future__ import annotations

from collections.abc import Callable

from inspect_ai import Task, task

from tenken.evals.models.embedded.provider import SmolLM2API
from tenken.evals.models.provider import EndpointAPI
from tenken.scorers.beside.fair_test import fair_test
from tenken.scorers.beside.reasoning_leak import reasoning_leak
from tenken.scorers.choice import choice
from tenken.scorers.claim_stance import claim_stance
from tenken.scorers.classifier import classifier
from tenken.scorers.fabrication import fabrication
from tenken.scorers.group_gap import evenness, group_gap
from tenken.scorers.guard import guard
from tenken.scorers.harm_judge import harm_judge
from tenken.scorers.human import human
from tenken.scorers.judge_panel import judge_panel
from tenken.scorers.mentions import mentions
from tenken.scorers.numbers.confidence import confidence
from tenken.scorers.numbers.preference import preference
from tenken.scorers.numbers.rating import rating
from tenken.scorers.numbers.strong_reject import strong_reject
from tenken.scorers.refusal import refusal
from tenken.scorers.requirement_judge import requirement_judge
from tenken.scorers.rubric_judge import rubric_judge
from tenken.scorers.services.moderation import moderation
from tenken.scorers.steadfastness import steadfastness
from tenken.scorers.tool_misuse import tool_misuse
from tenken.tasks.build import build, selected
from tenken.tasks.library import TaskFolder, built_in_folders, load_task
from tenken.tasks.solvers.act import act
from tenken.tasks.solvers.adapt import adapt
from tenken.tasks.solvers.ask import ask
from tenken.tasks.solvers.converse import converse, counterfactual, press


def _registered(folder: TaskFolder) -> Callable[..., Task]:
    @task(name=folder.name.rsplit("/", 1)[-1])
    def made(language: str | None = None, limit: int | None = None) -> Task:
        loaded = load_task(folder.name)
        samples = selected(loaded, [language] if language else None, limit)
        return build(loaded, samples)

    return made


TASKS = {folder.name: _registered(folder) for folder in built_in_folders().values()}

__all__ = [
    "TASKS",
    "EndpointAPI",
    "SmolLM2API",
    "act",
    "adapt",
    "ask",
    "choice",
    "claim_stance",
    "classifier",
    "confidence",
    "converse",
    "counterfactual",
    "evenness",
    "fabrication",
    "fair_test",
    "group_gap",
    "guard",
    "harm_judge",
    "human",
    "judge_panel",
    "mentions",
    "moderation",
    "preference",
    "press",
    "rating",
    "reasoning_leak",
    "refusal",
    "requirement_judge",
    "rubric_judge",
    "steadfastness",
    "strong_reject",
    "tool_misuse",
]
