"""Hearings of a council: when and where, what is on an agenda to come, and meetings that move or fall out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy.records import Found, Unchanged
from freedom_policy.spiders.formats import Unreadable
from freedom_policy.spiders.legistar_events import matters_on, read_clock, read_event

TODAY = dt.datetime.now(dt.UTC).date()
SOON, LATER = ((TODAY + dt.timedelta(days=days)).isoformat() for days in (7, 40))


@pytest.fixture
def council(serve: Any, lab: SimpleNamespace) -> tuple[Any, Any, dict[int, Any]]:
    """Five matters, all filed long ago; one meeting soon and one later, the third matter on both agendas."""
    meetings = {901: (lab.event(901, SOON), [3]), 902: (lab.event(902, LATER, Time="1:30 PM"), [3, 4])}
    service = serve(lab.legistar_service(matters=5, meetings=meetings))
    caller = lab.Caller("legistar", service.url, client="nyc", key="sesame")
    return service, caller, meetings


def hearings(caller: Any, number: int) -> list[tuple[Any, ...]]:
    measure = caller.measures[f"us-ny-nyc/2018/Int000{number}-2018"]
    return [(h["date"], h["time"], h["place"], h["note"]) for h in measure["hearings"]]


def test_hearings_have_time_place_and_link(council: tuple[Any, Any, Any]) -> None:
    _, caller, _ = council
    report = caller.crawl()
    assert report.verdict == "complete", report.problems
    place = "City Hall Committee Room"
    assert hearings(caller, 3) == [
        (SOON, "10:00:00", place, "on the agenda"),
        (LATER, "13:30:00", place, "on the agenda"),
    ]
    assert hearings(caller, 4) == [(LATER, "13:30:00", place, "on the agenda")]
    assert hearings(caller, 5) == []
    first = caller.measures["us-ny-nyc/2018/Int0003-2018"]["hearings"][0]
    assert (first["url"], first["body"]) == (
        "https://example.org/MeetingDetail.aspx?LEGID=901",
        "Committee on Public Safety",
    )


def test_the_next_look_asks_for_what_may_have_changed(council: tuple[Any, Any, Any]) -> None:
    service, caller, _ = council
    caller.crawl()
    begin = len(service.asked)
    report = caller.crawl()
    assert (report.verdict, caller.count(Found), caller.count(Unchanged)) == ("complete", 0, 5)
    asked = [asked.path for asked in service.asked[begin:]]
    assert [path for path in asked if "eventitems" in path] == ["/v1/nyc/events/901/eventitems"], "that of next week"
    assert {path for path in asked if "histories" in path} == {f"/v1/nyc/matters/{n}/histories" for n in (3, 4)}


def test_a_meeting_moves_falls_out_and_passes(council: tuple[Any, Any, Any], lab: SimpleNamespace) -> None:
    """Nothing of the matter itself changes, and what it shows does."""
    _, caller, meetings = council
    caller.crawl()
    meetings[901] = (lab.event(901, SOON, Time="2:00 PM", Location="250 Broadway"), [3])
    meetings[902] = (lab.event(902, LATER, Comment="CANCELED", Time=None), [3, 4])
    assert caller.crawl().verdict == "complete"
    assert hearings(caller, 3) == [
        (SOON, "14:00:00", "250 Broadway", "on the agenda"),
    ]
    meetings[901] = (lab.event(901, SOON, Time="2:00 PM", Location="250 Broadway"), [3, 5])
    assert caller.crawl().verdict == "complete"
    assert len(hearings(caller, 5)) == 1, "put on the agenda without a trace in the meeting's dates"
    del meetings[902]
    caller.crawl()
    assert "agenda/902" in caller.state
    assert caller.state["agenda/902"] is None


def test_a_hearing_held_keeps_its_place_when_the_calendar_has_moved_on(serve: Any, lab: SimpleNamespace) -> None:
    held = (TODAY - dt.timedelta(days=3)).isoformat()
    meetings = {900: (lab.event(900, held), [])}
    route = lab.legistar_service(matters=1, meetings=meetings)
    row = lab.history(77, "Hearing Held by Committee", f"{held}T10:00:00", EventId=900, ActionBodyName="Committee on X")

    def routed(asked: Any) -> Any:
        reply = route(asked)
        if not asked.path.endswith("/histories"):
            return reply
        return lab.Reply(lab.json.dumps([lab.history(10), row]).encode())

    caller = lab.Caller("legistar", serve(routed).url, client="nyc", key="sesame")
    caller.crawl()
    wanted = [(held, "10:00:00", "City Hall Committee Room", "Hearing Held by Committee")]
    assert hearings(caller, 1) == wanted
    meetings.clear()
    assert (caller.crawl().verdict, hearings(caller, 1)) == ("complete", wanted)


@pytest.mark.parametrize("broken", [{"status": 503}, {"body": b"[{}]"}, {"body": b"{"}], ids=["503", "form", "cut"])
def test_a_calendar_that_cannot_be_read_is_told_and_takes_nothing_back(
    council: tuple[Any, Any, Any], broken: dict[str, Any]
) -> None:
    service, caller, _ = council
    caller.crawl()
    before = dict(caller.measures)
    service.fault = lambda asked, reply: replace(reply, **broken) if asked.path.endswith("/events") else reply
    report = caller.crawl()
    assert report.verdict == "partial"
    assert "calendar of meetings could not be read" in str(report.problems)
    assert caller.measures == before
    service.fault = None
    assert caller.crawl().verdict == "complete"
    assert caller.measures == before


def test_one_agenda_that_cannot_be_read_costs_itself_alone(council: tuple[Any, Any, Any]) -> None:
    service, caller, _ = council
    service.fault = lambda asked, reply: replace(reply, status=503) if "901/eventitems" in asked.path else reply
    assert caller.crawl().verdict == "partial"
    assert len(hearings(caller, 3)) == 1
    service.fault = None
    assert caller.crawl().verdict == "complete"
    assert len(hearings(caller, 3)) == 2


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("10:00 AM", "10:00"),
        ("1:30 PM", "13:30"),
        ("12:15 p.m.", "12:15"),
        ("12 AM", "00:00"),
        ("9 A.M. or later", "09:00"),
    ],
)
def test_a_time_of_day(text: str, time: str) -> None:
    assert read_clock(text) == dt.time.fromisoformat(time)


@pytest.mark.parametrize("text", ["", "See agenda", "25:00 PM", "0:30 AM", "10:75 AM", "Noon"])
def test_a_time_that_is_none(text: str) -> None:
    assert read_clock(text) is None


@pytest.mark.parametrize(
    ("fields", "off"),
    [
        ({"AgendaStatusName": "Deferred"}, True),
        ({"Comment": "MEETING CANCELED"}, True),
        (
            {"Location": "Cancelled - see the notice on the council's page for how to send us what you wanted to say"},
            True,
        ),
        ({"Comment": "Rescheduled from November 3"}, False),
        (
            {
                "Comment": "The site visit of the morning is cancelled; the hearing itself begins at ten in the committee room"
            },
            False,
        ),
        ({}, False),
    ],
)
def test_a_meeting_that_falls_out(fields: dict[str, Any], off: bool, lab: SimpleNamespace) -> None:
    assert read_event(lab.event(1, SOON, **fields)).off is off


def test_odd_events_and_items(lab: SimpleNamespace) -> None:
    assert (
        read_event(lab.event(1, SOON, Time=None, InSiteURL=None, AgendaFile="https://x.org/a.pdf")).url
        == "https://x.org/a.pdf"
    )
    with pytest.raises(Unreadable, match="no day"):
        read_event(lab.event(1, SOON, Date=None))
    assert matters_on([{"EventItemMatterId": 5}, {"EventItemMatterId": None}, {"EventItemMatterId": 5}, {}]) == [5]
