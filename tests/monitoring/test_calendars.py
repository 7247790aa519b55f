"""Session ends and carry-over: what is known, what is not, and the day from which it may be said."""

from __future__ import annotations

import csv
import datetime as dt
import re
from importlib.resources import files

import pytest

from freedom_policy.monitoring.calendars import carry_over, joint_resolutions_are_law, session_end
from freedom_policy.places import jurisdictions, sessions

PLACES = files("freedom_policy.data") / "places"


def rows(name):
    return list(csv.DictReader((PLACES / name).read_text(encoding="utf-8").splitlines()))


def test_every_state_has_a_carry_over_rule_with_its_reason():
    states = {key for key, place in jurisdictions().items() if place.level in ("state", "federal")}
    ruled = {row["jurisdiction"] for row in rows("carry_over.csv")}
    territories = {"us-vi", "us-gu", "us-as", "us-mp"}
    assert states - territories <= ruled
    for row in rows("carry_over.csv"):
        assert row["reason"]
        assert row["carries"] in ("none", "biennium", "odd_to_even", "even_to_odd", "unknown")
        assert row["joint_resolution"] in ("law", "adopted")


def test_the_calendar_is_sound():
    seen = set()
    for row in rows("sessions.csv"):
        key = row["jurisdiction"], row["identifier"]
        assert key not in seen, key
        seen.add(key)
        assert row["classification"] in ("primary", "special")
        if row["start_date"] and row["end_date"]:
            assert row["start_date"] <= row["end_date"], key


@pytest.mark.parametrize(
    ("place", "session", "day"),
    [
        ("us", "117", "2023-01-03"),
        ("us", "117th Congress", "2023-01-03"),
        ("us-ny-nyc", "2024", "2025-12-31"),
        ("us-ny-nyc", "2018", "2021-12-31"),
        # One identifier for both years, though the calendar stops at the first adjournment.
        ("us-ia", "2025-2026", "2026-05-15"),
        ("us-vt", "2025-2026", "2026-06-30"),
        ("us-nj", "221", "2026-01-14"),
        ("us-me", "132", "2026-05-01"),
        # A session a year, and bills of the first go on into the second.
        ("us-nh", "2025", "2026-06-30"),
        ("us-nh", "2026", "2026-06-30"),
        ("us-ok", "2025", "2026-05-29"),
        ("us-ri", "2025", "2026-06-30"),
        ("us-va", "2024", "2025-02-22"),
        ("us-va", "2025", "2025-02-22"),
    ],
)
def test_when_measures_of_a_session_die(place, session, day):
    end = session_end(place, session)
    assert end.day == dt.date.fromisoformat(day)
    assert end.sayable >= end.day


def test_special_sessions_end_their_own_bills():
    assert session_end("us-tn", "114S1").day == dt.date(2025, 1, 31)


def test_unknown_stays_unknown():
    assert session_end("us-tx", "no such session") is None
    assert session_end("us-tx", None) is None
    assert carry_over("xx-atlantis") is None
    # Puerto Rico's assemblies last four years; no rule of ours covers Guam.
    assert session_end("us-gu", "37th") is None


def test_joint_resolutions():
    assert joint_resolutions_are_law("us")
    assert not joint_resolutions_are_law("us-wa")
    assert all(
        session.end is None or session.start is None or session.start <= session.end for session in sessions().values()
    )


def test_dates_that_contradict_the_sessions_own_name_prove_nothing():
    contradicted = 0
    for (place, identifier), session in sessions().items():
        years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", session.name)]
        if (
            years
            and session.start
            and session.end
            and (max(years) < session.start.year or min(years) > session.end.year)
        ):
            contradicted += 1
            assert session_end(place, identifier) is None
    assert contradicted
    # The collectors' calendar has Mississippi's days of 2025 under 2026; ours are those of its constitution.
    assert session_end("us-ms", "2026").day == dt.date(2026, 4, 5)
