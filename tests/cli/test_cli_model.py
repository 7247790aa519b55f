"""The model on the command line: trained, measured, explained, compared; wrong files are told by line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

KINDS = (
    ("buyer_penalty", "buyer_deterrence", "the fine for buying sex from a trafficking victim is raised"),
    ("vacatur_expungement", "victim_protection", "a survivor of human trafficking may have convictions vacated"),
    ("training_law_enforcement", "system_reform", "police officers must be trained on human trafficking"),
)


def gold_row(number: int) -> dict[str, object]:
    """Three bills about trafficking, then one that is not."""
    row = {"id": f"us/119/HR{number}", "jurisdiction": "us", "abstract": "", "text": "", "sure": 0.9}
    if number % 4 == 3:
        none = {"relevance": "none", "goals": [], "areas": [], "provisions": [], "form": "none", "direction": "none"}
        return {**row, "title": f"To name post office {'abcdefgh'[number % 8]}{number}", "labels": none}
    kind, goal, words = KINDS[number % 3]
    title = f"To provide that {words} in {['north', 'south', 'east', 'west'][number % 4]} {'abcdefghijkl'[number % 12]}"
    tag = {"type": kind, "direction": "strengthens", "quote": title, "field": "title", "start": 0, "end": len(title)}
    labels = {"relevance": "core", "goals": [goal], "areas": ["restoration"], "provisions": [tag], "form": "sex"}
    return {**row, "title": title, "labels": {**labels, "main_goal": goal, "direction": "strengthens"}}


@pytest.fixture
def gold(tmp_path: Path) -> Path:
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(gold_row(number)) + "\n" for number in range(24)))
    return path


def test_evaluated_as_text_and_json(run, gold, tmp_path):
    told = run("evaluate", "--gold", str(gold)).stdout
    for part in ("24 labelled measures", "buyer_deterrence", "level: federal", "flatter"):
        assert part in told
    target = tmp_path / "figures.json"
    run("evaluate", "--gold", str(gold), "--format", "json", "--output", str(target))
    figures = json.loads(target.read_text())
    assert figures["measures"] == 24
    assert figures["quotations_verbatim"] == 1.0


def test_what_people_decided_is_gold(run, tmp_path):
    run("review", "--as", "me", "us/119/HR2", "us/119/HR3", input="a\n\na\n\n")
    labels = tmp_path / "reviews.jsonl"
    run("review", "--export", str(labels))
    assert "2 labelled measures" in run("evaluate", "--gold", str(labels)).stdout


@pytest.mark.parametrize("command", [("evaluate",), ("train", "--output", "model.npz")])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{not json", "line 1"),
        (json.dumps({"id": "x"}), "line 1"),
        (json.dumps({**gold_row(0), "labels": {"provisions": ["buyer_penalti"]}}), "Did you mean buyer_penalty"),
    ],
)
def test_a_wrong_label_is_told_by_its_line(run, tmp_path, monkeypatch, command, text, said):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "gold.jsonl"
    path.write_text(text + "\n")
    result = run(*command, "--gold", str(path), code=2)
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "model.npz").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("evaluate",), "--gold"),
        (("evaluate", "--gold", "x", "--model", "y", "--folds", "3"), "Leave out --model"),
        (("evaluate", "--gold", "GOLD", "--model", "not-there.npz"), "not-there.npz"),
        (("evaluate", "--gold", "GOLD", "--model", "GOLD"), "gold.jsonl"),
        (("train", "--gold", "GOLD", "--output", "no/such/folder/model.npz"), "is not there"),
        (("classify", "--drift"), "one model only"),
    ],
)
def test_bad_input(run, gold, args, said):
    result = run(*(str(gold) if arg == "GOLD" else arg for arg in args), code=2)
    assert said in result.stderr
    assert not result.stdout


def test_the_config_file_names_another_model(run, config):
    config.write_text('model = "mine.npz"\n')
    assert "mine.npz" in run("classify", code=2).stderr


def test_a_new_model_leaves_the_old_tags_and_the_difference_is_told(run, store):
    run("classify")
    told = run("classify", "--drift").stdout
    assert told.startswith("test-1 -> ")
    assert "of 6 measures changed" in told
    assert "Tagged 0 measures" in run("classify").stdout


def test_explained_with_the_words_and_the_rule(run):
    told = run("classify", "--explain", "us/119/hr 2").stdout
    for part in ("To clear the records of trafficking survivors", "not reviewed", "Codebook:", "score"):
        assert part in told
