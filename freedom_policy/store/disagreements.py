"""Where sources say different things of the same measure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ..records import Measure, MeasureFilter
from . import bulk
from .merge import rank
from .models import MeasureRow, ObservationRow
from .results import Disagreement
from .selecting import conditions

if TYPE_CHECKING:
    from .store import Store


FIELDS = ("kind", "title", "introduced", "effective", "citations", "last_action")
"""Fields that are compared."""


def disagreements(store: Store, wanted: MeasureFilter | None = None) -> Iterator[Disagreement]:
    """Fields on which the sources of a measure differ, in the order of keys; letter case and punctuation do not count.

    Compared are kind, title, day of introduction, effective day, laws, and the day of the last action. A source that says
    nothing does not disagree.
    """
    several = select(ObservationRow.measure_id).group_by(ObservationRow.measure_id).having(func.count() > 1)
    statement = (
        select(MeasureRow.id, MeasureRow.key)
        .where(MeasureRow.id.in_(several), *conditions(wanted or MeasureFilter(tracked=None)))
        .order_by(MeasureRow.sort_key)
    )
    with store.reading() as connection:
        keys = {row.id: row.key for row in connection.execute(statement)}
    for part in bulk.chunks(keys):
        said: dict[int, list[Measure]] = defaultdict(list)
        records = select(ObservationRow.measure_id, ObservationRow.record).where(ObservationRow.measure_id.in_(part))
        with store.reading() as connection:
            for measure_id, record in connection.execute(records.order_by(ObservationRow.id.desc())):
                said[measure_id].append(Measure.model_validate_json(record))
        for measure_id in part:
            yield from compare(keys[measure_id], said[measure_id])


def compare(key: str, said: Sequence[Measure]) -> Iterable[Disagreement]:
    """The fields on which views of one measure differ."""
    for field in FIELDS:
        values = said_by(said, field)
        if differ(values):
            precedence = "actions" if field == "last_action" else "title" if field == "citations" else field
            shown = min(values, key=lambda source, name=precedence: rank(source, name))  # type: ignore[misc]
            yield Disagreement(key=key, field=field, values=values, shown=shown)


def said_by(said: Sequence[Measure], field: str) -> dict[str, Any]:
    """What each source says of a field, by its name; those that say nothing are left out. ``said``: newest view first."""
    values: dict[str, Any] = {}
    for measure in said:
        value = _value(measure, field)
        if value not in (None, "", ()):
            # The newest view of each source speaks for it.
            values.setdefault(measure.source.name, value)
    return values


def differ(values: Mapping[str, Any]) -> bool:
    """True if sources say different things; letter case and punctuation do not count."""
    return len({_comparable(value) for value in values.values()}) > 1


def _value(measure: Measure, field: str) -> Any:
    if field == "last_action":
        return max((action.date for action in measure.actions if action.date), default=None)
    if field == "citations":
        return tuple(sorted(citation.citation for citation in measure.citations if citation.kind == "law"))
    return getattr(measure, field)


def _comparable(value: Any) -> Any:
    return re.sub(r"\W+", " ", value).casefold().strip() if isinstance(value, str) else value
