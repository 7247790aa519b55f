"""Opening a database: engine, pragmas, transactions, and database errors in one clear line."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool

from ..errors import StoreUnusable

BUSY_SECONDS = 30
"""How long to wait for another writer before giving up."""

_WRITER_LOCK = 0x66_70_6F_6C  # "fpol": the advisory lock that makes PostgreSQL's writers take turns, as SQLite's do.
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=NORMAL",  # In WAL mode nothing committed is lost by a kill, and a power cut cannot corrupt.
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",  # 64 MB
    "PRAGMA mmap_size=268435456",
)


def parse_url(url: str | URL) -> URL:
    """The database URL, checked.

    Raises:
        StoreUnusable: not a URL, or not SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnusable(
            f"{url!r} is not a database URL. Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."
        ) from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreUnusable(
            f"Database {parsed.get_backend_name()!r} is not supported. Use sqlite:///FILE or postgresql+psycopg://..."
        )
    return parsed


def is_memory(url: URL) -> bool:
    """True for an SQLite database that lives in memory only."""
    return url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:")


def is_missing(url: URL) -> bool:
    """True for an SQLite file that is not there."""
    return url.get_backend_name() == "sqlite" and not is_memory(url) and not Path(str(url.database)).exists()


def open_engine(url: URL, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for the URL; SQLite's folder is made if it is not there.

    Raises:
        StoreUnusable: the driver is not installed, or the folder cannot be made.
    """
    options: dict[str, Any] = {}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": busy_seconds, "check_same_thread": False}
        if is_memory(url):
            options["poolclass"] = StaticPool
        else:
            folder = Path(str(url.database)).absolute().parent
            try:
                folder.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise StoreUnusable(f"Database folder {folder} cannot be made: {error.strerror}.") from error
    else:
        options["connect_args"] = {"connect_timeout": 10, "options": f"-c lock_timeout={int(busy_seconds * 1000)}"}
        options["pool_pre_ping"] = True
    try:
        engine = create_engine(url, **options)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreUnusable(
            f"The driver for {url.drivername} is not installed. Install it: pip install 'freedom_policy[postgres]'."
        ) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _on_connect)
        event.listen(engine, "begin", _on_begin)
    return engine


def _on_connect(connection: Any, _record: Any) -> None:
    # Transactions are begun by _on_begin, so that reads are consistent and DDL is transactional.
    connection.isolation_level = None
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _on_begin(connection: Connection) -> None:
    # A writer takes its lock at once: a reader that turns writer half-way cannot wait and fails as "locked".
    writes = connection.get_execution_options().get("fp_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection on one consistent snapshot; for short reads."""
    with translated(engine.url), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction, committed as a whole or not at all. Writers take turns on both engines."""
    with translated(engine.url), engine.execution_options(fp_writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _WRITER_LOCK})
        yield connection


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn errors of the database into one clear line.

    Raises:
        StoreUnusable: the database cannot be opened, is locked, damaged, full or gone.
    """
    try:
        yield
    except DBAPIError as error:
        raise StoreUnusable(_explain(url, error)) from error
    except ModuleNotFoundError as error:
        raise StoreUnusable(f"The driver for {url.drivername} is not installed ({error.name}).") from error


def _explain(url: URL, error: DBAPIError) -> str:
    where = url.render_as_string(hide_password=True)
    said = " ".join(str(error.orig).split())
    lowered = said.lower()
    if "locked" in lowered or "lock timeout" in lowered or "busy" in lowered:
        return f"Database {where} is locked by another program. Wait until it is done, or stop it, and try again."
    if isinstance(error.orig, sqlite3.Error):
        if "unable to open" in lowered:
            return f"Database {where} cannot be opened. Check that the folder is there and that you may write to it."
        if "readonly" in lowered or "read-only" in lowered:
            return f"Database {where} is read-only. Check the permissions of the file and its folder."
        if "not a database" in lowered or "malformed" in lowered:
            return f"Database {where} is damaged or is no SQLite file ({said}). Restore a backup, or give another --db."
        if "full" in lowered:
            return f"The disk of database {where} is full. Make room and try again; nothing half-written was kept."
        if "no such table" in lowered or "no such column" in lowered:
            return f"Database {where} lacks tables of this version ({said}). Run: freedom-policy db upgrade"
    return f"Database {where} cannot be used: {said}"
