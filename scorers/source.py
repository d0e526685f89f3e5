"""What a scorer is made of: the digest of its source, and of all of ours that it imports."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tenken.canonical import digest, sha256_file

_OWN = "tenken.scorers"


def scorer_source(factory: Callable[..., Any]) -> tuple[str, str]:
    """Return the version and the source digest of a scorer.

    The digest covers the module that defines the scorer, the modules beside it that it imports,
    directly or through one another, and the data files that those name in `SOURCE_DATA`. A
    change of any of them is a change of the scorer.

    Args:
        factory: The function that makes the scorer.

    Returns:
        `VERSION` of the module (its package's version, or "0", where it has none), and a SHA-256
        in hexadecimal digits.
    """
    module_name = factory.__module__
    files = _closure(module_name)
    module = sys.modules.get(module_name)
    version = str(getattr(module, "VERSION", "0"))
    parts = {path.name: sha256_file(path) for path in sorted(files)}
    return version, digest(parts)


def _closure(module_name: str) -> set[Path]:
    found: dict[str, Path] = {}
    waiting = [module_name]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in found or path is None:
            continue
        found[name] = path
        waiting += _imports(path)
    files = set(found.values())
    for path in list(files):
        files |= _data_files(path)
    return files


def _file_of(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


def _imports(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(_OWN):
            names.append(node.module)
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names if alias.name.startswith(_OWN)]
    return names


def _data_files(path: Path) -> set[Path]:
    for node in ast.parse(path.read_bytes()).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SOURCE_DATA":
            return {path.parent / name for name in ast.literal_eval(node.value)}
    return set()
