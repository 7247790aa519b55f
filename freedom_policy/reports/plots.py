"""Figures for notebooks, with matplotlib where it is installed. Each returns the figure; none needs a screen."""

from __future__ import annotations

from collections import Counter
from textwrap import fill
from typing import TYPE_CHECKING

from ..errors import BadInput
from . import phrases, words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from .coverage import Coverage
    from .digest import Digest

# One hue from light to dark, no good or bad colours; hatching for what was not looked at.
_SHADES = {
    "none_found": "#ffffff",
    "ended": "#dfe6ee",
    "moving": "#a9bdd2",
    "in_force": "#33577b",
    "not_looked_at": "#ffffff",
}
_INK, _LINE = "#1b1f24", "#6b7480"


def figure(width: float, height: float) -> Figure:
    """An empty figure, in inches.

    Raises:
        BadInput: matplotlib is not installed.
    """
    # Figure itself, without pyplot: no global state, and no window on a machine without a screen.
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise BadInput("Plots need matplotlib. Run: pip install 'freedom_policy[notebook]'") from error
    return Figure(figsize=(width, height), layout="constrained")


def coverage_figure(coverage: Coverage, dimension: str = "area") -> Figure:
    """A heat map of the places that were looked at: shade says the state, the number counts reforms in it.

    Args:
        dimension: ``area``, ``goal``, ``subarea`` or ``form``.

    Raises:
        BadInput: no such dimension, no place that was looked at, or no matplotlib.
    """
    from .coverage import STATE_NAMES, columns

    names = [name for of, _, name in columns() if of == dimension]
    if not names:
        raise BadInput(f"Coverage has no dimension {dimension!r}. Known: area, goal, subarea, form.")
    rows = [row for row in coverage.rows if row.looked_at]
    if not rows:
        raise BadInput("No place was looked at yet. Run: freedom-policy collect SOURCE")
    found = figure(2.5 + 1.15 * len(names), 1.8 + 0.34 * len(rows))
    from matplotlib.patches import Patch, Rectangle

    axes = found.subplots()
    for y, row in enumerate(rows):
        for x, cell in enumerate(cell for cell in row.cells if cell.dimension == dimension):
            axes.add_patch(Rectangle((x, y), 1, 1, facecolor=_SHADES[cell.state], edgecolor=_LINE, linewidth=0.6))
            number = {"in_force": cell.in_force, "moving": cell.moving, "ended": cell.ended}.get(cell.state)
            text = "gap" if cell.gap else str(number) if number else ""
            ink = "#ffffff" if cell.state == "in_force" else _INK
            axes.text(x + 0.5, y + 0.5, text, ha="center", va="center", fontsize=8, color=ink)
    axes.set_xlim(0, len(names))
    axes.set_ylim(len(rows), 0)
    axes.set_xticks([n + 0.5 for n in range(len(names))], [fill(name, 16) for name in names], fontsize=8)
    axes.set_yticks([n + 0.5 for n in range(len(rows))], [row.name for row in rows], fontsize=8)
    axes.tick_params(length=0)
    axes.set_title("In force, moving, ended, or none found in what was collected", loc="left", fontsize=10)
    states = [state for state in STATE_NAMES if state != "not_looked_at"]
    handles = [Patch(facecolor=_SHADES[state], edgecolor=_LINE, label=STATE_NAMES[state]) for state in states]
    found.legend(handles=handles, loc="outside lower left", ncols=len(handles), frameon=False, fontsize=8)
    return found


def activity_figure(digest: Digest) -> Figure:
    """Moves over time, by the date in the record.

    Raises:
        BadInput: matplotlib is not installed.
    """
    found = figure(8, 2.6)
    from matplotlib.dates import date2num
    from matplotlib.ticker import MaxNLocator

    axes = found.subplots()
    bars = digest.activity
    axes.xaxis_date()
    axes.bar(
        [float(date2num(bar.start)) for bar in bars],
        [bar.moves for bar in bars],
        width=[max((bar.end - bar.start).days, 0) + 0.8 for bar in bars] or 0.8,
        align="edge",
        edgecolor="white",
        color=_SHADES["in_force"],
    )
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(f"Moves by the date in the record, {phrases.period(digest)}", loc="left", fontsize=10)
    axes.set_ylabel("moves")
    return found


def flow_figure(digest: Digest) -> Figure:
    """From which stage to which: how many measures made each move, the most frequent first.

    Raises:
        BadInput: matplotlib is not installed.
    """
    moves = Counter((step.from_words, words.stage(step.to_stage)) for item in digest.items for step in item.steps)
    ranked = sorted(moves.items(), key=lambda pair: (-pair[1], pair[0]))[:20]
    found = figure(8, 1.2 + 0.32 * max(len(ranked), 1))
    from matplotlib.ticker import MaxNLocator

    axes = found.subplots()
    axes.barh(
        [f"{start} \N{RIGHTWARDS ARROW} {end}" for (start, end), _ in ranked],
        [n for _, n in ranked],
        color=_SHADES["in_force"],
    )
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(f"Moves from stage to stage, {phrases.period(digest)}", loc="left", fontsize=10)
    axes.set_xlabel("measures")
    return found
