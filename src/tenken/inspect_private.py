"""The names of Inspect that are neither public nor have a public twin, each with its reason.

Inspect moves them without notice. `tests/core/test_inspect_private.py` says which one broke.
Imports are inside of the functions, so that nothing here costs a command its start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inspect_ai.scorer import Scorer


def prerequisite_error() -> type[Exception]:
    """Return what Inspect raises where a package or a key is missing.

    Its text is for the user, in rich's markup; without the class, such a failure of a provider or
    of another package's task would be a traceback.
    """
    from inspect_ai._util.error import PrerequisiteError

    return PrerequisiteError


def load_entry_points() -> None:
    """Let Inspect import what installed packages register; its public API does so only at a run."""
    from inspect_ai._util.entrypoints import ensure_entry_points

    ensure_entry_points()


@contextmanager
def apart_from_a_notebook() -> Iterator[None]:
    """Let Inspect work in a thread of a notebook's process as it does in any other process.

    Where it sees a notebook it asks for widgets that nobody is shown, and patches every event loop
    of the process for good.
    """
    places = [import_module(f"inspect_ai.{name}") for name in ("_util.platform", "_eval.score")]
    before = [vars(place)["running_in_notebook"] for place in places]
    for place in places:
        vars(place)["running_in_notebook"] = lambda: False
    try:
        yield
    finally:
        for place, function in zip(places, before, strict=True):
            vars(place)["running_in_notebook"] = function


def registered(kind: str) -> dict[str, Any]:
    """Return what is registered of a kind, by full name: errors list what exists.

    Args:
        kind: `task`, `scorer`, `solver` or `modelapi`.
    """
    from inspect_ai._util.registry import registry_find
    from inspect_ai.util import registry_info

    found = registry_find(lambda info: info.type == kind)
    return {registry_info(each).name: each for each in found}


def factory_of(kind: Any, name: str) -> Callable[..., Any] | None:
    """Return the function that is registered under a name, or None: its source is digested.

    Args:
        kind: `task`, `scorer` or `solver`.
        name: Full name.
    """
    from inspect_ai._util.registry import registry_lookup

    found = registry_lookup(kind, name)
    return found if callable(found) else None


def is_decorated(kind: str, function: Any) -> bool:
    """Whether a function of a user's file bears Inspect's decorator of a kind.

    Args:
        kind: `task` or `scorer`.
        function: The function.
    """
    from inspect_ai._util.registry import is_registry_object, registry_info

    return is_registry_object(function) and registry_info(function).type == kind


def arguments_of(made: Any) -> dict[str, Any]:
    """Return the arguments that a scorer was made with: whom it asks is among them."""
    from inspect_ai._util.registry import registry_params

    return dict(registry_params(made))


def short_name(made: Any) -> str:
    """Return a registered object's name without its package, as a log calls its score."""
    from inspect_ai._util.registry import registry_unqualified_name

    return registry_unqualified_name(made)


def scorer_named(score: Any, name: str, arguments: dict[str, Any]) -> Scorer:
    """Return a scorer under a name that no decorator could give it: one that the log has not yet.

    Args:
        score: The scorer's function.
        name: Name of its score in the log.
        arguments: What the log says that it was made with.
    """
    from inspect_ai._util.registry import RegistryInfo, set_registry_info, set_registry_params

    set_registry_info(score, RegistryInfo(type="scorer", name=name, metadata={"metrics": []}))
    set_registry_params(score, arguments)
    made: Scorer = score
    return made


def active_sample() -> tuple[str, str | int, int] | None:
    """Return task, id and epoch of the sample that is being asked or judged, or None.

    A call of a model does not say for which sample it is; answers are kept by sample.
    """
    from inspect_ai.log._samples import sample_active

    active = sample_active()
    if active is None or active.sample.id is None:
        return None
    return active.task, active.sample.id, active.epoch
