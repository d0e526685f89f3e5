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

An error's words are a `Sentence`: an English template and the values of its blanks, so that the
terminal can say it in another language. Templates are literal texts, which type checkers hold.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, LiteralString, TypeAlias

MOST_SHOWN = 12
"""Known names that an error lists."""

FOREIGN: Final = (Exception, SystemExit)
"""What code of others may raise; to end the process is a fault of that code, and nobody's wish."""


Words: TypeAlias = "LiteralString | Sentence"
"""What an error is made of: a text in the code, or one that was put together."""


class Sentence(str):
    """An English text that knows its template and values; catalogues go by the template.

    A value may be a sentence itself, or an error, which stands for what it says.

    Attributes:
        template: The text with blanks, as `str.format` takes it; literal if there are no values.
        values: The values of the blanks.

    Example:
        >>> Sentence("{path}: {n} rows are too many.", path="a.csv", n=7)
        'a.csv: 7 rows are too many.'
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: Words, /, **values: object) -> Sentence:
        """Fill the blanks of a template.

        Args:
            template: The text; a sentence without values is returned as it is.
            **values: The values of the blanks.
        """
        if isinstance(template, Sentence) and not values:
            return template
        kept = {name: said_by(v) if isinstance(v, Exception) else v for name, v in values.items()}
        made = super().__new__(cls, template.format(**kept) if kept else template)
        made.template, made.values = str(template), kept
        return made

    def __getnewargs__(self) -> tuple[str]:
        """Return what a copy in another process is made of, before its template and values."""
        return (str(self),)


def said_by(error: BaseException) -> Sentence:
    """Return what an error says: its sentence, or the words of the system or a library.

    Args:
        error: Any error.
    """
    words = error.args[0] if error.args else ""
    if isinstance(words, Sentence):
        return words
    if isinstance(error, json.JSONDecodeError):
        place = {"line": error.lineno, "column": error.colno, "at": error.pos}
        return Sentence("{msg}: line {line} column {column} (char {at})", msg=error.msg, **place)
    if isinstance(error, OSError) and error.strerror:
        return _quoted(error.strerror)
    return _quoted(str(error))


def in_a_line(error: object) -> str:
    """Return what an error of another library says, in one line that is not too long to read.

    Args:
        error: The error.

    Returns:
        At most 300 characters; the name of its type where it says nothing.
    """
    return " ".join(str(error).split())[:300] or type(error).__name__


def _quoted(words: str) -> Sentence:
    """Return words of others as a sentence: a catalogue may know them, or not."""
    return Sentence(words)  # pyright: ignore[reportArgumentType]


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

    def __init__(self, words: Words, /, **values: object) -> None:
        super().__init__(Sentence(words, **values))

    @property
    def sentence(self) -> Sentence:
        """What the error says, with its template and values."""
        return said_by(self)


class RuleError(ValueError):
    """A value that breaks a rule of its document; who knows the document says where it is."""

    def __init__(self, words: Words, /, **values: object) -> None:
        super().__init__(Sentence(words, **values))


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

    def __init__(
        self, kind: LiteralString, name: str, known: Iterable[str], where: str = ""
    ) -> None:
        names = sorted(set(known))
        self.kind: LiteralString = kind
        self.name, self.known, self.where = name, names, where
        super().__init__(
            "{where}unknown {kind} '{name}'.{hint}",
            where=Sentence("{where}: ", where=where) if where else "",
            kind=Sentence(kind),
            name=name,
            hint=_suggestion(name, names),
        )


class CardError(InputError):
    """A card or sample that breaks a rule, with the file, and the line where there is one.

    Attributes:
        flaw: What is wrong, apart from where.
        path: The file, or what else it is about.
        line: The line, from 1; None for the whole.
    """

    def __init__(
        self,
        path: Path | str,
        words: Words,
        line: int | None = None,
        /,
        **values: object,
    ) -> None:
        self.path, self.line = path, line
        place = f"{path}:{line}" if line is not None else path
        self.flaw = Sentence(words, **values)
        super().__init__("{place}: {said}", place=place, said=self.flaw)


class SuiteError(InputError):
    """A suite or endpoint file that breaks a rule."""

    def __init__(self, path: Path | str, words: Words, /, **values: object) -> None:
        super().__init__("{place}: {said}", place=path, said=Sentence(words, **values))


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


def hint(name: str, known: Iterable[str]) -> Words:
    """Return the question whether the nearest known name is meant; empty where none is near.

    Args:
        name: What was written.
        known: The names that exist.
    """
    near = nearest(name, known)
    return Sentence(" Did you mean '{name}'?", name=near) if near else ""


def joined(link: LiteralString, parts: Iterable[str]) -> Sentence:
    """Return sentences as one.

    Args:
        link: What goes between two, such as `; `.
        parts: The sentences, one at least.
    """
    first, *others = parts
    whole = Sentence("{said}", said=first)
    for each in others:
        whole = Sentence("{said}" + link + "{other}", said=whole, other=each)
    return whole


def _suggestion(name: str, names: list[str]) -> Words:
    if not names:
        return " None exist."
    about = {"hint": hint(name, names), "known": ", ".join(names[:MOST_SHOWN])}
    if len(names) > MOST_SHOWN:
        return Sentence("{hint} Known: {known}, ... ({n} in all).", **about, n=len(names))
    return Sentence("{hint} Known: {known}.", **about)
