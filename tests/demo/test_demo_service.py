"""The demo's services answer as GovInfo and Legistar do, day by day."""

from __future__ import annotations

import datetime as dt
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from freedom_policy import demo
from freedom_policy.errors import BadInput

FIRST, LAST = demo.days()[0], demo.days()[-1]


@pytest.fixture(scope="module")
def base() -> Iterator[Mapping[str, str]]:
    with demo.serve() as urls:
        yield urls


def get(url: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def matters(base: Mapping[str, str], **query: Any) -> list[dict[str, Any]]:
    words = urllib.parse.urlencode({"token": "t", **{f"${name}": value for name, value in query.items()}})
    status, _, body = get(f"{base['legistar']}/v1/nyc/matters?{words}", Accept="application/json")
    assert status == 200, body
    return json.loads(body)


def test_only_loopback_is_bound(base: Mapping[str, str]) -> None:
    assert {urllib.parse.urlsplit(url).hostname for url in base.values()} == {"127.0.0.1"}


def test_the_sitemaps_lead_to_every_bill(base: Mapping[str, str]) -> None:
    name = "{http://www.sitemaps.org/schemas/sitemap/0.9}loc"
    from xml.etree import ElementTree

    index = ElementTree.fromstring(get(f"{base['congress']}/sitemap/bulkdata/BILLSTATUS/sitemapindex.xml")[2])
    bills = []
    for part in index.iter(name):
        bills += [loc.text for loc in ElementTree.fromstring(get(str(part.text))[2]).iter(name)]
    assert len(bills) == 14
    assert all(get(str(bill))[0] == 200 for bill in bills)


def test_what_a_client_holds_is_answered_with_304(base: Mapping[str, str]) -> None:
    url = f"{base['congress']}/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr332.xml"
    status, headers, body = get(url)
    assert (status, bool(body)) == (200, True)
    assert get(url, If_None_Match=headers["ETag"])[0] == 304
    assert get(url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200
    assert get(url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert get(url, If_Modified_Since="not a date")[0] == 200


def test_a_later_day_replaces_and_adds() -> None:
    seen = {}
    for day in (FIRST, LAST):
        with demo.serve(day) as base:
            path = f"{base['congress']}/bulkdata/BILLSTATUS/119/hr/BILLSTATUS-119hr"
            law = b"Became Public Law No: 119-73." in get(f"{path}4323.xml")[2]
            status = next(m["MatterStatusName"] for m in matters(base) if m["MatterFile"] == "Int 1401-2025")
            seen[day] = (law, get(f"{path}7225.xml")[0], status)
    assert seen[FIRST] == (False, 404, "Enacted (Mayor's Desk for Signature)")
    assert seen[LAST] == (True, 200, "Enacted")


def test_matters_are_filtered_ordered_and_paged(base: Mapping[str, str]) -> None:
    everything = matters(base)
    assert len(everything) == 9
    assert [
        m["MatterFile"] for m in matters(base, filter="MatterLastModifiedUtc gt datetime'2026-01-20T00:00:00'")
    ] == ["Int 1401-2025"]
    firearms = matters(base, filter="substringof('FIREARMS',MatterTitle) or MatterId eq 61225", orderby="MatterId desc")
    assert [m["MatterFile"] for m in firearms] == ["Int 0518-2022", "Int 1202-2018"]
    adopted = "(MatterEnactmentNumber eq null and MatterTypeName eq 'Resolution')"
    assert {m["MatterFile"] for m in matters(base, filter=adopted)} == {
        "Res 0561-2018",
        "Res 0288-2018",
        "Res 0923-2019",
    }
    pages = [matters(base, orderby="MatterId", top=3, skip=skip) for skip in (0, 3, 6)]
    assert [m for page in pages for m in page] == sorted(everything, key=lambda m: m["MatterId"])


def test_what_hangs_on_a_matter_is_there(base: Mapping[str, str]) -> None:
    below = f"{base['legistar']}/v1/NYC/Matters/74583"
    read = {
        child: json.loads(get(f"{below}/{child}?token=t")[2])
        for child in ("histories", "sponsors", "versions", "relations")
    }
    assert read["histories"][0]["MatterHistoryActionName"] == "Introduced by Council"
    assert read["sponsors"][0]["MatterSponsorName"] == "Julie Menin"
    text = json.loads(get(f"{below}/texts/{read['versions'][0]['Key']}?token=t")[2])
    assert text["MatterTextPlain"].startswith("Demo paraphrase")
    assert get(f"{below}/texts?token=t")[0] == 405
    assert get(f"{below}/texts/1?token=t")[0] == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("legistar/v1/nyc/matters", 403),
        ("legistar/v1/phila/matters?token=t", 403),
        ("legistar/v1/nowhere/matters?token=t", 500),
        ("legistar/v1/nyc/matters/1?token=t", 404),
        ("legistar/v1/nyc/matters?token=t&$filter=contains(MatterTitle,'x')", 400),
        ("legistar/v1/nyc/matters?token=t&$filter=Nothing%20eq%201", 400),
        ("govinfo/bulkdata/BILLSTATUS/118/hr/BILLSTATUS-118hr1.xml", 404),
        ("govinfo/sitemap/bulkdata/BILLSTATUS/118hr/sitemap.xml", 404),
        ("robots.txt", 404),
        ("", 404),
    ],
)
def test_refusals(base: Mapping[str, str], path: str, status: int) -> None:
    root = base["congress"].removesuffix("govinfo")
    assert get(root + path)[0] == status


def test_a_day_before_the_recordings_is_told() -> None:
    with pytest.raises(BadInput, match="no recording of 2020-01-01"), demo.serve(dt.date(2020, 1, 1)):
        pass


def test_the_steps_are_the_recorded_days_in_order() -> None:
    steps = demo.steps()
    assert [step.day for step in steps] == list(demo.days())
    assert all(step.since == FIRST and step.now.date() == step.day and step.now.tzinfo for step in steps)
    assert {asked["source"] for step in steps for asked in step.collect} == {"congress", "legistar"}
