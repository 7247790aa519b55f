"""``assess``: where one measure stands, and how it got there, from its actions alone. Pure; today's date is never used."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..places import is_unicameral, jurisdictions
from ..records import Action, Kind, LawEvent, Status, StatusEvent
from ..text import clean
from .calendars import joint_resolutions_are_law, session_end
from .defaults import day_of_immediate_effect, default_effective_date
from .effective import (
    TimedClause,
    effective_from_actions,
    effective_from_text,
    effective_that_day,
    expiry_from_text,
    signing_day,
)
from .kinds import kind_from_number, origin_from_number
from .rulesets import ruleset_for
from .stages import AFTER_LAW, RANK, Ladder, Step

# A bill that passed the legislature may still be signed long after adjournment (New York's governor takes until December), and a
# veto may be overridden in a veto session. Only after this many days is silence taken for an end.
_DESK_DAYS = {"passed_all": 400, "vetoed": 150}


def assess(
    actions: Sequence[Action],
    *,
    jurisdiction: str,
    kind: Kind | None,
    identifier: str | None = None,
    session: str | None = None,
    as_of: dt.date | None = None,
    text: str | None = None,
    told: Sequence[LawEvent] = (),
) -> Status:
    """The status of one measure.

    Args:
        actions: as the source prints them, oldest first, in the source's order within a day. Dates out of order are sorted.
        jurisdiction: key of the place (``us-tx``); an unknown place gets the general rules and a warning.
        kind: what the measure is; None is read from the number, and warned about.
        identifier: its number; tells the chamber of origin, and the kind when that is None.
        session: identifier of its session; without it no death at the session's end is inferred.
        as_of: the day to judge by. Actions after it are ignored. Without it nothing is inferred from time passing.
        text: the text of the latest version, read for its effective date.
        told: what people recorded of it as law, where no source tells.

    Returns:
        Status: stage, cause (index into ``actions``), rule, every event, marks, and our classes for each action given.
    """
    if kind == "code_section":
        return _code_section(actions, ruleset_for(jurisdiction).version, as_of, told)
    ruleset = ruleset_for(jurisdiction)
    warnings: list[str] = []
    known_place = jurisdiction in jurisdictions()
    if not known_place:
        warnings.append(f"unknown jurisdiction {jurisdiction!r}: general rules, two chambers assumed")
    numbered = kind_from_number(jurisdiction, identifier)
    if kind is None and (kind := numbered) is None:
        warnings.append("unknown kind of measure: taken for a bill")
    elif kind == "bill" and numbered in ("concurrent resolution", "joint resolution"):
        # Some sources call everything a bill; ACR 1 is none.
        warnings.append(f"called a bill, but its number is a {numbered}'s; judged as that")
        kind = numbered
    readings = [ruleset.read(action) for action in actions]
    ladder = Ladder(
        kind=kind,
        single=known_place and is_unicameral(jurisdiction),
        joint_is_law=joint_resolutions_are_law(jurisdiction),
        origin=origin_from_number(identifier),
    )
    order, trouble = _in_order(actions, as_of)
    warnings += trouble
    ladder.walk(Step(index, actions[index].date, readings[index]) for index in order)
    if not actions:
        warnings.append("no actions: stage unknown")
    warnings += ladder.warnings

    events = list(ladder.events)
    effective_date = None
    later: list[StatusEvent] = []
    law = next((event for event in reversed(events) if event.stage == "enacted"), None)
    if law is not None and (ladder.stage == "enacted" or ladder.stage in AFTER_LAW):
        dated = [(index, actions[index]) for index in order]
        if kind in ("rule", "order"):
            # A rule is published with the day from which it will apply, which is a step of its own, and still ahead.
            dated += [
                (index, action)
                for index, action in enumerate(actions)
                if index not in order and effective_that_day(action)
            ]
        # The general rules on when a law applies are those for acts of a legislature.
        where = (jurisdiction if kind in ("bill", "joint resolution") else "", session)
        effective_date, later, notes = _after_enactment(dated, law, text, as_of, where)
        warnings += notes
    elif as_of is not None:
        last_action = max((day for index in order if (day := actions[index].date)), default=None)
        if death := _death_by_calendar(ladder, jurisdiction, session, as_of, last_action):
            events.append(death)
    events, notes = _with_what_followed(events, later, told, as_of)
    warnings += notes

    last = events[-1] if events else None
    return Status(
        stage=last.stage if last else "unknown",
        stage_date=last.date if last else None,
        cause=last.cause if last else None,
        basis=last.basis if last else "action",
        rule=last.rule if last else "",
        reason=last.reason if last else None,
        events=tuple(events),
        marks=tuple(ladder.marks),
        effective_date=effective_date,
        classes=tuple(reading.classes for reading in readings),
        unmapped=tuple(index for index, reading in enumerate(readings) if not reading.known),
        warnings=tuple(warnings),
        ruleset=ruleset.version,
    )


def _with_what_followed(
    events: list[StatusEvent], later: list[StatusEvent], told: Sequence[LawEvent], as_of: dt.date | None
) -> tuple[list[StatusEvent], list[str]]:
    """The events with what followed on becoming law, by day: what the record says, what we computed, what a person recorded."""
    words = [event for event in told if as_of is None or event.date <= as_of]
    ranks = [RANK.get(event.stage, -1) for event in events]
    made = max((place for place, rank in enumerate(ranks) if rank >= RANK["enacted"]), default=None)
    if made is None:
        return events, [
            f"a person recorded {word.stage} on {word.date}, but by the record it is no law; not counted"
            for word in words
        ]
    notes = []
    since = events[made].date
    followed = [*events[made + 1 :], *later]
    for word in words:
        if since is not None and word.date < since:
            notes.append(f"a person recorded {word.stage} on {word.date}, before it was law; not counted")
        else:
            followed.append(_told_event(word))
    kept = events[: made + 1]
    for event in _by_day(followed, since):
        # A day of effect or of expiry that we computed does not bring back, or end once more, what was ended before.
        computed = event.basis != "person" and (event.stage == "effective" or event.basis == "text")
        if not (computed and kept[-1].stage in AFTER_LAW):
            kept.append(event)
    return kept, notes


def _by_day(events: list[StatusEvent], first: dt.date | None) -> list[StatusEvent]:
    last = first or dt.date.min
    keyed = []
    for event in events:
        last = event.date or last
        keyed.append((last, event))
    return [event for _, event in sorted(keyed, key=lambda pair: pair[0])]


def _told_event(event: LawEvent) -> StatusEvent:
    said = f"{event.says.rstrip('.')}; " if event.says else ""
    return StatusEvent(
        stage=event.stage,
        date=event.date,
        basis="person",
        rule="person",
        reason=f"{said}a person's word, from {event.url}",
        url=event.url,
    )


def _code_section(
    actions: Sequence[Action], ruleset: str, as_of: dt.date | None, told: Sequence[LawEvent] = ()
) -> Status:
    """A section that a code prints is law in force; its actions are the history notes that the code prints under it."""
    noted = [
        (action.date, index)
        for index, action in enumerate(actions)
        if action.date and (as_of is None or action.date <= as_of)
    ]
    day, cause = max(noted, default=(None, None))
    gone = cause is not None and re.match(r"\W*(?:repealed|deleted)\b", actions[cause].description, re.IGNORECASE)
    event = StatusEvent(
        stage="repealed" if gone else "effective",
        date=day,
        cause=cause,
        basis="action" if cause is not None else "inferred",
        rule="code.section",
        reason="the code's last history note repeals it" if gone else "the code prints it as law",
    )
    events, notes = _with_what_followed([event], [], told if not gone else (), as_of)
    last = events[-1]
    return Status(
        stage=last.stage,
        stage_date=last.date,
        cause=last.cause,
        basis=last.basis,
        rule=last.rule,
        reason=last.reason,
        events=tuple(events),
        classes=tuple(() for _ in actions),
        warnings=tuple(notes),
        ruleset=ruleset,
    )


def _in_order(actions: Sequence[Action], as_of: dt.date | None) -> tuple[list[int], list[str]]:
    """Indexes of the actions that count, in date order; the given order breaks ties, undated ones stay beside their neighbour."""
    warnings = []
    dated = [action.date for action in actions if action.date]
    indexes = list(range(len(actions)))
    if len(dated) > 1 and dated[0] > dated[-1] and all(a >= b for a, b in pairwise(dated)):
        warnings.append("actions are newest first; turned round")
        indexes.reverse()
    elif any(a > b for a, b in pairwise(dated)):
        warnings.append("actions are not in date order; sorted by date")
    last = dt.date.min
    keyed = []
    for index in indexes:
        last = actions[index].date or last
        keyed.append((last, index))
    keyed.sort(key=lambda pair: pair[0])
    kept = [index for day, index in keyed if as_of is None or day <= as_of]
    if len(kept) < len(keyed):
        count = len(keyed) - len(kept)
        warnings.append(f"{count} action{'s' if count > 1 else ''} after {as_of} ignored")
    return kept, warnings


def _after_enactment(
    actions: Sequence[tuple[int, Action]],
    law: StatusEvent,
    text: str | None,
    as_of: dt.date | None,
    where: tuple[str, str | None],
) -> tuple[dt.date | None, list[StatusEvent], list[str]]:
    """When the law applies and ceases to: as the source states it, else by the text's own clauses, else by the general rule of
    its place; with what is uncertain."""
    events: list[StatusEvent] = []
    warnings: list[str] = []
    day: dt.date | None = None
    start: dict[str, Any] = {}
    made = next((signing_day(action) for index, action in actions if index == law.cause), law.date)
    if stated := effective_from_actions([action for _, action in actions]):
        day, start = stated.date, {"cause": actions[stated.position][0], "basis": "action", "rule": "effective.stated"}
    elif text and (clause := _clause_of(text, made)):
        applies = clause.date
        if clause.form == "immediate" and applies is not None:
            applies = day_of_immediate_effect(where[0], applies)
        day, start = (
            applies,
            {"cause": law.cause, "basis": "text", "rule": f"effective.{clause.form}", "reason": _quoted(clause.quote)},
        )
        if day is None:
            warnings.append(f"effective date depends on something else: {_quoted(clause.quote)}")
    elif found := default_effective_date(
        [action for _, action in actions], jurisdiction=where[0], session=where[1], law_date=made, text=text
    ):
        day, source = found
        start = {
            "cause": law.cause,
            "basis": "inferred",
            "rule": "effective.default",
            "reason": f"general rule: {source}",
        }
        warnings.append(
            f"effective date {day} by the place's general rule, as neither source nor text names one: {source}"
        )
    # By a general rule that gives the day of enactment itself, becoming law and applying are one step.
    told_apart = start.get("basis") != "inferred" or day not in (law.date, made)
    if as_of is not None and day is not None and day <= as_of and told_apart:
        events.append(StatusEvent(stage="effective", date=day, **start))
    if text and as_of is not None and (end := expiry_from_text(text, law_date=made)) and end.date and end.date <= as_of:
        events.append(
            StatusEvent(
                stage="expired",
                date=end.date,
                cause=law.cause,
                basis="text",
                rule="effective.expiry",
                reason=_quoted(end.quote),
            )
        )
    return day, events, warnings


def _clause_of(text: str, law_date: dt.date | None) -> TimedClause | None:
    """The text's own clause; where line numbers or page heads run through it, the clause of the cleaned text."""
    return effective_from_text(text, law_date=law_date) or effective_from_text(clean(text).text, law_date=law_date)


def _quoted(words: str) -> str:
    """The source's words on one line, between quotation marks."""
    return f'"{" ".join(words.split())}"'


def _death_by_calendar(
    ladder: Ladder, jurisdiction: str, session: str | None, as_of: dt.date, last_action: dt.date | None
) -> StatusEvent | None:
    """The end of a measure that its session left behind, where the session's end and the carry-over rule are both known."""
    if ladder.stage not in RANK or RANK[ladder.stage] >= RANK["adopted"] or not ladder.events:
        return None
    end = session_end(jurisdiction, session, ladder.origin)
    # An action well after the end shows that the calendar is not the whole story; then nothing is inferred.
    if end is None or (last_action is not None and last_action > end.sayable):
        return None
    day = max(end.day, last_action or end.day)
    if as_of <= end.sayable + dt.timedelta(days=_DESK_DAYS.get(ladder.stage, 0)):
        return None
    reason = f"the session ended on {day.isoformat()} without final action ({end.reason})"
    return StatusEvent(stage="dead", date=day, basis="inferred", rule="calendar.session-ended", reason=reason)
