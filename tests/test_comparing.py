"""Two versions side by side: what changed, which tags came and went, and what is said when a version is not there."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy import comparing
from freedom_policy.errors import BadInput
from freedom_policy.records import Classification, Provision, TextVersion

OLD = "SEC. 1. Shelter\nThe state shall fund a shelter for victims.\nSEC. 2. Report\nThe agency shall report each year."
NEW = "SEC. 1. Shelter\nThe state shall fund two shelters for victims.\nSEC. 2. Training <b>\nPolice shall be trained."
VERSIONS = (
    TextVersion(note="Introduced", text=OLD),
    TextVersion(note="Engrossed", text=None),
    TextVersion(note="Enrolled", text=NEW),
)


def classify(text: str) -> Classification:
    types = ["shelter_housing"] + (["training_law_enforcement"] if "trained" in text else ["data_reporting"])
    provisions = tuple(
        Provision(type=kind, score=0.9, direction="strengthens", quote="x", start=0, end=1, field="text")
        for kind in types
    )
    return Classification(relevance="core", tracked=True, score=0.9, provisions=provisions, model="test")


def test_what_changed_and_which_tags_came_and_went():
    found = comparing.compare("us-tx/1/HB1", VERSIONS, "introduced", "3", classify)
    assert (found.came, found.went) == (("training_law_enforcement",), ("data_reporting",))
    text = found.to_text()
    assert "Introduced -> Enrolled" in text
    assert "[-a shelter-]" in text.replace("[-a-]", "[-a shelter-]")
    assert "not reviewed" in text
    assert "<b>" not in found.to_html().split("<main>")[1].replace("<b>Changed", "").replace("<b>Added", "").replace(
        "<b>Removed", ""
    )


@pytest.mark.parametrize(("wanted", "said"), [("9", "has no version '9'"), ("Engrossed", "without words")])
def test_a_version_that_is_not_there_lists_what_there_is(wanted, said):
    with pytest.raises(BadInput, match=said) as told:
        comparing.compare("us-tx/1/HB1", VERSIONS, "1", wanted, classify)
    assert "2 Engrossed, without words" in str(told.value)


def test_versions_stand_in_the_order_of_the_lawmakers_also_where_they_have_no_date():
    labels = [
        "Public Law",
        "Enrolled Bill",
        "Received in Senate",
        "Engrossed in House",
        "Reported in House",
        "Introduced in House",
    ]
    days = {"Introduced in House": dt.date(2021, 1, 4), "Engrossed in House": dt.date(2021, 5, 3)}
    for dated in ({}, days, {**days, "Public Law": dt.date(2021, 9, 1)}):
        newest_first = [TextVersion(note=label, date=dated.get(label)) for label in labels]
        assert [version.note for version in comparing.in_order(newest_first)] == labels[::-1]
    same_day = [TextVersion(note=label, date=dt.date(2021, 5, 3)) for label in labels[2:4]]
    assert [version.note for version in comparing.in_order(same_day)] == ["Engrossed in House", "Received in Senate"]
    unknown = [TextVersion(note=f"Version {letter}") for letter in "*AB"]
    assert comparing.in_order(unknown) == tuple(unknown), "where no label says a step, as the source gave them"
    later = [
        TextVersion(note="Version A", date=dt.date(2024, 2, 1)),
        TextVersion(note="Version *", date=dt.date(2024, 1, 1)),
    ]
    assert [version.note for version in comparing.in_order(later)] == ["Version *", "Version A"]


def test_no_versions_at_all():
    with pytest.raises(BadInput, match="no text version"):
        comparing.compare("us-tx/1/HB1", (), "1", "2", classify)


@pytest.mark.parametrize("width", [40, 60, 90])
def test_the_comparison_keeps_to_the_terminal(width):
    long = TextVersion(note="Enrolled", text=NEW + " The department shall publish what it found." * 20)
    text = comparing.compare("us-tx/1/HB1", (VERSIONS[0], long), "1", "2", classify).to_text(width=width)
    assert max(map(len, text.splitlines())) <= width
