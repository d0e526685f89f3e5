"""A task's solver and scorer, made of their names and arguments."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from tenken.errors import (
    FOREIGN,
    CardError,
    InputError,
    Sentence,
    TenkenError,
    UnknownNameError,
    in_a_line,
)
from tenken.inspect_private import factory_of, registered
from tenken.io.canonical import sha256_file
from tenken.io.functions import function_in, is_in_file
from tenken.scorers.labels import declared
from tenken.scorers.registry import scorer_source
from tenken.tasks.arguments import check_arguments
from tenken.tasks.card.card import CARD_FILE, Scoring
from tenken.tasks.library import LoadedTask

if TYPE_CHECKING:
    from inspect_ai.scorer import Score, Scorer, Target
    from inspect_ai.solver import Solver, TaskState


def make_scorer(scoring: Scoring, *, stops: bool = True) -> Scorer:
    """Return the scorer that is registered with Inspect under the name, with its arguments.

    Args:
        scoring: The scorer's name and arguments.
        stops: Whether a judge that a cap or a lost endpoint kept from its verdict is an error of
            the sample, which the next attempt judges. Else it is a score without a verdict.

    Raises:
        UnknownNameError: No scorer of that name is registered.
        InputError: It does not take these arguments.
    """
    from inspect_ai.util import registry_create, registry_info

    factory = scorer_factory(scoring.name)
    if factory is None:
        named = [name for name in registered("scorer") if "/" in name and "/_" not in name]
        raise UnknownNameError("scorer", scoring.name, named)
    what = Sentence("the scorer '{name}'", name=scoring.name)
    check_arguments(what, factory, scoring.args)
    try:
        made: Scorer = registry_create("scorer", registry_info(factory).name, **scoring.args)
    except TenkenError:
        raise
    except FOREIGN as error:
        raise InputError(
            "the scorer '{name}' cannot be made: {error}.", name=scoring.name, error=_said(error)
        ) from None
    ours = registry_info(factory).name.partition("/")[0] in _TRUSTED
    return _giving_a_score(made if ours else _kept_apart(made), stops=stops)


_TRUSTED: Final = ("tenken", "inspect_ai")
_LONGEST_SCORE: Final = 2**20
"""Signs of a score; a longer one is a mistake, and would be in the log, the table and the page."""


def _said(error: BaseException) -> str:
    """Return what code of others says of its failure, with its kind where that tells more."""
    said = in_a_line(error).removesuffix(".")
    plain = isinstance(error, (TypeError, ValueError)) and said
    return said if plain else f"{type(error).__name__}: {said}"


def _kept_apart(made: Scorer) -> Scorer:
    """Return a scorer of others that can neither change what it judges nor end the process.

    The log holds what the model said, and the verdict is made by what the card says of the
    sample: the scorer is shown a copy of both. An error that would stop the run, and a score that
    no log could hold, are its failures on this one sample.
    """

    @wraps(made)
    async def score(state: TaskState, target: Target) -> Score | None:
        try:
            found = await made(deepcopy(state), target)
        except (Exception, GeneratorExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            raise RuntimeError(f"the scorer ended with {type(error).__name__}: {error}") from error
        size = len(repr(found))
        if size > _LONGEST_SCORE:
            raise ValueError(f"the score has {size:,} signs; at most {_LONGEST_SCORE:,} are kept")
        return found

    return score


def _is_cancelled() -> bool:
    """Whether it is the run that stops, and not the scorer that gives up."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


class JudgingStoppedError(Exception):
    """The run stopped before an answer was judged; the sample is asked for its verdict again."""


_STOPPED = frozenset(
    f"judge_failed_{name}"
    for name in (
        "SpendCapReachedError", "EndpointGoneError", "NotKeptError", "QuotaUsedUpError",
    )
)  # fmt: skip
"""Reasons that are of the run, not of the answer or its judge: the next attempt judges it."""


def _giving_a_score(made: Scorer, *, stops: bool) -> Scorer:
    """Return a scorer whose failure to return a score is an error of the sample, and of no other.

    Inspect would write whatever it returns into the log, and fail the whole task. Of a sample that
    was attacked in several tries, the worst decides. With `stops`, a judge that the run kept from
    its verdict is such a failure too.
    """
    from inspect_ai.scorer import Score

    from tenken.tasks.solvers.tries import is_attacked, worst_of

    async def one(state: TaskState, target: Target) -> Score:
        found: object = await made(state, target)
        if not isinstance(found, Score):
            kind = type(found).__name__
            raise TypeError(f"the scorer returned a value of the type {kind}, not a Score")
        if stops and str(found.reason or "") in _STOPPED:
            raise JudgingStoppedError(str(found.reason))
        return found

    @wraps(made)
    async def score(state: TaskState, target: Target) -> Score | None:
        if is_attacked(state):
            return await worst_of(one, state, target)
        return await one(state, target)

    return score


def scorer_factory(name: str) -> Callable[..., Any] | None:
    """Return the function that makes the scorer `name`, or None.

    Args:
        name: Under which it is registered with Inspect, or `file.py@function`.

    Raises:
        InputError: A file that is not there, or cannot be imported.
        UnknownNameError: A file without such a function.
    """
    if is_in_file(name):
        found: Callable[..., Any] = function_in(name, "scorer")
        return found
    return factory_of("scorer", name)


def solver_factory(name: str) -> Callable[..., Any] | None:
    """Return the function that is registered with Inspect as the solver `name`, or None."""
    return factory_of("solver", name)


def make_adapting() -> Solver:
    """Return the solver of attacks that adapt; it asks once what is under none of them."""
    from inspect_ai.util import registry_create

    made: Solver = registry_create("solver", "tenken/adapt")
    return made


def make_solver(task: LoadedTask) -> Solver:
    """Return the solver that asks a task's samples: its own code's, else the card's.

    Raises:
        UnknownNameError: No solver of that name is registered with Inspect.
        CardError: It does not take these arguments, or the task's own code makes no solver.
    """
    from inspect_ai.solver import Solver as SolverProtocol
    from inspect_ai.util import registry_create

    asking, path = task.card.solver, task.folder / CARD_FILE
    own = own_code(task.folder)
    factory = own or solver_factory(asking.name)
    if factory is not None:
        try:
            check_arguments(Sentence("the solver '{name}'", name=asking.name), factory, asking.args)
        except InputError as error:
            raise CardError(path, error.sentence) from None
    try:
        made = own(**asking.args) if own else registry_create("solver", asking.name, **asking.args)
    except LookupError:
        known = registered("solver")
        raise UnknownNameError("solver", asking.name, known, str(path)) from None
    except (TypeError, ValueError) as error:
        raise CardError(
            path, "the solver '{name}' cannot be made: {error}.", name=asking.name, error=error
        ) from None
    if not isinstance(made, SolverProtocol):
        raise CardError(task.folder / "task.py", "solver() must return an Inspect solver.")
    return made


def own_code(folder: Path) -> Callable[..., Any] | None:
    """Return the function `solver` of a task's own code, or None where the card is enough."""
    path = folder / "task.py"
    if not path.exists():
        return None
    spec = spec_from_file_location(f"tenken_task_{folder.name}", path)
    if spec is None or spec.loader is None:
        raise CardError(path, "cannot be imported.")
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except FOREIGN as error:
        raise CardError(
            path, "cannot be imported: {name}: {error}.", name=type(error).__name__, error=error
        ) from error
    made: object = getattr(module, "solver", None)
    if not callable(made):
        raise CardError(path, "a task's own code has a function solver(**args).")
    return made


def code_digest(folder: Path, solver: str) -> str | None:
    """Return the digest of the code that asks: the task's own, else that of its solver.

    Args:
        folder: The task's folder; its `task.py`, if any, is the code.
        solver: Registry name of the solver.

    Returns:
        A SHA-256 in hexadecimal digits: over the file's bytes, or over the solver's source (see
        `scorer_source`); None for a solver that is not registered.
    """
    path = folder / "task.py"
    if path.exists():
        return sha256_file(path)
    factory = solver_factory(solver)
    return scorer_source(factory)[1] if factory is not None else None


def choices_of(name: str) -> Literal["needed", "instead", "unread"]:
    """Return what a scorer makes of a sample's choices, by the form that it declares.

    Args:
        name: Registry name of the scorer.

    Returns:
        `needed`: it judges nothing else. `instead`: where there are choices it reads which one was
        taken, and asks no grader. `unread`: its form does not name them.
    """
    factory = scorer_factory(name)
    form = declared(factory, "SAMPLE") if factory is not None else None
    field = getattr(form, "model_fields", {}).get("choices")
    if field is None:
        return "unread"
    return "needed" if field.is_required() else "instead"
