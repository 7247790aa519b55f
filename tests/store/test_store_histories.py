"""Any history of what a source says: what we know now, and what we knew at each moment, is what was said."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freedom_policy.records import Action, CrawlReport, Found, Measure, Source, oldest_first
from freedom_policy.store import Store, queries

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
_numbers = itertools.count(1)

actions = st.builds(
    Action,
    date=st.sampled_from([None, dt.date(2021, 1, 4), dt.date(2021, 1, 5)]),
    description=st.sampled_from(["Introduced", "Referred", "Passed"]),
    note=st.sampled_from([None, "filled in later"]),
)
histories = st.lists(st.lists(actions, max_size=5).map(tuple), min_size=1, max_size=5)


@pytest.fixture(scope="module")
def memory() -> Iterator[Store]:
    """One store for all histories; each is that of another measure."""
    with Store("sqlite://") as store:
        store.prepare()
        yield store


def said(identifier: str, steps: tuple[Action, ...]) -> Measure:
    return Measure(
        jurisdiction="us",
        session="117",
        identifier=identifier,
        title="A bill",
        source=Source(name="congress", url="https://congress.example/", retrieved_at=NOON),
        actions=steps,
    )


def collect(store: Store, measure: Measure, at: dt.datetime) -> str:
    with store.collecting("congress", clock=lambda: at) as run:
        run.write(Found(measure=measure))
        run.finish(CrawlReport(source="congress", started_at=at, finished_at=at, verdict="complete"))
    return next(name for name in ("new", "changed", "unchanged") if getattr(run.result, name))


def steps_of(found: tuple[Action, ...]) -> Counter[tuple[dt.date | None, str]]:
    """Actions as steps, in any order: a detail that is filled in later belongs to the step from the start."""
    return Counter((action.date, action.description) for action in found)


@settings(max_examples=100, deadline=None)
@given(history=histories)
def test_every_moment_of_any_history_can_be_told(memory: Store, history: list[tuple[Action, ...]]) -> None:
    identifier = f"HR{next(_numbers)}"
    key = f"us/117/{identifier}"
    for day, steps in enumerate(history):
        outcome = collect(memory, said(identifier, steps), NOON + dt.timedelta(days=day))
        same = day > 0 and steps == history[day - 1]
        assert outcome == ("new" if day == 0 else "unchanged" if same else "changed")
        # What is known now is what was said last, order and details and all.
        assert queries.actions_as_of(memory, key) == oldest_first(steps)
        view = queries.measure(memory, key)
        assert view is not None
        assert view.actions == oldest_first(steps)
    for day, steps in enumerate(history):
        known = NOON + dt.timedelta(days=day, hours=1)
        assert steps_of(queries.actions_as_of(memory, key, known)) == steps_of(steps)
    ever = queries.action_history(memory, key)
    assert all(gone is None or gone > seen for _, _, seen, gone in ever)
    assert sum(1 for _, _, _, gone in ever if gone is None) == len(history[-1])
