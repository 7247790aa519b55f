"""Why a measure got its tags: the quotation, the cue, the weight of the words, the codebook's rule."""

from __future__ import annotations

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREA_NAMES, GOAL_NAMES
from freedom_policy.records import Classification, Provision

from . import cues, rollup
from .features import passage_counts, word_counts
from .model import Judgement, Model
from .reading import FIELDS, read
from .signals import NONE, PLACES, is_core, place
from .stack import OUTPUTS, TYPES

_WORDS = 6
_ALMOST = 0.5
"""Types with this share of the threshold or more are told as near misses."""


def explain(
    model: Model,
    title: str,
    abstract: str = "",
    text: str = "",
    jurisdiction: str | None = None,
    kind: str | None = None,
) -> str:
    """Plain text for a person: what the model says of a measure, and on what it rests. Never fails on any strings."""
    reading = read(title, abstract, text, jurisdiction, kind)
    said = model.decide(reading)
    lines = [f"{title or '(no title)'}", f"Model {said.model}. Machine-tagged, not reviewed. Not legal advice.", ""]
    if reading.status != "ok":
        return "\n".join([*lines, f"Not read: {reading.status.replace('_', ' ')}. Nothing is claimed about it."])
    if not reading.near:
        return "\n".join([*lines, "No word of the subject or near it stands in title, summary or text: not tracked."])
    judgement = model.judge(reading)
    lines += _relevance(model, judgement, said)
    for found in said.provisions:
        lines += ["", *_provision(model, judgement, found)]
    lines += _rolled_up(said)
    return "\n".join([*lines, *_near_misses(model, judgement, said)])


def _relevance(model: Model, judgement: Judgement, said: Classification) -> list[str]:
    reading = judgement.signals.reading
    verdict = "tracked" if said.tracked else "not tracked"
    lines = [
        f"Relevance: {said.relevance} ({verdict}), score {said.score:.2f}, needed {model.thresholds['tracked']:.2f}.",
        f"  Anchors: {_anchors(judgement)}",
    ]
    if rollup.prison_labor(reading):
        lines.append("  Rule R5: an amendment on slavery as punishment is adjacent and has no goal.")
    elif rollup.ruled_score(judgement.signals, judgement.tracked) > judgement.tracked:
        lines.append("  Rule R6: a clause names money for victims, which is enough for partial.")
    index, values = model.vocabulary.row(word_counts(reading))
    weights = values * model.words[index, 0].astype(float)
    lines.append(f"  Words for it: {_top(model.vocabulary.terms, index, weights)}")
    lines.append(f"  Words against it: {_top(model.vocabulary.terms, index, -weights, sign=-1)}")
    return lines


def _anchors(judgement: Judgement) -> str:
    reading = judgement.signals.reading
    told = []
    for field in FIELDS:
        found = reading.anchors[field]
        if found:
            first = reading.words[field][found[0].start : found[0].end]
            told.append(f"{field} {len(found)} (first: {first!r})")
    return ", ".join(told) or "none; near subjects only"


def _provision(model: Model, judgement: Judgement, found: Provision) -> list[str]:
    kind = codebook.load().provisions[found.type]
    signals = judgement.signals
    row = TYPES.index(found.type)
    shown = next(
        (n for n, p in enumerate(signals.passages) if p.field == found.field and p.start <= found.start < p.end), None
    )
    lines = [
        f"{kind.name} [{found.type}], score {found.score:.2f}, {found.direction}{', contested' if found.contested else ''}",
        f"  “{' '.join(found.quote.split())}” ({found.field} {found.start} to {found.end})",
    ]
    if shown is not None:
        passage = signals.passages[shown]
        if match := cues.matches(passage.words).get(found.type):
            lines.append(f"  Cue: “{match[1].group().strip()}” ({'sure' if match[0].level == cues.SURE else 'hint'})")
        where = place(passage, is_core(signals.reading))
        if where == PLACES.index("operative") and signals.states[row, where] == NONE:
            where = PLACES.index("under a title")
        state = signals.states[row, where]
        trust = float(model.trust[row, where, state])
        lines.append(
            f"  Of tracked measures with such a cue there ({PLACES[where]}), {_share(trust)} have the provision"
        )
        index, values = model.passage_vocabulary.row(passage_counts(passage))
        weights = values * model.passage_words[index, row].astype(float)
        lines.append(f"  Words: {_top(model.passage_vocabulary.terms, index, weights)}")
    lines.append(f"  Codebook: {kind.definition}")
    if kind.exclude:
        lines.append(f"  Not this type: {kind.exclude}")
    return lines


def _rolled_up(said: Classification) -> list[str]:
    if not said.tracked:
        return []
    book = codebook.load()
    lines = ["", "Goals:"]
    for goal in said.goals:
        primary = [p.type for p in said.provisions if book.provisions[p.type].primary_goal == goal]
        secondary = [p.type for p in said.provisions if goal in book.provisions[p.type].secondary_goals]
        why = (
            f"from {', '.join(primary)}"
            if primary
            else f"secondary of {', '.join(secondary)}"
            if secondary
            else "from the words"
        )
        lines.append(f"  {GOAL_NAMES[goal]}: {why}")
    lines.append("Areas: " + (", ".join(AREA_NAMES[area] for area in said.areas) or "none"))
    if said.review:
        lines.append("A person should look at this one.")
    return lines


def _near_misses(model: Model, judgement: Judgement, said: Classification) -> list[str]:
    given = {p.type for p in said.provisions}
    least = _ALMOST * model.thresholds["provision"]
    near = [(float(v), key) for key, v in zip(TYPES, judgement.types, strict=True) if key not in given and v >= least]
    if not said.tracked or not near:
        return []
    return [
        "",
        "Looked at and left out: " + ", ".join(f"{key} {value:.2f}" for value, key in sorted(near, reverse=True)[:8]),
    ]


def _top(terms: list[str], index: np.ndarray, weights: np.ndarray, *, sign: int = 1) -> str:
    order = np.argsort(-weights, kind="stable")[:_WORDS]
    shown = [f"{terms[index[n]]} {sign * weights[n]:+.2f}" for n in order if weights[n] > 0.004]
    return ", ".join(shown) or "none of weight"


def _share(log_odds: float) -> str:
    return f"{100 / (1 + np.exp(-log_odds)):.0f}%"


assert OUTPUTS[0] == "tracked"  # noqa: S101 - column 0 of the word model is what _relevance reads
