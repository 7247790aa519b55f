"""What became of a law where no source tells: a court's order, a repeal, as a person recorded it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from freedom_policy.store import columns

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "law_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", columns.UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", columns.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["measure_id"], ["measures.id"], name=op.f("fk_law_events_measure_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_events")),
    )
    op.create_index("ix_law_events_measure_id", "law_events", ["measure_id"])
