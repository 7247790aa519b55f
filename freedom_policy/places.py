"""Jurisdictions, chambers, time zones, sessions, keys and identifiers: parsing and printing them.

One canonical spelling per jurisdiction makes the same bill from several sources one measure: ``H.R. 1001``, ``hr1001``
and ``HR 1001`` are ``HR1001``; ``117`` and ``117th Congress`` are ``117``.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple, cast

from .errors import BadInput, did_you_mean
from .records import Chamber, Jurisdiction, Level, Organization, Session

_PLACES = files("freedom_policy.data") / "places"


class MeasureKey(NamedTuple):
    """The three parts of a measure's key, canonical."""

    jurisdiction: str
    session: str
    identifier: str

    def __str__(self) -> str:
        return "/".join(self)


# ---------------------------------------------------------------------------------------------------------------------
# Jurisdictions and sessions


def _rows(name: str) -> csv.DictReader[str]:
    return csv.DictReader(io.StringIO((_PLACES / name).read_text(encoding="utf-8")))


@cache
def jurisdictions() -> Mapping[str, Jurisdiction]:
    """All known jurisdictions by key, in the order of the registry (nation, states, then local)."""
    found = {}
    for row in _rows("jurisdictions.csv"):
        single = "council" if row["level"] in ("city", "county") else "legislature"
        roles = (("upper", "upper"), ("lower", "lower"), ("single", single), ("executive", "executive"))
        found[row["key"]] = Jurisdiction(
            key=row["key"],
            ocd_id=row["ocd_id"],
            name=row["name"],
            level=cast(Level, row["level"]),
            parent=row["parent"] or None,
            time_zone=row["time_zone"],
            chambers=tuple(
                Organization(classification=cast(Chamber, role), name=row[column])
                for column, role in roles
                if row[column]
            ),
        )
    return MappingProxyType(found)


def jurisdiction(key: str) -> Jurisdiction:
    """The jurisdiction with a key (``us-tx``), an OCD id, or a name (``Texas``), in any case.

    Raises:
        BadInput: no such place; the message names near matches.
    """
    known = jurisdictions()
    if not isinstance(key, str):
        raise BadInput(f"Unknown jurisdiction {key!r}. Keys look like us, us-tx, us-ny-nyc.")
    wanted = re.sub(r"[\s_]+", "-", key.strip().lower())
    if wanted in known:
        return known[wanted]
    for place in known.values():
        if key.strip().lower() in (place.ocd_id, place.name.lower()):
            return place
    if f"us-{wanted}" in known:
        return known[f"us-{wanted}"]
    hint = did_you_mean(wanted, [*known, *(place.name.lower() for place in known.values())])
    raise BadInput(f"Unknown jurisdiction {key!r}. {hint} Keys look like us, us-tx, us-ny-nyc.".replace("  ", " "))


def is_unicameral(key: str) -> bool:
    """True if one body alone passes measures (Nebraska, DC, councils).

    Raises:
        BadInput: no such place.
    """
    return not any(chamber.classification == "upper" for chamber in jurisdiction(key).chambers)


@cache
def sessions() -> Mapping[tuple[str, str], Session]:
    """Known sessions by (jurisdiction, identifier). Dates are the collector's configuration; see the data dictionary."""
    found = {}
    for row in _rows("sessions.csv"):
        start, end = (
            dt.date.fromisoformat(row[column]) if row[column] else None for column in ("start_date", "end_date")
        )
        found[row["jurisdiction"], row["identifier"]] = Session(
            jurisdiction=row["jurisdiction"],
            identifier=row["identifier"],
            name=row["name"],
            start=start,
            end=end,
            classification=row["classification"] or "primary",
        )
    return MappingProxyType(found)


# ---------------------------------------------------------------------------------------------------------------------
# Canonical spelling

_CONGRESS_TYPES = {
    "HR": "HR",
    "S": "S",
    "HRES": "HRES",
    "SRES": "SRES",
    "HJRES": "HJRES",
    "SJRES": "SJRES",
    "HCONRES": "HCONRES",
    "SCONRES": "SCONRES",
    # LegiScan and some bulk files write these; HB is never a federal form of its own.
    "HB": "HR",
    "SB": "S",
    "HJR": "HJRES",
    "SJR": "SJRES",
    "HCR": "HCONRES",
    "SCR": "SCONRES",
    "HAMDT": "HAMDT",
    "SAMDT": "SAMDT",
}
_CITY_FILE = re.compile(
    r"^(int|res|lu|m|t|ssa?|local law)[\W_]*(?:no)?[\W_]*0*(\d+)(?:-([a-z]))?\s*-\s*(\d{4})(?:-?([a-z]))?$",
    re.IGNORECASE,
)
_LETTERS_AND_NUMBER = re.compile(
    r"^[\W_]*([A-Za-z](?:[\W_]|[A-Za-z])*?)(?:(?<![A-Za-z])no)?[\W_]*(\d.*)$", re.IGNORECASE | re.ASCII
)
"""What a legislature's number is made of; what people put between the two parts, or between the letters, means nothing."""
_DASHES = re.compile("[\u2010-\u2015\u2212]")


def _typed(text: str) -> str:
    """Text as a keyboard gives it: plain digits, hyphens and slashes for what print and word processors make of them."""
    return _DASHES.sub("-", unicodedata.normalize("NFKC", text)).strip()


def canonical_identifier(jurisdiction_key: str, identifier: str) -> str:
    """One spelling of a measure's number in its jurisdiction.

    Examples: ``H.R. 4323`` in ``us`` gives ``HR4323``; ``hb 0252`` in ``us-tx`` gives ``HB252``; ``int 827-2024`` in
    ``us-ny-nyc`` gives ``Int0827-2024``; DC numbers keep their form (``B25-0001``). What is put around or between the
    letters does not count (``(H-R) No. 4323``); a hyphen within the number does (``HB25-1001``).

    Raises:
        BadInput: nothing that could be a number is left.
    """
    raw = _typed(identifier).rstrip("/").rstrip()
    if jurisdiction_key == "us-ny-nyc" and (
        match := _CITY_FILE.match(re.sub(r"(?<=[a-z])(?=\d)", " ", raw, flags=re.IGNORECASE))
    ):
        prefix, number, letter, year, late = match.groups()
        suffix = (letter or late or "").upper()
        return f"{prefix.title()}{int(number):04d}-{year}{'-' + suffix if suffix else ''}"
    place = jurisdictions().get(jurisdiction_key)
    if not (place and place.level in ("city", "county")) and (match := _LETTERS_AND_NUMBER.match(raw)):
        # A council's own number may have a hyphen there (ORD-2024-12); a legislature's never has.
        raw = re.sub(r"[^A-Za-z]", "", match[1]) + match[2]
    compact = re.sub(r"[\s.,_()]+", "", raw)
    if not compact:
        raise BadInput(f"Identifier {identifier!r} is empty. Give a number as the source prints it, such as HB 252.")
    if jurisdiction_key == "us":
        match = re.match(r"^([A-Za-z]+)0*(\d+)$", compact)
        if match and match[1].upper() in _CONGRESS_TYPES:
            return f"{_CONGRESS_TYPES[match[1].upper()]}{match[2]}"
    if jurisdiction_key == "us-dc" and (match := re.match(r"^([A-Za-z]+)(\d+)-(\d+)$", compact)):
        return f"{match[1].upper()}{int(match[2])}-{int(match[3]):04d}"
    # States: letters, then a number without leading zeros, then a suffix that may tell a special session's bill apart.
    if match := re.match(r"^([A-Za-z]{1,8})0*(\d+)([A-Za-z0-9-]*)$", compact):
        return f"{match[1].upper()}{match[2]}{match[3].upper()}"
    return compact


def canonical_session(jurisdiction_key: str, session: str) -> str:
    """One spelling of a session: ``117th Congress`` in ``us`` gives ``117``; elsewhere the source's own identifier, trimmed.

    A session's full name (as in the calendar) gives its identifier.
    """
    raw = re.sub(r"\s+", " ", session.strip())
    if jurisdiction_key == "us" and (
        match := re.match(r"^(\d{1,3})(?:st|nd|rd|th)?\b(?: congress)?.*$", raw, re.IGNORECASE)
    ):
        return match[1]
    if jurisdiction_key == "us" and (match := re.search(r"(\d{2,3})(?:st|nd|rd|th) congress", raw, re.IGNORECASE)):
        return match[1]
    if (jurisdiction_key, raw) in sessions():
        return raw
    for (place, identifier), known in sessions().items():
        if place == jurisdiction_key and raw.lower() in (identifier.lower(), known.name.lower()):
            return identifier
    return raw.replace("/", "-")


def parse_key(key: str) -> MeasureKey:
    """A measure's key from what a person typed: ``us-tx/892/hb 252``, ``US/119th Congress/H.R. No. 4323``, ``us/119/hr-4323/``.

    Code sections keep their section number as printed (``us-ga-atlanta/code/106-57``).

    Raises:
        BadInput: no text, not three parts, or an unknown jurisdiction.
    """
    if not isinstance(key, str):
        raise BadInput(f"{key!r} is not a measure key. Write it as text, such as 'us/119/HR4323'.")
    parts = [part.strip() for part in _typed(key).rstrip("/ ").split("/", 2)]
    if len(parts) != 3 or not all(parts):
        raise BadInput(
            f"{key!r} is not a measure key. Write PLACE/SESSION/NUMBER, such as us/119/HR4323 or us-ny-nyc/2024/Int0827-2024."
        )
    place = jurisdiction(parts[0]).key
    session = canonical_session(place, parts[1])
    if session.lower() in ("code", "law"):
        return MeasureKey(place, session.lower(), re.sub(r"\s+", "", parts[2]))
    return MeasureKey(place, session, canonical_identifier(place, parts[2]))


def congress_years(congress: int) -> tuple[int, int]:
    """First and last calendar year of a Congress: 117 gives (2021, 2022)."""
    first = 1789 + 2 * (congress - 1)
    return first, first + 1
