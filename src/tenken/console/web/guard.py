"""What holds for every request and answer: hosts, sizes, headers."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tenken.console.settings import Settings

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No inline script, no inline style, nothing from elsewhere."""

MOST_BYTES: Final = 4 * 2**20
"""Most bytes of a request's body."""

_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


class Guard:
    """Middleware that refuses other hosts and large bodies, and adds the headers of safety."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings
        self._hosts = _hosts(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        answer = self._headed(send)
        if self._hosts and _host(headers.get("host", "")) not in self._hosts:
            await PlainTextResponse("Unknown host.", 421)(scope, receive, answer)
            return
        length = headers.get("content-length", "0")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            await PlainTextResponse("Too large.", 413)(scope, receive, answer)
            return
        await self._app(scope, _bounded(receive), answer)

    def _headed(self, send: Send) -> Send:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", POLICY)
                headers.setdefault("cache-control", "no-store")
                if self._settings.is_secure:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        return sender


def _bounded(receive: Receive) -> Receive:
    taken = 0

    async def receiver() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MOST_BYTES:
            return {"type": "http.disconnect"}
        return message

    return receiver


def _hosts(settings: Settings) -> frozenset[str]:
    """Return the names under which the console is reached: a page elsewhere has another one."""
    own = _host(urlsplit(settings.address).netloc)
    if settings.sign_in == "link":
        return frozenset({own, "localhost", "127.0.0.1", "::1"})
    return frozenset({own}) if settings.public_url else frozenset()


def _host(given: str) -> str:
    try:
        return urlsplit(f"//{given}").hostname or ""
    except ValueError:
        return ""
