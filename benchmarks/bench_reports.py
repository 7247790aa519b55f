"""How long digests and coverage take on a large store, which this script makes (synthetic measures, real ingest).

    python benchmarks/bench_reports.py --measures 100000 [--db sqlite:///bench.sqlite]

With --db the store is kept and used again by the next run.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from freedom_policy import codebook, places
from freedom_policy.records import (
    Action,
    Classification,
    Found,
    Hearing,
    Measure,
    MeasureFilter,
    Provision,
    Source,
    Sponsor,
    Status,
    StatusEvent,
)
from freedom_policy.reports import build_coverage, build_digest
from freedom_policy.store import Store, queries

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
WEEK = dt.timedelta(days=7)
MOVED_SHARE = 0.01
STAGES = ("introduced", "in_committee", "reported", "passed_first", "passed_all", "enacted", "effective", "dead")
STATES = [key for key, place in places.jurisdictions().items() if place.level == "state"]


def measures(count: int, rng: random.Random) -> Iterator[Measure]:
    for number in range(count):
        place = rng.choice(STATES)
        day = dt.date(2026, 1, 1) + dt.timedelta(days=rng.randrange(320))
        yield Measure(
            jurisdiction=place,
            session="2026",
            identifier=f"HB{number}",
            kind="bill",
            title=f"An act relating to human trafficking, part {number}",
            source=Source(name="openstates", url=f"https://example.org/{number}", retrieved_at=NOW),
            actions=tuple(Action(date=day + dt.timedelta(days=n), description=f"Action {n}") for n in range(6)),
            sponsors=(Sponsor(name="Example", classification="primary"),),
            hearings=(Hearing(date=NOW.date() + dt.timedelta(days=rng.randrange(60))),) if number % 500 == 0 else (),
            introduced=day,
        )


def classification(rng: random.Random) -> Classification:
    book = codebook.load()
    kinds = rng.sample(list(book.provisions.values()), 3)
    words = "human trafficking"
    return Classification(
        relevance=rng.choice(("core", "partial", "adjacent")),
        tracked=True,
        score=0.9,
        goals=tuple(dict.fromkeys(kind.primary_goal for kind in kinds)),
        areas=tuple(dict.fromkeys(area for kind in kinds for area in kind.areas)),
        subareas=tuple(dict.fromkeys(code for kind in kinds for code in kind.subareas)),
        provisions=tuple(
            Provision(
                type=kind.key,
                score=0.9,
                direction="strengthens",
                contested=kind.contested,
                quote=words,
                start=19,
                end=19 + len(words),
                field="title",
            )
            for kind in kinds
        ),
        form=rng.choice(("sex", "labor", "both")),
        contested=any(kind.contested for kind in kinds),
        binding=rng.random() < 0.7,
        administrative=rng.random() < 0.1,
        model="bench",
    )


def status(rng: random.Random, stage: str | None = None) -> Status:
    stage = stage or rng.choice(STAGES)
    day = dt.date(2026, 1, 1) + dt.timedelta(days=rng.randrange(320))
    events = (
        StatusEvent(stage="introduced", date=day, cause=0, rule="b"),
        StatusEvent(stage=stage, date=day, cause=1, rule="b"),
    )
    return Status(stage=stage, stage_date=day, cause=1, rule="b", events=events, ruleset="bench")


def fill(store: Store, count: int) -> None:
    rng = random.Random(1)
    keys = []
    with store.collecting("openstates", scope="bench") as run:
        for measure in measures(count, rng):
            keys.append(measure.key)
            run.write(Found(measure=measure))
    # What a store of some years looks like: most was tagged and assessed long ago, some moved this week.
    long_ago = NOW - dt.timedelta(days=100)
    for part in parts(keys):
        store.save_classifications([(key, classification(rng)) for key in part], observed_at=long_ago)
        store.save_statuses([(key, status(rng)) for key in part], observed_at=long_ago)
    moved = rng.sample(keys, int(count * MOVED_SHARE))
    for part in parts(moved):
        store.save_statuses([(key, status(rng, "enacted")) for key in part], observed_at=NOW - dt.timedelta(days=2))


def parts(keys: list[str], size: int = 2000) -> Iterator[list[str]]:
    left = iter(keys)
    while part := list(islice(left, size)):
        yield part


def timed(name: str, work: Callable[[], Any], repeat: int = 3) -> Any:
    """Best of some runs: by the clock, and of this process alone (which other work on the machine does not change)."""
    clock, own, result = float("inf"), float("inf"), None
    for _ in range(repeat):
        start, spent = time.perf_counter(), time.process_time()
        result = work()
        clock, own = min(clock, time.perf_counter() - start), min(own, time.process_time() - spent)
    print(f"{name:<40} {clock:8.3f} s by the clock {own:8.3f} s of processor")
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measures", type=int, default=100_000)
    parser.add_argument("--db", help="database URL to keep; default: a temporary one")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Store(options.db or f"sqlite:///{folder}/bench.sqlite") as store:
        store.prepare()
        everything = MeasureFilter(tracked=None)
        if not queries.count(store, everything):
            start = time.perf_counter()
            fill(store, options.measures)
            print(f"{'filled in':<48} {time.perf_counter() - start:8.1f} s")
        print(f"{queries.count(store, everything):,} measures")
        state = MeasureFilter(jurisdictions=("us-tx",))
        digest = timed("digest of 7 days, all places", lambda: build_digest(store, since=NOW - WEEK, now=NOW))
        timed("digest of 7 days, one state", lambda: build_digest(store, since=NOW - WEEK, now=NOW, filter=state))
        coverage = timed("coverage, all places", lambda: build_coverage(store, now=NOW))
        timed("coverage, one state", lambda: build_coverage(store, now=NOW, filter=state))
        print(f"the digest tells {len(digest.items):,} measures, the coverage has {len(coverage.rows):,} rows")
        for name in ("text", "markdown", "html", "json", "atom", "ics", "eml"):
            timed(f"digest to {name}", getattr(digest, f"to_{name}"), repeat=1)
        for name in ("text", "csv", "html", "json"):
            timed(f"coverage to {name}", getattr(coverage, f"to_{name}"), repeat=1)
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
