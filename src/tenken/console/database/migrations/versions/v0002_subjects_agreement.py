"""Who an account is at a provider; of an item that is reviewed, what agreement takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; sheets are read again from their bundles."""
    with op.batch_alter_table("accounts") as table:
        table.add_column(sa.Column("subject", sa.String(64), nullable=False, server_default=""))
    op.execute("DELETE FROM review_items")
    with op.batch_alter_table("review_items") as table:
        table.add_column(sa.Column("scorer", sa.String(100), nullable=False))
        table.add_column(sa.Column("cluster", sa.Text, nullable=False))
        table.add_column(sa.Column("means", sa.Text, nullable=False))


def downgrade() -> None:
    """Remove the columns."""
    with op.batch_alter_table("review_items") as table:
        table.drop_column("means")
        table.drop_column("cluster")
        table.drop_column("scorer")
    with op.batch_alter_table("accounts") as table:
        table.drop_column("subject")
