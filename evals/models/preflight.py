"""One short question to an endpoint before any sample is sent, and what its failure means."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tenken.errors import EndpointError
from tenken.evals.models.endpoint import Endpoint, make_model
from tenken.evals.process import interruptible, silent_console

if TYPE_CHECKING:
    from inspect_ai.model import Model

_QUESTION = "Reply with the word OK."
_SECONDS = 60


def preflight(endpoint: Endpoint, role: str = "the model under test") -> None:
    """Ask the endpoint one short question.

    Args:
        endpoint: What to ask.
        role: What the endpoint is for, for the message.

    Raises:
        EndpointError: It cannot be used; one line says why and what to do.
        StoppedError: Stopped from the keyboard.
    """
    said = "stopped before any sample was asked; give the same command again to start."
    with interruptible(said), silent_console():
        try:
            asyncio.run(_ask(endpoint))
        except EndpointError:
            raise
        except Exception as error:
            reason = explain(error, endpoint)
            raise EndpointError(f"{role} ({_address(endpoint)}): {reason}") from None


async def _ask(endpoint: Endpoint) -> None:
    from inspect_ai.model import GenerateConfig

    model = without_own_retries(make_model(endpoint))
    seconds = _seconds(endpoint)
    config = GenerateConfig(max_tokens=16, max_retries=0, timeout=seconds, attempt_timeout=seconds)
    try:
        output = await asyncio.wait_for(model.generate(_QUESTION, config=config), seconds)
    finally:
        await model.api.aclose()
    if output.error:
        raise RuntimeError(output.error)


def without_own_retries(model: Model) -> Model:
    """Let each attempt be one request; the model is changed in place and returned.

    Inspect retries as the endpoint's settings say; the clients of OpenAI's and Anthropic's
    packages would try each of its attempts three times.
    """
    client = getattr(model.api, "client", None)
    if isinstance(getattr(client, "max_retries", None), int):
        client.max_retries = 0  # type: ignore[union-attr]
    return model


def explain(  # noqa: PLR0911 - one line for each cause
    error: BaseException, endpoint: Endpoint | None = None
) -> str:
    """Return in one line what an endpoint's error means and what can be done.

    Providers have exception classes of their own; the status code, the chain of causes and the
    class's name say what it was.

    Args:
        error: What was raised.
        endpoint: The endpoint, for the names of its settings.
    """
    chain = list(_chain(error))
    status = next((code for each in chain if (code := _status(each)) is not None), None)
    if any(isinstance(each, ssl.SSLError) for each in chain):
        return _tls(chain)
    if status is not None and status >= 400:
        return _refused(status, error, endpoint)
    classes = " ".join(type(each).__name__ for each in chain).lower()
    if "ratelimit" in classes:
        return _refused(429, error, endpoint)
    if "timeout" in classes:
        return f"no answer within {_seconds(endpoint)} seconds."
    if any(isinstance(each, ConnectionError) for each in chain) or "connect" in classes:
        return "the connection was refused or broke off; is the endpoint running there?"
    text = " ".join(str(each) for each in chain).lower()
    if any(isinstance(each, _STUMBLES) for each in chain) or "non-chatcompletion" in text:
        return "the answer is not the JSON of a chat completion; check the base URL's path."
    return f"the request failed: {_first_line(error, endpoint)}"


_STUMBLES = (TypeError, KeyError, IndexError, AttributeError, ValueError)
"""What providers raise over a body of another form; JSON and pydantic errors are ValueErrors."""


def _refused(status: int, error: BaseException, endpoint: Endpoint | None) -> str:
    key = endpoint.api_key_env if endpoint and endpoint.api_key_env else "the provider's variable"
    if status in (401, 403):
        return f"the key was not accepted (HTTP {status}); check the key in {key}."
    if status == 404:
        return "no such model or path (HTTP 404); check the model's name and the base URL."
    if status == 429:
        return "the endpoint says that its rate limit is reached (HTTP 429); try again later."
    if status >= 500:
        return f"the endpoint has an error of its own (HTTP {status}); try again later."
    # Inspect puts the whole request before what the endpoint said.
    said = _first_line(error.__cause__ or error, endpoint)
    return f"the endpoint did not accept the request (HTTP {status}): {said}"


def _tls(chain: list[BaseException]) -> str:
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in chain):
        return "the TLS connection failed: the certificate is not trusted; check the base URL."
    return (
        "the TLS connection failed: does the base URL begin with https:// where http:// is meant?"
    )


def _seconds(endpoint: Endpoint | None) -> int:
    return min(_SECONDS, endpoint.connections.attempt_timeout) if endpoint else _SECONDS


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        last = getattr(current, "last_attempt", None)  # tenacity keeps the cause in here
        inner = last.exception() if last is not None else None
        current = inner or current.__cause__ or current.__context__


def _status(error: BaseException) -> int | None:
    for value in (getattr(error, "status_code", None), getattr(error, "code", None)):
        if isinstance(value, int) and 100 <= value < 600:
            return value
    return None


def _first_line(error: BaseException, endpoint: Endpoint | None) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    secret = endpoint.secret() if endpoint else None
    text = text.replace(secret, "[secret]") if secret else text
    return text if len(text) <= 160 else text[:157] + "..."


def _address(endpoint: Endpoint) -> str:
    return f"{endpoint.model} at {endpoint.base_url}" if endpoint.base_url else endpoint.model
