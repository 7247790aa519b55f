"""Which version of the tables a database has, and bringing it up to this version. Migrations ship inside the package."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect

from ..errors import StoreUnusable
from .engine import reading, writing


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("freedom_policy.store") / "migrations").replace("%", "%%"))
    return config


@cache
def _revisions() -> tuple[str, ...]:
    """All migrations that this version knows, oldest first."""
    script = ScriptDirectory.from_config(_config())
    return tuple(revision.revision for revision in script.walk_revisions())[::-1]


def current(connection: Connection) -> str | None:
    """The migration that a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """The migration that this version of the code needs."""
    return _revisions()[-1]


def require_current(engine: Engine) -> None:
    """Check that the tables are those of this version.

    Raises:
        StoreUnusable: the database is empty, older or newer than the code, or another program's.
    """
    with reading(engine) as connection:
        found = current(connection)
    where = engine.url.render_as_string(hide_password=True)
    if found == newest():
        return
    if found is None:
        raise StoreUnusable(f"Database {where} has no tables yet. Run: freedom-policy db upgrade")
    if found in _revisions():
        raise StoreUnusable(
            f"Database {where} is older than this version (it is at {found}, this version needs {newest()}). "
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
        if before is None or before in _revisions()[:-1]:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    require_current(engine)
    return before
