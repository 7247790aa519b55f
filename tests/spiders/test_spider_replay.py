"""Real recordings, played back on loopback: Congress and New York City, twice, and day by day."""

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

from freedom_policy.records import Found, Unchanged


class Replay:
    """The replay server and its control."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def tell(self, **order: Any) -> None:
        """Set the day, faults, counters."""
        request = urllib.request.Request(f"{self.url}/_control", data=json.dumps(order).encode())
        urllib.request.urlopen(request, timeout=60).read()


@pytest.fixture(scope="module")
def server(shared: Path) -> Iterator[Replay]:
    program = shared / "replay" / "serve.py"
    if not program.is_file():
        pytest.skip(f"needs the replay server; {program} is not there")
    # Kept between sessions, for an archive is indexed once.
    cache = Path(tempfile.gettempdir()) / "freedom-policy-replay"
    command = [sys.executable, str(program), "--port", "0", "--cache", str(cache)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    yield Replay(process.stdout.readline().strip())
    process.terminate()
    process.wait(timeout=20)
    process.stdout.close()


@pytest.fixture
def replay(server: Replay) -> Replay:
    server.tell(reset=True, clear_faults=True, as_of=None)
    return server


def test_a_congress_twice(replay: Replay, lab: SimpleNamespace) -> None:
    caller = lab.Caller("congress", f"{replay.url}/govinfo", session="119")
    first = caller.crawl()
    assert first.verdict == "complete", first.problems
    assert len(caller.measures) == 285
    assert sum(any(v["text"] for v in m["versions"]) for m in caller.measures.values()) > 150
    assert all(m["actions"] and m["sponsors"] for m in caller.measures.values())
    second = caller.crawl()
    assert (second.verdict, caller.count(Found), caller.count(Unchanged)) == ("complete", 0, 285)
    assert second.requests < 0.05 * first.requests


def test_a_city_under_faults_and_again(replay: Replay, lab: SimpleNamespace) -> None:
    options = {"client": "nyc", "key": "any", "query": "traffick"}
    clean = lab.Caller("legistar", f"{replay.url}/legistar", **options)
    first = clean.crawl()
    assert first.verdict == "complete"
    assert len(clean.measures) > 20
    assert {m["kind"] for m in clean.measures.values()} == {"local law", "resolution"}
    replay.tell(
        faults={
            "legistar": [
                {"kind": "error", "every": 11, "burst": 2},
                {"kind": "truncate", "every": 17},
                {"kind": "malformed", "every": 23},
                {"kind": "waf", "every": 29},
                {"kind": "rate_limit", "every": 101, "retry_after": 1},
                {"kind": "duplicate"},
            ]
        }
    )
    spoilt = lab.Caller("legistar", f"{replay.url}/legistar", **options)
    spoilt.crawl()
    replay.tell(clear_faults=True)
    last = spoilt.crawl()
    assert last.verdict == "complete"
    assert spoilt.measures == clean.measures, "nothing lost, nothing doubled"


def test_a_law_day_by_day(replay: Replay, lab: SimpleNamespace) -> None:
    caller = lab.Caller("legistar", f"{replay.url}/legistar", client="nyc", key="any", query="licensing hotels")
    key, told = "us-ny-nyc/2024/Int0991-2024", []
    for day in ("2024-07-25", "2024-10-11", "2024-10-11", "2024-11-20"):
        replay.tell(as_of=day)
        assert caller.crawl().verdict == "complete"
        measure = caller.measures[key]
        told.append((measure["source_status"], measure["actions"][-1]["description"], caller.count(Unchanged) > 0))
    assert told[0][0] == "Committee"
    assert told[1][:2] == ("Laid Over in Committee", "Laid Over by Committee")
    assert told[2] == (*told[1][:2], True), "the same day again is unchanged"
    assert told[3][0].startswith("Enacted")
    assert any(a["description"] == "Signed Into Law by Mayor" for a in caller.measures[key]["actions"])
    assert caller.measures[key]["citations"] == [{"kind": "law", "citation": "Local Law 2024/104"}]
