"""One measure out of several sources' views: which source's word counts for which field.

Each field is taken whole from the first source of its list that says something; nothing is interleaved. What a source
does not list ranks after those that are listed, by name.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from ..records import Action, Measure, digest_of

_ACTIONS: TypeAdapter[tuple[Action, ...]] = TypeAdapter(tuple[Action, ...])

_OFFICIAL = (
    "congress",
    "legistar",
    "legistar-insite",
    "washington",
    "dc-law",
    "federal-register",
    "municode",
    "amlegal",
)
"""The legislature's or publisher's own service comes first: every other source is a copy of it."""
_COPIES = ("openstates", "openstates-bulk", "legiscan")
_DEFAULT = (*_OFFICIAL, *_COPIES)

PRECEDENCE: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "kind": _DEFAULT,
        "title": _DEFAULT,
        "abstracts": _DEFAULT,
        "sponsors": _DEFAULT,
        "committees": _DEFAULT,
        # Whole from one source: the same step is worded differently elsewhere, and two lists would double it.
        "actions": _DEFAULT,
        "source_status": _DEFAULT,
        # LegiScan gives texts where Open States only links to them. A source with words goes before one without.
        "versions": (*_OFFICIAL, "legiscan", "openstates", "openstates-bulk"),
        "documents": _DEFAULT,
        "hearings": _DEFAULT,
        "introduced": _DEFAULT,
        "effective": _DEFAULT,
        "url": _DEFAULT,
    }
)
"""Whose word counts, per field."""

UNITED = ("other_titles", "subjects", "related", "citations")
"""Fields where sources add to each other: all that any of them says, in the order of the default precedence."""


def rank(source: str, field: str = "actions") -> tuple[int, str]:
    """Sort key of a source for a field, best first."""
    order = PRECEDENCE[field]
    return (order.index(source) if source in order else len(order), source)


class View(NamedTuple):
    """A measure without the words of its texts, and the digest of the words of each version (None: without words)."""

    measure: Measure
    shas: tuple[str | None, ...] = ()

    @property
    def latest(self) -> int | None:
        """Index of the newest version that has words: by date, then by place in the list; undated ones count as oldest."""
        readable = [
            (version.date or dt.date.min, place)
            for place, (version, sha) in enumerate(zip(self.measure.versions, self.shas, strict=True))
            if sha
        ]
        return max(readable)[1] if readable else None

    @property
    def latest_sha(self) -> str | None:
        """Digest of the newest words."""
        return None if self.latest is None else self.shas[self.latest]


def without_words(measure: Measure) -> View:
    """The measure with the words taken out of its versions, and their digests."""
    if not measure.versions:
        return View(measure)
    bare = tuple(version.model_copy(update={"text": None}) for version in measure.versions)
    return View(measure.model_copy(update={"versions": bare}), tuple(version.sha256 for version in measure.versions))


def merge(views: Sequence[View]) -> View:
    """One measure out of the views of the same measure, best view first where a source gives several.

    ``source`` of the result is the one that the actions come from.
    """
    if len(views) == 1:
        return views[0]
    merged: dict[str, Any] = {}
    shas: tuple[str | None, ...] = ()
    for field in PRECEDENCE:
        ordered = sorted(views, key=lambda view, field=field: rank(view.measure.source.name, field))  # type: ignore[misc]
        if field == "versions":
            ordered.sort(key=lambda view: not any(view.shas))
        chosen = next((view for view in ordered if getattr(view.measure, field)), ordered[0])
        merged[field] = getattr(chosen.measure, field)
        if field == "actions":
            merged["source"] = chosen.measure.source
        if field == "versions":
            shas = chosen.shas
    default = [view.measure for view in sorted(views, key=lambda view: rank(view.measure.source.name))]
    for field in UNITED:
        merged[field] = tuple(dict.fromkeys(item for measure in default for item in getattr(measure, field)))
    titles = (measure.title for measure in default if measure.title not in ("", merged["title"]))
    merged["other_titles"] = tuple(dict.fromkeys((*merged["other_titles"], *titles)))
    return View(default[0].model_copy(update=merged), shas)


def actions_hash(view: View) -> str:
    """Digest of what a status is computed from: actions in order, kind, and the latest text (for effective dates)."""
    told = _ACTIONS.dump_json(view.measure.actions, exclude_defaults=True).decode()
    return digest_of([view.measure.kind, told, view.latest_sha])


def words_hash(view: View) -> str:
    """Digest of what a classification is made from: title, abstracts, kind and the latest text."""
    measure = view.measure
    abstracts = [abstract.abstract for abstract in measure.abstracts]
    return digest_of([measure.title, abstracts, measure.kind, view.latest_sha])


def search_text(measure: Measure) -> str:
    """What word search looks through: number, titles and abstracts, in lower case."""
    parts = [measure.identifier, measure.title, *measure.other_titles, *(a.abstract for a in measure.abstracts)]
    return "\n".join(parts).casefold()


def sort_key(jurisdiction: str, session: str, identifier: str) -> str:
    """A key that sorts as people count: HB9 before HB10, and ``us`` before ``us-ak``."""
    # A space sorts before every character of a key, so a place stands before those whose key it begins.
    return " ".join(
        re.sub(r"\d+", lambda digits: digits[0].zfill(9), part) for part in (jurisdiction, session, identifier)
    )
