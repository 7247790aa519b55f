"""Is it moving? A measure's wait beside how long others of its place waited; what must come next, and by when.

Nothing here is a forecast: the next step is the order of steps, the norm is what others did.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..monitoring import movement
from ..monitoring.movement import Norms
from ..records import OPEN_STAGES, Kind, MeasureView, Record, Stage, Status
from ..store import outlook
from . import words

if TYPE_CHECKING:
    from ..records import MeasureFilter
    from ..store import Store

USUAL_DAYS = 180
"""What counts as quiet where too few measures of the place and its level moved on to know what is usual."""
_LEAST_DAYS = 30
"""Less is no silence: some places refer a bill on the day it is filed, and nine in ten within a week."""
_SPAN_DAYS = 365
"""A first digest is no archive."""


class Ahead(Record):
    """What a measure waits for, and how long it has waited, on the day of the report."""

    next_step: Stage | None
    """The step that must come next; None after the last one, or when it has ended."""
    deadline: dt.date | None
    """The day when it dies by its session's end, where that is known and ahead."""
    deadline_reason: str | None
    slow: bool | None
    """Quiet for longer than nine in ten of those that moved on from here; None: no norm is known."""
    pace: str | None
    """The figures behind ``slow``."""


def ahead(view: MeasureView, norms: Norms, today: dt.date) -> Ahead | None:
    """What lies before a measure; None where its stage was never computed, or it is no longer on its way."""
    if view.status is None or view.stage not in OPEN_STAGES:
        return None
    found = _movement(view, view.status, norms, today)
    return Ahead(
        next_step=found.next_step,
        deadline=found.deadline,
        deadline_reason=found.deadline_reason,
        slow=found.stalled,
        pace=found.reason,
    )


def _movement(view: MeasureView, status: Status, norms: Norms, today: dt.date) -> movement.Movement:
    return movement.movement(
        status,
        view.actions,
        jurisdiction=view.jurisdiction,
        kind=view.kind,
        as_of=today,
        identifier=view.identifier,
        session=view.session,
        known=norms,
    )


def gone_quiet(
    store: Store, since: dt.datetime | None, until: dt.datetime, wanted: MeasureFilter, norms: Norms
) -> list[tuple[MeasureView, str]]:
    """Measures on their way that in the span became quiet for longer than is usual where they are, each with the figures."""
    last = until.date()
    first = max(since.date() if since else last - dt.timedelta(days=1), last - dt.timedelta(days=_SPAN_DAYS))
    limits: dict[tuple[str, Kind | None, Stage], int] = {}

    def crossed(place: str, kind: Kind | None, stage: Stage, acted: dt.date) -> bool:
        group = (place, kind, stage)
        if group not in limits:
            limits[group] = quiet_after(norms, place, kind, stage)
        return first < acted + dt.timedelta(days=limits[group]) <= last

    longest = max([USUAL_DAYS, *(norm.slow_days + 1 for norm in norms.values())])
    days = (first - dt.timedelta(days=longest), last - dt.timedelta(days=_LEAST_DAYS))
    return [(view, why_quiet(view, norms, last)) for view in outlook.silent(store, *days, OPEN_STAGES, wanted, crossed)]


def quiet_after(norms: Norms, place: str, kind: Kind | None, stage: Stage) -> int:
    """After how many days without an action a measure is called quiet."""
    norm = movement.norm_for(norms, jurisdiction=place, kind=kind, stage=stage)
    return max(norm.slow_days + 1, _LEAST_DAYS) if norm else USUAL_DAYS


def why_quiet(view: MeasureView, norms: Norms, today: dt.date) -> str:
    """``Gone quiet: nothing for 95 days; of 340 measures that moved on from here, half did within 20 days...``"""
    found = _movement(view, view.status, norms, today) if view.status else None
    if found is None or found.days_since_action is None:
        return "Gone quiet."
    if found.reason is None:
        return f"Gone quiet: nothing for {words.count(found.days_since_action, 'day')}; how long is usual here is not known."
    return f"Gone quiet: {found.reason}."


NEXT_WORDS: Mapping[Stage, str] = {
    "introduced": "to be introduced",
    "in_committee": "a referral to a committee",
    "reported": "a report by its committee",
    "passed_first": "a vote of its first chamber",
    "passed_all": "the last vote of the lawmakers",
    "adopted": "the vote that adopts it",
    "enacted": "the executive's signature, or whatever makes it law",
}


def sentences(found: Ahead) -> list[str]:
    """What lies ahead, for people."""
    told = []
    if found.next_step and found.next_step in NEXT_WORDS:
        told.append(f"What must come next: {NEXT_WORDS[found.next_step]}. That is the order of steps, not a forecast.")
    if found.deadline:
        why = f": {found.deadline_reason}" if found.deadline_reason else ""
        told.append(f"It ends with its session on {words.day(found.deadline)} if it has not passed{why}.")
    if found.pace:
        told.append(f"{'Slower than usual' if found.slow else 'Not slow for its place'}: {found.pace}.")
    return told
