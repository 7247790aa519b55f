"""InSite: the search by postback, its pages, and the page of a matter; grids of real cities where the corpus is at hand."""

from __future__ import annotations

import asyncio
import datetime as dt
import tarfile
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from lxml import html
from scrapy.http import HtmlResponse, Request, Response

from freedom_policy.records import CrawlOptions, CrawlState, Found, Unchanged
from freedom_policy.spiders.legistar_insite import LegistarInSiteSpider, next_page, read_grid, total_of

C = "ctl00_ContentPlaceHolder1_"
HOST = "https://nyc.legistar.com"


def form(inner: str, state: str, *, switch: str = "<<< Simple search") -> str:
    return f"""<html><body><form method="post" action="{HOST}/Legislation.aspx">
<input type="hidden" name="__VIEWSTATE" value="{state}"/><input type="hidden" name="__PREVIOUSPAGE" value="p"/>
<input type="submit" id="{C}btnSwitch" name="ctl00$ContentPlaceHolder1$btnSwitch" value="{switch}"/>
<input type="text" name="ctl00$ContentPlaceHolder1$txtText" value=""/>
<input type="radio" name="ctl00$ContentPlaceHolder1$radFileCreated" value="=" checked="checked"/>
<input type="radio" name="ctl00$ContentPlaceHolder1$radFileCreated" value="between"/>{inner}</form></body></html>"""


def grid(rows: list[tuple[int, str, str, str]], *, current: int, last: int, total: int) -> str:
    heads = "".join(
        f'<th class="rgHeader">{name}</th>' for name in ("File&#160;#", "Type", "Status", "File Created", "Title")
    )
    body = "".join(
        f'<tr class="rg{"Alt" if n % 2 else ""}Row"><td><a href="{HOST}/LegislationDetail.aspx?ID={matter}&amp;GUID=G-{matter}'
        f'&amp;Options=Advanced&amp;Search=">{number}</a></td><td>Introduction</td><td>{status}</td><td>1/31/2018</td>'
        f"<td>{title}&#160;</td></tr>"
        for n, (matter, number, status, title) in enumerate(rows)
    )
    links = "".join(
        f"<a {mark}href=\"javascript:__doPostBack('page%24{page}','')\"><span>{page}</span></a>"
        for page in range(1, last + 1)
        for mark in ('class="rgCurrentPage" ' if page == current else "",)
    )
    pager = f'<tr><td class="rgPagerCell">{links} Page {current} of {last}, items 1 to 2 of {total}.</td></tr>'
    return f'<table id="{C}gridMain_ctl00"><thead>{pager}<tr>{heads}</tr></thead><tbody>{body}</tbody></table>'


def detail(number: str, *, status: str = "Enacted") -> str:
    def span(name: str, value: str) -> str:
        return f'<span id="{C}{name}">{value}</span>'

    heads = "".join(
        f'<th class="rgHeader">{name}</th>'
        for name in ("Date", "Ver.", "Action By", "Action", "Result", "Action Details")
    )
    history = "".join(
        f'<tr class="rgRow"><td>{day}</td><td>*</td><td>{body}</td><td>{action}</td><td>{result}</td><td>'
        f"""<a onclick="radopen('HistoryDetail.aspx?ID={n}&amp;GUID=H-{n}','w')">Action details</a></td></tr>"""
        for n, (day, body, action, result) in enumerate(
            [
                ("2/28/2018", "Mayor", "Signed Into Law by Mayor", ""),
                ("2/14/2018", "City Council", "Approved by Council", "Pass"),
                ("2/14/2018", "Committee on Public Safety", "&nbsp;", ""),
                ("1/31/2018", "City Council", "Introduced by Council", ""),
            ]
        )
    )
    return f"""<html><body><div id="{C}pageDetails">{span("lblFile2", number)}{span("lblName2", "Hotel staff training")}
{span("lblType2", "Introduction")}{span("lblStatus2", status)}{span("lblIntroduced2", "1/31/2018")}{span("lblOnAgenda2", "")}
{span("lblEnactmentNumber2", "2018/104")}{span("lblTitle2", "A Local Law in relation to training of hotel staff")}
<span id="{C}lblSponsors2"><a href="p?1">Ann Example</a>, <a href="p?2">Ben Example</a></span>
<a id="{C}hypInControlOf2" href="d">Committee on Public Safety</a>
<span id="{C}lblAttachments2"><a href="View.ashx?M=F&amp;ID=9">1. Summary</a></span></div>
<table id="{C}gridLegislation_ctl00"><thead><tr>{heads}</tr></thead><tbody>{history}</tbody></table>
<div id="{C}divText"><p>Our paraphrase. Section 1. Staff are <u>trained</u>.</p></div></body></html>"""


class City:
    """Answers as InSite does: the simple form first, then the advanced one, then results by page."""

    def __init__(self, *, pages: int = 2, total: int = 3, gone: str = "", wall: bool = False) -> None:
        self.pages, self.total, self.gone, self.wall = pages, total, gone, wall
        self.posts: list[dict[str, str]] = []
        self.asked: list[str] = []
        self.rows = {
            1: [(11, "Int 0001-2018", "Enacted", "First"), (12, "Int 0002-2018", "Committee", "Second")],
            # A row of the page before comes again: somebody filed a matter meanwhile.
            2: [(12, "Int 0002-2018", "Committee", "Second"), (13, "Res 0003-2018", "Adopted", "Third")],
        }

    async def fetch(self, request: Request) -> Response:
        self.asked.append(request.url)
        return HtmlResponse(request.url, body=self.page(request).encode(), request=request)

    def page(self, request: Request) -> str:
        if "LegislationDetail" in request.url:
            number = next(row for rows in self.rows.values() for row in rows if f"ID={row[0]}&" in request.url)[1]
            if self.gone and self.gone in request.url:
                return "<html><body>This record no longer exists. It might have been deleted.</body></html>"
            return detail(number)
        if self.wall:
            return (
                "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>"
            )
        if request.method == "GET":
            return form("", "s0", switch="Detailed search >>>")
        post = {name: values[-1] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}
        self.posts.append(post)
        if "ctl00$ContentPlaceHolder1$btnSwitch" in post:
            return form("", "s1")
        current = 2 if post.get("__EVENTTARGET") == "page$2" else 1
        table = grid(self.rows[current], current=current, last=self.pages, total=self.total)
        return form(table, f"s{current + 1}")


def crawl(city: City, state: dict[str, object] | None = None, today: str = "2018-03-05", **options: object):
    spider = LegistarInSiteSpider(
        options=CrawlOptions(client="nyc", **options),
        crawl_state=CrawlState(source="legistar-insite", values=state or {}),
    )
    spider.today = dt.date.fromisoformat(today)
    spider.fetch = city.fetch

    async def messages() -> list[object]:
        return [message async for message in spider.start()]

    return asyncio.run(messages()), spider.report()


def test_search_pages_and_matters():
    city = City()
    messages, report = crawl(city, session="2018")
    found = {message.measure.key: message.measure for message in messages if isinstance(message, Found)}
    assert report.verdict == "complete"
    assert sorted(found) == [
        "us-ny-nyc/2018/Int0001-2018",
        "us-ny-nyc/2018/Int0002-2018",
        "us-ny-nyc/2018/Res0003-2018",
    ]
    assert report.complete_scope
    # The year went into the form, the buttons that were not pressed did not, and each page carries the state of the one before.
    switched, searched, second = city.posts
    assert "ctl00$ContentPlaceHolder1$btnSwitch" in switched
    assert searched["ctl00$ContentPlaceHolder1$radFileCreated"] == "between"
    assert searched["ctl00$ContentPlaceHolder1$txtFileCreated2$dateInput"] == "12/31/2018"
    assert "ctl00$ContentPlaceHolder1$btnSwitch" not in searched
    assert (second["__VIEWSTATE"], second["__EVENTTARGET"]) == ("s2", "page$2")
    assert "ctl00$ContentPlaceHolder1$btnSearch" not in second
    measure = found["us-ny-nyc/2018/Int0001-2018"]
    assert [(action.description, action.chamber, action.type) for action in measure.actions] == [
        ("Introduced by Council", "council", None),
        ("Approved by Council", "council", "Pass"),
        ("Signed Into Law by Mayor", "executive", None),
    ]
    assert (measure.kind, measure.source_status, measure.introduced) == ("local law", "Enacted", dt.date(2018, 1, 31))
    assert [(sponsor.name, sponsor.classification) for sponsor in measure.sponsors] == [
        ("Ann Example", "primary"),
        ("Ben Example", "cosponsor"),
    ]
    assert measure.citations[0].citation == "Local Law 2018/104"
    assert measure.versions[0].text == "Our paraphrase. Section 1. Staff are ⦃trained⦄."
    assert measure.actions[0].url == f"{HOST}/HistoryDetail.aspx?ID=3&GUID=H-3"
    assert measure.documents[0].url == f"{HOST}/View.ashx?M=F&ID=9"


def test_a_row_that_stands_still_is_looked_at_again_only_while_it_is_open():
    state: dict[str, object] = {}
    messages, _ = crawl(City(), session="2018")
    for message in messages:
        state.update(getattr(message, "remember", {}))
    messages, report = crawl(City(), state, session="2018")
    assert [type(message) for message in messages[:3]] == [Unchanged] * 3
    assert report.verdict == "complete"
    messages, _ = crawl(City(), state, today="2018-03-20", session="2018")
    assert [message.measure.identifier for message in messages if isinstance(message, Found)] == ["Int0002-2018"]


def test_a_search_that_breaks_off_is_not_complete():
    _, report = crawl(City(pages=1), session="2018")
    assert report.verdict == "partial"
    assert any("says 3 matters, and 2 came" in str(problem) for problem in report.problems)


def test_a_record_that_is_gone_costs_itself_alone():
    messages, report = crawl(City(gone="ID=12&"), session="2018")
    assert sum(isinstance(message, Found) for message in messages) == 2
    assert report.verdict == "partial"


def test_a_refusal_page_is_no_empty_search():
    _, report = crawl(City(wall=True), session="2018")
    assert report.verdict == "blocked"


@pytest.mark.parametrize(
    ("city", "total", "first", "dated"),
    [("nyc", 438, "Int 1299-2018", 0), ("chicago", 522, "O2018-9628", 100), ("metro", 765, "2018-0513", 100)],
)
def test_grids_of_real_cities(shared: Path, city: str, total: int, first: str, dated: int):
    with tarfile.open(shared / "corpus" / "insite" / "python-legistar-scraper.tar.gz") as archive:
        name = next(name for name in archive.getnames() if name.endswith(f"/{city}/bills.html"))
        file = archive.extractfile(name)
        assert file is not None
        page = html.document_fromstring(file.read())
    rows = read_grid(page, f"https://{city}.legistar.com")
    assert (len(rows), len({row.url for row in rows}), total_of(page)) == (100, 100, total)
    assert rows[0].key == first
    assert sum(row.introduced is not None for row in rows) == dated
    assert next_page(page) == "ctl00$ContentPlaceHolder1$gridMain$ctl00$ctl02$ctl00$ctl04"
