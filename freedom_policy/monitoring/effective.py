"""Effective and expiry dates: from what actions state, and from the clauses of a text, computed with proof or honestly unknown.

A clause is found by its verb ("takes effect", "is effective", "expires"), then its tail says when. What hangs on something else
(an appropriation, another law, voters, publication, adjournment) is ``contingent`` and has no date.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from ..records import Action, Record

Form = Literal["fixed", "relative", "immediate", "contingent", "unclear"]

_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
_TEENS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen"""
_UNITS = {name: number for number, name in enumerate(_TEENS.split())}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12}
_ORDINALS |= {name[:-1] + "ieth": value for name, value in _TENS.items()}


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE | re.VERBOSE | re.DOTALL)


_DATE = rf"""(?:
    (?P<month>{_any_of(_MONTHS)})\.? \s+ (?P<day>\d{{1,2}})(?:st|nd|rd|th)? \s*,?\s+ (?P<year>\d{{4}})
  | (?P<m>\d{{1,2}})[/-](?P<d>\d{{1,2}})[/-](?P<y>\d{{4}}|\d{{2}})(?!\d)
)"""
_DATE_RE = _pattern(_DATE)
_NUMBER = rf"""(?P<number>
    \d{{1,4}}(?:st|nd|rd|th)?
  | (?:(?:{_any_of([*_UNITS, *_TENS, *_ORDINALS, "hundred", "hundredth", "and"])})(?:th)?[\s-]*)+
)(?:\s*\(\s*\d+\s*\))?"""

# Who takes effect: the measure as a whole, or a part of it.
_ACT = r"(?:this|the)\s+(?:local\s+)?(?:act|law|bill|resolve|ordinance|measure|legislation|joint\s+resolution|resolution|order)"
_SUBJECT_RE = _pattern(
    rf"""\b(?:
        (?P<act>(?:the\s+)?(?:remaind?er|provisions|rest|remaining\s+(?:provisions|sections))\s+of\s+{_ACT}
            | all\s+(?:other|remaining)\s+sections | {_ACT})
      | (?P<part>sections?\s+[\w.,:()\s§-]{{1,80}}?
          | (?:this|such)\s+(?:section|subdivision|subsection|chapter|article|part|paragraph|title)
          | the\s+amendments?\s+made\s+by\s+this\s+\w+)
    )(?=[^.;\n]{{0,160}}$)"""
)
_OF_A_PART = _pattern(
    r"(?:\bsections?|§+|\b(?:sub)?(?:section|division|chapter|paragraph|title|part)s?)\W[^.;]{0,60}\bof\s+$"
)
_VERB_RE = _pattern(
    r"""\b(?:(?:shall|will|must)\s+)?(?:
        (?:takes?|(?<!the\ )taking|goes?|go)\s+(?:in(?:to)?\s+)?effect(?:\s+and\s+(?:shall\s+)?be\s+in\s+(?:full\s+)?force)?
      # Clerks leave the word out at times: "This local law shall take immediately", "... shall take ninety days after enactment".
      | takes?(?=\s+(?:immediately\b
            | [\w-]+(?:\s+[\w-]+){0,3}\s+days?\s+(?:after|from)\s+(?:the\s+date\s+of\s+)?(?:its?|enactment|passage|adoption)\b))
      | (?:become|becomes|be|is|are)\s+(?:deemed\s+)?
        (?:effective|in\s+(?:full\s+)?(?:force|effect)(?:\s+and\s+(?:effect|force))?|operative)
    )"""
)
_DATE_IS = _pattern(
    rf"effective\s+date\s+of\s+(?:the\s+provisions\s+of\s+)?{_ACT}\s+(?:is|shall\s+be)\b(?!\s+governed)"
)
# Indiana marks each section: [EFFECTIVE JULY 1, 2026].
_BRACKET = _pattern(r"\[\s*effective\s+(?P<tail>[^\]]{3,60})\]")
_EXPIRES = _pattern(
    r"""\b(?:
        (?:shall\s+)?(?:expires?|sunsets?)\b
      | (?:is|are|shall\s+be)\s+(?:deemed\s+)?repealed\b
      | remains?\s+in\s+effect\s+(?:only\s+)?until\b
      | (?:shall\s+be|is)\s+(?:of\s+no\s+(?:further\s+)?(?:force|effect)|inoperative)\b
    )"""
)
_LOOK_BACK = 260
"""Characters before the verb in which the clause's subject must stand."""

# When it takes effect. The anchor that we can compute from is the day when it became law.
_BECAME_LAW = r"""(?:
    (?:(?:the|its)\s+)?(?:date\s+(?:of|on\s+which|that|when)\s+)?(?:(?:its|the|such|this\s+\w+.s)\s+)?
    (?:enactment|(?:final\s+)?passage|approval|adoption|becoming\s+(?:a\s+)?law|being\s+enacted|signing|signature)
  | (?:the\s+(?:date|day)\s+)?(?:(?:on\s+)?which\s+)?(?:it|this\s+(?:act|local\s+law|bill|law))\s+
    (?:becomes?|became|is|has\s+been|shall\s+have|was)\s*(?:been\s+)?(?:enacted|become|signed|approved|passed|adopted)?
    (?:\s+into)?(?:\s+an?)?(?:\s+law)?
)"""
_LAW_RE = _pattern(_BECAME_LAW)
_FIXED = _pattern(
    rf"""\W*(?:(?:on|as\s+of|from|beginning|starting|commencing)\s+)?
    (?:and\s+(?:after|shall\s+be\s+in\s+(?:full\s+)?force\s+(?:and\s+effect\s+)?(?:on|from)\s+and\s+after)\s+)?
    (?:at\s+[\d:]+\s*[ap]\.?m\.?\s*,?\s*(?:on\s+)?)?(?:the\s+)?{_DATE}"""
)
_RELATIVE = _pattern(
    rf"""\W*(?:on\s+(?:and\s+after\s+)?|beginning\s+|effective\s+)?(?:the\s+)?(?:date\s+(?:that|which)\s+is\s+)?
    {_NUMBER}\s*(?:calendar\s+|full\s+)?(?P<unit>days?|months?|years?|weeks?)\s+(?:after|from|following|upon)\s+(?P<anchor>.{{1,120}})"""
)
_IN_DAYS = _pattern(rf"\W*in\s+{_NUMBER}\s*(?P<unit>days?|months?|years?)\b")
_MONTH_AFTER = _pattern(
    r"""\W*(?:on\s+)?the\s+(?:first|1st)\s+day\s+of\s+the\s+(?:(?P<number>\w+)\s+)?month\s+(?:next\s+)?
    (?:following|(?:beginning\s+|commencing\s+)?after)\s+(?P<anchor>.{1,80})"""
)
_IMMEDIATE = _pattern(
    rf"""\W*(?:immediately
      | (?:up)?on\s+(?:the\s+date\s+of\s+)?{_BECAME_LAW}
      | when\s+(?:it\s+becomes\s+(?:a\s+)?law|passed\s+and\s+approved|signed|enacted)
      | from\s+and\s+after\s+(?:its\s+|the\s+date\s+of\s+(?:its\s+)?)?(?:passage|approval|adoption|enactment)
      | upon\s+(?:signature|approval)\s+by\s+the\s+governor
      | (?:up)?on\s+the\s+governor.s\s+approval
    )"""
)
_HANGS = _pattern(
    r"""\b(?:electors|voters|referendum|election|appropriat\w+|if\s+(?:and\s+only\s+if|it\s+receives|approved)|only\s+if|contingent
      | compliance\s+with|same\s+(?:date|day|time|manner)|congressional\s+review|takes?\s+effect\s+of|effective\s+date\s+of
      | publication|statute\s+book|adjourn\w*|sine\s+die|certif\w+|submitted\s+for|later\s+of|ratif\w+
      | constitutional\s+amendment)\b"""
)
_SENTENCE_END = re.compile(r"(?<=[12]\d{3})\.|\.(?=\s|$|[\"”'])(?<!\bNo\.)(?<!\bSec\.)|\n\s*\n")
_STATED = _pattern(rf"\beff(?:ective)?\b\.?(?:\s+dates?\b(?:\(s\))?|\s+of\s+law)*\W*(?:on|from|is|as\s+of)?\W*{_DATE}")
_SIGNED = _pattern(rf"\b(?:signed|approved)\b[^.;]{{0,40}}?\bon\s+{_DATE}")
_LATE_ENTRY = 90
"""Days within which a clerk's entry of a signature may lie from the day that its words name."""
_ON_THIS_DAY = re.compile(r"^effective\W*$|\bbecame effective\W*$", re.IGNORECASE)
"""An action whose own day is the day that it speaks of."""
_FARTHEST_YEARS = 40
"""A date farther off than this is a placeholder (Hawaii writes July 1, 3000 to keep a bill alive)."""


class TimedClause(Record):
    """One clause about when a law begins or ends to apply, with the words that say so: ``quote == text[start:end]``."""

    kind: Literal["effective", "expires"]
    form: Form
    whole: bool
    """True if it speaks of the whole measure, False if of a part."""
    date: dt.date | None = None
    """None where the clause hangs on something else, or on a date of enactment that is not known."""
    quote: str
    start: int
    end: int


class EffectiveAction(NamedTuple):
    """A date that an action states, with the action's place in the sequence given."""

    date: dt.date
    position: int


def timed_clauses(text: str, *, law_date: dt.date | None = None) -> tuple[TimedClause, ...]:
    """All clauses of a text about when it begins or ends to apply, in the order of the text.

    Args:
        text: plain text of the measure.
        law_date: the day it became law; without it relative and immediate clauses have no date.
    """
    found = []
    for kind, pattern in (("effective", _VERB_RE), ("expires", _EXPIRES)):
        for verb in pattern.finditer(text):
            if subject := _subject_before(text, verb.start()):
                start, whole = subject
                found.append(_read(text, start, verb.end(), kind, whole, law_date))  # type: ignore[arg-type]
    for match in _DATE_IS.finditer(text):
        found.append(_read(text, match.start(), match.end(), "effective", True, law_date))
    for match in _BRACKET.finditer(text):
        form, date = _when(match["tail"], law_date)
        start, end = match.span()
        found.append(
            TimedClause(kind="effective", form=form, whole=False, date=date, quote=match[0], start=start, end=end)
        )
    found = [clause for clause in found if clause.kind == "effective" or clause.form in ("fixed", "relative")]
    return tuple(sorted(found, key=lambda clause: clause.start))


def effective_from_text(text: str, *, law_date: dt.date | None) -> TimedClause | None:
    """The clause that says when the measure as a whole takes effect; None if the text has none, or two that disagree.

    Without a clause for the whole, the marks that Indiana puts before each section count, if all agree.
    """
    clauses = [
        clause
        for clause in timed_clauses(text, law_date=law_date)
        if clause.kind == "effective" and clause.form != "unclear"
    ]
    whole = [clause for clause in clauses if clause.whole]
    chosen = whole or [clause for clause in clauses if clause.quote.startswith("[")]
    if not chosen:
        return None
    if contingent := [clause for clause in chosen if clause.form == "contingent"]:
        return contingent[0]
    if len({clause.date for clause in chosen}) > 1:
        return None
    return chosen[-1]


def expiry_from_text(text: str, *, law_date: dt.date | None) -> TimedClause | None:
    """The clause that says when the measure as a whole ends to apply (sunset), or None."""
    found = [clause for clause in timed_clauses(text, law_date=law_date) if clause.kind == "expires" and clause.whole]
    return found[-1] if found and len({clause.date for clause in found}) == 1 else None


def effective_from_actions(actions: Sequence[Action]) -> EffectiveAction | None:
    """The effective date that the source's actions state (``Effective date 7/27/2025``); the last one said holds.

    An action that names several dates (for sections) states no single one, and is passed over.
    """
    for index in range(len(actions) - 1, -1, -1):
        text = actions[index].description
        if "eff" not in text.lower():
            continue
        if (day := effective_that_day(actions[index])) is not None:
            return EffectiveAction(day, index)
        dates = {day for match in _STATED.finditer(text) if (day := _date_of(match)) is not None}
        if (
            len(dates) == 1
            and len({day for match in _DATE_RE.finditer(text[text.lower().index("eff") :]) if (day := _date_of(match))})
            == 1
        ):
            return EffectiveAction(dates.pop(), index)
    return None


def effective_that_day(action: Action) -> dt.date | None:
    """The action's own day, if all that it says is that the law applies from then on (``Effective``)."""
    return action.date if _ON_THIS_DAY.search(action.description.strip()) else None


def signing_day(action: Action) -> dt.date | None:
    """The day of an executive's signature: the one that the words name where the entry bears another (``Signed by Governor on
    June 8, 2026`` under the session's last day), else the action's own."""
    match = _SIGNED.search(action.description)
    day = _date_of(match) if match else None
    if day is None or action.date is None or abs((day - action.date).days) > _LATE_ENTRY:
        return action.date
    return day


def date_in(text: str) -> dt.date | None:
    """The first date that a text prints (``3-23-2025``, ``March 23, 2025``), or None."""
    match = _DATE_RE.search(text)
    return _date_of(match) if match else None


# ---------------------------------------------------------------------------------------------------------------------


def _subject_before(text: str, verb: int) -> tuple[int, bool] | None:
    """Where the subject of a verb starts, and whether it is the measure as a whole; None when neither is spoken of."""
    base = max(0, verb - _LOOK_BACK)
    last = None
    for match in _SUBJECT_RE.finditer(text, base, verb):
        last = match
    if last is None:
        return None
    whole = bool(last["act"]) and not _OF_A_PART.search(text, max(0, last.start() - 80), last.start())
    return last.start(), whole


def _read(
    text: str, start: int, end: int, kind: Literal["effective", "expires"], whole: bool, law_date: dt.date | None
) -> TimedClause:
    stop = _sentence_end(text, end)
    form, date = _when(text[end:stop], law_date)
    return TimedClause(kind=kind, form=form, whole=whole, date=date, quote=text[start:stop], start=start, end=stop)


def _sentence_end(text: str, start: int) -> int:
    """End of the sentence from ``start``: a full stop before a space or the end, a blank line, or 400 characters on."""
    match = _SENTENCE_END.search(text, start, min(len(text), start + 400))
    return (match.end() if match[0].startswith(".") else match.start()) if match else min(len(text), start + 400)


def _when(tail: str, law_date: dt.date | None) -> tuple[Form, dt.date | None]:
    """What a clause's tail says: its form, and the day if it can be computed."""
    head = tail[:200]
    if match := _FIXED.match(tail):
        day = _date_of(match)
        if day is None or (law_date and abs(day.year - law_date.year) > _FARTHEST_YEARS):
            return "unclear", None
        return "fixed", day
    if match := _MONTH_AFTER.match(tail):
        if not _LAW_RE.match(match["anchor"]):
            return "contingent", None
        months = _number(match["number"] or "first")
        if law_date is None or months is None:
            return ("relative", None) if months else ("unclear", None)
        return "relative", _add(law_date.replace(day=1), months, "month")
    match = _RELATIVE.match(tail)
    if match or (match := _IN_DAYS.match(tail)):
        anchor = match.groupdict().get("anchor")
        if anchor is not None and not _LAW_RE.match(anchor):
            return "contingent", None
        count = _number(match["number"])
        if count is None:
            return "unclear", None
        return "relative", _add(law_date, count, match["unit"]) if law_date else None
    if match := _IMMEDIATE.match(tail):
        # "Immediately upon compliance with...", "immediately after it is submitted for the approval of the electors".
        if _HANGS.search(head[match.end() : match.end() + 110]) and not re.match(
            r"\W*(?:,|;|\.|and\s)", head[match.end() :]
        ):
            return "contingent", None
        return "immediate", law_date
    return ("contingent", None) if _HANGS.search(head) else ("unclear", None)


def _date_of(match: re.Match[str]) -> dt.date | None:
    try:
        if match["month"]:
            return dt.date(int(match["year"]), _MONTHS[match["month"].lower()], int(match["day"]))
        year = int(match["y"])
        return dt.date(year + 2000 if year < 100 else year, int(match["m"]), int(match["d"]))
    except ValueError:
        return None


def _number(text: str) -> int | None:
    """``120``, ``ninetieth``, ``one hundred and twenty`` as a number; None if it is none."""
    word = text.strip().lower()
    if match := re.match(r"\d+", word):
        return int(match[0])
    total = 0
    seen = False
    for part in _number_parts(word):
        if part in ("hundred", "hundredth"):
            total = max(total, 1) * 100
        else:
            value = _UNITS.get(part, _TENS.get(part, _ORDINALS.get(part)))
            if value is None and part.endswith("th"):
                value = _UNITS.get(part[:-2])
            if value is None:
                return None
            total += value
        seen = True
    return total if seen else None


def _number_parts(word: str) -> Iterator[str]:
    return (part for part in re.split(r"[\s-]+", word) if part and part != "and")


def _add(day: dt.date, count: int, unit: str) -> dt.date | None:
    """``count`` days, weeks, months or years after a day; the last of a month that is too short."""
    try:
        if unit.lower().startswith("day"):
            return day + dt.timedelta(days=count)
        if unit.lower().startswith("week"):
            return day + dt.timedelta(weeks=count)
        months = day.month - 1 + count * (12 if unit.lower().startswith("year") else 1)
        year, month = day.year + months // 12, months % 12 + 1
        return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (OverflowError, ValueError):
        return None
