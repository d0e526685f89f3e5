"""What of a model's text is the answer: the one place that sets reasoning and end tokens apart.

Running, calibration, re-scoring, review and the reading of logs all take the answer from here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Final

MOST_CHARACTERS: Final = 100_000
"""Longest answer that is kept and scored whole; of a longer one, the beginning and the end."""

_HEAD: Final = 60_000
_NAMES: Final = (
    r"(?:[a-z]{1,12}:|longcat_)?(?:think(?:ing)?|thoughts?|reasoning)"
    r"(?:_(?:process|content|trace|fast|faster))?"
    r"|antthinking|scratchpad|inner_monologue|chain_of_thought"
)
_TAGS: Final = (
    (rf"[<＜]\s*(?:{_NAMES})(?:\s[^<>＜＞]*)?(?<!/)[>＞]", rf"[<＜]\s*/\s*(?:{_NAMES})\s*[>＞]"),
    (rf"&lt;(?:{_NAMES})&gt;", rf"&lt;/(?:{_NAMES})&gt;"),
    (r"\[(?:THINK|THINKING|REASONING)\]", r"\[/(?:THINK|THINKING|REASONING)\]"),
    (r"【(?:思考|推論)】", r"【/(?:思考|推論)】"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|(?:think|thinking|thought)\|>", r"<\|/(?:think|thinking|thought)\|>"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
    (r"<\|inner_prefix\|>", r"<\|inner_suffix\|>"),
    (r"<\|channel>thought\b", r"<channel\|>"),
    (r"<unused94>thought\b", r"<unused95>"),
)  # fmt: skip
_OPEN: Final = re.compile("|".join(each for each, _ in _TAGS), re.I)
_CLOSE: Final = re.compile("|".join(each for _, each in _TAGS), re.I)
_EMPTY: Final = re.compile(rf"[<＜]\s*(?:{_NAMES})\s*/[>＞]", re.I)
"""A thought that was not had."""
_QUOTES: Final = {"`": "`", "'": "'", '"': '"', "「": "」", "『": "』"}
"""An answer may speak of such tags: what is in quotation marks is a word, not a tag."""
_FENCE: Final = re.compile(r"(?m)^[ \t]*(?:```|~~~)")
_CHANNEL: Final = re.compile(
    r"<\|channel\|>\s*(\w+)[^<]{0,99}(?:<\|(?!channel)[a-z_]+\|>[^<]{0,99}){0,3}?<\|message\|>"
    r"(.*?)(?=<\|end\|>|<\|return\|>|<\|call\|>|<\|start\|>|<\|channel\|>|\Z)",
    re.S,
)
_SPOKEN: Final = (
    re.compile(r"\s*analysis(?=\S)(.*?)assistantfinal(.*)", re.S),
    re.compile(r"\s*analysis(?=[A-Z])(.*)()", re.S),
    re.compile(r"\s*Here(?:'s| is) my thought process:(.*?)(?:Here(?:'s| is) my response:(.*)|\Z)",
               re.S),
)  # fmt: skip
"""The channels of gpt-oss where the server has left their special tokens out; Granite's words."""
_BEGUN: Final = ("analysis", "Here is my thought", "Here's my thought")
_MARKS: Final = (
    r"<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|end|return|eot|end_of_turn|START_RESPONSE"
    r"|END_RESPONSE|END_OF_TURN_TOKEN|end▁of▁sentence|begin_of_solution|end_of_solution|endofturn"
    r"|end_of_role|role_end|end_of_sentence|endofprompt|eod|eos|eom|EOT|user|plamo:eos)\|>"
    r"|<｜end▁of▁sentence｜>|</s>|<end_of_turn>|<eos>|<EOT>|<pad>|\[/?EOS\]|\[e~\["
    r"|\[\|endofturn\|\]"
)
_LONGEST_MARK: Final = 32
_SIGN: Final = re.compile("[<\\[◁＜【]|&lt;")
"""Every form of reasoning and every token of these forms has one of them."""
_AT_END: Final = re.compile(rf"(?:{_MARKS})\Z")
_AT_START: Final = re.compile(
    rf"(?:{_MARKS}|<bos>|<\|begin_of_text\|>"
    r"|<\|(?:im_start|start)\|>assistant(?:<\|message\|>)?|<start_of_turn>model"
    r"|<\|start_header_id\|>assistant<\|end_header_id\|>)"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """A model's text, taken apart.

    Attributes:
        answer: What counts as said, without end tokens.
        thought: The reasoning before or inside it, without its tags; empty for none.
        unfinished: Whether the reasoning never came to its end.
    """

    answer: str
    thought: str = ""
    unfinished: bool = False


def parts(text: str) -> Parts:
    """Return the answer in a model's text, with reasoning in every form that is known set apart.

    Taking the answer apart once more changes nothing.

    Args:
        text: The text as the endpoint gave it.
    """
    if text.lstrip().startswith(_BEGUN):
        spoken = next((found for each in _SPOKEN if (found := each.fullmatch(text))), None)
        if spoken:
            answer = _without_tokens((spoken[2] or "").strip())
            return Parts(answer, spoken[1].strip(), unfinished=not spoken[2])
    if not _SIGN.search(text):
        return Parts(text)  # nearly all
    if "<|channel|>" in text:
        return _by_channel(text)
    thoughts: list[str] = []
    rest, unfinished = _without_blocks(_EMPTY.sub("", text), thoughts)
    answer = _without_tokens(rest if rest == text else rest.strip())
    return Parts(answer, "\n\n".join(filter(None, thoughts)), unfinished)


def shortened(answer: str) -> str:
    """Return the answer, or the beginning and the end of one that is too long, saying so."""
    if len(answer) <= MOST_CHARACTERS:
        return answer
    tail = MOST_CHARACTERS - _HEAD
    left_out = len(answer) - MOST_CHARACTERS
    return f"{answer[:_HEAD]}\n[... {left_out} characters left out ...]\n{answer[-tail:]}"


def _without_blocks(text: str, thoughts: list[str]) -> tuple[str, bool]:
    """Return the text without reasoning, which is added to `thoughts`, and whether it was open."""
    kept, place, words = "", 0, 0
    opened: list[re.Match[str]] = []
    fences = [each.start() for each in _FENCE.finditer(text)]
    tags = [(m, True) for m in _OPEN.finditer(text)] + [(m, False) for m in _CLOSE.finditer(text)]
    for tag, opens in sorted(tags, key=lambda each: each[0].start()):
        if tag.start() < words:
            continue
        if opens:
            words = 0 if opened else _end_of_quotation(text, place, tag, fences)
            opened += [] if words else [tag]
            continue
        before, after = text[tag.start() - 1 : tag.start()], text[tag.end() : tag.end() + 1]
        if after and _QUOTES.get(before) == after:
            continue
        if opened:
            first = opened[0]
            kept += text[place : first.start()]
            thoughts.append(text[first.end() : tag.start()].strip())
        else:  # its opening tag was part of the prompt
            thoughts.append((kept + text[place : tag.start()]).strip())
            kept = ""
        opened, place = [], tag.end()
    # An opening tag inside of a line, never closed, is a word of the answer.
    begun = next((each for each in opened if _begins_a_line(text, each.start(), place)), None)
    if begun is None:
        return kept + text[place:], False
    thoughts.append(text[begun.end() :].strip())
    return kept + text[place : begun.start()], True


def _end_of_quotation(text: str, place: int, tag: re.Match[str], fences: list[int]) -> int:
    """Return where a quotation ends that has an opening tag in it, 0 for a tag in none.

    It is one in marks on one line, or a block of code: a tag in it is shown, and opens nothing.

    Args:
        text: The text.
        place: Where the answer goes on after the last thought.
        tag: The opening tag.
        fences: Where lines begin or end a block of code.
    """
    mark = _QUOTES.get(text[tag.start() - 1 : tag.start()]) if tag.start() > place else None
    if mark is not None:
        line_end = text.find("\n", tag.end())
        ends = text.find(mark, tag.end(), line_end if line_end >= 0 else len(text))
        return max(ends, tag.end())
    after = bisect_left(fences, tag.start())
    inside = (after - bisect_left(fences, place)) % 2 == 1
    return fences[after] if inside and after < len(fences) else 0


def _begins_a_line(text: str, start: int, place: int) -> bool:
    return not text[place:start].rpartition("\n")[2].strip()


def _by_channel(text: str) -> Parts:
    """Return the parts of a text in the channels of gpt-oss: analysis, commentary, final."""
    found = [(each[1], each[2].strip()) for each in _CHANNEL.finditer(text)]
    final = [said for channel, said in found if channel.lower() == "final"]
    thought = "\n\n".join(said for channel, said in found if channel.lower() != "final")
    before = _without_tokens(text.partition("<|channel|>")[0].strip())
    if not final:
        return Parts("", "\n\n".join(filter(None, (before, thought))), unfinished=True)
    return Parts(_without_tokens("\n\n".join(final)), thought)


def _without_tokens(text: str) -> str:
    """Return the text without the tokens that begin and end a turn; untouched where it has none."""
    start, end = _bare(text, 0, len(text))
    bare = start, end
    while True:
        if last := _AT_END.search(text, max(start, end - _LONGEST_MARK), end):
            start, end = _bare(text, start, last.start())
        elif first := _AT_START.match(text, start, end):
            start, end = _bare(text, first.end(), end)
        else:
            return text if bare == (start, end) else text[start:end]


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a part of a text begins and ends without its blanks."""
    while start < end and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end
