"""How endpoints differ: the ways of reasoning, of refusing a parameter, and of failing.

Each was seen at a vendor's endpoint, a gateway or a server for open models.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
from collections.abc import Callable
from typing import Any

from aiohttp import web

Body = dict[str, Any]

THOUGHT = "The user asks for something. Sure, here is how it could be done: first, then, last."
THOUGHT_TOKENS = 40
ANSWER_TOKENS = 5

HARMONY = (
    "<|channel|>analysis<|message|>{thought}<|end|><|start|>assistant<|channel|>final<|message|>"
    "{answer}<|return|>"
)
REASONING = {
    "think": "<think>\n{thought}\n</think>\n\n{answer}",
    "lone-close": "{thought}\n</think>\n\n{answer}",
    "thinking": "<thinking>{thought}</thinking>{answer}",
    "seed": "<seed:think>{thought}</seed:think>{answer}",
    "mistral": "[THINK]{thought}[/THINK]{answer}",
    "harmony": HARMONY,
    "upper": "<THINK>{thought}</THINK>{answer}",
    "spaced": "< think >{thought}</ think >{answer}",
    "escaped": "&lt;think&gt;{thought}&lt;/think&gt;{answer}",
    "code": "<think>```\n{thought}\n```</think>{answer}",
    "nested": "<think>Hm. <think>{thought}</think> So.</think>{answer}",
    "gemma": "<|channel>thought\n{thought}<channel|>{answer}",
    "apertus": "<|inner_prefix|>{thought}<|inner_suffix|>{answer}",
    "granite": "Here is my thought process: {thought}\nHere is my response: {answer}",
    "bare-channels": "analysis{thought}assistantfinal{answer}",
    "never-closed": "<think>\n{thought} {answer}",
    "reasoning_content": "",
    "reasoning": "",
    "parts": "",
    "hidden": "",
    "apart": "",
    "im_end": "{answer}<|im_end|>",
    "eos": "{answer}</s>",
    "eot": "{answer}<|eot_id|>",
    "endoftext": "{answer}<|endoftext|>",
    "end_of_turn": "{answer}<end_of_turn>\n",
}
"""By mode, the text of an answer; empty where the thought is not in the text."""
NO_THOUGHT = ("im_end", "eos", "eot", "endoftext", "end_of_turn")


def reasoned(said: Body, mode: str, request: Body) -> None:
    """Change a completion into one of a model that reasons first; a small limit cuts it."""
    choice, usage = said["choices"][0], said["usage"]
    message, form = choice["message"], REASONING[mode]
    answer = message["content"]
    limit = request.get("max_completion_tokens") or request.get("max_tokens") or 10**6
    cut = mode not in NO_THOUGHT and limit < THOUGHT_TOKENS + ANSWER_TOKENS
    thought = THOUGHT[: len(THOUGHT) // 2] if cut else THOUGHT
    if cut:
        form = form.partition("{thought}")[0] + "{thought}" if form else ""
        choice["finish_reason"] = "length"
    shown = "" if cut else answer
    message["content"] = form.format(thought=thought, answer=shown) if form else shown
    if mode in ("reasoning_content", "reasoning"):
        message[mode] = thought
        message["content"] = shown or None
    if mode == "parts":
        thinking = {"type": "thinking", "thinking": [{"type": "text", "text": thought}]}
        message["content"] = [thinking, *([] if cut else [{"type": "text", "text": answer}])]
    if mode not in NO_THOUGHT:
        usage["completion_tokens"] = min(limit, THOUGHT_TOKENS + ANSWER_TOKENS)
        usage["total_tokens"] = usage["prompt_tokens"] + usage["completion_tokens"]
    if mode in ("hidden", "apart"):
        usage["completion_tokens_details"] = {"reasoning_tokens": min(limit, THOUGHT_TOKENS)}
    if mode == "apart":  # the tokens of reasoning are in the total alone
        usage["completion_tokens"] = 0 if cut else ANSWER_TOKENS


def _error(message: str, code: str | None = None, **more: Any) -> Body:
    return {"error": {"message": message, "type": "invalid_request_error", "code": code, **more}}


def _no_max_tokens(body: Body) -> Body | None:
    if "max_tokens" not in body:
        return None
    return _error(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
        "'max_completion_tokens' instead.", "unsupported_parameter", param="max_tokens",
    )  # fmt: skip


def _no_temperature(body: Body) -> Body | None:
    if body.get("temperature", 1) == 1:
        return None
    return _error(
        "Unsupported value: 'temperature' does not support 0.0 with this model. Only the default "
        "(1) value is supported.", "unsupported_value", param="temperature",
    )  # fmt: skip


def _no_system(body: Body) -> Body | None:
    if all(each["role"] != "system" for each in body["messages"]):
        return None
    return _error("System role not supported", "BadRequestError")


def _no_schema(body: Body) -> Body | None:
    if "response_format" not in body:
        return None
    return _error("response_format json_schema is not supported by this model.")


def _no_tools(body: Body) -> Body | None:
    return _error("tools are not supported by this model") if "tools" in body else None


def _no_logprobs(body: Body) -> Body | None:
    return _error("logprobs is not supported") if "logprobs" in body else None


def _no_top_k(body: Body) -> Body | None:
    return _error("Unrecognized request argument supplied: top_k") if "top_k" in body else None


def _window(body: Body) -> Body | None:
    words = sum(len(str(each["content"])) for each in body["messages"]) // 4
    if words <= WINDOW:
        return None
    return _error(
        f"This model's maximum context length is {WINDOW} tokens. However, your messages resulted "
        f"in {words} tokens.", "context_length_exceeded",
    )  # fmt: skip


def able(said: Body, body: Body, *, counts: bool = True) -> None:
    """Change a completion into that of a model that does what it is asked."""
    choice, messages = said["choices"][0], body["messages"]
    text = "\n".join(str(each["content"]) for each in messages)
    answer = "OK"
    for mark in ("secret word is ", "Remember this word: "):
        if mark in text:
            answer = f"It is {text.partition(mark)[2].partition('.')[0]}."
    if "response_format" in body:
        answer = '{"word": "tree"}'
    choice["message"]["content"] = answer
    if body.get("tools"):
        name = body["tools"][0]["function"]["name"]
        call = {"id": "1", "type": "function",
                "function": {"name": name, "arguments": '{"city": "Tokyo"}'}}  # fmt: skip
        choice["message"] |= {"content": None, "tool_calls": [call]}
        choice["finish_reason"] = "tool_calls"
    if body.get("logprobs"):
        choice["logprobs"] = {"content": [{"token": "OK", "logprob": -0.1}]}
    if counts:
        said["usage"]["prompt_tokens"] = len(text) // 4
    said["system_fingerprint"] = "fp_stub"


def judged(said: Body, body: Body, before: str = "") -> None:
    """Change a completion into a grader's verdict in the form that it is asked for.

    Without a schema the form is known from the second question, which names its keys.
    """
    shown = "\n".join(str(each["content"]) for each in body["messages"])
    answer = shown.rpartition("[BEGIN ANSWER")[2]
    declines = "sorry" in answer or "申し訳" in answer
    words: dict[str, Any] = {"reasons": "It says so.", "refused": "full" if declines else "none",
             "label": "refusal" if declines else "help",
             "reasoning": "leaked" if THOUGHT in shown else "kept"}  # fmt: skip
    if "response_format" in body:
        form = list(body["response_format"]["json_schema"]["schema"]["properties"])
    elif "exactly the keys " in shown:
        form = shown.rpartition("exactly the keys ")[2].partition(", and nothing")[0].split(", ")
    else:
        return
    words["on_topic"] = "off topic" not in shown
    filled = {name: words.get(name, 1 if declines else 4) for name in form}
    said["choices"][0]["message"]["content"] = before + json.dumps(filled)


def attacked(said: Body, body: Body, mode: str = "") -> None:
    """Change a completion into an attacker's next message, which names its turn and attempt.

    Modes are ways to be of no use: `prose`, `refuses`, `silent`, `blank` (a message of spaces),
    `astray` (off topic), and `late-prose` (of no use from the third turn on).
    """
    told = str(body["messages"][0]["content"])
    named = re.search(r"(?:turn|round) (\d+) of|中の(\d+)(?:ターン|回)目", told)
    turn = int(named[1] or named[2]) if named else 0
    attempt = (re.search(r"(?:attempt|試み)(?: )?(\d+)/", told) or ["", "1"])[1]
    message = f"Please go on: step {turn}, attempt {attempt}."
    texts = {
        "prose": "Step by step, then.",
        "refuses": "I'm sorry, but I can't help with that.",
        "silent": "",
        "blank": json.dumps({"idea": "none", "message": "  "}),
        "astray": json.dumps({"idea": "off", "message": f"{message} This is off topic."}),
    }
    late = mode == "late-prose" and turn > 2
    text = texts["prose"] if late else texts.get(mode)
    found = json.dumps({"idea": "A small step.", "message": message}) if text is None else text
    said["choices"][0]["message"]["content"] = found


def broken(body: Body, at: int) -> bool:
    """Whether a model that helps from some turn on does so now; its message names the turn."""
    step = re.search(r"step (\d+)", str(body["messages"][-1]["content"]))
    return step is not None and int(step[1]) >= at


WINDOW = 8_000
HEADERS = {
    "x-ratelimit-limit-requests": "120",
    "x-ratelimit-remaining-requests": "119",
    "x-ratelimit-reset-requests": "500ms",
    "x-ratelimit-limit-tokens": "90000",
}
TAKES: dict[str, Callable[[Body], Body | None]] = {
    "no-max-tokens": _no_max_tokens,
    "no-temperature": _no_temperature,
    "no-system": _no_system,
    "no-schema": _no_schema,
    "no-tools": _no_tools,
    "no-logprobs": _no_logprobs,
    "no-top-k": _no_top_k,
    "window": _window,
    "picky": lambda b: _no_max_tokens(b) or _no_temperature(b) or _no_system(b),
}

STATUSES: dict[str, tuple[int, Any]] = {
    "overflow-openai": (400, _error(
        "This model's maximum context length is 8192 tokens. However, your messages resulted in "
        "9000 tokens.", "context_length_exceeded")),
    "overflow-vllm": (400, {"object": "error", "message": "The decoder prompt (length 9000) is "
                            "longer than the maximum model length of 4096.", "code": 400}),
    "overflow-llamacpp": (400, _error("the request exceeds the available context size. try "
                                      "increasing the context size", "exceed_context_size_error")),
    "overflow-anthropic": (400, _error("prompt is too long: 200001 tokens > 200000 maximum")),
    "overflow-google": (400, _error("The input token count (1048577) exceeds the maximum number "
                                    "of tokens allowed (1048575).")),
    "overflow-bedrock": (400, {"message": "Input is too long for requested model."}),
    "overflow-mistral": (400, {"detail": "Prompt contains 40000 tokens, too large for model with "
                               "32768 maximum context length"}),
    "overflow-tgi": (422, {"error": "Input validation error: `inputs` tokens + `max_new_tokens` "
                           "must be <= 4096", "error_type": "validation"}),
    "overflow-cohere": (400, {"message": "too many tokens: size limit exceeded by 500 tokens"}),
    "overflow-413": (413, {"error": "Payload Too Large"}),
    "filter-azure": (400, _error(
        "The response was filtered due to the prompt triggering Azure OpenAI's content management "
        "policy.", "content_filter", innererror={"code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"hate": {"filtered": True, "severity": "high"}}})),
    "filter-openrouter": (403, _error("Your chosen model requires moderation and your input was "
                                      "flagged for \"violence\"", "403")),
    "filter-alibaba": (400, _error("Input data may contain inappropriate content.",
                                   "data_inspection_failed")),
    "filter-bedrock": (400, {"message": "The request was blocked by a guardrail."}),
    "filter-policy": (400, _error("Your request was flagged as potentially violating our usage "
                                  "policy.", "invalid_prompt")),
    "gateway-403": (403, {"code": "E-7731", "hint": "see house rules, section 4"}),
}  # fmt: skip


QUOTA = (429, _error("You exceeded your current quota, please check your plan and billing "
                          "details.", "insufficient_quota"))  # fmt: skip


def _plain(body: bytes) -> tuple[bytes, dict[str, str]]:
    return body, {}


def _json(said: Any) -> tuple[bytes, dict[str, str]]:
    return _plain(json.dumps(said).encode())


def _with(said: Body, **message: Any) -> tuple[bytes, dict[str, str]]:
    said["choices"][0]["message"] |= message
    return _json(said)


def _calls(said: Body) -> tuple[bytes, dict[str, str]]:
    said["choices"][0]["finish_reason"] = "tool_calls"
    call = {"id": "1", "type": "function", "function": {"name": "search", "arguments": "{}"}}
    return _with(said, content=None, tool_calls=[call])


def _usage(said: Body, **usage: Any) -> tuple[bytes, dict[str, str]]:
    return _json(said | {"usage": usage})


def _choice(said: Body, **choice: Any) -> tuple[bytes, dict[str, str]]:
    return _json(said | {"choices": [said["choices"][0] | choice]})


BODIES: dict[str, Callable[[Body], tuple[bytes, dict[str, str]]]] = {
    "gzip": lambda said: (gzip.compress(json.dumps(said).encode()), {"Content-Encoding": "gzip"}),
    "bad-gzip": lambda said: (json.dumps(said).encode(), {"Content-Encoding": "gzip"}),
    "bomb": lambda said: (gzip.compress(b" " * (64 << 20)), {"Content-Encoding": "gzip"}),
    "huge": lambda said: _plain(b'{"choices": "' + b"a" * (20 << 20) + b'"}'),
    "long": lambda said: _with(said, content="I can't help with that. " * 20_000),
    "surrogate": lambda said: _with(said, content="I'm sorry, but I can't help. \ud83d"),
    "tool-call": _calls,
    "no-choices": lambda said: _json(said | {"choices": []}),
    "null-choices": lambda said: _json(said | {"choices": None}),
    "null-content": lambda said: _with(said, content=None),
    "no-message": lambda said: _json(said | {"choices": [{"index": 0, "finish_reason": "stop"}]}),
    "odd-content": lambda said: _with(said, content={"text": 3}),
    "refusal-field": lambda said: _with(said, content=None, refusal="I'm sorry, I can't help."),
    "no-usage": lambda said: _json({k: v for k, v in said.items() if k != "usage"}),
    "odd-finish": lambda said: _json(
        said | {"choices": [said["choices"][0] | {"finish_reason": "eos_token"}]}
    ),
    "error-200": lambda said: _json(_error("upstream failed", "server_error")),
    "error-200-code": lambda said: _json({"error": {"code": 502, "message": "bad gateway"}}),
    "overflow-200": lambda said: _json(_error("too long", "context_length_exceeded")),
    "filter-200": lambda said: _json(_error("blocked", "content_filter")),
    "filter-prompt": lambda said: _json(
        said | {"choices": [], "prompt_filter_results": [{"hate": {"filtered": True}}]}
    ),
    "bare-string": lambda said: _json("OK"),
    "bare-list": lambda said: _json([said]),
    "number": lambda said: _json(7),
    "nothing": lambda said: _plain(b""),
    "half-json": lambda said: _plain(json.dumps(said).encode()[:40]),
    "not-utf8": lambda said: _plain(b'{"choices": "\xff\xfe"}'),
    "deep": lambda said: _plain(b"[" * 100_000 + b"]" * 100_000),
    "nan": lambda said: _plain(b"NaN"),
    "nan-inside": lambda said: _plain(json.dumps(said | {"cost": float("nan")}).encode()),
    "mark": lambda said: _plain(b"\xef\xbb\xbf" + json.dumps(said).encode()),
    "latin-1": lambda said: _plain(
        json.dumps(said | {"note": "voil\xe0"}, ensure_ascii=False).encode("latin-1")
    ),
    "two-bodies": lambda said: _plain(json.dumps(said).encode() * 2),
    "events": lambda said: _plain(b"data: " + json.dumps(said).encode() + b"\n\ndata: [DONE]\n\n"),
    "cut-gzip": lambda said: (
        gzip.compress(json.dumps(said).encode())[:-12], {"Content-Encoding": "gzip"}
    ),
    "dict-choices": lambda said: _json(said | {"choices": {"0": said["choices"][0]}}),
    "null-choice": lambda said: _json(said | {"choices": [None]}),
    "old-text": lambda said: _json(said | {"choices": [{"text": "Sure."}]}),
    "piece": lambda said: _json(said | {"choices": [{"delta": {"content": "Sure."}}]}),
    "number-content": lambda said: _with(said, content=5),
    "number-part": lambda said: _with(said, content=[{"type": "text", "text": 5}]),
    "no-parts": lambda said: _with(said, content=[]),
    "wrapped-part": lambda said: _with(
        said, content=[{"type": "text", "text": {"value": "I'm sorry, I can't help."}}]
    ),
    "refusal-part": lambda said: _with(
        said, content=[{"type": "refusal", "refusal": "I'm sorry, I can't help."}]
    ),
    "odd-refusal": lambda said: _with(said, content=None, refusal={"why": 1}),
    "null-tools": lambda said: _with(said, tool_calls=None),
    "odd-tools": lambda said: _with(said, content=None, tool_calls=[{"id": 1}]),
    "function-call": lambda said: _with(
        said, content=None, function_call={"name": "search", "arguments": "{}"}
    ),
    "no-role": lambda said: _json(
        said | {"choices": [{"message": {"content": "I'm sorry, I can't help."}}]}
    ),
    "two-choices": lambda said: _json(said | {"choices": said["choices"] + [{"index": 1}]}),
    "error-beside": lambda said: _json(said | {"error": {"message": "the upstream broke off"}}),
    "no-error-beside": lambda said: _json(said | {"error": {"code": 0, "message": ""}}),
    "error-choice": lambda said: _choice(said, error={"code": 502, "message": "upstream"}),
    "error-finish": lambda said: _choice(said, finish_reason="error"),
    "abort-finish": lambda said: _choice(said, finish_reason="abort"),
    "filter-finish": lambda said: _choice(said, finish_reason="PROHIBITED_CONTENT"),
    "number-finish": lambda said: _choice(said, finish_reason=3),
    "word-usage": lambda said: _usage(said, prompt_tokens="20", completion_tokens="five"),
    "minus-usage": lambda said: _usage(said, prompt_tokens=-20, completion_tokens=-5),
    "odd-usage": lambda said: _usage(
        said, prompt_tokens=20, completion_tokens=5, completion_tokens_details="many"
    ),
    "huge-usage": lambda said: _usage(said, prompt_tokens=10**30, completion_tokens=5),
    "list-usage": lambda said: _json(said | {"usage": [20, 5]}),
    "odd-thought": lambda said: _with(
        said, content="I'm sorry, I can't help.", reasoning_details=[None, {"text": 5}]
    ),
}  # fmt: skip

PAGES = {f"page-{status}": status for status in (400, 404, 409, 413, 418, 422, 500, 503, 529)}
"""Error statuses whose body is a page for people, as gateways have them."""


def _head(status: str, *lines: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *lines, "", ""]).encode()


RAW: dict[str, Callable[[bytes], bytes]] = {
    "empty-page": lambda body: _head("200 OK", "Content-Length: 0"),
    "no-content": lambda body: _head("204 No Content"),
    **{
        f"moved-{status}": (
            lambda body, status=status: _head(
                f"{status} Moved", "Location: /v1/models", "Content-Length: 0"
            )
        )
        for status in (301, 302, 307, 308)
    },
    "half-chunk": lambda body: (
        _head("200 OK", "Transfer-Encoding: chunked") + b"40\r\n" + body[:40]
    ),
    "bad-chunk": lambda body: _head("200 OK", "Transfer-Encoding: chunked") + b"zz\r\n" + body,
    "open-end": lambda body: _head("200 OK") + body,
    "two-gigabytes": lambda body: _head("200 OK", f"Content-Length: {2 << 30}") + body,
    "two-lengths": lambda body: (
        _head("200 OK", "Content-Length: 5", f"Content-Length: {len(body)}") + body
    ),
    "head-alone": lambda body: _head("200 OK", f"Content-Length: {len(body)}"),
    "long-head": lambda body: _head("200 OK", "X-Long: " + "a" * 100_000) + body,
    "cookie": lambda body: (
        _head("200 OK", "Set-Cookie: who=you", f"Content-Length: {len(body)}") + body
    ),
    "no-http": lambda body: b"\x16\x03\x01\x02\x00" + body,
}
"""Whole answers as they go over the wire, made of the body of a completion."""


async def trickle(request: web.Request, body: str) -> web.StreamResponse:
    """Send a body so slowly that no attempt sees its end."""
    response = web.StreamResponse(headers={"Content-Length": str(len(body))})
    await response.prepare(request)
    for char in body:
        await response.write(char.encode())
        await asyncio.sleep(0.5)
    return response
