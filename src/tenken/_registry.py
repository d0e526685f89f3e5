"""What Inspect loads by its entry point: every card as a task, our solver, scorers and model.

An import that fails here would hide every task of the package from Inspect, so nothing optional
is imported.
"""

from __future__ import annotations

from collections.abc import Callable

from inspect_ai import Task, task

from tenken.evals.embedded import SmolLM2API
from tenken.scorers.choice import choice
from tenken.scorers.refusal import refusal
from tenken.tasks.asking import ask
from tenken.tasks.build import build, selected
from tenken.tasks.library import TaskFolder, load_task, task_folders


def _registered(folder: TaskFolder) -> Callable[..., Task]:
    @task(name=folder.name.rsplit("/", 1)[-1])
    def made(language: str | None = None, limit: int | None = None) -> Task:
        loaded = load_task(folder.name)
        samples = selected(loaded, [language] if language else None, limit)
        return build(loaded, samples)

    return made


TASKS = {
    folder.name: _registered(folder)
    for folder in task_folders().values()
    if folder.package == "tenken"
}

__all__ = ["TASKS", "SmolLM2API", "ask", "choice", "refusal"]
