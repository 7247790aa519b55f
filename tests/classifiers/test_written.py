"""The measures that we wrote to learn from: sound, apart from real ones, and in no figure."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from freedom_policy import codebook
from freedom_policy.classifiers import evaluation, gold, training
from freedom_policy.errors import BadInput
from freedom_policy.records import TRACKED


@pytest.fixture(scope="module")
def measures() -> list[gold.Gold]:
    return gold.written()


def test_all_are_marked_as_written_and_their_labels_are_sound(measures):
    assert len(measures) > 1000
    assert all(measure.written and measure.id.startswith("written/") for measure in measures)
    assert [i for i, times in Counter(measure.id for measure in measures).items() if times > 1] == []
    for measure in measures:
        assert (measure.relevance in TRACKED) == bool(measure.types) or measure.relevance == "adjacent", measure.id
        if measure.relevance not in TRACKED:
            assert not measure.goals | measure.areas, measure.id
        for provision in measure.provisions:
            words = getattr(measure, provision.field)[provision.start : provision.end]
            assert len(words.split()) >= 2, (measure.id, words)


def test_every_kind_of_provision_has_examples(measures):
    shown = Counter(key for measure in measures for key in measure.types)
    assert [key for key in codebook.load().provisions if shown[key] < 9] == []


def test_none_is_measured_on_and_none_is_learnt_from_beside_its_own_title():
    families = np.array([0, 1, 2, 0, 3])
    part = np.array([0, 1, 1, 0, 0])
    written = np.array([False, False, False, True, True])
    test, seen = training.split(families, part, 0, written)
    assert test.tolist() == [0]
    assert seen.tolist() == [1, 2, 4], "the invented one of the tested title is left out, the other stays"


def test_they_are_learnt_from_and_counted_apart(tmp_path, monkeypatch):
    rows = [_row(number) for number in range(60)]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    made = [replace(measure, id=f"written/{measure.id}", written=True) for measure in gold.load([path])[:3]]
    monkeypatch.setattr(training, "written", lambda: made)
    model, without = training.train([path]), training.train([path], practice=False)
    assert (model.header["measures"], model.header["written"]) == (60, 3)
    assert (without.header["measures"], without.header["written"]) == (60, 0)
    assert evaluation.cross_validate(gold.load([path]), folds=2, practice=made, resamples=0).measures == 60


def test_invented_measures_alone_are_no_labels(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps({**_row(n), "source": "written"}) + "\n" for n in range(24)), encoding="utf-8")
    with pytest.raises(BadInput, match="Too few labels to learn from: 0 measures"):
        training.train([path])


def _row(number: int) -> dict[str, object]:
    about = number % 3 != 2
    place = f"{'abcdefgh'[number % 8]}{'ijklmnop'[number // 8]}town"
    title = f"To {'raise penalties for human trafficking' if about else 'name a bridge'} in {place}"
    tag = {"type": "enhanced_penalties", "direction": "strengthens", "field": "title", "start": 0, "end": len(title)}
    labels = {
        "relevance": "core" if about else "none",
        "goals": ["trafficker_deterrence"] if about else [],
        "areas": ["reforms"] if about else [],
        "provisions": [tag] if about else [],
    }
    return {"id": f"us/119/HR{number}", "jurisdiction": "us", "title": title, "labels": labels}
