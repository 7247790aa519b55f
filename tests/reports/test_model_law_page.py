"""Measures, reforms and places beside the model law: what counts, what stands apart, and what is not known."""

from __future__ import annotations

import json

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import Action, CrawlReport, Family, Found, Measure, Source, TextVersion
from freedom_policy.reports import build_model_law, model_law_from
from freedom_policy.reports.coverage import PlaceLook

WORDS = (
    "A lantern keeper under the age of majority is not answerable for carrying a lantern without a permit, if the keeper was "
    "sent out by another."
)
MODEL = f"SECTION 15. IMMUNITY OF MINOR. {WORDS}\n"


@pytest.fixture
def page(make):
    def build(*views, subject="place", look=True, **more):
        held = PlaceLook(place="us-tx", sources=("openstates",), measures=9) if look else None
        return model_law_from(views, subject=subject, key="us-tx", title="Texas", look=held, now=make.now, **more)

    return build


def bill(make, kind, key="us-tx/892/HB252", stage="enacted", **fields):
    said = {name: fields.pop(name) for name in ("binding", "relevance", "administrative") if name in fields}
    direction = fields.pop("direction", "strengthens")
    return make.view(key, stage, classification=make.tags(make.provision(kind, direction=direction), **said), **fields)


def test_a_provision_in_force_answers_its_section_with_its_words(make, page):
    found = page(bill(make, "safe_harbor_minors"), bill(make, "restitution", "us-tx/892/HB3", "in_committee"))
    answer = found.section(15)
    (proof,) = answer.proofs
    assert (answer.answer, answer.own, answer.in_force) == ("found", True, 1)
    assert (proof.key, proof.tag.type, proof.tag.quote, proof.model) == (
        "us-tx/892/HB252",
        "safe_harbor_minors",
        "penalties for buying commercial sex",
        "test-1",
    )
    assert (found.section(10).in_force, found.section(10).moving) == (0, 1)
    assert (found.score, found.answered, found.total) == (round(1 / 22, 3), 1, 22)
    assert "For 1 more there is only what is moving." in found.counts


def test_of_a_measure_every_stage_counts(make, page):
    found = page(bill(make, "safe_harbor_minors", stage="in_committee"), subject="measure")
    assert (found.score, found.section(15).moving) == (round(1 / 22, 3), 1)


def test_a_kind_for_several_sections_is_told_once_and_counted_apart(make, page):
    found = page(bill(make, "criminal_offence_trafficking"))
    assert (found.answered, found.own) == (3, 0)
    text = found.to_text(width=200)
    assert text.count("penalties for buying commercial sex") == 1
    assert "This kind may answer to sections 4 and 5 as well; it does not tell which." in text
    assert text.count("1 provision under section 3 may answer to this one, too.") == 2


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"binding": False}, "not binding"),
        ({"administrative": True}, "administrative"),
        ({"relevance": "adjacent"}, "related subjects"),
        ({"direction": "weakens"}, "which way it goes is for a person to say"),
    ],
)
def test_what_is_in_no_total_answers_nothing_and_is_shown_with_the_reason(make, page, fields, why):
    found = page(bill(make, "safe_harbor_minors", **fields))
    answer = found.section(15)
    assert (answer.answer, answer.in_force, found.answered) == ("not_found", 0, 0)
    assert why in answer.proofs[0].apart
    assert f"In no count: {answer.proofs[0].apart}." in found.to_text(width=300)


def test_what_a_person_rejected_shows_nothing_and_what_a_person_confirmed_says_so(make, page):
    rejected = page(bill(make, "safe_harbor_minors", review=make.review("reject")))
    assert rejected.section(15).proofs == ()
    confirmed = page(bill(make, "safe_harbor_minors", review=make.review()))
    assert "Reviewed by Ada Reader" in confirmed.to_text(width=300)
    hidden = page(bill(make, "safe_harbor_minors", review=make.review()), name_reviewer=False)
    assert "Ada Reader" not in hidden.to_json()


def test_not_looked_at_is_never_not_found(make, page):
    unread = page(look=False)
    assert {answer.answer for answer in unread.sections} == {"not_read"}
    assert unread.score is None
    assert "Nothing that was collected has been read yet" in unread.to_text()
    assert "Not found in what was read" not in unread.to_text().split("How to read this")[0]
    untagged = page(make.view(classification=None), subject="measure")
    assert untagged.score is None


def test_of_a_place_no_share_is_told_that_reads_like_a_grade(make, page):
    text = page(bill(make, "safe_harbor_minors")).to_text(width=300)
    assert "%" not in text.split("How to read this")[0]
    assert "In what was collected, law in force was found for 1 of 22 sections" in text
    assert "Its standing code was not read." in text


def test_a_text_that_follows_the_models_words_is_told_with_them(make, page):
    view = bill(make, "restitution")
    found = page(view, given={"15": WORDS}, texts={view.key: f"Section 1. {WORDS}"})
    (like,) = found.section(15).likeness
    assert (like.kind, like.score, like.key) == ("model-law", 1.0, view.key)
    assert found.section(15).answer == "not_found"
    assert "follows the model's text: 100% of the section's words" in found.to_text(width=300)
    assert page(view).texts is None


def test_every_format_holds_the_same_and_nothing_of_a_source_is_markup(make, page):
    view = bill(make, "safe_harbor_minors", title="<script>alert(1)</script> *stars*")
    found = page(view, subject="measure")
    assert json.loads(found.to_json())["sections"][13]["section"] == "15"
    for text in (found.to_text(), found.to_markdown(), found.to_html()):
        assert "Immunity of minor" in text
        assert "safe_harbor_minors" in text.replace("\\", "")
    assert "<script>" not in found.to_html() + found.to_markdown() + found._repr_html_()


def test_an_unknown_section_is_named(page):
    with pytest.raises(BadInput, match="2 to 23"):
        page().section(24)


def test_a_place_a_measure_and_a_reform_of_a_store(store, make):
    assert build_model_law(store, place="us-tx", now=make.now).section(6).in_force >= 1
    key = "us-tx/892/HB252"
    with store.collecting("openstates", jurisdiction="us-tx") as run:
        run.write(
            Found(
                measure=Measure(
                    jurisdiction="us-tx",
                    session="892",
                    identifier="HB999",
                    kind="bill",
                    title="Lanterns",
                    source=Source(name="openstates", url="https://example.org/9", retrieved_at=make.now),
                    actions=(Action(date=make.day, description="Signed by the Governor"),),
                    versions=(TextVersion(note="Enrolled", text=WORDS),),
                )
            )
        )
        run.finish(CrawlReport(source="openstates", started_at=make.now, finished_at=make.now, verdict="complete"))
    follows = build_model_law(store, key="us-tx/892/HB999", text=MODEL, now=make.now)
    assert (follows.score, follows.section(15).likeness[0].score, follows.compared) == (None, 1.0, 1)
    store.save_families([Family(key=key, name="Lanterns", members=(key, "us-tx/892/HB999"))], [])
    reform = build_model_law(store, key="us-tx/892/HB999", reform=True, now=make.now)
    assert (reform.subject, reform.key) == ("reform", key)
    with pytest.raises(BadInput, match="Collect its source first"):
        build_model_law(store, key="us-tx/892/HB1000", now=make.now)
    with pytest.raises(BadInput, match="No reform"):
        build_model_law(store, key="us-tx/892/HB1000", reform=True, now=make.now)
