"""What a notebook holds in its hands: lazy queries, one measure, a timeline. They show themselves and become data frames."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import asking, listing
from .errors import BadInput
from .records import MeasureFilter, MeasureView
from .store import queries

if TYPE_CHECKING:
    import datetime as dt
    from types import ModuleType

    import pandas as pd
    from matplotlib.figure import Figure

    from .monitoring.movement import Norms
    from .store import Store

_PREVIEW = 20


class Measures:
    """A lazy query: nothing is read before it is iterated, counted, shown or framed.

    Example::

        tracker.measures(goal="buyer_deterrence").where(stage=["enacted", "effective"]).to_frame()
    """

    def __init__(self, store: Store, wanted: MeasureFilter, *, today: dt.date) -> None:
        self._store = store
        self._today = today
        self.filter = wanted

    def where(self, **asked: Any) -> Measures:
        """The same query, narrowed: a field asked for again replaces the earlier one."""
        more = asking.measure_filter(today=self._today, **asked)
        changed = {name: getattr(more, name) for name in more.model_fields_set}
        return Measures(self._store, self.filter.model_copy(update=changed), today=self._today)

    def __iter__(self) -> Iterator[MeasureView]:
        return iter(queries.measures(self._store, self.filter))

    def __len__(self) -> int:
        return queries.count(self._store, self.filter)

    def __repr__(self) -> str:
        asked = ", ".join(f"{name}={value!r}" for name, value in self.filter.model_dump(exclude_defaults=True).items())
        return f"<Measures {asked or 'all tracked'}: {len(self)}>"

    def first(self) -> MeasureView | None:
        """The first measure in the stable order, or None."""
        return next(iter(self.limit(1)), None)

    def limit(self, count: int) -> Measures:
        """At most ``count`` measures.

        Raises:
            BadInput: less than one.
        """
        return self.where(limit=count)

    def to_frame(self) -> pd.DataFrame:
        """One row a measure, tidy types: dates are ``datetime64``, stages and levels are categories, unknown is missing."""
        return frame(self)

    def render(self, form: str, *, output: str | None = None, width: int = 90, color: bool = False) -> str | None:
        """The list as ``table``, ``csv`` or ``jsonl`` text; ``parquet`` writes ``output`` and gives None.

        Raises:
            BadInput: ``parquet`` without a file or without pyarrow.
        """
        if form == "parquet":
            listing.to_parquet(self.to_frame(), output)
            return None
        if form == "table":
            return listing.to_table(self, width=width, color=color)
        return {"csv": listing.to_csv, "jsonl": listing.to_jsonl}[form](self)

    def _repr_html_(self) -> str:
        total = len(self)
        note = (
            f"<p>{_PREVIEW} of {total:,} measures; <code>.to_frame()</code> gives all.</p>" if total > _PREVIEW else ""
        )
        shown = frame(self.limit(_PREVIEW))[["key", "title", "stage", "stage_date", "goals", "tagged_by"]]
        import pandas as pd

        with pd.option_context("display.max_colwidth", None):  # whole titles
            return str(shown.to_html(index=False, escape=True, na_rep="")) + note


def frame(views: Any) -> pd.DataFrame:
    """A data frame of measures; see :meth:`Measures.to_frame`."""
    import pandas as pd

    table = pd.DataFrame([listing.row(view) for view in views], columns=list(listing.COLUMNS))
    for column in ("stage_date", "effective_date", "introduced"):
        table[column] = pd.to_datetime(table[column])
    for column in ("retrieved_at", "last_checked"):
        table[column] = pd.to_datetime(table[column], utc=True)
    for column in ("jurisdiction", "kind", "stage", "basis", "relevance", "form", "direction", "source"):
        table[column] = table[column].astype("category")
    for column in ("binding", "contested"):
        table[column] = table[column].astype("boolean")
    return table


def _brief() -> ModuleType:
    # Late, so that listing measures does not wait for the renderers.
    from .reports import brief

    return brief


class MeasurePage:
    """One measure: its status with the cause, tags with quotations, timeline."""

    def __init__(self, view: MeasureView, norms: Norms) -> None:
        self.view = view
        self._norms = norms

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.view, name)

    def timeline(self) -> Timeline:
        """The stages that the measure reached, with dates and causes."""
        return Timeline(self.view)

    def to_text(self, *, width: int = 90, color: bool = False) -> str:
        """The brief for the terminal."""
        return _brief().to_text(self.view, self._norms, width=width, color=color)

    def to_markdown(self) -> str:
        """The brief as Markdown."""
        return _brief().to_markdown(self.view, self._norms)

    def to_html(self) -> str:
        """The brief as one printable page."""
        return _brief().to_html(self.view, self._norms)

    def to_json(self) -> str:
        """The record behind the brief."""
        return _brief().to_json(self.view, self._norms)

    def __repr__(self) -> str:
        return f"<{self.view.key}: {self.view.title} ({self.view.stage})>"

    def _repr_html_(self) -> str:
        return _brief().to_html_fragment(self.view, self._norms)


class Timeline:
    """The stages of one measure over time."""

    def __init__(self, view: MeasureView) -> None:
        self.view = view

    def to_frame(self) -> pd.DataFrame:
        """One row an event: ``date, stage, cause, basis, rule, reason``."""
        import pandas as pd

        actions = self.view.actions
        rows = [
            {
                "date": event.date,
                "stage": event.stage,
                "cause": actions[event.cause].description if event.cause is not None else None,
                "basis": event.basis,
                "rule": event.rule,
                "reason": event.reason,
            }
            for event in (self.view.status.events if self.view.status else ())
        ]
        table = pd.DataFrame(rows, columns=["date", "stage", "cause", "basis", "rule", "reason"])
        table["date"] = pd.to_datetime(table["date"])
        return table

    def plot(self) -> Figure:
        """Stages over time as a step chart; returns the figure.

        Raises:
            BadInput: matplotlib is not installed.
        """
        from .reports.words import STAGE_WORDS

        figure_class = _figure()
        events = [event for event in (self.view.status.events if self.view.status else ()) if event.date]
        figure = figure_class(figsize=(8, 0.6 * max(len(events), 2) + 1.2), layout="constrained")
        axes = figure.subplots()
        told = [STAGE_WORDS[event.stage] for event in events]
        names = list(dict.fromkeys(told))
        axes.step(
            [event.date for event in events],
            [names.index(name) for name in told],
            where="post",
            marker="o",
        )
        axes.set_yticks(range(len(names)), names)
        axes.set_title(f"{self.view.key}\n{self.view.title[:80]}", loc="left", fontsize=10)
        axes.grid(axis="x", alpha=0.3)
        return figure

    def _repr_html_(self) -> str:
        return str(self.to_frame().to_html(index=False, escape=True, na_rep=""))


def _figure() -> type[Figure]:
    # Figure itself, without pyplot: no global state, and no window on a machine without a screen.
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BadInput("Plots need matplotlib. Run: pip install 'freedom_policy[notebook]'") from error
    return Figure
