"""How good a model is on labelled measures: precision, recall, F1 with intervals, where it fails, and on what.

It sees the model from outside, as a user does: only :meth:`Model.classify`. Labels that two readers dispute count neither way.
Intervals are 95%, by bootstrap over families, since measures that return under one title are one case and not several.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from freedom_policy import codebook
from freedom_policy.codebook import AREAS, GOALS
from freedom_policy.errors import BadInput
from freedom_policy.records import Classification, Record

from .gold import Gold
from .model import LEVELS, Model

_RESAMPLES = 400
_BINS = 10
_WORST = 25
_NAMES = {"tracked": "About trafficking", "goal": "Goals", "area": "Areas", "provision": "Provisions"}


class Row(Record):
    """One label: ``gold`` measures have it, ``found`` were given it by the model."""

    group: str
    """``tracked``, ``relevance``, ``goal``, ``area`` or ``provision``."""
    name: str
    """The label; ``macro`` is the mean over labels that some measure has, ``micro`` counts all of them together."""
    gold: int
    found: int
    precision: float | None
    recall: float | None
    f1: float | None
    low: float | None = None
    high: float | None = None


class Slice(Record):
    """The same on a part of the measures."""

    by: str
    value: str
    measures: int
    tracked_f1: float | None
    goals_macro_f1: float | None
    areas_macro_f1: float | None
    provisions_micro_f1: float | None


class Bin(Record):
    """Calibration: of the measures with a score from ``low`` to ``high``, how many are tracked."""

    low: float
    high: float
    measures: int
    mean_score: float | None
    tracked: float | None


class Miss(Record):
    """A measure that the model got wrong, with its words."""

    id: str
    title: str
    text: str
    wrong: tuple[str, ...]
    score: float


class Evaluation(Record):
    """All figures of one model on one set of labels."""

    model: str
    folds: int
    """0: one model on all; then figures on what it was trained on flatter it."""
    measures: int
    families: int
    rows: tuple[Row, ...]
    slices: tuple[Slice, ...]
    confusion: dict[str, dict[str, int]]
    """Relevance: label, then the model's word."""
    calibration: tuple[Bin, ...]
    direction_agrees: float | None
    """Of tracked measures that the model tracks, too."""
    main_goal_agrees: float | None
    form_agrees: float | None
    quotations_verbatim: float | None
    asked_for_review: float
    worst: tuple[Miss, ...]

    def row(self, group: str, name: str) -> Row:
        """One row, such as ``row("goal", "macro")``."""
        return next(row for row in self.rows if (row.group, row.name) == (group, name))

    def to_json(self) -> str:
        """The whole object."""
        return self.model_dump_json(indent=2)

    def to_text(self) -> str:
        """Tables for a terminal."""
        lines = [
            f"Model {self.model} on {self.measures:,} labelled measures ({self.families:,} families). "
            "Intervals: 95%, by bootstrap over families.",
            "Each measure was read by a model that had not seen it or its like."
            if self.folds
            else "Labels that the model learnt from flatter it: give others, or --folds 5.",
            "",
            f"{'':<44}{'labels':>7}{'found':>7}{'prec.':>8}{'recall':>8}{'F1':>7}   interval",
        ]
        for group in dict.fromkeys(row.group for row in self.rows):
            lines += ["", _NAMES.get(group, group.capitalize())]
            lines += [_row_text(row) for row in self.rows if row.group == group]
        lines += ["", f"{'By part':<32}{'measures':>9}{'tracked':>9}{'goals':>8}{'areas':>8}{'provisions':>12}   (F1)"]
        for part in self.slices:
            figures = (part.tracked_f1, part.goals_macro_f1, part.areas_macro_f1, part.provisions_micro_f1)
            told = "".join(f"{_figure(value):>{width}}" for value, width in zip(figures, (9, 8, 8, 12), strict=True))
            lines.append(f"  {part.by + ': ' + part.value:<30}{part.measures:>9,}{told}")
        lines += ["", "Relevance: label down, model across", f"  {'':<10}" + "".join(f"{name:>10}" for name in LEVELS)]
        lines += [
            f"  {label:<10}" + "".join(f"{found.get(name, 0):>10,}" for name in LEVELS)
            for label, found in self.confusion.items()
        ]
        lines += ["", "Calibration: score, measures, share that is tracked"]
        lines += [
            f"  {item.low:.1f} to {item.high:.1f}{item.measures:>8,}{_figure(item.tracked):>8}"
            for item in self.calibration
            if item.measures
        ]
        lines += [
            "",
            f"Main goal agrees {_figure(self.main_goal_agrees)}, direction {_figure(self.direction_agrees)}, form "
            f"{_figure(self.form_agrees)}; quotations verbatim {_figure(self.quotations_verbatim)}; asked for review "
            f"{_figure(self.asked_for_review)}.",
            "",
            "Worst errors",
        ]
        for miss in self.worst:
            lines += [f"  {miss.id}  {miss.title}", f"      {'; '.join(miss.wrong)} (score {miss.score:.2f})"]
            lines += [f"      {miss.text}"] if miss.text else []
        return "\n".join(lines) + "\n"


def _row_text(row: Row) -> str:
    interval = f"   {row.low:.2f} to {row.high:.2f}" if row.low is not None and row.high is not None else ""
    figures = "".join(
        f"{_figure(value):>{width}}" for value, width in ((row.precision, 8), (row.recall, 8), (row.f1, 7))
    )
    return f"  {row.name:<42}{row.gold:>7,}{row.found:>7,}{figures}{interval}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


class _Table(NamedTuple):
    """Labels of one group, measures x names: what is right, what was found, what counts."""

    names: tuple[str, ...]
    gold: np.ndarray
    found: np.ndarray
    known: np.ndarray


def evaluate(model: Model, measures: Sequence[Gold], *, resamples: int = _RESAMPLES) -> Evaluation:
    """Measure a model on labelled measures. Those that it was trained on flatter it: see :func:`cross_validate`.

    Args:
        resamples: of the bootstrap; 0: no intervals.

    Raises:
        BadInput: no measures.
    """
    return _evaluation(model.version, measures, [_said(model, measure) for measure in measures], 0, resamples)


def cross_validate(
    measures: Sequence[Gold], *, folds: int = 5, resamples: int = _RESAMPLES, practice: Sequence[Gold] = ()
) -> Evaluation:
    """Train as often as there are folds, each time without one of them, and measure on what was left out.

    Measures that return under one title stay in one fold.

    Args:
        practice: invented measures to learn from in every fold, but beside their own title (:func:`.gold.written`).

    Raises:
        BadInput: fewer measures than folds.
    """
    from .training import fit, fold_of, split

    if len(measures) < folds:
        raise BadInput(f"{len(measures)} labelled measures are too few for {folds} folds.")
    every = [*measures, *practice]
    families, fold = np.array([measure.family for measure in every]), fold_of(every, folds, "evaluate")
    invented = np.arange(len(every)) >= len(measures)
    said: list[Classification | None] = [None] * len(measures)
    for number in range(folds):
        test, seen = split(families, fold, number, invented)
        model = fit([every[place] for place in seen])
        for place in test.tolist():
            said[place] = _said(model, measures[place])
    return _evaluation(f"cross-validated in {folds} folds", measures, [s for s in said if s], folds, resamples)


def _said(model: Model, measure: Gold) -> Classification:
    return model.classify(measure.title, measure.abstract, measure.text, measure.jurisdiction, measure.kind)


def _evaluation(
    name: str, measures: Sequence[Gold], said: Sequence[Classification], folds: int, resamples: int
) -> Evaluation:
    if not measures:
        raise BadInput("There is no labelled measure to evaluate on.")
    tables = {group: _table(group, measures, said) for group in ("tracked", "relevance", "goal", "area", "provision")}
    families = {name: number for number, name in enumerate(dict.fromkeys(g.family for g in measures))}
    owner = np.array([families[g.family] for g in measures])
    weights = _resampled(owner, len(families), resamples)
    rows = [row for group, table in tables.items() for row in _rows(group, table, weights)]
    both = [(g, s) for g, s in zip(measures, said, strict=True) if g.tracked and s.tracked]
    quotations = [
        tag.quote == getattr(g, tag.field)[tag.start : tag.end]
        for g, s in zip(measures, said, strict=True)
        for tag in s.provisions
    ]
    return Evaluation(
        model=name,
        folds=folds,
        measures=len(measures),
        families=len(families),
        rows=tuple(rows),
        slices=tuple(_slices(measures, tables)),
        confusion=_confusion(measures, said),
        calibration=_calibration(measures, said),
        direction_agrees=_share([s.direction == g.direction for g, s in both if g.direction]),
        main_goal_agrees=_share([s.goals[:1] == (g.main_goal,) for g, s in both if g.main_goal]),
        form_agrees=_share([s.form == g.form for g, s in both if g.form]),
        quotations_verbatim=_share(quotations),
        asked_for_review=_share([s.review for s in said]) or 0.0,
        worst=_worst(measures, said),
    )


def _share(values: Sequence[bool]) -> float | None:
    return float(np.mean(values)) if values else None


def _table(group: str, measures: Sequence[Gold], said: Sequence[Classification]) -> _Table:
    if group == "tracked":
        right = [{"tracked"} if g.tracked else set() for g in measures]
        found = [{"tracked"} if s.tracked else set() for s in said]
        names: tuple[str, ...] = ("tracked",)
        known = [[g.tracked is not None] for g in measures]
    elif group == "relevance":
        right, found, names = [{str(g.relevance)} for g in measures], [{str(s.relevance)} for s in said], LEVELS
        known = [[g.relevance is not None] * len(names) for g in measures]
    else:
        names = {"goal": GOALS, "area": AREAS, "provision": tuple(codebook.load().provisions)}[group]
        right = [{"goal": g.goals, "area": g.areas, "provision": g.types}[group] for g in measures]  # type: ignore[misc]
        found = [
            set({"goal": s.goals, "area": s.areas, "provision": tuple(tag.type for tag in s.provisions)}[group])
            for s in said
        ]
        disputed = [g.disputed.get(f"{group}s", frozenset()) for g in measures]
        known = [[name not in unsure for name in names] for unsure in disputed]
    has = np.array([[name in values for name in names] for values in right])
    given = np.array([[name in values for name in names] for values in found])
    return _Table(names, has, given, np.array(known))


def _resampled(owner: np.ndarray, families: int, resamples: int) -> np.ndarray:
    """How often each measure is drawn, resamples x measures."""
    drawn = np.random.default_rng(0).multinomial(families, np.full(families, 1 / families), size=resamples)
    return drawn[:, owner].astype(float)


def _counts(table: _Table, weights: np.ndarray) -> np.ndarray:
    """True positives, false positives, false negatives: 3 x resamples x names."""
    hits = table.gold & table.found & table.known
    extra = ~table.gold & table.found & table.known
    missed = table.gold & ~table.found & table.known
    return np.stack([weights @ part.astype(float) for part in (hits, extra, missed)])


def _f1(counts: np.ndarray) -> np.ndarray:
    hits, extra, missed = counts
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(2 * hits / (2 * hits + extra + missed))


def _rows(group: str, table: _Table, weights: np.ndarray) -> list[Row]:
    whole, drawn = _counts(table, np.ones((1, len(table.gold)))), _counts(table, weights)
    there = whole[0, 0] + whole[2, 0] > 0
    rows = [
        _row(group, name, whole[:, 0, column], _f1(drawn[:, :, column]))
        for column, name in enumerate(table.names)
        if whole[:, 0, column].any()
    ]
    if len(table.names) > 1:
        rows.append(_row(group, "micro", whole[:, 0].sum(axis=1), _f1(drawn.sum(axis=2))))
        macro = rows[-1].model_copy(
            update={"name": "macro", "precision": None, "recall": None, "low": None, "high": None}
        )
        each = _f1(drawn[:, :, there])
        each = each[~np.isnan(each).all(axis=1)]
        # A label that no measure of a resample has is left out of that resample's mean.
        low, high = _interval(np.nanmean(each, axis=1)) if each.size else (None, None)
        f1 = float(np.nan_to_num(_f1(whole[:, 0][:, there])).mean()) if there.any() else None
        rows.append(macro.model_copy(update={"f1": f1, "low": low, "high": high}))
    return rows


def _row(group: str, name: str, counts: np.ndarray, drawn: np.ndarray) -> Row:
    hits, extra, missed = (float(value) for value in counts)
    low, high = _interval(drawn)
    return Row(
        group=group,
        name=name,
        gold=round(hits + missed),
        found=round(hits + extra),
        precision=hits / (hits + extra) if hits + extra else None,
        recall=hits / (hits + missed) if hits + missed else None,
        f1=2 * hits / (2 * hits + extra + missed) if hits + extra + missed else None,
        low=low,
        high=high,
    )


def _interval(values: np.ndarray) -> tuple[float | None, float | None]:
    values = values[~np.isnan(values)]
    if not len(values):
        return None, None
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _slices(measures: Sequence[Gold], tables: dict[str, _Table]) -> list[Slice]:
    parts: dict[tuple[str, str], list[int]] = {}
    for number, measure in enumerate(measures):
        place = measure.jurisdiction
        level = ("federal", "state", "local")[min(place.count("-"), 2)] if place else "unknown"
        words = "text" if len(measure.text) > len(measure.title) else "title only"
        for name in (("level", level), ("words", words), ("form", measure.form or "unknown")):
            parts.setdefault(name, []).append(number)
    none = np.zeros((0, 0))
    found = []
    for (by, value), numbers in sorted(parts.items()):
        cut = {
            group: _Table(t.names, t.gold[numbers], t.found[numbers], t.known[numbers]) for group, t in tables.items()
        }
        figures = {
            (group, row.name): row.f1
            for group, table in cut.items()
            for row in _rows(group, table, none.reshape(0, len(numbers)))
        }
        found.append(
            Slice(
                by=by,
                value=value,
                measures=len(numbers),
                tracked_f1=figures.get(("tracked", "tracked")),
                goals_macro_f1=figures["goal", "macro"],
                areas_macro_f1=figures["area", "macro"],
                provisions_micro_f1=figures["provision", "micro"],
            )
        )
    return found


def _confusion(measures: Sequence[Gold], said: Sequence[Classification]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {label: dict.fromkeys(LEVELS, 0) for label in LEVELS}
    for measure, words in zip(measures, said, strict=True):
        if measure.relevance in found:
            found[measure.relevance][words.relevance] += 1
    return found


def _calibration(measures: Sequence[Gold], said: Sequence[Classification]) -> tuple[Bin, ...]:
    pairs = [(s.score, bool(g.tracked)) for g, s in zip(measures, said, strict=True) if g.tracked is not None]
    bins = []
    for number in range(_BINS):
        low, high = number / _BINS, (number + 1) / _BINS
        inside = [
            (score, right) for score, right in pairs if low <= score < high or (number == _BINS - 1 and score == 1)
        ]
        bins.append(
            Bin(
                low=low,
                high=high,
                measures=len(inside),
                mean_score=float(np.mean([score for score, _ in inside])) if inside else None,
                tracked=_share([right for _, right in inside]),
            )
        )
    return tuple(bins)


def _worst(measures: Sequence[Gold], said: Sequence[Classification]) -> tuple[Miss, ...]:
    """Sure and wrong first, then those with most wrong goals and provisions."""
    found = []
    for measure, words in zip(measures, said, strict=True):
        wrong = []
        weight = 0.0
        if measure.tracked is not None and measure.tracked != words.tracked:
            wrong.append("missed" if measure.tracked else f"not about trafficking, taken as {words.relevance}")
            weight += 10 + abs(words.score - 0.5)
        for group, right, given in (
            ("goals", measure.goals, frozenset(words.goals)),
            ("provisions", measure.types, frozenset(tag.type for tag in words.provisions)),
        ):
            unsure = measure.disputed.get(group, frozenset())
            for verb, names in (("lacks", right - given - unsure), ("should not have", given - right - unsure)):
                if names:
                    wrong.append(f"{group}: {verb} {', '.join(sorted(names))}")
                    weight += len(names) * (1 if group == "goals" else 0.5)
        if wrong:
            quote = next((tag.quote for tag in words.provisions if tag.quote), "") or measure.abstract or measure.text
            shown = " ".join(quote.split())[:200]
            miss = Miss(id=measure.id, title=measure.title[:160], text=shown, wrong=tuple(wrong), score=words.score)
            found.append((-weight, measure.id, miss))
    return tuple(miss for _, _, miss in sorted(found, key=lambda item: item[:2])[:_WORST])
