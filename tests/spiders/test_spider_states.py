"""Open States and LegiScan: days in the right place, lists that run backwards, rows that move, limits of the key, one key."""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from scrapy.http import Request, TextResponse

from freedom_policy import places
from freedom_policy.errors import BadInput
from freedom_policy.records import (
    CrawlOptions,
    CrawlReport,
    CrawlState,
    Found,
    Message,
    Rejected,
    Source,
    TextVersion,
    Unchanged,
)
from freedom_policy.spiders import archives, legiscan, openstates, openstates_bulk
from freedom_policy.spiders.base import MeasureSpider
from freedom_policy.spiders.legiscan import LegiScanSpider
from freedom_policy.spiders.legiscan_sessions import Told, known_session, session_of
from freedom_policy.spiders.openstates import OpenStatesSpider
from freedom_policy.spiders.openstates_bulk import OpenStatesBulkSpider
from freedom_policy.spiders.subject import touches_subject

HERE = Source(name="test", url="x", retrieved_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
Answer = Callable[[str, dict[str, list[str]]], Any]


def crawl(
    kind: type[MeasureSpider], answer: Answer, state: dict[str, Any], today: str = "2025-09-01", **options: Any
) -> tuple[list[Message], CrawlReport]:
    """Run a spider over made-up replies, and keep what it remembers in ``state``."""
    spider = kind(
        options=CrawlOptions.model_validate({"key": "sesame", **options}),
        crawl_state=CrawlState(
            source=kind.name, values={name: value for name, value in state.items() if value is not None}
        ),
    )
    spider.today = dt.date.fromisoformat(today)

    async def fetch(request: Request) -> TextResponse:
        parts = urlsplit(request.url)
        return TextResponse(
            request.url, body=json.dumps(answer(parts.path, parse_qs(parts.query))).encode(), request=request
        )

    spider.fetch = fetch  # type: ignore[method-assign]

    async def run() -> list[Message]:
        return [message async for message in spider.start()]

    messages = asyncio.run(run())
    for message in messages:
        state.update(getattr(message, "remember", {}))
    return messages, spider.report()


def keys(messages: list[Message], kind: type[Found] | type[Unchanged] = Found) -> list[str]:
    return sorted(
        message.measure.key if isinstance(message, Found) else message.key
        for message in messages
        if isinstance(message, kind)
    )


def scraped(number: str, actions: list[tuple[str, str, list[str]]], place: str = "tx", **more: Any) -> dict[str, Any]:
    """A bill as the scrapers write it."""
    return {
        "legislative_session": "892",
        "identifier": number,
        "title": f"Relating to {number}",
        "classification": ["bill"],
        "jurisdiction": {"id": f"ocd-jurisdiction/country:us/state:{place}/government"},
        "actions": [
            {
                "date": day,
                "description": text,
                "classification": kinds,
                "organization_id": '~{"classification": "lower"}',
            }
            for day, text, kinds in actions
        ],
        **more,
    }


# -- days ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "zone", "day", "time"),
    [
        ("2025-08-15", "America/Chicago", "2025-08-15", None),
        # Midnight in Jackson, as UTC.
        ("2026-01-06T06:00:00+00:00", "America/Chicago", "2026-01-06", None),
        # Midnight in Washington, from a scraper of Alabama: not the evening before.
        ("2026-01-06T05:00:00+00:00", "America/Chicago", "2026-01-06", None),
        ("2026-03-17T04:00:00+00:00", "America/Chicago", "2026-03-17", None),
        # Half past eight in the evening in Salem is the next day in London.
        ("2025-09-30T03:28:53+00:00", "America/Los_Angeles", "2025-09-29", "20:28:53"),
        ("2025-04-10T15:11:11+00:00", "America/New_York", "2025-04-10", "11:11:11"),
        ("2025-04-10T00:00:00+00:00", "America/New_York", "2025-04-10", None),
        ("2025-04-10T14:00:00", "America/New_York", "2025-04-10", "14:00:00"),
    ],
)
def test_an_instant_becomes_the_day_it_was_there(text: str, zone: str, day: str, time: str | None):
    found = openstates.moment(text, ZoneInfo(zone))
    assert found == (dt.date.fromisoformat(day), dt.time.fromisoformat(time) if time else None)


def test_lists_that_run_newest_first_are_turned():
    up = [
        ("2026-01-13", "Introduced", ["introduction"]),
        ("2026-01-13", "Referred", []),
        ("2026-01-21", "Reported", []),
    ]
    for rows in (up, up[::-1]):
        measure = openstates.measure_of(scraped("HB 1", rows), HERE)
        assert [action.description for action in measure.actions] == ["Introduced", "Referred", "Reported"]
    # All on one day: the introduction at the end tells.
    measure = openstates.measure_of(scraped("HB 1", up[1::-1]), HERE)
    assert [action.description for action in measure.actions] == ["Introduced", "Referred"]


def test_the_same_bill_bears_the_same_key_from_each_source():
    federal = {"jurisdiction": {"id": "ocd-jurisdiction/country:us/government"}, "legislative_session": "119"}
    payload = {
        "state": "US",
        "session": {"session_name": "119th Congress", "session_title": "2025-2026 Regular Session"},
    }
    for printed, listed, wanted in (
        ("HR 1144", "HB1144", "us/119/HR1144"),
        ("HRES 5", "HR5", "us/119/HRES5"),
        ("S 179", "SB179", "us/119/S179"),
        ("SCONRES 2", "SCR2", "us/119/SCONRES2"),
        ("HJRES 7", "HJR7", "us/119/HJRES7"),
    ):
        assert openstates.measure_of(scraped(printed, [], **federal), HERE).key == wanted
        assert legiscan.measure_of({**payload, "bill_number": listed, "title": "x"}, HERE).key == wanted


@pytest.mark.parametrize(
    ("place", "name", "years", "special", "wanted"),
    [
        ("us-wa", "2025-2026 Regular Session", (2025, 2026), 0, "2025-2026"),
        ("us-ca", "2025-2026 Regular Session", (2025, 2026), 0, "20252026"),
        ("us-nj", "2024-2025 Regular Session", (2024, 2025), 0, "221"),
        ("us-tx", "89th Legislature Regular Session", (2025, 2026), 0, "89R"),
        ("us-oh", "136th General Assembly", (2025, 2026), 0, "136"),
        ("us-ny", "2025-2026 General Assembly", (2025, 2026), 0, "2025-2026"),
        ("us-tx", "89th Legislature 2nd Special Session", (2025, 2026), 1, "892"),
        ("us-co", "2025 1st Special Session", (2025, 2025), 1, "2025B"),
        ("us-fl", "2025 Special Session B", (2025, 2025), 1, "2025B"),
        ("us-ca", "2025-2026 1st Special Session", (2025, 2026), 1, "20252026 Special Session 1"),
        ("us-wi", "January 2021 Special Session", (2021, 2022), 1, "2021S1"),
        # The only special session of a year is the first one, numbered or not.
        ("us-ga", "2026 1st Special Session", (2026, 2026), 1, "2026_ss"),
        ("us-la", "2025 Special Session", (2025, 2025), 1, "2025s1"),
        # A fiscal session is a special one in our calendar only.
        ("us-ar", "88th General Assembly (2012 Fiscal)", (2012, 2012), 0, "2012F"),
        # What cannot be told is not guessed: two in that year, one too many, another year under the same number.
        ("us-al", "2023 Special Session", (2023, 2023), 1, None),
        ("us-tx", "89th Legislature 9th Special Session", (2025, 2025), 1, None),
        ("us-tx", "2nd Special Session", (2019, 2020), 1, None),
        ("us-fl", "Regular Session", (2025, 2026), 0, None),
    ],
)
def test_legiscan_sessions_are_ours_where_that_is_sure(
    place: str, name: str, years: tuple[int, int], special: int, wanted: str | None
):
    session = {"session_name": name, "year_start": years[0], "year_end": years[1], "special": special}
    assert known_session(place, session) == wanted
    assert session_of(place, session) == (wanted or name)


def test_each_session_of_our_calendar_is_found_or_left_alone():
    """Under another spelling of its own name, no session of a state is taken for another one."""
    found = 0
    for (place, identifier), entry in places.sessions().items():
        if not entry.start or places.jurisdiction(place).level != "state":
            continue
        years = Told.of(entry.name).years or (entry.start.year, entry.start.year)
        special = int(entry.classification == "special")
        session = {
            "session_name": f"The {entry.name}",
            "year_start": years[0],
            "year_end": years[1],
            "special": special,
        }
        assert known_session(place, session) in (identifier, None)
        found += known_session(place, session) == identifier
    assert found > 1000


def test_a_session_that_is_none_of_ours_is_told():
    api = LegiScan()
    api.session |= {"session_name": "89th Legislature 9th Special Session", "state_abbr": "TX", "special": 1}
    messages, report = crawl(LegiScanSpider, api, {}, jurisdiction="us-tx")
    assert len(keys(messages)) == 5
    assert [str(problem).partition(" is none")[0] for problem in report.problems] == [
        "LegiScan's session '89th Legislature 9th Special Session' of us-tx"
    ]


def test_which_bills_are_worth_a_text():
    yes, no = scraped("HB 1", []), scraped("HB 2", [])
    yes["title"], no["title"] = (
        "Relating to victims of Human Trafficking",
        "Relating to air traffic controllers' labor contracts",
    )
    assert touches_subject(openstates.measure_of(yes, HERE))
    assert not touches_subject(openstates.measure_of(no, HERE))


@pytest.mark.parametrize(
    ("notes", "latest"),
    [
        (["Introduced", "Engrossed", "Enrolled"], "Enrolled"),
        # Washington lists the newest first, Utah puts amendments and comparisons between.
        (["Substitute Bill", "Bill"], "Substitute Bill"),
        (["Introduced", "Substitute #1", "Comparison to Sub 1", "House Amendment 1"], "Substitute #1"),
        (["Second Substitute Bill", "Substitute Bill", "Bill"], "Second Substitute Bill"),
        (["Introduced", "Substitute #1", "Substitute #2"], "Substitute #2"),
        (["Filed"], "Filed"),
    ],
)
def test_the_latest_text_whatever_the_order(notes: list[str], latest: str):
    versions = [TextVersion(note=note, url=f"https://example.org/{n}") for n, note in enumerate(notes)]
    assert notes[openstates.latest_text(versions) or 0] == latest
    dated = [
        TextVersion(note="Enrolled", url="x", date=dt.date(2026, 3, 1)),
        TextVersion(note="Filed", url="y", date=dt.date(2026, 4, 1)),
    ]
    assert openstates.latest_text(dated) == 1
    assert openstates.latest_text([TextVersion(note="Introduced")]) is None


# -- Open States: rows that move, limits ----------------------------------------------------------------------------------


class Api:
    """Bills in the order of ``updated_at``; ``moves`` changes one while somebody reads."""

    def __init__(self, count: int) -> None:
        self.moves: dict[int, str] = {}
        self.asked = 0
        # Many bear one moment, as after an import.
        self.bills = {
            f"HB {n}": {
                **scraped(f"HB {n}", [("2025-08-15", "Filed", ["filing"])]),
                "id": f"ocd-bill/{n:04d}",
                "session": "892",
                "updated_at": f"2025-08-{1 + n // 30:02d}T00:00:00.000000+00:00",
            }
            for n in range(count)
        }

    def __call__(self, path: str, query: dict[str, list[str]]) -> Any:
        self.asked += 1
        if number := self.moves.pop(self.asked, None):
            self.bills[number]["updated_at"] = "2025-08-31T12:00:00.000000+00:00"
        since, size, page = query.get("updated_since", [""])[0], int(query["per_page"][0]), int(query["page"][0])
        rows = sorted(
            (bill["updated_at"], bill["id"], bill) for bill in self.bills.values() if bill["updated_at"] >= since
        )
        part = [bill for _, _, bill in rows[(page - 1) * size : page * size]]
        return {"results": part, "pagination": {"total_items": len(rows), "page": page, "per_page": size}}


def test_a_bill_that_changes_while_we_page_is_neither_skipped_nor_doubled():
    api = Api(130)
    api.moves = {3: "HB 0", 5: "HB 45", 6: "HB 100"}
    state: dict[str, Any] = {}
    messages, report = crawl(OpenStatesSpider, api, state, jurisdiction="us-tx", session="892")
    assert (report.verdict, report.complete_scope) == ("complete", True)
    assert len(set(keys(messages))) == 130
    # What was read before it changed was read again; nothing else was.
    assert len(keys(messages)) == 132
    assert state["bill/us-tx/892/HB0"][0] == "2025-08-31T12:00:00.000000+00:00"
    before, state = api.asked, {}
    crawl(OpenStatesSpider, api, state, jurisdiction="us-tx", session="892")
    first = api.asked - before
    messages, report = crawl(OpenStatesSpider, api, state, jurisdiction="us-tx", session="892")
    assert (len(keys(messages)), len(keys(messages, Unchanged)), report.verdict) == (0, 130, "complete")
    assert api.asked - before - first == 2


def test_a_bill_that_vanishes_is_missing_after_a_whole_look():
    api, state = Api(50), {}
    crawl(OpenStatesSpider, api, state, jurisdiction="us-tx", session="892")
    del api.bills["HB 7"]
    messages, report = crawl(OpenStatesSpider, api, state, jurisdiction="us-tx", session="892")
    assert len(keys(messages, Unchanged)) == 49
    assert (report.verdict, report.complete_scope) == ("complete", True)


def test_the_day_s_requests_run_out_and_the_next_day_goes_on():
    api, state = Api(130), {"requests/2025-09-01": 246}
    first, report = crawl(OpenStatesSpider, api, state, jurisdiction="us-tx", session="892")
    assert report.verdict == "partial"
    assert "250 requests" in str(report.problems[0])
    assert api.asked == 4
    second, report = crawl(OpenStatesSpider, api, state, today="2025-09-02", jurisdiction="us-tx", session="892")
    assert report.verdict == "complete"
    assert set(keys(first)) | set(keys(second)) == {f"us-tx/892/HB{n}" for n in range(130)}
    assert not set(keys(first)) & set(keys(second))


def test_open_states_needs_a_place_or_words_and_a_key():
    with pytest.raises(BadInput, match="--jurisdiction us-tx, or --query"):
        OpenStatesSpider(options=CrawlOptions(key="sesame-key"))
    with pytest.raises(BadInput, match="FREEDOM_POLICY_OPENSTATES_KEY"):
        OpenStatesSpider(options=CrawlOptions(jurisdiction="us-tx"))


# -- LegiScan ---------------------------------------------------------------------------------------------------------------


def lbill(number: int, digest: str) -> dict[str, Any]:
    return {
        "bill_id": number,
        "change_hash": digest,
        "state": "US",
        "session": {"session_id": 1, "session_name": "119th Congress", "year_start": 2025, "year_end": 2026},
        "bill_number": f"HB{number}",
        "bill_type": "B",
        "title": f"Act {number}",
        "status": 1,
        "history": [{"date": "2025-01-03", "action": "Introduced in House", "chamber": "H"}],
    }


class LegiScan:
    """Five bills; the weekly dataset is one change behind."""

    def __init__(self) -> None:
        self.hashes = {n: f"h{n}" for n in range(1, 6)}
        self.asked: list[str] = []
        self.session: dict[str, Any] = {
            "session_id": 1,
            "state_abbr": "US",
            "session_name": "119th Congress",
            "year_start": 2025,
            "year_end": 2026,
        }

    def __call__(self, path: str, query: dict[str, list[str]]) -> Any:
        op = query["op"][0]
        self.asked.append(op)
        assert query["key"] == ["sesame"]
        session = self.session
        if op == "getSessionList":
            return {"status": "OK", "sessions": [session]}
        if op == "getMasterListRaw":
            rows = {str(n): {"bill_id": n, "number": f"HB{n}", "change_hash": h} for n, h in self.hashes.items()}
            return {"status": "OK", "masterlist": {"session": session, **rows}}
        if op == "getDatasetList":
            return {"status": "OK", "datasetlist": [{"session_id": 1, "access_key": "a", "dataset_hash": "d"}]}
        if op == "getDataset":
            data = io.BytesIO()
            with zipfile.ZipFile(data, "w") as bundle:
                for n in range(1, 6):
                    bundle.writestr(
                        f"US/x/bill/HB{n}.json", json.dumps({"bill": lbill(n, f"h{n}" if n != 5 else "stale")})
                    )
                bundle.writestr("US/x/people/1.json", "{}")
            return {
                "status": "OK",
                "dataset": {"mime": "application/zip", "zip": base64.b64encode(data.getvalue()).decode()},
            }
        number = int(query["id"][0])
        bill = {**lbill(number, self.hashes[number]), "state": session["state_abbr"], "session": session}
        return {"status": "OK", "bill": bill}


def test_legiscan_reads_the_dataset_then_only_what_changed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(legiscan, "_DATASET_FROM", 3)
    api, state = LegiScan(), {}
    messages, report = crawl(LegiScanSpider, api, state, jurisdiction="us")
    assert len(keys(messages)) == 5
    # Four came with the archive; the fifth has changed since.
    assert api.asked == ["getSessionList", "getMasterListRaw", "getDatasetList", "getDataset", "getBill"]
    assert state["queries/2025-09"] == 5
    api.hashes[2], api.asked = "new", []
    messages, report = crawl(LegiScanSpider, api, state, jurisdiction="us")
    assert (keys(messages), len(keys(messages, Unchanged))) == (["us/119/HR2"], 4)
    assert api.asked == ["getSessionList", "getMasterListRaw", "getBill"]
    assert (report.verdict, state["queries/2025-09"]) == ("complete", 8)


def test_the_month_s_queries_run_out():
    _, report = crawl(LegiScanSpider, LegiScan(), {"queries/2025-09": 29_998}, jurisdiction="us")
    assert report.verdict == "failed"
    assert "30,000 queries" in str(report.problems[0])


# -- files --------------------------------------------------------------------------------------------------------------------


def read(path: Path, state: dict[str, Any] | None = None, **options: Any) -> tuple[list[Message], CrawlReport]:
    spider = OpenStatesBulkSpider(
        options=CrawlOptions(base_url=str(path), **options),
        crawl_state=CrawlState(source="openstates-bulk", values=state or {}),
    )
    return list(spider.run_local(path)), spider.report()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Forty bills of Texas and two of Alabama, in a tar archive, one JSON file each."""
    path = tmp_path / "bills.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for place, count in (("tx", 40), ("al", 2)):
            for n in range(count):
                body = json.dumps(scraped(f"HB {n + 1}", [("2025-08-15", "Filed", ["filing"])], place)).encode()
                info = tarfile.TarInfo(f"state:{place}/bills/HB{n + 1}/metadata.json")
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
    return path


def test_an_archive_is_read_once_and_then_only_looked_at(archive: Path):
    messages, report = read(archive)
    assert (len(keys(messages)), report.verdict, report.complete_scope) == (42, "complete", False)
    state = {name: value for message in messages for name, value in getattr(message, "remember", {}).items()}
    messages, report = read(archive, state)
    assert (len(keys(messages)), len(keys(messages, Unchanged))) == (0, 42)
    # With a place named, the files are that place's whole, and what is not in them is missing.
    messages, report = read(archive, jurisdiction="us-al")
    assert (keys(messages), report.complete_scope) == (["us-al/892/HB1", "us-al/892/HB2"], True)
    messages, report = read(archive, query="hb 17")
    assert keys(messages) == ["us-tx/892/HB17"]


def test_an_archive_that_breaks_off_keeps_what_was_read(archive: Path, tmp_path: Path):
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[:-200])
    messages, report = read(cut)
    assert report.verdict in ("partial", "failed")
    assert "breaks off" in str(report.problems[0])
    assert not [message for message in messages if isinstance(message, Rejected)]
    empty = tmp_path / "empty"
    empty.mkdir()
    assert read(empty)[1].verdict == "failed"
    with pytest.raises(BadInput, match="--base-url PATH"):
        OpenStatesBulkSpider(options=CrawlOptions())


def test_a_bulk_file_of_any_size_is_read_bill_by_bill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A session's array is never in memory as a whole, wherever a piece of it ends; what is read before a break stays."""
    rows = [scraped(f"HB {n + 1}", [("2025-08-15", "Filed, with Straße and \u2028", ["filing"])]) for n in range(300)]
    path = tmp_path / "TX_892_bills.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([*rows, {"name": "a person"}], indent=1, ensure_ascii=False).encode())
    monkeypatch.setattr(archives, "_CHUNK", 7001)
    monkeypatch.setattr(openstates_bulk, "MOST", 10_000)
    messages, report = read(path, jurisdiction="us-tx")
    assert (report.verdict, len(keys(messages)), len(set(keys(messages)))) == ("complete", 300, 300)
    assert report.complete_scope
    path.write_bytes(path.read_bytes()[:-2000])
    messages, report = read(path, jurisdiction="us-tx")
    assert (report.verdict, report.quarantined) == ("partial", 1)
    assert 280 < len(keys(messages)) < 300


@pytest.mark.parametrize(
    ("body", "wanted"),
    [(b"[]", []), (b" [ 1 , 2 ] ", [1, 2]), (b'[{"a": "]"}, "x"]', [{"a": "]"}, "x"]), (b"[123456, 7]", [123456, 7])],
)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_rows_of_an_array_in_pieces(body: bytes, wanted: list[Any], size: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(archives, "_CHUNK", size)
    assert list(archives.json_rows(io.BytesIO(body[2:]), body[:2])) == wanted


@pytest.mark.parametrize("body", [b"", b"{}", b"[1, 2", b"[1 2]", b'[{"a": }]', b"[1,", b"[1,]", b"[,1]"])
def test_what_is_no_array(body: bytes):
    with pytest.raises(ValueError, match="array"):
        list(archives.json_rows(io.BytesIO(body)))
