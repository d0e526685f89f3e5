"""Which tasks take one call a sample, so that the sweep runner can ask them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tenken.evals.asked import RunTask
from tenken.schema.plan import PlannedTask

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample


def takes_one_call(asked: RunTask, task: Task, planned: PlannedTask) -> bool:
    """Whether each sample of a task is one question, judged without a model.

    Args:
        asked: The task as it says itself.
        task: Inspect's task, built.
        planned: The task as planned.
    """
    if not asked.takes_one_call:
        return False
    if any(attack.budget is not None for attack in planned.attacks):
        return False
    if planned.mapping is not None or planned.graders or len(task.scorer or ()) != 1:
        return False
    return task.sandbox is None and all(_is_plain(sample) for sample in task.dataset)


def _is_plain(sample: Sample) -> bool:
    return not (sample.sandbox or sample.files or sample.setup)
