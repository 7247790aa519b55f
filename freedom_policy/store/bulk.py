"""Statements for many rows at once, the same on both engines."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import bindparam

from .models import Base

T = TypeVar("T")
Row = dict[str, Any]

CHUNK = 500
"""Keys in one IN list: far below SQLite's limit of variables, and one plan for the database to keep."""


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    """The items in lists of at most ``size``."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


@contextmanager
def collection_paused() -> Iterator[None]:
    """Read many records without Python's search for reference cycles, which takes longer than the reading.

    Records hold no cycles, so nothing is there to be found; it goes on as soon as the records are made.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def add(connection: Connection, model: type[Base], rows: Sequence[Row]) -> None:
    """Insert rows; all have the same columns."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        _add_fast(connection, model, rows)
    else:
        _copy(connection, model, rows)


def _add_fast(connection: Connection, model: type[Base], rows: Sequence[Row]) -> None:
    """What ``connection.execute(insert(model), rows)`` does in a third of the time.

    SQLAlchemy converts each value of each row by itself; here equal values of a column (days, moments) are converted once.
    """
    compiled = insert(model).compile(dialect=connection.dialect, column_keys=list(rows[0]))
    columns = []
    for name in compiled.positiontup or ():
        convert = model.__table__.c[name].type.dialect_impl(connection.dialect).bind_processor(connection.dialect)
        values = [row[name] for row in rows]
        if convert is not None:
            converted = {value: convert(value) for value in set(values)}
            values = [converted[value] for value in values]
        columns.append(values)
    connection.exec_driver_sql(str(compiled), list(zip(*columns, strict=True)))


def _copy(connection: Connection, model: type[Base], rows: Sequence[Row]) -> None:
    """PostgreSQL takes many rows at once by COPY, half as fast again as by INSERT."""
    names = list(rows[0])
    quote = connection.dialect.identifier_preparer.quote
    statement = f"COPY {quote(model.__tablename__)} ({', '.join(map(quote, names))}) FROM STDIN"
    driver: Any = connection.dialect.dbapi
    try:
        with connection.connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row([row[name] for name in names])
    except driver.Error as error:
        # As SQLAlchemy would have told it, had it run the statement.
        raise DBAPIError.instance(statement, None, error, driver.Error) from error


def add_returning_ids(connection: Connection, model: type[Base], rows: Sequence[Row]) -> list[int]:
    """Insert rows and give their new ids in the order of the rows."""
    if not rows:
        return []
    table = model.__table__
    if connection.dialect.name == "sqlite":
        # The transaction holds the only write lock, so the next numbers are ours; to ask for each costs a statement.
        first = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one() + 1
        _add_fast(connection, model, [{"id": first + place, **row} for place, row in enumerate(rows)])
        return list(range(first, first + len(rows)))
    statement = insert(model).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(statement, rows).scalars())


def change(connection: Connection, model: type[Base], rows: Sequence[Row], by: Sequence[str] = ("id",)) -> None:
    """Update rows by key; all have the same columns."""
    if not rows:
        return
    table = model.__table__
    statement = (
        update(table)  # type: ignore[arg-type]
        .where(*(table.c[name] == bindparam(f"by_{name}") for name in by))
        .values({name: bindparam(f"to_{name}") for name in rows[0] if name not in by})
    )
    renamed = [{f"{'by' if name in by else 'to'}_{name}": value for name, value in row.items()} for row in rows]
    connection.execute(statement, renamed)


def put(
    connection: Connection, model: type[Base], rows: Sequence[Row], *, by: Sequence[str], change: Sequence[str]
) -> None:
    """Insert rows; where one with the same key is there, change the named columns (none: leave it as it is)."""
    if not rows:
        return
    maker: Any = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = maker(model)
    if change:
        statement = statement.on_conflict_do_update(
            index_elements=list(by), set_={name: statement.excluded[name] for name in change}
        )
    else:
        statement = statement.on_conflict_do_nothing(index_elements=list(by))
    connection.execute(statement, rows)
