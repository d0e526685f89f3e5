"""The answers to choose from, and the right one, of a multiple-choice question written as text.

Two forms are read: each answer on a line of its own, or all of them in a row on one line. Either
way the marks must run from the first on without a gap (A B C, 1 2 3, ① ② ③, ア イ ウ), so that
the place of an answer and its mark say the same. All else is refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from tenken.errors import InputError

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KANA: Final = "アイウエオカキクケコ"
_STYLES: Final = (_LETTERS, "123456789", _KANA)
"""The marks in their order. Circled numbers, full-width and small letters become these."""

_SIGN: Final = "[A-Za-z1-9ア-コ]"
_MARK: Final = rf"(?:[(\[]\s*(?P<bracketed>{_SIGN})\s*[)\]][.:、]?|(?P<plain>{_SIGN})[.):、](?!\d))"
_ON_A_LINE: Final = re.compile(rf"\s*(?:[-*・]\s*)?{_MARK}\s*(?P<text>.+?)\s*")
_IN_A_ROW: Final = re.compile(rf"(?:^|(?<=[\s。?!、,:])){_MARK}")
_TARGET: Final = re.compile(
    r"(?:(?:正解|正答|答え|回答|解答|answer|correct answer)\s*(?:は|is|:|=)?\s*)?"
    rf"[(\[「『\"']?\s*(?P<mark>{_SIGN})\s*[)\]」』\"']?[.。)]?",
    re.IGNORECASE,
)
_SENTENCE_END: Final = "。?!"


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers in their order, and the letter of the right one."""

    texts: tuple[str, ...]
    target: str


def read_choices(where: str, text: str, answers: tuple[str, ...], target: str) -> Choices:
    """Return the answers and the letter of the right one.

    Args:
        where: File and line, for errors.
        text: The question as it is in the file.
        answers: The answers, where they have columns of their own; else they are in the text.
        target: The right answer: its mark, or its whole text.

    Raises:
        InputError: The answers or the right one cannot be read without guessing.
    """
    texts, style = (answers, "") if answers else _in_text(where, text)
    folded = [_folded(each).strip().casefold() for each in texts]
    if len(texts) < 2 or len(texts) > len(_LETTERS) or len(set(folded)) != len(folded):
        raise InputError(
            "{where}: a multiple choice has 2 to {n} different answers; found {n2} ({n3} "
            "different).",
            where=where,
            n=len(_LETTERS),
            n2=len(texts),
            n3=len(set(folded)),
        )
    if not target:
        raise InputError(
            "{where}: the right answer is missing; it belongs in the column 'output', or "
            "else in 'requirement'.",
            where=where,
        )
    index = _index(target, folded, style)
    if index is None:
        raise InputError(
            "{where}: the right answer '{target}' is neither a mark of one of the {n} "
            "answers nor the text of exactly one.",
            where=where,
            target=target[:40],
            n=len(texts),
        )
    return Choices(tuple(texts), _LETTERS[index])


def _in_text(where: str, text: str) -> tuple[tuple[str, ...], str]:
    """Return the answers in a question's text, and the marks that they have."""
    lines = _folded(text).split("\n")
    found = _lines(lines) or _row(lines)
    if found is None:
        raise InputError(
            "{where}: no answers to choose from can be read from the text; write each on a "
            "line of its own, as 'A. ...', 'B. ...', or give them columns 'ans1', 'ans2', "
            "...",
            where=where,
        )
    return found


def _lines(lines: list[str]) -> tuple[tuple[str, ...], str] | None:
    """Return the answers that have a line each; the lines follow one another."""
    matches = [_ON_A_LINE.fullmatch(line) for line in lines if line.strip()]
    places = [place for place, match in enumerate(matches) if match]
    if len(places) < 2 or places != list(range(places[0], places[0] + len(places))):
        return None
    held = [match for match in matches if match]
    if any(_IN_A_ROW.search(match["text"]) for match in held):
        return None  # several answers on one of the lines
    return _in_order([(match["bracketed"] or match["plain"], match["text"]) for match in held])


def _row(lines: list[str]) -> tuple[tuple[str, ...], str] | None:
    """Return the answers that are in a row on one line, up to the line's end."""
    found = []
    for line in lines:
        marks = list(_IN_A_ROW.finditer(line))
        if len(marks) < 2:
            if marks:
                return None
            continue
        ends = [mark.start() for mark in marks[1:]] + [len(line)]
        texts = [line[mark.end() : end] for mark, end in zip(marks, ends, strict=True)]
        cleaned = [text.strip(" \t,、;/") for text in texts]
        if any(end in text for text in cleaned for end in _SENTENCE_END):
            return None  # the row goes over into a sentence
        names = [mark["bracketed"] or mark["plain"] for mark in marks]
        found.append(_in_order(list(zip(names, cleaned, strict=True))))
    return found[0] if len(found) == 1 else None


def _in_order(pairs: list[tuple[str, str]]) -> tuple[tuple[str, ...], str] | None:
    marks = "".join(mark for mark, _ in pairs).upper()
    style = next((each for each in _STYLES if each.startswith(marks)), None)
    if style is None or not all(text for _, text in pairs):
        return None
    return tuple(text for _, text in pairs), style


def _index(target: str, folded: list[str], style: str) -> int | None:
    """Return the place of the right answer; None where target and answers leave a doubt."""
    plain = _folded(target).strip()
    by_text = folded.index(plain.casefold()) if plain.casefold() in folded else None
    match = _TARGET.fullmatch(plain)
    by_mark = None
    if match:
        # Answers in columns have no marks of their own; their letters follow aisev's rule.
        place = (style or _LETTERS).find(match["mark"].upper())
        by_mark = place if 0 <= place < len(folded) else None
    if by_mark is not None and by_text is not None and by_mark != by_text:
        return None
    return by_mark if by_mark is not None else by_text


def _folded(text: str) -> str:
    """Return the text with full-width and circled signs as plain ones; answers keep their words."""
    return unicodedata.normalize("NFKC", re.sub(r"[①-⑨]", lambda m: f"({_number(m[0])})", text))


def _number(circled: str) -> int:
    return ord(circled) - ord("①") + 1
