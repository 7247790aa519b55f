"""A clean measure cut into sections, each with its role: what it finds, what it defines, what it does."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from .clean import Cleaned

Role = Literal["front", "digest", "recital", "findings", "short_title", "operative", "effective", "fiscal"]


@dataclass(frozen=True, slots=True)
class Section:
    """One section: ``cleaned.text[start:end]``, its heading, and its role in the measure."""

    role: Role
    heading: str
    start: int
    end: int


# A line that opens a section: "SEC. 3.", "Section 1.", "§ 20-912 ", "ARTICLE II", "2." alone (as in Congress's XML),
# a recital, a digest's or a statement's heading, the enacting clause.
# Written with the line break before it, which is looked for many times as fast as "^".
_OPENING = re.compile(
    r"\n(?:"
    r"(?P<enacting>(?:be it (?:hereby )?(?:enacted|ordained)|the people of .{0,60}\benact|enacting clause"
    r"|do enact as follows).{0,80})"
    r"|(?P<resolved>(?:now,? therefore,? )?(?:be it (?:further |therefore )?)?resolved\b.{0,60})"
    r"|(?P<recital>whereas\b.{0,60})"
    r"|(?P<digest>(?:synopsis|statement|summary|digest|legislative counsel.s digest|bill summary|explanation"
    r"|general description"
    r"|highlighted provisions|purpose of the bill|under existing law|existing law)\b.{0,80})"
    r"|(?P<long_title>(?:an act\b|a bill\b|a local law\b|a resolution\b|to (?:amend|require|establish|create"
    r"|provide|prohibit|authorize"
    r"|direct|enact|repeal)\b).{0,80})"
    r"|(?P<fiscal>fiscal (?:note|impact|effect)\b.{0,60})"
    r"|(?P<section>(?:sec(?:tion|s?\.)|§+|\ufffd|art(?:icle|\.)|title|subtitle|chapter|part|division)"
    r"\s*[\dIVXLA-Z][\w.\-–:]*\s*.{0,120}"
    r"|\d{1,3}\.(?:$|\s+(?:section|\(|[A-Z]).{0,100}))"
    r")",
    re.IGNORECASE | re.MULTILINE,
)
_ENACTING = tuple(
    re.compile(pattern)
    for pattern in (r"be it (?:hereby )?(?:enacted|ordained)\b", r"do enact as follows\b", r"now,? therefore\b")
)
_FINDINGS = re.compile(
    r"\b(?:finding|findings|finds|declares that|legislative intent|sense of congress)\b", re.IGNORECASE
)
_SHORT_TITLE = re.compile(r"\b(?:short title|may be cited as|shall be known)\b", re.IGNORECASE)
_EFFECTIVE = re.compile(
    r"\b(?:effective date|takes? effect|emergency clause|severability|effective immediately)\b", re.IGNORECASE
)
_HEADING = 160
_HEAD = 8000


def sections(cleaned: Cleaned, until: int | None = None) -> tuple[Section, ...]:
    """Cut at headings, in order, without gaps: the sections' spans join to the whole text.

    Args:
        cleaned: The text.
        until: Only the sections that begin before here, which saves most of the time in a long text.
    """
    text = cleaned.text
    if not text:
        return ()
    until = len(text) if until is None else until
    cuts: list[tuple[int, str]] = [(0, "front")]
    for match in _OPENING.finditer("\n" + text):
        kind = match.lastgroup or "section"
        if match.start() == 0:
            cuts[0] = (0, kind)
        else:
            cuts.append((match.start(), kind))
            if match.start() >= until:
                break
    enacted_at = _enacting_clause(text)
    enacted = False
    found = []
    for number, (start, kind) in enumerate(cuts):
        end = cuts[number + 1][0] if number + 1 < len(cuts) else len(text)
        # Before the enacting clause stands what the bill says of itself; without one, the first section begins the law.
        if enacted_at is not None:
            enacted = end > enacted_at
        elif kind in ("section", "resolved", "enacting"):
            enacted = True
        found.append(
            Section(
                _role(kind, text[start : min(end, start + _HEADING * 2)], enacted),
                _heading(text, start, end),
                start,
                end,
            )
        )
    return tuple(section for section in found if section.start < until or section.start == 0)


def _enacting_clause(text: str) -> int | None:
    # It stands near the beginning, if there is one.
    head = _first_enacting(text[:_HEAD])
    return head if head is not None and head < _HEAD - _HEADING else _first_enacting(text)


def _first_enacting(text: str) -> int | None:
    # The one letter whose lower case is two characters would move all places.
    lowered = text.replace("\u0130", "i").lower()
    starts = [
        match.start()
        for pattern in _ENACTING
        if (match := next((m for m in pattern.finditer(lowered) if _begins_word(lowered, m.start())), None))
    ]
    return min(starts, default=None)


def _begins_word(text: str, place: int) -> bool:
    return place == 0 or not (text[place - 1].isalnum() or text[place - 1] == "_")


def _heading(text: str, start: int, end: int) -> str:
    return " ".join(text[start : min(end, start + _HEADING)].split("\n")[:2]).strip()


def _role(kind: str, opening: str, enacted: bool) -> Role:
    if kind == "front":
        return "front"
    if kind == "recital":
        return "recital"
    if kind == "fiscal":
        return "fiscal"
    if kind == "digest":
        return "digest"
    if kind in ("long_title", "section") and not enacted:
        return "digest"
    if kind == "section":
        if _SHORT_TITLE.search(opening):
            return "short_title"
        if _FINDINGS.search(opening[:120]):
            return "findings"
        if len(opening) < 300 and _EFFECTIVE.search(opening):
            return "effective"
    return "operative"
