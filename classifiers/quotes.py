"""The sentence that proves a provision: a slice of what was sent, five to sixty words where the text allows it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np

from freedom_policy import codebook
from freedom_policy.records import Provision

from . import cues
from .reading import Passage, Reading
from .rollup import provision_direction
from .stack import TYPES

if TYPE_CHECKING:
    from .model import Judgement

_MOST_WORDS = 60
# A heading or an enacting clause shows little; findings never suffice for a provision (codebook 3.5), save for symbols.
_ROLE = {
    "title": 0.15,
    "abstract": 0.2,
    "digest": 0.2,
    "operative": 0.25,
    "findings": -0.6,
    "recital": -0.6,
    "short_title": -0.4,
}


def provisions(judgement: Judgement, types: Sequence[str], goals: Collection[str]) -> tuple[Provision, ...]:
    """The given types with the passage that shows each best, likeliest first; directions are told for ``goals`` alone."""
    signals = judgement.signals
    if not signals.passages:
        return ()
    book = codebook.load()
    found = []
    for key in types:
        column = TYPES.index(key)
        best = max(
            range(len(signals.passages)),
            key=lambda number: _support(
                signals.passages[number],
                signals.hits[number].get(key, 0),
                judgement.passage_scores[number, column],
                key,
            ),
        )
        passage = signals.passages[best]
        start, end = trim(signals.reading, passage, key)
        kind = book.provisions[key]
        direction, goal_directions = provision_direction(kind, passage, signals.reading)
        found.append(
            Provision(
                type=key,
                score=round(float(judgement.types[column]), 4),
                direction=direction,
                goal_directions={goal: way for goal, way in goal_directions.items() if goal in goals},
                contested=kind.contested,
                quote=getattr(signals.reading, passage.field)[start:end],
                start=start,
                end=end,
                field=passage.field,
            )
        )
    return tuple(sorted(found, key=lambda p: (-p.score, TYPES.index(p.type))))


def _support(passage: Passage, level: int, learnt: float, key: str) -> float:
    role = 0.0 if key == "awareness_month" and passage.role == "recital" else _ROLE.get(passage.role, 0.0)
    short = -0.4 if len(passage.words) < 25 and passage.field != "title" else 0.0
    return 0.5 * level + min(float(learnt), 1.0) + role + 0.2 * passage.anchored + short


_WORD = re.compile(r"\S+")
# "SEC. 3. Data collection" on a line of its own, set off by an empty line from the words that say what is done. Without the
# empty line it may be the beginning of a wrapped sentence.
_HEADING = re.compile(r"\s*(?:sec(?:tion)?\.?|§)\s*\d[\w.\-]*\s+[^\n]{3,120}\n[^\S\n]*\n\s*", re.IGNORECASE)
_FEWEST_WORDS = 8


def trim(reading: Reading, passage: Passage, key: str) -> tuple[int, int]:
    """The passage's span without a heading in front, cut to sixty words around the cue if longer; never within a word."""
    text: str = getattr(reading, passage.field)[passage.start : passage.end]
    words = list(_WORD.finditer(text))
    if heading := _HEADING.match(text):
        operative = [word for word in words if word.start() >= heading.end()]
        words = operative if len(operative) >= _FEWEST_WORDS else words
    if len(words) <= _MOST_WORDS:
        return passage.start + (words[0].start() if words else 0), passage.end
    cue = cues.matches(passage.words).get(key)
    # The cue's place is in clean words; near enough to choose a window in the original.
    middle = cue[1].start() / max(len(passage.words), 1) * len(words) if cue else 0
    first = int(np.clip(middle - _MOST_WORDS // 3, 0, len(words) - _MOST_WORDS))
    return passage.start + words[first].start(), passage.start + words[first + _MOST_WORDS - 1].end()
