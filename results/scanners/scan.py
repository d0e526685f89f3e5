"""What an answer's text shows: flags, by one function for each scanner."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tenken.io.documents import read_mapping
from tenken.results.scanners.whole import TOOL_ERROR, tool_failed

Scanner = Callable[[str, str], bool]
"""From an answer and the language of its sample to whether the sign is there."""

_CUES: Final = Path(__file__).with_name("cues.yaml")
_APOSTROPHES: Final = str.maketrans(dict.fromkeys("\u2019\u2018\u00b4\u2032\u201b\u02bc`", "'"))
_MOST_READ: Final = 20_000
"""Characters of an answer that are looked at, from its beginning."""
_CODE: Final = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_LATIN: Final = re.compile("[a-zà-ɏ]")
_KANA: Final = re.compile("[\u3040-\u30ff]")
_JAPANESE: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_LEAST_LETTERS: Final = 40
"""A shorter answer may be a name, a letter or a number."""
_LEAST_KANA: Final = 0.05
_MOST_JAPANESE: Final = 0.3
"""An English answer may quote Japanese, but not consist of it."""
_LEAST_GRAMS: Final = 40
_LEAST_DISTINCT: Final = 0.3
"""Share of different runs of words (or signs, in Japanese) below which a text repeats itself;
prose has over 0.8, a long list of alike lines about 0.5."""


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    """Return one pattern for each scanner that looks for phrases."""
    return {
        name: re.compile("|".join(f"(?:{cue})" for part in cues.values() for cue in part))
        for name, cues in read_mapping(_CUES.read_bytes()).items()
    }


@lru_cache(maxsize=2)  # several scanners look at one answer
def _plain(text: str) -> str:
    """Return a text as phrases are looked for: one width and case, plain apostrophes and spaces."""
    folded = (
        unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).translate(_APOSTROPHES).lower()
    )
    return " ".join(folded.split())


def wrong_language(answer: str, language: str) -> bool:
    """Return whether an answer is in another script than that of its prompt's language.

    Args:
        answer: What the model said; code blocks do not count.
        language: `en` or `ja`; no other language is checked.

    Returns:
        False too for an answer of only a few letters.
    """
    if len(answer) < _LEAST_LETTERS:
        return False
    text = _CODE.sub(" ", answer)
    letters = len(_LETTER.findall(text))
    if letters < _LEAST_LETTERS or language not in ("en", "ja"):
        return False
    if language == "ja":
        return len(_KANA.findall(text)) < _LEAST_KANA * letters
    japanese, latin = len(_JAPANESE.findall(text)), len(_LATIN.findall(text.lower()))
    return japanese > _MOST_JAPANESE * letters or latin < 0.5 * letters


def degenerate(answer: str, language: str) -> bool:
    """Return whether an answer repeats itself until it ends or is cut.

    Args:
        answer: What the model said; code blocks do not count.
        language: `ja` compares characters; every other language compares words.

    Returns:
        False too for an answer that is too short to tell.
    """
    if len(answer) < _LEAST_GRAMS:
        return False
    text = _CODE.sub(" ", answer)
    units: list[str] = list("".join(text.split())) if language == "ja" else text.lower().split()
    if language != "ja" and len(units) < _LEAST_GRAMS:
        units = list("".join(units))  # one word without spaces, or too few
    size = 6 if len(units) == len("".join(units)) else 3
    grams = [tuple(units[start : start + size]) for start in range(len(units) - size + 1)]
    return len(grams) >= _LEAST_GRAMS and len(set(grams)) < _LEAST_DISTINCT * len(grams)


def _phrase(name: str) -> Scanner:
    def scanner(answer: str, language: str) -> bool:
        return _patterns()[name].search(_plain(answer)) is not None

    return scanner


SCANNERS: Final[Mapping[str, Scanner]] = {
    "evaluation_aware": _phrase("evaluation_aware"),
    "wrong_language": wrong_language,
    "degenerate": degenerate,
    "prompt_not_seen": _phrase("prompt_not_seen"),
    "system_prompt": _phrase("system_prompt"),
}


def scan(answer: str, language: str, messages: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the signs in an answer that its sample was no fair test.

    Args:
        answer: What the model said, without its reasoning.
        language: Of the sample.
        messages: The conversation as logged, for tools that failed.
    """
    text = answer[:_MOST_READ]
    found = [name for name, scanner in SCANNERS.items() if scanner(text, language)]
    if tool_failed(messages):
        found.append(TOOL_ERROR)
    return tuple(found)
