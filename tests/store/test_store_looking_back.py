"""A measure as it stood on a day, or as we knew it then, tells nothing that came or was learnt later."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.records import Abstract, Citation, Classification, Committee, Hearing, Review, Sponsor, TextVersion
from freedom_policy.reports import brief
from freedom_policy.store import queries

KEY = "us/117/HR1"
FILED = dt.datetime(2021, 1, 10, 12, tzinfo=dt.UTC)
SIGNED = dt.datetime(2021, 9, 10, 12, tzinfo=dt.UTC)
TAGS = Classification(
    relevance="core", tracked=True, score=0.9, goals=("victim_protection",), binding=True, model="m-1"
)
STEPS = (
    ("2021-01-04", "Introduced in House"),
    ("2021-05-03", "Passed House"),
    ("2021-09-01", "Became Public Law 117-1"),
)


@pytest.fixture
def law(store, make, collect, stand):
    """Filed and read in January; by September it had passed and become law, with a later text, a summary and tags of it."""
    filed = make(
        steps=STEPS[:1], versions=(TextVersion(note="Introduced", date=dt.date(2021, 1, 4), text="Old words"),)
    )
    collect(filed, at=FILED)
    store.save_statuses([(KEY, stand(filed, ("introduced", 0)))], observed_at=FILED)
    store.save_classifications([(KEY, TAGS)], observed_at=FILED)
    signed = make(
        steps=STEPS,
        versions=(*filed.versions, TextVersion(note="Public Law", date=dt.date(2021, 9, 1), text="New words")),
        citations=(Citation(citation="Public Law 117-1"),),
        abstracts=(Abstract(abstract="It became law and helps survivors."),),
        committees=(Committee(name="Conference Committee"),),
        sponsors=(
            Sponsor(name="Rep. One", classification="primary"),
            Sponsor(name="Rep. Early", date=dt.date(2021, 2, 1), withdrawn=dt.date(2021, 6, 1)),
            Sponsor(name="Rep. Late", date=dt.date(2021, 8, 1)),
        ),
        hearings=(Hearing(date=dt.date(2021, 7, 1), body="Late Committee"),),
    )
    collect(signed, at=SIGNED)
    status = stand(signed, ("introduced", 0), ("passed_first", 1), ("enacted", 2), effective_date=dt.date(2022, 1, 1))
    store.save_statuses([(KEY, status)], observed_at=SIGNED)
    later = TAGS.model_copy(update={"goals": ("system_reform",)})
    store.save_classifications([(KEY, later)], observed_at=SIGNED)
    return queries.measure(store, KEY)


def every_format(view):
    return " ".join(
        " ".join(text.split())
        for text in (brief.to_text(view), brief.to_markdown(view), brief.to_html(view), brief.to_json(view))
    )


FUTURE = (
    "Public Law 117-1",
    "1 Jan 2022",
    "2022-01-01",
    "Late Committee",
    "Conference",
    "Rep. Late",
    "helps survivors",
)


def test_as_of_a_day_shows_nothing_that_is_dated_later(store, law):
    view = queries.as_it_was(store, law, valid=dt.date(2021, 5, 10))
    assert (view.stage, [action.description for action in view.actions]) == (
        "passed_first",
        ["Introduced in House", "Passed House"],
    )
    assert view.actions[view.status.cause].description == "Passed House"
    assert view.status.effective_date is None
    assert [(sponsor.name, sponsor.withdrawn) for sponsor in view.sponsors] == [
        ("Rep. One", None),
        ("Rep. Early", None),
    ]
    assert view.classification is None, "its tags were read from a text of September"
    assert view.left_out == ("what it would do", "summary", "committees")
    told = every_format(view)
    assert not [words for words in FUTURE if words in told]
    assert "System reform" not in told
    assert "This is how it stood on 10 May 2021. What came later is left out" in told
    assert "not known since when it is so: what it would do, summary and committees" in told
    assert "is over" not in told, "the session was not over then"


def test_known_at_a_day_shows_nothing_that_was_learnt_later(store, law):
    view = queries.as_it_was(store, law, valid=dt.date(2021, 5, 10), known=dt.datetime(2021, 5, 10, tzinfo=dt.UTC))
    assert view.stage == "introduced", "that it had passed was learnt in September"
    assert [action.description for action in view.actions] == ["Introduced in House"]
    assert view.classification.goals == ("victim_protection",)
    assert not view.sources
    told = every_format(view)
    assert not [words for words in FUTURE if words in told]
    assert "as far as we knew on 10 May 2021" in told
    assert "sponsors" in view.left_out


def test_what_we_knew_after_the_last_change_is_whole(store, law):
    view = queries.as_it_was(store, law, valid=dt.date(2021, 10, 1), known=dt.datetime(2021, 10, 1, tzinfo=dt.UTC))
    same = ("status", "actions", "citations", "hearings", "sponsors", "committees", "abstract", "classification")
    assert {name: getattr(view, name) for name in same} == {name: getattr(law, name) for name in same}
    assert view.left_out == ()


def test_before_it_was_filed_or_known_there_is_nothing(store, law):
    for view in (
        queries.as_it_was(store, law, valid=dt.date(2020, 1, 1)),
        queries.as_it_was(store, law, valid=dt.date(2021, 1, 5), known=dt.datetime(2021, 1, 5, tzinfo=dt.UTC)),
    ):
        assert (view.stage, view.actions, view.sponsors, view.classification) == ("unknown", (), (), None)
        assert "Nothing in its record is from that day or before" in every_format(view)


def test_a_decision_is_shown_from_the_day_on_which_it_was_made(store, law):
    review = Review(reviewer="A. Reader", decided_at=SIGNED + dt.timedelta(days=30), decision="accept")
    store.save_review(KEY, review, None)
    now = queries.measure(store, KEY)
    for days, decided in ((10, None), (40, review)):
        moment = SIGNED + dt.timedelta(days=days)
        assert queries.as_it_was(store, now, valid=moment.date(), known=moment).review == decided
