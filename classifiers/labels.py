"""Our own labels (``data/labels.csv``, and second readings of these and of the shared set in ``data/second_readings.csv``): by
measure key, without the words, which are not ours.

One line for each provision, and one for a measure without any. ``words_sha256`` is of title, abstract and text as the
labeller read them; with the same words in hand (collected by our spiders, or a folder of texts) the spans hold again.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from freedom_policy.errors import BadInput
from freedom_policy.records import TRACKED

from .gold import Gold, GoldProvision
from .reading import FIELDS

COLUMNS = (
    "measure",
    "jurisdiction",
    "relevance",
    "goals",
    "areas",
    "form",
    "direction",
    "provision",
    "provision_direction",
    "field",
    "start",
    "end",
    "words_sha256",
    "read",
    "labeller",
    "date",
)


SHIPPED = ("labels.csv", "second_readings.csv")


class Words(NamedTuple):
    """The words of one measure as they were labelled."""

    title: str
    abstract: str = ""
    text: str = ""


def words_digest(words: Words) -> str:
    """SHA-256 of title, abstract and text, each ended by a line break, in UTF-8."""
    return hashlib.sha256("".join(f"{part}\n" for part in words).encode()).hexdigest()


def write(measures: Sequence[Gold], path: str | Path, *, labeller: str, date: str, read: str) -> None:
    """Write labels, sorted by measure; ``read`` says what was read (``title``, ``excerpt``, ``text``)."""
    buffer = io.StringIO(newline="")
    out = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    out.writeheader()
    for measure in sorted(measures, key=lambda g: g.id):
        row = {
            "measure": measure.id,
            "jurisdiction": measure.jurisdiction or "",
            "relevance": measure.relevance,
            "goals": " ".join(sorted(measure.goals)),
            "areas": " ".join(sorted(measure.areas)),
            "form": measure.form or "none",
            "direction": measure.direction or "none",
            "words_sha256": words_digest(Words(measure.title, measure.abstract, measure.text)),
            "read": read if measure.text else "title",
            "labeller": labeller,
            "date": date,
        }
        for provision in measure.provisions or (GoldProvision(""),):
            span = provision.field is not None and provision.start is not None
            out.writerow(
                {
                    **row,
                    "provision": provision.type,
                    "provision_direction": provision.direction or "",
                    "field": provision.field if span else "",
                    "start": provision.start if span else "",
                    "end": provision.end if span else "",
                }
            )
    Path(path).write_text(buffer.getvalue(), encoding="utf-8")


def load(words: Callable[[str], Words | None], path: str | Path | None = None) -> list[Gold]:
    """Labels joined with the words that ``words`` finds for a measure's key; a measure without words is left out.

    Where the words differ from those that were labelled (another version, another excerpt) the labels stay and the spans go.
    Without a path all labels that ship, first readings before second ones: a measure that was read twice comes twice, as
    :func:`.gold.together` takes it.

    Raises:
        BadInput: the file cannot be read, or a line is no label of ours; names file and line.
    """
    if path is None:
        shipped = files("freedom_policy.data")
        return [
            measure
            for name in SHIPPED
            for measure in _joined(words, (shipped / name).read_text(encoding="utf-8"), name)
        ]
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"Cannot read {path}: {error.strerror}.") from None
    return _joined(words, text, str(path))


def _joined(words: Callable[[str], Words | None], text: str, name: str) -> list[Gold]:
    rows = list(csv.DictReader(io.StringIO(text)))
    for number, row in enumerate(rows, 2):
        if not set(COLUMNS) <= row.keys() or None in row.values():
            raise BadInput(f"{name}, line {number}: not a label of ours; the columns are {', '.join(COLUMNS)}.")
    found = []
    for key, group in groupby(rows, key=lambda row: row["measure"]):
        if (said := words(key)) is not None:
            found.append(_measure(key, list(group), said))
    return found


def _measure(key: str, rows: list[dict[str, str]], words: Words) -> Gold:
    first = rows[0]
    same = words_digest(words) == first["words_sha256"]
    provisions = tuple(_provision(row, same) for row in rows if row["provision"])
    goals = frozenset(first["goals"].split())
    return Gold(
        id=key,
        title=words.title,
        abstract=words.abstract,
        text=words.text,
        jurisdiction=first["jurisdiction"] or None,
        kind=None,
        stratum="own",
        relevance=first["relevance"],
        tracked=first["relevance"] in TRACKED,
        goals=goals,
        areas=frozenset(first["areas"].split()),
        provisions=provisions,
        main_goal=None,
        form=first["form"],
        direction=first["direction"],
        sure=0.8,
        twice=False,
    )


def _provision(row: dict[str, str], same: bool) -> GoldProvision:
    if not same or not row["field"]:
        return GoldProvision(row["provision"], row["provision_direction"] or None)
    field = next(name for name in FIELDS if name == row["field"])
    return GoldProvision(
        row["provision"], row["provision_direction"] or None, field, int(row["start"]), int(row["end"])
    )


def as_lines(measures: Iterable[Gold]) -> list[dict[str, object]]:
    """Labelled measures as the JSON objects that :func:`.gold.load` reads, words included: for training elsewhere."""
    return [
        {
            "id": g.id,
            "jurisdiction": g.jurisdiction,
            "title": g.title,
            "abstract": g.abstract,
            "text": g.text,
            "stratum": g.stratum,
            "sure": g.sure,
            "labels": {
                "relevance": g.relevance,
                "tracked": g.tracked,
                "goals": sorted(g.goals),
                "areas": sorted(g.areas),
                "form": g.form,
                "direction": g.direction,
                "provisions": [
                    {"type": p.type, "direction": p.direction, "field": p.field, "start": p.start, "end": p.end}
                    for p in g.provisions
                ],
            },
        }
        for g in measures
    ]
