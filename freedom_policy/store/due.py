"""What is due to be assessed or classified, handed out in pages so that results can be saved meanwhile."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from ..records import OPEN_STAGES, Measure, MeasureFilter, Stage
from . import bulk
from .ingest import load_views
from .merge import View, merge
from .models import ClassificationRow, MeasureRow, ObservationRow, SessionRow, StatusRow, TextRow
from .selecting import conditions

if TYPE_CHECKING:
    from .store import Store

_OPEN: tuple[Stage, ...] = (*OPEN_STAGES, "unknown")
"""Stages that a session's end may turn into ``dead``."""
_ON_THE_DESK: tuple[Stage, ...] = ("passed_all", "vetoed")
"""Stages with a clock of days: law without signature, pocket veto, time to override."""


def to_assess(
    store: Store,
    *,
    all: bool,
    as_of: dt.date | None = None,
    ruleset_of: Callable[[str], str] | None = None,
    text: bool = False,
    wanted: MeasureFilter | None = None,
) -> Iterator[tuple[Measure, str]]:
    """Measures whose status is due, with the digest of what it is computed from."""
    reasons: list[ColumnElement[bool]] = []
    if not all:
        reasons = [MeasureRow.assessed_hash.is_(None), MeasureRow.assessed_hash != MeasureRow.actions_hash]
        if as_of is not None:
            reasons += _due_by_time(as_of)
        if ruleset_of is not None:
            reasons += _due_by_ruleset(store, ruleset_of)
    yield from _pages(store, [or_(*reasons)] if reasons else [], wanted, MeasureRow.actions_hash, text=text)


def _due_by_time(as_of: dt.date) -> list[ColumnElement[bool]]:
    # A session whose end nobody told the store may have ended for the monitor, so its open measures are due too.
    ended = select(SessionRow.identifier).where(
        SessionRow.jurisdiction == MeasureRow.jurisdiction,
        SessionRow.identifier == MeasureRow.session,
        or_(SessionRow.end.is_(None), SessionRow.end <= as_of),
    )
    return [
        and_(MeasureRow.stage.in_(_OPEN), ended.exists()),
        MeasureRow.stage.in_(_ON_THE_DESK),
        and_(MeasureRow.stage == "enacted", MeasureRow.effective_date <= as_of),
    ]


def _due_by_ruleset(store: Store, ruleset_of: Callable[[str], str]) -> list[ColumnElement[bool]]:
    # Places have rulesets of their own, so each is asked for once.
    used = (
        select(MeasureRow.jurisdiction, StatusRow.ruleset)
        .join(StatusRow, StatusRow.id == MeasureRow.status_id)
        .distinct()
    )
    with store.reading() as connection:
        pairs = connection.execute(used).all()
    return [
        and_(
            MeasureRow.jurisdiction == place,
            select(StatusRow.id).where(StatusRow.id == MeasureRow.status_id, StatusRow.ruleset == ruleset).exists(),
        )
        for place, ruleset in sorted(pairs)
        if ruleset != ruleset_of(place)
    ]


def to_classify(store: Store, model: str, *, all: bool, wanted: MeasureFilter | None) -> Iterator[tuple[Measure, str]]:
    """Measures that a model has not read as they are now, with the digest of their words."""
    read = select(ClassificationRow.id).where(
        ClassificationRow.measure_id == MeasureRow.id,
        ClassificationRow.model == model,
        ClassificationRow.superseded_at.is_(None),
        ClassificationRow.words_hash == MeasureRow.words_hash,
    )
    yield from _pages(store, [] if all else [~read.exists()], wanted, MeasureRow.words_hash, text=True)


def _pages(
    store: Store, due: list[ColumnElement[bool]], wanted: MeasureFilter | None, digest: Any, *, text: bool
) -> Iterator[tuple[Measure, str]]:
    last = ""
    left = wanted.limit if wanted else None
    asked = conditions(wanted or MeasureFilter(tracked=None))
    while left is None or left > 0:
        size = bulk.CHUNK if left is None else min(bulk.CHUNK, left)
        statement = (
            select(MeasureRow.id, MeasureRow.sort_key, digest)
            .where(*asked, *due, MeasureRow.sort_key > last)
            .order_by(MeasureRow.sort_key)
            .limit(size)
        )
        with store.reading() as connection:
            rows = connection.execute(statement).all()
            merged = merged_views(connection, [row[0] for row in rows])
            words = _latest_words(connection, merged) if text else {}
        for measure_id, _, hashed in rows:
            yield _with_words(merged[measure_id], words), hashed
        if len(rows) < size:
            return
        last = rows[-1][1]
        left = None if left is None else left - len(rows)


def merged_views(connection: Connection, measure_ids: list[int]) -> dict[int, View]:
    """Measures merged over their sources, without words."""
    owners: dict[int, list[int]] = defaultdict(list)
    for part in bulk.chunks(measure_ids):
        statement = (
            select(ObservationRow.measure_id, ObservationRow.id)
            .where(ObservationRow.measure_id.in_(part))
            .order_by(ObservationRow.id.desc())
        )
        for measure_id, observation_id in connection.execute(statement):
            owners[measure_id].append(observation_id)
    views = load_views(connection, [item for observations in owners.values() for item in observations])
    return {measure_id: merge([views[item] for item in items]) for measure_id, items in owners.items()}


def _latest_words(connection: Connection, merged: dict[int, View]) -> dict[str, str]:
    shas = {view.latest_sha for view in merged.values() if view.latest_sha}
    words: dict[str, str] = {}
    for part in bulk.chunks(sorted(shas)):
        statement = select(TextRow.sha256, TextRow.text).where(TextRow.sha256.in_(part))
        words.update({row.sha256: row.text for row in connection.execute(statement)})
    return words


def _with_words(view: View, words: dict[str, str]) -> Measure:
    """The measure, with the words of its latest version where they were loaded."""
    if view.latest is None or view.latest_sha not in words:
        return view.measure
    versions = list(view.measure.versions)
    versions[view.latest] = versions[view.latest].model_copy(update={"text": words[str(view.latest_sha)]})
    return view.measure.model_copy(update={"versions": tuple(versions)})
