"""What the document model sees of a reading: counts of words and word pairs by field, and a few facts about its anchors."""

from __future__ import annotations

import math
import re
from collections import Counter

from .reading import Reading, looked_at

_WORD = re.compile(r"[a-z]{2,}|§")
_STOP = frozenset(
    "the of and to in for or that by be as is on with any this such at from which it an its are was were has have had been will".split()
    + "he she his her their they them there who whom whose these those than then thereof therein hereby herein said".split()
    + "mr mrs ms senator representative sponsored assemblyman assemblywoman".split()
)
_TITLE_WORDS, _FIELD_WORDS = 400, 4000


def word_counts(reading: Reading) -> Counter[str]:
    """Words and pairs: ``t:`` from the title, ``s:`` from title and abstract, plain from all that is read closely."""
    title = _words(reading.words["title"])[:_TITLE_WORDS]
    abstract = _words(reading.words["abstract"])[:_FIELD_WORDS]
    close = [_words(reading.words["text"][start:end]) for start, end in looked_at(reading)]
    counts: Counter[str] = Counter()
    for words in (title, abstract, *close):
        counts.update(words)
        counts.update(map(" ".join, zip(words, words[1:], strict=False)))
    for prefix, words in (("t:", title), ("s:", title), ("s:", abstract)):
        counts.update(prefix + word for word in words)
        counts.update(f"{prefix}{a} {b}" for a, b in zip(words, words[1:], strict=False))
    return counts


def facts(reading: Reading) -> dict[str, float]:
    """Anchor counts by field and strength (logarithms), what is missing, and the level of government."""
    values: dict[str, float] = {}
    for field, found in reading.anchors.items():
        strong = sum(anchor.strength == "strong" for anchor in found)
        values[f"#{field} strong"] = math.log1p(strong)
        values[f"#{field} any"] = float(bool(found))
        values[f"#{field} caution"] = float(len(found) > strong)
    length = len(reading.cleaned.text)
    values["#no text"] = float(length < 80)
    values["#no abstract"] = float(len(reading.abstract) < 20)
    values["#density"] = min(3.0, 1000 * len(reading.anchors["text"]) / (length + 300))
    values["#near"] = float(reading.near)
    place = reading.jurisdiction or ""
    values["#federal"] = float(place == "us")
    values["#local"] = float(place.count("-") >= 2 or place == "us-local")
    return values


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in _STOP]
