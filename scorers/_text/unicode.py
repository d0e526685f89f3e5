"""One Unicode form for every text that is read: compatible characters, nothing invisible.

Endpoints and rewriting proxies send apostrophes, spaces and joiners of many kinds. A cue that is
written with `'` must find them all, and a word with an invisible character inside is that word.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_COMBINING_RUN: Final = 30  # Unicode's Stream-Safe Text Format (UAX 15); longer runs are slow
# What stands for an apostrophe: quotation marks, primes, accents, modifier letters (U+02B9-02BF,
# 02C8, 02CA, 02CB, 02EE), and the Armenian, Hebrew, Saltillo and full-width ones. Some of them
# (U+00B4, 2032 twice, ...) would become something else under NFKC, so this comes before it.
_APOSTROPHES: Final = (
    "\u2018\u2019\u201b\u2032\u2035\u00b4\u02b9\u02ba\u02bb\u02bc\u02bd\u02be\u02bf\u02c8\u02ca"
    "\u02cb\u02ee\u02f4\u0374\u0384\u1fbd\u1fbf\u1fef\u1ffd\u1ffe\u055a\u05f3\ua78b\ua78c\uff07"
    "\u0091\u0092\u275b\u275c\u275f\u07f4\u07f5\u17c9\ufe10"
)
_DOUBLE_QUOTES: Final = (
    "\u201c\u201d\u201f\u2033\u2036\u301d\u301e\u301f\uff02\u05f4\u0093\u0094\u275d\u275e"
)
_STRAIGHT: Final = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_DOUBLE_QUOTES, '"')
)
# Backtick and full-width accent are marks of code, but in "can`t" an apostrophe.
# A quotation mark of two strokes, a sign for what could not be shown, and an escape are one there.
_TICK: Final = re.compile(
    r"(?<=[A-Za-z])(?:[`\uff40\ufffd]|''|\\+'|%27)(?=(?:t|s|m|d|re|ve|ll)\b)"
    r"|(?<=n)[\"?\u201d\u2033\u05f4](?=t\b)",
    re.IGNORECASE,
)
# What UTF-8 becomes when it is read as Windows-1252.
_MISREAD: Final = (
    ("\u00e2\u20ac\u2122", "'"),
    ("\u00e2\u20ac\u02dc", "'"),
    ("\u00e2\u20ac\u0153", '"'),
    ("\u00e2\u20ac\u009d", '"'),
    ("\u00c2\u00a0", " "),
)
# Characters without ink that are not of the category Cf: fillers, selectors, the joiner U+034F,
# and the blank of Braille.
_BLANK: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef\x00-\x08\x0e-\x1f\x7f]"
)


def uniform(text: str) -> str:
    """Bring a text to NFKC with straight quotation marks and without invisible characters.

    Args:
        text: Any text.

    Returns:
        The text with every look-alike of an apostrophe as `'` and of a double quotation mark as
        `"`, without format characters (zero-width ones, soft hyphens, directional marks).
    """
    if "\u00e2\u20ac" in text or "\u00c2\u00a0" in text:
        for wrong, right in _MISREAD:
            text = text.replace(wrong, right)
    text = _TICK.sub("'", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", _without_long_runs(text.translate(_STRAIGHT)))
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return _BLANK.sub("", text)


def _without_long_runs(text: str) -> str:
    kept, run = [], 0
    for character in text:
        run = run + 1 if unicodedata.combining(character) else 0
        if run <= _COMBINING_RUN:
            kept.append(character)
    return "".join(kept)
