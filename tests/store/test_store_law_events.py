"""What people recorded of laws: kept beside what is collected, replaced and taken back, never changed by a crawl."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import LawEvent
from freedom_policy.store import Store, package, queries

LATER = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
DAY = dt.date(2026, 3, 1)


def order(key: str = "us/117/HR1", **said) -> LawEvent:
    return LawEvent(
        **{"key": key, "stage": "enjoined", "date": DAY, "url": "https://court.example/1", "recorded_by": "Ann", **said}
    )


def test_it_makes_the_status_due_and_outlives_collecting(store: Store, collect, make, stand) -> None:
    one = make()
    collect(one, make("us/117/HR2"))
    store.save_statuses([(m.key, stand(m, ("introduced", 0))) for m in store.measures_to_assess()])
    store.save_law_event(order(says="By a judge"), observed_at=LATER)
    assert [m.key for m in store.measures_to_assess()] == ["us/117/HR1"]
    collect(one.model_copy(update={"title": "Another title"}), at=LATER)
    collect(at=LATER + dt.timedelta(days=1))
    assert queries.law_events(store) == [order(says="By a judge", recorded_at=LATER)]
    assert queries.law_events(store, "us/117/HR2") == []


def test_one_of_the_same_stage_and_day_is_replaced_and_one_may_be_taken_back(store: Store, collect, make, rows) -> None:
    collect(make())
    store.save_law_event(order(), observed_at=LATER)
    store.save_law_event(order(url="https://court.example/2"), observed_at=LATER)
    store.save_law_event(order(stage="struck_down"), observed_at=LATER)
    assert [(e.stage, e.url[-1]) for e in queries.law_events(store)] == [("enjoined", "2"), ("struck_down", "1")]
    store.withdraw_law_event("us/117/HR1", "enjoined", DAY, observed_at=LATER)
    assert [e.stage for e in queries.law_events(store, "us/117/HR1")] == ["struck_down"]
    assert len(rows("law_events")) == 3
    with pytest.raises(BadInput, match="Nobody recorded enjoined"):
        store.withdraw_law_event("us/117/HR1", "enjoined", DAY)
    with pytest.raises(BadInput, match="collect its source first"):
        store.save_law_event(order("us/117/HR9"))


def test_it_follows_a_measure_that_gets_another_number(store: Store, collect, make) -> None:
    collect(make("us-ny-nyc/2024/T1", source="legistar", source_id="9"), source="legistar")
    store.save_law_event(order("us-ny-nyc/2024/T1"), observed_at=LATER)
    collect(make("us-ny-nyc/2024/Int0001-2024", source="legistar", source_id="9"), source="legistar", at=LATER)
    assert [event.key for event in queries.law_events(store)] == ["us-ny-nyc/2024/Int0001-2024"]
    store.save_law_event(order("us-ny-nyc/2024/T1", stage="repealed"), observed_at=LATER)
    assert len(queries.law_events(store, "us-ny-nyc/2024/Int0001-2024")) == 2


def test_a_public_export_has_the_event_without_who_recorded_it(store: Store, collect, make, tmp_path: Path) -> None:
    collect(make())
    store.save_law_event(order(), observed_at=LATER)
    package.export_package(store, tmp_path / "out")
    (row,) = csv.DictReader((tmp_path / "out" / "law_events.csv").read_text(encoding="utf-8").splitlines())
    assert (row["stage"], row["url"]) == ("enjoined", "https://court.example/1")
    assert "recorded_by" not in row
