"""Coverage: places by focus areas, goals, sub-areas and form. In force, moving, ended, none found, or not looked at.

Never a grade and never a verdict on the law: "none found" speaks of what was collected, with its window and sources, and
only places whose standing code was read can have a gap. :func:`coverage_from` is pure.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from pydantic import Field

from .. import codebook, places
from ..errors import BadInput, did_you_mean
from ..records import OPEN_STAGES, MeasureFilter, MeasureView, Record, Run, Stage
from ..safe import cell as safe_cell
from . import words
from .digest import NotFound, foot
from .items import standing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ..store.outlook import Part

Dimension = Literal["area", "goal", "subarea", "form", "provision"]
State = Literal["in_force", "moving", "ended", "none_found", "not_looked_at"]
STATE_NAMES: dict[State, str] = {
    "in_force": "in force",
    "moving": "moving",
    "ended": "ended",
    "none_found": "none found in what was collected",
    "not_looked_at": "not looked at",
}
FORMS = {"sex": "Sex trafficking", "labor": "Labor trafficking", "both": "Both forms", "unspecified": "Form not said"}
FRAMEWORKS: dict[str, str] = {
    "uniform_act_sections": "Uniform Act on Prevention of and Remedies for Human Trafficking, 2013, by section",
    "polaris": "Polaris 2014, ended: the categories of its state ratings",
    "shared_hope": "Shared Hope's 40 goals, replaced in October 2025: their issue areas",
}
# A binding resolution that was adopted is in force as policy; one that binds nobody is never counted.
STATE_STAGES: dict[str, tuple[Stage, ...]] = {
    "in_force": ("enacted", "effective", "adopted"),
    "ended": ("dead", "expired", "repealed", "struck_down", "enjoined"),
    "moving": OPEN_STAGES,
}


class Tally(NamedTuple):
    """How many measures of a place bear a tag and stand alike."""

    place: str
    dimension: str
    value: str
    state: str
    """``in_force``, ``moving`` or ``ended``; empty where the stage is not known."""
    counted: bool
    """Only what :func:`freedom_policy.reports.items.standing` calls ``counted`` is in the totals."""
    families: int
    measures: int


class PlaceLook(Record):
    """What was collected of a place: since when, from where, and whether its standing code was read."""

    place: str
    since: dt.date | None = None
    sources: tuple[str, ...] = ()
    measures: int = 0
    code_read: bool = False
    untagged: int = 0
    """Collected, and read by no model or person yet: nothing can be said of them."""
    unassessed: int = 0
    """Collected, and their stage was never computed."""
    cut: tuple[str, ...] = ()
    """Sources of which only a part was collected, each with how the look was cut: ``legistar: limit 20``."""

    @property
    def read(self) -> bool:
        """False if all that was collected still waits to be tagged: then it is as if nobody had looked."""
        return not self.measures or self.untagged < self.measures


class Cell(Record):
    """One place and one tag. Counts are reform families with binding provisions, core or partial, undisputed."""

    dimension: Dimension
    value: str
    name: str
    state: State
    in_force: int = 0
    moving: int = 0
    ended: int = 0
    apart: int = 0
    """Measures outside the totals: contested, adjacent, administrative, not binding, without a provision, or of unknown
    stage."""
    inherited: dict[str, int] = Field(default_factory=dict)
    """Place above -> reform families in force there, which cover this place too."""
    gap: bool = False
    """Only where the standing code was read, nothing was found, and nothing is inherited."""
    words: str


class Row(Record):
    """One place."""

    place: str
    name: str
    level: str
    parent: str | None
    looked_at: bool
    code_read: bool
    since: dt.date | None
    sources: tuple[str, ...]
    measures: int
    untagged: int
    cut: tuple[str, ...] = ()
    """Sources of which only a part was collected, each with how the look was cut: ``legistar: limit 20``."""
    cells: tuple[Cell, ...]

    def cell(self, dimension: str, value: str) -> Cell:
        """One cell of the row.

        Raises:
            BadInput: no such dimension or value; the message names near matches.
        """
        values = {cell.value: cell for cell in self.cells if cell.dimension == dimension}
        if value in values:
            return values[value]
        known: list[str] = list(values) or list(dict.fromkeys(cell.dimension for cell in self.cells))
        wrong = f"Unknown {dimension} {value!r}" if values else f"Unknown dimension {dimension!r}"
        hint = did_you_mean(str(value if values else dimension), known) or f"Known: {', '.join(known)}."
        raise BadInput(f"{wrong}. {hint}")


class Tile(Record):
    """One state as a square of a map: all states are the same size, whatever their land."""

    place: str
    name: str
    code: str
    column: int
    line: int
    cell: Cell


class FrameworkRow(Record):
    """One place seen through somebody else's framework: each item's state, by the codebook's mapping."""

    place: str
    states: dict[str, State]


class Framework(Record):
    """A published framework, named as its owner's and with its date. It does not endorse this tool."""

    key: str
    name: str
    items: dict[str, str]
    rows: tuple[FrameworkRow, ...]


class Coverage(Record):
    """Places by tags, ready for every renderer."""

    schema_version: int = 1
    """Counts up when a field goes or means something else; new fields do not count."""
    made_at: dt.datetime
    follows: str
    rows: tuple[Row, ...]
    not_looked_at: tuple[str, ...]
    """Known places without a row, none of which was looked at."""
    frameworks: tuple[Framework, ...]
    notes: tuple[str, ...]
    foot: tuple[str, ...]

    def tiles(self, value: str) -> tuple[Tile, ...]:
        """The states as squares on a map, for one focus area; those without a row are left out."""
        rows = {row.place: row for row in self.rows}
        return tuple(
            Tile(
                place=place,
                name=rows[place].name,
                code=place.removeprefix("us-").upper(),
                column=column,
                line=line,
                cell=cell,
            )
            for place, (column, line) in TILES.items()
            if place in rows
            for cell in [rows[place].cell("area", value)]
        )

    def row(self, place: str) -> Row:
        """The row of a place, by its key or name.

        Raises:
            BadInput: no such place, or none in this coverage; the message names near matches.
        """
        rows = {row.place: row for row in self.rows}
        if place in rows:
            return rows[place]
        key = places.jurisdiction(place).key
        if key in rows:
            return rows[key]
        raise BadInput(f"{words.place(key)} has no row here: it was not looked at, or not asked for.")

    def to_text(self, width: int = 100, color: bool = False) -> str:
        """For a terminal; a narrow one gets lists instead of a table."""
        from .terminal import coverage_text

        return coverage_text(self, width=width, color=color)

    def to_csv(self) -> str:
        """One line a cell, all dimensions; safe to open in a spreadsheet."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(CSV_COLUMNS)
        for row in self.rows:
            for cell in row.cells:
                inherited = "; ".join(f"{place}: {count}" for place, count in cell.inherited.items())
                values = (row.place, row.name, row.level, cell.dimension, cell.value, cell.name, cell.state)
                counts = (cell.in_force, cell.moving, cell.ended, cell.apart, inherited, cell.gap)
                window = (row.since.isoformat() if row.since else "", "; ".join(row.sources), row.code_read)
                told = ("; ".join(row.cut), cell.words)
                writer.writerow([safe_cell(value) for value in (*values, *counts, *window, *told)])
        return out.getvalue()

    def to_json(self) -> str:
        """The whole object; the schema is in ``docs/coverage.md``."""
        return self.model_dump_json(indent=2)

    def to_html(self) -> str:
        """One self-contained page with a map, heat maps and tables."""
        from .pages import render

        return render("coverage.html", coverage=self)

    def to_frame(self) -> pd.DataFrame:
        """One row a cell, the columns of the CSV; counts are integers, the rest of few values are categories."""
        import pandas as pd

        table = pd.read_csv(io.StringIO(self.to_csv()), keep_default_na=False)
        table["collected_since"] = pd.to_datetime(table["collected_since"])
        for column in ("place", "place_name", "level", "dimension", "value", "name", "state", "sources"):
            table[column] = table[column].astype("category")
        return table

    def plot(self, dimension: str = "area") -> Figure:
        """A heat map of the places that were looked at; returns the figure.

        Raises:
            BadInput: no such dimension, nothing looked at, or matplotlib is not installed.
        """
        from .plots import coverage_figure

        return coverage_figure(self, dimension)

    def not_found(self, limit: int = 10) -> tuple[NotFound, ...]:
        """For a digest: focus areas without a measure, for places that were looked at (reforms claims nothing)."""
        rows = []
        for row in self.rows:
            cells = [cell for cell in row.cells if cell.dimension == "area" and cell.value != "reforms"]
            empty = [cell for cell in cells if cell.state == "none_found"]
            if row.looked_at and empty:
                names = words.listing(cell.name for cell in empty)
                text = f"{words.capital(window(row.since, row.sources, row.cut))}, no measure found on {names}"
                text += f"{words.only_part(row.cut)}."
                above = {place: count for cell in empty for place, count in cell.inherited.items()}
                if above:
                    text += f" Law of {words.listing(words.place(place) for place in above)} on some of these covers it too."
                rows.append(
                    NotFound(place=row.place, place_name=row.name, areas=tuple(c.value for c in empty), words=text)
                )
        return tuple(rows[:limit])

    def _repr_html_(self) -> str:
        from .pages import render

        return render("coverage_fragment.html", coverage=self)


_GRID = """
ak .. .. .. .. .. .. .. .. .. .. me
.. .. .. .. .. .. .. .. .. .. vt nh
.. wa id mt nd mn il wi mi ny ri ma
.. or nv wy sd ia in oh pa nj ct ..
.. ca ut co ne mo ky wv va md de ..
.. .. az nm ks ar tn nc sc dc .. ..
.. .. .. .. ok la ms al ga .. .. ..
hi .. .. .. tx .. .. .. .. fl .. ..
gu mp as .. .. .. .. .. .. .. pr vi
"""
TILES: Mapping[str, tuple[int, int]] = {
    f"us-{code}": (column, line)
    for line, codes in enumerate(_GRID.split("\n")[1:-1])
    for column, code in enumerate(codes.split())
    if code != ".."
}
"""State -> (column, line) of its square, west to east and north to south as far as a grid can."""

CSV_COLUMNS = (
    "place",
    "place_name",
    "level",
    "dimension",
    "value",
    "name",
    "state",
    "in_force",
    "moving",
    "ended",
    "apart",
    "inherited_in_force",
    "gap",
    "collected_since",
    "sources",
    "code_read",
    "cut",
    "words",
)


def columns() -> tuple[tuple[Dimension, str, str], ...]:
    """(dimension, value, name) of every column, in the order of the codebook."""
    subareas = [f"{area}.{sub}" for area, subs in codebook.load().areas.items() for sub in subs]
    return (
        *(("area", key, words.area(key)) for key in codebook.AREAS),
        *(("goal", key, words.goal(key)) for key in codebook.GOALS),
        *(("subarea", code, words.subarea(code)) for code in subareas),
        *(("form", key, name) for key, name in FORMS.items()),
    )


def counted_tags() -> tuple[tuple[str, str], ...]:
    """(dimension, value) of every tag that coverage counts: the columns, and provision types for other frameworks."""
    return (
        *((dimension, value) for dimension, value, _ in columns()),
        *(("provision", key) for key in codebook.load().provisions),
    )


def coverage_from(
    tallies: Iterable[Tally],
    looks: Iterable[PlaceLook],
    *,
    now: dt.datetime,
    filter: MeasureFilter | None = None,
) -> Coverage:
    """Coverage from plain records.

    Args:
        tallies: counts by place and tag (:func:`tallies_of` makes them from measures).
        looks: the places that were looked at; every other place is "not looked at", whatever was counted.
        now: the moment of the report.
        filter: ``jurisdictions`` says which places to show; default: the nation, all states, and local places looked at.
    """
    wanted = filter or MeasureFilter()
    looked = {look.place: look for look in looks if look.read}
    counts = _count(tallies)
    shown, hidden = _places(wanted, looked)
    rows = tuple(_row(key, looked, counts) for key in shown)
    return Coverage(
        made_at=now,
        follows=words.filter_words(wanted),
        rows=rows,
        not_looked_at=tuple(words.place(key) for key in hidden),
        frameworks=tuple(_framework(key, rows, counts) for key in FRAMEWORKS),
        notes=NOTES,
        foot=foot(now),
    )


NOTES = (
    "Counts are reforms (families of measures that try the same change) with binding provisions on trafficking. Contested, "
    "related, administrative and non-binding measures, and those without a provision that could be found, stand apart and are "
    "in no count.",
    "None found speaks of what was collected, not of the law: standing law is read only where it says so. Where only part of a "
    "source was collected, it says so and how the look was cut.",
    "State law covers its cities and counties, federal law covers all; what a place inherits is shown beside its own.",
    "Nearly every law is a reform, so the area Reforms claims neither a gap nor strength.",
    "Other frameworks are their owners', mapped by this project's codebook. None of them endorses this tool, and a state "
    "here is no grade.",
)


def tallies_of(views: Iterable[MeasureView]) -> list[Tally]:
    """Tallies from measures in memory."""
    families: dict[Tally, set[str]] = defaultdict(set)
    measures: dict[Tally, int] = defaultdict(int)
    for view in views:
        tags, kind = view.classification, standing(view)
        if tags is None or kind == "other":
            continue
        state = next((name for name, stages in STATE_STAGES.items() if view.stage in stages), "")
        found = [("area", key) for key in tags.areas] + [("goal", key) for key in tags.goals]
        found += [("subarea", key) for key in tags.subareas] + [("form", tags.form)]
        found += [("provision", key) for key in {tag.type for tag in tags.provisions}]
        for dimension, value in found:
            group = Tally(view.jurisdiction, dimension, value, state, kind == "counted", 0, 0)
            families[group].add(view.family or view.key)
            measures[group] += 1
    return [group._replace(families=len(of), measures=measures[group]) for group, of in families.items()]


def looks_of(views: Iterable[MeasureView], runs: Iterable[Run] = (), parts: Iterable[Part] = ()) -> list[PlaceLook]:
    """What was collected of each place, from measures in memory and the runs that looked without finding.

    Args:
        parts: scopes of which only a part was collected.
    """
    found: dict[str, list[MeasureView]] = defaultdict(list)
    for view in views:
        found[view.jurisdiction].append(view)
    looks = {}
    for place, of_place in found.items():
        days = [day for view in of_place for day in (view.introduced, *(a.date for a in view.actions[:1])) if day]
        looks[place] = PlaceLook(
            place=place,
            since=min(days, default=None),
            sources=tuple(sorted({source.name for view in of_place for source in view.sources})),
            measures=len(of_place),
            untagged=sum(view.classification is None for view in of_place),
            unassessed=sum(view.status is None for view in of_place),
            code_read=any(view.kind == "code_section" for view in of_place),
        )
    for run in runs:
        if (
            run.jurisdiction
            and run.jurisdiction not in looks
            and run.verdict in ("complete", "empty_as_expected", "partial")
        ):
            looks[run.jurisdiction] = PlaceLook(place=run.jurisdiction, sources=(run.source,))
    parts = list(parts)
    return [look.model_copy(update={"cut": cut_of(look, parts)}) for look in looks.values()]


def cut_of(look: PlaceLook, parts: Iterable[Part]) -> tuple[str, ...]:
    """The parts that are all that was collected of a place, in words."""
    return tuple(
        f"{part.source}: {part.why}"
        for part in parts
        if part.source in look.sources and part.place in (None, look.place)
    )


def window(since: dt.date | None, sources: Sequence[str], cut: Sequence[str] = ()) -> str:
    """``in what was collected since 3 Jan 2025 from openstates``; ``in the part that was collected`` if it was cut."""
    text = "in the part that was collected" if cut else "in what was collected"
    if since:
        text += f" since {words.day(since)}"
    return text + (f" from {words.listing(sources)}" if sources else "")


# ---------------------------------------------------------------------------------------------------------------------

_Counts = Mapping[tuple[str, str, str], Mapping[str, int]]


def _count(tallies: Iterable[Tally]) -> _Counts:
    counts: dict[tuple[str, str, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for tally in tallies:
        cell = counts[tally.place, tally.dimension, tally.value]
        if tally.counted and tally.state:
            cell[tally.state] += tally.families
        else:
            cell["apart"] += tally.measures
    return counts


def _places(wanted: MeasureFilter, looked: Mapping[str, PlaceLook]) -> tuple[list[str], list[str]]:
    known = places.jurisdictions()
    if wanted.jurisdictions:
        return list(wanted.jurisdictions), []
    shown = [key for key, place in known.items() if place.level in ("federal", "state") or key in looked]
    shown += sorted(key for key in looked if key not in known)
    return shown, [key for key in known if key not in shown]


def _above(place: str) -> list[str]:
    found, known = [], places.jurisdictions()
    while place in known and (parent := known[place].parent):
        found.append(parent)
        place = parent
    return found


def _row(place: str, looked: Mapping[str, PlaceLook], counts: _Counts) -> Row:
    look, known = looked.get(place), places.jurisdictions().get(place)
    return Row(
        place=place,
        name=words.place(place),
        level=known.level if known else "unknown",
        parent=known.parent if known else None,
        looked_at=look is not None,
        code_read=bool(look and look.code_read),
        since=look.since if look else None,
        sources=look.sources if look else (),
        measures=look.measures if look else 0,
        untagged=look.untagged if look else 0,
        cut=look.cut if look else (),
        cells=tuple(_cell(place, dimension, value, name, looked, counts) for dimension, value, name in columns()),
    )


def _cell(
    place: str, dimension: Dimension, value: str, name: str, looked: Mapping[str, PlaceLook], counts: _Counts
) -> Cell:
    look = looked.get(place)
    found = counts.get((place, dimension, value), {}) if look else {}
    inherited = {
        above: number
        for above in _above(place)
        if (number := counts.get((above, dimension, value), {}).get("in_force", 0))
    }
    state: State = "not_looked_at" if look is None else "none_found"
    for better in ("ended", "moving", "in_force"):
        if found.get(better):
            state = better
    claims_nothing = value.split(".")[0] == "reforms" or dimension == "form"
    gap = (
        state in ("none_found", "ended")
        and bool(look and look.code_read and not look.untagged and not look.cut)
        and not inherited
        and not claims_nothing
    )
    return Cell(
        dimension=dimension,
        value=value,
        name=name,
        state=state,
        in_force=found.get("in_force", 0),
        moving=found.get("moving", 0),
        ended=found.get("ended", 0),
        apart=found.get("apart", 0),
        inherited=inherited,
        gap=gap,
        words=_words(state, found, inherited, gap, look, [key for key in _above(place) if key not in looked]),
    )


def _words(
    state: State,
    found: Mapping[str, int],
    inherited: Mapping[str, int],
    gap: bool,
    look: PlaceLook | None,
    unread: Sequence[str],
) -> str:
    if look is None:
        text = "Not looked at"
    elif state == "none_found":
        text = f"{words.capital(window(look.since, look.sources, look.cut))}, no measure found"
    else:
        kinds = (("in_force", "in force"), ("moving", "moving"), ("ended", "ended"))
        text = ", ".join(f"{found[key]} {name}" for key, name in kinds if found.get(key))
    if look:
        text += words.only_part(look.cut)
    if look and look.untagged:
        text += f"; {words.count(look.untagged, 'collected measure')} not tagged yet"
    if gap:
        text += "; a gap in its own code, which was read"
    if found.get("apart"):
        text += f"; {found['apart']} apart from the totals"
    if inherited:
        text += "; inherited: " + words.listing(
            f"{count} in force from {words.place(above)}" for above, count in inherited.items()
        )
    if unread and look is not None:
        text += f"; the law above it was not looked at: {words.listing(words.place(key) for key in unread)}"
    return text + "."


def _framework(key: str, rows: Sequence[Row], counts: _Counts) -> Framework:
    book = codebook.load()
    items = book.frameworks[key]
    types = {item: [p.key for p in book.provisions.values() if item in p.mappings[key]] for item in items}
    framework_rows = []
    for row in rows:
        states: dict[str, State] = {}
        for item in items:
            states[item] = "none_found" if row.looked_at else "not_looked_at"
            for better in ("ended", "moving", "in_force"):
                if row.looked_at and any(counts.get((row.place, "provision", t), {}).get(better) for t in types[item]):
                    states[item] = better
        framework_rows.append(FrameworkRow(place=row.place, states=states))
    return Framework(key=key, name=FRAMEWORKS[key], items=items, rows=tuple(framework_rows))
