"""From a store to a report: the builders fetch what the pure builders need, no more."""

from __future__ import annotations

import datetime as dt

from freedom_policy.records import Action, CrawlReport, Found, Measure, MeasureFilter, Source, Status
from freedom_policy.reports import build_coverage, build_digest
from freedom_policy.store import Store, outlook


def test_a_digest_from_a_store(make, store):
    digest = build_digest(store, since=make.since, now=make.now)
    assert {item.key for item in digest.items} == {"us-tx/892/HB1", "us-tx/892/HB2", "us-wa/2025-2026/SB3"}
    assert digest.items[0].cause.cause == "Signed by the Governor"
    assert [look.source for look in digest.looks] == ["openstates", "openstates"]
    assert {row.place for row in digest.not_found} == {"us-tx", "us-wa"}
    assert digest.not_found[0].words.startswith("In what was collected since 5 Jan 2026 from openstates, no measure")


def test_the_span_is_open_at_its_start(make, store):
    digest = build_digest(store, since=make.now - dt.timedelta(days=1), now=make.now)
    assert digest.quiet
    assert [item.key for item in digest.items] == ["us-tx/892/HB2"], "its hearing is still ahead"


def test_a_filter_narrows_everything(make, store):
    digest = build_digest(store, since=make.since, now=make.now, filter=MeasureFilter(jurisdictions=("us-wa",)))
    assert [item.key for item in digest.items] == ["us-wa/2025-2026/SB3"]
    assert [look.place for look in digest.looks] == ["us-wa"]
    assert digest.not_looked_at == ()


def test_coverage_from_a_store(make, store):
    coverage = build_coverage(store, now=make.now)
    assert coverage.row("us-tx").cell("goal", "buyer_deterrence").in_force == 1
    assert coverage.row("us-tx").cell("goal", "buyer_deterrence").moving == 1
    assert coverage.row("us-tx").measures == 2
    assert coverage.row("us-or").looked_at is False


def test_what_was_collected_and_what_is_ahead(make, store):
    texas, washington = outlook.collected(store)
    assert (texas.place, texas.measures, texas.since, texas.sources) == (
        "us-tx",
        2,
        dt.date(2026, 1, 5),
        ("openstates",),
    )
    assert not washington.code_read
    ahead = outlook.ahead(store, make.now.date(), make.now.date() + dt.timedelta(days=30))
    assert [view.key for view in ahead] == ["us-tx/892/HB2"]


def test_an_empty_store_says_what_to_do(make, tmp_path):
    with Store(f"sqlite:///{tmp_path}/empty.sqlite") as store:
        store.prepare()
        digest = build_digest(store, since=make.since, now=make.now)
        assert "no source was looked at" in digest.quiet
        assert "freedom-policy collect" in digest.freshness
        assert "No place was looked at yet" in build_coverage(store, now=make.now).to_text()


def test_the_store_counts_as_the_pure_rules_do(make, store):
    """Two places say what is counted: SQL for speed, and ``items.standing``. They agree, and so do the numbers."""
    from freedom_policy.reports.coverage import STATE_STAGES, Tally, counted_tags, tallies_of
    from freedom_policy.reports.items import NON_BINDING_KINDS
    from freedom_policy.store import queries

    contested = make.provision("massage_licensing", contested=True)
    for key, tags in (
        (
            "us-tx/892/HB1",
            make.tags(make.provision("restitution"), make.provision("civil_action"), contested, contested=True),
        ),
        ("us-tx/892/HB2", make.tags(make.provision("restitution"), contested, contested=True)),
        ("us-wa/2025-2026/SB3", make.tags(binding=None, administrative=None)),
        ("us-tx/892/HB2", make.tags().model_copy(update={"provisions": ()})),
    ):
        store.save_classifications([(key, tags)], observed_at=make.now)
        counts = outlook.tag_counts(store, counted_tags(), STATE_STAGES, never_binding=NON_BINDING_KINDS)
        assert sorted(Tally(*count) for count in counts) == sorted(tallies_of(queries.measures(store)))


def test_measures_that_wait_are_counted(make, store):
    with store.collecting("openstates", scope="more") as run:
        run.write(Found(measure=new_measure(make)))
    digest = build_digest(store, since=make.since, now=make.now, filter=MeasureFilter(jurisdictions=("us-or",)))
    assert "1 collected measure not tagged yet" in digest.quiet
    assert build_coverage(store, now=make.now).row("us-or").looked_at is False


def new_source(make, name):
    return Source(name=name, url="https://example.org/x", retrieved_at=make.now)


def new_measure(make, key="us-or/2025R1/HB1", **fields):
    place, session, number = key.split("/")
    source = new_source(make, "openstates")
    named = {"jurisdiction": place, "session": session, "identifier": number, "kind": "bill", "title": make.title}
    return Measure(**named, source=source, **fields)


def test_silence_is_told_in_the_week_in_which_it_falls(make, store):
    key = "us-or/2099/HB1"
    with store.collecting("openstates", scope="more") as run:
        run.write(Found(measure=new_measure(make, key, actions=(Action(date=make.day, description="Referred"),))))
    store.save_classifications([(key, make.tags())], observed_at=make.now)
    store.save_statuses([(key, Status(stage="in_committee", ruleset="1"))], observed_at=make.now)
    half_a_year = make.day + dt.timedelta(days=180)
    for days, told in ((-1, False), (0, True), (6, True), (8, False)):
        now = dt.datetime.combine(half_a_year + dt.timedelta(days=days), dt.time(12), dt.UTC)
        digest = build_digest(store, since=now - dt.timedelta(days=7), now=now)
        assert ([digest.item(number).key for number in digest.silent.numbers] == [key]) is told, days


def test_a_part_that_was_collected_is_never_taken_for_the_whole(make, store):
    """``collect legistar --limit 20`` says nothing of the other measures; a later whole look does."""
    place = MeasureFilter(jurisdictions=("us-ny-nyc",))

    def collect(*, cut=None, verdict="complete"):
        with store.collecting("legistar", jurisdiction="us-ny-nyc", scope="nyc", cut=cut) as run:
            measure = new_measure(make, "us-ny-nyc/2024/Int0001-2024")
            run.write(Found(measure=measure.model_copy(update={"source": new_source(make, "legistar")})))
            run.finish(
                CrawlReport(source="legistar", started_at=make.now, finished_at=make.now, verdict=verdict, found=1)
            )
        store.save_classifications([("us-ny-nyc/2024/Int0001-2024", make.tags())], observed_at=make.now)
        return run.result

    def told():
        row = build_coverage(store, now=make.now, filter=place).row("us-ny-nyc")
        digest = build_digest(store, since=make.since, now=make.now, filter=place)
        return row.cell("area", "restoration"), digest

    assert collect(cut="limit 20, query 'hotel'").cut == "limit 20, query 'hotel'"
    cell, digest = told()
    assert cell.state == "none_found"
    assert "only part was collected (legistar: limit 20, query 'hotel')" in cell.words
    assert "only part was collected" in digest.not_found[0].words
    assert "New York City (source: legistar) looked at in part only: limit 20, query 'hotel'" in digest.freshness
    assert "without a limit or query" in digest.looks[0].to_do[0]

    collect(verdict="partial")
    assert "only part was collected (legistar: the run was not completed)" in told()[0].words
    collect(cut="since 2026-11-01")
    assert "only part was collected (legistar: since 2026-11-01)" in told()[0].words

    collect()
    collect(cut="since 2026-11-20")
    cell, digest = told()
    assert "part" not in cell.words, "what changed since is all that a later look needs"
    assert "part" not in digest.freshness
