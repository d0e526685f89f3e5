"""Rate limits in the headers of an answer, and the certificate of a connection."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from tenken.evals.models.chat import proxy_for
from tenken.evals.models.doctor.findings import Certificate, RateLimit, one_line

_LIMIT: Final = re.compile(r"^(x-)?(anthropic-)?rate-?limit|^retry-after$", re.I)
_REQUESTS: Final = re.compile(r"limit.*requests|requests.*limit", re.I)
_MOST: Final = 24
_SECONDS: Final = 10


def rate_limits(headers: Mapping[str, str], secret: str | None = None) -> tuple[RateLimit, ...]:
    """Return what headers say of rates, sorted by name.

    Args:
        headers: The headers of an answer.
        secret: A key that must not be repeated.
    """
    found = [
        RateLimit(one_line(name.lower(), secret, 60), one_line(value, secret, 60))
        for name, value in headers.items()
        if _LIMIT.search(name)
    ]
    return tuple(sorted(found, key=lambda limit: limit.name)[:_MOST])


def requests_a_minute(limits: tuple[RateLimit, ...]) -> int | None:
    """Return how many requests a minute the headers allow, None where they do not say.

    The headers of OpenAI and Anthropic speak of a minute.
    """
    values = [
        int(limit.value)
        for limit in limits
        if _REQUESTS.search(limit.name)
        and not re.search(r"remaining|reset|tokens|day", limit.name)
        and limit.value.isascii()
        and limit.value.isdigit()
    ]
    return min(values) if values else None


async def certificate(base_url: str, trusted: ssl.SSLContext | None) -> Certificate:
    """Return the certificate of an address; nothing for plain HTTP, or behind a proxy.

    Args:
        base_url: The address.
        trusted: Certificates that are trusted; None for the system's.
    """
    parts = urlsplit(base_url)
    if parts.scheme != "https" or proxy_for(base_url):
        return Certificate()
    context = trusted or ssl.create_default_context()
    try:
        _, writer = await asyncio.wait_for(
            asyncio.open_connection(parts.hostname, parts.port or 443, ssl=context), _SECONDS
        )
    except (OSError, TimeoutError):
        return Certificate()
    try:
        peer = writer.get_extra_info("ssl_object")
        return _read(peer.version() or "", peer.getpeercert() or {})
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _read(version: str, shown: Mapping[str, Any]) -> Certificate:
    names = {key: value for pairs in shown.get("issuer", ()) for key, value in pairs}
    issuer = names.get("organizationName") or names.get("commonName") or ""
    expires = ""
    if shown.get("notAfter"):
        seconds = ssl.cert_time_to_seconds(str(shown["notAfter"]))
        expires = datetime.fromtimestamp(seconds, UTC).date().isoformat()
    return Certificate(version, one_line(issuer, most=80), expires)
