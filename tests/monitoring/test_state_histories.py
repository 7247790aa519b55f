"""Bills of states as their clerks print them, step by step: the stage after each step, in the words of each place."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.monitoring import assess, ruleset_for
from freedom_policy.records import Action

# (chamber, words, stage after the step). The words are ours, in each legislature's manner.
LAWS = {
    "us-az": [
        ("upper", "Introduced", "introduced"),
        ("upper", "Senate First Reading", "introduced"),
        ("upper", "DPA", "reported"),
        ("upper", "PASSED", "passed_first"),
        ("lower", "Transmit to House", "passed_first"),
        ("lower", "House Second Reading", "passed_first"),
        ("lower", "DP", "passed_first"),
        ("lower", "PASSED", "passed_all"),
        ("executive", "Transmit to Governor", "passed_all"),
        ("executive", "Signed by Governor", "enacted"),
    ],
    "us-ct": [
        ("lower", "REFERRED TO JOINT COMMITTEE ON Judiciary", "in_committee"),
        ("lower", "PUBLIC HEARING 0212", "in_committee"),
        ("lower", "JOINT FAVORABLE SUBSTITUTE", "reported"),
        ("lower", "FILED WITH LEGISLATIVE COMMISSIONERS' OFFICE", "reported"),
        ("lower", "FAVORABLE REPORT, TABLED FOR THE CALENDAR, HOUSE", "reported"),
        ("lower", "HOUSE CALENDAR NUMBER 123", "reported"),
        ("lower", "HOUSE ADOPTED HOUSE AMENDMENT SCHEDULE A", "reported"),
        ("lower", "HOUSE PASSED AS AMENDED BY HOUSE AMENDMENT SCHEDULE A", "passed_first"),
        ("upper", "FAVORABLE REPORT, TABLED FOR THE CALENDAR, SENATE", "passed_first"),
        ("upper", "SENATE PASSED AS AMENDED BY HOUSE AMENDMENT SCHEDULE A", "differences"),
        ("upper", "IN CONCURRENCE", "passed_all"),
        ("upper", "PUBLIC ACT 25-12", "passed_all"),
        (None, "TRANSMITTED BY SECRETARY OF THE STATE TO GOVERNOR", "passed_all"),
        (None, "SIGNED BY GOVERNOR", "enacted"),
    ],
    "us-fl": [
        ("lower", "Filed", "prefiled"),
        ("lower", "Referred to Criminal Justice Subcommittee", "in_committee"),
        ("lower", "Favorable with CS by Criminal Justice Subcommittee", "reported"),
        ("lower", "Laid on Table under Rule 7.18(a)", "reported"),
        ("lower", "1st Reading (Committee Substitute 1)", "reported"),
        ("lower", "Read 2nd time", "reported"),
        ("lower", "CS passed; YEAS 115 NAYS 0", "passed_first"),
        ("upper", "In Messages", "passed_first"),
        ("upper", "Substituted for CS/SB 22", "passed_first"),
        ("upper", "CS passed; YEAS 38 NAYS 0", "passed_all"),
        ("lower", "Ordered enrolled", "passed_all"),
        (None, "Signed by Officers and presented to Governor", "passed_all"),
        (None, "Approved by Governor", "enacted"),
        (None, "Chapter No. 2024-184; companion bill(s) passed, see HB 891 (Ch. 2024-66)", "enacted"),
    ],
    "us-hi": [
        ("upper", "Introduced.", "introduced"),
        ("upper", "Passed First Reading.", "introduced"),
        ("upper", "Referred to JDC, WAM.", "in_committee"),
        ("upper", "The committee on JDC has scheduled a public hearing on 02-10-25 9:30AM", "in_committee"),
        ("upper", "The committee on JDC recommend(s) that the measure be PASSED, WITH AMENDMENTS.", "reported"),
        ("upper", "Report adopted; Passed Second Reading, as amended (SD 1) and referred to WAM.", "reported"),
        ("upper", "Report adopted; Passed Third Reading, as amended (SD 1). Transmitted to House.", "passed_first"),
        ("lower", "Received from Senate (Sen. Com. No. 100) in amended form (SD 1).", "passed_first"),
        ("lower", "Passed Third Reading as amended in HD 1 with none voting no (0)", "differences"),
        ("upper", "Senate disagrees with House amendments.", "differences"),
        ("upper", "Passed Final Reading, as amended (CD 1). 25 Aye(s)", "differences"),
        ("lower", "Passed Final Reading as amended in CD 1 with none voting no (0)", "passed_all"),
        ("upper", "Enrolled to Governor.", "passed_all"),
        (None, "Act 033, on 04/24/2025 (Gov. Msg. No. 1133).", "enacted"),
    ],
    "us-mi": [
        ("lower", "introduced by Representative Jane Doe", "introduced"),
        ("lower", "referred to Committee on Judiciary", "in_committee"),
        ("lower", "reported with recommendation with substitute (H-1)", "reported"),
        ("lower", "referred to second reading", "reported"),
        ("lower", "read a third time", "reported"),
        ("lower", "passed; given immediate effect Roll Call #100 Yeas 100 Nays 5", "passed_first"),
        ("upper", "PASSED BY HOUSE WITH IMMEDIATE EFFECT", "passed_first"),
        ("upper", "REFERRED TO COMMITTEE ON CIVIL RIGHTS, JUDICIARY, AND PUBLIC SAFETY", "passed_first"),
        ("upper", "PASSED ROLL CALL #200 YEAS 35 NAYS 0", "passed_all"),
        ("lower", "bill ordered enrolled", "passed_all"),
        (None, "approved by the Governor 07/01/2025 9:00 AM", "enacted"),
        (None, "assigned PA 5'25 with immediate effect", "enacted"),
    ],
    "us-wv": [
        ("lower", "Filed for introduction", "prefiled"),
        ("lower", "To Judiciary then Finance", "in_committee"),
        ("lower", "Introduced in House", "in_committee"),
        ("lower", "Reported do pass", "reported"),
        ("lower", "Read 3rd time", "reported"),
        ("lower", "Passed House (Roll No. 100)", "passed_first"),
        ("lower", "Effective ninety days from passage", "passed_first"),
        ("upper", "Introduced in Senate", "passed_first"),
        ("upper", "Passed Senate (Roll No. 300)", "passed_all"),
        ("lower", "Completed legislative action", "passed_all"),
        (None, "To Governor 4/20/2025", "passed_all"),
        (None, "Approved by Governor 4/25/2025", "enacted"),
    ],
    "us-pa": [
        ("lower", "Referred to JUDICIARY", "in_committee"),
        ("lower", "Reported as committed", "reported"),
        ("lower", "First consideration", "reported"),
        ("lower", "Laid on the table", "reported"),
        ("lower", "Removed from table", "reported"),
        ("lower", "Third consideration and final passage (201-2)", "passed_first"),
        ("upper", "Referred to JUDICIARY", "passed_first"),
        ("upper", "Third consideration and final passage (50-0)", "passed_all"),
        ("lower", "Signed in House", "passed_all"),
        (None, "Presented to the Governor", "passed_all"),
        (None, "Approved by the Governor", "enacted"),
        (None, "Act No. 12 of 2025", "enacted"),
    ],
    "us-ny": [
        ("upper", "REFERRED TO CODES", "in_committee"),
        ("upper", "AMEND AND RECOMMIT TO CODES", "in_committee"),
        ("upper", "PRINT NUMBER 1234A", "in_committee"),
        ("upper", "1ST REPORT CAL.123", "reported"),
        ("upper", "ADVANCED TO THIRD READING", "reported"),
        ("upper", "PASSED SENATE", "passed_first"),
        ("upper", "DELIVERED TO ASSEMBLY", "passed_first"),
        ("lower", "referred to codes", "passed_first"),
        ("lower", "substituted for a4321", "passed_first"),
        ("lower", "passed assembly", "passed_all"),
        ("upper", "RETURNED TO SENATE", "passed_all"),
        ("upper", "DELIVERED TO GOVERNOR", "passed_all"),
        ("upper", "SIGNED CHAP.123", "enacted"),
    ],
    "us-il": [
        ("lower", "Filed with the Clerk by Rep. Jane Doe", "prefiled"),
        ("lower", "First Reading", "introduced"),
        ("lower", "Referred to Rules Committee", "in_committee"),
        ("lower", "House Committee Amendment No. 1 Tabled", "in_committee"),
        ("lower", "Do Pass / Short Debate Judiciary - Criminal Committee; 015-000-000", "reported"),
        ("lower", "Third Reading - Short Debate - Passed 105-001-000", "passed_first"),
        ("upper", "Arrive in Senate", "passed_first"),
        ("upper", "Referred to Assignments", "passed_first"),
        ("upper", "Third Reading - Passed; 057-000-000", "passed_all"),
        ("lower", "Passed Both Houses", "passed_all"),
        ("lower", "Sent to the Governor", "passed_all"),
        ("lower", "Governor Approved", "enacted"),
        ("lower", "Public Act . . . . . . . . . 104-0123", "enacted"),
    ],
    "us-ma": [
        ("lower", "Referred to the committee on The Judiciary", "in_committee"),
        ("upper", "Senate concurred", "in_committee"),
        ("joint", "Hearing scheduled for 04/01/2025 from 10:00 AM-02:00 PM in A-1", "in_committee"),
        ("joint", "Bill reported favorably by committee and referred to the committee on House Ways and Means", "reported"),
        ("lower", "Read third and passed to be engrossed", "passed_first"),
        ("upper", "Read third and passed to be engrossed", "passed_all"),
        ("lower", "Enacted", "passed_all"),
        ("upper", "Enacted and laid before the Governor", "passed_all"),
        ("executive", "Signed by the Governor, Chapter 12 of the Acts of 2025", "enacted"),
    ],
    "us-md": [
        ("upper", "First Reading Judicial Proceedings", "in_committee"),
        ("upper", "Hearing 2/12 at 1:00 p.m.", "in_committee"),
        ("upper", "Favorable Report by Judicial Proceedings", "reported"),
        ("upper", "Second Reading Passed", "reported"),
        ("upper", "Third Reading Passed (47-0)", "passed_first"),
        ("lower", "First Reading Judiciary", "passed_first"),
        ("lower", "Third Reading Passed (135-3)", "passed_all"),
        ("upper", "Returned Passed", "passed_all"),
        ("executive", "Approved by the Governor - Chapter 123", "enacted"),
    ],
    "us-mo": [
        ("lower", "Introduced and Read First Time (H)", "introduced"),
        ("lower", "Read Second Time (H)", "introduced"),
        ("lower", "Referred: Children and Families(H)", "in_committee"),
        ("lower", "Public Hearing Completed (H)", "in_committee"),
        ("lower", "HCS Reported Do Pass (H) - AYES: 10 NOES: 0 PRESENT: 0", "reported"),
        ("lower", "Perfected with Amendments (H)", "reported"),
        ("lower", "Third Read and Passed (H) - AYES: 150 NOES: 1 PRESENT: 0", "passed_first"),
        ("upper", "Reported to the Senate and First Read (S)", "passed_first"),
        ("upper", "Third Read and Passed (S) - AYES: 34 NOES: 0", "passed_all"),
        ("lower", "Truly Agreed To and Finally Passed (H)", "passed_all"),
        (None, "Delivered to Governor (G)", "passed_all"),
        (None, "Approved by Governor (G)", "enacted"),
    ],
    "us-mt": [
        ("lower", "(H) Introduced", "introduced"),
        ("lower", "(H) Referred to Committee", "in_committee"),
        ("lower", "(H) Hearing", "in_committee"),
        ("lower", "(H) Committee Executive Action--Bill Passed as Amended", "reported"),
        ("lower", "(H) 2nd Reading Passed", "reported"),
        ("lower", "(H) 3rd Reading Passed", "passed_first"),
        ("lower", "(H) Transmitted to Senate", "passed_first"),
        ("upper", "(S) Committee Report--Bill Concurred", "passed_first"),
        ("upper", "(S) 3rd Reading Concurred", "passed_all"),
        ("lower", "(H) Sent to Enrolling", "passed_all"),
        ("lower", "(H) Transmitted to Governor", "passed_all"),
        ("lower", "(H) Signed by Governor", "enacted"),
        (None, "Chapter Number Assigned", "enacted"),
    ],
    "us-nc": [
        ("lower", "Filed", "introduced"),
        ("lower", "Passed 1st Reading", "introduced"),
        ("lower", "Ref to the Com on Judiciary 1, if favorable, Rules, Calendar, and Operations of the House", "in_committee"),
        ("lower", "Reptd Fav Com Substitute", "reported"),
        ("lower", "Passed 2nd & 3rd Reading", "passed_first"),
        ("lower", "Regular Message Sent To Senate", "passed_first"),
        ("upper", "Passed 1st Reading", "passed_first"),
        ("upper", "Passed 3rd Reading", "passed_all"),
        (None, "Ratified", "passed_all"),
        (None, "Pres. To Gov. 6/20/2025", "passed_all"),
        (None, "Signed by Gov. 7/1/2025", "enacted"),
        (None, "Ch. SL 2025-12", "enacted"),
    ],
    "us-nd": [
        ("upper", "Introduced, first reading, referred to Judiciary Committee", "in_committee"),
        ("upper", "Committee Hearing 09:00", "in_committee"),
        ("upper", "Reported back, do pass, placed on calendar 7 0 0", "reported"),
        ("upper", "Second reading, passed, yeas 47 nays 0", "passed_first"),
        ("lower", "Received from Senate", "passed_first"),
        ("lower", "Introduced, first reading, referred to Judiciary Committee", "passed_first"),
        ("lower", "Second reading, passed, yeas 90 nays 0", "passed_all"),
        ("upper", "Signed by President", "passed_all"),
        ("upper", "Sent to Governor", "passed_all"),
        ("upper", "Signed by Governor 04/10", "enacted"),
        ("upper", "Filed with Secretary Of State 04/11", "enacted"),
    ],
    "us-ok": [
        ("lower", "First Reading", "introduced"),
        ("lower", "Authored by Representative Doe", "introduced"),
        ("lower", "Second Reading referred to Judiciary", "in_committee"),
        ("lower", "CR; Do Pass Judiciary and Public Safety Oversight Committee", "reported"),
        ("lower", "Third Reading, Measure passed: Ayes: 90 Nays: 3", "passed_first"),
        ("lower", "Engrossed, signed, to Senate", "passed_first"),
        ("upper", "First Reading", "passed_first"),
        ("upper", "Measure passed: Ayes: 46 Nays: 0", "passed_all"),
        ("lower", "Enrolled, to House", "passed_all"),
        ("lower", "Sent to Governor", "passed_all"),
        ("lower", "Approved by Governor 05/01/2025", "enacted"),
    ],
    "us-ri": [
        ("lower", "Introduced, referred to House Judiciary", "in_committee"),
        ("lower", "Committee recommended measure be held for further study", "in_committee"),
        ("lower", "Committee recommends passage of Sub A", "reported"),
        ("lower", "Placed on House Calendar (03/10/2025)", "reported"),
        ("lower", "House read and passed Sub A", "passed_first"),
        ("upper", "Referred to Senate Judiciary", "passed_first"),
        ("upper", "Senate passed Sub A in concurrence", "passed_all"),
        (None, "Transmitted to Governor", "passed_all"),
        (None, "Signed by Governor", "enacted"),
    ],
    "us-wi": [
        ("lower", "Introduced by Representatives Doe and Roe; cosponsored by Senator Poe", "introduced"),
        ("lower", "Read first time and referred to Committee on Judiciary", "in_committee"),
        ("lower", "Public hearing held", "in_committee"),
        ("lower", "Report passage recommended by Committee on Judiciary, Ayes 8, Noes 0", "reported"),
        ("lower", "Read a third time and passed", "passed_first"),
        ("upper", "Received from Assembly", "passed_first"),
        ("upper", "Read a third time and concurred in", "passed_all"),
        ("lower", "Report correctly enrolled on 3-20-2025", "passed_all"),
        ("lower", "Presented to the Governor on 3-21-2025", "passed_all"),
        ("lower", "Report approved by the Governor on 3-22-2025. 2025 Wisconsin Act 5", "enacted"),
        ("lower", "Published 3-23-2025", "enacted"),
    ],
    "us-de": [
        ("lower", "Introduced and Assigned to Judiciary Committee in House", "in_committee"),
        ("lower", "Reported Out of Committee (Judiciary) in House with 3 Favorable, 6 On Its Merits", "reported"),
        ("lower", "Amendment HA 1 to HB 12 - Passed In House by Voice Vote", "reported"),
        ("lower", "Passed By House. Votes: 38 YES 3 ABSENT", "passed_first"),
        ("upper", "Assigned to Judiciary Committee in Senate", "passed_first"),
        ("upper", "Passed By Senate. Votes: 21 YES", "passed_all"),
        (None, "Signed by Governor", "enacted"),
    ],
}  # fmt: skip

ENDINGS = [
    ("us-fl", "Died in Judiciary Committee", "dead"),
    ("us-fl", "Laid on Table, companion bill(s) passed, see HB 7001 (Ch. 2024-12)", "dead"),
    ("us-fl", "Laid on Table under Rule 7.18(a)", "introduced"),
    ("us-il", "Session Sine Die", "dead"),
    ("us-il", "House Committee Amendment No. 1 Tabled Pursuant to Rule 40", "introduced"),
    ("us-md", "Unfavorable Report by Economic Matters", "dead"),
    ("us-ma", "Accompanied a study order, see H4567", "dead"),
    ("us-ma", "House concurred", "introduced"),
    ("us-mt", "Died in Standing Committee", "dead"),
    ("us-mt", "Tabled in Committee", "introduced"),
    ("us-ny", "SUBSTITUTED BY A1234", "dead"),
    ("us-ny", "held for consideration in judiciary", "introduced"),
    ("us-de", "Substituted in House by HS 1 for HB 12", "dead"),
    ("us-wi", "Failed to pass pursuant to Senate Joint Resolution 1", "dead"),
    ("us-ri", "Withdrawn at sponsor's request", "dead"),
    ("us-az", "W/D", "introduced"),
    ("us-nd", "Second reading, failed to pass, yeas 20 nays 70", "dead"),
    ("us-pa", "Laid on the table (Pursuant to House Rule 71)", "introduced"),
    ("us-wv", "Effective from passage (Roll No. 501)", "introduced"),
]


@pytest.mark.parametrize("place", LAWS)
def test_a_bill_that_becomes_law(place):
    first = dt.date(2025, 1, 8)
    actions = [
        Action(date=first + dt.timedelta(days=7 * number), description=words, chamber=chamber)
        for number, (chamber, words, _) in enumerate(LAWS[place])
    ]
    for number, (_, words, stage) in enumerate(LAWS[place], 1):
        assert assess(actions[:number], jurisdiction=place, kind="bill").stage == stage, words


@pytest.mark.parametrize(("place", "words", "stage"), ENDINGS)
def test_what_ends_a_bill_and_what_does_not(place, words, stage):
    steps = ["Introduced by Senator Doe", words]
    actions = [Action(date=dt.date(2025, 1, 8 + number), description=text) for number, text in enumerate(steps)]
    assert assess(actions, jurisdiction=place, kind="bill").stage == stage


@pytest.mark.parametrize("place", LAWS)
def test_every_step_is_read(place):
    ruleset = ruleset_for(place)
    assert [words for chamber, words, _ in LAWS[place] if not ruleset.read_text(words, chamber).known] == []


@pytest.mark.parametrize(
    ("place", "words", "stage"),
    [
        ("us-ne", "Cavanaugh, M. MO85 withdrawn", "in_committee"),
        ("us-ne", "Conrad MO12 failed", "in_committee"),
        ("us-ne", "Hunt FA120 lost", "in_committee"),
        ("us-ne", "Sanders name withdrawn", "in_committee"),
        (
            "us-ks",
            "Withdrawn from House Committee on Elections; Referred to House Committee on Judiciary",
            "in_committee",
        ),
        ("us-mn", "Withdrawn and re-referred to Human Services", "in_committee"),
        ("us-ak", "(H) AM NO 3 OFFERED AND WITHDRAWN", "in_committee"),
        ("us-tx", "Point of order withdrawn", "in_committee"),
        ("us-me", "PLACED ON THE SPECIAL APPROPRIATIONS TABLE pending PASSAGE TO BE ENACTED", "in_committee"),
        ("us-ks", "Committee Report recommending bill be passed by House Committee on Judiciary", "reported"),
        ("us-vt", "Notice Calendar: Favorable with Amendment", "reported"),
        ("us-nv", "From committee: Do pass. Read third time. Passed. (Yeas: 42, Nays: 0.)", "passed_first"),
        ("us-sc", "Introduced, adopted, sent to Senate", "passed_first"),
    ],
)
def test_words_that_were_misread_once(place, words, stage):
    steps = ["Referred to Committee on Judiciary", words]
    actions = [Action(date=dt.date(2025, 1, 8 + number), description=text) for number, text in enumerate(steps)]
    status = assess(actions, jurisdiction=place, kind="bill")
    assert status.stage == stage
    assert not status.marks


def test_a_note_that_is_withdrawn_does_not_withdraw_the_bill():
    for place in ("us-il", "us-tx"):
        steps = ["Introduced by Rep. Doe", "Balanced Budget Note Requested - Withdrawn by Rep. Doe"]
        actions = [Action(date=dt.date(2025, 1, 8 + number), description=text) for number, text in enumerate(steps)]
        assert assess(actions, jurisdiction=place, kind="bill").stage == "introduced"
