"""One request with all that a page needs of it, and the guard of forms."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from tenken.console.auth import acts
from tenken.console.auth.accounts import Account, known_or_added
from tenken.console.auth.roles import Right
from tenken.console.auth.sessions import Person, find_session, find_token
from tenken.console.bundles.folder import run_folder
from tenken.console.services import Services
from tenken.console.settings import Settings
from tenken.console.words import ConsoleWords, language_of

LANGUAGE_COOKIE: Final = "tenken_language"
_SAFE: Final = ("GET", "HEAD")


class RefusedError(Exception):
    """A request that is refused.

    Attributes:
        status: HTTP's number for it.
        key: Key of the message that says why.
    """

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status, self.key = status, key


@dataclass(frozen=True)
class Call:
    """One request.

    Attributes:
        person: Who asks; None where nobody has signed in.
        form: The last value of each field of a form.
        fields: All values of each field.
    """

    request: Request
    services: Services
    person: Person | None
    form: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: bytes = b""

    @cached_property
    def words(self) -> ConsoleWords:
        """The words of the language that was asked for."""
        request = self.request
        return ConsoleWords(
            language_of(
                request.query_params.get("lang", ""),
                request.cookies.get(LANGUAGE_COOKIE, ""),
                request.headers.get("accept-language", ""),
            )
        )

    @property
    def account(self) -> Account:
        """Whoever asks.

        Raises:
            RefusedError: Nobody has signed in.
        """
        if self.person is None:
            raise RefusedError(401, "no_sign_in")
        return self.person.account

    @property
    def settings(self) -> Settings:
        """What the console was started with."""
        return self.services.settings

    @property
    def run(self) -> str:
        """Name of the run that the address names."""
        return str(self.request.path_params["run"])

    @cached_property
    def folder(self) -> Path:
        """Folder of the run that the address names.

        Raises:
            UnknownNameError: There is no such run.
        """
        return self.folder_of(self.run)

    def folder_of(self, run: str) -> Path:
        """Return the folder of a run by its name.

        Raises:
            UnknownNameError: There is no such run.
        """
        return run_folder(self.settings.results, run)

    @property
    def is_partial(self) -> bool:
        """Whether htmx asks for a part of a page."""
        return self.request.headers.get("hx-request") == "true"

    def may(self, right: Right) -> bool:
        """Whether whoever asks has a right."""
        return self.person is not None and self.person.account.may(right)

    def record(self, act: str, run: str = "", what: str = "") -> None:
        """Log what whoever asks has done; see `acts.record`.

        Args:
            act: What was done, as a key of the message catalogue.
            run: Name of the run that it was done to; empty for none.
            what: To what, in a few words.
        """
        acts.record(self.services.engine, self.account.name, act, run, what)


def cookie_name(settings: Settings) -> str:
    """Return the name of the session's cookie; over TLS no other host can set it."""
    return "__Host-tenken" if settings.is_secure else "tenken_session"


def find_person(request: Request, services: Services) -> Person | None:
    """Return who asks, by token, trusted proxy or session.

    Args:
        request: The request; a bearer token takes precedence.
        services: Database and settings, which say how people sign in.

    Returns:
        None where nobody has signed in.
    """
    given = request.headers.get("authorization", "")
    if given.lower().startswith("bearer "):
        return find_token(services.engine, given[7:].strip())
    settings = services.settings
    if settings.sign_in == "proxy":
        return _by_proxy(request, services)
    secret = request.cookies.get(cookie_name(settings), "")
    return find_session(services.engine, secret) if secret else None


def check_form(request: Request, person: Person | None, given: str) -> None:
    """Refuse a form that another page has sent.

    Args:
        request: The request.
        person: Who asks; None where somebody signs in.
        given: The token that came with the form.

    Raises:
        RefusedError: The form is not one of the console's.
    """
    if request.method in _SAFE or request.headers.get("authorization"):
        return
    origin = request.headers.get("origin", "")
    if origin and urlsplit(origin).netloc not in _own_hosts(request):
        raise RefusedError(403, "foreign_form")
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise RefusedError(403, "foreign_form")
    if person is not None and not hmac.compare_digest(given.encode(), person.csrf.encode()):
        raise RefusedError(403, "foreign_form")


def _own_hosts(request: Request) -> set[str]:
    services: Services = request.app.state.services
    return {request.headers.get("host", ""), urlsplit(services.settings.address).netloc}


def _by_proxy(request: Request, services: Services) -> Person | None:
    settings = services.settings
    client = request.client.host if request.client else ""
    name = " ".join(request.headers.get(settings.proxy_header, "").split())
    if not name or not settings.trusts(client):
        return None
    account = known_or_added(services.engine, name, "reader", "proxy")
    if account is None:
        return None
    csrf = hmac.new(services.secret, account.name.encode(), "sha256").hexdigest()
    return Person(account, csrf)
