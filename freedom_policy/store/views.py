"""Measures as readers see them, loaded in bulk: three statements for any number of measures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from ..records import Classification, Measure, MeasureView, Review, Status
from . import bulk
from .merge import View, merge
from .models import CheckRow, ClassificationRow, FamilyRow, MeasureRow, ObservationRow, ReviewRow, StatusRow


def load(connection: Connection, measure_ids: Sequence[int]) -> dict[int, MeasureView]:
    """Views by measure, in the order of the ids given."""
    found: dict[int, MeasureView] = {}
    for part in bulk.chunks(measure_ids):
        seen = _observations(connection, part)
        reviews = _reviews(connection, part)
        statement = (
            select(
                MeasureRow.id,
                MeasureRow.key,
                MeasureRow.first_seen,
                MeasureRow.reviewed,
                StatusRow.record.label("status"),
                ClassificationRow.record.label("classification"),
                FamilyRow.key.label("family"),
            )
            .outerjoin(StatusRow, StatusRow.id == MeasureRow.status_id)
            .outerjoin(ClassificationRow, ClassificationRow.id == MeasureRow.classification_id)
            .outerjoin(FamilyRow, FamilyRow.id == MeasureRow.family_id)
            .where(MeasureRow.id.in_(part))
        )
        rows = {row.id: row for row in connection.execute(statement)}
        with bulk.collection_paused():
            for measure_id in part:
                if measure_id in rows and seen[measure_id]:
                    found[measure_id] = _view(rows[measure_id], seen[measure_id], reviews.get(measure_id))
    return found


def _observations(connection: Connection, measure_ids: Sequence[int]) -> dict[int, list[Any]]:
    statement = (
        select(
            ObservationRow.measure_id,
            ObservationRow.record,
            ObservationRow.demo,
            func.max(CheckRow.checked_at, type_=CheckRow.checked_at.type).label("checked_at"),
        )
        .outerjoin(CheckRow, CheckRow.observation_id == ObservationRow.id)
        .where(ObservationRow.measure_id.in_(measure_ids))
        .group_by(ObservationRow.id)
        .order_by(ObservationRow.id.desc())
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(statement):
        found[row.measure_id].append(row)
    return found


def _reviews(connection: Connection, measure_ids: Sequence[int]) -> dict[int, Review]:
    """The latest decision on each measure."""
    statement = select(ReviewRow.__table__).where(ReviewRow.measure_id.in_(measure_ids)).order_by(ReviewRow.id)
    return {
        row.measure_id: Review(
            reviewer=row.reviewer, decided_at=row.decided_at, decision=row.decision, reason=row.reason
        )
        for row in connection.execute(statement)
    }


def _view(row: Any, observations: Sequence[Any], review: Review | None) -> MeasureView:
    said = [Measure.model_validate_json(observation.record) for observation in observations]
    measure = merge([View(item, (None,) * len(item.versions)) for item in said]).measure
    return MeasureView(
        key=row.key,
        jurisdiction=measure.jurisdiction,
        session=measure.session,
        identifier=measure.identifier,
        kind=measure.kind,
        title=measure.title,
        abstract=measure.abstracts[0].abstract if measure.abstracts else None,
        url=measure.url,
        sponsors=measure.sponsors,
        committees=measure.committees,
        citations=measure.citations,
        hearings=measure.hearings,
        introduced=measure.introduced,
        actions=measure.actions,
        # The one that the actions are taken from comes first.
        sources=tuple(sorted((item.source for item in said), key=lambda source: source != measure.source)),
        first_seen=row.first_seen,
        last_checked=max((o.checked_at for o in observations if o.checked_at), default=None),
        status=Status.model_validate_json(row.status) if row.status else None,
        classification=Classification.model_validate_json(row.classification) if row.classification else None,
        review=review if row.reviewed else None,
        family=row.family,
        demo=any(observation.demo for observation in observations),
    )
