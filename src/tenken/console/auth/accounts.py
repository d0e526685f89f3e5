"""Accounts and their passwords."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import cache
from typing import Final

from sqlalchemy import Engine, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from tenken.console.auth.roles import ROLES, Right, Role, may
from tenken.console.database.connect import writing
from tenken.console.database.tables import accounts
from tenken.errors import InputError, UnknownNameError

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 200
LONGEST_NAME: Final = 60


@dataclass(frozen=True)
class Account:
    """Somebody whom the console knows.

    Attributes:
        name: What they are called; their labels carry it.
        source: How they sign in: `link`, `accounts`, `oidc` or `proxy`.
    """

    id: int
    name: str
    role: str
    source: str
    disabled: bool

    def may(self, right: Right) -> bool:
        """Whether their role has a right."""
        return not self.disabled and may(self.role, right)


def add_account(
    engine: Engine, name: str, role: str, password: str | None, source: str = "accounts"
) -> Account:
    """Make an account.

    Args:
        engine: The database.
        name: Printable, at most 60 characters, not taken.
        role: One of the roles.
        password: At least 12 characters; None for somebody who signs in elsewhere.
        source: How they sign in.

    Raises:
        InputError: Name, role or password are not allowed.
    """
    clean = " ".join(name.split())
    if not clean or not clean.isprintable() or len(clean) > LONGEST_NAME:
        raise InputError(
            "a name has 1 to {longest_name} printable characters.", longest_name=LONGEST_NAME
        )
    if role not in ROLES:
        raise UnknownNameError("role", role, ROLES)
    values = {
        "name": clean, "role": role, "source": source, "disabled": False,
        "password": "" if password is None else hashed(password), "created": time.time(),
        "subject": "",
    }  # fmt: skip
    try:
        with writing(engine) as connection:
            connection.execute(insert(accounts).values(values))
    except IntegrityError:
        raise InputError("the name '{clean}' is taken.", clean=clean) from None
    found = by_name(engine, clean)
    assert found is not None  # noqa: S101 - it was just written
    return found


def known_or_added(
    engine: Engine, name: str, role: Role, source: str, subject: str = ""
) -> Account | None:
    """Return the account of somebody who signed in elsewhere, made where it is new.

    Args:
        engine: The database.
        name: What they are called there.
        role: Role of a new account.
        source: How they signed in.
        subject: What identifies them there for good; the first who comes under a name keeps the
            account, also under another name. Empty where there is nothing but the name.

    Returns:
        None where the name belongs to somebody else, or the account is disabled.
    """
    row = _of_subject(engine, source, subject) if subject else None
    if row is None:
        if by_name(engine, name) is None:
            try:
                add_account(engine, name, role, None, source)
            except InputError:
                return None
        row = _taken(engine, name, source, subject)
    return None if row is None or row.disabled else _account(row)


def _of_subject(engine: Engine, source: str, subject: str) -> Row[tuple[object, ...]] | None:
    query = select(accounts).where(accounts.c.source == source, accounts.c.subject == subject)
    with engine.connect() as connection:
        return connection.execute(query).first()


def _taken(
    engine: Engine, name: str, source: str, subject: str
) -> Row[tuple[object, ...]] | None:  # fmt: skip
    """Return the account of a name, which is from now on the subject's; None where it is not."""
    own = (accounts.c.name == name, accounts.c.source == source)
    with writing(engine) as connection:
        if subject:
            free = (*own, accounts.c.subject == "")
            connection.execute(update(accounts).where(*free).values(subject=subject))
        return connection.execute(
            select(accounts).where(*own, accounts.c.subject == subject)
        ).first()  # fmt: skip


def by_name(engine: Engine, name: str) -> Account | None:
    """Return an account by its name.

    Args:
        engine: The database.
        name: The exact name.

    Returns:
        The account, barred or not; None where there is none.
    """
    with engine.connect() as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
    return _account(row) if row else None


def all_accounts(engine: Engine) -> list[Account]:
    """Return all accounts by name."""
    with engine.connect() as connection:
        rows = connection.execute(select(accounts).order_by(accounts.c.name)).all()
    return [_account(row) for row in rows]


def change_account(engine: Engine, number: int, *, role: str, disabled: bool) -> Account:
    """Give an account another role, or bar it.

    Args:
        engine: The database.
        number: The account's id.
        role: One of the roles.
        disabled: Whether the account is barred.

    Raises:
        UnknownNameError: There is no such role.
        InputError: There is no such account, or no administrator would be left.
    """
    if role not in ROLES:
        raise UnknownNameError("role", role, ROLES)
    with writing(engine) as connection:
        changed = connection.execute(
            update(accounts).where(accounts.c.id == number).values(role=role, disabled=disabled)
        )
        if not changed.rowcount:
            raise InputError("there is no such account.")
        left = connection.execute(
            select(func.count())
            .select_from(accounts)
            .where(accounts.c.role == "administrator", accounts.c.disabled.is_(False))
        ).scalar_one()
        if not left:
            raise InputError("at least one administrator has to be left.")
        row = connection.execute(select(accounts).where(accounts.c.id == number)).one()
    return _account(row)


def set_password(engine: Engine, number: int, password: str) -> None:
    """Give an account another password.

    Args:
        engine: The database.
        number: The account's id; nothing happens where there is no such account.
        password: 12 to 200 characters; a hash of it is stored.

    Raises:
        InputError: The password is too short or too long.
    """
    with writing(engine) as connection:
        connection.execute(
            update(accounts).where(accounts.c.id == number).values(password=hashed(password))
        )


def signed_in(engine: Engine, name: str, password: str) -> Account | None:
    """Return the account that name and password belong to, or None.

    An unknown name takes as long as a known one, so that names cannot be found out by timing.

    Args:
        engine: The database.
        name: As typed; spaces at the ends are ignored.
        password: As typed.

    Returns:
        None too for an account that is barred or signs in elsewhere.
    """
    from argon2.exceptions import InvalidHashError, VerificationError

    clean = " ".join(name.split())
    with engine.connect() as connection:
        row = connection.execute(select(accounts).where(accounts.c.name == clean)).first()
    known = row.password if row and row.password else _decoy()
    try:
        _hasher().verify(known, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    if row is None or not row.password or row.disabled or row.source != "accounts":
        return None
    return _account(row)


def hashed(password: str) -> str:
    """Return what is kept of a password.

    Raises:
        InputError: It is too short or too long.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InputError(
            "a password has {shortest_password} to {longest_password} characters."
        , shortest_password=SHORTEST_PASSWORD, longest_password=LONGEST_PASSWORD)  # fmt: skip
    return str(_hasher().hash(password))


@cache
def _hasher():  # type: ignore[no-untyped-def]
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _decoy() -> str:
    return str(_hasher().hash("nobody has this password"))


def _account(row: Row[tuple[object, ...]]) -> Account:
    return Account(row.id, row.name, row.role, row.source, row.disabled)
