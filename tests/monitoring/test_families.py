"""Reforms: which measures belong together, how surely, and why."""

from __future__ import annotations

import datetime as dt
import json
import tarfile

import pytest

from freedom_policy.monitoring.families import (
    SURE,
    candidate,
    compare,
    find_links,
    is_sure,
    reforms,
    standings,
)
from freedom_policy.records import Measure, RelatedMeasure, Source, Status, TextVersion

NOW = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
HOTELS = (
    "Section 1. Each operator of a hotel shall train all of its employees in recognizing human trafficking, once a year, by a "
    "course that the department approves. Section 2. An operator that does not is liable to a civil penalty of 500 dollars."
)
BOATS = (
    "Section 1. Each owner of a passenger ferry shall inspect its life vests before the season and keep a log of what it found. "
    "Section 2. An owner that does not is liable to a civil penalty of 500 dollars, and the permit of the ferry may be suspended."
)


def measure(key, title, text=None, *, day="2025-01-01", related=()):
    place, session, identifier = key.split("/")
    versions = (TextVersion(note="Introduced", text=text),) if text else ()
    source = Source(name="congress", url="https://example.org/1", retrieved_at=NOW)
    return Measure(
        jurisdiction=place, session=session, identifier=identifier, title=title, source=source, versions=versions,
        introduced=dt.date.fromisoformat(day), related=related,
    )  # fmt: skip


def links_of(*measures):
    return find_links([candidate(item) for item in measures])


def test_companions_are_found_by_their_words_under_different_short_titles():
    house = measure("us/117/HR1", "A bill to require training in hotels", HOTELS)
    senate = measure("us/117/S2", "Safe Hotels Act of 2021", HOTELS, day="2025-02-01")
    other = measure("us/117/S3", "Safe Ferries Act of 2021", BOATS)
    (link,) = [link for link in links_of(house, senate, other) if is_sure(link)]
    assert (link.first, link.second, link.kind) == ("us/117/HR1", "us/117/S2", "companion")
    assert link.proof.startswith("texts 100% alike")


def test_a_title_that_returns_in_a_later_session_is_the_same_reform():
    first = measure("us-ny-nyc/2024/Int0827-2024", "Establishing an office of human trafficking.")
    again = measure("us-ny-nyc/2026/Int0747-2026", "Establishing an office of human trafficking", day="2026-03-01")
    (link,) = links_of(first, again)
    assert (link.kind, is_sure(link)) == ("prior-session", True)


def test_a_title_that_many_bear_proves_nothing():
    budgets = [measure(f"us-ca/2025/AB{number}", "Budget Act of the fiscal year 2025") for number in range(1, 5)]
    again = measure("us-ca/2026/AB1", "Budget Act of the fiscal year 2025", day="2026-01-10")
    assert not [link for link in links_of(*budgets, again) if is_sure(link)]


def test_the_same_title_over_different_texts_is_not_one_reform():
    one, two = measure("us-ca/2025/AB1", "An act relating to public safety in commerce", HOTELS), None
    two = measure("us-ca/2025/SB1", "An act relating to public safety in commerce", BOATS)
    link = compare(candidate(one), candidate(two))
    assert link.score < SURE


def test_the_same_text_elsewhere_is_a_link_of_its_own_kind():
    here = measure("us-wa/2025/HB1", "Training hotel employees", HOTELS)
    there = measure("us-or/2025/HB9", "Relating to hotels and trafficking", HOTELS)
    (link,) = links_of(here, there)
    assert (link.kind, link.score) == ("same-text", 1.0)


def test_what_a_source_states_counts_without_likeness_and_related_is_not_included():
    # api.congress.gov#184: 180 bills were "related" to a defence act, and most of them were not in it.
    stated = RelatedMeasure(relation_type="companion", session="117", identifier="S. 2", stated_by="CRS")
    loose = RelatedMeasure(relation_type="related", session="117", identifier="S. 3", stated_by="CRS")
    house = measure("us/117/HR1", "One", related=(stated, loose))
    found = {link.second: link for link in links_of(house, measure("us/117/S2", "Two"), measure("us/117/S3", "Three"))}
    assert (found["us/117/S2"].kind, found["us/117/S2"].proof) == ("companion", "CRS states: companion")
    assert not is_sure(found["us/117/S3"])


def test_a_person_outranks_likeness():
    house, senate = measure("us/117/HR1", "Hotels", HOTELS), measure("us/117/S2", "Hotels", HOTELS, day="2025-02-01")
    items = [candidate(house), candidate(senate)]
    (link,) = find_links(items)
    (family,) = reforms(items, [link])
    assert (family.key, family.members) == ("us/117/HR1", ("us/117/HR1", "us/117/S2"))
    assert reforms(items, [link.model_copy(update={"review": "rejected"})]) == []
    weak = link.model_copy(update={"score": 0.1, "review": "confirmed"})
    assert len(reforms(items, [weak])) == 1


def test_a_reform_stands_where_its_furthest_living_member_stands():
    items = [candidate(measure(key, "Hotels", HOTELS)) for key in ("us/117/HR1", "us/117/S2")]
    (family,) = reforms(items, find_links(items))
    statuses = {"us/117/HR1": Status(stage="dead", ruleset="x"), "us/117/S2": Status(stage="reported", ruleset="x")}
    (standing,) = standings(family, statuses)
    assert (standing.jurisdiction, standing.key, standing.stage) == ("us", "us/117/S2", "reported")


def test_nothing_and_one_make_no_links():
    assert find_links([]) == []
    assert links_of(measure("us/117/HR1", "Hotels", HOTELS)) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Int0827-2024", "Int0747-2026"),
        ("Res1385-2020", "Res0373-2024"),
        ("Res0373-2024", "Res0096-2026"),
        ("Int0970-2024", "Int0844-2026"),
    ],
)
def test_reforms_that_came_back_in_new_york_city(shared, nyc_links, first, second):
    assert frozenset((f"us-ny-nyc/{first[-4:]}/{first}", f"us-ny-nyc/{second[-4:]}/{second}")) in nyc_links


@pytest.fixture(scope="module")
def nyc_links(shared):
    items = []
    with tarfile.open(shared / "corpus" / "legistar" / "nyc_matters.tar.gz", "r|gz") as archive:
        for member in archive:
            if member.name.startswith("nyc/") and member.name.endswith(".json") and "/_" not in member.name:
                row = json.load(archive.extractfile(member))
                number = row["File"].replace(" ", "")
                found = measure(
                    f"us-ny-nyc/{number[-4:]}/{number}", row["Name"], row.get("Text"), day=row["IntroDate"][:10]
                )
                items.append(candidate(found.model_copy(update={"other_titles": (row["Title"],)})))
    return {frozenset((link.first, link.second)) for link in find_links(items)}
