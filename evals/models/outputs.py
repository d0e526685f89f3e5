"""What a model returned, made fit for scoring: reasoning apart, bounded length."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from tenken.answer import MOST_CHARACTERS, parts, shortened
from tenken.io.canonical import sha256_bytes

if TYPE_CHECKING:
    from inspect_ai.model import ChatMessageAssistant, ModelOutput

NOT_OFFERED: Final = "tool_calls_not_offered"
"""Key of a message's metadata: the calls of tools that nobody had offered."""
SHORTENED: Final = "shortened"
"""Key of a message's metadata: characters and digest of an answer that was too long to keep."""


def apart(output: ModelOutput, *, tools: bool = True) -> ModelOutput:
    """Return the output with its reasoning in a part of its own, and nothing else in the answer.

    The answer of a thought that never ended is empty. Calls of tools that were not offered are
    taken out of the message, so that nobody answers them, and kept in its metadata.

    Args:
        output: What the model returned; it is not changed.
        tools: Whether tools were offered.
    """
    choices = []
    for choice in output.choices:
        message = message_apart(choice.message, tools=tools)
        unchanged = message is choice.message
        choices.append(choice if unchanged else choice.model_copy(update={"message": message}))
    if all(new is old for new, old in zip(choices, output.choices, strict=True)):
        return output
    text = choices[0].message.text if choices else ""
    return output.model_copy(update={"choices": choices, "completion": text})


def message_apart(message: ChatMessageAssistant, *, tools: bool = True) -> ChatMessageAssistant:
    """Return one message of a model with its reasoning in a part of its own.

    An answer that is too long is cut; its length and SHA-256 go into the metadata.

    Args:
        message: The message as it came, with any `<think>` text in the answer.
        tools: Whether tools were offered; calls of tools that were not are noted and dropped.

    Returns:
        The same object where nothing changes.
    """
    from inspect_ai.model import ContentReasoning, ContentText

    text = message.text
    found = parts(text)
    thought = found.thought or found.unfinished
    answer = shortened("" if found.unfinished else found.answer)
    about: dict[str, Any] = dict(message.metadata or {})
    if len(found.answer) > MOST_CHARACTERS:
        digest = sha256_bytes(found.answer.encode("utf-8", "backslashreplace"))
        about[SHORTENED] = {"characters": len(found.answer), "sha256": digest}
    if message.tool_calls and not tools:
        about[NOT_OFFERED] = [[call.function, call.arguments] for call in message.tool_calls]
    if answer == text and about == (message.metadata or {}):
        return message
    content: Any = message.content
    if answer != text or thought:
        others = [part for part in content if not isinstance(part, ContentText)] if isinstance(
            content, list) else []  # fmt: skip
        reasoning = [ContentReasoning(reasoning=found.thought)] if thought else []
        said = [ContentText(text=answer)] if answer else []
        content = [*others, *reasoning, *said] if others or reasoning else answer
    calls = message.tool_calls if tools else None
    changes = {"content": content, "metadata": about or None, "tool_calls": calls}
    return message.model_copy(update=changes)


def message_id() -> str:
    """Return an id for a message, of 22 letters as Inspect's own, at a twentieth of the time."""
    return secrets.token_urlsafe(16)


def has_reasoned(output: ModelOutput) -> bool:
    """Whether an output shows that the model reasons before it answers."""
    from inspect_ai.model import ContentReasoning

    if output.usage is not None and output.usage.reasoning_tokens:
        return True
    contents = [choice.message.content for choice in output.choices]
    return any(
        isinstance(part, ContentReasoning)
        for content in contents
        if isinstance(content, list)
        for part in content
    )


def whole_characters(value: Any) -> Any:
    """Return JSON with halves of characters, which no file can hold, written as escapes."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [whole_characters(each) for each in value]
    if isinstance(value, dict):
        return {whole_characters(key): whole_characters(each) for key, each in value.items()}
    return value
