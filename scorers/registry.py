"""What a scorer is made of: its source and all that it imports from beside it, and its measure."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tenken.io.canonical import digest, sha256_bytes, sha256_file
from tenken.schema.plan import Measure
from tenken.scorers.labels import declared

_NAMES: Final = ("SOURCE_DATA", "VOCABULARY", "MEASURE", "SAMPLE", "WITH_GRADER", "__all__")
_OURS: Final = "tenken.scorers"
"""Our own scorers are one package, whichever room of it they are in."""
_NOT_MEANING: Final = ("kind", "type_comment", "type_ignores")


def own_measure(factory: Callable[..., Any]) -> Measure | None:
    """Return the measure that a scorer has of its own, None where it judges by a task's.

    Args:
        factory: The function that makes the scorer. Its module declares `MEASURE`, and the
            scorer's labels are counted by it wherever a finished run is scored again.
    """
    found = declared(factory, "MEASURE")
    return found if isinstance(found, Measure) else None


def scorer_source(factory: Callable[..., Any]) -> tuple[str, str]:
    """Return the version and the source digest of a scorer.

    The digest covers the module that defines the scorer, the modules of the same package that it
    imports, directly or through one another, and the data files that those name in
    `SOURCE_DATA`. It is made over the statements of their syntax trees, without docstrings,
    comments and imports, and does not depend on the modules' names or order: a move or a rewording
    is the same scorer, a change of any statement is another one.

    Args:
        factory: The function that makes the scorer.

    Returns:
        `VERSION` of the module (the version of its distribution, or "0", where it has none), and
        a SHA-256 in hexadecimal digits.
    """
    name = factory.__module__
    modules, data = _closure(name)
    if not modules:  # defined in a session, or loaded from a file that is not a module
        file = inspect.getsourcefile(inspect.unwrap(factory))
        if file and Path(file).is_file():
            modules = {name: Path(file)}
    return _version(name), _digest(modules, data)


def module_digest(name: str) -> str:
    """Return the digest of a module's source, with what it imports from beside it.

    Args:
        name: Full name of the module.

    Returns:
        A SHA-256 in hexadecimal digits; empty where Python finds no such module.
    """
    modules, data = _closure(name)
    return _digest(modules, data) if modules else ""


def prompts_digest(factory: Callable[..., Any]) -> str | None:
    """Return the digest of the prompts and rubrics that a scorer reads from files.

    They are the files that its module names in `SOURCE_DATA`; None where it names none.

    Args:
        factory: The function that makes the scorer.
    """
    module = sys.modules.get(factory.__module__)
    path = _file_of(factory.__module__)
    data: Any = getattr(module, "SOURCE_DATA", ())
    names: tuple[str, ...] = tuple(data)
    if not names or path is None:
        return None
    return digest({name: sha256_file(path.parent / name) for name in names})


def pinned_args(factory: Callable[..., Any], args: Mapping[str, Any]) -> dict[str, Any]:
    """Return a scorer's arguments as a plan or ledger holds them.

    A scorer that reads a file defines `pinned_args` beside itself, which puts the file's name and
    digest in the place of its path.

    Args:
        factory: The function that makes the scorer.
        args: The arguments that it is given.
    """
    own: Any = getattr(sys.modules.get(factory.__module__), "pinned_args", None)
    return {**args} if own is None else dict(own(args))


def _version(module_name: str) -> str:
    named = getattr(sys.modules.get(module_name), "VERSION", None)
    if named is not None:
        return str(named)
    try:
        return installed_version(module_name.partition(".")[0])
    except PackageNotFoundError:
        return "0"


def _closure(module_name: str) -> tuple[dict[str, Path], set[Path]]:
    """Return the source files that a module depends on in its package, and their data files."""
    ours = module_name.startswith(f"{_OURS}.")
    package = _OURS if ours else module_name.rpartition(".")[0] or module_name
    modules: dict[str, Path] = {}
    data: set[Path] = set()
    waiting = [module_name]
    while waiting:
        name = waiting.pop()
        path = _file_of(name)
        if name in modules or path is None:
            continue
        modules[name] = path
        source = _read(path.read_bytes(), name, path.name == "__init__.py")
        waiting += [each for each in source.imports if each.startswith(f"{package}.")]
        data |= {path.parent / each for each in source.data}
    return modules, data


def _digest(modules: Mapping[str, Path], data: Collection[Path]) -> str:
    statements = (
        statement
        for name, path in modules.items()
        for statement in _read(path.read_bytes(), name, path.name == "__init__.py").statements
    )
    files = {path.name + " " + sha256_file(path) for path in data}
    return digest([sorted(set(statements)), sorted(files)])


def _file_of(name: str) -> Path | None:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return None
    if spec is None or not spec.origin or not spec.origin.endswith(".py"):
        return None
    return Path(spec.origin)


@dataclass(frozen=True, slots=True)
class _Source:
    """A module's source: the modules that it imports, its data files, and its statements."""

    imports: tuple[str, ...]
    data: tuple[str, ...]
    statements: tuple[str, ...]


@lru_cache(maxsize=256)
def _read(source: bytes, module_name: str, is_package: bool) -> _Source:
    tree = ast.parse(source)
    names: list[str] = []
    data: tuple[str, ...] = ()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = _absolute(node, module_name, is_package)
            names += [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "SOURCE_DATA":
            data = tuple(ast.literal_eval(node.value))
    statements = (sha256_bytes(repr(_plain(each)).encode()) for each in _bare(tree.body))
    return _Source(tuple(names), data, tuple(statements))


def _bare(body: Sequence[ast.AST]) -> list[ast.AST]:
    """Return the statements of a block without imports and bare texts."""
    return [each for each in body if not (_is_import(each) or _is_text(each) or _is_data(each))]


def _is_import(node: ast.AST) -> bool:
    return isinstance(node, (ast.Import, ast.ImportFrom))


def _is_data(node: ast.AST) -> bool:
    """Whether a statement only declares: data files (whose contents are digested), exports, labels.

    What labels and measures are called, what a sample must have, and what judges in a scorer's
    place where a grader is bound, change no label of any answer.
    """
    if isinstance(node, ast.ClassDef):
        return any(getattr(base, "id", "") == "SampleForm" for base in node.bases)
    return isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in _NAMES


def _is_text(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _plain(node: Any) -> Any:
    """Return a syntax tree as nested lists, the same in every version of Python.

    Versions differ in which empty fields a node has, and positions are no part of the meaning.
    """
    if isinstance(node, ast.AST):
        fields = (
            (name, _plain(_bare(value) if isinstance(value, list) else value))
            for name, value in ast.iter_fields(node)
            if name not in _NOT_MEANING
        )
        return [type(node).__name__, *([n, v] for n, v in fields if v is not None and v != [])]
    return [_plain(each) for each in node] if isinstance(node, list) else node


def _absolute(node: ast.ImportFrom, module_name: str, is_package: bool) -> str:
    """Return the full name of the module in `from ... import`, which may be relative."""
    if not node.level:
        return node.module or ""
    parts = module_name.split(".")
    base = parts[: len(parts) - node.level + is_package]
    return ".".join([*base, node.module] if node.module else base)
