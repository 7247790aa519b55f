"""What is done for many at once gives what is done for one: the screen of the cues, the rows of words."""

from __future__ import annotations

import numpy as np
import pytest

from freedom_policy.classifiers import cues, load_model, passage_rows
from freedom_policy.classifiers.cue_screen import Screen
from freedom_policy.classifiers.features import passage_counts, passage_runs, word_counts, word_runs
from freedom_policy.classifiers.linear import boosted
from freedom_policy.classifiers.reading import passages, read

_TEXT = """AN ACT relating to human trafficking; creating a task force; and making an appropriation.
Section 1. The department shall provide housing and services to victims of human trafficking, and may award grants.
Section 2. A person who patronizes a minor for prostitution is guilty of a felony. A victim may bring a civil action.
Section 3. A hotel shall train its employees to recognise victims, and shall post the national hotline in each room.
Section 4. A court may vacate the conviction of a victim for prostitution; records are sealed. Sex offender registration.
"""


def test_a_cue_found_without_the_screen_is_found_with_it_at_the_same_place() -> None:
    found = 0
    for passage in passages(read("Human trafficking of children; penalties", "Creates a task force.", _TEXT)):
        first = {}
        for cue in cues.load().cues:
            guard = cues.load().guards.get(cue.type)
            all_matches = cue.pattern.finditer(passage.words)
            match = next((m for m in all_matches if not (guard and cues._guarded(guard, m, passage.words))), None)
            if match and (cue.type not in first or first[cue.type][0].level < cue.level):
                first[cue.type] = (cue, match)
        screened = cues.matches(passage.words)
        assert {key: (cue, match.span()) for key, (cue, match) in screened.items()} == {
            key: (cue, match.span()) for key, (cue, match) in first.items()
        }
        found += len(first)
    assert found > 10


@pytest.mark.parametrize(
    ("pattern", "words", "starts"),
    [
        (r"\b(?:(?:victim|survivor)s?\W.{0,30}testimony)", "the victims gave retestimony", [4]),
        (r"\b(?:(?:the )?hotline)", "call the hotline", [5, 9]),
        (r"\b(?:\$ ?\d+)", "costs x$ 5", None),
        (r"\b(?:act\b)", "actor", [0]),
    ],
)
def test_a_pattern_is_tried_where_it_may_start(pattern: str, words: str, starts: list[int] | None) -> None:
    assert Screen([pattern])(words) == [(0, starts)]


@pytest.mark.parametrize(
    ("pattern", "words"),
    [(r"\b(?:victim\W.{0,30}testimony)", "the victim of a crime"), (r"\b(?:hotline)", "a photoline")],
)
def test_a_pattern_is_not_tried_where_a_word_is_missing(pattern: str, words: str) -> None:
    assert Screen([pattern])(words) == []


def test_rows_of_many_documents_are_the_rows_of_each() -> None:
    model = load_model()
    reading = read("Human trafficking of children; penalties", "Creates a task force. § 5 applies.", _TEXT)
    index, values = model.vocabulary.row(word_counts(reading))
    owner, places, many = model.vocabulary.rows([[], word_runs(reading)])
    assert set(owner) == {1}
    assert np.array_equal(places, index)
    assert many == pytest.approx(values, abs=1e-12)
    cut = passages(reading)
    owner, places, many = model.passage_vocabulary.rows([passage_runs(passage) for passage in cut])
    for number, passage in enumerate(cut):
        index, values = model.passage_vocabulary.row(passage_counts(passage))
        assert np.array_equal(places[owner == number], index)
        assert many[owner == number] == pytest.approx(values, abs=1e-12)


def test_documents_without_a_known_word_have_empty_rows() -> None:
    vocabulary = load_model().vocabulary
    assert [len(part) for part in vocabulary.rows([])] == [0, 0, 0]
    assert [len(part) for part in vocabulary.rows([[("", ["qqqq"]), ("x:", ["victim"])]])] == [0, 0, 0]


def test_all_questions_at_once_end_at_the_leaf_of_the_walk() -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(300, 6))
    trees = boosted(rows, rows[:, 0] * rows[:, 1] > 0, np.ones(300), trees=15, leaves=7)
    asked = rng.normal(size=(40, 6)).astype(np.float32)
    for row, probability in zip(asked, trees(asked), strict=True):
        total = trees.start
        for tree in range(len(trees.feature)):
            node = 0
            while trees.left[tree, node] != node:
                goes_left = row[trees.feature[tree, node]] <= trees.threshold[tree, node]
                node = (trees.left if goes_left else trees.right)[tree, node]
            total += trees.value[tree, node]
        assert probability == pytest.approx(1 / (1 + np.exp(-total)))


def test_what_is_kept_of_passages_changes_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    model = load_model()
    first = model.classify("Human trafficking", "", _TEXT)
    assert model.classify("Human trafficking", "", _TEXT) == first
    # Room for one passage only: all is forgotten before each measure.
    monkeypatch.setattr(passage_rows, "KEPT_PASSAGES", 1)
    model.classify("Forced labor", "", "Another text. " * 50)
    assert model.classify("Human trafficking", "", _TEXT) == first
    assert first.tracked
