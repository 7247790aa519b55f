"""Counting measures by what they have in common, without loading them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from ..errors import BadInput, did_you_mean
from ..records import MeasureFilter
from .models import MeasureRow, TagRow
from .results import Facet
from .selecting import conditions

if TYPE_CHECKING:
    from .store import Store

_COLUMNS: dict[str, Any] = {
    "jurisdiction": MeasureRow.jurisdiction,
    "session": MeasureRow.session,
    "kind": MeasureRow.kind,
    "stage": func.coalesce(MeasureRow.stage, "unknown"),
    "relevance": MeasureRow.relevance,
    "tracked": MeasureRow.tracked,
    "contested": MeasureRow.contested,
    "mostly_contested": MeasureRow.mostly_contested,
    "binding": MeasureRow.binding,
    "administrative": MeasureRow.administrative,
    "reviewed": MeasureRow.reviewed,
}
_TAGS = ("goal", "area", "subarea", "provision", "form")
DIMENSIONS: tuple[str, ...] = (*_COLUMNS, *_TAGS)
"""What can be counted by."""


def facets(store: Store, by: Sequence[str], wanted: MeasureFilter | None = None) -> list[Facet]:
    """How many measures share the values of some dimensions, such as ``("jurisdiction", "area", "stage")``.

    A measure with several goals counts under each of them; one without counts under none. ``limit`` does not apply.

    Args:
        by: names from ``DIMENSIONS``; the first ones sort first.
        wanted: which measures; default: tracked ones.

    Raises:
        BadInput: an unknown dimension.
    """
    columns: list[Any] = []
    joins: list[tuple[Any, Any]] = []
    for name in by:
        if name in _COLUMNS:
            columns.append(_COLUMNS[name].label(name))
        elif name in _TAGS:
            tag = aliased(TagRow)
            joins.append((tag, (tag.measure_id == MeasureRow.id) & (tag.dimension == name)))
            columns.append(tag.value.label(name))
        else:
            raise BadInput(
                f"Cannot count by {name!r}. {did_you_mean(name, DIMENSIONS)} Known: {', '.join(DIMENSIONS)}."
            )
    # A measure without a family is a family of its own.
    family = func.coalesce(MeasureRow.family_id, -MeasureRow.id)
    counts = (func.count(), func.count(family.distinct()), func.max(MeasureRow.last_action))
    statement = select(*columns, *counts).select_from(MeasureRow)
    for tag, on in joins:
        statement = statement.join(tag, on)
    statement = statement.where(*conditions(wanted or MeasureFilter())).group_by(*columns)
    with store.reading() as connection:
        rows = connection.execute(statement).all()
    found = [
        Facet(values=dict(zip(by, row[:-3], strict=True)), measures=row[-3], families=row[-2], latest=row[-1])
        for row in rows
    ]
    return sorted(found, key=lambda facet: tuple((value is not None, str(value)) for value in facet.values.values()))
