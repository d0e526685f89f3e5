"""Functions of a user's own file, named as `file.py@function`."""

from __future__ import annotations

import sys
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, Final, LiteralString

from tenken.errors import FOREIGN, InputError, UnknownNameError, in_a_line
from tenken.inspect_private import is_decorated
from tenken.io.canonical import sha256_bytes

_MARK: Final = ".py@"
_DECORATORS: Final = {"scorer": "@scorer(metrics=[])"}


def is_in_file(name: str) -> bool:
    """Whether a name is of the form `file.py@function`."""
    return _MARK in name


def function_in(name: str, kind: LiteralString) -> Any:
    """Return the function of a file; the file is imported once in a process.

    Args:
        name: `file.py@function`, with the file's path as the working directory sees it.
        kind: What the function is for, for messages: `task` or `scorer`.

    Raises:
        InputError: The file is not there, cannot be imported, or the function is of another kind.
        UnknownNameError: It has no such function; the message lists what it has.
    """
    place, _, function = name.rpartition("@")
    path = Path(place).expanduser()
    if not path.is_file():
        raise InputError(
            "the {kind} '{name}': there is no file {path}.", kind=kind, name=name, path=path
        )
    module = _imported(path.resolve())
    found = getattr(module, function, None)
    if not callable(found):
        own = [each for each, value in vars(module).items() if is_decorated(kind, value)]
        raise UnknownNameError(kind, function, own, str(path))
    if not is_decorated(kind, found):
        raise InputError(
            "{name}: the function is no {kind}; decorate it with Inspect's {decorator}.",
            name=name,
            kind=kind,
            decorator=_DECORATORS.get(kind, f"@{kind}"),
        )
    return found


@cache
def _imported(path: Path) -> ModuleType:
    name = f"tenken_file_{path.stem}_{sha256_bytes(str(path).encode())[:8]}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("{path}: cannot be imported.", path=path)
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except FOREIGN as error:  # whatever a user's file raises
        del sys.modules[name]
        said = in_a_line(error)
        raise InputError(
            "{path}: cannot be imported: {name}: {said}",
            path=path,
            name=type(error).__name__,
            said=said,
        ) from None
    return module
