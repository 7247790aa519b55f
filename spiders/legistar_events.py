"""Meetings of a council as Legistar's ``/events`` has them: when, where, and which matters are on the agenda. Pure.

Days and times are local wall time; the time is a word (``10:00 AM``, ``1:30 PM``, seldom nothing), the place may run over
several lines, and a meeting that falls out says so in its agenda's status, its comment or its place.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Any

from freedom_policy.records import Record

from .formats import Unreadable, read_date

_OFF = re.compile(r"\b(?:cancell?ed|postponed|deferred)\b", re.IGNORECASE)
# A long comment may speak of one item, or of a meeting that this one stands in for ("rescheduled from 3 November").
_OFF_SAID = re.compile(r"^\W*(?:cancell?ed|postponed)\b|^(?=.{1,60}$).*\b(?:cancell?ed|postponed)\b", re.IGNORECASE)
_TIME = re.compile(r"^\s*(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\.?", re.IGNORECASE)
_LONGEST = 200


class Event(Record):
    """One meeting. ``stamp`` tells whether its agenda was touched since we looked."""

    id: int
    date: dt.date
    time: dt.time | None = None
    body: str | None = None
    place: str | None = None
    url: str | None = None
    """The meeting's page, else its agenda."""
    off: bool = False
    """It was cancelled, postponed or deferred."""
    stamp: str = ""


def read_event(fields: Mapping[str, Any]) -> Event:
    """A row of ``/events``.

    Raises:
        Unreadable, KeyError, ValueError: it has no id or no day.
    """
    day = read_date(fields.get("EventDate"))
    if day is None:
        raise Unreadable(f"event {fields['EventId']} has no day")
    said = {
        name: " ".join(str(fields.get(f"Event{name}") or "").split()) for name in ("Location", "Comment", "BodyName")
    }
    off = _OFF.search(str(fields.get("EventAgendaStatusName") or "")) or any(
        _OFF_SAID.search(said[name]) for name in ("Comment", "Location")
    )
    links = (str(fields.get(name) or "") for name in ("EventInSiteURL", "EventAgendaFile"))
    return Event(
        id=int(fields["EventId"]),
        date=day,
        time=read_clock(str(fields.get("EventTime") or "")),
        body=said["BodyName"] or None,
        place=said["Location"][:_LONGEST] or None,
        url=next((link for link in links if link.startswith("http")), None),
        off=bool(off),
        stamp=f"{fields.get('EventLastModifiedUtc') or ''} {fields.get('EventAgendaLastPublishedUTC') or ''}".strip(),
    )


def read_clock(text: str) -> dt.time | None:
    """``10:00 AM`` as a time of day; None for anything else (``See agenda``, nothing)."""
    match = _TIME.match(text)
    if not match or not 1 <= int(match[1]) <= 12 or int(match[2] or 0) > 59:
        return None
    return dt.time(int(match[1]) % 12 + (12 if match[3] in "pP" else 0), int(match[2] or 0))


def matters_on(items: Iterable[Mapping[str, Any]]) -> list[int]:
    """MatterIds on an agenda, each once, in order; headings and calls to order have none."""
    return list(dict.fromkeys(int(item["EventItemMatterId"]) for item in items if item.get("EventItemMatterId")))
