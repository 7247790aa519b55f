"""Effective and expiry dates: computed with proof, or honestly unknown."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.monitoring import assess
from freedom_policy.monitoring.effective import (
    effective_from_actions,
    effective_from_text,
    expiry_from_text,
    signing_day,
    timed_clauses,
)
from freedom_policy.records import Action

LAW = dt.date(2024, 3, 1)


@pytest.mark.parametrize(
    ("text", "form", "date"),
    [
        ("This local law takes effect immediately.", "immediate", "2024-03-01"),
        ("This act shall take effect upon its approval by the Governor.", "immediate", "2024-03-01"),
        ("This act, being deemed of immediate importance, takes effect upon enactment.", "immediate", "2024-03-01"),
        ("This Act takes effect upon becoming law.", "immediate", "2024-03-01"),
        (
            "this act shall be in full force and effect from and after its passage and approval.",
            "immediate",
            "2024-03-01",
        ),
        ("This local law takes effect 120 days after it becomes law.", "relative", "2024-06-29"),
        ("This local law shall take effect one hundred and twenty days after its enactment.", "relative", "2024-06-29"),
        ("This local law shall take effect thirty days from its date of enactment.", "relative", "2024-03-31"),
        ("This act shall take effect on the ninetieth day after it shall have become a law.", "relative", "2024-05-30"),
        ("This local law takes effect one year after it becomes law.", "relative", "2025-03-01"),
        ("This act shall take effect in 60 days.", "relative", "2024-04-30"),
        (
            "This act shall take effect on the first day of the seventh month next following the date of enactment.",
            "relative",
            "2024-10-01",
        ),
        ("This local law takes immediately.", "immediate", "2024-03-01"),
        (
            "This local law shall take ninety days after enactment except that rules may be made.",
            "relative",
            "2024-05-30",
        ),
        ("This act takes effect July 1, 2025, the public welfare requiring it.", "fixed", "2025-07-01"),
        ("This act shall take effect and be in force from and after July 1, 2026.", "fixed", "2026-07-01"),
        ("The effective date of the provisions of this act is July 1, 2026.", "fixed", "2026-07-01"),
        ("The remainder of this act shall take effect January 1, 2026.", "fixed", "2026-01-01"),
        ("This local law takes effect upon compliance with section 25-408 of the code.", "contingent", None),
        (
            "This local law takes effect immediately after it is submitted for the approval of the qualified electors.",
            "contingent",
            None,
        ),
        (
            "This local law takes effect on the same date as local law number 47 for the year 2021 takes effect.",
            "contingent",
            None,
        ),
        ("This Act takes effect on the 91st day after the last day of the legislative session.", "contingent", None),
        ("This act shall take effect from and after its publication in the statute book.", "contingent", None),
    ],
)
def test_clauses_of_many_clerks(text, form, date):
    clause = effective_from_text(f"Section 1. Words.\n§ 2. {text}\n", law_date=LAW)
    assert (clause.form, clause.date) == (form, dt.date.fromisoformat(date) if date else None)


def test_the_quotation_is_a_slice_of_the_text():
    text = "Section 1. Words.\n§ 2. This local law takes effect\n120 days after it becomes law. Note: words."
    clause = effective_from_text(text, law_date=LAW)
    assert (
        text[clause.start : clause.end] == clause.quote == "This local law takes effect\n120 days after it becomes law."
    )


def test_without_a_law_date_a_relative_clause_has_no_date():
    clause = effective_from_text("This act takes effect 90 days after its passage.", law_date=None)
    assert (clause.form, clause.date) == ("relative", None)


@pytest.mark.parametrize(
    "text",
    [
        "Section 1 of this act takes effect immediately. Section 2 of this act takes effect July 1, 2025.",
        "This act takes effect July 1, 2025. This act takes effect January 1, 2026.",
        "The court may order that the judgment take effect immediately.",
        "This Act shall take effect on July 1, 3000.",
        "An offense before the effective date of this Act is governed by the law in effect on the day of the offense.",
        "A suit that was begun under this act prior to the taking effect of its repeal may be continued.",
        "The officer under this act takes five days after the hearing an oath.",
        "",
    ],
)
def test_what_disagrees_or_speaks_of_a_part_gives_no_date(text):
    assert effective_from_text(text, law_date=LAW) is None


def test_a_days_count_begins_with_the_day_that_the_signature_names():
    entered = Action(date=dt.date(2026, 5, 29), description="Signed by Governor on June 8, 2026")
    assert signing_day(entered) == dt.date(2026, 6, 8)
    assert signing_day(Action(date=LAW, description="Signed by Governor on 02/28/24")) == dt.date(2024, 2, 28)
    assert signing_day(Action(date=LAW, description="Signed by Governor on June 8, 2034")) == LAW
    assert signing_day(Action(date=LAW, description="Signed by the Governor; effective on June 8, 2024")) == LAW
    status = assess([entered], jurisdiction="us-vt", kind="bill", text="Sec. 2. This act shall take effect on passage.")
    assert (status.stage_date, status.effective_date) == (dt.date(2026, 5, 29), dt.date(2026, 6, 8))


def test_indiana_marks_each_section():
    assert effective_from_text(
        "SECTION 1. [EFFECTIVE JULY 1, 2026] ... SECTION 2. [EFFECTIVE JULY 1, 2026]", law_date=LAW
    ).date == dt.date(2026, 7, 1)
    assert (
        effective_from_text("SECTION 1. [EFFECTIVE JULY 1, 2026] ... SECTION 2. [EFFECTIVE UPON PASSAGE]", law_date=LAW)
        is None
    )


def test_sunsets():
    text = (
        "This local law takes effect immediately and remains in effect until June 30, 2026, when it is deemed repealed."
    )
    assert expiry_from_text(text, law_date=LAW).date == dt.date(2026, 6, 30)
    assert expiry_from_text("This section expires July 1, 2027.", law_date=LAW) is None
    assert [clause.kind for clause in timed_clauses(text, law_date=LAW)][:2] == ["effective", "expires"]


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Effective date 7/27/2025.", "2025-07-27"),
        ("Signed by Governor on 03/20/2025 Session Law Chapter 95 Effective: 07/01/2025", "2025-07-01"),
        ("Signed by the Governor on 06/12/2025; Chapter 123; eff.01/01/2026", "2026-01-01"),
        ("Effective Date January 1, 2026", "2026-01-01"),
        ("EFFECTIVE DATE(S) OF LAW 8/3/25", "2025-08-03"),
        ("Effective: 07/01/2025 SECTION 2; 01/01/2026", None),
        ("Motion to change effective date failed", None),
    ],
)
def test_dates_that_actions_state(text, date):
    stated = effective_from_actions([Action(date=LAW, description="Passed"), Action(date=LAW, description=text)])
    assert (stated.date if stated else None) == (dt.date.fromisoformat(date) if date else None)
