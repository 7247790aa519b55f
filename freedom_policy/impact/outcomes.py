"""Outcome series that a user brings, and what the indicators in them count: ``data/outcomes`` and a CSV file.

No series counts trafficking itself. We ship none: who publishes them sets different terms.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

import yaml

from .. import places
from ..errors import BadInput, did_you_mean
from ..records import Record
from ..safe import masked

Counts = Literal["detection", "reporting", "enforcement", "service", "compliance"]
Sign = Literal["up", "down", "levels off", "stays low", "none known"]

NEEDED = ("place", "period", "indicator", "value")
OPTIONAL = ("reporting", "population", "source", "note", "retrieved")
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2}))?")
_YEARS = range(1900, 2101)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


class Period(NamedTuple):
    """A year, or a month of it (1 to 12; 0 for the whole year). Sorts in time."""

    year: int
    month: int = 0

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02}" if self.month else str(self.year)

    @property
    def first_month(self) -> int:
        """Months since year 0 at which it begins."""
        return self.year * 12 + max(self.month - 1, 0)

    @property
    def end_month(self) -> int:
        """Months since year 0 at which it is over: the beginning of what comes next."""
        return self.first_month + (1 if self.month else 12)

    def until(self, last: Period) -> Iterator[Period]:
        """This period and all that follow up to ``last``, of the same length."""
        here = self
        while here <= last:
            yield here
            month = here.month
            here = Period(here.year + month // 12, month % 12 + 1) if month else Period(here.year + 1)


def period(text: str) -> Period:
    """A period from ``2016`` or ``2016-09``.

    Raises:
        BadInput: it is neither; the message says how to write it.
    """
    match = _PERIOD.fullmatch(text.strip())
    if match and int(match[1]) in _YEARS and (match[2] is None or 1 <= int(match[2]) <= 12):
        return Period(int(match[1]), int(match[2] or 0))
    turned = re.fullmatch(r"(0?[1-9]|1[0-2])[-/.](\d{4})", text.strip())
    fix = f"Turn it round: {turned[2]}-{int(turned[1]):02}" if turned else "Write a year or a month: 2016 or 2016-09"
    raise BadInput(f"period {text!r} is no year or month. {fix}.")


def month_of(day: dt.date) -> int:
    """Months since year 0, as those of a :class:`Period`."""
    return day.year * 12 + day.month - 1


class Indicator(Record):
    """What a series counts, and what misleads whoever reads it."""

    key: str
    name: str
    unit: str
    level: str
    counts: Counts
    per_person: bool = True
    """False where a rate per 100,000 people would say nothing."""
    traps: tuple[str, ...]


class Break(Record):
    """Something that changed many counts at once. ``start`` and ``end`` are years or months, both included."""

    key: str
    name: str
    start: str
    end: str
    says: str
    indicators: tuple[str, ...] | Literal["all"]

    def touches(self, indicator: str, first: Period, last: Period) -> bool:
        """True if it concerns an indicator somewhere between two periods."""
        concerned = self.indicators == "all" or indicator in self.indicators
        return concerned and self.within(first.first_month, last.end_month)

    def within(self, first_month: int, end_month: int) -> bool:
        """True if a part of it lies between two months, counted as those of a :class:`Period`."""
        return period(self.start).first_month < end_month and period(self.end).end_month > first_month


class Expectation(Record):
    """What a law that adds a kind of provision is meant to do to its first indicator, fixed before any series is read."""

    indicator: str | None
    """None: there is no indicator that we know of."""
    early: Sign = "none known"
    """In years 1 to 3."""
    later: Sign = "none known"
    why: str


class Indicators(Record):
    """All of ``data/outcomes``."""

    version: str
    indicators: dict[str, Indicator]
    breaks: tuple[Break, ...]
    provisions: dict[str, Expectation]
    """One for each provision type of the codebook."""

    def indicator(self, key: str) -> Indicator:
        """One indicator.

        Raises:
            BadInput: no such indicator; the message names near matches.
        """
        wanted = key.strip().lower().replace("-", "_").replace(" ", "_")
        if wanted not in self.indicators:
            hint = did_you_mean(wanted, self.indicators) or f"Known: {', '.join(self.indicators)}."
            raise BadInput(f"Unknown indicator {key!r}. {hint}")
        return self.indicators[wanted]


@cache
def load() -> Indicators:
    """The indicators that ship with the package (read once)."""
    raw = yaml.safe_load((files("freedom_policy.data") / "outcomes" / "indicators.yaml").read_text(encoding="utf-8"))
    return Indicators.model_validate({**raw, "indicators": {row["key"]: row for row in raw["indicators"]}})


class Outcome(Record):
    """One row of the user's file. Unknown is None, never zero."""

    place: str
    period: Period
    indicator: str
    value: float | None
    """None: the row says that it is not known."""
    reporting: int | None = None
    """How many agencies reported."""
    population: float | None = None
    source: str = ""
    note: str = ""
    retrieved: str = ""
    line: int
    """Of the file, the header being line 1."""


def read(path: str | Path) -> list[Outcome]:
    """The rows of an outcomes CSV, in time: ``place,period,indicator,value[,reporting,population,source,note,retrieved]``.

    Raises:
        BadInput: the file or a row cannot be used; the message names the line, the value and the fix.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadInput(f"Cannot read {str(path)!r}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{str(path)!r} is not in UTF-8. Save it as CSV UTF-8.") from error
    return parse(text, str(path))


def parse(text: str, name: str = "the file") -> list[Outcome]:
    """As :func:`read`, from text; ``name`` is what errors call it."""
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: dict[tuple[str, ...], Outcome] = {}
    try:
        columns = _columns(next(rows, []))
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(columns):
                raise BadInput(f"{len(cells)} cells where the header has {len(columns)}. Put quotes around commas.")
            one = _outcome(dict(zip(columns, (cell.strip() for cell in cells), strict=True)), rows.line_num)
            _add(found, one)
    except (BadInput, csv.Error) as error:
        raise BadInput(f"{name}, line {max(rows.line_num, 1)}: {error}") from error
    if not found:
        raise BadInput(f"{name} has no rows. Write one line a place and period under {','.join(NEEDED)}.")
    series = sorted(found.values(), key=lambda one: (one.place, one.indicator, one.period))
    for one, other in pairwise(series):
        same = (one.place, one.indicator) == (other.place, other.indicator)
        if same and bool(one.period.month) != bool(other.period.month):
            raise BadInput(
                f"{name}: {one.place} {one.indicator} has period {one.period} in line {one.line} and {other.period} "
                f"in line {other.line}. Give years only, or months only."
            )
    return series


def _columns(header: list[str]) -> list[str]:
    columns = [cell.strip().lower() for cell in header]
    if len(columns) == 1 and (";" in columns[0] or "\t" in columns[0]):
        raise BadInput("the columns are not separated by commas. Save the file as comma-separated CSV.")
    if missing := [column for column in NEEDED if column not in columns]:
        raise BadInput(f"the header lacks {', '.join(missing)}. It must have {','.join(NEEDED)}.")
    for column in columns:
        if column not in (*NEEDED, *OPTIONAL):
            hint = did_you_mean(column, (*NEEDED, *OPTIONAL)) or f"Known: {', '.join((*NEEDED, *OPTIONAL))}."
            raise BadInput(f"unknown column {column!r}. {hint}")
        if columns.count(column) > 1:
            raise BadInput(f"column {column!r} is there twice. Leave one out.")
    return columns


def _outcome(row: Mapping[str, str], line: int) -> Outcome:
    reporting = _number(row.get("reporting", ""), "reporting")
    if reporting is not None and not reporting.is_integer():
        raise BadInput(f"reporting {row['reporting']!r} is no whole number of agencies.")
    population = _number(row.get("population", ""), "population")
    if population == 0:
        raise BadInput("population '0' gives no rate. Leave it empty where it is not known.")
    return Outcome(
        place=places.jurisdiction(row["place"]).key,
        period=period(row["period"]),
        indicator=load().indicator(row["indicator"]).key,
        value=_number(row["value"], "value"),
        reporting=None if reporting is None else int(reporting),
        population=population,
        line=line,
        **{name: masked(row.get(name, "")) for name in ("source", "note", "retrieved")},
    )


def _number(text: str, column: str) -> float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        plain = text.replace(",", "").replace(" ", "")
        fix = (
            f"Write {plain}"
            if _NUMBER.fullmatch(plain)
            else "Leave it empty where it is not known; 0 says none counted"
        )
        raise BadInput(f"{column} {text!r} is no number from 0 up. {fix}.")
    return float(text)


def _add(found: dict[tuple[str, ...], Outcome], one: Outcome) -> None:
    key = (one.place, one.indicator, str(one.period))
    if other := found.get(key):
        raise BadInput(f"{' '.join(key)} was given in line {other.line} already. Keep one of the two.")
    found[key] = one
