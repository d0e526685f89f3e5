"""Items of the library that people read, and what they say of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("task", sa.String(200), nullable=False),
        sa.Column("account", sa.Integer, nullable=False),
        sa.Column("created", sa.Float, nullable=False),
        sa.Column("handed_in", sa.Float),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_readings_account"),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
    )
    op.create_table(
        "reading_items",
        sa.Column("reading", sa.Integer, nullable=False),
        sa.Column("item", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["reading"], ["readings.id"], name="fk_reading_items_reading"),
        sa.PrimaryKeyConstraint("reading", "item", name="pk_reading_items"),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("reading_items")
    op.drop_table("readings")
