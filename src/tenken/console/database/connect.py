"""One engine for SQLite or PostgreSQL, brought up to date when it is opened."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from tenken.errors import InputError, in_a_line

MIGRATIONS: Final = Path(__file__).with_name("migrations")
VERSION: Final = "0003"
"""Version of the tables that this version of the console needs: the last of the migrations."""
_LOCK: Final = 20_240_631
"""Number of the lock that a server takes in PostgreSQL while it changes tables."""
_WRITES: Final = "tenken_writes"
_KNOWN: Final = ("sqlite", "postgresql")


def open_database(url: str) -> Engine:
    """Open a database and make or change its tables as this version needs them.

    Args:
        url: An SQLAlchemy address, such as `sqlite:///console.sqlite` or
            `postgresql+psycopg://user@host/name`.

    Returns:
        The engine; several threads may use it.

    Raises:
        InputError: The address is none, or the database cannot be used.
    """
    try:
        address = make_url(url)
        if address.get_backend_name() not in _KNOWN:
            raise InputError(
                "TENKEN_DATABASE: '{get_backend_name}' is not supported; use sqlite or "
                "postgresql+psycopg.",
                get_backend_name=address.get_backend_name(),
            )
        engine = create_engine(address, pool_pre_ping=True, **_pool(address.get_backend_name()))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            _make_private(address.database)
        _bring_up_to_date(engine)
    except ArgumentError:
        raise InputError("TENKEN_DATABASE: not a database address.") from None
    except (SQLAlchemyError, OSError) as error:
        said = in_a_line(getattr(error, "orig", None) or error)
        raise InputError("the console's database cannot be used: {said}.", said=said) from None
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that is going to write, which waits for others from its beginning.

    SQLite would otherwise refuse a transaction that has read before another one wrote.
    """
    with engine.connect().execution_options(**{_WRITES: True}) as connection:
        with connection.begin():
            yield connection


def _begin_sqlite(connection: Connection) -> None:
    kind = "IMMEDIATE" if connection.get_execution_options().get(_WRITES) else "DEFERRED"
    connection.exec_driver_sql(f"BEGIN {kind}")


def _pool(backend: str) -> dict[str, Any]:
    return {"pool_size": 10, "max_overflow": 30} if backend == "postgresql" else {}


def _make_private(database: str | None) -> None:
    """Let nobody else read the file: it holds answers and drafts.

    A file that is there is not opened: closing it would drop the locks that this process may hold
    on it by SQLite, and two writers at once would damage it.
    """
    if database and database != ":memory:":
        path = Path(database)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says so
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=20000"):
        connection.execute(f"PRAGMA {pragma}")


def _bring_up_to_date(engine: Engine) -> None:
    if _version(engine) == VERSION:
        return  # without Alembic, which takes a while to import
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, VERSION)


def _version(engine: Engine) -> str:
    """Return the version of a database's tables; empty where there are none."""
    with engine.connect() as connection:
        if not engine.dialect.has_table(connection, "alembic_version"):
            return ""
        found = connection.execute(text("SELECT version_num FROM alembic_version"))
        return str(found.scalar_one_or_none() or "")
