"""The normal form in which answers and choices are compared, in time linear in the text."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from tenken.answer import parts
from tenken.scorers._text.unicode import uniform

_FIRST_PICTURE = "\u2600"  # before it are arrows and letterlike signs
_MINUS = re.compile(r"(?<![\w)])(?<!\d )[\u2012-\u2014](?=\d)")  # a dash before a number
_SPACE = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")
_STRUCK = re.compile(r"~~[^~\n]{1,200}~~|<(del|s|strike)>[^<\n]{1,200}</\1>", re.IGNORECASE)
_MARKUP = re.compile(
    r"[*`$]|__|~~|^[ ]*[#>]{1,3} |(?<!\w)_(?=[^\W_])|(?<=[^\W_])_(?!\w)", re.MULTILINE
)
# The dress of HTML, not tags that say what they hold (<answer>B</answer>).
_LINE_TAG = re.compile(
    r"</?(?:p|br|div|li|ul|ol|h[1-6]|tr|td|table|hr|body|html)\b[^<>]{0,200}>", re.I
)
_WORD_TAG = re.compile(
    r"</?(?:b|i|u|em|strong|span|font|code|small|mark|a|sub|sup|kbd|big|s)\b[^<>]{0,200}>", re.I
)
# Pictures that say whether the choice beside them is right; all others say nothing.
_MARKS = dict.fromkeys("✅✔☑⭕🙆", "✓") | dict.fromkeys("❌✘✖❎🙅", "✗") | {"✓": "✓", "✗": "✗"}
_TOKEN = re.compile(r"<\|[^|<>\n]{1,40}\|>|\[/?INST\]|\\[()\[\]]")  # marks of turns and formulas
_UNSTRIPPED = re.compile(r"[+#?0-9]")
_LATEX = re.compile(
    r"\\(?:text|textbf|textit|emph|underline|mathrm|mathbf|mathsf|boldsymbol|bf|rm)\s?\{([^{}\n]{0,200})\}"
)
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
    text = html.unescape(text) if "&" in text else text
    text = uniform(text).replace("\r\n", "\n").replace("\r", "\n").replace("\u2212", "-")
    text = _MINUS.sub("-", text)
    return text if text.isascii() else "".join(map(_without_picture, text))


def _without_picture(character: str) -> str:
    """Return a space for an emoji or a pictogram, which says nothing beside a choice."""
    pictured = character > _FIRST_PICTURE and unicodedata.category(character) in ("So", "Sk")
    return _MARKS.get(character, " ") if pictured else character


def _tidy(text: str) -> str:
    bare = re.sub(r"\W|_", "", text)
    if len(bare) == 1 and bare.isascii() and bare.isalpha() and not _UNSTRIPPED.search(text):
        return bare  # "<B>", "~B~": no dress has a meaning where one letter is all that is said
    text = _TOKEN.sub(" ", text)
    text = _WORD_TAG.sub("", _LINE_TAG.sub("\n", _STRUCK.sub(" ", text)))
    text = _LATEX.sub(r"\1", _MARKUP.sub("", text))
    return _NEWLINES.sub("\n", _SPACE.sub(" ", text)).strip()
