"""The general rules for laws that name no day: used last, marked as inferred, and never where something speaks against it."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.monitoring import assess
from freedom_policy.monitoring.defaults import defaults
from freedom_policy.places import jurisdictions
from freedom_policy.records import Action

WORDS = (
    "Be it enacted as follows: "
    + "A person who provides shelter to victims of trafficking may apply to the department for a grant. " * 8
)


def law(place, day, *, text=WORDS, session=None, words="Signed by Governor", as_of=None, more=()):
    steps = [("Introduced", dt.date(day.year, 1, 10)), *more, (words, day)]
    actions = [Action(date=date, description=description) for description, date in steps]
    return assess(actions, jurisdiction=place, kind="bill", session=session, text=text, as_of=as_of)


@pytest.mark.parametrize(
    ("place", "session", "signed", "effective"),
    [
        ("us", "119", "2025-07-01", "2025-07-01"),
        ("us-ca", "20252026", "2025-10-05", "2026-01-01"),
        ("us-ga", "2025_26", "2025-05-05", "2025-07-01"),
        ("us-va", "2025", "2025-03-24", "2025-07-01"),
        ("us-or", "2025R1", "2025-06-20", "2026-01-01"),
        ("us-la", "2025", "2025-06-11", "2025-08-01"),
        ("us-ny", None, "2025-06-01", "2025-06-21"),
        ("us-nj", None, "2025-07-10", "2026-07-04"),
        ("us-nm", "2025", "2025-04-08", "2025-06-20"),
    ],
)
def test_the_general_rule_of_a_place(place, session, signed, effective):
    words = "Signed by President" if place == "us" else "Signed by Governor"
    status = law(place, dt.date.fromisoformat(signed), session=session, words=words)
    assert status.effective_date == dt.date.fromisoformat(effective)
    assert any("general rule" in warning for warning in status.warnings)


def test_an_enrolled_bill_of_congress_is_an_act_though_its_data_leave_out_the_enacting_clause():
    heading = "One Hundred Nineteenth Congress. Begun and held at the City of Washington. AN ACT "
    text = heading + WORDS.removeprefix("Be it enacted as follows: ")
    status = law("us", dt.date(2025, 7, 1), session="119", words="Signed by President", text=text)
    assert status.effective_date == dt.date(2025, 7, 1)


def test_a_federal_law_that_names_no_day_becomes_law_and_applies_in_one_step():
    status = law("us", dt.date(2025, 7, 1), session="119", words="Signed by President", as_of=dt.date(2025, 8, 1))
    assert (status.stage, status.effective_date) == ("enacted", dt.date(2025, 7, 1))


def test_it_is_inferred_and_names_its_source():
    status = law("us-ny", dt.date(2025, 6, 1), as_of=dt.date(2025, 8, 1))
    event = status.events[-1]
    assert (event.stage, event.basis, event.rule) == ("effective", "inferred", "effective.default")
    assert "Legislative Law" in event.reason


@pytest.mark.parametrize(
    "case",
    [
        {"text": None},
        {"text": "An act on shelter."},
        {"text": WORDS.removeprefix("Be it enacted as follows: ")},
        {"text": WORDS + "This act is an emergency measure."},
        {"text": WORDS + "Section 3 shall take effect when the rules are adopted."},
        {"text": WORDS + "EFFECTIVE DATE. See section 9."},
        {"more": [("Emergency clause adopted", dt.date(2025, 2, 1))]},
    ],
)
def test_nothing_is_inferred_where_something_may_say_otherwise(case):
    assert law("us-ny", dt.date(2025, 6, 1), **case).effective_date is None


def test_rules_of_regular_sessions_are_not_for_special_ones_or_unknown_ones():
    assert law("us-va", dt.date(2025, 3, 24)).effective_date is None
    assert law("us-va", dt.date(2025, 3, 24), session="nowhere").effective_date is None
    assert law("us-va", dt.date(2025, 8, 24), session="2025").effective_date is None


def test_a_stated_date_outranks_the_rule():
    more = [("Effective date 9/1/2025", dt.date(2025, 5, 2))]
    assert law("us-ny", dt.date(2025, 6, 1), more=more).effective_date == dt.date(2025, 9, 1)


def test_a_law_of_wisconsin_applies_the_day_after_its_publication():
    steps = [("Report approved by the Governor on 3-22-2025. 2025 Wisconsin Act 5", 22), ("Published 3-23-2025", 22)]
    actions = [Action(date=dt.date(2025, 3, day), description=words) for words, day in steps]
    status = assess(actions, jurisdiction="us-wi", kind="bill", text=WORDS)
    assert status.effective_date == dt.date(2025, 3, 24)


def test_an_act_of_alaska_that_takes_effect_immediately_applies_the_day_after():
    text = WORDS + "This Act takes effect immediately under AS 01.10.070(c)."
    assert law("us-ak", dt.date(2025, 6, 1), text=text).effective_date == dt.date(2025, 6, 2)
    assert law("us-nj", dt.date(2025, 6, 1), text=text).effective_date == dt.date(2025, 6, 1)


@pytest.mark.parametrize(
    ("place", "session", "words"),
    [
        ("us-ga", "2025_26", "Notice of intention to introduce local legislation was given."),
        ("us-nd", "69", "The department may charge a fee of ten dollars."),
        ("us-pa", None, "Each political subdivision shall pay for it."),
    ],
)
def test_what_a_rule_leaves_out_has_no_day(place, session, words):
    assert law(place, dt.date(2025, 4, 1), session=session).effective_date is not None
    assert law(place, dt.date(2025, 4, 1), session=session, text=WORDS + words).effective_date is None


def test_every_rule_has_a_source_and_belongs_to_a_place():
    states = {key for key, place in jurisdictions().items() if place.level == "state"} - {"us-dc", "us-pr", "us-gu"}
    assert states - set(defaults()) <= {"us-mp", "us-vi", "us-as"}
    assert all(rule.source and rule.checked for rule in defaults().values())
