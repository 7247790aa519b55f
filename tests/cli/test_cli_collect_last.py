"""``collect --since last`` goes on where the last complete look at the same client and session began, not at another's."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from freedom_policy import spiders
from freedom_policy.records import CrawlReport
from freedom_policy.tracker import Tracker


@pytest.fixture
def tracker(db, config, monkeypatch):
    """A tracker whose crawls read nothing and end as ``verdict`` says."""
    asked: list[dt.date | None] = []

    def crawl(source: str, *, options: Any, state: Any, sink: Any) -> None:
        asked.append(options.since)
        now = dt.datetime.now(dt.UTC)
        sink(CrawlReport(source=source, started_at=now, finished_at=now, verdict=opened.verdict))

    monkeypatch.setattr(spiders, "crawl", crawl)
    with Tracker(db, config_file=config) as opened:
        opened.asked, opened.verdict = asked, "complete"
        yield opened


def last(tracker: Any, source: str, **options: Any) -> dt.date | None:
    tracker.collect(source, since="last", **options)
    return tracker.asked[-1]


def test_by_session(tracker):
    tracker.collect("congress", session="118")
    assert last(tracker, "congress", session="119") is None, "the 119th was never looked at"
    assert last(tracker, "congress", session="118") is not None


def test_by_client(tracker):
    tracker.collect("legistar", client="nyc", key="sesame-key")
    assert last(tracker, "legistar", client="seattle") is None
    assert last(tracker, "legistar", client="nyc", key="sesame-key") is not None


@pytest.mark.parametrize("options", [{"limit": 3}, {"query": "trafficking"}])
def test_a_look_at_a_part_is_no_complete_look(tracker, options):
    if "query" in options and "query" not in tracker.sources()["congress"].takes:
        pytest.skip("the source takes no query")
    tracker.collect("congress", session="119", **options)
    assert last(tracker, "congress", session="119") is None


def test_nor_is_one_that_failed(tracker):
    tracker.verdict = "partial"
    tracker.collect("congress", session="119")
    assert last(tracker, "congress", session="119") is None
