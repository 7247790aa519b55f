"""Movement against a place's own norm, and funding lines."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from freedom_policy.monitoring import assess
from freedom_policy.monitoring.funding import funding_lines
from freedom_policy.monitoring.movement import movement, next_step, norms_of, waits
from freedom_policy.records import Action, Hearing

AS_OF = dt.date(2026, 3, 1)


def known(count):
    """Norms of a Congress in which so many bills were reported, each after one day more than the one before."""
    start = dt.date(2025, 1, 3)
    paths = [
        ("bill", [("in_committee", start), ("reported", start + dt.timedelta(days))]) for days in range(1, count + 1)
    ]
    return {(norm.place, norm.kind, norm.stage): norm for norm in norms_of("us", paths)}


KNOWN = known(100)


def looked_at(day, **more):
    actions = [Action(date=day, description="Referred to the House Committee on the Judiciary.")]
    status = assess(actions, jurisdiction="us", kind="bill", identifier="HR1", session="119", as_of=AS_OF)
    return movement(
        status,
        actions,
        jurisdiction="us",
        kind="bill",
        as_of=AS_OF,
        identifier="HR1",
        session="119",
        known=KNOWN,
        **more,
    )


def test_stalled_is_measured_by_the_places_own_norm_and_says_so():
    slow = looked_at(dt.date(2025, 6, 1))
    assert slow.stalled is True
    assert slow.reason == (
        "nothing for 273 days; of 100 measures that moved on from here, half did within 51 days and nine in ten within 91"
    )
    assert looked_at(dt.date(2026, 2, 1)).stalled is False


def test_without_a_norm_nothing_is_said():
    actions = [Action(date=dt.date(2020, 1, 1), description="Referred to the Committee on Rules.")]
    status = assess(actions, jurisdiction="us", kind="bill")
    few = movement(status, actions, jurisdiction="us", kind="bill", as_of=AS_OF, known=known(29))
    assert few.stalled is None
    actions = [Action(date=dt.date(2020, 1, 1), description="Introduced by Council")]
    status = assess(actions, jurisdiction="us-ny-nyc", kind="ordinance")
    assert (
        movement(status, actions, jurisdiction="us-ny-nyc", kind="ordinance", as_of=AS_OF, known=KNOWN).stalled is None
    )


def test_deadline_and_hearings_ahead():
    hearings = (Hearing(date=dt.date(2026, 4, 2)), Hearing(date=dt.date(2026, 3, 5)), Hearing(date=dt.date(2026, 1, 5)))
    found = looked_at(dt.date(2026, 2, 1), hearings=hearings)
    assert [hearing.date.day for hearing in found.hearings] == [5, 2]
    assert found.deadline == dt.date(2027, 1, 3)
    assert found.next_step == "reported"


def test_the_next_step_knows_chambers_and_kinds():
    assert next_step("reported", jurisdiction="us", kind="bill") == "passed_first"
    assert next_step("reported", jurisdiction="us-ne", kind="bill") == "passed_all"
    assert next_step("reported", jurisdiction="us", kind="resolution") == "adopted"
    assert next_step("dead", jurisdiction="us", kind="bill") is None


def test_waits_are_between_steps_of_the_source():
    texts = (
        ("2025-01-01", "Introduced"),
        ("2025-01-11", "Referred to Committee on Health"),
        ("2025-03-11", "Reported favorably"),
    )
    actions = [Action(date=day, description=text) for day, text in texts]
    events = assess(actions, jurisdiction="us-ky", kind="bill").events
    found = waits("bill", [(event.stage, event.date) for event in events])
    assert [(wait.stage, wait.days, wait.to) for wait in found] == [
        ("introduced", 10, "in_committee"),
        ("in_committee", 59, "reported"),
    ]


def test_funding_lines_have_amount_kind_years_and_proof():
    text = (
        "SEC. 5. There are authorized to be appropriated $5,000,000 for each of fiscal years 2024 through 2026. "
        "The sum of $1.5 million is appropriated from the general fund for shelters. "
        "A person who violates this section shall pay a fine of not more than $10,000 to the victims fund."
    )
    first, second = funding_lines(text)
    assert (first.amount, first.kind, first.years) == (Decimal(5_000_000), "authorizes", (2024, 2025, 2026))
    assert (second.amount, second.kind) == (Decimal(1_500_000), "appropriates")
    assert text[first.start : first.end] == first.quote
    assert first.quote.startswith("There are authorized")
