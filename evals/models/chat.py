"""Inspect's provider `endpoint`: OpenAI-compatible chat endpoints, under a model's whole name."""

from __future__ import annotations

import asyncio
import json
import random
import ssl
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from inspect_ai.model import ChatMessage, GenerateConfig, ModelAPI, ModelOutput, RetryDecision
from inspect_ai.tool import ToolChoice, ToolInfo

from tenken.errors import Sentence, Words
from tenken.evals.models.faults import (
    AnswerTooLargeError,
    BlockRule,
    ConnectionLostError,
    ContextOverflowError,
    EndpointFault,
    NotACompletionError,
    QuotaUsedUpError,
    TlsError,
    http_error,
    kind_of,
    words_of,
)
from tenken.evals.models.told import ENDPOINT, endpoint_facts, plain, tls_key_sha256
from tenken.evals.models.wire import ErrorBody, completion, request_body, withheld

if TYPE_CHECKING:
    from datetime import datetime

MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes of an answer, unpacked; a stream that does not end must not fill the memory."""

_CONNECT_SECONDS: Final = 30
_LONGEST_WAIT: Final = 60.0
_LONGEST_TOLD: Final = 600.0
_GIVE_UP: Final = (TypeError, KeyError, IndexError, AttributeError, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class Wire:
    """How an endpoint is addressed, beside its parameters.

    Attributes:
        limit: Name of the parameter that bounds an answer.
        system: Whether messages of the role `system` are taken; if not, they go before the first
            message of the user.
        blocked: What counts as a filter's answer.
        tls: Certificates that are trusted; None for the system's.
    """

    limit: str = "max_tokens"
    system: bool = True
    blocked: tuple[BlockRule, ...] = ()
    tls: ssl.SSLContext | None = field(default=None, compare=False)


class ChatAPI(ModelAPI):
    """One endpoint. Connections are pooled; each `generate` is one request, retried by Inspect."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig = GenerateConfig(),  # noqa: B008 - as Inspect's own providers
        *,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Make the provider; nothing is sent yet."""
        super().__init__(model_name, base_url, api_key, [], config)
        self.wire = Wire()
        self._headers = {**(headers or {})}
        self._tls = ""
        self._proxy: str | None = None
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open: AsyncGenerator[None, None] | None = None

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Send one request and return the answer.

        Args:
            input: The messages so far, system message first.
            tools: The tools that the model may call.
            tool_choice: Which tool it has to call, if any.
            config: Parameters of generation; what is None is left to the endpoint.

        Returns:
            The output; for an answer that a filter withheld, one without words of the model.

        Raises:
            EndpointFault: There is no answer, it is not a chat completion, or the endpoint refused.
        """
        body = request_body(
            self.model_name, input, tools, tool_choice, config,
            limit=self.wire.limit, system=self.wire.system,
        )  # fmt: skip
        self.adjust(body)
        status, headers, data = await self.exchange("/chat/completions", body)
        if status >= 400:
            return self._refused(status, data, _retry_after(headers))
        if status >= 300:
            raise http_error(status)(f"it moved to {_place_of(headers)}")
        try:
            output, raw = completion(data, self.model_name, several=(config.num_choices or 1) > 1)
        except ErrorBody as error:
            return self._refused(error.status, error.body, None)
        except _GIVE_UP as error:
            said = words_of(data[:2000])
            raise NotACompletionError(
                "the answer is not a chat completion; check the base URL's path. It begins: {said}",
                said=said[:80] or "...",
            ) from error
        about = {**endpoint_facts(raw, headers), "host": self.host}
        about |= {"tls": self._tls} if self._tls else {}
        output.metadata = {**(output.metadata or {}), ENDPOINT: about}
        return output

    @property
    def host(self) -> str:
        """Name and port of the endpoint."""
        return urlsplit(self.base_url or "").netloc.rpartition("@")[2]

    def adjust(self, body: dict[str, Any]) -> None:
        """Change a request before it is sent; for providers that are built on this one."""

    async def aclose(self) -> None:
        """Close the connections."""
        opened, self._open, self._session = self._open, None, None
        if opened is not None and self._loop is asyncio.get_running_loop():
            await opened.aclose()

    def should_retry(self, ex: BaseException) -> bool | RetryDecision:
        """Whether to send the request again, and what the failure says about the load."""
        if not isinstance(ex, EndpointFault) or not ex.retry:
            return RetryDecision.no()
        if getattr(ex, "status", 0) == 429:
            return RetryDecision.rate_limit(ex.retry_after)
        return RetryDecision.transient(ex.retry_after)

    def retry_wait(self) -> Callable[[Any], float]:
        """Return how long to wait before a retry: as told, else longer each time, with jitter."""
        return _wait

    def connection_key(self) -> str:
        """What shares its connections: an address and a model."""
        return f"{self.base_url}:{self.model_name}"

    async def exchange(
        self, path: str, body: dict[str, Any] | None = None
    ) -> tuple[int, Any, bytes]:
        """Send one HTTP request and return the status, headers and body of its answer.

        Args:
            path: What is added to the base URL.
            body: JSON to post; None gets the page.

        Raises:
            EndpointFault: No whole answer came.
        """
        url = f"{(self.base_url or '').rstrip('/')}{path}"
        data = None if body is None else json.dumps(body, ensure_ascii=True).encode()
        method = "GET" if body is None else "POST"
        try:
            client = await self._client()
            async with client.request(
                method, url, data=data, proxy=self._proxy, allow_redirects=False
            ) as response:
                self._tls = getattr(response, "tls", "")
                return response.status, response.headers, await _bounded(response)
        except aiohttp.ClientSSLError as error:
            raise TlsError(_tls_words(error)) from error
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            lost = Sentence(_lost_words(error))
            if self._proxy:
                lost = Sentence(
                    "{lost} (through the proxy {proxy})", lost=lost, proxy=_shown(self._proxy)
                )
            raise ConnectionLostError(lost) from error

    async def _client(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._loop = loop
            self._proxy = proxy_for(self.base_url or "")
            headers = {"Content-Type": "application/json", "User-Agent": "tenken"}
            if self.api_key and self.api_key != "none":
                headers["Authorization"] = f"Bearer {self.api_key}"
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, ssl=self.wire.tls or True),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS),
                headers={**headers, **self._headers},
                trust_env=False,
                response_class=_Answer,
                cookie_jar=aiohttp.DummyCookieJar(),  # no request knows of another
            )
            self._open = _until_the_loop_ends(self._session)
            await anext(self._open)
        return self._session

    def _refused(self, status: int | None, body: Any, told: float | None) -> ModelOutput:
        words = words_of(body)
        kind = kind_of(status, words, self.wire.blocked)
        if kind == "blocked":
            return withheld(self.model_name, words)
        if kind == "context_overflow":
            raise ContextOverflowError(
                "the prompt does not fit into the context: {words}", words=words
            )
        if kind == "quota":
            raise QuotaUsedUpError("the account has no quota left: {words}", words=words)
        if status is not None:
            raise http_error(status)(words, told)
        raise NotACompletionError("the endpoint answered with an error: {words}", words=words)


class _Answer(aiohttp.ClientResponse):
    """An answer that remembers whose certificate its connection was made with."""

    tls = ""

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        """Look at the connection while it is there: a short answer gives it back at once."""
        self.tls = tls_key_sha256(connection)
        return await super().start(connection)


def proxy_for(url: str) -> str | None:
    """Return the proxy that the environment names for an address; none for this machine itself."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback or ip_address(host).is_unspecified
    except ValueError:
        return False


async def _until_the_loop_ends(session: aiohttp.ClientSession) -> AsyncGenerator[None, None]:
    """Close a session with its loop, which ends open generators: Inspect closes no provider."""
    try:
        yield
    finally:
        await session.close()


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    found = bytearray()
    if (response.content_length or 0) > MOST_BYTES:
        response.close()
        raise AnswerTooLargeError("the answer has more than {most} MiB", most=MOST_BYTES >> 20)
    async for chunk in response.content.iter_chunked(1 << 16):
        found += chunk
        if len(found) > MOST_BYTES:
            response.close()
            raise AnswerTooLargeError("the answer has more than {most} MiB", most=MOST_BYTES >> 20)
    return bytes(found)


def _place_of(headers: Any) -> str:
    """Return where a redirect leads: nobody is told the key or a prompt but the plan's endpoint."""
    place = urlsplit(str(headers.get("Location", "")))
    return plain(place._replace(query="", fragment="").geturl()) or "an address that it keeps"


def _retry_after(headers: Any) -> float | None:
    """Return how many seconds a `Retry-After` says, None where there is none."""
    value = str(headers.get("Retry-After", "")).strip()
    try:
        return min(max(float(value), 0.0), _LONGEST_TOLD)
    except ValueError:
        pass
    try:
        when: datetime = parsedate_to_datetime(value)
        from datetime import UTC
        from datetime import datetime as clock

        return min(max((when - clock.now(UTC)).total_seconds(), 0.0), _LONGEST_TOLD)
    except (ValueError, TypeError):
        return None


def _wait(state: Any) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    told = getattr(error, "retry_after", None)
    if told is not None:
        return float(told) + random.uniform(0, 0.25)  # noqa: S311 - spreads load, no secret
    longest: float = min(2.0 ** (state.attempt_number - 1), _LONGEST_WAIT)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311


def _tls_words(error: BaseException) -> Words:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return (
            "the TLS certificate is not trusted; if it is your own, name the file of its "
            "authority with ca_file in the endpoint file"
        )
    if "WRONG_VERSION_NUMBER" in text or "record layer" in text:
        return "the server speaks no TLS; write http:// in the base URL if that is meant"
    return Sentence("the TLS connection failed: {said}", said=" ".join(text.split())[:160])


def _lost_words(error: BaseException) -> Words:
    if isinstance(error, aiohttp.ClientPayloadError):
        return "the answer broke off or cannot be unpacked"
    if isinstance(error, aiohttp.ClientResponseError):
        return "the answer is not HTTP that can be read"
    if isinstance(error, aiohttp.ClientConnectorError):
        return Sentence(
            "no connection to {host}:{port}. Is the endpoint running there?",
            host=error.host,
            port=error.port,
        )
    return "the connection broke off. Is the endpoint running there?"


def _shown(proxy: str) -> str:
    parts = urlsplit(proxy)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
