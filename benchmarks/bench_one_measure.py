"""One bill, one measure: Congress from GovInfo, Open States' scrapers and LegiScan in one store, and where they agree.

    python benchmarks/bench_one_measure.py [--shared FOLDER] [--store FILE] [--list N]

Prints, for each Congress, measures with one, two and three sources; for each field, how often those that speak of it agree
and whose word is shown where they do not; and the first N disagreements of each field.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from sqlalchemy import select

from freedom_policy.places import parse_key
from freedom_policy.records import Measure
from freedom_policy.store.disagreements import FIELDS, compare, differ, said_by
from freedom_policy.store.merge import PRECEDENCE
from freedom_policy.store.models import MeasureRow, ObservationRow
from freedom_policy.tracker import Tracker

LOADS = (
    ("congress", "govinfo/billstatus117.tar.gz"),
    ("congress", "govinfo/billstatus_119_derived.tar.gz"),
    ("openstates-bulk", "openstates/usa.tar.gz"),
    ("legiscan", "legiscan/us_bills.tar.gz"),
)


def load(tracker: Tracker, corpus: Path) -> None:
    """All of the three sources, one after the other; a line for each."""
    for source, archive in LOADS:
        begin, busy = time.perf_counter(), time.process_time()
        run = tracker.collect(source, base_url=str(corpus / archive))
        spent = f"{time.perf_counter() - begin:.0f} s (cpu of the store's side {time.process_time() - busy:.0f} s)"
        print(
            f"{source:<16} {archive:<40} {run.found:>7,} found, {run.new:>6,} new, {run.verdict}, {spent}", flush=True
        )


def views(tracker: Tracker) -> dict[str, list[Measure]]:
    """Each measure's views, the newest first, by key."""
    found: dict[str, list[Measure]] = defaultdict(list)
    statement = (
        select(MeasureRow.key, ObservationRow.record)
        .join(MeasureRow, MeasureRow.id == ObservationRow.measure_id)
        .order_by(ObservationRow.id.desc())
    )
    with tracker.store.reading() as connection:
        for key, record in connection.execute(statement):
            found[key].append(Measure.model_validate_json(record))
    return found


def tell(found: dict[str, list[Measure]], shown: int) -> None:
    """The tables."""
    by_congress: dict[str, Counter[int]] = defaultdict(Counter)
    together: dict[str, Counter[str]] = defaultdict(Counter)
    said: Counter[str] = Counter()
    same: Counter[str] = Counter()
    differing = defaultdict(list)
    for key, measures in found.items():
        congress = parse_key(key).session
        sources = sorted({measure.source.name for measure in measures})
        by_congress[congress][len(sources)] += 1
        together[congress][" + ".join(sources)] += 1
        for field in FIELDS:
            values = said_by(measures, field)
            if len(values) > 1:
                said[field] += 1
                same[field] += not differ(values)
        for difference in compare(key, measures):
            differing[difference.field].append(difference)
    print(f"\n{'Congress':<10} {'measures':>9} {'1 source':>9} {'2 sources':>10} {'3 sources':>10}")
    for congress, counts in sorted(by_congress.items()):
        print(f"{congress:<10} {counts.total():>9,} {counts[1]:>9,} {counts[2]:>10,} {counts[3]:>10,}")
        for names, count in together[congress].most_common():
            print(f"    {count:>7,}  {names}")
    print(f"\n{'Field':<14} {'several say':>12} {'agree':>8} {'share':>7}   whose word is shown, best first")
    for field in FIELDS:
        name = {"last_action": "actions"}.get(field, field)
        order = [source for source in PRECEDENCE.get(name, ()) if any(source == known for known, _ in LOADS)]
        share = f"{same[field] / said[field]:.1%}" if said[field] else ""
        print(f"{field:<14} {said[field]:>12,} {same[field]:>8,} {share:>7}   {', '.join(order) or 'all of them'}")
    for field, differences in differing.items():
        print(f"\n{field}: {len(differences):,} disagree, such as")
        for difference in differences[:shown]:
            told = "; ".join(f"{source}: {str(value)[:90]}" for source, value in difference.values.items())
            print(f"    {difference.key} ({difference.shown} is shown) {told}")


def main() -> None:
    """Load, unless the store is there already, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("FREEDOM_POLICY_SHARED", Path(__file__).parents[2] / "shared")
    parser.add_argument("--shared", type=Path, default=default)
    parser.add_argument("--store", type=Path, help="SQLite file to load into; one that is there is used as it is")
    parser.add_argument("--list", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = arguments.store or Path(folder) / "one.sqlite"
        there = path.exists()
        tracker = Tracker(f"sqlite:///{path}")
        if not there:
            load(tracker, Path(arguments.shared) / "corpus")
        tell(views(tracker), arguments.list)


if __name__ == "__main__":
    main()
