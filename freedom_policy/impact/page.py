"""The page on what was counted around a law: plain records and their renderers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from ..records import Record
from ..reports import words
from .outcomes import Break, Expectation, Indicator

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Window = Literal["before", "part", "early", "later", "unfinished"]
WINDOWS: Mapping[Window, str] = {
    "before": "before",
    "part": "took effect in it",
    "early": "after, years 1 to 3",
    "later": "after, later",
    "unfinished": "not over yet",
}
_COUNTS: Mapping[str, str] = {
    "detection": "what was detected and reported",
    "reporting": "who reported",
    "enforcement": "what authorities did, as they reported it",
    "service": "what services and courts gave, as they reported it",
    "compliance": "what was filed or done as the law asks, as it was reported",
}
LIMITS = (
    "This shows what was counted, not what caused it.",
    "No series counts trafficking itself. A count can rise because a good law makes people look, and fall because fewer look.",
    "A period that is not in the file, or has no value there, is unknown. It is not zero.",
    "Other laws are those in what was collected. Federal law, and a state's law in its cities, change counts too and are "
    "not listed here.",
)


class Law(Record):
    """A measure that is law, with the day from which it applies."""

    key: str
    label: str
    title: str
    url: str | None
    stage_words: str
    effective_date: dt.date | None
    """None: not known from what was collected."""
    dated_by: str
    """How the day is known, in words."""
    provisions: tuple[str, ...]
    tagged: str


class Point(Record):
    """One period of a series. Unknown is None, never zero."""

    period: str
    window: Window
    value: float | None = None
    reporting: int | None = None
    population: float | None = None
    rate: float | None = None
    """Per 100,000 people; only where the file gives a population."""
    laws: tuple[str, ...] = ()
    """Keys of the laws in question that took effect in it."""
    breaks: tuple[str, ...] = ()
    line: int | None = None
    """Of the user's file; None: the period is not in it."""
    source: str = ""
    note: str = ""
    retrieved: str = ""


class Series(Record):
    """The periods of one place, from the first to the last of all that are shown, without gaps."""

    place: str
    place_name: str
    law_words: str = ""
    """Of a compared place: what is known of such a law there."""
    points: tuple[Point, ...]


class Threshold(Record):
    """How much there is of what an estimate would need at least."""

    what: str
    found: int
    needed: int


class Impact(Record):
    """A descriptive page on one indicator around one law, ready for every renderer."""

    schema_version: int = 1
    """Counts up when a field goes or means something else; new fields do not count."""
    question: str
    expected: str
    """The direction that was expected before looking, in words. Told first."""
    expectation: Expectation
    place: str
    provision: str | None
    indicator: Indicator
    laws: tuple[Law, ...]
    """The laws in question, the first to take effect first; before and after are told from that day."""
    bundle: tuple[Law, ...]
    """Other laws of the same place that took effect while the series runs, or on a day that is not known."""
    series: tuple[Series, ...]
    """The place itself first, then those that the user named."""
    breaks: tuple[Break, ...]
    growth: str
    thresholds: tuple[Threshold, ...]
    no_effect: str
    limits: tuple[str, ...] = LIMITS
    banner: str | None
    made_at: dt.datetime
    foot: tuple[str, ...]

    def opening(self) -> list[tuple[str, list[str]]]:
        """What stands before the series: headings with their sentences."""
        counted = f"{self.indicator.name}. This counts {_COUNTS[self.indicator.counts]}, by {self.indicator.level}."
        laws = [_law_words(law) for law in self.laws]
        if len(laws) > 1:
            laws.append("Before and after are told from the first of these days.")
        return [
            ("Expected before looking", [self.expected]),
            ("The law" if len(self.laws) == 1 else "The laws", laws),
            ("What is counted", [counted, *self.indicator.traps]),
        ]

    def closing(self) -> list[tuple[str, list[str]]]:
        """What stands after the series."""
        others = [f"{one.label} ({one.key}): {_since(one)}." for one in self.bundle]
        if others:
            others.insert(0, "Other laws of the same place; what is counted cannot tell them apart:")
        breaks = [f"{one.name} ({_span(one)}). {one.says}" for one in self.breaks]
        compared = [f"{one.place_name}, named by you: {one.law_words}." for one in self.series[1:]]
        found = [
            ("Who counted", [self.growth]),
            (
                "What else changed in these years",
                [*breaks, *others] or ["Nothing that is known here; that is not nothing."],
            ),
            ("Compared places", compared),
            ("What this can and cannot say", list(self.limits)),
            ("Why no effect is printed", [self.no_effect, *(_threshold_words(one) for one in self.thresholds)]),
        ]
        return [(heading, lines) for heading, lines in found if lines]

    def row(self, point: Point) -> list[str]:
        """A period in words: period, count, agencies, rate, where it stands, line and source."""
        origin = [f"line {point.line}" if point.line else "not in the file", point.source, point.note]
        origin.append(f"retrieved {point.retrieved}" if point.retrieved else "")
        return [
            point.period,
            "unknown" if point.value is None else number(point.value),
            "unknown" if point.reporting is None else f"{point.reporting:,}",
            "" if point.rate is None else f"{point.rate:,.2f}",
            WINDOWS[point.window] + (" *" if point.breaks else ""),
            "; ".join(part for part in origin if part),
        ]

    @property
    def columns(self) -> list[str]:
        """Headings of :meth:`row`."""
        return [
            "Period",
            f"{words.capital(self.indicator.unit)} reported",
            "Agencies reporting",
            "Per 100,000",
            "The law",
            "From",
        ]

    def to_text(self, width: int = 90, color: bool = False) -> str:
        """For a terminal."""
        from ..reports.terminal import Page

        page = Page(width, color)
        page.line(self.question, style="bold")
        if self.banner:
            page.line(self.banner)
        for heading, lines in self.opening():
            _section(page, heading, lines)
        for one in self.series:
            page.heading(f"{one.place_name}: {self.indicator.unit} reported")
            for point in one.points:
                page.line(self._spoken(point), indent=2, hang=4)
        if self.breaks:
            page.line("* touched by something that changed many counts at once; see below.", indent=2)
        for heading, lines in self.closing():
            _section(page, heading, lines)
        links = (f"{law.label}: {law.url or 'no link in the record'}" for law in (*self.laws, *self.bundle))
        _section(page, "The records", links)
        page.line()
        for text in self.foot:
            page.line(text)
        return str(page)

    def _spoken(self, point: Point) -> str:
        period, value, _, rate, window, origin = self.row(point)
        said = [value if point.value is not None else "unknown, not zero"]
        if point.reporting is not None:
            said.append(words.count(point.reporting, "agency", "agencies") + " reporting")
        said += [f"{rate} per 100,000"] if rate else []
        return f"{period}  {'; '.join(said)} [{window}] ({origin})"

    def to_markdown(self) -> str:
        """As Markdown (CommonMark, with tables)."""
        from ..reports.pages import render

        return render("impact.md", impact=self)

    def to_html(self) -> str:
        """One printable page, self-contained, with a chart."""
        from ..reports.pages import render
        from .chart import layout

        return render("impact.html", impact=self, chart=layout(self))

    def _repr_html_(self) -> str:
        from ..reports.pages import render
        from .chart import layout

        return render("impact_fragment.html", impact=self, chart=layout(self))

    def to_json(self) -> str:
        """The whole object."""
        return self.model_dump_json(indent=2)

    def to_frame(self) -> pd.DataFrame:
        """One row a place and period; ``start`` is the first day of the period, unknown is missing."""
        import pandas as pd

        rows = [{"place": one.place, **point.model_dump()} for one in self.series for point in one.points]
        table = pd.DataFrame(rows)
        table.insert(
            2, "start", pd.to_datetime(table["period"].map(lambda text: text if "-" in text else f"{text}-01"))
        )
        table[["reporting", "line"]] = table[["reporting", "line"]].astype("Int64")
        table[["value", "population", "rate"]] = table[["value", "population", "rate"]].astype("float64")
        table[["place", "window"]] = table[["place", "window"]].astype("category")
        for column in ("laws", "breaks"):
            table[column] = table[column].map("; ".join)
        return table

    def plot(self) -> Figure:
        """The count above and who counted below, with the day of each law; returns the figure.

        Raises:
            BadInput: matplotlib is not installed.
        """
        from .chart import draw

        return draw(self)

    @property
    def by_rate(self) -> bool:
        """True if places are compared and each known value has a rate: then rates are drawn, else counts."""
        known = [point for one in self.series for point in one.points if point.value is not None]
        return len(self.series) > 1 and all(point.rate is not None for point in known)

    def shown(self, point: Point) -> float | None:
        """What charts draw of a period."""
        return point.rate if self.by_rate else point.value

    @property
    def shown_unit(self) -> str:
        """Of what charts draw."""
        return f"{self.indicator.unit} reported" + (" per 100,000" if self.by_rate else "")


def number(value: float) -> str:
    """A count without a fraction, any other value with two digits."""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def _section(page: Any, heading: str, lines: Iterable[str]) -> None:
    page.heading(heading)
    for text in lines:
        page.line(text, indent=2, hang=2)


def _since(law: Law) -> str:
    return f"from {words.day(law.effective_date)}" if law.effective_date else "in force, from a day that is not known"


def _law_words(law: Law) -> str:
    names = words.series((words.provision(key) for key in law.provisions), 6)
    said = [
        f"{law.label} ({law.key}): {words.sentence(law.title)}",
        f"It applies {_since(law)}, {law.dated_by}. Now: {law.stage_words}.",
        f"It does: {names} ({law.tagged})." if names else "",
    ]
    return " ".join(part for part in said if part)


def _span(one: Break) -> str:
    return one.start if one.start == one.end else f"{one.start} to {one.end}"


def _threshold_words(one: Threshold) -> str:
    return f"{words.capital(one.what)}: {one.found}; at least {one.needed} are needed."
