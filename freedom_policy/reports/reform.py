"""One reform on one page: the measures that try the same change, how far each place has come, why they belong together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import BadInput, did_you_mean
from ..records import Family, FamilyLink, MeasureFilter, MeasureView, Record, Stage
from ..safe import masked
from ..store import queries
from . import phrases, words
from .digest import foot
from .items import Item, make_item

if TYPE_CHECKING:
    from ..store import Store

LINK_WORDS = {
    "companion": "companion in the other chamber",
    "prior-session": "the same change in another session",
    "same-session": "another try in the same session",
    "same-text": "the same text in another place",
    "replaces": "one replaces the other",
    "related": "a source says that they are related",
    "model-law": "follows the same model law",
}


class PlaceStanding(Record):
    """How far the reform has come in one place: its furthest measure there."""

    place: str
    place_name: str
    key: str
    stage: Stage
    words: str
    date: dt.date | None


class Tie(Record):
    """Why two of the measures belong together."""

    first: str
    second: str
    words: str
    proof: str
    reviewed: bool
    """A person confirmed it."""


class Reform(Record):
    """One reform, ready for every renderer."""

    schema_version: int = 1
    """Counts up when a field goes or means something else; new fields do not count."""
    key: str
    name: str
    banner: str | None
    standings: tuple[PlaceStanding, ...]
    members: tuple[Item, ...]
    """Oldest first."""
    ties: tuple[Tie, ...]
    made_at: dt.datetime
    foot: tuple[str, ...]

    def to_text(self, width: int = 90, color: bool = False) -> str:
        """For a terminal."""
        from .terminal import Page

        page = Page(width, color)
        page.line(self.name, style="bold")
        page.line(f"{phrases.reform(self)} Key: {self.key}")
        if self.banner:
            page.line(self.banner)
        page.heading("How far it has come")
        for standing in self.standings:
            page.line(phrases.standing(standing), indent=2, hang=2)
        page.heading("The measures, oldest first")
        for item in self.members:
            page.line(f"{item.label} ({item.session}): {item.title}", indent=2, hang=2)
            page.line(f"{phrases.stands(item)} {item.url or item.key}", indent=4)
        if self.ties:
            page.heading("Why they belong together")
            for tie in self.ties:
                page.line(phrases.tie(tie), indent=2, hang=2)
        page.line()
        for text in self.foot:
            page.line(text)
        return str(page)

    def to_markdown(self) -> str:
        """As Markdown (CommonMark)."""
        from .pages import render

        return render("reform.md", reform=self)

    def to_html(self) -> str:
        """One printable page, self-contained."""
        from .pages import render

        return render("reform.html", reform=self)

    def to_json(self) -> str:
        """The whole object."""
        return self.model_dump_json(indent=2)

    def _repr_html_(self) -> str:
        from .pages import render

        return render("reform_fragment.html", reform=self)


def reform_from(
    family: Family,
    views: Iterable[MeasureView],
    links: Iterable[FamilyLink] = (),
    *,
    now: dt.datetime,
    name_reviewer: bool = True,
) -> Reform:
    """A reform from plain records.

    Args:
        views: its members, as far as they are known.
        links: any links; those between members count.
        now: the moment of the report, aware.
        name_reviewer: False in what is published.
    """
    from ..monitoring.families import standings

    seen = {view.key: view for view in views}
    statuses = {key: view.status for key, view in seen.items() if view.status}
    items = (make_item(view, now=now, name_reviewer=name_reviewer) for view in seen.values())
    members = sorted(items, key=lambda item: _age(item, seen[item.key]))
    demo = any(view.demo for view in seen.values())
    return Reform(
        key=family.key,
        name=words.short_title(masked(family.name)),
        banner="Demonstration records, not current." if demo else None,
        standings=tuple(
            PlaceStanding(
                place=found.jurisdiction,
                place_name=words.place(found.jurisdiction),
                key=found.key,
                stage=found.stage,
                words=words.stage_here(found.stage, found.jurisdiction),
                date=found.date,
            )
            for found in standings(family, statuses)
        ),
        members=tuple(members),
        ties=tuple(
            Tie(
                first=link.first,
                second=link.second,
                words=LINK_WORDS.get(link.kind, link.kind.replace("-", " ")),
                proof=masked(link.proof),
                reviewed=link.review == "confirmed",
            )
            for link in links
            if link.first in seen and link.second in seen and link.review != "rejected"
        ),
        made_at=now,
        foot=foot(now),
    )


def build_reform(store: Store, key: str, *, now: dt.datetime | None = None) -> Reform:
    """A reform of the store by its key, or by the key of one of its measures.

    Raises:
        BadInput: no such reform; the message names near matches.
    """
    view = queries.measure(store, key) if key.count("/") >= 2 else None
    wanted = view.family if view and view.family else key
    found = queries.families(store, [wanted])
    if not found:
        hint = did_you_mean(key, (family.key for family in queries.families(store)))
        raise BadInput(
            f"No reform {key!r} in the store. {hint} Reforms are found by: freedom-policy monitor".replace("  ", " ")
        )
    members = queries.measures(store, MeasureFilter(keys=found[0].members, tracked=None))
    links = queries.family_links(store)
    return reform_from(found[0], members, links, now=now or dt.datetime.now().astimezone())


def _age(item: Item, view: MeasureView) -> tuple[dt.date, str]:
    dates = [action.date for action in view.actions if action.date]
    return view.introduced or min(dates, default=dt.date.max), item.key
