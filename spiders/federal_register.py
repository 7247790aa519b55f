"""Federal Register API: rules, proposed rules, notices and presidential documents on the subject, with their text.

2026-11: built to the published description; no recorded reply was at hand, not yet run live.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple

from freedom_policy.records import (
    Abstract,
    Action,
    Citation,
    Document,
    Kind,
    Measure,
    Source,
    Sponsor,
    TextVersion,
    unique,
)
from freedom_policy.text import extract

from .base import MeasureSpider, Reading, Yielded
from .failures import BadReply
from .formats import read_date

TERMS = (
    '"human trafficking"',
    '"trafficking in persons"',
    '"sex trafficking"',
    '"labor trafficking"',
    '"forced labor"',
    '"severe forms of trafficking"',
    '"commercial sexual exploitation"',
)
"""What is searched for without ``--query``; the service looks into the full text."""
_PAGE = 200
_REACH = 2000
"""The service gives no more rows of one search; a longer one is cut by years."""
_FIRST_YEAR = 1994
_FIELDS = (
    "abstract",
    "action",
    "agencies",
    "citation",
    "comments_close_on",
    "dates",
    "document_number",
    "effective_on",
    "executive_order_number",
    "html_url",
    "pdf_url",
    "publication_date",
    "raw_text_url",
    "signing_date",
    "subtype",
    "title",
    "topics",
    "type",
)
_KINDS: dict[str, Kind] = {"Rule": "rule", "Proposed Rule": "rule", "Presidential Document": "order"}


def identifier_of(row: Mapping[str, Any]) -> str:
    """``EO14098`` for an executive order, else the document number (``2024-01234``)."""
    order = re.sub(r"\D", "", str(row.get("executive_order_number") or ""))
    return f"EO{order}" if order else row["document_number"].strip()


def measure_of(row: Mapping[str, Any], source: Source, text: str | None = None) -> Measure:
    """A measure from one search result.

    Raises:
        KeyError, Unreadable: it lacks its number or date, or a date is none.
    """
    published = read_date(row["publication_date"])
    signed, effective = read_date(row.get("signing_date")), read_date(row.get("effective_on"))
    kind = row.get("type") or ""
    word = (row.get("action") or "").strip().rstrip(".")
    steps = [Action(date=published, description=f"Published: {word or row.get('subtype') or kind}", type=kind or None)]
    if signed:
        steps.insert(
            0, Action(date=signed, description="Signed by the President", chamber="executive", type=kind or None)
        )
    if closing := read_date(row.get("comments_close_on")):
        steps.append(Action(date=closing, description="Comments close", type=kind or None))
    if effective:
        steps.append(Action(date=effective, description="Effective", note=row.get("dates") or None, type=kind or None))
    links = [("raw_text_url", "text/plain"), ("html_url", "text/html")]
    address = next(((row[name], media) for name, media in links if row.get(name)), (None, None))
    return Measure(
        jurisdiction="us",
        session=str(published.year if published else "undated"),
        identifier=identifier_of(row),
        kind=_KINDS.get(kind),
        title=row.get("title") or "",
        source=source,
        abstracts=(Abstract(abstract=row["abstract"], note="agency's abstract"),) if row.get("abstract") else (),
        subjects=tuple(dict.fromkeys(row.get("topics") or [])),
        sponsors=unique(
            Sponsor(name=agency["name"], classification="primary", entity_type="organization", source_id=_id(agency))
            for agency in row.get("agencies") or []
            if agency.get("name")
        ),
        actions=tuple(sorted(steps, key=lambda step: step.date or dt.date.min)),
        versions=(
            TextVersion(note=kind or "document", date=published, url=address[0], media_type=address[1], text=text),
        ),
        documents=(Document(note="PDF", url=row["pdf_url"], media_type="application/pdf"),)
        if row.get("pdf_url")
        else (),
        citations=(Citation(kind="other", citation=row["citation"]),) if row.get("citation") else (),
        introduced=published,
        effective=effective,
        source_status=row.get("subtype") or kind or None,
        url=row.get("html_url"),
    )


def _id(agency: Mapping[str, Any]) -> str | None:
    return str(agency["id"]) if agency.get("id") else None


class _Row(NamedTuple):
    """A document of a search result."""

    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Its number."""
        return str(self.raw["document_number"])


class FederalRegisterSpider(MeasureSpider):
    """Documents that a search finds. A document does not change once it is printed; corrections bear numbers of their own."""

    name = "federal-register"

    async def collect(self) -> AsyncIterator[Yielded]:
        """Each term's search, each document once."""
        count = 0

        async def rows() -> AsyncIterator[_Row]:
            nonlocal count
            seen: set[str] = set()
            for term in (self.options.query,) if self.options.query else TERMS:
                async for row in self._search(term):
                    if row["document_number"] not in seen:
                        seen.add(row["document_number"])
                        count += 1
                        yield _Row(row)

        async for message in self.each(rows(), self._document):
            yield message
        if not self.options.partial:
            self.listed(count)

    async def _search(self, term: str) -> AsyncIterator[Mapping[str, Any]]:
        """All rows of a search, by years where it is longer than the service gives."""
        first = self.options.since or dt.date(int(self.options.session or _FIRST_YEAR), 1, 1)
        last = dt.date(int(self.options.session), 12, 31) if self.options.session else self.today
        reply = await self._page(term, first, last, 1)
        if reply["count"] <= _REACH:
            async for row in self._rest(term, first, last, reply):
                yield row
            return
        for year in range(first.year, last.year + 1):
            begin, end = max(first, dt.date(year, 1, 1)), min(last, dt.date(year, 12, 31))
            part = await self._page(term, begin, end, 1)
            if part["count"] > _REACH:
                self.doubt(
                    f"{part['count']:,} documents of {year} hold {term}; the service gives {_REACH:,}.",
                    mend="Use --query.",
                )
            async for row in self._rest(term, begin, end, part):
                yield row

    async def _rest(
        self, term: str, first: dt.date, last: dt.date, reply: Mapping[str, Any]
    ) -> AsyncIterator[Mapping[str, Any]]:
        """The rows of a first page and of those after it. Oldest first: what is printed meanwhile comes at the end."""
        page, came = 1, 0
        while True:
            rows = reply.get("results") or []
            came += len(rows)
            for row in rows:
                yield row
            if not rows or page * _PAGE >= min(reply["count"], _REACH):
                break
            page += 1
            reply = await self._page(term, first, last, page)
        if came < min(reply["count"], _REACH):
            self.doubt(
                f"{term}: the service counts {reply['count']:,} documents, and {came:,} came.", mend="Run it again."
            )
            self.lost("The end of a search could not be read.", where=f"{self.base_url}/documents.json")

    async def _page(self, term: str, first: dt.date, last: dt.date, page: int) -> Mapping[str, Any]:
        fields = "&".join(f"fields[]={name}" for name in _FIELDS)
        query = {
            "conditions[term]": term,
            "conditions[publication_date][gte]": first.isoformat(),
            "conditions[publication_date][lte]": last.isoformat(),
            "order": "oldest",
            "per_page": _PAGE,
            "page": page,
        }
        reply = await self.get_json(f"documents.json?{fields}", query=query)
        if not isinstance(reply, dict) or not isinstance(reply.get("count"), int):
            raise BadReply(
                "a search result without a count",
                url=f"{self.base_url}/documents.json",
                raw=repr(reply).encode()[:1000],
            )
        return reply

    async def _document(self, item: _Row) -> Yielded:
        row, number = item.raw, item.key
        url = f"{self.base_url}/documents/{number}.json"
        if key := self.known(number):
            return self.unchanged(key, url, source_id=number)
        try:
            measure = measure_of(row, self.source(url, number))
        except (KeyError, TypeError, ValueError) as error:
            raise BadReply(f"{type(error).__name__}: {error}", url=url, raw=json.dumps(row).encode()) from error
        reading = self.reading(measure.key)
        if address := row.get("raw_text_url"):
            words = await reading.part("versions", self._words(reading, address), None)
            measure = measure_of(row, measure.source, words)
        return self.found(measure, remember={number: measure.key}, reading=reading)

    async def _words(self, reading: Reading, url: str) -> str | None:
        reply = await self.get(url, expects="any")
        found = extract(reply.body, "text/html")
        if found.status == "unreadable":
            raise BadReply(f"{reading.key}: its text is unreadable: {found.note}", url=url, raw=reply.body)
        return found.text or None
