"""Finds every mention of a choice in an answer, and tells what the answer says about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from tenken.scorers._choice.context import (
    LEAD_IN,
    Kind,
    Mention,
    article,
    before,
    closes,
    concludes,
    cues,
    implied,
    is_cut,
    is_of_others,
    is_subject,
    is_symbol,
    opens,
)
from tenken.scorers._choice.text import key

NOT_OFFERED = -1
MAX_CHOICES = 26
_KANA = "アイウエオカキクケコ"
# A text this short is a word that turns up by chance ("no" in "no one", はい in はいい).
_SHORT_TEXT = 5
_LONGEST_GAP = 16
_ASCII_WORD = re.compile(r"[A-Za-z0-9]")
_LETTER = (
    r"(?P<letter>(?<![A-Za-z0-9_À-ɏ\\])(?<!\d )(?<!\bln\()"
    r"(?<!\b(?:log|sin|cos|tan|exp)\()(?<!\b[fghPFG]\()"
    r"(?<![A-Za-z0-9]['.\-])[A-Za-z]"
    r"(?![A-Za-z0-9_À-ɏ+\#])(?!'(?!s (?:the|correct|right)\b)[A-Za-z0-9])"
    r"(?!-[A-Za-z0-9])(?!\.[A-Za-z](?![A-Za-z])))"
)
_KANA_LABEL = (
    rf"(?P<kana>(?:(?<![ァ-ヴー一-龯])|(?<=選択肢)|(?<=記号)|(?<=正解))[{_KANA}](?![ァ-ヴー一-龯]))"
)
_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip
_NTH = rf"(?:(?i:{'|'.join(_ORDINALS)})|[1-9](?:st|nd|rd|th))"
_ORDINAL = (
    rf"(?P<ordinal>\b(?i:the )?{_NTH} (?i:options?|choices?|one|answer|alternative|statement)\b"
    rf"|\b(?i:the ){_NTH}(?=[.!]?\s*$))"
)
_ORDER = re.compile(
    rf"\b(?:{'|'.join(_ORDINALS)}|\d(?:st|nd|rd|th))\b|[一二三四五六七八九](?:番|つ)目"
)
# 一番 is also "most", and names a choice where it is all that is said.
_COUNTED = (
    r"(?P<counted>[一二三四五六七八九](?=番目|つ目)|[二三四五六七八九](?=番(?:[でがをのに。]|$))"
    r"|(?<=第)[一二三四五六七八九](?=の?選択肢)|(?<![^\n])[一二三四五六七八九](?=番?(?:です)?。?$))"
)
_KANJI = "一二三四五六七八九"
_DIGIT = r"(?P<digit>(?<![A-Za-z0-9_/\-])(?<!\d[.:,])[1-9](?![A-Za-z0-9_%])(?![.:/,\-]\d))"


@dataclass(frozen=True)
class Found:
    """The mentions in an answer, in order.

    Attributes:
        mentions: All that were not ignored.
        last_marker: Start of the last "Answer:" that leads to no choice and comes behind all
            that do, else 0; whatever is before it is no longer the answer.
    """

    mentions: list[Mention]
    last_marker: int


class _Mark(NamedTuple):
    kind: str
    start: int


def find_mentions(text: str, choices: tuple[str, ...], *, kana: bool) -> Found:
    """Find the mentions of choices in a text.

    Args:
        text: Normalised text.
        choices: Texts of the choices; those past the 26th have no letter and are left out.
        kana: Whether ア, イ, ... name choices.

    Returns:
        The mentions, and the place of the last marker without a choice.
    """
    grammar = _grammar(choices[:MAX_CHOICES], kana)
    marks = _marks(text)
    mentions = []
    for mention in _joined(text, grammar):
        kind = _kind(text, mention, marks, grammar.count)
        if kind != "ignored":
            choice = mention.choice if mention.choice < grammar.count else NOT_OFFERED
            mentions.append(mention._replace(kind=kind, choice=choice))
    return Found(_linked(text, mentions), _last_marker(mentions, marks))


def _marks(text: str) -> dict[int, _Mark]:
    """Map the place where each cue ends, and so a choice may begin, to the cue."""
    found = {m.end(): _Mark(m.lastgroup or "", m.start()) for m in cues.marks.finditer(text)}
    # "It was B" is an answer as a sentence of its own, not in "nobody says that it was B".
    return {
        end: mark
        for end, mark in found.items()
        if mark.kind != "wrap" or cues.sentence_start.search(before(text, mark.start))
    }


@dataclass(frozen=True)
class _Grammar:
    token: re.Pattern[str]
    texts: dict[str, int]
    count: int


@lru_cache(maxsize=256)
def _grammar(choices: tuple[str, ...], kana: bool) -> _Grammar:
    """Build the pattern that finds every way to name one of these choices, longest text first."""
    keys = [key(choice) for choice in choices]
    asking = {name for name, each in zip(keys, choices, strict=True) if each.strip()[-1:] in "??"}
    texts = {
        name: i
        for i, name in enumerate(keys)
        if name and keys.count(name) == 1 and not (len(name) == 1 and "a" <= name <= "z")
    }
    parts = [_LETTER]
    if texts:
        longest_first = sorted(texts, key=len, reverse=True)
        parts.insert(
            0,
            f"(?P<text>{'|'.join(_text_pattern(name, name in asking) for name in longest_first)})",
        )
    if kana and not any(len(name) == 1 and name in _KANA for name in keys):
        parts.append(_KANA_LABEL)
    if not any(name[:1].isdigit() for name in keys):
        parts.append(_DIGIT)
    if not any(_ORDER.search(name) for name in keys):
        parts += [_ORDINAL, _COUNTED]
    return _Grammar(re.compile("|".join(parts)), texts, len(choices))


def _text_pattern(name: str, asking: bool) -> str:
    body = r"\s".join(re.escape(word) for word in name.split())
    before = r"(?<![A-Za-z0-9])" if _ASCII_WORD.match(name[0]) else ""
    after = r"(?![A-Za-z0-9])" if _ASCII_WORD.match(name[-1]) else ""
    if name[0].isdigit():  # not the 2 of -2 or 1.2
        before += r"(?<!\W-)(?<!\A-)(?<!\d[.,])"
    if name[-1].isdigit():  # nor that of 2.5
        after += r"(?![.,]\d)"
    if not name.isascii():  # 「正しい記号はB」 names B alone
        after += r"(?!記号|選択肢|もの|のは|番号|答え|回答|解答)"
    own_mark = r"\??" if asking else ""  # "B. To what end?" asks nothing
    own_stop = r"(?:[.。](?=[」』\"']))?"
    return f"{before}(?i:{body}){after}{own_mark}{own_stop}"


def _mention(match: re.Match[str], grammar: _Grammar) -> Mention | None:
    found = match.group()
    match match.lastgroup:
        case "text":
            # Upper and lower case may differ in more than the pattern sees (dotted I).
            choice = grammar.texts.get(key(found), NOT_OFFERED)
            return None if choice < 0 else Mention(choice, match.start(), match.end(), 0)
        case "letter":
            choice = ord(found.upper()) - ord("A")
        case "kana":
            choice = _KANA.index(found)
        case "counted":
            choice = _KANJI.index(found)
        case "ordinal":
            word = found.lower().removeprefix("the ").split()[0]
            choice = int(word[0]) - 1 if word[0].isdigit() else _ORDINALS.index(word)
        case _:
            choice = int(found) - 1
    return Mention(choice, match.start(), match.end(), match.end())


def _joined(text: str, grammar: _Grammar) -> list[Mention]:
    """List mentions, with "B: text of B" and "text of B (B)" as one; note where they disagree."""
    joined: list[Mention] = []
    for match in grammar.token.finditer(text):
        mention = _mention(match, grammar)
        if mention is None:
            continue
        symbol = joined and joined[-1].choice >= grammar.count and text[joined[-1].start].islower()
        if joined and not symbol and _attached(text, joined[-1], mention):
            last = joined[-1]
            clash = last.conflict or last.choice != mention.choice
            joined[-1] = last._replace(end=mention.end, conflict=clash)
        else:
            joined.append(mention)
    return joined


def _attached(text: str, first: Mention, second: Mention) -> bool:
    gap = text[first.end : min(second.start, first.end + _LONGEST_GAP)]
    if second.start - first.end > _LONGEST_GAP or bool(first.label_end) == bool(second.label_end):
        return False
    if not first.label_end:
        return cues.bracketed.fullmatch(gap) is not None
    if first.end != first.label_end or not cues.attached.fullmatch(gap):
        return False
    if gap == " " and text[first.start] in "AaIi" and first.choice != second.choice:
        return False  # an article or a pronoun, not a letter
    short = second.end - second.start <= _SHORT_TEXT
    return not short or cues.short_text_edge.match(text, second.end) is not None


def _kind(  # noqa: PLR0911 - one rule after the other, the strongest first
    text: str, m: Mention, marks: dict[int, _Mark], count: int
) -> Kind:
    start = m.start - article(text, m)
    behind_sign = m.start + (text[m.start] == "-")  # a cue takes the sign of "is -2" for a dash
    cue = marks.get(m.start) or marks.get(start) or marks.get(behind_sign)
    mark = (cue or _Mark("", 0)).kind
    lead = before(text, start)
    line_start = cues.line_start.search(lead) is not None
    line_end = cues.line_end.match(text, m.end)
    if m.choice >= count:
        final = mark == "strong" or (line_start and m.end - m.start == len(text.strip("().[]: ")))
        label = text[m.start].isupper() and cues.edge.match(text, m.end)
        return "strong" if final and label else "ignored"
    if m.end == m.label_end and not _is_label(text, m, bool(mark), bool(line_start and line_end)):
        return "named" if line_start and _delimited(text, m) else "ignored"
    if _spared(text, m, mark):
        return "stated"
    if mark in ("against", "except") or cues.rejected.match(text, m.end):
        return "against"
    if mark == "strong":
        return "strong"
    if line_start or cues.sentence_start.search(lead) or lead.endswith((", ", "、", ', "', ", '")):
        judged = _judged_item(text, m)
        if judged is not None:
            return judged
    if is_symbol(text, m) or is_of_others(text, m, cue.start if cue else start):
        return "bare"
    if line_end and (line_start or mark == "wrap"):
        return _fills_line(text, line_end.end(), lead)
    if closes(text, m, start):
        return "closing"
    said = _said(text, m, mark, lead)
    if said != "bare":
        return said
    finds = concludes(text, m) or is_subject(text, m, lead) or implied(text, m)
    return "found" if finds else "bare"


def _spared(text: str, m: Mention, mark: str) -> bool:
    """Tell whether all others are wrong ("all but B are wrong", 「B以外は誤り」), or "B? Yes"."""
    spared = cues.spared.match(text, m.end)
    return spared is not None and (mark == "except" or spared.lastgroup is not None)


def _judged_item(text: str, m: Mention) -> Kind | None:
    """Return what a list of all choices says of one: "B. Correct.", "A) Paris - false"."""
    if cues.denied.match(text, m.end):
        return "against"
    return "stated" if cues.affirmed.match(text, m.end) else None


def _is_label(text: str, m: Mention, marked: bool, alone: bool) -> bool:
    """Tell a label from a word: "A dog", "I think" and "3 people" name no choice."""
    label = text[m.start]
    if alone or m.end - m.start > 1 or label in _KANJI:
        return True
    edge = cues.edge.match(text, m.end) is not None
    if label.isdigit():
        return (marked and edge) or cues.numbered.match(text, m.end) is not None
    if edge:
        return marked or label.isupper() or label in _KANA
    return label.isupper() and ((marked and label not in "AI") or _is_followed(text, m, label))


def _is_followed(text: str, m: Mention, label: str) -> bool:
    if label == "I":
        return text.startswith(" is ", m.end)
    follows = label != "A" and cues.word_follows.match(text, m.end) is not None
    return follows or cues.word_edge.match(text, m.end) is not None


def _fills_line(text: str, end: int, lead: str) -> Kind:
    if end == len(text):
        return "alone"
    return "first" if opens(lead) else "named"


def _delimited(text: str, m: Mention) -> bool:
    return text[m.label_end : m.label_end + 1] in (")", ".", ":", "]", "」")


def _said(text: str, m: Mention, mark: str, lead: str) -> Kind:
    if cues.question.match(text, m.end) and not (mark == "wrap" and cues.modest.match(text, m.end)):
        return "bare"
    begins = cues.sentence_start.search(lead) is not None or mark == "wrap"
    if mark == "stated" or (begins and cues.copula.match(text, m.end)):
        return "stated"
    labelled = m.label_end or begins or text[m.end : m.end + 1] == ")"
    supposed = cues.supposes.search(text[max(0, m.start - 2 * LEAD_IN) : m.start])
    if labelled and not supposed and cues.confirmed.match(text, m.end):
        return "stated"
    named = mark == "named" or (mark == "wrap" and cues.wrapped.match(text, m.end))
    return "named" if named or _leads(text, m, lead) else "bare"


def _leads(text: str, m: Mention, lead: str) -> bool:
    """Tell whether a mention opens the text ("B, since ...") or an item of a list ("B) ...")."""
    line_start = cues.line_start.search(lead) is not None
    if line_start and opens(lead):
        return cues.leading.match(text, m.label_end or m.end) is not None
    if not m.label_end:
        return False
    following = text[m.label_end : m.label_end + 2]
    listed = lead[-1:] in (" ", "(") and (
        following[:1] in (")", ":") or (following == ". " and m.end > m.label_end)
    )
    return listed or (line_start and _delimited(text, m) and not is_cut(text, m))


def _linked(text: str, mentions: list[Mention]) -> list[Mention]:
    """Follow "A or B", "not A or B" and "A and B are wrong" from one mention to the next."""
    linked = list(mentions)
    for i in range(len(linked) - 2, -1, -1):
        here, following = linked[i], linked[i + 1]
        gap = here.end, following.start
        if here.choice == following.choice:
            continue
        if here.kind == "against" and cues.but.fullmatch(text, *gap):
            linked[i + 1] = _unless_said(following, "stated")
        elif following.kind == "stated" and here.kind != "stated" and text[slice(*gap)] == ", ":
            continue  # "not A and B, C remains"
        elif cues.link.fullmatch(text, *gap):
            linked[i : i + 2] = _pair(here, following)
    return [m._replace(conditional=bool(cues.conditional.match(text, m.end))) for m in linked]


def _pair(here: Mention, following: Mention) -> list[Mention]:
    if following.kind == "against":
        return [_unless_said(here, "against"), following]
    if here.kind == "against":
        return [here, _unless_said(following, "against")]
    if following.kind == "strong":
        return [here, following]
    return [here._replace(listed=True), following._replace(listed=True)]


def _unless_said(m: Mention, kind: Kind) -> Mention:
    return m._replace(kind=kind) if m.kind == "bare" else m


def _last_marker(mentions: list[Mention], marks: dict[int, _Mark]) -> int:
    last = max((m.start for m in marks.values() if m.kind == "strong"), default=0)
    led_to = max((m.start for m in mentions if m.kind in ("strong", "alone")), default=-1)
    return last if led_to < last else 0
