"""The model: plain arrays in, a :class:`Classification` out. No scikit-learn is imported to use it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREAS, GOALS
from freedom_policy.errors import BadInput
from freedom_policy.records import Classification, Provision, Relevance

from . import arrays
from .features import facts, word_counts
from .reading import Passage, Reading, passages, read
from .rollup import administrative, binding, bill_direction, provision_direction

FORMAT = 1
LEVELS: tuple[Relevance, ...] = ("core", "partial", "adjacent", "mention", "none")
FORMS = ("sex", "labor", "both", "unspecified")


class Model:
    """A trained classifier. Make one with :func:`load_model` or :func:`freedom_policy.classifiers.train`."""

    def __init__(self, header: dict[str, Any], weights: dict[str, np.ndarray]) -> None:
        if header.get("format") != FORMAT:
            raise BadInput(
                f"Model format {header.get('format')!r} is not ours ({FORMAT}). Train again with `freedom-policy train`."
            )
        self.header = header
        self.version: str = header["version"]
        self.outputs: list[str] = header["outputs"]
        self._vocabulary = {word: number for number, word in enumerate(header["vocabulary"])}
        self._idf = weights["idf"].astype(np.float64)
        self._coef = weights["coef"].astype(np.float64)
        self._intercept = weights["intercept"].astype(np.float64)
        self._facts: list[str] = header["facts"]
        self._thresholds: dict[str, float] = header["thresholds"]
        self._weights = weights

    @classmethod
    def load(cls, path: str | Path) -> Model:
        """Read a model file.

        Raises:
            BadInput: no such file, or not ours.
        """
        return cls(*arrays.load(Path(path)))

    def save(self, path: str | Path) -> None:
        """Write the model file; the same model gives the same bytes."""
        arrays.save(Path(path), self.header, self._weights)

    def classify(
        self,
        title: str,
        abstract: str = "",
        text: str = "",
        jurisdiction: str | None = None,
        kind: str | None = None,
    ) -> Classification:
        """What one measure would do. Quotations are slices of the fields as given. Never fails on any strings."""
        return self.judge(read(title, abstract, text, jurisdiction, kind))

    def judge(self, reading: Reading) -> Classification:
        """As :meth:`classify`, for a reading that the caller already has."""
        if reading.status != "ok" or not reading.near:
            return self._rejected(reading, "none", 0.0 if reading.status != "ok" else 0.002)
        scores = self.scores(reading)
        tracked_score = scores["tracked"]
        level = max(LEVELS, key=lambda name: scores[f"relevance {name}"])
        if tracked_score < self._thresholds["tracked"]:
            return self._rejected(reading, "none" if level == "none" else "mention", tracked_score)
        if level in ("mention", "none"):
            level = max(LEVELS[:3], key=lambda name: scores[f"relevance {name}"])
        found = self._provisions(reading, scores)
        goals = self._chosen(scores, "goal", GOALS)
        areas = self._chosen(scores, "area", AREAS)
        book = codebook.load()
        subareas = tuple(
            dict.fromkeys(
                code for p in found for code in book.provisions[p.type].subareas if code.split(".")[0] in areas
            )
        )
        contested = any(p.contested for p in found)
        direction = bill_direction([p.direction for p in found])
        review = (
            0.3 < tracked_score < 0.7
            or not found
            or contested
            or direction in ("weakens", "mixed", "unclear")
            or all(p.score < 0.6 for p in found)
        )
        return Classification(
            relevance=level,
            tracked=True,
            score=round(tracked_score, 4),
            goals=goals,
            areas=areas,
            subareas=subareas,
            provisions=found,
            form=max(FORMS, key=lambda name: scores[f"form {name}"]),  # type: ignore[arg-type]
            direction=direction,
            binding=binding(reading, [p.type for p in found]),
            administrative=administrative(reading),
            contested=contested,
            review=review,
            status="ok",
            model=self.version,
        )

    def scores(self, reading: Reading) -> dict[str, float]:
        """Probability of every output."""
        counts = word_counts(reading)
        known = [(self._vocabulary[w], 1 + math.log(n)) for w, n in counts.items() if w in self._vocabulary]
        total = self._intercept.copy()
        if known:
            index = np.array([place for place, _ in known])
            values = np.array([value for _, value in known]) * self._idf[index]
            values /= math.sqrt(float(values @ values)) or 1.0
            total += values @ self._coef[index]
        said = facts(reading)
        total += 0.5 * np.array([said[name] for name in self._facts]) @ self._coef[len(self._vocabulary) :]
        return dict(zip(self.outputs, (1 / (1 + np.exp(-total))).tolist(), strict=True))

    def _rejected(self, reading: Reading, level: Relevance, score: float) -> Classification:
        return Classification(
            relevance=level,
            tracked=False,
            score=round(score, 4),
            binding=binding(reading, ()),
            administrative=administrative(reading),
            review=score > 0.25,
            status=reading.status,
            model=self.version,
        )

    def _chosen(self, scores: dict[str, float], group: str, names: Sequence[str]) -> tuple[str, ...]:
        chosen = [n for n in names if scores[f"{group} {n}"] >= self._thresholds[group]]
        return tuple(sorted(chosen, key=lambda n: -scores[f"{group} {n}"]))

    def _provisions(self, reading: Reading, scores: dict[str, float]) -> tuple[Provision, ...]:
        book = codebook.load()
        pieces: list[Passage] | None = None
        found = []
        for key, kind in book.provisions.items():
            score = scores.get(f"provision {key}", 0.0)
            if score < self._thresholds["provision"]:
                continue
            pieces = passages(reading) if pieces is None else pieces
            best = max(pieces, key=lambda piece: self._support(piece, key))
            direction, goal_directions = provision_direction(kind, best.words)
            found.append(
                Provision(
                    type=key,
                    score=round(score, 4),
                    direction=direction,
                    goal_directions=goal_directions,
                    contested=kind.contested,
                    quote=getattr(reading, best.field)[best.start : best.end],
                    start=best.start,
                    end=best.end,
                    field=best.field,
                )
            )
        return tuple(sorted(found, key=lambda p: (-p.score, p.type)))

    def _support(self, piece: Passage, key: str) -> float:
        column = self.outputs.index(f"provision {key}")
        words = piece.words.split()
        index = [
            self._vocabulary[w]
            for w in (*words, *map(" ".join, zip(words, words[1:], strict=False)))
            if w in self._vocabulary
        ]
        weight = float(self._coef[index, column].sum()) if index else 0.0
        return weight / math.sqrt(len(words) + 5) + (0.5 if piece.anchored else 0.0)


def load_model(path: str | Path | None = None) -> Model:
    """The model that ships with the package, or the one at ``path``.

    Raises:
        BadInput: no such file, or not a model file of ours.
    """
    if path is not None:
        return Model.load(path)
    return Model.load(Path(str(files("freedom_policy.data") / "model" / "model.npz")))
