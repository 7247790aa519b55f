"""Training: labels and texts in, a :class:`Model` out. The same data give the same bytes."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREAS, GOALS

from .features import facts, word_counts
from .gold import Gold, load
from .model import FORMAT, FORMS, LEVELS, Model
from .reading import read

_MIN_DOCUMENTS = 3


def train(gold_paths: Iterable[str | Path], out: str | Path | None = None) -> Model:
    """Train on labelled measures (JSON Lines) and write the model file to ``out``, if given.

    Raises:
        BadInput: a file cannot be read, or a line is no labelled measure.
    """
    model = fit(load(gold_paths))
    if out is not None:
        model.save(out)
    return model


def fit(measures: Sequence[Gold]) -> Model:
    """A model from labelled measures."""
    from scipy import sparse
    from sklearn.linear_model import LogisticRegression

    readings = [read(g.title, g.abstract, g.text, g.jurisdiction, g.kind) for g in measures]
    counts = [word_counts(reading) for reading in readings]
    frequency: Counter[str] = Counter()
    for count in counts:
        frequency.update(count.keys())
    vocabulary = sorted(word for word, number in frequency.items() if number >= _MIN_DOCUMENTS)
    place = {word: number for number, word in enumerate(vocabulary)}
    idf = np.array([np.log((1 + len(measures)) / (1 + frequency[word])) + 1 for word in vocabulary])
    matrix = sparse.lil_matrix((len(measures), len(vocabulary)))
    for row, count in enumerate(counts):
        index = sorted(place[word] for word in count if word in place)
        if index:
            values = np.array([1 + np.log(count[vocabulary[i]]) for i in index]) * idf[index]
            matrix[row, index] = values / np.linalg.norm(values)
    names = sorted(facts(readings[0]))
    said = np.array([[facts(reading)[name] for name in names] for reading in readings])
    features = sparse.hstack([matrix.tocsr(), sparse.csr_matrix(0.5 * said)]).tocsr()

    targets: dict[str, list[bool | None]] = {"tracked": [g.tracked for g in measures]}
    for level in LEVELS:
        targets[f"relevance {level}"] = [None if g.relevance is None else g.relevance == level for g in measures]
    for form in FORMS:
        targets[f"form {form}"] = [g.form == form if g.tracked and g.form else None for g in measures]
    for goal in GOALS:
        targets[f"goal {goal}"] = [None if goal in g.disputed.get("goals", ()) else goal in g.goals for g in measures]
    for area in AREAS:
        targets[f"area {area}"] = [None if area in g.disputed.get("areas", ()) else area in g.areas for g in measures]
    for key in codebook.load().provisions:
        targets[f"provision {key}"] = [
            None if key in g.disputed.get("provisions", ()) else key in g.types for g in measures
        ]

    outputs, coef, intercept = [], [], []
    for name, wanted in targets.items():
        rows = [i for i, value in enumerate(wanted) if value is not None]
        y = np.array([bool(wanted[i]) for i in rows])
        outputs.append(name)
        if y.sum() < 2 or y.all():
            coef.append(np.zeros(features.shape[1]))
            intercept.append(-5.0)
            continue
        line = LogisticRegression(C=10, class_weight="balanced", max_iter=1000, random_state=0).fit(features[rows], y)
        coef.append(line.coef_[0])
        intercept.append(float(line.intercept_[0]))
    digest = hashlib.sha256("\n".join(f"{g.id} {g.relevance} {sorted(g.types)}" for g in measures).encode()).hexdigest()
    header = {
        "format": FORMAT,
        "version": f"{codebook.load().version}-{digest[:8]}",
        "measures": len(measures),
        "outputs": outputs,
        "vocabulary": vocabulary,
        "facts": names,
        "thresholds": {"tracked": 0.4, "goal": 0.45, "area": 0.45, "provision": 0.35},
    }
    weights = {
        "idf": idf.astype(np.float32),
        "coef": np.round(np.array(coef).T, 3).astype(np.float16),
        "intercept": np.array(intercept, dtype=np.float32),
    }
    return Model(header, weights)
