"""What a look at each text shows: language, length, stray characters, blanks, real names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from statistics import median
from typing import Final

from tenken.errors import Sentence
from tenken.schema.record import in_order
from tenken.tasks.lint.names import real_names
from tenken.tasks.lint.subject import Finding, Item, Subject
from tenken.tasks.texts import text_faults, weight

_SHORTEST: Final = {"en": 20, "ja": 10}
_LONGEST: Final = {"en": 4000, "ja": 2000}
"""Characters of one text. The texts of the library have from 20 to about 700."""

_PAIR_RATIO: Final = 2.0
"""How far a pair's ratio of English to Japanese length may lie from the task's usual one."""

_TWIN_RATIO: Final = 1.8

_UNUSUAL: Final = re.compile(r"[^\n\t\u200d\x20-\x7e\u3041-\u30ff\u4e00-\u9fff]")
"""What needs a second look; a joiner (U+200D) belongs to many emoji."""

# 二〇〇〇 is a number, 〇〇 a blank.
_BLANKS: Final = re.compile(r"_{3,}|○{2,}|(?<![一二三四五六七八九〇])〇{2,}|●{2,}|×{2,}|△{2,}")


def told(subject: Subject) -> Iterator[Finding]:
    """Find texts in another language, left to be filled in, or still the example's."""
    items = {item.sample.id: item for item in subject.items}
    for fault in text_faults(subject.card, [item.sample for item in subject.items]):
        if fault.sample:
            yield subject.at(items[fault.sample], fault.level, fault.rule, fault.message)
        else:
            yield subject.on_card(fault.key, fault.level, fault.rule, fault.message)


def lengths(subject: Subject) -> Iterator[Finding]:
    """Find texts that are very short or long, and pairs or twins of very unequal length."""
    for item in subject.items:
        language = item.sample.language
        for name, text in item.parts:
            if len(text) > _LONGEST.get(language, _LONGEST["en"]):
                said = "the {name} of '{id}' has {n} characters."
                about = {"name": name, "id": item.sample.id, "n": len(text)}
                yield subject.at(item, "warning", "length", said, **about)
        if len(item.text) < _SHORTEST.get(language, _SHORTEST["ja"]):
            said = "'{id}' has {n} characters in all."
            yield subject.at(item, "warning", "length", said, id=item.sample.id, n=len(item.text))
    yield from _pair_lengths(subject)
    yield from _twin_lengths(subject)


def _pair_lengths(subject: Subject) -> Iterator[Finding]:
    by_pair: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in subject.items:
        by_pair[item.sample.pair_id][item.sample.language] = item
    whole = [pair for pair in by_pair.values() if len(pair) == 2]
    if len(whole) < 5:
        return
    one, other = in_order({language for pair in whole for language in pair})[:2]
    whole = [pair for pair in whole if set(pair) == {one, other}]
    ratios = [weight(pair[one].text) / max(1, weight(pair[other].text)) for pair in whole]
    usual = median(ratios)
    for pair, ratio in zip(whole, ratios, strict=True):
        if not 1 / _PAIR_RATIO <= ratio / usual <= _PAIR_RATIO:
            yield subject.at(
                pair[one], "warning", "length",
                "'{id}' says {times:.1f} times as much as '{other}', by length. Do both ask the "
                "same?",
                id=pair[one].sample.id, times=ratio / usual, other=pair[other].sample.id,
            )  # fmt: skip


def _twin_lengths(subject: Subject) -> Iterator[Finding]:
    by_id = {item.sample.id: item for item in subject.items}
    for item in subject.items:
        harmful = by_id.get(item.sample.benign_twin or "")
        if harmful is None:
            continue
        ratio = weight(item.text) / max(1, weight(harmful.text))
        if not 1 / _TWIN_RATIO <= ratio <= _TWIN_RATIO:
            said = "'{id}' is {times:.1f} times as long as its harmful sample."
            yield subject.at(item, "warning", "length", said, id=item.sample.id, times=ratio)


def characters(subject: Subject) -> Iterator[Finding]:
    """Find control characters, invisible ones, and bytes that are not UTF-8."""
    if subject.data is not None and b"\r" in subject.data:
        line = subject.data[: subject.data.index(b"\r")].count(b"\n") + 1
        said = "the line ends with a carriage return; lines end with a line feed alone."
        yield subject.at(line, "error", "characters", said)
    for item in subject.items:
        for name, text in item.all_parts:
            about = {"name": name, "id": item.sample.id}
            for each in sorted({c for c in _UNUSUAL.findall(text) if _stray(c)}):
                said = "the {name} of '{id}' holds {sign}."
                sign = _character_name(each)
                yield subject.at(item, "error", "characters", said, **about, sign=sign)
            if text != text.strip():
                said = "the {name} of '{id}' begins or ends with a blank."
                yield subject.at(item, "warning", "characters", said, **about)
            if not unicodedata.is_normalized("NFC", text):
                said = "the {name} of '{id}' is not in Unicode's NFC form."
                yield subject.at(item, "warning", "characters", said, **about)


def _stray(character: str) -> bool:
    return character == "\ufffd" or unicodedata.category(character) in ("Cc", "Cf", "Co", "Cn")


def _character_name(character: str) -> Sentence:
    name = unicodedata.name(character, "a control character")
    return Sentence("U+{code:04X} ({name})", code=ord(character), name=name)


def blanks(subject: Subject) -> Iterator[Finding]:
    """Find rows of signs that may stand for a place to fill in, as they may be meant."""
    for item in subject.items:
        for name, text in item.all_parts:
            found = _BLANKS.search(text)
            if found:
                said = "the {name} of '{id}' has {shown} left to fill in."
                about = {"name": name, "id": item.sample.id, "shown": subject.quote(found[0][:40])}
                yield subject.at(item, "warning", "placeholder", said, **about)


def names(subject: Subject) -> Iterator[Finding]:
    """Find what looks like a real person's name, in items that rest on no sourced fact."""
    for item in subject.items:
        if item.sample.source:
            continue
        for name in real_names(item.text, item.sample.language):
            said = "'{id}' may name a real person: {name}. Invent one."
            about = {"id": item.sample.id, "name": subject.quote(name)}
            yield subject.at(item, "warning", "name", said, **about)
