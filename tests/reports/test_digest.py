"""What a digest tells, in which order and under which name."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from freedom_policy.records import Action, Hearing, MeasureFilter, Problem, StageChange, Status
from freedom_policy.reports import HelpLine
from freedom_policy.reports.words import short_title


def told(digest, key):
    return next(item for item in digest.items if item.key == key)


def section_keys(digest, section):
    return [digest.item(number).key for number in section.numbers]


def test_a_change_is_told_with_from_to_date_cause_link_and_how_it_was_tagged(make):
    digest = make.digest(make.change())
    for text in (digest.to_text(), digest.to_markdown(), digest.to_html()):
        flat = " ".join(text.split())
        for wanted in (
            "Became law, 20 Nov 2026; before that: passed, not yet law.",
            "“Signed by the Governor”",
            "“penalties for buying commercial sex”",
            "https://example.org/us-tx/892/HB252",
            "achine-tagged, not reviewed",
            "As written, it adds to Deterrence (buyers).",
            "Why it is here",
            "Senator Example",
            "Not legal advice",
            "does not endorse this tool",
        ):
            assert wanted in flat, wanted


def test_json_says_the_same_as_the_object(make):
    digest = make.digest(make.change())
    assert json.loads(digest.to_json())["items"][0]["key"] == "us-tx/892/HB252"
    assert type(digest).model_validate_json(digest.to_json()) == digest


def test_what_matters_leads(make):
    digest = make.digest(
        make.change(make.view("us-tx/892/HB1", "introduced"), None),
        make.change(make.view("us-tx/892/HB2", "reported"), "in_committee"),
        make.change(make.view("us-tx/892/HB3", "passed_all"), "passed_first"),
        make.change(make.view("us-tx/892/HB4", "effective"), "enacted"),
    )
    assert [digest.item(n).identifier for n in digest.lead] == ["HB 4", "HB 3", "HB 1"]


def test_several_moves_of_one_measure_are_one_item(make):
    measure = make.view(stage="enacted")
    late = make.now - dt.timedelta(hours=1)
    digest = make.digest(
        make.change(measure, "in_committee", to_stage="passed_first", observed_at=make.now - dt.timedelta(days=3)),
        make.change(measure, "passed_first", to_stage="enacted", observed_at=late),
    )
    assert len(digest.items) == 1
    assert "before that: in committee." in digest.to_text()


def test_totals_count_reform_families_and_leave_out_what_is_not_binding_or_contested(make):
    digest = make.digest(
        make.change(make.view("us-tx/892/HB1", family="f1")),
        make.change(make.view("us-tx/892/SB1", family="f1")),
        make.change(make.view("us-tx/892/HB2", classification=make.tags(relevance="adjacent"))),
        make.change(make.view("us-tx/892/HB3", classification=make.tags(administrative=True))),
        make.change(make.view("us-tx/892/HR4", "adopted", kind="resolution", classification=make.tags(binding=False))),
        make.change(make.view("us-tx/892/HB5", classification=make.tags(binding=None))),
        make.change(make.view("us-tx/892/HB6", classification=contested(make))),
    )
    assert [(count.families, count.measures) for count in digest.counts] == [(1, 2)]
    assert "1 reform became law or took effect (2 measures)." in digest.to_text()
    assert {count.name for count in digest.apart} == {
        "contested",
        "on related subjects",
        "administrative",
        "not binding",
        "binding or not: not known",
    }


def contested(make, **fields):
    return make.tags(make.provision("massage_licensing", contested=True), contested=True, **fields)


def test_contested_measures_are_told_apart_and_without_a_direction(make):
    digest = make.digest(make.change(make.view(classification=contested(make))))
    assert section_keys(digest, digest.contested) == ["us-tx/892/HB252"]
    assert digest.lead == ()
    text = digest.to_text()
    assert "Which way it goes is left to a person." in text
    assert "Would add: Massage" not in text
    assert "As written" not in text


def test_one_contested_clause_does_not_hide_a_long_act(make):
    provisions = [make.provision(name) for name in ("restitution", "civil_action", "buyer_penalty")]
    long_act = make.tags(*provisions, make.provision("nuisance_abatement", contested=True), contested=True)
    digest = make.digest(make.change(make.view(classification=long_act)))
    assert told(digest, "us-tx/892/HB252").standing == "counted"
    assert "It also touches what people disagree on: Nuisance and premises abatement." in digest.to_text()


def weakening(make, **fields):
    provision = make.provision("restitution", direction="weakens", goal_directions={"victim_protection": "weakens"})
    tags = make.tags(provision, goals=("victim_protection",), direction="weakens")
    return make.change(make.view("us-tx/892/HB9", "in_committee", classification=tags, **fields), "introduced")


def test_taking_away_is_only_in_the_review_list_until_a_person_confirms_it(make):
    digest = make.digest(weakening(make))
    assert digest.lead == ()
    assert section_keys(digest, digest.review) == ["us-tx/892/HB9"]
    for text in (digest.to_text(), digest.to_markdown(), digest.to_html()):
        assert "may take away from Victim protection" in text
        assert "takes away from" not in text
        assert "Would add: Restitution" not in text


def test_taking_away_leads_once_a_person_confirmed_it(make):
    digest = make.digest(make.change(), weakening(make, review=make.review()))
    assert digest.item(digest.lead[0]).key == "us-tx/892/HB9"
    assert digest.review.numbers == ()
    text = " ".join(digest.to_text().split())
    assert "As written, it takes away from Victim protection." in text
    assert "Reviewed by Ada Reader on 2026-11-25" in text


def test_reviewers_are_not_named_where_that_is_asked(make):
    digest = make.digest(weakening(make, review=make.review()), name_reviewers=False)
    assert "Ada Reader" not in digest.to_json()
    assert "reviewed by a person on 2026-11-25" in digest.to_json()


def test_a_demo_is_stamped_and_its_paraphrase_has_no_quotation_marks(make):
    provision = make.provision(quote="People may ask a court to clear a record.", field="text", score=0.95)
    measure = make.view(demo=True, abstract="Lets a court clear a record.", classification=make.tags(provision))
    digest = make.digest(make.change(measure), recorded_on=dt.date(2025, 3, 1))
    assert digest.banner == "Demonstration: recorded on 1 Mar 2025, not current."
    for text in (digest.to_text(width=200), digest.to_markdown(), digest.to_html()):
        assert "recorded on 1 Mar 2025, not current" in text
        assert "Demo paraphrase, not a quotation: People may ask" in text
        assert "“People may ask" not in text
        assert "“Signed" not in text


def test_a_demo_quotes_the_official_title(make):
    assert "“penalties for buying commercial sex”" in make.digest(make.change(make.view(demo=True))).to_text()


def test_dead_measures_are_told_with_the_reason(make):
    status = Status(stage="dead", stage_date=make.day, basis="inferred", reason="the session ended", ruleset="1")
    change = make.change(make.view(stage="dead", status=status), "in_committee", cause=None, basis="inferred")
    digest = make.digest(change)
    assert section_keys(digest, digest.ended) == ["us-tx/892/HB252"]
    text = " ".join(digest.to_text().split())
    assert "Ended without becoming law, 20 Nov 2026: the session ended; before that: in committee." in text
    assert "Concluded from the calendar, not from an action." in text


def test_what_is_new_to_us_is_not_told_as_news(make):
    status = Status(stage="enacted", stage_date=dt.date(2019, 6, 1), ruleset="1")
    digest = make.digest(make.change(make.view(status=status), None))
    assert [count.name for count in digest.counts] == ["new to this collection, with earlier dates"]
    assert "it happened before this period" in " ".join(digest.to_text().split())


def test_hearings_ahead_lead_and_are_listed_with_time_and_place(make):
    soon = Hearing(date=dt.date(2026, 12, 1), time=dt.time(10), body="Public Safety", place="City Hall")
    past = Hearing(date=dt.date(2026, 11, 1), body="Public Safety")
    measure = make.view("us-ny-nyc/2024/Int0827-2024", "in_committee", hearings=(past, soon))
    digest = make.digest(measures=[measure])
    assert [row.date for row in digest.coming if row.kind == "hearing"] == [soon.date]
    assert digest.lead == (1,)
    text = " ".join(digest.to_text().split())
    assert "1 Dec 2026, 10:00 local time: Hearing by Public Safety on New York City Int 0827-2024" in text
    assert "(City Hall)" in text


def test_effective_dates_and_session_ends_are_coming(make):
    status = Status(stage="enacted", stage_date=make.day, effective_date=dt.date(2027, 1, 1), ruleset="1")
    digest = make.digest(
        make.change(make.view(status=status)), make.change(make.view("us/119/HR1", "in_committee"), "introduced")
    )
    assert [row.kind for row in digest.coming] == ["effective", "session_end"]


@pytest.mark.parametrize(
    ("runs", "words"),
    [
        (["complete"], "Nothing changed in what was collected between 18 Nov 2026 and 25 Nov 2026."),
        (["blocked"], "But 1 source could not be looked at completely, so something may be missing."),
        ([], "But no source was looked at, so this says nothing about the law."),
    ],
)
def test_nothing_changed_is_said_and_how_far_that_goes(make, runs, words):
    digest = make.digest(runs=[make.run(verdict=verdict) for verdict in runs])
    assert words in digest.quiet
    for text in (digest.to_text(width=200), digest.to_markdown(), digest.to_html()):
        assert words in text


def test_sources_that_failed_and_places_not_looked_at_are_named(make):
    problem = Problem(what="The site answered with a challenge page.", mend="Ask the webmaster for access.")
    runs = [make.run(), make.run("legistar", "us-wa-seattle", "blocked", problems=(problem,))]
    wanted = MeasureFilter(jurisdictions=("us-tx", "us-wa-seattle", "us-ny-nyc"))
    digest = make.digest(make.change(), runs=runs, filter=wanted)
    assert digest.not_looked_at == ("Seattle", "New York City")
    text = " ".join(digest.to_text().split())
    assert "Seattle (source: legistar) could not be looked at: the source refused us" in text
    assert "Ask the webmaster for access." in text


def test_a_look_of_long_ago_is_not_fresh(make):
    digest = make.digest(runs=[make.run(at=make.now - dt.timedelta(days=20))])
    assert "looked at completely, but 20 days ago" in digest.freshness


def test_why_it_is_here_names_what_the_reader_follows(make):
    wanted = MeasureFilter(jurisdictions=("us-tx",), goals=("buyer_deterrence",))
    digest = make.digest(make.change(), filter=wanted)
    assert digest.items[0].why == "It moved. You follow Texas and Deterrence (buyers)."


def test_an_old_session_is_marked(make):
    digest = make.digest(make.change(make.view("us/117/HR1", "in_committee"), "introduced"))
    assert "The session (117th Congress) is over." in digest.to_text()


def test_every_measure_that_moved_is_told_somewhere(make):
    odd = make.view("us-tx/892/HB7", "in_committee", classification=None)
    none = make.view("us-tx/892/HB8", "in_committee", classification=make.tags(goals=(), provisions=()))
    for text in ((digest := make.digest(make.change(odd, None), make.change(none, None))).to_text(), digest.to_html()):
        assert "HB 7" in text
        assert "HB 8" in text


def test_what_could_not_be_told_to_do_anything_leads_nothing_and_is_not_lost(make):
    untold = make.view("us-tx/892/HB8", "enacted", classification=make.tags(provisions=()))
    digest = make.digest(make.change(untold), make.change(make.view("us-tx/892/HB9", "in_committee"), "introduced"))
    assert told(digest, "us-tx/892/HB8").standing == "no_provision"
    assert not digest.lead
    assert [(count.name, count.families) for count in digest.counts] == [("moved", 1)]
    assert [(count.name, count.measures) for count in digest.apart] == [
        ("about trafficking, what it would do could not be told", 1)
    ]
    assert section_keys(digest, digest.others[0]) == ["us-tx/892/HB8"]
    for text in (digest.to_text(width=300), digest.to_markdown(), digest.to_html()):
        assert "About trafficking; what it would do could not be told" in text
        assert "nothing that they would do was found in the words that were read" in text
        assert "HB 8" in text
    followed = make.digest(make.change(untold), filter=MeasureFilter(keys=("us-tx/892/HB8",)))
    assert followed.lead, "somebody follows just this one"


def test_the_first_screen_fits_a_page(make):
    moves = [make.change(make.view(f"us-tx/892/HB{n}", title="A long title about trafficking " * 4)) for n in range(30)]
    text = make.digest(*moves).to_text(width=90)
    first = text.split("\nBy goal\n")[0].splitlines()
    assert len(first) <= 45
    assert max(map(len, text.splitlines())) <= 90


@pytest.mark.parametrize("width", [20, 40, 90, 160])
def test_lines_keep_to_the_width(make, width):
    lines = make.digest(make.change()).to_text(width=width).splitlines()
    assert max(len(line) for line in lines) <= width


def test_piped_text_has_no_colour_and_colour_can_be_asked_for(make):
    digest = make.digest(make.change())
    assert "\x1b" not in digest.to_text()
    assert "\x1b[" in digest.to_text(color=True)


def test_an_undated_move_without_cause_is_told(make):
    measure = make.view(actions=(), status=Status(stage="enacted", ruleset="1"), url=None, sources=())
    text = make.digest(
        StageChange(measure=measure, from_stage=None, to_stage="enacted", date=None, observed_at=make.now)
    )
    assert "date not given" in text.to_text()
    assert "No link in the record" in text.to_text()
    assert "No link in the record" in text.to_html()


def test_the_desk_is_named_after_its_owner(make):
    status = Status(stage="passed_all", stage_date=make.day, classes=(("executive-receipt",),), ruleset="1")
    actions = (Action(date=make.day, description="Sent to Mayor"),)
    measure = make.view("us-ny-nyc/2024/Int0827-2024", status=status, actions=actions)
    assert "on the Mayor's desk" in " ".join(make.digest(make.change(measure, "reported")).to_text().split())


def test_a_measure_that_we_met_and_saw_move_in_the_period_tells_both(make):
    measure = make.view(stage="enacted")
    digest = make.digest(
        make.change(measure, None, to_stage="passed_all", observed_at=make.now - dt.timedelta(days=3)),
        make.change(measure, "passed_all", to_stage="enacted"),
    )
    assert "Became law, 20 Nov 2026; before that: passed, not yet law." in " ".join(digest.to_text().split())
    assert digest.lead == (1,)


def test_numbers_follow_the_order_of_telling(make):
    old = Status(stage="enacted", stage_date=dt.date(2019, 6, 1), ruleset="1")
    digest = make.digest(
        make.change(make.view("us-tx/892/HB1", status=old), None),
        make.change(make.view("us-tx/892/HB2", "introduced"), None),
    )
    assert (digest.lead, digest.lead_late) == ((1,), (2,))
    assert digest.item(2).identifier == "HB 1"


def test_that_nothing_lies_ahead_is_said(make):
    digest = make.digest(make.change())
    for text in (digest.to_text(width=200), digest.to_markdown(), digest.to_html()):
        assert "No hearing, effective date or session end in the next 60 days" in text


def test_help_lines_stand_with_their_source_and_day(make):
    line = HelpLine(
        name="Shelter line", contact="call City Hall", source="city.example", checked_on=dt.date(2026, 11, 1)
    )
    digest = make.digest(help_lines=[line])
    assert "Help near you: Shelter line, call City Hall (city.example, checked on 1 Nov 2026)." in digest.to_text(
        width=200
    )
    assert "Help near you" not in make.digest().to_text()


def test_single_measures_followed_besides_are_named(make):
    wanted = MeasureFilter(jurisdictions=("us-wa",), also=("us-tx/892/HB252",))
    digest = make.digest(make.change(), filter=wanted)
    assert digest.follows == "Washington; besides, 1 single measure"
    assert digest.items[0].why == "It moved. You follow this measure."


def test_nothing_changed_is_no_answer_while_measures_wait_to_be_read(make):
    digest = make.digest(untagged=7, unassessed=1)
    assert "But not all was read: 7 collected measures not tagged yet: run freedom-policy classify" in digest.quiet
    assert "1 collected measure without a stage yet: run freedom-policy monitor" in digest.freshness


@pytest.mark.parametrize(
    ("title", "short"),
    [
        (
            "A Local Law to amend the administrative code of the city, in relation to licensing hotels",
            "Licensing hotels",
        ),
        ("An act to amend Section 236.1 of the Penal Code, relating to human trafficking.", "Human trafficking."),
        ("To help survivors, and for other purposes.", "To help survivors"),
        ("Trafficking Survivors Relief Act", "Trafficking Survivors Relief Act"),
        ("An act relating to it", "An act relating to it"),
    ],
)
def test_lists_drop_what_the_form_of_law_puts_first(title, short):
    assert short_title(title) == short


def test_a_long_reason_stands_apart_from_the_stage(make):
    reason = "the text says that it takes effect ninety days after its enactment, " * 3
    status = Status(stage="effective", stage_date=make.day, reason=reason, ruleset="1")
    digest = make.digest(make.change(make.view(status=status), reason=reason))
    first, details = digest.to_text(width=90).split("\nBy goal\n")
    assert "ninety days" not in first
    assert "Why: the text says that it takes effect ninety days" in " ".join(details.split())


def test_what_goes_quiet_is_told_while_its_session_lasts(make):
    open_one = make.view("us/119/HR1", "in_committee")
    over = make.view("us/117/HR2", "in_committee")
    why = "Gone quiet: nothing for 200 days."
    digest = make.digest(silent=[(open_one, why), (over, why)])
    assert section_keys(digest, digest.silent) == ["us/119/HR1"]
    for text in (digest.to_text(), digest.to_markdown(), digest.to_html()):
        assert "Gone quiet" in text
        assert "nothing for 200 days" in " ".join(text.split())
    assert digest.quiet, "silence is no change"


def test_a_reform_counts_under_the_furthest_of_its_measures(make):
    digest = make.digest(
        make.change(make.view("us-tx/892/HB1", "enacted", family="f")),
        make.change(make.view("us-tx/892/SB1", "dead", family="f"), "in_committee"),
    )
    assert [(count.name, count.families, count.measures) for count in digest.counts] == [
        ("became law or took effect", 1, 1)
    ]
    assert digest.ended.numbers, "the measure that ended is told all the same"


def test_a_first_collection_does_not_bury_what_is_new(make):
    old = Status(stage="enacted", stage_date=dt.date(2019, 6, 1), ruleset="1")
    moves = [make.change(make.view(f"us-tx/892/HB{n}", status=old), None) for n in range(200)]
    digest = make.digest(make.change(make.view("us-tx/892/SB1")), *moves)
    assert len(digest.items) == 201, "the JSON has all"
    assert digest.counts[1].families == 200
    assert len(digest.folded) == 195
    for text in (digest.to_text(), digest.to_markdown(), digest.to_html(), digest.to_atom()):
        assert "SB 1" in text
        assert text.count("Texas HB") < 20
    assert "195 measures that are new to this collection and no news are not listed here" in digest.to_text(width=200)
    assert make.digest(*moves[:50]).folded == ()


def test_the_very_first_digest_tells_old_things_as_old(make):
    old = Status(stage="enacted", stage_date=dt.date(2019, 6, 1), ruleset="1")
    digest = make.digest(make.change(make.view("us-tx/892/HB1", status=old), None), make.change(), since=None)
    assert [digest.item(number).identifier for number in digest.lead] == ["HB 252"]
    assert digest.lead_late == (2,)
    assert "everything up to 25 Nov 2026" in digest.to_text()
