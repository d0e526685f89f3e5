"""Asking a grader model for a verdict in a fixed form, and taking nothing else for one.

The text that is judged is hostile: it is put in a block of its own whose closing mark it cannot
know, with hidden characters made visible. The grader's reply is a JSON object of the exact form,
a few words around it at most, or it is asked once more, or there is no verdict.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ModelOutput,
    ResponseSchema,
)
from inspect_ai.util import json_schema
from pydantic import BaseModel, ValidationError

from tenken.answer import parts

MOST_CHARACTERS = 24_000
"""Longest text that is shown to a grader whole; of a longer one, the beginning and the end."""

REPLY_TOKENS = 700
"""Tokens of a reply, where the grader's own settings do not grant more."""

_WORDS_AROUND = 300
_PLAIN_SPACE = "\n\t"
_HIDDEN = ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
_FENCE = "```"

ReplyT = TypeVar("ReplyT", bound=BaseModel)


@dataclass(frozen=True)
class Judged(Generic[ReplyT]):
    """What a grader said.

    Attributes:
        reply: The verdict in its form, or None.
        reason: Why there is none: `judge_reply_invalid`, `judge_blocked`, `judge_failed_...`.
        grader: Name of the grader model.
        attempts: How often it was asked.
        replies: What it wrote, each time it was asked.
    """

    reply: ReplyT | None
    reason: str
    grader: str
    attempts: int
    replies: tuple[str, ...] = ()


def block(name: str, text: str) -> str:
    """Return `text` between two marks that it cannot forge.

    The marks hold a digest of the text itself: to contain its own closing mark, a text would
    have to contain its own digest. Control and format characters are written out.

    Args:
        name: What the block holds, such as `ANSWER`.
        text: Hostile text.
    """
    shown = visible(shortened(text))
    mark = hashlib.sha256(f"{name}\0{shown}".encode()).hexdigest()[:24]
    return f"[BEGIN {name} {mark}]\n{shown}\n[END {name} {mark}]"


def visible(text: str) -> str:
    """Return the text with every hidden character written as its code point."""
    return "".join(
        char
        if char in _PLAIN_SPACE or unicodedata.category(char) not in _HIDDEN
        else f"<U+{ord(char):04X}>"
        for char in text
    )


def shortened(text: str) -> str:
    """Return the text, or the beginning and end of one that is too long, saying so."""
    if len(text) <= MOST_CHARACTERS:
        return text
    half = MOST_CHARACTERS // 2
    left_out = len(text) - 2 * half
    return f"{text[:half]}\n[... {left_out} characters left out ...]\n{text[-half:]}"


def parse_reply(text: str, form: type[ReplyT]) -> ReplyT | None:
    """Return the reply if the whole text is one JSON object of the form, else None.

    A single code fence around the object is allowed; a word before or after it is not, nor a key
    that is listed twice or is not in the form.

    Args:
        text: What the grader wrote.
        form: The pydantic model of the reply.
    """
    stripped = text.strip()
    if stripped.startswith(_FENCE) and stripped.endswith(_FENCE) and stripped.count(_FENCE) == 2:
        stripped = stripped[len(_FENCE) : -len(_FENCE)].removeprefix("json").strip()
    try:
        raw = json.loads(stripped, object_pairs_hook=_no_key_twice)
        return form.model_validate(raw, strict=True) if isinstance(raw, dict) else None
    except (ValueError, ValidationError, RecursionError):
        return None


def find_reply(text: str, form: type[ReplyT], material: str) -> ReplyT | None:
    """Return the reply in what a grader wrote: the whole of it, or one object among a few words.

    An object with another brace before or after it, or one that is in the judged material
    itself, is a quotation and no verdict.

    Args:
        text: What the grader wrote.
        form: The pydantic model of the reply.
        material: What the grader was shown.
    """
    whole = parse_reply(text, form)
    if whole is not None:
        return whole
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start or start > _WORDS_AROUND or len(text) - end > _WORDS_AROUND:
        return None
    found = text[start : end + 1]
    return None if visible(found) in material else parse_reply(found, form)


async def ask_grader(
    grader: Model,
    instructions: str,
    material: str,
    form: type[ReplyT],
    fallback: Callable[[str], ReplyT | None] | None = None,
) -> Judged[ReplyT]:
    """Ask a grader for a reply of the form, once more if the first is not of it.

    No failure of the grader escapes: each becomes a reason for there being no verdict.

    Args:
        grader: The grader model.
        instructions: The rubric, as the system message.
        material: What is to be judged, in blocks.
        form: The pydantic model of the reply.
        fallback: Reads a reply that is not of the form, such as one in lines.
    """
    replies: list[str] = []
    turns: list[ChatMessage] = [
        ChatMessageSystem(content=instructions),
        ChatMessageUser(content=material),
    ]
    name = str(grader)
    for attempt in (1, 2):
        try:
            output = await grader.generate(turns, config=_config(grader, form))
        except Exception as error:  # any failure of a grader is the same to the score
            reason = f"judge_failed_{type(error).__name__}"
            return Judged(None, reason, name, attempt, tuple(replies))
        replies.append(output.completion[:MOST_CHARACTERS])
        if output.stop_reason == "content_filter":
            return Judged(None, "judge_blocked", name, attempt, tuple(replies))
        said = parts(output.completion)
        reply = None if said.unfinished else find_reply(said.answer, form, material)
        if reply is None and fallback is not None and not said.unfinished:
            reply = fallback(said.answer)
        if reply is not None:
            return Judged(reply, "", name, attempt, tuple(replies))
        turns = [*turns, *_once_more(output, form)]
    return Judged(None, "judge_reply_invalid", name, 2, tuple(replies))


def _config(grader: Model, form: type[BaseModel]) -> GenerateConfig:
    """Return what a reply needs; temperature and a larger limit are the grader's own settings."""
    schema = ResponseSchema(name=form.__name__.lower(), json_schema=json_schema(form), strict=True)
    return GenerateConfig(
        max_tokens=max(grader.config.max_tokens or 0, REPLY_TOKENS), response_schema=schema
    )


def _once_more(output: ModelOutput, form: type[BaseModel]) -> Sequence[ChatMessage]:
    keys = ", ".join(form.model_fields)
    return [
        ChatMessageAssistant(content=parts(output.completion).answer[:2_000] or "(empty)"),
        ChatMessageUser(
            content=f"That is not the required form. Reply with one JSON object with exactly the "
            f"keys {keys}, and nothing before or after it."
        ),
    ]


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is listed twice")
    return found
