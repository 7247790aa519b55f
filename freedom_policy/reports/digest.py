"""The digest: what changed, why it is told, what is coming, what was not found, and how fresh and complete the look was.

:func:`digest_from` is pure: records in, one frozen object out. ``build_digest`` fetches from the store and calls it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from .. import codebook, places
from ..records import MeasureFilter, MeasureView, Record, Run, StageChange
from ..safe import masked, plain
from . import accuracy, words
from .items import NO_PROVISION_NOTE, STANDING_NAMES, Item, Standing, make_item, standing

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

HEARING_LEADS_DAYS = 14
"""A hearing within so many days leads the digest."""
COMING_DAYS = 60
FOLD_OVER = 100
"""More measures than so many that are new to the collection and no news are not listed one by one."""
NEWS_DAYS = 30
"""Without a start of the period, what happened longer ago is no news."""
"""A measure on its way without an action for so long has gone quiet; it is told once, when it does."""
STALE_DAYS = 8
"""A source that was last read completely longer ago than this is called out."""
_LATE_LEADS = 6
_ENDED = ("dead", "expired", "repealed", "struck_down", "enjoined")
_IN_FORCE = ("enacted", "effective")
_PASSED = ("passed_all", "vetoed")
_FILED = ("prefiled", "introduced", "in_committee")


class Count(Record):
    """One headline number: reform families, and the measures in them."""

    name: str
    families: int
    measures: int


class Section(Record):
    """A list of item numbers under a heading; ``note`` is a sentence that readers should see first."""

    key: str
    title: str
    numbers: tuple[int, ...]
    part_of: str | None = None
    note: str = ""


class Coming(Record):
    """Something with a date ahead: a hearing, a day on which a law takes effect, the end of a session."""

    date: dt.date
    time: dt.time | None = None
    kind: Literal["hearing", "effective", "session_end"]
    text: str
    number: int | None = None
    key: str | None = None
    place: str
    where: str | None = None
    url: str | None = None


class Look(Record):
    """How one source was last looked at."""

    source: str
    place: str | None
    place_name: str
    finished_at: dt.datetime | None
    ok: bool
    words: str
    found: int
    to_do: tuple[str, ...] = ()


class NotFound(Record):
    """Focus areas for which nothing was found in what was collected of a place. Never a claim about the law."""

    place: str
    place_name: str
    areas: tuple[str, ...]
    words: str


class HelpLine(Record):
    """A local help line for the foot, as somebody configured it; none is shipped that could not be checked."""

    name: str
    contact: str
    source: str
    checked_on: dt.date


class Activity(Record):
    """How many moves happened in a span of the period: the bars of the plot."""

    start: dt.date
    end: dt.date
    moves: int


class Digest(Record):
    """One digest, ready for every renderer."""

    schema_version: int = 1
    """Counts up when a field goes or means something else; new fields do not count."""
    title: str
    follows: str
    since: dt.datetime | None
    until: dt.datetime
    made_at: dt.datetime
    banner: str | None
    quiet: str | None
    counts: tuple[Count, ...]
    apart: tuple[Count, ...]
    lead: tuple[int, ...]
    """What matters most, of this period."""
    lead_late: tuple[int, ...]
    """The same of what happened earlier and is new to this collection; only where little is new."""
    folded: tuple[int, ...]
    """Items that no renderer but JSON lists: a first collection brings thousands of measures that are no news."""
    goals: tuple[Section, ...]
    areas: tuple[Section, ...]
    contested: Section
    others: tuple[Section, ...]
    review: Section
    ended: Section
    silent: Section
    coming: tuple[Coming, ...]
    not_found: tuple[NotFound, ...]
    not_looked_at: tuple[str, ...]
    activity: tuple[Activity, ...]
    looks: tuple[Look, ...]
    freshness: str
    foot: tuple[str, ...]
    items: tuple[Item, ...]

    def item(self, number: int) -> Item:
        """The item with a number (they start at 1)."""
        return self.items[number - 1]

    @property
    def shown(self) -> tuple[Item, ...]:
        """The items that are listed."""
        folded = set(self.folded)
        return tuple(item for item in self.items if item.number not in folded) if folded else self.items

    def to_text(self, width: int = 90, color: bool = False) -> str:
        """For a terminal of ``width`` columns; without colour unless asked for."""
        from .terminal import digest_text

        return digest_text(self, width=width, color=color)

    def to_markdown(self) -> str:
        """As Markdown (CommonMark)."""
        from .pages import render

        return render("digest.md", digest=self)

    def to_html(self) -> str:
        """One self-contained page: no scripts, nothing fetched."""
        from .pages import render

        return render("digest.html", digest=self)

    def to_json(self) -> str:
        """The whole object; the schema is in ``docs/digests.md``."""
        return self.model_dump_json(indent=2)

    def to_atom(self) -> str:
        """As an Atom feed of what moved."""
        from .feeds import atom

        return atom(self)

    def to_ics(self) -> str:
        """As an iCalendar of what is coming."""
        from .feeds import calendar

        return calendar(self)

    def to_eml(self) -> str:
        """As an e-mail message with plain text and HTML."""
        from .feeds import mail

        return mail(self)

    def to_frame(self) -> pd.DataFrame:
        """One row a measure: key, place, title, stage, dates, goals, areas, standing, why. Dates are ``datetime64``."""
        import pandas as pd

        rows = [
            {
                "number": item.number,
                "key": item.key,
                "place": item.place,
                "title": item.title,
                "from_stage": item.steps[0].from_stage if item.steps else None,
                "stage": item.stage,
                "date": item.steps[-1].date if item.steps else item.stage_date,
                "cause": item.steps[-1].cause if item.steps else None,
                "standing": item.standing,
                "goals": "; ".join(item.goals),
                "areas": "; ".join(item.areas),
                "provisions": "; ".join(tag.type for tag in item.tags),
                "family": item.family,
                "tagged": item.tagged,
                "why": item.why,
                "url": item.url,
            }
            for item in self.items
        ]
        table = pd.DataFrame(rows, columns=FRAME_COLUMNS)
        table["date"] = pd.to_datetime(table["date"])
        for column in ("place", "from_stage", "stage", "standing"):
            table[column] = table[column].astype("category")
        return table

    def plot(self, what: Literal["activity", "flow"] = "activity") -> Figure:
        """Moves over time, or from stage to stage; returns the figure.

        Raises:
            BadInput: matplotlib is not installed.
        """
        from . import plots

        return plots.flow_figure(self) if what == "flow" else plots.activity_figure(self)

    def _repr_html_(self) -> str:
        from .pages import render

        return render("digest_fragment.html", digest=self)


FRAME_COLUMNS = (
    "number",
    "key",
    "place",
    "title",
    "from_stage",
    "stage",
    "date",
    "cause",
    "standing",
    "goals",
    "areas",
    "provisions",
    "family",
    "tagged",
    "why",
    "url",
)


def digest_from(
    changes: Iterable[StageChange],
    *,
    now: dt.datetime,
    until: dt.datetime | None = None,
    since: dt.datetime | None = None,
    measures: Iterable[MeasureView] = (),
    silent: Iterable[tuple[MeasureView, str]] = (),
    runs: Iterable[Run] = (),
    filter: MeasureFilter | None = None,
    not_found: Iterable[NotFound] = (),
    title: str | None = None,
    recorded_on: dt.date | None = None,
    name_reviewers: bool = True,
    help_lines: Iterable[HelpLine] = (),
    untagged: int = 0,
    unassessed: int = 0,
) -> Digest:
    """A digest from plain records.

    Args:
        changes: moves that became known in the period.
        now: the moment of the report, aware; dates are shown in its time zone.
        since: start of the period; None: from the beginning.
        until: end of the period; default ``now``.
        measures: others with something ahead (a hearing, an effective date) or to be reviewed.
        silent: measures on their way that went quiet in the period, each with why it is called so.
        runs: the last run of each source and place.
        filter: what the reader follows; also says which places count as not looked at.
        not_found: areas without a measure, from the coverage.
        title: name of the watch.
        recorded_on: day of the demo recordings, if there are any.
        name_reviewers: False in what is published.
        help_lines: for the foot, each with its source and the day on which it was last checked.
        untagged: collected measures of these places that nobody has read yet; what they hold is not in the digest.
        unassessed: those whose stage was never computed.
    """
    until, wanted, runs = until or now, filter or MeasureFilter(), list(runs)
    moved = _by_measure(changes)
    ahead = {view.key: view for view in measures if view.key not in moved}
    quiet = {view.key: why for view, why in silent if view.key not in moved and _open(view, now.date())}
    waiting_longest = {view.key: view for view, _ in silent if view.key in quiet}
    news = since or until - dt.timedelta(days=NEWS_DAYS)
    told: list[tuple[Item, MeasureView]] = []
    for steps in moved.values():
        view = steps[-1].measure
        item = make_item(view, now=now, since=news, changes=steps, name_reviewer=name_reviewers)
        told.append((item.model_copy(update={"why": _why(item, wanted, news, now.date())}), view))
    for view in (ahead | waiting_longest).values():
        item = make_item(view, now=now, since=news, name_reviewer=name_reviewers)
        if view.key in quiet or _dates_ahead(item, now.date()) or item.may_take_away:
            why = _why(item, wanted, news, now.date(), quiet.get(view.key))
            told.append((item.model_copy(update={"why": why}), view))

    ranked = sorted((pair[0] for pair in told), key=lambda item: (*_rank(item, wanted, now.date()), item.key))
    items = tuple(item.model_copy(update={"number": number}) for number, item in enumerate(ranked, 1))
    changed = [item for item in items if item.steps]
    counted = [item for item in changed if item.standing == "counted"]
    lead, late = _lead(items, wanted, now.date())
    late = late[: max(0, _LATE_LEADS - len(lead))]
    folded = _folded(changed, late, now.date())
    listed = [item for item in changed if item.number not in folded]
    going = [item for item in listed if item.standing == "counted" and item.stage not in _ENDED]
    looks = tuple(_look(run, now) for run in _last_runs(runs))
    waiting = _waiting(untagged, unassessed)
    missing = _not_looked_at(wanted, runs, items)
    return Digest(
        title=plain(title) if title else "What changed in the law against human trafficking",
        follows=words.filter_words(wanted),
        since=since,
        until=until,
        made_at=now,
        banner=_banner((view for _, view in told), recorded_on),
        quiet=None if changed else _quiet(looks, waiting, since, until, now),
        counts=_counts(counted),
        apart=_apart(changed),
        lead=lead,
        lead_late=late,
        folded=tuple(sorted(folded)),
        goals=_goal_sections(going),
        areas=_area_sections(going),
        contested=Section(
            key="contested",
            title="Contested, told without taking a side",
            numbers=_numbers(item for item in listed if item.standing == "contested"),
            note="People who fight trafficking disagree on these. They are in none of the totals, and which way they go is "
            "left to a person.",
        ),
        others=tuple(
            Section(
                key=key,
                title=STANDING_NAMES[key],
                numbers=_numbers(i for i in listed if i.standing == key),
                note=NO_PROVISION_NOTE if key == "no_provision" else "",
            )
            for key in ("no_provision", "adjacent", "administrative", "non_binding", "binding_unknown", "other")
            if any(item.standing == key for item in listed)
        ),
        review=Section(
            key="review",
            title="For a person to review",
            numbers=_numbers(item for item in items if item.may_take_away and item.standing != "other"),
            note="The machine thinks that these may take away from a goal. Nobody has confirmed it.",
        ),
        ended=Section(
            key="ended",
            title="Ended, with the reason",
            numbers=_numbers(item for item in listed if item.standing == "counted" and item.stage in _ENDED),
        ),
        silent=Section(
            key="silent",
            title="Gone quiet",
            numbers=_numbers(item for item in items if item.key in quiet and item.standing == "counted"),
            note="On their way, and without an action for longer than nine in ten took that moved on from there.",
        ),
        coming=_coming(items, wanted, now.date()),
        not_found=tuple(not_found),
        not_looked_at=missing,
        activity=_activity(changed, since, until, now),
        looks=looks,
        freshness=_freshness(looks, missing, waiting, now),
        foot=(*foot(now), *(_help(line) for line in help_lines)),
        items=items,
    )


def foot(now: dt.datetime) -> tuple[str, ...]:
    """What stands at the end of every report (CARE)."""
    return (
        f"Not legal advice. Found by machine in public records on {words.day(now)}; the linked record is what counts.",
        f"How far to trust it. {' '.join(accuracy.sentences())} More: docs/tags.md of this project.",
        "Found an error? Run 'freedom-policy correct KEY' with the measure's key, or open an issue with the project.",
        "The focus areas are those of the Freedom Strategy by Engage Together, credited with thanks. "
        "Engage Together does not endorse this tool.",
    )


def _help(line: HelpLine) -> str:
    checked = f"{plain(line.source)}, checked on {words.day(line.checked_on)}"
    return f"Help near you: {plain(line.name)}, {plain(line.contact)} ({checked})."


# ---------------------------------------------------------------------------------------------------------------------
# What is told, and in which order


def _by_measure(changes: Iterable[StageChange]) -> dict[str, list[StageChange]]:
    moved: dict[str, list[StageChange]] = defaultdict(list)
    for change in sorted(changes, key=lambda c: (c.observed_at, c.date or dt.date.min)):
        moved[change.measure.key].append(change)
    return moved


def _open(view: MeasureView, today: dt.date) -> bool:
    """A measure of a session that is over is not quiet, it is done; its stage will say so. Only counted ones are told."""
    return standing(view) == "counted" and not words.session_over(view.jurisdiction, view.session, today)


def _dates_ahead(item: Item, today: dt.date) -> bool:
    last = today + dt.timedelta(days=COMING_DAYS)
    effective = item.effective_date is not None and today <= item.effective_date <= last
    return effective or any(meeting.date <= last for meeting in item.hearings)


def _soon(item: Item, today: dt.date) -> bool:
    return any(meeting.date <= today + dt.timedelta(days=HEARING_LEADS_DAYS) for meeting in item.hearings)


def _leads_by(item: Item, wanted: MeasureFilter, today: dt.date) -> int | None:
    """Rank among what matters most, lowest first; None if it does not lead."""
    if item.takes_away and item.steps:
        return 0
    if item.standing != "counted":
        # Somebody follows just this one, whatever the machine thinks of it.
        followed = item.key in (*wanted.keys, *wanted.also) and item.standing != "contested"
        return 3 if followed and item.steps else None
    if item.steps and item.stage in (*_IN_FORCE, "struck_down", "enjoined", "repealed"):
        return 1
    if item.steps and item.stage in _PASSED:
        return 2
    if _soon(item, today):
        return 3
    if item.steps and item.stage in ("passed_first", "differences"):
        return 4
    if item.steps and item.steps[0].from_stage is None and item.stage in _FILED and not item.first_seen_late:
        return 5
    return None


def _rank(item: Item, wanted: MeasureFilter, today: dt.date) -> tuple[bool, int, int, int, int]:
    """Leading ones first, those of the period before those only learnt in it; then by standing; newest first."""
    leads = _leads_by(item, wanted, today)
    newest = -(item.stage_date or dt.date.min).toordinal()
    late = item.first_seen_late and not item.takes_away
    if leads is not None:
        return late, leads, newest, 0, 0
    return True, 20 + list(STANDING_NAMES).index(item.standing), late, not item.steps, newest


def _lead(items: Sequence[Item], wanted: MeasureFilter, today: dt.date) -> tuple[tuple[int, ...], tuple[int, ...]]:
    leading = [item for item in items if _leads_by(item, wanted, today) is not None]
    late = _numbers(item for item in leading if item.first_seen_late and not item.takes_away)
    return tuple(item.number for item in leading if item.number not in late), late


def _why(item: Item, wanted: MeasureFilter, since: dt.datetime | None, today: dt.date, quiet: str | None = None) -> str:
    """Why it is in the digest: what happened, and what of the reader's wishes it meets."""
    met = [
        *(words.place(item.place) for key in wanted.jurisdictions if key == item.place),
        *(words.goal(key) for key in wanted.goals if key in item.goals),
        *(words.area(key) for key in wanted.areas if key in item.areas),
        *(words.provision(key) for key in wanted.provisions if any(tag.type == key for tag in item.tags)),
        *("this measure" for key in (*wanted.keys, *wanted.also) if key == item.key),
    ]
    return f"{quiet or _event(item, since, today)}{f' You follow {words.listing(met)}.' if met else ''}"


def _folded(changed: Sequence[Item], late: Sequence[int], today: dt.date) -> frozenset[int]:
    old = [
        item.number
        for item in changed
        if item.first_seen_late
        and item.number not in late
        and not (item.takes_away or item.may_take_away or _dates_ahead(item, today))
    ]
    return frozenset(old if len(old) > FOLD_OVER else ())


def _event(item: Item, since: dt.datetime | None, today: dt.date) -> str:
    step = item.cause
    if item.takes_away and step:
        goals = words.goals(item.takes_away)
        return f"A person confirmed that it takes away from {goals}, as written."
    if step is None:
        return "Something is ahead." if _dates_ahead(item, today) else "It needs a look."
    if item.first_seen_late:
        return "New to this collection; it happened before this period."
    if step.from_stage is None:
        return "Newly filed." if item.stage in _FILED else "New to this collection."
    if since and step.date and step.date < since.date():
        return f"It moved before this period; the record showed it on {words.day(step.observed_at)}."
    if item.stage in _ENDED:
        return "It ended."
    return "A hearing is near." if _soon(item, today) and item.stage in _FILED else "It moved."


# ---------------------------------------------------------------------------------------------------------------------
# Counts and sections


def _numbers(items: Iterable[Item]) -> tuple[int, ...]:
    return tuple(item.number for item in items)


_HEADLINES = (
    "became law or took effect",
    "passed, not yet law",
    "moved",
    "newly filed",
    "ended",
    "new to this collection, with earlier dates",
)


def _headline(item: Item) -> str:
    if item.first_seen_late:
        return _HEADLINES[5]
    if item.stage in _IN_FORCE:
        return _HEADLINES[0]
    if item.stage in _PASSED:
        return _HEADLINES[1]
    if item.stage in _ENDED:
        return _HEADLINES[4]
    return _HEADLINES[3] if item.steps[0].from_stage is None else _HEADLINES[2]


def _counts(counted: Sequence[Item]) -> tuple[Count, ...]:
    """Each reform family once, under the first headline that one of its measures reached."""
    family_in: dict[str, str] = {}
    measures: dict[str, int] = defaultdict(int)
    for name in _HEADLINES:
        for item in counted:
            if _headline(item) == name:
                family_in.setdefault(item.family, name)
                measures[name] += family_in[item.family] == name
    families = list(family_in.values())
    return tuple(Count(name=n, families=families.count(n), measures=measures[n]) for n in _HEADLINES if n in families)


def _apart(changed: Sequence[Item]) -> tuple[Count, ...]:
    rows = []
    standings: tuple[Standing, ...] = (
        "no_provision",
        "contested",
        "adjacent",
        "administrative",
        "non_binding",
        "binding_unknown",
        "other",
    )
    short = {
        "no_provision": "about trafficking, what it would do could not be told",
        "contested": "contested",
        "adjacent": "on related subjects",
        "administrative": "administrative",
        "non_binding": "not binding",
        "binding_unknown": "binding or not: not known",
        "other": "not tagged as being about trafficking",
    }
    for key in standings:
        found = [item for item in changed if item.standing == key]
        if found:
            rows.append(Count(name=short[key], families=len({item.family for item in found}), measures=len(found)))
    return tuple(rows)


def _goal_sections(items: Sequence[Item]) -> tuple[Section, ...]:
    """Every goal, also those without an item: silence would read as "not looked at"."""
    sections = []
    for heading, parts in words.GOAL_GROUPS:
        for key, part in parts:
            numbers = _numbers(item for item in items if key in item.goals)
            sections.append(Section(key=key, title=part or heading, part_of=heading if part else None, numbers=numbers))
    unplaced = _numbers(item for item in items if not item.goals)
    if unplaced:
        sections.append(Section(key="none", title="No goal could be shown from its words", numbers=unplaced))
    return tuple(sections)


def _area_sections(items: Sequence[Item]) -> tuple[Section, ...]:
    return tuple(
        Section(
            key=key,
            title=words.area(key),
            numbers=_numbers(item for item in items if key in item.areas),
            note="Nearly every law is a reform, so this area claims neither a gap nor strength."
            if key == "reforms"
            else "",
        )
        for key in codebook.AREAS
    )


def _coming(items: Sequence[Item], wanted: MeasureFilter, today: dt.date) -> tuple[Coming, ...]:
    last = today + dt.timedelta(days=COMING_DAYS)
    rows = []
    for item in items:
        about = f"{item.label}: {item.title}"
        for meeting in item.hearings:
            if meeting.date <= last:
                body = f" by {meeting.body}" if meeting.body else ""
                rows.append(
                    Coming(
                        date=meeting.date,
                        time=meeting.time,
                        kind="hearing",
                        text=f"Hearing{body} on {about}",
                        number=item.number,
                        key=item.key,
                        place=item.place,
                        where=meeting.place,
                        url=meeting.url or item.url,
                    )
                )
        if item.effective_date and today <= item.effective_date <= last and item.stage in _IN_FORCE:
            rows.append(
                Coming(
                    date=item.effective_date,
                    kind="effective",
                    text=f"Takes effect: {about}",
                    number=item.number,
                    key=item.key,
                    place=item.place,
                    url=item.url,
                )
            )
    open_in = {
        (item.place, item.key.split("/")[1]) for item in items if item.stage not in (*_ENDED, *_IN_FORCE, "adopted")
    }
    for (place, _), session in places.sessions().items():
        follows = place in wanted.jurisdictions or (place, session.identifier) in open_in
        if follows and session.end and today <= session.end <= last:
            name = session.name or f"Session {session.identifier}"
            rows.append(
                Coming(
                    date=session.end,
                    kind="session_end",
                    place=place,
                    text=f"{words.place(place)}: {name} is due to end; what has not passed may die",
                )
            )
    return tuple(sorted(rows, key=lambda row: (row.date, row.time or dt.time.min, row.text)))


def _activity(
    changed: Sequence[Item], since: dt.datetime | None, until: dt.datetime, now: dt.datetime
) -> tuple[Activity, ...]:
    """Moves by day, week, month or year, so that there are never more than about 30 bars; by the date in the record."""
    last = until.astimezone(now.tzinfo).date()
    dates = sorted(step.date for item in changed for step in item.steps if step.date and step.date <= last)
    if not dates:
        return ()
    first = max(since.astimezone(now.tzinfo).date(), dates[0]) if since else dates[0]
    days = (last - first).days + 1
    span = 1 if days <= 31 else 7 if days <= 217 else 30.4375 if days <= 913 else 365.25
    bars = []
    for index in range(math.ceil(days / span)):
        start = first + dt.timedelta(days=round(index * span))
        end = min(last, first + dt.timedelta(days=round((index + 1) * span) - 1))
        bars.append(Activity(start=start, end=end, moves=sum(start <= day <= end for day in dates)))
    return tuple(bars) if len(bars) > 1 else ()


# ---------------------------------------------------------------------------------------------------------------------
# How fresh and complete the look was


def _last_runs(runs: Iterable[Run]) -> list[Run]:
    last: dict[tuple[str, str | None], Run] = {}
    for run in sorted(runs, key=lambda r: r.started_at):
        last[run.source, run.jurisdiction] = run
    return sorted(
        last.values(), key=lambda r: (r.verdict in ("complete", "empty_as_expected"), r.source, r.jurisdiction or "")
    )


def _look(run: Run, now: dt.datetime) -> Look:
    ok = run.verdict in ("complete", "empty_as_expected")
    ended = run.finished_at or run.started_at
    text = words.VERDICT_WORDS[run.verdict] if run.verdict else "the run did not end"
    # What changed since a day is all that a later look needs; a limit or a query leaves out what may have changed too.
    cut = run.cut if run.cut and not run.cut.startswith("since ") else None
    if cut and ok:
        ok, text = False, f"looked at in part only: {cut}"
    age = (now - ended).days
    if ok and age > STALE_DAYS:
        text += f", but {age} days ago"
    if run.quarantined:
        be = "is" if run.quarantined == 1 else "are"
        text += f"; {words.count(run.quarantined, 'reply', 'replies')} could not be read and {be} kept"
    if run.missing:
        text += f"; {words.count(run.missing, 'measure')} seen before and not now"
    to_do = tuple(masked(f"{problem.what} {problem.mend}") for problem in run.problems)
    if not to_do and not ok:
        without = " without a limit or query, to look at all of it" if cut else ""
        to_do = (f"Run again{without}: freedom-policy collect {run.source}",)
    return Look(
        source=run.source,
        place=run.jurisdiction,
        place_name=words.place(run.jurisdiction) if run.jurisdiction else "all its places",
        finished_at=run.finished_at,
        ok=ok and age <= STALE_DAYS,
        words=text,
        found=run.found,
        to_do=to_do,
    )


def _not_looked_at(wanted: MeasureFilter, runs: Iterable[Run], items: Iterable[Item]) -> tuple[str, ...]:
    looked = {run.jurisdiction for run in runs if run.verdict not in ("blocked", "failed", None)} | {
        item.place for item in items
    }
    scope = wanted.jurisdictions or tuple(places.jurisdictions())
    return tuple(words.place(key) for key in scope if key not in looked)


def _waiting(untagged: int, unassessed: int) -> str:
    """What was collected and not worked on, with what to do; empty if nothing waits."""
    parts = []
    if untagged:
        parts.append(f"{words.count(untagged, 'collected measure')} not tagged yet: run freedom-policy classify")
    if unassessed:
        parts.append(f"{words.count(unassessed, 'collected measure')} without a stage yet: run freedom-policy monitor")
    return "; ".join(parts)


def _freshness(looks: Sequence[Look], missing: Sequence[str], waiting: str, now: dt.datetime) -> str:
    if not looks:
        return "No source was ever looked at. Run: freedom-policy collect SOURCE"
    bad = [look for look in looks if not look.ok]
    last = max((look.finished_at for look in looks if look.finished_at), default=None)
    text = f"{words.count(len(looks), 'source')} looked at"
    text += f", last on {words.moment(last, now.tzinfo)}. " if last else ". "
    if waiting:
        text += f"{waiting}. "
    if bad:
        which = words.listing((f"{look.place_name} (source: {look.source}) {look.words}" for look in bad), limit=3)
        text += f"Not complete: {which}. "
    never = [name for name in missing if all(name != look.place_name for look in bad)]
    if never:
        text += f"Not looked at: {words.listing(never, limit=4)}."
    return text.strip()


def _quiet(looks: Sequence[Look], waiting: str, since: dt.datetime | None, until: dt.datetime, now: dt.datetime) -> str:
    period = f"between {words.day(since.astimezone(now.tzinfo))} and" if since else "up to"
    text = f"Nothing changed in what was collected {period} {words.day(until.astimezone(now.tzinfo))}."
    if not looks:
        return f"{text} But no source was looked at, so this says nothing about the law."
    if waiting:
        return f"{text} But not all was read: {waiting}."
    bad = [look for look in looks if not look.ok]
    if bad:
        return f"{text} But {words.count(len(bad), 'source')} could not be looked at completely, so something may be missing."
    return text


def _banner(views: Iterable[MeasureView], recorded_on: dt.date | None) -> str | None:
    demo = [view for view in views if view.demo]
    if not demo:
        return None
    if recorded_on:
        return f"Demonstration: recorded on {words.day(recorded_on)}, not current."
    last = max((action.date for view in demo for action in view.actions if action.date), default=None)
    return f"Demonstration: recorded, with actions up to {words.day(last)}; not current."
