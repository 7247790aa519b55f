"""The pages on digests and coverage name every field of the JSON that they promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from freedom_policy.reports import brief, coverage, digest, items, model_law, reform
from freedom_policy.reports.words import STAGE_WORDS

DOCS = Path(__file__).parents[2] / "docs"
OF_PAGE = {
    "digests.md": (
        digest.Digest,
        digest.Count,
        digest.Section,
        digest.Coming,
        digest.Look,
        digest.NotFound,
        digest.Activity,
        items.Item,
        items.Step,
        items.Tag,
        items.GoalDirection,
        items.Meeting,
        brief.Brief,
        brief.Event,
        brief.Reading,
        reform.Reform,
        reform.PlaceStanding,
        reform.Tie,
    ),
    "coverage.md": (
        coverage.Coverage,
        coverage.Row,
        coverage.Cell,
        coverage.Framework,
        coverage.FrameworkRow,
        model_law.ModelLaw,
        model_law.SectionAnswer,
        model_law.Proof,
        model_law.TextLikeness,
    ),
}


@pytest.mark.parametrize("page", OF_PAGE)
def test_every_field_is_on_its_page(page):
    named = set(re.findall(r"`([a-z_]+)`", (DOCS / page).read_text(encoding="utf-8")))
    missing = {
        f"{model.__name__}.{field}" for model in OF_PAGE[page] for field in model.model_fields if field not in named
    }
    assert not missing


def test_the_page_explains_the_words_that_a_digest_uses():
    text = (DOCS / "digests.md").read_text(encoding="utf-8")
    for stage in ("enacted", "effective", "passed_all", "vetoed", "adopted", "dead"):
        assert f"| {STAGE_WORDS[stage]} |" in text
    for name in coverage.STATE_NAMES.values():
        assert name.removesuffix(" in what was collected") in (DOCS / "coverage.md").read_text(encoding="utf-8")
