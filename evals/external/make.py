"""Making a task of Inspect's registry, with the arguments that a suite gives it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, Final

from tenken.errors import FOREIGN, InputError, in_a_line
from tenken.evals.external.registry import task_factory
from tenken.evals.external.roles import is_role
from tenken.inspect_private import prerequisite_error

if TYPE_CHECKING:
    from inspect_ai import Task
    from inspect_ai.dataset import Sample
    from inspect_ai.model import Model

    from tenken.evals.suite import SuiteTask

_PLACEHOLDER: Final = "mockllm/model"
"""Stands for a judge while a task is made for its samples alone."""


def make_task(entry: SuiteTask, judges: Mapping[str, Model]) -> Task:
    """Return the Inspect task of an entry with its arguments.

    Args:
        entry: A suite's entry with `inspect`.
        judges: The models in roles; one that is missing is a placeholder that answers nothing.

    Raises:
        InputError: The task cannot be made with these arguments, or its data cannot be had.
    """
    from inspect_ai import Task

    name = entry.inspect or ""
    arguments = {key: _argument(value, judges) for key, value in entry.args.items()}
    factory = task_factory(name)
    try:
        with redirect_stdout(sys.stderr):  # what is printed about downloads is no output of ours
            made = factory(**arguments)
    except (KeyboardInterrupt, MemoryError):
        raise
    except prerequisite_error() as error:
        said = getattr(error, "message", error)
        raise InputError(
            "the Inspect task '{name}' cannot be made: {said}", name=name, said=said
        ) from None
    except ImportError as error:
        needed = error.name or str(error)
        raise InputError(
            "the Inspect task '{name}' needs the package '{needed}'.", name=name, needed=needed
        ) from None
    except FOREIGN as error:  # whatever another package raises, about its data too
        said = in_a_line(error)
        raise InputError(
            "the Inspect task '{name}' cannot be made: {name2}: {said}",
            name=name,
            name2=type(error).__name__,
            said=said,
        ) from None
    if not isinstance(made, Task):
        raise InputError("the Inspect task '{name}' is no task.", name=name)
    return made


def identified(samples: Any) -> list[Sample]:
    """Return the samples, those without an id numbered as Inspect would number them."""
    return [
        sample if sample.id is not None else sample.model_copy(update={"id": number})
        for number, sample in enumerate(samples, start=1)
    ]


def _argument(value: Any, judges: Mapping[str, Model]) -> Any:
    if not is_role(value):
        return value
    from inspect_ai.model import get_model

    return judges.get(value["role"]) or get_model(_PLACEHOLDER)
