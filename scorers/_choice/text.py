"""The normal form in which answers and choices are compared, in time linear in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tenken.answer import parts
from tenken.scorers._unicode import uniform

_SPACE = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")
_MARKUP = re.compile(r"[*`$]|__|~~|^[ ]*[#>]{1,3} ", re.MULTILINE)
_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|bf|rm)\s?\{([^{}\n]{0,200})\}")
# What an answer may wrap around a choice's text without meaning anything by it.
WRAPPING = " \t\n.。,、!?:;\"'「」『』()[]"


@dataclass(frozen=True)
class Spoken:
    """What an answer says, thoughts left out.

    Attributes:
        text: Normalised text; "" when nothing but punctuation is left.
        unfinished: Whether a think block was opened and never closed.
    """

    text: str
    unfinished: bool


def spoken(answer: str) -> Spoken:
    """Normalise an answer and leave out its think blocks.

    Args:
        answer: The answer, as the model gave it.

    Returns:
        The text in NFKC with straight quotes, single spaces and newlines, without emphasis marks.
    """
    said = parts(answer)
    text = "" if said.unfinished else _tidy(_normalise(said.answer))
    return Spoken(text if text.strip(WRAPPING) else "", said.unfinished)


def key(choice: str) -> str:
    """Give the form by which a choice's text is found: normalised, lower case, unwrapped."""
    return " ".join(_tidy(_normalise(choice)).lower().split()).strip(WRAPPING)


def _normalise(text: str) -> str:
    return uniform(text).replace("\r\n", "\n").replace("\r", "\n")


def _tidy(text: str) -> str:
    text = _LATEX.sub(r"\1", _MARKUP.sub("", text))
    return _NEWLINES.sub("\n", _SPACE.sub(" ", text)).strip()
