"""One measure on one page: where it stands and why, how it got there, what it would do in its own words."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..records import MeasureView, Record, Stage
from ..safe import link, masked, plain
from . import pace, phrases, words
from .digest import foot
from .items import Item, looked_from, make_item, reason_of

if TYPE_CHECKING:
    from ..monitoring.movement import Norms
    from .terminal import Page


class Event(Record):
    """One line of the timeline: a stage that was reached, or something worth knowing that is no stage."""

    date: dt.date | None
    stage: Stage | None
    words: str
    cause: str | None
    url: str | None
    basis: str
    reason: str | None


class Reading(Record):
    """Where the record was read."""

    source: str
    url: str | None
    retrieved_at: dt.datetime


class Brief(Record):
    """One measure, ready for every renderer."""

    schema_version: int = 1
    """Counts up when a field goes or means something else; new fields do not count."""
    item: Item
    banner: str | None
    as_it_was: tuple[str, ...] = ()
    """Set where it is shown as it stood on a day or as we knew it then: which day, and what had to be left out."""
    timeline: tuple[Event, ...]
    ahead: pace.Ahead | None
    """What it waits for; None where it is no longer on its way."""
    citations: tuple[str, ...]
    readings: tuple[Reading, ...]
    reform: str | None
    """Key of the reform that it belongs to, with other measures that try the same change."""
    unmapped: int
    """Actions that no rule understood; they are in the record and did not count."""
    made_at: dt.datetime
    foot: tuple[str, ...]


_MARK_WORDS = {
    "setback": "a setback that did not end it",
    "carried_over": "carried over to the next session",
    "hearing": "a hearing",
    "retracted": "the source took an action back",
}


_NONE: Norms = MappingProxyType({})


def build(
    view: MeasureView, *, norms: Norms = _NONE, now: dt.datetime | None = None, name_reviewer: bool = True
) -> Brief:
    """The brief of a measure.

    Args:
        norms: how long measures usually wait, from ``queries.movement_norms``; without them nothing is said of its pace.
        now: the moment of the report, aware; default: the clock, in the reader's zone.
        name_reviewer: False in what is published.
    """
    now = now or dt.datetime.now().astimezone()
    status = view.status
    events = []
    for event in status.events if status else ():
        cause = _action(view, event.cause)
        events.append(
            Event(
                date=event.date,
                stage=event.stage,
                words=words.capital(words.stage_here(event.stage, view.jurisdiction)),
                cause=cause[0],
                url=cause[1] or link(event.url),
                basis=event.basis,
                reason=reason_of(event.reason, demo=view.demo),
            )
        )
    for mark in status.marks if status else ():
        cause = _action(view, mark.cause)
        note = masked(mark.note) if mark.note else None
        text = words.capital(_MARK_WORDS[mark.mark])
        events.append(
            Event(date=mark.date, stage=None, words=text, cause=cause[0], url=cause[1], basis="action", reason=note)
        )
    item = make_item(view, now=now, why="You asked for it.", name_reviewer=name_reviewer)
    return Brief(
        item=item,
        banner="Demonstration record, not current: facts are real, descriptions are paraphrased."
        if view.demo
        else None,
        as_it_was=_as_it_was(view, now),
        timeline=tuple(sorted(events, key=lambda event: event.date or dt.date.min)),
        # How long others waited was learnt from what came later.
        ahead=pace.ahead(view, _NONE if view.as_of else norms, looked_from(view, now)),
        citations=tuple(plain(citation.citation) for citation in view.citations),
        readings=tuple(Reading(source=s.name, url=link(s.url), retrieved_at=s.retrieved_at) for s in view.sources),
        reform=view.family,
        unmapped=len(status.unmapped) if status else 0,
        made_at=now,
        foot=foot(now),
    )


def _as_it_was(view: MeasureView, now: dt.datetime) -> tuple[str, ...]:
    if view.as_of is None:
        return ()
    known = f", as far as we knew on {words.day(view.known_at.astimezone(now.tzinfo))}" if view.known_at else ""
    told = [
        f"This is how it stood on {words.day(view.as_of)}{known}. What came later is left out; the title is today's."
    ]
    if not view.actions:
        told.append("Nothing in its record is from that day or before, as far as was known.")
    if view.left_out:
        told.append(
            f"Left out, because it is not known since when it is so: {words.listing(view.left_out)}. "
            "Ask without a day to see it."
        )
    return tuple(told)


def to_text(view: MeasureView, norms: Norms = _NONE, *, width: int = 90, color: bool = False) -> str:
    """The brief for a terminal."""
    from .terminal import Page

    page = Page(width, color)
    _write(page, build(view, norms=norms))
    return str(page)


def to_markdown(view: MeasureView, norms: Norms = _NONE) -> str:
    """The brief as Markdown."""
    from .pages import render

    return render("brief.md", brief=build(view, norms=norms))


def to_html(view: MeasureView, norms: Norms = _NONE) -> str:
    """The brief as one printable page, self-contained."""
    from .pages import render

    return render("brief.html", brief=build(view, norms=norms))


def to_html_fragment(view: MeasureView, norms: Norms = _NONE) -> str:
    """The brief for a notebook cell."""
    from .pages import render

    return render("brief_fragment.html", brief=build(view, norms=norms))


def to_json(view: MeasureView, norms: Norms = _NONE) -> str:
    """The object behind the brief."""
    return build(view, norms=norms).model_dump_json(indent=2)


def _action(view: MeasureView, index: int | None) -> tuple[str | None, str | None]:
    if index is None or index >= len(view.actions):
        return None, None
    action = view.actions[index]
    return masked(action.description), link(action.url)


def _write(page: Page, brief: Brief) -> None:
    item = brief.item
    page.line(f"{item.label}: {item.title}", style="bold")
    page.line(f"{item.session}. Key: {item.key}")
    if brief.banner:
        page.line(brief.banner)
    page.line()
    page.line(phrases.stands(item), style="bold")
    for fact in phrases.facts(brief):
        page.line(fact)
    if text := phrases.same_change(brief):
        page.line(text)
    if item.summary:
        page.line(f"{'Demo paraphrase: ' if item.demo else 'Summary in the record: '}{item.summary}")
    page.heading("What it would do" if item.stage not in ("enacted", "effective") else "What it does")
    page.line(f"{words.capital(item.tagged)}.", indent=2)
    if text := phrases.directions(item):
        page.line(text, indent=2)
    for tag in item.tags:
        page.line(f"{tag.name}: {tag.likelihood}{'; contested' if tag.contested else ''}", indent=2)
        if words_shown := phrases.shown(item.tags, tag):
            page.line(words_shown, indent=4)
    if not item.tags:
        page.line(phrases.no_tags(item), indent=2)
    page.heading("How it got there")
    for event in brief.timeline:
        page.line(f"{words.day(event.date)}: {phrases.event(event, item.demo)}", indent=2, hang=2)
    if not brief.timeline:
        page.line("No stage could be told from its actions.", indent=2)
    page.heading("Where this was read")
    page.line(item.url or "No link in the record.", indent=2)
    for reading in brief.readings:
        when = words.moment(reading.retrieved_at, brief.made_at.tzinfo)
        page.line(f"{reading.source}, read on {when}: {reading.url or 'no link'}", indent=2, hang=2)
    if item.last_checked:
        page.line(f"Last checked on {words.moment(item.last_checked, brief.made_at.tzinfo)}.", indent=2)
    page.line()
    for text in brief.foot:
        page.line(text)
