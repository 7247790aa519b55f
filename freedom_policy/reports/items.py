"""What a report tells of one measure: an allow-list of fields in plain words, masked and safe to print anywhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from .. import codebook
from ..records import TRACKED, Basis, Kind, MeasureView, Provision, Record, Stage, StageChange
from ..safe import link, masked, plain
from . import words

Standing = Literal[
    "counted", "no_provision", "contested", "adjacent", "administrative", "non_binding", "binding_unknown", "other"
]
STANDING_NAMES: dict[Standing, str] = {
    "counted": "Binding provisions, on trafficking",
    "no_provision": "About trafficking; what it would do could not be told",
    "contested": "Contested: people who fight trafficking disagree on these",
    "adjacent": "Related subjects with a stated trafficking purpose",
    "administrative": "Administrative: grants accepted, contracts, appointments",
    "non_binding": "Not binding: resolutions, awareness days, studies urged",
    "binding_unknown": "Binding or not: not known",
    "other": "Not tagged, or not about trafficking by the machine's reading",
}
NO_PROVISION_NOTE = (
    "They are about trafficking, and nothing that they would do was found in the words that were read: a short title, no text, "
    "or words that the machine does not know. So they are in no total. Read the record."
)
NON_BINDING_KINDS: tuple[Kind, ...] = ("resolution", "concurrent resolution")
"""They bind nobody, whatever a machine read into them; ``outlook.tag_counts`` counts by the same rule."""
NOT_OF_THAT_DAY = "no tags of that day"
_SUMMARY = 280


class Tag(Record):
    """One provision as told to people."""

    type: str
    name: str
    likelihood: Literal["likely", "possible"]
    score: float
    """The model's number behind ``likelihood``; no renderer but JSON shows it."""
    effect: Literal["adds", "changes", "takes away"]
    """As written; ``takes away`` only where a person confirmed it, and ``changes`` where it is not plain."""
    contested: bool
    quote: str | None
    """Words of the measure, masked; None where none can be shown."""
    verbatim: bool
    """False: the words are a demo paraphrase and stand without quotation marks."""


class GoalDirection(Record):
    """Which way a measure acts on a goal, as written."""

    goal: str
    bearing: words.Bearing


class Step(Record):
    """One move from a stage to the next, with its cause."""

    from_stage: Stage | None
    to_stage: Stage
    from_words: str
    to_words: str
    date: dt.date | None
    cause: str | None
    """The action's own words, masked."""
    cause_url: str | None
    basis: Basis
    reason: str | None
    observed_at: dt.datetime


class Meeting(Record):
    """A hearing as told to people."""

    date: dt.date
    time: dt.time | None
    body: str | None
    place: str | None
    url: str | None
    note: str


class Item(Record):
    """One measure in a report. ``number`` is its place in the digest; sections point to it."""

    number: int
    key: str
    place: str
    place_name: str
    identifier: str
    session: str
    session_over: bool
    kind: str | None
    title: str
    summary: str | None
    demo: bool
    url: str | None
    stage: Stage
    stage_words: str
    stage_date: dt.date | None
    reason: str | None
    steps: tuple[Step, ...]
    standing: Standing
    first_seen_late: bool
    """New to this store, though what is told happened before the period."""
    relevance: str | None
    goals: tuple[str, ...]
    areas: tuple[str, ...]
    subareas: tuple[str, ...]
    form: str | None
    tags: tuple[Tag, ...]
    directions: tuple[GoalDirection, ...]
    may_take_away: tuple[str, ...]
    """Goals that the machine thinks it weakens; nobody confirmed it. For the review list only."""
    takes_away: tuple[str, ...]
    """Goals that it weakens as written, confirmed by a person."""
    sponsor: str | None
    cosponsors: int
    committee: str | None
    hearings: tuple[Meeting, ...]
    effective_date: dt.date | None
    tagged: str
    unread: str | None
    """Why the text could not be read, if so."""
    why: str
    family: str
    last_checked: dt.datetime | None

    @property
    def label(self) -> str:
        """``Texas HB 252``."""
        return f"{self.place_name} {self.identifier}"

    @property
    def cause(self) -> Step | None:
        """The last step, which explains where it stands now."""
        return self.steps[-1] if self.steps else None

    @property
    def quotation(self) -> Tag | None:
        """The one tag whose words are shown."""
        told = sorted((tag for tag in self.tags if tag.quote), key=lambda tag: not tag.verbatim)
        return told[0] if told else None


def standing(view: MeasureView) -> Standing:
    """Under which name a measure is counted. Only ``counted`` ones are in the totals (CARE)."""
    tags = view.classification
    if tags is None or (view.review and view.review.decision == "reject"):
        return "other"
    if tags.relevance not in TRACKED:
        return "other"
    if mostly_contested(view):
        return "contested"
    if tags.relevance == "adjacent":
        return "adjacent"
    if tags.administrative:
        return "administrative"
    if tags.binding is False or view.kind in NON_BINDING_KINDS:
        return "non_binding"
    if not tags.provisions:
        return "no_provision"
    return "counted" if tags.binding else "binding_unknown"


def mostly_contested(view: MeasureView) -> bool:
    """True if at least half of a measure's provisions are of contested types, or if a person left it so.

    One contested clause in a long act does not take the rest of the act out of the totals.
    """
    tags = view.classification
    if tags is None or not tags.contested:
        return False
    types = {tag.type: tag.contested for tag in tags.provisions}
    return words.confirmed(view.review) or 2 * sum(types.values()) >= len(types)


def make_item(
    view: MeasureView,
    *,
    now: dt.datetime,
    since: dt.datetime | None = None,
    changes: Sequence[StageChange] = (),
    why: str = "",
    number: int = 0,
    name_reviewer: bool = True,
) -> Item:
    """What to tell of a measure.

    Args:
        now: the moment of the report; hearings before its day are left out.
        since: start of the period, to tell what happened in it from what we only learnt in it.
        changes: its moves in the period, oldest first.
        why: why it is in the report.
        name_reviewer: False in what is published: people who reviewed are then not named.
    """
    tags, status, today = view.classification, view.status, looked_from(view, now)
    sure = words.confirmed(view.review)
    desk = on_desk(view)
    primary = next((s for s in view.sponsors if s.classification == "primary"), None)
    weak = _weakened(view)
    dates = [change.date for change in changes if change.date]
    return Item(
        number=number,
        key=view.key,
        place=view.jurisdiction,
        place_name=words.place(view.jurisdiction),
        identifier=words.number(view.jurisdiction, plain(view.identifier)),
        session=words.session(view.jurisdiction, view.session),
        session_over=words.session_over(view.jurisdiction, view.session, today),
        kind=view.kind,
        title=masked(view.title) or "(no title given)",
        summary=_short(masked(view.abstract))
        if view.abstract and masked(view.abstract) != masked(view.title)
        else None,
        demo=view.demo,
        url=best_link(view),
        stage=view.stage,
        stage_words=words.stage_here(view.stage, view.jurisdiction, desk),
        stage_date=status.stage_date if status else None,
        reason=reason_of(status.reason if status else None, demo=view.demo),
        steps=tuple(_step(change, view, desk and index == len(changes) - 1) for index, change in enumerate(changes)),
        standing=standing(view),
        first_seen_late=bool(
            changes and changes[0].from_stage is None and since and dates and max(dates) < since.date()
        ),
        relevance=tags.relevance if tags else None,
        goals=tags.goals if tags else (),
        areas=tags.areas if tags else (),
        subareas=tags.subareas if tags else (),
        form=tags.form if tags else None,
        tags=told_tags(view),
        directions=tuple(GoalDirection(goal=key, bearing=bearing) for key, bearing in words.directions(tags, sure))
        if tags
        else (),
        may_take_away=() if sure else weak,
        takes_away=weak if sure else (),
        sponsor=masked(primary.name) if primary else None,
        cosponsors=sum(s.classification == "cosponsor" and s.withdrawn is None for s in view.sponsors),
        committee=plain(view.committees[-1].name) if view.committees else None,
        hearings=tuple(
            Meeting(
                date=hearing.date,
                time=hearing.time,
                body=plain(hearing.body) if hearing.body else None,
                place=plain(hearing.place) if hearing.place else None,
                url=link(hearing.url),
                note=masked(hearing.note),
            )
            for hearing in sorted(view.hearings, key=lambda h: (h.date, h.time or dt.time.min))
            if hearing.date >= today
        ),
        effective_date=status.effective_date if status else None,
        tagged=words.tagged(tags, view.review, name_reviewer) if tags or not view.as_of else NOT_OF_THAT_DAY,
        unread=_UNREAD.get(tags.status) if tags else None,
        why=why,
        family=view.family or view.key,
        last_checked=view.last_checked,
    )


def looked_from(view: MeasureView, now: dt.datetime) -> dt.date:
    """The day that counts as today: that of the report, or the one on which an earlier state is looked at."""
    known = view.known_at.date() if view.known_at else now.date()
    return min(view.as_of or known, known)


_UNREAD = {
    "unreadable": "its text could not be read; tagged from the title",
    "not_english": "its text is not in English; tagged from the title",
    "empty": "no text was given; tagged from the title",
}


def told_tags(view: MeasureView) -> tuple[Tag, ...]:
    """Provisions by name, surest first, one of a type; each with its words where they may be shown."""
    if view.classification is None:
        return ()
    best: dict[str, Provision] = {}
    for tag in sorted(view.classification.provisions, key=lambda p: (p.contested, -p.score, p.type)):
        best.setdefault(tag.type, tag)
    return tuple(
        Tag(
            type=tag.type,
            name=words.provision(tag.type),
            likelihood="likely" if words.confirmed(view.review) else words.likelihood(tag.score),
            score=tag.score,
            effect=_effect(tag, words.confirmed(view.review)),
            contested=tag.contested,
            quote=_short(masked(tag.quote)) or None,
            # Titles of a demo are the measure's own; its summaries and texts are ours.
            verbatim=not view.demo or tag.field == "title",
        )
        for tag in best.values()
    )


def _effect(tag: Provision, sure: bool) -> Literal["adds", "changes", "takes away"]:
    if tag.direction == "weakens" and sure:
        return "takes away"
    return "adds" if tag.direction == "strengthens" and (sure or not tag.contested) else "changes"


def on_desk(view: MeasureView) -> bool:
    """True if the legislature is done and the measure was given to the executive."""
    if view.stage != "passed_all" or view.status is None:
        return False
    return any("executive-receipt" in classes for classes in view.status.classes)


def best_link(view: MeasureView) -> str | None:
    """The page for people, else the address that was read; only http(s)."""
    return next((good for url in (view.url, *(s.url for s in view.sources)) if (good := link(url))), None)


def _weakened(view: MeasureView) -> tuple[str, ...]:
    if view.classification is None:
        return ()
    goals = {
        goal
        for tag in view.classification.provisions
        if not tag.contested or words.confirmed(view.review)
        for goal, direction in words.goal_directions(tag, view.classification).items()
        if direction == "weakens"
    }
    if not goals and view.classification.direction == "weakens" and not view.classification.contested:
        goals = set(view.classification.goals[:1])
    return tuple(goal for goal in codebook.GOALS if goal in goals)


def reason_of(reason: str | None, *, demo: bool) -> str | None:
    """The reason for a stage. In a demo the clause that it quotes is a paraphrase, and stands without quotation marks."""
    if not reason:
        return None
    if demo and '"' in reason:
        unmarked = masked(reason.replace('"', "")).rstrip(".")
        return f"demo paraphrase: {unmarked}"
    return _short(masked(reason))


def _step(change: StageChange, view: MeasureView, desk: bool) -> Step:
    return Step(
        from_stage=change.from_stage,
        to_stage=change.to_stage,
        from_words=words.stage(change.from_stage),
        to_words=words.stage_here(change.to_stage, view.jurisdiction, desk),
        date=change.date,
        cause=masked(change.cause.description) if change.cause else None,
        cause_url=link(change.cause.url) if change.cause else None,
        basis=change.basis,
        reason=reason_of(change.reason, demo=view.demo),
        observed_at=change.observed_at,
    )


def _short(text: str) -> str:
    if len(text) <= _SUMMARY:
        return text
    return text[:_SUMMARY].rsplit(" ", 1)[0] + " [...]"
