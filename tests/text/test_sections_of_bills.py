"""Sections and their roles."""

from __future__ import annotations

from freedom_policy.text import clean, sections

BILL = """SB 12
SYNOPSIS
Requires hotels to train employees on human trafficking.
An Act concerning lodging.
BE IT ENACTED by the Legislature:
Section 1. This act may be cited as the "Lodging Act".
Section 2. The Legislature finds that trafficking is a crime.
Section 3. A hotel shall train each employee.
Section 4. This act takes effect July 1."""

RESOLUTION = """Whereas, Human trafficking is a crime; and
Whereas, Children are harmed; now, therefore, be it
Resolved, That the Council creates a task force."""


def roles(text: str) -> list[str]:
    return [section.role for section in sections(clean(text))]


def test_a_bill_is_cut_by_role():
    assert roles(BILL) == [
        "front",
        "digest",
        "digest",
        "operative",
        "short_title",
        "findings",
        "operative",
        "effective",
    ]


def test_recitals_are_no_law():
    assert roles(RESOLUTION) == ["recital", "recital", "operative"]


def test_sections_join_to_the_whole():
    cleaned = clean(BILL)
    cut = sections(cleaned)
    assert "".join(cleaned.text[s.start : s.end] for s in cut) == cleaned.text
    assert sections(clean("")) == ()


def test_before_the_enacting_clause_a_title_is_a_digest_and_after_it_law():
    text = (
        "AN ACT\nTO AMEND SECTION 1 RELATING TO SHELTERS.\nBe it enacted by the General Assembly\nTo require nothing."
    )
    assert roles(text) == ["digest", "digest", "operative", "operative"]
