"""Rulesets: printed action text -> OCD classes and effects. The rules are data in ``data/rulesets``; this compiles them.

A ruleset file lists rules. Each has an ``id``, the OCD ``classes`` that it gives, the regular expression that it ``match``-es,
and an ``example`` text. All matching rules of a file add up, unless one says ``only: true`` (then it speaks alone). A place's own
file speaks before the general one; where one of its rules matches, the general rules are silent, unless the rule says
``with_general: true``. ``effects`` are what the action does to the measure's stage (see :mod:`.stages`); a rule without them has
those that its classes stand for.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import yaml

from ..records import ACTION_CLASSES, Action

_RULESETS = files("freedom_policy.data") / "rulesets"

EFFECTS: Mapping[str, str] = MappingProxyType(
    {
        "filed": "filed before the session",
        "introduced": "introduced or read a first time",
        "referred": "sent to a committee",
        "hearing": "heard, or set to be heard",
        "reported": "out of committee, or on a calendar",
        "discharged": "out of committee without its report; a new referral puts it back",
        "passed": "passed by the acting chamber",
        "amended": "the acting chamber's text now differs from what it received",
        "concurred": "the chambers agree on one text",
        "repassed": "passed again in the form that both chambers agree on",
        "conference": "one chamber adopted the conference report",
        "differences": "the chambers disagree, or a conference is asked for",
        "adopted": "a resolution was adopted",
        "enrolled": "passed the legislature; being prepared for the executive",
        "to_executive": "sent to the executive",
        "signed": "signed by the executive",
        "law": "is law (by any way, or has a law number)",
        "item_veto": "signed, parts vetoed",
        "vetoed": "vetoed, may still be overridden",
        "pocket_vetoed": "not signed after adjournment: dead",
        "override": "one chamber overrode the veto",
        "overridden": "the veto is overridden for good",
        "override_failed": "the veto stands: dead",
        "failed": "failed of passage in the acting chamber",
        "withdrawn": "withdrawn by its sponsor",
        "replaced": "another measure took its place",
        "killed": "ended for good (indefinitely postponed, filed, died)",
        "session_over": "the source itself says that the session ended it",
        "setback": "did not end it: held, deferred, tabled, motion failed",
        "carried_over": "kept for the next session or year",
        "revived": "reconsidered or taken up again",
        "vacated": "an earlier passage was undone",
        "effective": "takes effect",
        "expired": "no longer applies by its own terms",
        "repealed": "repealed",
        "enjoined": "blocked by a court",
        "struck_down": "struck down by a court",
    }
)
"""What an action can do to a measure's stage, in the words of the rulesets."""

_EFFECTS_OF_CLASS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "filing": ("filed",),
        "introduction": ("introduced",),
        "reading-1": ("introduced",),
        "reading-2": ("reported",),
        "reading-3": ("reported",),
        "referral": ("referred",),
        "referral-committee": ("referred",),
        "hearing-held": ("hearing",),
        "work-session": ("hearing",),
        "committee-passage": ("reported",),
        "committee-passage-favorable": ("reported",),
        "committee-passage-unfavorable": ("reported",),
        "reported-out-of-committee": ("reported",),
        "committee-failure": ("setback",),
        "deferral": ("setback",),
        "passage": ("passed",),
        "failure": ("failed",),
        "withdrawal": ("withdrawn",),
        "concurrence": ("concurred",),
        "enrolled": ("enrolled",),
        "executive-receipt": ("to_executive",),
        "executive-signature": ("signed",),
        "executive-veto": ("vetoed",),
        "executive-veto-line-item": ("item_veto",),
        "became-law": ("law",),
        "veto-override-passage": ("override",),
        "veto-override-failure": ("override_failed",),
        "carried-over": ("carried_over",),
    }
)

# Colours and titles for terminals: ESC [ 31 m, ESC ] 0 ; title BEL, ESC ( B.
_TERMINAL = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]{0,200}(?:\x07|\x1b\\)|\x1b[()][0-9A-B]")
# What no reader sees, in the middle of a word too: control characters that are no white space, marks without width.
_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1a\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")
_SPACE = re.compile(r"[\x1b\x80-\x9f\s]+")
# "1st", "2nd" and "P2C" tell readings apart; other numbers tell nothing.
_DIGITS = re.compile(r"\d{2,}|\d(?![a-zA-Z])")
# South Dakota prints "Passed" beside votes that were lost; the count tells.
_COUNT = re.compile(r"\byeas?\W{0,3}(\d{1,4})\W{1,3}nays?\W{0,3}(\d{1,4})\b", re.IGNORECASE)
# Alaska, Montana, Wyoming and Utah put the chamber before the text.
_PREFIX = re.compile(r"\(?\b(H(?:ouse)?|S(?:enate)?)(?:\)|/) ", re.IGNORECASE)
# Legistar's long form: "This Introduction was Referred to...", "A motion was made that this Resolution be Approved by...".
_LEGISTAR = re.compile(
    r"^(?:This [A-Z][\w' -]{2,40}? was|A motion was made[^.]{0,60}? that this [A-Z][\w' -]{2,40}? be) (?=[A-Z])"
)
_UPPER = re.compile(r"\bsenat|\(s\)|^s[./]", re.IGNORECASE)
_LOWER = re.compile(r"\bhouse\b|\bassembly\b|\bdelegates\b|\brepresentatives\b|\(h\)|^h[./]", re.IGNORECASE)
_EXECUTIVE = re.compile(
    r"\bgovernor\b|\bmayor\b|\bpresident\b|\bexecutive\b|\badministration\b|\bsecretary of state\b", re.IGNORECASE
)
_COUNCIL = re.compile(r"\bcouncil\b|\bboard of (?:supervisors|aldermen|commissioners)\b|\bcommission\b", re.IGNORECASE)
_COMMITTEE = re.compile(r"committee|subcommittee|\bpanel\b|\bcaucus\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a ruleset, compiled."""

    id: str
    classes: tuple[str, ...]
    effects: tuple[str, ...]
    match: re.Pattern[str]
    example: str
    unless: re.Pattern[str] | None = None
    code: re.Pattern[str] | None = None
    body: tuple[str, ...] = ()
    chamber: str | None = None
    note: str | None = None
    only: bool = False
    with_general: bool = False

    def applies(self, text: str, body: str | None, code: str | None) -> bool:
        """True if the rule speaks for an action."""
        if self.code is not None and not (code and self.code.fullmatch(code)):
            return False
        if self.body and body not in self.body:
            return False
        return bool(self.match.search(text)) and not (self.unless is not None and self.unless.search(text))


@dataclass(frozen=True, slots=True)
class Reading:
    """What a ruleset makes of one action."""

    classes: tuple[str, ...] = ()
    effects: tuple[tuple[str, str], ...] = ()
    """(effect, rule id), in the order of the rules."""
    chamber: str | None = None
    """``upper`` or ``lower`` where body, code or text tell, else None."""
    notes: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    """Ids of the rules that matched. None: the action belongs on the list of unmapped texts."""

    @property
    def known(self) -> bool:
        """True if some rule matched, even one that says that the text means nothing."""
        return bool(self.rules)


@dataclass(frozen=True)
class Ruleset:
    """The rules that hold in one place: its own first, then the general ones."""

    name: str
    layers: tuple[tuple[Rule, ...], ...]
    version: str

    def rules(self) -> Iterable[Rule]:
        """All rules, in the order in which they are asked."""
        return (rule for layer in self.layers for rule in layer)

    def read(self, action: Action) -> Reading:
        """Classes and effects of one action. Pure; equal texts (numbers aside) are read once."""
        return self.read_text(action.description, action.chamber, action.body, action.code, action.system)

    def read_text(
        self,
        text: str,
        chamber: str | None = None,
        body: str | None = None,
        code: str | None = None,
        system: str | None = None,
    ) -> Reading:
        """Like :meth:`read`, from an action's parts."""
        # Roll calls, dates and page numbers make every text its own; no rule asks for a particular number.
        masked = _LEGISTAR.sub("", _mask(text))
        if prefix := _PREFIX.match(masked):
            masked = masked[prefix.end() :]
            chamber = chamber or {"h": "lower", "s": "upper"}[prefix[1][:1].lower()]
        return _read(self.name, masked, chamber, body, code, system)


def seen(text: str) -> str:
    """The words as a reader sees them: without what steers a terminal or has no width, white space as single spaces."""
    if not text.isprintable():
        text = _UNSEEN.sub("", _TERMINAL.sub("", text))
    return _SPACE.sub(" ", text).strip()


def _mask(text: str) -> str:
    """The text as rules see it: the words that a reader sees, ``0`` for numbers, and "(nays lead)" after a count without a
    majority."""
    return _DIGITS.sub("0", _COUNT.sub(_weighed, seen(text)))


def _weighed(count: re.Match[str]) -> str:
    return count[0] if int(count[1]) > int(count[2]) else f"{count[0]} (nays lead)"


def role_of(body: str | None) -> str | None:
    """The role of a body as printed (``Senate`` is upper, ``Committee on Health`` a committee); None when it does not tell."""
    if not body:
        return None
    name = body.strip().lower()
    if name in ("upper", "lower", "legislature", "joint", "committee", "council", "executive"):
        return name
    if _COMMITTEE.search(name):
        return "committee"
    if name in ("s", "h"):
        return "upper" if name == "s" else "lower"
    if _EXECUTIVE.search(name) and "senate" not in name:
        return "executive"
    if _COUNCIL.search(name):
        return "council"
    if re.search(r"\bsenate\b", name):
        return "upper"
    if _LOWER.search(name):
        return "lower"
    if re.search(r"\bjoint\b|\bconference\b", name):
        return "joint"
    return "legislature" if "legislature" in name else None


@lru_cache(maxsize=400_000)
def _read(name: str, text: str, chamber: str | None, body: str | None, code: str | None, system: str | None) -> Reading:
    ruleset = _ruleset(name)
    role = chamber or role_of(body)
    found: list[Rule] = []
    for layer in ruleset.layers:
        matched: list[Rule] = []
        for rule in layer:
            if rule.applies(text, role, code):
                if rule.only:
                    matched = [rule]
                    break
                matched.append(rule)
        found += matched
        if matched and not any(rule.with_general for rule in matched):
            break
    classes = tuple(dict.fromkeys(name for rule in found for name in rule.classes))
    effects = tuple((effect, rule.id) for rule in found for effect in rule.effects)
    return Reading(
        classes=classes,
        effects=effects,
        chamber=_chamber(text, role, body, code, system, found),
        notes=tuple(dict.fromkeys(rule.note for rule in found if rule.note)),
        rules=tuple(rule.id for rule in found),
    )


def _chamber(
    text: str, role: str | None, body: str | None, code: str | None, system: str | None, found: list[Rule]
) -> str | None:
    """The acting chamber: a rule's own word, then body, then the feeder system, then the text."""
    for rule in found:
        if rule.chamber:
            return rule.chamber
    if role in ("upper", "lower"):
        return role
    for hint in (body, system, text):
        if hint:
            upper, lower = bool(_UPPER.search(hint)), bool(_LOWER.search(hint))
            if upper != lower:
                return "upper" if upper else "lower"
    if code and re.match(r"H\d", code):
        return "lower"
    return None


def _compile(row: Mapping[str, Any], file: str) -> Rule:
    classes = tuple(row.get("classes") or ())
    unknown = [name for name in classes if name not in ACTION_CLASSES]
    effects = row.get("effects")
    if effects is None:
        effects = [effect for name in classes for effect in _EFFECTS_OF_CLASS.get(name, ())]
    unknown += [name for name in effects if name not in EFFECTS]
    if unknown:
        raise ValueError(f"data/rulesets/{file}: rule {row.get('id')!r} names unknown {', '.join(unknown)}")

    def pattern(key: str) -> re.Pattern[str] | None:
        value = row.get(key)
        return re.compile(value if isinstance(value, str) else "|".join(value), re.IGNORECASE) if value else None

    match = pattern("match")
    if match is None:
        raise ValueError(f"data/rulesets/{file}: rule {row.get('id')!r} has nothing to match")
    body = row.get("body") or ()
    return Rule(
        id=row["id"],
        classes=classes,
        effects=tuple(dict.fromkeys(effects)),
        match=match,
        example=row["example"],
        unless=pattern("unless"),
        code=pattern("code"),
        body=(body,) if isinstance(body, str) else tuple(body),
        chamber=row.get("chamber"),
        note=row.get("note"),
        only=bool(row.get("only", False)),
        with_general=bool(row.get("with_general", False)),
    )


@cache
def _file(name: str) -> tuple[str, tuple[Rule, ...]] | None:
    path = _RULESETS / f"{name}.yaml"
    if not path.is_file():
        return None
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    raw = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (a safe loader either way)
    return str(raw["version"]), tuple(_compile(row, path.name) for row in raw["rules"])


@cache
def _ruleset(name: str) -> Ruleset:
    layers, versions = [], []
    for part in dict.fromkeys((name, "general")):
        if loaded := _file(part):
            versions.append(f"{part}@{loaded[0]}")
            layers.append(loaded[1])
    return Ruleset(name=name, layers=tuple(layers), version="+".join(versions))


def ruleset_for(jurisdiction: str | None) -> Ruleset:
    """The ruleset of a place: its own file, if there is one, and the general rules. Never fails on an unknown place."""
    name = (jurisdiction or "").lower()
    return _ruleset(name if name and _file(name) else "general")


def unmapped(texts: Iterable[str], *, jurisdiction: str | None = None) -> list[tuple[str, int]]:
    """Texts that no rule matches, numbers masked as ``0``, most frequent first."""
    ruleset = ruleset_for(jurisdiction)
    counts: Counter[str] = Counter()
    for text in texts:
        if not ruleset.read_text(text).known:
            counts[_mask(text)] += 1
    return counts.most_common()
