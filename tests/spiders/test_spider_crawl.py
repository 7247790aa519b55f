"""A crawl in a process of its own: messages to a sink, twice in one process, interrupted, orphaned, with a key, politely."""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy import spiders
from freedom_policy.errors import BadInput
from freedom_policy.records import CrawlOptions, CrawlReport, CrawlState, Found, Unchanged


@pytest.fixture
def congress(serve: Any, lab: SimpleNamespace) -> tuple[Any, Any]:
    service = serve(lab.congress_service())
    return service, lab.Caller("congress", service.url)


@pytest.fixture
def nyc(serve: Any, lab: SimpleNamespace) -> tuple[Any, Any]:
    service = serve(lab.legistar_service())
    return service, lab.Caller("legistar", service.url, client="nyc", key="sesame")


def test_twice_in_one_process_and_the_second_costs_next_to_nothing(congress: tuple[Any, Any]) -> None:
    service, caller = congress
    first = caller.crawl()
    assert first.verdict == "complete"
    assert first.complete_scope
    assert (first.found, caller.count(Found)) == (24, 24)
    assert isinstance(caller.messages[-1], CrawlReport), "the report comes last"
    assert all(m["versions"][0]["text"] for m in caller.measures.values())
    asked = len(service.asked)
    second = caller.crawl()
    assert second.verdict == "complete"
    assert (second.found, caller.count(Found), caller.count(Unchanged)) == (24, 0, 24)
    assert second.not_modified == 1
    assert len(service.asked) - asked == second.requests == 4, "robots, no feed, index, sitemap"


def test_who_we_are_and_that_we_read_robots(congress: tuple[Any, Any]) -> None:
    service, caller = congress
    service.robots = "User-agent: *\nDisallow: /bulkdata/\n"
    report = caller.crawl()
    assert report.verdict == "blocked"
    assert "robots.txt" in str(report.problems[0])
    assert not any(asked.path.startswith("/bulkdata/") for asked in service.asked)
    assert service.asked[0].path == "/robots.txt"
    assert all(asked.headers["User-Agent"].startswith("freedom_policy/") for asked in service.asked)


def test_interrupted_in_good_order(congress: tuple[Any, Any]) -> None:
    service, caller = congress
    service.fault = lambda asked, reply: reply if asked.number < 20 else [time.sleep(0.1), reply][1]
    take = caller.take

    def interrupting(message: Any) -> None:
        take(message)
        if len(caller.messages) == 3:
            raise KeyboardInterrupt

    caller.take = interrupting
    with pytest.raises(KeyboardInterrupt):
        caller.crawl()
    report = caller.messages[-1]
    assert isinstance(report, CrawlReport)
    assert report.verdict == "partial"
    assert "interrupted" in str(report.problems)
    kept = len(caller.measures)
    assert 3 <= kept < 24
    caller.take, service.fault = take, None
    assert caller.crawl().verdict == "complete"
    assert len(caller.measures) == 24
    assert caller.count(Unchanged) == kept, "what was read before is not read again"


def test_a_failing_sink_stops_the_crawl(congress: tuple[Any, Any], processes: list[Any]) -> None:
    _, caller = congress

    def full(message: Any) -> None:
        raise OSError("disk full")

    caller.take = full
    with pytest.raises(OSError, match="disk full"):
        caller.crawl()
    assert processes[0].poll() is not None, "no process is left behind"


def test_a_slow_sink_slows_the_crawl(serve: Any, lab: SimpleNamespace) -> None:
    bills = 80
    route = lab.congress_service(bills)
    words = b"<text>" + b"Whoever traffics in persons shall be punished. " * 8_000 + b"</text>"

    def long_texts(asked: Any) -> Any:
        if "BILLS-117" not in asked.path:
            return route(asked)
        return lab.Reply(b"<bill><legis-body><section>" + words + b"</section></legis-body></bill>", kind="text/xml")

    service = serve(long_texts)
    caller = lab.Caller("congress", service.url)
    take, seen = caller.take, []

    def slow(message: Any) -> None:
        take(message)
        if len(caller.messages) == 1:
            for _ in range(40):
                seen.append(len(service.asked))
                time.sleep(0.1)
                if len(seen) > 8 and seen[-1] == seen[-8]:
                    break

    caller.take = slow
    report = caller.crawl()
    assert seen[-1] < 2 * bills, "the crawl waited while the sink was busy"
    assert report.verdict == "complete"
    assert len(caller.measures) == bills


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
def test_without_its_caller_a_crawl_ends(serve: Any, lab: SimpleNamespace) -> None:
    service = serve(lab.congress_service(300))
    service.fault = lambda asked, reply: [time.sleep(0.05), reply][1]
    code = (
        "from freedom_policy import spiders; from freedom_policy.records import *;"
        f"spiders.crawl('congress', options=CrawlOptions(base_url={service.url!r}), state=CrawlState(source='congress'),"
        " sink=lambda m: print(m.type, flush=True))"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert caller.stdout is not None
    assert caller.stdout.readline() == b"found\n"
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    caller.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        before = len(service.asked)
        time.sleep(0.5)
        if len(service.asked) == before:
            break
    assert len(service.asked) == before < 600


def test_the_key_is_nowhere(
    nyc: tuple[Any, Any], lab: SimpleNamespace, caplog: pytest.LogCaptureFixture, processes: list[Any]
) -> None:
    service, caller = nyc
    key = "se same+/="
    caller.options = caller.options.model_copy(update={"key": key, "settings": {"LOG_LEVEL": "DEBUG"}})

    def route(asked: Any) -> Any:
        assert asked.query.get("token") == key or asked.path == "/robots.txt", "the key arrives as it is"
        return lab.legistar_service(token=key)(asked)

    service.route = route
    service.fault = lambda asked, reply: lab.Reply(b"boom", 503) if "/matters/7/" in asked.path else reply
    with caplog.at_level(logging.DEBUG):
        report = caller.crawl()
    assert report.found == 24
    assert report.verdict == "partial"
    for form in (key, "se%20same", "se+same"):
        assert form not in caplog.text
        assert form not in json.dumps([message.model_dump(mode="json") for message in caller.messages])
        assert form not in str(processes[0].args)


def test_part_of_a_source(congress: tuple[Any, Any], nyc: tuple[Any, Any]) -> None:
    _, caller = congress
    limited = caller.crawl(limit=4)
    assert (limited.found, limited.verdict, limited.complete_scope) == (4, "complete", False)
    asked = caller.crawl(query="numbered 17.")
    assert [key for key in caller.measures if key.endswith("/HR17")]
    assert asked.found <= 5
    nothing = caller.crawl(since=dt.date(2023, 1, 1))
    assert (nothing.found, nothing.verdict) == (0, "empty_as_expected")
    service, city = nyc
    city.crawl(limit=3, since=dt.date(2018, 1, 1), query="O'Hara", session="2018")
    term = next(a.query["$filter"] for a in service.asked if a.path.endswith("/matters"))
    assert "MatterIntroDate ge datetime'2018-01-01' and MatterIntroDate lt datetime'2019-01-01'" in term
    assert "substringof('O''Hara',MatterTitle) eq true" in term
    assert len(city.measures) == 3


def test_resume_goes_on_behind_what_was_read(nyc: tuple[Any, Any], lab: SimpleNamespace) -> None:
    service, caller = nyc
    stop = lab.Reply(b"", 429, headers={"Retry-After": "9999"})
    service.fault = lambda asked, reply: stop if "/matters/21/" in asked.path else reply
    assert caller.crawl().verdict == "partial"
    service.fault = None
    before = len(service.asked)
    assert caller.crawl(resume=True).verdict == "complete"
    again = service.asked[before:]
    first = next(asked.query["$filter"] for asked in again if asked.path.endswith("/matters"))
    assert re.fullmatch(r"MatterId gt (?:[0-9]|1[0-9]|20)", first)
    assert {asked.path.split("/")[4] for asked in again if asked.path.count("/") > 4} >= {"21"}
    assert len(caller.measures) == 24


def test_a_probe_asks_for_a_little(congress: tuple[Any, Any], lab: SimpleNamespace) -> None:
    service, caller = congress
    report = spiders.probe("congress", options=caller.options)
    assert (report.found, report.verdict) == (3, "complete")
    asked = len(service.asked)
    assert asked < 15
    route = service.route

    def other_form(a: Any) -> Any:
        reply = route(a)
        reply.body = (
            reply.body.replace(b"actionDate", b"dateOfAction")
            .replace(b"<actions>", b"<steps>")
            .replace(b"</actions>", b"</steps>")
        )
        return reply

    service.route = other_form
    report = spiders.probe("congress", options=caller.options)
    assert report.verdict == "partial"
    assert "actions" in str(report.problems[-1])


def test_wrong_input_is_told_before_any_request(serve: Any, lab: SimpleNamespace) -> None:
    service = serve(lab.congress_service())
    for source, options, said in (
        ("congres", {}, "Did you mean congress"),
        ("congress", {"jurisdiction": "us-tx"}, "covers us only"),
        ("congress", {"jurisdiction": "us-texass"}, "Did you mean"),
        ("congress", {"session": "next"}, "no session"),
        ("congress", {"since": dt.date(2090, 1, 1)}, "in the future"),
        ("congress", {"client": "nyc"}, "does not take --client"),
        ("legistar", {"client": "nyc"}, "FREEDOM_POLICY_LEGISTAR_TOKEN_NYC"),
        ("legistar", {}, "needs a client"),
        ("ecode360", {}, "blocked"),
    ):
        with pytest.raises(BadInput, match=said):
            spiders.crawl(
                source,
                options=CrawlOptions(base_url=service.url, **options),
                state=CrawlState(source=source),
                sink=lambda message: pytest.fail("nothing may be written"),
            )
    assert not service.asked


def test_a_congress_that_is_not_there(congress: tuple[Any, Any]) -> None:
    _, caller = congress
    report = caller.crawl(session="105")
    assert report.verdict == "failed"
    assert "it has 117 to 117" in str(report.problems[0])


def test_archives_and_folders(tmp_path: Path, lab: SimpleNamespace) -> None:
    folder = tmp_path / "bills"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"BILLSTATUS-117hr{number}.xml").write_bytes(lab.bill_xml(number))
    (folder / "notes.txt").write_text("no bill")
    caller = lab.Caller("congress", folder.as_uri())
    assert (caller.crawl().found, caller.count(Found)) == (2, 2)
    assert caller.crawl().verdict == "complete"
    assert caller.count(Unchanged) == 2
    (folder / "BILLSTATUS-117hr2.xml").write_bytes(lab.bill_xml(2, title="Newer", updated="2023-01-01T00:00:00Z"))
    caller.crawl()
    assert caller.measures["us/117/HR2"]["title"] == "Newer"
    (folder / "BILLSTATUS-117hr2.xml").write_bytes(lab.bill_xml(2, title="Older", updated="2021-01-01T00:00:00Z"))
    caller.crawl()
    assert caller.measures["us/117/HR2"]["title"] == "Newer", "an old archive takes nothing back"
    empty = tmp_path / "empty"
    empty.mkdir()
    assert lab.Caller("congress", str(empty)).crawl().verdict == "failed"
    with pytest.raises(BadInput, match="is not there"):
        lab.Caller("congress", str(tmp_path / "nowhere.zip")).crawl()


def test_plain_scrapy_writes_json_lines(congress: tuple[Any, Any], tmp_path: Path) -> None:
    service, _ = congress
    target = tmp_path / "out.jsonl"
    command = [
        sys.executable,
        "-m",
        "scrapy",
        "crawl",
        "congress",
        "-a",
        f"base_url={service.url}",
        "-a",
        "limit=5",
        "-O",
        str(target),
    ]
    environment = {**os.environ, "SCRAPY_SETTINGS_MODULE": "freedom_policy.spiders.settings"}
    done = subprocess.run(command, env=environment, capture_output=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr.decode()
    rows = [json.loads(line) for line in target.read_text().splitlines()]
    assert len(rows) == 5
    assert rows[0]["jurisdiction"] == "us"
    assert "verdict complete" in done.stderr.decode()
