"""How far to trust the tags is one link away in every report, and the figures are those of the model card and the model."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest

from freedom_policy.reports import accuracy, brief
from freedom_policy.reports.coverage import PlaceLook, coverage_from

CARD = (files("freedom_policy.data") / "model" / "README.md").read_text(encoding="utf-8")
TRUST = "no lawyer or survivor has reviewed them yet"


def test_the_figures_are_those_of_the_model_card_and_of_the_model_that_ships():
    from freedom_policy import classifiers

    found = accuracy.shipped()
    assert found.model == classifiers.load_model().version, "a new model is measured anew: README.md and figures.yaml"
    assert f"{found.measures:,} labelled measures" in CARD
    rows = dict(re.findall(r"^\| (tracked F1|goals|areas|provisions)[^|]*\|[^|]*\| ([^|]*) \|$", CARD, re.MULTILINE))
    local = re.search(r"local ([\d.]+) / ([\d.]+) / ([\d.]+) / ([\d.]+)", CARD)
    agree = re.search(
        r"F1 ([\d.]+) \(tracked\), ([\d.]+) \(goals\), ([\d.]+) \(areas\),\s*([\d.]+) \(provisions\)", CARD
    )
    for number, (figure, told) in enumerate(zip(found.figures, rows.values(), strict=True), 1):
        assert told.startswith(f"{figure.f1:.2f}, ")
        assert f"[{figure.low:.2f}, {figure.high:.2f}]" in told
        assert (f"{figure.local:.2f}", f"{figure.labellers:.2f}") == (local[number], agree[number])
    assert f"P {found.precision:.2f}, R {found.recall:.2f}" in rows["tracked F1"]


@pytest.fixture
def reports(make):
    digest = make.digest(make.change())
    coverage = coverage_from([], [PlaceLook(place="us-tx")], now=make.now)
    view = make.view()
    return {
        "html": [digest.to_html(), coverage.to_html(), brief.to_html(view)],
        "md": [digest.to_markdown(), brief.to_markdown(view)],
        "text": [digest.to_text(), coverage.to_text(), brief.to_text(view), digest.to_eml()],
    }


def test_a_page_has_the_figures_one_link_away(reports):
    for page in reports["html"]:
        assert '<a href="#how-far-to-trust">' in page
        assert page.count('id="how-far-to-trust"') == 1
        assert TRUST in page
        assert '<th scope="row">Kinds of provision</th><td>0.78</td>' in page
        assert "on the high side" in page
    for page in reports["md"]:
        assert "(#how-far-to-trust-this)" in page
        assert page.count("## How far to trust this") == 1
        assert "- Kinds of provision: F1 0.78" in page


def test_text_and_mail_say_the_figures_that_matter_most(reports):
    for text in reports["text"]:
        told = " ".join(text.replace("=\r\n", "").split())
        assert TRUST in told
        assert "finds 93 of 100 that are" in told
