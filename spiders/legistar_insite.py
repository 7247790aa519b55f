"""Legistar InSite, the council's own web pages: for cities whose Web API is closed. Search grid, then each detail page.

2026-11: grids exercised on real pages of New York, Chicago and LA Metro; detail pages and postbacks built to the
description of two open clients.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

from lxml import html
from scrapy.http import Response

from freedom_policy.places import canonical_identifier
from freedom_policy.records import (
    Action,
    Citation,
    Committee,
    Document,
    Measure,
    Source,
    Sponsor,
    TextVersion,
    digest_of,
    oldest_first,
    unique,
)
from freedom_policy.text import extract

from .base import MeasureSpider, Yielded
from .failures import Broken, Gone
from .legistar import _KINDS as KINDS
from .registry import Client, client_of

_ID = "ctl00_ContentPlaceHolder1_"
_NAME = "ctl00$ContentPlaceHolder1$"
_COUNT = re.compile(r"items\s+([\d,]+)\s+to\s+([\d,]+)\s+of\s+([\d,]+)")
_POSTBACK = re.compile(r"__doPostBack\('([^']+)'")
_YEAR = re.compile(r"\b((?:19|20)\d{2})(?:-[A-Z])?$")
_FINAL = re.compile(r"enacted|adopted|withdrawn|disapproved|failed|defeated|vetoed|filed \(|historical", re.IGNORECASE)
_LOOK_AGAIN_DAYS = 7
"""An open matter is looked at again after so many days even if its row in the grid stood still."""
# Cities call the same column by other names.
_NUMBER = ("file #", "record #", "file number", "matter #", "legislation #")
_BEGUN = ("file created", "intro date", "introduced", "created")


class Row(NamedTuple):
    """One row of a search grid: its cells by (lower case) header, and the address of the matter's page."""

    cells: dict[str, str]
    url: str

    @property
    def key(self) -> str:
        """The matter's number as the city prints it."""
        return next((self.cells[name] for name in _NUMBER if self.cells.get(name)), "")

    @property
    def introduced(self) -> dt.date | None:
        """The day the file was made, if the grid has that column."""
        return next((day(self.cells[name]) for name in _BEGUN if self.cells.get(name)), None)


def day(text: str) -> dt.date | None:
    """The day in ``12/31/2018``; None for nothing.

    Raises:
        ValueError: something else is there.
    """
    return dt.datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007


def read_grid(page: Any, base_url: str) -> list[Row]:
    """The rows of a search page; an empty list where it says that there are none.

    Raises:
        ValueError: no grid, or one without number or link.
    """
    return [Row(cells, _address(row, base_url)) for row, cells in _grid(page, f"{_ID}gridMain_ctl00")]


def total_of(page: Any) -> int | None:
    """How many matters the search found, as the pager says; None without a pager."""
    text = " ".join(page.xpath(f"string(//table[@id='{_ID}gridMain_ctl00'])").split())
    match = _COUNT.search(text)
    return int(match[3].replace(",", "")) if match else None


def next_page(page: Any) -> str | None:
    """The postback target of the page after this one; None on the last."""
    links = page.xpath("(//a[contains(@class, 'rgCurrentPage')])[1]/following-sibling::a[1]")
    match = _POSTBACK.search(links[0].get("href") or "") if links else None
    return match[1].replace("%24", "$") if match else None


def form_of(page: Any, **changes: str) -> str:
    """The body of a post of the page's form, with some fields set; buttons are pressed only if named.

    Raises:
        ValueError: the page has no form.
    """
    forms = page.xpath("//form[.//input[@name='__VIEWSTATE']]")
    if not forms:
        raise ValueError("no form with a view state")
    fields = {
        name: value for name, value in forms[0].form_values() if not name.endswith(("$ButtonRSS", "$ButtonAlerts"))
    }
    return urlencode({**fields, **changes})


def _cell(element: Any) -> str:
    return " ".join(element.text_content().replace("\xa0", " ").split())


def _grid(page: Any, table_id: str) -> Iterator[tuple[Any, dict[str, str]]]:
    tables = page.xpath(f"//table[@id='{table_id}']")
    if not tables:
        raise ValueError(f"no grid {table_id}")
    heads = [_cell(th).lower() for th in tables[0].xpath(".//th[contains(@class, 'rgHeader')]")]
    if not heads:
        heads = [text for th in tables[0].xpath(".//th") if (text := _cell(th).lower()) != "data pager"]
    for row in tables[0].xpath(".//tr[contains(@class, 'rgRow') or contains(@class, 'rgAltRow')]"):
        yield row, dict(zip(heads, (_cell(td) for td in row.xpath("./td")), strict=False))


def _address(row: Any, base_url: str) -> str:
    links = row.xpath(".//a[contains(@href, 'LegislationDetail.aspx')]/@href")
    if not links:
        raise ValueError("a row without a link to its matter")
    # Only ID and GUID name the matter; the rest tells how it was searched.
    return urljoin(base_url + "/", re.sub(r"&(?:Options|Search|FullText)=[^&]*", "", links[0].rpartition("/")[2]))


def read_detail(page: Any, client: Client, row: Row, source: Source) -> Measure:
    """A measure from a matter's page (``LegislationDetail.aspx``).

    Raises:
        ValueError: the page does not show a matter.
    """

    def field(name: str) -> str:
        found = page.xpath(f"//*[@id='{_ID}{name}']")
        return _cell(found[0]) if found else ""

    number = field("lblFile2") or row.key
    if not number or not page.xpath(f"//*[@id='{_ID}lblFile2']"):
        raise ValueError("no file number on the page")
    identifier = canonical_identifier(client.jurisdiction, number)
    introduced = day(field("lblIntroduced2")) or row.introduced
    begun = introduced or day(field("lblOnAgenda2"))
    year = _YEAR.search(identifier)
    title, name = field("lblTitle2"), field("lblName2")
    body = field("hypInControlOf2") or field("lblInControlOf2")
    law = field("lblEnactmentNumber2")
    kind = client.kinds.get(field("lblType2")) or next(
        (kind for pattern, kind in KINDS if re.search(pattern, field("lblType2"), re.IGNORECASE)), None
    )
    sponsors = [_cell(link) for link in page.xpath(f"//*[@id='{_ID}lblSponsors2']//a")] or [
        part for part in re.split(r",\s+(?=[A-Z])", field("lblSponsors2")) if part
    ]
    texts = page.xpath(f"//div[@id='{_ID}divText']")
    words = extract(html.tostring(texts[0], encoding="unicode"), "text/html").text if texts else ""
    return Measure(
        jurisdiction=client.jurisdiction,
        session=year[1] if year else str(begun.year) if begun else "undated",
        identifier=identifier,
        kind=kind,  # type: ignore[arg-type]
        title=title or name or row.cells.get("title", ""),
        other_titles=(name,) if name and title and name != title else (),
        source=source,
        sponsors=tuple(
            Sponsor(name=sponsor, classification="primary" if place == 0 else "cosponsor")
            for place, sponsor in enumerate(dict.fromkeys(sponsors))
        ),
        committees=(Committee(name=body, chamber="committee"),) if "ommittee" in body else (),
        actions=_history(page, source.url),
        versions=(TextVersion(note="Text", url=source.url, media_type="text/html", text=words),) if words else (),
        documents=unique(
            Document(note=_cell(link), url=urljoin(source.url, link.get("href")))
            for link in page.xpath(f"//*[@id='{_ID}lblAttachments2']//a[@href]")
        ),
        citations=(Citation(citation=f"{'Local Law' if kind == 'local law' else 'Enactment'} {law}"),) if law else (),
        introduced=introduced,
        source_status=field("lblStatus2") or None,
        url=source.url,
    )


def _history(page: Any, url: str) -> tuple[Action, ...]:
    try:
        rows = list(_grid(page, f"{_ID}gridLegislation_ctl00"))
    except ValueError:
        return ()
    found = []
    for row, cells in rows:
        if not cells.get("action"):  # minutes in draft: nothing is said yet
            continue
        body = cells.get("action by", "")
        detail = re.search(
            r"HistoryDetail\.aspx\?ID=\d+&GUID=[\w-]+", html.tostring(row, encoding="unicode").replace("&amp;", "&")
        )
        found.append(
            Action(
                date=day(cells.get("date", "")),
                description=cells["action"],
                chamber="executive" if body.lower() == "mayor" else "committee" if "ommittee" in body else "council",
                body=body or None,
                type=cells.get("result") or None,
                note=f"Version {cells['ver.']}" if cells.get("ver.") else None,
                url=urljoin(url, detail[0]) if detail else None,
            )
        )
    dated = [action.date for action in found if action.date]
    # The grid runs newest first.
    return oldest_first(found[::-1] if dated == sorted(dated, reverse=True) else found)


# ---------------------------------------------------------------------------------------------------------------------


class LegistarInSiteSpider(MeasureSpider):
    """Matters of one client: a search (all years, a year, since a day, by words), its pages, and each matter's page."""

    name = "legistar-insite"
    expects = "html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client: Client = client_of(self.name, self.options)
        if not self.options.base_url:
            self.base_url = f"https://{self.client.client}.legistar.com"

    async def collect(self) -> AsyncIterator[Yielded]:
        """Rows of the search in order, each with its page."""
        count = 0

        async def rows() -> AsyncIterator[Row]:
            nonlocal count
            async for row in self._search():
                count += 1
                yield row

        async for message in self.each(rows(), self._matter):
            yield message
        if not self.options.partial:
            self.listed(count)

    async def _search(self) -> AsyncIterator[Row]:
        address = f"{self.base_url}/Legislation.aspx"
        reply, page = await self._page(address)
        switch = page.xpath(f"string(//*[@id='{_ID}btnSwitch']/@value)")
        if "simple" not in switch.lower():  # the button leads to the other form; we want the advanced one
            reply, page = await self._page(address, form_of(page, **{f"{_NAME}btnSwitch": switch}))
        reply, page = await self._page(address, form_of(page, **self._criteria()))
        seen: set[str] = set()
        total = total_of(page)
        while True:
            try:
                rows = read_grid(page, self.base_url)
            except ValueError as error:
                raise self.bad_reply(reply, f"no search result: {error}") from error
            fresh = [row for row in rows if row.url not in seen]
            for row in fresh:
                seen.add(row.url)
                yield row
            target = next_page(page)
            if not target or not fresh:
                break
            reply, page = await self._page(address, form_of(page, __EVENTTARGET=target, __EVENTARGUMENT=""))
        if total is not None and len(seen) < total:
            self.doubt(f"The search says {total:,} matters, and {len(seen):,} came.", mend="Run it again.")
            self.lost("The end of the search could not be read.", where=address)
        if not seen and not self.options.partial:
            raise Broken("The search found nothing.", mend="Check the client and the year.", url=address)

    def _criteria(self) -> dict[str, str]:
        found = {
            f"{_NAME}btnSearch": "Search Legislation",
            f"{_ID}lstMax_ClientState": '{"value":"1000000"}',
            f"{_ID}lstYearsAdvanced_ClientState": '{"value":"All"}',
            f"{_NAME}txtText": self.options.query or "",
        }
        first = self.options.since
        if self.options.session:
            year = int(self.options.session)
            first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
            found |= self._date("2", last) | {f"{_NAME}radFileCreated": "between"}
        elif first:
            first -= dt.timedelta(days=1)
            found[f"{_NAME}radFileCreated"] = ">"
        return found | (self._date("1", first) if first else {})

    @staticmethod
    def _date(which: str, when: dt.date) -> dict[str, str]:
        shown, stamp = f"{when.month}/{when.day}/{when.year}", f"{when.isoformat()}-00-00-00"
        state = {"validationText": stamp, "valueAsString": stamp, "lastSetTextBoxValue": shown}
        return {
            f"{_NAME}txtFileCreated{which}": when.isoformat(),
            f"{_NAME}txtFileCreated{which}$dateInput": shown,
            f"{_ID}txtFileCreated{which}_dateInput_ClientState": json.dumps(
                {"enabled": True, "emptyMessage": "", **state}
            ),
        }

    async def _page(self, address: str, form: str | None = None) -> tuple[Response, Any]:
        if form is None:
            reply = await self.get(address)
        else:
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            reply = await self.get(address, method="POST", body=form, headers=headers)
        if "Error.aspx" in reply.url or not reply.body.strip():
            raise self.bad_reply(reply, "an empty or error page")
        return reply, html.document_fromstring(reply.body, parser=html.HTMLParser(encoding="utf-8"))

    async def _matter(self, row: Row) -> Yielded | None:
        digest = digest_of(row.cells)
        match = re.search(r"[?&]ID=(\d+)", row.url)
        matter = match[1] if match else row.url
        known = self.known(matter)
        if isinstance(known, dict) and known["row"] == digest and not self._is_due(row, known["on"]):
            return self.unchanged(known["key"], row.url)
        reply, page = await self._page(f"{row.url}&FullText=1")
        if b"This record no longer exists" in reply.body:
            raise Gone("the city says that this record no longer exists", url=row.url)
        try:
            measure = read_detail(
                page, self.client, row, self.source(row.url, row.url.partition("ID=")[2].partition("&")[0])
            )
        except ValueError as error:
            raise self.bad_reply(reply, str(error)) from error
        return self.found(measure, remember={matter: {"row": digest, "key": measure.key, "on": self.today.isoformat()}})

    def _is_due(self, row: Row, looked: str) -> bool:
        if _FINAL.search(row.cells.get("status", "")):
            return False
        return (self.today - dt.date.fromisoformat(looked)).days >= _LOOK_AGAIN_DAYS
