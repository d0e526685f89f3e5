"""Reads which choice an answer settles on, from free text in English or Japanese.

A choice can be named by its letter (B, b), its kana (イ), its number (2, ②) or its text. Each
mention is told apart as marked ("ANSWER: B"), stated ("the answer is B"), named in passing
("option B"), listed ("A or B") or rejected ("not B"). The strongest kind that occurs decides, and
only if it leaves one choice: an answer that hedges, contradicts itself or says nothing is
undecided, with the reason, and never a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from tenken.scorers import answer_cues as cues

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


@dataclass(frozen=True)
class ChoiceReading:
    """What an answer chose.

    Attributes:
        letter: "A" for the first choice and so on; None when undecided.
        reason: How the letter was found (marked, alone, stated, named), or why there is none:
            empty, unfinished_thought (a think block was never closed), no_answer,
            several_answers, negated_only (it only says what is wrong), conflict (the letter of
            one choice with the text of another), out_of_range (a letter that was not offered).
        span: The words that decided, in normalised text; empty when undecided for want of any.
    """

    letter: str | None
    reason: Reason
    span: str


# strong: behind "Answer:"; alone: all of the last line; first: all of the first line; stated: "the
# answer is B"; named: "option B"; against: "not B"; bare: said, no more.
_Kind = Literal["strong", "alone", "first", "stated", "named", "against", "bare", "ignored"]


class _Mention(NamedTuple):
    index: int
    start: int
    end: int
    is_text: bool
    kind: _Kind
    listed: bool = False  # one of several, as in "A or B"
    conflict: bool = False
    conditional: bool = False


_KANA = "アイウエオカキクケコ"
_MAX_CHOICES = 26
_NOT_OFFERED = -1
# A text this short is a word that turns up by chance ("no" in "no one", はい in はいい).
_SHORT_TEXT = 5
_COMBINING_RUN = 30  # Unicode's Stream-Safe Text Format (UAX 15); longer runs normalise slowly
_STRAIGHT = str.maketrans({"‘": "'", "’": "'", "ʼ": "'", "“": '"', "”": '"'})
_SPACE = re.compile(r"[^\S\n]+")
_NEWLINES = re.compile(r" ?\n[ \n]*")
_MARKUP = re.compile(r"[*`$]|__|~~|^[ ]*[#>]{1,3} ", re.MULTILINE)
_LATEX = re.compile(r"\\(?:text|textbf|mathrm|mathbf|bf|rm)\s?\{([^{}\n]{0,200})\}")
_ENDS = " \t\n.。,、!?:;\"'“”‘’「」『』()[]"
_ATTACHED = re.compile(r"[ :.)\]」』】、,\-–—の「『\"'“(\[=)]*")
_BRACKETED = re.compile(r"[ .。」』\"'”]*[(\[「【]\s?(?:選択肢|(?i:option|choice))?\s?")
_ASCII_WORD = re.compile(r"[A-Za-z0-9]")
_ARTICLE = re.compile(r"(?<![A-Za-z0-9])(?i:the|an?) $")
_BEFORE = 12  # enough to see the beginning of a line behind bullets and brackets
_SHOWN = 40


def parse_choice(text: str, choices: Sequence[str], language: str | None = None) -> ChoiceReading:
    """Read the choice that an answer settles on.

    Args:
        text: The answer, as the model gave it; think blocks are left out of account.
        choices: The texts of the choices in the order of their letters, at most 26.
        language: "en" to leave kana labels (ア, イ) out; anything else reads them.

    Returns:
        The reading. Never raises for any text, and takes time linear in its length.
    """
    spoken, unfinished = _outside_thought(_normalise(text))
    spoken = _tidy(spoken)
    if not spoken.strip(_ENDS):
        return ChoiceReading(None, "unfinished_thought" if unfinished else "empty", "")
    grammar = _grammar(tuple(choices[:_MAX_CHOICES]), language)
    marks = {match.end(): (match.lastgroup or "", match.start()) for match in _cues(spoken)}
    mentions = _mentions(spoken, grammar, marks)
    return _decide(spoken, mentions, _after_last_marker(mentions, marks))


def _cues(text: str) -> list[re.Match[str]]:
    return list(cues.CUES.finditer(text))


# --- normal form ---------------------------------------------------------------------------


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


def _outside_thought(text: str) -> tuple[str, bool]:
    """Leave out think blocks; a closing tag alone ends a thought that began before the text."""
    kept: list[str] = []
    position, inside = 0, False
    for tag in cues.THOUGHT.finditer(text):
        closing = bool(tag.group(1))
        if closing and not inside:
            kept.clear()
        elif not closing and not inside:
            kept.append(text[position : tag.start()])
        inside, position = not closing, tag.end()
    if not inside:
        kept.append(text[position:])
    return "\n".join(kept), inside


def _tidy(text: str) -> str:
    text = _LATEX.sub(r"\1", _MARKUP.sub("", text))
    return _NEWLINES.sub("\n", _SPACE.sub(" ", text)).strip()


# --- mentions ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Grammar:
    token: re.Pattern[str]
    texts: dict[str, int]
    count: int


@lru_cache(maxsize=256)
def _grammar(choices: tuple[str, ...], language: str | None) -> _Grammar:
    """Build the pattern that finds every way to name one of these choices."""
    known = [_key(_tidy(_normalise(choice))) for choice in choices]
    texts = {key: i for i, key in enumerate(known) if key and known.count(key) == 1}
    numeric = any(key[:1].isdigit() for key in known)
    kana = language != "en" and not any(len(key) == 1 and key in _KANA for key in known)
    texts = {
        key: i
        for key, i in texts.items()
        if not (len(key) == 1 and key.isascii() and key.isalpha())
    }
    parts = [
        f"(?P<text>{'|'.join(_text_pattern(k) for k in sorted(texts, key=len, reverse=True))})"
    ]
    parts += [
        r"(?P<letter>(?<![A-Za-z0-9_À-ɏ\\])(?<![A-Za-z0-9]['’.\-])[A-Za-z]"
        r"(?![A-Za-z0-9_À-ɏ+\#])(?!['’\-][A-Za-z0-9])(?!\.[A-Za-z](?![A-Za-z])))"
    ]
    if kana:
        parts.append(rf"(?P<kana>(?<![ァ-ヴー一-龯])[{_KANA}](?![ァ-ヴー一-龯]))")
    if not numeric:
        parts.append(
            r"(?P<digit>(?<![A-Za-z0-9_/\-])(?<!\d[.:,])[1-9](?![A-Za-z0-9_%])(?![.:/,\-]\d))"
        )
    return _Grammar(re.compile("|".join(parts if texts else parts[1:])), texts, len(choices))


def _key(text: str) -> str:
    return " ".join(text.lower().split()).strip(_ENDS)


def _text_pattern(key: str) -> str:
    body = r"\s".join(re.escape(word) for word in key.split())
    before = r"(?<![A-Za-z0-9])" if _ASCII_WORD.match(key[0]) else ""
    after = r"(?![A-Za-z0-9])" if _ASCII_WORD.match(key[-1]) else ""
    return f"{before}(?i:{body}){after}"


def _index(match: re.Match[str], grammar: _Grammar) -> int | None:
    found = match.group()
    match match.lastgroup:
        case "text":
            return grammar.texts.get(_key(found))
        case "letter":
            return ord(found.upper()) - ord("A")
        case "kana":
            return _KANA.index(found)
        case _:
            return int(found) - 1


def _mentions(text: str, grammar: _Grammar, marks: dict[int, tuple[str, int]]) -> list[_Mention]:
    raw = [
        _Mention(index, m.start(), m.end(), m.lastgroup == "text", "bare")
        for m in grammar.token.finditer(text)
        if (index := _index(m, grammar)) is not None
    ]
    joined = _join_letters_and_texts(text, raw)
    kinds = [m._replace(kind=_kind(text, m, marks, grammar.count)) for m in joined]
    kept = [
        m if m.index < grammar.count else m._replace(index=_NOT_OFFERED)
        for m in kinds
        if m.kind != "ignored"
    ]
    return _link(text, kept)


def _join_letters_and_texts(text: str, raw: list[_Mention]) -> list[_Mention]:
    """Fold "B: text of B" and "text of B (B)" into one mention; note where the two disagree."""
    joined: list[_Mention] = []
    for mention in raw:
        last = joined[-1] if joined else None
        if last is not None and last.is_text != mention.is_text and _attached(text, last, mention):
            clash = last.conflict or last.index != mention.index
            joined[-1] = last._replace(end=mention.end, conflict=clash, is_text=True)
        else:
            joined.append(mention)
    return joined


def _attached(text: str, first: _Mention, second: _Mention) -> bool:
    gap = text[first.end : second.start]
    if len(gap) > 16:
        return False
    if gap == " " and text[first.start] in "AaIi" and first.index != second.index:
        return False  # an article, not a letter
    if first.is_text:
        return bool(_BRACKETED.fullmatch(gap))
    if not _ATTACHED.fullmatch(gap) or not gap:
        return False
    short = second.end - second.start <= _SHORT_TEXT
    return (
        not short
        or cues.LINE_END.match(text, second.end) is not None
        or (text[second.end : second.end + 1] in ",.:;、。)」")
    )


def _kind(text: str, m: _Mention, marks: dict[int, tuple[str, int]], count: int) -> _Kind:
    start = m.start - _article(text, m)
    mark = marks.get(m.start, marks.get(start, ("", 0)))[0]
    before = text[max(0, start - _BEFORE) : start]
    if start > _BEFORE:
        before = "\0" + before  # so that ^ does not match in the middle of a text
    line_start = cues.LINE_START.search(before) is not None
    line_end = cues.LINE_END.match(text, m.end)
    fills_line = line_end is not None and (line_start or mark == "wrap")
    if m.index >= count:
        final = mark == "strong" or (fills_line and m.end - m.start == len(text))
        label = text[m.start].isupper() and cues.EDGE.match(text, m.end)
        return "strong" if final and label else "ignored"
    if not m.is_text and not _is_label(text, m, bool(mark), line_start and fills_line):
        return "named" if _enumerated(text, m, line_start) else "ignored"
    if mark == "against" or cues.REJECTED.match(text, m.end):
        return "against"
    if mark == "strong":
        return "strong"
    if line_end and fills_line:
        return _alone(text, line_end.end(), before)
    if mark == "stated" or _says_so(text, m, mark, before):
        return "stated"
    return "named" if mark == "named" or _leads(text, m, before, line_start) else "bare"


def _article(text: str, m: _Mention) -> int:
    """Give the length of an article before a choice's text, as in "the grandfather"."""
    found = _ARTICLE.search(text[max(0, m.start - 5) : m.start]) if m.is_text else None
    return len(found.group()) if found else 0


def _alone(text: str, end: int, before: str) -> _Kind:
    """Rate a choice that fills a line: the last line is the answer, a first line states it."""
    if end == len(text):
        return "alone"
    return "first" if not before.startswith("\0") and "\n" not in before else "named"


def _is_label(text: str, m: _Mention, marked: bool, alone: bool) -> bool:
    """Tell a label from a word: "A dog", "I think" and "3 people" name no choice."""
    if alone:
        return True
    label = text[m.start]
    if cues.EDGE.match(text, m.end):
        return marked or label.isupper() or label in _KANA
    if not label.isupper():
        return False
    if label in "AI":
        return cues.WORD_EDGE.match(text, m.end) is not None or m.end - m.start > 1
    return marked or cues.WORD_EDGE.match(text, m.end) is not None


def _enumerated(text: str, m: _Mention, line_start: bool) -> bool:
    return line_start and text[m.end : m.end + 1] in (")", ".", ":", "]", "」")


def _says_so(text: str, m: _Mention, mark: str, before: str) -> bool:
    if not m.is_text and cues.CONFIRMED.match(text, m.end):
        return True
    begins = cues.SENTENCE_START.search(before) is not None or mark == "wrap"
    return begins and cues.COPULA.match(text, m.end) is not None


def _leads(text: str, m: _Mention, before: str, line_start: bool) -> bool:
    if not before.startswith("\0") and line_start and "\n" not in before:
        return cues.LEADING.match(text, m.end) is not None
    following = text[m.end : m.end + 2]
    if m.is_text:
        return False
    if line_start:
        return following[:1] in (")", ".", ":", "]", "」")
    spaced = before[-1:] in (" ", "(")
    return spaced and following[:1] in (")", ":") or (spaced and following == ". ")


# --- lists and the verdict -----------------------------------------------------------------


def _link(text: str, mentions: list[_Mention]) -> list[_Mention]:
    """Follow "A or B", "not A or B" and "A and B are wrong" from one mention to the next."""
    linked = list(mentions)
    for i in range(len(linked) - 2, -1, -1):
        here, following = linked[i], linked[i + 1]
        gap = here.end, following.start
        if here.index == following.index:
            continue
        if here.kind == "against" and cues.BUT.fullmatch(text, *gap):
            linked[i + 1] = _weaker(following, "stated")
        elif cues.LINK.fullmatch(text, *gap):
            linked[i : i + 2] = _pair(here, following)
    return [m._replace(conditional=cues.CONDITIONAL.match(text, m.end) is not None) for m in linked]


def _pair(here: _Mention, following: _Mention) -> list[_Mention]:
    if following.kind == "against":
        return [_weaker(here, "against"), following]
    if here.kind == "against":
        return [here, _weaker(following, "against")]
    if following.kind == "strong":
        return [here, following]
    return [here._replace(listed=True), following._replace(listed=True)]


def _weaker(m: _Mention, kind: _Kind) -> _Mention:
    return m._replace(kind=kind) if m.kind == "bare" else m


def _after_last_marker(mentions: list[_Mention], marks: dict[int, tuple[str, int]]) -> int:
    """Find the last "Answer:"; whatever was said before it is no longer the answer."""
    strong = [start for kind, start in marks.values() if kind == "strong"]
    last = max(strong, default=0)
    marked = [m.start for m in mentions if m.kind in ("strong", "alone")]
    return last if max(marked, default=-1) < last else 0


def _decide(text: str, mentions: list[_Mention], since: int) -> ChoiceReading:
    current = [m for m in mentions if m.start >= since]
    if marked := [m for m in current if m.kind in ("strong", "alone")]:
        return _last_marked(text, marked, current)
    if stated := [m for m in current if m.kind in ("stated", "first")]:
        return _one_of(text, stated, current, "stated")
    if named := [m for m in current if m.kind == "named"]:
        return _one_of(text, named, current, "named")
    if any(m.listed for m in current):
        return ChoiceReading(None, "several_answers", _span(text, current[0]))
    rejected = [m for m in current if m.kind == "against"]
    if rejected:
        return ChoiceReading(None, "negated_only", _span(text, rejected[-1]))
    return ChoiceReading(None, "no_answer", "")


def _last_marked(text: str, marked: list[_Mention], all_of: list[_Mention]) -> ChoiceReading:
    """Take the last marked choice, unless another stands right beside it, or it ends a list."""
    last = marked[-1]
    if last.kind == "alone":
        return _last_line(text, last, all_of)
    beside = [m for m in marked[-2:-1] if m.index != last.index]
    if beside and len(text[beside[0].end : last.start].split()) <= 2:
        return ChoiceReading(None, "several_answers", _span(text, last))
    return _reading(text, last, all_of, "marked")


def _last_line(text: str, last: _Mention, all_of: list[_Mention]) -> ChoiceReading:
    before = [m for m in all_of if m.start < last.start and m.index != last.index]
    if before:
        previous = before[-1]
        follows = text[previous.end : last.start].strip(_ENDS + "\n-•・#>") == ""
        in_order = previous.index + 1 == last.index and previous.kind != "against"
        opens = any(m.kind == "first" for m in before)
        if opens or (follows and in_order):
            return ChoiceReading(None, "several_answers", _span(text, last))
    return _reading(text, last, all_of, "alone")


def _one_of(
    text: str, found: list[_Mention], all_of: list[_Mention], reason: Reason
) -> ChoiceReading:
    last = found[-1]
    others = [m for m in found if m.index != last.index]
    if others:
        between = text[max(others[-1].end, last.start - 200) : last.start]
        if reason != "stated" or not cues.TURN.search(between):
            return ChoiceReading(None, "several_answers", _span(text, last))
    return _reading(text, last, all_of, reason)


def _reading(text: str, m: _Mention, all_of: list[_Mention], reason: Reason) -> ChoiceReading:
    span = _span(text, m)
    if m.index == _NOT_OFFERED:
        return ChoiceReading(None, "out_of_range", span)
    if m.conflict:
        return ChoiceReading(None, "conflict", span)
    depends = m.conditional and any(o.conditional and o.index != m.index for o in all_of)
    if m.listed or depends:
        return ChoiceReading(None, "several_answers", span)
    return ChoiceReading(chr(ord("A") + m.index), reason, span)


def _span(text: str, m: _Mention) -> str:
    return text[m.start : min(m.end, m.start + _SHOWN)]
