"""From what a notebook gives to what the rest of the package takes; anything else is refused."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from tenken.errors import BundleError, InputError, Sentence
from tenken.results.frames.run import Run

RunLike: TypeAlias = Run | Path | str
"""A run, its folder, its name, or the beginning of its name below `results/runs`."""


def refusal(name: str, expected: str, given: object) -> InputError:
    """Return the error for an argument of another kind.

    Args:
        name: The argument's name.
        expected: What it takes, with an example.
        given: What was given; its type is said, and what it is where that is short.
    """
    shown = repr(given)
    kind = type(given).__name__
    plain = given is None or (isinstance(given, (bool, int, float, str)) and len(shown) < 40)
    return InputError(
        "{name}: expected {expected}, not {shown}.",
        name=name,
        expected=expected,
        shown=shown if plain else Sentence("a {kind}", kind=kind),
    )


def folder_of(run: RunLike) -> Path:
    """Return a run's folder.

    Raises:
        InputError: It is neither a run nor a text nor a path, or there is no such run.
        BundleError: The run was removed, or put elsewhere.
    """
    from tenken.evals.actions.runs import find_run

    if isinstance(run, Run):
        if not run.path.is_dir():
            raise BundleError("{path}: the run's folder is not there any more.", path=run.path)
        return run.path
    if not isinstance(run, (str, os.PathLike)) or not str(run):
        expected = "a run, its folder or its name, such as tenken.read_run('smoke')"
        raise refusal("run", expected, run)
    return find_run(str(run))


def path_of(name: str, given: str | Path | None) -> Path | None:
    """Return a path with `~` filled in.

    Args:
        name: The argument's name, for the message.
        given: The path; None for none.

    Raises:
        InputError: It is no path.
    """
    if given is None:
        return None
    if not isinstance(given, (str, os.PathLike)) or not str(given):
        raise refusal(name, "a path, such as 'my_file.yaml'", given)
    return Path(given).expanduser()


def names_of(name: str, given: str | Sequence[str], example: str) -> list[str]:
    """Return one or several names as a list.

    Args:
        name: The argument's name, for the message.
        given: A name, or several.
        example: A name that would do, for the message.

    Raises:
        InputError: Something among them is no text.
    """
    names = [given] if isinstance(given, (str, os.PathLike)) else given
    if not isinstance(names, (list, tuple)) or not all(
        isinstance(each, (str, os.PathLike)) for each in names
    ):
        raise refusal(name, f"a name or a list of names, such as '{example}'", given)
    return [str(each) for each in names]


def mapping_of(name: str, given: Mapping[str, Any] | None, example: str) -> dict[str, Any]:
    """Return a mapping by text; an empty one for None.

    Args:
        name: The argument's name, for the message.
        given: The mapping.
        example: A mapping that would do, for the message.

    Raises:
        InputError: It is no mapping, or a key is no text.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise refusal(name, f"a mapping, such as {example}", given)
    return dict(given)


def models_of(given: Mapping[str, str | Path] | None) -> dict[str, str]:
    """Return the models in roles: by role, a model string or an endpoint file.

    Raises:
        InputError: It is no mapping of texts.
    """
    example = "{'grader': 'openai/gpt-4o'}"
    found = mapping_of("model_roles", given, example)
    for role, each in found.items():
        if not isinstance(each, (str, os.PathLike)) or not str(each):
            expected = "a model or an endpoint file, such as 'openai/gpt-4o'"
            raise refusal(f"model_roles.{role}", expected, each)
    return {role: str(each) for role, each in found.items()}
