"""Training on a handful of made-up measures: the same data give the same bytes, and bad data say where."""

from __future__ import annotations

import json

import pytest

from freedom_policy.classifiers import Model, train
from freedom_policy.errors import BadInput

SUBJECTS = [
    ("Increases penalties for human trafficking of {}", ["enhanced_penalties"], ["trafficker_deterrence"], ["reforms"]),
    (
        "Requires training of police on human trafficking of {}",
        ["training_law_enforcement"],
        ["system_reform"],
        ["identification"],
    ),
    (
        "Vacates convictions of victims of human trafficking, {}",
        ["vacatur_expungement"],
        ["victim_protection"],
        ["restoration"],
    ),
    (
        "Raises penalties for buyers who solicit prostitution in {}",
        ["buyer_penalty"],
        ["buyer_deterrence"],
        ["reforms"],
    ),
    (
        "Prohibits goods made with forced labor in {} supply chains",
        ["supply_chain_transparency"],
        ["demand_reduction"],
        ["prevention"],
    ),
    ("Increases penalties for drug trafficking in {}", [], [], []),
    ("Hotel occupancy tax of {}", [], [], []),
]
PLACES = ["ports", "farms", "mines"]


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    path = tmp_path_factory.mktemp("gold") / "labels.jsonl"
    rows = []
    for number, (title, types, goals, areas) in enumerate(SUBJECTS):
        for place in PLACES:
            words = title.format(place)
            rows.append(
                {
                    "id": f"us-tx/1/HB{number}{place}",
                    "jurisdiction": "us-tx",
                    "title": words,
                    "text": f"An act. {words}. The department shall report on {place}.",
                    "labels": {
                        "relevance": "core" if types else "none",
                        "goals": goals,
                        "areas": areas,
                        "provisions": [
                            {"type": t, "direction": "strengthens", "field": "title", "start": 0, "end": len(words)}
                            for t in types
                        ],
                        "form": "both" if types else "none",
                        "direction": "strengthens" if types else "none",
                    },
                }
            )
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_training_is_deterministic_and_the_file_is_plain(gold, tmp_path):
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    train([gold], first, practice=False)
    train([gold], second, practice=False)
    assert first.read_bytes() == second.read_bytes()
    model = Model.load(first)
    about, other = (
        model.classify("Increases penalties for human trafficking of workers"),
        model.classify("Hotel tax of farms"),
    )
    assert about.score > other.score
    assert b"pickle" not in first.read_bytes()


def test_too_few_labels_are_told_before_any_work(gold, tmp_path):
    few = tmp_path / "few.jsonl"
    few.write_text("".join(gold.read_text(encoding="utf-8").splitlines(keepends=True)[:12]), encoding="utf-8")
    with pytest.raises(BadInput, match="Too few labels to learn from: 12 measures"):
        train([few])


def test_bad_labels_name_file_and_line(tmp_path):
    path = tmp_path / "labels.jsonl"
    path.write_text('{"id": "a", "title": "x", "labels": {}}\n{"id": "b"}\n', encoding="utf-8")
    with pytest.raises(BadInput, match=r"labels.jsonl, line 2"):
        train([path])
    with pytest.raises(BadInput, match="Cannot read"):
        train([tmp_path / "missing.jsonl"])


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.npz"
    with pytest.raises(BadInput, match="No model file"):
        Model.load(path)
    path.write_bytes(b"not a zip")
    with pytest.raises(BadInput, match="not a model file"):
        Model.load(path)
