"""Plain words for the codes that readers should never meet: stages, directions, likelihoods, verdicts, places, filters."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

from .. import codebook, places
from ..errors import BadInput
from ..records import Chamber, Classification, MeasureFilter, Provision, Review, Stage, Verdict

STAGE_WORDS: Mapping[Stage, str] = MappingProxyType(
    {
        "prefiled": "filed before the session",
        "introduced": "introduced",
        "in_committee": "in committee",
        "reported": "out of committee",
        "passed_first": "passed one chamber",
        "differences": "passed both chambers, texts differ",
        "passed_all": "passed, not yet law",
        "vetoed": "vetoed, may still be overridden",
        "adopted": "adopted as a resolution, not law",
        "enacted": "became law",
        "effective": "in force",
        "dead": "ended without becoming law",
        "expired": "expired",
        "repealed": "repealed",
        "enjoined": "blocked by a court",
        "struck_down": "struck down by a court",
        "unknown": "stage not known",
    }
)
VERDICT_WORDS: Mapping[Verdict, str] = MappingProxyType(
    {
        "complete": "looked at completely",
        "partial": "looked at in part only",
        "blocked": "could not be looked at: the source refused us",
        "failed": "could not be looked at: the run failed",
        "empty_as_expected": "looked at, and empty as expected",
    }
)
GOAL_GROUPS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Victim protection", (("victim_protection", ""),)),
    ("Deterrence", (("trafficker_deterrence", "Traffickers"), ("buyer_deterrence", "Buyers"))),
    ("Demand reduction", (("demand_reduction", ""),)),
    ("System reform", (("system_reform", ""),)),
)
"""Headings of the digest: deterrence is one heading with two parts (CARE)."""

SUBAREA_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "prevention.awareness": "Awareness",
        "prevention.vulnerability": "Vulnerability",
        "prevention.demand": "Demand",
        "identification.training": "Training",
        "identification.outreach": "Outreach",
        "rescue_exit.intervention": "Intervention",
        "rescue_exit.temporary_shelter": "Temporary shelter",
        "rescue_exit.services": "Services",
        "rescue_exit.victim_advocates": "Victim advocates",
        "restoration.aftercare": "Aftercare",
        "restoration.reintegration": "Reintegration",
        "reforms.laws": "Laws",
        "reforms.policies": "Policies",
        "reforms.systems": "Systems",
        "reforms.protect_victims": "Protecting victims",
        "reforms.deter_traffickers": "Deterring traffickers",
        "reforms.deter_buyers": "Deterring buyers",
        "reforms.assess_policies": "Assessing policies",
        "reforms.monitor_impact": "Monitoring impact",
    }
)
_LIKELY = 0.7  # The codebook sends scores from 0.4 to 0.7 to a person.


def stage(name: Stage | None) -> str:
    """A stage in plain words; None is a measure that we did not know before."""
    return "new to us" if name is None else STAGE_WORDS[name]


def stage_here(name: Stage, jurisdiction: str, on_desk: bool = False) -> str:
    """A stage in the words of its place: ``on the Governor's desk``, ``passed the Council``."""
    if name == "passed_all" and on_desk:
        return f"passed, on the {executive(jurisdiction)}'s desk"
    return STAGE_WORDS[name]


def executive(jurisdiction: str) -> str:
    """How a place calls its executive (``Governor``); ``executive`` where it has none of its own or is unknown."""
    return _chamber(jurisdiction, "executive") or "executive"


def place(key: str) -> str:
    """A place's name for people; the key itself where the registry does not know it."""
    try:
        return places.jurisdiction(key).name
    except BadInput:
        return key


def number(jurisdiction: str, identifier: str) -> str:
    """A measure's number with the space that people write: ``HB 252``, ``Int 0827-2024``."""
    if jurisdiction == "us-dc":
        return identifier
    match = re.match(r"^([A-Za-z]+)(\d.*)$", identifier)
    return f"{match[1]} {match[2]}" if match else identifier


_BOILERPLATE = re.compile(
    r"^an? (?:local law|act|bill|resolution|ordinance)\b.*?\b(?:in relation to|relating to|relative to|concerning)\s+(.{12,})$",
    re.IGNORECASE,
)


def short_title(title: str) -> str:
    """A title without what the law's form puts before the matter, for lists; the full one stands with the details.

    ``A Local Law to amend the administrative code..., in relation to licensing hotels`` is ``Licensing hotels``.
    """
    match = _BOILERPLATE.match(title)
    return capital(re.sub(r",? and for other purposes\.?$", "", match[1] if match else title, flags=re.IGNORECASE))


def session(jurisdiction: str, identifier: str) -> str:
    """A session's full name where the calendar knows it."""
    known = places.sessions().get((jurisdiction, identifier))
    return known.name if known and known.name else identifier


def session_over(jurisdiction: str, identifier: str, today: dt.date) -> bool:
    """True if the calendar knows that the session has ended."""
    known = places.sessions().get((jurisdiction, identifier))
    return bool(known and known.end and known.end < today)


def provision(key: str) -> str:
    """A provision type's plain name; the key in words where the codebook does not know it."""
    known = codebook.load().provisions.get(key)
    return known.name if known else key.replace("_", " ")


def goal(key: str) -> str:
    """A goal's plain name."""
    return _one_name(codebook.GOAL_NAMES.get(key, key.replace("_", " ")))


def _one_name(name: str) -> str:
    """``Deterrence: buyers`` as ``Deterrence (buyers)``, so that it can stand before a colon and in a sentence."""
    first, colon, rest = name.partition(": ")
    return f"{first} ({rest})" if colon else name


def goals(keys: Iterable[str]) -> str:
    """Goals by name: ``Victim protection and System reform``."""
    return listing(goal(key) for key in keys)


def area(key: str) -> str:
    """A focus area's plain name."""
    return _one_name(codebook.AREA_NAMES.get(key, key.replace("_", " ")))


def subarea(key: str) -> str:
    """A sub-area's plain name (``rescue_exit.temporary_shelter`` is ``Temporary shelter``)."""
    return SUBAREA_NAMES.get(key, key.rpartition(".")[2].replace("_", " ").capitalize())


def likelihood(score: float) -> Literal["likely", "possible"]:
    """A score as a word: ``likely`` or ``possible``. Numbers are shown on demand only."""
    return "likely" if score >= _LIKELY else "possible"


def confirmed(review: Review | None) -> bool:
    """True if a person accepted or corrected the tags."""
    return review is not None and review.decision in ("accept", "correct")


def tagged(classification: Classification | None, review: Review | None, name_reviewer: bool = True) -> str:
    """How the tags came about: every tag in every format says it (CARE)."""
    if review is not None:
        who = plain_name(review.reviewer) if name_reviewer else "a person"
        verb = {"accept": "reviewed", "correct": "corrected", "reject": "rejected"}[review.decision]
        return f"{verb} by {who} on {review.decided_at.date().isoformat()}"
    return "not tagged" if classification is None else "machine-tagged, not reviewed"


def plain_name(name: str) -> str:
    """A person's name on one line."""
    return re.sub(r"\s+", " ", name).strip()


def directions(classification: Classification, sure: bool) -> tuple[tuple[str, Bearing], ...]:
    """(goal, bearing) for each goal that the measure's undisputed provisions act on, as written.

    Taking away is said only when a person confirmed it (``sure``); until then it is in the review list alone.
    """
    found: dict[str, set[str]] = {}
    for tag in classification.provisions:
        if tag.contested and not sure:
            continue
        for key, direction in goal_directions(tag, classification).items():
            found.setdefault(key, set()).add(direction)
    bearings = []
    for key in sorted(found, key=lambda k: codebook.GOALS.index(k) if k in codebook.GOALS else 99):
        seen = found[key] - {"neutral"} or found[key]
        verdict = seen.pop() if len(seen) == 1 else "mixed"
        bearings.append((key, "unconfirmed" if verdict == "weakens" and not sure else _BEARINGS[verdict]))
    return tuple(bearings)


Bearing = Literal["adds", "takes_away", "both", "neither", "unclear", "unconfirmed"]
BEARING_WORDS: Mapping[Bearing, str] = MappingProxyType(
    {
        "adds": "it adds to {goals}",
        "takes_away": "it takes away from {goals}",
        "both": "its parts act on {goals} in different ways",
        "neither": "it changes {goals} neither way",
        "unclear": "it touches {goals}, which way is not clear from the text",
        "unconfirmed": "it touches {goals}, which way is left to a person",
    }
)
_BEARINGS: Mapping[str, Bearing] = MappingProxyType(
    {"strengthens": "adds", "weakens": "takes_away", "mixed": "both", "neutral": "neither", "unclear": "unclear"}
)


def goal_directions(tag: Provision, classification: Classification) -> dict[str, str]:
    """Direction per goal of one provision; where the model gave none, its own direction on its goals."""
    if tag.goal_directions:
        return dict(tag.goal_directions)
    known = codebook.load().provisions.get(tag.type)
    goals = [known.primary_goal] if known else list(classification.goals[:1])
    return dict.fromkeys(goals, tag.direction)


def capital(text: str) -> str:
    """The text with its first letter large and the rest as it was."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends a sentence already."""
    return text if text.endswith((".", "!", "?", "”", "]", '."', '!"', '?"')) else f"{text}."


def day(value: dt.date | dt.datetime | None) -> str:
    """A date as ``17 Oct 2022``; ``date not given`` for None."""
    return f"{value.day} {value:%b %Y}" if value else "date not given"


def moment(value: dt.datetime, zone: dt.tzinfo | None) -> str:
    """A moment in the reader's zone: ``17 Oct 2022, 14:05 UTC``."""
    local = value.astimezone(zone)
    return f"{day(local)}, {local:%H:%M %Z}"


def count(number_of: int, one: str, many: str | None = None) -> str:
    """``1 measure``, ``2 measures``, ``no measures``."""
    return f"{f'{number_of:,}' if number_of else 'no'} {one if number_of == 1 else many or one + 's'}"


def only_part(cut: Iterable[str]) -> str:
    """``; only part was collected (legistar: limit 20)``; empty where the look was whole."""
    parts = series(cut)
    return f"; only part was collected ({parts})" if parts else ""


def listing(items: Iterable[str], limit: int | None = None) -> str:
    """``a, b and c``; with a limit ``a, b and 3 more``."""
    found = list(items)
    if limit is not None and len(found) > limit:
        found = [*found[:limit], f"{len(found) - limit} more"]
    return found[0] if len(found) == 1 else ", ".join(found[:-1]) + f" and {found[-1]}" if found else ""


def series(items: Iterable[str], limit: int | None = None) -> str:
    """Names that hold commas themselves: ``a, b; c; 3 more``."""
    found = list(items)
    if limit is not None and len(found) > limit:
        found = [*found[:limit], f"{len(found) - limit} more"]
    return "; ".join(found)


def filter_words(wanted: MeasureFilter) -> str:
    """What a reader follows, in one phrase; ``everything that is tracked`` for an empty filter."""
    parts = [
        listing(place(key) for key in wanted.jurisdictions),
        listing(goal(key) for key in wanted.goals),
        listing(area(key) for key in wanted.areas),
        listing(subarea(key) for key in wanted.subareas),
        listing(provision(key) for key in wanted.provisions),
        listing(f"{form} trafficking" for form in wanted.forms if form in ("sex", "labor")),
        listing(STAGE_WORDS[name] for name in wanted.stages),
        f"the words {wanted.query!r}" if wanted.query else "",
        count(len(wanted.keys), "single measure") if wanted.keys else "",
        {True: "contested only", False: "without contested ones", None: ""}[wanted.contested],
        f"besides, {count(len(wanted.also), 'single measure')}" if wanted.also else "",
    ]
    return "; ".join(part for part in parts if part) or "everything that is tracked"


def _chamber(jurisdiction: str, classification: Chamber) -> str | None:
    known = places.jurisdictions().get(jurisdiction)
    return (
        next((body.name for body in known.chambers if body.classification == classification), None) if known else None
    )
