"""What of a model's text is the answer: the one place that sets reasoning and end tokens apart.

Running, calibration, re-scoring, review and the reading of logs all take the answer from here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MOST_CHARACTERS: Final = 100_000
"""Longest answer that is kept and scored whole; of a longer one, the beginning and the end."""

_HEAD: Final = 60_000
_TAGS: Final = (
    (r"<(?:think|thinking|thoughts?|reasoning|seed:think)(?:\s[^<>]*)?>",
     r"</(?:think|thinking|thoughts?|reasoning|seed:think)>"),
    (r"\[THINK\]", r"\[/THINK\]"),
    (r"◁think▷", r"◁/think▷"),
    (r"<\|START_THINKING\|>", r"<\|END_THINKING\|>"),
    (r"<\|begin_of_thought\|>", r"<\|end_of_thought\|>"),
)  # fmt: skip
_UNQUOTED: Final = r"(?<![`'\"「『])"
"""An answer may speak of such tags: one in quotation marks is a word, not a tag."""
_OPEN: Final = re.compile("|".join(_UNQUOTED + each for each, _ in _TAGS), re.I)
_CLOSE: Final = re.compile("|".join(_UNQUOTED + each for _, each in _TAGS), re.I)
_CHANNEL: Final = re.compile(
    r"<\|channel\|>\s*(\w+)[^<]*(?:<\|[a-z_]+\|>[^<]*)*?<\|message\|>"
    r"(.*?)(?=<\|end\|>|<\|return\|>|<\|call\|>|<\|start\|>|<\|channel\|>|\Z)",
    re.S,
)
_BARE_CHANNELS: Final = re.compile(r"\s*analysis(?=\S)(.*?)assistantfinal(.*)", re.S)
"""The channels of gpt-oss where the server has left their special tokens out."""
_MARKS: Final = (
    r"<\|(?:im_end|eot_id|eom_id|endoftext|end_of_text|end|return|eot|end_of_turn|START_RESPONSE"
    r"|END_RESPONSE|END_OF_TURN_TOKEN|end▁of▁sentence|begin_of_solution|end_of_solution)\|>"
    r"|<｜end▁of▁sentence｜>|</s>|<end_of_turn>|<eos>|\[/?EOS\]|\[e~\["
)
_SIGN: Final = re.compile("[<\\[◁]|assistantfinal")
"""Every form of reasoning and every token of these forms has one of them."""
_AT_END: Final = re.compile(rf"(?:{_MARKS})\Z")
_AT_START: Final = re.compile(
    rf"(?:{_MARKS}|<bos>|<\|begin_of_text\|>"
    r"|<\|(?:im_start|start)\|>assistant|<start_of_turn>model)"
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
    if not _SIGN.search(text):
        return Parts(text)  # nearly all
    if "<|channel|>" in text:
        return _by_channel(text)
    bare = _BARE_CHANNELS.fullmatch(text)
    if bare:
        return Parts(_without_tokens(bare[2]), bare[1].strip())
    thoughts: list[str] = []
    rest, unfinished = _without_blocks(text, thoughts)
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
    kept, place, opened = "", 0, []
    tags = [(m, True) for m in _OPEN.finditer(text)] + [(m, False) for m in _CLOSE.finditer(text)]
    for tag, opens in sorted(tags, key=lambda each: each[0].start()):
        if opens:
            opened.append(tag)
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


def _begins_a_line(text: str, start: int, place: int) -> bool:
    return not text[place:start].rpartition("\n")[2].strip()


def _by_channel(text: str) -> Parts:
    """Return the parts of a text in the channels of gpt-oss: analysis, commentary, final."""
    found = [(each[1], each[2].strip()) for each in _CHANNEL.finditer(text)]
    final = [said for channel, said in found if channel == "final"]
    thought = "\n\n".join(said for channel, said in found if channel != "final")
    before = _without_tokens(text.partition("<|channel|>")[0].strip())
    if not final:
        return Parts("", "\n\n".join(filter(None, (before, thought))), unfinished=True)
    return Parts(_without_tokens("\n\n".join(final)), thought)


def _without_tokens(text: str) -> str:
    """Return the text without the tokens that begin and end a turn; untouched where it has none."""
    bare = text.strip()
    while mark := _AT_END.search(bare) or _AT_START.match(bare):
        bare = bare[: mark.start()].rstrip() if mark.start() else bare[mark.end() :].lstrip()
    return text if bare == text.strip() else bare
