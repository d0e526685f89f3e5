"""The normal form in which answers and choices are compared, in time linear in the text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from tenken.answer import parts

_COMBINING_RUN = 30  # Unicode's Stream-Safe Text Format (UAX 15); longer runs normalise slowly
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"'})
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
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _without_long_runs(text))
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_STRAIGHT)


def _without_long_runs(text: str) -> str:
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _COMBINING_RUN:
            kept.append(character)
    return "".join(kept)


def _tidy(text: str) -> str:
    text = _LATEX.sub(r"\1", _MARKUP.sub("", text))
    return _NEWLINES.sub("\n", _SPACE.sub(" ", text)).strip()
