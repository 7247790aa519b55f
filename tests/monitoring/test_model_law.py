"""Likeness to a model law: its sections, and whose words follow a text that the user gives."""

from __future__ import annotations

import pytest

from freedom_policy import codebook
from freedom_policy.errors import BadInput
from freedom_policy.monitoring.model_law import ALIKE, likeness, read_model_text, sections, shared_with

IMMUNITY = (
    "A lantern keeper under the age of majority is not answerable for carrying a lantern without a permit, if the keeper was "
    "sent out by another. The keeper must be brought to a house of rest and be given what the keeper needs for a new start."
)
COUNCIL = (
    "The governor shall form a council of nine harbor pilots that meets four times a year, keeps a list of all beacons, and "
    "tells the public in March of each year what it found on every pier of this coast."
)
MODEL = f"""
SECTION 15. IMMUNITY OF MINOR ........ 20
SECTION 19. COUNCIL ........ 24

SECTION 15. IMMUNITY OF MINOR. {IMMUNITY} [Insert the sections of this state.]

Legislative Note: A state that has no lanterns needs none of this.

SECTION 19. COUNCIL.
{COUNCIL}
Comment
Pilots know the coast best. The committee discussed the matter at length over two winters.

SECTION 25. UNIFORMITY. In applying this act consideration must be given to uniformity.
"""


def test_every_section_has_a_description_and_a_kind_of_provision_that_answers_to_it():
    named = codebook.load().frameworks["uniform_act_sections"]
    assert set(sections()) == set(named) == {str(number) for number in range(2, 24)}
    for number, section in sections().items():
        assert section.provisions
        assert section.about
        assert section.name.split(" (")[0].split()[0] == named[number].split()[0]
        assert section.confirmed == ("read" if number == "2" else "general knowledge")


def test_a_kind_that_answers_to_several_sections_says_so():
    assert shared_with("criminal_offence_trafficking", "4") == ("3", "5")
    assert shared_with("safe_harbor_minors", "15") == ()


def test_the_models_text_is_read_by_section_without_contents_notes_and_comments():
    given = read_model_text(MODEL)
    assert set(given) == {"15", "19"}
    assert "lantern keeper" in given["15"]
    assert "no lanterns" not in given["15"]
    assert given["19"].rstrip().endswith("this coast.")


@pytest.mark.parametrize("text", ["", "An essay on lanterns.", "SECTION 99. OTHER. Words."])
def test_a_text_that_is_not_the_model_law_is_refused(text):
    with pytest.raises(BadInput, match="SECTION 15"):
        read_model_text(text)


def test_a_passage_that_follows_a_section_is_found_with_its_words_as_proof():
    own = IMMUNITY.replace("lantern keeper", "person").replace("house of rest", "shelter")
    bill = f"Section 1. Words on ferries and piers, at some length. Section 2. {own} Section 3. Effective July 1."
    found = {like.section: like for like in likeness(bill, read_model_text(MODEL))}
    assert found["15"].score > 0.8
    assert (found["15"].kind, found["15"].same <= found["15"].words) == ("model-law", True)
    assert found["19"].score < ALIKE
    assert found["15"].aligned
    for run in found["15"].aligned:
        assert bill[run.start : run.end] == run.quote
        assert run.quote in own
        assert len(run.quote.split()) >= 5


def test_a_text_that_follows_nothing_has_no_proof():
    like, *_ = likeness("An act relating to the license of ferries. Each owner shall inspect.", read_model_text(MODEL))
    assert (like.score, like.same, like.aligned) == (0.0, 0, ())
    assert likeness("", read_model_text(MODEL))[0].score == 0.0


def test_what_the_model_leaves_to_the_state_does_not_count():
    assert likeness(IMMUNITY, read_model_text(MODEL))[0].score == 1.0
