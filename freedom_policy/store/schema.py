"""Which version of the tables a database has, and bringing it up to this version. Migrations ship inside the package."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from ..errors import StoreUnusable
from .engine import reading, writing

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0004"
"""The migration that this version of the code needs: the last one in ``migrations/versions``."""


def _config() -> Config:
    # Only who upgrades waits for Alembic to load.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(files("freedom_policy.store") / "migrations").replace("%", "%%"))
    return config


def revisions() -> tuple[str, ...]:
    """All migrations that this version knows, oldest first."""
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(_config())
    return tuple(revision.revision for revision in script.walk_revisions())[::-1]


def current(connection: Connection) -> str | None:
    """The migration that a database is at; None for one without our tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def require_current(engine: Engine) -> None:
    """Check that the tables are those of this version.

    Raises:
        StoreUnusable: the database is empty, older or newer than the code, or another program's.
    """
    with reading(engine) as connection:
        found = current(connection)
    where = engine.url.render_as_string(hide_password=True)
    if found == NEWEST:
        return
    if found is None:
        raise StoreUnusable(f"Database {where} has no tables yet. Run: freedom-policy db upgrade")
    if found in revisions():
        raise StoreUnusable(
            f"Database {where} is older than this version (it is at {found}, this version needs {NEWEST}). "
            "Make a backup, then run: freedom-policy db upgrade"
        )
    raise StoreUnusable(
        f"Database {where} is newer than this version (it is at {found}, unknown here). "
        "Upgrade freedom_policy, or give another --db."
    )


def is_empty(engine: Engine) -> bool:
    """True if the database holds no table at all."""
    with reading(engine) as connection:
        return not inspect(connection).get_table_names()


def upgrade(engine: Engine) -> str | None:
    """Bring the tables to this version, in one transaction. Returns the version before, None for an empty database.

    Raises:
        StoreUnusable: the database is newer than the code, or belongs to another program.
    """
    with writing(engine) as connection:
        before = current(connection)
        if before is None and inspect(connection).get_table_names():
            where = engine.url.render_as_string(hide_password=True)
            raise StoreUnusable(f"Database {where} holds another program's tables. Give another --db.")
        if before is None or (before != NEWEST and before in revisions()):
            from alembic import command

            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    require_current(engine)
    return before
