"""The anchor screen, as the codebook rules it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freedom_policy.classifiers.anchors import near, normalise, scan


def found(text: str) -> list[tuple[str, str]]:
    return [(anchor.strength, text[anchor.start : anchor.end]) for anchor in scan(normalise(text))]


@pytest.mark.parametrize(
    "text",
    [
        "human trafficking",
        "Human-Trafficking",
        "human\ntrafficking",
        "trafficking in persons",
        "victims of trafficking",
        "commercially sexually exploited child",
        "severe forms of trafficking",
        "18 U.S.C. 1591",
        "peonage",
        "patronizing a minor",
    ],
)
def test_strong_anchors(text):
    assert [strength for strength, _ in found(f"An act on {text}, and more.")] == ["strong"]


@pytest.mark.parametrize(
    "text",
    [
        "drug trafficking",
        "firearms trafficking and wildlife trafficking",
        "heavily trafficked streets",
        "trafficking in controlled substances",
        "air traffic and traffic safety",
        "trafficking",
        "revenue, avenue",
        "reparations for slavery",
        "incarcerated individuals in involuntary servitude",
        "forced labor",
    ],
)
def test_what_is_no_anchor(text):
    assert found(f"An act on {text}, and more.") == []


def test_other_trafficking_is_taken_out_first():
    assert found("drug trafficking victims") == [], "what is left of it is 'victims'"
    assert found("drug trafficking and human trafficking") == [("strong", "human trafficking")]


def test_forced_labor_needs_company():
    assert found("Goods imported that were made with forced labor") == [("caution", "forced labor")]
    assert found("The forced labor of enslaved people; goods imported then") == []


def test_an_anchor_is_a_slice_of_the_text():
    text = "Ünïcode İstanbul — sex‐trafficking of minors."
    assert found(text)[0] == ("strong", "sex‐trafficking")


def test_near_subjects_open_the_gate_and_look_alikes_do_not():
    assert near(normalise("Relating to trafficking data"))
    assert near(normalise("Penalty for prostitution"))
    assert not near(normalise("Heaters near heavily trafficked corridors"))
    assert not near(normalise("Budget of the parks department"))


@given(st.text(max_size=300))
def test_normalising_keeps_every_place(text):
    assert len(normalise(text)) == len(text)
    scan(normalise(text))


@pytest.mark.parametrize(("words", "count"), [("forced labor ", 0), ("goods made by forced labor ", 3000)])
def test_words_repeated_over_and_over_are_judged_as_when_they_stand_once(words, count):
    assert len(scan(words * 3000)) == count


def test_a_long_text_without_blanks_is_read_to_its_end():
    assert scan("traffick" * 100_000) == ()
    assert [anchor.start for anchor in scan("traffick" * 100_000 + " human trafficking")] == [800_001]
