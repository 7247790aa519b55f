"""``record``: a person says what became of a law, with the page that says so."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from freedom_policy.records import CrawlReport, Found

URL = "https://court.example/docket/1"


@pytest.fixture
def law(store, learn):
    """A bill that became law three days ago."""
    key = learn(7)
    now = dt.datetime.now(dt.UTC)
    bill = store.measure_with_text(key)
    signed = bill.actions[0].model_copy(
        update={"description": "Became Public Law No: 119-7.", "code": "36000", "date": now.date() - dt.timedelta(3)}
    )
    bill = bill.model_copy(update={"actions": (*bill.actions, signed)})
    with store.collecting("congress") as run:
        run.write(Found(measure=bill))
        run.finish(CrawlReport(source="congress", started_at=now, finished_at=now, verdict="complete"))
    return key


def test_a_record_changes_where_the_law_stands_and_survives_the_next_look(run, law):
    run("monitor")
    day = json.loads(run("show", law, "--format", "json").stdout)["item"]["stage_date"]
    said = run("record", law, "enjoined", "--date", day, "--url", URL, "--says", "A court stopped it", "--as", "Ann")
    assert f"{law} stands at enjoined since {day}" in said.stdout
    run("monitor", "--all")
    page = json.loads(run("show", law, "--format", "json").stdout)
    assert page["item"]["stage"] == "enjoined"
    assert (page["timeline"][-1]["basis"], page["timeline"][-1]["url"]) == ("person", URL)
    text = run("show", law).stdout
    assert "A court stopped it; a person's word, from" in text
    assert "Ann" not in text
    assert run("record").stdout.split() == [day, law, "enjoined", URL, "A", "court", "stopped", "it"]
    assert f"{law} stands at" in run("record", law, "enjoined", "--date", day, "--withdraw").stdout
    assert run("record", law).stdout == ""
    assert json.loads(run("show", law, "--format", "json").stdout)["item"]["stage"] != "enjoined"


def test_of_a_bill_that_is_no_law_it_is_kept_and_said_that_it_does_not_count(run):
    said = run("record", "us/119/HR2", "struck_down", "--date", "2026-01-02", "--url", URL, "--as", "Ann")
    assert "by the record it is no law; not counted" in said.stderr
    assert "stands at introduced" in said.stdout


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("us/119/HR2", "enjoind", "--date", "2026-01-02", "--url", URL, "--as", "Ann"), "enjoined"),
        (("us/119/HR2", "enjoined", "--date", "2999-01-02", "--url", URL, "--as", "Ann"), "future"),
        (("us/119/HR2", "enjoined", "--date", "2026-01-02", "--url", "a letter", "--as", "Ann"), "no web address"),
        (("us/119/HR2", "enjoined", "--date", "2026-01-02", "--url", URL), "--as NAME"),
        (("us/119/HR2", "enjoined", "--url", URL, "--as", "Ann"), "--date"),
        (("us/119/HR2", "enjoined", "--date", "2026-01-02", "--url", URL, "--as", "Ann", "--says", "x" * 201), "200"),
        (("us/119/HR99", "enjoined", "--date", "2026-01-02", "--url", URL, "--as", "Ann"), "No measure"),
        (("us/119/HR2", "enjoined", "--date", "2026-01-02", "--withdraw"), "Nobody recorded"),
    ],
)
def test_mistakes_are_told_in_a_line(run, args, said):
    assert said in run("record", *args, code=2).stderr
