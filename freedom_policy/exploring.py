"""The store as a small public database that Datasette can show: an allow-list of tables and columns, and nothing else.

Reviewers, watches, addresses, notes and positions are not hidden in it; they are not in it.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from importlib.resources import as_file, files
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from . import listing
from .errors import BadInput
from .records import MeasureFilter, MeasureView
from .reports import items, words
from .safe import link, masked, plain
from .store import queries

if TYPE_CHECKING:
    from .store import Store

_PAGE = 500
_MASKED = ("title", "cause", "reason")

TABLES: dict[str, tuple[str, ...]] = {
    "measures": (*listing.COLUMNS, "summary"),
    "provisions": ("key", "type", "name", "effect", "likelihood", "contested", "quote", "verbatim"),
    "tags": ("key", "dimension", "value", "name"),
    "moves": ("key", "stage", "date", "cause", "basis", "rule", "reason"),
    "hearings": ("key", "date", "time", "body", "place", "url"),
    "sponsors": ("key", "name", "role", "party", "district"),
    "looks": ("source", "place", "started_at", "finished_at", "verdict", "found", "new", "changed", "missing"),
}
"""All that is shown: tables and their columns. What they mean stands in ``data/explore/metadata.yaml``."""


def write_database(
    store: Store,
    path: str | Path,
    *,
    filter: MeasureFilter | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> int:
    """Write what may be shown into a new SQLite file; returns how many measures are in it.

    Args:
        filter: which measures; default: the tracked ones.
    """
    count = 0
    with closing(sqlite3.connect(path)) as connection, connection:
        for name, columns in TABLES.items():
            key = "PRIMARY KEY" if name == "measures" else "REFERENCES measures(key)" if columns[0] == "key" else ""
            rest = ", ".join(f'"{column}"' for column in columns[1:])
            connection.execute(f'CREATE TABLE {name} ("{columns[0]}" TEXT {key}, {rest})')
        for count, view in enumerate(queries.measures(store, filter), 1):
            for name, rows in _rows(view).items():
                _insert(connection, name, rows)
            if progress and count % _PAGE == 0:
                progress("writing measures", count)
        _insert(connection, "looks", map(_look, queries.last_runs(store)))
        for name, columns in TABLES.items():
            if columns[0] == "key" and name != "measures":
                connection.execute(f"CREATE INDEX {name}_key ON {name}(key)")
        connection.execute("CREATE VIRTUAL TABLE measures_fts USING fts5(title, summary, content='measures')")
        connection.execute("INSERT INTO measures_fts(measures_fts) VALUES('rebuild')")
    return count


def _insert(connection: sqlite3.Connection, name: str, rows: Iterable[dict[str, Any]]) -> None:
    columns = TABLES[name]
    statement = f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})"  # noqa: S608 (names are ours)
    connection.executemany(statement, ([_value(row[column]) for column in columns] for row in rows))


def _value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def _rows(view: MeasureView) -> dict[str, list[dict[str, Any]]]:
    flat = {**listing.row(view), "summary": view.abstract}
    shown = {name: masked(value) if name in (*_MASKED, "summary") and value else value for name, value in flat.items()}
    return {
        "measures": [{**shown, "url": items.best_link(view), "source_url": link(flat["source_url"])}],
        "provisions": [{"key": view.key, **tag.model_dump()} for tag in items.told_tags(view)],
        "tags": [{"key": view.key, **tag} for tag in _tags(view)],
        "moves": [{"key": view.key, **move} for move in _moves(view)],
        "hearings": [
            {
                "key": view.key,
                "date": hearing.date,
                "time": hearing.time,
                "body": plain(hearing.body or ""),
                "place": plain(hearing.place or ""),
                "url": link(hearing.url),
            }
            for hearing in view.hearings
        ],
        "sponsors": [
            {
                "key": view.key,
                "name": masked(sponsor.name),
                "role": sponsor.classification,
                "party": sponsor.party,
                "district": sponsor.district,
            }
            for sponsor in view.sponsors
            if sponsor.withdrawn is None
        ],
    }


def _tags(view: MeasureView) -> Iterator[dict[str, str]]:
    tags = view.classification
    if tags is None:
        return
    for dimension, values, name in (
        ("goal", tags.goals, words.goal),
        ("area", tags.areas, words.area),
        ("subarea", tags.subareas, words.subarea),
    ):
        for value in values:
            yield {"dimension": dimension, "value": value, "name": name(value)}


def _moves(view: MeasureView) -> Iterator[dict[str, Any]]:
    for event in view.status.events if view.status else ():
        known = event.cause is not None and event.cause < len(view.actions)
        yield {
            "stage": event.stage,
            "date": event.date,
            "cause": masked(view.actions[event.cause or 0].description) if known else None,
            "basis": event.basis,
            "rule": event.rule,
            "reason": plain(event.reason) if event.reason else None,
        }


def _look(run: Any) -> dict[str, Any]:
    return {**{name: getattr(run, name, None) for name in TABLES["looks"]}, "place": run.jurisdiction}


# ---------------------------------------------------------------------------------------------------------------------
# Showing it


def require_datasette() -> None:
    """Check that Datasette is there.

    Raises:
        BadInput: it is not installed.
    """
    try:
        found = find_spec("datasette")
    except ValueError:
        found = None
    if found is None:
        raise BadInput("Exploring needs Datasette. Run: pip install 'freedom_policy[explore]'")


def serve(database: Path, *, port: int, browser: bool) -> int:
    """Show a database of :func:`write_database` in Datasette, on this machine only, until stopped; returns its exit code."""
    with as_file(files("freedom_policy.data") / "explore" / "metadata.yaml") as metadata:
        command = [sys.executable, "-P", "-m", "datasette", "serve", "--immutable", str(database)]
        command += ["--metadata", str(metadata), "--host", "127.0.0.1", "--port", str(port)]
        command += ["--open"] if browser else []
        try:
            return subprocess.call(command)  # noqa: S603 (no shell; the arguments are ours)
        except KeyboardInterrupt:
            return 0


def explore(
    store: Store,
    *,
    port: int,
    browser: bool,
    filter: MeasureFilter | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> int:
    """Write what may be shown into a temporary database and show it; see :func:`serve`.

    Raises:
        BadInput: Datasette is not installed.
    """
    require_datasette()
    with TemporaryDirectory(prefix="freedom-policy-explore-") as folder:
        database = Path(folder, "freedom_policy.db")
        write_database(store, database, filter=filter, progress=progress)
        return serve(database, port=port, browser=browser)
