"""The shipped model on measures written for this test: what it must get right, and what it must not trip over."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest

from freedom_policy.classifiers import Model, explain, load_model
from freedom_policy.records import Classification

TRAINING = """HOUSE BILL NO. 12
AN ACT
relating to training of lodging employees to recognize human trafficking.
BE IT ENACTED BY THE LEGISLATURE:
SECTION 1. A hotel operator shall provide human trafficking awareness training to each employee within 90 days of hire.
SECTION 2. A hotel shall post a sign with the National Human Trafficking Hotline in a conspicuous place.
SECTION 3. This act takes effect September 1."""


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def types(said: Classification) -> set[str]:
    return {provision.type for provision in said.provisions}


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ("Increases penalties for human trafficking.", "enhanced_penalties"),
        ("An act relating to vacating convictions of victims of human trafficking.", "vacatur_expungement"),
        ("Requires nurses to complete training on human trafficking.", "training_health_care"),
        ("Recognizing January as Human Trafficking Awareness Month.", "awareness_month"),
        ("Establishes a task force on human trafficking.", "task_force"),
        ("Eliminates the statute of limitations for human trafficking.", "statute_of_limitations"),
        ("Prohibits procurement of goods made with forced labor by state agencies.", "procurement_ban"),
    ],
)
def test_a_plain_title_is_enough(model, title, wanted):
    said = model.classify(title)
    assert said.tracked
    assert wanted in types(said)
    assert said.goals
    assert said.areas


@pytest.mark.parametrize(
    "title",
    [
        "Increases penalties for drug trafficking.",
        "Prohibiting the trafficking of wild birds.",
        "An act relating to wage theft.",
        "Massage therapists; scope of practice.",
        "Relating to the hotel occupancy tax.",
        "Safe harbor for lenders under the banking act.",
        "Study of reparations for slavery.",
    ],
)
def test_look_alikes_are_rejected(model, title):
    said = model.classify(title)
    assert not said.tracked
    assert (said.goals, said.areas, said.provisions, said.form, said.direction) == ((), (), (), "none", "none")


def test_prison_labor_is_adjacent_and_has_no_goal(model):
    said = model.classify(
        "Amends State Constitution to prohibit slavery or involuntary servitude as punishment for crime."
    )
    assert (said.relevance, said.goals, said.contested, said.review) == ("adjacent", (), True, True)


def test_every_quotation_is_a_slice_of_what_was_sent(model):
    said = model.classify("Hotels — trafficking", "", TRAINING)
    assert types(said) >= {"training_hotel", "hotline_posting"}
    fields = {"title": "Hotels — trafficking", "abstract": "", "text": TRAINING}
    for provision in said.provisions:
        assert fields[provision.field][provision.start : provision.end] == provision.quote
        assert 1 <= len(provision.quote.split()) <= 60


def test_quotations_hold_where_the_page_is_numbered_and_html(model):
    numbered = "\n".join(f"{n} {line}" for n, line in enumerate(TRAINING.splitlines(), 1))
    html = f"<html><body><script>let a = 1;</script>{TRAINING.replace(chr(10), '<br>')}</body></html>"
    for text in (numbered, html):
        said = model.classify("Hotels", "", text)
        assert said.provisions
        assert all(text[p.start : p.end] == p.quote for p in said.provisions if p.field == "text")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (("", "", ""), "empty"),
        (("   ", "\n", ""), "empty"),
        (("", "", "\x00\x01\x02\x03binary" * 99), "unreadable"),
        (("", "", "人口贩运法案" * 40), "not_english"),
        (
            (
                "Ley contra la trata de personas y de los menores en el estado",
                "que se aplica en los condados y en las ciudades",
                "",
            ),
            "not_english",
        ),
    ],
)
def test_what_cannot_be_read_is_said_and_never_tagged(model, fields, status):
    said = model.classify(*fields)
    assert said.status == status
    assert not said.tracked


def test_large_and_odd_input_gives_a_result(model):
    text = (
        "The state shall by law act on the roads. " * 25_000 + "A human trafficking task force shall be created. " * 500
    )
    said = model.classify("human trafficking " * 5000, "", text)
    assert said.status == "ok"
    assert said.tracked
    assert all(len(p.quote) < 3000 for p in said.provisions)
    model.classify("\ud800 lone surrogate human trafficking")


def test_kind_and_place_decide_binding_and_administrative(model):
    title = "Establishes a task force on human trafficking."
    assert model.classify(title, kind="bill").binding is True
    assert model.classify(title, kind="resolution", jurisdiction="us-nj").binding is False
    assert model.classify(title).binding is None
    grant = model.classify(
        "Resolution accepting a grant for services to victims of human trafficking",
        kind="resolution",
        jurisdiction="us-wa-king",
    )
    assert grant.administrative is True
    assert model.classify(title, jurisdiction="us-tx").administrative is False


def test_contested_types_are_marked_and_go_to_a_person(model):
    said = model.classify("Repeals the crime of loitering for the purpose of prostitution.", kind="bill")
    assert said.contested
    assert said.review
    assert said.direction != "strengthens"


def test_a_repealed_duty_may_weaken_and_asks_for_a_person(model):
    said = model.classify(
        "TO REPEAL THE REQUIREMENT FOR THE COMPLETION OF A HUMAN TRAFFICKING PREVENTION COURSE FOR A COMMERCIAL DRIVER LICENSE."
    )
    assert said.direction == "weakens"
    assert said.review


def test_explanations_name_the_quotation_the_cue_and_the_rule(model):
    told = explain(model, "Requires nurses to complete training on human trafficking.")
    assert "Machine-tagged, not reviewed" in told
    assert "Requires nurses to complete training" in told
    assert "Cue:" in told
    assert "Codebook: Trafficking training for health workers." in told
    assert "not tracked" in explain(model, "Budget of the parks department")
    assert "Not read: empty" in explain(model, "")


def test_every_run_names_the_same_cue_whatever_the_order_of_sets():
    code = f"from freedom_policy.classifiers import explain, load_model; print(explain(load_model(), 'Hotels', '', {TRAINING!r}))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1


def test_the_same_words_give_the_same_answer(model):
    assert model.classify("Hotels", "", TRAINING) == load_model().classify("Hotels", "", TRAINING)


def test_a_quotation_begins_with_what_is_done_not_with_the_heading(model):
    text = (
        "SECTION 1. Vacating convictions\n\nA person convicted of prostitution may move to vacate the conviction if the "
        "offense was a direct result of having been a victim of human trafficking.\n"
    )
    told = model.classify("An Act on victims of human trafficking", "", text, jurisdiction="us-tx", kind="bill")
    quotes = [p.quote for p in told.provisions if p.field == "text"]
    assert quotes
    assert all(quote.startswith("A person convicted") for quote in quotes)


def test_directions_are_told_for_the_goals_of_the_measure_alone(model):
    subjects = [
        "a task force on human trafficking",
        "training of hotel employees to recognize human trafficking",
        "fees on buyers of commercial sex",
        "massage establishments and human trafficking",
        "housing for trafficking survivors",
        "supply chain transparency on forced labor",
    ]
    told = 0
    for first, second, third in itertools.combinations(subjects, 3):
        said = model.classify(f"An act relating to {first}, {second}, and {third}.")
        for provision in said.provisions:
            assert set(provision.goal_directions) <= set(said.goals)
            told += len(provision.goal_directions)
    assert told > 20
