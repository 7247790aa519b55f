"""What publishers of municipal codes share: section numbers, and the history notes that tell which ordinance changed what."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeVar

from freedom_policy.records import Action, Citation, Measure, Source, TextVersion, unique

from .base import MeasureSpider, Yielded
from .failures import Broken

T = TypeVar("T")

# "Sec. 106-57. - Massage", "§ 113.01 DEFINITIONS", "Section 5-8-010 Title", "4-156-020 Definitions."
_NUMBER = re.compile(r"^\s*(?:SEC(?:TION|S)?\.?|§+)?\s*(\d[\w.:\-–]*\w|\d)", re.IGNORECASE)
# "(Ord. No. 753, pt. I, 8-15-2017; Code 1977, § 5-1)" ends a line; cross references may follow it.
_NOTE = re.compile(
    r"(?:^|\s)\(((?:Ord|Code|Added|Amended|Am\.|Prior|Laws|Coun\. J\.|L\.L\.|Mun\.)[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)\s*$",
    re.MULTILINE,
)
_DATE = re.compile(r"\b(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})\b")
_ORDINANCE = re.compile(r"\bOrd(?:inance)?\.?\s*(?:No\.?|#|Bill)?\s*([\w().-]*\d[\w().-]*)", re.IGNORECASE)


def section_number(title: str) -> str | None:
    """The number that a section's heading begins with (``106-57``); None for a heading without one."""
    match = _NUMBER.match(title)
    return match[1].rstrip(".:-–").replace("–", "-") if match else None


class Numbers:
    """Gives each section of a code a number of its own: where two bear the same, the later one keeps its id there."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def of(self, title: str, node: str) -> str:
        """The number of the section at ``node``."""
        number = section_number(title) or node
        return number if self._taken.setdefault(number, node) == node else node


def history_of(text: str) -> tuple[Action, ...]:
    """The history notes of a section, one step for each ordinance, as printed."""
    return tuple(step for note in _NOTE.finditer(text) for step in _steps(note[1]))


def _steps(note: str) -> Iterator[Action]:
    for part in re.split(r";\s*", " ".join(note.split())):
        dates = [day for found in _DATE.findall(part) if (day := _day(*found))]
        yield Action(date=max(dates, default=None), description=part.strip(), type="History", chamber=None)


def _day(month: str, day: str, year: str) -> dt.date | None:
    full = int(year)
    if full < 100:  # codes reach back to the 1930s, never ahead of us
        full += 2000 if 2000 + full <= dt.datetime.now(dt.UTC).year else 1900
    try:
        return dt.date(full, int(month), int(day))
    except ValueError:
        return None


def section_measure(*, place: str, title: str, text: str, number: str, url: str, source: Source) -> Measure:
    """A section of a code as a measure (kind ``code_section``, session ``code``)."""
    history = history_of(text)
    found = [match[1].rstrip(".,") for step in history if (match := _ORDINANCE.search(step.description))]
    return Measure(
        jurisdiction=place,
        session="code",
        identifier=re.sub(r"\s+", "", number),
        kind="code_section",
        title=" ".join(title.split()),
        source=source,
        actions=tuple(sorted(history, key=lambda step: step.date or dt.date.min)),
        versions=(TextVersion(note="code", url=url, media_type="text/html", text=text or None),),
        citations=unique(Citation(citation=f"Ordinance {number}") for number in found),
        url=url,
    )


async def whole_code(
    spider: MeasureSpider,
    sections: AsyncIterable[T],
    read: Callable[[T], Awaitable[Yielded | Iterable[Yielded] | None]],
    *,
    edition: dict[str, Any],
) -> AsyncIterator[Yielded]:
    """Read each section of a code; its edition is remembered once all of it was read without a loss.

    Raises:
        Broken: the whole code was asked for and has no sections.
    """
    count = 0

    async def counted() -> AsyncIterator[T]:
        nonlocal count
        async for section in sections:
            count += 1
            yield section

    async for message in spider.each(counted(), read):
        yield message
    if spider.options.partial:
        return
    if not count:
        raise Broken("The code has no sections.", mend="Check the client's name.", url=spider.base_url)
    spider.listed(count)
    if not spider.losses:
        yield spider.remember(edition)
