"""When a session's measures end: session dates and carry-over rules, both data in ``data/places``. Unknown stays unknown."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from ..places import canonical_session, sessions
from ..records import Session

_CARRY_OVER = files("freedom_policy.data") / "places" / "carry_over.csv"
_SPECIAL = re.compile(r"special|extraordinary|\bextra\b|called session|fiscal session|\bveto\b", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_YEARS = re.compile(r"((?:19|20)\d\d)\s*[-–/_]\s*((?:19|20)?\d\d)\b")


class CarryOver(NamedTuple):
    """What happens to a measure when a session of its place ends."""

    jurisdiction: str
    chamber: str
    carries: str
    """``none``, ``biennium`` (one identifier covers both years), ``odd_to_even``, ``even_to_odd`` or ``unknown``."""
    last_day: str
    """MM-DD: the last day that a biennium can have, where the calendar gives only its first adjournment."""
    wait_days: int
    """Days after the calendar's end before silence is taken for an end: planned ends slip, and clerks print late."""
    joint_resolution: str
    reason: str


class SessionEnd(NamedTuple):
    """The day when a measure of a session dies, and from which day on that may be said."""

    day: dt.date
    sayable: dt.date
    reason: str


@cache
def _table() -> Mapping[tuple[str, str], CarryOver]:
    found = {}
    for row in csv.DictReader(_CARRY_OVER.read_text(encoding="utf-8").splitlines()):
        found[row["jurisdiction"], row["chamber"]] = CarryOver(
            jurisdiction=row["jurisdiction"],
            chamber=row["chamber"],
            carries=row["carries"],
            last_day=row["last_day"],
            wait_days=int(row["wait_days"] or 0),
            joint_resolution=row["joint_resolution"],
            reason=row["reason"],
        )
    return MappingProxyType(found)


def carry_over(jurisdiction: str, chamber: str | None = None) -> CarryOver | None:
    """The carry-over rule of a place (and chamber of origin, where chambers differ); None when we know of none."""
    table = _table()
    return table.get((jurisdiction, chamber or "")) or table.get((jurisdiction, ""))


@cache
def joint_resolutions_are_law(jurisdiction: str) -> bool:
    """True where a joint resolution goes to the executive and becomes law (Congress, Kentucky...). Unknown places: True."""
    rows = [row for (place, _), row in _table().items() if place == jurisdiction]
    return rows[0].joint_resolution == "law" if rows else True


def find_session(jurisdiction: str, session: str) -> Session | None:
    """The session in the calendar, by any spelling that :func:`places.canonical_session` understands."""
    return sessions().get((jurisdiction, canonical_session(jurisdiction, session)))


@cache
def session_end(jurisdiction: str, session: str | None, chamber: str | None = None) -> SessionEnd | None:
    """When measures of a session die that reached no final action; None when end or carry-over is not known.

    Never looks at today's date: the caller compares ``sayable`` with its own ``as_of``.
    """
    if not session or (rule := carry_over(jurisdiction, chamber)) is None or rule.carries == "unknown":
        return None
    known = find_session(jurisdiction, session)
    if known is None or known.end is None or _contradicts_itself(known):
        return None
    day: dt.date | None = known.end
    reason = rule.reason
    if is_special(known):
        reason = "bills of a special session end with it"
    elif rule.carries == "biennium":
        day = _biennium_end(known, rule)
    elif rule.carries in ("odd_to_even", "even_to_odd"):
        first = 1 if rule.carries == "odd_to_even" else 0
        year = (known.start or known.end).year
        if year % 2 == first:
            day = _next_regular_end(known, year + 1, rule)
    if day is None:
        return None
    return SessionEnd(day, day + dt.timedelta(days=rule.wait_days), reason)


def _contradicts_itself(session: Session) -> bool:
    """True if the name's years lie outside of the dates (``2026 Regular Session`` in 2025): then the dates prove nothing."""
    years = [int(year) for year in _YEAR.findall(session.name)]
    if not years or session.start is None or session.end is None:
        return False
    return max(years) < session.start.year or min(years) > session.end.year


def is_special(session: Session) -> bool:
    """True for a session outside of the regular ones."""
    return session.classification == "special" or bool(_SPECIAL.search(session.name))


def _last_year(session: Session) -> int | None:
    for text in (session.name, session.identifier):
        if match := _YEARS.search(text):
            last = match[2]
            return int(last) if len(last) == 4 else int(match[1][:2] + last)
    if session.start is None:
        return None
    first = session.start.year + (1 if session.start.month == 12 else 0)
    return first + 1 if first % 2 else first


def _biennium_end(session: Session, rule: CarryOver) -> dt.date | None:
    """The later of the calendar's end and the rule's last day: many calendars stop at the first year's recess."""
    year = _last_year(session)
    if year is None:
        return None
    if rule.jurisdiction == "us-nj":
        year += 1  # ends in the January after its two years
    month, day = (int(part) for part in rule.last_day.split("-"))
    latest = dt.date(year, month, day)
    return max(latest, session.end) if session.end else latest


def _next_regular_end(session: Session, year: int, rule: CarryOver) -> dt.date | None:
    for (place, _), other in sessions().items():
        if place == session.jurisdiction and other.start and other.start.year == year and not is_special(other):
            return other.end
    month, day = (int(part) for part in rule.last_day.split("-"))
    return dt.date(year, month, day)
