"""The database is what its migrations make, in SQLite and, where it is named, in PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from tenken.console.database.connect import open_database
from tenken.console.database.tables import metadata

POSTGRESQL = os.environ.get("TENKEN_TEST_POSTGRESQL", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "postgresql" and not POSTGRESQL:
        pytest.skip("no PostgreSQL: tools/with_postgresql.py starts one for the tests")
    url = (
        POSTGRESQL if request.param == "postgresql" else f"sqlite:///{tmp_path / 'a' / 'c.sqlite'}"
    )
    made = open_database(url)
    yield made
    if request.param == "postgresql":
        with made.begin() as connection:
            metadata.drop_all(connection)
            connection.exec_driver_sql("drop table alembic_version")
    made.dispose()


def test_the_migrations_make_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == "0001"
    open_database(engine.url.render_as_string(hide_password=False)).dispose()  # nothing is left


def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "own" / "c.sqlite"
    open_database(f"sqlite:///{path}").dispose()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
