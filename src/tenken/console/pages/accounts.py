"""Accounts, passwords and tokens."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from tenken.console.auth import accounts as kept
from tenken.console.auth.accounts import signed_in
from tenken.console.auth.roles import ROLES
from tenken.console.auth.sessions import end_sessions_of, make_token, tokens_of, void_token
from tenken.console.web.call import Call, RefusedError
from tenken.console.web.render import go, page
from tenken.console.web.routes import route
from tenken.errors import InputError

_MOST_TOKENS: Final = 20


def accounts(call: Call) -> Response:
    """Show all accounts."""
    return page(
        call, "accounts.html", accounts=kept.all_accounts(call.services.engine), roles=ROLES
    )


def add(call: Call) -> Response:
    """Make an account."""
    given = call.form
    made = kept.add_account(
        call.services.engine,
        given.get("name", ""),
        given.get("role", ""),
        given.get("password", ""),
    )
    call.record("add_account", what=f"{made.name}: {made.role}")
    return go("/accounts")


def change(call: Call) -> Response:
    """Give an account another role, bar it, or give it another password."""
    engine, number = call.services.engine, int(call.request.path_params["account"])
    disabled = call.form.get("disabled") == "1"
    changed = kept.change_account(
        engine, number, role=call.form.get("role", ""), disabled=disabled
    )  # fmt: skip
    password = call.form.get("password", "")
    if password:
        if changed.source != "accounts":
            raise InputError("{said}", said=call.words("no_password_here"))
        kept.set_password(engine, number, password)
    if disabled or password:
        end_sessions_of(engine, number)
    state = "barred" if disabled else changed.role
    call.record("change_account", what=f"{changed.name}: {state}{', password' if password else ''}")
    return go("/accounts")


def own(call: Call) -> Response:
    """Show whoever asks their own account."""
    return page(call, "own.html", tokens=tokens_of(call.services.engine, call.account), made="")


def own_password(call: Call) -> Response:
    """Change one's own password."""
    engine, account = call.services.engine, call.account
    if account.source != "accounts":
        raise InputError("{said}", said=call.words("no_password_here"))
    key = f"name:{account.name.casefold()}"
    if not call.services.attempts.allowed(key):
        raise RefusedError(429, "too_many_attempts")
    if signed_in(engine, account.name, call.form.get("old", "")) is None:
        call.services.attempts.failed(key)
        raise InputError("{said}", said=call.words("wrong_password"))
    kept.set_password(engine, account.id, call.form.get("password", ""))
    end_sessions_of(engine, account.id)
    call.record("change_password")
    return go("/sign-in")


def new_token(call: Call) -> Response:
    """Make a token for programs and show it this once."""
    engine = call.services.engine
    if not (call.person and call.person.csrf):
        raise RefusedError(403, "no_right")  # a token makes no tokens
    if len(tokens_of(engine, call.account)) >= _MOST_TOKENS:
        raise InputError("{said}", said=call.words("too_many_tokens", most=_MOST_TOKENS))
    name = " ".join(call.form.get("name", "").split()) or "token"
    made = make_token(engine, call.account, name)
    call.record("make_token", what=name[:60])
    return page(call, "own.html", tokens=tokens_of(engine, call.account), made=made)


def end_token(call: Call) -> Response:
    """Void a token."""
    void_token(call.services.engine, call.account, call.form.get("token", "-")[:16] or "-")
    call.record("void_token")
    return go("/account")


ROUTES: Final = (
    route("/accounts", accounts, "accounts"),
    route("/accounts", add, "accounts", ["POST"]),
    route("/accounts/{account:int}", change, "accounts", ["POST"]),
    route("/account", own, "read"),
    route("/account/password", own_password, "read", ["POST"]),
    route("/account/tokens", new_token, "read", ["POST"]),
    route("/account/tokens/void", end_token, "read", ["POST"]),
)
