"""How far to trust the tags: the key figures of the model that ships, so that every report can say them where it is read."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib.resources import files

from ..records import Record


class Figure(Record):
    """How well one kind of tag agrees with the labels; 1 is full agreement, with nothing missed and nothing wrong."""

    what: str
    f1: float
    low: float
    """The 95% interval goes from here to ``high``."""
    high: float
    local: float
    """On papers of cities and counties."""
    labellers: float
    """How well two labellers agree with each other."""


class Accuracy(Record):
    """The figures, and of which model they are."""

    model: str
    measured_on: dt.date
    measures: int
    """Labelled measures that it was measured on."""
    precision: float
    """Share of those called about trafficking that the labels call so."""
    recall: float
    """Share of those about trafficking by the labels that are found."""
    figures: tuple[Figure, ...]


@cache
def shipped() -> Accuracy:
    """The figures of the model that ships, from ``data/model/figures.yaml``."""
    import yaml

    text = (files("freedom_policy.data") / "model" / "figures.yaml").read_text(encoding="utf-8")
    return Accuracy(**yaml.safe_load(text))


LABELS = (
    "The labels that taught the machine were made by language models reading under a written codebook, and no lawyer or "
    "survivor has reviewed them yet."
)


def sentences() -> tuple[str, ...]:
    """The figures in words, for people who know no F1."""
    found = shipped()
    kinds = found.figures[-1]
    return (
        LABELS,
        f"By those labels, {found.precision * 100:.0f} of 100 measures that it calls about trafficking are, and it finds "
        f"{found.recall * 100:.0f} of 100 that are. Kinds of provision agree far less (F1 {kinds.f1:.2f}), and papers of cities "
        "and counties least. On measures never seen it will do worse.",
    )


def figures() -> tuple[str, ...]:
    """The figures one by one, for a list."""
    return tuple(
        f"{row.what}: F1 {row.f1:.2f} (95% interval {row.low:.2f} to {row.high:.2f}); cities and counties {row.local:.2f}; two "
        f"labellers {row.labellers:.2f}"
        for row in shipped().figures
    )


def how_measured() -> str:
    """What the figures rest on."""
    found = shipped()
    day = f"{found.measured_on.day} {found.measured_on:%b %Y}"
    return (
        f"F1 is 1 where nothing is missed and nothing is wrong. Measured on {day} with model {found.model}, which ships, by "
        f"cross-validation on {found.measures:,} labelled measures; its patterns were written by readers who had seen errors "
        "on most of them, so the figures are on the high side. A model that somebody trained anew has figures of its own. All "
        "of them are in data/model/README.md, and how tags are made is in docs/tags.md, of this project."
    )
