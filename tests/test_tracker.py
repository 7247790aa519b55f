"""The facade on an empty store: what a newcomer meets."""

from __future__ import annotations

import pytest

from freedom_policy import Tracker
from freedom_policy.errors import BadInput, StoreUnusable


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.toml"

    def write(text: str):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return write


def test_an_empty_store_says_that_nothing_was_looked_at(tmp_path):
    with Tracker(f"sqlite:///{tmp_path}/s.sqlite") as tracker:
        assert len(tracker.measures()) == 0
        assert tracker.measures().first() is None
        assert "No source was ever looked at" in tracker.digest(since="7d").to_text()
        assert list(tracker.measures().to_frame().columns)[:2] == ["key", "jurisdiction"]
        with pytest.raises(BadInput, match="Collect its source first"):
            tracker.measure("us-tx/892/HB252")


def test_help_lines_stand_in_the_foot(tmp_path, config):
    lines = '[[help_lines]]\nname = "Help here"\ncontact = "555-0100"\nsource = "us"\nchecked_on = 2026-11-01\n'
    with Tracker(f"sqlite:///{tmp_path}/s.sqlite", config_file=config(lines)) as tracker:
        text = tracker.digest().to_text()
    assert "Help here" in text
    assert "555-0100" in text
    with (
        Tracker(f"sqlite:///{tmp_path}/s.sqlite", config_file=config('[[help_lines]]\nname = "x"\n')) as tracker,
        pytest.raises(BadInput, match="help_lines"),
    ):
        tracker.digest()


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///{file}/s.sqlite", "mysql://x/y"])
def test_a_database_that_cannot_be_opened(url, config):
    with pytest.raises(StoreUnusable) as told:
        Tracker(url.format(file=config("a file, no folder")))
    assert len(str(told.value).splitlines()) == 1


def test_a_range_upside_down(tmp_path):
    with (
        Tracker(f"sqlite:///{tmp_path}/s.sqlite") as tracker,
        pytest.raises(BadInput, match="upside down"),
    ):
        tracker.digest(since="2026-11-02", until="2026-11-01")


def test_a_query_that_is_narrowed_keeps_what_was_asked_before(tmp_path):
    with Tracker(f"sqlite:///{tmp_path}/s.sqlite") as tracker:
        since = tracker.measures(since="2020-01-01", goal="buyer deterrence")
        assert since.where(stage="enacted").filter.since == since.limit(3).filter.since is not None
        assert since.where(since=None).filter.since is None
        with pytest.raises(BadInput, match="'limit' cannot be -1"):
            since.limit(-1)
