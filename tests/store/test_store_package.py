"""The store as a data package: nothing lost on the way there and back, and nothing told that is private."""

from __future__ import annotations

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from freedom_policy.errors import BadInput
from freedom_policy.records import (
    Action,
    Classification,
    Correction,
    Family,
    FamilyLink,
    Found,
    Hearing,
    LawEvent,
    MeasureFilter,
    MovementNorm,
    Note,
    Provision,
    Rejected,
    Review,
    Source,
    TextVersion,
    Watch,
)
from freedom_policy.store import Store, package, queries
from freedom_policy.store.models import Base

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 3, 3, 12, 30, 15, 123456, tzinfo=dt.UTC)
ALL = MeasureFilter(tracked=None)
QUOTE = "call 212-555-0100"


@pytest.fixture
def full(store: Store, collect, make, stand) -> Store:
    """A store with something awkward in every table."""
    texts = (
        TextVersion(note="Introduced", date=dt.date(2021, 1, 4), text='=1+1\r\n"quoted", ünï\n'),
        TextVersion(note="Enrolled"),
    )
    steps = (
        Action(date=dt.date(2021, 1, 4), time=dt.time(9, 30), description="-- 'twas introduced", note=""),
        Action(date=dt.date(2021, 1, 5), description="From printer.\rRead first time. To committee."),
        Action(date=None, description="+undated, with a comma", classification=("filing", "introduction")),
    )
    one = make(
        title='=HYPERLINK("http://evil.example")',
        actions=steps,
        versions=texts,
        hearings=(Hearing(date=dt.date(2026, 4, 1)),),
    )
    broken = Rejected(
        source=Source(name="congress", url="https://x.example", retrieved_at=NOON), reason="no", raw="AAEC"
    )
    draft = make("us-ny-nyc/2024/T1", source="legistar", source_id="9", title="Draft")
    collect(Found(measure=one, remember={"etag": "w"}), make("us/117/HR2", title=""), broken)
    collect(draft, source="legistar")
    collect(
        make("us-ny-nyc/2024/Int0001-2024", source="legistar", source_id="9", title="Draft"),
        source="legistar",
        at=LATER,
    )
    collect(one.model_copy(update={"actions": steps[:1]}), at=LATER, whole=False)
    court = LawEvent(key=one.key, stage="enjoined", date=NOON.date(), url="https://court.example", recorded_by="Cleo")
    store.save_law_event(court, observed_at=LATER)
    store.save_statuses([(m.key, stand(m, ("introduced", 0))) for m in store.measures_to_assess()], observed_at=LATER)
    provision = Provision(type="t", score=1 / 3, direction="unclear", quote=QUOTE, start=0, end=17, field="text")
    said = Classification(
        relevance="core",
        tracked=True,
        score=0.1,
        goals=("g",),
        areas=("a",),
        provisions=(provision,),
        form="sex",
        model="m",
    )
    store.save_classifications([(one.key, said)], observed_at=LATER)
    store.save_review(one.key, Review(reviewer="Ann", decided_at=LATER, decision="accept", reason="because"))
    store.save_families(
        [Family(key="f", name="'Reform", members=(one.key, "us/117/HR2"))],
        [FamilyLink(first=one.key, second="us/117/HR2", kind="same-text", score=0.5, proof="@words")],
        observed_at=LATER,
    )
    store.save_corrections([Correction(key=one.key, says="=not about this", said_by="Bo")])
    store.save_note(Note(key=one.key, text="=secret", position="support", created_at=LATER))
    store.save_watch(Watch(name="w", filter=MeasureFilter(), emails=("ann@example.org",), created_at=LATER))
    store.commit_digest(store.begin_digest("w", until=LATER), ["item"])
    norm = MovementNorm(
        place="us", kind="bill", stage="introduced", count=1, median_days=2, slow_days=2, next=(("dead", 1),), days=((2, 1),)
    )  # fmt: skip
    store.refresh_norms(
        lambda place, _: [norm] if place == norm.place else [], lambda *_: [], version="1", observed_at=LATER
    )
    return store


def test_every_column_is_public_private_or_made_again(store: Store) -> None:
    for table in Base.metadata.sorted_tables:
        parts = [list(part.get(table.name, ())) for part in (package.PUBLIC, package.PRIVATE, package.DERIVED)]
        listed = [name for part in parts for name in part]
        assert sorted(listed) == sorted(table.c.keys()), f"decide on each column of {table.name}: may it leave?"


def test_a_whole_export_restores_to_an_equal_store_on_the_other_engine(
    full: Store, other: Store, rows, tmp_path: Path
) -> None:
    there = package.export_package(full, tmp_path / "out", private=True, now=NOON)
    back = package.import_package(other, tmp_path / "out")
    again = package.export_package(other, tmp_path / "again", private=True, now=NOON)
    assert there.rows == back.rows == again.rows == {name: len(table) for name, table in rows().items()}
    assert there.hashes == back.hashes == again.hashes
    assert all(there.rows.values()), "the fixture fills every table"
    assert list(queries.measures(other, ALL)) == list(queries.measures(full, ALL))
    assert queries.status_as_of(other, "us/117/HR1", known=LATER) == queries.status_as_of(
        full, "us/117/HR1", known=LATER
    )
    assert queries.versions(other, "us/117/HR1") == queries.versions(full, "us/117/HR1")
    # What is made again: words can be searched, and new rows get new numbers.
    assert [view.key for view in queries.measures(other, MeasureFilter(query="hyperlink", tracked=None))] == [
        "us/117/HR1"
    ]
    other.save_note(Note(key="us/117/HR1", text="after"))
    assert other.check()["integrity"] == "ok"


def test_a_public_export_tells_nothing_private(full: Store, tmp_path: Path) -> None:
    package.export_package(full, tmp_path / "out", now=NOON)
    told = "".join(path.read_text("utf-8") for path in sorted((tmp_path / "out").iterdir()))
    for secret in ("Ann", "Bo", "because", "=secret", "ann@example.org", "212-555", '"etag"'):
        assert secret not in told, secret
    names = {path.stem for path in (tmp_path / "out").iterdir()}
    assert names.isdisjoint(
        {"notes", "watches", "digest_issues", "digest_items", "quarantine", "crawl_state", "corrections"}
    )


def test_quotations_are_masked_as_the_caller_says_and_a_public_export_restores(full: Store, tmp_path: Path) -> None:
    package.export_package(
        full, tmp_path / "out", mask=lambda quote: quote.replace("212-555-0100", "[masked]"), now=NOON
    )
    with Store(f"sqlite:///{tmp_path / 'new.db'}") as new:
        new.prepare()
        found = package.import_package(new, tmp_path / "out")
        assert not found.private
        view = queries.measure(new, "us/117/HR1")
        assert view.classification.provisions[0].quote == "call [masked]"
        assert (view.review.decision, view.review.reviewer, view.review.reason) == ("accept", "not exported", "")
        assert queries.watches(new) == []
        # Nothing that was done is due again.
        assert list(new.measures_to_assess()) == []
        assert "us/117/HR1" not in {measure.key for measure in new.measures_to_classify("m")}


def test_no_cell_is_a_formula_and_the_description_is_a_valid_package(full: Store, tmp_path: Path) -> None:
    package.export_package(full, tmp_path / "out", private=True, now=NOON)
    described = json.loads((tmp_path / "out" / "datapackage.json").read_text("utf-8"))
    assert (
        described["citation"]
        == "Freedom Policy, data package of 2026-03-02, made from the public records of: congress, legistar."
    )
    assert described["sources"] == [{"title": "congress"}, {"title": "legistar"}]
    for resource in described["resources"]:
        with (tmp_path / "out" / resource["path"]).open(encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]
        assert resource["description"]
    frictionless = pytest.importorskip(
        "frictionless", reason="frictionless is a check from outside, not needed by users"
    )
    report = frictionless.Package(str(tmp_path / "out" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "message"])[:5]


def test_parquet_restores_as_well(full: Store, tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="Parquet is an optional extra")
    package.export_package(full, tmp_path / "out", private=True, format="parquet", now=NOON)
    there = package.export_package(full, tmp_path / "csv", private=True, now=NOON)
    with Store(f"sqlite:///{tmp_path / 'new.db'}") as new:
        new.prepare()
        package.import_package(new, tmp_path / "out")
        assert package.export_package(new, tmp_path / "again", private=True, now=NOON).hashes == there.hashes


def edit(folder: Path, **changed: object) -> None:
    path = folder / "datapackage.json"
    described = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**described, **changed}), "utf-8")


def test_what_cannot_be_restored_is_told_and_nothing_is_written(full: Store, tmp_path: Path) -> None:
    good = tmp_path / "good"
    package.export_package(full, good, now=NOON)
    with pytest.raises(BadInput, match="not empty"):
        package.export_package(full, good)
    with pytest.raises(BadInput, match="not empty"):
        package.import_package(full, good)
    with Store(f"sqlite:///{tmp_path / 'new.db'}") as new:
        new.prepare()
        with pytest.raises(BadInput, match="no data package"):
            package.import_package(new, tmp_path / "nowhere")
        described = json.loads((good / "datapackage.json").read_text("utf-8"))
        edit(good, freedom_policy={**described["freedom_policy"], "tables": "9999"})
        with pytest.raises(BadInput, match="version 9999"):
            package.import_package(new, good)
        edit(
            good,
            freedom_policy=described["freedom_policy"],
            resources=[{**described["resources"][0], "path": "../secret.csv"}],
        )
        with pytest.raises(BadInput, match="outside of the package"):
            package.import_package(new, good)
        edit(good, resources=described["resources"])
        with (good / "measures.csv").open("a", encoding="utf-8") as file:
            file.write("1,2,3\n")
        with pytest.raises(BadInput, match="hash differs"):
            package.import_package(new, good)
        measures = next(item for item in described["resources"] if item["name"] == "measures")
        measures["hash"] = f"sha256:{package._file_hash(good / 'measures.csv')}"
        edit(good, resources=described["resources"])
        with pytest.raises(BadInput, match=r"measures\.csv, line \d+"):
            package.import_package(new, good)
        assert queries.count(new, ALL) == 0
        (good / "datapackage.json").write_text("{}", "utf-8")
        with pytest.raises(BadInput, match="does not describe"):
            package.import_package(new, good)
