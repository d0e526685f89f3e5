"""One short question to an endpoint before any sample is sent, and what its failure means."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator

from tenken.errors import EndpointError
from tenken.evals.endpoint import Endpoint, make_model

_QUESTION = "Reply with the word OK."
_SECONDS = 60


def preflight(endpoint: Endpoint, role: str = "the model under test") -> None:
    """Ask the endpoint one short question.

    Args:
        endpoint: What to ask.
        role: What the endpoint is for, for the message.

    Raises:
        EndpointError: It cannot be used; one line says why and what to do.
    """
    try:
        asyncio.run(_ask(endpoint))
    except EndpointError:
        raise
    except Exception as error:
        raise EndpointError(f"{role} ({_address(endpoint)}): {explain(error, endpoint)}") from None


async def _ask(endpoint: Endpoint) -> None:
    from inspect_ai.model import GenerateConfig

    model = make_model(endpoint)
    config = GenerateConfig(max_tokens=16, max_retries=0, timeout=_SECONDS)
    try:
        output = await asyncio.wait_for(model.generate(_QUESTION, config=config), _SECONDS)
    finally:
        await model.api.aclose()
    if output.error:
        raise RuntimeError(output.error)


def explain(error: BaseException, endpoint: Endpoint | None = None) -> str:
    """Return in one line what an endpoint's error means and what can be done.

    Providers have exception classes of their own; the status code, the chain of causes and the
    class's name say what it was.

    Args:
        error: What was raised.
        endpoint: The endpoint, for the names of its settings.
    """
    chain = list(_chain(error))
    status = next((code for each in chain if (code := _status(each)) is not None), None)
    text = " ".join(f"{type(each).__name__} {each}" for each in chain).lower()
    key = endpoint.api_key_env if endpoint and endpoint.api_key_env else "the provider's variable"
    if any(isinstance(each, ssl.SSLError) for each in chain) or "certificate" in text:
        return "the TLS connection failed: the certificate is not trusted; check the base URL."
    if status in (401, 403):
        return f"the key was not accepted (HTTP {status}); check the key in {key}."
    if status == 404:
        return "no such model or path (HTTP 404); check the model's name and the base URL."
    if status == 429 or "ratelimit" in text:
        return "the endpoint says that its rate limit is reached (HTTP 429); try again later."
    if status is not None and status >= 500:
        return f"the endpoint has an error of its own (HTTP {status}); try again later."
    if status is not None and status >= 400:
        return f"the endpoint did not accept the request (HTTP {status}): {_first_line(error)}"
    if "timeout" in text:
        return f"no answer within {_SECONDS} seconds."
    if any(isinstance(each, ConnectionError) for each in chain) or "connect" in text:
        return "the connection was refused or broke off; is the endpoint running there?"
    if any(mark in text for mark in ("json", "non-chatcompletion", "decode", "validation")):
        return "the answer is not the JSON of a chat completion; check the base URL's path."
    return f"the request failed: {_first_line(error)}"


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


def _first_line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."


def _address(endpoint: Endpoint) -> str:
    return f"{endpoint.model} at {endpoint.base_url}" if endpoint.base_url else endpoint.model
