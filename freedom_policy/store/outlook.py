"""What lies ahead, and what was collected of each place: for digests and coverage, without loading what they do not tell."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import case, func, or_, select

from ..records import MeasureFilter, MeasureView, Record
from . import views
from .models import HearingRow, MeasureRow, ObservationRow
from .selecting import conditions

if TYPE_CHECKING:
    from .store import Store


class Collected(Record):
    """What was collected of one place."""

    place: str
    measures: int
    since: dt.date | None = None
    """The earliest day on which one of them was introduced, or else acted on."""
    sources: tuple[str, ...] = ()
    code_read: bool = False
    """True if sections of its code are among them."""


def ahead(store: Store, start: dt.date, end: dt.date, wanted: MeasureFilter | None = None) -> list[MeasureView]:
    """Measures with a hearing, or a day on which they take effect, from ``start`` to ``end`` (both included)."""
    heard = (
        select(ObservationRow.measure_id)
        .join(HearingRow, HearingRow.observation_id == ObservationRow.id)
        .where(HearingRow.date.between(start, end))
    )
    coming = or_(MeasureRow.id.in_(heard), MeasureRow.effective_date.between(start, end))
    wanted = wanted or MeasureFilter()
    statement = select(MeasureRow.id).where(coming, *conditions(wanted)).order_by(MeasureRow.sort_key)
    with store.reading() as connection:
        return list(views.load(connection, list(connection.execute(statement.limit(wanted.limit)).scalars())).values())


def collected(store: Store) -> list[Collected]:
    """What was collected of each place, also what is not tracked, in the order of the keys."""
    counts = (
        select(
            MeasureRow.jurisdiction,
            func.count().label("measures"),
            func.min(func.coalesce(MeasureRow.introduced, MeasureRow.last_action), type_=MeasureRow.introduced.type),
            func.max(case((MeasureRow.kind == "code_section", 1), else_=0)),
        )
        .where(MeasureRow.moved_to_id.is_(None))
        .group_by(MeasureRow.jurisdiction)
        .order_by(MeasureRow.jurisdiction)
    )
    sources = (
        select(MeasureRow.jurisdiction, ObservationRow.source)
        .join(ObservationRow, ObservationRow.measure_id == MeasureRow.id)
        .distinct()
    )
    with store.reading() as connection:
        by_place: dict[str, list[str]] = defaultdict(list)
        for place, source in connection.execute(sources):
            by_place[place].append(source)
        return [
            Collected(
                place=place,
                measures=measures,
                since=since,
                sources=tuple(sorted(by_place[place])),
                code_read=bool(code),
            )
            for place, measures, since, code in connection.execute(counts)
        ]
