"""The anchor screen: where a text names trafficking in persons, or a near subject, as the codebook rules it.

Words are normalised one character for one, so a place in the normalised text is the same place in the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from freedom_policy import codebook

Strength = Literal["strong", "caution", "weak"]

# Hyphens, dashes and line breaks count as one blank; curly quotes as straight ones.
_BLANKS = "-\u2010\u2011\u2012\u2013\u2014\u2015\u00ad\t\n\r\x0b\x0c\u00a0\u2983\u2984\u2985\u2986"
_ALIKE = {**dict.fromkeys(_BLANKS, " "), "\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'}

# Near subjects besides the codebook's weak anchors: they only make us look, they prove nothing.
_NEAR = (
    "prostitut",
    "solicitation",
    "sexually exploited",
    "sexual exploitation",
    "exploited youth",
    "exploitation of a minor",
    "exploitation of children",
    "commercial sexual",
    "safe harbor shelter",
    "massage",
    "adult entertainment",
    "adult oriented",
    "adult cabaret",
    "escort",
    "lodging",
    "labor contractor",
    "labor recruiter",
    "recruitment fee",
    "h 2a",
    "h 2b",
    "domestic worker",
    "child labour",
    "supply chain",
    "uyghur",
    "xinjiang",
    "t visa",
    "u visa",
    "unaccompanied alien child",
    "visa",
    "asylum",
    "sex offense",
    "patroniz",
    "unfree labor",
    "forced marriage",
    "sara's law",
    "servitude",
    "epstein",
    "missing children",
    "missing and murdered",
)
# Every anchor holds one of these; finding them with ``str.find`` is what makes the screen fast.
_STEMS = (
    "traffick",
    "sexual",
    "servitude",
    "peonage",
    "slavery",
    "forced lab",
    "debt bondage",
    "patronizing a minor",
    "7102",
    "1591",
)
_BEFORE, _AFTER = 40, 60
_SUPPORT = 600
_KEPT = 1000
_SUPPORTING = re.compile(
    r"traffick|supply chain|import|goods (?:made|produced|manufactured)|procure|recruit|offen[sc]e|felony"
    r"|convict|victim|customs|tariff"
)


@dataclass(frozen=True, slots=True)
class Anchor:
    """One anchor: ``text[start:end]`` is what was found."""

    strength: Strength
    start: int
    end: int


def normalise(text: str) -> str:
    """Lower case, hyphens and line breaks as blanks; the result is as long as ``text``."""
    lowered = text.lower()
    if len(lowered) != len(text):  # a few letters have a lower case of two characters
        lowered = "".join(low if len(low := char.lower()) == 1 else char for char in text)
    for char, plain in _ALIKE.items():  # several times as fast as str.translate
        if char in lowered:
            lowered = lowered.replace(char, plain)
    return lowered


def scan(words: str) -> tuple[Anchor, ...]:
    """Anchors in a normalised text, in order; overlapping ones are merged and the strongest wins.

    Phrases of other trafficking ("drug trafficking") are taken out before anything is looked for. "Forced labor" and its
    like count as ``caution`` only in the company that rule R12 asks for.
    """
    rules = _rules()
    found: list[Anchor] = []
    # Words that are repeated over and over stand in the same company every time.
    seen: dict[str, bool] = {}
    for start, end in _windows(words):
        window = _without_other_trafficking(words[start:end])
        for match in rules.strong.finditer(window):
            found.append(Anchor("strong", start + match.start(), start + match.end()))
        for match in rules.caution.finditer(window):
            place = start + match.start()
            around = words[max(0, place - _SUPPORT) : place + _SUPPORT]
            supported = seen.get(around)
            if supported is None:
                if len(seen) >= _KEPT:
                    seen.clear()
                supported = seen[around] = _in_company(around)
            if supported:
                found.append(Anchor("caution", place, start + match.end()))
    return _merge(found)


def _in_company(around: str) -> bool:
    """Whether the surroundings of a caution anchor make it one (R12)."""
    return (
        _SUPPORTING.search(_without_other_trafficking(around)) is not None and _rules().history.search(around) is None
    )


def _without_other_trafficking(words: str) -> str:
    rules = _rules()
    return rules.not_human.sub(_blank, words) if any(stem in words for stem in rules.not_human_stems) else words


def near(words: str) -> bool:
    """True if a normalised text touches a near subject: a weak anchor of the codebook, or "trafficking" of what it does
    not say (of drugs or birds it says)."""
    rules = _rules()
    if any(stem in words for stem in rules.near):
        return True
    return "traffick" in words and "traffick" in _without_other_trafficking(words)


def near_places(words: str, limit: int = 40) -> list[int]:
    """Where near subjects stand, at most ``limit`` places, ascending."""
    places: list[int] = []
    for stem in (*_rules().near, "traffick"):
        if len(places) >= limit * 4:
            break
        at = words.find(stem)
        while at >= 0 and len(places) < limit * 4:
            places.append(at)
            at = words.find(stem, at + 200)
    return sorted(places)[:limit]


@dataclass(frozen=True, slots=True)
class _Rules:
    strong: re.Pattern[str]
    caution: re.Pattern[str]
    not_human: re.Pattern[str]
    not_human_stems: tuple[str, ...]
    """Without one of these no such phrase can stand there."""
    history: re.Pattern[str]
    near: tuple[str, ...]


@cache
def _rules() -> _Rules:
    anchors = codebook.load().anchors
    caution = [normalise(word) for word in anchors["caution_anchors"]]
    strong = [re.escape(normalise(word)) for word in anchors["strong"] if normalise(word) not in caution]
    return _Rules(
        strong=re.compile("|".join([*anchors["strong_regex"], *(rf"\b{word}" for word in strong)])),
        caution=re.compile("|".join([*anchors["caution_regex"], *(rf"\b{re.escape(word)}" for word in caution)])),
        not_human=_phrases(anchors["not_human"]),
        not_human_stems=tuple(
            dict.fromkeys(
                "traffic" if "traffic" in phrase else phrase for phrase in map(normalise, anchors["not_human"])
            )
        ),
        history=_phrases(anchors["history_or_prison"]),
        near=(*(normalise(word) for word in anchors["weak"]), *_NEAR),
    )


def _phrases(phrases: list[str]) -> re.Pattern[str]:
    longest_first = sorted(map(normalise, phrases), key=len, reverse=True)
    return re.compile(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _windows(words: str) -> list[tuple[int, int]]:
    places: list[int] = []
    for stem in _STEMS:
        at = words.find(stem)
        while at >= 0:
            places.append(at)
            at = words.find(stem, at + len(stem))
    windows: list[tuple[int, int]] = []
    first = last = 0
    for at in sorted(places):
        # Cut at blanks, so that no word is halved. Where the last window ends there is one (or the end), so what it covers
        # needs no look, and nothing before it does: a text without blanks would otherwise be searched again and again.
        if last and at + _AFTER <= last:
            continue
        end = words.find(" ", min(at + _AFTER, len(words)))
        end = len(words) if end < 0 else end
        if last and at - _BEFORE <= last:
            windows[-1] = (first, end)
        else:
            first = words.rfind(" ", last, max(0, at - _BEFORE)) + 1
            windows.append((first, end))
        last = end
    return windows


def _merge(found: list[Anchor]) -> tuple[Anchor, ...]:
    merged: list[Anchor] = []
    for anchor in sorted(found, key=lambda a: (a.start, a.strength != "strong", -a.end)):
        if merged and anchor.start < merged[-1].end:
            last = merged[-1]
            strength: Strength = "strong" if "strong" in (last.strength, anchor.strength) else "caution"
            merged[-1] = Anchor(strength, last.start, max(last.end, anchor.end))
        else:
            merged.append(anchor)
    return tuple(merged)
