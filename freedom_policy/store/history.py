"""Two time lines: what we learnt in a span of time, and what we knew at a moment of how things stood on a day."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, or_, select

from ..errors import BadInput
from ..records import Action, MeasureFilter, StageChange, Status, StatusEvent
from . import bulk, views
from .ingest import action_of
from .models import ActionRow, MeasureRow, ObservationRow, StatusEventRow, StatusRow
from .selecting import conditions
from .status import acting_observations

if TYPE_CHECKING:
    from .store import Store

_ACTION_COLUMNS = [column for column in ActionRow.__table__.c if column.name not in ("observed_at", "retracted_at")]


def changes(
    store: Store,
    since: dt.datetime | None,
    until: dt.datetime | None = None,
    wanted: MeasureFilter | None = None,
) -> list[StageChange]:
    """The moves from stage to stage that we learnt of after ``since`` and not after ``until``, oldest first.

    A measure that is new to us comes from None. A status that changed without another stage is no move. The span is
    open at its start, so that spans set end to end tell each move once. ``wanted.since`` and ``until`` are days of the
    last action, as everywhere; ``limit`` keeps the latest.
    """
    wanted = wanted or MeasureFilter()
    moved = or_(StatusRow.from_stage.is_(None), StatusRow.from_stage != StatusRow.stage)
    statement = (
        select(StatusRow.id, StatusRow.measure_id, StatusRow.from_stage, StatusRow.record, StatusRow.observed_at)
        .add_columns(*_ACTION_COLUMNS)
        .join(MeasureRow, MeasureRow.id == StatusRow.measure_id)
        .outerjoin(
            ActionRow,
            (ActionRow.observation_id == StatusRow.cause_observation_id) & (ActionRow.seq == StatusRow.cause_seq),
        )
        .where(moved, *conditions(wanted))
        .order_by(StatusRow.observed_at.desc(), MeasureRow.sort_key.desc(), StatusRow.id.desc())
    )
    if since is not None:
        statement = statement.where(StatusRow.observed_at > since)
    if until is not None:
        statement = statement.where(StatusRow.observed_at <= until)
    if wanted.limit is not None:
        statement = statement.limit(wanted.limit)
    with store.reading() as connection, bulk.collection_paused():
        rows = connection.execute(statement).all()[::-1]
        seen = views.load(connection, list(dict.fromkeys(row.measure_id for row in rows)))
        return [_change(row, seen[row.measure_id]) for row in rows if row.measure_id in seen]


def _change(row: Any, view: Any) -> StageChange:
    status = Status.model_validate_json(row.record)
    return StageChange(
        measure=view,
        from_stage=row.from_stage,
        to_stage=status.stage,
        date=status.stage_date,
        cause=action_of(row) if row.description is not None else None,
        basis=status.basis,
        rule=status.rule,
        reason=status.reason,
        observed_at=row.observed_at,
    )


def status_as_of(store: Store, key: str, valid: dt.date | None = None, known: dt.datetime | None = None) -> Status:
    """Where a measure stood on a day, as far as we knew at a moment.

    Args:
        key: canonical key.
        valid: the day; None: the latest.
        known: the moment; None: now. Before we first knew the measure, its stage is ``unknown``.

    Returns:
        The status, with the events up to that day. ``cause`` is an index into ``actions_as_of(store, key, known)``.

    Raises:
        BadInput: no such measure.
    """
    with store.reading() as connection:
        measure_id = _measure_id(connection, key)
        statement = select(StatusRow.record).where(StatusRow.measure_id == measure_id)
        if known is None:
            statement = statement.where(StatusRow.superseded_at.is_(None))
        else:
            statement = statement.where(
                StatusRow.observed_at <= known, or_(StatusRow.superseded_at.is_(None), StatusRow.superseded_at > known)
            )
        record = connection.execute(statement.order_by(StatusRow.id.desc()).limit(1)).scalar()
    if record is None:
        return Status(stage="unknown", rule="not-known-yet", ruleset="")
    return _until(Status.model_validate_json(record), valid)


def _until(status: Status, valid: dt.date | None) -> Status:
    if valid is None:
        return status
    events: list[StatusEvent] = []
    day = dt.date.min
    for event in status.events:
        # An undated event happened no earlier than the one before it.
        day = event.date or day
        if day <= valid:
            events.append(event)
    marks = tuple(mark for mark in status.marks if mark.date is None or mark.date <= valid)
    held = {"events": tuple(events), "marks": marks}
    if len(events) == len(status.events):
        return status.model_copy(update={"marks": marks})
    if not events:
        return Status(stage="unknown", rule="before-first-event", marks=marks, ruleset=status.ruleset)
    last = events[-1]
    return status.model_copy(
        update={
            **held,
            "stage": last.stage,
            "stage_date": last.date,
            "cause": last.cause,
            "basis": last.basis,
            "rule": last.rule,
            "reason": last.reason,
        }
    )


def actions_as_of(store: Store, key: str, known: dt.datetime | None = None) -> tuple[Action, ...]:
    """A measure's actions as we knew them at a moment (None: now), oldest first, from the source that counted then.

    Raises:
        BadInput: no such measure.
    """
    with store.reading() as connection:
        rows = _action_rows(connection, _measure_id(connection, key))
    if known is None:
        held = [row for row in rows if row.retracted_at is None]
    else:
        held = [
            row for row in rows if row.observed_at <= known and not (row.retracted_at and row.retracted_at <= known)
        ]
    observations = {row.observation_id: row for row in held}
    acting = acting_observations((0, number, row.source, True) for number, row in observations.items())
    return tuple(action_of(row) for row in held if row.observation_id == acting[0]) if acting else ()


def action_history(store: Store, key: str) -> list[tuple[Action, str, dt.datetime, dt.datetime | None]]:
    """Every action that any source ever gave for a measure: (action, source, observed_at, retracted_at)."""
    with store.reading() as connection:
        rows = _action_rows(connection, _measure_id(connection, key))
    return [(action_of(row), row.source, row.observed_at, row.retracted_at) for row in rows]


def events(store: Store, key: str) -> list[tuple[StatusEvent, dt.datetime, dt.datetime | None]]:
    """Every status event that we ever told of a measure: (event, observed_at, retracted_at), by valid date.

    ``cause`` is left out: the events were computed from different lists of actions.
    """
    with store.reading() as connection:
        statement = (
            select(StatusEventRow.__table__)
            .where(StatusEventRow.measure_id == _measure_id(connection, key))
            .order_by(StatusEventRow.id)
        )
        rows = connection.execute(statement).all()
    told = [
        (
            StatusEvent(stage=row.stage, date=row.date, basis=row.basis, rule=row.rule, reason=row.reason),
            row.observed_at,
            row.retracted_at,
        )
        for row in rows
    ]
    return sorted(told, key=lambda item: item[0].date or dt.date.min)


def _measure_id(connection: Connection, key: str) -> int:
    found = connection.execute(select(MeasureRow.id, MeasureRow.moved_to_id).where(MeasureRow.key == key)).one_or_none()
    if found is None:
        raise BadInput(f"No measure {key} in the store; collect its source first.")
    return int(found.moved_to_id or found.id)


def _action_rows(connection: Connection, measure_id: int) -> list[Any]:
    statement = (
        select(ActionRow.__table__, ObservationRow.source)
        .join(ObservationRow, ObservationRow.id == ActionRow.observation_id)
        .where(ObservationRow.measure_id == measure_id)
    )
    return list(connection.execute(statement.order_by(ObservationRow.id.desc(), ActionRow.position, ActionRow.seq)))
