"""Reports for a terminal, with rich: sentences under headings, no boxes, so that they read well aloud and when piped."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from . import phrases, words
from .items import Item

if TYPE_CHECKING:
    from .coverage import Cell, Coverage, Row
    from .digest import Digest, Section

_FIRST_LEADS = 6
_FIRST_COMING = 3
_FULL_ITEMS = 25


class Page:
    """Collects lines and wraps them to a width. Values are never read as markup."""

    def __init__(self, width: int, color: bool) -> None:
        from rich.console import Console

        self._out = io.StringIO()
        self._console = Console(
            file=self._out,
            width=max(width, 20),
            force_terminal=color,
            color_system="standard" if color else None,
            no_color=not color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )

    def line(self, text: str = "", indent: int = 0, style: str = "", hang: int = 0) -> None:
        """A paragraph; ``hang`` indents its further lines more than the first."""
        from rich.padding import Padding
        from rich.text import Text

        body = Text(text, style=style, overflow="fold")
        if not hang:
            self._console.print(Padding(body, (0, 0, 0, indent)))
            return
        lines = body.wrap(self._console, max(self._console.width - indent - hang, 10))
        for index, part in enumerate(lines):
            self._console.print(Padding(part, (0, 0, 0, indent + (hang if index else 0))))

    def put(self, renderable: Any) -> None:
        """Anything that rich can draw, such as a table."""
        self._console.print(renderable)

    def heading(self, text: str) -> None:
        """A heading with an empty line before it."""
        self.line()
        self.line(text, style="bold")

    def __str__(self) -> str:
        # Padding fills lines to the width; a pipe should not carry that.
        return "\n".join(line.rstrip() for line in self._out.getvalue().splitlines()) + "\n"


def digest_text(digest: Digest, *, width: int, color: bool) -> str:
    """The digest: one page in short, then the details."""
    page = Page(width, color)
    page.line(digest.title, style="bold")
    page.line(f"{phrases.period(digest)}. You follow: {digest.follows}.")
    if digest.banner:
        page.line(digest.banner, style="bold reverse" if color else "")
    page.line()
    if digest.quiet:
        page.line(digest.quiet)
    else:
        page.line(phrases.headline(digest))
    if text := phrases.apart(digest):
        page.line(text)

    if digest.lead:
        page.heading("What matters most")
        for number in digest.lead[:_FIRST_LEADS]:
            _lead(page, digest.item(number))
        more = len(digest.lead) - _FIRST_LEADS
        if more > 0:
            page.line(f"{more} more of this weight below, from number {_FIRST_LEADS + 1} on.", indent=2)
    if digest.lead_late:
        page.heading("New to this collection, though it happened earlier")
        for number in digest.lead_late:
            _lead(page, digest.item(number))
    if digest.folded:
        page.line(phrases.folded(digest), indent=2)
    page.heading("What is coming")
    if not digest.coming:
        page.line(phrases.NOTHING_AHEAD, indent=2)
    else:
        for row in digest.coming[:_FIRST_COMING]:
            page.line(phrases.coming(row), indent=2, hang=2)
        if len(digest.coming) > _FIRST_COMING:
            page.line(f"{len(digest.coming) - _FIRST_COMING} more dates below.", indent=2)
    page.heading("How fresh this is")
    page.line(digest.freshness, indent=2)
    page.line("Not legal advice. Tags are machine-tagged, not reviewed, unless it says so.", indent=2)

    told: set[int] = set()
    _goals(page, digest, told)
    _areas(page, digest)
    for section in (digest.contested, digest.review, digest.ended, digest.silent, *digest.others):
        _section(page, digest, section, told)
    if len(digest.coming) > _FIRST_COMING:
        page.heading("Everything that is coming")
        for row in digest.coming:
            page.line(phrases.coming(row), indent=2, hang=2)
    _coverage(page, digest)
    _looks(page, digest)
    page.line()
    for text in digest.foot:
        page.line(text)
    return str(page)


def _lead(page: Page, item: Item) -> None:
    page.line(f"{item.number}. {item.label}: {_clip(words.short_title(item.title), 150)}", indent=2, hang=3)
    page.line(_first_line(item), indent=5)


def _first_line(item: Item) -> str:
    parts = [phrases.moved(item)]
    if text := phrases.provisions(item, limit=3, likelihood=False):
        parts.append(text)
    if item.takes_away:
        parts.append(item.why)
    return " ".join(parts)


def _clip(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " [...]"


def _goals(page: Page, digest: Digest, told: set[int]) -> None:
    if digest.quiet:
        return
    page.heading("By goal")
    heading = None
    for section in digest.goals:
        if section.part_of and section.part_of != heading:
            page.line()
            page.line(section.part_of, indent=2, style="bold")
        heading = section.part_of
        if not section.part_of:
            page.line()
        count = words.count(len(section.numbers), "measure") if section.numbers else "nothing moved"
        page.line(f"{section.title}: {count}", indent=4 if section.part_of else 2, style="bold")
        _items(page, digest, section.numbers, told)


def _areas(page: Page, digest: Digest) -> None:
    if digest.quiet:
        return
    page.heading("By focus area (the Freedom Strategy of Engage Together)")
    for section in digest.areas:
        numbers = words.listing(str(number) for number in section.numbers) if section.numbers else "nothing moved"
        page.line(f"{section.title}: {numbers}", indent=2, hang=2)


def _section(page: Page, digest: Digest, section: Section, told: set[int]) -> None:
    if not section.numbers:
        return
    page.heading(section.title)
    if section.note:
        page.line(section.note, indent=2)
    if section.key == "review":
        for number in section.numbers:
            item = digest.item(number)
            goals = words.goals(item.may_take_away)
            page.line(
                f"{number}. {item.label}: may take away from {goals}. {words.capital(item.tagged)}.", indent=2, hang=3
            )
        return
    _items(page, digest, section.numbers, told)


def _items(page: Page, digest: Digest, numbers: Iterable[int], told: set[int]) -> None:
    again = [number for number in numbers if number in told]
    for number in numbers:
        if number not in told:
            _item(page, digest.item(number), full=len(told) < _FULL_ITEMS)
            told.add(number)
    if again:
        page.line(f"Told above: {words.listing(str(number) for number in again)}.", indent=4)


def _item(page: Page, item: Item, full: bool) -> None:
    page.line(f"{item.number}. {item.label} ({item.session}): {item.title}", indent=4, hang=3)
    if not full:
        page.line(f"{phrases.moved(item)} {item.url or item.key}", indent=7)
        return
    page.line(" ".join(part for part in (phrases.moved(item), phrases.cause(item.cause, item.demo)) if part), indent=7)
    if item.summary:
        page.line(f"{'Demo paraphrase: ' if item.demo else 'Summary in the record: '}{item.summary}", indent=7)
    if item.tags:
        page.line(phrases.provisions(item) or "", indent=7)
        if text := phrases.quotation(item.quotation):
            page.line(text, indent=9)
    facts = [phrases.directions(item), phrases.people(item), *phrases.notes(item)]
    for text in facts:
        if text:
            page.line(text, indent=7)
    page.line(f"{words.capital(item.tagged)}. Why it is here: {item.why}", indent=7)
    page.line(item.url or f"No link in the record. freedom-policy show {item.key}", indent=7)


def _coverage(page: Page, digest: Digest) -> None:
    if digest.not_found:
        page.heading("No measure found in what was collected")
        for row in digest.not_found:
            page.line(f"{row.place_name}: {row.words}", indent=2, hang=2)
    if digest.not_looked_at:
        page.heading("Places not looked at")
        page.line(
            f"{words.listing(digest.not_looked_at, limit=12)}. What is told here says nothing of their law.", indent=2
        )


def _looks(page: Page, digest: Digest) -> None:
    if not digest.looks:
        return
    page.heading("Sources, one by one")
    for look in digest.looks:
        when = words.moment(look.finished_at, digest.made_at.tzinfo) if look.finished_at else "not finished"
        page.line(
            f"{look.source}, {look.place_name}: {look.words} ({when}; {words.count(look.found, 'measure')})",
            indent=2,
            hang=2,
        )
        for text in look.to_do:
            page.line(text, indent=4, hang=2)


_SHORT_STATES = {"none_found": "none found", "not_looked_at": "not looked at"}
_TABLE_WIDTH = 88


def coverage_text(coverage: Coverage, *, width: int, color: bool) -> str:
    """Coverage: a table by focus area and by goal; on a narrow screen a list."""
    page = Page(width, color)
    page.line("What is in force, moving, ended, not found, or not looked at", style="bold")
    page.line(f"{phrases.made(coverage.made_at)}. You follow: {coverage.follows}.")
    for dimension, title in (("area", "By focus area (the Freedom Strategy of Engage Together)"), ("goal", "By goal")):
        page.heading(title)
        if width < _TABLE_WIDTH:
            _coverage_list(page, coverage, dimension)
        else:
            _coverage_table(page, coverage, dimension)
    gaps = [
        (row.name, cell.name) for row in coverage.rows for cell in row.cells if cell.gap and cell.dimension == "area"
    ]
    if gaps:
        page.heading("Gaps in a place's own code, where it was read")
        for place, name in gaps:
            page.line(f"{place}: {name}", indent=2)
    page.heading("What was looked at")
    for row in coverage.rows:
        if row.looked_at:
            code = "; its standing code was read" if row.code_read else ""
            since = f" since {words.day(row.since)}" if row.since else ""
            sources = f" from {words.listing(row.sources)}" if row.sources else ""
            waits = f"; {row.untagged} not tagged yet" if row.untagged else ""
            looked = f"{words.count(row.measures, 'measure')}{since}{sources}{code}{words.only_part(row.cut)}{waits}"
            page.line(f"{row.name}: {looked}", indent=2, hang=2)
    never = [row.name for row in coverage.rows if not row.looked_at] + list(coverage.not_looked_at)
    if never:
        page.line(f"Not looked at: {words.listing(never, limit=20)}.", indent=2, hang=2)
    page.line()
    for text in (*coverage.notes, *coverage.foot):
        page.line(text)
    return str(page)


def _short(cell: Cell, row: Row) -> str:
    if cell.gap:
        return "gap"
    counts = ((cell.in_force, "in force"), (cell.moving, "moving"), (cell.ended, "ended"))
    own = ", ".join(f"{count} {name}" for count, name in counts if count) or _SHORT_STATES.get(cell.state, cell.state)
    if cell.state == "none_found" and row.cut:
        own += " in part"
    return f"{own} (+{sum(cell.inherited.values())} inherited)" if cell.inherited else own


def _cells(row: Row, dimension: str) -> list[Cell]:
    return [cell for cell in row.cells if cell.dimension == dimension]


def _coverage_list(page: Page, coverage: Coverage, dimension: str) -> None:
    for row in coverage.rows:
        if not row.looked_at:
            continue
        page.line(row.name, indent=2, style="bold")
        for cell in _cells(row, dimension):
            page.line(f"{cell.name}: {_short(cell, row)}", indent=4, hang=2)


def _coverage_table(page: Page, coverage: Coverage, dimension: str) -> None:
    from rich.table import Table
    from rich.text import Text

    looked = [row for row in coverage.rows if row.looked_at]
    if not looked:
        page.line("No place was looked at yet.", indent=2)
        return
    table = Table(box=None, pad_edge=False, show_header=True, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("Place", overflow="fold")
    for cell in _cells(looked[0], dimension):
        name = cell.name.split(" (")[0] if dimension == "area" else cell.name
        # No word is broken: a heading in two pieces is read as two.
        table.add_column(name, overflow="fold", min_width=max(map(len, name.split())))
    for row in looked:
        table.add_row(Text(row.name), *(Text(_short(cell, row)) for cell in _cells(row, dimension)))
    page.put(table)
