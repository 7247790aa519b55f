"""Sentences that all renderers share, so that a digest says the same thing in every format."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

from . import pace, words
from .items import NOT_OF_THAT_DAY, Item, Meeting, Step, Tag

if TYPE_CHECKING:
    from .brief import Brief, Event
    from .digest import Coming, Count, Digest
    from .reform import PlaceStanding, Reform, Tie

NOTHING_AHEAD = "No hearing, effective date or session end in the next 60 days is known in what was collected."
_LONG_REASON = 120
_CONCLUDED = {
    "inferred": "Concluded from the calendar, not from an action.",
    "text": "Stated in the text of the law.",
    "person": "No record that we collect says it.",
}


def period(digest: Digest) -> str:
    """``18 Nov 2026 to 25 Nov 2026``."""
    zone = digest.made_at.tzinfo
    until = words.day(digest.until.astimezone(zone))
    return f"{words.day(digest.since.astimezone(zone))} to {until}" if digest.since else f"everything up to {until}"


def headline(digest: Digest) -> str:
    """The totals: binding, core or partial, by reform family."""
    if not digest.counts:
        return "No binding measure on trafficking moved."
    first, *rest = digest.counts
    parts = [f"{words.count(first.families, 'reform')} {first.name}{_measures(first)}"]
    parts += [f"{count.families} {count.name}{_measures(count)}" for count in rest]
    return "; ".join(parts) + "."


def apart(digest: Digest) -> str | None:
    """What is outside the totals, under its own names."""
    if not digest.apart:
        return None
    return "Apart from these totals: " + "; ".join(f"{count.families} {count.name}" for count in digest.apart) + "."


def folded(digest: Digest) -> str:
    """What is not listed one by one, and where to find it."""
    found = words.count(len(digest.folded), "measure")
    return f"{found} that are new to this collection and no news are not listed here; freedom-policy list has them."


def _measures(count: Count) -> str:
    return f" ({count.measures} measures)" if count.measures > count.families else ""


def stands(item: Item) -> str:
    """Where it stands: ``Became law, 20 Jun 2025.``; the reason too where it is short."""
    text = words.capital(item.stage_words)
    text += f", {words.day(item.stage_date)}" if item.stage_date else ""
    return words.sentence(text + _reason(item.reason))


def moved(item: Item) -> str:
    """Where it went, when and why, and from where: ``Became law, 20 Jun 2025; before that: in committee.``"""
    if not item.steps:
        return stands(item)
    first, last = item.steps[0], item.steps[-1]
    text = f"{words.capital(last.to_words)}, {words.day(last.date)}{_reason(reason(item))}"
    start = first.from_words if first.from_stage else first.to_words if len(item.steps) > 1 else None
    return words.sentence(f"{text}; before that: {start}" if start else text)


def reason(item: Item) -> str | None:
    """Why it stands where it stands, as far as a rule says it."""
    last = item.cause
    return (last.reason if last else None) or (item.reason if last is None or item.stage == last.to_stage else None)


def long_reason(item: Item) -> str | None:
    """The reason as a sentence of its own, where it is too long to stand beside the stage."""
    found = reason(item)
    return words.sentence(f"Why: {found}") if found and len(found) > _LONG_REASON else None


def _reason(found: str | None) -> str:
    return f": {found}" if found and len(found) <= _LONG_REASON else ""


def cause(step: Step | None, demo: bool = False) -> str | None:
    """The action's own words. How it was concluded where no action says it."""
    if step is None:
        return None
    if step.cause:
        own = step.cause if demo else f"“{step.cause}”"
        return f"The record says: {own}"
    return _CONCLUDED.get(step.basis)


def provisions(item: Item, limit: int | None = None, likelihood: bool = True) -> str | None:
    """What it would do, in plain names: ``Would add: Restitution (likely). Would change: ...``; None without tags."""
    law = item.stage in ("enacted", "effective")
    verbs = {
        "adds": "Adds" if law else "Would add",
        "changes": "Changes" if law else "Would change",
        "takes away": "Takes away" if law else "Would take away",
    }
    parts = []
    for effect, verb in verbs.items():
        names = [f"{t.name} ({t.likelihood})" if likelihood else t.name for t in item.tags if t.effect == effect]
        if names:
            parts.append(f"{verb}: {words.series(names, limit)}.")
    return " ".join(parts) or None


def quotation(tag: Tag | None) -> str | None:
    """The words that show it. A paraphrase has no quotation marks and says what it is."""
    if tag is None or tag.quote is None:
        return None
    return f"“{tag.quote}”" if tag.verbatim else f"Demo paraphrase, not a quotation: {tag.quote}"


def shown(tags: Sequence[Tag], tag: Tag) -> str | None:
    """The words that show a tag in a list of tags; not again where an earlier one showed the same."""
    earlier = tags[: tags.index(tag)]
    if tag.quote and any(tag.quote == other.quote for other in earlier):
        return "Shown by the same words."
    return quotation(tag)


def no_tags(item: Item) -> str:
    """What stands where there is no provision to show."""
    if item.tagged == NOT_OF_THAT_DAY:
        return "What it would do was read from a later text than that day's, or not read yet."
    return "No provision on trafficking was found in what was read."


def directions(item: Item) -> str | None:
    """Which way it goes, per goal, as written."""
    if item.standing == "contested":
        return "Which way it goes is left to a person."
    if not item.directions:
        return None
    by_bearing: dict[words.Bearing, list[str]] = {}
    for direction in item.directions:
        by_bearing.setdefault(direction.bearing, []).append(direction.goal)
    said = (words.BEARING_WORDS[bearing].format(goals=words.goals(goals)) for bearing, goals in by_bearing.items())
    return f"As written, {'; '.join(said)}."


def people(item: Item) -> str | None:
    """Committee and sponsor, in their official role."""
    parts = []
    if item.committee:
        parts.append(f"Committee: {item.committee}")
    if item.sponsor:
        others = f" and {words.count(item.cosponsors, 'cosponsor')}" if item.cosponsors else ""
        parts.append(f"Sponsor: {item.sponsor}{others}")
    return " ".join(words.sentence(part) for part in parts) or None


def notes(item: Item) -> list[str]:
    """What a reader must know before relying on it."""
    found = [text] if (text := long_reason(item)) else []
    if item.session_over and item.stage not in ("enacted", "effective", "dead", "adopted", "expired", "repealed"):
        found.append(f"The session ({item.session}) is over.")
    if item.unread:
        found.append(f"Note: {item.unread}.")
    contested = [tag.name for tag in item.tags if tag.contested]
    if contested and item.standing != "contested":
        found.append(f"It also touches what people disagree on: {words.listing(contested)}.")
    if item.demo:
        found.append("Demo record: facts are real, descriptions are paraphrased.")
    return found


def coming(row: Coming) -> str:
    """``2 Dec 2026, 10:00: Hearing by ... on ...``."""
    at = f", {row.time:%H:%M} local time" if row.time else ""
    where = f" ({row.where})" if row.where else ""
    return f"{words.day(row.date)}{at}: {row.text}{where}"


def made(moment: dt.datetime) -> str:
    """When the report was made, in the reader's zone."""
    return words.moment(moment, moment.tzinfo)


def hearing(meeting: Meeting) -> str:
    """``1 Dec 2026, 10:00 local time, Committee on ..., City Hall.``"""
    at = f", {meeting.time:%H:%M} local time" if meeting.time else ""
    where = "".join(f", {part}" for part in (meeting.body, meeting.place) if part)
    return f"{words.day(meeting.date)}{at}{where}."


def event(told: Event, demo: bool = False) -> str:
    """One line of the timeline, without its date."""
    text = told.words
    if told.reason:
        text += f" ({told.reason})"
    if told.cause:
        own = told.cause if demo else f"“{told.cause}”"
        return f"{text}. The record says: {own}"
    return f"{text}. {_CONCLUDED.get(told.basis, '')}".strip()


def facts(brief: Brief) -> list[str]:
    """Sentences that stand below where it stands."""
    item = brief.item
    found = [*brief.as_it_was, people(item) or ""]
    if item.effective_date:
        holds = "In force" if item.stage in ("enacted", "effective") else "By itself it would apply"
        found.append(f"{holds} from {words.day(item.effective_date)}.")
    if brief.citations:
        found.append(f"As law: {words.listing(brief.citations)}.")
    found += [f"Hearing: {hearing(meeting)}" for meeting in item.hearings]
    found += pace.sentences(brief.ahead) if brief.ahead and not item.session_over else []
    found += notes(item)
    if brief.unmapped:
        found.append(f"{words.count(brief.unmapped, 'action')} in the record that no rule understands; see the record.")
    return [text for text in found if text]


def same_change(brief: Brief) -> str | None:
    """Where to find the measures that try the same change; None where none is known."""
    if not brief.reform:
        return None
    return f"Other measures try the same change: freedom-policy show {brief.item.key} --reform"


def reform(found: Reform) -> str:
    """``3 measures in 2 places try the same change.``"""
    measures = words.count(len(found.members), "measure")
    where = words.count(len({item.place for item in found.members}), "place")
    verb = "tries" if len(found.members) == 1 else "try"
    return f"{measures} in {where} {verb} the same change. The word reform holds no praise."


def standing(found: PlaceStanding) -> str:
    """``Texas: became law, 20 Jun 2025 (us-tx/892/HB252)``."""
    day = f", {words.day(found.date)}" if found.date else ""
    return f"{found.place_name}: {found.words}{day} ({found.key})"


def tie(found: Tie) -> str:
    """Why two belong together, and whether a person looked."""
    who = "confirmed by a person" if found.reviewed else "found by machine, not reviewed"
    return words.sentence(
        f"{found.first} and {found.second}: {found.words}, {who}{f'. {found.proof}' if found.proof else ''}"
    )
