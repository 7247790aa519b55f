"""Cues of provision types (``data/model/cues.yaml``): patterns that act as labelling functions and may abstain.

There are some 1,400 patterns. Each is tried only where :mod:`.cue_screen` says that it may match.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from itertools import repeat
from typing import Any, Literal

import yaml

from .cue_screen import Screen

Level = Literal[1, 2]
HINT: Level = 1
SURE: Level = 2
_BESIDE, _AROUND = 40, 120
"""A guard is heeded if it touches the cue or stands so few characters beside it; it is looked for so far around."""


KEPT_PASSAGES = 10_000
"""What is found in so many passages is kept: versions of a bill, and bills modelled on others, share most of theirs."""


@dataclass(frozen=True)
class Cue:
    """One pattern of one type."""

    type: str
    level: Level
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """The expression, compiled when it is first tried: most measures need few of them."""
        return re.compile(self.source)


@dataclass(frozen=True, slots=True)
class Cues:
    """All patterns, and the screen that finds those worth trying."""

    cues: tuple[Cue, ...]
    screen: Screen
    """Gives places in ``cues``."""
    guards: dict[str, re.Pattern[str]]
    """Type -> its guard: beside what its cues abstain."""


@cache
def load() -> Cues:
    """The patterns of the package's data, read once."""
    raw = _file()
    found: list[Cue] = []
    guards: dict[str, re.Pattern[str]] = {}
    for key, entry in raw["types"].items():
        if refusals := entry.get("not"):
            guards[key] = re.compile(r"\b(?:" + "|".join(expand(pattern, raw["macros"]) for pattern in refusals) + ")")
        for level, patterns in ((SURE, entry["sure"]), (HINT, entry["hint"])):
            for pattern in patterns:
                found.append(Cue(key, level, r"\b(?:" + expand(pattern, raw["macros"]) + ")"))
    return Cues(tuple(found), Screen([cue.source for cue in found]), guards)


@cache
def _file() -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: dict[str, Any] = yaml.load(_source(), Loader=loader)  # noqa: S506 (a safe loader either way)
    return found


def _source() -> str:
    return (files("freedom_policy.data") / "model" / "cues.yaml").read_text(encoding="utf-8")


@cache
def digest() -> str:
    """Of the cues' file: a model is only good with the cues that it was trained with."""
    return hashlib.sha256(_source().encode()).hexdigest()[:16]


@lru_cache(KEPT_PASSAGES)
def hits(words: str) -> dict[str, Level]:
    """Types that a normalised passage has a cue of, with the stronger level. The answer is kept: do not change it."""
    return {key: cue.level for key, (cue, _) in matches(words).items()}


def matches(words: str) -> dict[str, tuple[Cue, re.Match[str]]]:
    """Types that a normalised passage has a cue of, with the strongest cue and where it stands."""
    if "  " in words:
        words = _BLANKS.sub(_one_blank, words)
    all_cues = load()
    found: dict[str, tuple[Cue, re.Match[str]]] = {}
    # In the order of the file, so that the same cue is named on every run.
    for place, starts in all_cues.screen(words):
        cue = all_cues.cues[place]
        held = found.get(cue.type)
        if held is not None and held[0].level >= cue.level:
            continue
        guard = all_cues.guards.get(cue.type)
        for match in _standing(cue.pattern, words, starts):
            if match is not None and (guard is None or not _guarded(guard, match, words)):
                found[cue.type] = (cue, match)
                break
    return found


def _standing(pattern: re.Pattern[str], words: str, starts: list[int] | None) -> Iterator[re.Match[str] | None]:
    """Matches of a pattern; where it may start is known, or it may start anywhere."""
    return pattern.finditer(words) if starts is None else map(pattern.match, repeat(words), starts)


@cache
def _areas() -> tuple[tuple[tuple[str, re.Pattern[str]], ...], Screen]:
    raw = _file()
    found = [
        (area, re.compile(r"\b(?:" + expand(pattern, raw["macros"]) + ")"))
        for area, patterns in raw["areas"].items()
        for pattern in patterns
    ]
    return tuple(found), Screen([pattern.pattern for _, pattern in found])


@lru_cache(KEPT_PASSAGES)
def areas(words: str) -> tuple[str, ...]:
    """Areas that a normalised passage has words of (``areas`` in the file)."""
    patterns, screen = _areas()
    found: list[str] = []
    for place, starts in screen(words):
        area, pattern = patterns[place]
        if area not in found and any(_standing(pattern, words, starts)):
            found.append(area)
    return tuple(found)


def _guarded(guard: re.Pattern[str], match: re.Match[str], words: str) -> bool:
    around = guard.finditer(words, max(0, match.start() - _AROUND), match.end() + _AROUND)
    left, right = match.start() - _BESIDE, match.end() + _BESIDE
    return any(found.end() >= left and found.start() <= right for found in around)


_BLANKS = re.compile(" {2,}")


def _one_blank(match: re.Match[str]) -> str:
    return " "


def expand(pattern: str, macros: dict[str, str]) -> str:
    """A cue as a regular expression: macros filled in, ``..`` a gap of up to 60 characters, ``...`` of up to 140."""
    for _ in range(2):  # macros may hold macros
        for name, value in macros.items():
            pattern = pattern.replace("{" + name + "}", value)
    pattern = pattern.replace(" ... ", r" .{0,140}?\b").replace(" .. ", r" .{0,60}?\b")
    # A comma or semicolon may stand where the gap begins.
    return pattern.replace(" .{0,", r"\W.{0,")
