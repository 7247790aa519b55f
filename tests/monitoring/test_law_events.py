"""What a court or a repeal made of a law: as the record says it, and as a person recorded it."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.monitoring import assess
from freedom_policy.records import Action, LawEvent

TEXT = "Be it enacted: words. This act takes effect July 1, 2025."
LAW = (("Introduced", "2025-01-10"), ("Signed by Governor", "2025-05-01"))


def status(*steps, told=(), as_of="2026-11-25", kind="bill", text=None):
    actions = [Action(date=dt.date.fromisoformat(day), description=words) for words, day in steps or LAW]
    as_of_day = dt.date.fromisoformat(as_of) if as_of else None
    return assess(actions, jurisdiction="us-zz", kind=kind, as_of=as_of_day, text=text, told=told)


def event(stage, day, says="A court ruled"):
    url = "https://example.org/order"
    return LawEvent(key="us-zz/1/HB1", stage=stage, date=dt.date.fromisoformat(day), url=url, says=says)


def stages(found):
    return [(event.stage, str(event.date)) for event in found.events if event.stage != "introduced"]


def test_a_persons_word_changes_the_stage_and_is_told_as_such():
    found = status(told=[event("enjoined", "2025-08-01")], text=TEXT)
    assert stages(found) == [("enacted", "2025-05-01"), ("effective", "2025-07-01"), ("enjoined", "2025-08-01")]
    assert (found.stage, found.basis, found.rule, found.cause) == ("enjoined", "person", "person", None)
    assert found.reason == "A court ruled; a person's word, from https://example.org/order"
    assert (found.events[-1].url, found.effective_date) == ("https://example.org/order", dt.date(2025, 7, 1))


def test_a_day_of_effect_that_we_computed_does_not_bring_back_what_a_court_stopped():
    found = status(told=[event("enjoined", "2025-06-01")], text=TEXT)
    assert stages(found) == [("enacted", "2025-05-01"), ("enjoined", "2025-06-01")]
    again = status(told=[event("enjoined", "2025-06-01"), event("effective", "2025-09-01")], text=TEXT)
    assert (again.stage, again.stage_date) == ("effective", dt.date(2025, 9, 1))


def test_it_counts_from_its_day_on():
    told = [event("struck_down", "2025-08-01")]
    assert status(told=told, as_of="2025-07-31", text=TEXT).stage == "effective"
    assert status(told=told, as_of="2025-08-01", text=TEXT).stage == "struck_down"
    assert status(told=told, as_of=None).stage == "struck_down"


@pytest.mark.parametrize(
    ("steps", "day", "why"),
    [
        ((("Introduced", "2025-01-10"),), "2025-08-01", "by the record it is no law"),
        (LAW, "2025-04-01", "before it was law"),
    ],
)
def test_what_cannot_be_is_not_counted_and_said(steps, day, why):
    found = status(*steps, told=[event("struck_down", day)])
    assert found.stage in ("introduced", "enacted")
    assert any(why in warning and "not counted" in warning for warning in found.warnings)


def test_a_section_of_a_code_may_be_struck_down_until_it_is_amended():
    note = ("May 5, 2021, Law 1", "2021-05-05")
    assert status(note, told=[event("struck_down", "2022-01-01")], kind="code_section").stage == "struck_down"
    assert status(note, told=[event("struck_down", "2020-01-01")], kind="code_section").stage == "effective"


def test_what_the_record_itself_says_keeps_its_day_of_effect():
    blocked = (*LAW, ("Preliminary injunction granted by U.S. District Court", "2025-08-01"))
    found = status(*blocked, text=TEXT)
    assert stages(found) == [("enacted", "2025-05-01"), ("effective", "2025-07-01"), ("enjoined", "2025-08-01")]
    assert (found.basis, found.cause) == ("action", 2)
    final = status(*blocked, ("Declared unconstitutional by Supreme Court", "2026-02-01"), text=TEXT)
    assert (final.stage, final.cause) == ("struck_down", 3)
