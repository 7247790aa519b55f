"""How long measures usually stand at a stage: computed again for the places where something moved, kept for who asks."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import Connection, delete, func, select

from ..records import Kind, MovementNorm, Stage
from . import bulk
from .models import JurisdictionRow, MeasureRow, MovementNormRow, StatusEventRow, StatusRow

if TYPE_CHECKING:
    from .store import Store


class Path(NamedTuple):
    """The dated steps of one measure that its source tells, oldest first."""

    kind: Kind | None
    steps: Sequence[tuple[Stage, dt.date]]


NormsOf = Callable[[str, Iterable[Path]], Iterable[MovementNorm]]
LevelNorms = Callable[[str, Iterable[MovementNorm]], Iterable[MovementNorm]]


def refresh(
    store: Store, norms_of: NormsOf, level_norms: LevelNorms, *, version: str, observed_at: dt.datetime
) -> list[str]:
    """Compute the norms of places again whose statuses changed since, and of their levels. One transaction.

    Args:
        norms_of: the norms of a place from the paths of its measures.
        level_norms: the norms of a level from those of its places.
        version: of both functions; norms of another version are computed again.
        observed_at: the moment that is kept beside them.

    Returns:
        Keys of the places that were looked at again.
    """
    with store.reading() as connection:
        due = _due(connection, version)
        if not due:
            return []
        levels = {row.key: row.level for row in connection.execute(select(JurisdictionRow.key, JurisdictionRow.level))}
        found = {place: tuple(norms_of(place, _paths(connection, place))) for place in due}
        kept = [norm for norm in _read(connection, days=True).values() if norm.place not in found]
    touched = {levels.get(place) for place in due} - {None}
    of_level: dict[str, list[MovementNorm]] = defaultdict(list)
    for norm in (*kept, *(norm for norms in found.values() for norm in norms)):
        if (level := levels.get(norm.place)) in touched:
            of_level[str(level)].append(norm)
    for level, norms in of_level.items():
        found[level] = tuple(level_norms(level, norms))
    rows = [
        {
            **norm.model_dump(exclude={"next", "days"}),
            "next": json.dumps(norm.next),
            "days": json.dumps(norm.days),
            "version": version,
            "computed_at": observed_at,
        }
        for norms in found.values()
        for norm in norms
    ]
    with store.writing() as connection:
        connection.execute(delete(MovementNormRow).where(MovementNormRow.place.in_(sorted(found))))
        bulk.add(connection, MovementNormRow, rows)
    return due


def movement_norms(store: Store) -> Mapping[tuple[str, str, Stage], MovementNorm]:
    """The norms that were last computed, by place (or level), kind (``bill`` or ``resolution``) and stage.

    ``monitoring.movement.norm_for`` picks the one that speaks for a measure.
    """
    with store.reading() as connection:
        return _read(connection, days=False)


def _due(connection: Connection, version: str) -> list[str]:
    """Places with a status newer than their norms, or with none of this version, in the order of their keys."""
    newest = (
        select(MeasureRow.jurisdiction, func.max(StatusRow.observed_at, type_=StatusRow.observed_at.type))
        .join(MeasureRow, MeasureRow.id == StatusRow.measure_id)
        .group_by(MeasureRow.jurisdiction)
    )
    computed = (
        select(MovementNormRow.place, func.min(MovementNormRow.computed_at, type_=MovementNormRow.computed_at.type))
        .where(MovementNormRow.version == version)
        .group_by(MovementNormRow.place)
    )
    done = {row[0]: row[1] for row in connection.execute(computed)}
    moved = connection.execute(newest)
    return sorted(place for place, moment in moved if place not in done or done[place] < moment)


def _paths(connection: Connection, place: str) -> Iterable[Path]:
    events = (
        select(
            StatusEventRow.measure_id,
            MeasureRow.kind,
            StatusEventRow.stage,
            StatusEventRow.date,
            StatusEventRow.position,
            StatusEventRow.id,
        )
        .join(MeasureRow, MeasureRow.id == StatusEventRow.measure_id)
        .where(
            MeasureRow.jurisdiction == place,
            MeasureRow.moved_to_id.is_(None),
            StatusEventRow.retracted_at.is_(None),
            StatusEventRow.basis == "action",
            StatusEventRow.date.is_not(None),
        )
        # An event keeps the position that it had when it was first told, so the day counts first.
        .order_by(StatusEventRow.measure_id, StatusEventRow.date, StatusEventRow.position, StatusEventRow.id)
    )
    for _, rows in groupby(connection.execute(events), key=lambda row: row.measure_id):
        steps = list(rows)
        yield Path(cast("Kind | None", steps[0].kind), [(row.stage, row.date) for row in steps])


def _read(connection: Connection, *, days: bool) -> dict[tuple[str, str, Stage], MovementNorm]:
    table = MovementNormRow.__table__
    wanted: list[Any] = [
        table.c[name] for name in ("place", "kind", "stage", "count", "median_days", "slow_days", "next")
    ]
    if days:
        wanted.append(table.c.days)
    found: dict[tuple[str, str, Stage], MovementNorm] = {}
    for row in connection.execute(select(*wanted).order_by(table.c.place, table.c.kind, table.c.stage)).mappings():
        told = {name: json.loads(value) if name in ("next", "days") else value for name, value in row.items()}
        norm = MovementNorm.model_validate(told)
        found[norm.place, norm.kind, norm.stage] = norm
    return found
