"""Reads which choice an answer settles on, from free text in English or Japanese.

A choice can be named by its letter (B, b), its kana (イ), its number (2, ②) or its text. Each
mention is told apart as marked ("ANSWER: B"), stated ("the answer is B"), named in passing
("option B"), listed ("A or B") or rejected ("not B"). The strongest kind that occurs decides, and
only if it leaves one choice: an answer that hedges, contradicts itself or says nothing is
undecided, with the reason, and never a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tenken.scorers._choice.context import Mention, admits, cues
from tenken.scorers._choice.mentions import NOT_OFFERED, find_mentions
from tenken.scorers._choice.text import WRAPPING, spoken

Reason = Literal[
    "marked",
    "alone",
    "stated",
    "named",
    "empty",
    "unfinished_thought",
    "no_answer",
    "several_answers",
    "negated_only",
    "conflict",
    "out_of_range",
]
_LIST = 3  # choices in their order, one a line, that are a list of all
_SHOWN = 40
_BESIDE = 2  # words between two marked answers that leave neither of them the later thought
_LOOK_BACK = 200  # characters in which a change of mind ("but", "wait") is looked for


@dataclass(frozen=True)
class ChoiceReading:
    """What an answer chose.

    Attributes:
        letter: "A" for the first choice and so on; None when undecided.
        reason: How the letter was found (marked, alone on its line, stated, named), or why there
            is none: empty, unfinished_thought (a think block was never closed), no_answer,
            several_answers, negated_only (it only says what is wrong), conflict (the letter of
            one choice with the text of another), out_of_range (a letter that was not offered).
        span: The words that decided, in normalised text; empty where there are none.
    """

    letter: str | None
    reason: Reason
    span: str


def parse_choice(text: str, choices: Sequence[str], language: str | None = None) -> ChoiceReading:
    """Read the choice that an answer settles on.

    Args:
        text: The answer, as the model gave it; think blocks are left out of account.
        choices: The texts of the choices in the order of their letters, at most 26.
        language: "en" to leave kana labels (ア, イ) out; anything else reads them.

    Returns:
        The reading. Never raises for any text, and takes time linear in its length.
    """
    said = spoken(text)
    if not said.text:
        return ChoiceReading(None, "unfinished_thought" if said.unfinished else "empty", "")
    found = find_mentions(said.text, tuple(choices), kana=language != "en")
    mentions = [m for m in found.mentions if m.start >= found.last_marker]
    mentions = _behind_the_list(said.text, mentions, min(_LIST, len(choices)))
    return _decide(said.text, _before_the_others(said.text, mentions))


def _before_the_others(text: str, mentions: list[Mention]) -> list[Mention]:
    """Leave out the other choices, listed under a heading of their own behind the answer."""
    heading = cues.others.search(text)
    if heading is None or not any(m.start < heading.start() for m in mentions):
        return mentions
    kept = ("strong", "stated", "closing")
    return [m for m in mentions if m.start < heading.start() or m.kind in kept]


def _decide(text: str, mentions: list[Mention]) -> ChoiceReading:
    if marked := [m for m in mentions if m.kind in ("strong", "alone")]:
        reading = _last_marked(text, marked, mentions)
        return _before_a_list(text, mentions) if _ends_a_list(reading, marked[-1]) else reading
    if stated := [m for m in mentions if m.kind in ("closing", "stated", "first")]:
        return _stated(text, stated, mentions)
    if named := [m for m in mentions if m.kind == "named"]:
        return _only_one(text, named, mentions, "named")
    if found := [m for m in mentions if m.kind == "found"]:
        said = [m for m in mentions if m.kind == "bare"]
        return _only_one(text, [*said, found[-1]], mentions, "named")
    if sole := _sole(text, mentions):
        return _reading(text, sole, mentions, "named")
    return _nothing(text, mentions)


def _sole(text: str, mentions: list[Mention]) -> Mention | None:
    """Return the only choice that an answer names, where every sentence that does admits it."""
    said = [m for m in mentions if m.kind == "bare"]
    taken = {m.choice for m in said}
    rejected = {m.choice for m in mentions if m.kind == "against"}
    if len(taken) != 1 or taken & rejected or any(m.listed for m in mentions):
        return None
    return said[-1] if all(admits(text, m) for m in said) else None


def _nothing(text: str, mentions: list[Mention]) -> ChoiceReading:
    """Say why an answer that settles on no choice does not."""
    if any(m.listed for m in mentions):
        return ChoiceReading(None, "several_answers", _span(text, mentions[0]))
    if rejected := [m for m in mentions if m.kind == "against"]:
        return ChoiceReading(None, "negated_only", _span(text, rejected[-1]))
    return ChoiceReading(None, "no_answer", "")


def _behind_the_list(text: str, mentions: list[Mention], least: int) -> list[Mention]:
    """Leave out a list of all choices that an answer repeats before it says anything."""
    if not mentions or mentions[0].kind != "first" or mentions[0].choice != 0:
        return mentions
    end = 1
    for before, here in pairwise(mentions):
        follows = not text[before.end : here.start].strip(WRAPPING + "-•・#>")
        if not follows or here.choice != before.choice + 1:
            break
        end += 1
    rest = mentions[end:]
    return rest if end >= least and rest else mentions


def _ends_a_list(reading: ChoiceReading, last: Mention) -> bool:
    return reading.reason == "several_answers" and last.kind == "alone"


def _before_a_list(text: str, mentions: list[Mention]) -> ChoiceReading:
    """Take the one choice that was stated before a list of all of them."""
    stated = [m for m in mentions if m.kind in ("strong", "stated")]
    if stated and len({m.choice for m in stated}) == 1:
        return _reading(text, stated[-1], mentions, "stated")
    return ChoiceReading(None, "several_answers", _span(text, mentions[-1]))


def _last_marked(text: str, marked: list[Mention], all_of: list[Mention]) -> ChoiceReading:
    """Take the last marked choice, unless another marked one is right beside it."""
    last = marked[-1]
    if last.kind == "alone":
        return _last_line(text, last, all_of)
    beside = [m for m in marked[-2:-1] if m.choice != last.choice]
    between = text[beside[0].end : last.start] if beside else ""
    if beside and len(between.split()) <= _BESIDE and not cues.mended.search(between):
        return ChoiceReading(None, "several_answers", _span(text, last))
    return _reading(text, last, all_of, "marked")


def _last_line(text: str, last: Mention, all_of: list[Mention]) -> ChoiceReading:
    """Take the last line, unless it ends a list of choices or contradicts the first line."""
    before = [m for m in all_of if m.start < last.start and m.choice != last.choice]
    if before:
        previous = before[-1]
        follows = not text[previous.end : last.start].strip(WRAPPING + "-•・#>")
        # A list of the other choices leaves out the one that was chosen.
        chosen = {m.choice for m in all_of if m.kind in ("strong", "stated")}
        left_out = set(range(previous.choice + 1, last.choice))
        rises = previous.choice < last.choice and left_out <= chosen
        in_order = rises and previous.kind != "against"
        if (follows and in_order) or any(m.kind == "first" for m in before):
            return ChoiceReading(None, "several_answers", _span(text, last))
    return _reading(text, last, all_of, "alone")


def _stated(text: str, stated: list[Mention], mentions: list[Mention]) -> ChoiceReading:
    """Take what is stated; a last sentence, unless it ends a list or another choice was named."""
    last = mentions[-1]
    if last.kind != "closing":
        return _only_one(text, stated, mentions, "stated")
    for previous in mentions[-2:-1]:
        follows = not text[previous.end : last.start].strip(WRAPPING)
        if follows and previous.choice != last.choice and previous.kind != "against":
            return ChoiceReading(None, "several_answers", _span(text, last))
    said = [m for m in mentions if m.kind in ("stated", "first", "named", "closing")]
    return _only_one(text, said, mentions, "stated")


def _only_one(
    text: str, found: list[Mention], all_of: list[Mention], reason: Reason
) -> ChoiceReading:
    """Take the one choice that was found, or the last where the answer changed its mind."""
    last = found[-1]
    if others := [m for m in found if m.choice != last.choice]:
        between = text[max(others[-1].end, last.start - _LOOK_BACK) : last.start]
        if reason != "stated" or not cues.turn.search(between):
            return ChoiceReading(None, "several_answers", _span(text, last))
    return _reading(text, last, all_of, reason)


def _reading(text: str, m: Mention, all_of: list[Mention], reason: Reason) -> ChoiceReading:
    span = _span(text, m)
    if m.choice == NOT_OFFERED:
        return ChoiceReading(None, "out_of_range", span)
    if m.conflict:
        return ChoiceReading(None, "conflict", span)
    depends = m.conditional and any(o.conditional and o.choice != m.choice for o in all_of)
    if m.listed or depends:
        return ChoiceReading(None, "several_answers", span)
    return ChoiceReading(chr(ord("A") + m.choice), reason, span)


def _span(text: str, m: Mention) -> str:
    return text[m.start : min(m.end, m.start + _SHOWN)]
