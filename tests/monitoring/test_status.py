"""Stages from actions: what a user of ``assess`` and ``monitor --input`` would miss if it broke."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freedom_policy.errors import BadInput
from freedom_policy.monitoring import assess, monitor_lines
from freedom_policy.records import KINDS, Action


def act(*texts, start="2025-01-10", place="us-zz", kind="bill", **more):
    """Status of a measure whose actions follow each other by a day; ``(text, chamber)`` where the chamber matters."""
    day = dt.date.fromisoformat(start)
    actions = []
    for number, text in enumerate(texts):
        text, chamber = text if isinstance(text, tuple) else (text, None)
        actions.append(Action(date=day + dt.timedelta(days=number), description=text, chamber=chamber))
    return assess(actions, jurisdiction=place, kind=kind, **more)


def stages(status):
    return [event.stage for event in status.events]


STATE_LAW = (
    ("Introduced", "lower"),
    ("Referred to Committee on Judiciary", "lower"),
    ("Reported favorably", "lower"),
    ("Third reading, passed 90-2", "lower"),
    ("Received from House; referred to Committee on Courts", "upper"),
    ("Third reading, passed 40-0", "upper"),
    ("Enrolled", "lower"),
    ("Delivered to Governor", "lower"),
    ("Signed by Governor", "executive"),
)


def test_a_state_law_climbs_the_whole_ladder():
    status = act(*STATE_LAW, place="us-ky")
    assert stages(status) == ["introduced", "in_committee", "reported", "passed_first", "passed_all", "enacted"]
    assert (status.stage, status.cause, status.stage_date) == ("enacted", 8, dt.date(2025, 1, 18))
    assert status.rule == "governor-signed"
    assert len(status.classes) == len(STATE_LAW)


def test_a_later_weaker_action_never_lowers_a_stage():
    # usgpo/bill-status#124: a subcommittee referral after passage became the latest action.
    status = act(("Passed House", "lower"), ("Referred to the Subcommittee on Crime.", "lower"), place="us")
    assert status.stage == "passed_first"


def test_the_same_passage_from_two_systems_counts_once():
    # House and Library of Congress both report it; it is not a passage of both chambers.
    status = act(
        "On motion to suspend the rules and pass the bill Agreed to by voice vote.",
        "Passed/agreed to in House: On motion to suspend the rules and pass the bill Agreed to by voice vote.",
        place="us",
    )
    assert status.stage == "passed_first"


@pytest.mark.parametrize(
    ("second", "stage"),
    [
        ("Passed Senate without amendment by Unanimous Consent.", "passed_all"),
        ("Passed Senate with an amendment by Unanimous Consent.", "differences"),
    ],
)
def test_the_second_chamber_amends_or_does_not(second, stage):
    assert act("On passage Passed by recorded vote: 230 - 190.", second, place="us").stage == stage


def test_differences_are_settled_by_concurrence_or_conference():
    first = ("On passage Passed by recorded vote: 230 - 190.", "Passed Senate with amendments by Voice Vote.")
    assert (
        act(
            *first, "On motion that the House agree to the Senate amendments Agreed to without objection.", place="us"
        ).stage
        == "passed_all"
    )
    half = (*first, "On agreeing to the conference report Agreed to by the Yeas and Nays: 250 - 150.")
    assert act(*half, place="us").stage == "differences"
    assert act(*half, "Senate agreed to conference report by Voice Vote.", place="us").stage == "passed_all"


def test_conferees_who_agree_to_disagree_settle_nothing():
    parted = (
        "Passed House, yeas 90, nays 1",
        "Passed Senate as amended, yeas 39, nays 1",
        "Nonconcurred with amendments; Conference Committee requested",
        ("Conference Committee Report agree to disagree adopted; second conferees appointed", "upper"),
        ("Conference Committee Report agree to disagree adopted; second conferees appointed", "lower"),
    )
    assert act(*parted, place="us-ks").stage == "differences"
    assert act(*parted, "Died on Calendar", place="us-ks").stage == "dead"
    settled = (
        ("Conference Committee Report was adopted", "upper"),
        ("Conference Committee Report was adopted", "lower"),
    )
    assert act(*parted, *settled, place="us-ks").stage == "passed_all"


def test_a_failed_suspension_is_a_setback_and_a_failed_passage_an_end():
    setback = act(
        "On motion to suspend the rules and pass the bill Failed by the Yeas and Nays: (2/3 required): 260 - 157.",
        place="us",
    )
    assert setback.stage != "dead"
    assert [mark.mark for mark in setback.marks] == ["setback"]
    dead = act("On passage Failed by recorded vote: 195 - 234 (Roll no. 286).", place="us")
    assert (dead.stage, dead.reason) == ("dead", "failed of passage")
    assert (
        act(
            "On passage Failed by recorded vote: 195 - 234.",
            "On passage Passed by recorded vote: 220 - 200.",
            place="us",
        ).stage
        == "passed_first"
    )


def test_vetoes_and_what_follows_them():
    passed = ("Passed House, yeas 90, nays 1", "Passed Senate, yeas 40, nays 1", "Delivered to Governor.")
    assert act(*passed, "Vetoed by Governor.").stage == "vetoed"
    assert act(*passed, "Vetoed by Governor.", ("Veto overridden", "lower"), place="us-ky").stage == "vetoed"
    assert (
        act(
            *passed, "Vetoed by Governor.", ("Veto overridden", "lower"), ("Veto overridden", "upper"), place="us-ky"
        ).stage
        == "enacted"
    )
    assert act(*passed, "Vetoed by Governor.", "Veto sustained Yeas-20 Nays-22").stage == "dead"
    assert act(*passed, "Governor partially vetoed.").stage == "enacted"
    assert (pocket := act(*passed, "Pocket Veto")).stage == "dead"
    assert pocket.reason == "pocket veto"
    assert act(*passed, "Became law without Governor's signature").stage == "enacted"


def test_the_question_put_after_a_veto_is_not_its_answer():
    question = (
        "This Bill, having been returned by the Governor, together with objections to the same pursuant to the "
        'Constitution, the House proceeded to vote on the question: "Shall this Bill become a law notwithstanding the '
        'objections of the Governor?"'
    )
    passed = ("PASSED TO BE ENACTED.", "PASSED TO BE ENACTED, in concurrence.")
    asked = act(*passed, question, place="us-me")
    assert (asked.stage, asked.events[-1].rule) == ("vetoed", "returned-with-objections")
    assert act(*passed, question, "Placed in the Legislative Files. (DEAD)", place="us-me").stage == "dead"


def test_a_lost_vote_that_is_printed_as_passed_did_not_pass():
    begun = ("First read in House and referred to House Judiciary", "Judiciary Do Pass , Passed, YEAS 9, NAYS 1")
    over = (*begun, "House of Representatives Do Pass , Passed, YEAS 40, NAYS 25 H.J. 372")
    assert act(*over, place="us-sd").stage == "passed_first"
    tie = act(*over, "Judiciary Do Pass , Passed, YEAS 3, NAYS 3 S.J. 31", place="us-sd")
    assert (tie.stage, tie.classes[-1]) == ("passed_first", ("committee-failure",))
    lost = act(*over, "Senate Do Pass , Passed, YEAS 12, NAYS 22 S.J. 482", place="us-sd")
    assert (lost.stage, lost.classes[-1]) == ("dead", ("failure",))
    assert act(*begun, "House of Representatives Do Pass , Passed, YEAS 33, NAYS 34", place="us-sd").stage == "dead"
    kept = act(*begun, "Education Deferred to the 41st legislative day , Passed, YEAS 3, NAYS 10", place="us-sd")
    assert kept.stage == "reported"


def test_new_hampshires_senate_ends_what_it_had_begun_to_pass():
    begun = (
        ("Ought to Pass with Amendment: MA VV", "lower"),
        ("Ought to Pass with Amendment, RC 16Y-8N, MA; 05/08/2025; SJ 12", "upper"),
        ("Pending Motion OT3rdg; 05/08/2025; SJ 12", "upper"),
    )
    ended = act(*begun, ("Inexpedient to Legislate, Senate Rule 3-23, 10/31/2025; SJ 1", "upper"), place="us-nh")
    assert (ended.stage, ended.events[-1].rule) == ("dead", "nh.senate-rule")


def test_a_resolution_that_passed_is_not_law():
    assert act("Adopted", kind="resolution").stage == "adopted"
    assert act(("Adopted", "lower"), kind="concurrent resolution").stage == "passed_first"
    both = (("Adopted", "lower"), ("Adopted", "upper"), "Signed by Governor.")
    assert act(*both, kind="concurrent resolution", place="us-tn").stage == "adopted"
    assert (
        act(("Passed House", "lower"), ("Passed Senate", "upper"), kind="constitutional amendment").stage == "adopted"
    )


def test_joint_resolutions_are_law_only_where_they_go_to_the_executive():
    both = (("Passed House", "lower"), ("Passed Senate", "upper"))
    assert act(*both, kind="joint resolution", place="us").stage == "passed_all"
    assert act(*both, kind="joint resolution", place="us-wa").stage == "adopted"
    # California numbers its resolutions with a chapter too; that makes no law.
    numbered = (*both, "Chaptered by Secretary of State. Res. Chapter 12, Statutes of 2025.")
    assert act(*numbered, kind="joint resolution", place="us-ca").stage == "adopted"


def test_one_body_alone_passes_in_councils_and_nebraska():
    assert (
        act("Introduced by Council", "Approved by Council", place="us-ny-nyc", kind="ordinance").stage == "passed_all"
    )
    assert act("Approved, by Council", place="us-ny-nyc", kind="resolution").stage == "adopted"
    assert act("Passed on Final Reading 40-2-7", place="us-ne").stage == "passed_all"


def test_filed_at_the_end_of_session_is_dead_in_new_york_city():
    status = act(
        "Introduced by Council",
        "Referred to Comm by Council",
        "Filed (End of Session)",
        place="us-ny-nyc",
        kind="ordinance",
    )
    assert (status.stage, status.reason, status.basis) == ("dead", "the session ended", "action")


def test_discharged_to_another_committee_is_still_in_committee():
    status = act(
        "Read twice and referred to the Committee on Finance.",
        "Senate Committee on Finance discharged by Unanimous Consent.",
        "Referred to the Committee on Foreign Relations.",
        place="us",
    )
    assert status.stage == "in_committee"


def test_a_passage_that_is_undone_lowers_the_stage_and_says_so():
    status = act(
        "Referred to Committee",
        "Passed Senate without amendment by Unanimous Consent.",
        "Senate vitiated passage of the measure.",
        place="us",
    )
    assert status.stage == "in_committee"
    assert "retracted" in [mark.mark for mark in status.marks]
    assert stages(status) == ["in_committee", "passed_first", "in_committee"]


# -- time ------------------------------------------------------------------------------------------------------------------


def test_nothing_is_inferred_without_as_of_and_actions_after_it_do_not_count():
    actions = ("Introduced in House", "Referred to the House Committee on the Judiciary.")
    assert act(*actions, start="2021-02-01", place="us", session="117").stage == "in_committee"
    dead = act(*actions, start="2021-02-01", place="us", session="117", as_of=dt.date(2023, 2, 1))
    assert (dead.stage, dead.basis, dead.cause) == ("dead", "inferred", None)
    assert "session ended on 2023-01-03" in dead.reason
    early = act(*actions, start="2021-02-01", place="us", session="117", as_of=dt.date(2021, 2, 1))
    assert early.stage == "introduced"
    assert "1 action after 2021-02-01 ignored" in early.warnings


def test_a_bill_that_carries_over_lives_on_to_the_second_year():
    actions = ("Introduced", "Referred to Committee on Judiciary")
    nh = {"place": "us-nh", "session": "2025", "start": "2025-01-10"}
    assert act(*actions, **nh, as_of=dt.date(2025, 12, 1)).stage == "in_committee"
    assert act(*actions, **nh, as_of=dt.date(2026, 12, 1)).stage == "dead"
    # Nothing is known of Guam's rule, so nothing is said.
    assert act(*actions, place="us-gu", session="37th", as_of=dt.date(2040, 12, 1)).stage == "in_committee"


def test_what_passed_is_not_taken_for_dead_while_the_governor_may_sign():
    status = act(
        ("Passed House", "lower"),
        ("Passed Senate", "upper"),
        place="us-ky",
        session="2025RS",
        as_of=dt.date(2025, 8, 1),
    )
    assert status.stage == "passed_all"


def test_effective_dates_from_actions_and_from_text():
    law = (*STATE_LAW, "Effective date 7/27/2025.")
    later = act(*law, place="us-wa", as_of=dt.date(2025, 7, 1))
    assert (later.stage, later.effective_date) == ("enacted", dt.date(2025, 7, 27))
    assert act(*law, place="us-wa", as_of=dt.date(2025, 8, 1)).stage == "effective"
    text = "Section 1. Words.\n§ 2. This local law takes effect 120 days after it becomes law."
    nyc = act(
        "Approved by Council",
        "City Charter Rule Adopted",
        place="us-ny-nyc",
        kind="local law",
        text=text,
        as_of=dt.date(2026, 1, 1),
    )
    assert (nyc.stage, nyc.stage_date, nyc.basis) == ("effective", dt.date(2025, 5, 11), "text")
    assert nyc.reason == '"This local law takes effect 120 days after it becomes law."'


# -- bad input ---------------------------------------------------------------------------------------------------------------


def test_no_actions_and_unknown_places_are_defined():
    status = assess([], jurisdiction="us-tx", kind="bill")
    assert (status.stage, status.events, status.warnings) == ("unknown", (), ("no actions: stage unknown",))
    strange = assess(
        [Action(date=None, description="Passed House")], jurisdiction="xx-atlantis", kind=None, identifier="HB 1"
    )
    assert strange.stage == "passed_first"
    assert any("unknown jurisdiction" in warning for warning in strange.warnings)


def test_order_undated_doubled_and_newest_first():
    actions = [
        Action(date=dt.date(2025, 3, 1), description="Passed House", chamber="lower"),
        Action(date=dt.date(2025, 1, 1), description="Introduced", chamber="lower"),
        Action(date=None, description="Referred to Committee on Health", chamber="lower"),
        Action(date=dt.date(2025, 3, 1), description="Passed House", chamber="lower"),
    ]
    status = assess(actions, jurisdiction="us-ky", kind="bill")
    assert [(event.stage, event.cause) for event in status.events] == [
        ("introduced", 1),
        ("in_committee", 2),
        ("passed_first", 0),
    ]
    newest_first = [
        Action(date=dt.date(2025, 3, 1), description="Passed House", chamber="lower"),
        Action(date=dt.date(2025, 1, 1), description="Referred to Committee on Health", chamber="lower"),
        Action(date=dt.date(2025, 1, 1), description="Introduced", chamber="lower"),
    ]
    status = assess(newest_first, jurisdiction="us-ky", kind="bill")
    assert [event.cause for event in status.events] == [2, 1, 0]


# -- JSON Lines ----------------------------------------------------------------------------------------------------------------


def line(**more):
    return json.dumps({"id": "a", "jurisdiction": "us-ny-nyc", "kind": "Introduction", "actions": [], **more})


def test_lines_follow_the_contract():
    row = next(
        monitor_lines(
            [
                line(
                    actions=[
                        {"date": "2024-05-01", "text": "Introduced by Council", "body": "City Council", "votes": 3}
                    ]
                )
            ]
        )
    )
    assert row["stage"] == "introduced"
    assert list(row) == [
        "id", "stage", "stage_date", "cause", "basis", "rule", "events", "marks", "actions", "unmapped", "warnings", "ruleset",
    ]  # fmt: skip
    assert row["actions"] == [{"classes": ["introduction"]}]
    assert row["events"] == [
        {"stage": "introduced", "date": "2024-05-01", "cause": 0, "basis": "action", "rule": "nyc.introduced"}
    ]


@pytest.mark.parametrize(
    "kind", ["Introduction", "Int.", "B", "bill", ["bill", "appropriation"], "hr", "Ordinance", "Local Law"]
)
def test_kinds_in_others_words(kind):
    row = next(monitor_lines([line(kind=kind, actions=[{"date": "2024-05-01", "text": "Approved by Council"}])]))
    assert row["stage"] == "passed_all"


def test_bad_lines_are_reported_with_their_number_and_the_rest_is_done():
    errors = []
    lines = ["{not json", "[1]", '{"jurisdiction": "us"}', "", line(), line(actions=[7]), line(as_of="soon")]
    rows = list(monitor_lines(lines, on_error=lambda number, message: errors.append((number, message))))
    assert len(rows) == 1
    assert [number for number, _ in errors] == [1, 2, 3, 6, 7]
    assert errors[2][1] == "field 'id' is missing"
    with pytest.raises(BadInput, match="line 1: not JSON"):
        list(monitor_lines(["{not json"]))


def test_a_bad_date_of_an_action_is_a_warning():
    row = next(monitor_lines([line(actions=[{"date": "yesterday", "text": "Introduced by Council"}])]))
    assert row["stage"] == "introduced"
    assert row["stage_date"] is None
    assert row["warnings"] == ["actions[0].date 'yesterday' is no date; kept undated"]


def test_a_time_that_no_clock_shows_is_named_and_its_date_is_kept():
    steps = [
        {"date": "2025-01-14", "time": "99:99", "text": "Introduced"},
        {"date": "2025-01-15", "time": "noon", "text": "\x1b[31mPassed House"},
        {"date": "2025-01-16", "time": "14:30", "text": "Received from the House"},
    ]
    row = next(monitor_lines([line(jurisdiction="us-tx", kind="bill", actions=steps)]))
    assert [(event["stage"], event["date"]) for event in row["events"]] == [
        ("introduced", "2025-01-14"),
        ("passed_first", "2025-01-15"),
    ]
    assert row["warnings"] == [
        "actions[0].time '99:99' is no time of day; left out, the date is kept",
        "actions[1].time 'noon' is no time of day; left out, the date is kept",
    ]


def test_unmapped_texts_are_listed_not_guessed():
    row = next(monitor_lines([line(actions=[{"date": "2024-05-01", "text": "Quokka Placed Upon Dais"}])]))
    assert (row["stage"], row["unmapped"]) == ("unknown", [0])


def test_the_number_outranks_a_source_that_calls_everything_a_bill():
    status = act("Resolution read and adopted", "Enrolled", kind="bill", place="us-nv", identifier="ACR1")
    assert status.stage == "adopted"
    assert status.warnings[0].startswith("called a bill")
    assert act("Passed House", kind="bill", place="us", identifier="HR1").warnings == ()


OBJECTIONS = "On passage, the objections of the President to the contrary notwithstanding {} by the Yeas and Nays."


@pytest.mark.parametrize(
    ("texts", "stage"),
    [
        (("Passed House over veto: " + OBJECTIONS.format("Passed"), OBJECTIONS.format("Passed")), "vetoed"),
        ((OBJECTIONS.format("Passed"), "Passed Senate over veto by Yea-Nay Vote. 81 - 13."), "enacted"),
        ((OBJECTIONS.format("Failed"),), "dead"),
        (("Failed of passage in Senate over veto by Yea-Nay Vote. 57 - 43.",), "dead"),
        (
            (
                "The Chair laid before the House the veto message from the President.",
                "Veto message received in Senate.",
            ),
            "vetoed",
        ),
    ],
)
def test_what_follows_a_presidents_veto(texts, stage):
    before = (
        "On passage Passed by recorded vote: 230 - 190.",
        "Passed Senate without amendment by Unanimous Consent.",
        "Presented to President.",
    )
    assert act(*before, "Vetoed by President.", *texts, place="us").stage == stage


WORDS = st.sampled_from(
    [
        "Passed",
        "House",
        "Senate",
        "Vetoed",
        "by",
        "Governor",
        "Referred to Committee",
        "failed",
        "amended",
        "Signed",
        "\x00",
        "§ 3",
        "\n",
        "Ley",
    ]
)


@given(
    texts=st.lists(st.lists(WORDS, max_size=6).map(" ".join), max_size=12),
    days=st.lists(st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)), min_size=12, max_size=12),
    kind=st.sampled_from([None, *KINDS]),
    place=st.sampled_from(["us", "us-ny-nyc", "us-ne", "us-nh", "xx"]),
    as_of=st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2030, 1, 1)),
)
@settings(max_examples=150, deadline=None)
def test_any_actions_give_a_sound_status(texts, days, kind, place, as_of):
    actions = [Action(date=day, description=text) for text, day in zip(texts, days, strict=False)]
    status = assess(actions, jurisdiction=place, kind=kind, session="2025", as_of=as_of)
    assert status == assess(actions, jurisdiction=place, kind=kind, session="2025", as_of=as_of)
    assert len(status.classes) == len(actions)
    assert status.stage == (status.events[-1].stage if status.events else "unknown")
    for event in status.events:
        assert event.rule
        assert event.cause is None or 0 <= event.cause < len(actions)
        assert (event.basis == "inferred") == (event.cause is None)
        if as_of is not None and event.date is not None:
            assert event.date <= as_of


def test_what_becomes_of_a_law_is_told_only_of_laws():
    assert act(*STATE_LAW, "Preliminary injunction granted by U.S. District Court", place="us-ky").stage == "enjoined"
    assert act(*STATE_LAW, "Repealed by Chapter 12, Laws of 2026", place="us-ky").stage == "repealed"
    assert act("Introduced", "Declared unconstitutional by Supreme Court", place="us-ky").stage == "introduced"
