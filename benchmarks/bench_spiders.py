"""How fast the spiders are: bulk archives of Congress, and crawls of the replay server, first and second run.

    python benchmarks/bench_spiders.py [--shared FOLDER] [parse] [bulk] [congress] [nyc] [small]

Each row: measures, requests, seconds from call to report with every message handed over and validated, measures a second,
peak memory of the crawl's process and of the caller, processor seconds of the crawl's process and of the caller. ``small``
takes sets in which the start of a crawl's process weighs most.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from freedom_policy import spiders
from freedom_policy.records import CrawlOptions, CrawlReport, CrawlState, Message, Source

ARCHIVES = ("billstatus117.tar.gz", "billstatus115.tar.gz")


@contextmanager
def replay(shared: Path) -> Iterator[str]:
    """The address of a replay server."""
    cache = Path(tempfile.gettempdir()) / "freedom-policy-replay"
    command = [sys.executable, str(shared / "replay" / "serve.py"), "--port", "0", "--cache", str(cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip().rstrip("/")
        process.terminate()


def cpu(who: int) -> float:
    """Seconds of processor time so far, for comparing runs on a busy machine."""
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def megabytes(who: int) -> float:
    """Peak resident memory; the largest child's for ``RUSAGE_CHILDREN``."""
    return resource.getrusage(who).ru_maxrss / 1024


def crawl(name: str, source: str, state: dict[str, Any], **options: Any) -> CrawlReport:
    """One crawl, and its row."""
    seen: Counter[str] = Counter()

    def sink(message: Message) -> None:
        seen[message.type] += 1
        state.update(getattr(message, "remember", {}))

    known = CrawlState(source=source, values={key: value for key, value in state.items() if value is not None})
    begin, busy = time.perf_counter(), (cpu(resource.RUSAGE_CHILDREN), cpu(resource.RUSAGE_SELF))
    report = spiders.crawl(source, options=CrawlOptions(**options), state=known, sink=sink)
    seconds = time.perf_counter() - begin
    spent = (cpu(resource.RUSAGE_CHILDREN) - busy[0], cpu(resource.RUSAGE_SELF) - busy[1])
    note = (
        f"cpu {spent[0]:.1f} + {spent[1]:.1f} s, {report.verdict}, {seen['found']} read, {seen['unchanged']} unchanged"
    )
    row(name, report.found, report.requests, seconds, note)
    return report


def row(name: str, measures: int, requests: int, seconds: float, note: str) -> None:
    """One line of the table."""
    child, own = megabytes(resource.RUSAGE_CHILDREN), megabytes(resource.RUSAGE_SELF)
    print(
        f"{name:<34} {measures:>7,} {requests:>7,} {seconds:>8.2f} s {measures / seconds:>8.0f}/s "
        f"{child:>6.0f} MB {own:>6.0f} MB  {note}",
        flush=True,
    )


def parse(shared: Path) -> None:
    """Reading alone, on one core, without a crawl's process."""
    from freedom_policy.spiders.archives import members
    from freedom_policy.spiders.billstatus import read_bill

    source = Source(name="congress", url="https://www.govinfo.gov", retrieved_at=dt.datetime.now(dt.UTC))
    for archive in ARCHIVES:
        begin, busy, count = time.perf_counter(), cpu(resource.RUSAGE_SELF), 0
        for _, body in members(shared / "corpus" / "govinfo" / archive, lambda name: name.endswith(".xml")):
            read_bill(body, source)
            count += 1
        row(
            f"parse {archive}",
            count,
            0,
            time.perf_counter() - begin,
            f"cpu {cpu(resource.RUSAGE_SELF) - busy:.1f} s, no hand-over",
        )


def bulk(shared: Path) -> None:
    """Archives through the door, and the same again."""
    for archive in ARCHIVES:
        state: dict[str, Any] = {}
        for turn in ("first", "again"):
            crawl(f"bulk {archive} {turn}", "congress", state, base_url=str(shared / "corpus" / "govinfo" / archive))


def congress(shared: Path) -> None:
    """All bills of the replay server, file by file with their texts, and the same again."""
    with replay(shared) as url:
        crawl("(warming the replay server)", "congress", {}, base_url=f"{url}/govinfo", limit=20)
        state: dict[str, Any] = {}
        for turn in ("first", "again"):
            crawl(f"congress from replay, {turn}", "congress", state, base_url=f"{url}/govinfo")


def nyc(shared: Path) -> None:
    """All matters of New York City, and the same again."""
    with replay(shared) as url:
        options = {"client": "nyc", "key": "any", "base_url": f"{url}/legistar"}
        crawl("(warming the replay server)", "legistar", {}, limit=20, **options)
        state: dict[str, Any] = {}
        for turn in ("first", "again"):
            crawl(f"legistar nyc from replay, {turn}", "legistar", state, **options)


def small(shared: Path) -> None:
    """One Congress, one state's session, one session of LegiScan: what a re-collection costs, in shares of the first."""
    key = {"key": "any-key"}
    sets: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("congress", "govinfo", {"session": "119"}),
        ("openstates", "openstates", {"jurisdiction": "us-ga", "session": "2026_ss", **key}),
        ("legiscan", "legiscan", {"jurisdiction": "us", "session": "119", **key}),
    )
    with replay(shared) as url:
        for source, path, options in sets:
            options = {**options, "base_url": f"{url}/{path}"}
            crawl(f"(warming {source})", source, {}, **options)
            state: dict[str, Any] = {}
            spent = []
            for turn in ("first", "again"):
                begin = time.perf_counter()
                report = crawl(f"{source} {options['session']}, {turn}", source, state, **options)
                spent.append((report.requests, time.perf_counter() - begin))
            shares = [again / first for first, again in zip(*spent, strict=True)]
            print(f"{'':<34} again: {shares[0]:.1%} of the requests, {shares[1]:.1%} of the time")


def main() -> None:
    """Run what is named, or all."""
    jobs = {"parse": parse, "bulk": bulk, "congress": congress, "nyc": nyc, "small": small}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = os.environ.get("FREEDOM_POLICY_SHARED", Path(__file__).parents[2] / "shared")
    parser.add_argument("--shared", type=Path, default=default)
    parser.add_argument("jobs", nargs="*", choices=[*jobs, []], help="default: all")
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':<34} {'found':>7} {'asked':>7} {'time':>10} {'rate':>10} {'crawl':>9} {'caller':>9}")
    for name in arguments.jobs or jobs:
        jobs[name](Path(arguments.shared))


if __name__ == "__main__":
    main()
