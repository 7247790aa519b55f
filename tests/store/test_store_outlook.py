"""What lies ahead and what was collected, on both engines."""

from __future__ import annotations

import datetime as dt

import pytest

from freedom_policy.records import Classification, Family, Hearing, MeasureFilter, Provision, Status
from freedom_policy.store import outlook

DAY = dt.date(2026, 3, 10)


def tags(*types: str, contested: bool = False, **said) -> Classification:
    provisions = tuple(
        Provision(
            type=t, score=0.9, direction="strengthens", contested=contested, quote="a", start=0, end=1, field="title"
        )
        for t in types
    )
    base = {
        "relevance": "core",
        "tracked": True,
        "score": 0.9,
        "areas": ("prevention",),
        "binding": True,
        "model": "m1",
    }
    return Classification(**{**base, "provisions": provisions, "contested": contested, **said})


def test_ahead_finds_hearings_and_effective_dates_within_the_days(store, make, collect):
    heard = make("us/119/HR1", hearings=(Hearing(date=DAY), Hearing(date=DAY + dt.timedelta(days=3))))
    past = make("us/119/HR2", hearings=(Hearing(date=DAY - dt.timedelta(days=1)),))
    collect(heard, past, make("us/119/HR3"))
    store.save_statuses([("us/119/HR3", Status(stage="enacted", effective_date=DAY, ruleset="1"))])

    def keys(start, end):
        return [view.key for view in outlook.ahead(store, start, end, MeasureFilter(tracked=None))]

    assert keys(DAY, DAY) == ["us/119/HR1", "us/119/HR3"]
    assert keys(DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2)) == []
    assert keys(DAY + dt.timedelta(days=3), DAY + dt.timedelta(days=3)) == ["us/119/HR1"]


def test_collected_tells_window_sources_and_what_waits(store, make, collect):
    collect(make("us/119/HR1", introduced=dt.date(2025, 2, 1)), make("us/119/HR2"))
    collect(make("us/119/HR1", source="legiscan"), source="legiscan")
    collect(make("us-ga-atlanta/code/1-2", kind="code_section", steps=()), source="municode")
    store.save_classifications([("us/119/HR1", tags("restitution"))])
    found = {place.place: place for place in outlook.collected(store)}
    atlanta, nation = found["us-ga-atlanta"], found["us"]
    assert (nation.measures, nation.since, nation.sources) == (2, dt.date(2021, 1, 4), ("congress", "legiscan"))
    assert (nation.untagged, nation.unassessed, nation.code_read) == (1, 2, False)
    assert (atlanta.code_read, atlanta.since, atlanta.untagged) == (True, None, 1)


@pytest.mark.parametrize("few", [0, 10_000], ids=["all tags are read", "a few measures' tags are read"])
def test_tags_are_counted_by_family_and_standing(store, make, collect, monkeypatch, few):
    monkeypatch.setattr(outlook, "_FEW", few)
    measures = [make(f"us/119/HR{n}", kind="bill") for n in range(1, 7)]
    collect(*measures, make("us/119/HRES7", kind="resolution"))
    said = [tags("restitution")] * 3 + [tags("restitution", binding=False), tags("nuisance_abatement", contested=True)]
    said += [tags("restitution", relevance="none", tracked=False), tags("restitution")]
    keys = [*(measure.key for measure in measures), "us/119/HRES7"]
    store.save_classifications(zip(keys, said, strict=True))
    store.save_statuses([(key, Status(stage="enacted", ruleset="1")) for key in keys[:3]])
    store.save_families([Family(key="f", name="One reform", members=("us/119/HR1", "us/119/HR2"))], [])
    counts = outlook.tag_counts(
        store,
        [("area", "prevention"), ("provision", "restitution"), ("provision", "nuisance_abatement"), ("goal", "none")],
        {"in_force": ("enacted",)},
        never_binding=("resolution",),
    )
    assert {count[2:] for count in counts if count.dimension == "provision"} == {
        ("restitution", "in_force", True, 2, 3),
        ("restitution", "", False, 2, 2),
        ("nuisance_abatement", "", False, 1, 1),
    }
    assert sum(count.measures for count in counts if count.dimension == "area") == 6
    assert not [count for count in counts if count.dimension == "goal"]


def test_an_empty_store_has_no_outlook(store):
    assert outlook.collected(store) == []
    assert outlook.ahead(store, DAY, DAY) == []
    assert outlook.tag_counts(store, [("area", "prevention")], {"in_force": ("enacted",)}) == []


def test_silent_finds_the_last_action_within_the_days(store, make, collect):
    collect(
        make("us/119/HR1", steps=[("2026-01-05", "a"), ("2026-02-01", "b")]),
        make("us/119/HR2", steps=[("2026-01-05", "a")]),
    )
    store.save_statuses((key, Status(stage="in_committee", ruleset="1")) for key in ("us/119/HR1", "us/119/HR2"))

    def keys(start, end, *stages):
        days = (dt.date.fromisoformat(start), dt.date.fromisoformat(end))
        return [view.key for view in outlook.silent(store, *days, stages, MeasureFilter(tracked=None))]

    assert keys("2026-01-01", "2026-01-31", "in_committee") == ["us/119/HR2"]
    assert keys("2026-02-01", "2026-02-01", "in_committee", "reported") == ["us/119/HR1"]
    assert keys("2026-01-01", "2026-12-31", "enacted") == []


def test_silent_asks_before_it_loads(store, make, collect):
    collect(*(make(f"us/119/HR{n}", kind="bill", steps=[("2026-01-05", "a")]) for n in (1, 2, 3)))
    store.save_statuses((f"us/119/HR{n}", Status(stage="in_committee", ruleset="1")) for n in (1, 2, 3))
    asked = []

    def crossed(*of):
        asked.append(of)
        return len(asked) > 1

    day = dt.date(2026, 1, 5)
    found = outlook.silent(store, day, day, ["in_committee"], MeasureFilter(tracked=None, limit=1), crossed)
    assert [view.key for view in found] == ["us/119/HR2"]
    assert asked[0] == ("us", "bill", "in_committee", day)
