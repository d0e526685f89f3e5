"""The questions that find out what an endpoint does, one request each."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tenken.answer import parts
from tenken.errors import Sentence, said_by
from tenken.evals.models.chat import ChatAPI
from tenken.evals.models.doctor.findings import Context, ProbeResult, Shown, one_line
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.faults import EndpointFault, kind_of, words_of

Body = dict[str, Any]

PARAMETERS: Final[Mapping[str, Any]] = {
    "top_p": 0.9,
    "top_k": 20,
    "seed": 7,
    "stop": ["XYZ"],
    "frequency_penalty": 0.1,
    "presence_penalty": 0.1,
    "n": 1,
}
"""Further parameters, with a value that changes little."""

_TOOL: Final = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Returns the weather in a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
_SCHEMA: Final = {
    "type": "json_schema",
    "json_schema": {
        "name": "word",
        "strict": True,
        "schema": {
            "type": "object",
            "properties": {"word": {"type": "string"}},
            "required": ["word"],
            "additionalProperties": False,
        },
    },
}
_FIELDS: Final = ("reasoning_content", "reasoning", "reasoning_details", "thinking")
_CONTEXT_KEYS: Final = (
    "max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens",
    "inputTokenLimit", "input_token_limit", "context_size", "n_ctx", "n_ctx_train", "max_tokens",
)  # fmt: skip
_NUMBERS: Final = re.compile(
    r"(?:context length is |model length of |tokens > |tokens allowed \(|too large for model with "
    r"|must be <= |n_ctx\D{1,4}|context (?:size|window|length)\W{1,3}(?:of |is )?)(\d{3,8})", re.I
)  # fmt: skip
_WORD: Final = "heron"
_FILLER: Final = "The river runs past the mill and the bridge. "
_FILLER_TOKENS: Final = 10


@dataclass(frozen=True)
class Reply:
    """What came of one request.

    Attributes:
        status: The HTTP status; 0 where no answer came.
        headers: The headers.
        body: The JSON of the answer; empty where it is not JSON.
        words: What was said against the request; empty for an answer.
    """

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    words: str

    @property
    def answered(self) -> bool:
        """Whether it is an answer of the model."""
        return bool(self.message)

    @property
    def message(self) -> Mapping[str, Any]:
        """The message of the answer, empty where there is none."""
        choices = self.body.get("choices")
        first = choices[0] if isinstance(choices, list) and choices else {}
        message = first.get("message") if isinstance(first, dict) else None
        return message if isinstance(message, dict) else {}

    @property
    def text(self) -> str:
        """The text of the answer, reasoning taken out of it."""
        content = self.message.get("content")
        if isinstance(content, list):
            content = "".join(
                str(part.get("text") or "") for part in content if isinstance(part, dict)
            )
        return parts(str(content or "")).answer


class Patient:
    """An endpoint that is asked one thing after the other."""

    def __init__(self, endpoint: Endpoint, api: ChatAPI) -> None:
        """Ask this endpoint through this provider."""
        self.endpoint, self.api, self.requests = endpoint, api, 0
        self._secret = endpoint.secret()

    async def ask(self, question: str, tokens: int = 16, system: str = "", **more: Any) -> Reply:
        """Send one question and return the reply, error or answer.

        Args:
            question: The user's message.
            tokens: Most tokens of the answer.
            system: System message; put before the question where the endpoint takes none.
            **more: Further parameters of the request's body.
        """
        said = [{"role": "user", "content": question}]
        if system and self.endpoint.accepts.system is False:
            said[0]["content"] = f"{system}\n\n{question}"
        elif system:
            said.insert(0, {"role": "system", "content": system})
        name = re.sub(r"^openai-api/[^/]+/", "", self.endpoint.model)
        body: Body = {"model": name, "messages": said, **self.endpoint.request(tokens), **more}
        return await self.send("/chat/completions", body)

    async def send(self, path: str, body: Body | None = None) -> Reply:
        """Send one request and return the reply, error or answer.

        Args:
            path: Path below the base URL, with its leading slash.
            body: The JSON to send; None for a GET request.

        Returns:
            The reply; its status is 0 where nothing came back.
        """
        self.requests += 1
        try:
            status, headers, data = await self.api.exchange(path, body)
        except (EndpointFault, TimeoutError) as error:
            words, said = self.line(error), said_by(error)
            return Reply(0, {}, {}, said if words == said else words)
        try:
            raw = json.loads(data)
        except (ValueError, RecursionError):
            raw = {}
        raw = raw if isinstance(raw, dict) else {}
        failed = status >= 400 or not (raw.get("choices") or body is None)
        return Reply(status, dict(headers), raw, self.line(words_of(data)) if failed else "")

    def line(self, text: object) -> str:
        """Return what the endpoint said as one harmless line."""
        return one_line(text, self._secret)


async def parameter(patient: Patient, name: str) -> ProbeResult:
    """Find out whether a parameter is accepted; its effect on the answer cannot be seen.

    Args:
        patient: The endpoint that is examined.
        name: One of `PARAMETERS`, which also has the value to try.
    """
    reply = await patient.ask("Reply with the word OK.", **{name: PARAMETERS[name]})
    return ProbeResult("yes") if reply.answered else _refused(reply)


async def system_role(patient: Patient) -> ProbeResult:
    """Find out whether a system message is taken, and followed."""
    if patient.endpoint.accepts.system is False:
        said = Sentence("system prompts go before the first message")
        return ProbeResult("no", said)
    reply = await patient.ask(
        "What is your secret word?", 32, system=f"Your secret word is {_WORD}. Reply with it."
    )
    if not reply.answered:
        return _refused(reply)
    return ProbeResult("yes" if _WORD in reply.text.lower() else "taken, not followed")


async def tools(patient: Patient) -> ProbeResult:
    """Find out whether tools are taken, and called in the form that was offered."""
    reply = await patient.ask(
        "What is the weather in Tokyo? Use the tool.", 128, tools=[_TOOL], tool_choice="auto"
    )
    if not reply.answered:
        return _refused(reply)
    calls = reply.message.get("tool_calls")
    called = isinstance(calls, list) and "get_weather" in json.dumps(calls)
    return ProbeResult("yes" if called else "taken, not followed")


async def structured(patient: Patient) -> ProbeResult:
    """Find out whether a JSON schema is taken, and kept."""
    if patient.endpoint.accepts.structured is False:
        said = Sentence("accepts.structured is false in the endpoint file")
        return ProbeResult("no", said)
    reply = await patient.ask('Give a word as JSON: {"word": ...}.', 64, response_format=_SCHEMA)
    if not reply.answered:
        return _refused(reply)
    try:
        found = json.loads(reply.text)
    except ValueError:
        found = None
    kept = isinstance(found, dict) and isinstance(found.get("word"), str)
    return ProbeResult("yes" if kept else "taken, not followed")


async def logprobs(patient: Patient) -> ProbeResult:
    """Find out whether the chances of tokens are returned."""
    reply = await patient.ask("Reply with the word OK.", logprobs=True, top_logprobs=2)
    if not reply.answered:
        return _refused(reply)
    return ProbeResult("yes" if reply.body["choices"][0].get("logprobs") else "taken, not followed")


async def context(patient: Patient, most: int) -> Context:
    """Find out how long a prompt may be: from the page of models, an error, or a long prompt.

    Args:
        patient: The endpoint.
        most: Tokens of the longest prompt to send; 0 to send none.
    """
    tokens = _from_models(await patient.send("/models"), patient.endpoint.model)
    known = Context(tokens, "models page" if tokens else "")
    size = min(most, tokens or most) * 3 // 4 if tokens and tokens <= most else most
    while size >= 512:
        filler = _FILLER * (size // _FILLER_TOKENS)
        reply = await patient.ask(
            f"Remember this word: {_WORD}.\n{filler}\nWhich word were you to remember?", 32
        )
        if reply.answered:
            counted = _prompt_tokens(reply)
            forgets = _WORD not in reply.text.lower()
            cut = forgets and counted is not None and counted < size // 2
            held = 0 if cut else max(size, counted or 0)
            return Context(known.tokens, known.source, held, forgets, cut)
        if kind_of(reply.status or None, reply.words) != "context_overflow":
            return known
        number = _NUMBERS.search(reply.words)
        if number and not known.tokens:
            known = Context(int(number[1]), "error message")
        size = min(size // 2, (known.tokens or size) * 3 // 4)
    return known


def shown_reasoning(reply: Reply) -> tuple[Shown, int | None]:
    """Return how an answer's reasoning shows, and the tokens that it took."""
    tokens = _reasoning_tokens(reply)
    message = reply.message
    listed = message.get("content")
    typed = isinstance(listed, list) and any(
        isinstance(part, dict) and part.get("type") in ("thinking", "reasoning") for part in listed
    )
    if typed or any(message.get(name) for name in _FIELDS):
        return "field", tokens
    found = parts(str(listed or "")) if isinstance(listed, str) else None
    if found is not None and (found.thought or found.unfinished):
        return "tags", tokens
    return ("counted only", tokens) if tokens else ("none", None)


def _refused(reply: Reply) -> ProbeResult:
    if reply.status in (400, 404, 415, 422, 500, 501):
        return ProbeResult("no", reply.words)
    return ProbeResult("not known", reply.words or f"HTTP {reply.status}")


def _usage(reply: Reply) -> Mapping[str, Any]:
    usage = reply.body.get("usage")
    return usage if isinstance(usage, dict) else {}


def _prompt_tokens(reply: Reply) -> int | None:
    value = _usage(reply).get("prompt_tokens")
    return value if isinstance(value, int) else None


def _reasoning_tokens(reply: Reply) -> int | None:
    usage = _usage(reply)
    for key in ("completion_tokens_details", "output_tokens_details"):
        details = usage.get(key)
        if isinstance(details, dict) and isinstance(details.get("reasoning_tokens"), int):
            return int(details["reasoning_tokens"]) or None
    value = usage.get("reasoning_tokens")
    return value if isinstance(value, int) and value else None


def _from_models(reply: Reply, model: str) -> int | None:
    listed = reply.body.get("data") or reply.body.get("models")
    entries = listed if isinstance(listed, list) else []
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        names = {entry.get("id"), entry.get("name")}
        if model not in names and model.rsplit("/", 1)[-1] not in names and len(entries) > 1:
            continue
        nested = [entry, *(part for part in entry.values() if isinstance(part, dict))]
        for key in _CONTEXT_KEYS:
            for part in nested:
                if isinstance(part.get(key), int) and part[key] > 0:
                    return int(part[key])
    return None
