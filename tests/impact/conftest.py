"""Laws of three places in a store, and a series around them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from freedom_policy import Tracker
from freedom_policy.records import (
    Action,
    Classification,
    CrawlReport,
    Found,
    Measure,
    MeasureView,
    Provision,
    Source,
    Status,
    StatusEvent,
)

NOW = dt.datetime(2026, 11, 25, 9, 30, tzinfo=dt.UTC)
SAFE_HARBOR = "safe_harbor_minors"


def tags(kind: str, direction: str = "strengthens", **fields: Any) -> Classification:
    title = "Children are not to be arrested"
    one = Provision(type=kind, score=0.9, direction=direction, quote=title, start=0, end=len(title), field="title")
    return Classification(
        relevance="core", tracked=True, score=0.9, provisions=(one,), binding=True, model="test-1", **fields
    )


def status(stage: str, day: dt.date | None, basis: str = "text") -> Status:
    event = StatusEvent(stage=stage, date=day, basis=basis, rule="t.1")
    return Status(stage=stage, stage_date=day, effective_date=day, events=(event,), rule="t.1", ruleset="1")


def law(key: str, day: dt.date | None = dt.date(2016, 9, 1), kind: str = SAFE_HARBOR, **fields: Any) -> MeasureView:
    """A measure in force from a day."""
    place, session, identifier = key.split("/")
    base: dict[str, Any] = {
        "jurisdiction": place,
        "session": session,
        "identifier": identifier,
        "kind": "bill",
        "title": "An act relating to children",
        "status": status("effective", day),
        "classification": tags(kind),
    }
    return MeasureView(key=key, **{**base, **fields})


LAWS = (
    law("us-tx/84/HB10"),
    law("us-tx/84/HB11", dt.date(2017, 1, 1), "hotline_posting"),
    law("us-tx/84/HB12", dt.date(2009, 9, 1), "restitution"),
    law("us-tx/85/HB1", None, status=status("enacted", None)),
    law("us-tx/85/HB2", None, status=status("in_committee", None)),
    law("us-tx/85/HB3", dt.date(2025, 9, 1)),
    law("us-tx/85/HB4", kind="restitution"),
    law("us-or/2015/HB1", dt.date(2018, 1, 1)),
    law(
        "us-ok/2015/HB1", kind="massage_licensing", classification=tags("massage_licensing", "unclear", contested=True)
    ),
)
HEADER = "place,period,indicator,value,reporting,population,source,note,retrieved\n"


def rows(place: str, values: dict[int, str], name: str = "juvenile_prostitution_arrests", agencies: int = 100) -> str:
    """Lines of a CSV; the agencies grow by ten a year."""
    return "".join(
        f"{place},{year},{name},{value},{agencies + 10 * at},1000000,State police,,2026-11-01\n"
        for at, (year, value) in enumerate(values.items())
    )


TEXAS = {2012: "90", 2013: "80", 2014: "70", 2015: "75", 2016: "60", 2018: "30", 2019: "20", 2020: "0"}


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """The makers above."""
    return SimpleNamespace(now=NOW, header=HEADER, texas=TEXAS, law=law, rows=rows, status=status, tags=tags)


@pytest.fixture
def texas() -> str:
    """A CSV: Texas without 2017, Oregon and Oklahoma shorter."""
    oregon = rows("us-or", {2014: "9", 2015: "8", 2019: "7"})
    massage = rows("OK", dict.fromkeys(range(2013, 2020), "4"), "illicit_massage_listings")
    return HEADER + rows("TX", TEXAS) + oregon + rows("OK", {2014: "", 2015: "5"}) + massage


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[Tracker]:
    """The laws above, collected, tagged and assessed."""
    with Tracker(f"sqlite:///{tmp_path.as_posix()}/s.sqlite", now=NOW) as found:
        for place in sorted({one.jurisdiction for one in LAWS}):
            with found.store.collecting("openstates", jurisdiction=place, scope=place) as run:
                for one in LAWS:
                    if one.jurisdiction == place:
                        run.write(Found(measure=_measure(one)))
                run.finish(CrawlReport(source="openstates", started_at=NOW, finished_at=NOW, verdict="complete"))
        found.store.save_classifications([(one.key, one.classification) for one in LAWS], observed_at=NOW)
        found.store.save_statuses([(one.key, one.status) for one in LAWS], observed_at=NOW)
        yield found


def _measure(view: MeasureView) -> Measure:
    return Measure(
        jurisdiction=view.jurisdiction,
        session=view.session,
        identifier=view.identifier,
        kind=view.kind,
        title=view.title,
        url=f"https://example.org/{view.key}",
        actions=(Action(date=dt.date(2015, 6, 1), description="Signed by the Governor"),),
        source=Source(name="openstates", url=f"https://example.org/{view.key}", retrieved_at=NOW),
    )


@pytest.fixture
def page(tracker: Tracker, tmp_path: Path, texas: str) -> Callable[..., Any]:
    """Makes a page: ``page("us-tx/84/HB10", compare="us-or")``; ``text`` is the CSV."""

    def show(key: str | None = None, text: str = texas, **asked: Any) -> Any:
        path = tmp_path / "outcomes.csv"
        path.write_text(text, encoding="utf-8")
        return tracker.impact(key, outcomes=path, **asked)

    return show
