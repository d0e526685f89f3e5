"""Odd spellings of a text: leet, full width, zero width, kana swapped, Latin letters."""

from __future__ import annotations

from typing import Final


def leet(text: str) -> str:
    """Return the text with digits for the letters that look like them."""
    return text.translate(_LEET)


def full_width(text: str) -> str:
    """Return the text with the printable ASCII in full width."""
    return text.translate(_FULL_WIDTH)


def zero_width(text: str) -> str:
    """Return the text with a character of no width after every second one."""
    return _ZERO_WIDTH.join(text[place : place + 2] for place in range(0, len(text), 2))


def kana_swapped(text: str) -> str:
    """Return the text with hiragana for katakana and the other way round."""
    return text.translate(_KANA)


def romanised(text: str) -> str:
    """Return the text with its hiragana in Latin letters; a small tsu doubles what follows."""
    found: list[str] = []
    place = 0
    while place < len(text):
        size = 2 if text[place : place + 2] in _ROMAJI else 1
        kana = text[place : place + size]
        found.append(_ROMAJI.get(kana, kana))
        place += size
    for place in range(len(found) - 2, -1, -1):
        after = found[place + 1][:1]
        if found[place] == _ROMAJI["っ"] and after in _DOUBLED:
            found[place] = "t" if found[place + 1].startswith("ch") else after
        elif found[place] == "n" and after in _AFTER_N:
            found[place] = "n'"
    return "".join(found)


_LEET: Final = str.maketrans("aeiostAEIOST", "431057431057")


_FULL_WIDTH: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}


_ZERO_WIDTH: Final = "\u200b"


_KANA: Final = {code: code + 0x60 for code in range(0x3041, 0x3097)} | {
    code: code - 0x60 for code in range(0x30A1, 0x30F7)
}


_DOUBLED: Final = frozenset("kstcpgzjdbfhmrw")


_AFTER_N: Final = frozenset("aiueoy")


def _romaji() -> dict[str, str]:
    rows = {
        "": "あいうえお", "k": "かきくけこ", "s": "さしすせそ", "t": "たちつてと",
        "n": "なにぬねの", "h": "はひふへほ", "m": "まみむめも", "r": "らりるれろ",
        "g": "がぎぐげご", "z": "ざじずぜぞ", "d": "だぢづでど", "b": "ばびぶべぼ",
        "p": "ぱぴぷぺぽ", "x": "ぁぃぅぇぉ",
    }  # fmt: skip
    found = {
        kana: start + vowel
        for start, row in rows.items()
        for kana, vowel in zip(row, "aiueo", strict=True)
    }
    found |= {"や": "ya", "ゆ": "yu", "よ": "yo", "わ": "wa", "を": "wo", "ん": "n", "っ": "xtsu"}
    found |= {"ゃ": "xya", "ゅ": "xyu", "ょ": "xyo", "ゎ": "xwa", "ゐ": "wi", "ゑ": "we"}
    found |= {"し": "shi", "ち": "chi", "つ": "tsu", "ふ": "fu", "じ": "ji", "ぢ": "di", "づ": "du"}
    found |= {"ゕ": "xka", "ゖ": "xke", "ゔ": "vu"}
    starts = {"し": "sh", "ち": "ch", "じ": "j"}
    for kana in "きしちにひみりぎじびぴ":
        start = starts.get(kana, found[kana][0] + "y")
        found |= {kana + small: start + vowel for small, vowel in zip("ゃゅょ", "auo", strict=True)}
    return found


_ROMAJI: Final = _romaji()
