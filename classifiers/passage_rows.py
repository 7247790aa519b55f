"""What the passage model sees besides words, and how its scores are gathered by place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np

from .cues import KEPT_PASSAGES
from .features import Vocabulary, passage_runs
from .reading import Passage
from .stack import PASSAGE_PLACES

_PLACE_SCALE, _ANCHOR_SCALE = 0.4, 0.5


def trained_on(passage: Passage) -> bool:
    """Passages that the passage model reads: titles, summaries, and text beside an anchor."""
    return passage.field != "text" or passage.role in ("digest", "front") or passage.anchored


def passage_place(passage: Passage) -> int:
    """0 title, 1 digest, 2 operative text, 3 findings."""
    if passage.field == "title":
        return 0
    if passage.field == "abstract" or passage.role in ("digest", "front"):
        return 1
    return 3 if passage.role in ("findings", "recital", "short_title") else 2


class PassageModel:
    """Scores of passages. What words score is kept for a while: versions of a bill share most of their passages."""

    def __init__(self, vocabulary: Vocabulary, words: np.ndarray, extra: np.ndarray, mean: np.ndarray) -> None:
        """Put it together.

        Args:
            vocabulary: Its terms.
            words: Its weights, terms x outputs.
            extra: Weights of the columns of :func:`passage_extra`.
            mean: What a passage scores that has no word we know.
        """
        self._vocabulary = vocabulary
        self._words = words
        self._extra = extra
        self._mean = mean
        self._kept: dict[str, np.ndarray] = {}

    def __call__(self, passages: Sequence[Passage]) -> np.ndarray:
        """Scores, passages x outputs."""
        scores = np.zeros((len(passages), len(self._mean)))
        if passages:
            if len(self._kept) >= KEPT_PASSAGES:
                self._kept.clear()
            self._score({passage.words: passage for passage in passages if passage.words not in self._kept})
            scores += [self._kept[passage.words] for passage in passages]
            scores += np.array([passage_extra(passage) for passage in passages]) @ self._extra
        return scores + self._mean

    def _score(self, fresh: Mapping[str, Passage]) -> None:
        owner, place, values = self._vocabulary.rows([passage_runs(passage) for passage in fresh.values()])
        edges = np.searchsorted(owner, np.arange(len(fresh) + 1)).tolist()
        weights = self._words.take(place, 0).astype(np.float64)
        for words, (start, end) in zip(fresh, pairwise(edges), strict=True):
            self._kept[words] = values[start:end] @ weights[start:end]


def passage_extra(passage: Passage) -> np.ndarray:
    """Columns of the passage model besides its words: where it stands, whether it is anchored."""
    columns = np.zeros(6)
    kind = 0 if passage.field == "title" else 1 if passage.field == "abstract" else passage_place(passage) + 1
    columns[kind] = _PLACE_SCALE
    columns[5] = _ANCHOR_SCALE * passage.anchored
    return columns


def best_passages(said: np.ndarray, owner: np.ndarray, place: np.ndarray, count: int) -> np.ndarray:
    """Best score by measure, type and place, n x (types + 1) x 3; what is not there scores a little below nothing."""
    best = np.full((count, said.shape[1], PASSAGE_PLACES), -0.05)
    for where in range(PASSAGE_PLACES):
        chosen = place == where
        np.maximum.at(best[:, :, where], owner[chosen], said[chosen])
    return best
