"""One measure, read once: its fields, anchors, and the passages around them. All that follows looks at a ``Reading``."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter

from freedom_policy.records import ReadStatus, TextField
from freedom_policy.text.clean import READ_FOR_STATUS, Cleaned, clean, read_status
from freedom_policy.text.sections import Section, sections

from . import anchors
from .anchors import Anchor

FIELDS: tuple[TextField, ...] = ("title", "abstract", "text")
HEAD = 1500
"""How much of a text's beginning is always read: long title, digest, enacting clause."""
BEFORE, AFTER = 500, 700
"""How much is read before and after each anchor."""
MOST = 9000
"""At most so many characters of a text are looked at closely."""
LONGEST_FIELD = 20_000
"""Longer titles and abstracts are read up to here."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or an enumerated item; ``start`` and ``end`` are places in the field as it was sent."""

    field: TextField
    start: int
    end: int
    words: str
    """Normalised words, for matching."""
    role: str
    """``title``, ``abstract``, or the role of the section it stands in."""
    anchored: bool
    """An anchor stands in it or next to it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A measure as the model sees it."""

    title: str
    abstract: str
    text: str
    jurisdiction: str | None
    kind: str | None
    status: ReadStatus
    words: dict[TextField, str]
    """Normalised; for ``text`` of the cleaned text."""
    cleaned: Cleaned
    anchors: dict[TextField, tuple[Anchor, ...]]
    near: bool
    """Some anchor, or a near subject; without it the model does not look further."""
    close: tuple[tuple[int, int], ...]
    """See :func:`looked_at`."""

    @property
    def anchored(self) -> bool:
        """True if any field has an anchor."""
        return any(self.anchors.values())


_EMPTY = Cleaned("", (), ())


def read(
    title: str, abstract: str = "", text: str = "", jurisdiction: str | None = None, kind: str | None = None
) -> Reading:
    """Clean, normalise and scan one measure. Any strings are accepted."""
    status: ReadStatus = "ok"
    if not (title.strip() or abstract.strip() or text.strip()):
        status = "empty"
    cleaned = clean(text) if text else _EMPTY
    words: dict[TextField, str] = {
        "title": anchors.normalise(title[:LONGEST_FIELD]),
        "abstract": anchors.normalise(abstract[:LONGEST_FIELD]),
        "text": anchors.normalise(cleaned.text),
    }
    found = {field: anchors.scan(value) for field, value in words.items()}
    near = any(found.values()) or any(anchors.near(value) for value in words.values())
    if status == "ok" and (text or len(title) + len(abstract) > 60):
        status = _status(title, abstract, cleaned.text)
    close = tuple(_close(words["text"], found["text"], near))
    return Reading(title, abstract, text, jurisdiction, kind, status, words, cleaned, found, near, close)


def _status(title: str, abstract: str, text: str) -> ReadStatus:
    # A garbled text beside a readable title is read by its title: the title is the state's own summary.
    whole = read_status(f"{title[:2000]}\n{abstract[:5000]}\n{text[:READ_FOR_STATUS]}")
    if (
        whole in ("unreadable", "not_english")
        and text
        and read_status(f"{title} {abstract}") == "ok"
        and len(title) > 20
    ):
        return "ok"
    return whole


def looked_at(reading: Reading) -> tuple[tuple[int, int], ...]:
    """Spans of the cleaned text that are read closely: its head and the surroundings of anchors, in order."""
    return reading.close


def _close(text: str, found: tuple[Anchor, ...], near: bool) -> list[tuple[int, int]]:
    length = len(text)
    spans = [(0, min(HEAD, length))]
    places = [(a.start, a.end) for a in found]
    if not places and near:
        places = [(at, at + 20) for at in anchors.near_places(text)]
    for start, end in places:
        left, right = max(0, start - BEFORE), min(length, end + AFTER)
        if left <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(right, spans[-1][1]))
        else:
            spans.append((left, right))
    kept: list[tuple[int, int]] = []
    room = MOST
    for start, end in spans:
        if room <= 0:
            break
        kept.append((start, min(end, start + room)))
        room -= end - start
    return kept


# A passage ends after a full stop, semicolon or colon, before an enumeration, or at a recital.
# All begin with a blank, which is looked for many times as fast as what stands before it.
_BREAK = re.compile(
    r"\s(?:(?<=[.;:]\s)\s*(?=[\"(\[A-Z0-9`“'§])|(?<=\n)(?:(?=\(?[A-Za-z0-9]{1,4}[.)]\s)"
    r"|(?=(?:whereas|resolved|sec(?:tion|\.))\b)|\[\.\.\.\]\n?))",
    re.IGNORECASE,
)
_SHORTEST, _LONGEST = 50, 420
_RECITAL = re.compile(r"\W*whereas\b")
_SHORT = 4000
"""Texts up to this length may be a summary from end to end."""
_END = attrgetter("end")


def passages(reading: Reading, limit: int = 90) -> list[Passage]:
    """Title, abstract and text in passages of some 50 to 420 characters, at most ``limit``; titles come first."""
    found: list[Passage] = []
    for field in FIELDS[:2]:
        value = reading.title if field == "title" else reading.abstract
        words = reading.words[field]
        for start, end in _pieces(value[:LONGEST_FIELD], 0, len(words)):
            found.append(
                Passage(field, start, end, words[start:end], field, _touches(reading.anchors[field], start, end, 0))
            )
    if reading.cleaned.text:
        words = reading.words["text"]
        spans = looked_at(reading)
        cut = sections(reading.cleaned, spans[-1][1])
        number = 0
        for left, right in spans:
            for start, end in _pieces(reading.cleaned.text, left, right):
                while number + 1 < len(cut) and cut[number].end <= start:
                    number += 1
                while number > 0 and cut[number].start > start:
                    number -= 1
                role = _role(cut[number].role, words[start:end], start, len(words))
                origin = reading.cleaned.original(start, end)
                found.append(
                    Passage("text", *origin, words[start:end], role, _touches(reading.anchors["text"], start, end, 250))
                )
    return found[:limit]


def _role(role: str, words: str, start: int, length: int) -> str:
    """The role of a passage: that of its section, unless the section was not cut where it should have been."""
    if _RECITAL.match(words):
        return "recital"
    if role in ("front", "digest") and start > HEAD and length > _SHORT:
        # A text without line breaks is all "front"; so far into a long text the law itself has begun.
        return "operative"
    return role


def _pieces(text: str, left: int, right: int) -> list[tuple[int, int]]:
    cuts = [left]
    for match in _BREAK.finditer(text, left, right):
        if match.end() - cuts[-1] >= _SHORTEST:
            cuts.append(match.end())
    cuts.append(right)
    pieces = []
    for start, end in pairwise(cuts):
        while end - start > _LONGEST:
            middle = text.rfind(" ", start + _LONGEST // 2, start + _LONGEST)
            middle = max(middle, text.rfind("\n", start + _LONGEST // 2, start + _LONGEST))
            middle = middle + 1 if middle > 0 else start + _LONGEST
            pieces.append((start, middle))
            start = middle
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip())
        end -= len(piece) - len(piece.rstrip())
        if end > start:
            pieces.append((start, end))
    return pieces


def _touches(found: tuple[Anchor, ...], start: int, end: int, slack: int) -> bool:
    # In order and apart from each other, so the first that ends after the beginning decides.
    first = bisect_right(found, start - slack, key=_END)
    return first < len(found) and found[first].start < end + slack


__all__ = ["Passage", "Reading", "Section", "looked_at", "passages", "read"]
