"""What the parsers make of real files of the corpus: counts, keys that agree between sources, notes that are found."""

from __future__ import annotations

import datetime as dt
import json
import re
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from freedom_policy.records import CrawlOptions, Found, Measure, Source
from freedom_policy.spiders import legiscan, openstates
from freedom_policy.spiders.base import MeasureSpider
from freedom_policy.spiders.code_sections import Numbers, history_of, section_number
from freedom_policy.spiders.congress import Congress
from freedom_policy.spiders.dc_law import DcLawSpider
from freedom_policy.spiders.formats import read_xml
from freedom_policy.spiders.legiscan import LegiScanSpider
from freedom_policy.spiders.washington import measure_of as washington_measure
from freedom_policy.spiders.washington import number_of, read_bills

HERE = Source(name="test", url="x", retrieved_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def measures(kind: type[MeasureSpider], path: Path, **options: str) -> dict[str, Measure]:
    spider = kind(options=CrawlOptions(base_url=str(path), **options))
    return {message.measure.key: message.measure for message in spider.run_local(path) if isinstance(message, Found)}


def rows(path: Path) -> Iterator[dict]:
    with tarfile.open(path) as archive:
        for member in archive:
            if member.name.endswith(".json"):
                stream = archive.extractfile(member)
                assert stream is not None
                yield json.load(stream)


def test_congress_open_states_and_legiscan_name_the_same_bills_alike(shared: Path):
    """All that LegiScan and GovInfo have of the 119th is in Open States' list under the same key, with the same title."""
    listed = {openstates.key_of(row): row for row in rows(shared / "corpus" / "openstates" / "usa.tar.gz")}
    assert len(listed) == 18_411
    scanned = measures(LegiScanSpider, shared / "corpus" / "legiscan" / "us_bills.tar.gz", session="119")
    official = measures(Congress, shared / "corpus" / "govinfo" / "billstatus_119_derived.tar.gz")
    assert (len(scanned), len(official)) == (541, 285)
    assert scanned.keys() <= listed.keys()
    assert official.keys() <= listed.keys()
    both = scanned.keys() & official.keys()
    assert len(both) == 56
    for key in both:
        assert scanned[key].introduced == official[key].introduced
        assert scanned[key].kind == official[key].kind
    kinds = Counter(openstates.measure_of(listed[key], HERE).kind == scanned[key].kind for key in scanned)
    assert kinds[False] == 0


def test_washington_names_its_bills_as_open_states_does(shared: Path):
    reply = (shared / "corpus" / "wa" / "debug_response.xml").read_bytes()
    own = {bill.key: washington_measure(bill, (), HERE) for bill in read_bills(read_xml(reply))}
    listed = {openstates.key_of(row): row["title"] for row in rows(shared / "corpus" / "openstates" / "wa.tar.gz")}
    assert len(own) == 752
    assert own.keys() <= listed.keys()
    assert sum(measure.title == listed[key] for key, measure in own.items()) > 740
    assert all(measure.actions and measure.introduced for measure in own.values())


def test_washington_numbers_without_their_versions():
    printed = ("HB 1049", "2SHB 1049", "ESHB 1049", "E2SHB 1049", "EHB 1049", "2ESHB 1049")
    assert {number_of(text) for text in printed} == {"HB1049"}
    assert (number_of("ESSB 5001"), number_of("SJM 8001"), number_of("EHJR 4201")) == ("SB5001", "SJM8001", "HJR4201")


def test_the_district_s_laws_bear_the_numbers_of_their_bills(shared: Path):
    found = measures(DcLawSpider, shared / "corpus" / "dc" / "dc_law_xml.tar.gz")
    assert len(found) == 215
    laws = [measure for measure in found.values() if measure.kind == "bill"]
    assert (len(laws), len(found) - len(laws)) == (107, 108)
    assert all(measure.identifier.startswith("B") for measure in laws)
    assert all(measure.title and measure.actions for measure in laws)
    assert sum(bool(measure.versions[0].text) for measure in laws) > 0.97 * len(laws)
    act = found["us-dc/18/B18-0070"]
    assert (act.title, act.effective) == (
        "Prohibition Against Human Trafficking Amendment Act of 2010",
        dt.date(2010, 10, 23),
    )


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("Sec. 106-57. - Massage practitioners.", "106-57"),
        ("Sec. 30-1281.1. - Violations.", "30-1281.1"),
        ("§ 113.01 DEFINITIONS.", "113.01"),
        ("4-156-020 Definitions.", "4-156-020"),
        ("ARTICLE II. - MASSAGE", None),
    ],
)
def test_section_numbers(title: str, number: str | None):
    assert section_number(title) == number


def test_two_sections_of_one_number_stay_two():
    numbers = Numbers()
    assert [
        numbers.of("Sec. 1-1. - A", "N1"),
        numbers.of("Sec. 1-1. - B", "N2"),
        numbers.of("Sec. 1-1. - A", "N1"),
    ] == [
        "1-1",
        "N2",
        "1-1",
    ]


def test_history_notes():
    note = "(Code 1977, § 14-7001; Ord. No. 2007-79(07-O-1953), §§ 2, 3, 12-11-07; Ord. of 1-11-2016)"
    steps = history_of(f"No licence, no work.\n{note}\nState law— x.")
    assert [(step.date and step.date.isoformat(), step.description) for step in steps] == [
        (None, "Code 1977, § 14-7001"),
        ("2007-12-11", "Ord. No. 2007-79(07-O-1953), §§ 2, 3, 12-11-07"),
        ("2016-01-11", "Ord. of 1-11-2016"),
    ]
    assert history_of("Fees are set by Code (Ord. No. 5) and otherwise.") == ()


def test_history_notes_of_real_codes(shared: Path):
    """Nearly every section of four Georgia codes that ends in a note gives its ordinances, most of them with a day."""
    noted = found = steps = dated = 0
    with tarfile.open(shared / "corpus" / "municode" / "chapters.tar.gz") as archive:
        for member in archive:
            if not member.name.endswith(".txt"):
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            for section in re.split(r"(?m)^(?=(?:Sec\.|§)\s*\d)", stream.read().decode("utf-8", "replace"))[1:]:
                assert section_number(section.split("\n", 1)[0])
                history = history_of(section)
                noted += bool(re.search(r"(?m)^\s*\((?:Ord|Code)[^()]*\d", section))
                found += bool(history)
                steps += len(history)
                dated += sum(step.date is not None for step in history)
    assert noted > 3000
    assert found >= 0.99 * noted
    assert dated > 0.75 * steps


def test_legiscan_payloads_of_three_congresses(shared: Path):
    found = measures(LegiScanSpider, shared / "corpus" / "legiscan" / "us_bills.tar.gz")
    assert Counter(measure.session for measure in found.values()) == {"117": 1344, "118": 1425, "119": 541}
    assert not [key for key in found if "/HB" in key or "/SB" in key or "/HCR" in key]
    assert set(Counter(measure.source_status for measure in found.values())) <= set(legiscan.STATUS.values())
    assert all(measure.kind and measure.introduced and measure.actions for measure in found.values())
