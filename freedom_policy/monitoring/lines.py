"""``monitor --input``: JSON Lines in, JSON Lines out. A bad line is reported with its number, and the rest is done."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..errors import BadInput
from ..places import jurisdiction as find_jurisdiction
from ..records import Action, Status
from .kinds import kind_of
from .rulesets import role_of, seen
from .status import assess

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_SINGLE_LETTER = {"h": "lower", "s": "upper", "l": "lower", "u": "upper", "e": "executive", "j": "joint"}


def monitor_lines(
    lines: Iterable[str | bytes], *, as_of: dt.date | None = None, on_error: Callable[[int, str], None] | None = None
) -> Iterator[dict[str, Any]]:
    """The status of each line (CONTRACTS, ``monitor --input``), in the same order.

    Args:
        lines: JSON objects, one a line; empty lines are skipped. Unknown fields are ignored.
        as_of: the day to judge by for lines that give none of their own.
        on_error: called with line number (from 1) and a message for a line that cannot be read; the rest is done.

    Yields:
        dict: the output object of CONTRACTS.

    Raises:
        BadInput: a line cannot be read and no ``on_error`` was given.
    """
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig") if isinstance(line, bytes) else line.removeprefix("\ufeff")
            if not text.strip():
                continue
            row = json.loads(text)
            if not isinstance(row, dict):
                raise BadInput(f"a JSON object was expected, not {type(row).__name__}")
            result = _one(row, as_of)
        except (BadInput, ValueError, RecursionError) as error:
            if on_error is None:
                raise BadInput(f"line {number}: {_plain(error)}") from error
            on_error(number, _plain(error))
            continue
        yield result


def _one(row: dict[str, Any], default_as_of: dt.date | None) -> dict[str, Any]:
    if row.get("id") is None:
        raise BadInput("field 'id' is missing")
    warnings: list[str] = []
    place = str(row.get("jurisdiction") or "").strip()
    try:
        place = find_jurisdiction(place).key if place else ""
    except BadInput:
        place = place.lower()
    given = row.get("kind")
    kind = kind_of(given)
    if given and kind is None:
        warnings.append(f"kind {given!r} is not known")
    raw = row.get("actions") or []
    if not isinstance(raw, list):
        raise BadInput("field 'actions' must be a list")
    actions = [_action(item, index, warnings) for index, item in enumerate(raw)]
    as_of = _date(row.get("as_of"), "as_of", None) if row.get("as_of") else default_as_of
    status = assess(
        actions,
        jurisdiction=place,
        kind=kind,
        identifier=_string(row.get("identifier")),
        session=_string(row.get("session")),
        as_of=as_of,
        text=_string(row.get("text")),
    )
    return to_dict(row["id"], status, warnings)


def to_dict(identity: Any, status: Status, warnings: Iterable[str] = ()) -> dict[str, Any]:
    """A status as the output object of CONTRACTS; dates are ISO texts."""
    out: dict[str, Any] = {
        "id": identity,
        "stage": status.stage,
        "stage_date": _iso(status.stage_date),
        "cause": status.cause,
        "basis": status.basis,
        "rule": status.rule,
    }
    if status.reason:
        out["reason"] = status.reason
    out["events"] = [
        {
            "stage": event.stage,
            "date": _iso(event.date),
            "cause": event.cause,
            "basis": event.basis,
            "rule": event.rule,
            **({"reason": event.reason} if event.reason else {}),
        }
        for event in status.events
    ]
    out["marks"] = [{"mark": mark.mark, "date": _iso(mark.date), "cause": mark.cause} for mark in status.marks]
    if status.effective_date:
        out["effective_date"] = status.effective_date.isoformat()
    out["actions"] = [{"classes": list(classes)} for classes in status.classes]
    out["unmapped"] = list(status.unmapped)
    out["warnings"] = [*warnings, *status.warnings]
    out["ruleset"] = status.ruleset
    return out


def _action(item: Any, index: int, warnings: list[str]) -> Action:
    if not isinstance(item, dict):
        raise BadInput(f"actions[{index}] must be an object")
    text = item.get("text") if item.get("text") is not None else item.get("description", item.get("action"))
    body = _string(seen(str(item.get("body") or "")))
    code = _string(item.get("code"))
    return Action(
        date=_date(item.get("date"), f"actions[{index}].date", warnings),
        time=_time(item.get("time"), f"actions[{index}].time", warnings),
        description=seen(str(text or "")),
        chamber=_chamber(body),
        body=body,
        code=code,
        type=_string(item.get("type")),
        system=_string(item.get("source")),
        note=_string(item.get("note")),
    )


def _chamber(body: str | None) -> Any:
    if body is None:
        return None
    return _SINGLE_LETTER.get(body.strip().lower()) or role_of(body)


def _string(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _date(value: Any, where: str, warnings: list[str] | None) -> dt.date | None:
    """The day of an ISO date or date-time; a bad one is a warning where ``warnings`` is given, else an error."""
    if value is None or value == "":
        return None
    try:
        return dt.date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        if warnings is None:
            raise BadInput(f"{where} {value!r} is no date; write YYYY-MM-DD") from None
        warnings.append(f"{where} {value!r} is no date; kept undated")
        return None


def _time(value: Any, where: str, warnings: list[str]) -> dt.time | None:
    """The time of day; one that no clock shows is a warning, and the action keeps its date."""
    if value is None or value == "":
        return None
    match = _TIME.search(str(value))
    try:
        if match:
            return dt.time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        pass
    warnings.append(f"{where} {value!r} is no time of day; left out, the date is kept")
    return None


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


def _plain(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON ({error.msg} at column {error.colno})"
    return str(error).splitlines()[0]
