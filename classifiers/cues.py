"""Cues of provision types (``data/model/cues.yaml``): patterns that act as labelling functions and may abstain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

Level = Literal[1, 2]
HINT: Level = 1
SURE: Level = 2


@dataclass(frozen=True, slots=True)
class Cues:
    """The patterns of one provision type."""

    sure: re.Pattern[str]
    hint: re.Pattern[str]


@cache
def load() -> dict[str, Cues]:
    """Provision type -> its cues, read once from the package's data."""
    raw = yaml.safe_load((files("freedom_policy.data") / "model" / "cues.yaml").read_text(encoding="utf-8"))
    macros: dict[str, str] = raw["macros"]
    return {
        key: Cues(_compile(entry["sure"], macros), _compile(entry["hint"], macros))
        for key, entry in raw["types"].items()
    }


def hits(words: str) -> dict[str, Level]:
    """Types that a normalised passage has a cue of, with the stronger level."""
    if "  " in words:
        words = _BLANKS.sub(" ", words)
    found: dict[str, Level] = {}
    for key, cues in load().items():
        if cues.sure.search(words):
            found[key] = SURE
        elif cues.hint.search(words):
            found[key] = HINT
    return found


_BLANKS = re.compile(" {2,}")


def _compile(patterns: list[str], macros: dict[str, str]) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(_expand(pattern, macros) for pattern in patterns) + ")")


def _expand(pattern: str, macros: dict[str, str]) -> str:
    for _ in range(2):  # macros may hold macros
        for name, value in macros.items():
            pattern = pattern.replace("{" + name + "}", value)
    return pattern.replace(" ... ", " .{0,140}?").replace(" .. ", " .{0,60}?")
