"""Writing what crawls find: once, whole, and with its history."""

from __future__ import annotations

import base64
import datetime as dt
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select

from freedom_policy.errors import StoreUnusable
from freedom_policy.records import (
    Abstract,
    Action,
    Citation,
    Committee,
    Found,
    Hearing,
    Jurisdiction,
    MeasureFilter,
    Rejected,
    Remember,
    Session,
    Source,
    Sponsor,
    TextVersion,
    Unchanged,
)
from freedom_policy.store import Store, bulk, queries
from freedom_policy.store.models import ActionRow, CrawlStateRow, MeasureRow, ObservationRow

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
LAST = NOON + dt.timedelta(days=2)
ALL = MeasureFilter(tracked=None)
LOOKS = {"checks", "runs"}
"""Tables that say when we looked; only these may differ after a second run of the same input."""


def known(store: Store, key: str = "us/117/HR1") -> list[tuple[str, bool]]:
    """The actions of a measure that we ever knew: words, and whether they still hold."""
    return [(action.description, retracted is None) for action, _, _, retracted in queries.action_history(store, key)]


def full(make, **said):
    """A measure with something in every field."""
    return make(
        **{
            "subjects": ("Crime", "Commerce"),
            "sponsors": (Sponsor(name="Ann", classification="primary"), Sponsor(name="Bo"), Sponsor(name="Cy")),
            "committees": (Committee(name="Judiciary"), Committee(name="Rules")),
            "citations": (Citation(citation="Public Law 117-1"),),
            "abstracts": (Abstract(abstract="Short words about it."),),
            "hearings": (Hearing(date=dt.date(2026, 4, 1), place="Room 1"),),
            "versions": (TextVersion(note="Introduced", date=dt.date(2021, 1, 4), text="The whole text."),),
            "steps": [("2021-01-04", "Introduced"), ("2021-01-05", "Referred"), ("2021-01-05", "Referred")],
            **said,
        }
    )


def test_a_second_run_of_the_same_input_changes_nothing(collect, make, rows) -> None:
    measures = [full(make), full(make, key="us/117/HR2")]
    remember = [Found(measure=item, remember={item.key: "etag"}) for item in measures]
    first = collect(*remember, at=NOON)
    before = rows()
    second = collect(*remember, at=LATER)
    after = rows()
    assert (first.found, first.new, first.changed, first.unchanged, first.missing) == (2, 2, 0, 0, 0)
    assert (second.found, second.new, second.changed, second.unchanged, second.missing) == (2, 0, 0, 2, 0)
    assert {name: table for name, table in before.items() if name not in LOOKS} == {
        name: table for name, table in after.items() if name not in LOOKS
    }
    assert [row["checked_at"] for row in after["checks"]] == [LATER, LATER]


def test_the_order_of_unordered_things_is_no_change(collect, make) -> None:
    collect(full(make))
    again = full(
        make,
        subjects=("Commerce", "Crime"),
        sponsors=(Sponsor(name="Ann", classification="primary"), Sponsor(name="Cy"), Sponsor(name="Bo")),
        committees=(Committee(name="Rules"), Committee(name="Judiciary")),
    )
    assert collect(again, at=LATER).unchanged == 1


def test_actions_that_vanish_are_retracted_and_come_back_with_their_history(store, collect, make) -> None:
    signed = [("2021-01-04", "Introduced"), ("2021-02-01", "Presented to President")]
    collect(make(steps=signed), at=NOON)
    collect(make(steps=signed[:1]), at=LATER)
    assert known(store) == [("Introduced", True), ("Presented to President", False)]
    collect(make(steps=signed), at=LAST)
    history = [(a.description, seen, gone) for a, _, seen, gone in queries.action_history(store, "us/117/HR1")]
    assert history == [
        ("Introduced", NOON, None),
        ("Presented to President", NOON, LATER),
        ("Presented to President", LAST, None),
    ]
    view = queries.measure(store, "us/117/HR1")
    assert [action.description for action in view.actions] == ["Introduced", "Presented to President"]


def test_true_repeats_are_kept_and_counted_one_by_one(store, collect, make) -> None:
    day = ("2021-01-04", "Laid on the table")
    collect(make(steps=[day, day, day]))
    assert known(store) == [("Laid on the table", True)] * 3
    collect(make(steps=[day, day]), at=LATER)
    assert sorted(known(store)) == [
        ("Laid on the table", False),
        ("Laid on the table", True),
        ("Laid on the table", True),
    ]


def test_a_late_action_takes_its_place_and_a_detail_filled_in_is_no_new_action(store, collect, make) -> None:
    collect(make(steps=[("2021-01-04", "Introduced"), ("2021-03-01", "Passed")]))
    actions = (
        Action(date=dt.date(2021, 1, 4), description="Introduced", url="https://congress.example/1"),
        Action(date=dt.date(2021, 2, 1), description="Reported"),
        Action(date=dt.date(2021, 3, 1), description="Passed"),
    )
    collect(make(actions=actions), at=LATER)
    assert queries.actions_as_of(store, "us/117/HR1") == actions
    assert known(store) == [("Introduced", True), ("Reported", True), ("Passed", True)]


def test_actions_out_of_order_are_kept_oldest_first(store, collect, make) -> None:
    collect(make(steps=[("2021-03-01", "Passed"), ("2021-01-04", "Introduced")]))
    assert [action.description for action in queries.measure(store, "us/117/HR1").actions] == ["Introduced", "Passed"]


def test_several_sources_give_one_measure_and_actions_come_whole_from_one(store, collect, make) -> None:
    official = make(
        title="A Bill to Help", steps=[("2021-01-04", "Introduced in House")], introduced=dt.date(2021, 1, 4)
    )
    copy = make(
        source="legiscan",
        title="A bill to help!",
        steps=[("2021-01-04", "Introduced"), ("2021-01-09", "Referred to committee")],
        introduced=dt.date(2021, 1, 5),
        subjects=("Children",),
        versions=(TextVersion(note="Introduced", text="Words."),),
    )
    collect(copy, source="legiscan")
    assert len(queries.measure(store, "us/117/HR1").actions) == 2
    collect(official)
    assert queries.count(store, ALL) == 1
    view = queries.measure(store, "us/117/HR1")
    assert [action.description for action in view.actions] == ["Introduced in House"]
    assert view.title == "A Bill to Help"
    assert [source.name for source in view.sources] == ["congress", "legiscan"]
    [merged] = queries.merged(store, ALL)
    assert merged.subjects == ("Children",)
    assert [version.text for version in queries.versions(store, view.key)] == ["Words."]
    assert [(item.source.name, item.shown) for item in queries.observations(store, view.key)] == [
        ("congress", True),
        ("legiscan", False),
    ]
    # Case and punctuation of the title do not count.
    told = {item.field: (item.values, item.shown) for item in queries.disagreements(store)}
    assert told == {
        "introduced": ({"congress": dt.date(2021, 1, 4), "legiscan": dt.date(2021, 1, 5)}, "congress"),
        "last_action": ({"congress": dt.date(2021, 1, 4), "legiscan": dt.date(2021, 1, 9)}, "congress"),
    }


def test_another_sources_change_leaves_the_first_ones_view_alone(store, collect, make, rows) -> None:
    collect(make(steps=[("2021-01-04", "Introduced in House")]))
    collect(make(source="openstates"), source="openstates")
    collect(make(source="openstates", title="Other words"), source="openstates", at=LATER)
    assert [row["changed_at"] for row in rows("observations")] == [NOON, LATER]
    assert known(store)[0] == ("Introduced in House", True)


def test_a_place_that_no_registry_knows_is_kept_under_its_key(store, collect, make, rows) -> None:
    collect(make("us-zz-nowhere/2026/Ord1"))
    assert queries.measure(store, "us-zz-nowhere/2026/Ord1").jurisdiction == "us-zz-nowhere"
    assert [(row["key"], row["name"], row["parent"]) for row in rows("jurisdictions")] == [
        ("us-zz-nowhere", "us-zz-nowhere", "us-zz")
    ]


def test_a_registry_fills_in_what_measures_alone_named(store, collect, make, rows) -> None:
    collect(make("us-zz/2026/HB1"))
    place = Jurisdiction(key="us-zz", ocd_id="ocd/zz", name="Zed", level="state", parent="us", time_zone="UTC")
    term = Session(jurisdiction="us-zz", identifier="2026", name="2026 Regular", end=dt.date(2026, 6, 1))
    elsewhere = Session(jurisdiction="us-yy", identifier="1", name="First")
    store.save_places([place], [term, elsewhere])
    assert [(row["key"], row["name"]) for row in rows("jurisdictions")] == [("us-yy", "us-yy"), ("us-zz", "Zed")]
    assert [(row["name"], row["end"]) for row in rows("sessions")] == [
        ("First", None),
        ("2026 Regular", dt.date(2026, 6, 1)),
    ]
    before = rows()
    store.save_places([place], [term, elsewhere])
    collect(make("us-zz/2026/HB2"), whole=False)
    assert (rows("jurisdictions"), rows("sessions")) == (before["jurisdictions"], before["sessions"])


def test_the_same_measure_twice_in_a_run_counts_once(collect, make) -> None:
    run = collect(make(), make(title="Other words"), make("us/117/HR2"), make("us/117/HR2"))
    assert (run.found, run.new, run.changed, run.unchanged) == (2, 2, 0, 0)


def test_missing_is_told_only_when_the_whole_scope_was_looked_at(store, collect, make) -> None:
    both = (make(), make("us/117/HR2"))
    collect(*both, scope="117")
    assert collect(both[0], scope="117", whole=False, at=LATER).missing is None
    assert collect(both[0], scope="117", partial=True, at=LATER).missing is None
    assert collect(both[0], scope="118", at=LATER).missing == 0
    assert collect(both[0], scope="117", at=LATER).missing == 1
    assert collect(both[0], scope="117", at=LAST).missing == 1
    missing = {check.key: check.missing_since for check in queries.checks(store) if check.scope == "117"}
    assert missing == {"us/117/HR1": None, "us/117/HR2": LATER}
    assert collect(*both, scope="117", at=LAST).missing == 0
    assert all(check.missing_since is None for check in queries.checks(store))


def test_unchanged_moves_the_check_and_nothing_else(store, collect, make, rows) -> None:
    measure = make()
    collect(measure)
    before = rows()
    run = collect(Unchanged(key=measure.key, source=measure.source), at=LATER)
    assert (run.found, run.unchanged, run.missing) == (1, 1, 0)
    assert queries.measure(store, measure.key).last_checked == LATER
    assert rows("observations") == before["observations"]


def test_unchanged_of_what_is_not_here_is_a_problem_and_is_read_again(store, collect, make) -> None:
    measure = make()
    run = collect(Unchanged(key=measure.key, source=measure.source, remember={"etag": "1"}))
    assert "not in the store" in str(run.problems[0])
    assert store.load_state("congress").values == {}


def test_state_is_kept_per_source_and_scope_and_none_forgets(store, collect, make) -> None:
    collect(
        Found(measure=make(), remember={"etag": "1", "page": 2}), Remember(remember={"list": [1, None]}), scope="117"
    )
    assert store.load_state("congress", "117").values == {"etag": "1", "page": 2, "list": [1, None]}
    assert store.load_state("congress", "118").values == {}
    collect(Remember(remember={"page": None, "etag": "2"}), scope="117", whole=False)
    assert store.load_state("congress", "117").values == {"etag": "2", "list": [1, None]}


def test_what_could_not_be_read_this_time_stays(store, collect, make) -> None:
    collect(full(make))
    broken = full(make, steps=[], versions=(), title="New title")
    run = collect(Found(measure=broken, unread=("actions", "versions")), at=LATER)
    assert run.changed == 1
    view = queries.measure(store, "us/117/HR1")
    assert view.title == "New title"
    assert len(view.actions) == 3
    assert all(holds for _, holds in known(store))
    assert queries.versions(store, view.key)[0].text == "The whole text."
    assert collect(Found(measure=broken, unread=("actions", "versions")), at=LAST).unchanged == 1


def test_the_same_words_are_kept_once_and_words_are_not_lost(store, collect, make, rows) -> None:
    version = TextVersion(note="Introduced", date=dt.date(2021, 1, 4), text="The same words.")
    collect(make(versions=(version,)), make("us/117/S1", versions=(version,)))
    assert len(rows("texts")) == 1
    promised = (version.model_copy(update={"text": None}), TextVersion(note="Enrolled"))
    collect(make(versions=promised), at=LATER, whole=False)
    assert [item.text for item in queries.versions(store, "us/117/HR1")] == ["The same words.", None]
    again = (version.model_copy(update={"text": "Other words."}), TextVersion(note="Enrolled", text="Law."))
    collect(make(versions=again), at=LAST, whole=False)
    assert [item.text for item in queries.versions(store, "us/117/HR1")] == ["Other words.", "Law."]
    assert len(rows("texts")) == 3


def test_what_no_database_can_keep_loses_no_other_record(store, collect, make) -> None:
    nul = make(title="A\x00B", steps=[("2021-01-04", "C\x00D")], versions=(TextVersion(note="n\x00", text="t\x00"),))
    half = make("us/117/HR2").model_copy(update={"title": "half a pair \ud800"})
    run = collect(nul, half, make("us/117/HR3"))
    assert (run.found, run.quarantined) == (2, 1)
    view = queries.measure(store, "us/117/HR1")
    assert (view.title, view.actions[0].description) == ("A\ufffdB", "C\ufffdD")
    assert "cannot be kept" in queries.quarantine(store)[0]["reason"]
    assert collect(nul, at=LATER, whole=False).unchanged == 1


def test_quarantine_keeps_the_raw_reply_once(store, collect) -> None:
    source = Source(name="congress", url="https://congress.example/x", retrieved_at=NOON)
    broken = Rejected(source=source, reason="cut in half", raw=base64.b64encode(b"<xml").decode(), key="us/117/HR9")
    assert collect(broken).quarantined == 1
    assert collect(broken, at=LATER).quarantined == 1
    [kept] = queries.quarantine(store)
    assert (kept["raw"], kept["first_seen"], kept["last_seen"]) == (b"<xml", NOON, LATER)


def test_a_draft_that_got_a_number_is_the_same_measure(store, collect, make) -> None:
    draft = make(
        "us-ny-nyc/2024/T2024-0001",
        source="legistar",
        source_id="7000",
        title="Help",
        steps=[("2024-01-01", "Drafted")],
    )
    bill = make(
        "us-ny-nyc/2024/Int0827-2024",
        source="legistar",
        source_id="7000",
        title="Help",
        steps=[("2024-01-01", "Drafted"), ("2024-05-01", "Introduced by Council")],
    )
    collect(draft, source="legistar")
    run = collect(bill, source="legistar", at=LATER)
    assert (run.new, run.changed, run.missing) == (0, 1, 0)
    assert queries.count(store, ALL) == 1
    assert queries.measure(store, draft.key).key == bill.key
    assert [(words, holds) for words, holds in known(store, bill.key)] == [
        ("Drafted", True),
        ("Introduced by Council", True),
    ]
    assert collect(bill, source="legistar", at=LAST).unchanged == 1


def test_another_measure_under_a_reused_identifier_is_not_merged(store, collect, make) -> None:
    collect(make("us/117/HR1", source_id="hr1", title="One", steps=[("2021-01-04", "Introduced")]))
    collect(make("us/118/HR1", source_id="hr1", title="Other", steps=[("2023-01-09", "Introduced")]), at=LATER)
    assert queries.count(store, ALL) == 2


def test_a_run_that_breaks_off_keeps_what_was_read_and_says_so(store, make) -> None:
    run = store.collecting("congress")

    def crawl() -> None:
        with run:
            run.write(Found(measure=make(), remember={"page": 1}))
            raise RuntimeError("the cable was pulled")

    with pytest.raises(RuntimeError):
        crawl()
    assert (run.result.verdict, run.result.found) == ("partial", 1)
    assert "the cable was pulled" in str(run.result.problems[0])
    assert queries.last_runs(store) == [run.result]
    assert queries.measure(store, "us/117/HR1") is not None
    assert store.load_state("congress").values == {"page": 1}


def test_runs_are_told_newest_first_and_by_scope(store, collect, make) -> None:
    collect(make(), scope="117", at=NOON)
    collect(scope="118", at=LATER)
    collect(make(), scope="117", at=LAST)
    assert [run.started_at for run in queries.runs(store)] == [LAST, LATER, NOON]
    assert [run.started_at for run in queries.last_runs(store)] == [LAST, LATER]


def test_two_crawls_at_once_make_one_measure_of_one_bill(store, url, make, rows) -> None:
    def crawl(source: str) -> None:
        with Store(url) as other, other.collecting(source) as run:
            for number in range(1, 41):
                run.write(Found(measure=make(f"us/117/HR{number}", source=source)))
                if number % 10 == 0:
                    run._flush()

    with ThreadPoolExecutor() as threads:
        list(threads.map(crawl, ("congress", "legiscan", "openstates")))
    assert queries.count(store, ALL) == 40
    assert len(rows("observations")) == 120
    assert {view.sources[0].name for view in queries.measures(store, ALL)} == {"congress"}


CHILD = """
import datetime as dt, sys
from freedom_policy.records import Action, Found, Measure, Source
from freedom_policy.store import Store
noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
done = Store(sys.argv[1]).load_state("congress").values.get("done", 0)
with Store(sys.argv[1]).collecting("congress") as run:
    for number in range(done + 1, 100_000):
        actions = tuple(Action(date=dt.date(2021, 1, 1), description=f"Step {step}") for step in range(5))
        source = Source(name="congress", url="https://congress.example/", retrieved_at=noon)
        measure = Measure(
            jurisdiction="us", session="117", identifier=f"HR{number}", title="A bill", source=source, actions=actions
        )
        run.write(Found(measure=measure, remember={"done": number}))
        if number % 600 == 0:
            print(number, flush=True)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows has no SIGKILL")
def test_a_kill_loses_nothing_and_doubles_nothing(store: Store, url: str, tmp_path: Path) -> None:
    script = tmp_path / "child.py"
    script.write_text(textwrap.dedent(CHILD), encoding="utf-8")
    reached = 0
    for _ in range(2):
        child = subprocess.Popen([sys.executable, str(script), url], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        reached = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        done = store.load_state("congress").values["done"]
        # The state covers exactly what is there: no record beyond it, none before it missing.
        with store.reading() as connection:
            counts = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (MeasureRow, ObservationRow, ActionRow)
            ]
        assert counts == [done, done, 5 * done]
        assert done <= reached + 600
    store.check()
    assert [run.verdict for run in queries.runs(store)] == [None, None]


def test_a_batch_is_kept_whole_or_not_at_all(store, collect, make, monkeypatch) -> None:
    plain_put = bulk.put

    def fails(connection, model, rows, **how):
        if model is CrawlStateRow:
            raise StoreUnusable("the disk is full")
        plain_put(connection, model, rows, **how)

    monkeypatch.setattr(bulk, "put", fails)
    with pytest.raises(StoreUnusable, match="disk is full"):
        collect(Found(measure=make(), remember={"page": 1}))
    assert queries.count(store, ALL) == 0
    assert store.load_state("congress").values == {}
