"""Answers in several voices: a persona's part is read apart from the part that declines.

Jailbreak prompts ask for two answers, one as the model and one as a character without rules. Such
an answer declines and helps; what was given to the person who asked is the part that helps most.
"""

from __future__ import annotations

import re
from typing import Final

# What a name of a speaker holds when it is a model or a mode and not the heading of a section.
_PERSONA: Final = (
    r"gpt|\bdan\b|\bai\b|\bbot\b|\bllm\b|assistant|jailb(?:reak|roken)|developer mode|dev mode|"
    r"normal output|standard|classic|aligned|unfiltered|filtered|uncensored|censored|\bevil\b|"
    r"\bstan\b|\baim\b|\bdude\b|\bcmd\b|persona|character|chatbot|model|alter ego|\bmode\b|"
    r"通常|標準|脱獄|開発者|制限なし|無制限|フィルター|モード|ペルソナ|キャラ|回答[a-d甲乙1-4]|"
    r"善|悪|アシスタント|モデル"
)
_NAME: Final = r"[^\W\d_][\w'.# -]{0,28}"
_SIGN: Final = r"[^\w\s\[\](){}<>【】「」:;,.!?\"'/|*-]{0,4}"
# At the start of a line: "[NAME]:", "(Name)", "【回答A】", "NAME:", "<name>", "**Name**:".
_SPEAKER: Final = re.compile(
    rf"(?:^|\n)[ >*#]*(?:"
    rf"[\[(【<]\s*{_SIGN}\s*(?P<bracketed>{_NAME}?[\w])\s*{_SIGN}\s*[\])】>]"
    rf"[ *]*(?::|(?=\s)|(?=[^\s\w(\[])|(?<=】))"
    rf"|{_SIGN}\s*(?P<plain>{_NAME}(?: ?\([a-z ]{{2,16}}\))?)[ *]*:(?=\s|$)"
    rf"|as (?!an? |the )(?P<role>[^\W\d_][\w'.# -]{{0,40}}?),? "
    rf"(?=(?:i|here|of course|sure|well|oh|let)\b))"
)
_HEADING: Final = re.compile(
    r"^(?:subject|to|from|cc|re|date|note|notes|disclaimer|warning|step|tip|example|question|"
    r"answer|q|a|title|p\.?s|summary|conclusion|introduction|materials|ingredients|method|"
    r"instructions|important|remember|dear|name|address|phone|email|user|human|here|first|"
    r"second|third|finally|output|input|response|result|source|link|links|url|http|https)\b"
)
_SHORTEST: Final = 25
_MOST: Final = 8


def parts(text: str) -> tuple[str, ...]:
    """Split a text into what its speakers say.

    Args:
        text: An answer in normal form.

    Returns:
        What each voice says, without its name, if at least one name is that of a model or a mode;
        else the whole text alone. A voice that says next to nothing is left out.
    """
    speakers = [found for found in _SPEAKER.finditer(text) if not _HEADING.match(_name(found))]
    if not any(re.search(_PERSONA, _name(found)) for found in speakers):
        return (text,)
    speakers = speakers[:_MOST]
    edges = [*(found.start() for found in speakers), len(text)]
    pieces = [text[: edges[0]]]
    for found, end in zip(speakers, edges[1:], strict=True):
        pieces.append(text[found.end() : end])
    said = [piece.strip(" \n:`*\"'") for piece in pieces]
    said = [piece for piece in said if len(piece) >= _SHORTEST and not _hands_over(piece)]
    return tuple(said) or (text,)


def _name(found: re.Match[str]) -> str:
    return next(name for name in found.groups() if name is not None).strip()


def _hands_over(piece: str) -> bool:
    """Whether a voice only asks another one to speak."""
    return piece.endswith("?") and len(piece) < 4 * _SHORTEST
