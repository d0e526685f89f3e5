"""What an endpoint's failure was, told from its status and its own words.

Vendors agree on neither codes nor sentences. The patterns here were collected from the error texts
of OpenAI, Azure, Anthropic, Google, Bedrock, Mistral, Cohere, xAI, Alibaba and Zhipu, and of vLLM,
SGLang, llama.cpp, Ollama, LM Studio and TGI.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from tenken.errors import Sentence, Words

Kind = Literal["context_overflow", "blocked", "quota", ""]

MOST_WORDS: Final = 400


class BlockRule(Protocol):
    """What an endpoint file declares to be a filter's answer: a status, a pattern, or both."""

    @property
    def status(self) -> int | None:
        """HTTP status; None for any."""

    @property
    def pattern(self) -> str:
        """Regular expression that is searched in the body."""
        raise NotImplementedError


class EndpointFault(Exception):  # noqa: N818 - what it is, and its kinds are errors
    """Base of every failure of an endpoint; the text is one line for a person."""

    retry = False
    retry_after: float | None = None

    def __init__(self, words: Words, /, **values: object) -> None:
        super().__init__(Sentence(words, **values))


class HttpError(EndpointFault):
    """An error status; the class of each is named for it, such as `Http429Error`.

    Attributes:
        status: The HTTP status.
        words: What the endpoint said.
        retry_after: Seconds that it told to wait.
    """

    status = 0

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__("HTTP {status}: {words}", status=self.status, words=words)
        self.words = words
        self.retry_after = retry_after
        self.retry = self.status in (408, 409, 425, 429) or self.status >= 500


class ContextOverflowError(EndpointFault):
    """The prompt does not fit into the model's context."""


class QuotaUsedUpError(EndpointFault):
    """The account behind the key has no money or quota left: no wait helps."""


class NotACompletionError(EndpointFault):
    """The endpoint answered with something that is no chat completion."""

    retry = True


class AnswerTooLargeError(EndpointFault):
    """The answer has more bytes than any answer may have."""


class ConnectionLostError(EndpointFault):
    """No connection, or one that broke before the answer was whole."""

    retry = True


class TlsError(EndpointFault):
    """No secure connection can be made."""


@lru_cache
def http_error(status: int) -> type[HttpError]:
    """Return the class for a status; its name is what a log keeps of it."""
    return type(f"Http{status}Error", (HttpError,), {"status": status})


def kind_of(status: int | None, words: str, rules: Sequence[BlockRule] = ()) -> Kind:
    """Return what a refusal means: too long a prompt, a filter, no money, or none of these.

    Args:
        status: The HTTP status; None where the error came inside an answer.
        words: The body of the error, codes among it.
        rules: What the endpoint file declares to be a filter's answer.
    """
    if any(
        each.status in (None, status) and re.search(each.pattern, words, re.I) for each in rules
    ):
        return "blocked"
    if status == 402 or (status in (None, 400, 403, 429) and _QUOTA.search(words)):
        return "quota"
    if status in (401, 404, 429):
        return ""
    if status == 413 or _OVERFLOW.search(words):
        return "context_overflow"
    return "blocked" if _FILTER.search(words) else ""


def words_of(body: Any) -> str:
    """Return what an error's body says, on one line: its message, code, type and parameter."""
    if isinstance(body, (bytes, str)):
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else body
        try:
            return words_of(json.loads(text))
        except (ValueError, RecursionError):
            text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", text[:20_000])
            return " ".join(text.split())[:MOST_WORDS]
    said = list(dict.fromkeys(_leaves(body, 0)))
    return " ".join(" ".join(said).split())[:MOST_WORDS]


def _leaves(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth < 6:
        for key in sorted(value, key=lambda each: (each not in _FIRST, str(each))):
            if key in _ECHOES:
                continue
            for leaf in _leaves(value[key], depth + 1):
                yield f"{key}={leaf}" if isinstance(value[key], bool) or key == "param" else leaf
    elif isinstance(value, list) and depth < 6:
        for each in value[:20]:
            yield from _leaves(each, depth + 1)
    elif value is not None and not isinstance(value, (dict, list)):
        yield str(value)


_FIRST: Final = ("error", "message", "detail", "code", "type", "param", "innererror")
_ECHOES: Final = ("input", "prompt", "messages", "request", "url", "ctx", "request_id")
"""Keys that quote the request: a prompt's own words say nothing of the failure."""

_OVERFLOW: Final = re.compile(
    r"context[_ ]length|context[_ ]?(size|window|limit)|model_length|string_above_max_length|"
    r"max(imum)? (model |prompt |context )(length|len\b)|longer than the (maximum )?model|"
    r"prompt (is )?too long|prompt exceeds max|input (is )?too long|input[_ ]length|"
    r"too many (input )?tokens|token (count|limit)[^.]{0,60}exceed|must have less than \d+ tokens|"
    r"exceed(s|ed)?[^.]{0,60}(token limit|maximum number of tokens|context)|"
    r"tokens \+ .{0,4}max_new_tokens|reduce the length of the (messages|prompt|input)|"
    r"prompt contains \d+ tokens|(コンテキスト|入力|トークン).{0,20}(上限|超え|超過|長すぎ)",
    re.I,
)
_FILTER: Final = re.compile(
    r"content[_ -]?(filter|policy_violation)|content (management )?polic(y|ies)|ResponsibleAI|"
    r"data_?inspection_?failed|(was|were|been|is) flagged|flagged (as|for|by)|"
    r"moderation[_ ](block|fail|reject|flag)|(block|reject|flag)[a-z]* by [^.]{0,30}moderation|"
    r"safety (system|filter|setting|guideline)|guardrail|prohibited[_ ]content|"
    r"inappropriate content|sensitive (content|information|words)|unsafe content|"
    r"violat[a-z]+ [^.]{0,60}(usage|content|safety|acceptable use) polic|"
    r"(prompt|request|input|message|content)s? (was|were|has been|have been) blocked|"
    r"(cyber|bio)_policy|invalid_prompt|contentFilter|"
    r"(コンテンツ|安全).{0,12}(フィルタ|ポリシー)|不適切な(内容|コンテンツ)",
    re.I,
)  # fmt: skip
_QUOTA: Final = re.compile(
    r"insufficient_quota|exceeded your current quota|insufficient (balance|credit|funds)|"
    r"(credit|account) balance is too low|billing_(hard_limit|not_active)|out of credits?|"
    r"payment required|残高が?不足",
    re.I,
)  # fmt: skip
