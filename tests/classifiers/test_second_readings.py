"""Two readings of a measure: what they share is the label, the rest is disputed; a person's word outranks both."""

from __future__ import annotations

import json

import numpy as np
import pytest

from freedom_policy.classifiers import gold
from freedom_policy.classifiers.training import Labels
from freedom_policy.codebook import GOALS
from freedom_policy.errors import BadInput


def row(relevance="core", goals=("system_reform",), types=("task_force",), **more):
    return {
        "id": "us-tx/89/HB1",
        "title": "Creates a task force on human trafficking and trains police",
        "labels": {
            "relevance": relevance,
            "goals": list(goals),
            "areas": ["reforms"] if goals else [],
            "provisions": [{"type": name, "field": "title", "start": 0, "end": 20} for name in types],
            "form": "both",
            "direction": "strengthens",
        },
        **more,
    }


FIRST = row()
SECOND = row("partial", ("system_reform", "victim_protection"), ("task_force", "training_law_enforcement"))
PERSON = row("core", ("trafficker_deterrence",), ("enhanced_penalties",), decision="corrected")


@pytest.fixture
def load(tmp_path):
    def read(*rows):
        path = tmp_path / "gold.jsonl"
        path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
        return gold.load([path])

    return read


def test_what_two_readings_share_is_the_label_and_the_rest_is_disputed(load):
    (both,) = load(FIRST, SECOND)
    assert (both.relevance, both.tracked, both.twice) == (None, True, True)
    assert both.goals == {"system_reform"}
    assert both.types == {"task_force"}
    assert both.disputed == {
        "goals": {"victim_protection"},
        "provisions": {"training_law_enforcement"},
        "relevance": {"core", "partial"},
    }


def test_readings_that_agree_dispute_nothing(load):
    (both,) = load(FIRST, FIRST)
    assert (both.relevance, both.disputed, both.twice) == ("core", {}, True)


def test_readings_on_two_sides_of_the_line_leave_it_open(load):
    (both,) = load(FIRST, row("mention", (), ()))
    assert both.tracked is None
    labels = Labels.of([both])
    assert not labels.known_tracked[0]
    assert labels.wanted[0, 0] == 0.5, "neither yes nor no teaches the words"
    assert labels.wanted[0, 1 + GOALS.index("system_reform")] == 0.5
    assert np.isclose(labels.levels[0].sum(), 1)


@pytest.mark.parametrize("order", [(FIRST, SECOND, PERSON), (PERSON, FIRST, SECOND), (FIRST, PERSON, SECOND)])
def test_a_persons_word_outranks_other_readings(load, order):
    (decided,) = load(*order)
    assert decided.goals == {"trafficker_deterrence"}
    assert not decided.disputed


def test_one_id_for_two_measures_is_told(load):
    with pytest.raises(BadInput, match=r"us-tx/89/HB1.*task force.*Hotel"):
        load(FIRST, row(title="Hotel occupancy tax"))
