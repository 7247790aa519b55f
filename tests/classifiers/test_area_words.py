"""Words of areas beside the provisions, and what role a passage has in a text that could not be cut."""

from __future__ import annotations

import pytest

from freedom_policy.classifiers import cues
from freedom_policy.classifiers.reading import passages, read
from freedom_policy.classifiers.signals import gather


@pytest.mark.parametrize(
    ("words", "area"),
    [
        ("emergency shelter for victims of trafficking", "rescue_exit"),
        ("mental health treatment and housing for survivors", "restoration"),
        ("a public awareness campaign on trafficking", "prevention"),
        ("training to identify victims of trafficking", "identification"),
        ("creates the crime of trafficking", "reforms"),
    ],
)
def test_words_tell_the_area(words: str, area: str) -> None:
    assert area in cues.areas(words)


def test_words_of_areas_are_counted_only_beside_the_subject() -> None:
    signals = gather(read("Human trafficking: victim services.", "", "Emergency shelters shall be painted. " * 10))
    assert signals.areas[:, 2].sum() == 0
    assert signals.areas[:, 0].sum() > 0


def test_far_into_an_uncut_text_stands_the_law_not_its_digest() -> None:
    text = "This bill is on human trafficking; it does many things. " * 120
    roles = [passage.role for passage in passages(read("An act", "", text)) if passage.field == "text"]
    assert roles[0] != "operative"
    assert roles[-1] == "operative"
    short = [passage.role for passage in passages(read("An act", "", text[:3000])) if passage.field == "text"]
    assert "operative" not in short


def test_a_recital_is_one_wherever_it_stands() -> None:
    text = (
        "A resolution to honor those who work against human trafficking. "
        "Whereas, human trafficking is a crime of great harm to many people; and"
    )
    assert [p.role for p in passages(read("", "", text)) if p.words.startswith("whereas")] == ["recital"]
