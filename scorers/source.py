"""What a scorer is made of: the digest of its source, and of all that it imports from beside it."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable
from functools import lru_cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tenken.canonical import digest, sha256_file


def scorer_source(factory: Callable[..., Any]) -> tuple[str, str]:
    """Return the version and the source digest of a scorer.

    The digest covers the module that defines the scorer, the modules of the same package that it
    imports, directly or through one another, and the data files that those name in
    `SOURCE_DATA`. A change of any of them is a change of the scorer.

    Args:
        factory: The function that makes the scorer.

    Returns:
        `VERSION` of the module (the version of its distribution, or "0", where it has none), and
        a SHA-256 in hexadecimal digits.
    """
    name = factory.__module__
    parts = {each: sha256_file(path) for each, path in _closure(name).items()}
    if not parts:  # made in a session, or loaded from a file that is no module
        file = inspect.getsourcefile(inspect.unwrap(factory))
        parts = {name: sha256_file(Path(file)) if file and Path(file).is_file() else ""}
    return _version(name), digest(parts)


def _version(module_name: str) -> str:
    named = getattr(sys.modules.get(module_name), "VERSION", None)
    if named is not None:
        return str(named)
    try:
        return installed_version(module_name.partition(".")[0])
    except PackageNotFoundError:
        return "0"


def _closure(module_name: str) -> dict[str, Path]:
    """Return the files that a module is made of, by a name that no place on a disk is part of."""
    package = module_name.rpartition(".")[0] or module_name
    found: dict[str, Path] = {}
    data: dict[str, Path] = {}
    waiting = [module_name]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in found or path is None:
            continue
        found[name] = path
        imported, named = _read(path.read_bytes(), name, path.name == "__init__.py")
        waiting += [each for each in imported if each.startswith(f"{package}.")]
        data |= {f"{name}:{each}": path.parent / each for each in named}
    return found | data


def _file_of(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


@lru_cache(maxsize=256)
def _read(
    source: bytes, module_name: str, is_package: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a module imports (and some names that are no modules), and its data files."""
    names: list[str] = []
    data: tuple[str, ...] = ()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            module = _absolute(node, module_name, is_package)
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SOURCE_DATA":
            data = tuple(ast.literal_eval(node.value))
    return tuple(names), data


def _absolute(node: ast.ImportFrom, module_name: str, is_package: bool) -> str:
    """Return the full name of the module in `from ... import`, which may be relative."""
    if not node.level:
        return node.module or ""
    parts = module_name.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)
