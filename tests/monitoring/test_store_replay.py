"""Recorded days replayed through the store: collected, monitored and told day by day, then held against one fresh look.

A sample keeps this fast; ``FREEDOM_POLICY_REPLAY=all`` takes every matter.
"""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import tarfile
import zlib
from collections import defaultdict
from itertools import groupby

import pytest

from freedom_policy.monitoring import assess, ruleset_for
from freedom_policy.monitoring.kinds import kind_of
from freedom_policy.monitoring.stages import RANK
from freedom_policy.records import Action, CrawlReport, Found, Measure, MeasureFilter, Source
from freedom_policy.store import Store, queries

ALL = MeasureFilter(tracked=None)
EVERYTHING = os.environ.get("FREEDOM_POLICY_REPLAY") == "all"


def in_sample(name, part):
    return EVERYTHING or zlib.crc32(name.encode()) % part == 0


def collect(store, measures, moment, source):
    """One day's crawl, which looks only at what changed."""
    with store.collecting(source, scope="replay", partial=True, clock=lambda: moment) as run:
        for measure in measures:
            run.write(Found(measure=measure))
        run.finish(
            CrawlReport(source=source, scope="replay", started_at=moment, finished_at=moment, verdict="complete")
        )


def monitor(store, moment):
    """What ``freedom-policy monitor`` does on a day."""
    day = moment.date()
    due = store.measures_to_assess(as_of=day, ruleset_of=lambda place: ruleset_for(place).version)
    statuses = [
        (
            item.key,
            assess(
                item.actions,
                jurisdiction=item.jurisdiction,
                kind=item.kind,
                identifier=item.identifier,
                session=item.session,
                as_of=day,
            ),
        )
        for item in due
    ]
    store.save_statuses(statuses, observed_at=moment)


def replay(versions, source):
    """A store that lived through the days, and all moves that it told, in order: (key, from, to)."""
    store = Store("sqlite://")
    store.prepare()
    told, last = [], None
    for _, looked in groupby(versions, key=lambda pair: pair[0].date()):
        found = list(looked)
        moment = max(at for at, _ in found)
        # Of several looks on one day the last counts.
        collect(store, {measure.key: measure for _, measure in found}.values(), moment, source)
        monitor(store, moment)
        moves = queries.changes(store, last, moment, ALL)
        told += [(move.measure.key, move.from_stage, move.to_stage) for move in moves]
        last = moment
    return store, told


def same_as_fresh(store, versions, source):
    """The store equals one that saw only each measure's last version, on the last day."""
    latest = {measure.key: measure for _, measure in versions}
    moment = versions[-1][0]
    with Store("sqlite://") as fresh:
        fresh.prepare()
        collect(fresh, latest.values(), moment, source)
        monitor(fresh, moment)
        for key, measure in latest.items():
            assert queries.actions_as_of(store, key) == queries.actions_as_of(fresh, key) == measure.actions
            assert queries.status_as_of(store, key) == queries.status_as_of(fresh, key), key
            live = [event for event, _, retracted in queries.events(store, key) if retracted is None]
            assert live == [event for event, _, _ in queries.events(fresh, key)], key


def told_as_it_was(told):
    """Each move begins where the last one told of the same measure ended, none is told twice, none goes down the ladder."""
    by_key = defaultdict(list)
    for key, before, after in told:
        by_key[key].append((before, after))
    for key, moves in by_key.items():
        assert len(moves) == len(set(moves)), key
        assert [before for before, _ in moves] == [None, *(after for _, after in moves[:-1])], key
        for before, after in moves:
            assert before not in RANK or after not in RANK or RANK[after] > RANK[before], key


@pytest.fixture(scope="module")
def nyc(shared):
    """(moment, measure) of each recorded version, oldest first."""
    found = []
    # Read straight through: going back and forth in a compressed archive takes minutes.
    with tarfile.open(shared / "corpus" / "legistar" / "nyc_timeline.tar.gz", "r|gz") as archive:
        for member in archive:
            matter, _, name = member.name.rpartition("/")
            if not name.endswith(".json") or name.startswith("_") or not in_sample(matter, 9):
                continue
            moment = dt.datetime.strptime(name[:17], "%Y-%m-%dT%H%M%S").replace(tzinfo=dt.UTC)
            found.append((moment, matter_of(json.load(archive.extractfile(member)), moment)))
    return sorted(found, key=lambda pair: (pair[0], pair[1].key))


def matter_of(row, moment):
    history = row.get("History") or []
    return Measure(
        jurisdiction="us-ny-nyc",
        session=row["File"][-4:],
        identifier=row["File"].replace(" ", ""),
        kind=kind_of(row["TypeName"]),
        title=row["Name"] or row["File"],
        actions=tuple(
            Action(date=dt.date.fromisoformat(step["Date"][:10]), description=step["Action"], body=step["BodyName"])
            for step in history
        ),
        source=Source(
            name="legistar",
            url=f"https://legistar.example/{row['ID']}",
            source_id=str(row["ID"]),
            retrieved_at=moment,
        ),
    )


@pytest.fixture(scope="module")
def washington(shared):
    """(moment, measure) after each history line that was seen, oldest first."""
    lines, found = defaultdict(list), []
    with gzip.open(shared / "corpus" / "wa" / "history_changes.jsonl.gz", "rt") as file:
        for line in file:
            row = json.loads(line)
            if row["historyLine"] and in_sample(row["bill"], 25):
                moment = dt.datetime.fromisoformat(row["seen"]).astimezone(dt.UTC)
                lines[row["bill"]].append((moment, row["historyLine"]))
    for bill, seen in lines.items():
        seen.sort(key=lambda pair: pair[0])
        for number, (moment, _) in enumerate(seen, 1):
            steps = tuple(Action(date=at.date(), description=words) for at, words in seen[:number])
            source = Source(name="openstates", url=f"https://wa.example/{bill}", source_id=bill, retrieved_at=moment)
            found.append(
                (
                    moment,
                    Measure(
                        jurisdiction="us-wa",
                        session="2025-2026",
                        identifier=bill,
                        kind="bill",
                        title=bill,
                        actions=steps,
                        source=source,
                    ),
                )
            )
    return sorted(found, key=lambda pair: (pair[0], pair[1].key))


def test_new_york_city_lived_through_is_new_york_city_seen_once(nyc):
    store, told = replay(nyc, "legistar")
    told_as_it_was(told)
    same_as_fresh(store, nyc, "legistar")
    assert len({key for key, _, _ in told}) == len({measure.key for _, measure in nyc}) > 20
    store.close()


def test_washington_lived_through_is_washington_seen_once(washington):
    store, told = replay(washington, "openstates")
    told_as_it_was(told)
    same_as_fresh(store, washington, "openstates")
    assert len(told) > 100
    store.close()
