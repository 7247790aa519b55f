"""What the second layer sees: cues, word models and anchors of many measures side by side, as arrays (first axis: measures)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREAS, GOALS

from .signals import AREA_PLACES, BOUND, NONE, PLACES, SURE, usage_names

TYPES: tuple[str, ...] = tuple(codebook.load().provisions)
LEVELS = ("core", "partial", "adjacent", "mention", "none")
FORMS = ("sex", "labor", "both", "unspecified")
OUTPUTS: tuple[str, ...] = (
    "tracked",
    *(f"goal {goal}" for goal in GOALS),
    *(f"area {area}" for area in AREAS),
    *(f"provision {key}" for key in TYPES),
    *(f"relevance {level}" for level in LEVELS),
    *(f"form {form}" for form in FORMS),
)
"""Outputs of the word model of whole measures, in order."""
_G, _A = len(GOALS), len(AREAS)
_P = 1 + _G + _A
_R = _P + len(TYPES)
PASSAGE_PLACES = 3
"""Passage scores are kept by title, digest and operative text."""


def _maps() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    primary, secondary = np.zeros((len(TYPES), _G)), np.zeros((len(TYPES), _G))
    first, later = np.zeros((len(TYPES), _A)), np.zeros((len(TYPES), _A))
    for row, kind in enumerate(codebook.load().provisions.values()):
        primary[row, GOALS.index(kind.primary_goal)] = 1
        for goal in kind.secondary_goals:
            secondary[row, GOALS.index(goal)] = 1
        for number, area in enumerate(kind.areas):
            (later if number else first)[row, AREAS.index(area)] = 1
    return primary, secondary, first, later


PRIMARY, SECONDARY, FIRST_AREA, LATER_AREA = _maps()
"""The codebook's mapping, types x goals and types x areas."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of n measures before provisions are decided."""

    states: np.ndarray
    """Cue states, n x types x places (see :mod:`.signals`)."""
    counts: np.ndarray
    """Passages with a bound cue, n x types."""
    scores: np.ndarray
    """The word model's outputs, n x outputs."""
    passages: np.ndarray
    """Best passage score by type (last: any provision) and place, n x (types + 1) x 3."""
    usage: np.ndarray
    """How anchors are used, n x facts of :func:`.signals.usage`."""
    facts: np.ndarray
    """:data:`.features.FACTS`, n x facts."""
    near: np.ndarray
    """Whether the measure touches the subject at all."""

    def take(self, rows: np.ndarray) -> Evidence:
        """The same for some measures."""
        return Evidence(*(getattr(self, name)[rows] for name in self.__slots__))

    @property
    def goals(self) -> np.ndarray:
        return self.scores[:, 1 : 1 + _G]

    @property
    def areas(self) -> np.ndarray:
        return self.scores[:, 1 + _G : _P]

    @property
    def types(self) -> np.ndarray:
        return self.scores[:, _P:_R]

    @property
    def levels(self) -> np.ndarray:
        return self.scores[:, _R : _R + len(LEVELS)]

    @property
    def forms(self) -> np.ndarray:
        return self.scores[:, _R + len(LEVELS) :]


# ---------------------------------------------------------------------------------------------------------------------
# How far a cue is to be trusted


def cue_table(
    states: np.ndarray, wanted: np.ndarray, groups: np.ndarray, prior: float = 4.0
) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of a type given the state of its cue in a place, smoothed towards the rate over all types.

    Args:
        states: n x types x places.
        wanted: n x types, true where a labeller saw the type.
        groups: Family of each measure.
        prior: Weight of the common rate, in measures.

    Returns:
        The table (types x places x states) and, for the n measures, the values looked up with their own family left out.
    """
    count, types, places = states.shape
    table = np.zeros((types, places, 4))
    own = np.zeros((count, types, places))
    truth = wanted.astype(float)
    families = [np.flatnonzero(groups == group) for group in np.unique(groups)]
    for where in range(places):
        for state in range(4):
            hit = states[:, :, where] == state
            positives, total = (hit * truth).sum(0), hit.sum(0)
            common = (positives.sum() + 0.5) / (total.sum() + 20)
            table[:, where, state] = _logit((positives + prior * common) / (total + prior))
            for rows in families:
                mine = hit[rows]
                if not mine.any():
                    continue
                rest = (positives - (mine * truth[rows]).sum(0) + prior * common) / (total - mine.sum(0) + prior)
                own[rows, :, where] = np.where(mine, _logit(rest)[None], own[rows, :, where])
    return table, own


def look_up(table: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Values of ``states`` (n x types x places) in a table of :func:`cue_table`."""
    types, places, _ = table.shape
    return table[np.arange(types)[None, :, None], np.arange(places)[None, None, :], states]


def pair_features(evidence: Evidence, trust: np.ndarray, prior: np.ndarray) -> np.ndarray:
    """Columns that tell whether a tracked measure has a type, n x types x columns; one line serves all types."""
    count, types = evidence.counts.shape
    words = evidence.types
    passage = evidence.passages[:, :-1]
    best_passage = passage.max(2)
    best, total = trust.max(2), trust.sum(2)
    states = evidence.states
    bound = (states == BOUND).sum(1).astype(float)
    bound[:, 2] += bound[:, 6]

    def each(values: np.ndarray) -> np.ndarray:
        """The same for all types."""
        return values.astype(float)[:, None]

    in_title, in_digest, in_text, under_title = (states[:, :, where] == BOUND for where in (0, 1, 2, 6))
    strongest = states.max(2)
    columns = [trust[:, :, where] for where in range(len(PLACES))]
    columns += [best, _below_top(best), _rank(best), total, _below_top(total), _rank(total)]
    columns += [words, _below_top(words), _rank(words)]
    columns += [passage[:, :, where] for where in range(PASSAGE_PLACES)]
    columns += [best_passage, _below_top(best_passage), _rank(best_passage)]
    columns += [prior, evidence.goals @ PRIMARY.T, np.log1p(evidence.counts)]
    columns += [each(bound[:, 0] > 0), *(each(np.log1p(bound[:, where])) for where in range(3))]
    columns += [each(evidence.levels[:, 0]), each(evidence.facts[:, 9]), each(evidence.facts[:, 1])]
    columns += [in_title, states[:, :, 0] >= SURE, in_digest, in_text, under_title, states[:, :, 3] >= SURE]
    columns += [hit / (1 + each(bound[:, where])) for where, hit in enumerate((in_title, in_digest, in_text))]
    columns += [under_title & ~in_title, in_digest & each(bound[:, 0] == 0).astype(bool)]
    columns += [words * (strongest == BOUND), best_passage * (strongest == BOUND)]
    columns += [words * (strongest == NONE), best_passage * (strongest == NONE)]
    return _side_by_side((count, types), columns)


def _side_by_side(shape: tuple[int, int], columns: Sequence[np.ndarray]) -> np.ndarray:
    """Columns, each as wide as ``shape`` or made so, as the last axis of one array."""
    rows = np.empty((*shape, len(columns)))
    for number, column in enumerate(columns):
        rows[:, :, number] = column
    return rows


def likely_pairs(evidence: Evidence) -> np.ndarray:
    """Pairs with any sign of the type, n x types; trees are asked about these alone."""
    best = evidence.passages[:, :-1].max(2)
    return (evidence.states.max(2) > NONE) | (evidence.types > 0.08) | (best > 0.15)


def relevance_features(evidence: Evidence, found: np.ndarray) -> np.ndarray:
    """Columns that tell whether a measure is tracked, n x columns; ``found`` are provision probabilities if it is."""
    ranked = np.sort(found, 1)[:, ::-1]
    any_provision = evidence.passages[:, -1]
    best = any_provision.max(1)
    # Named in title, abstract or digest, which is what the codebook's "core" hangs on.
    named = (
        evidence.facts[:, 1] + evidence.facts[:, 4] + evidence.usage[:, usage_names().index("digest names it")]
    ) > 0
    columns = [
        evidence.usage,
        evidence.scores[:, :1],
        evidence.levels,
        any_provision,
        best[:, None],
        ranked[:, :3],
        found.sum(1)[:, None],
        (ranked[:, 0] * named)[:, None],
        (ranked[:, 0] * ~named)[:, None],
        (best * ~named)[:, None],
        (evidence.scores[:, 0] * named)[:, None],
    ]
    return np.hstack(columns)


def soft_map(wanted: np.ndarray, labels: np.ndarray, prior: np.ndarray, weight: float = 6.0) -> np.ndarray:
    """How often a label stands beside a type, smoothed towards the codebook's mapping; types x labels.

    Args:
        wanted: n x types.
        labels: n x labels.
        prior: The mapping as probabilities, types x labels.
        weight: Weight of the mapping, in measures.
    """
    together = wanted.astype(float).T @ labels.astype(float)
    return (together + weight * prior) / (wanted.sum(0)[:, None] + weight)


GOAL_PRIOR = np.minimum(PRIMARY * 0.97 + SECONDARY * 0.12, 1)
AREA_PRIOR = FIRST_AREA * 0.9 + LATER_AREA * 0.45


def roll_features(evidence: Evidence, found: np.ndarray, soft: np.ndarray, kind: str) -> np.ndarray:
    """Columns that tell whether a tracked measure serves a goal (or area), n x labels x columns."""
    direct, hard, second = (
        (evidence.goals, PRIMARY, SECONDARY) if kind == "goal" else (evidence.areas, FIRST_AREA, LATER_AREA)
    )
    best = evidence.passages[:, :-1].max(2)
    # All of n x labels x types; the types are then folded away.
    each = found[:, None]
    mine = each * hard.T
    top_mine, top_second = (-np.sort(-values, 2)[:, :, :2] for values in (mine, each * second.T))
    total = found.sum(1)[:, None]
    bound = (evidence.states == BOUND).astype(float)
    columns = [
        _logit_soft(1 - np.prod(1 - each * soft.T, 2)),
        _logit_soft(1 - np.prod(1 - mine, 2)),
        _logit_soft(top_mine[:, :, 0]),
        top_mine[:, :, 1],
        _logit_soft(top_second[:, :, 0]),
        top_second[:, :, 1],
        direct,
        direct - direct.max(1, keepdims=True),
        (best[:, None] * hard.T).max(2),
        found.max(1)[:, None],
        total,
        mine.sum(2) / (total + 0.05),
        *((bound[:, None, :, where] * hard.T).max(2) for where in (0, 1, 2, 6)),
        *(evidence.levels[:, None, level] for level in range(3)),
    ]
    if kind == "area":
        said = _area_words(evidence)
        flat = said.reshape(len(said), int(np.prod(said.shape[1:])))
        columns += [*np.moveaxis(said, 2, 0), *np.moveaxis(said - said.mean(1, keepdims=True), 2, 0)]
        columns += [column[:, None] for column in flat.T]
    return _side_by_side((len(direct), direct.shape[1]), columns)


def _area_words(evidence: Evidence) -> np.ndarray:
    """How often words of each area stand in the title, the digest and the operative text, n x areas x places."""
    return evidence.usage[:, _area_columns()]


@cache
def _area_columns() -> np.ndarray:
    """Where :func:`.signals.usage` has the words of areas, areas x places."""
    names = usage_names()
    return np.array([[names.index(f"area {area}, {PLACES[where]}") for where in AREA_PLACES] for area in AREAS])


def with_label(columns: np.ndarray) -> np.ndarray:
    """Columns of :func:`roll_features` with one more column a label that says which it is."""
    count, labels, _ = columns.shape
    return np.concatenate([columns, np.repeat(np.eye(labels)[None], count, 0)], 2)


def _rank(values: np.ndarray) -> np.ndarray:
    return np.log1p((-values).argsort(1, kind="stable").argsort(1, kind="stable"))


def _below_top(values: np.ndarray) -> np.ndarray:
    return values - values.max(1, keepdims=True)


def _logit(rate: np.ndarray) -> np.ndarray:
    return np.log(rate / (1 - rate))


def _logit_soft(rate: np.ndarray) -> np.ndarray:
    return np.log((rate + 0.01) / (1 - rate + 0.01))
