"""The demo: recordings of real measures in ``data/recordings``, served on loopback as GovInfo and Legistar serve theirs.

The recordings are by day; a later day replaces or adds to what an earlier one holds, so that :func:`serve` can play any
day back. It answers as the services do, as far as our spiders ask; it is no test double for everything that they can do.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from .errors import BadInput
from .records import Record

TOKEN = "demo"  # noqa: S105 (any token opens the demo's New York City; none is needed to read the recordings)
REFUSES = "phila"
"""A Legistar client that answers 403, as Philadelphia's did without a token when it was last probed (August 2026)."""
FOLLOWED = ("us", "us-ny", "us-ny-nyc", "us-pa-philadelphia")
"""The State of New York is followed and was not looked at, so that a reader sees how that is told."""
_CLIENT = "nyc"
_PAGE = 1000
_MORNING = dt.time(6, tzinfo=dt.UTC)
_BILLSTATUS = re.compile(r"BILLSTATUS-(\d+)([a-z]+)(\d+)\.xml")


class Step(Record):
    """One day of the demo: what to collect, and the moment at which it is looked at."""

    day: dt.date
    now: dt.datetime
    since: dt.date
    """What a digest of this step should look back to."""
    collect: tuple[dict[str, Any], ...]
    """Arguments for ``Tracker.collect``, without the base URL."""
    follow: tuple[str, ...] = FOLLOWED
    """The places that the demo's reader follows."""


def days() -> tuple[dt.date, ...]:
    """The recorded days, oldest first."""
    found = (entry.name for entry in _recordings().iterdir() if entry.is_dir())
    return tuple(sorted(dt.date.fromisoformat(name) for name in found if re.fullmatch(r"\d{4}-\d\d-\d\d", name)))


def steps() -> tuple[Step, ...]:
    """The demo's days in order: Congress, New York City, and a city that refuses to be looked at."""
    first = days()[0]
    return tuple(
        Step(
            day=day,
            now=dt.datetime.combine(day, dt.time(12, tzinfo=dt.UTC)),
            since=first,
            collect=(
                {"source": "congress"},
                {"source": "legistar", "client": _CLIENT, "key": TOKEN},
                {"source": "legistar", "client": REFUSES, "key": TOKEN},
            ),
        )
        for day in days()
    )


@contextmanager
def serve(day: dt.date | None = None) -> Iterator[Mapping[str, str]]:
    """Serve the recordings on loopback, on a free port, as they were on a day (default: the last).

    Yields:
        Base URLs by source name (``congress``, ``legistar``).

    Raises:
        BadInput: a day before the first recording.
    """
    day = day or days()[-1]
    if day < days()[0]:
        raise BadInput(f"The demo has no recording of {day}. Its days: {', '.join(map(str, days()))}.")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(_read(day)))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    root = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield {"congress": f"{root}/govinfo", "legistar": f"{root}/legistar"}
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ---------------------------------------------------------------------------------------------------------------------
# The recordings


@dataclass(frozen=True)
class _File:
    body: bytes
    modified: dt.datetime


@dataclass(frozen=True)
class _Recorded:
    """What the services hold on one day."""

    govinfo: Mapping[str, _File]
    """By file name: BILLSTATUS-*.xml and BILLS-*.xml."""
    matters: Mapping[int, Mapping[str, Any]]
    """By MatterId: the matter and its child lists."""


def _recordings() -> Traversable:
    return files("freedom_policy.data") / "recordings"


def _read(day: dt.date) -> _Recorded:
    govinfo: dict[str, _File] = {}
    matters: dict[int, Mapping[str, Any]] = {}
    for recorded in days():
        if recorded > day:
            break
        folder = _recordings() / recorded.isoformat()
        modified = dt.datetime.combine(recorded, _MORNING)
        for file in (folder / "govinfo").iterdir():
            govinfo[file.name] = _File(file.read_bytes(), modified)
        for file in (folder / "legistar" / _CLIENT).iterdir():
            matter = json.loads(file.read_text(encoding="utf-8"))
            matters[matter["matter"]["MatterId"]] = matter
    return _Recorded(dict(sorted(govinfo.items())), dict(sorted(matters.items())))


# ---------------------------------------------------------------------------------------------------------------------
# Answers


@dataclass(frozen=True)
class _Answer:
    status: int = 200
    body: bytes = b""
    media_type: str = "text/html"
    modified: dt.datetime | None = None

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


_NOT_FOUND = _Answer(404, b"<html><body>Page Not Found</body></html>")


def _govinfo(recorded: _Recorded, path: list[str], base: str) -> _Answer:
    """Sitemaps, bill status and bill text."""
    if path[:3] == ["sitemap", "bulkdata", "BILLSTATUS"]:
        return _sitemap(recorded, path[3:], base)
    file = recorded.govinfo.get(path[-1]) if path and path[0] in ("bulkdata", "content") else None
    return _Answer(200, file.body, "application/xml", file.modified) if file else _NOT_FOUND


def _sitemap(recorded: _Recorded, path: list[str], base: str) -> _Answer:
    listed: dict[str, list[tuple[str, dt.datetime]]] = {}
    for name, file in recorded.govinfo.items():
        if found := _BILLSTATUS.fullmatch(name):
            address = f"{base}/bulkdata/BILLSTATUS/{found[1]}/{found[2]}/{name}"
            listed.setdefault(found[1] + found[2], []).append((address, file.modified))
    if path == ["sitemapindex.xml"]:
        rows = [
            (f"{base}/sitemap/bulkdata/BILLSTATUS/{part}/sitemap.xml", max(modified for _, modified in rows))
            for part, rows in sorted(listed.items(), reverse=True)
        ]
        return _urls("sitemapindex", "sitemap", rows)
    if len(path) == 2 and path[1] == "sitemap.xml" and path[0] in listed:
        return _urls("urlset", "url", listed[path[0]])
    return _NOT_FOUND


def _urls(root: str, item: str, rows: list[tuple[str, dt.datetime]]) -> _Answer:
    entries = "".join(
        f"<{item}><loc>{escape(address)}</loc><lastmod>{modified:%Y-%m-%dT%H:%M:%S}.000Z</lastmod></{item}>\n"
        for address, modified in rows
    )
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</{root}>\n'
    )
    return _Answer(200, body.encode(), "application/xml", max(modified for _, modified in rows))


def _legistar(recorded: _Recorded, path: list[str], query: Mapping[str, str]) -> _Answer:
    """``v1/{client}/matters`` and what lies below a matter."""
    path = [part.lower() for part in path]
    if len(path) < 3 or path[0] != "v1":
        return _json({"Message": "No HTTP resource was found that matches the request URI."}, 404)
    if path[1] == REFUSES or (path[1] == _CLIENT and not query.get("token")):
        return _Answer(403)
    if path[1] != _CLIENT:
        setting = f"LegistarConnectionString setting is not set up in InSite for client: {path[1]}"
        return _json({"Message": "An error has occurred.", "ExceptionMessage": setting}, 500)
    match path[2:]:
        case ["matters"]:
            return _list([held["matter"] for held in recorded.matters.values()], query)
        case ["matters", number, *below] if number.isdigit() and int(number) in recorded.matters:
            held = recorded.matters[int(number)]
            match below:
                case []:
                    return _json(held["matter"])
                case ["histories" | "sponsors" | "attachments" | "versions" as child]:
                    return _list(held[child], query)
                case ["indexes" | "relations" | "codesections"]:
                    return _json([])
                case ["texts"]:
                    return _json({"Message": "The requested resource does not support http method 'GET'."}, 405)
                case ["texts", text] if text in held["texts"]:
                    return _json(held["texts"][text])
    return _json({"Message": "No HTTP resource was found that matches the request URI."}, 404)


def _json(value: Any, status: int = 200) -> _Answer:
    return _Answer(status, json.dumps(value, ensure_ascii=False).encode(), "application/json; charset=utf-8")


def _list(rows: list[Mapping[str, Any]], query: Mapping[str, str]) -> _Answer:
    try:
        if condition := query.get("$filter"):
            rows = list(filter(_Condition(condition).parse(), rows))
        if order := query.get("$orderby"):
            field, _, direction = order.partition(" ")
            rows = sorted(rows, key=lambda row: (row[field] is not None, row[field]), reverse=direction == "desc")
        first, most = int(query.get("$skip", 0)), min(int(query.get("$top", _PAGE)), _PAGE)
    except (ValueError, KeyError) as error:
        return _json({"Message": f"The query specified in the URI is not valid. {error}"}, 400)
    return _json(rows[first : first + most])


_Test = Callable[[Mapping[str, Any]], bool]


class _Condition:
    """``$filter`` of OData 3 as our spider sends it: comparisons and ``substringof``, joined by and/or, in brackets."""

    _TOKEN = re.compile(r"\s*(datetime'[^']*'|'(?:[^']|'')*'|-?\d+|\w+|[(),])")

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = []
        at = 0
        while at < len(text.rstrip()):
            found = self._TOKEN.match(text, at)
            if not found:
                raise ValueError(f"Syntax error: character '{text[at]}' is not valid at position {at}.")
            self._tokens.append(found[1])
            at = found.end()

    def parse(self) -> _Test:
        test = self._either()
        if self._tokens:
            raise ValueError(f"Syntax error at '{self._tokens[0]}'.")
        return test

    def _take(self, expected: str | None = None) -> str:
        if not self._tokens or (expected and self._tokens[0] != expected):
            raise ValueError(f"Syntax error: expected {expected or 'more'}.")
        return self._tokens.pop(0)

    def _either(self) -> _Test:
        tests = [self._both()]
        while self._tokens[:1] == ["or"]:
            self._take()
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> _Test:
        tests = [self._one()]
        while self._tokens[:1] == ["and"]:
            self._take()
            tests.append(self._one())
        return lambda row: all(test(row) for test in tests)

    def _one(self) -> _Test:
        word = self._take()
        if word == "(":
            test = self._either()
            self._take(")")
            return test
        if word == "substringof":
            self._take("(")
            needle = _literal(self._take())
            self._take(",")
            field = self._take()
            self._take(")")
            if self._tokens[:2] == ["eq", "true"]:
                del self._tokens[:2]
            # The service's database compares without case.
            return lambda row: needle.casefold() in (row[field] or "").casefold()
        operator, value = self._take(), _literal(self._take())
        if operator not in ("eq", "ne", "gt", "ge", "lt", "le"):
            raise ValueError(f"Unknown operator '{operator}'.")
        return lambda row: _compare(row[word], operator, value)


def _literal(token: str) -> Any:
    if token == "null":  # noqa: S105 (a word of OData)
        return None
    if token.startswith("datetime'"):
        return token[9:-1]
    return token[1:-1].replace("''", "'") if token.startswith("'") else int(token)


def _compare(held: Any, operator: str, value: Any) -> bool:
    if operator in ("eq", "ne") or held is None or value is None:
        return operator in ("eq", "ne") and (held == value) == (operator == "eq")
    return {"gt": held > value, "ge": held >= value, "lt": held < value, "le": held <= value}[operator]


# ---------------------------------------------------------------------------------------------------------------------
# HTTP


def _handler(recorded: _Recorded) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            split = urlsplit(self.path)
            service, *path = [unquote(part) for part in split.path.split("/") if part] or [""]
            query = {name: values[-1] for name, values in parse_qs(split.query).items()}
            answer = _NOT_FOUND
            if service == "govinfo":
                answer = _govinfo(recorded, path, f"http://{self.headers['Host']}/govinfo")
            elif service == "legistar":
                answer = _legistar(recorded, path, query)
            self._send(answer)

        def _send(self, answer: _Answer) -> None:
            unchanged = answer.status == 200 and answer.modified is not None and self._has(answer)
            body = b"" if unchanged else answer.body
            self.send_response(HTTPStatus.NOT_MODIFIED if unchanged else answer.status)
            if answer.modified:
                self.send_header("ETag", answer.etag)
                self.send_header("Last-Modified", format_datetime(answer.modified, usegmt=True))
            if not unchanged:
                self.send_header("Content-Type", answer.media_type)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _has(self, answer: _Answer) -> bool:
            """True if the client says that it holds this very answer."""
            if tag := self.headers.get("If-None-Match"):
                return answer.etag in tag
            try:
                since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
            except ValueError:
                return False
            return answer.modified is not None and answer.modified <= since

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: requests to ourselves are no news."""

    return Handler
