"""How fast the monitor is: status of 100,000 real measures on one core. Needs the shared corpus (FREEDOM_POLICY_SHARED).

Run: python benchmarks/bench_monitor.py [--measures 100000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import resource
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from freedom_policy.monitoring import assess
from freedom_policy.monitoring.kinds import kind_of
from freedom_policy.records import Action

SHARED = Path(os.environ.get("FREEDOM_POLICY_SHARED", Path(__file__).parents[2] / "shared"))
AS_OF = dt.date(2026, 11, 25)


def openstates(limit: int) -> Iterator[dict[str, Any]]:
    """Bills of the Open States files, as keyword arguments of ``assess``; started again when they run out."""
    found = 0
    while True:
        for path in sorted((SHARED / "corpus" / "openstates").glob("??.tar.gz")):
            with tarfile.open(path) as archive:
                for member in archive:
                    if not member.name.endswith("metadata.json") or (stream := archive.extractfile(member)) is None:
                        continue
                    bill = json.load(stream)
                    yield {
                        "actions": [action_of(item) for item in bill["actions"]],
                        "jurisdiction": f"us-{path.name[:2]}",
                        "kind": kind_of(bill["classification"]),
                        "identifier": bill["identifier"],
                        "session": bill["legislative_session"],
                    }
                    found += 1
                    if found == limit:
                        return


def action_of(item: dict[str, Any]) -> Action:
    """An Open States action as ours; its organization is a pseudo id such as ``~{"classification": "lower"}``."""
    body = json.loads(item["organization_id"][1:]).get("classification")
    chamber = body if body in ("upper", "lower", "legislature", "executive", "joint") else None
    return Action(date=dt.date.fromisoformat(item["date"][:10]), description=item["description"], chamber=chamber)


def main() -> None:
    """Print one figure a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measures", type=int, default=100_000)
    options = parser.parse_args()
    measures = list(openstates(options.measures))
    actions = sum(len(measure["actions"]) for measure in measures)
    start = time.perf_counter()
    for measure in measures:
        assess(**measure, as_of=AS_OF)
    seconds = time.perf_counter() - start
    one_percent = measures[:: 100]
    start = time.perf_counter()
    for measure in one_percent:
        assess(**measure, as_of=AS_OF)
    again = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"measures {len(measures)}, actions {actions}: {seconds:.1f} s; 1% again: {again:.2f} s; peak {peak:.0f} MB (measures included)")


if __name__ == "__main__":
    main()
