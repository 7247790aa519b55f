"""What people type becomes dates and filters, or one clear line."""

import datetime as dt

import pytest

from freedom_policy import asking
from freedom_policy.errors import BadInput

TODAY = dt.date(2026, 11, 25)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-01", dt.date(2026, 11, 1)),
        ("7d", dt.date(2026, 11, 18)),
        ("2W", dt.date(2026, 11, 11)),
        ("1y", dt.date(2025, 11, 25)),
        (dt.date(2026, 1, 2), dt.date(2026, 1, 2)),
        (None, None),
    ],
)
def test_days(typed, day):
    assert asking.day(typed, today=TODAY) == day


@pytest.mark.parametrize("typed", ["yesterday", "2026-02-30", "11/01/2026", "", "99999999d"])
def test_not_a_day(typed):
    with pytest.raises(BadInput, match="since"):
        asking.day(typed, today=TODAY, what="since")


def test_a_day_in_the_future_says_what_today_is():
    with pytest.raises(BadInput, match="today is 2026-11-25"):
        asking.day("2027-01-01", today=TODAY)


def test_filters_take_commas_lists_names_and_any_case():
    wanted = asking.measure_filter(
        today=TODAY,
        jurisdiction="us-wa, Oregon",
        goal=["Buyer deterrence"],
        area="Rescue/Exit",
        stage="In Committee,enacted",
        subarea="temporary_shelter",
        since="30d",
    )
    assert wanted.jurisdictions == ("us-wa", "us-or")
    assert wanted.goals == ("buyer_deterrence",)
    assert wanted.areas == ("rescue_exit",)
    assert wanted.stages == ("in_committee", "enacted")
    assert wanted.subareas == ("rescue_exit.temporary_shelter",)
    assert wanted.since == dt.date(2026, 10, 26)


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ({"goal": "buyer_deterence"}, "buyer_deterrence"),
        ({"stage": "enactd"}, "enacted"),
        ({"provision": "vacatur"}, "vacatur_expungement"),
        ({"jurisdiction": "us-txx"}, "us-tx"),
        ({"gaol": "x"}, "goal"),
        ({"golas": "x"}, "Unknown filter 'golas'.*goal"),
        ({"limits": 5}, "limit"),
        ({"subarea": "shelter"}, "rescue_exit.temporary_shelter"),
    ],
)
def test_a_typo_names_near_matches(asked, near):
    with pytest.raises(BadInput, match=near):
        asking.measure_filter(today=TODAY, **asked)


def test_a_range_upside_down():
    with pytest.raises(BadInput, match="upside down"):
        asking.measure_filter(today=TODAY, since="2026-11-02", until="2026-11-01")


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"goal": []}, "'goal' is empty.*Leave it out"),
        ({"jurisdiction": ()}, "'jurisdiction' is empty"),
        ({"stage": ""}, "'stage' is empty"),
        ({"goal": 5}, "Unknown goal '5'"),
        ({"area": 0.5}, "area 0.5 is no text"),
        ({"limit": -1}, "'limit' cannot be -1.*whole number from 1 up"),
        ({"limit": "many"}, "'limit' cannot be 'many'"),
        ({"contested": "maybe"}, "'contested' cannot be 'maybe'"),
        ({"query": 5}, "'query' cannot be 5"),
        ({"since": 7}, "since 7 is not a day"),
        ({"key": "HR4323"}, "not a measure key"),
    ],
)
def test_what_cannot_be_asked_is_said_in_one_line(asked, says):
    with pytest.raises(BadInput, match=says) as error:
        asking.measure_filter(today=TODAY, **asked)
    assert "\n" not in str(error.value)


def test_what_is_not_given_narrows_nothing_and_a_session_may_be_a_number():
    assert asking.measure_filter(today=TODAY, goal=None, stage=None) == asking.measure_filter(today=TODAY)
    assert asking.measure_filter(today=TODAY, session=119, goals="buyer deterrence").sessions == ("119",)
