"""A reader's filter as SQL: one place that says what each field of ``MeasureFilter`` means."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select

from ..records import MeasureFilter
from .models import MeasureRow, TagRow

_BY_TAG = {"goal": "goals", "area": "areas", "subarea": "subareas", "provision": "provisions", "form": "forms"}


def conditions(wanted: MeasureFilter) -> list[ColumnElement[bool]]:
    """The conditions on ``measures`` that a filter asks for, ``limit`` aside; all must hold."""
    found: list[ColumnElement[bool]] = []
    for column, values in (
        (MeasureRow.key, wanted.keys),
        (MeasureRow.jurisdiction, wanted.jurisdictions),
        (MeasureRow.session, wanted.sessions),
    ):
        if values:
            found.append(column.in_(values))
    if wanted.stages:
        stages = MeasureRow.stage.in_(wanted.stages)
        # What was never assessed reads as unknown.
        found.append(or_(stages, MeasureRow.stage.is_(None)) if "unknown" in wanted.stages else stages)
    for dimension, field in _BY_TAG.items():
        if values := getattr(wanted, field):
            tagged = select(TagRow.measure_id).where(TagRow.dimension == dimension, TagRow.value.in_(values))
            found.append(MeasureRow.id.in_(tagged))
    if wanted.tracked is not None:
        found.append(MeasureRow.tracked.is_(wanted.tracked))
    if wanted.contested is not None:
        found.append(MeasureRow.contested.is_(wanted.contested))
    if wanted.since is not None:
        found.append(MeasureRow.last_action >= wanted.since)
    if wanted.until is not None:
        found.append(MeasureRow.last_action <= wanted.until)
    for word in (wanted.query or "").casefold().split():
        found.append(MeasureRow.search.contains(word, autoescape=True))
    if wanted.also and found:
        found = [or_(and_(*found), MeasureRow.key.in_(wanted.also))]
    return [MeasureRow.moved_to_id.is_(None), *found]
