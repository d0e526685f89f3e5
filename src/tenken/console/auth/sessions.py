"""Sessions of browsers, tokens of programs, and the one-time link.

The database holds digests alone: who reads it can sign in as nobody.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, delete, insert, select

from tenken.console.auth.accounts import Account
from tenken.console.database.connect import writing
from tenken.console.database.tables import accounts, sessions, tokens
from tenken.io.canonical import sha256_bytes

LIFETIME: Final = 12 * 3600.0
"""Seconds that a session lasts."""


@dataclass(frozen=True)
class Person:
    """Who asks for a page.

    Attributes:
        csrf: What every form of theirs has to bring along; empty where a token is used.
        session: Digest of the session; empty where a token or a proxy's header is used.
    """

    account: Account
    csrf: str = ""
    session: str = ""


def start_session(engine: Engine, account: Account) -> str:
    """Begin a session and return its secret; an older secret is never reused.

    Args:
        engine: The database; it gets a digest of the secret only.
        account: Whose session it is.

    Returns:
        What the cookie holds: 32 random bytes in URL-safe Base64. It is valid for `LIFETIME`
        seconds.
    """
    secret = secrets.token_urlsafe(32)
    now = time.time()
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.expires < now))
        connection.execute(
            insert(sessions).values(
                digest=_digest(secret),
                account=account.id,
                csrf=secrets.token_urlsafe(32),
                expires=now + LIFETIME,
            )
        )
    return secret


def find_session(engine: Engine, secret: str) -> Person | None:
    """Return whose session a secret is, or None.

    Args:
        engine: The database.
        secret: What the cookie holds.

    Returns:
        None too where the session has expired or the account is barred.
    """
    digest = _digest(secret)
    query = (
        select(sessions.c.csrf, sessions.c.expires, accounts)
        .join(accounts, accounts.c.id == sessions.c.account)
        .where(sessions.c.digest == digest)
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None or row.expires < time.time() or row.disabled:
        return None
    account = Account(row.id, row.name, row.role, row.source, row.disabled)
    return Person(account, row.csrf, digest)


def end_session(engine: Engine, person: Person) -> None:
    """End a session.

    Args:
        engine: The database.
        person: Who signs out; other sessions of theirs go on.
    """
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.digest == person.session))


def end_sessions_of(engine: Engine, number: int) -> None:
    """End all sessions of an account, and void its tokens.

    Args:
        engine: The database.
        number: The account's id.
    """
    with writing(engine) as connection:
        connection.execute(delete(sessions).where(sessions.c.account == number))
        connection.execute(delete(tokens).where(tokens.c.account == number))


def make_token(engine: Engine, account: Account, name: str) -> str:
    """Make a token for programs; it is shown once.

    Args:
        engine: The database; it gets a digest of the token only.
        account: Whose token it is.
        name: What it is for, in the owner's words; cut at 60 characters.

    Returns:
        The token: `tnk_` and 32 random bytes in URL-safe Base64. It does not expire.
    """
    secret = f"tnk_{secrets.token_urlsafe(32)}"
    with writing(engine) as connection:
        connection.execute(
            insert(tokens).values(
                digest=_digest(secret), account=account.id, name=name[:60], created=time.time()
            )
        )
    return secret


def tokens_of(engine: Engine, account: Account) -> list[tuple[str, str, float]]:
    """Return the beginning of the digest, the name and the time of an account's tokens.

    Args:
        engine: The database.
        account: Whose tokens they are.

    Returns:
        Oldest first: 16 hexadecimal digits of the digest, the name, and seconds since 1970.
    """
    query = select(tokens).where(tokens.c.account == account.id).order_by(tokens.c.created)
    with engine.connect() as connection:
        return [(row.digest[:16], row.name, row.created) for row in connection.execute(query)]


def void_token(engine: Engine, account: Account, short: str) -> None:
    """Void the token of an account whose digest begins so.

    Args:
        engine: The database.
        account: Whose token it is; those of others are left alone.
        short: The beginning of the digest, as `tokens_of` gives it.
    """
    with writing(engine) as connection:
        connection.execute(
            delete(tokens).where(
                tokens.c.account == account.id, tokens.c.digest.startswith(short, autoescape=True)
            )
        )


def find_token(engine: Engine, secret: str) -> Person | None:
    """Return whose token a secret is, or None.

    Args:
        engine: The database.
        secret: The token as the program sent it.

    Returns:
        None too where the account is barred; the person has no session.
    """
    query = (
        select(accounts)
        .join(tokens, accounts.c.id == tokens.c.account)
        .where(tokens.c.digest == _digest(secret))
    )
    with engine.connect() as connection:
        row = connection.execute(query).first()
    if row is None or row.disabled:
        return None
    return Person(Account(row.id, row.name, row.role, row.source, row.disabled))


class OneTimeLink:
    """A secret that lets in one browser, and is another one afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.secret = secrets.token_urlsafe(32)

    def use(self, secret: str) -> bool:
        """Return whether this is the secret, which can be used only once."""
        with self._lock:
            if not hmac.compare_digest(secret.encode(), self.secret.encode()):
                return False
            self.secret = secrets.token_urlsafe(32)
            return True


def _digest(secret: str) -> str:
    return sha256_bytes(secret.encode("utf-8", "replace"))
