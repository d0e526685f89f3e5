"""What the command line says on a terminal, in English or Japanese.

The words are in `messages/en.yaml` and `messages/ja.yaml`, by key; names in braces are blanks.
Files and JSON are English, whatever the terminal speaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from tenken.errors import MOST_SHOWN, TenkenError, UnknownNameError, nearest
from tenken.io.documents import read_mapping
from tenken.schema.record import LANGUAGES

FOLDER: Final = Path(__file__).parent / "messages"
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_chosen: list[str] = ["en"]


def phrase(key: str, /, **values: object) -> str:
    """Return the message of a key in the terminal's language, with its blanks filled.

    Raises:
        KeyError: The message is unknown, or a blank is not given.
    """
    return str(messages(_chosen[0])[key]).format(**values)


def term(kind: str, name: str) -> str:
    """Return the word for a name in the code, in the language of the command line.

    Args:
        kind: Which list of terms of the message catalogue.
        name: The name in the code.

    Returns:
        The word; the name itself where there is none.
    """
    found: Mapping[str, str] = messages(_chosen[0])["terms"].get(kind, {})
    return str(found.get(name, name))


def error_words(error: TenkenError) -> str:
    """Return an error in the terminal's language, as far as there are words for it.

    In Japanese an error without words of its own keeps its English sentence, after what kind of
    error it is.
    """
    if isinstance(error, UnknownNameError):
        where = phrase("where", where=error.where) if error.where else ""
        about = {"where": where, "kind": term("kind", error.kind), "name": error.name}
        if not error.known:
            return phrase("unknown_none", **about)
        near = nearest(error.name, error.known)
        known = ", ".join(error.known[:MOST_SHOWN])
        if len(error.known) > MOST_SHOWN:
            known += phrase("in_all", n=len(error.known))
        hint = phrase("did_you_mean", name=near) if near else ""
        return phrase("unknown_name", **about, hint=hint, known=known)
    kinds = messages(_chosen[0])["terms"]["error"]
    kind = next((kinds[c.__name__] for c in type(error).__mro__ if c.__name__ in kinds), "")
    return f"{kind}{error}"


def language() -> str:
    """Return the terminal's language."""
    return _chosen[0]


def speak(chosen: str) -> None:
    """Set the terminal's language for the rest of the process."""
    _chosen[0] = chosen


@contextmanager
def speaking(chosen: str) -> Iterator[None]:
    """Use a language in the block, as for a file that is the same for everybody."""
    before = _chosen[0]
    speak(chosen)
    try:
        yield
    finally:
        speak(before)


def language_of(environment: Mapping[str, str], encoding: str | None) -> str:
    """Return the language that the variables of the locale ask for.

    Args:
        environment: The variables of the process.
        encoding: The terminal's encoding; one without Japanese letters is spoken to in English.
    """
    wanted = next((value for name in _VARIABLES if (value := environment.get(name))), "")
    name = wanted.split("_")[0].split(".")[0].lower()
    if name not in LANGUAGES or name == "en":
        return "en"
    try:
        str(messages(name)["probe"]).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return "en"
    return name


@cache
def messages(name: str) -> Mapping[str, Any]:
    """Return the messages of a language, `en` or `ja`."""
    return read_mapping((FOLDER / f"{name}.yaml").read_bytes())
