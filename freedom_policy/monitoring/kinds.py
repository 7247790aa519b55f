"""Kinds of measures in everybody's words: ours, OCD's, LegiScan's, Legistar's, Congress's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..records import KINDS, Kind

_WORDS: Mapping[str, Kind] = MappingProxyType(
    {
        # OCD and state clerks
        "appropriation": "bill",
        "proposed bill": "bill",
        "resolve": "bill",
        "act": "bill",
        "legislation": "bill",
        "memorial": "resolution",
        "joint memorial": "concurrent resolution",
        "concurrent memorial": "concurrent resolution",
        "commemoration": "resolution",
        "proclamation": "resolution",
        "citation": "resolution",
        "study request": "resolution",
        "concurrent study request": "concurrent resolution",
        "concurrent order": "concurrent resolution",
        "joint session resolution": "concurrent resolution",
        "joint constitutional amendment": "constitutional amendment",
        "joint resolution constitutional amendment": "constitutional amendment",
        "contract": "resolution",
        "claim": "resolution",
        "nomination": "resolution",
        "appointment": "resolution",
        "petition": "resolution",
        "remonstrance": "resolution",
        "statement": "resolution",
        "executive order": "order",
        # Congress
        "hr": "bill",
        "s": "bill",
        "hres": "resolution",
        "sres": "resolution",
        "hjres": "joint resolution",
        "sjres": "joint resolution",
        "hconres": "concurrent resolution",
        "sconres": "concurrent resolution",
        # LegiScan's letters
        "b": "bill",
        "r": "resolution",
        "cr": "concurrent resolution",
        "jr": "joint resolution",
        "jrca": "constitutional amendment",
        "ca": "constitutional amendment",
        "eo": "order",
        "m": "resolution",
        "jm": "concurrent resolution",
        "cm": "concurrent resolution",
        "p": "resolution",
        "sr": "resolution",
        "csr": "concurrent resolution",
        "i": "bill",
        # Legistar
        "introduction": "ordinance",
        "council bill": "ordinance",
        "council bill (cb)": "ordinance",
        "bill (ordinance)": "ordinance",
        "zoning ordinance": "ordinance",
        "motion": "resolution",
        "land use application": "resolution",
        "communication": "resolution",
        "oversight": "resolution",
        "local law": "local law",
        "code section": "code_section",
        "regulation": "rule",
    }
)
_WITHIN: tuple[Kind, ...] = (
    "constitutional amendment",
    "joint resolution",
    "concurrent resolution",
    "local law",
    "resolution",
    "ordinance",
    "bill",
)
"""Kinds that a longer name may contain (``Bill for an Ordinance``), the most telling first."""
_CONGRESS = re.compile(r"^(?:h\.?\s*r\.?|s\.?)\s*\d", re.IGNORECASE)
_NUMBER: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (
        re.compile(r"^[hsa]\.?\s*(?:con\.?\s*res|c\.?\s*r|j\.?\s*m|c\.?\s*m)\b\.?\s*\d*", re.IGNORECASE),
        "concurrent resolution",
    ),
    (re.compile(r"^[hsa]\.?\s*j\.?\s*(?:res|r)\b\.?\s*\d*", re.IGNORECASE), "joint resolution"),
    (re.compile(r"^(?:[hsa]\.?\s*(?:res|r|m)|res)\b\.?\s*\d*", re.IGNORECASE), "resolution"),
    (re.compile(r"^(?:[hsal]\.?\s*(?:b|f|d|p)|ab|sb)\b\.?\s*\d*", re.IGNORECASE), "bill"),
    (re.compile(r"^int\b", re.IGNORECASE), "ordinance"),
)


def kind_of(value: Any) -> Kind | None:
    """Our kind for a word of any source, or a list of them (OCD's ``classification``); None when it is not known."""
    if isinstance(value, (list, tuple)):
        found = [kind for kind in map(kind_of, value) if kind]
        # "joint resolution" beside "constitutional amendment" says more than either alone.
        return "constitutional amendment" if "constitutional amendment" in found else (found[0] if found else None)
    if not isinstance(value, str):
        return None
    word = re.sub(r"[\s_]+", " ", value.strip().lower())
    if word in KINDS:
        return word
    if word == "code section":
        return "code_section"
    if word in _WORDS:
        return _WORDS[word]
    for kind in (
        "constitutional amendment",
        "joint resolution",
        "concurrent resolution",
        "local law",
        "resolution",
        "ordinance",
        "bill",
    ):
        if kind in word:
            return kind
    return None


def kind_from_number(jurisdiction: str, identifier: str | None) -> Kind | None:
    """The kind that a measure's number shows (``H.J.Res. 3``, ``SCR 12``, ``Int 5-2024``); None when it does not."""
    if not identifier:
        return None
    spaced = re.sub(r"(?<=[A-Za-z.])(?=\d)", " ", identifier.strip())
    if jurisdiction == "us" and _CONGRESS.match(identifier.strip()):
        return "bill"
    for pattern, kind in _NUMBER:
        if pattern.match(spaced):
            return kind
    return None


def origin_from_number(identifier: str | None) -> str | None:
    """Chamber of origin that the first letter of a number shows (``HB``, ``AB`` lower; ``SB`` upper), or None."""
    if not identifier:
        return None
    letter = identifier.strip()[:1].upper()
    return {"H": "lower", "A": "lower", "S": "upper"}.get(letter)
