"""One measure on one page: where it stands and why, how it got there, its words, in every format."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from freedom_policy.records import Action, Citation, Status, StatusEvent, StatusMark
from freedom_policy.reports import brief


@pytest.fixture
def law(make):
    actions = (
        Action(date=dt.date(2025, 1, 5), description="Read first time", url="https://example.org/a1"),
        Action(date=dt.date(2025, 3, 1), description="Motion failed; call 206-555-1234"),
        Action(date=make.day, description="Signed by the Governor"),
    )
    status = Status(
        stage="enacted",
        stage_date=make.day,
        cause=2,
        effective_date=dt.date(2027, 1, 1),
        events=(
            StatusEvent(stage="introduced", date=dt.date(2025, 1, 5), cause=0, rule="r1"),
            StatusEvent(stage="enacted", date=make.day, cause=2, rule="r2"),
        ),
        marks=(StatusMark(mark="setback", date=dt.date(2025, 3, 1), cause=1),),
        unmapped=(1,),
        ruleset="1",
    )
    tags = make.tags(make.provision("buyer_penalty"), make.provision("restitution", score=0.5))
    citations = (Citation(citation="Chapter 5, Laws of 2025"),)
    return make.view(actions=actions, status=status, classification=tags, citations=citations)


def formats(view):
    return {
        "text": brief.to_text(view, width=200),
        "markdown": brief.to_markdown(view),
        "html": brief.to_html(view),
        "fragment": brief.to_html_fragment(view),
    }


def test_every_format_says_the_same(law):
    for name, text in formats(law).items():
        for wanted in (
            "Became law, 20 Nov 2026.",
            "In force from 1 Jan 2027.",
            "As law: Chapter 5, Laws of 2025.",
            "“Signed by the Governor”",
            "A setback that did not end it",
            "[phone number masked]",
            "Buyer penalties",
            "likely",
            "possible",
            "“penalties for buying commercial sex”",
            "Machine-tagged, not reviewed",
            "As written, it adds to Victim protection and Deterrence (buyers).",
            "1 action in the record that no rule understands",
            "Not legal advice",
        ):
            assert wanted in text.replace("\\[", "[").replace("\\]", "]"), f"{name}: {wanted}"


def test_the_timeline_is_in_order_and_has_its_links(law):
    found = json.loads(brief.to_json(law))["timeline"]
    assert [event["words"] for event in found] == ["Introduced", "A setback that did not end it", "Became law"]
    assert found[0]["url"] == "https://example.org/a1"


def test_the_same_words_are_shown_once(law):
    assert brief.to_text(law).count("“penalties for buying commercial sex”") == 1
    assert "Shown by the same words." in brief.to_text(law)


def test_a_measure_of_which_little_is_known_has_a_page(make):
    bare = make.view(classification=None, status=None, actions=(), sponsors=(), url=None, sources=(), title="")
    for text in formats(bare).values():
        assert "Stage not known." in text
        assert "No provision on trafficking was found" in text
        assert "No link in the record" in text
        assert "Not tagged" in text


def test_a_demo_record_is_stamped(make):
    for text in formats(make.view(demo=True)).values():
        assert "not current" in text


def test_a_measure_of_a_reform_says_how_to_see_the_others(make):
    for text in formats(make.view(family="us-tx/892/HB1")).values():
        assert "Other measures try the same change: freedom-policy show us-tx/892/HB252 --reform" in text
    for text in formats(make.view()).values():
        assert "--reform" not in text
