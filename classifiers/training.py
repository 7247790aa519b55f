"""Training: labels and texts in, a :class:`.model.Model` out. The same data give the same bytes.

Measures that were written to learn from (:func:`.gold.written`) teach words, cues and, at a fraction of a real one's weight,
goals and areas; which provisions are made, and whether a measure is tracked at all, is learnt from real measures alone, and
thresholds are chosen on real ones. A label on which two readings differ teaches nothing.

Three layers. (1) Ridge regressions on words, of whole measures and of passages; each knows what it would have said without a
measure's own family (measures with the same title), in closed form. (2) One logistic line over all (measure, provision type)
pairs: cues, trusted as far as labelled measures bear them out, beside the first layer's scores. (3) Relevance, goals and
areas from what lies below. Each layer learns only from what the layer below says of measures that it has not seen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREAS, GOALS
from freedom_policy.errors import BadInput

from . import cues, rollup, stack
from .features import FACTS, Vocabulary, facts, passage_counts, word_counts
from .gold import Gold, load, written
from .linear import Line, PairModel, Trees, boosted, kernel_ridge, logistic, ridge
from .passage_rows import best_passages, passage_extra, passage_place, trained_on
from .reading import Passage, read
from .signals import Signals, gather, usage_names, usage_row
from .stack import FORMS, LEVELS, OUTPUTS, TYPES, Evidence

if TYPE_CHECKING:
    from scipy import sparse

    from .model import Model

_FACT_SCALE = 0.3
_LEAST_TRACKED, _LEAST_OTHERS = 12, 6
_WORD_PENALTY, _PASSAGE_PENALTY = 0.15, 1.0
_TOPICS = 350
_TWICE = 2.0
"""Weight of a measure that two labellers read: the held-out set is drawn like these."""
_WRITTEN = 0.25
"""Weight of a measure that was invented, against a real one, where words of whole measures are learnt."""
_WRITTEN_ROLL = 0.15
"""The same where goals and areas are learnt from what was found."""
_STRENGTHS = {"pairs": 0.1, "relevance": 0.03, "pooled": 0.3, "single": 0.03}


def train(gold_paths: Iterable[str | Path], out: str | Path | None = None, *, practice: bool = True) -> Model:
    """Train on labelled measures (JSON Lines) and write the model file to ``out``, if given.

    Args:
        practice: learn also from the measures that we wrote for it, which come with the package.

    Raises:
        BadInput: a file cannot be read, or a line is no labelled measure.
    """
    measures = load(gold_paths)
    require_enough(measures)
    model = fit([*measures, *written()] if practice else measures)
    if out is not None:
        model.save(out)
    return model


def require_enough(measures: Sequence[Gold]) -> None:
    """Raise BadInput where there is too little to learn from and to test on; invented measures do not count."""
    measures = [measure for measure in measures if not measure.written]
    tracked = sum(bool(measure.tracked) for measure in measures)
    others = len(measures) - tracked
    families = len({measure.family for measure in measures})
    least = _LEAST_TRACKED + _LEAST_OTHERS
    if tracked < _LEAST_TRACKED or others < _LEAST_OTHERS or families < least:
        raise BadInput(
            f"Too few labels to learn from: {len(measures)} measures under {families} titles, {tracked} of them about "
            f"trafficking. Give at least {_LEAST_TRACKED} that are and {_LEAST_OTHERS} that are not, under {least} titles."
        )


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels as arrays; each ``known_*`` is False where two labellers disagree."""

    tracked: np.ndarray
    known_tracked: np.ndarray
    goals: np.ndarray
    known_goals: np.ndarray
    areas: np.ndarray
    known_areas: np.ndarray
    types: np.ndarray
    known_types: np.ndarray
    levels: np.ndarray
    forms: np.ndarray
    weights: np.ndarray
    families: np.ndarray

    @classmethod
    def of(cls, measures: Sequence[Gold]) -> Labels:
        def table(group: str, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
            has = [
                [name in (g.types if group == "provisions" else getattr(g, group)) for name in names] for g in measures
            ]
            known = [[name not in g.disputed.get(group, ()) for name in names] for g in measures]
            return np.array(has), np.array(known)

        keys = sorted({g.family for g in measures})
        return cls(
            np.array([bool(g.tracked) for g in measures]),
            np.array([g.tracked is not None for g in measures]),
            *table("goals", GOALS),
            *table("areas", AREAS),
            *table("provisions", TYPES),
            np.array([_levels(g) for g in measures]),
            np.array([[g.form == form for form in FORMS] for g in measures]),
            np.array([_TWICE if g.twice else 1.0 for g in measures]),
            np.array([keys.index(g.family) for g in measures]),
        )

    @classmethod
    def joined(cls, *parts: Labels) -> Labels:
        """One after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))

    def take(self, rows: np.ndarray) -> Labels:
        return Labels(*(getattr(self, name)[rows] for name in self.__slots__))

    @property
    def wanted(self) -> np.ndarray:
        """Targets of the word model, in the order of :data:`.stack.OUTPUTS`; a half where two readings differ."""
        return np.hstack(
            [
                np.where(self.known_tracked, self.tracked, 0.5)[:, None],
                np.where(self.known_goals, self.goals, 0.5),
                np.where(self.known_areas, self.areas, 0.5),
                np.where(self.known_types, self.types, 0.5),
                self.levels,
                self.forms & self.tracked[:, None],
            ]
        )


def _levels(measure: Gold) -> list[float]:
    """Share of the readings that give each of :data:`.stack.LEVELS`."""
    given = [measure.relevance] if measure.relevance else sorted(measure.disputed.get("relevance", ()))
    return [given.count(level) / max(len(given), 1) for level in LEVELS]


class Corpus:
    """Labelled measures, read and cut, with everything that does not depend on the split into training and test."""

    def __init__(self, measures: Sequence[Gold]) -> None:
        from scipy import sparse
        from sklearn.utils.extmath import randomized_svd

        self.measures = list(measures)
        self.labels = Labels.of(measures)
        self.written = np.array([g.written for g in measures])
        self.signals = [gather(read(g.title, g.abstract, g.text, g.jurisdiction, g.kind)) for g in measures]
        self.states = np.stack([s.states for s in self.signals])
        self.counts = np.stack([s.counts for s in self.signals])
        self.usage = np.stack([usage_row(s) for s in self.signals])
        self.facts = np.stack([facts(s.reading) for s in self.signals])
        self.near = np.array([s.reading.near for s in self.signals])
        self.prison_labor = np.array([rollup.prison_labor(s.reading) for s in self.signals])
        counts = [word_counts(s.reading) for s in self.signals]
        self.vocabulary = Vocabulary.build(counts)
        self.words = _matrix(self.vocabulary, counts)
        scaled = _FACT_SCALE * self.facts
        self.kernel = (self.words @ self.words.T).toarray() + scaled @ scaled.T

        kept = [(number, p) for number, s in enumerate(self.signals) for p in s.passages if trained_on(p)]
        self.owner = np.array([number for number, _ in kept])
        self.place = np.array([passage_place(p) for _, p in kept])
        passages = [p for _, p in kept]
        counts = [passage_counts(p) for p in passages]
        self.passage_vocabulary = Vocabulary.build(counts)
        rows = _matrix(self.passage_vocabulary, counts)
        self.topics = randomized_svd(rows, _TOPICS, n_iter=3, random_state=0)[2].T
        self.passage_extra = np.stack([passage_extra(p) for p in passages])
        self.passage_rows = np.hstack([rows @ self.topics, self.passage_extra])
        self.passage_wanted, self.passage_used = _passage_targets(self.measures, self.signals, kept)
        self._sparse = sparse

    def __len__(self) -> int:
        return len(self.measures)


@dataclass(frozen=True, slots=True)
class Fitted:
    """All that was learnt from some rows of a corpus."""

    dual: np.ndarray
    mean: np.ndarray
    rows: np.ndarray
    passage_weights: np.ndarray
    passage_mean: np.ndarray
    trust: np.ndarray
    prior: np.ndarray
    pairs: PairModel
    relevance: Line
    relevance_trees: Trees
    soft_goals: np.ndarray
    soft_areas: np.ndarray
    goals_pooled: Line
    areas_pooled: Line
    goals_single: tuple[Line, ...]
    areas_single: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Probabilities for n measures; provisions, goals and areas given that the measure is tracked."""

    tracked: np.ndarray
    types: np.ndarray
    goals: np.ndarray
    areas: np.ndarray
    levels: np.ndarray
    forms: np.ndarray

    def take(self, rows: np.ndarray) -> Scores:
        return Scores(*(getattr(self, name)[rows] for name in self.__slots__))

    @classmethod
    def joined(cls, *parts: Scores) -> Scores:
        """One after the other."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


def learn(corpus: Corpus, rows: np.ndarray) -> tuple[Fitted, Evidence]:
    """Learn from some measures of a corpus.

    Returns:
        What was learnt, and the evidence for every measure of the corpus: for the measures learnt from, as it would be
        without their own family.
    """
    labels = corpus.labels.take(rows)
    weights = np.where(corpus.written[rows], _WRITTEN, 1.0)
    dual, mean, without = kernel_ridge(
        corpus.kernel[np.ix_(rows, rows)], labels.wanted, _WORD_PENALTY, labels.families, weights
    )
    scores = corpus.kernel[:, rows] @ dual + mean
    scores[rows] = without

    usable = np.flatnonzero(np.isin(corpus.owner, rows) & corpus.passage_used)
    families = corpus.labels.families[corpus.owner[usable]]
    weights, passage_mean, without = ridge(
        corpus.passage_rows[usable], corpus.passage_wanted[usable], _PASSAGE_PENALTY, families
    )
    said = corpus.passage_rows @ weights + passage_mean
    said[usable] = without

    trust, own = stack.cue_table(
        corpus.states[rows][labels.tracked], labels.types[labels.tracked], labels.families[labels.tracked]
    )
    looked_up = stack.look_up(trust, corpus.states)
    looked_up[rows[labels.tracked]] = own
    evidence = Evidence(
        corpus.states,
        corpus.counts,
        scores,
        best_passages(said, corpus.owner, corpus.place, len(corpus)),
        corpus.usage,
        corpus.facts,
        corpus.near,
    )
    prior = np.log((labels.types.sum(0) + 0.5) / len(rows))
    pairs = stack.pair_features(evidence, looked_up, prior)
    tracked = rows[labels.tracked]
    soft_goals = stack.soft_map(corpus.labels.types[tracked], corpus.labels.goals[tracked], stack.GOAL_PRIOR)
    soft_areas = stack.soft_map(corpus.labels.types[tracked], corpus.labels.areas[tracked], stack.AREA_PRIOR)

    likely = stack.likely_pairs(evidence)

    def fit_pairs(chosen: np.ndarray) -> PairModel:
        chosen = chosen[corpus.labels.tracked[chosen]]
        known = corpus.labels.known_types[chosen]
        weight = np.repeat(corpus.labels.weights[chosen][:, None], len(TYPES), 1)
        truth = corpus.labels.types[chosen]
        line = logistic(pairs[chosen][known], truth[known], weight[known], _STRENGTHS["pairs"])
        asked = known & likely[chosen]
        trees = boosted(pairs[chosen][asked], truth[asked], weight[asked], trees=150, leaves=12, share=0.2)
        return PairModel(line, trees)

    # Real measures alone say how far words and cues are to be trusted.
    real = rows[~corpus.written[rows]]
    labels = corpus.labels.take(real)
    line = fit_pairs(real)
    # The layers above must learn from what the pair line says of measures that it has not seen.
    found = np.zeros((len(corpus), len(TYPES)))
    part = fold_of(corpus.measures, 3, "inner")[real]
    for number in range(3):
        unseen = real[part == number]
        found[unseen] = fit_pairs(real[part != number])(pairs[unseen], likely[unseen])
    found *= corpus.near[:, None]

    known = real[labels.known_tracked]
    columns = stack.relevance_features(evidence.take(known), found[known])
    truth, weight = corpus.labels.tracked[known], corpus.labels.weights[known]
    relevance = logistic(columns, truth, weight, _STRENGTHS["relevance"])
    trees = boosted(columns, truth, weight)

    invented = rows[corpus.written[rows]]
    found[invented] = line(pairs[invented], likely[invented]) * corpus.near[invented][:, None]
    rolled = np.concatenate([real, invented])
    rolled = rolled[corpus.labels.tracked[rolled]]
    goals_pooled, goals_single = _fit_roll(corpus, evidence, found, rolled, soft_goals, "goal")
    areas_pooled, areas_single = _fit_roll(corpus, evidence, found, rolled, soft_areas, "area")
    fitted = Fitted(
        dual,
        mean,
        rows,
        weights,
        passage_mean,
        trust,
        prior,
        line,
        relevance,
        trees,
        soft_goals,
        soft_areas,
        goals_pooled,
        areas_pooled,
        goals_single,
        areas_single,
    )
    return fitted, evidence


def score(fitted: Fitted, evidence: Evidence) -> Scores:
    """What a fitted model says of measures."""
    trust = stack.look_up(fitted.trust, evidence.states)
    near = evidence.near.astype(float)
    found = (
        fitted.pairs(stack.pair_features(evidence, trust, fitted.prior), stack.likely_pairs(evidence)) * near[:, None]
    )
    columns = stack.relevance_features(evidence, found)
    tracked = (fitted.relevance(columns) + fitted.relevance_trees(columns)) / 2 * near

    def roll(soft: np.ndarray, kind: str, pooled: Line, single: tuple[Line, ...]) -> np.ndarray:
        rows = stack.roll_features(evidence, found, soft, kind)
        alone = np.stack([line(rows[:, number]) for number, line in enumerate(single)], 1)
        return (pooled(stack.with_label(rows)) + alone) / 2

    return Scores(
        tracked,
        found,
        roll(fitted.soft_goals, "goal", fitted.goals_pooled, fitted.goals_single),
        roll(fitted.soft_areas, "area", fitted.areas_pooled, fitted.areas_single),
        evidence.levels,
        evidence.forms,
    )


def cross_validate(corpus: Corpus, folds: int = 5, seed: str = "outer") -> Scores:
    """Scores for every measure from a model that has seen neither it nor its family; for invented measures zeros."""
    part = fold_of(corpus.measures, folds, seed)
    shape = {"tracked": (), "types": (len(TYPES),), "goals": (5,), "areas": (5,), "levels": (5,), "forms": (4,)}
    result = {name: np.zeros((len(corpus), *size)) for name, size in shape.items()}
    for number in range(folds):
        test, seen = split(corpus.labels.families, part, number, corpus.written)
        fitted, evidence = learn(corpus, seen)
        said = score(fitted, evidence.take(test))
        for name in result:
            result[name][test] = getattr(said, name)
    # Hard rules come last, as they do in use.
    result["tracked"] = np.array(
        [rollup.ruled_score(s, value) for s, value in zip(corpus.signals, result["tracked"], strict=True)]
    )
    for name in ("types", "goals", "areas"):
        result[name][corpus.prison_labor] = 0
    return Scores(**result)


def fold_of(measures: Sequence[Gold], folds: int, seed: str) -> np.ndarray:
    """The fold of each measure: by a hash of its family, so that it depends on nothing else."""
    digests = (hashlib.sha256(f"{seed} {g.family}".encode()).digest() for g in measures)
    return np.array([int.from_bytes(digest[:6], "big") % folds for digest in digests])


def split(families: np.ndarray, part: np.ndarray, number: int, written: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows to test on and rows to learn from: invented measures are learnt from in every fold but beside their own title."""
    test = np.flatnonzero((part == number) & ~written)
    return test, np.flatnonzero((written | (part != number)) & ~np.isin(families, families[test]))


def choose_thresholds(labels: Labels, scores: Scores) -> dict[str, Any]:
    """Thresholds that give the best F1 in cross-validation, smoothed by averaging over the near-best ones."""
    grid = np.arange(0.2, 0.71, 0.025)

    def best(curves: Sequence[float]) -> float:
        values = np.asarray(curves)
        return round(float(grid[values >= values.max() - 0.004].mean()), 3)

    def f1(truth: np.ndarray, said: np.ndarray, weight: np.ndarray) -> float:
        hit = (weight * (truth & said)).sum()
        return float(2 * hit / max((weight * truth).sum() + (weight * said).sum(), 1e-9))

    known = labels.known_tracked
    tracked = best([f1(labels.tracked[known], scores.tracked[known] >= t, labels.weights[known]) for t in grid])
    open_ = (scores.tracked >= tracked)[:, None]

    def table(truth: np.ndarray, known: np.ndarray, said: np.ndarray) -> float:
        weight = np.repeat(labels.weights[:, None], truth.shape[1], 1)
        return best([f1(truth[known], ((said >= t) & open_)[known], weight[known]) for t in grid])

    def each(truth: np.ndarray, known: np.ndarray, said: np.ndarray) -> list[float]:
        return [
            best([f1(truth[k, j], ((said >= t) & open_)[k, j], labels.weights[k]) for t in grid])
            for j, k in enumerate(known.T)
        ]

    return {
        "tracked": tracked,
        "provision": table(labels.types, labels.known_types, scores.types),
        "goal": each(labels.goals, labels.known_goals, scores.goals),
        "area": each(labels.areas, labels.known_areas, scores.areas),
    }


def fit(measures: Sequence[Gold]) -> Model:
    """A model from labelled measures, with thresholds from cross-validation by family.

    Raises:
        BadInput: too few labels to learn from.
    """
    from .model import FORMAT, Model

    require_enough(measures)
    corpus = Corpus(measures)
    fitted, _ = learn(corpus, np.arange(len(corpus)))
    # Two splits, since one split's thresholds depend on its luck.
    splits = [cross_validate(corpus, seed=seed) for seed in ("outer", "second")]
    real = np.flatnonzero(~np.tile(corpus.written, len(splits)))
    labels = Labels.joined(*[corpus.labels] * len(splits)).take(real)
    thresholds = choose_thresholds(labels, Scores.joined(*splits).take(real))
    half = np.float16
    # Back from measures and topics to words: what is kept is one weight a word and output.
    arrays = {
        "idf": corpus.vocabulary.idf.astype(np.float32),
        "words": (corpus.words.T @ fitted.dual).astype(half),
        "facts": (_FACT_SCALE**2 * corpus.facts.T @ fitted.dual).astype(np.float32),
        "mean": fitted.mean.astype(np.float32),
        "passage_idf": corpus.passage_vocabulary.idf.astype(np.float32),
        "passage_words": (corpus.topics @ fitted.passage_weights[: corpus.topics.shape[1]]).astype(half),
        "passage_extra": fitted.passage_weights[corpus.topics.shape[1] :].astype(np.float32),
        "passage_mean": fitted.passage_mean.astype(np.float32),
        "trust": fitted.trust.astype(np.float32),
        "prior": fitted.prior.astype(np.float32),
        "soft_goals": fitted.soft_goals.astype(np.float32),
        "soft_areas": fitted.soft_areas.astype(np.float32),
        "pairs": fitted.pairs.line.arrays(),
        "relevance": fitted.relevance.arrays(),
        "goals_pooled": fitted.goals_pooled.arrays(),
        "areas_pooled": fitted.areas_pooled.arrays(),
        "goals_single": np.stack([line.arrays() for line in fitted.goals_single]),
        "areas_single": np.stack([line.arrays() for line in fitted.areas_single]),
        **fitted.relevance_trees.arrays("relevance"),
        **fitted.pairs.trees.arrays("pairs"),
    }
    header = {
        "format": FORMAT,
        "codebook": codebook.load().version,
        "cues": cues.digest(),
        "measures": int((~corpus.written).sum()),
        "written": int(corpus.written.sum()),
        "outputs": list(OUTPUTS),
        "vocabulary": corpus.vocabulary.terms,
        "passage_vocabulary": corpus.passage_vocabulary.terms,
        "facts": list(FACTS),
        "usage": list(usage_names()),
        "trees": {
            name: {"start": trees.start, "depth": trees.depth}
            for name, trees in (("relevance", fitted.relevance_trees), ("pairs", fitted.pairs.trees))
        },
        "thresholds": thresholds,
    }
    content = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(arrays):
        content.update(np.ascontiguousarray(arrays[name]).tobytes())
    return Model({**header, "version": f"{codebook.load().version}-{content.hexdigest()[:8]}"}, arrays)


def _fit_roll(
    corpus: Corpus, evidence: Evidence, found: np.ndarray, tracked: np.ndarray, soft: np.ndarray, kind: str
) -> tuple[Line, tuple[Line, ...]]:
    labels = corpus.labels
    truth, known = (labels.goals, labels.known_goals) if kind == "goal" else (labels.areas, labels.known_areas)
    rows = stack.roll_features(evidence.take(tracked), found[tracked], soft, kind)
    weight = np.where(corpus.written, _WRITTEN_ROLL, labels.weights)[tracked]
    truth, known = truth[tracked], known[tracked]
    weights = np.repeat(weight[:, None], truth.shape[1], 1)
    pooled = logistic(stack.with_label(rows)[known], truth[known], weights[known], _STRENGTHS["pooled"])
    single = tuple(
        logistic(rows[use, number], truth[use, number], weight[use], _STRENGTHS["single"])
        for number, use in enumerate(known.T)
    )
    return pooled, single


def _matrix(vocabulary: Vocabulary, counts: Sequence[Any]) -> sparse.csr_matrix:
    from scipy import sparse

    rows, columns, values = [], [], []
    for number, count in enumerate(counts):
        index, value = vocabulary.row(count)
        rows.append(np.full(len(index), number))
        columns.append(index)
        values.append(value)
    shape = (len(counts), len(vocabulary.terms))
    return sparse.csr_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def _passage_targets(
    measures: Sequence[Gold], signals: Sequence[Signals], kept: Sequence[tuple[int, Passage]]
) -> tuple[np.ndarray, np.ndarray]:
    """What each passage shows, by type (last column: anything at all), and whether to learn from it.

    A quoted passage shows its type. The other passages of a tracked measure are uncertain: a cue makes them likelier.
    """
    wanted = np.zeros((len(kept), len(TYPES) + 1))
    used = np.ones(len(kept), dtype=bool)
    column = {key: number for number, key in enumerate(TYPES)}
    hits = {(number, id(p)): hit for number, s in enumerate(signals) for p, hit in zip(s.passages, s.hits, strict=True)}
    skipped = 0
    for row, (number, passage) in enumerate(kept):
        measure = measures[number]
        if not measure.tracked:
            used[row] = measure.tracked is not None
            continue
        hit = hits[number, id(passage)]
        shown = _shown(measure, passage, hit)
        digest = passage.field != "text" or passage.role in ("digest", "front")
        if shown:
            wanted[row, -1] = 1
            for key in measure.types:
                if key in shown:
                    wanted[row, column[key]] = 1
                elif hit.get(key) == 2:
                    wanted[row, column[key]] = 0.5
            continue
        wanted[row, -1] = 0.3
        for key in measure.types:
            wanted[row, column[key]] = (0.6 if digest else 0.3) if hit.get(key) == 2 else 0.1
        if not measure.types:
            used[row] = False
        elif not digest and not any(hit.get(key) == 2 for key in measure.types):
            # Many such passages say nothing new; one in five is enough.
            skipped += 1
            used[row] = skipped % 5 == 0
    return wanted, used


def _shown(measure: Gold, passage: Passage, hit: dict[str, Any]) -> set[str]:
    """Types that a labeller's quotation shows in this passage."""
    shown = set()
    for provision in measure.provisions:
        if provision.field != passage.field or provision.start is None or provision.end is None:
            continue
        overlap = min(passage.end, provision.end) - max(passage.start, provision.start)
        if overlap >= min(30, (provision.end - provision.start) / 2):
            shown.add(provision.type)
    for start, end, field in measure.evidence:
        if field == passage.field and min(passage.end, end) - max(passage.start, start) >= min(30, (end - start) / 2):
            shown |= measure.types if len(measure.types) == 1 else {key for key in measure.types if hit.get(key) == 2}
    return shown
