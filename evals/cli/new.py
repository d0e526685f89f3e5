"""`tenken new RISK/NAME`: lay out a task that passes the check, ready to be filled."""

from __future__ import annotations

import json
import keyword
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from tenken.errors import InputError, UnknownNameError
from tenken.evals.cli import _options as o
from tenken.evals.cli.items.half import lay_out_half
from tenken.evals.words import phrase

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{1,59}")
_PACKAGE: Final = "my_tenken_tasks"
_ENTRY: Final = '[project.entry-points."tenken.tasks"]'
_PROJECT: Final = """\
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{package}"
version = "0.1.0"
description = "Evaluation tasks for Tenken."
requires-python = ">=3.11"
dependencies = ["tenken"]

{entry}
{package} = "{package}"

[tool.setuptools.packages.find]
where = ["src"]

[tool.setuptools.package-data]
{package} = ["**/*.yaml", "**/*.jsonl", "**/*.md", "**/task.py"]
"""
_ABOUT: Final = """\
# {package}

Evaluation tasks for Tenken, found by the entry point in `pyproject.toml` once this is installed:

    python -m pip install -e .
    tenken list
"""


def new(
    task: Annotated[
        str,
        typer.Argument(
            help="RISK/NAME, such as criminal_misuse/my_task; with --held-out the public task."
        ),
    ],
    folder: Annotated[
        Path | None,
        typer.Option(help="Folder to lay out RISK/NAME in, instead of the library or a package."),
    ] = None,
    package: Annotated[
        str | None,
        typer.Option(
            help="Lay it out in a package of your own of this name, made here where it is not "
            f"there yet. Default outside of a checkout: {_PACKAGE}."
        ),
    ] = None,
    languages: Annotated[str, typer.Option(help="Languages of the samples: en, ja, or both.")] = (
        "en,ja"
    ),
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out",
            help="Lay out a half of a task of the library that is kept from the public, outside "
            "of it (--folder): a form for each item to be written.",
        ),
    ] = False,
    number: Annotated[
        int | None,
        typer.Option(
            "--items", min=2, help="With --held-out: how many items. Default: as the public half."
        ),
    ] = None,
    lang: o.TerminalLanguage = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Lay out a new task: card, example items, notes, README. It passes 'tenken check'.

    With --held-out, the rows are empty and 'tenken check' names those that are still to be
    written; what both halves can show is printed.
    """
    from tenken.tasks.scaffold.layout import lay_out

    if number is not None and not held_out:
        raise InputError("--items goes with --held-out.")
    if held_out:
        if package is not None or languages != "en,ja":
            raise InputError("--package and --languages go without --held-out.")
        lay_out_half(task, folder, number, as_json=as_json)
        return
    if folder is not None and package is not None:
        raise InputError("give --folder or --package, not both.")
    risk, name = _named(task)
    wanted = _languages(languages)
    checkout = _checkout()
    if folder is None and (package is not None or checkout is None):
        place, files = _package(package or _PACKAGE)
    else:
        place, files = folder or checkout or Path(), {}
    target = place / risk / name
    if target.exists():
        raise InputError("{target} exists already; give the task another name.", target=target)
    written = [*_write(files), *lay_out(target, risk, name, wanted)]
    if as_json:
        about = {"task": task, "folder": str(target), "files": [str(each) for each in written]}
        typer.echo(json.dumps(about, ensure_ascii=False, indent=2))
        return
    for each in written:
        typer.echo(phrase("written", path=_short_path(each)))
    typer.echo(f"\n{phrase('new_then', folder=_short_path(target))}")
    typer.echo(f"  tenken check {_short_path(target)} --fix")


def _named(task: str) -> tuple[str, str]:
    """Return risk and name, or refuse what cannot be or is taken."""
    from tenken.schema.record import RISKS
    from tenken.tasks.library import public_folders, task_folders

    risk, _, name = task.partition("/")
    if not name:
        raise InputError("'{task}': write RISK/NAME, such as criminal_misuse/my_task.", task=task)
    if risk not in RISKS:  # for another area there are no examples to lay out
        raise UnknownNameError("risk", risk, RISKS)
    if not _NAME.fullmatch(name):
        raise InputError(
            "'{name}' is no name for a task: small letters, digits and _ alone, a letter "
            "first, 2 to 60 of them.",
            name=name,
        )
    for known in {**task_folders(), **public_folders()}:
        if known.rsplit("/", 1)[-1] == name:
            raise InputError(
                "the task '{known}' exists already; give yours another name.", known=known
            )
    return risk, name


def _languages(given: str) -> Sequence[str]:
    from tenken.schema.record import LANGUAGES

    wanted = [each.strip() for each in given.split(",")]
    for each in wanted:
        if each not in LANGUAGES:
            raise UnknownNameError("language", each, LANGUAGES)
    return [each for each in LANGUAGES if each in wanted]


def _checkout() -> Path | None:
    """Return the library's folder of tasks where the command runs inside of its checkout."""
    from tenken.tasks import library

    tasks = Path(library.__file__).resolve().parent
    root = tasks.parent
    inside = (root / "pyproject.toml").exists() and Path.cwd().resolve().is_relative_to(root)
    return Path(_short_path(tasks)) if inside else None


def _package(name: str) -> tuple[Path, dict[Path, str]]:
    """Return the folder of a package's tasks and the files to write where it is a new one."""
    taken = {"tenken", "tests", *sys.stdlib_module_names}
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in taken:
        raise InputError(
            "'{name}' is no name for a package: small letters, digits and _ alone, and no "
            "package that exists already.",
            name=name,
        )
    root = Path(name)
    project, source = root / "pyproject.toml", root / "src" / name
    if not root.exists():
        files = {
            project: _PROJECT.format(package=name, entry=_ENTRY),
            root / "README.md": _ABOUT.format(package=name),
            source / "__init__.py": '"""Evaluation tasks for Tenken."""\n',
        }
        return source, files
    if source.is_dir() and project.is_file() and _ENTRY in project.read_text("utf-8"):
        return source, {}
    raise InputError("{root} exists already and is no package that 'tenken new' made.", root=root)


def _write(files: dict[Path, str]) -> list[Path]:
    from tenken.io.files import write_atomically

    for path, text in files.items():
        write_atomically(path, text.encode())
    return list(files)


def _short_path(path: Path) -> str:
    here = Path.cwd().resolve()
    whole = path.resolve()
    return str(whole.relative_to(here)) if whole.is_relative_to(here) else str(path)
