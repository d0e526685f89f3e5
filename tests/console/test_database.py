"""The database is what its migrations make, in SQLite and, where it is named, in PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

from tenken.console.auth import acts
from tenken.console.auth.accounts import add_account
from tenken.console.auth.sessions import (
    find_session,
    find_token,
    make_token,
    start_session,
    tokens_of,
    void_token,
)
from tenken.console.bundles.indexing import index_samples
from tenken.console.bundles.samples import SampleQuery, Samples
from tenken.console.database.connect import MIGRATIONS, VERSION, open_database
from tenken.console.database.tables import metadata
from tenken.console.reviewing import assignments
from tenken.console.reviewing.drafts import Draft, drafts_of, keep_draft
from tenken.errors import InputError

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
        assert context.get_current_revision() == VERSION
    assert ScriptDirectory(str(MIGRATIONS)).get_heads() == [VERSION]
    open_database(engine.url.render_as_string(hide_password=False)).dispose()  # nothing is left


def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "own" / "c.sqlite"
    open_database(f"sqlite:///{path}").dispose()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_people_samples_and_labels_in_either_database(engine: Engine, bundles: Path) -> None:
    ann = add_account(engine, "ann", "reviewer", "a long password")
    assert find_session(engine, start_session(engine, ann)) is not None
    token = make_token(engine, ann, "script")
    assert find_token(engine, token) is not None
    void_token(engine, ann, "%")
    assert len(tokens_of(engine, ann)) == 1
    threads = [
        threading.Thread(target=acts.record, args=(engine, "ann", "verify", "run", str(n)))
        for n in range(20)
    ]
    _all(threads)
    assert [a.number for a in acts.read_acts(engine)] == list(range(20, 0, -1))
    assert acts.first_break(engine) is None

    index_samples(engine, bundles / "good")
    index_samples(engine, bundles / "good")  # written anew, never twice
    found = Samples(engine)
    assert found.select("good", SampleQuery())[1] == 20
    text = next(row.answer for row in found.select("good", SampleQuery())[0] if row.answer)
    assert found.select("good", SampleQuery(text=text[:12].upper()))[1] >= 1
    worst, _ = found.select("good", SampleQuery(sort="worst"))
    assert [w.verdict is None for w in worst] == sorted(w.verdict is None for w in worst)
    assert "truth=true" in found.values("good").tags

    assignments.assign(engine, "good", "d" * 64, ann.id, "reviewer")
    items = {f"{n:064}": ["yes", "no"] for n in range(20)}
    _all(
        [
            threading.Thread(
                target=keep_draft, args=(engine, 1, Draft(item, label, "n\x00"), items)
            )
            for item in items
            for label in ("yes", "no")
        ]
    )
    assert sorted(drafts_of(engine, 1)) == sorted(items)
    assert assignments.is_blind(engine, "good", ann.id)
    assignments.mark_handed_in(engine, 1)
    with pytest.raises(InputError, match="handed in"):
        keep_draft(engine, 1, Draft("0" * 64, "yes", ""), items)


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_second_opening_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """Another process that comes and goes must not take the log of writes for nobody's."""
    path = tmp_path / "c.sqlite"
    engine = open_database(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM accounts")).all()
        open_database(f"sqlite:///{path}").dispose()
        visit = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
        visit += "c.execute('SELECT count(*) FROM accounts').fetchall(); c.close()"
        subprocess.run([sys.executable, "-c", visit, str(path)], check=True)
        assert path.with_name("c.sqlite-wal").exists()
    engine.dispose()
