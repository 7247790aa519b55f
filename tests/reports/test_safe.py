"""What leaves is masked and harmless, whatever a source put into its fields."""

from __future__ import annotations

import re

import pytest
from lxml import html as lxml_html

from freedom_policy.records import Action, Sponsor
from freedom_policy.reports import brief
from freedom_policy.safe import cell, link, masked, plain


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("call 206-555-1234 now", "206-555-1234"),
        ("call (206) 555-1234", "555-1234"),
        ("the hotline, 1-888-373-7888, is", "373-7888"),
        ("write to help.me@shelter.example.org today", "shelter.example"),
        ("located at 1200 North Main Street, Suite 5, in the city", "1200 North Main"),
        ("at 45 5th Ave. in", "45 5th"),
        ("at 1500 Broadway, New York", "1500"),
        ("to P.O. Box 1234, Salem", "1234"),
        ('text "BEFREE to 233733 for help', "233733"),
    ],
)
def test_ways_to_reach_a_person_are_masked(text, hidden):
    assert hidden not in masked(text)
    assert "masked]" in masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "Public Law 117-348 amends 22 U.S.C. 7101",
        "Int 0827-2024 and Local Law 2024/104",
        "not more than $250,000 or 20 years, or both",
        "section 18.2-356.1 of the Code of Virginia",
        "2 District Court judges in 9 Circuit",
        "Chapter 9B Criminal Street Gangs",
        "in December, 1994 St. Cloud adopted; a fee of 25.00 Street Patrols",
        "B25-0001, effective 2026-01-01",
        "In the 2025-2026 Regular Session, 105-7-19 NMSA 1978",
    ],
)
def test_law_is_not_taken_for_an_address(text):
    assert masked(text) == text


@pytest.mark.parametrize(
    ("url", "good"),
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("HTTP://example.org", "http://example.org"),
        ("javascript:alert(1)", None),
        (" java\nscript:alert(1)", None),
        ("data:text/html,x", None),
        ("ftp://example.org/x", None),
        ("//example.org/x", None),
        ("https://user:secret@example.org/", None),
        ("http://[broken", None),
        ("", None),
        (None, None),
    ],
)
def test_links_are_only_http(url, good):
    assert link(url) == good


def test_terminal_escapes_and_direction_tricks_are_gone():
    assert plain("a\x1b[31mred\u202egnp\r\nb\x00") == "a [31mredgnp b"


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x"])
def test_cells_are_no_formulas(value):
    assert cell(value) == f"'{value}"
    assert cell("a=1") == "a=1"


HOSTILE = '<script>alert(1)</script> [x](javascript:alert(1)) **b** `c` \x1b[31m "q" & | \u202e {{ 7*7 }}'


@pytest.fixture
def hostile(make):
    provision = make.provision(quote=HOSTILE, end=len(HOSTILE), field="text")
    return make.view(
        title=HOSTILE,
        abstract=f"{HOSTILE} in the abstract",
        url="javascript:alert(1)",
        sources=(),
        actions=(Action(date=make.day, description=HOSTILE, url="javascript:alert(2)"),),
        sponsors=(Sponsor(name=HOSTILE, classification="primary"),),
        classification=make.tags(provision),
    )


def test_hostile_values_do_nothing_in_html(make, hostile):
    for page in (make.digest(make.change(hostile), title=HOSTILE).to_html(), brief.to_html(hostile)):
        tree = lxml_html.fromstring(page)
        assert not tree.xpath("//script|//b|//code")
        assert all(href.startswith(("#", "https://", "http://")) for href in tree.xpath("//@href"))
        assert not [name for name in tree.xpath("//@*/..") for name in name.attrib if name.startswith("on")]
        assert "49" not in re.findall(r"\{\{ 7\*7 \}\}|49", page)


def test_hostile_values_do_nothing_in_markdown(make, hostile):
    from markdown_it import MarkdownIt

    for text in (make.digest(make.change(hostile), title=HOSTILE).to_markdown(), brief.to_markdown(hostile)):
        tree = lxml_html.fromstring(MarkdownIt("commonmark").render(text))
        assert not tree.xpath("//script|//code|//a[starts-with(@href, 'java')]")
        assert not [node for node in tree.xpath("//strong|//em") if node.text_content() == "b"]


def test_hostile_values_do_nothing_in_a_terminal(make, hostile):
    digest = make.digest(make.change(hostile), title=HOSTILE)
    assert "\x1b" not in digest.to_text()
    assert "\u202e" not in digest.to_text()
    assert "**b**" in digest.to_text()
