"""The static site: every link leads somewhere, nothing private is in it, and a second export cleans up after the first."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html as lxml_html

from freedom_policy.errors import BadInput
from freedom_policy.records import Family, MeasureFilter, Note, Review
from freedom_policy.reports import export_site


@pytest.fixture
def site(make, store, tmp_path):
    store.save_review(
        "us-tx/892/HB1", Review(reviewer="Ada Reader", decided_at=make.now, decision="accept", reason="private words")
    )
    store.save_note(Note(key="us-tx/892/HB1", text="our secret plan", position="oppose"))
    store.save_families(
        [Family(key="buyers", name="Penalties for buyers", members=("us-tx/892/HB1", "us-wa/2025-2026/SB3"))], []
    )
    folder = tmp_path / "site"
    export_site(store, folder, now=make.now)
    return folder


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_there_is_a_page_for_each_place_reform_and_measure(site):
    names = {str(path.relative_to(site)) for path in pages(site)}
    assert {
        "index.html",
        "changes.html",
        "coverage.html",
        "search.html",
        "about.html",
        "places/us-tx.html",
        "places/us-wa.html",
        "measures/us-tx--892--HB1.html",
        "reforms/reform-buyers.html",
    } <= names
    assert "Penalties for buyers" in (site / "index.html").read_text(encoding="utf-8")


def test_a_measure_leads_to_the_reform_that_it_belongs_to(site):
    measure = lxml_html.fromstring((site / "measures/us-tx--892--HB1.html").read_text(encoding="utf-8"))
    assert "../reforms/reform-buyers.html" in measure.xpath("//a/@href")
    for page in pages(site / "measures"):
        assert "--reform" not in page.read_text(encoding="utf-8"), "a reader of the site has no command line"


def test_every_link_within_the_site_leads_to_a_page(site):
    for page in pages(site):
        tree = lxml_html.fromstring(page.read_text(encoding="utf-8"))
        ids = set(tree.xpath("//@id"))
        for href in tree.xpath("//@href"):
            if href.startswith(("https://", "http://")):
                continue
            target, _, fragment = href.partition("#")
            assert not target or (page.parent / unquote(target)).resolve().is_file(), f"{page.name}: {href}"
            assert target or fragment in ids, f"{page.name}: {href}"


def test_nothing_private_leaves_the_store(site):
    everything = "".join(path.read_text(encoding="utf-8") for path in site.rglob("*") if path.is_file())
    for private in ("Ada Reader", "private words", "our secret plan", "oppose"):
        assert private not in everything
    assert "Reviewed by a person on 2026-11-25" in everything


def test_pages_work_from_a_file_share(site):
    for page in pages(site):
        tree = lxml_html.fromstring(page.read_text(encoding="utf-8"))
        assert not tree.xpath("//script[@src]|//link[@rel='stylesheet']|//img")
        assert len(tree.xpath("//h1")) == 1, page.name
        assert len(tree.xpath("//main")) == 1, page.name


def test_the_search_data_is_data_whatever_the_titles_hold(make, site):
    tree = lxml_html.fromstring((site / "search.html").read_text(encoding="utf-8"))
    rows = json.loads(tree.get_element_by_id("data").text)
    assert ["measures/us-tx--892--HB1.html", "Texas HB 1", make.title, "became law"] in [row[:4] for row in rows]


def test_titles_cannot_end_the_search_data(make):
    from freedom_policy.reports.site import Entry, _search

    nasty = "</script><script>alert(1)</script>"
    entry = Entry(
        key="k",
        page="p",
        label="l",
        title=nasty,
        stage="s",
        state="",
        standing="counted",
        goals=(),
        areas=(),
        provisions=(),
        family="f",
        demo=False,
    )
    found = _search([entry])["data"]
    assert "<" not in found
    assert json.loads(found)[0][2] == nasty


def test_a_second_export_removes_what_is_gone_and_nothing_else(make, store, site):
    keep = site / "measures" / "notes.txt"
    keep.write_text("mine", encoding="utf-8")
    report = export_site(store, site, now=make.now, filter=MeasureFilter(jurisdictions=("us-wa",)))
    assert report.measures == 1
    assert not (site / "measures" / "us-tx--892--HB1.html").exists()
    assert (site / "measures" / "us-wa--2025-2026--SB3.html").exists()
    assert keep.exists()


def test_a_folder_with_other_files_is_refused(store, tmp_path):
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "thesis.txt").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="holds other files"):
        export_site(store, tmp_path / "precious")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(BadInput, match="is a file"):
        export_site(store, tmp_path / "file")


def test_file_names_are_safe_and_never_the_same():
    from freedom_policy.reports.site import _Names

    names = _Names()
    keys = [
        "us-tx/1/HB1",
        "us-tx/1/hb1",
        "us-ga-atlanta/code/§ 106-57(a)",
        "us-ga-atlanta/code/§ 106-57[a]",
        "a/b/../../x",
    ]
    made = [names(key) for key in keys]
    assert len({name.lower() for name in made}) == len(keys)
    assert all("/" not in name and name.isascii() for name in made)
