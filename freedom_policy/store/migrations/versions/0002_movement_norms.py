"""How long measures stand at a stage before they move on, by place and level."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from freedom_policy.store import columns

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "movement_norms",
        sa.Column("place", columns.Key, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("median_days", sa.Integer(), nullable=False),
        sa.Column("slow_days", sa.Integer(), nullable=False),
        sa.Column("next", columns.RecordJson(), nullable=False),
        sa.Column("days", columns.RecordJson(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("computed_at", columns.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("place", "kind", "stage", name=op.f("pk_movement_norms")),
        sqlite_with_rowid=False,
    )
