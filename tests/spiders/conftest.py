"""A loopback service that we write ourselves, with faults, and a caller with a memory, for tests of whole crawls."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import io
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from freedom_policy import spiders
from freedom_policy.records import CrawlOptions, CrawlReport, CrawlState, Found, Message, Rejected, Unchanged
from freedom_policy.spiders import runner

BILLS = 24
MATTERS = 24


@dataclass
class Reply:
    """One HTTP reply; ``cut`` sends half of the body, ``slow`` takes so many seconds, ``drop`` sends nothing at all."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    drop: bool = False
    slow: float = 0.0
    endless: int = 0
    pieces: bool = False
    """Whether the service gives parts of it (Range)."""


@dataclass
class Asked:
    """One request as the service saw it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    number: int


Route = Callable[[Asked], Reply]
Fault = Callable[[Asked, Reply], Reply]


class Service:
    """A service on loopback: a route that answers, and a fault that may spoil the answer."""

    def __init__(self, route: Route) -> None:
        self.route = route
        self.fault: Fault | None = None
        self.robots = ""
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args: Any) -> None:
                pass

            def do_GET(self) -> None:
                service.answer(self)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        with self._lock:
            asked = Asked(unquote(parts.path), query, dict(handler.headers), len(self.asked))
            self.asked.append(asked)
        robots = Reply(self.robots.encode(), 200 if self.robots else 404, "text/plain")
        reply = robots if asked.path == "/robots.txt" else self.route(asked)
        if self.fault and asked.path != "/robots.txt":
            reply = self.fault(asked, reply)
        etag = reply.headers.get("ETag")
        if etag and asked.headers.get("If-None-Match") == etag and reply.status == 200:
            reply = Reply(status=304, headers={"ETag": etag})
        if (
            reply.pieces
            and reply.status == 200
            and (wanted := re.match(r"bytes=(\d+)-(\d+)", asked.headers.get("Range", "")))
        ) and asked.headers.get("If-Range", etag) == etag:
            first, last = int(wanted[1]), int(wanted[2])
            span = f"bytes {first}-{min(last + 1, len(reply.body)) - 1}/{len(reply.body)}"
            headers = {**reply.headers, "Content-Range": span}
            reply = replace(reply, status=206, body=reply.body[first : last + 1], headers=headers)
        if reply.drop:
            handler.close_connection = True
            return
        with contextlib.suppress(ConnectionError):
            handler.send_response(reply.status)
            handler.send_header("Content-Type", reply.kind)
            handler.send_header("Content-Length", str(len(reply.body) + reply.endless))
            for name, value in reply.headers.items():
                handler.send_header(name, value)
            handler.end_headers()
            if reply.cut:
                handler.wfile.write(reply.body[: len(reply.body) // 2])
                handler.close_connection = True
                return
            if reply.slow:
                time.sleep(reply.slow)
            handler.wfile.write(reply.body)
            for _ in range(0, reply.endless, 1 << 20):
                handler.wfile.write(b" " * (1 << 20))

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


# -- Congress ---------------------------------------------------------------------------------------------------------


def bill_xml(number: int, *, title: str | None = None, updated: str = "2022-12-30T04:04:44Z") -> bytes:
    """A BILLSTATUS file of schema 3.0.0, as small as they come."""
    title = f"A bill to do the thing numbered {number}." if title is None else title
    return f"""<?xml version="1.0" encoding="utf-8" standalone="no"?>
<billStatus><version>3.0.0</version><bill><number>{number}</number><updateDate>{updated}</updateDate>
<updateDateIncludingText>{updated}</updateDateIncludingText><originChamber>House</originChamber><type>HR</type>
<introducedDate>2021-01-04</introducedDate><congress>117</congress>
<actions><item><actionDate>2021-01-05</actionDate><text>Referred to the House Committee on the Judiciary.</text>
<type>IntroReferral</type><actionCode>H11100</actionCode>
<sourceSystem><code>2</code><name>House floor actions</name></sourceSystem></item>
<item><actionDate>2021-01-04</actionDate><text>Introduced in House</text><type>IntroReferral</type><actionCode>1000</actionCode>
<sourceSystem><code>9</code><name>Library of Congress</name></sourceSystem></item></actions>
<sponsors><item><bioguideId>X{number:06d}</bioguideId><fullName>Rep. Example, Ann [D-OH-3]</fullName><party>D</party>
<state>OH</state><district>3</district></item></sponsors>
<title>{title}</title><titles><item><titleType>Display Title</titleType><title>{title}</title></item></titles>
<textVersions><item><type>Introduced in House</type><date>2021-01-04T05:00:00Z</date><formats><item>
<url>https://www.govinfo.gov/content/pkg/BILLS-117hr{number}ih/xml/BILLS-117hr{number}ih.xml</url></item></formats></item></textVersions>
</bill></billStatus>""".encode()


def bill_text(number: int) -> bytes:
    return f"""<?xml version="1.0"?>
<bill><legis-body><section><enum>1.</enum><header>Short title</header>
<text>This Act may be cited as the Thing Number {number} Act.</text></section></legis-body></bill>""".encode()


def zip_reply(files: dict[str, bytes]) -> Reply:
    """A ZIP as GovInfo serves it, made long after its files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, body in files.items():
            bundle.writestr(name, body)
    headers = {"ETag": f'"zip-{len(files)}"', "Last-Modified": "Tue, 11 Jun 2024 13:16:50 GMT"}
    return Reply(buffer.getvalue(), kind="application/zip", headers=headers, pieces=True)


def congress_service(bills: int = BILLS, *, zips: bool = False) -> Route:
    """Sitemap index, one sitemap (117hr), files and texts, as govinfo serves them; with ``zips`` the ZIPs of both too."""

    def route(asked: Asked) -> Reply:
        base = f"http://{asked.headers['Host']}"
        space = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        xml = {"kind": "application/xml"}
        if asked.path.endswith("/sitemapindex.xml"):
            loc = f"{base}/sitemap/bulkdata/BILLSTATUS/117hr/sitemap.xml"
            return Reply(f"<sitemapindex {space}><sitemap><loc>{loc}</loc></sitemap></sitemapindex>".encode(), **xml)
        if asked.path.endswith("/117hr/sitemap.xml"):
            rows = "".join(
                f"<url><loc>{base}/bulkdata/BILLSTATUS/117/hr/BILLSTATUS-117hr{n}.xml</loc>"
                "<lastmod>2022-12-30T04:04:44.000Z</lastmod></url>"
                for n in range(1, bills + 1)
            )
            return Reply(f"<urlset {space}>{rows}</urlset>".encode(), headers={"ETag": f'"sitemap-{bills}"'}, **xml)
        if zips and asked.path.endswith("/BILLSTATUS-117-hr.zip"):
            return zip_reply({f"BILLSTATUS-117hr{n}.xml": bill_xml(n) for n in range(1, bills + 1)})
        if zips and asked.path.endswith("/BILLS/117/1/hr/BILLS-117-1-hr.zip"):
            return zip_reply({f"BILLS-117hr{n}ih.xml": bill_text(n) for n in range(1, bills + 1)})
        if match := re.search(r"/BILLSTATUS-117hr(\d+)\.xml$", asked.path):
            return Reply(bill_xml(int(match[1])), **xml)
        if match := re.search(r"/BILLS-117hr(\d+)ih\.xml$", asked.path):
            return Reply(bill_text(int(match[1])), **xml)
        return Reply(b"<html><body>Page Not Found</body></html>", 404, "text/html")

    return route


# -- Legistar ---------------------------------------------------------------------------------------------------------


def matter(number: int, **fields: Any) -> dict[str, Any]:
    """A row of /matters."""
    return {
        "MatterId": number,
        "MatterGuid": f"GUID-{number}",
        "MatterLastModifiedUtc": "2019-02-03T04:05:06.7",
        "MatterFile": f"Int {number:04d}-2018",
        "MatterName": f"Thing {number}",
        "MatterTitle": f"A Local Law to do the thing numbered {number}",
        "MatterTypeName": "Introduction",
        "MatterStatusName": "Filed (End of Session)",
        "MatterBodyName": "Committee on Public Safety",
        "MatterIntroDate": "2018-01-31T00:00:00",
        "MatterAgendaDate": "2018-01-31T00:00:00",
        "MatterPassedDate": None,
        "MatterEnactmentDate": "0001-01-01T00:00:00",
        "MatterEnactmentNumber": None,
        "MatterVersion": "*",
        "MatterEXText5": f"This bill would do the thing numbered {number}.",
        **fields,
    }


def history(
    number: int, name: str = "Introduced by Council", date: str = "2018-01-31T13:30:00", **fields: Any
) -> dict[str, Any]:
    """A row of /histories."""
    row = {
        "Id": number,
        "ActionDate": date,
        "ActionId": 27,
        "ActionName": name,
        "ActionText": "",
        "ActionBodyName": "City Council",
        "PassedFlagName": None,
        "AgendaNote": None,
        "MinutesNote": None,
        **fields,
    }
    return {f"MatterHistory{key}": value for key, value in row.items()}


def event(number: int, date: str, **fields: Any) -> dict[str, Any]:
    """A row of /events."""
    row = {
        "Id": number,
        "LastModifiedUtc": "2026-11-01T10:00:00.5",
        "BodyName": "Committee on Public Safety",
        "Date": f"{date}T00:00:00",
        "Time": "10:00 AM",
        "AgendaStatusName": "Final",
        "Location": "City Hall\r\nCommittee Room",
        "AgendaFile": None,
        "AgendaLastPublishedUTC": None,
        "Comment": None,
        "InSiteURL": f"https://example.org/MeetingDetail.aspx?LEGID={number}",
        **fields,
    }
    return {f"Event{key}": value for key, value in row.items()}


def legistar_service(
    matters: int = MATTERS,
    page: int = 1000,
    token: str = "sesame",
    meetings: dict[int, tuple[dict[str, Any], list[int]]] | None = None,
) -> Route:
    """Client nyc of the Web API: paging by MatterId, children, texts; ``meetings`` by id: an event and its MatterIds."""

    def answer(value: Any, status: int = 200) -> Reply:
        return Reply(json.dumps(value).encode(), status)

    def route(asked: Asked) -> Reply:
        parts = asked.path.strip("/").split("/")
        if parts[1] != "nyc":
            return answer(
                {
                    "ExceptionMessage": f"LegistarConnectionString setting is not set up in InSite for client: {parts[1]}"
                },
                500,
            )
        if asked.query.get("token") != token:
            return Reply(b"", 403, "text/plain")
        if parts[2] == "events":
            if meetings is None:
                return answer({"Message": "No HTTP resource was found"}, 404)
            if len(parts) == 5:
                items = [{"EventItemId": 1, "EventItemMatterId": None, "EventItemTitle": "CALL TO ORDER"}]
                return answer([*items, *({"EventItemMatterId": n} for n in meetings[int(parts[3])][1])])
            asked_for = asked.query["$filter"]
            day, last = re.search(r"'(.+?)'", asked_for), re.search(r"EventId gt (\d+)", asked_for)
            rows = [row for row, _ in meetings.values() if day and row["EventDate"] >= day[1]]
            return answer([row for row in rows if row["EventId"] > int(last[1] if last else 0)][:page])
        if len(parts) == 3:
            after = re.search(r"MatterId gt (\d+)", asked.query.get("$filter", ""))
            rows = [matter(n) for n in range(1, matters + 1) if n > int(after[1] if after else 0)]
            if asked.query.get("$orderby", "").endswith("desc"):
                rows.reverse()
            return answer(rows[: min(page, int(asked.query.get("$top", page)))])
        number = int(parts[3])
        if len(parts) == 4:
            return answer(matter(number))
        children = {
            "histories": [
                history(10 * number),
                history(10 * number + 1, "Filed (End of Session)", "2021-12-31T15:46:00"),
            ],
            "sponsors": [
                {
                    "MatterSponsorNameId": 5,
                    "MatterSponsorName": "Ann Example",
                    "MatterSponsorSequence": 0,
                    "MatterSponsorMatterVersion": "*",
                }
            ],
            "attachments": [
                {
                    "MatterAttachmentName": "Fiscal Impact Statement",
                    "MatterAttachmentHyperlink": f"https://example.org/{number}.pdf",
                }
            ],
            "versions": [{"Key": str(number), "Value": "*"}],
            "texts": {"MatterTextPlain": f"Be it enacted by the Council as follows: thing {number}."},
        }
        return answer(children[parts[4]])

    return route


# -- LegiScan ---------------------------------------------------------------------------------------------------------


def legiscan_service(bills: int = BILLS) -> Route:
    """One session of Congress: master list, bills, a text each; no datasets."""
    session = {"session_id": 7, "session_name": "119th Congress", "year_start": 2025, "year_end": 2026, "special": 0}

    def bill(number: int) -> dict[str, Any]:
        return {
            "bill_id": number,
            "change_hash": f"hash-{number}",
            "state": "US",
            "session": session,
            "bill_number": f"HB{number}",
            "bill_type": "B",
            "title": f"Human Trafficking Prevention Act numbered {number}",
            "status": 1,
            "progress": [{"date": "2025-01-03", "event": 1}],
            "history": [{"date": "2025-01-03", "action": "Introduced in House", "chamber": "H"}],
            "texts": [{"doc_id": 100 + number, "type": "Introduced", "date": "2025-01-03", "mime": "text/html"}],
        }

    def text(number: int) -> dict[str, Any]:
        body = f"<html><body><p>Whoever does the thing numbered {number} shall be punished.</p></body></html>".encode()
        size = {"text_size": len(body), "text_hash": hashlib.md5(body, usedforsecurity=False).hexdigest()}
        return {"doc_id": number, "mime": "text/html", "doc": base64.b64encode(body).decode(), **size}

    def route(asked: Asked) -> Reply:
        number = int(asked.query.get("id") or 0)
        rows = {str(n): {"bill_id": n, "number": f"HB{n}", "change_hash": f"hash-{n}"} for n in range(1, bills + 1)}
        told: dict[str, Any] = {
            "getSessionList": {"sessions": [session]},
            "getMasterListRaw": {"masterlist": {"session": session, **rows}},
            "getBill": {"bill": bill(number)},
            "getBillText": {"text": text(number)},
        }
        said = told.get(asked.query["op"])
        if asked.query.get("key") != "sesame":
            said = None
        error = {"status": "ERROR", "alert": {"message": "Invalid API key"}}
        return Reply(json.dumps({"status": "OK", **said} if said else error).encode())

    return route


# -- a caller ---------------------------------------------------------------------------------------------------------


class Caller:
    """Keeps what a crawl hands over, as a store would: measures by key with unread parts kept, state, messages."""

    def __init__(self, source: str, base_url: str, **options: Any) -> None:
        self.source = source
        self.options = CrawlOptions(base_url=base_url, **options)
        self.measures: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.messages: list[Message] = []
        self.report: CrawlReport | None = None

    def take(self, message: Message) -> None:
        """The sink."""
        self.messages.append(message)
        if isinstance(message, Found):
            kept = message.measure.model_dump(mode="json", exclude={"source"})
            before = self.measures.get(message.measure.key, {})
            kept.update({name: before[name] for name in message.unread if name in before})
            self.measures[message.measure.key] = kept
        if not isinstance(message, CrawlReport):
            self.state.update(getattr(message, "remember", {}))

    def crawl(self, **changes: Any) -> CrawlReport:
        """One crawl with what is remembered."""
        self.messages = []
        options = self.options.model_copy(update=changes)
        state = CrawlState(source=self.source, values={k: v for k, v in self.state.items() if v is not None})
        self.report = spiders.crawl(self.source, options=options, state=state, sink=self.take)
        return self.report

    def count(self, kind: type[Found] | type[Unchanged] | type[Rejected]) -> int:
        """How many messages of a kind the last crawl sent."""
        return sum(isinstance(message, kind) for message in self.messages)


@pytest.fixture
def serve() -> Iterator[Callable[[Route], Service]]:
    """Start services; they end with the test."""
    running: list[Service] = []

    def start(route: Route) -> Service:
        running.append(Service(route))
        return running[-1]

    yield start
    for service in running:
        service.close()


# -- crawls that start at once ----------------------------------------------------------------------------------------

NURSERY = """
import os, signal, socket, sys
import freedom_policy.spiders.worker as worker
import scrapy.core.downloader.handlers.http11
worker.SpiderLoader.from_settings(worker.Settings({'SPIDER_MODULES': ['freedom_policy.spiders']}))
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
server = socket.socket(socket.AF_UNIX)
server.bind(sys.argv[1])
server.listen()
print("ready", flush=True)
while True:
    connection, _ = server.accept()
    _, pipes, _, _ = socket.recv_fds(connection, 1, 3)
    child = os.fork()
    if child == 0:
        server.close()
        for place, pipe in enumerate(pipes):
            os.dup2(pipe, place)
            os.close(pipe)
        os._exit(worker.main())
    for pipe in pipes:
        os.close(pipe)
    connection.sendall(child.to_bytes(8, "big"))
    connection.close()
"""


class Forked:
    """As much of a Popen as the runner uses, forked from a process that has the worker loaded: half a second saved each.

    The tests of the process itself (killed, orphaned, its arguments) start it as a user's crawl starts it.
    """

    address = ""

    def __init__(self, command: list[str], **options: Any) -> None:
        ends = [os.pipe() for _ in range(3)]
        (its_in, self_in), (self_out, its_out), (self_err, its_err) = ends
        self._line = socket.socket(socket.AF_UNIX)
        self._line.connect(self.address)
        socket.send_fds(self._line, [b"x"], [its_in, its_out, its_err])
        self.pid = int.from_bytes(self._line.recv(8), "big")
        for end in (its_in, its_out, its_err):
            os.close(end)
        self.stdin, self.stdout, self.stderr = (
            os.fdopen(self_in, "wb"),
            os.fdopen(self_out, "rb"),
            os.fdopen(self_err, "rb"),
        )
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The child keeps its end of the line open as long as it lives."""
        if self.returncode is None and select.select([self._line], [], [], 0)[0]:
            self.returncode = 0
            self._line.close()
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        deadline = time.monotonic() + timeout
        while self.poll() is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("crawl", timeout)
            time.sleep(0.01)
        return 0

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def nursery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the runner fork its crawls, where the system can."""
    if not hasattr(socket, "send_fds"):
        yield
        return
    Forked.address = str(tmp_path_factory.mktemp("nursery") / "line")
    process = subprocess.Popen([sys.executable, "-c", NURSERY, Forked.address], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    real = runner.subprocess
    runner.subprocess = SimpleNamespace(Popen=Forked, PIPE=real.PIPE, TimeoutExpired=real.TimeoutExpired)  # type: ignore[assignment]
    yield
    runner.subprocess = real
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The real processes that the runner starts in a test, with the arguments that each got."""
    started: list[Any] = []

    def start(*args: Any, **options: Any) -> Any:
        started.append(subprocess.Popen(*args, **options))
        return started[-1]

    names = {name: getattr(subprocess, name) for name in ("PIPE", "TimeoutExpired")}
    monkeypatch.setattr(runner, "subprocess", SimpleNamespace(Popen=start, **names))
    return started


@pytest.fixture(scope="session")
def lab(nursery: None) -> SimpleNamespace:
    """What the tests build services with: test modules cannot import this file."""
    return SimpleNamespace(**{name: value for name, value in globals().items() if not name.startswith("_")})
