"""What Alembic runs: it takes the connection that the console has opened."""

from __future__ import annotations

from alembic import context

from tenken.console.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
