"""How fast scraper files are read and kept: ``python benchmarks/bench_openstates_bulk.py FOLDER [--no-store] [--twice]``.

FOLDER holds the archives or files (the shared corpus has ``openstates``). Prints bills, seconds, bills a second and peak
memory and processor time of the reading process and of the caller, for the first look and for a second one.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections import Counter
from pathlib import Path

from freedom_policy import Tracker
from freedom_policy.records import CrawlOptions, CrawlState, Message
from freedom_policy.spiders import crawl


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--no-store", action="store_true", help="read only")
    parser.add_argument("--twice", action="store_true", help="look a second time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tracker = None if given.no_store else Tracker(f"sqlite:///{folder}/bench.db")
        state: dict[str, object] = {}
        for look in range(1, 2 + given.twice):
            began = time.monotonic()
            if tracker:
                run = tracker.collect("openstates-bulk", base_url=str(given.folder))
                count, verdict = (
                    run.found,
                    f"{run.verdict}: {run.new} new, {run.changed} changed, {run.unchanged} unchanged",
                )
            else:
                count, verdict = read(given.folder, state)
            seconds = time.monotonic() - began
            print(f"look {look}: {count:,} bills, {seconds:.1f} s, {count / seconds:,.0f} bills/s ({verdict})")
        for who, what in (("reader", resource.RUSAGE_CHILDREN), ("caller", resource.RUSAGE_SELF)):
            used = resource.getrusage(what)
            print(
                f"{who}: peak {used.ru_maxrss / 1024:.0f} MB, {used.ru_utime + used.ru_stime:.0f} s of one core in all"
            )


def read(folder: Path, state: dict[str, object]) -> tuple[int, str]:
    """One look without a store; ``state`` is what is remembered between looks."""
    kinds: Counter[str] = Counter()
    known = CrawlState(source="openstates-bulk", values=dict(state))

    def take(message: Message) -> None:
        kinds[message.type] += 1
        state.update(getattr(message, "remember", {}))

    report = crawl("openstates-bulk", options=CrawlOptions(base_url=str(folder)), state=known, sink=take)
    return report.found, f"{report.verdict}: {kinds['found']} found, {kinds['unchanged']} unchanged"


if __name__ == "__main__":
    main()
