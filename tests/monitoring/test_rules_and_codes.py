"""What is no bill: rules in the Federal Register, presidential orders, sections of codes, and laws told in sentences."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.monitoring import assess
from freedom_policy.records import Action

AS_OF = dt.date(2026, 11, 1)


def stand(place, kind, *steps, as_of=AS_OF):
    actions = [Action(date=dt.date.fromisoformat(day) if day else None, description=words) for day, words in steps]
    status = assess(actions, jurisdiction=place, kind=kind, as_of=as_of)
    assert status.unmapped == ()
    return status


def test_a_proposed_rule_is_introduced_and_a_final_one_applies_from_its_day():
    proposed = stand("us", "rule", ("2026-01-09", "Published: Proposed rule"), ("2026-03-09", "Comments close"))
    assert proposed.stage == "introduced"
    steps = [("2026-01-09", "Published: Final rule"), ("2026-03-09", "Effective")]
    final = stand("us", "rule", *steps)
    assert [(event.stage, event.date.isoformat()) for event in final.events] == [
        ("enacted", "2026-01-09"),
        ("effective", "2026-03-09"),
    ]
    ahead = stand("us", "rule", *steps, as_of=dt.date(2026, 2, 1))
    assert (ahead.stage, ahead.effective_date) == ("enacted", dt.date(2026, 3, 9))


@pytest.mark.parametrize(
    ("words", "stage"),
    [
        ("Published: Proposed rule; withdrawal", "dead"),
        ("Published: Interim final rule with request for comments", "enacted"),
        ("Published: Final rule; delay of effective date", "unknown"),
        ("Published: Notice of proposed rulemaking", "introduced"),
    ],
)
def test_words_of_the_federal_register(words, stage):
    assert stand("us", "rule", ("2026-01-09", words)).stage == stage


def test_an_order_is_in_force_when_the_president_signed_it():
    order = stand(
        "us", "order", ("2026-01-05", "Signed by the President"), ("2026-01-09", "Published: Executive Order")
    )
    assert (order.stage, order.stage_date) == ("enacted", dt.date(2026, 1, 5))


def test_an_act_of_the_districts_council_is_no_law_until_congress_let_it_pass():
    steps = [
        ("2023-01-09", "Introduced"),
        ("2023-03-01", "Passed on first reading"),
        ("2023-04-01", "Passed on final reading"),
        ("2023-05-01", "Enacted as D.C. Act 25-100"),
        ("2023-07-01", "D.C. Law 25-20 became effective"),
    ]
    assert stand("us-dc", "bill", *steps[:4]).stage == "passed_all"
    law = stand("us-dc", "bill", *steps)
    assert (law.stage, law.effective_date) == ("effective", dt.date(2023, 7, 1))


def test_a_law_told_in_sentences_is_not_law_on_the_day_of_its_introduction():
    told = stand(
        "us-dc",
        "bill",
        ("1998-01-09", "Law 12-150, the “Shelter Act of 1998”, was introduced in Council and assigned Bill No. 12-1."),
        ("1998-03-03", "The Bill was adopted on first and second readings on February 3, 1998, and March 3, 1998."),
        ("1998-03-20", "Signed by the Mayor on March 20, 1998, it was assigned Act No. 12-321."),
        ("1998-06-01", "D.C. Law 12-150 became effective on June 1, 1998."),
    )
    assert [event.stage for event in told.events] == ["introduced", "passed_all", "enacted", "effective"]
    assert told.effective_date == dt.date(1998, 6, 1)


def test_a_section_of_a_code_is_law_in_force_with_its_last_note_as_cause():
    notes = [("1977-01-01", "Code 1977, § 10-2"), ("2005-02-21", "Ord. No. 2005-12, § 1, 2-21-05"), (None, "Am. 1990")]
    section = stand("us-ga-atlanta", "code_section", *notes)
    assert (section.stage, section.stage_date, section.cause, section.basis) == (
        "effective",
        dt.date(2005, 2, 21),
        1,
        "action",
    )
    bare = stand("us-ga-atlanta", "code_section")
    assert (bare.stage, bare.basis) == ("effective", "inferred")
    assert stand("us-ga-atlanta", "code_section", ("2020-01-01", "Repealed by Ord. No. 20-1")).stage == "repealed"
