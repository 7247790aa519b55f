"""Effects of actions -> the ladder of stages. A small state machine that knows chambers and kinds, and nothing of texts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..records import Kind, Stage, StatusEvent, StatusMark
from .rulesets import Reading

RANK: Mapping[str, int] = MappingProxyType(
    {
        "unknown": -1,
        "prefiled": 0,
        "introduced": 1,
        "in_committee": 2,
        "reported": 3,
        "passed_first": 4,
        "differences": 5,
        "passed_all": 6,
        "vetoed": 7,
        "adopted": 8,
        "enacted": 8,
        "effective": 9,
    }
)
"""How far along a stage is. A later action of a lower rank never lowers a measure; endings (``dead``...) have no rank."""

_NEVER_LAW: frozenset[str] = frozenset({"resolution", "concurrent resolution", "constitutional amendment"})
_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "failed": "failed of passage",
        "withdrawn": "withdrawn",
        "replaced": "another measure took its place",
        "killed": "ended by the body",
        "session_over": "the session ended",
        "pocket_vetoed": "pocket veto",
        "override_failed": "the veto was sustained",
    }
)
# What proves that a measure taken for dead is alive: it went on.
_LIFE: frozenset[str] = frozenset(
    {
        "revived",
        "reported",
        "passed",
        "concurred",
        "conference",
        "enrolled",
        "to_executive",
        "signed",
        "law",
        "item_veto",
        "override",
        "overridden",
    }
)
AFTER_LAW: frozenset[str] = frozenset({"expired", "repealed", "enjoined", "struck_down"})
"""What a law may come to."""


@dataclass(frozen=True, slots=True)
class Step:
    """One action, read: its index in what the caller gave, its date, and what the rules made of it."""

    index: int
    date: dt.date | None
    reading: Reading


@dataclass
class Ladder:
    """Walks the steps of one measure, oldest first.

    ``single``: one body alone passes it. ``joint_is_law``: joint resolutions of this place go to the executive and become law.
    ``origin``: the chamber where it began, if its number tells.
    """

    kind: Kind | None
    single: bool = False
    joint_is_law: bool = True
    origin: str | None = None
    stage: Stage = "unknown"
    events: list[StatusEvent] = field(default_factory=list)
    marks: list[StatusMark] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _passed: list[str] = field(default_factory=list)
    _conference: set[str] = field(default_factory=set)
    _overrode: set[str] = field(default_factory=set)
    _amended: bool = False
    _here: str | None = None
    _discharged: bool = False
    _sealed: bool = False
    """Enrolled or at the executive: the chambers have agreed for good."""
    _before_death: Stage = "unknown"

    @property
    def becomes_law(self) -> bool:
        """False for measures whose passage is an adoption: they never become law."""
        return self.kind not in _NEVER_LAW and not (self.kind == "joint resolution" and not self.joint_is_law)

    def walk(self, steps: Iterable[Step]) -> None:
        """Take all steps."""
        for step in steps:
            self.take(step)

    def take(self, step: Step) -> None:
        """Take one step: each effect in the order of the rules, the strongest of a text last."""
        reading = step.reading
        if reading.chamber:
            self._here = reading.chamber
        effects = sorted(reading.effects, key=lambda pair: _ORDER.get(pair[0], 0))
        names = {name for name, _ in effects}
        if self.stage == "dead" and names & _LIFE:
            self._revive(step, effects, names)
        if "amendment-passage" in reading.classes or "substitution" in reading.classes:
            self._note_amendment(reading.chamber)
        for name, rule in effects:
            if name == "passed":
                self._pass(step, rule, amended="amended" in names)
            else:
                self._apply(name, step, rule)

    # -- one effect ------------------------------------------------------------

    def _apply(self, name: str, step: Step, rule: str) -> None:
        if name == "referred" and self._discharged and self.stage == "reported":
            # Discharged only to go to another committee: it never came out.
            self._discharged = False
            self._set("in_committee", step, rule)
        elif name in _SIMPLE:
            if name == "reported":
                self._discharged = False
            self._rise(_SIMPLE[name], step, rule)
            if name == "hearing":
                self._mark("hearing", step)
        elif name == "discharged":
            if RANK.get(self.stage, 99) < RANK["reported"]:
                self._discharged = True
            self._rise("reported", step, rule)
        elif name in ("concurred", "repassed"):
            self._concur(step, rule)
        elif name == "conference":
            self._conference.add(step.reading.chamber or ("upper" if "lower" in self._conference else "lower"))
            if len(self._conference) == 2 or self.single:
                self._agree(step, rule)
            else:
                self._differ(step, rule)
        elif name == "differences":
            self._differ(step, rule)
        elif name in ("enrolled", "to_executive"):
            self._agree(step, rule)
            self._sealed = True
        elif name in ("signed", "law", "item_veto", "overridden"):
            self._rise("enacted" if self.becomes_law else "adopted", step, rule)
        elif name == "vetoed":
            if self.stage != "vetoed":
                self._rise("vetoed", step, rule)
        elif name == "override":
            self._override(step, rule)
        elif name in _REASONS:
            self._die(name, step, rule)
        elif name == "setback":
            self._mark("setback", step)
        elif name == "carried_over":
            self._mark("carried_over", step)
        elif name == "vacated":
            self._vacate(step, rule)
        elif name in AFTER_LAW and (RANK.get(self.stage, -1) >= RANK["enacted"] or self.stage in AFTER_LAW):
            self._set(name, step, rule)  # type: ignore[arg-type]

    def _pass(self, step: Step, rule: str, *, amended: bool) -> None:
        if self.single or self.kind == "resolution":
            self._agree(step, rule)
            return
        chamber = step.reading.chamber or self._guess_chamber()
        if chamber in self._passed:
            return  # the same passage again from another source, or a vote on something that the rules could not tell
        self._passed.append(chamber)
        if len(self._passed) == 1:
            self._amended = False
            self._rise("passed_first", step, rule)
        elif amended or self._amended:
            self._rise("differences", step, rule)
        else:
            self._agree(step, rule)

    def _guess_chamber(self) -> str:
        """The acting chamber when nothing tells: where the measure was last seen, else where it began."""
        return (
            self._here or (self.origin if not self._passed else None) or (self._passed[0] if self._passed else "first")
        )

    def _concur(self, step: Step, rule: str) -> None:
        chamber = step.reading.chamber or self._here
        if not self._passed and not self.single:
            self._pass(step, rule, amended=False)
            return
        if chamber and chamber not in self._passed:
            self._passed.append(chamber)
        self._agree(step, rule)

    def _agree(self, step: Step, rule: str) -> None:
        """Passed in one form by all who must pass it."""
        self._rise("passed_all" if self.becomes_law else "adopted", step, rule)

    def _differ(self, step: Step, rule: str) -> None:
        if self.stage == "passed_all" and not self._sealed:
            # The second passage looked clean, and then the first chamber refused or a conference was asked for.
            self._set("differences", step, rule)
        elif len(self._passed) > 1:
            self._rise("differences", step, rule)

    def _override(self, step: Step, rule: str) -> None:
        chamber = step.reading.chamber or ("second" if self._overrode else "first")
        self._overrode.add(chamber)
        if self.single or len(self._overrode) == 2:
            self._rise("enacted", step, rule)

    def _note_amendment(self, chamber: str | None) -> None:
        if self._passed and (chamber or self._here) not in self._passed:
            self._amended = True

    # -- endings and returns ------------------------------------------------------------

    def _die(self, name: str, step: Step, rule: str) -> None:
        rank = RANK.get(self.stage, 99)
        # One body alone may still file or recall what it passed; with two, "died" after both passed it speaks of something else.
        final = name in ("override_failed", "pocket_vetoed", "session_over") or self.stage == "vetoed" or self.single
        if rank >= RANK["enacted"] or (rank >= RANK["passed_all"] and not final):
            if self.stage != "dead":
                self.warnings.append(
                    f"action {step.index} says {name.replace('_', ' ')}, but the measure was {self.stage} by then; kept"
                )
            return
        if name == "failed" and not self.single and self.kind != "resolution" and len(self._passed) > 1:
            self._mark("setback", step)
            return
        self._before_death = self.stage
        notes = step.reading.notes
        self._set("dead", step, rule, reason=notes[0] if notes else _REASONS[name])

    def _revive(self, step: Step, effects: list[tuple[str, str]], names: set[str]) -> None:
        rule = next(rule for name, rule in effects if name in _LIFE)
        before = self._before_death if self._before_death != "unknown" else "introduced"
        if names <= {"reported"} and "session ended" in (self.events[-1].reason or ""):
            return
        self._set(before, step, rule, reason="taken up again")

    def _vacate(self, step: Step, rule: str) -> None:
        """An earlier passage was undone: back to where it stood before that."""
        self._mark("retracted", step)
        for place in range(len(self.events) - 1, -1, -1):
            if self.events[place].stage in ("passed_first", "differences", "passed_all", "adopted"):
                before: Stage = self.events[place - 1].stage if place else "introduced"
                if self._passed:
                    self._passed.pop()
                self._set(before, step, rule, reason="an earlier passage was undone")
                return

    # -- the record ------------------------------------------------------------

    def _rise(self, stage: Stage, step: Step, rule: str) -> None:
        if self.stage in RANK and RANK[stage] > RANK[self.stage]:
            self._set(stage, step, rule)

    def _set(self, stage: Stage, step: Step, rule: str, reason: str | None = None) -> None:
        self.stage = stage
        self.events.append(
            StatusEvent(stage=stage, date=step.date, cause=step.index, basis="action", rule=rule, reason=reason)
        )

    def _mark(self, mark: str, step: Step) -> None:
        if not any(m.mark == mark and m.cause == step.index for m in self.marks):
            self.marks.append(StatusMark(mark=mark, date=step.date, cause=step.index))  # type: ignore[arg-type]


_SIMPLE: Mapping[str, Stage] = MappingProxyType(
    {
        "filed": "prefiled",
        "introduced": "introduced",
        "referred": "in_committee",
        "hearing": "in_committee",
        "reported": "reported",
    }
)
# Within one text the order of what happened: "read twice, referred", "amended and passed", "signed, chapter 12".
_ORDER: Mapping[str, int] = MappingProxyType(
    {
        name: place
        for place, name in enumerate(
            (
                "vacated",
                "filed",
                "introduced",
                "referred",
                "hearing",
                "carried_over",
                "setback",
                "reported",
                "discharged",
                "failed",
                "withdrawn",
                "killed",
                "replaced",
                "passed",
                "amended",
                "differences",
                "repassed",
                "concurred",
                "conference",
                "enrolled",
                "to_executive",
                "vetoed",
                "override_failed",
                "pocket_vetoed",
                "item_veto",
                "override",
                "overridden",
                "signed",
                "law",
                "effective",
                "session_over",
            )
        )
    }
)
