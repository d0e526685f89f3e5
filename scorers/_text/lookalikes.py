"""Letters that stand for Latin ones: Cyrillic and Greek twins, small capitals, marks, ornaments.

For texts that are read by their words. Not for choices: in a formula a Greek letter is itself.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_TWINS: Final = dict(
    zip(
        "асеорхуівһѕјԛԝкмтнгьАВСЕНІЈКМОРЅТУХҮοανιτρκυεχηωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
        "aceopxyibhsjqwkmthrbABCEHIJKMOPSTYXYoavitpkuexnwABEZHIKMNOPTYX",
        strict=True,
    )
)
_SMALL: Final = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
# Negative circled and negative squared capitals, which NFKC leaves as they are.
_ORNAMENTS: Final = {
    chr(first + place): chr(ord("A") + place) for first in (0x1F150, 0x1F170) for place in range(26)
}
_PLAIN: Final = str.maketrans(_SMALL | _ORNAMENTS)
_FOLDED: Final = str.maketrans(_TWINS)
_MARKED: Final = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff][\u0300-\u036f\u20d0-\u20f0]*")
# Lines through, under and over letters, rings and boxes around them: of no script's own.
_LINES: Final = re.compile("[\u0305\u030a\u0323\u032d-\u033f\u0347\u20d0-\u20f0]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_FOREIGN: Final = re.compile("[\u0370-\u03ff\u0400-\u052f]")


def latin(text: str) -> str:
    """Write a text in the plain Latin letters that its own stand for.

    A word is folded where it mixes scripts, or where the text has no letter of the other script
    that has no Latin twin: a sentence in Russian or Greek stays as it is.

    Args:
        text: A text in NFKC.

    Returns:
        The text; letters of other scripts, kana and kanji among them, without lines through them.
    """
    if text.isascii():
        return text
    text = _LINES.sub("", _MARKED.sub(_without_marks, text.translate(_PLAIN)))
    foreign = set(_FOREIGN.findall(text))
    if not foreign:
        return text
    all_twins = foreign <= _TWINS.keys()
    return _WORD.sub(lambda found: _folded(found[0], all_twins), text)


def _without_marks(found: re.Match[str]) -> str:
    base = unicodedata.normalize("NFD", found[0])[0]
    return base if base.isascii() else found[0]


def _folded(word: str, all_twins: bool) -> str:
    plain = word.translate(_FOLDED)
    mixed = any(character.isascii() for character in word)
    return plain if plain.isascii() and (mixed or all_twins) else word
