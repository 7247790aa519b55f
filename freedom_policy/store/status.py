"""Keeping what the monitor says, on two time lines: nothing is overwritten, what no longer holds is marked."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from ..records import Status
from . import bulk
from .merge import rank
from .models import ActionRow, MeasureRow, ObservationRow, StatusEventRow, StatusRow

Cause = tuple[int | None, int | None]
_NO_CAUSE: Cause = (None, None)


class _Current(NamedTuple):
    measure_id: int
    actions_hash: str
    assessed_hash: str | None
    status_id: int | None
    stage: str | None
    record: str | None


def save_statuses(
    connection: Connection, statuses: Mapping[str, Status], *, observed_at: dt.datetime, assessed: Mapping[str, str]
) -> int:
    """Keep the statuses of measures; see ``Store.save_statuses``.

    Args:
        assessed: by key, the digest of the actions that the status was computed from, where it is known.
    """
    current = _current(connection, statuses)
    records = {key: statuses[key].model_dump_json(exclude_defaults=True) for key in current}
    different = [key for key, row in current.items() if row.record != records[key]]
    _save(connection, {key: (statuses[key], records[key], current[key]) for key in different}, observed_at)
    done = [
        {"id": row.measure_id, "assessed_hash": digest}
        for key, row in current.items()
        if (digest := assessed.get(key, row.actions_hash)) != row.assessed_hash
    ]
    bulk.change(connection, MeasureRow, done)
    return len(different)


def _current(connection: Connection, keys: Iterable[str]) -> dict[str, _Current]:
    statement = (
        select(
            MeasureRow.key,
            MeasureRow.id,
            MeasureRow.actions_hash,
            MeasureRow.assessed_hash,
            MeasureRow.status_id,
            MeasureRow.stage,
            StatusRow.record,
        )
        .outerjoin(StatusRow, StatusRow.id == MeasureRow.status_id)
        .where(MeasureRow.key.in_(list(keys)))
    )
    return {
        row.key: _Current(row.id, row.actions_hash, row.assessed_hash, row.status_id, row.stage, row.record)
        for row in connection.execute(statement)
    }


def _save(connection: Connection, items: dict[str, tuple[Status, str, _Current]], observed_at: dt.datetime) -> None:
    if not items:
        return
    causes = _causes(connection, [current.measure_id for _, _, current in items.values()])
    _save_events(connection, {current.measure_id: status for status, _, current in items.values()}, causes, observed_at)
    superseded = [
        {"id": current.status_id, "superseded_at": observed_at}
        for _, _, current in items.values()
        if current.status_id is not None
    ]
    bulk.change(connection, StatusRow, superseded)
    rows = []
    for status, record, current in items.values():
        cause = _cause(causes[current.measure_id], status.cause)
        rows.append(
            {
                "measure_id": current.measure_id,
                "from_stage": current.stage,
                "stage": status.stage,
                "stage_date": status.stage_date,
                "cause_observation_id": cause[0],
                "cause_seq": cause[1],
                "ruleset": status.ruleset,
                "observed_at": observed_at,
                "superseded_at": None,
                "record": record,
            }
        )
    ids = bulk.add_returning_ids(connection, StatusRow, rows)
    cache = [
        {
            "id": row["measure_id"],
            "status_id": status_id,
            "stage": status.stage,
            "stage_date": status.stage_date,
            "effective_date": status.effective_date,
        }
        for status_id, row, (status, _, _) in zip(ids, rows, items.values(), strict=True)
    ]
    bulk.change(connection, MeasureRow, cache)


def _save_events(
    connection: Connection,
    statuses: dict[int, Status],
    causes: dict[int, list[Cause]],
    observed_at: dt.datetime,
) -> None:
    """New events are added and vanished ones retracted. The same step under another rule or ruleset is no new event."""
    before: dict[int, dict[Any, int]] = defaultdict(dict)
    for part in bulk.chunks(statuses):
        statement = (
            select(StatusEventRow.__table__)
            .where(StatusEventRow.measure_id.in_(part), StatusEventRow.retracted_at.is_(None))
            .order_by(StatusEventRow.id)
        )
        seen: Counter[Any] = Counter()
        for row in connection.execute(statement):
            same = (row.stage, row.date, (row.cause_observation_id, row.cause_seq))
            before[row.measure_id][(*same, seen[row.measure_id, same])] = row.id
            seen[row.measure_id, same] += 1
    added: list[bulk.Row] = []
    for measure_id, status in statuses.items():
        seen = Counter()
        for position, event in enumerate(status.events):
            cause = _cause(causes[measure_id], event.cause)
            same = (event.stage, event.date, cause)
            known = before[measure_id].pop((*same, seen[same]), None)
            seen[same] += 1
            if known is None:
                added.append(
                    {
                        "measure_id": measure_id,
                        "position": position,
                        "stage": event.stage,
                        "date": event.date,
                        "cause_observation_id": cause[0],
                        "cause_seq": cause[1],
                        "basis": event.basis,
                        "rule": event.rule,
                        "reason": event.reason,
                        "ruleset": status.ruleset,
                        "observed_at": observed_at,
                        "retracted_at": None,
                    }
                )
    gone = [{"id": row_id, "retracted_at": observed_at} for rows in before.values() for row_id in rows.values()]
    bulk.change(connection, StatusEventRow, gone)
    bulk.add(connection, StatusEventRow, added)


def acting_observations(rows: Iterable[tuple[int, int, str, bool]]) -> dict[int, int]:
    """Which observation a measure's actions come from, by the precedence of ``merge.py``.

    Args:
        rows: (measure, observation, source, whether it has actions).
    """
    best: dict[int, tuple[Any, int]] = {}
    for measure_id, observation_id, source, has_actions in rows:
        order = (not has_actions, rank(source), -observation_id)
        if measure_id not in best or order < best[measure_id][0]:
            best[measure_id] = (order, observation_id)
    return {measure_id: observation_id for measure_id, (_, observation_id) in best.items()}


def _causes(connection: Connection, measure_ids: Sequence[int]) -> dict[int, list[Cause]]:
    """The rows of each measure's actions, in the order in which the monitor was given them."""
    live = ActionRow.retracted_at.is_(None)
    counted = (
        select(ObservationRow.measure_id, ObservationRow.id, ObservationRow.source, ActionRow.seq)
        .outerjoin(ActionRow, (ActionRow.observation_id == ObservationRow.id) & live)
        .where(ObservationRow.measure_id.in_(measure_ids))
        .order_by(ObservationRow.id, ActionRow.position)
    )
    found: dict[tuple[int, int, str], list[Cause]] = defaultdict(list)
    for measure_id, observation_id, source, seq in connection.execute(counted):
        causes = found[measure_id, observation_id, source]
        if seq is not None:
            causes.append((observation_id, seq))
    acting = acting_observations((*place, bool(causes)) for place, causes in found.items())
    chosen = {place[0]: causes for place, causes in found.items() if acting[place[0]] == place[1]}
    return defaultdict(list, chosen)


def _cause(causes: Sequence[Cause], index: int | None) -> Cause:
    return causes[index] if index is not None and 0 <= index < len(causes) else _NO_CAUSE
