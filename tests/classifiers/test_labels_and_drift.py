"""Our labels travel without the words; two models are compared measure by measure."""

from __future__ import annotations

import csv
from importlib.resources import files

import pytest

from freedom_policy import codebook
from freedom_policy.classifiers import gold, labels
from freedom_policy.classifiers.drift import drift
from freedom_policy.classifiers.gold import Gold, GoldProvision
from freedom_policy.errors import BadInput
from freedom_policy.records import Classification, Provision

TITLE = "Requires hotels to train employees on human trafficking"
MEASURE = Gold(
    "us-tx/1/HB1", TITLE, "", "", "us-tx", None, "own", "core", True, frozenset({"system_reform"}), frozenset({"identification"}),
    (GoldProvision("training_hotel", "strengthens", "title", 0, 30),), None, "both", "strengthens", 0.8, False,
)  # fmt: skip


def test_labels_come_back_with_the_words_and_lose_spans_with_other_words(tmp_path):
    path = tmp_path / "labels.csv"
    labels.write([MEASURE], path, labeller="somebody", date="2026-11-25", read="excerpt")
    assert TITLE not in path.read_text(encoding="utf-8"), "the words are not ours"
    (same,) = labels.load(lambda key: labels.Words(TITLE), path)
    assert same.provisions == MEASURE.provisions
    (other,) = labels.load(lambda key: labels.Words("Another version"), path)
    assert other.types == MEASURE.types
    assert other.provisions[0].start is None
    assert labels.load(lambda key: None, path) == []


def test_a_line_that_is_no_label_is_named(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text("measure,relevance\nx,core\n", encoding="utf-8")
    with pytest.raises(BadInput, match="line 2"):
        labels.load(lambda key: labels.Words("x"), path)


def test_a_measure_that_was_read_twice_comes_twice_and_then_as_one():
    shipped = labels.load(lambda key: labels.Words("A title"))
    keys = [measure.id for measure in shipped]
    assert len(keys) > len(set(keys))
    joined = gold.together(shipped)
    assert [measure.id for measure in joined] == list(dict.fromkeys(keys))
    assert {measure.twice for measure in joined} == {True, False}


@pytest.mark.parametrize(
    ("name", "labeller"),
    [
        ("labels.csv", "claude (language model)"),
        ("second_readings.csv", "claude (language model), second reading"),
    ],
)
def test_the_shipped_labels_are_in_the_codebook(name, labeller):
    rows = list(csv.DictReader((files("freedom_policy.data") / name).read_text(encoding="utf-8").splitlines()))
    assert len({row["measure"] for row in rows}) > 200
    assert {row["provision"] for row in rows} - {""} <= set(codebook.load().provisions)
    assert {goal for row in rows for goal in row["goals"].split()} <= set(codebook.GOALS)
    assert {row["labeller"] for row in rows} == {labeller}


def said(version: str, *goals: str, tracked: bool = True) -> Classification:
    tag = Provision(type="task_force", score=0.9, direction="strengthens", quote="x", start=0, end=1, field="title")
    return Classification(
        relevance="core" if tracked else "none", tracked=tracked, score=0.9 if tracked else 0.1, goals=goals,
        provisions=(tag,) if tracked else (), direction="strengthens" if tracked else "none", model=version,
    )  # fmt: skip


def test_drift_tells_what_changed():
    report = drift(
        [
            ("a", said("1", "system_reform"), said("2", "system_reform")),
            ("b", said("1", "system_reform"), said("2", "system_reform", "victim_protection")),
            ("c", said("1", tracked=False), said("2", "system_reform")),
        ]
    )
    assert (report.before, report.after, report.measures, report.changed) == ("1", "2", 3, 2)
    assert report.changes[0].measure == "c"
    assert "now tracked" in report.changes[0].what
    assert report.counts["+goal victim_protection"] == 1
    assert "1 -> 2: 2 of 3 measures changed." in report.to_text()
