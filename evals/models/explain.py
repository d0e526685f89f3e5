"""What an endpoint's error means, in one line, and what can be done."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from traceback import walk_tb

from tenken.errors import Sentence, Words, said_by
from tenken.evals.models.endpoint import Endpoint
from tenken.evals.models.faults import EndpointFault, HttpError

_SECONDS = 60


def explain(error: BaseException, endpoint: Endpoint | None = None) -> Sentence:
    """Return in one line what an endpoint's error means and what can be done.

    Providers have exception classes of their own; the status code, the chain of causes and the
    class's name say what it was.

    Args:
        error: What was raised.
        endpoint: The endpoint, for the names of its settings.
    """
    return Sentence(_explained(error, list(_chain(error)), endpoint))


def _explained(  # noqa: PLR0911 - one line for each cause
    error: BaseException, chain: list[BaseException], endpoint: Endpoint | None
) -> Words:
    fault = next((each for each in chain if isinstance(each, EndpointFault)), None)
    if fault is not None and not isinstance(fault, HttpError):
        line = _first_line(fault, endpoint)
        if line == str(fault):  # nothing to hide in it, and nothing too long
            line = said_by(fault)
        return Sentence("{said}" if line.endswith(("?", ".")) else "{said}.", said=line)
    status = status_of(error)
    if any(isinstance(each, ssl.SSLError) for each in chain):
        return _tls(chain)
    if status is not None and status >= 300:
        # Inspect puts the whole request before what the endpoint said.
        return _refused(status, fault or error.__cause__ or error, endpoint)
    classes = " ".join(type(each).__name__ for each in chain).lower()
    if "ratelimit" in classes:
        return _refused(429, error, endpoint)
    if "timeout" in classes:
        return Sentence("no answer within {seconds} seconds.", seconds=_seconds(endpoint))
    if any(_of_tiktoken(each) for each in chain):
        return (
            "no model was asked: its tokens are counted with a file that tiktoken downloads once, "
            "and that failed; connect once, or set TIKTOKEN_CACHE_DIR to a folder that has it."
        )
    if any(isinstance(each, ConnectionError) for each in chain) or "connect" in classes:
        return "the connection was refused or broke off; is the endpoint running there?"
    text = " ".join(str(each) for each in chain).lower()
    if any(isinstance(each, _STUMBLES) for each in chain) or "non-chatcompletion" in text:
        return "the answer is not the JSON of a chat completion; check the base URL's path."
    return Sentence("the request failed: {first_line}", first_line=_first_line(error, endpoint))


def status_of(error: BaseException) -> int | None:
    """Return the HTTP status behind an error, None where there is none."""
    return next((code for each in _chain(error) if (code := _status(each)) is not None), None)


_STUMBLES = (TypeError, KeyError, IndexError, AttributeError, ValueError)
"""What providers raise over a body of another form; JSON and pydantic errors are ValueErrors."""


def _refused(status: int, error: BaseException, endpoint: Endpoint | None) -> Words:
    key = (
        endpoint.api_key_env
        if endpoint and endpoint.api_key_env
        else Sentence("the provider's variable")
    )
    words = error.words if isinstance(error, HttpError) else _first_line(error, endpoint)
    said = Sentence(" It said: {clean}", clean=_clean(words, endpoint)) if words else ""
    if status in (401, 403):
        filtered = Sentence(" If it is a filter's answer, declare it under 'blocked'.")
        return Sentence(
            "the key was not accepted (HTTP {status}); check the key in {key}.{said}{filtered}",
            status=status,
            key=key,
            said=said,
            filtered=filtered if status == 403 else "",
        )
    if status == 404:
        return Sentence(
            "no such model or path (HTTP 404); check the model's name and the base URL.{said}",
            said=said,
        )
    if status == 429:
        return Sentence(
            "the endpoint's rate limit is reached (HTTP 429); try again later.{said}", said=said
        )
    if status < 400:
        return Sentence(
            "the endpoint is at another address (HTTP {status}); give that.{said}",
            status=status,
            said=said,
        )
    if status >= 500:
        return Sentence(
            "the endpoint has an error of its own (HTTP {status}); try again later.{said}",
            status=status,
            said=said,
        )
    return Sentence(
        "the endpoint did not accept the request (HTTP {status}).{said}", status=status, said=said
    )


def _tls(chain: list[BaseException]) -> Words:
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


def _of_tiktoken(error: BaseException) -> bool:
    """Whether an error comes from the package that counts tokens, for providers without usage."""
    frames = (frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__))
    return any(str(name).partition(".")[0] == "tiktoken" for name in frames)


def _status(error: BaseException) -> int | None:
    for name in ("status", "status_code", "code"):
        value = getattr(error, name, None)
        if isinstance(value, int) and 100 <= value < 600:
            return value
    return None


def _first_line(error: BaseException, endpoint: Endpoint | None) -> str:
    return _clean(str(error), endpoint) or type(error).__name__


def _clean(text: str, endpoint: Endpoint | None) -> str:
    line = " ".join(text.split())
    secret = endpoint.secret() if endpoint else None
    line = line.replace(secret, "[secret]") if secret else line
    return line if len(line) <= 160 else line[:157] + "..."
