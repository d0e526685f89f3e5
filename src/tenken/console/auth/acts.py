"""The log of all that changed or uncovered something: each entry names the one before it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine, insert, select, text

from tenken.console.database.connect import writing
from tenken.console.database.tables import acts
from tenken.io.canonical import digest

_START: Final = "0" * 64
_LOCK: Final = threading.Lock()
_LOCK_NUMBER: Final = 20_240_632


@dataclass(frozen=True)
class Act:
    """Something that somebody did.

    Attributes:
        at: Seconds since 1970.
        what: On what, in a few words.
    """

    number: int
    at: float
    account: str
    act: str
    run: str
    what: str


def record(engine: Engine, account: str, act: str, run: str = "", what: str = "") -> None:
    """Write an entry of the log.

    Args:
        engine: The database.
        account: Name of the account that acts.
        act: What was done, as a key of the message catalogue.
        run: Name of the run that it was done to; empty for none.
        what: To what, in a few words; cut at 2,000 characters.
    """
    with _LOCK, writing(engine) as connection:
        record_in(connection, account, act, run, what)


def record_in(
    connection: Connection, account: str, act: str, run: str = "", what: str = ""
) -> None:
    """Write an entry within a transaction, so that it is kept if and only if the change is.

    Args:
        connection: A connection in a transaction that writes.
        account: Name of the account that acts.
        act: What was done, as a key of the message catalogue.
        run: Name of the run that it was done to; empty for none.
        what: To what, in a few words; cut at 2,000 characters.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_NUMBER})
    last = connection.execute(
        select(acts.c.number, acts.c.digest).order_by(acts.c.number.desc()).limit(1)
    ).first()
    number, previous = (last.number + 1, last.digest) if last else (1, _START)
    at = round(time.time(), 3)
    what = what.replace("\x00", "")[:2000]
    connection.execute(
        insert(acts).values(
            number=number, at=at, account=account, act=act, run=run, what=what, previous=previous,
            digest=digest([number, at, account, act, run, what, previous]),
        )
    )  # fmt: skip


def read_acts(engine: Engine, run: str = "", most: int = 200) -> list[Act]:
    """Return the latest entries, the newest first.

    Args:
        engine: The database.
        run: Of this run alone; empty for all.
        most: Most entries.
    """
    query = select(acts).order_by(acts.c.number.desc()).limit(most)
    if run:
        query = query.where(acts.c.run == run)
    with engine.connect() as connection:
        return [
            Act(row.number, row.at, row.account, row.act, row.run, row.what)
            for row in connection.execute(query)
        ]


def first_break(engine: Engine) -> int | None:
    """Return the number of the first entry that does not continue the log, None for a whole one."""
    previous, expected = _START, 1
    with engine.connect() as connection:
        for row in connection.execute(select(acts).order_by(acts.c.number)):
            own = [row.number, row.at, row.account, row.act, row.run, row.what, row.previous]
            if row.number != expected or row.previous != previous or row.digest != digest(own):
                return expected
            previous, expected = row.digest, expected + 1
    return None
