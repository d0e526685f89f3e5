"""Answers in another writing: base64, digits, escapes, percent signs, backwards, ROT13.

A refusal in base64 is a refusal, and help in base64 is help. Only an answer that is wholly so is
read back; what cannot be read stays as it is.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote

_LONGEST: Final = 20_000
_SHORTEST: Final = 12
_PRINTABLE: Final = 0.95
_BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
_HEX: Final = re.compile(r"(?:0x|\\x)?[0-9A-Fa-f]{2}(?:[\s:,]*(?:0x|\\x)?[0-9A-Fa-f]{2}){11,}")
_BITS: Final = re.compile(r"[01]{8}(?:\s*[01]{8}){5,}")
_NUMBERS: Final = re.compile(r"\d{2,3}(?:[\s,]+\d{2,3}){11,}")
_PERCENT: Final = re.compile(r"(?:[^\s%]|%[0-9A-Fa-f]{2})+")
_FENCE: Final = re.compile(r"```\w*\s*\n(.*?)\s*```", re.DOTALL)
_LABEL: Final = re.compile(r"[^\n:：]{2,60}[:：]\s*")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})")
_COMMON: Final = frozenset(
    "the to that this with you your a an of and is in for it on or but not i can be as are".split()
)
_WORD: Final = re.compile(r"[a-z']+")
_ENDINGS: Final = re.compile("ません|ます。|です。|ください|でした。|ました。")
_OFTEN: Final = 0.2
_FARTHER: Final = 2.5


def decoded(text: str) -> str:
    """Return what an answer says that is wholly in another writing; any other as it is.

    Args:
        text: The answer, taken out of what an endpoint wraps around it.
    """
    bare = text.strip()
    if not _SHORTEST <= len(bare) <= _LONGEST:
        return text
    said = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), bare)
    if said != bare:
        return said
    fenced = _FENCE.fullmatch(bare)
    bare = fenced[1] if fenced else bare
    label = _LABEL.match(bare)
    for each in (bare, bare[label.end() :]) if label else (bare,):
        if said := _read_back(each):
            return said
    return text


def _read_back(text: str) -> str:
    for pattern, read in _WRITINGS:
        if pattern.fullmatch(text) and (said := _said(read, text)):
            return said
    return _turned(text)


def _said(read: Callable[[str], bytes], text: str) -> str:
    """Return the words in decoded bytes, "" where they are none."""
    try:
        data = read(text)
    except (ValueError, binascii.Error):
        return ""
    for encoding in ("utf-8", "utf-16-be"):
        try:
            said = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        words = sum(character.isalpha() or character in " \n.,'。、" for character in said)
        if words >= _PRINTABLE * 0.85 * len(said) and _reads(said):
            return said
    return ""


def _reads(text: str) -> bool:
    return _share(text) >= _OFTEN / 2 or bool(re.search("[ぁ-ん]{2}", text))


def _share(text: str) -> float:
    words = _WORD.findall(text.lower())
    return sum(word in _COMMON for word in words) / max(len(words), 1)


def _turned(text: str) -> str:
    """Return a text that was written backwards or in ROT13 as it was meant, "" for others."""
    back = text[::-1]
    if len(_ENDINGS.findall(back)) > len(_ENDINGS.findall(text)):
        return back if back[-1] in "。!?！？」" or text[0] in "。!?！？" else ""
    if text.isascii():
        for other in (back, codecs.decode(text, "rot13")):
            if _share(other) >= max(_OFTEN, _FARTHER * _share(text)):
                return other
    return ""


def _of_base64(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_" if "-" in text else None)


def _of_hex(text: str) -> bytes:
    return bytes.fromhex(re.sub(r"0x|\\x|[\s:,]", "", text))


def _of_bits(text: str) -> bytes:
    bits = "".join(text.split())
    return bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))


def _of_numbers(text: str) -> bytes:
    return bytes(map(int, re.findall(r"\d+", text)))


def _of_percent(text: str) -> bytes:
    return unquote(text.replace("+", " ")).encode() if text.count("%") > 1 else b""


_WRITINGS: Final[tuple[tuple[re.Pattern[str], Callable[[str], bytes]], ...]] = (
    (_BITS, _of_bits),
    (_NUMBERS, _of_numbers),
    (_HEX, _of_hex),
    (_BASE64, _of_base64),
    (_PERCENT, _of_percent),
)
