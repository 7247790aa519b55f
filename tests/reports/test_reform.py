"""One reform on one page: how far it has come in each place, its measures, and why they belong together."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import Family, FamilyLink, Status
from freedom_policy.reports import build_reform, reform_from

FAMILY = Family(
    key="buyers", name="Penalties for buyers", members=("us-tx/892/HB1", "us-tx/891/HB9", "us-wa/2025-2026/SB3")
)


@pytest.fixture
def reform(make):
    def view(key, stage, day):
        return make.view(key, stage, introduced=day, status=Status(stage=stage, stage_date=day, ruleset="1"))

    views = [
        view("us-tx/892/HB1", "enacted", dt.date(2025, 8, 20)),
        view("us-tx/891/HB9", "dead", dt.date(2025, 7, 21)),
        view("us-wa/2025-2026/SB3", "in_committee", dt.date(2026, 1, 12)),
    ]
    links = [
        FamilyLink(
            first="us-tx/891/HB9",
            second="us-tx/892/HB1",
            kind="prior-session",
            score=0.99,
            proof="equal titles",
            review="confirmed",
        ),
        FamilyLink(
            first="us-tx/892/HB1", second="us-wa/2025-2026/SB3", kind="same-text", score=0.95, proof="97% of words"
        ),
        FamilyLink(first="us-tx/892/HB1", second="us-or/1/X1", kind="same-text", score=0.9, proof="not a member"),
    ]
    return reform_from(FAMILY, views, links, now=make.now)


def test_the_furthest_measure_of_each_place_says_how_far_it_is(reform):
    assert [(found.place, found.stage) for found in reform.standings] == [
        ("us-tx", "enacted"),
        ("us-wa", "in_committee"),
    ]


def test_every_format_tells_measures_oldest_first_and_why_they_belong_together(reform):
    assert [item.key for item in reform.members] == ["us-tx/891/HB9", "us-tx/892/HB1", "us-wa/2025-2026/SB3"]
    for text in (reform.to_text(width=200), reform.to_markdown(), reform.to_html()):
        for wanted in (
            "Penalties for buyers",
            "3 measures in 2 places try the same change.",
            "Texas: became law, 20 Aug 2025",
            "the same change in another session, confirmed by a person. equal titles.",
            "the same text in another place, found by machine, not reviewed. 97% of words.",
            "Not legal advice",
        ):
            assert wanted in text
        assert "not a member" not in text
    assert type(reform).model_validate_json(reform.to_json()) == reform


def test_a_reform_is_found_by_its_key_or_that_of_a_measure(make, store):
    store.save_families([FAMILY.model_copy(update={"members": ("us-tx/892/HB1", "us-wa/2025-2026/SB3")})], [])
    assert build_reform(store, "buyers", now=make.now).name == "Penalties for buyers"
    assert build_reform(store, "us-tx/892/HB1", now=make.now).key == "buyers"
    with pytest.raises(BadInput, match="Did you mean buyers"):
        build_reform(store, "buyer")
