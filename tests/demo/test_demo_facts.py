"""Every fact of the demo is in the public record; every sentence of ours is not."""

from __future__ import annotations

import json
import re
import tarfile
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

ROOT = Path(str(files("freedom_policy.data") / "recordings"))
STAMP = "demo paraphrase"
BILLS = sorted(ROOT.glob("*/govinfo/BILLSTATUS-*.xml"))
TEXTS = sorted(ROOT.glob("*/govinfo/BILLS-*.xml"))
MATTERS = sorted(ROOT.glob("*/legistar/nyc/*.json"))


def label(path: Path) -> str:
    return f"{path.relative_to(ROOT).parts[0]}-{path.stem}"


def members(archive: Path, wanted: re.Pattern[str]) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(archive) as tar:
        for member in tar:
            if member.isfile() and wanted.search(member.name):
                content = tar.extractfile(member)
                assert content is not None
                yield member.name.rsplit("/", 1)[-1], content.read()


@cache
def real_bills(shared: Path) -> Mapping[str, etree._Element]:
    names = {path.name for path in BILLS}
    found: dict[str, etree._Element] = {}
    for archive in ("billstatus_115", "billstatus_117", "billstatus_119_derived"):
        congress = archive.split("_")[1]
        wanted = "|".join(re.escape(name) for name in names if name.startswith(f"BILLSTATUS-{congress}"))
        for name, body in members(shared / "corpus" / "govinfo" / f"{archive}.tar.gz", re.compile(f"/({wanted})$")):
            bill = etree.fromstring(body).find("bill")
            assert bill is not None
            found[name] = bill
    return found


@cache
def real_matters(shared: Path) -> Mapping[int, list[dict[str, Any]]]:
    """All recorded views of a matter, by MatterId."""
    ids = {int(path.stem) for path in MATTERS}
    found: dict[int, list[dict[str, Any]]] = {}
    bodies = [
        body
        for name in ("nyc_matters", "nyc_timeline")
        for _, body in members(shared / "corpus" / "legistar" / f"{name}.tar.gz", re.compile(r"/[^_/][^/]*\.json$"))
    ]
    for body in bodies:
        matter = json.loads(body)
        if matter["ID"] in ids:
            found.setdefault(matter["ID"], []).append(matter)
    return found


def texts(element: etree._Element, path: str) -> set[str]:
    return {(found.text or "").strip() for found in element.findall(path)} - {""}


def rows(element: etree._Element, path: str, *names: str) -> set[tuple[str, ...]]:
    """Tuples of the text of some children of each element on a path."""
    return {tuple((row.findtext(name) or "").strip() for name in names) for row in element.findall(path)}


@pytest.mark.parametrize("path", BILLS, ids=label)
def test_every_fact_of_a_bill_is_in_the_record(path: Path, shared: Path) -> None:
    ours, real = etree.parse(str(path)).getroot().find("bill"), real_bills(shared)[path.name]
    assert ours is not None
    for name in ("number", "billNumber", "type", "billType", "congress", "originChamber", "introducedDate", "title"):
        assert ours.findtext(name) == real.findtext(name), name
    for where, names in {
        ".//actions/item": ("actionDate", "actionTime", "text", "type", "actionCode", "sourceSystem/name"),
        ".//sponsors/item": ("bioguideId", "fullName", "party", "state", "district"),
        ".//titles/item": ("titleType", "title"),
        ".//laws/item": ("type", "number"),
        ".//relatedBills/item": ("congress", "number", "type", "relationshipDetails/item/type"),
        ".//textVersions/item": ("date", "formats/item/url"),
    }.items():
        assert rows(ours, where, *names) <= rows(real, where, *names), where
    assert texts(ours, ".//committees//name") <= texts(real, ".//committees//name")
    assert texts(ours, ".//committees//date") <= texts(real, ".//committees//date")
    assert texts(ours, ".//policyArea/name") <= texts(real, ".//policyArea/name")
    day = label(path)[:10]
    assert all(date <= day for date in texts(ours, ".//actionDate"))
    versions = {version.removesuffix(f" ({STAMP})") for version in texts(ours, ".//textVersions/item/type")}
    assert versions <= texts(real, ".//textVersions/item/type")


@pytest.mark.parametrize("path", BILLS, ids=label)
def test_no_step_before_the_day_is_hidden(path: Path, shared: Path) -> None:
    """Floor procedure is left out; introduction, passage, signature, law and the last step are not."""
    ours, real = etree.parse(str(path)).getroot().find("bill"), real_bills(shared)[path.name]
    assert ours is not None
    steps = re.compile(r"Introduced in|^Referred to|Reported|Passed|Presented|Signed|Became|Vetoed|Held at|Received in")
    steps_we_keep, day = texts(ours, "./actions/item/text"), label(path)[:10]
    for date, text in rows(real, "./actions/item", "actionDate", "text"):
        if date <= day and steps.match(text):
            assert text in steps_we_keep


@pytest.mark.parametrize("path", MATTERS, ids=label)
def test_every_fact_of_a_matter_is_in_the_record(path: Path, shared: Path) -> None:
    ours, views = json.loads(path.read_text(encoding="utf-8")), real_matters(shared)[int(path.stem)]

    def known(field: str) -> set[Any]:
        return {clean(view.get(field)) for view in views}

    def clean(value: Any) -> Any:
        return (
            None
            if value == "0001-01-01T00:00:00Z"
            else value.strip().removesuffix("Z")
            if isinstance(value, str)
            else value
        )

    matter = ours["matter"]
    for name, field in {
        "Id": "ID", "Guid": "GUID", "File": "File", "Name": "Name", "Title": "Title", "TypeName": "TypeName",
        "BodyName": "BodyName", "IntroDate": "IntroDate", "AgendaDate": "AgendaDate", "PassedDate": "PassedDate",
        "EnactmentDate": "EnactmentDate", "EnactmentNumber": "LocalLaw",
    }.items():  # fmt: skip
        assert matter[f"Matter{name}"] in known(field), name
    fields = {
        "Id": "ID", "ActionDate": "Date", "ActionId": "ActionID", "ActionName": "Action", "ActionBodyName": "BodyName",
        "PassedFlagName": "PassedFlagName", "Version": "Version", "MatterStatusId": "MatterStatusID",
    }  # fmt: skip
    history = {
        tuple(clean(entry.get(field)) for field in fields.values())
        for view in views
        for entry in view.get("History") or []
    }
    assert {tuple(row[f"MatterHistory{name}"] for name in fields) for row in ours["histories"]} <= history
    # The status is the one that the last step of the history brought.
    assert matter["MatterStatusId"] == ours["histories"][-1]["MatterHistoryMatterStatusId"]
    people = {person["FullName"].strip() for view in views for person in view.get("Sponsors") or []}
    assert {row["MatterSponsorName"] for row in ours["sponsors"]} <= people
    papers = {(paper["Name"], paper["Link"]) for view in views for paper in view.get("Attachments") or []}
    assert {(row["MatterAttachmentName"], row["MatterAttachmentHyperlink"]) for row in ours["attachments"]} <= papers
    assert {version["Key"] for version in ours["versions"]} <= {str(view.get("TextID")) for view in views}


# ---------------------------------------------------------------------------------------------------------------------
# Our words


def our_words(path: Path) -> str:
    """All sentences of a recording that are ours."""
    if path.suffix == ".json":
        return " ".join(
            text["MatterTextPlain"] for text in json.loads(path.read_text(encoding="utf-8"))["texts"].values()
        )
    root = etree.parse(str(path)).getroot()
    where = ".//summaries//text" if path.name.startswith("BILLSTATUS") else ".//section/text"
    return " ".join(found.text or "" for found in root.findall(where))


def runs(text: str, length: int = 12) -> set[str]:
    """Every run of some words, without case and punctuation."""
    words = re.findall(r"[a-z0-9$]+", re.sub(r"<[^>]+>", " ", text).lower())
    return {" ".join(words[start : start + length]) for start in range(len(words) - length + 1)}


@pytest.mark.parametrize("path", [*BILLS, *TEXTS, *MATTERS], ids=label)
def test_summaries_and_texts_are_our_own_and_say_so(path: Path, shared: Path) -> None:
    assert STAMP in path.read_text(encoding="utf-8").lower()
    assert our_words(path)
    if path.suffix == ".json":
        views = real_matters(shared)[int(path.stem)]
        theirs = " ".join(f"{view.get('Text') or ''} {view.get('Summary') or ''}" for view in views)
    else:
        name = re.sub(r"^BILLS-(\d+[a-z]+\d+)[a-z]+$", r"BILLSTATUS-\1", path.stem)
        theirs = " ".join(found.text or "" for found in real_bills(shared)[f"{name}.xml"].findall(".//summaries//text"))
    # A clause on when a law takes effect, or the name of an office, has hardly another wording; a sentence has.
    assert sorted(runs(our_words(path)) & runs(theirs)) == []


def test_every_version_and_summary_bears_the_stamp_in_its_own_record() -> None:
    for path in BILLS:
        bill = etree.parse(str(path)).getroot()
        assert texts(bill, ".//summaries//actionDesc") == {STAMP}
        assert all(version.endswith(f"({STAMP})") for version in texts(bill, ".//textVersions/item/type"))
    for path in MATTERS:
        matter = json.loads(path.read_text(encoding="utf-8"))
        assert matter["matter"]["MatterEXText5"] is None
        assert all(version["Value"].endswith(f"({STAMP})") for version in matter["versions"])


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 600_000


def test_every_recorded_file_is_reachable() -> None:
    """A text that no bill status names would never be read."""
    named = {url.rsplit("/", 1)[-1] for path in BILLS for url in texts(etree.parse(str(path)).getroot(), ".//url")}
    assert {path.name for path in TEXTS} == named


def test_the_pages_count_the_measures_right() -> None:
    keys = {path.name for path in (*BILLS, *MATTERS)}
    pages = (ROOT / "README.md", Path(__file__).parents[2] / "docs" / "start-here.md")
    assert all(f"{len(keys)} real measures" in page.read_text(encoding="utf-8") for page in pages)
    first = {path.name for path in (*BILLS, *MATTERS) if path.relative_to(ROOT).parts[0] == "2026-01-17"}
    assert f"({len(first)} measures)" in pages[0].read_text(encoding="utf-8")
