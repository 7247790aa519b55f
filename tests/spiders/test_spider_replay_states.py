"""Open States and LegiScan against the replay of real records, with the faults that real services show.

After each fault one more crawl makes what is kept equal to a clean crawl's, and nothing came twice.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy.records import Found

PLACE, BILLS = "us-ga", 176
SESSION = "119"


class Replay:
    """The replay server in a process of its own."""

    def __init__(self, shared: Path, cache: Path) -> None:
        command = [
            sys.executable,
            str(shared / "replay" / "serve.py"),
            "--port",
            "0",
            "--states",
            "ga",
            "--cache",
            str(cache),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip().rstrip("/")

    def control(self, **wanted: Any) -> None:
        request = urllib.request.Request(f"{self.url}/_control", data=json.dumps(wanted).encode(), method="POST")
        with urllib.request.urlopen(request, timeout=30) as reply:
            reply.read()


@pytest.fixture(scope="module")
def replay(shared: Path) -> Iterator[Replay]:
    if not (shared / "replay" / "serve.py").is_file():
        pytest.skip(f"needs the replay server; {shared / 'replay'} is not there")
    # Kept between sessions, for an archive is indexed once.
    server = Replay(shared, Path(tempfile.gettempdir()) / "freedom-policy-replay")
    yield server
    server.process.terminate()
    server.process.wait(10)
    assert server.process.stdout is not None
    server.process.stdout.close()


def open_states(lab: SimpleNamespace, replay: Replay, key: str = "sesame-key") -> Any:
    settings = {"RETRY_TIMES": 3}
    return lab.Caller(
        "openstates", f"{replay.url}/openstates", jurisdiction=PLACE, session="2026_ss", key=key, settings=settings
    )


@pytest.fixture(scope="module")
def clean(lab: SimpleNamespace, replay: Replay) -> dict[str, Any]:
    """What a crawl without faults gives; a second one asks little and finds nothing new."""
    caller = open_states(lab, replay)
    report = caller.crawl()
    assert (report.verdict, report.found, report.complete_scope) == ("complete", BILLS, True)
    first = report.requests
    report = caller.crawl()
    assert (report.verdict, caller.count(Found), report.found) == ("complete", 0, BILLS)
    assert report.requests <= 3 < first
    return caller.measures


# The service's paging has 20 bills a page, so there are nine pages and a count.
FAULTS = {
    "429 with Retry-After": ({"kind": "rate_limit", "every": 4, "retry_after": 1}, "complete"),
    "503 in bursts": ({"kind": "error", "status": 503, "every": 5, "burst": 2}, "complete"),
    "connections dropped": ({"kind": "drop", "every": 4, "times": 3}, "complete"),
    "bodies cut": ({"kind": "truncate", "every": 4, "times": 3}, "complete"),
    "refusal pages as 200": ({"kind": "waf", "after": 4}, "blocked"),
    "an empty page": ({"kind": "empty", "after": 4, "times": 1}, "complete"),
    "broken JSON": ({"kind": "malformed", "every": 5}, "complete"),
    "rows doubled": ({"kind": "duplicate", "rows": 3}, "partial"),
    "titles gone": ({"kind": "blank", "field": "title"}, "partial"),
    "down": ({"kind": "error", "status": 500, "after": 3}, "partial"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_open_states_faults(lab: SimpleNamespace, replay: Replay, clean: dict[str, Any], name: str):
    fault, verdict = FAULTS[name]
    caller = open_states(lab, replay)
    replay.control(reset=True, faults={"openstates": [fault]})
    report = caller.crawl()
    came = [message.measure.key for message in caller.messages if isinstance(message, Found)]
    replay.control(clear_faults=True)
    assert report.verdict == verdict, report.problems
    assert len(came) == len(set(came))
    if verdict != "complete":
        assert report.problems
    assert caller.crawl().verdict == "complete"
    assert caller.measures == clean


def test_a_key_that_is_refused(lab: SimpleNamespace, replay: Replay):
    replay.control(reset=True)
    report = open_states(lab, replay, key="invalid").crawl()
    assert (report.verdict, report.found) == ("blocked", 0)
    assert "FREEDOM_POLICY_OPENSTATES_KEY" in str(report.problems[0])
    report = lab.Caller("legiscan", f"{replay.url}/legiscan", jurisdiction="us", key="invalid").crawl()
    assert (report.verdict, report.found) == ("blocked", 0)
    assert "FREEDOM_POLICY_LEGISCAN_KEY" in str(report.problems[0])


def test_legiscan_with_faults_and_again(lab: SimpleNamespace, replay: Replay):
    """What a search finds, each with its last text; errors on the way; then nothing but the hashes."""
    options = {"jurisdiction": "us", "session": SESSION, "query": '"human trafficking"', "key": "sesame-key"}
    caller = lab.Caller("legiscan", f"{replay.url}/legiscan", **options)
    replay.control(reset=True, faults={"legiscan": [{"kind": "error", "status": 503, "every": 4, "times": 6}]})
    report = caller.crawl()
    replay.control(clear_faults=True)
    assert report.verdict == "complete", report.problems
    assert report.found == caller.count(Found) > 10
    numbers = {key.split("/")[2] for key in caller.measures}
    assert "SRES39" in numbers
    assert not any(number.startswith(("HB", "SB")) for number in numbers)
    assert sum(bool(version["text"]) for measure in caller.measures.values() for version in measure["versions"]) > 5
    found = report.found
    report = caller.crawl()
    assert (report.verdict, caller.count(Found), report.found) == ("complete", 0, found)
    assert report.requests <= 4


LEGISCAN_FAULTS = {
    "429 with Retry-After": ({"kind": "rate_limit", "every": 9, "retry_after": 1, "times": 3}, "complete"),
    "500 in bursts": ({"kind": "error", "status": 500, "every": 7, "burst": 2}, "complete"),
    "connections dropped": ({"kind": "drop", "every": 6, "times": 4}, "complete"),
    "bodies cut": ({"kind": "truncate", "every": 6, "times": 4}, "complete"),
    "broken JSON": ({"kind": "malformed", "every": 8}, "complete"),
    "rows doubled": ({"kind": "duplicate", "rows": 3}, "complete"),
    "refusal pages as 200": ({"kind": "waf", "after": 9}, "blocked"),
    "down": ({"kind": "error", "status": 503, "after": 9}, "partial"),
}


@pytest.fixture(scope="module")
def scanned(lab: SimpleNamespace, replay: Replay) -> dict[str, Any]:
    """What a search of LegiScan gives without faults."""
    caller = lab.Caller("legiscan", f"{replay.url}/legiscan", **SEARCH)
    assert caller.crawl().verdict == "complete"
    return caller.measures


SEARCH = {"jurisdiction": "us", "session": SESSION, "query": '"human trafficking"', "key": "sesame-key"}


@pytest.mark.parametrize("name", LEGISCAN_FAULTS)
def test_legiscan_faults(lab: SimpleNamespace, replay: Replay, scanned: dict[str, Any], name: str):
    fault, verdict = LEGISCAN_FAULTS[name]
    caller = lab.Caller("legiscan", f"{replay.url}/legiscan", settings={"RETRY_TIMES": 3}, **SEARCH)
    replay.control(reset=True, faults={"legiscan": [fault]})
    report = caller.crawl()
    came = [message.measure.key for message in caller.messages if isinstance(message, Found)]
    replay.control(clear_faults=True)
    assert report.verdict == verdict, report.problems
    assert len(came) == len(set(came))
    assert caller.crawl().verdict == "complete"
    assert caller.measures == scanned
