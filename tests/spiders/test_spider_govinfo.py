"""GovInfo's shortcuts: a first look by ZIP, and the feed of batches, which is believed only where it tells all."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy.records import Found, Unchanged
from freedom_policy.spiders.batches import covers, read_batches
from freedom_policy.spiders.formats import Unreadable

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)


def feed(*batches: tuple[float, tuple[int, ...]]) -> bytes:
    """The publisher's feed: hours ago, and numbers of the House bills that each batch wrote."""
    items = []
    for hours, numbers in batches:
        at = f"{NOW - dt.timedelta(hours=hours):%a, %d %b %Y %H:%M:%S} +0000"
        places = [f"https://www.govinfo.gov/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr{n}.xml" for n in numbers]
        links = "&lt;br/&gt;".join(f"&lt;a href={place}&gt;{place}&lt;/a&gt;" for place in places)
        items.append(
            f'<item><guid isPermaLink="false">BILLSTATUS-{hours}</guid><title>BILLSTATUS batch update complete {at}</title>'
            f"<pubDate>{at}</pubDate><description>{links}</description></item>"
        )
    return f'<rss version="2.0"><channel><title>Bill Status Batch</title>{"".join(items)}</channel></rss>'.encode()


def zipped(lab: SimpleNamespace, url: str, **more: Any) -> Any:
    return lab.Caller("congress", url, settings={"CONGRESS_ZIP_FROM": 10, "CONGRESS_PIECE": 2000}, **more)


def test_a_first_look_by_zip_gives_what_single_files_give(serve: Any, lab: SimpleNamespace) -> None:
    one_by_one = lab.Caller("congress", serve(lab.congress_service()).url)
    slow = one_by_one.crawl()
    service = serve(lab.congress_service(zips=True))
    caller = zipped(lab, service.url)
    first = caller.crawl()
    assert (first.verdict, first.found, first.complete_scope) == ("complete", 24, True), first.problems
    assert caller.measures == one_by_one.measures
    asked = [asked.path for asked in service.asked]
    assert not [path for path in asked if path.endswith(".xml") and "/bulkdata/BILLS" in path and "sitemap" not in path]
    assert not [path for path in asked if "/content/pkg/" in path], "texts came in a ZIP too"
    assert sum(path.endswith("STATUS-117-hr.zip") for path in asked) > 1, "in pieces"
    assert first.requests < slow.requests / 2
    second = caller.crawl()
    assert (second.verdict, caller.count(Found), caller.count(Unchanged)) == ("complete", 0, 24)
    assert not any(asked.path.endswith(".zip") for asked in service.asked[first.requests :])


def test_an_unchanged_zip_is_not_fetched_again(serve: Any, lab: SimpleNamespace) -> None:
    """Many bills changed, and the ZIP is still the old one: it says so in a few bytes."""
    service = serve(lab.congress_service(zips=True))
    caller = zipped(lab, service.url)
    caller.crawl()
    later = b"2023-01-02T03:04:05Z"

    def moved(asked: Any, reply: Any) -> Any:
        if asked.path.endswith("117hr/sitemap.xml"):
            return replace(reply, body=reply.body.replace(b"2022-12-30T04:04:44.000Z", later), headers={})
        return reply

    service.fault = moved
    begin = len(service.asked)
    second = caller.crawl()
    assert (second.verdict, caller.count(Found)) == ("complete", 24)
    asked = service.asked[begin:]
    assert [a.headers.get("If-None-Match") for a in asked if a.path.endswith("STATUS-117-hr.zip")] == ['"zip-24"']
    assert sum(bool(re.search(r"BILLSTATUS-117hr\d+\.xml", a.path)) for a in asked) == 24


def test_a_query_over_a_whole_congress_takes_the_zip_too(serve: Any, lab: SimpleNamespace) -> None:
    service = serve(lab.congress_service(zips=True))
    caller = zipped(lab, service.url, query="numbered 17")
    report = caller.crawl()
    assert (report.verdict, list(caller.measures)) == ("complete", ["us/117/HR17"])
    assert caller.measures["us/117/HR17"]["versions"][0]["text"]
    assert report.requests < lab.BILLS


@pytest.fixture
def known(serve: Any, lab: SimpleNamespace) -> tuple[Any, Any, Callable[..., list[str]]]:
    """A service with a feed, a caller that took all of it four hours ago, and the next crawl's addresses."""
    service = serve(lab.congress_service())
    caller = lab.Caller("congress", service.url)
    assert caller.crawl().verdict == "complete"
    caller.state["look"]["at"] = (NOW - dt.timedelta(hours=10)).isoformat()
    caller.state["look"]["full"] = (NOW - dt.timedelta(hours=4)).isoformat()

    def again(body: bytes) -> list[str]:
        service.fault = lambda asked, reply: (
            lab.Reply(body, kind="application/rss+xml") if asked.path.startswith("/rss/") else reply
        )
        begin = len(service.asked)
        report = caller.crawl()
        assert report.verdict == "complete", report.problems
        assert report.found == lab.BILLS
        assert report.complete_scope
        return [asked.path.rpartition("/")[2] for asked in service.asked[begin:] if asked.path != "/robots.txt"]

    return service, caller, again


def test_the_feed_says_that_nothing_changed(known: Any) -> None:
    _, caller, again = known
    assert again(feed((1, ()), (20, (3,)))) == ["billstatus-batch.xml"]
    assert caller.count(Unchanged) == 24
    assert caller.state["look"]["at"] == (NOW - dt.timedelta(hours=1)).isoformat(), "the next look goes on from here"


def test_the_feed_names_what_changed_even_before_the_sitemap(known: Any, lab: SimpleNamespace) -> None:
    _, caller, again = known
    asked = again(feed((1, (5,)), (2, (9,)), (20, (3,))))
    assert asked[:2] == ["billstatus-batch.xml", "sitemap.xml"]
    assert {name for name in asked if "STATUS" in name} == {"BILLSTATUS-117hr5.xml", "BILLSTATUS-117hr9.xml"}
    assert (caller.count(Found), caller.count(Unchanged)) == (2, 22)


@pytest.mark.parametrize(
    "body",
    [
        feed((1, (5,)), (9, (3,))),  # begins after our last look
        feed((40, (5,)), (90, (3,))),  # stands still
        feed((-30, (5,)), (90, (3,))),  # tomorrow's
        feed((1, (5,)), (20, (3,))).replace(b"117hr5.xml", b"120hr5.xml"),  # a Congress that we do not know
        feed((1, (5,)), (20, (3,)))[:-40],
        feed((1, (5,)), (20, (3,))).replace(b"BILLSTATUS-117hr", b"BILL-117hr"),  # another form
        b"<html><title>Not here</title></html>",
        b"",
    ],
    ids=["late", "still", "ahead", "new folder", "cut", "form", "page", "nothing"],
)
def test_a_feed_that_does_not_tell_all_is_left_alone(known: Any, body: bytes) -> None:
    _, _, again = known
    asked = again(body)
    assert asked[-2:] == ["sitemapindex.xml", "sitemap.xml"]


def test_all_sitemaps_are_looked_at_once_a_week(known: Any) -> None:
    _, caller, again = known
    caller.state["look"]["full"] = (NOW - dt.timedelta(days=8)).isoformat()
    assert again(feed((1, ()), (20, (3,)))) == ["sitemapindex.xml", "sitemap.xml"]


def test_after_a_loss_the_feed_is_read_from_where_it_was(known: Any, lab: SimpleNamespace) -> None:
    service, caller, again = known
    body = feed((1, (5,)), (20, (3,)))
    looked = caller.state["look"]["at"]
    service.fault = lambda asked, reply: (
        lab.Reply(body, kind="application/rss+xml")
        if asked.path.startswith("/rss/")
        else replace(reply, status=503)
        if "STATUS-117hr5" in asked.path
        else reply
    )
    assert caller.crawl().verdict == "partial"
    assert caller.state["look"]["at"] == looked
    assert "BILLSTATUS-117hr5.xml" in again(body)


def test_batches_of_a_feed() -> None:
    batches = read_batches(feed((1, (5, 6)), (4, ()), (20, (3,))))
    assert [sorted(batch.bills) for batch in batches] == [["us/117/HR3"], [], ["us/117/HR5", "us/117/HR6"]]
    assert covers(batches, NOW - dt.timedelta(hours=20), NOW)
    assert not covers(batches, NOW - dt.timedelta(hours=21), NOW)
    with pytest.raises(Unreadable, match="no batches"):
        read_batches(feed((1, ())))
