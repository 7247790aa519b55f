"""What people ask for, in their own spelling, into the filters and dates that the store understands."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError

from . import codebook, places
from .errors import BadInput, did_you_mean
from .records import STAGES, Form, MeasureFilter

_SPAN = re.compile(r"^(\d+)\s*([dwmy])$", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}


def day(value: str | dt.date | None, *, today: dt.date, what: str = "date", future: bool = False) -> dt.date | None:
    """A day from ``2026-11-01``, ``7d``, ``4w``, ``6m`` or ``1y`` (days back from ``today``); None stays None.

    Raises:
        BadInput: no such day, or a day after ``today`` where that makes no sense.
    """
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        found = value.date()
    elif isinstance(value, dt.date):
        found = value
    elif not isinstance(value, str):
        raise BadInput(f"The {what} {value!r} is not a day. Write it as 2026-11-01, or as 7d, 4w, 6m, 1y.")
    elif match := _SPAN.match(value.strip()):
        try:
            found = today - dt.timedelta(days=int(match[1]) * _DAYS[match[2].lower()])
        except OverflowError as error:
            raise BadInput(
                f"The {what} {value!r} lies before the calendar begins. Write a day such as 2026-11-01."
            ) from error
    else:
        try:
            found = dt.date.fromisoformat(value.strip())
        except ValueError as error:
            raise BadInput(
                f"The {what} {value!r} is not a day. Write it as 2026-11-01, or as 7d, 4w, 6m, 1y."
            ) from error
    if found > today and not future:
        raise BadInput(f"The {what} {found} lies in the future (today is {today}).")
    return found


def measure_filter(*, today: dt.date, **asked: Any) -> MeasureFilter:
    """A filter from words: each value may be one string (commas separate) or several; None is as if it were not given.

    Known words: ``jurisdiction, session, stage, goal, area, subarea, provision, form, key, query, since, until, tracked,
    contested, limit`` (plurals too).

    Raises:
        BadInput: an unknown word or value, with near matches; ``since`` after ``until``; an empty list: whoever asks for none
            of the goals would be surprised by all of them.
    """
    readers: Mapping[str, tuple[str, Any]] = {
        "jurisdiction": ("jurisdictions", lambda value: places.jurisdiction(value).key),
        "session": ("sessions", str),
        "stage": ("stages", lambda value: _word(value, STAGES, "stage")),
        "goal": ("goals", codebook.goal),
        "area": ("areas", codebook.area),
        "subarea": ("subareas", _subarea),
        "provision": ("provisions", lambda value: codebook.load().provision(value).key),
        "form": ("forms", lambda value: _word(value, get_args(Form), "form")),
        "key": ("keys", lambda value: str(places.parse_key(value))),
    }
    days: dict[str, dt.date | None] = {
        name: day(asked.get(name), today=today, what=name, future=name == "until")
        for name in ("since", "until")
        if name in asked
    }
    since, until = days.get("since"), days.get("until")
    if since and until and since > until:
        raise BadInput(f"The range is upside down: since {since} is after until {until}. Swap them.")
    # Only what was asked for, so that a query that is narrowed keeps the rest.
    fields: dict[str, Any] = {**days}
    for name, value in asked.items():
        if name in days:
            continue
        if name in _PLAIN:
            fields[name] = value
            continue
        known = name if name in readers else name.removesuffix("s")
        if known not in readers:
            words = (*readers, *_PLAIN, "since", "until")
            raise BadInput(
                f"Unknown filter {name!r}. {did_you_mean(name, words)} Known: {', '.join(words)}.".replace("  ", " ")
            )
        if value is None:
            continue
        field, read = readers[known]
        parts = split(value, what=name)
        if not parts:
            raise BadInput(f"The filter {name!r} is empty, so that nothing fits it. Leave it out to ask for all.")
        fields[field] = tuple(dict.fromkeys(read(part) for part in parts))
    try:
        return MeasureFilter(**fields)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = str(wrong["loc"][0])
        raise BadInput(f"The filter {name!r} cannot be {wrong['input']!r}. Write {_PLAIN[name]}.") from error


_PLAIN = {
    "query": "the words to look for",
    "contested": "True, False, or None for both",
    "tracked": "True, False, or None for both",
    "limit": "a whole number from 1 up",
}


def split(value: str | int | Iterable[object] | None, *, what: str = "value") -> Sequence[str]:
    """The parts of ``"us-wa, us-or"`` or of several such strings; nothing gives an empty list.

    Raises:
        BadInput: neither text nor a list of it.
    """
    if value is None:
        return []
    if isinstance(value, (str, int)):
        value = [value]
    try:
        items = list(value)
    except TypeError:
        raise BadInput(f"The {what} {value!r} is no text and no list of texts.") from None
    return [part.strip() for item in items for part in str(item).split(",") if part.strip()]


def _word(value: str, known: Sequence[str], what: str) -> str:
    wanted = value.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted not in known:
        raise BadInput(
            f"Unknown {what} {value!r}. {did_you_mean(wanted, known)} Known: {', '.join(known)}.".replace("  ", " ")
        )
    return wanted


def _subarea(value: str) -> str:
    known = {f"{area}.{sub}" for area, subs in codebook.load().areas.items() for sub in subs}
    wanted = value.strip().lower()
    matches = [code for code in known if wanted in (code, code.split(".")[1])]
    if len(matches) != 1:
        hint = did_you_mean(wanted, known)
        raise BadInput(
            f"Unknown sub-area {value!r}. {hint} Write it like rescue_exit.temporary_shelter.".replace("  ", " ")
        )
    return matches[0]
