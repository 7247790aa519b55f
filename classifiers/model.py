"""The model: plain arrays in, a :class:`Classification` out. No scikit-learn is imported to use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREAS, GOALS
from freedom_policy.errors import BadInput
from freedom_policy.records import Classification, Relevance

from . import arrays, cues, rollup, stack
from .features import Vocabulary, facts, word_runs
from .linear import Line, PairModel, Trees
from .passage_rows import PassageModel, best_passages, passage_place, trained_on
from .quotes import provisions
from .reading import Reading, read
from .signals import Signals, gather, usage_names, usage_row
from .stack import FORMS, LEVELS, OUTPUTS, TYPES, Evidence

FORMAT = 3
_UNTOUCHED = 0.002
"""Score of a measure that touches neither the subject nor a near one; see the model card for how often that is wrong."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Scores of one measure with what they rest on: for explaining."""

    signals: Signals
    evidence: Evidence
    passage_scores: np.ndarray
    """Passages x (types + 1)."""
    tracked: float
    found: np.ndarray
    """Probabilities of provisions if it is tracked, 1 x types."""

    @property
    def types(self) -> np.ndarray:
        return self.found[0]


class Model:
    """A trained classifier. Make one with :func:`load_model` or :func:`freedom_policy.classifiers.train`."""

    def __init__(self, header: dict[str, Any], weights: dict[str, np.ndarray]) -> None:
        if header.get("format") != FORMAT:
            raise BadInput(
                f"This model file has format {header.get('format')!r}, we read {FORMAT}. Train again with `freedom-policy train`."
            )
        if (
            header["outputs"] != list(OUTPUTS)
            or header["usage"] != list(usage_names())
            or header["cues"] != cues.digest()
        ):
            raise BadInput(
                "This model file belongs to another codebook or version of the program. Train again with `freedom-policy train`."
            )
        self.header = header
        self.version: str = header["version"]
        self.thresholds: dict[str, Any] = header["thresholds"]
        self._arrays = weights
        # Words' weights are many and looked up a few rows at a time, so they stay half as wide.
        self.words = weights["words"].astype(np.float32)
        self.passage_words = weights["passage_words"].astype(np.float32)
        narrow = ("words", "passage_words")
        wide = {
            name: value.astype(np.float64)
            for name, value in weights.items()
            if value.dtype != np.int16 and name not in narrow
        }
        self.vocabulary = Vocabulary(header["vocabulary"], wide["idf"])
        self.passage_vocabulary = Vocabulary(header["passage_vocabulary"], wide["passage_idf"])
        self._passages = PassageModel(
            self.passage_vocabulary, self.passage_words, wide["passage_extra"], wide["passage_mean"]
        )
        self.trust = wide["trust"]
        self._wide = wide
        trees = {name: Trees.from_arrays(name, weights, **header["trees"][name]) for name in ("relevance", "pairs")}
        self._pairs = PairModel(Line.from_arrays(wide["pairs"]), trees["pairs"])
        self._relevance = Line.from_arrays(wide["relevance"])
        self._trees = trees["relevance"]
        self._pooled = {kind: Line.from_arrays(wide[f"{kind}s_pooled"]) for kind in ("goal", "area")}
        self._single = {
            kind: tuple(Line.from_arrays(rows) for rows in wide[f"{kind}s_single"]) for kind in ("goal", "area")
        }

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """Read a model file.

        Raises:
            BadInput: no such file, or not ours.
        """
        return cls(*arrays.load(Path(path)))

    def save(self, path: str | Path) -> None:
        """Write the model file; the same model gives the same bytes."""
        arrays.save(Path(path), self.header, self._arrays)

    def classify(
        self,
        title: str,
        abstract: str = "",
        text: str = "",
        jurisdiction: str | None = None,
        kind: str | None = None,
    ) -> Classification:
        """What one measure would do. Quotations are slices of the fields as given. Never fails on any strings."""
        return self.decide(read(title, abstract, text, jurisdiction, kind))

    def decide(self, reading: Reading) -> Classification:
        """As :meth:`classify`, for a reading that the caller already has."""
        if reading.status != "ok" or not reading.near:
            return self._rejected(reading, "none", 0.0 if reading.status != "ok" else _UNTOUCHED)
        judgement = self.judge(reading)
        score = rollup.ruled_score(judgement.signals, judgement.tracked)
        levels = judgement.evidence.levels[0]
        if score < self.thresholds["tracked"]:
            level: Relevance = "none" if levels[4] > levels[3] and not reading.anchored else "mention"
            if levels[4] > levels[3] + 0.3:
                level = "none"
            return self._rejected(reading, level, score)
        if rollup.prison_labor(reading):
            return self._tracked(judgement, "adjacent", score, (), (), ())
        level = LEVELS[int(np.argmax(levels[:3]))]  # type: ignore[assignment]
        chosen = [number for number, value in enumerate(judgement.types) if value >= self.thresholds["provision"]]
        goals = _chosen(self._roll(judgement, "goal"), GOALS, self.thresholds["goal"])
        areas = _chosen(self._roll(judgement, "area"), AREAS, self.thresholds["area"])
        return self._tracked(judgement, level, score, chosen, goals, areas)

    def judge(self, reading: Reading) -> Judgement:
        """Scores of one measure, and the evidence."""
        signals = gather(reading)
        wide = self._wide
        _, index, values = self.vocabulary.rows([word_runs(reading)])
        said = facts(reading)
        scores = values @ self.words.take(index, 0) + said @ wide["facts"] + wide["mean"]
        told = self._passages(signals.passages)
        kept = [number for number, passage in enumerate(signals.passages) if trained_on(passage)]
        places = np.array([passage_place(signals.passages[number]) for number in kept], dtype=np.int64)
        evidence = Evidence(
            signals.states[None],
            signals.counts[None],
            scores[None],
            best_passages(told[kept], np.zeros(len(kept), dtype=np.int64), places, 1),
            usage_row(signals)[None],
            said[None],
            np.array([reading.near]),
        )
        trust = stack.look_up(wide["trust"], evidence.states)
        found = self._pairs(stack.pair_features(evidence, trust, wide["prior"]), stack.likely_pairs(evidence))
        columns = stack.relevance_features(evidence, found)
        tracked = float(self._relevance(columns)[0] + self._trees(columns)[0]) / 2
        return Judgement(
            signals,
            evidence,
            told,
            tracked,
            found,
        )

    def _roll(self, judgement: Judgement, kind: str) -> np.ndarray:
        """Scores of goals or areas, if it is tracked."""
        rows = stack.roll_features(judgement.evidence, judgement.found, self._wide[f"soft_{kind}s"], kind)
        alone = np.array([line(rows[0, number]) for number, line in enumerate(self._single[kind])])
        return (self._pooled[kind](stack.with_label(rows))[0] + alone) / 2

    def _tracked(
        self,
        judgement: Judgement,
        level: Relevance,
        score: float,
        chosen: Sequence[int],
        goals: tuple[str, ...],
        areas: tuple[str, ...],
    ) -> Classification:
        signals = judgement.signals
        reading = signals.reading
        found = provisions(judgement, [TYPES[number] for number in chosen], goals)
        book = codebook.load()
        subareas = [code for p in found for code in book.provisions[p.type].subareas if code.split(".")[0] in areas]
        direction = rollup.bill_direction([p.direction for p in found])
        contested = any(p.contested for p in found) or rollup.prison_labor(reading)
        weak = all(p.score < 0.7 for p in found)
        return Classification(
            relevance=level,
            tracked=True,
            score=round(score, 4),
            goals=goals,
            areas=areas,
            subareas=tuple(dict.fromkeys(subareas)),
            provisions=found,
            form=rollup.form(reading, judgement.evidence.forms[0], [p.type for p in found]),
            direction=direction,
            binding=rollup.binding(reading, [p.type for p in found]),
            administrative=rollup.administrative(reading),
            contested=contested,
            review=score < 0.7 or weak or contested or direction in ("weakens", "mixed", "unclear"),
            status="ok",
            model=self.version,
        )

    def _rejected(self, reading: Reading, level: Relevance, score: float) -> Classification:
        return Classification(
            relevance=level,
            tracked=False,
            score=round(score, 4),
            binding=rollup.binding(reading, ()),
            administrative=rollup.administrative(reading),
            review=score > 0.25,
            status=reading.status,
            model=self.version,
        )


def _chosen(scores: np.ndarray, names: Sequence[str], thresholds: Sequence[float]) -> tuple[str, ...]:
    order = np.argsort(-scores, kind="stable")
    return tuple(names[number] for number in order if scores[number] >= thresholds[number])


def load_model(path: str | Path | None = None) -> Model:
    """The model that ships with the package, or the one at ``path``.

    Raises:
        BadInput: no such file, or not a model file of ours.
    """
    if path is not None:
        return Model.load(path)
    return Model.load(Path(str(files("freedom_policy.data") / "model" / "model.npz")))


__all__ = ["FORMS", "Judgement", "Model", "load_model"]
