"""When a law applies that names no day: the general rule of its place, as data with its source in ``data/places``.

Used last, and only where a text was read that says nothing of its own effect; what is unsure stays unknown.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import NamedTuple

from ..records import Action
from .calendars import find_session, is_special
from .effective import date_in

_TABLE = files("freedom_policy.data") / "places" / "effective_defaults.csv"
_SAYS_WHEN = re.compile(
    r"""\b(?:tak(?:es?|ing|en)\s+(?:immediate\s+)?effect|go(?:es)?\s+into\s+effect|(?:in|into)\s+(?:full\s+)?(?:force|effect)
      | effective\s+(?:dates?|on|as\s+of|upon|from|immediately|for|beginning|with\s+respect|at|when|the|\d|
          january|february|march|april|may|june|july|august|september|october|november|december)
      | effective[.:—-] | \[\s*effective | operative\s+(?:on|date|upon) | retroactiv\w+
      | applies?\s+(?:only\s+)?to\s+\w+\s+(?:years?|offenses?)
      | emergency | urgency | immediate\s+(?:preservation|effect) | voters | electors | referendum)""",
    re.IGNORECASE | re.VERBOSE,
)
"""A text with any of these may say when it applies; then no general rule is used."""
_ACTION_SAYS_WHEN = re.compile(r"immediate effect|emergency|urgency|effective|from passage", re.IGNORECASE)
_ENACTS = re.compile(
    r"\b(?:be it (?:\w+ and )?enacted|it is (?:hereby )?enacted|do enact as follows|hereby enacts?"
    # Congress's enrolled bills as data leave the enacting clause to the printer, and keep the words above it.
    r"|begun and held at the city of washington)\b",
    re.IGNORECASE,
)
"""Only the words of an act prove by their silence that it names no day; a summary, a paraphrase or a part proves nothing."""
_FEW_WORDS = 60


class Default(NamedTuple):
    """The general rule of a place."""

    jurisdiction: str
    rule: str
    """``law_day``, ``days_after_law``, ``january`` (of the next year; the value is the last day of enactment), ``day_of_year``,
    ``next_day_of_year``, ``half_year``, ``days_after_session``, ``day_after_publication`` or ``unknown``."""
    value: str
    immediate: str
    """Days after it became law from which an act applies that takes effect "immediately"; empty: none."""
    unless: str
    """Words in the text that take a law out of the rule."""
    needs: str
    """Words that an action must have."""
    source: str
    checked: str
    """How far the source was confirmed, and where."""


@cache
def defaults() -> Mapping[str, Default]:
    """The rules by place, those that we do not use (``unknown``) with the reason among them."""
    rows = csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines())
    return MappingProxyType({row["jurisdiction"]: Default(**row) for row in rows})


def day_of_immediate_effect(jurisdiction: str, law_date: dt.date) -> dt.date:
    """From when an act applies that takes effect "immediately": the day it became law, and in Alaska the day after."""
    rule = defaults().get(jurisdiction)
    return law_date + dt.timedelta(days=int(rule.immediate)) if rule and rule.immediate else law_date


def default_effective_date(
    actions: Sequence[Action], *, jurisdiction: str, session: str | None, law_date: dt.date | None, text: str | None
) -> tuple[dt.date, str] | None:
    """The day by the place's general rule, with the rule's source; None where it is not sure to apply.

    Args:
        actions: of a measure that became law; an action that speaks of its effect rules the default out.
        session: its session; places whose rule is for regular sessions need one that the calendar knows as such.
        law_date: the day it became law.
        text: its latest text. Without it we cannot know that it names no day.
    """
    rule = defaults().get(jurisdiction)
    if rule is None or rule.rule == "unknown" or law_date is None or not text or len(text.split()) < _FEW_WORDS:
        return None
    if not _ENACTS.search(text):
        return None
    if _SAYS_WHEN.search(text) or any(_ACTION_SAYS_WHEN.search(action.description) for action in actions):
        return None
    if rule.unless and re.search(rule.unless, text, re.IGNORECASE):
        return None
    if rule.needs and not any(re.search(rule.needs, action.description, re.IGNORECASE) for action in actions):
        return None
    day = _day(rule, actions, session, law_date)
    return (day, rule.source) if day is not None else None


def _day(rule: Default, actions: Sequence[Action], session: str | None, law_date: dt.date) -> dt.date | None:
    if rule.rule == "law_day":
        return law_date
    if rule.rule == "days_after_law":
        return law_date + dt.timedelta(days=int(rule.value))
    if rule.rule == "half_year":
        return dt.date(law_date.year, 7, 1) if law_date.month < 7 else dt.date(law_date.year + 1, 1, 1)
    if rule.rule == "next_day_of_year":
        day = _in_year(law_date.year, rule.value)
        return day if day > law_date else _in_year(law_date.year + 1, rule.value)
    if rule.rule == "day_after_publication":
        published = [action.description for action in actions if action.description.lower().startswith("published")]
        day_printed = date_in(published[-1]) if published else None
        return day_printed + dt.timedelta(days=1) if day_printed else None
    # The others are rules for regular sessions.
    known = find_session(rule.jurisdiction, session) if session else None
    if known is None or is_special(known):
        return None
    if rule.rule == "days_after_session":
        return known.end + dt.timedelta(days=int(rule.value)) if known.end else None
    if rule.rule == "january":
        last = _in_year(law_date.year, rule.value or "12-31")
        return dt.date(law_date.year + 1, 1, 1) if law_date <= last else None
    day = _in_year(law_date.year, rule.value)
    return day if law_date < day else None


def _in_year(year: int, month_day: str) -> dt.date:
    return dt.date.fromisoformat(f"{year}-{month_day}")
