"""From the store to a report: fetch, then hand over to the pure builders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import codebook, places
from ..records import MeasureFilter, Run, StageChange
from ..store import outlook, queries
from . import pace
from .coverage import STATE_STAGES, Coverage, PlaceLook, Tally, counted_tags, coverage_from, cut_of
from .digest import COMING_DAYS, Digest, HelpLine, NotFound, digest_from
from .items import NON_BINDING_KINDS

if TYPE_CHECKING:
    from ..store import Store

_FEW_PLACES = 10
_AREAS = tuple(("area", key) for key in codebook.AREAS)


def build_digest(
    store: Store,
    *,
    since: dt.datetime | None,
    until: dt.datetime | None = None,
    filter: MeasureFilter | None = None,
    title: str | None = None,
    now: dt.datetime | None = None,
    recorded_on: dt.date | None = None,
    name_reviewers: bool = True,
    changes: Iterable[StageChange] | None = None,
    help_lines: Iterable[HelpLine] = (),
) -> Digest:
    """What we learnt after ``since`` and not after ``until``, with what is coming and how fresh the look was.

    Args:
        since: aware; None: from the beginning.
        until: aware; default ``now``.
        filter: what the reader follows; default: everything tracked.
        title: name of the watch.
        now: the moment of the report, aware; default: the clock, in the reader's zone.
        recorded_on: day of the demo recordings; default: the day on which they were read.
        name_reviewers: False in what is published.
        changes: those of the span that are to be told; default: all.
        help_lines: local help lines for the foot, as configured.
    """
    now = now or dt.datetime.now().astimezone()
    until, wanted = until or now, filter or MeasureFilter()
    changes = queries.changes(store, since, until, wanted) if changes is None else list(changes)
    ahead = outlook.ahead(store, now.date(), now.date() + dt.timedelta(days=COMING_DAYS), wanted)
    silent = pace.gone_quiet(store, since, until, wanted, queries.movement_norms(store))
    runs = queries.last_runs(store)
    looks = _looks(store, runs)
    followed = [look for look in looks if look.place in wanted.jurisdictions or not wanted.jurisdictions]
    demo = [s.retrieved_at for change in changes if change.measure.demo for s in change.measure.sources]
    return digest_from(
        changes,
        now=now,
        until=until,
        since=since,
        measures=ahead,
        silent=silent,
        runs=_of_places(runs, wanted),
        filter=wanted,
        not_found=_not_found(store, looks, wanted, now),
        title=title,
        recorded_on=recorded_on or (max(demo).date() if demo else None),
        name_reviewers=name_reviewers,
        help_lines=help_lines,
        untagged=sum(look.untagged for look in followed),
        unassessed=sum(look.unassessed for look in followed),
    )


def build_coverage(store: Store, *, filter: MeasureFilter | None = None, now: dt.datetime | None = None) -> Coverage:
    """What is in force, moving, ended, not found or not looked at, by place.

    Args:
        filter: which places to show, and which measures to count.
        now: the moment of the report, aware; default: the clock, in the reader's zone.
    """
    wanted = filter or MeasureFilter()
    looks = place_looks(store)
    return _coverage(store, looks, wanted, now or dt.datetime.now().astimezone(), counted_tags())


def _coverage(
    store: Store, looks: Iterable[PlaceLook], wanted: MeasureFilter, now: dt.datetime, tags: Iterable[tuple[str, str]]
) -> Coverage:
    counts = outlook.tag_counts(store, tags, STATE_STAGES, _with_above(wanted), never_binding=NON_BINDING_KINDS)
    return coverage_from((Tally(*count) for count in counts), looks, now=now, filter=wanted)


def place_looks(store: Store) -> list[PlaceLook]:
    """What was collected of each place."""
    return _looks(store, queries.last_runs(store))


def _looks(store: Store, runs: Iterable[Run]) -> list[PlaceLook]:
    looks = {found.place: PlaceLook(**found.model_dump()) for found in outlook.collected(store)}
    for run in runs:
        if (
            run.jurisdiction
            and run.jurisdiction not in looks
            and run.verdict in ("complete", "partial", "empty_as_expected")
        ):
            looks[run.jurisdiction] = PlaceLook(place=run.jurisdiction, sources=(run.source,))
    parts = outlook.parts(store)
    return [look.model_copy(update={"cut": cut_of(look, parts)}) for look in looks.values()]


def _with_above(wanted: MeasureFilter) -> MeasureFilter:
    """The same filter with the places whose law covers the wanted ones."""
    known, found = places.jurisdictions(), list(wanted.jurisdictions)
    for key in found:
        if key in known and (parent := known[key].parent) and parent not in found:
            found.append(parent)
    return wanted.model_copy(update={"jurisdictions": tuple(found)})


def _of_places(runs: Iterable[Run], wanted: MeasureFilter) -> list[Run]:
    """The runs that say something of the places followed; a run without a place may."""
    return [run for run in runs if not wanted.jurisdictions or run.jurisdiction in (None, *wanted.jurisdictions)]


def _not_found(store: Store, looks: list[PlaceLook], wanted: MeasureFilter, now: dt.datetime) -> tuple[NotFound, ...]:
    """Only for few places: a list of fifty would bury what moved; ``coverage`` has them all."""
    if wanted.keys or len(wanted.jurisdictions or looks) > _FEW_PLACES:
        return ()
    of_place = MeasureFilter(jurisdictions=wanted.jurisdictions)
    return _coverage(store, looks, of_place, now, _AREAS).not_found(limit=_FEW_PLACES)
