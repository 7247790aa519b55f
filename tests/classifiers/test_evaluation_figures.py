"""Figures that can be trusted: counted by hand, disputed labels aside, one family one case."""

from __future__ import annotations

import json
from typing import Any

import pytest

from freedom_policy.classifiers import gold as gold_room
from freedom_policy.classifiers.evaluation import evaluate
from freedom_policy.errors import BadInput
from freedom_policy.records import Classification, Provision


def labelled(number: int, title: str, **labels: Any) -> dict[str, Any]:
    disputed = labels.pop("disputed", {})
    return {
        "id": f"us/119/HR{number}",
        "jurisdiction": labels.pop("place", "us"),
        "title": title,
        "text": labels.pop("text", ""),
        "labels": {"goals": [], "areas": [], "provisions": [], "form": "none", "direction": "none", **labels},
        "disputed": disputed,
    }


ABOUT = {"relevance": "core", "goals": ["buyer_deterrence"], "provisions": ["buyer_penalty"], "areas": ["prevention"]}
ROWS = [
    labelled(1, "Buyers pay", **ABOUT, form="sex", main_goal="buyer_deterrence", direction="strengthens"),
    labelled(2, "Buyers pay more", **ABOUT, form="labor", place="us-tx"),
    labelled(3, "Post office", relevance="none"),
    labelled(4, "Highway", relevance="none", place="us-ny-nyc"),
    labelled(5, "Nobody agrees", relevance=None, disputed={"relevance": ["core", "none"], "goals": ["system_reform"]}),
]


class Oracle:
    """Says what it is told to say by title."""

    version = "oracle"

    def __init__(self, **said: Classification) -> None:
        self.said = said

    def classify(self, title: str, *_: Any) -> Classification:
        return self.said.get(title.replace(" ", "_")) or Classification(
            relevance="none", tracked=False, score=0.1, model="oracle"
        )


def about(title: str, kind: str = "buyer_penalty", goal: str = "buyer_deterrence") -> Classification:
    tag = Provision(type=kind, score=0.9, direction="strengthens", quote=title, start=0, end=len(title), field="title")
    return Classification(
        relevance="core", tracked=True, score=0.9, goals=(goal,), areas=("prevention",), provisions=(tag,), form="sex",
        direction="strengthens", model="oracle",
    )  # fmt: skip


@pytest.fixture
def found():
    model = Oracle(
        Buyers_pay=about("Buyers pay"),
        Post_office=about("Post office"),
        Nobody_agrees=about("Nobody agrees", goal="system_reform"),
    )
    return evaluate(model, [gold_room.parse(row) for row in ROWS], resamples=200)  # type: ignore[arg-type]


def test_counted_by_hand(found):
    row = found.row("tracked", "tracked")
    assert (row.gold, row.found, row.precision, row.recall, row.f1) == (2, 2, 0.5, 0.5, 0.5)
    assert row.low <= row.f1 <= row.high
    assert found.row("provision", "buyer_penalty").f1 == 0.4  # also given to the disputed one, which has no such label
    assert found.row("goal", "macro").f1 == found.row("goal", "buyer_deterrence").f1
    assert found.confusion["none"]["core"] == 1
    assert found.quotations_verbatim == 1.0
    assert found.direction_agrees == 1.0


def test_what_two_readers_dispute_counts_neither_way(found):
    assert not [row for row in found.rows if row.name == "system_reform"]


def test_small_parts_do_not_vanish(found):
    parts = {(part.by, part.value): part for part in found.slices}
    assert parts["form", "labor"].tracked_f1 == 0.0
    assert parts["level", "federal"].measures == 3
    assert parts["level", "local"].measures == 1
    assert parts["words", "title only"].measures == 5


def test_a_measure_without_a_place_is_of_no_level():
    row = labelled(1, "Chapter 12, massage", relevance="none", place=None)
    (part,) = (p for p in evaluate(Oracle(), [gold_room.parse(row)], resamples=2).slices if p.by == "level")  # type: ignore[arg-type]
    assert part.value == "unknown"


def test_the_worst_errors_come_with_their_words(found):
    assert {miss.id for miss in found.worst[:2]} == {"us/119/HR2", "us/119/HR3"}
    text = found.to_text()
    for part in ("Buyers pay more", "missed", "flatter", "Calibration", "form: labor"):
        assert part in text
    assert json.loads(found.to_json())["measures"] == 5


def test_one_family_is_one_case():
    rows = [labelled(number, f"Buyers Pay Act of {2000 + number}", **ABOUT) for number in range(30)]
    found = evaluate(Oracle(), [gold_room.parse(row) for row in rows], resamples=50)  # type: ignore[arg-type]
    assert (found.measures, found.families) == (30, 1)


def test_no_labels_or_unknown_ones_are_told(tmp_path):
    with pytest.raises(BadInput, match="no labelled measure"):
        evaluate(Oracle(), [])  # type: ignore[arg-type]
    path = tmp_path / "gold.jsonl"
    path.write_text(
        json.dumps(ROWS[0]) + "\n" + json.dumps(labelled(9, "x", relevance="core", provisions=["buyer_penalti"]))
    )
    with pytest.raises(BadInput, match=r"gold\.jsonl, line 2: .*Did you mean buyer_penalty"):
        gold_room.load([path])
