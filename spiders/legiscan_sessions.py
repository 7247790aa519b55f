"""Which of our sessions a LegiScan session is: told by the state, the years, ``special``, and what the names count.

LegiScan writes ``2025-2026 Regular Session`` where Open States and our calendar have ``20252026``, and ``89th Legislature
2nd Special Session`` where they have ``892``. A wrong merge would put two bills into one measure, so a session is ours only
if exactly one of the calendar fits; else it keeps LegiScan's own name, and the crawl says so.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from freedom_policy import places
from freedom_policy.records import Session

_WORDS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_SPECIAL = r"(?:special|extraordinary|extra|called)"
_NUMBER = rf"(\d{{1,2}}(?:st|nd|rd|th)|{'|'.join(_WORDS)})"
_BEFORE = re.compile(rf"\b{_NUMBER}(?: (?:senate|house))? {_SPECIAL}\b")
# "Special Session A", "Extra Session 4", "Special Session 2"; not the year in "Special Session 2021".
_BEHIND = re.compile(rf"\b{_SPECIAL} session (\d{{1,2}}|[a-z])\b")
_ASSEMBLY = re.compile(r"\b(\d{1,3})(?:st|nd|rd|th)(?= (?:legislature|general assembly|assembly|legislative)\b|, )")
_YEAR = re.compile(r"\b((?:19|20)\d{2})\b(?:[-/](\d{2})\b(?!\d))?")
_MONTHS = {dt.date(2000, month, 1).strftime("%B").lower(): month for month in range(1, 13)}
_MONTH = re.compile(rf"\b({'|'.join(name[:3] for name in _MONTHS)})[a-z]*\b")
# Words that make a session another one than a special session of the same number.
_SORT = re.compile(r"\b(fiscal|veto|organizational|budget|apportionment|impeachment|senate|house|transition)\b")


@dataclass(frozen=True)
class Told:
    """What a session's name says of it; None or empty where it says nothing."""

    number: str | None
    """Which special session: ``2``, or ``A``."""
    assembly: str | None
    years: tuple[int, int] | None
    month: int | None
    sorts: frozenset[str]

    @classmethod
    @cache
    def of(cls, name: str) -> Told:
        """Read a name, such as ``89th Legislature, 2nd Called Session (2025)``."""
        text = " ".join(name.lower().split())
        found = _BEFORE.search(text) or _BEHIND.search(text)
        assembly, month = _ASSEMBLY.search(text), _MONTH.search(text)
        years = [
            int(year) for pair in _YEAR.findall(text) for year in (pair[0], pair[1] and pair[0][:2] + pair[1]) if year
        ]
        return cls(
            number=_plain(found[1]) if found else None,
            assembly=assembly[1] if assembly else None,
            years=(min(years), max(years)) if years else None,
            month=next(number for word, number in _MONTHS.items() if word.startswith(month[1])) if month else None,
            sorts=frozenset(_SORT.findall(text)),
        )


def _plain(number: str) -> str:
    return str(_WORDS.index(number) + 1) if number in _WORDS else number.rstrip("stndrh").upper() or number.upper()


def known_session(place: str, session: Mapping[str, Any]) -> str | None:
    """Our identifier of a LegiScan session; None if none of our calendar surely is that one.

    Args:
        place: key of the state, or ``us``.
        session: LegiScan's object: ``session_name``, ``session_title``, ``session_tag``, ``year_start``, ``year_end``,
            ``special``.
    """
    names = [str(session[part]) for part in ("session_name", "session_title", "session_tag") if session.get(part)]
    ours = {entry.identifier: entry for (where, _), entry in places.sessions().items() if where == place}
    begin, end = int(session.get("year_start") or 0), int(session.get("year_end") or session.get("year_start") or 0)
    if place == "us":
        for name in names:
            if (found := places.canonical_session(place, name)).isdigit():
                return found
        return str((begin - 1789) // 2 + 1) if begin and begin % 2 and end == begin + 1 else None
    for name in names:
        if (entry := ours.get(places.canonical_session(place, name))) and (not begin or _in_years(entry, begin, end)):
            return entry.identifier
    if not begin:
        return None
    told = [Told.of(name) for name in names]
    if session.get("special"):
        fitting = _special(list(ours.values()), told, begin, end)
    else:
        fitting = _regular(list(ours.values()), told, begin, end)
        # "88th General Assembly (2012 Fiscal)" is no special session to LegiScan, and one in our calendar.
        if not fitting and any(name.sorts for name in told):
            fitting = _special(list(ours.values()), told, begin, end)
    return fitting[0].identifier if len(fitting) == 1 else None


def session_of(place: str, session: Mapping[str, Any]) -> str:
    """:func:`known_session`, else LegiScan's own name for it."""
    name = session.get("session_name") or session.get("session_title")
    own = str(name or f"{session.get('year_start')}-{session.get('year_end')}")
    return known_session(place, session) or places.canonical_session(place, own)


def _in_years(entry: Session, begin: int, end: int) -> bool:
    """True if a session of ours has a year in common with ``begin`` to ``end``."""
    first, last = Told.of(entry.name).years or (
        entry.start.year if entry.start else 0,
        entry.end.year if entry.end else entry.start.year if entry.start else 9999,
    )
    return first <= end and begin <= last


def _regular(ours: list[Session], told: list[Told], begin: int, end: int) -> list[Session]:
    sorts = frozenset().union(*(name.sorts for name in told))
    same = [entry for entry in ours if entry.classification != "special" and Told.of(entry.name).sorts == sorts]
    for fits in (
        lambda entry: Told.of(entry.name).years == (begin, end),
        lambda entry: entry.start is not None and begin <= entry.start.year <= end,
        lambda entry: entry.start and entry.end and entry.start.year <= begin and end <= entry.end.year,
    ):
        if found := [entry for entry in same if fits(entry)]:
            return found
    return []


def _special(ours: list[Session], told: list[Told], begin: int, end: int) -> list[Session]:
    # The state's own name comes before LegiScan's title and tag; where they count differently nothing is sure.
    numbers = {name.number for name in told if name.number}
    sorts = frozenset().union(*(name.sorts for name in told))
    if len(numbers) > 1:
        return []
    number = next(iter(numbers), None)
    named = [name.years for name in told if name.years]
    # A year in the name of a special session says more than the two years of its assembly.
    first, last = min(named, key=lambda years: years[1] - years[0]) if named else (begin, end)
    near = [entry for entry in ours if entry.classification == "special" and _in_years(entry, first, last)]
    near = [entry for entry in near if Told.of(entry.name).sorts == sorts]
    for part in ("assembly", "month"):
        said = {value for name in told if (value := getattr(name, part))}
        near = [e for e in near if not said or (value := getattr(Told.of(e.name), part)) is None or value in said]
    counted = [entry for entry in near if Told.of(entry.name).number == number]
    if counted:
        # Without a number on either side the year alone would have to tell two apart.
        return counted if number or len(near) == len(counted) else []
    # "2021 Special Session" is the first one where there was but one.
    alone = len(near) == 1 and {number, Told.of(near[0].name).number} == {None, "1"}
    return near if alone else []
