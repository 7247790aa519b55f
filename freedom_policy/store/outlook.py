"""What lies ahead, and what was collected of each place: for digests and coverage, without loading what they do not tell."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

from ..records import Kind, MeasureFilter, MeasureView, Record, Stage
from . import bulk, views
from .models import HearingRow, MeasureRow, ObservationRow, RunRow, TagRow
from .selecting import conditions

if TYPE_CHECKING:
    from .store import Store


_FEW = 10_000
"""Up to so many measures, asking for their tags is faster than reading all tags."""


class Collected(Record):
    """What was collected of one place."""

    place: str
    measures: int
    since: dt.date | None = None
    """The earliest day on which one of them was introduced, or else acted on."""
    sources: tuple[str, ...] = ()
    code_read: bool = False
    """True if sections of its code are among them."""
    untagged: int = 0
    """Those that no model and no person has read yet."""
    unassessed: int = 0
    """Those whose stage was never computed."""


class Part(Record):
    """A scope of a source of which only a part was ever collected."""

    source: str
    place: str | None
    """None: the runs were told no place."""
    why: str
    """How the last look was cut (``limit 20``), or that it was not completed."""


class TagCount(NamedTuple):
    """How many measures of a place bear a tag and stand at one of the stages of a group."""

    place: str
    dimension: str
    value: str
    group: str
    """Name of the stages' group; empty for stages of no group."""
    counted: bool
    """On trafficking (core or partial), with a provision, known to bind, neither administrative nor mostly contested."""
    families: int
    """Measures of one reform count once."""
    measures: int


def tag_counts(
    store: Store,
    tags: Iterable[tuple[str, str]],
    groups: Mapping[str, Sequence[Stage]],
    wanted: MeasureFilter | None = None,
    *,
    never_binding: Sequence[Kind] = (),
) -> list[TagCount]:
    """Counts by place, tag and group of stages, for coverage.

    Args:
        tags: (dimension, value) of the tags to count; dimensions are ``goal, area, subarea, provision, form``.
        groups: stages by the name of their group; a measure that was never assessed is ``unknown``.
        wanted: which measures; default: tracked ones. ``limit`` does not apply.
        never_binding: kinds that bind nobody, whatever was said of them.
    """
    import numpy as np

    stage = func.coalesce(MeasureRow.stage, "unknown")
    counts = and_(
        MeasureRow.relevance.in_(("core", "partial")),
        MeasureRow.binding.is_(True),
        MeasureRow.administrative.is_not(True),
        MeasureRow.mostly_contested.is_not(True),
        or_(MeasureRow.kind.is_(None), MeasureRow.kind.not_in(never_binding)),
        MeasureRow.id.in_(select(TagRow.measure_id).where(TagRow.dimension == "provision")),
    )
    statement = select(
        MeasureRow.id,
        func.coalesce(MeasureRow.family_id, 0),
        MeasureRow.jurisdiction,
        case(*((stage.in_(stages), name) for name, stages in groups.items()), else_=""),
        case((counts, 1), else_=0),
    ).where(*conditions(wanted or MeasureFilter()))
    found = []
    with store.reading() as connection:
        # Each measure gets the number of its cell; the tags are then counted by number. To let the database group a
        # million tags by words takes five times as long.
        cells: dict[tuple[str, str, int], int] = {}
        rows = [
            (measure, family, cells.setdefault((place, group, yes), len(cells)))
            for measure, family, place, group, yes in connection.execute(statement)
        ]
        size = max((row[0] for row in rows), default=0) + 1
        cell_of, family_of = np.full(size, -1), np.zeros(size, dtype=np.int64)
        if rows:
            ids, families, numbers = np.array(rows).T
            cell_of[ids], family_of[ids] = numbers, families
        for (dimension, value), tagged in _tagged(connection, tags, [row[0] for row in rows]):
            members = np.fromiter(tagged, dtype=np.int64)
            members = members[members < size]
            members = members[cell_of[members] >= 0]
            measures = np.bincount(cell_of[members], minlength=len(cells))
            # What is in a family counts once; what is in none is one of its own.
            related = members[family_of[members] > 0]
            pairs = np.stack([cell_of[related], family_of[related]])
            again = np.bincount(pairs[0], minlength=len(cells)) - np.bincount(
                np.unique(pairs, axis=1)[0], minlength=len(cells)
            )
            found += [
                TagCount(place, dimension, value, group, bool(yes), int(measures[n] - again[n]), int(measures[n]))
                for (place, group, yes), n in cells.items()
                if measures[n]
            ]
    return found


def _tagged(
    connection: Connection, tags: Iterable[tuple[str, str]], measure_ids: Sequence[int]
) -> Iterator[tuple[tuple[str, str], Iterable[int]]]:
    """Each tag with its measures: at least those asked for, and no other ones if they are few."""
    if len(measure_ids) > _FEW:
        for tag in tags:
            statement = select(TagRow.measure_id).where(TagRow.dimension == tag[0], TagRow.value == tag[1])
            yield tag, connection.execute(statement).scalars()
        return
    by_tag: dict[tuple[str, str], list[int]] = defaultdict(list)
    for part in bulk.chunks(measure_ids):
        of_part = select(TagRow.dimension, TagRow.value, TagRow.measure_id).where(TagRow.measure_id.in_(part))
        for dimension, value, measure_id in connection.execute(of_part):
            by_tag[dimension, value].append(measure_id)
    for tag in tags:
        yield tag, by_tag.get(tag, [])


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


def silent(
    store: Store,
    start: dt.date,
    end: dt.date,
    stages: Sequence[Stage],
    wanted: MeasureFilter | None = None,
    crossed: Callable[[str, Kind | None, Stage, dt.date], bool] = lambda *_: True,
) -> list[MeasureView]:
    """Measures at one of the stages whose last action was from ``start`` to ``end`` (both included).

    Args:
        crossed: told of each its place, kind, stage and last action before it is loaded; False leaves it out.
    """
    wanted = wanted or MeasureFilter()
    statement: Any = (
        select(MeasureRow.id, MeasureRow.jurisdiction, MeasureRow.kind, MeasureRow.stage, MeasureRow.last_action)
        .where(MeasureRow.last_action.between(start, end), MeasureRow.stage.in_(stages), *conditions(wanted))
        .order_by(MeasureRow.sort_key)
    )
    with store.reading() as connection:
        kept = (row[0] for row in connection.execute(statement) if crossed(*row[1:]))
        return list(views.load(connection, list(islice(kept, wanted.limit))).values())


def collected(store: Store) -> list[Collected]:
    """What was collected of each place, also what is not tracked, in the order of the keys."""
    counts = (
        select(
            MeasureRow.jurisdiction,
            func.count().label("measures"),
            func.min(func.coalesce(MeasureRow.introduced, MeasureRow.last_action), type_=MeasureRow.introduced.type),
            func.max(case((MeasureRow.kind == "code_section", 1), else_=0)),
            func.sum(case((MeasureRow.classification_id.is_(None), 1), else_=0)),
            func.sum(case((MeasureRow.status_id.is_(None), 1), else_=0)),
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
                untagged=untagged,
                unassessed=unassessed,
            )
            for place, measures, since, code, untagged, unassessed in connection.execute(counts)
        ]


def parts(store: Store) -> list[Part]:
    """The scopes that no run ever looked at as a whole, with why, by source and place.

    A run cut to what changed since a day is no part where a whole look came before it. Runs that collected nothing at all
    are no look, and say nothing.
    """
    looked = or_(RunRow.verdict.in_(("complete", "empty_as_expected")), RunRow.found > 0)
    statement = (
        select(RunRow.source, RunRow.scope, RunRow.jurisdiction, RunRow.verdict, RunRow.cut)
        .where(looked)
        .order_by(RunRow.id)
    )
    last: dict[tuple[str, str], Part | None] = {}
    with store.reading() as connection:
        for source, scope, place, verdict, cut in connection.execute(statement):
            group = source, scope
            whole = cut is None and verdict in ("complete", "empty_as_expected")
            if whole or (group in last and last[group] is None):
                last[group] = None
            else:
                last[group] = Part(source=source, place=place, why=cut or "the run was not completed")
    found = {part: None for part in last.values() if part is not None}
    return sorted(found, key=lambda part: (part.source, part.place or "", part.why))
