"""How a run was cut, so that a part that was collected is never taken for the whole."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("runs", sa.Column("cut", sa.Text(), nullable=True))
