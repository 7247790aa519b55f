"""Is it moving? Stalled against its place's own norm, what usually comes next, hearings ahead, and how near the session's end is.

Nothing here says how likely passage is: that would need calibration, and a base rate beside it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from ..places import is_unicameral, jurisdictions
from ..records import OPEN_STAGES, Action, Hearing, Kind, Record, Stage, Status
from .calendars import session_end
from .kinds import origin_from_number
from .stages import RANK

_FEW = 30
"""A norm from fewer waits than this is no norm."""
_SLOW = 0.9
"""A measure is stalled when it has waited longer at its stage than this share of those that moved on."""


class Wait(NamedTuple):
    """How long a measure stood at a stage before it moved on."""

    jurisdiction: str
    stage: Stage
    days: int
    to: Stage


class Norm(Record):
    """How long measures of a place that moved on had stood at a stage, and where they went."""

    jurisdiction: str
    stage: Stage
    count: int
    median_days: int
    slow_days: int
    """Nine in ten of those that moved on had done so by then."""
    next: tuple[tuple[Stage, int], ...]
    """Where they went, most often first."""


class Movement(Record):
    """Where a measure stands in time, on a day."""

    stage: Stage
    days_at_stage: int | None
    days_since_action: int | None
    stalled: bool | None
    """None: no norm is known for its place and stage, or it has ended."""
    reason: str | None = None
    """The figures behind ``stalled``."""
    next_step: Stage | None = None
    """The step that must come next for it to become law (not a forecast)."""
    hearings: tuple[Hearing, ...] = ()
    """Hearings on or after the day, soonest first."""
    deadline: dt.date | None = None
    """The day when it dies by the session's end, where that is known and still ahead."""
    deadline_reason: str | None = None


def waits(jurisdiction: str, status: Status) -> list[Wait]:
    """The waits of one measure between its steps forward; inferred and undated steps do not count."""
    found = []
    events = [event for event in status.events if event.date is not None and event.basis == "action"]
    for before, after in pairwise(events):
        if before.stage in OPEN_STAGES and after.stage in RANK and before.date and after.date:
            found.append(Wait(jurisdiction, before.stage, max(0, (after.date - before.date).days), after.stage))
    return found


def norms(all_waits: Iterable[Wait]) -> Mapping[tuple[str, Stage], Norm]:
    """The norm of each place and stage that has at least thirty waits."""
    days: dict[tuple[str, Stage], list[int]] = defaultdict(list)
    steps: dict[tuple[str, Stage], Counter[Stage]] = defaultdict(Counter)
    for wait in all_waits:
        days[wait.jurisdiction, wait.stage].append(wait.days)
        steps[wait.jurisdiction, wait.stage][wait.to] += 1
    found = {}
    for place, values in days.items():
        if len(values) < _FEW:
            continue
        values.sort()
        found[place] = Norm(
            jurisdiction=place[0],
            stage=place[1],
            count=len(values),
            median_days=values[len(values) // 2],
            slow_days=values[min(len(values) - 1, int(_SLOW * len(values)))],
            next=tuple(steps[place].most_common()),
        )
    return MappingProxyType(found)


def movement(
    status: Status,
    actions: Sequence[Action],
    *,
    jurisdiction: str,
    kind: Kind | None,
    as_of: dt.date,
    identifier: str | None = None,
    session: str | None = None,
    hearings: Sequence[Hearing] = (),
    known: Mapping[tuple[str, Stage], Norm] = MappingProxyType({}),
) -> Movement:
    """How a measure moves, judged on a day.

    Args:
        status: from :func:`freedom_policy.monitoring.assess`, with the same ``as_of``.
        actions: the measure's actions.
        jurisdiction: its place.
        kind: what it is; tells the next step.
        as_of: the day to judge by; today's date is never used.
        identifier: its number; tells the chamber of origin, where carry-over differs by chamber.
        session: its session, for the deadline.
        hearings: all hearings known of it.
        known: norms of places, from :func:`norms`.
    """
    last = max((action.date for action in actions if action.date and action.date <= as_of), default=None)
    open_ = status.stage in OPEN_STAGES
    standing = (as_of - status.stage_date).days if status.stage_date else None
    quiet = (as_of - last).days if last else None
    stalled, reason = None, None
    norm = known.get((jurisdiction, status.stage))
    if open_ and norm is not None and quiet is not None:
        stalled = quiet > norm.slow_days
        reason = (
            f"nothing for {quiet} days; of {norm.count} measures that moved on from here, "
            f"half did within {norm.median_days} days and nine in ten within {norm.slow_days}"
        )
    end = session_end(jurisdiction, session, origin_from_number(identifier)) if open_ else None
    ahead = end is not None and end.day >= as_of
    return Movement(
        stage=status.stage,
        days_at_stage=standing,
        days_since_action=quiet,
        stalled=stalled,
        reason=reason,
        next_step=next_step(status.stage, jurisdiction=jurisdiction, kind=kind),
        hearings=tuple(
            sorted((hearing for hearing in hearings if hearing.date >= as_of), key=lambda hearing: hearing.date)
        ),
        deadline=end.day if end and ahead else None,
        deadline_reason=end.reason if end and ahead else None,
    )


def next_step(stage: Stage, *, jurisdiction: str, kind: Kind | None) -> Stage | None:
    """The step on the ladder that must come next; None after the last, or when the measure has ended."""
    single = jurisdiction in jurisdictions() and is_unicameral(jurisdiction)
    end: Stage = (
        "adopted" if kind in ("resolution", "concurrent resolution", "constitutional amendment") else "passed_all"
    )
    one_vote = single or kind == "resolution"
    steps: Mapping[Stage, Stage] = {
        "prefiled": "introduced",
        "introduced": "in_committee",
        "in_committee": "reported",
        "reported": end if one_vote else "passed_first",
        "passed_first": end,
        "differences": end,
        "passed_all": "enacted",
        "vetoed": "enacted",
        "enacted": "effective",
    }
    return steps.get(stage)
