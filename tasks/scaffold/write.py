"""Writing the folders of tasks: beside one another with a suite, or as a package to install."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tenken.errors import InputError
from tenken.io.files import storage_error, write_atomically

SUITE_FILE = "suite.yaml"


@dataclass(frozen=True)
class TaskFiles:
    """A task that is not written yet.

    Attributes:
        name: Full name, `risk/name`.
        files: The bytes of its files, by name in its folder.
        samples: How many there are.
    """

    name: str
    files: Mapping[str, bytes]
    samples: int
    languages: tuple[str, ...]


def folder_files(tasks: Sequence[TaskFiles], suite: str) -> dict[str, bytes]:
    """Return all files of plain folders: the tasks, and a suite that finds them by their path.

    Args:
        tasks: The tasks to write.
        suite: Name of the suite.

    Returns:
        The bytes by path below the folder, with forward slashes.
    """
    files = _of_tasks(tasks, PurePosixPath())
    files[SUITE_FILE] = _suite(tasks, suite, "./").encode()
    return files


def package_files(tasks: Sequence[TaskFiles], suite: str, package: str) -> dict[str, bytes]:
    """Return all files of a package that brings the tasks along when it is installed.

    Args:
        tasks: The tasks.
        suite: Name of the suite that asks them all.
        package: Name of the distribution.

    Raises:
        InputError: No package can have that name.
    """
    module = package.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*", package) or keyword.iskeyword(module):
        raise InputError(
            "--package '{package}': small letters, digits and hyphens, as in my-set.",
            package=package,
        )
    if module == "tenken":
        raise InputError("--package 'tenken': that is this package's own name.")
    files = _of_tasks(tasks, PurePosixPath(module))
    files[f"{module}/__init__.py"] = b'"""Tasks for Tenken: data alone."""\n'
    files["pyproject.toml"] = _PROJECT.format(package=package, module=module).encode()
    files["README.md"] = _README.format(package=package, suite=SUITE_FILE).encode()
    files[SUITE_FILE] = _suite(tasks, suite, "").encode()
    return files


def write_files(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write the files that are not there yet; none with another content is overwritten.

    Args:
        folder: Where they go; made where it is missing.
        files: The bytes by path below the folder.

    Returns:
        The files that were written.

    Raises:
        InputError: A file exists with other bytes; in that case nothing is written.
        StorageError: The folder cannot be written to.
    """
    new: list[Path] = []
    for name, data in files.items():
        path = folder / name
        try:
            if not path.exists():
                new.append(path)
            elif not path.is_file() or path.read_bytes() != data:
                raise InputError(
                    "{path}: exists already and differs; choose another --output.", path=path
                )
        except OSError as error:
            raise storage_error(path, error) from None
    for path in new:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise storage_error(path.parent, error) from None
        write_atomically(path, files[path.relative_to(folder).as_posix()])
    return new


def _of_tasks(tasks: Sequence[TaskFiles], below: PurePosixPath) -> dict[str, bytes]:
    return {
        (below / task.name / name).as_posix(): data
        for task in tasks
        for name, data in task.files.items()
    }


def _suite(tasks: Sequence[TaskFiles], name: str, before: str) -> str:
    listed = "".join(f"  - {{task: {before}{task.name}}}\n" for task in tasks)
    return (
        f"name: {name}\ntitle: {{en: Imported questions, ja: 取り込んだ設問}}\n"
        "description: {en: Every imported task., ja: 取り込んだすべてのタスクです。}\n"
        f"tasks:\n{listed}"
    )


_PROJECT = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{package}"
version = "1.0.0"
description = "Tasks for Tenken."
requires-python = ">=3.11"
dependencies = ["tenken"]

[project.entry-points."tenken.tasks"]
{module} = "{module}"

[tool.setuptools]
include-package-data = false

[tool.setuptools.packages.find]
include = ["{module}*"]

[tool.setuptools.package-data]
"*" = ["*.yaml", "*.jsonl", "*.md"]
"""

_README = """\
# {package}

Tasks for Tenken, as data. After an installation beside Tenken they are listed like its own:

    python -m pip install .
    tenken list
    tenken run {suite} --model MODEL --model-role grader=MODEL
"""
