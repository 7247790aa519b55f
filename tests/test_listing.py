"""A list keeps to the terminal and says the stages in the words of every other report; unknown is said as unknown."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from freedom_policy import listing
from freedom_policy.notebook import Timeline
from freedom_policy.records import MeasureView, Status, StatusEvent


def view(key: str, title: str, stage: str, **fields):
    place, session, identifier = key.split("/")
    status = Status(stage=stage, ruleset="1", **fields)
    return MeasureView(key=key, jurisdiction=place, session=session, identifier=identifier, title=title, status=status)


VIEWS = (
    view("us/119/HR1", "A bill " * 30, "passed_first", stage_date=dt.date(2026, 1, 5), rule="r.1"),
    view("us-ny-nyc/2024/Int0827-2024", "Licensing [bold]hotels[/bold]", "differences", rule="r.2"),
    view("us-tx/892/HB252", "", "unknown"),
)


@pytest.mark.parametrize("width", [40, 60, 72, 90, 160])
def test_every_line_keeps_to_the_width(width):
    for views in (VIEWS, ()):
        lines = listing.to_table(views, width=width, color=False).splitlines()
        assert max(map(len, lines)) <= width
    text = " ".join(listing.to_table(VIEWS, width=width, color=False).split())
    assert "us-ny-nyc/2024/Int0827-2024" in text
    assert "3 measures. Tags are the machine's unless a person reviewed them." in text


@pytest.mark.parametrize("width", [60, 200])
def test_stages_are_told_in_the_words_of_the_digest(width):
    text = " ".join(listing.to_table(VIEWS, width=width, color=False).split())
    assert "passed one chamber" in text
    assert "passed first" not in text
    assert "stage not known" in text


def test_a_stage_that_is_not_known_has_no_basis_and_no_rule():
    rows = [json.loads(line) for line in listing.to_jsonl(VIEWS).splitlines()]
    assert [(row["stage"], row["basis"], row["rule"]) for row in rows] == [
        ("passed_first", "action", "r.1"),
        ("differences", "action", "r.2"),
        ("unknown", None, None),
    ]


def test_a_timeline_is_labelled_in_the_same_words():
    pytest.importorskip("matplotlib")
    days = (dt.date(2026, 1, 5), dt.date(2026, 2, 5))
    steps = zip(("in_committee", "passed_first"), days, strict=True)
    events = tuple(StatusEvent(stage=stage, date=day, rule="r") for stage, day in steps)
    figure = Timeline(view("us/119/HR1", "A bill", "passed_first", events=events)).plot()
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["in committee", "passed one chamber"]
