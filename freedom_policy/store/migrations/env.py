"""Alembic's entry point. Migrations run on the connection that the store hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from freedom_policy.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a column by making the table anew.
)
context.run_migrations()
