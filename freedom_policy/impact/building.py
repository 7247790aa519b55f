"""From the user's series and the laws of the store to a page. What has no honest answer is refused in a line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from .. import codebook, places
from ..errors import BadInput
from ..records import MeasureFilter, MeasureView, Stage
from ..reports import words
from ..reports.digest import foot
from ..reports.items import make_item
from ..store import queries
from . import outcomes
from .outcomes import Break, Expectation, Indicator, Outcome, Period, month_of
from .page import Impact, Law, Point, Series, Threshold, Window, number

if TYPE_CHECKING:
    from ..store import Store

IN_FORCE: tuple[Stage, ...] = ("enacted", "effective")
_WAS_LAW: tuple[Stage, ...] = (*IN_FORCE, "expired", "repealed", "enjoined", "struck_down")
_DATED_BY = {
    "action": "as the source states it",
    "text": "by the law's own words",
    "person": "by a person's word",
    "inferred": "by the place's general rule, as nothing read states a day for this law",
}
# A comparison of places over time needs at least this much; for one place alone, _PERIODS before and after.
_PLACES, _YEARS, _PERIODS = 8, 4, 12
_FEWEST = 3


def build_impact(
    store: Store,
    rows: Sequence[Outcome],
    *,
    key: str | None = None,
    place: str | None = None,
    provision: str | None = None,
    indicator: str | None = None,
    compare: Iterable[str] = (),
    now: dt.datetime,
) -> Impact:
    """A page on one measure (``key``), or on all measures in force in a place with a kind of provision.

    Args:
        rows: what :func:`freedom_policy.impact.outcomes.read` gave.
        provision: with ``key``: which of its provisions the question is about.
        indicator: which series; default: the first indicator of the provision.
        compare: other places of the file to show; none is picked by us.

    Raises:
        BadInput: not law, no known effective date, nothing in the file for it, or too little of it.
    """
    type_ = codebook.load().provision(provision).key if provision else None
    if key:
        view = queries.measure(store, key)
        if view is None:
            raise BadInput(f"No measure {key} in the store. Collect its source first.")
        views, home = [_checked(view)], view.jurisdiction
    elif place and type_:
        home = places.jurisdiction(place).key
        views = _dated(store, home, type_)
    else:
        raise BadInput("Name a measure's key, or a place together with a kind of provision (--place and --provision).")
    kinds = [type_] if type_ else _kinds(views[0])
    wanted, type_ = _choice(rows, home, kinds, indicator)
    others = [places.jurisdiction(one).key for one in compare]
    for other in others:
        if other == home:
            raise BadInput(f"{other} cannot be compared with itself. Name another place.")
        _has(rows, other, wanted)
    laws = {view.key for view in views}
    same_place = MeasureFilter(jurisdictions=(home,), stages=_WAS_LAW)
    return impact_from(
        rows,
        views,
        [view for view in queries.measures(store, same_place) if view.key not in laws and _binds(view)],
        place=home,
        provision=type_,
        indicator=wanted,
        compare=tuple(dict.fromkeys(others)),
        adopted=_adopted(store, type_) if type_ else None,
        now=now,
    )


def _checked(view: MeasureView) -> MeasureView:
    label = f"{words.place(view.jurisdiction)} {words.number(view.jurisdiction, view.identifier)} ({view.key})"
    if view.stage not in _WAS_LAW:
        raise BadInput(f"{label} is not law ({words.STAGE_WORDS[view.stage]}), so there is no day to look from.")
    if _day(view) is None:
        raise BadInput(
            f"{label}: {words.STAGE_WORDS[view.stage]}, but the day from which it applies is not known from what was collected. "
            "Collect its text and run 'freedom-policy monitor', which reads the day there."
        )
    return view


def _dated(store: Store, place: str, provision: str) -> list[MeasureView]:
    found = [view for view in queries.measures(store, _in_force(provision, place)) if _binds(view)]
    dated = [view for view in found if _day(view)]
    if not dated:
        why = f"{len(found)} without a known effective date" if found else "none found in what was collected"
        raise BadInput(
            f"No measure in force with {provision} in {words.place(place)} has a known effective date ({why}). "
            f"Look at: freedom-policy list --jurisdiction {place} --provision {provision}"
        )
    return dated


def _in_force(provision: str, *where: str) -> MeasureFilter:
    return MeasureFilter(jurisdictions=where, provisions=(provision,), stages=IN_FORCE)


def _binds(view: MeasureView) -> bool:
    tags = view.classification
    return not (tags and (tags.binding is False or tags.administrative))


def _day(view: MeasureView) -> dt.date | None:
    return view.status.effective_date if view.status else None


def _kinds(view: MeasureView) -> list[str]:
    """Its kinds of provision, the surest first; none of a measure that a person rejected."""
    if view.classification is None or (view.review and view.review.decision == "reject"):
        return []
    ranked = sorted(view.classification.provisions, key=lambda tag: -tag.score)
    return list(dict.fromkeys(tag.type for tag in ranked))


def _adopted(store: Store, provision: str) -> dict[str, dt.date | None]:
    """Places where such a law is in force in what was collected, with its first known day."""
    found: dict[str, dt.date | None] = {}
    for view in queries.measures(store, _in_force(provision)):
        if _binds(view):
            days = [day for day in (found.get(view.jurisdiction), _day(view)) if day]
            found[view.jurisdiction] = min(days, default=None)
    return found


def _has(rows: Iterable[Outcome], place: str, indicator: str | None) -> list[str]:
    """The indicators of a place in the file.

    Raises:
        BadInput: none, or not the one that is asked for.
    """
    rows = list(rows)
    held = list(dict.fromkeys(row.indicator for row in rows if row.place == place))
    if indicator in held or (held and indicator is None):
        return held
    what = f"{indicator} for {words.place(place)} ({place})" if indicator else f"{words.place(place)} ({place})"
    known = dict.fromkeys(row.place for row in rows if indicator in (None, row.indicator))
    there = (
        f"It has {words.listing(held)} there." if held else f"It has it for {words.listing(known, 8)}." if known else ""
    )
    raise BadInput(f"The outcomes file has no row of {what}. {there}".strip())


def _choice(rows: Sequence[Outcome], place: str, kinds: Sequence[str], asked: str | None) -> tuple[str, str | None]:
    """The indicator to show and the kind of provision that it is about."""
    known = outcomes.load()
    if asked:
        wanted = known.indicator(asked).key
        _has(rows, place, wanted)
        meant = next((kind for kind in kinds if known.provisions[kind].indicator == wanted), None)
        return wanted, meant or next(iter(kinds), None)
    held = _has(rows, place, None)
    for kind in kinds:
        first = known.provisions[kind].indicator
        if first in held:
            return first, kind
    firsts = [f"{kind}: {known.provisions[kind].indicator or 'no indicator is known'}" for kind in kinds]
    raise BadInput(
        f"The outcomes file has no first indicator of what the law does ({'; '.join(firsts) or 'nothing tagged'}) for "
        f"{words.place(place)}. It has {words.listing(held)}. To look at that, with no direction expected, add: "
        f"--indicator {held[0]}"
    )


def impact_from(
    rows: Sequence[Outcome],
    views: Sequence[MeasureView],
    others: Iterable[MeasureView] = (),
    *,
    place: str,
    provision: str | None,
    indicator: str,
    compare: Sequence[str] = (),
    adopted: Mapping[str, dt.date | None] | None = None,
    now: dt.datetime,
) -> Impact:
    """A page from plain records.

    Args:
        views: the laws in question, each with an effective date.
        others: other laws of the same place.
        adopted: places where a law with the provision is in force, with its day where it is known; None: not looked up.

    Raises:
        BadInput: the series ends before the law took effect, begins after it, or has too few known periods.
    """
    known = outcomes.load()
    counted = known.indicator(indicator)
    laws = sorted((_law(view, now) for view in views), key=lambda law: law.effective_date or dt.date.max)
    start = min(day for view in views if (day := _day(view)))
    held = [row for row in rows if row.indicator == indicator and row.place in (place, *compare)]
    if len({bool(row.period.month) for row in held}) > 1:
        raise BadInput(f"Some places have {indicator} by year and some by month. Bring all by year, or all by month.")
    today = month_of(now.date())
    if ahead := next((row for row in held if row.period.first_month > today), None):
        raise BadInput(
            f"Line {ahead.line} has {ahead.period}, which lies in the future. Leave forecasts out; nobody counted."
        )
    first, last = min(row.period for row in held), max(row.period for row in held)
    breaks = tuple(one for one in known.breaks if one.touches(indicator, first, last))
    series = tuple(
        Series(
            place=key,
            place_name=words.place(key),
            law_words="" if key == place else _law_there(key, adopted),
            points=tuple(_points(held, key, list(first.until(last)), laws, breaks, today)),
        )
        for key in (place, *compare)
    )
    _enough(series[0], laws[0], start)
    bundle = [_law(view, now) for view in others]
    expectation = _expectation(provision, indicator, views)
    thresholds = _thresholds(rows, series[0], adopted, indicator)
    kind = codebook.load().provision(provision) if provision else None
    name = kind.name if kind else ""
    subject = laws[0].label if len(laws) == 1 else f"{len(laws)} laws on {name}"
    return Impact(
        question=f"{counted.name} in {words.place(place)}, before and after {subject} took effect ({words.day(start)})",
        expected=_expected_words(expectation, counted, name, bool(kind and kind.contested)),
        expectation=expectation,
        place=place,
        provision=provision,
        indicator=counted,
        laws=tuple(laws),
        bundle=tuple(
            law
            for law in bundle
            if law.effective_date is None or first.first_month <= month_of(law.effective_date) < last.end_month
        ),
        series=series,
        breaks=breaks,
        growth=_growth(series[0], counted),
        thresholds=thresholds,
        no_effect=_no_effect(thresholds),
        banner="Demonstration records, not current." if any(view.demo for view in views) else None,
        made_at=now,
        foot=foot(now),
    )


def _law(view: MeasureView, now: dt.datetime) -> Law:
    item = make_item(view, now=now)
    status = view.status
    basis = next((event.basis for event in status.events if event.stage == "effective"), None) if status else None
    if basis is None:
        general = status and any("general rule" in warning for warning in status.warnings)
        basis = "inferred" if general else "action"
    return Law(
        key=view.key,
        label=item.label,
        title=words.short_title(item.title),
        url=item.url,
        stage_words=item.stage_words if view.stage in IN_FORCE else f"{item.stage_words}, {words.day(item.stage_date)}",
        effective_date=_day(view),
        dated_by=_DATED_BY[basis],
        provisions=tuple(_kinds(view)),
        tagged=item.tagged,
    )


def _law_there(place: str, adopted: Mapping[str, dt.date | None] | None) -> str:
    if adopted is None:
        return "whether it has such a law was not looked up"
    if place not in adopted:
        return "no such law in force was found in what was collected, which may be incomplete"
    day = adopted[place]
    return f"has such a law itself, from {words.day(day) if day else 'a day that is not known'}"


def _points(
    held: Iterable[Outcome],
    place: str,
    periods: Iterable[Period],
    laws: Sequence[Law],
    breaks: Sequence[Break],
    today: int,
) -> Iterable[Point]:
    rows = {row.period: row for row in held if row.place == place}
    days = [(law.key, law.effective_date) for law in laws if law.effective_date]
    for here in periods:
        row = rows.get(here)
        rate = None
        if row and row.value is not None and row.population and outcomes.load().indicator(row.indicator).per_person:
            rate = round(row.value / row.population * 100_000, 4)
        yield Point(
            period=str(here),
            window=_window(here, days[0][1], today),
            rate=rate,
            laws=tuple(key for key, day in days if here.first_month <= month_of(day) < here.end_month),
            breaks=tuple(one.key for one in breaks if one.within(here.first_month, here.end_month)),
            **(row.model_dump(exclude={"place", "period", "indicator"}) if row else {}),
        )


def _window(here: Period, start: dt.date, today: int) -> Window:
    begins = month_of(start)
    if here.end_month > today:
        return "unfinished"
    if here.end_month <= begins:
        return "before"
    if here.first_month < begins or (here.first_month == begins and start.day > 1):
        return "part"
    return "early" if here.first_month < begins + 36 else "later"


def _enough(series: Series, law: Law, start: dt.date) -> None:
    known = [point for point in series.points if point.value is not None]
    before = [point for point in known if point.window == "before"]
    after = [point for point in known if point.window in ("early", "later")]
    name, day = f"{law.label} ({law.key})", words.day(start)
    if known and not after:
        raise BadInput(
            f"Nothing to see yet: {name} applies from {day}, and the series of {series.place_name} has no whole period after "
            f"that (it ends with {known[-1].period}). Bring later periods."
        )
    if known and not before:
        raise BadInput(
            f"Nothing to compare with: {name} applies from {day}, and the series of {series.place_name} begins with "
            f"{known[0].period}. Bring earlier periods."
        )
    if len(known) < _FEWEST:
        raise BadInput(
            f"Too few periods: {series.place_name} has {words.count(len(known), 'known value')}, and a line needs at least "
            f"{_FEWEST}, before and after the law. Bring more periods."
        )


def _expectation(provision: str | None, indicator: str, views: Sequence[MeasureView]) -> Expectation:
    if provision is None:
        return Expectation(indicator=None, why="Nothing is tagged that says what the law is meant to change.")
    known = outcomes.load().provisions[provision]
    if known.indicator != indicator:
        first = f"that is {known.indicator}" if known.indicator else f"none is known: {known.why}"
        return Expectation(
            indicator=known.indicator,
            why=f"This is not the first indicator of this kind of provision ({first.rstrip('.')}). Who picks a series after "
            "looking finds what they look for.",
        )
    for view in views:
        tags = view.classification.provisions if view.classification else ()
        if any(tag.type == provision and tag.direction != "strengthens" for tag in tags):
            return Expectation(
                indicator=indicator, why=f"Which way {view.key} acts on this is not plain from its tags."
            )
    return known


_LATER: Mapping[str, str] = {
    "none known": "; for later years no direction is known",
    "levels off": " and level off after that",
    "stays low": " and stay low after that",
}


def _expected_words(expected: Expectation, counted: Indicator, name: str, contested: bool) -> str:
    kind = f"Kind of provision: {name}. " if name else ""
    if contested:
        kind += "People who fight trafficking disagree about this kind. "
    why = words.sentence(expected.why)
    if expected.early == "none known":
        return f"{kind}No direction is known for {counted.unit} reported. {why}"
    later = _LATER.get(expected.later, f" and {expected.later} after that")
    return f"{kind}If it works as meant, {counted.unit} reported go {expected.early} in years 1 to 3{later}. {why}"


def _growth(series: Series, counted: Indicator) -> str:
    both = [point for point in series.points if point.value is not None and point.reporting is not None]
    if len(both) < 2:
        return (
            "The file does not say how many agencies reported. Without that nobody can tell a change in what happened from a "
            "change in who counts: bring the column 'reporting'."
        )
    first, last = both[0], both[-1]
    return (
        f"From {first.period} to {last.period} the {counted.unit} reported went from {number(first.value or 0)} to "
        f"{number(last.value or 0)}; the agencies that reported went from {first.reporting:,} to {last.reporting:,}. "
        "A count changes with the number of those who count."
    )


def _thresholds(
    rows: Iterable[Outcome], series: Series, adopted: Mapping[str, dt.date | None] | None, indicator: str
) -> tuple[Threshold, ...]:
    monthly = "-" in series.points[0].period
    known = [point.window for point in series.points if point.value is not None]
    before, after = known.count("before"), known.count("early") + known.count("later")
    found = [
        Threshold(what="for one place alone, known periods before the law", found=before, needed=_PERIODS),
        Threshold(what="for one place alone, known periods after it", found=after, needed=_PERIODS),
    ]
    years = before // 12 if monthly else before
    found.append(Threshold(what="to compare places, known years before the law", found=years, needed=_YEARS))
    if adopted is None:
        return tuple(found)
    held: dict[str, list[Period]] = {}
    for row in rows:
        if row.indicator == indicator and row.value is not None:
            held.setdefault(row.place, []).append(row.period)
    adopting, waiting = 0, 0
    for place, periods in held.items():
        day = adopted.get(place)
        end = max(period.end_month for period in periods)
        if place not in adopted or (day and month_of(day) >= end):
            waiting += 1
        elif day:
            months = sum(one.end_month - one.first_month for one in periods if one.end_month <= month_of(day))
            adopting += months >= 12 * _YEARS
    return (
        *found,
        Threshold(
            what=f"places of the file with such a law from a known day and {_YEARS} known years before it",
            found=adopting,
            needed=_PLACES,
        ),
        Threshold(
            what="places of the file without one, as far as was collected, or only after the series",
            found=waiting,
            needed=_PLACES,
        ),
    )


def _no_effect(thresholds: Sequence[Threshold]) -> str:
    if all(one.found >= one.needed for one in thresholds):
        return (
            "There is enough here for an estimate to be tried. It needs a design for laws that began at different times "
            "(staggered), which this version does not make; a mean before and after would mislead."
        )
    return (
        "There is too little here to tell a law's effect from chance, from other laws and from who counts. An estimate needs, "
        "besides what follows, a design for laws that began at different times (staggered), which this version does not make."
    )
