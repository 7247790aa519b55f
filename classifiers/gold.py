"""Labelled measures: reading them, the family that each belongs to, and which labels are disputed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, get_args

from freedom_policy import codebook
from freedom_policy.errors import BadInput, did_you_mean
from freedom_policy.records import TRACKED, Relevance, TextField

_FIELDS: tuple[TextField, ...] = ("title", "abstract", "text")


@dataclass(frozen=True, slots=True)
class GoldProvision:
    """A provision type that a labeller saw; the span is in the field as given, None where it is unknown."""

    type: str
    direction: str | None = None
    field: TextField | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """One labelled measure. ``relevance`` is None where two labellers differ; ``disputed`` labels score neither way."""

    id: str
    title: str
    abstract: str
    text: str
    jurisdiction: str | None
    kind: str | None
    stratum: str
    relevance: str | None
    tracked: bool | None
    goals: frozenset[str]
    areas: frozenset[str]
    provisions: tuple[GoldProvision, ...]
    main_goal: str | None
    form: str | None
    direction: str | None
    sure: float
    twice: bool
    """Labelled twice, independently."""
    person: bool = False
    """A person decided: that outranks other readings."""
    written: bool = False
    """Invented, to learn from: it counts in no figure."""
    group: str = ""
    """Invented measures made from one pattern share it."""
    disputed: dict[str, frozenset[str]] = field(default_factory=dict)
    evidence: tuple[tuple[int, int, TextField], ...] = ()
    """Where quotations stand that no labeller tied to a type: start, end, field."""

    @property
    def types(self) -> frozenset[str]:
        """Provision types."""
        return frozenset(provision.type for provision in self.provisions)

    @property
    def family(self) -> str:
        """Key of measures that return under the same title, or were made alike; they must not be split over folds."""
        return self.group or family(self.title)


def family(title: str) -> str:
    """A title without years, numbers, punctuation and chamber words."""
    words = re.findall(r"[a-z]+", title.lower())
    kept = [
        word
        for word in words
        if word not in ("act", "of", "the", "a", "an", "and", "to", "relating", "bill", "concerning")
    ]
    return " ".join(kept[:14]) or title.lower()


def load(paths: Iterable[str | Path]) -> list[Gold]:
    """Measures from JSON Lines files, in order. One that comes again was read again, see :func:`together`.

    Raises:
        BadInput: a file is missing, or a line is no labelled measure; names file and line. Or one id has two titles.
    """
    found = []
    for path in map(Path, paths):
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except OSError as error:
            raise BadInput(f"Cannot read {path}: {error.strerror}.") from None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found.append(parse(json.loads(line)))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise BadInput(
                    f"{path}, line {number}: not a labelled measure ({type(error).__name__}: {error})."
                ) from None
    return together(found)


def together(readings: Iterable[Gold]) -> list[Gold]:
    """Readings of the same measure (by ``id``) as one, where the first of them stood.

    What they share is the label, with the words and spans of the first; what only one of them gave is disputed. A person's
    reading stands alone.

    Raises:
        BadInput: one id, but two titles.
    """
    found: dict[str, Gold] = {}
    for reading in readings:
        before = found.get(reading.id)
        if before is not None and before.family != reading.family:
            raise BadInput(
                f"Two measures have the id {reading.id}: “{before.title[:60]}” and “{reading.title[:60]}”. Give each measure an "
                "id of its own; readings of the same measure share id and title."
            )
        if before is None or (reading.person and not before.person):
            found[reading.id] = reading
        elif reading.person or not before.person:
            found[reading.id] = _shared(before, reading)
    return list(found.values())


def _shared(first: Gold, second: Gold) -> Gold:
    types = first.types & second.types
    differ = {
        "goals": first.goals ^ second.goals,
        "areas": first.areas ^ second.areas,
        "provisions": first.types ^ second.types,
        "relevance": frozenset(level for level in {first.relevance} ^ {second.relevance} if level),
    }
    disputed = {name: values | first.disputed.get(name, frozenset()) for name, values in differ.items()}
    return replace(
        first,
        relevance=first.relevance if first.relevance == second.relevance else None,
        tracked=first.tracked if first.tracked == second.tracked else None,
        goals=first.goals & second.goals,
        areas=first.areas & second.areas,
        provisions=tuple(provision for provision in first.provisions if provision.type in types),
        main_goal=first.main_goal if first.main_goal == second.main_goal else None,
        form=first.form if first.form == second.form else None,
        direction=first.direction if first.direction == second.direction else None,
        twice=True,
        disputed={name: values for name, values in disputed.items() if values},
    )


def written() -> list[Gold]:
    """The measures that we wrote to learn from, in the order of the file (``data/written``); they count in no figure."""
    with as_file(files("freedom_policy.data") / "written" / "measures.jsonl") as path:
        return load([path])


def parse(row: dict[str, Any]) -> Gold:
    """One measure from its JSON object."""
    labels = row["labels"]
    relevance = labels.get("relevance")
    provisions = tuple(
        GoldProvision(entry)
        if isinstance(entry, str)
        else GoldProvision(
            entry["type"], entry.get("direction"), entry.get("field"), entry.get("start"), entry.get("end")
        )
        for entry in labels.get("provisions") or ()
    )
    _check(labels, provisions)
    disputed = {name: frozenset(map(str, values)) for name, values in (row.get("disputed") or {}).items() if values}
    tracked = labels.get("tracked")
    if tracked is None and relevance is not None:
        tracked = relevance in TRACKED
    if relevance is None and disputed.get("relevance"):
        # Two levels on the same side of the line still agree on whether it is tracked.
        sides = {level in TRACKED for level in disputed["relevance"]}
        tracked = sides.pop() if len(sides) == 1 else None
    return Gold(
        id=str(row["id"]),
        title=row.get("title") or "",
        abstract=row.get("abstract") or "",
        text=row.get("text") or "",
        jurisdiction=row.get("jurisdiction"),
        kind=row.get("kind"),
        stratum=row.get("stratum") or "",
        relevance=relevance,
        tracked=tracked,
        goals=frozenset(labels.get("goals") or ()),
        areas=frozenset(labels.get("areas") or ()),
        provisions=provisions,
        main_goal=labels.get("main_goal"),
        form=labels.get("form"),
        direction=labels.get("direction"),
        sure=float(row.get("sure") or 0.5),
        twice="disputed" in row,
        person="decision" in row,
        written=row.get("source") == "written",
        group=row.get("group") or "",
        disputed=disputed,
        evidence=tuple(_places(row.get("evidence") or (), row)),
    )


def _check(labels: dict[str, Any], provisions: Iterable[GoldProvision]) -> None:
    """A word that the codebook does not know would be counted as missed for ever."""
    book = codebook.load()
    for what, values, known in (
        ("provision type", [provision.type for provision in provisions], book.provisions),
        ("goal", labels.get("goals") or (), codebook.GOALS),
        ("area", labels.get("areas") or (), codebook.AREAS),
        ("relevance", [labels["relevance"]] if labels.get("relevance") else [], get_args(Relevance)),
    ):
        for value in values:
            if value not in known:
                raise ValueError(f"unknown {what} {value!r}; {did_you_mean(str(value), known) or 'see the codebook'}")


def _places(quotations: Iterable[str], row: dict[str, Any]) -> Iterator[tuple[int, int, TextField]]:
    """Where quotations stand in the measure, blanks and line breaks taken alike; those that cannot be found are left out."""
    for quotation in dict.fromkeys(quotations):
        words = quotation.split()
        if not words:
            continue
        pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
        for name in _FIELDS:
            if found := pattern.search(row.get(name) or ""):
                yield found.start(), found.end(), name
                break
