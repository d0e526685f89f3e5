"""Signing in and out."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tenken.console.auth import acts, oidc
from tenken.console.auth.accounts import Account, known_or_added, signed_in
from tenken.console.auth.sessions import LIFETIME, end_session, start_session
from tenken.console.web.call import Call, RefusedError, cookie_name
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.errors import EndpointError


def sign_in_page(call: Call) -> Response:
    """Show how to sign in."""
    if call.person is not None:
        return go("/runs")
    return page(call, "sign_in.html", way=call.settings.sign_in, failed="")


def sign_in(call: Call) -> Response:
    """Sign somebody in by name and password."""
    if call.settings.sign_in != "accounts":
        raise RefusedError(404, "no_such_page")
    services, name = call.services, call.form.get("name", "")[:200]
    client = call.request.client.host if call.request.client else ""
    keys = (f"name:{name.casefold()}", f"address:{client}")
    if not services.attempts.allowed(*keys):
        return page(call, "sign_in.html", 429, way="accounts", failed="too_many_attempts")
    account = signed_in(services.engine, name, call.form.get("password", ""))
    if account is None:
        services.attempts.failed(*keys)
        return page(call, "sign_in.html", 401, way="accounts", failed="wrong_password")
    return _let_in(call, account)


def enter(call: Call) -> Response:
    """Let in who has the one-time link."""
    services = call.services
    if call.settings.sign_in != "link":
        raise RefusedError(404, "no_such_page")
    if not services.link.use(call.request.query_params.get("key", "")):
        return page(call, "sign_in.html", 403, way="link", failed="link_used")
    return _let_in(call, services.local_account())


def sign_out(call: Call) -> Response:
    """End the session."""
    if call.person is not None and call.person.session:
        end_session(call.services.engine, call.person)
    answer = go("/sign-in")
    answer.delete_cookie(cookie_name(call.settings), secure=call.settings.is_secure, httponly=True)
    return answer


async def oidc_begin(call: Call) -> Response:
    """Lead to the OpenID provider."""
    if call.settings.sign_in != "oidc":
        raise RefusedError(404, "no_such_page")
    try:
        return await oidc.lead_there(call.services.oidc, call.request, call.settings)
    except EndpointError:
        return page(call, "sign_in.html", 502, way="oidc", failed="provider_silent")


async def oidc_back(call: Call) -> Response:
    """Let in whom the OpenID provider vouches for; new ones as readers."""
    if call.settings.sign_in != "oidc":
        raise RefusedError(404, "no_such_page")
    engine = call.services.engine
    try:
        who = await oidc.vouched(call.services.oidc, call.request, call.settings)
        account = known_or_added(engine, who.name, "reader", "oidc", who.subject)
    except EndpointError:
        account = None
    if account is None:
        return page(call, "sign_in.html", 403, way="oidc", failed="provider_refused")
    return _let_in(call, account)


def _let_in(call: Call, account: Account) -> Response:
    services = call.services
    if call.person is not None and call.person.session:
        end_session(services.engine, call.person)
    secret = start_session(services.engine, account)
    acts.record(services.engine, account.name, "sign_in", what=account.source)
    answer = go("/runs")
    answer.set_cookie(
        cookie_name(call.settings),
        secret,
        max_age=int(LIFETIME),
        httponly=True,
        samesite="lax",
        secure=call.settings.is_secure,
    )
    return answer


ROUTES: Final = (
    route("/sign-in", sign_in_page, None),
    route("/sign-in", sign_in, None, ["POST"]),
    route("/sign-out", sign_out, None, ["POST"]),
    route("/enter", enter, None),
    route("/oidc", oidc_begin, None),
    route("/oidc/back", oidc_back, None),
)
