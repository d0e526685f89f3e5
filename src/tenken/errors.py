"""The exceptions of the package, each with a message for the person who can mend it.

TenkenError                 anything that ends a command with one line and an exit status
+-- InputError              what was asked for does not exist or does not fit (status 2)
|   +-- UnknownNameError    a name that is not known, with the nearest known one
|   +-- CardError           a task's card or its samples (file, line, key)
|   +-- SuiteError          a suite file
|   +-- EndpointError       an endpoint that cannot be used, found before any sample is sent
|   +-- BundleError         a run's folder that is not a whole, readable bundle
+-- RunBusyError            another process is writing to the same run (status 2)
+-- StorageError            results cannot be written: permissions, a full disk (status 2)
+-- StoppedError            a run that was stopped on purpose and can go on (status 3)

The status in brackets is the one that the command line ends with.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

MOST_SHOWN = 12
"""Known names that an error lists."""


class TenkenError(Exception):
    """Base of every error that a command reports as one line.

    Attributes:
        exit_status: The status that the command line ends with.

    Example:
        >>> try:
        ...     tenken.run("smokee", "openai/gpt-4o-mini")
        ... except tenken.TenkenError as error:
        ...     print(str(error).partition(" Known:")[0], error.exit_status)
        unknown suite or task 'smokee'. Did you mean 'smoke'? 2
    """

    exit_status = 2


class InputError(TenkenError):
    """What was asked for does not exist or does not fit."""


class UnknownNameError(InputError):
    """A name that is not among the known ones.

    Attributes:
        kind: What the name is of, such as `task`.
        name: The name.
        known: The names that exist, sorted.
        where: Where it was named; empty where that is plain.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], where: str = "") -> None:
        names = sorted(set(known))
        self.kind, self.name, self.known, self.where = kind, name, names, where
        prefix = f"{where}: " if where else ""
        super().__init__(f"{prefix}unknown {kind} '{name}'.{_suggestion(name, names)}")


class CardError(InputError):
    """A card or sample that breaks a rule, with the file, and the line where there is one."""

    def __init__(self, path: Path | str, message: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {message}")


class SuiteError(InputError):
    """A suite or endpoint file that breaks a rule."""

    def __init__(self, path: Path | str, message: str) -> None:
        super().__init__(f"{path}: {message}")


class EndpointError(InputError):
    """An endpoint that cannot be used: key, name, connection, certificate, limits, format."""


class BundleError(InputError):
    """A run's folder that is not a whole and readable bundle."""


class RunBusyError(TenkenError):
    """Another process is writing to the same run."""


class StorageError(TenkenError):
    """Results cannot be written where they were asked to go."""


class StoppedError(TenkenError):
    """A run that ended before its last sample, in a state from which it can go on."""

    exit_status = 3


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that is most like `name`, or None where none is near.

    Args:
        name: What was written.
        known: The names that exist.
    """
    candidates = sorted(set(known))
    by_last = {candidate.rsplit("/", 1)[-1]: candidate for candidate in candidates}
    found = difflib.get_close_matches(name, candidates, n=5, cutoff=0.5)
    if found:
        return max(found, key=lambda candidate: _likeness(name, candidate))
    found = difflib.get_close_matches(name.rsplit("/", 1)[-1], list(by_last), n=1, cutoff=0.6)
    return by_last[found[0]] if found else None


def _likeness(name: str, candidate: str) -> tuple[float, bool]:
    ratio = difflib.SequenceMatcher(None, candidate, name).ratio()
    return ratio, candidate[:1] == name[:1]  # of two that are as near, the one that begins alike


def _suggestion(name: str, names: list[str]) -> str:
    if not names:
        return " None exist."
    near = nearest(name, names)
    hint = f" Did you mean '{near}'?" if near else ""
    shown = ", ".join(names[:MOST_SHOWN])
    more = f", ... ({len(names)} in all)" if len(names) > MOST_SHOWN else ""
    return f"{hint} Known: {shown}{more}."
