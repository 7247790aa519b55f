"""Keeping what is nobody else's business: watches, positions and notes."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from ..errors import BadInput, did_you_mean
from ..records import Note, Watch
from . import bulk
from .models import MeasureRow, NoteRow, WatchRow

if TYPE_CHECKING:
    from .store import Store


def save_watch(connection: Connection, watch: Watch, now: dt.datetime) -> Watch:
    """Keep a watch; one of the same name is replaced and keeps its day of birth."""
    known = _watch_row(connection, watch.name)
    created_at = known.created_at if known else watch.created_at or now
    kept = watch.model_copy(update={"created_at": created_at})
    row = {"name": kept.name, "record": kept.model_dump_json(), "created_at": created_at}
    if known:
        bulk.change(connection, WatchRow, [{"id": known.id, **row}])
    else:
        bulk.add(connection, WatchRow, [row])
    return kept


def remove_watch(connection: Connection, name: str, now: dt.datetime) -> None:
    """Follow no more. What was told stays in the ledger."""
    known = _watch_row(connection, name)
    if known is None:
        names = list(connection.execute(select(WatchRow.name).where(WatchRow.removed_at.is_(None))).scalars())
        raise BadInput(
            f"No watch is called {name!r}. {did_you_mean(name, names)} See: freedom-policy watch list".replace(
                "  ", " "
            )
        )
    bulk.change(connection, WatchRow, [{"id": known.id, "removed_at": now}])


def _watch_row(connection: Connection, name: str) -> WatchRow | None:
    statement = select(WatchRow.__table__).where(WatchRow.name == name, WatchRow.removed_at.is_(None))
    return connection.execute(statement).one_or_none()  # type: ignore[return-value]


def watches(store: Store) -> list[Watch]:
    """What is followed, by name."""
    statement = select(WatchRow.record).where(WatchRow.removed_at.is_(None)).order_by(WatchRow.name)
    with store.reading() as connection:
        return [Watch.model_validate_json(record) for record in connection.execute(statement).scalars()]


def save_note(connection: Connection, note: Note, now: dt.datetime) -> Note:
    """Add a note to a measure; earlier ones stay."""
    measure_id = connection.execute(select(MeasureRow.id).where(MeasureRow.key == note.key)).scalar()
    if measure_id is None:
        raise BadInput(f"No measure {note.key} in the store; collect its source first.")
    kept = note.model_copy(update={"created_at": note.created_at or now})
    row = {"measure_id": measure_id, "position": kept.position, "text": kept.text, "created_at": kept.created_at}
    bulk.add(connection, NoteRow, [row])
    return kept


def notes(store: Store, key: str | None = None) -> list[Note]:
    """Notes, newest first; of one measure or all. The newest that has a position is where we stand."""
    statement = (
        select(MeasureRow.key, NoteRow.text, NoteRow.position, NoteRow.created_at)
        .join(MeasureRow, MeasureRow.id == NoteRow.measure_id)
        .order_by(NoteRow.id.desc())
    )
    if key is not None:
        statement = statement.where(MeasureRow.key == key)
    with store.reading() as connection:
        return [Note(**row._mapping) for row in connection.execute(statement)]
