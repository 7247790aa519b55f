"""Coverage never claims more than was looked at, and never forgets what a place inherits."""

from __future__ import annotations

import csv
import io
import json

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import MeasureFilter
from freedom_policy.reports.coverage import FRAMEWORKS, PlaceLook, coverage_from, looks_of, tallies_of


@pytest.fixture
def cover(make):
    def build(*views, runs=(), **fields):
        return coverage_from(tallies_of(views), looks_of(views, runs), now=make.now, **fields)

    return build


def shelter(make, key, stage="effective", **fields):
    tags = make.tags(
        make.provision("shelter_housing"),
        goals=("victim_protection",),
        areas=("rescue_exit",),
        subareas=("rescue_exit.temporary_shelter",),
        **fields.pop("tags", {}),
    )
    return make.view(key, stage, classification=tags, **fields)


@pytest.mark.parametrize(
    ("stage", "state"),
    [
        ("enacted", "in_force"),
        ("effective", "in_force"),
        ("in_committee", "moving"),
        ("vetoed", "moving"),
        ("dead", "ended"),
        ("struck_down", "ended"),
        ("unknown", "none_found"),
    ],
)
def test_stages_become_states(make, cover, stage, state):
    cell = cover(shelter(make, "us-tx/892/HB1", stage)).row("us-tx").cell("area", "rescue_exit")
    assert cell.state == state


def test_nothing_found_names_its_window_and_sources_and_is_no_gap(make, cover):
    cell = cover(shelter(make, "us-tx/892/HB1")).row("us-tx").cell("area", "identification")
    assert cell.state == "none_found"
    assert not cell.gap
    assert cell.words.startswith("In what was collected since 20 Nov 2026 from openstates, no measure found")


def test_a_look_that_was_cut_says_so_wherever_nothing_was_found(make):
    cut = ("legistar: limit 20",)
    look = PlaceLook(place="us-ny-nyc", sources=("legistar",), measures=20, cut=cut, code_read=True)
    coverage = coverage_from([], [look], now=make.now, filter=MeasureFilter(jurisdictions=("us-ny-nyc",)))
    cell = coverage.row("us-ny-nyc").cell("area", "restoration")
    assert (cell.state, cell.gap) == ("none_found", False), "a part of a code shows no gap"
    part = "only part was collected (legistar: limit 20)"
    assert cell.words.startswith(f"In the part that was collected from legistar, no measure found; {part}")
    for width in (60, 120):
        text = " ".join(coverage.to_text(width=width).split())
        assert "none found in part" in text
        assert part in text
    page = coverage.to_html()
    assert "none found in part" in page
    assert part in page
    row = json.loads(coverage.to_json())["rows"][0]
    assert row["cut"] == ["legistar: limit 20"]
    assert next(csv.DictReader(io.StringIO(coverage.to_csv())))["cut"] == "legistar: limit 20"
    assert part in coverage.not_found()[0].words


def test_a_cell_or_row_that_is_not_there_is_told_with_what_is(make, cover):
    coverage = cover(shelter(make, "us-tx/892/HB1"))
    assert coverage.row("Texas") == coverage.row("us-tx")
    for ask, near in (
        (lambda: coverage.row("us-txx"), "Did you mean us-tx"),
        (lambda: coverage.row("us-wa-seattle"), "Seattle has no row"),
        (
            lambda: coverage.row("us-tx").cell("area", "preventoin"),
            "Unknown area 'preventoin'. Did you mean prevention",
        ),
        (lambda: coverage.row("us-tx").cell("area", "x"), "Known: prevention"),
        (lambda: coverage.row("us-tx").cell("aera", "prevention"), "Unknown dimension 'aera'. Did you mean area"),
    ):
        with pytest.raises(BadInput, match=near):
            ask()


def test_not_looked_at_is_never_none_found(make, cover):
    coverage = cover(shelter(make, "us-tx/892/HB1"))
    assert {cell.state for cell in coverage.row("us-wa").cells} == {"not_looked_at"}
    assert "Seattle" in coverage.not_looked_at
    for text in (coverage.to_text(), coverage.to_html()):
        assert "Not looked at" in text


def test_a_run_that_found_nothing_is_a_look_and_a_blocked_one_is_not(make, cover):
    coverage = cover(runs=[make.run(place="us-tx"), make.run(place="us-wa", verdict="blocked")])
    assert coverage.row("us-tx").cell("area", "prevention").state == "none_found"
    assert coverage.row("us-wa").cell("area", "prevention").state == "not_looked_at"


def test_state_and_federal_law_is_inherited(make, cover):
    coverage = cover(
        shelter(make, "us/118/HR1"),
        shelter(make, "us-ny/2025-2026/S1"),
        shelter(make, "us-ny-nyc/2024/Int0001-2024", "in_committee"),
    )
    cell = coverage.row("us-ny-nyc").cell("subarea", "rescue_exit.temporary_shelter")
    assert (cell.state, cell.inherited) == ("moving", {"us-ny": 1, "us": 1})
    assert "inherited: 1 in force from New York and 1 in force from United States" in cell.words


def test_a_gap_needs_the_code_to_have_been_read(make, cover):
    code = make.view("us-ga-atlanta/code/106-57", "effective", kind="code_section")
    row = cover(code).row("us-ga-atlanta")
    assert row.cell("area", "restoration").gap
    assert "the law above it was not looked at: Georgia and United States" in row.cell("area", "restoration").words
    assert not row.cell("subarea", "reforms.laws").gap, "reforms claims nothing"
    inherited = cover(code, shelter(make, "us-ga/2025_26/HB1")).row("us-ga-atlanta").cell("area", "rescue_exit")
    assert not inherited.gap


def test_contested_and_other_measures_are_in_no_count(make, cover):
    massage = make.tags(make.provision("massage_licensing", contested=True), contested=True)
    cell = (
        cover(
            shelter(make, "us-tx/892/HB1", tags={"relevance": "adjacent"}),
            shelter(make, "us-tx/892/HB2", tags={"administrative": True}),
            shelter(make, "us-tx/892/HB3", tags={"binding": False}),
            make.view("us-tx/892/HB4", classification=massage),
        )
        .row("us-tx")
        .cell("area", "rescue_exit")
    )
    assert (cell.state, cell.in_force, cell.apart) == ("none_found", 0, 3)


def test_a_reform_counts_once(make, cover):
    views = [shelter(make, f"us-tx/892/HB{n}", family="one") for n in range(3)]
    assert cover(*views).row("us-tx").cell("goal", "victim_protection").in_force == 1


def test_rejected_tags_do_not_count(make, cover):
    view = shelter(make, "us-tx/892/HB1", review=make.review("reject"))
    assert cover(view).row("us-tx").cell("area", "rescue_exit").state == "none_found"


def test_frameworks_are_named_as_their_owners_with_their_date(make, cover):
    coverage = cover(make.view("us-tx/892/HB1", classification=make.tags(make.provision("restitution"))))
    uniform = next(framework for framework in coverage.frameworks if framework.key == "uniform_act_sections")
    texas = next(row for row in uniform.rows if row.place == "us-tx")
    assert (texas.states["10"], texas.states["11"]) == ("in_force", "none_found")
    page = coverage.to_html()
    assert "Polaris 2014, ended" in page
    assert "replaced in October 2025" in page
    assert set(FRAMEWORKS) == {framework.key for framework in coverage.frameworks}


def test_the_digest_tells_what_was_not_found_in_the_places_followed(make, cover):
    coverage = cover(shelter(make, "us-tx/892/HB1"))
    rows = coverage.not_found()
    digest = make.digest(make.change(), not_found=rows, filter=MeasureFilter(jurisdictions=("us-tx",)))
    assert rows[0].areas == ("prevention", "identification", "restoration")
    text = " ".join(digest.to_text().split())
    assert "Texas: In what was collected since 20 Nov 2026 from openstates, no measure found on Prevention" in text
    assert "gap" not in text.replace("neither a gap", "")


def test_csv_is_complete_and_safe(make, cover):
    coverage = cover(shelter(make, "us-tx/892/HB1"), filter=MeasureFilter(jurisdictions=("us-tx", "us-wa")))
    rows = list(csv.DictReader(io.StringIO(coverage.to_csv())))
    assert len(rows) == sum(len(row.cells) for row in coverage.rows)
    assert {row["state"] for row in rows if row["place"] == "us-wa"} == {"not_looked_at"}
    assert json.loads(coverage.to_json())["rows"][0]["place"] == "us-tx"


def test_every_state_is_on_the_map(make, cover):
    tiles = cover(shelter(make, "us-tx/892/HB1")).tiles("rescue_exit")
    assert len(tiles) == len({(tile.column, tile.line) for tile in tiles}) == 56
    assert next(tile for tile in tiles if tile.code == "TX").cell.state == "in_force"


def test_a_narrow_screen_gets_lists(make, cover):
    text = cover(shelter(make, "us-tx/892/HB1")).to_text(width=40)
    assert "Rescue/Exit (exit and immediate" in text
    assert max(map(len, text.splitlines())) <= 40


def test_an_empty_store_says_what_to_do(make, cover):
    assert "No place was looked at yet" in cover().to_text()
    assert "No place was looked at yet" in cover().to_html()


def test_a_place_outside_the_registry_has_a_row(make):
    coverage = coverage_from([], [PlaceLook(place="us-xx-nowhere")], now=make.now)
    assert coverage.row("us-xx-nowhere").looked_at


def test_what_waits_to_be_tagged_is_not_none_found(make, cover):
    untagged = make.view("us-wa/2025-2026/HB2", classification=None)
    coverage = cover(shelter(make, "us-tx/892/HB1"), make.view("us-tx/892/HB2", classification=None), untagged)
    assert coverage.row("us-wa").cell("area", "prevention").state == "not_looked_at"
    assert "1 collected measure not tagged yet" in coverage.row("us-tx").cell("area", "prevention").words
