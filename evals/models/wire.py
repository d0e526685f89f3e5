"""The form of chat completions: from messages to a request, and from a body to an answer."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageTool,
    Content,
    ContentAudio,
    ContentDocument,
    ContentImage,
    ContentReasoning,
    ContentText,
    GenerateConfig,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolCall, ToolChoice, ToolFunction, ToolInfo

from tenken.evals.models.outputs import message_id, whole_characters

_STOPS: Final[dict[str, StopReason]] = {
    "stop": "stop", "eos": "stop", "eos_token": "stop", "end_turn": "stop", "stop_sequence": "stop",
    "complete": "stop", "length": "max_tokens", "max_tokens": "max_tokens",
    "max_output_tokens": "max_tokens", "tool_calls": "tool_calls", "tool_use": "tool_calls",
    "function_call": "tool_calls", "model_length": "model_length",
    "model_context_window_exceeded": "model_length", "content_filter": "content_filter",
    "content_filtered": "content_filter", "safety": "content_filter", "refusal": "content_filter",
    "prohibited_content": "content_filter", "blocklist": "content_filter", "spii": "content_filter",
    "image_safety": "content_filter", "model_armor": "content_filter",
    "guardrail_intervened": "content_filter", "recitation": "content_filter",
    "sensitive": "content_filter",
}  # fmt: skip
_BROKEN: Final = frozenset(
    ("error", "abort", "aborted", "cancelled", "canceled", "timeout", "network_error", "failed",
     "internal_error", "insufficient_system_resource")
)  # fmt: skip
"""What endpoints call the end of an answer that they broke off themselves."""
_MOST_TOKENS: Final = 2**53
_HALVES: Final = re.compile(rb"\\u[dD][89a-fA-F]|\xed[\xa0-\xbf]")
"""Halves of characters, as an escape or as bytes; pairs of them are found too, and are whole."""
_NAMES: Final = (
    "temperature", "top_p", "seed", "frequency_penalty", "presence_penalty", "reasoning_effort",
    "logprobs", "top_logprobs", "top_k",
)  # fmt: skip
_REASONING: Final = ("reasoning_content", "reasoning", "reasoning_details", "thinking")


class ErrorBody(Exception):  # noqa: N818 - what it is, not what went wrong
    """A body that says an error where an answer was due.

    Attributes:
        status: The status that it names; None for none.
        body: The error.
    """

    def __init__(self, body: Any) -> None:
        super().__init__("the endpoint answered with an error")
        code = body.get("code") if isinstance(body, dict) else None
        text = str(code) if code is not None else ""
        self.status = int(text) if text.isdigit() and 400 <= int(text) < 600 else None
        self.body = body


def request_body(
    model: str,
    messages: Sequence[ChatMessage],
    tools: Sequence[ToolInfo],
    tool_choice: ToolChoice,
    config: GenerateConfig,
    *,
    limit: str,
    system: bool,
) -> dict[str, Any]:
    """Return the body of a request.

    Args:
        model: The model's name, whole.
        messages: What is said; reasoning of earlier turns is left out.
        tools: What the model may call.
        tool_choice: Whether it must.
        config: Parameters.
        limit: Name of the parameter that bounds the answer.
        system: Whether the role `system` is taken.
    """
    said = [_message(each) for each in messages]
    body: dict[str, Any] = {"model": model, "messages": said if system else _merged(said)}
    body |= {name: value for name in _NAMES if (value := getattr(config, name)) is not None}
    if config.max_tokens is not None:
        body[limit] = config.max_tokens
    if config.stop_seqs is not None:
        body["stop"] = config.stop_seqs
    if config.num_choices is not None:
        body["n"] = config.num_choices
    if config.response_schema is not None:
        schema = config.response_schema
        form = schema.json_schema.model_dump(mode="json", exclude_none=True, by_alias=True)
        named = {"name": schema.name, "schema": form, "strict": schema.strict}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if tools:
        body["tools"] = [
            {
                "type": "function",
                "function": tool.model_dump(exclude_none=True, exclude={"options"}),
            }
            for tool in tools
        ]
        body["tool_choice"] = _choice(tool_choice)
        if config.parallel_tool_calls is not None:
            body["parallel_tool_calls"] = config.parallel_tool_calls
    return body | (config.extra_body or {})


def completion(
    data: bytes, model: str, *, several: bool = False
) -> tuple[ModelOutput, dict[str, Any]]:
    """Return what a body says, and the body itself.

    Args:
        data: The body of an answer with a status below 300.
        model: The model's name, where the body has none.
        several: Whether more than one answer was asked for; else the first is all.

    Raises:
        ErrorBody: It says an error, or that the answer was broken off.
        ValueError: It is not a chat completion; other errors of Python mean the same.
    """
    raw = json.loads(data)
    if _HALVES.search(data):
        raw = whole_characters(raw)
    if _says_something(raw.get("error")):
        raise ErrorBody(raw["error"])
    choices = raw["choices"]
    if not choices and _was_filtered(raw):
        return withheld(model, "the prompt was filtered"), raw
    if not isinstance(choices, list):
        raise TypeError("the choices are no list")
    first, *others = sorted(choices, key=_place)
    for broken in (first.get("error"), _reason_of(first)):
        if broken in _BROKEN if isinstance(broken, str) else _says_something(broken):
            raise ErrorBody(broken)
    name = raw.get("model")
    name = name if isinstance(name, str) and name else model
    made = [_answer(choice, name) for choice in (first, *(others if several else ()))]
    return ModelOutput(model=name, choices=made, usage=_usage(raw.get("usage"))), raw


def withheld(model: str, words: str) -> ModelOutput:
    """Return the output for an answer that a filter withheld, which has no words of the model.

    Args:
        model: The model's name.
        words: What the endpoint said in the answer's place.

    Returns:
        An output with the stop reason `content_filter`.
    """
    output = ModelOutput.from_content(model, "", stop_reason="content_filter")
    output.metadata = {"endpoint_said": words}
    return output


def _message(message: ChatMessage) -> dict[str, Any]:
    said: dict[str, Any] = {"role": message.role, "content": _content(message.content)}
    if isinstance(message, ChatMessageTool):
        text = f"Error: {message.error.message}" if message.error else message.text
        return {"role": "tool", "content": text, "tool_call_id": message.tool_call_id or ""}
    if isinstance(message, ChatMessageAssistant):
        said["content"] = message.text
        if message.tool_calls:
            said["tool_calls"] = [
                {"id": call.id, "type": "function",
                 "function": {"name": call.function, "arguments": json.dumps(call.arguments)}}
                for call in message.tool_calls
            ]  # fmt: skip
    return said


def _content(content: str | list[Content]) -> Any:
    if isinstance(content, str):
        return content
    if all(isinstance(part, ContentText) for part in content):
        return "\n".join(part.text for part in content if isinstance(part, ContentText))
    found: list[dict[str, Any]] = []
    for part in content:
        if isinstance(part, ContentText):
            found.append({"type": "text", "text": part.text})
        elif isinstance(part, ContentImage):
            found.append({"type": "image_url", "image_url": {"url": part.image}})
        elif isinstance(part, ContentAudio):
            data = part.audio.partition("base64,")[2]
            found.append(
                {"type": "input_audio", "input_audio": {"data": data, "format": part.format}}
            )
        elif isinstance(part, ContentDocument):
            file = {"filename": part.filename, "file_data": part.document}
            found.append({"type": "file", "file": file})
        else:
            raise NotImplementedError(f"a message's part of the type {part.type} cannot be sent")
    return found


def _merged(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the messages with those of the system put before the first one of the user."""
    system = [each["content"] for each in said if each["role"] == "system"]
    others = [each for each in said if each["role"] != "system"]
    if not system:
        return others
    first = next((i for i, each in enumerate(others) if each["role"] == "user"), None)
    words = "\n\n".join(system)
    if first is None:
        return [{"role": "user", "content": words}, *others]
    content = others[first]["content"]
    if isinstance(content, list):
        joined: Any = [{"type": "text", "text": words}, *content]
    else:
        joined = f"{words}\n\n{content}"
    return [*others[:first], {**others[first], "content": joined}, *others[first + 1 :]]


def _choice(tool_choice: ToolChoice) -> Any:
    if isinstance(tool_choice, ToolFunction):
        return {"type": "function", "function": {"name": tool_choice.name}}
    return "required" if tool_choice == "any" else tool_choice


def _says_something(error: Any) -> bool:
    """Whether a field for an error holds one: some endpoints always send it, empty or 0."""
    return bool(error) and any(each not in ("", "0") for each in _leaves(error))


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for each in value.values() for leaf in _leaves(each)]
    if isinstance(value, list):
        return [leaf for each in value for leaf in _leaves(each)]
    return [] if value is None or value is False else [str(value).strip()]


def _place(choice: Any) -> int:
    place = choice.get("index")
    return place if isinstance(place, int) else 0


def _reason_of(choice: dict[str, Any]) -> str:
    return str(choice.get("finish_reason") or "stop").lower()


def _answer(choice: dict[str, Any], model: str) -> ChatCompletionChoice:
    message = choice["message"]
    text, thoughts = _texts(message.get("content"))
    thoughts += [t for name in _REASONING for t in _thoughts(message.get(name))][:1]
    refusal = message.get("refusal")
    if not text and isinstance(refusal, (str, list)):
        text = _texts(refusal)[0]
    reasoning: list[Content] = [ContentReasoning(reasoning=each) for each in thoughts]
    said: list[Content] = [*reasoning, ContentText(text=text)] if text else reasoning
    calls = [_call(each) for each in message.get("tool_calls") or ()]
    if not calls and message.get("function_call"):  # as it was before there were tools
        calls = [_call({"function": message["function_call"]})]
    stop = _STOPS.get(_reason_of(choice), "unknown")
    return ChatCompletionChoice(
        message=ChatMessageAssistant(
            id=message_id(),
            content=said if reasoning else text,
            model=model,
            source="generate",
            tool_calls=calls or None,
        ),
        stop_reason="tool_calls" if calls and not text and stop == "stop" else stop,
    )


def _texts(content: Any) -> tuple[str, list[str]]:
    """Return the text of a message's content, and the thoughts among its parts."""
    if content is None or isinstance(content, str):
        return content or "", []
    if not isinstance(content, list):
        raise TypeError("the content is neither a text nor a list")
    texts: list[str] = []
    thoughts: list[str] = []
    for part in content:
        if isinstance(part, str):
            texts.append(part)
        elif part.get("type") in ("thinking", "reasoning"):
            thoughts += _thoughts(part.get("thinking") or part.get("reasoning") or part.get("text"))
        elif part.get("type") == "refusal":
            texts.append(_plain(part.get("refusal")))
        elif part.get("text") is not None:
            texts.append(_plain(part["text"]))
    return "".join(texts), thoughts


def _plain(text: Any) -> str:
    """Return a part's text, which some endpoints wrap once more."""
    found = text.get("value") if isinstance(text, dict) else text
    if not isinstance(found, str):
        raise TypeError("a part of the content has no text")
    return found


def _thoughts(value: Any) -> list[str]:
    """Return the reasoning in a field that vendors fill in different ways."""
    if not value:
        return []
    if isinstance(value, list):
        parts = [_thoughts(each) for each in value]
        return ["".join(text for part in parts for text in part)]
    if isinstance(value, dict):
        said = value.get("text") or value.get("content") or value.get("summary") or ""
        return [said if isinstance(said, str) else "".join(_thoughts(said))]
    return [str(value)]


def _call(raw: dict[str, Any]) -> ToolCall:
    function = raw["function"]
    name, given = str(function["name"]), function.get("arguments")
    arguments, error = given, None
    if not isinstance(given, dict):
        try:
            arguments = json.loads(given) if given else {}
            if not isinstance(arguments, dict):
                raise TypeError("the arguments are not an object")
        except (ValueError, TypeError) as problem:
            arguments, error = {"text": str(given)}, f"unreadable arguments: {problem}"
    return ToolCall(id=str(raw.get("id") or name), function=name, arguments=arguments,
                    parse_error=error)  # fmt: skip


def _usage(raw: Any) -> ModelUsage | None:
    """Return the tokens; those of reasoning are output, however the endpoint counts them.

    A count that is none, such as a word or a negative number, is not known; without the tokens
    read and written nothing is: an answer is no less one for that.
    """
    if not isinstance(raw, dict):
        return None
    read, written = (
        next((n for name in names if (n := _count(raw.get(name))) is not None), None)
        for names in (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))
    )
    total = _count(raw.get("total_tokens")) or 0
    if written is None and read is not None and total > read:
        written = total - read
    if read is None or written is None:
        return None
    details = raw.get("completion_tokens_details") or raw.get("output_tokens_details")
    inner = details.get("reasoning_tokens") if isinstance(details, dict) else None
    thought = _count(inner) or _count(raw.get("reasoning_tokens")) or 0
    if thought and (total >= read + written + thought or thought > written):
        written += thought
    return ModelUsage(
        input_tokens=read,
        output_tokens=written,
        total_tokens=read + written,
        reasoning_tokens=thought or None,
    )


def _count(value: Any) -> int | None:
    """Return a count of tokens, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return int(value) if 0 <= value < _MOST_TOKENS and value == int(value) else None


def _was_filtered(raw: dict[str, Any]) -> bool:
    results = json.dumps(raw.get("prompt_filter_results") or raw.get("promptFeedback") or "")
    return '"filtered": true' in results or "blockReason" in results
