"""What a source can do to us, and what we make of it: the right verdict, nothing lost, nothing doubled, whole again after.

Run with ``-s`` to see the table, or set ``FREEDOM_POLICY_FAULT_TABLE`` to a file that it is written to.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import Found, Rejected

WALL = b"<html><head><title>Request Rejected</title></head><body>The requested URL was rejected.</body></html>"
BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]><billStatus>&lol2;</billStatus>"""


def every(n: int, spoil: Callable[[Any], Any], times: int = 10**6) -> Callable[[Any, Any], Any]:
    """Spoil each n-th reply."""
    count = Counter[str]()

    def fault(asked: Any, reply: Any) -> Any:
        count["seen"] += 1
        if count["seen"] % n or count["hit"] >= times:
            return reply
        count["hit"] += 1
        return spoil(reply)

    return fault


def bursts(n: int, length: int, spoil: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
    """Spoil ``length`` replies in a row after each ``n``; the same address three times at most, as it would else hang on the
    order in which requests come whether one is unlucky at every try."""
    count, spoiled = Counter[str](), Counter[str]()

    def fault(asked: Any, reply: Any) -> Any:
        count["seen"] += 1
        address = f"{asked.path}?{sorted(asked.query.items())}"
        if count["seen"] % (n + length) < n or spoiled[address] == 3:
            return reply
        spoiled[address] += 1
        return spoil(reply)

    return fault


def where(pattern: str, spoil: Callable[[Any], Any], times: int = 10**6) -> Callable[[Any, Any], Any]:
    """Spoil replies to addresses that match."""
    left = [times]

    def fault(asked: Any, reply: Any) -> Any:
        if not left[0] or not re.search(pattern, asked.path):
            return reply
        left[0] -= 1
        return spoil(reply)

    return fault


def becomes(**changes: Any) -> Callable[[Any], Any]:
    return lambda reply: replace(reply, **changes)


def malformed(reply: Any) -> Any:
    return replace(reply, body=reply.body[: len(reply.body) * 2 // 3] + b'"<&')


def without_rows(reply: Any) -> Any:
    body = b"[]" if reply.kind == "application/json" else re.sub(rb"<url>.*</url>", b"", reply.body, flags=re.DOTALL)
    return replace(reply, body=body)


def blank(tag: str) -> Callable[[Any], Any]:
    xml = (re.compile(rb"<%s>[^<]*</%s>" % (tag.encode(), tag.encode())), b"<%s></%s>" % (tag.encode(), tag.encode()))
    json = (re.compile(rb'"%s": "[^"]*"' % tag.encode()), b'"%s": ""' % tag.encode())

    def spoil(reply: Any) -> Any:
        for pattern, empty in (xml, json):
            reply = replace(reply, body=pattern.sub(empty, reply.body))
        return reply

    return spoil


@dataclass
class Case:
    """A fault, and what must come of the crawl under it."""

    name: str
    source: str
    fault: Callable[[Any, Any], Any]
    verdict: str
    found: int | None = 24
    """Measures that must be had under the fault; None: any number."""
    says: str = ""
    """Words that a problem must hold."""
    quarantined: int = 0
    page: int = 1000
    zipped: bool = False
    """The bills come in GovInfo's ZIP, asked for in pieces of 4,000 bytes."""


def unzipped(change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Callable[[Any], Any]:
    """Change the files in a ZIP."""

    def spoil(reply: Any) -> Any:
        with zipfile.ZipFile(io.BytesIO(reply.body)) as bundle:
            files = {name: bundle.read(name) for name in bundle.namelist()}
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name, body in change(files).items():
                bundle.writestr(name, body)
        return replace(reply, body=buffer.getvalue())

    return spoil


def damaged(reply: Any) -> Any:
    """A ZIP whose files do not fit their checksums any more, all but the last."""
    body = bytearray(reply.body)
    for place in range(60, len(body) // 3, 300):
        body[place] ^= 0xFF
    return replace(reply, body=bytes(body))


def op(name: str, spoil: Callable[[Any], Any], *, after: int = 0, times: int = 10**6) -> Callable[[Any, Any], Any]:
    """Spoil LegiScan's replies to an operation, after the first ones."""
    seen = Counter[str]()

    def fault(asked: Any, reply: Any) -> Any:
        seen["all"] += asked.query.get("op", "").startswith(name)
        hit = asked.query.get("op", "").startswith(name) and after < seen["all"] <= after + times
        return spoil(reply) if hit else reply

    return fault


def told(change: Callable[[dict[str, Any]], Any]) -> Callable[[Any], Any]:
    """Change what a JSON reply says."""
    return lambda reply: replace(reply, body=json.dumps(change(json.loads(reply.body))).encode())


def refused(message: str) -> Callable[[Any], Any]:
    """LegiScan's own error, HTTP 200."""
    return becomes(body=json.dumps({"status": "ERROR", "alert": {"message": message}}).encode())


def doubled_list(reply: dict[str, Any]) -> dict[str, Any]:
    rows = reply["masterlist"]
    return {**reply, "masterlist": {**rows, **{f"9{name}": row for name, row in rows.items() if name != "session"}}}


def half_document(reply: dict[str, Any]) -> dict[str, Any]:
    doc = reply["text"]["doc"]
    return {**reply, "text": {**reply["text"], "doc": doc[: len(doc) // 8 * 4]}}


ZIP, SEVENTH = "STATUS-117-hr.zip", "BILLSTATUS-117hr7.xml"

CASES = [
    Case(
        "429 with Retry-After",
        "congress",
        every(15, becomes(status=429, headers={"Retry-After": "1"}), times=2),
        "complete",
    ),
    Case("429 without Retry-After", "legistar", bursts(20, 3, becomes(status=429, body=b"")), "complete"),
    Case(
        "429 that never ends",
        "legistar",
        where("/matters/20", becomes(status=429, headers={"Retry-After": "86400"})),
        "partial",
        None,
        "come back in 86400 s",
    ),
    Case("bursts of 503", "congress", bursts(8, 3, becomes(status=503, body=b"")), "complete"),
    Case("bursts of 500", "legistar", bursts(8, 3, becomes(status=500, body=b"")), "complete"),
    Case(
        "503 without end on one file",
        "congress",
        where("hr7.xml", becomes(status=503)),
        "partial",
        23,
        "HTTP 503 at every try",
    ),
    Case("dropped connections", "congress", every(6, becomes(drop=True)), "complete"),
    Case("truncated bodies", "legistar", every(6, becomes(cut=True)), "complete"),
    Case("slow bodies", "congress", every(20, becomes(slow=0.5)), "complete"),
    Case(
        "refusal page on one file, HTTP 200",
        "congress",
        where("hr7.xml", becomes(body=WALL, kind="text/html")),
        "partial",
        23,
        "Request Rejected",
    ),
    Case(
        "refusal pages everywhere, HTTP 200",
        "legistar",
        where("", becomes(body=WALL, kind="text/html")),
        "blocked",
        0,
        "Request Rejected",
    ),
    Case(
        "refusal pages from the middle on",
        "congress",
        where(r"hr(1[3-9]|2\d)\.xml", becomes(body=WALL, kind="text/html")),
        "blocked",
        None,
        "refuses us",
    ),
    Case("empty list, once", "legistar", where("/matters$", without_rows, times=1), "complete"),
    Case("empty list", "legistar", where("/matters$", without_rows), "failed", 0, "no measures"),
    Case("empty sitemap", "congress", where("117hr/sitemap", without_rows), "failed", 0, "lists no bills"),
    Case("malformed XML, once in a while", "congress", every(9, malformed), "complete"),
    Case(
        "malformed JSON on one sub-page", "legistar", where("/matters/7/histories", malformed), "partial", 24, "no JSON"
    ),
    Case(
        "XML cut in half, always, one file",
        "congress",
        where("STATUS-117hr7.xml", malformed),
        "partial",
        23,
        "no XML",
        1,
    ),
    Case("rows doubled across pages", "legistar", lambda asked, reply: reply, "complete", page=10),
    Case(
        "a title that goes empty",
        "congress",
        where("STATUS", blank("title")),
        "partial",
        24,
        "title came empty",
    ),
    Case(
        "sub-lists that go empty",
        "legistar",
        where("/histories", without_rows),
        "partial",
        24,
        "actions came empty",
    ),
    Case(
        "dates that go empty",
        "congress",
        where("STATUS", blank("actionDate")),
        "partial",
        24,
        "Field action_date is filled in 0%",
    ),
    Case(
        "a field that goes empty",
        "legistar",
        where("/matters$", blank("MatterTitle")),
        "partial",
        24,
        "MatterTitle came empty",
    ),
    Case(
        "redirect loop",
        "congress",
        where("hr7.xml", lambda r: replace(r, status=302, headers={"Location": "/hr7.xml"})),
        "partial",
        23,
        "max redirections",
    ),
    Case(
        "a reply of 100 MB",
        "congress",
        where("STATUS-117hr7.xml", becomes(endless=100 << 20)),
        "partial",
        23,
        "too big",
    ),
    Case("XML bomb", "congress", where("STATUS-117hr7.xml", becomes(body=BOMB)), "partial", 23, "entities", 1),
    Case("refused key", "legistar", where("", becomes(status=403, body=b"")), "blocked", 0, "HTTP 403"),
    Case("server down", "congress", where("", becomes(drop=True)), "failed", 0, "broke off"),
    Case(
        "another service at the address",
        "congress",
        where("", becomes(status=404, body=b"", kind="text/html")),
        "failed",
        0,
        "HTTP 404",
    ),
    Case(
        "LegiScan: 429 with Retry-After",
        "legiscan",
        every(15, becomes(status=429, headers={"Retry-After": "1"}), times=2),
        "complete",
    ),
    Case("LegiScan: bursts of 500", "legiscan", bursts(8, 3, becomes(status=500, body=b"")), "complete"),
    Case(
        "LegiScan: refused key",
        "legiscan",
        op("", refused("Invalid API key")),
        "blocked",
        0,
        "FREEDOM_POLICY_LEGISCAN_KEY",
    ),
    Case("LegiScan: JSON of another form", "legiscan", op("getMaster", becomes(body=b"[]")), "failed", 0, "no status"),
    Case(
        "LegiScan: a list without its hashes",
        "legiscan",
        op("getMaster", told(lambda r: {**r, "masterlist": {"0": {"bill_id": 1}}})),
        "failed",
        0,
        "another form",
    ),
    Case("LegiScan: an empty list", "legiscan", op("getMaster", told(lambda r: {**r, "masterlist": []})), "failed", 0),
    Case("LegiScan: rows doubled", "legiscan", op("getMaster", told(doubled_list)), "complete"),
    Case(
        "LegiScan: a bill of another form",
        "legiscan",
        op("getBill", told(lambda r: {**r, "bill": {"bill_id": 1}} if "bill" in r else r), times=1),
        "partial",
        23,
        "KeyError",
        1,
    ),
    Case(
        "LegiScan: half a text, well-formed base64",
        "legiscan",
        op("getBillText", told(half_document), times=3),
        "partial",
        24,
        "versions could not be read",
    ),
    Case(
        "LegiScan: the month's queries used up on the way",
        "legiscan",
        op("", refused("API query limit exceeded for this month"), after=30),
        "partial",
        None,
        "goes on from here",
    ),
    Case("ZIP: a piece cut", "congress", where(ZIP, becomes(cut=True), times=2), "complete", zipped=True),
    Case(
        "ZIP: half of it, as if whole",
        "congress",
        where(ZIP, lambda r: replace(r, body=r.body[: len(r.body) // 2])),
        "complete",
        says="no whole ZIP",
        zipped=True,
    ),
    Case(
        "ZIP: a web page, HTTP 200",
        "congress",
        where(ZIP, becomes(body=b"<html><title>Sorry</title></html>", kind="text/html", pieces=False)),
        "complete",
        says="a web page (Sorry)",
        zipped=True,
    ),
    Case("ZIP: 503 without end", "congress", where(ZIP, becomes(status=503)), "complete", says="503", zipped=True),
    Case("ZIP: not there", "congress", where(ZIP, becomes(status=404)), "complete", zipped=True),
    Case("ZIP: no pieces to be had", "congress", where(ZIP, becomes(pieces=False)), "complete", zipped=True),
    Case(
        "ZIP: made anew between two pieces",
        "congress",
        where(ZIP, becomes(headers={"ETag": '"older"'}), times=1),
        "complete",
        zipped=True,
    ),
    Case("ZIP: checksums do not fit", "congress", where(ZIP, damaged), "complete", zipped=True),
    Case(
        "ZIP: a file that is no XML",
        "congress",
        where(ZIP, unzipped(lambda files: {**files, SEVENTH: b"<billStatus><bill>"})),
        "complete",
        zipped=True,
    ),
    Case(
        "ZIP: a file that unpacks to 100 MB (bomb)",
        "congress",
        where(ZIP, unzipped(lambda files: {**files, SEVENTH: b" " * (100 << 20)})),
        "complete",
        zipped=True,
    ),
    Case(
        "ZIP: another bill under a bill's name",
        "congress",
        where(ZIP, unzipped(lambda files: {**files, SEVENTH: files["BILLSTATUS-117hr8.xml"]})),
        "complete",
        zipped=True,
    ),
    Case(
        "ZIP: older than what the sitemap lists",
        "congress",
        where(
            ZIP,
            lambda reply: replace(
                unzipped(lambda files: {n: b.replace(b"2022-12-30T", b"2021-12-30T") for n, b in files.items()})(reply),
                headers={"Last-Modified": "Thu, 30 Dec 2021 05:00:00 GMT"},
            ),
        ),
        "complete",
        zipped=True,
    ),
]


OPTIONS: dict[str, dict[str, Any]] = {
    "congress": {},
    "legistar": {"client": "nyc", "key": "sesame"},
    "legiscan": {"jurisdiction": "us", "session": "119", "key": "sesame"},
}


@dataclass
class Outcome:
    case: Case
    report: Any
    doubled: int
    again: Any
    healed: bool
    messages: list[Any]


def run(case: Case, lab: SimpleNamespace, clean: dict[str, dict[str, Any]]) -> Outcome:
    """The crawl under the fault, then one more without it; the fault's own count of requests starts at zero."""
    routes = {
        "congress": lab.congress_service(zips=case.zipped),
        "legistar": lab.legistar_service(page=case.page),
        "legiscan": lab.legiscan_service(),
    }
    route = routes[case.source]
    if case.page < 1000:
        route = doubled_rows(route)
    service = lab.Service(route)
    service.fault = case.fault
    options = OPTIONS[case.source]
    settings = {"LEGISTAR_PAGE": case.page, "CONGRESS_ZIP_FROM": 10 if case.zipped else 100, "CONGRESS_PIECE": 4000}
    caller = lab.Caller(case.source, service.url, settings=settings, **options)
    try:
        report, messages = caller.crawl(), caller.messages
        keys = Counter(message.measure.key for message in messages if isinstance(message, Found))
        service.fault = None
        # Where nothing was missing, there is nothing to heal.
        again = report if report.verdict == "complete" else caller.crawl()
        return Outcome(
            case, report, sum(n > 1 for n in keys.values()), again, caller.measures == clean[case.source], messages
        )
    finally:
        service.close()


def doubled_rows(route: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Each later page begins with the last three rows of the one before, as when rows move while we page."""

    def moved(asked: Any) -> Any:
        query = dict(asked.query)
        query["$filter"] = re.sub(
            r"gt (\d+)", lambda match: f"gt {max(0, int(match[1]) - 3)}", query.get("$filter", "")
        )
        return route(replace(asked, query=query))

    return moved


@pytest.fixture(scope="module")
def outcomes(lab: SimpleNamespace) -> dict[str, Outcome]:
    clean = {}
    for source, route in (
        ("congress", lab.congress_service()),
        ("legistar", lab.legistar_service()),
        ("legiscan", lab.legiscan_service()),
    ):
        service = lab.Service(route)
        caller = lab.Caller(source, service.url, **OPTIONS[source])
        assert caller.crawl().verdict == "complete"
        clean[source] = caller.measures
        service.close()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda case: run(case, lab, clean), CASES))
    tell(found)
    return {outcome.case.name: outcome for outcome in found}


def tell(outcomes: list[Outcome]) -> None:
    """The table, as Markdown."""
    rows = [
        "| Fault | Source | Verdict | Exit code | Found | Quarantined | Requests | After: verdict, equal to a clean run |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for outcome in outcomes:
        report, again = outcome.report, outcome.again
        code = 0 if report.verdict in ("complete", "empty_as_expected") else 3
        rows.append(
            f"| {outcome.case.name} | {outcome.case.source} | {report.verdict} | {code} | {report.found} | {report.quarantined} "
            f"| {report.requests} | {again.verdict}, {'yes' if outcome.healed else 'NO'} |"
        )
    table = "\n".join(rows) + "\n"
    print("\n" + table)
    if target := os.environ.get("FREEDOM_POLICY_FAULT_TABLE"):
        Path(target).write_text(table, encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_fault(case: Case, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[case.name]
    said = " ".join(str(problem) for problem in outcome.report.problems)
    assert outcome.report.verdict == case.verdict, said
    assert case.found is None or outcome.report.found == case.found, said
    assert case.says in said
    assert outcome.report.quarantined == case.quarantined
    assert all(message.raw for message in outcome.messages if isinstance(message, Rejected)), (
        "quarantine keeps the reply"
    )
    assert not outcome.doubled
    assert "sesame" not in said
    assert outcome.again.verdict == "complete", outcome.again.problems
    assert outcome.healed, "one more run makes it equal to a clean run's"


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
@pytest.mark.parametrize(("after", "zipped"), [(0, False), (1, False), (12, False), (12, True)])
def test_killed_at_any_moment(after: int, zipped: bool, serve: Any, lab: SimpleNamespace, processes: list[Any]) -> None:
    service = serve(lab.congress_service(zips=zipped))
    caller = lab.Caller("congress", service.url, settings={"CONGRESS_ZIP_FROM": 10 if zipped else 100})
    take = caller.take

    def killing(message: Any) -> None:
        take(message)
        if len(caller.messages) == after:
            processes[0].send_signal(signal.SIGKILL)

    if after:
        slow = every(10 if zipped else 40, becomes(slow=0.2))
        # Without a ZIP of the texts: a crawl of two ZIPs may be over before its twelfth message is read.
        service.fault = lambda asked, reply: (
            replace(reply, body=b"", status=404) if asked.path.endswith("BILLS-117-1-hr.zip") else slow(asked, reply)
        )
        caller.take = killing
    else:
        service.fault = lambda asked, reply: processes[0].kill() or reply
    report = caller.crawl()
    assert report.verdict == ("partial" if after else "failed")
    assert "SIGKILL" in str(report.problems[0])
    caller.take, service.fault = take, None
    assert caller.crawl().verdict == "complete"
    assert len(caller.measures) == lab.BILLS


def test_wrong_client_is_no_outage(serve: Any, lab: SimpleNamespace) -> None:
    service = serve(lab.legistar_service())
    with pytest.raises(BadInput, match="Did you mean nyc"):
        lab.Caller("legistar", service.url, client="nycc", key="sesame").crawl()
    assert not service.asked
    report = lab.Caller("legistar", service.url, client="gotham", jurisdiction="us-ny-yonkers", key="sesame").crawl()
    assert report.verdict == "failed"
    assert "no client 'gotham'" in str(report.problems[0])
    assert sum("/gotham/" in asked.path for asked in service.asked) == 1, "no retry"


def test_the_month_s_queries_of_our_own_count(serve: Any, lab: SimpleNamespace) -> None:
    """The crawl stops before the key's number is passed, asks nothing more in that month, and goes on in the next."""
    service = serve(lab.legiscan_service())
    caller = lab.Caller("legiscan", service.url, settings={"LEGISCAN_MONTHLY": 30}, **OPTIONS["legiscan"])
    report = caller.crawl()
    queries = [asked for asked in service.asked if asked.query]
    assert (report.verdict, len(queries)) == ("partial", 30)
    assert "30 queries" in str(report.problems)
    kept = len(caller.measures)
    assert kept == sum(asked.query["op"] == "getBill" for asked in queries), "each bill that cost a query is kept"
    assert caller.crawl().found == 0
    assert len([asked for asked in service.asked if asked.query]) == 30
    month = next(key for key in caller.state if key.startswith("queries/"))
    caller.state["queries/2026-01"] = caller.state.pop(month)
    assert caller.crawl(settings={"LEGISCAN_MONTHLY": 100}).verdict == "complete"
    assert len(caller.measures) == 24
    assert all(measure["versions"][0]["text"] for measure in caller.measures.values())
