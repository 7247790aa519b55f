"""The charts of a page: a layout for the drawing in HTML, and a figure for notebooks. Count above, who counted below."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from . import outcomes
from .outcomes import Break, month_of
from .page import LIMITS, Impact, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(impact: Impact) -> Figure:
    """A figure with matplotlib.

    Raises:
        BadInput: matplotlib is not installed.
    """
    from ..reports.plots import figure

    found = figure(8, 4.6)
    upper, lower = found.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    styles = ("-", "--", ":", "-.")
    for index, one in enumerate(impact.series):
        months = [outcomes.period(point.period) for point in one.points]
        middles = [(each.first_month + each.end_month) / 24 for each in months]
        values = [float("nan") if (v := impact.shown(p)) is None else v for p in one.points]
        style = {"linestyle": styles[index % 4], "color": "#6b7480" if index else "#33577b"}
        upper.plot(middles, values, marker="o", markersize=4, label=one.place_name, **style)
        if not index:
            counts = [point.reporting or 0 for point in one.points]
            width = 0.8 * (months[0].end_month - months[0].first_month) / 12
            lower.bar(middles, counts, width=width, color="#a9bdd2", edgecolor="#6b7480")
    for law in impact.laws:
        if law.effective_date:
            for axes in (upper, lower):
                axes.axvline(_moment(law.effective_date) / 12, color="#1b1f24", linewidth=1)
    for shade in impact.breaks:
        upper.axvspan(*(month / 12 for month in _months(shade)), color="#dfe6ee", zorder=0)
    upper.set_ylim(bottom=0)
    upper.set_title(f"{impact.indicator.name}\nUpright line: a law takes effect. {LIMITS[0]}", loc="left", fontsize=10)
    upper.set_ylabel(impact.shown_unit)
    lower.set_ylabel("agencies\nreporting")
    upper.legend(frameon=False, fontsize=8)
    return found


def _moment(day: dt.date) -> float:
    return month_of(day) + (day.day - 1) / 31


def _months(one: Break) -> tuple[int, int]:
    return outcomes.period(one.start).first_month, outcomes.period(one.end).end_month


def layout(impact: Impact) -> dict[str, Any]:
    """Where things stand in the drawing of ``impact_chart.html``, which is 640 wide and 270 high."""
    left, right, top, floor, low = 8.0, 590.0, 24.0, 160.0, 240.0
    periods = [outcomes.period(point.period) for point in impact.series[0].points]
    begin, end = periods[0].first_month, periods[-1].end_month

    def x(month: float) -> float:
        return round(left + (min(max(month, begin), end) - begin) / (end - begin) * (right - left), 1)

    values = [v for one in impact.series for point in one.points if (v := impact.shown(point)) is not None]
    most, agencies = max(values) or 1, max((p.reporting or 0 for p in impact.series[0].points), default=0)
    lines: list[dict[str, Any]] = []
    for one in impact.series:
        runs: list[list[tuple[float, float]]] = [[]]
        for point in one.points:
            here, value = outcomes.period(point.period), impact.shown(point)
            if value is None:
                runs.append([])
            else:
                runs[-1].append(
                    (x((here.first_month + here.end_month) / 2), round(floor - (floor - top) * value / most, 1))
                )
        lines.append(
            {"name": one.place_name, "short": one.place.rpartition("-")[2].upper(), "runs": [r for r in runs if r]}
        )
    # Labels at the right end, pushed apart where they would lie on each other.
    bottom = floor + 24
    for line in sorted(lines, key=lambda line: -line["runs"][-1][-1][1] if line["runs"] else 0):
        if line["runs"]:
            line["label"] = bottom = min(line["runs"][-1][-1][1] + 4, bottom - 13)
    return {
        "lines": lines,
        "most": number(most),
        "agencies": agencies,
        "bars": [
            (x(p.first_month), 0.8 * (x(p.end_month) - x(p.first_month)), (low - 184) * point.reporting / agencies)
            for p, point in zip(periods, impact.series[0].points, strict=True)
            if point.reporting and agencies
        ],
        "laws": [x(_moment(law.effective_date)) for law in impact.laws if law.effective_date],
        "breaks": [(x(_months(one)[0]), max(x(_months(one)[1]) - x(_months(one)[0]), 1)) for one in impact.breaks],
    }
