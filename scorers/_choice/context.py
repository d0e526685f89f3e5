"""What the words around a mention make of it: the sentence that it closes, opens or fills."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, Literal, NamedTuple

from tenken.scorers._text.cues import CueTable

# strong: behind "Answer:"; alone: all of the last line; first: all of the first line; closing: all
# of the last sentence; stated: "the answer is B"; named: "option B"; found: what the first or the
# last sentence finds in plain words ("The capital is London", "B best fits what it says");
# against: "not B"; bare: said, no more; ignored: no mention.
Kind = Literal[
    "strong", "alone", "first", "closing", "stated", "named", "found", "against", "bare", "ignored"
]

SOURCE_DATA = ("cues.yaml",)

cues: Final = CueTable(Path(__file__).with_name(SOURCE_DATA[0]))

_BEFORE = 12  # characters that show the beginning of a line behind bullets and brackets
_SENTENCE = 200  # characters in which a sentence begins or ends
LEAD_IN = 32  # characters that show what leads to the last sentence
_END = re.compile(r"(?:[!?]|(?<!\b[A-Z])\.)(?=\s|$)|[。\n]")
_CLAUSE = re.compile(rf"{_END.pattern}|, but |; ")  # behind it a sentence or a clause begins
_ONLY = re.compile("しか(?:ない|ありませ|考えられ(?:ない|ませ))")  # no denial


class Mention(NamedTuple):
    """One place where an answer names a choice.

    Attributes:
        choice: Position of the choice, or NOT_OFFERED.
        start: First character, in the normalised text.
        end: Behind the last character.
        label_end: Behind the letter, kana or number; 0 where only the choice's text is given.
        kind: What the answer says about it.
        listed: One of several in a row, as in "A or B".
        conflict: The label of one choice with the text of another.
        conditional: Followed by "if" and the like.
    """

    choice: int
    start: int
    end: int
    label_end: int
    kind: Kind = "bare"
    listed: bool = False
    conflict: bool = False
    conditional: bool = False


def before(text: str, start: int) -> str:
    """Give the characters before a place, such that ^ matches at the start of the text alone.

    Args:
        text: The normalised text.
        start: Where the mention, its article or its cue begins.

    Returns:
        At most that many characters.
    """
    return text[:start] if start <= _BEFORE else "\0" + text[start - _BEFORE : start]


def opens(lead: str) -> bool:
    """Tell whether what `before` gave is of the first line."""
    return not lead.startswith("\0") and "\n" not in lead


def concludes(text: str, m: Mention) -> bool:
    """Tell whether a choice's text is what the last sentence finds.

    Args:
        text: The normalised text.
        m: The mention.

    Returns:
        Whether it is so.
    """
    line_end = cues.line_end.match(text, m.end)
    if line_end is None or line_end.end() < len(text) or m.label_end:
        return False
    sentence = re.split(r"[.!?。\n](?:\s|$)", text[max(0, m.start - _SENTENCE) : m.start])[-1]
    return cues.concludes.search(sentence) is not None and not cues.speaks.search(sentence)


def is_symbol(text: str, m: Mention) -> bool:
    """Tell whether a letter that ends a text cut short is a symbol of its formulas.

    Args:
        text: The normalised text.
        m: The mention.

    Returns:
        Whether it is so.
    """
    label = text[m.start]
    if m.label_end != len(text) or not label.isupper() or not label.isascii():
        return False
    symbol = rf"[=*/+^] ?{label}\b|\b{label} ?[=*/+^_]|\b[Ll]et {label}\b|\({label}\)? ?[=*/+^]"
    return m.start > 0 and re.search(symbol, text[: m.start]) is not None


def closes(text: str, m: Mention, start: int) -> bool:
    """Tell whether a choice ends the text and is all that its last sentence or clause says.

    Args:
        text: The normalised text.
        m: The mention.
        start: Where the mention, its article or its cue begins.

    Returns:
        Whether it is so.
    """
    line_end = cues.line_end.match(text, m.end)
    if line_end is None or line_end.end() < len(text):
        return False
    if text[m.start].isdigit() and m.label_end:
        return False  # a number may be one that was counted
    lead_in = text[max(0, start - LEAD_IN) : start]
    return cues.closes.search(lead_in) is not None and not cues.closes_against.search(lead_in)


def is_cut(text: str, m: Mention) -> bool:
    """Tell whether the text breaks off in the line of a mention, and so before it says its say.

    Args:
        text: The normalised text.
        m: The mention.

    Returns:
        Whether it is so.
    """
    last = text.rstrip(" \"')]}*_")[-1:]
    return "\n" not in text[m.end :] and m.end < len(text) and (last.isalnum() or last == ",")


def is_of_others(text: str, m: Mention, start: int) -> bool:
    """Tell whether somebody else says it: "people say the answer is B", "it is B, some claim".

    Args:
        text: The normalised text.
        m: The mention.
        start: Where the mention, its article or its cue begins.

    Returns:
        Whether it is so.
    """
    said = cues.others_say.search(text[max(0, start - LEAD_IN) : start])
    return said is not None or cues.say_others.match(text, m.end) is not None


def is_subject(text: str, m: Mention, lead: str) -> bool:
    """Tell whether a choice's text opens the answer, as in "London is the capital of England".

    Args:
        text: The normalised text.
        m: The mention.
        lead: What `before` gave for the mention.

    Returns:
        Whether it is so.
    """
    begins = cues.line_start.search(lead) is not None and opens(lead)
    return begins and not m.label_end and cues.predicate.match(text, m.end) is not None


def implied(text: str, m: Mention) -> bool:
    """Tell whether the first or the last sentence affirms a choice in words of its own.

    Such a sentence has a word that affirms ("B best fits what it says"), or ends the answer with
    the choice, and has none that withholds ("some", "may", "but"); and the choice is no part of a
    name ("vitamin B").

    Args:
        text: The normalised text.
        m: The mention.

    Returns:
        Whether it is so.
    """
    if not m.label_end or cues.question.match(text, m.end):
        return False
    first = max(0, m.start - _SENTENCE)
    begin = max((e.end() for e in _CLAUSE.finditer(text, first, m.start)), default=first)
    stop = _END.search(text, m.end, m.end + _SENTENCE)
    end = stop.end() if stop else min(len(text), m.end + _SENTENCE)
    if begin > 0 and end < len(text.rstrip()):
        return False
    around = text[begin : m.start] + " _ " + text[m.end : end]
    lead_in = text[max(begin, m.start - LEAD_IN) : m.start]
    if cues.withholds.search(around) or _in_formulas(text, m):
        return False
    return _affirms(text, m, around, lead_in) or _affirms_in_japanese(text, m, around, lead_in)


def admits(text: str, m: Mention) -> bool:
    """Tell whether a sentence that names the only choice of an answer takes nothing back.

    Such an answer was not cut short, and the sentence has no word that withholds, is of nobody
    else, and has the choice where no name ends ("vitamin B").

    Args:
        text: The normalised text.
        m: The mention.

    Returns:
        Whether it is so.
    """
    line_end = cues.line_end.match(text, m.end)
    closed = (line_end and line_end.end() == len(text)) or cues.ends.search(text[-8:])
    if not m.label_end or not closed or cues.question.match(text, m.end) or _in_formulas(text, m):
        return False
    first = max(0, m.start - _SENTENCE)
    begin = max((e.end() for e in _CLAUSE.finditer(text, first, m.start)), default=first)
    stop = _END.search(text, m.end, m.end + _SENTENCE)
    around = text[begin : m.start] + " _ " + text[m.end : stop.end() if stop else m.end + _SENTENCE]
    if not around.isascii():
        sentence = _ONLY.sub("", around)
        return not (cues.ja_withholds.search(sentence) or cues.ja_aside.search(sentence))
    lead_in = text[max(begin, m.start - LEAD_IN) : m.start]
    if cues.withholds.search(around) or cues.aside.search(around):
        return False
    return not lead_in.strip() or cues.leads_on.search(lead_in) is not None


def _affirms(text: str, m: Mention, around: str, lead_in: str) -> bool:
    line_end = cues.line_end.match(text, m.end)
    if line_end and line_end.end() == len(text) and cues.ends_on.search(lead_in):
        return not text[m.start].isdigit()
    leads_on = not lead_in.strip() or cues.leads_on.search(lead_in)
    return leads_on is not None and cues.affirms.search(around) is not None


def _affirms_in_japanese(text: str, m: Mention, around: str, lead_in: str) -> bool:
    withheld = cues.ja_withholds.search(_ONLY.sub("", around))
    if withheld or cues.ja_affirms.match(text, m.end) is None:
        return False
    return not lead_in.endswith("は") or cues.ja_speaks.search(around) is not None


def _in_formulas(text: str, m: Mention) -> bool:
    label = re.escape(text[m.start : m.label_end])
    return re.search(rf"[=*/+^] ?{label}\b|\b{label} ?[=*/+^_]", text) is not None


def article(text: str, m: Mention) -> int:
    """Give the length of an article before a choice's text, as in "the grandfather".

    Args:
        text: The normalised text.
        m: The mention.

    Returns:
        Its length in characters, 0 for none.
    """
    found = None if m.label_end else cues.article.search(text[max(0, m.start - 5) : m.start])
    return len(found.group()) if found else 0
