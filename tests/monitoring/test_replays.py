"""Real records replayed day by day: what we would have said each day, told once, and in the end the same as a fresh look.

A sample keeps this fast; ``benchmarks/bench_monitor.py --replay`` takes all.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import tarfile
import zlib
from collections import Counter, defaultdict
from operator import itemgetter

import pytest

from freedom_policy.monitoring import assess
from freedom_policy.monitoring.kinds import kind_of
from freedom_policy.monitoring.stages import RANK
from freedom_policy.records import Action

# New York City's own word for where a matter stands, as our stage. It lags behind the history at times, and the other way round.
NYC_STATUS = {
    "Introduced": "introduced",
    "Committee": "in_committee",
    "Laid Over in Committee": "in_committee",
    "Reported from Committee": "reported",
    "Enacted (Mayor's Desk for Signature)": "passed_all",
    "Vetoed": "vetoed",
    "Enacted": "enacted",
    "Adopted": "adopted",
    "Filed": "dead",
    "Filed (End of Session)": "dead",
    "Withdrawn": "dead",
    "Disapproved": "dead",
}


def told_changes(statuses):
    """The moves of one measure over successive looks: (from, to), as a digest would tell them."""
    found, before = [], None
    for status in statuses:
        if status.stage != before:
            found.append((before, status.stage))
            before = status.stage
    return found


@pytest.fixture(scope="module")
def nyc_versions(shared):
    """Recorded versions of every ninth matter, oldest first."""
    found = defaultdict(list)
    # Read straight through: going back and forth in a compressed archive takes minutes.
    with tarfile.open(shared / "corpus" / "legistar" / "nyc_timeline.tar.gz", "r|gz") as archive:
        for member in archive:
            matter, _, name = member.name.rpartition("/")
            if name.endswith(".json") and matter.startswith("nyc_timeline/") and zlib.crc32(matter.encode()) % 9 == 0:
                found[matter].append((name, json.load(archive.extractfile(member))))
    return {
        matter: [version for _, version in sorted(versions, key=itemgetter(0))] for matter, versions in found.items()
    }


def status_of(version):
    actions = [
        Action(date=dt.date.fromisoformat(row["Date"][:10]), description=row["Action"], body=row["BodyName"])
        for row in version.get("History") or []
    ]
    return assess(actions, jurisdiction="us-ny-nyc", kind=kind_of(version["TypeName"]), identifier=version["File"])


def test_new_york_city_version_by_version(nyc_versions):
    agree = looked_at = 0
    for versions in nyc_versions.values():
        statuses = [status_of(version) for version in versions]
        moves = told_changes(statuses)
        assert len(moves) == len(set(moves)), "a change was told twice"
        for before, after in moves:
            assert before is None or before not in RANK or after not in RANK or RANK[after] > RANK[before]
        for version, status in zip(versions, statuses, strict=True):
            if version.get("History") and version["StatusName"] in NYC_STATUS:
                looked_at += 1
                agree += status.stage == NYC_STATUS[version["StatusName"]]
    assert looked_at > 200
    assert agree / looked_at > 0.97


def test_washington_day_by_day(shared):
    lines = defaultdict(list)
    with gzip.open(shared / "corpus" / "wa" / "history_changes.jsonl.gz", "rt") as file:
        for line in file:
            row = json.loads(line)
            if row["historyLine"]:
                lines[row["bill"]].append((dt.date.fromisoformat(row["seen"][:10]), row["historyLine"]))
    reached = Counter()
    for bill in sorted(lines)[::25]:
        actions = [Action(date=day, description=text) for day, text in lines[bill]]
        status_by_day = [
            assess(actions, jurisdiction="us-wa", kind="bill", identifier=bill, as_of=day)
            for day in sorted({day for day, _ in lines[bill]})
        ]
        moves = told_changes(status_by_day)
        assert len(moves) == len(set(moves)), bill
        for before, after in moves:
            assert before not in RANK or after not in RANK or RANK[after] > RANK[before], bill
        fresh = assess(
            actions, jurisdiction="us-wa", kind="bill", identifier=bill, as_of=max(day for day, _ in lines[bill])
        )
        assert fresh == status_by_day[-1]
        reached[fresh.stage] += 1
    assert reached["in_committee"] > 20
    assert reached["passed_first"] > 3
