"""Measures and moves made by hand, so that a test says in ten lines what it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy.records import (
    Action,
    Classification,
    CrawlReport,
    Found,
    Hearing,
    Measure,
    MeasureView,
    Provision,
    Review,
    Run,
    Source,
    Sponsor,
    StageChange,
    Status,
    StatusEvent,
)

NOW = dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)
SINCE = NOW - dt.timedelta(days=7)
DAY = dt.date(2026, 11, 20)
TITLE = "An act relating to penalties for buying commercial sex"


def provision(type: str = "buyer_penalty", **fields: Any) -> Provision:
    quote = fields.pop("quote", "penalties for buying commercial sex")
    base = {"score": 0.9, "direction": "strengthens", "quote": quote, "start": 0, "end": len(quote), "field": "title"}
    return Provision(type=type, **{**base, **fields})


def tags(*provisions: Provision, **fields: Any) -> Classification:
    base: dict[str, Any] = {
        "relevance": "core",
        "tracked": True,
        "score": 0.9,
        "goals": ("buyer_deterrence",),
        "areas": ("reforms", "prevention"),
        "subareas": ("reforms.deter_buyers", "prevention.demand"),
        "provisions": provisions or (provision(),),
        "direction": "strengthens",
        "binding": True,
        "form": "sex",
        "model": "test-1",
    }
    return Classification(**{**base, **fields})


def view(key: str = "us-tx/892/HB252", stage: str = "enacted", **fields: Any) -> MeasureView:
    place, session, identifier = key.split("/")
    url = f"https://example.org/{key}"
    base: dict[str, Any] = {
        "key": key,
        "jurisdiction": place,
        "session": session,
        "identifier": identifier,
        "kind": "bill",
        "title": TITLE,
        "url": url,
        "sponsors": (Sponsor(name="Senator Example", classification="primary"), Sponsor(name="Another")),
        "actions": (Action(date=DAY, description="Signed by the Governor"),),
        "sources": (Source(name="openstates", url=url, retrieved_at=NOW),),
        "status": Status(stage=stage, stage_date=DAY, cause=0, rule="t.1", ruleset="1"),
        "classification": tags(),
        "last_checked": NOW,
    }
    return MeasureView(**{**base, **fields})


def change(measure: MeasureView | None = None, before: str | None = "passed_all", **fields: Any) -> StageChange:
    measure = measure or view()
    base: dict[str, Any] = {
        "measure": measure,
        "from_stage": before,
        "to_stage": measure.stage,
        "date": measure.status.stage_date if measure.status else None,
        "cause": measure.actions[-1] if measure.actions else None,
        "rule": "t.1",
        "observed_at": NOW - dt.timedelta(days=1),
    }
    return StageChange(**{**base, **fields})


def run(source: str = "openstates", place: str | None = "us-tx", verdict: str = "complete", **fields: Any) -> Run:
    start = fields.pop("at", NOW - dt.timedelta(hours=3))
    return Run(
        source=source, jurisdiction=place, started_at=start, finished_at=start, verdict=verdict, found=12, **fields
    )


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The makers above, with ``now``, ``since`` and ``digest`` (the digest of some moves in that week)."""
    from freedom_policy.reports import digest_from

    def digest(*changes: StageChange, **fields: Any) -> Any:
        return digest_from(changes, **{"now": NOW, "since": SINCE, "runs": [run()], **fields})

    makers: dict[str, Callable[..., Any]] = {
        "provision": provision,
        "tags": tags,
        "view": view,
        "change": change,
        "run": run,
        "digest": digest,
        "review": lambda decision="accept", **f: Review(reviewer="Ada Reader", decided_at=NOW, decision=decision, **f),
    }
    return SimpleNamespace(now=NOW, since=SINCE, day=DAY, title=TITLE, **makers)


@pytest.fixture
def store(tmp_path):
    """Three measures in two places, collected and tagged in the week of the digest."""

    from freedom_policy.store import Store

    def measure(key, **fields):
        place, session, identifier = key.split("/")
        source = Source(name="openstates", url=f"https://example.org/{key}", retrieved_at=NOW)
        actions = (Action(date=DAY, description="Signed by the Governor"),)
        return Measure(
            jurisdiction=place,
            session=session,
            identifier=identifier,
            kind="bill",
            title=TITLE,
            source=source,
            actions=actions,
            introduced=dt.date(2026, 1, 5),
            url=f"https://example.org/{key}",
            **fields,
        )

    hearing = Hearing(date=dt.date(2026, 12, 1), body="Safety")
    measures = [
        measure("us-tx/892/HB1"),
        measure("us-tx/892/HB2", hearings=(hearing,)),
        measure("us-wa/2025-2026/SB3"),
    ]
    with Store(f"sqlite:///{tmp_path}/store.sqlite") as store:
        store.prepare()
        for place in ("us-tx", "us-wa"):
            with store.collecting("openstates", jurisdiction=place, scope=place) as run:
                for one in measures:
                    if one.jurisdiction == place:
                        run.write(Found(measure=one))
                report = CrawlReport(
                    source="openstates",
                    jurisdiction=place,
                    scope=place,
                    started_at=NOW,
                    finished_at=NOW,
                    verdict="complete",
                    found=2,
                )
                run.finish(report)
        store.save_classifications(((one.key, tags()) for one in measures), observed_at=NOW)
        event = StatusEvent(stage="enacted", date=DAY, cause=0, rule="t.1")
        statuses = {
            one.key: Status(stage="enacted", stage_date=DAY, cause=0, rule="t.1", events=(event,), ruleset="1")
            for one in measures
        }
        quiet = Status(stage="in_committee", stage_date=dt.date(2026, 1, 5), rule="t.1", ruleset="1")
        statuses["us-tx/892/HB2"] = quiet
        store.save_statuses(statuses.items(), observed_at=NOW - dt.timedelta(days=1))
        yield store
