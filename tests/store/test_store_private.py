"""What people follow, think and were told; and the reforms that measures belong to."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import Family, FamilyLink, MeasureFilter, Note, Watch
from freedom_policy.store import queries

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAYS = [NOON + dt.timedelta(days=number) for number in range(5)]


def test_digests_tell_nothing_twice_and_miss_nothing_after_a_failed_send(store) -> None:
    first = store.begin_digest("buyers", until=DAYS[0])
    assert first.since is None
    store.commit_digest(first, ["a", "b", "a"])
    failed = store.begin_digest("buyers", until=DAYS[1])
    assert failed.since == DAYS[0]
    store.give_up_digest(failed)
    # The process died in the middle of sending this one.
    store.begin_digest("buyers", until=DAYS[2])
    third = store.begin_digest("buyers", until=DAYS[3])
    assert third.since == DAYS[0]
    store.commit_digest(third, ["c"])
    assert queries.last_told(store, "buyers") == DAYS[3]
    assert queries.last_told(store, "others") is None
    assert queries.told(store, "buyers", ["a", "c", "d"]) == {"a", "c"}
    assert [issue.state for issue in queries.digest_issues(store, "buyers")] == ["sent", "given_up", "given_up", "sent"]


def test_an_issue_is_sent_once(store) -> None:
    issue = store.begin_digest("buyers", until=DAYS[1])
    overtaken = issue
    issue = store.begin_digest("buyers", until=DAYS[1])
    with pytest.raises(BadInput, match="given_up"):
        store.commit_digest(overtaken)
    store.commit_digest(issue)
    with pytest.raises(BadInput, match="sent"):
        store.commit_digest(issue)
    with pytest.raises(BadInput, match="already told until"):
        store.begin_digest("buyers", until=DAYS[0])


def test_a_digest_without_a_watch_is_known_by_its_filter(store) -> None:
    texas = MeasureFilter(jurisdictions=("us-tx",))
    store.commit_digest(store.begin_digest(texas, until=DAYS[0]))
    assert queries.last_told(store, texas.model_copy(update={"limit": 5})) == DAYS[0]
    assert queries.last_told(store, MeasureFilter()) is None


def test_watches_are_kept_replaced_and_removed(store) -> None:
    watch = Watch(
        name="Buyer-penalty bills in WA, OR", filter=MeasureFilter(jurisdictions=("us-wa", "us-or")), schedule="weekly"
    )
    kept = store.save_watch(watch)
    assert kept.created_at is not None
    store.save_watch(watch.model_copy(update={"emails": ("ann@example.org",)}))
    assert queries.watches(store) == [kept.model_copy(update={"emails": ("ann@example.org",)})]
    with pytest.raises(BadInput, match="Did you mean Buyer-penalty bills in WA, OR"):
        store.remove_watch("Buyer-penalty bills in WA")
    store.remove_watch(watch.name)
    assert queries.watches(store) == []
    store.save_watch(watch)
    assert len(queries.watches(store)) == 1


def test_notes_are_added_and_never_lost(store, collect, make) -> None:
    collect(make())
    store.save_note(Note(key="us/117/HR1", position="watch", text="ask Ann"))
    store.save_note(Note(key="us/117/HR1", position="support"))
    assert [(note.position, note.text) for note in queries.notes(store, "us/117/HR1")] == [
        ("support", ""),
        ("watch", "ask Ann"),
    ]
    assert len(queries.notes(store)) == 2
    with pytest.raises(BadInput, match="HR404"):
        store.save_note(Note(key="us/117/HR404", text="x"))


def test_reforms_are_kept_as_they_are_found_and_a_persons_word_stays(store, collect, make) -> None:
    collect(*(make(f"us/117/HR{number}") for number in range(1, 4)), make("us/117/S1"))
    links = [
        FamilyLink(first="us/117/HR1", second="us/117/S1", kind="companion", score=0.9, proof="the source says so"),
        FamilyLink(first="us/117/HR1", second="us/117/HR2", kind="same-text", score=0.6, proof="80% of the words"),
        FamilyLink(first="us/117/HR1", second="us/117/HR404", kind="same-text", score=0.6, proof="not here"),
    ]
    family = Family(key="help-act", name="Help Act", members=("us/117/HR1", "us/117/S1", "us/117/HR2", "us/117/HR404"))
    assert store.save_families([family], links, observed_at=DAYS[0]) == 3
    assert store.save_families([family], links, observed_at=DAYS[1]) == 0
    kept = family.model_copy(update={"members": ("us/117/HR1", "us/117/HR2", "us/117/S1")})
    assert queries.families(store) == queries.families(store, ["help-act"]) == [kept]
    assert queries.measure(store, "us/117/S1").family == "help-act"
    assert queries.family_links(store) == links[:2]
    store.review_link("us/117/HR1", "us/117/HR2", "same-text", "rejected")
    with pytest.raises(BadInput, match="No companion link"):
        store.review_link("us/117/HR1", "us/117/HR2", "companion", "confirmed")
    smaller = family.model_copy(update={"members": ("us/117/HR1", "us/117/S1"), "name": "Helping Act"})
    changed = [links[0].model_copy(update={"score": 0.95})]
    assert store.save_families([smaller], changed, observed_at=DAYS[2]) == 1
    assert queries.measure(store, "us/117/HR2").family is None
    assert [item.name for item in queries.families(store)] == ["Helping Act"]
    assert [(link.kind, link.score, link.review) for link in queries.family_links(store)] == [
        ("companion", 0.95, None),
        ("same-text", 0.6, "rejected"),
    ]
    assert [link.kind for link in queries.family_links(store, "us/117/S1", unreviewed=True)] == ["companion"]
    store.save_families([smaller], [], observed_at=DAYS[3])
    assert [link.kind for link in queries.family_links(store)] == ["same-text"]


def test_measures_of_one_reform_count_once(store, collect, make) -> None:
    collect(make(), make("us/117/S1"), make("us/117/HR2"))
    store.save_families([Family(key="help", name="Help", members=("us/117/HR1", "us/117/S1"))])
    [found] = queries.facets(store, ("jurisdiction",), MeasureFilter(tracked=None))
    assert (found.measures, found.families) == (3, 2)
