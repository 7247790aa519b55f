"""Laws of the District whose history is told in prose: the publisher's own day of effect counts where the prose names none."""

from __future__ import annotations

import datetime as dt

from freedom_policy.monitoring import assess
from freedom_policy.records import Source
from freedom_policy.spiders.dc_law import read_document

SOURCE = Source(name="dc-law", url="https://example.org/8-1.xml", retrieved_at=dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
REVIEW = (
    "Law 8-1 was introduced in Council and assigned Bill No. 8-7, which was referred to the Committee on Shelters. "
    "The Bill was adopted on first and second readings on May 2, 1989, and May 16, 1989, respectively. Signed by the Mayor on "
    "June 1, 1989, it was assigned Act No. 8-30 and transmitted to both Houses of Congress for its review."
)


def law(narrative: str, effective: str):
    body = f"""<document xmlns="https://code.dccouncil.us/schemas/dc-library" id="D.C. Law 8-1">
      <num type="law">8-1</num><num type="act">8-30</num><heading type="short">Shelter Act of 1989</heading>
      <meta><effective>{effective}</effective><history><narrative>{narrative}</narrative></history></meta>
      <text>Words.</text></document>"""
    measure = read_document(body.encode(), SOURCE)
    status = assess(measure.actions, jurisdiction="us-dc", kind="bill", session="8", as_of=dt.date(2026, 11, 25))
    return measure, status


def test_the_publishers_day_of_effect_counts_where_the_prose_stops_at_the_review():
    measure, status = law(REVIEW, "1989-08-09")
    assert (status.stage, status.effective_date) == ("effective", dt.date(1989, 8, 9))
    cause = measure.actions[status.cause]
    assert (cause.date, cause.description) == (dt.date(1989, 8, 9), "D.C. Law 8-1 became effective")
    assert "publisher" in cause.note


def test_the_proses_own_day_is_told_once_and_as_printed():
    measure, status = law(f"{REVIEW} Law 8-1 became effective on August 10, 1989.", "1989-08-09")
    assert [action.description for action in measure.actions if "effective" in action.description] == [
        "Law 8-1 became effective on August 10, 1989."
    ]
    assert status.effective_date == dt.date(1989, 8, 10)


def test_without_any_day_of_effect_the_act_still_lies_with_congress():
    _, status = law(REVIEW, "")
    assert (status.stage, status.effective_date) == ("passed_all", None)
