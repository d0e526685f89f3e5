"""Finding a task in Inspect's registry: the package it is from, its source, its release."""

from __future__ import annotations

import inspect as python_inspect
from importlib.metadata import (
    PackageNotFoundError,
    entry_points,
    packages_distributions,
    version,
)
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tenken.errors import FOREIGN, InputError, UnknownNameError, in_a_line
from tenken.inspect_private import factory_of, registered
from tenken.io.canonical import sha256_file
from tenken.io.functions import function_in, is_in_file

_EXTRA: Final = "inspect_evals"


def task_factory(name: str) -> Any:
    """Return the function that makes the task.

    Raises:
        UnknownNameError: Inspect knows no task of that name.
        InputError: The package is not installed, or cannot be imported.
    """
    if is_in_file(name):
        return function_in(name, "task")
    package = name.split("/", maxsplit=1)[0]
    found = factory_of("task", name)
    if found is not None:
        return found
    import_entry_points(package)
    found = factory_of("task", name)
    if found is not None:
        return found
    if find_spec(package) is None:
        if package == _EXTRA:
            raise InputError(
                "the Inspect task '{name}' is not installed: install tenken[benchmarks] "
                "(python -m pip install 'tenken[benchmarks]').",
                name=name,
            )
        raise InputError(
            "the Inspect task '{name}' is not installed: install the package {package}.",
            name=name,
            package=package,
        )
    known = [each for each in registered("task") if each.startswith(f"{package}/")]
    raise UnknownNameError("Inspect task", name, known)


def import_entry_points(package: str) -> None:
    """Import what Inspect imports of a package; Inspect itself keeps a failure to its log.

    Raises:
        InputError: It cannot be imported.
    """
    for point in entry_points(group="inspect_ai", name=package):
        try:
            point.load()
        except FOREIGN as error:  # whatever another package raises
            said = in_a_line(error)
            raise InputError(
                "the package '{package}' cannot be imported: {said}.", package=package, said=said
            ) from None


def source_file(factory: Any) -> Path | None:
    """Return the file that a task is written in, None where there is none."""
    try:
        found = python_inspect.getsourcefile(python_inspect.unwrap(factory))
    except TypeError:
        return None
    return Path(found) if found else None


def release_of(name: str) -> str:
    """Return the package's name and version, as installed; of a file, its name and digest."""
    if is_in_file(name):
        path = Path(name.rpartition("@")[0]).expanduser()
        return f"{path.name} {sha256_file(path)[:12]}"
    package = name.split("/", maxsplit=1)[0]
    for point in entry_points(group="inspect_ai", name=package):
        if point.dist is not None:
            return f"{point.dist.name} {point.dist.version}"
    try:  # reads the list of files of every package there is
        distribution = packages_distributions().get(package, [package])[0]
        return f"{distribution} {version(distribution)}"
    except (PackageNotFoundError, IndexError):
        return package
