"""What a reader of the demo must see: true statuses, all goals and areas, look-alikes rejected, our words never quoted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from freedom_policy import codebook, demo
from freedom_policy.errors import SourceFailed
from freedom_policy.standalone import run_demo

STAGES = {
    "us/115/HR1865": "enacted",
    "us/115/HR2200": "enacted",
    "us/115/HR3863": "dead",
    "us/115/S1311": "enacted",
    "us/117/HR332": "dead",
    "us/117/HR1546": "dead",
    "us/117/HR2332": "dead",
    "us/117/HR6256": "enacted",
    "us/117/HR7181": "enacted",
    "us/119/HR4307": "reported",
    "us/119/HR4323": "enacted",
    "us/119/HR7225": "in_committee",
    "us/119/S2584": "passed_first",
    "us/119/SRES39": "adopted",
    "us-ny-nyc/2011/Int0725-2011": "effective",
    "us-ny-nyc/2018/Int1202-2018": "effective",
    "us-ny-nyc/2018/Res0288-2018": "dead",
    "us-ny-nyc/2018/Res0561-2018": "adopted",
    "us-ny-nyc/2019/Res0923-2019": "adopted",
    "us-ny-nyc/2022/Int0518-2022": "effective",
    "us-ny-nyc/2024/Int0827-2024": "dead",
    "us-ny-nyc/2024/Int0991-2024": "effective",
    "us-ny-nyc/2025/Int1401-2025": "enacted",
}
LOOK_ALIKES = {"us/117/HR1546", "us-ny-nyc/2018/Int1202-2018", "us-ny-nyc/2022/Int0518-2022"}


@pytest.fixture(scope="module")
def tracker(collected: dict[str, Any]) -> Iterator[Any]:
    with collected["Tracker"](collected["url"], now=collected["step"].now, recorded_on=collected["step"].day) as opened:
        yield opened


def test_each_measure_stands_where_it_stood(tracker: Any) -> None:
    assert {view.key: view.stage for view in tracker.measures(tracked=None)} == STAGES


def test_a_law_is_in_effect_from_the_day_that_its_words_give(tracker: Any) -> None:
    law = tracker.measure("us-ny-nyc/2024/Int0991-2024").view
    assert law.status.effective_date.isoformat() == "2025-05-03"  # 180 days after 4 November 2024
    assert law.status.basis == "text"


def test_the_week_between_the_days_moves_what_moved(tracker: Any) -> None:
    def days(key: str) -> list[tuple[str, str]]:
        return [(event.stage, str(event.date)) for event in tracker.measure(key).view.status.events][-2:]

    assert days("us/119/HR4323") == [("passed_all", "2025-12-18"), ("enacted", "2026-01-23")]
    assert days("us-ny-nyc/2025/Int1401-2025") == [("passed_all", "2025-12-18"), ("enacted", "2026-01-17")]


def test_the_runs_say_who_refused(tracker: Any) -> None:
    verdicts = {run.jurisdiction: run.verdict for run in tracker.runs()}
    assert verdicts == {"us": "complete", "us-ny-nyc": "complete", "us-pa-philadelphia": "blocked"}


def test_the_page_tells_not_looked_at_from_could_not_be_looked_at(tracker: Any) -> None:
    step = demo.steps()[-1]
    digest = tracker.digest(since=step.since, jurisdiction=step.follow)
    assert "New York" in digest.not_looked_at
    assert "Not looked at: New York." in digest.freshness
    assert [(look.place, look.ok) for look in digest.looks if not look.ok] == [("us-pa-philadelphia", False)]


def test_what_moved_is_told_with_where_it_was_before(tracker: Any) -> None:
    digest = tracker.digest(since=demo.steps()[-1].since)
    last = {item.key: item.steps[-1] for item in digest.items if item.steps}
    assert (last["us/119/HR4323"].from_stage, last["us/119/HR4323"].to_stage) == ("passed_all", "enacted")
    assert last["us-ny-nyc/2025/Int1401-2025"].cause == "City Charter Rule Adopted"
    assert last["us/119/HR7225"].from_stage is None


def test_look_alikes_are_rejected_and_the_rest_is_followed(tracker: Any) -> None:
    followed = {view.key for view in tracker.measures()}
    assert followed == set(STAGES) - LOOK_ALIKES


def test_all_goals_areas_and_forms_are_there(tracker: Any) -> None:
    tags = [view.classification for view in tracker.measures()]
    assert {goal for tag in tags for goal in tag.goals} == set(codebook.GOALS)
    assert {area for tag in tags for area in tag.areas} == set(codebook.AREAS)
    assert {"sex", "labor"} <= {tag.form for tag in tags}


def test_contested_measures_are_told_without_a_side(tracker: Any) -> None:
    contested = {view.key for view in tracker.measures(contested=True)}
    assert contested == {"us-ny-nyc/2018/Res0288-2018", "us-ny-nyc/2019/Res0923-2019"}


def test_our_own_words_stand_in_no_quotation_marks(tracker: Any) -> None:
    digest = tracker.digest(since=demo.days()[0]).to_text(width=4000)
    quoted = re.findall(r"“([^”]*)”", digest) + re.findall(r'"([^"]*)"', digest)
    titles = " ".join(view.title for view in tracker.measures(tracked=None))
    assert all(words.removesuffix(" [...]") in titles for words in quoted)
    assert "not current" in digest
    assert "not reviewed" in digest


def test_a_source_can_be_asked_for_a_little_and_nothing_is_kept(tracker: Any) -> None:
    before = tracker.check_store()
    with demo.serve() as base_urls:
        ((label, report),) = tracker.check_sources(["congress"], base_url=base_urls["congress"])
        ((_, told),) = tracker.check_sources(["openstates"])
    assert (label, report.verdict) == ("congress", "complete")
    assert "needs a place" in str(told)
    assert tracker.check_store() == before


def test_it_works_in_a_folder_that_holds_a_package_of_our_name(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a checkout with the wheel installed: the first command of the README.
    (tmp_path / "freedom_policy").mkdir()
    (tmp_path / "freedom_policy" / "__init__.py").write_text("")
    monkeypatch.chdir(tmp_path)
    assert "HR 4323" in run_demo().to_text()


def test_a_demo_that_reads_nothing_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freedom_policy.spiders.runner.sys.executable", "/bin/false")
    with pytest.raises(SourceFailed, match="could not read its recordings of congress"):
        run_demo()


def test_the_first_screen_has_no_code_words(tracker: Any, collected: dict[str, Any]) -> None:
    digest = tracker.digest(since=collected["step"].since, jurisdiction=collected["step"].follow)
    screen = digest.to_text().split("By goal")[0]
    assert len(screen.splitlines()) <= 45
    assert not re.findall(r"\w+_\w+", screen), "keys such as victim_protection are for machines"
    assert "machine-tagged, not reviewed" in screen
