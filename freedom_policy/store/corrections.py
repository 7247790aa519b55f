"""What readers think is wrong with a measure's tags, kept until a person decides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select, update

from ..records import Correction
from . import bulk
from .models import CorrectionRow, MeasureRow

if TYPE_CHECKING:
    from .store import Store


def save_corrections(connection: Connection, corrections: Iterable[Correction], now: dt.datetime) -> int:
    """Keep corrections of measures that are in the store; one that waits already is not kept twice."""
    wanted = list(corrections)
    known = select(MeasureRow.key, func.coalesce(MeasureRow.moved_to_id, MeasureRow.id).label("id")).where(
        MeasureRow.key.in_([correction.key for correction in wanted])
    )
    ids = {row.key: row.id for row in connection.execute(known)}
    statement = select(CorrectionRow.measure_id, CorrectionRow.record).where(
        CorrectionRow.settled_at.is_(None), CorrectionRow.measure_id.in_(list(ids.values()))
    )
    waiting = {(row.measure_id, row.record) for row in connection.execute(statement)}
    rows: dict[tuple[int, str], bulk.Row] = {}
    for correction in wanted:
        if correction.key in ids:
            # When it came is beside the point of whether it is the same.
            record = correction.model_copy(update={"received_at": None}).model_dump_json(exclude_defaults=True)
            row = {"measure_id": ids[correction.key], "record": record, "received_at": now, "settled_at": None}
            rows.setdefault((ids[correction.key], record), row)
    new = [row for name, row in rows.items() if name not in waiting]
    bulk.add(connection, CorrectionRow, new)
    return len(new)


def settle(connection: Connection, key: str, now: dt.datetime) -> None:
    """A person decided on the measure, so nothing waits any more."""
    measure = select(MeasureRow.id).where(MeasureRow.key == key).scalar_subquery()
    connection.execute(
        update(CorrectionRow)
        .where(CorrectionRow.measure_id == measure, CorrectionRow.settled_at.is_(None))
        .values(settled_at=now)
    )


def corrections(store: Store) -> list[Correction]:
    """Corrections that wait for a decision, oldest first."""
    statement = (
        select(MeasureRow.key, CorrectionRow.record, CorrectionRow.received_at)
        .join(MeasureRow, MeasureRow.id == CorrectionRow.measure_id)
        .where(CorrectionRow.settled_at.is_(None))
        .order_by(CorrectionRow.id)
    )
    with store.reading() as connection:
        return [
            Correction.model_validate_json(row.record).model_copy(
                update={"key": row.key, "received_at": row.received_at}
            )
            for row in connection.execute(statement)
        ]
