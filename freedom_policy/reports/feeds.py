"""A digest as an Atom feed, an iCalendar and an e-mail. Identifiers are stable: a reader's program shows nothing twice."""

from __future__ import annotations

import datetime as dt
import uuid
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .. import places
from . import phrases, words
from .pages import render

if TYPE_CHECKING:
    from .digest import Coming, Digest
    from .items import Item

_ATOM = "http://www.w3.org/2005/Atom"
_SENDER = "freedom_policy <digest@freedom-policy.invalid>"


def identifier(*parts: object) -> str:
    """A stable URN for something that these parts name."""
    return uuid.uuid5(uuid.NAMESPACE_URL, "/".join(("freedom-policy", *(str(part) for part in parts)))).urn


def atom(digest: Digest) -> str:
    """An Atom feed (RFC 4287): one entry a measure that moved, named by its last move."""
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "en"})
    _add(feed, "id", identifier("digest", digest.title, digest.follows))
    _add(feed, "title", digest.title)
    lines = (digest.banner, digest.quiet or phrases.headline(digest), digest.freshness)
    _add(feed, "subtitle", " ".join(line for line in lines if line))
    _add(feed, "updated", digest.made_at.isoformat())
    _add(_add(feed, "author"), "name", "freedom_policy")
    _add(feed, "generator", "freedom_policy", version=version("freedom_policy"))
    _add(feed, "rights", " ".join(digest.foot))
    for item in digest.shown:
        if item.cause:
            _entry(feed, digest, item)
    return ElementTree.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def _entry(feed: ElementTree.Element, digest: Digest, item: Item) -> None:
    step = item.steps[-1]
    entry = _add(feed, "entry")
    _add(entry, "id", identifier(item.key, step.to_stage, step.date))
    _add(
        entry, "title", f"{'Demo, not current: ' if item.demo else ''}{item.label}: {item.title}. {phrases.moved(item)}"
    )
    _add(entry, "updated", step.observed_at.isoformat())
    if item.url:
        _add(entry, "link", rel="alternate", href=item.url)
    for goal in item.goals if item.standing == "counted" else ():
        _add(entry, "category", term=goal, label=words.goal(goal))
    _add(entry, "content", render("entry.html", item=item, digest=digest), type="html")


def _add(parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    child.text = text
    return child


def calendar(digest: Digest) -> str:
    """An iCalendar (RFC 5545) of hearings, effective dates and session ends; without a time given they are whole days."""
    from icalendar import Calendar

    found = Calendar()
    found.add("prodid", f"-//freedom_policy//{version('freedom_policy')}//EN")
    found.add("version", "2.0")
    found.add("x-wr-calname", digest.title)
    for row in digest.coming:
        found.add_component(_event(row, digest))
    found.add_missing_timezones()
    return str(found.to_ical().decode())


def _event(row: Coming, digest: Digest) -> Any:
    from icalendar import Event

    event = Event()
    # Without the time of day: a hearing that is moved by an hour is the same hearing.
    event.add("uid", f"{identifier(row.kind, row.key or row.place, row.date)[9:]}@freedom-policy")
    event.add("dtstamp", digest.made_at.astimezone(dt.UTC))
    event.add("summary", row.text)
    if row.time is None:
        event.add("dtstart", row.date)
        event.add("transp", "TRANSPARENT")
    else:
        event.add("dtstart", dt.datetime.combine(row.date, row.time, _zone(row.place)))
    if row.where:
        event.add("location", row.where)
    if row.url:
        event.add("url", row.url)
    notes = [digest.banner, row.url, digest.foot[0]]
    if row.number:
        notes.insert(1, f"{words.capital(digest.item(row.number).tagged)}.")
    event.add("description", "\n".join(note for note in notes if note))
    return event


def _zone(place: str) -> ZoneInfo | None:
    """Time zone of a place; None (local time wherever it is read) if the registry does not know it."""
    known = places.jurisdictions().get(place)
    try:
        return ZoneInfo(known.time_zone) if known else None
    except ZoneInfoNotFoundError:
        return None


def mail(digest: Digest) -> str:
    """An e-mail message, plain text and HTML, ready to be sent or opened as ``.eml``. Whoever sends it sets From and To."""
    message = EmailMessage(policy=SMTP)
    stamp = "Demo, not current: " if digest.banner else ""
    short = "nothing changed" if digest.quiet else phrases.headline(digest).rstrip(".")
    message["Subject"] = f"{stamp}{digest.title}: {short}"
    message["From"] = _SENDER
    message["Date"] = format_datetime(digest.made_at)
    message["Message-ID"] = (
        f"<{identifier('mail', digest.title, digest.follows, digest.until)[9:]}@freedom-policy.invalid>"
    )
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest.to_text(width=76))
    message.add_alternative(digest.to_html(), subtype="html")
    return message.as_string()
