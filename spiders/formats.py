"""Reading what services send: JSON, XML and dates, strictly and safely, with an error that says what was wrong."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any

import lxml.html
from lxml import etree

_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_TITLE = re.compile(rb"<title[^>]*>\s*(.*?)\s*</title>", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(rb"<!ENTITY\s", re.IGNORECASE)


class Unreadable(ValueError):
    """A reply that is not what was due: broken, cut, or another format."""


def looks_like_html(body: bytes) -> bool:
    """True if a body starts as an HTML page, whatever its headers say."""
    return bool(_HTML.match(body[:2048]))


def html_title(body: bytes) -> str:
    """The title of an HTML page, for a message to people; empty if it has none."""
    match = _TITLE.search(body[:4096])
    return match[1].decode("utf-8", "replace")[:80] if match else ""


def read_json(body: bytes) -> Any:
    """The value of a JSON body.

    Raises:
        Unreadable: it is no JSON.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"no JSON: {error}") from error


def read_xml(body: bytes) -> etree._Element:
    """The root element of an XML body. Entities are never resolved, nothing is fetched, huge trees are refused.

    Raises:
        Unreadable: it is not well-formed, or its document type declares entities (an XML bomb).
    """
    end = body.find(b"<", body.find(b"<!DOCTYPE") + 1) if b"<!DOCTYPE" in body[:4096] else -1
    if end != -1 and _ENTITY.match(body[end : end + 10]):
        raise Unreadable("declares XML entities, which no honest reply needs")
    # One parser for each document: lxml parsers keep the error log and the names of the last one alive.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(f"no XML: {error}") from error


def read_date(text: str | None) -> dt.date | None:
    """The day in ``2026-04-16``, ``2026-04-16T00:00:00.02`` or ``...Z``; None for nothing and for the year-1 placeholder.

    The day is taken as written: no time zone is applied, for a zone would move the day.

    Raises:
        Unreadable: something else is there.
    """
    if not text or not text.strip() or text.startswith("0001-01-01"):
        return None
    try:
        return dt.date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise Unreadable(f"no date: {text!r}") from error


def read_time(text: str | None) -> dt.time | None:
    """The time of day in ``19:10:28`` or ``2026-04-16T13:30:00.1``, to the second; None for nothing and for midnight.

    Midnight is how date-only services fill the field, so it is no time.

    Raises:
        Unreadable: something else is there.
    """
    if not text:
        return None
    clock = text.strip().rpartition("T")[2].rstrip("Z").partition(".")[0]
    try:
        time = dt.time.fromisoformat(clock)
    except ValueError as error:
        raise Unreadable(f"no time: {text!r}") from error
    return None if time == dt.time.min else time


def words_of_html(html: str) -> str:
    """Plain words of a short piece of HTML, one paragraph or list item a line."""
    if "<" not in html and "&" not in html:
        return " ".join(html.split())
    root = lxml.html.fromstring(f"<div>{html}</div>")
    for block in root.iter("p", "li", "br", "div", "tr", "h1", "h2", "h3", "h4"):
        block.tail = f"\n{block.tail or ''}"
    lines = (" ".join(line.split()) for line in root.text_content().splitlines())
    return "\n".join(line for line in lines if line)
