"""Waiting is judged by the place's own norm, and what must come next is no forecast."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.records import Action, MovementNorm, Status
from freedom_policy.reports import brief, pace

ACTED = dt.date(2025, 1, 10)
NOW = dt.datetime(2025, 3, 1, 12, tzinfo=dt.UTC)


def norm(place="us-tx", slow=40, count=340, kind="bill", stage="in_committee"):
    return MovementNorm(
        place=place, kind=kind, stage=stage, count=count, median_days=12, slow_days=slow, next=(("reported", count),)
    )


def norms(*found):
    return {(item.place, item.kind, item.stage): item for item in found}


@pytest.fixture
def waiting(make):
    status = Status(stage="in_committee", stage_date=ACTED, cause=0, ruleset="1")
    action = Action(date=ACTED, description="Referred to Criminal Jurisprudence")
    return make.view("us-tx/89/HB252", "in_committee", kind="bill", status=status, actions=(action,))


@pytest.mark.parametrize(
    ("known", "days"),
    [
        (norms(norm(slow=40)), 41),
        (norms(norm(slow=3)), 30),
        (norms(norm(count=29), norm("state", slow=60)), 61),
        (norms(norm(kind="resolution")), 180),
        ({}, 180),
    ],
    ids=["its place's", "never under a month", "its level's, as the place has too few", "another kind's", "none"],
)
def test_quiet_is_what_is_unusual_where_it_is(known, days):
    assert pace.quiet_after(known, "us-tx", "bill", "in_committee") == days


def test_the_figures_stand_beside_the_word(waiting):
    text = pace.why_quiet(waiting, norms(norm()), NOW.date())
    assert text == (
        "Gone quiet: nothing for 50 days; of 340 measures that moved on from here, half did within 12 days and nine in "
        "ten within 40."
    )
    assert "at state level" in pace.why_quiet(waiting, norms(norm("state")), NOW.date())
    assert "is not known" in pace.why_quiet(waiting, {}, NOW.date())


def test_a_brief_says_what_must_come_next_and_by_when(waiting):
    page = brief.build(waiting, norms=norms(norm()), now=NOW)
    assert page.ahead.next_step == "reported"
    assert page.ahead.slow is True
    told = " ".join(pace.sentences(page.ahead))
    assert "a report by its committee. That is the order of steps, not a forecast." in told
    assert "Slower than usual: nothing for 50 days" in told
    assert pace.ahead(waiting, {}, NOW.date()).pace is None


def test_nothing_is_ahead_of_what_has_ended(make):
    assert pace.ahead(make.view(stage="enacted"), {}, NOW.date()) is None
    assert pace.ahead(make.view(status=None), {}, NOW.date()) is None
