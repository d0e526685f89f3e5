"""The house is as its map says: rooms to look through at once, each with a list of modules."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src/tenken", "evals", "tasks", "scorers", "results")
ROOMS = sorted(
    path.parent
    for folder in FOLDERS
    for path in (ROOT / folder).rglob("__init__.py")
    if "runs" not in path.parts
)
MOST_MODULES = 20
MOST_LINES = 400
MOST_BODY = 50
OPTION = re.compile(r"\b(typer|o|remote)\.[A-Z]")
"""The type of an option or an argument of a command."""
TOO_LONG: set[str] = set()
"""What is still to be split; nothing is ever added."""


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_room_lists_its_public_modules_and_has_few(room: Path) -> None:
    modules = {path.stem for path in room.glob("*.py")} - {"__init__"}
    listed = ast.get_docstring(tree(room / "__init__.py")) or ""
    missing = [each for each in sorted(modules) if not each[0] == "_" and f"`{each}`" not in listed]
    if room.name != "tenken":
        assert not missing, f"{name(room)}/__init__.py does not list {missing}"
    assert len(modules) <= MOST_MODULES


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_nothing_is_imported_in_an_init(room: Path) -> None:
    body = tree(room / "__init__.py").body
    imported = [each for each in body if isinstance(each, (ast.Import, ast.ImportFrom))]
    allowed = 1 if room.name in ("tenken", "cli") else 0
    assert len(imported) <= allowed


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_module_is_short_and_says_what_it_is_for(room: Path) -> None:
    for path in room.glob("*.py"):
        assert ast.get_docstring(tree(path)), name(path)
        lines = len(path.read_text("utf-8").splitlines())
        assert (lines > MOST_LINES) == (name(path) in TOO_LONG), name(path)


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_the_body_of_a_function_has_fewer_than_fifty_lines(room: Path) -> None:
    long = {
        f"{name(path)}: {each.name}": lines
        for path in room.glob("*.py")
        for each in ast.walk(tree(path))
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := body_lines(each)) >= MOST_BODY
    }
    assert not long


@pytest.mark.parametrize("room", ROOMS, ids=name)
def test_a_public_function_says_what_its_parameters_are(room: Path) -> None:
    """Those of a command line say so in the help of each option."""
    silent = [
        f"{name(path)}: {each.name}"
        for path in room.glob("*.py")
        for each in public_functions(tree(path))
        if len(parameters(each)) > 1
        and not any(OPTION.search(ast.unparse(p)) for p in parameters(each))
        and "Args:\n" not in (ast.get_docstring(each) or "")
    ]
    assert not silent


def public_functions(node: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    for each in node.body:
        if isinstance(each, ast.ClassDef) and each.name[0] != "_":
            yield from public_functions(each)
        elif isinstance(each, ast.FunctionDef) and each.name[0] != "_":
            yield each


def parameters(function: ast.FunctionDef) -> list[ast.arg]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    return [each for each in every if each.arg not in ("self", "cls")]


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return the lines of a function below its signature and its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_the_map_names_every_room_that_the_layers_have() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    drawn = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    rooms = {
        room.strip()
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers" and contract["containers"] != ["tenken.scorers"]
        for layer in contract["layers"]
        for room in layer.split("|")
    } - {"_registry", "_version"}
    assert len(rooms) > 30
    assert not [room for room in sorted(rooms) if room not in drawn]
