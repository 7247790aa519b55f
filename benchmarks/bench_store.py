"""How fast the store is: ingest, second run, a week of changes, lists, changes and counts, at any size.

    python benchmarks/bench_store.py --measures 100000
    python benchmarks/bench_store.py --measures 100000 --url postgresql+psycopg://...

The measures are made up, 20 actions each in 51 places; 6 in 100 are tracked, as in a state's whole output. The time to make
the records is not counted. Prints one JSON object. Times are seconds of the processor, as the machine may have other work;
with ``--clock wall`` they are seconds on the wall. (PostgreSQL's own work is only in the latter.)
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from freedom_policy.records import (
    Abstract,
    Action,
    Classification,
    CrawlReport,
    Found,
    Measure,
    MeasureFilter,
    Provision,
    Source,
    Sponsor,
    Status,
    StatusEvent,
)
from freedom_policy.store import Store, queries

START = dt.datetime(2026, 1, 1, 6, tzinfo=dt.UTC)
STAGES = ("introduced", "in_committee", "reported", "passed_first", "passed_all", "enacted", "dead")
AREAS = ("prevention", "identification", "rescue_exit", "restoration", "reforms")
GOALS = ("victim_protection", "trafficker_deterrence", "buyer_deterrence", "demand_reduction", "system_reform")
CLOCKS = {"cpu": time.process_time, "wall": time.perf_counter}
clock = time.process_time
STEPS = (
    "Referred to the Committee on the Judiciary",
    "Read the second time and ordered to a third reading",
    "Amendment No. {0} adopted by voice vote",
    "Report of committee with recommendation that it pass, as amended ({0}-0)",
)


def measure(number: int, actions: int = 20) -> Measure:
    """A made-up measure: the same number gives the same measure."""
    place = f"us-{chr(97 + number % 51 // 26)}{chr(97 + number % 26)}"
    day = dt.date(2025, 1, 1) + dt.timedelta(days=number % 300)
    steps = tuple(
        Action(
            date=day + dt.timedelta(days=step),
            description=STEPS[(number + step) % 4].format(step),
            chamber="upper" if step > 10 else "lower",
            body="Senate" if step > 10 else "House",
            code=f"C{step}",
            classification=("referral-committee",) if step == 1 else (),
        )
        for step in range(actions)
    )
    return Measure(
        jurisdiction=place,
        session="2025",
        identifier=f"HB{number}",
        kind="bill",
        title=f"An act relating to subject {number % 997} and to the duties of office {number % 89}",
        source=Source(
            name="openstates-bulk",
            url=f"https://example.org/{place}/{number}",
            retrieved_at=START,
            source_id=f"ocd-bill/{number}",
        ),
        abstracts=(Abstract(abstract=f"This act would change chapter {number % 700} of the code. " * 5),),
        subjects=("Crime", "Labor"),
        sponsors=tuple(Sponsor(name=f"Member {number % 150 + extra}", party="X") for extra in range(5)),
        introduced=day,
        actions=steps,
        url=f"https://example.org/bill/{number}",
    )


def status(item: Measure, number: int) -> Status:
    """A made-up status with three events."""
    stages = ("introduced", "in_committee", STAGES[number % len(STAGES)])
    causes = (0, 1, len(item.actions) - 1)
    events = tuple(
        StatusEvent(stage=stage, date=item.actions[cause].date, cause=cause, rule=f"general/{stage}")  # type: ignore[arg-type]
        for stage, cause in zip(stages, causes, strict=True)
    )
    last = events[-1]
    return Status(
        stage=last.stage,
        stage_date=last.date,
        cause=last.cause,
        rule=last.rule,
        events=events,
        classes=tuple(("referral-committee",) for _ in item.actions),
        ruleset="bench",
    )


def classification(number: int) -> Classification:
    """A made-up classification; 6 in 100 are tracked."""
    if number % 100 >= 6:
        return Classification(relevance="none", tracked=False, score=0.01, model="bench")
    provision = Provision(
        type=f"type_{number % 60}", score=0.9, direction="strengthens", quote="An act", start=0, end=6, field="title"
    )
    return Classification(
        relevance="core",
        tracked=True,
        score=0.95,
        goals=(GOALS[number % 5], GOALS[(number + 1) % 5]),
        areas=(AREAS[number % 5], "reforms") if number % 5 != 4 else ("reforms",),
        subareas=(f"{AREAS[number % 5]}.sub_{number % 7}",),
        provisions=(provision,),
        form="sex",
        direction="strengthens",
        binding=True,
        model="bench",
    )


def collect(store: Store, numbers: range, at: dt.datetime, actions: int = 20) -> tuple[float, Any]:
    """Collect made-up measures; returns the seconds that the store took and the run."""
    seconds = 0.0
    with store.collecting("openstates-bulk", scope="all", clock=lambda: at) as run:
        for first in range(numbers.start, numbers.stop, 1000):
            batch = [Found(measure=measure(n, actions)) for n in range(first, min(first + 1000, numbers.stop))]
            began = clock()
            for message in batch:
                run.write(message)
            seconds += clock() - began
        began = clock()
        run.finish(
            CrawlReport(source="openstates-bulk", scope="all", started_at=at, finished_at=at, verdict="complete")
        )
        seconds += clock() - began
    return seconds, run.result


def peak_memory() -> int:
    """The most memory that the process has had, in megabytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def timed(work: Callable[[], Any], repeat: int = 3) -> float:
    """The best of some times, in seconds: the machine's other work is not the store's."""
    best = float("inf")
    for _ in range(repeat):
        began = clock()
        work()
        best = min(best, clock() - began)
    return round(best, 4)


def bench(url: str, size: int) -> Iterator[tuple[str, Any]]:
    """Each figure with its name."""
    with Store(url) as store:
        store.prepare()
        seconds, run = collect(store, range(size), START)
        assert run.new == size
        yield "ingest_seconds", round(seconds, 2)
        yield "ingest_measures_per_second", round(size / seconds)
        yield "ingest_peak_memory_megabytes", peak_memory()
        seconds, run = collect(store, range(size), START)
        assert run.unchanged == size
        yield "second_run_measures_per_second", round(size / seconds)

        reading, saving, numbers = 0.0, 0.0, {}
        due = store.measures_to_assess()
        while True:
            began = clock()
            page = list(islice(due, 1000))
            reading += clock() - began
            if not page:
                break
            numbers.update({item.key: int(item.identifier[2:]) for item in page})
            said = [(item.key, status(item, numbers[item.key])) for item in page]
            began = clock()
            store.save_statuses(said, observed_at=START)
            saving += clock() - began
        yield "read_to_assess_per_second", round(size / reading)
        yield "save_statuses_per_second", round(size / saving)
        began = clock()
        assert store.save_statuses(said, observed_at=START) == 0
        yield "save_same_statuses_per_second", round(len(said) / (clock() - began))
        tags = [(key, classification(number)) for key, number in numbers.items()]
        began = clock()
        store.save_classifications(tags, observed_at=START)
        yield "save_classifications_per_second", round(size / (clock() - began))
        del tags, said, page

        # A week in which 1 in 100 measures moves each day, the tracked ones among them.
        part = size // 100
        for day in range(1, 8):
            at = START + dt.timedelta(days=day)
            seconds, run = collect(store, range(day * part, (day + 1) * part), at, actions=21)
            assert run.changed == part
            began = clock()
            moved = [(item.key, status(item, numbers[item.key] + 1)) for item in store.measures_to_assess()]
            store.save_statuses(moved, observed_at=at)
            assert len(moved) == part
            if day == 7:
                yield "a_days_changes_ingest_seconds", round(seconds, 3)
                yield "a_days_changes_due_and_saved_seconds", round(clock() - began, 3)

        week = (START, START + dt.timedelta(days=7))
        everything = MeasureFilter(tracked=None)
        three = MeasureFilter(
            jurisdictions=("us-aa", "us-ab"), stages=("enacted", "passed_all"), goals=("buyer_deterrence",)
        )
        words = MeasureFilter(jurisdictions=("us-aa",), query="office 17", tracked=None)
        yield (
            "list_three_filters",
            [len(list(queries.measures(store, three))), timed(lambda: list(queries.measures(store, three)))],
        )
        wide = MeasureFilter(stages=("enacted",), goals=("buyer_deterrence",), since=dt.date(2025, 6, 1))
        yield (
            "list_three_filters_all_places",
            [len(list(queries.measures(store, wide))), timed(lambda: list(queries.measures(store, wide)))],
        )
        yield (
            "list_words_in_a_place",
            [len(list(queries.measures(store, words))), timed(lambda: list(queries.measures(store, words)))],
        )
        all_words = MeasureFilter(query="office 17", tracked=None)
        yield (
            "count_words_everywhere",
            [queries.count(store, all_words), timed(lambda: queries.count(store, all_words))],
        )
        yield "list_tracked", [queries.count(store), timed(lambda: list(queries.measures(store)))]
        yield "first_page_of_everything", timed(lambda: next(queries.measures(store, everything)))
        yield (
            "changes_7_days_tracked",
            [len(queries.changes(store, *week)), timed(lambda: queries.changes(store, *week))],
        )
        yield (
            "changes_7_days_everything",
            [
                len(queries.changes(store, *week, everything)),
                timed(lambda: queries.changes(store, *week, everything)),
            ],
        )
        one = MeasureFilter(jurisdictions=("us-aa",), tracked=None)
        yield (
            "changes_7_days_one_place",
            [len(queries.changes(store, *week, one)), timed(lambda: queries.changes(store, *week, one))],
        )
        by = ("jurisdiction", "area", "stage", "relevance", "mostly_contested", "binding")
        yield "facets_seconds", timed(lambda: queries.facets(store, by))
        yield "nothing_due_seconds", timed(lambda: list(store.measures_to_assess()))
        yield "last_runs_seconds", timed(lambda: queries.last_runs(store))
        yield "one_measure_seconds", timed(lambda: queries.measure(store, "us-aa/2025/HB0"))
        if store.engine.dialect.name == "sqlite":
            yield "database_megabytes", round(Path(str(store.url.database)).stat().st_size / 1e6)
        yield "peak_memory_megabytes", peak_memory()


def main() -> None:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--measures", type=int, default=100_000)
    parser.add_argument("--url", help="database to use; default: a new SQLite file that is removed afterwards")
    parser.add_argument("--clock", choices=CLOCKS, default="cpu")
    asked = parser.parse_args()
    global clock
    clock = CLOCKS[asked.clock]
    with tempfile.TemporaryDirectory() as folder:
        figures = dict(bench(asked.url or f"sqlite:///{folder}/store.db", asked.measures))
    print(json.dumps({"clock": asked.clock, "measures": asked.measures, **figures}, indent=2))


if __name__ == "__main__":
    main()
