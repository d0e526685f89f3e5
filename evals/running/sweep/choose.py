"""Which tasks take one call a sample, so that the sweep runner can ask them."""

from __future__ import annotations

from tenken.evals.asked import RunTask
from tenken.schema.plan import PlannedTask


def takes_one_call(asked: RunTask, planned: PlannedTask) -> bool:
    """Whether each sample of a task is one question, judged without a model.

    Args:
        asked: The task as it says itself.
        planned: The task as planned.
    """
    if any(attack.budget is not None for attack in planned.attacks):
        return False
    return asked.takes_one_call and planned.mapping is None and not planned.graders
