"""A measure as it stood on a day, as far as we knew at a moment: nothing that came later, nothing that we learnt later.

Actions, stages and tags have their own time lines in the store. The rest of a record (summary, sponsors, citations...) is kept
as it is now; it is shown only where it is certain that it was so then, and what was left out is named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select

from ..records import Action, Classification, Measure, MeasureView, Review, Stage, Status
from .history import actions_as_of, status_as_of
from .merge import View, merge
from .models import ClassificationRow, MeasureRow, ObservationRow, ReviewRow, TextVersionRow

if TYPE_CHECKING:
    from .store import Store

_TAGS = "what it would do"
_LAW: tuple[Stage, ...] = ("enacted", "effective", "adopted", "repealed", "enjoined", "struck_down", "expired")
"""Who reached one of these may bear a number as law, and a day from which it applies."""


def as_it_was(store: Store, view: MeasureView, *, valid: dt.date, known: dt.datetime | None = None) -> MeasureView:
    """A measure as it stood at the end of a day, as far as we knew at a moment.

    Args:
        view: the measure as it is now.
        valid: what is dated after this day is left out.
        known: what we learnt after this moment is left out; None: now.

    Returns:
        The measure with ``as_of``, ``known_at`` and ``left_out`` set. ``status.cause`` is an index into its own actions.
    """
    with store.reading() as connection:
        measure_id = connection.execute(select(MeasureRow.id).where(MeasureRow.key == view.key)).scalar_one()
        rows = connection.execute(_observations(measure_id)).all()
        worded = connection.execute(_worded(measure_id)).all()
        said = _tags(connection, measure_id, known) if known else (view.classification, view.review)
    seen = [row for row in rows if known is None or row.first_seen <= known]
    # What changed since may have changed anywhere; of such a record only what has a time line of its own is certain.
    certain = [row for row in seen if known is None or row.changed_at <= known]
    records = [Measure.model_validate_json(row.record) for row in certain]
    base = merge([View(record, (None,) * len(record.versions)) for record in records]).measure if records else None
    later = base is not None and _goes_on_after(base, valid)
    status = status_as_of(store, view.key, valid=valid, known=known)
    told = actions_as_of(store, view.key, known)
    actions, place = _until(told, valid)
    law = any(event.stage in _LAW for event in status.events) or (not status.events and status.stage in _LAW)
    left_out: list[str] = []
    as_now = base is not None and not later

    def sure(name: str, value: Any, *, certain: bool) -> Any:
        """The value where it is certain that it was so then; else nothing, and its name among what was left out."""
        if certain or not value:
            return value
        left_out.append(name)
        return type(value)() if isinstance(value, tuple) else None

    tags, review = said
    read_then = as_now or (bool(worded) and all(row.date and row.date <= valid for row in worded))
    tags = sure(_TAGS, tags, certain=(known is not None and valid >= known.date()) or read_then)
    update = {
        "as_of": valid,
        "known_at": known,
        "status": _moved(status, place, law),
        "actions": actions,
        "classification": tags,
        "review": review if tags else None,
        "abstract": sure("summary", view.abstract, certain=as_now),
        "sponsors": tuple(
            sponsor.model_copy(update={"withdrawn": None if _after(sponsor.withdrawn, valid) else sponsor.withdrawn})
            for sponsor in sure("sponsors", view.sponsors, certain=base is not None)
            if not _after(sponsor.date, valid)
            and (as_now or sponsor.date or (actions and sponsor.classification == "primary"))
        ),
        "committees": sure("committees", view.committees, certain=as_now),
        "citations": sure("numbers as law", view.citations, certain=as_now) if law else (),
        "hearings": tuple(
            hearing
            for hearing in sure("hearings", view.hearings, certain=base is not None)
            if as_now or hearing.date <= valid
        ),
        "introduced": None if _after(view.introduced, valid) else view.introduced,
        "sources": tuple(source for source in view.sources if known is None or source.retrieved_at <= known),
        "last_checked": view.last_checked if known is None or not _after_moment(view.last_checked, known) else None,
        "family": None,
    }
    if base is not None and not as_now and any(s.classification == "cosponsor" and not s.date for s in view.sponsors):
        left_out.append("cosponsors without a date")
    return view.model_copy(update={**update, "left_out": tuple(left_out)})


def _observations(measure_id: int) -> Any:
    return (
        select(ObservationRow.record, ObservationRow.first_seen, ObservationRow.changed_at)
        .where(ObservationRow.measure_id == measure_id)
        .order_by(ObservationRow.id.desc())
    )


def _worded(measure_id: int) -> Any:
    """The days of the text versions whose words we hold: tags are read from the newest."""
    return (
        select(TextVersionRow.date)
        .join(ObservationRow, ObservationRow.id == TextVersionRow.observation_id)
        .where(ObservationRow.measure_id == measure_id)
        .where(TextVersionRow.sha256.is_not(None), TextVersionRow.retracted_at.is_(None))
    )


def _tags(connection: Connection, measure_id: int, known: dt.datetime) -> tuple[Classification | None, Review | None]:
    """What was shown at a moment: a person's decision, else what the model that read it last had said."""
    decided = (
        select(ReviewRow.__table__, ClassificationRow.record)
        .join(ClassificationRow, ClassificationRow.id == ReviewRow.classification_id)
        .where(ReviewRow.measure_id == measure_id, ReviewRow.decided_at <= known)
    )
    row = connection.execute(decided.order_by(ReviewRow.id.desc()).limit(1)).one_or_none()
    if row is not None:
        review = Review(reviewer=row.reviewer, decided_at=row.decided_at, decision=row.decision, reason=row.reason)
        return Classification.model_validate_json(row.record), review
    of_models = select(ClassificationRow.record).where(
        ClassificationRow.measure_id == measure_id,
        ClassificationRow.by_person.is_(False),
        ClassificationRow.observed_at <= known,
    )
    record = connection.execute(of_models.order_by(ClassificationRow.id.desc()).limit(1)).scalar()
    return (Classification.model_validate_json(record) if record else None), None


def _goes_on_after(measure: Measure, day: dt.date) -> bool:
    """True if something in the record is dated after a day, so that the rest of it may be later, too."""
    return any(
        _after(date, day)
        for dates in (
            (action.date for action in measure.actions),
            (version.date for version in measure.versions),
            (abstract.date for abstract in measure.abstracts),
            (hearing.date for hearing in measure.hearings),
            (date for sponsor in measure.sponsors for date in (sponsor.date, sponsor.withdrawn)),
        )
        for date in dates
    )


def _after(date: dt.date | None, day: dt.date) -> bool:
    return date is not None and date > day


def _after_moment(moment: dt.datetime | None, known: dt.datetime) -> bool:
    return moment is not None and moment > known


def _until(actions: Sequence[Action], day: dt.date) -> tuple[tuple[Action, ...], dict[int, int]]:
    """The actions up to a day, and where each that is left stood before. An undated one is as old as the one before it."""
    kept: list[Action] = []
    place: dict[int, int] = {}
    last = dt.date.min
    for index, action in enumerate(actions):
        last = action.date or last
        if last <= day:
            place[index] = len(kept)
            kept.append(action)
    return tuple(kept), place


def _moved(status: Status, place: dict[int, int], law: bool) -> Status:
    """The status with its indexes into the actions that are left."""

    def at(index: int | None) -> int | None:
        return None if index is None else place.get(index)

    return status.model_copy(
        update={
            "cause": at(status.cause),
            "events": tuple(event.model_copy(update={"cause": at(event.cause)}) for event in status.events),
            "marks": tuple(mark.model_copy(update={"cause": at(mark.cause)}) for mark in status.marks),
            "classes": tuple(classes for index, classes in enumerate(status.classes) if index in place),
            "unmapped": tuple(place[index] for index in status.unmapped if index in place),
            "effective_date": status.effective_date if law else None,
            "warnings": (),
        }
    )
