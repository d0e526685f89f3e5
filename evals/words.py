"""What the command line says on a terminal, in English or Japanese.

The words are in `messages/en.yaml` and `messages/ja.yaml`, by key; names in braces are blanks.
Files and JSON are English, whatever the terminal speaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from tenken.errors import Sentence, TenkenError
from tenken.io.documents import read_mapping
from tenken.schema.record import LANGUAGES
from tenken.terms.sentences import sentence_in

FOLDER: Final = Path(__file__).parent / "messages"
_VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
_chosen: list[str] = ["en"]


def phrase(key: str, /, **values: object) -> str:
    """Return the message of a key in the terminal's language, with its blanks filled.

    Raises:
        KeyError: The message is unknown, or a blank is not given.
    """
    known = {k: spoken(v) if isinstance(v, Sentence) else v for k, v in values.items()}
    return str(messages(_chosen[0])[key]).format(**known)


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


def counted(name: str, number: int) -> str:
    """Return how many there are of something, in the singular where there is one.

    Args:
        name: What is counted, among the catalogue's terms.
        number: How many there are.
    """
    return term("counted_one" if number == 1 else "counted", name).format(n=f"{number:,}")


def listed(parts: Iterable[str]) -> str:
    """Return parts of a line one after the other, with the language's comma between them."""
    return phrase("comma").join(parts)


def error_words(error: TenkenError) -> str:
    """Return an error in the terminal's language.

    An error of other people's code, which the catalogue does not know, keeps its sentence after
    what kind of error it is.
    """
    said = spoken(error.sentence)
    if said != error.sentence:
        return said
    kinds = messages(_chosen[0])["terms"]["error"]
    kind = next((kinds[c.__name__] for c in type(error).__mro__ if c.__name__ in kinds), "")
    return f"{kind}{error}"


def usage_words(sentence: str) -> str:
    """Return what the parser of the command line says, in the terminal's language.

    Args:
        sentence: Its sentence, in English; what no pattern of the catalogue fits is kept.
    """
    if _chosen[0] == "en":
        return sentence
    for template, own in _usage(_chosen[0]):
        if found := template.fullmatch(sentence):
            return own.format(**{k: usage_words(v) for k, v in found.groupdict().items()})
    return sentence


@cache
def _usage(name: str) -> list[tuple[re.Pattern[str], str]]:
    """Return patterns of the parser's sentences, with what each is in a language."""
    raw = read_mapping((FOLDER / f"usage.{name}.yaml").read_bytes())
    blank = re.compile(r"\\\{(\w+)\\\}")
    return [(re.compile(blank.sub(r"(?P<\1>.+?)", re.escape(k))), str(v)) for k, v in raw.items()]


def spoken(text: str) -> str:
    """Return a text in the terminal's language, if it is a sentence that is in the catalogue."""
    return sentence_in(_chosen[0], text) if isinstance(text, Sentence) else text


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
