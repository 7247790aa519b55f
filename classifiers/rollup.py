"""From what provisions do to what the measure does: direction, whether it binds, whether it is administrative."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

from freedom_policy.codebook import ProvisionType
from freedom_policy.records import Direction

from .reading import Reading

_LAW = frozenset({"bill", "ordinance", "local law", "order", "rule", "code_section", "constitutional amendment"})
_RESOLUTIONS = frozenset({"resolution", "concurrent resolution", "joint resolution"})
_RESOLUTION_WORDS = re.compile(r"\bresolution\b|\bmemorial\b|\bproclam|\bwhereas\b.*\bresolved\b", re.DOTALL)
_INTERNAL = re.compile(
    r"\b(?:there is (?:hereby )?(?:created|established)|hereby (?:creates|establishes)|is hereby (?:created|established))\b"
)
_ADMINISTRATIVE = re.compile(
    r"\b(?:accept\w*|approv\w*|authoriz\w*|appl\w+ for)\b.{0,80}\b(?:grant|contract|agreement|memorandum of understanding|mou|award|donation)\b"
)
_REPEAL = re.compile(r"\b(?:repeal\w*|is (?:hereby )?(?:repealed|abolished|eliminated))\b")
_WEAKEN = re.compile(
    r"\b(?:decreas\w+|reduc\w+ (?:the )?(?:penalt|fine|sentence|punish)\w*|eliminat\w+ (?:the )?(?:requirement|duty|penalt)\w*"
    r"|no longer (?:required?|appl)\w*|exempt\w* from the (?:requirement|prohibition)|shall not be required to)\b"
)
_TECHNICAL = re.compile(
    r"\b(?:technical,? (?:and )?(?:nonsubstantive|conforming|corrections?)|nonsubstantive changes?)\b"
)


def provision_direction(kind: ProvisionType, words: str) -> tuple[Direction, dict[str, Direction]]:
    """Direction of a provision against its goals, from the words that show it. What is contested stays ``unclear``."""
    if _TECHNICAL.search(words):
        return "neutral", {kind.primary_goal: "neutral"}
    if kind.key == "prostitution_decrim_loitering":
        return "unclear", {kind.primary_goal: "unclear"}
    direction: Direction = "strengthens"
    if _WEAKEN.search(words) and kind.primary_goal != "victim_protection":
        direction = "weakens"
    return direction, {kind.primary_goal: direction}


def bill_direction(directions: Sequence[Direction]) -> Direction:
    """All the same: that; any conflict: mixed. Neutral provisions do not conflict with others."""
    plain = set(directions) - {"neutral"}
    if not directions:
        return "unclear"
    if not plain:
        return "neutral"
    if len(plain) == 1:
        return plain.pop()
    return (
        "strengthens"
        if plain == {"strengthens", "unclear"} and directions.count("unclear") * 2 < len(directions)
        else "mixed"
    )


def binding(reading: Reading, types: Sequence[str]) -> bool | None:
    """Whether it makes law. Resolutions do not, save a local one that itself creates a body; unknown kinds stay None."""
    kind = reading.kind
    if kind is None:
        if not reading.title:
            return None
        head = f"{reading.words['title'][:400]} {reading.words['text'][:600]}"
        if not _RESOLUTION_WORDS.search(head):
            return None
        kind = "resolution"
    if kind in _LAW or (kind == "joint resolution" and reading.jurisdiction == "us"):
        return True
    if kind in _RESOLUTIONS:
        local = (reading.jurisdiction or "").count("-") >= 2
        return bool(
            local and "task_force" in types and _INTERNAL.search(reading.words["title"] + reading.words["text"])
        )
    return None


def administrative(reading: Reading) -> bool | None:
    """Whether it only accepts a grant or approves a contract (R9); only local measures do."""
    local = (reading.jurisdiction or "").count("-") >= 2
    if not local:
        return False if reading.jurisdiction else None
    if reading.kind in ("local law", "ordinance", "code_section"):
        return False
    return bool(_ADMINISTRATIVE.search(reading.words["title"]))


BillDirection = Literal["strengthens", "weakens", "mixed", "neutral", "unclear", "none"]
