"""Where measures stand, on two time lines: when it was so, and when we knew."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import Found, MeasureFilter, Session, StatusMark
from freedom_policy.store import queries

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAYS = [NOON + dt.timedelta(days=number) for number in range(10)]
ALL = MeasureFilter(tracked=None)
KEY = "us/117/HR1"
INTRODUCED = ("2021-01-04", "Introduced in House")
REFERRED = ("2021-01-05", "Referred to Judiciary")
PASSED = ("2021-03-01", "Passed House")
SIGNED = ("2021-06-01", "Signed by President")


def moves(store, since=None, until=None, wanted=ALL):
    return [(item.from_stage, item.to_stage) for item in queries.changes(store, since, until, wanted)]


def test_only_what_changed_is_due_and_saving_the_same_writes_nothing(store, collect, make, stand, rows) -> None:
    one, two = make(steps=[INTRODUCED]), make("us/117/HR2", steps=[INTRODUCED])
    collect(one, two)
    due = list(store.measures_to_assess())
    assert [(measure.key, measure.actions) for measure in due] == [(KEY, one.actions), (two.key, two.actions)]
    assert (
        store.save_statuses([(measure.key, stand(measure, ("introduced", 0))) for measure in due], observed_at=DAYS[0])
        == 2
    )
    assert list(store.measures_to_assess()) == []
    before = rows()
    again = [(measure.key, stand(measure, ("introduced", 0))) for measure in store.measures_to_assess(all=True)]
    assert store.save_statuses(again, observed_at=DAYS[1]) == 0
    assert rows() == before
    collect(make(steps=[INTRODUCED, REFERRED]), two, at=DAYS[1])
    assert [measure.key for measure in store.measures_to_assess()] == [KEY]


def test_a_title_that_changed_makes_no_status_due(store, collect, make, stand) -> None:
    collect(make(title="One"))
    store.save_statuses([(measure.key, stand(measure, ("introduced", 0))) for measure in store.measures_to_assess()])
    collect(make(title="Two"), at=DAYS[1])
    assert list(store.measures_to_assess()) == []


def test_what_changed_while_it_was_assessed_stays_due(store, collect, make, stand) -> None:
    measure = make(steps=[INTRODUCED])
    collect(measure)
    [handed_out] = store.measures_to_assess()
    collect(make(steps=[INTRODUCED, REFERRED]), at=DAYS[1])
    store.save_statuses([(KEY, stand(handed_out, ("introduced", 0)))])
    assert [item.key for item in store.measures_to_assess()] == [KEY]


def test_another_ruleset_or_the_passing_of_time_makes_a_status_due(store, collect, make, stand) -> None:
    measures = [make(f"us/117/HR{number}", steps=[INTRODUCED]) for number in range(1, 5)]
    collect(*measures)
    store.save_places(sessions=[Session(jurisdiction="us", identifier="117", end=dt.date(2023, 1, 3))])
    later = stand(measures[3], ("enacted", 0), effective_date=dt.date(2022, 6, 1))
    told = [
        stand(measures[0], ("introduced", 0)),
        stand(measures[1], ("dead", 0)),
        stand(measures[2], ("passed_all", 0)),
        later,
    ]
    store.save_statuses(zip((measure.key for measure in measures), told, strict=True))

    def due(**asked):
        return [measure.identifier for measure in store.measures_to_assess(**asked)]

    assert due() == due(ruleset_of=lambda place: "rules 1") == []
    assert due(ruleset_of=lambda place: "rules 2" if place == "us" else "rules 1") == ["HR1", "HR2", "HR3", "HR4"]
    assert due(as_of=dt.date(2022, 1, 1)) == ["HR3"]
    assert due(as_of=dt.date(2022, 6, 1)) == ["HR3", "HR4"]
    assert due(as_of=dt.date(2023, 1, 3)) == ["HR1", "HR3", "HR4"]


def test_changes_tell_each_move_once_with_its_cause(store, collect, make, stand) -> None:
    for day, steps in enumerate(
        ([INTRODUCED], [INTRODUCED, REFERRED], [INTRODUCED, REFERRED], [INTRODUCED, REFERRED, PASSED])
    ):
        collect(make(steps=steps), at=DAYS[day])
        stages = [("introduced", 0), ("in_committee", 1), ("passed_first", 2)][: len(steps)]
        store.save_statuses([(m.key, stand(m, *stages)) for m in store.measures_to_assess()], observed_at=DAYS[day])
    assert moves(store) == [(None, "introduced"), ("introduced", "in_committee"), ("in_committee", "passed_first")]
    # Spans set end to end tell each move once.
    assert moves(store, DAYS[0], DAYS[1]) == [("introduced", "in_committee")]
    assert moves(store, DAYS[1], DAYS[3]) == [("in_committee", "passed_first")]
    assert moves(store, DAYS[3], DAYS[9]) == []
    [change] = queries.changes(store, DAYS[1], DAYS[3], ALL)
    assert change.cause is not None
    assert (change.cause.description, change.date, change.observed_at) == ("Passed House", dt.date(2021, 3, 1), DAYS[3])
    assert change.measure.stage == "passed_first"
    assert moves(store, wanted=MeasureFilter(tracked=None, jurisdictions=("us-tx",))) == []
    assert moves(store, wanted=MeasureFilter(tracked=None, limit=1)) == [("in_committee", "passed_first")]


def test_a_false_action_that_was_withdrawn_is_told_both_times_and_stays_in_the_record(
    store, collect, make, stand, rows
) -> None:
    right, wrong = [INTRODUCED, PASSED], [INTRODUCED, PASSED, SIGNED]
    for day, steps in enumerate((right, wrong, right)):
        collect(make(steps=steps), at=DAYS[day])
        stages = [("introduced", 0), ("passed_first", 1), ("enacted", 2)][: len(steps)]
        store.save_statuses([(m.key, stand(m, *stages)) for m in store.measures_to_assess()], observed_at=DAYS[day])
    assert moves(store) == [(None, "passed_first"), ("passed_first", "enacted"), ("enacted", "passed_first")]
    assert [(event.stage, seen, gone) for event, seen, gone in queries.events(store, KEY)] == [
        ("introduced", DAYS[0], None),
        ("passed_first", DAYS[0], None),
        ("enacted", DAYS[1], DAYS[2]),
    ]
    # The move that told it still names the action, although it holds no longer.
    wrong_move = queries.changes(store, DAYS[0], DAYS[1], ALL)[0]
    assert wrong_move.cause is not None
    assert wrong_move.cause.description == "Signed by President"
    assert len(rows("status_events")) == 3


def test_status_as_of_answers_on_both_time_lines(store, collect, make, stand) -> None:
    # We first look in March 2026, and learn only then of what happened in 2021; the signature comes to us a day later.
    collect(make(steps=[INTRODUCED, PASSED]), at=DAYS[1])
    store.save_statuses(
        [(m.key, stand(m, ("introduced", 0), ("passed_first", 1))) for m in store.measures_to_assess()],
        observed_at=DAYS[1],
    )
    collect(make(steps=[INTRODUCED, REFERRED, PASSED, SIGNED]), at=DAYS[2])
    marks = (StatusMark(mark="hearing", date=dt.date(2021, 2, 1)),)
    stages = [("introduced", 0), ("in_committee", 1), ("passed_first", 2), ("enacted", 3)]
    store.save_statuses(
        [(m.key, stand(m, *stages, marks=marks)) for m in store.measures_to_assess()], observed_at=DAYS[2]
    )

    def stage(valid: str | None, known: dt.datetime | None) -> str:
        day = dt.date.fromisoformat(valid) if valid else None
        return queries.status_as_of(store, KEY, day, known).stage

    assert stage("2021-02-01", DAYS[0]) == "unknown"
    assert stage("2021-02-01", DAYS[1]) == "introduced"
    assert stage("2021-02-01", DAYS[2]) == "in_committee"
    assert stage("2021-07-01", DAYS[1]) == "passed_first"
    assert stage("2021-07-01", DAYS[2]) == stage(None, None) == stage("2021-07-01", None) == "enacted"
    assert stage("2020-12-31", None) == "unknown"
    then = queries.status_as_of(store, KEY, dt.date(2021, 3, 1), DAYS[1])
    assert then.cause is not None
    assert queries.actions_as_of(store, KEY, DAYS[1])[then.cause].description == "Passed House"
    now = queries.status_as_of(store, KEY, dt.date(2021, 3, 1))
    assert now.cause is not None
    assert queries.actions_as_of(store, KEY)[now.cause].description == "Passed House"
    assert queries.actions_as_of(store, KEY, DAYS[0]) == ()
    assert queries.status_as_of(store, KEY, dt.date(2021, 1, 10)).marks == ()
    with pytest.raises(BadInput, match="us/117/HR404"):
        queries.status_as_of(store, "us/117/HR404")


def test_another_source_taking_over_tells_nothing_twice(store, collect, make, stand) -> None:
    collect(make(source="legiscan", steps=[("2021-01-04", "Introduced")]), source="legiscan", at=DAYS[0])
    store.save_statuses([(m.key, stand(m, ("introduced", 0))) for m in store.measures_to_assess()], observed_at=DAYS[0])
    collect(make(steps=[INTRODUCED]), at=DAYS[1])
    store.save_statuses([(m.key, stand(m, ("introduced", 0))) for m in store.measures_to_assess()], observed_at=DAYS[1])
    assert moves(store) == [(None, "introduced")]
    assert queries.status_as_of(store, KEY, known=DAYS[0]).stage == "introduced"
    assert [action.description for action in queries.actions_as_of(store, KEY, DAYS[0])] == ["Introduced"]
    assert [action.description for action in queries.actions_as_of(store, KEY, DAYS[1])] == ["Introduced in House"]


def test_the_same_step_under_a_new_ruleset_is_no_new_event(store, collect, make, stand) -> None:
    collect(make(steps=[INTRODUCED]))
    measure = next(store.measures_to_assess())
    store.save_statuses([(KEY, stand(measure, ("introduced", 0)))], observed_at=DAYS[0])
    assert store.save_statuses([(KEY, stand(measure, ("introduced", 0), ruleset="rules 2"))], observed_at=DAYS[1]) == 1
    assert len(queries.events(store, KEY)) == 1
    assert moves(store, DAYS[0]) == []
    assert queries.measure(store, KEY).status.ruleset == "rules 2"


def test_the_cause_is_an_index_into_the_actions_that_are_shown(store, collect, make, stand) -> None:
    collect(make(steps=[INTRODUCED, REFERRED, PASSED]))
    collect(make(steps=[INTRODUCED, PASSED]), at=DAYS[1])
    store.save_statuses(
        [(m.key, stand(m, ("passed_first", 1))) for m in store.measures_to_assess()], observed_at=DAYS[1]
    )
    view = queries.measure(store, KEY)
    assert view.actions[view.status.cause].description == "Passed House"
    assert queries.changes(store, None, None, ALL)[0].cause == view.actions[1]


def test_texts_come_with_what_is_to_be_assessed_when_asked_for(store, collect, make) -> None:
    from freedom_policy.records import TextVersion

    versions = (
        TextVersion(note="Enrolled", date=dt.date(2021, 5, 1), text="new words"),
        TextVersion(note="Introduced", date=dt.date(2021, 1, 1), text="old words"),
        TextVersion(note="Public Law", date=dt.date(2021, 6, 1)),
    )
    collect(Found(measure=make(versions=versions)))
    assert [version.text for version in next(store.measures_to_assess()).versions] == [None, None, None]
    assert [version.text for version in next(store.measures_to_assess(text=True)).versions] == ["new words", None, None]
    assert store.measure_with_text(KEY).versions[0].text == "new words"


def test_unmapped_actions_are_listed_by_frequency(store, collect, make, stand) -> None:
    strange = ("2021-02-01", "Held at desk of the oracle")
    collect(make(steps=[INTRODUCED, strange]), make("us/117/HR2", steps=[INTRODUCED, strange, ("2021-02-02", "Odd")]))
    for measure in store.measures_to_assess():
        unmapped = tuple(range(1, len(measure.actions)))
        store.save_statuses([(measure.key, stand(measure, ("introduced", 0), unmapped=unmapped))])
    assert queries.unmapped_actions(store) == [("us", "Held at desk of the oracle", 2), ("us", "Odd", 1)]
    assert queries.unmapped_actions(store, limit=1) == [("us", "Held at desk of the oracle", 2)]


def test_a_status_of_what_is_not_in_the_store_is_passed_over(store, make, stand) -> None:
    assert store.save_statuses([("us/117/HR404", stand(make(), ("introduced", 0)))]) == 0
