"""Is it moving? Stalled against its place's own norm, what usually comes next, hearings ahead, and how near the session's end is.

Nothing here says how likely passage is: that would need calibration, and a base rate beside it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from ..places import is_unicameral, jurisdictions
from ..records import OPEN_STAGES, Action, Hearing, Kind, MovementNorm, NormKind, Record, Stage, Status
from .calendars import session_end
from .kinds import origin_from_number
from .stages import RANK

VERSION = "2026-11-25"
"""Of how norms are made; the store computes those of another version again."""
_FEW = 30
"""A norm from fewer waits than this is no norm."""
_SLOW = 0.9
"""A measure is stalled when it has waited longer at its stage than this share of those that moved on."""

Norms = Mapping[tuple[str, str, Stage], MovementNorm]
"""By place or level, kind and stage, as the store's ``queries.movement_norms`` gives them."""


class Wait(NamedTuple):
    """How long a measure stood at a stage before it moved on."""

    kind: NormKind
    stage: Stage
    days: int
    to: Stage


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


def norm_kind(kind: Kind | None) -> NormKind:
    """Which norm a measure goes by: what is only adopted moves at another pace than what becomes law."""
    return "resolution" if kind in ("resolution", "concurrent resolution") else "bill"


def waits(kind: Kind | None, steps: Iterable[tuple[Stage, dt.date]]) -> Iterator[Wait]:
    """The waits of one measure between its dated steps forward, oldest first; the wait before an end is none."""
    group = norm_kind(kind)
    for (before, since), (after, until) in pairwise(steps):
        if before in OPEN_STAGES and after in RANK:
            yield Wait(group, before, max(0, (until - since).days), after)


def norms_of(place: str, paths: Iterable[tuple[Kind | None, Iterable[tuple[Stage, dt.date]]]]) -> list[MovementNorm]:
    """How long the measures of a place stood at each stage before they moved on, however few they are.

    Args:
        place: key of a jurisdiction.
        paths: kind and dated steps of each measure, as the source tells them: nothing inferred.
    """
    days: dict[tuple[NormKind, Stage], Counter[int]] = defaultdict(Counter)
    to: dict[tuple[NormKind, Stage], Counter[Stage]] = defaultdict(Counter)
    for kind, steps in paths:
        for wait in waits(kind, steps):
            days[wait.kind, wait.stage][wait.days] += 1
            to[wait.kind, wait.stage][wait.to] += 1
    return [_norm(place, kind, stage, counted, to[kind, stage]) for (kind, stage), counted in sorted(days.items())]


def level_norms(level: str, norms: Iterable[MovementNorm]) -> list[MovementNorm]:
    """The norms of a level of government from those of its places; each measure counts the same."""
    days: dict[tuple[NormKind, Stage], Counter[int]] = defaultdict(Counter)
    to: dict[tuple[NormKind, Stage], Counter[Stage]] = defaultdict(Counter)
    for norm in norms:
        days[norm.kind, norm.stage].update(dict(norm.days))
        to[norm.kind, norm.stage].update(dict(norm.next))
    return [_norm(level, kind, stage, counted, to[kind, stage]) for (kind, stage), counted in sorted(days.items())]


def _norm(place: str, kind: NormKind, stage: Stage, days: Counter[int], to: Counter[Stage]) -> MovementNorm:
    waited = sorted(days.elements())
    return MovementNorm(
        place=place,
        kind=kind,
        stage=stage,
        count=len(waited),
        median_days=waited[len(waited) // 2],
        slow_days=waited[min(len(waited) - 1, int(_SLOW * len(waited)))],
        next=tuple(to.most_common()),
        days=tuple(sorted(days.items())),
    )


def norm_for(
    norms: Norms, *, jurisdiction: str, kind: Kind | None, stage: Stage, level: str | None = None
) -> MovementNorm | None:
    """The norm that a measure is judged by: its place's, or its level's where fewer than 30 moved on in the place.

    Args:
        level: of the place (``state``); default: the registry's. ``norm.place`` tells which of the two it is.

    Returns:
        None where the level has too few too; then nothing is to be said.
    """
    if level is None and (known := jurisdictions().get(jurisdiction)):
        level = known.level
    for place in (jurisdiction, level):
        norm = norms.get((place, norm_kind(kind), stage)) if place else None
        if norm is not None and norm.count >= _FEW:
            return norm
    return None


def slow_reason(norm: MovementNorm, *, jurisdiction: str, quiet_days: int) -> str:
    """The figures behind "stalled", in words, with whose norm it is."""
    where = "from here" if norm.place == jurisdiction else f"from here at {norm.place} level (too few in this place)"
    return (
        f"nothing for {quiet_days} days; of {norm.count} measures that moved on {where}, "
        f"half did within {norm.median_days} days and nine in ten within {norm.slow_days}"
    )


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
    known: Norms = MappingProxyType({}),
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
        known: norms of places and levels, from the store or :func:`norms_of`.
    """
    last = max((action.date for action in actions if action.date and action.date <= as_of), default=None)
    open_ = status.stage in OPEN_STAGES
    standing = (as_of - status.stage_date).days if status.stage_date else None
    quiet = (as_of - last).days if last else None
    stalled, reason = None, None
    norm = norm_for(known, jurisdiction=jurisdiction, kind=kind, stage=status.stage) if open_ else None
    if norm is not None and quiet is not None:
        stalled = quiet > norm.slow_days
        reason = slow_reason(norm, jurisdiction=jurisdiction, quiet_days=quiet)
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
