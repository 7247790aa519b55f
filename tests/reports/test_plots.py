"""Figures and frames for notebooks."""

from __future__ import annotations

import datetime as dt
import sys

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import MeasureFilter
from freedom_policy.reports.coverage import coverage_from, looks_of, tallies_of


def covered(make):
    views = [make.view("us-tx/892/HB1"), make.view("us-wa/2025-2026/HB2", "in_committee")]
    return coverage_from(tallies_of(views), looks_of(views), now=make.now)


def test_coverage_is_a_heat_map_of_the_places_looked_at(make):
    pytest.importorskip("matplotlib")
    figure = covered(make).plot()
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["Texas", "Washington"]
    assert len(axes.patches) == 2 * 5
    with pytest.raises(BadInput, match="no dimension 'colour'"):
        covered(make).plot("colour")


def test_activity_and_flow_have_what_the_digest_has(make):
    pytest.importorskip("matplotlib")
    digest = make.digest(make.change(date=dt.date(2026, 11, 19)), make.change(make.view("us-tx/892/HB2")))
    assert sum(bar.get_height() for bar in digest.plot().axes[0].patches) == 2
    assert [bar.get_width() for bar in digest.plot("flow").axes[0].patches] == [2]
    assert make.digest().plot() is not None


def test_without_matplotlib_it_says_what_to_install(make, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(BadInput, match="pip install"):
        make.digest(make.change()).plot()


def test_frames_are_tidy(make):
    table = make.digest(make.change()).to_frame()
    assert str(table["date"].dtype).startswith("datetime64")
    assert table.loc[0, ["key", "stage", "standing"]].tolist() == ["us-tx/892/HB252", "enacted", "counted"]
    assert make.digest().to_frame().empty
    cells = covered(make).to_frame()
    assert cells.groupby("state", observed=True)["in_force"].sum()["in_force"] > 0
    assert cells["in_force"].dtype.kind == "i"


def test_a_followed_measure_leads_though_the_machine_missed_it(make):
    missed = make.view("us-tx/892/HB7", "in_committee", classification=make.tags(relevance="none", tracked=False))
    wanted = MeasureFilter(also=("us-tx/892/HB7",))
    digest = make.digest(make.change(missed, "introduced"), filter=wanted)
    assert digest.lead == (1,)
    assert digest.counts == ()
