"""Reading the store. Everything gives plain records; nothing here writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased

from ..records import Classification, Measure, MeasureFilter, MeasureView, Run, Status, TextVersion
from . import bulk, due, views
from .collecting import run_of
from .corrections import corrections
from .disagreements import disagreements
from .facets import DIMENSIONS, facets
from .families import families, family_links
from .history import action_history, actions_as_of, changes, events, status_as_of
from .ingest import source_of
from .law_events import law_events
from .ledger import digest_issues, last_told, told
from .looking_back import as_it_was
from .models import (
    CheckRow,
    ClassificationRow,
    MeasureRow,
    ObservationRow,
    QuarantineRow,
    RunRow,
    StatusRow,
    TextRow,
)
from .norms import movement_norms
from .private import notes, watches
from .results import Check, Observation
from .selecting import conditions
from .status import acting_observations

if TYPE_CHECKING:
    from .store import Store

__all__ = [
    "DIMENSIONS",
    "action_history",
    "actions_as_of",
    "as_it_was",
    "both_said",
    "changes",
    "checks",
    "corrections",
    "count",
    "digest_issues",
    "disagreements",
    "events",
    "facets",
    "families",
    "family_links",
    "keys",
    "last_runs",
    "last_told",
    "law_events",
    "measure",
    "measures",
    "merged",
    "models",
    "movement_norms",
    "near_keys",
    "notes",
    "observations",
    "quarantine",
    "reviewed",
    "runs",
    "status_as_of",
    "to_review",
    "told",
    "unmapped_actions",
    "versions",
    "watches",
]

_PAGE = 500


def measures(store: Store, wanted: MeasureFilter | None = None) -> Iterator[MeasureView]:
    """Measures by filter, lazily, in the order of jurisdiction, session and number (HB9 before HB10).

    Pages are read as they are needed, so that a long list costs no memory and holds no lock; default filter: tracked ones.
    """
    wanted = wanted or MeasureFilter()
    left = wanted.limit
    last = ""
    size = 50  # Small first, so that the first screen is there at once.
    while left is None or left > 0:
        size = size if left is None else min(size, left)
        statement = (
            select(MeasureRow.id, MeasureRow.sort_key)
            .where(*conditions(wanted), MeasureRow.sort_key > last)
            .order_by(MeasureRow.sort_key)
            .limit(size)
        )
        with store.reading() as connection:
            rows = connection.execute(statement).all()
            page = views.load(connection, [row.id for row in rows])
        yield from page.values()
        if len(rows) < size:
            return
        last = rows[-1].sort_key
        left = None if left is None else left - len(rows)
        size = _PAGE


def keys(store: Store, wanted: MeasureFilter | None = None) -> list[str]:
    """Keys of the measures that a filter finds, in the order of :func:`measures`, without loading them."""
    wanted = wanted or MeasureFilter()
    statement = select(MeasureRow.key).where(*conditions(wanted)).order_by(MeasureRow.sort_key).limit(wanted.limit)
    with store.reading() as connection:
        return list(connection.execute(statement).scalars())


def count(store: Store, wanted: MeasureFilter | None = None) -> int:
    """How many measures a filter finds; ``limit`` counts."""
    wanted = wanted or MeasureFilter()
    with store.reading() as connection:
        found = connection.execute(select(func.count()).select_from(MeasureRow).where(*conditions(wanted))).scalar_one()
    return found if wanted.limit is None else min(found, wanted.limit)


def measure(store: Store, key: str) -> MeasureView | None:
    """One measure by its canonical key, also by a number that it bore before; None if it is not in the store."""
    with store.reading() as connection:
        statement = select(MeasureRow.id, MeasureRow.moved_to_id).where(MeasureRow.key == key)
        row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        measure_id = row.moved_to_id or row.id
        return views.load(connection, [measure_id]).get(measure_id)


def merged(store: Store, wanted: MeasureFilter | None = None) -> Iterator[Measure]:
    """Measures as whole records, merged over their sources, without words: related measures, subjects, documents too."""
    for record, _ in due.to_assess(store, all=True, wanted=wanted or MeasureFilter()):
        yield record


def near_keys(store: Store, key: str, limit: int = 3) -> list[str]:
    """Keys in the store that look like a key: for a hint."""
    from rapidfuzz import fuzz, process

    place = key.rsplit("/", 1)[0]
    with store.reading() as connection:
        same = select(MeasureRow.key).where(MeasureRow.key.startswith(place, autoescape=True)).limit(100_000)
        known = list(connection.execute(same).scalars())
    return [found for found, _, _ in process.extract(key, known, scorer=fuzz.ratio, limit=limit, score_cutoff=80)]


def versions(store: Store, key: str, *, text: bool = True) -> tuple[TextVersion, ...]:
    """All text versions of a measure in order, from the source that the merged measure takes them from.

    Args:
        text: with their words.
    """
    with store.reading() as connection:
        measure_id = connection.execute(
            select(func.coalesce(MeasureRow.moved_to_id, MeasureRow.id)).where(MeasureRow.key == key)
        ).scalar()
        view = due.merged_views(connection, [measure_id]).get(measure_id) if measure_id else None
        if view is None:
            return ()
        words: dict[str, str] = {}
        if text:
            wanted = [sha for sha in view.shas if sha]
            rows = connection.execute(select(TextRow.sha256, TextRow.text).where(TextRow.sha256.in_(wanted)))
            words = {row.sha256: row.text for row in rows}
    return tuple(
        version.model_copy(update={"text": words.get(sha or "")})
        for version, sha in zip(view.measure.versions, view.shas, strict=True)
    )


# ---------------------------------------------------------------------------------------------------------------------
# How fresh and complete the look was


def runs(store: Store, limit: int = 100) -> list[Run]:
    """Collect runs, newest first. One without an end is still going, or was killed."""
    with store.reading() as connection:
        rows = connection.execute(select(RunRow.__table__).order_by(RunRow.id.desc()).limit(limit))
        return [run_of(row) for row in rows]


def last_runs(store: Store) -> list[Run]:
    """The last run of each source and scope, newest first."""
    last = select(func.max(RunRow.id)).group_by(RunRow.source, RunRow.scope)
    with store.reading() as connection:
        rows = connection.execute(select(RunRow.__table__).where(RunRow.id.in_(last)).order_by(RunRow.id.desc()))
        return [run_of(row) for row in rows]


def checks(store: Store, wanted: MeasureFilter | None = None) -> list[Check]:
    """The last successful look at each measure in each source and scope."""
    statement = (
        select(MeasureRow.key, ObservationRow.source, CheckRow.scope, CheckRow.checked_at, CheckRow.missing_since)
        .join(ObservationRow, ObservationRow.measure_id == MeasureRow.id)
        .join(CheckRow, CheckRow.observation_id == ObservationRow.id)
        .where(*conditions(wanted or MeasureFilter(tracked=None)))
        .order_by(MeasureRow.sort_key, ObservationRow.source, CheckRow.scope)
    )
    with store.reading() as connection:
        return [Check(**row._mapping) for row in connection.execute(statement)]


def observations(store: Store, key: str) -> list[Observation]:
    """Each source's view of a measure, the one first that its actions are taken from."""
    looked = (
        select(
            ObservationRow,
            MeasureRow.key,
            func.max(CheckRow.checked_at, type_=CheckRow.checked_at.type).label("last_checked"),
            func.max(CheckRow.missing_since, type_=CheckRow.missing_since.type).label("missing_since"),
        )
        .join(MeasureRow, MeasureRow.id == ObservationRow.measure_id)
        .outerjoin(CheckRow, CheckRow.observation_id == ObservationRow.id)
        .where(MeasureRow.key == key)
        .group_by(ObservationRow.id, MeasureRow.key)
    )
    with store.reading() as connection:
        rows = connection.execute(looked).all()
    said = {row.id: Measure.model_validate_json(row.record) for row in rows}
    acting = acting_observations((0, row.id, row.source, bool(said[row.id].actions)) for row in rows).get(0)
    found = [
        Observation(
            key=row.key,
            source=source_of(row),
            first_seen=row.first_seen,
            changed_at=row.changed_at,
            last_checked=row.last_checked,
            missing_since=row.missing_since,
            title=said[row.id].title,
            actions=len(said[row.id].actions),
            shown=row.id == acting,
        )
        for row in rows
    ]
    return sorted(found, key=lambda view: (not view.shown, view.source.name))


def quarantine(store: Store, limit: int = 100) -> list[dict[str, Any]]:
    """Replies that could not be read, newest first: source, url, key, reason, media_type, raw (bytes), first and last seen."""
    names = ("source", "source_id", "url", "key", "reason", "media_type", "raw", "first_seen", "last_seen")
    columns = [QuarantineRow.__table__.c[name] for name in names]
    with store.reading() as connection:
        rows = connection.execute(
            select(*columns).order_by(QuarantineRow.last_seen.desc(), QuarantineRow.id).limit(limit)
        )
        return [dict(row._mapping) for row in rows]


# ---------------------------------------------------------------------------------------------------------------------
# Work for people


def unmapped_actions(store: Store, limit: int = 50, wanted: MeasureFilter | None = None) -> list[tuple[str, str, int]]:
    """Action texts that no rule knew, most frequent first: (jurisdiction, text, count)."""
    statement = (
        select(MeasureRow.id, MeasureRow.key, MeasureRow.jurisdiction, StatusRow.record)
        .join(StatusRow, StatusRow.id == MeasureRow.status_id)
        .where(StatusRow.record.contains('"unmapped":['), *conditions(wanted or MeasureFilter(tracked=None)))
        .order_by(MeasureRow.sort_key)
    )
    counts: dict[tuple[str, str], int] = defaultdict(int)
    with store.reading() as connection:
        for part in bulk.chunks(connection.execute(statement).all()):
            said = due.merged_views(connection, [row.id for row in part])
            for row in part:
                actions = said[row.id].measure.actions
                for index in Status.model_validate_json(row.record).unmapped:
                    if index < len(actions):
                        counts[row.jurisdiction, actions[index].description] += 1
    best = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]
    return [(*place, number) for place, number in best]


def models(store: Store) -> list[str]:
    """The models whose tags are in the store, the latest used first."""
    latest = func.max(ClassificationRow.id)
    statement = (
        select(ClassificationRow.model)
        .where(ClassificationRow.by_person.is_(False))
        .group_by(ClassificationRow.model)
        .order_by(latest.desc())
    )
    with store.reading() as connection:
        return list(connection.execute(statement).scalars())


def both_said(store: Store, before: str, after: str) -> Iterator[tuple[str, Classification, Classification]]:
    """What two models say of each measure that both have read: (key, before, after), in order."""
    old, new = aliased(ClassificationRow), aliased(ClassificationRow)
    statement = (
        select(MeasureRow.key, old.record.label("old"), new.record.label("new"))
        .join(old, (old.measure_id == MeasureRow.id) & (old.model == before) & old.superseded_at.is_(None))
        .join(new, (new.measure_id == MeasureRow.id) & (new.model == after) & new.superseded_at.is_(None))
        .order_by(MeasureRow.sort_key)
    )
    with store.reading() as connection:
        for row in connection.execute(statement):
            yield row.key, Classification.model_validate_json(row.old), Classification.model_validate_json(row.new)


def to_review(store: Store, wanted: MeasureFilter | None = None) -> Iterator[MeasureView]:
    """Measures that a model asks a person to look at and nobody has, in order."""
    wanted = wanted or MeasureFilter(tracked=None)
    statement = (
        select(MeasureRow.id)
        .join(ClassificationRow, ClassificationRow.id == MeasureRow.classification_id)
        .where(ClassificationRow.review, MeasureRow.reviewed.is_(False), *conditions(wanted))
        .order_by(MeasureRow.sort_key)
        .limit(wanted.limit)
    )
    yield from _views(store, statement)


def reviewed(store: Store, wanted: MeasureFilter | None = None) -> Iterator[MeasureView]:
    """Measures that a person decided on, with what was decided, in order."""
    wanted = wanted or MeasureFilter(tracked=None)
    statement = (
        select(MeasureRow.id)
        .where(MeasureRow.reviewed, *conditions(wanted))
        .order_by(MeasureRow.sort_key)
        .limit(wanted.limit)
    )
    yield from _views(store, statement)


def _views(store: Store, statement: Select[Any]) -> Iterator[MeasureView]:
    with store.reading() as connection:
        ids = list(connection.execute(statement).scalars())
    for part in bulk.chunks(ids):
        with store.reading() as connection:
            page = views.load(connection, part)
        yield from page.values()
