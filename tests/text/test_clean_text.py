"""Bill text without page furniture, and the way back to the original."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freedom_policy.text import clean, read_status

NUMBERED = "\n".join(
    [
        "HB7 INTRODUCED",
        "1 A BILL",
        "2 TO BE ENTITLED",
        "3 AN ACT",
        "4 Relating to crimes; to further provide",
        "5 for the crime of human traffick-",
        "6 ing in the first degree.",
        "Page 1",
        "HB7 INTRODUCED",
        "7 Section 1. A person commits the crime",
        "8 if the person recruits another.",
        "9 (a) The penalty is a Class A felony.",
        "Page 2 of 2",
        "HB7 INTRODUCED",
        "10 (b) This act takes effect at once.",
    ]
)


def test_line_numbers_page_headers_and_hyphens_go():
    text = clean(NUMBERED).text
    assert "crime of human trafficking in the first degree." in text.replace("\n", " ")
    assert "Page 1" not in text
    assert text.count("HB7 INTRODUCED") == 1, "a running header stays once"
    assert "\n(a) The penalty" in text, "an enumeration is no line number"


def test_a_compound_keeps_its_hyphen_at_the_line_end():
    assert "anti-trafficking" in clean("The council on anti-\ntrafficking work").text.replace("\n", "")


def test_sections_of_congress_keep_their_numbers():
    assert clean("1.\nShort title\nThis Act may be cited\n2.\nFindings").text.startswith("1.\nShort title")


def test_html_loses_tags_and_scripts_not_words():
    head = "<head><script>var sex = 'trafficking';</script></head>"
    page = f"<html>{head}<body><p>Human&nbsp;trafficking</p><p>shelter</p></body></html>"
    words = clean(page).text.split()
    assert words == ["Human", "trafficking", "shelter"]


def test_a_script_over_several_lines_goes_whole():
    page = "<body>\n<script>\nif (a < b) {\n  trafficking();\n}\n</script>\n<p>Shelter</p>\n</body>"
    assert clean(page).text.split() == ["Shelter"]


def test_words_torn_by_markup_are_joined():
    assert "Human trafficking awareness" in clean("x\nH\numan trafficking awareness").text


@pytest.mark.parametrize(
    "marked",
    [
        "A fine of \u2985$100\u2986\u2983$500\u2984 applies.",
        "A fine of deleted text begin$100deleted text endnew text begin$500new text end applies.",
    ],
)
def test_inserted_and_struck_words_are_marked(marked):
    cleaned = clean(marked)
    assert [cleaned.text[a:b] for a, b in cleaned.struck] == ["$100"]
    assert [cleaned.text[a:b] for a, b in cleaned.inserted] == ["$500"]
    assert "text begin" not in cleaned.text


def test_every_clean_word_is_a_slice_of_the_original():
    cleaned = clean(NUMBERED)
    for word in ("recruits", "felony", "INTRODUCED"):
        start = cleaned.text.index(word)
        left, right = cleaned.original(start, start + len(word))
        assert NUMBERED[left:right] == word
    start = cleaned.text.index("trafficking")
    left, right = cleaned.original(start, start + len("trafficking"))
    assert NUMBERED[left:right] == "traffick-\n6 ing"


@given(st.text(max_size=400))
def test_any_string_is_cleaned_and_maps_back(text):
    cleaned = clean(text)
    assert len(cleaned.text) <= len(text)
    for place in range(0, len(cleaned.text), 7):
        left, right = cleaned.original(place, place + 1)
        assert 0 <= left < right <= len(text)


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("An act relating to human trafficking.", "ok"),
        ("\x00\x01\x02binary\x03" * 50, "unreadable"),
        ("人口贩运法案" * 20, "not_english"),
        (
            "Ley de protección de las víctimas de la trata de personas, que se aplica en el estado y en los condados "
            * 3,
            "not_english",
        ),
        ("xkq zzvw qqj wrtp " * 30, "unreadable"),
    ],
)
def test_what_cannot_be_read_is_said(text, status):
    assert read_status(text) == status


def test_comments_and_scripts_that_are_never_closed_cost_no_more_than_their_length() -> None:
    # Took hours when each was looked for to the end of the text.
    text = "<p>Shelter for victims</p><!-- note --><p>of trafficking</p>" + "<!-- <script> " * 100_000
    assert clean(text).text.startswith("Shelter for victims of trafficking")


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("Ley para combatir la trata de personas", "not_english"),
        ("Para crear la Ley de Protección a Víctimas", "not_english"),
        ("Contra Costa County: La Loma water district", "ok"),
        ("Los Angeles: Camp de la Cruz", "ok"),
        ("Human trafficking: data.", "ok"),
    ],
)
def test_a_short_title_in_another_language_is_said_to_be_so(title, status):
    assert read_status(title) == status


def test_an_em_space_parts_words():
    assert clean("SHORT TITLE.\u2003\u2003This Act").text == "SHORT TITLE. This Act"
