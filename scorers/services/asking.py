"""One request to a moderation service, tried again where it is busy."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from tenken.scorers.services.mapping import ServiceMapping

_ATTEMPTS: Final = 4
_FIRST_WAIT: Final = 1.0
_LONGEST_WAIT: Final = 60.0
_SECONDS: Final = 60.0
_MOST_BYTES: Final = 2**20
_BUSY: Final = (408, 409, 425, 429, 500, 502, 503, 504)


class ServiceError(Exception):
    """A service gave no reply; its text is the reason, such as `service_http_429`."""


async def ask_service(service: ServiceMapping, url: str, texts: Mapping[str, str]) -> Any:
    """Return the reply of a service to the texts of one sample.

    Args:
        service: How it is asked.
        url: Where it is asked.
        texts: `answer`, `request` and `language` of the sample.

    Raises:
        ServiceError: There is no key, no connection, another status than 200, or no JSON.
    """
    key = os.environ.get(service.key_env or "", "")
    if service.key_env and not key:
        raise ServiceError("service_no_key")
    headers = {name: text.replace("{key}", key) for name, text in service.headers.items()}
    body, wait = service.request(texts), _FIRST_WAIT
    for left in reversed(range(_ATTEMPTS)):
        status, asked_to_wait, data = await _posted(url, headers, body)
        if status == 200:
            try:
                return json.loads(data)
            except ValueError:
                raise ServiceError("service_reply_invalid") from None
        if not left or status not in _BUSY:
            raise ServiceError(f"service_http_{status}")
        await asyncio.sleep(min(wait if asked_to_wait is None else asked_to_wait, _LONGEST_WAIT))
        wait *= 2
    raise ServiceError("service_failed")


async def _posted(
    url: str, headers: Mapping[str, str], body: Any
) -> tuple[int, float | None, bytes]:
    """Return status, seconds to wait, and bytes of one answer; no error quotes what was sent."""
    import aiohttp

    try:
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.post(url, headers=headers, json=body, allow_redirects=False) as response,
        ):
            data = await response.content.read(_MOST_BYTES + 1)
            while chunk := await response.content.read(_MOST_BYTES + 1):
                data += chunk
                if len(data) > _MOST_BYTES:
                    raise ServiceError("service_reply_too_large")
            after = response.headers.get("Retry-After", "")
            seconds = float(after) if after.replace(".", "", 1).isdecimal() else None
            return response.status, seconds, data
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ServiceError(f"service_failed_{type(error).__name__}") from None
