"""What became of a law, where no source tells and a person does: kept beside what is collected, and never changed by it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from ..errors import BadInput
from ..records import Fate, LawEvent
from . import bulk
from .models import LawEventRow, MeasureRow

if TYPE_CHECKING:
    from .store import Store


def save_law_event(connection: Connection, event: LawEvent, now: dt.datetime) -> LawEvent:
    """Keep an event; one of the same measure, stage and day is withdrawn and replaced. See ``Store.save_law_event``."""
    measure_id = _due_again(connection, event.key)
    for row_id in _standing(connection, measure_id, event.stage, event.date):
        bulk.change(connection, LawEventRow, [{"id": row_id, "withdrawn_at": now}])
    kept = event.model_copy(update={"recorded_at": now, "withdrawn_at": None})
    row = {"measure_id": measure_id, **kept.model_dump(exclude={"key", "recorded_by"})}
    bulk.add(connection, LawEventRow, [{**row, "recorded_by": kept.recorded_by or ""}])
    return kept


def withdraw_law_event(connection: Connection, key: str, stage: Fate, date: dt.date, now: dt.datetime) -> None:
    """Take an event back; that it was told stays known. See ``Store.withdraw_law_event``."""
    measure_id = _due_again(connection, key)
    standing = _standing(connection, measure_id, stage, date)
    if not standing:
        raise BadInput(f"Nobody recorded {stage} on {date} for {key}. See: freedom-policy record {key}")
    bulk.change(connection, LawEventRow, [{"id": row_id, "withdrawn_at": now} for row_id in standing])


def law_events(store: Store, key: str | None = None) -> list[LawEvent]:
    """What people recorded and did not take back, by day; of one measure or all."""
    owner, measure = aliased(MeasureRow), aliased(MeasureRow)
    statement = (
        select(
            measure.key,
            LawEventRow.stage,
            LawEventRow.date,
            LawEventRow.url,
            LawEventRow.says,
            LawEventRow.recorded_by,
            LawEventRow.recorded_at,
        )
        .join(owner, owner.id == LawEventRow.measure_id)
        # A measure that got another number took its events along.
        .join(measure, measure.id == func.coalesce(owner.moved_to_id, owner.id))
        .where(LawEventRow.withdrawn_at.is_(None))
        .order_by(LawEventRow.date, LawEventRow.id)
    )
    if key is not None:
        statement = statement.where(measure.key == key)
    with store.reading() as connection:
        return [
            LawEvent(**{**row._mapping, "recorded_by": row.recorded_by or None})
            for row in connection.execute(statement)
        ]


def _due_again(connection: Connection, key: str) -> int:
    """The measure's id; its status is due, whatever its actions."""
    statement = select(func.coalesce(MeasureRow.moved_to_id, MeasureRow.id)).where(MeasureRow.key == key)
    measure_id = connection.execute(statement).scalar()
    if measure_id is None:
        raise BadInput(f"No measure {key} in the store; collect its source first.")
    bulk.change(connection, MeasureRow, [{"id": measure_id, "assessed_hash": None}])
    return int(measure_id)


def _standing(connection: Connection, measure_id: int, stage: Fate, date: dt.date) -> list[int]:
    statement = select(LawEventRow.id).where(
        LawEventRow.measure_id == measure_id,
        LawEventRow.stage == stage,
        LawEventRow.date == date,
        LawEventRow.withdrawn_at.is_(None),
    )
    return list(connection.execute(statement).scalars())
