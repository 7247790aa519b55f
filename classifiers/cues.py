"""Cues of provision types (``data/model/cues.yaml``): patterns that act as labelling functions and may abstain.

There are about a thousand patterns. Each is tried only where a word stands that it cannot match without.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

Level = Literal[1, 2]
HINT: Level = 1
SURE: Level = 2
_SHORTEST, _LONGEST = 4, 7
"""Words are told apart by so many first letters."""
_AROUND = 60
"""So near to a cue, in characters, a guard is heeded."""


@dataclass(frozen=True, slots=True)
class Cue:
    """One pattern of one type."""

    type: str
    level: Level
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Cues:
    """All patterns, found by the beginning of a word that each needs."""

    cues: tuple[Cue, ...]
    by_word: dict[str, tuple[int, ...]]
    """Beginning of a word -> places in ``cues``."""
    always: tuple[int, ...]
    guards: dict[str, re.Pattern[str]]
    """Type -> what makes its cues abstain when it stands within :data:`_AROUND` characters of the match."""


@cache
def load() -> Cues:
    """The patterns of the package's data, read once."""
    raw = yaml.safe_load(_source())
    found: list[Cue] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    always: list[int] = []
    guards: dict[str, re.Pattern[str]] = {}
    for key, entry in raw["types"].items():
        if refusals := entry.get("not"):
            sources = (expand(pattern, raw["macros"]) for pattern in refusals)
            guards[key] = re.compile(r"\b(?:" + "|".join(sources) + ")")
        for level, patterns in ((SURE, entry["sure"]), (HINT, entry["hint"])):
            for pattern in patterns:
                source = r"\b(?:" + expand(pattern, raw["macros"]) + ")"
                words = _needed(source)
                for word in words or ():
                    by_word[word].append(len(found))
                if not words:
                    always.append(len(found))
                found.append(Cue(key, level, re.compile(source)))
    return Cues(tuple(found), {word: tuple(places) for word, places in by_word.items()}, tuple(always), guards)


def _source() -> str:
    return (files("freedom_policy.data") / "model" / "cues.yaml").read_text(encoding="utf-8")


@cache
def digest() -> str:
    """Of the cues' file: a model is only good with the cues that it was trained with."""
    return hashlib.sha256(_source().encode()).hexdigest()[:16]


def hits(words: str) -> dict[str, Level]:
    """Types that a normalised passage has a cue of, with the stronger level."""
    return {key: cue.level for key, (cue, _) in matches(words).items()}


def matches(words: str) -> dict[str, tuple[Cue, re.Match[str]]]:
    """Types that a normalised passage has a cue of, with the strongest cue and where it stands."""
    if "  " in words:
        words = _BLANKS.sub(_one_blank, words)
    all_cues = load()
    standing = set(_WORDS.findall(words))
    possible = set(all_cues.always)
    for beginning in {word[:size] for size in range(_SHORTEST, _LONGEST + 1) for word in standing}:
        possible.update(all_cues.by_word.get(beginning, ()))
    found: dict[str, tuple[Cue, re.Match[str]]] = {}
    # In the order of the file, so that the same cue is named on every run.
    for place in sorted(possible):
        _try(all_cues, all_cues.cues[place], words, found)
    return found


def _try(all_cues: Cues, cue: Cue, words: str, found: dict[str, tuple[Cue, re.Match[str]]]) -> None:
    held = found.get(cue.type)
    if held is not None and held[0].level >= cue.level:
        return
    guard = all_cues.guards.get(cue.type)
    for match in cue.pattern.finditer(words):
        if guard is None or not guard.search(words, max(0, match.start() - _AROUND), match.end() + _AROUND):
            found[cue.type] = (cue, match)
            return


_BLANKS = re.compile(" {2,}")
_WORDS = re.compile(r"[a-z0-9]{4,}")


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


# ---------------------------------------------------------------------------------------------------------------------
# Which word beginnings a pattern cannot do without


def _needed(source: str) -> frozenset[str] | None:
    """Beginnings of words, one of which stands in whatever ``source`` matches; None if there is no such set."""
    parser: Any = getattr(re, "_parser", None)
    if parser is None:  # pragma: no cover - an interpreter without it tries every pattern everywhere
        return None
    options = _options(list(parser.parse(source)), True)
    return min(options, key=_cost) if options else None


def _cost(words: frozenset[str]) -> tuple[float, list[str]]:
    # The subject's own words stand everywhere that we look; the fewer and the rarer, the better.
    return sum(8.0 if word[:_SHORTEST] in _COMMON else 2 - len(word) / _LONGEST for word in words), sorted(words)


_COMMON = frozenset(
    "traf huma vict forc sexu labo serv expl comm pers chil mino acts secti stat shal depa prov fund sect viol offe crim".split()  # noqa: SIM905
)


def _options(tree: list[Any], at_start: bool) -> list[frozenset[str]]:
    """Sets of beginnings; each set alone is a necessary condition of the sequence ``tree``."""
    found: list[frozenset[str]] = []
    run, fresh = "", at_start
    """The literal run so far, and whether it began at the start of a word."""

    def close(run: str, fresh: bool) -> None:
        for match in re.finditer(r"[a-z0-9]+", run):
            if len(match.group()) >= _SHORTEST and (match.start() > 0 or fresh):
                found.append(frozenset([match.group()[:_LONGEST]]))

    for code, value in tree:
        name = str(code)
        if name == "LITERAL":
            run += chr(value)
            continue
        ended_in_blank = run[-1:] == " " if run else fresh
        close(run, fresh)
        run = ""
        if name == "AT":
            fresh = str(value) == "AT_BOUNDARY" or (fresh and str(value) == "AT_BEGINNING")
            continue
        if name == "SUBPATTERN":
            found += _options(list(value[3]), ended_in_blank)
        elif name == "BRANCH":
            branches = [_options(list(branch), ended_in_blank) for branch in value[1]]
            if all(branches):
                found.append(frozenset().union(*(min(options, key=_cost) for options in branches)))
        elif name in ("MAX_REPEAT", "MIN_REPEAT") and value[0] >= 1:
            found += _options(list(value[2]), ended_in_blank)
        fresh = False
    close(run, fresh)
    return found
