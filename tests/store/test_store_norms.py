"""How long measures usually stand at a stage: kept in the store, computed again only where something moved."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.monitoring import assess, movement
from freedom_policy.records import MovementNorm
from freedom_policy.store import queries

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
FIRST = dt.date(2021, 1, 4)


@pytest.fixture
def bills(make):
    """So many bills of a place, each referred after one day more than the one before."""

    def made(place: str, count: int, start: int = 1):
        for number in range(start, start + count):
            steps = [(FIRST, "Introduced"), (FIRST + dt.timedelta(days=number), "Referred to Committee on Health")]
            told = [(day.isoformat(), words) for day, words in steps]
            yield make(f"{place}/2021/HB{number}", kind="bill", steps=told)

    return made


@pytest.fixture
def run(store, collect):
    """Collect, monitor and compute norms, as one day's work; gives the places that were computed again."""

    def worked(measures, day: int = 0):
        moment = NOON + dt.timedelta(days=day)
        collect(*measures, at=moment)
        statuses = [
            (item.key, assess(item.actions, jurisdiction=item.jurisdiction, kind=item.kind))
            for item in store.measures_to_assess()
        ]
        store.save_statuses(statuses, observed_at=moment)
        return store.refresh_norms(
            movement.norms_of, movement.level_norms, version=movement.VERSION, observed_at=moment
        )

    return worked


def test_norms_of_places_and_levels_are_kept_with_their_figures(store, run, bills) -> None:
    assert run([*bills("us-ky", 40), *bills("us-oh", 5)]) == ["us-ky", "us-oh"]
    norms = queries.movement_norms(store)
    assert norms["us-ky", "bill", "introduced"] == MovementNorm(
        place="us-ky", kind="bill", stage="introduced", count=40, median_days=21, slow_days=37, next=(("in_committee", 40),)
    )  # fmt: skip
    assert norms["us-oh", "bill", "introduced"].count == 5
    assert norms["state", "bill", "introduced"].count == 45


def test_a_place_with_too_few_cases_is_judged_by_its_level_and_says_so(store, run, bills) -> None:
    run([*bills("us-ky", 40), *bills("us-oh", 5)])
    norms = queries.movement_norms(store)
    own = movement.norm_for(norms, jurisdiction="us-ky", kind="bill", stage="introduced")
    assert own is not None
    assert own.place == "us-ky"
    borrowed = movement.norm_for(norms, jurisdiction="us-oh", kind="bill", stage="introduced")
    assert borrowed is not None
    assert borrowed.place == "state"
    assert "at state level (too few in this place)" in movement.slow_reason(
        borrowed, jurisdiction="us-oh", quiet_days=99
    )
    assert movement.norm_for(norms, jurisdiction="us", kind="bill", stage="introduced") is None
    assert movement.norm_for(norms, jurisdiction="us-ky", kind="resolution", stage="introduced") is None


def test_only_places_where_something_moved_are_computed_again(store, run, bills) -> None:
    run([*bills("us-ky", 40), *bills("us-oh", 5)])
    assert run([], day=1) == []
    assert run(bills("us-oh", 10, start=6), day=2) == ["us-oh"]
    norms = queries.movement_norms(store)
    assert norms["us-oh", "bill", "introduced"].count == 15
    assert norms["state", "bill", "introduced"].count == 55
    version = f"{movement.VERSION}+"
    again = store.refresh_norms(movement.norms_of, movement.level_norms, version=version, observed_at=NOON)
    assert again == ["us-ky", "us-oh"]


def test_a_step_that_was_taken_back_counts_no_more(store, run, bills, make) -> None:
    run(bills("us-ky", 31))
    run([make("us-ky/2021/HB31", kind="bill", steps=[(FIRST.isoformat(), "Introduced")])], day=1)
    norm = queries.movement_norms(store)["us-ky", "bill", "introduced"]
    assert (norm.count, norm.slow_days) == (30, 28)
