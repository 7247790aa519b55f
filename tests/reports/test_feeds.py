"""Feeds, calendars and mail hold what the digest holds, and programs do not show the same thing twice."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
from xml.etree import ElementTree

import pytest

from freedom_policy.records import Hearing, Status

icalendar = pytest.importorskip("icalendar")
ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_atom_has_an_entry_for_each_measure_that_moved(make):
    digest = make.digest(make.change(), measures=[make.view("us-tx/892/HB9", "in_committee", hearings=(hearing(),))])
    feed = ElementTree.fromstring(digest.to_atom())
    entries = feed.findall("a:entry", ATOM)
    assert len(entries) == 1
    assert entries[0].find("a:link", ATOM).get("href") == "https://example.org/us-tx/892/HB252"
    content = entries[0].find("a:content", ATOM).text
    assert "“penalties for buying commercial sex”" in content
    assert "Machine-tagged, not reviewed" in content
    assert "Not legal advice" in content
    for name in ("id", "title", "updated", "author/a:name"):
        assert feed.find(f"a:{name}", ATOM).text


def test_a_move_keeps_its_id_from_issue_to_issue_and_a_new_move_gets_another(make):
    def ids(*changes, **fields):
        feed = ElementTree.fromstring(make.digest(*changes, **fields).to_atom())
        return [entry.find("a:id", ATOM).text for entry in feed.findall("a:entry", ATOM)]

    later = make.now + dt.timedelta(days=1)
    assert ids(make.change()) == ids(make.change(), now=later)
    assert ids(make.change()) != ids(make.change(make.view(stage="passed_all")))


def test_an_empty_feed_says_that_nothing_changed(make):
    feed = ElementTree.fromstring(make.digest().to_atom())
    assert "Nothing changed" in feed.find("a:subtitle", ATOM).text


def hearing(**fields):
    return Hearing(**{"date": dt.date(2026, 12, 1), "time": dt.time(10), "body": "Safety, Committee; on", **fields})


def events(digest):
    return {str(event["summary"])[:7]: event for event in icalendar.Calendar.from_ical(digest.to_ics()).walk("VEVENT")}


def test_hearings_are_in_the_time_of_their_place_and_days_stay_days(make):
    status = Status(stage="enacted", stage_date=make.day, effective_date=dt.date(2027, 1, 1), ruleset="1")
    digest = make.digest(
        make.change(make.view(status=status)),
        measures=[make.view("us-wa-seattle/2026/CB1", "in_committee", hearings=(hearing(place="City Hall"),))],
    )
    found = events(digest)
    start = found["Hearing"].decoded("dtstart")
    assert start.isoformat() == "2026-12-01T10:00:00-08:00"
    assert "Safety, Committee; on" in str(found["Hearing"]["summary"])
    assert str(found["Hearing"]["location"]) == "City Hall"
    assert found["Takes e"].decoded("dtstart") == dt.date(2027, 1, 1)
    assert "Not legal advice" in found["Takes e"]["description"]


def test_a_hearing_keeps_its_uid_when_its_hour_moves(make):
    def uid(time):
        view = make.view("us-wa-seattle/2026/CB1", "in_committee", hearings=(hearing(time=time),))
        return str(events(make.digest(measures=[view]))["Hearing"]["uid"])

    assert uid(dt.time(10)) == uid(dt.time(14)) == uid(None)


def test_mail_has_text_and_html_and_a_subject_on_one_line(make):
    digest = make.digest(make.change(), title="Watch\r\nBcc: x@example.org " + "ünï " * 30)
    message = email.message_from_string(digest.to_eml(), policy=email.policy.default)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Bcc"] is None
    assert "1 reform became law or took effect" in message["Subject"]
    assert "Texas HB 252" in message.get_body(("plain",)).get_content()
    assert "Texas HB 252" in message.get_body(("html",)).get_content()


def test_a_quiet_mail_says_so_in_the_subject(make):
    message = email.message_from_string(make.digest().to_eml(), policy=email.policy.default)
    assert message["Subject"].endswith(": nothing changed")


def test_a_demo_is_stamped_in_every_format(make):
    status = Status(stage="enacted", stage_date=make.day, effective_date=dt.date(2027, 1, 1), ruleset="1")
    digest = make.digest(make.change(make.view(demo=True, status=status)))
    subject = email.message_from_string(digest.to_eml(), policy=email.policy.default)["Subject"]
    assert "not current" in subject
    assert "not current" in digest.to_atom()
    assert "not current" in events(digest)["Takes e"]["description"]
