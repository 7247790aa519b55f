"""Words as numbers: TF-IDF rows of measures and of passages, and a few facts about a measure's anchors."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .reading import FIELDS, Passage, Reading, looked_at

_WORD = re.compile(r"[a-z]{2,}|§")
_STOP_WORDS = (
    "the of and to in for or that by be as is on with any this such at from which it an its are was were has have had been "
    "will he she his her their they them there who whom whose these those than then thereof therein hereby herein said mr "
    "mrs ms senator representative sponsored assemblyman assemblywoman"
)
_STOP = frozenset(_STOP_WORDS.split())
_TITLE_WORDS, _FIELD_WORDS = 400, 4000


class Vocabulary:
    """Terms with their inverse document frequencies; turns counts into unit rows."""

    def __init__(self, terms: Sequence[str], idf: np.ndarray) -> None:
        self.terms = list(terms)
        self.idf = idf
        self._place = {term: number for number, term in enumerate(self.terms)}

    @classmethod
    def build(cls, counts: Sequence[Mapping[str, int]], least: int = 3) -> Vocabulary:
        """Terms that stand in at least ``least`` of the documents, sorted."""
        frequency: Counter[str] = Counter()
        for count in counts:
            frequency.update(count.keys())
        terms = sorted(term for term, number in frequency.items() if number >= least)
        total = 1 + len(counts)
        return cls(terms, np.array([math.log(total / (1 + frequency[term])) + 1 for term in terms]))

    def row(self, counts: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray]:
        """Places (ascending) and values of one document; the values have length one."""
        places = sorted((self._place[term], number) for term, number in counts.items() if term in self._place)
        if not places:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        index = np.array([place for place, _ in places])
        values = np.array([1 + math.log(number) for _, number in places]) * self.idf[index]
        return index, values / math.sqrt(float(values @ values))


def word_counts(reading: Reading) -> Counter[str]:
    """Words and pairs: ``t:`` from the title, ``s:`` from title and abstract, plain from all that is read closely."""
    title = _words(reading.words["title"])[:_TITLE_WORDS]
    abstract = _words(reading.words["abstract"])[:_FIELD_WORDS]
    close = [_words(reading.words["text"][start:end]) for start, end in looked_at(reading)]
    counts: Counter[str] = Counter()
    for words in (title, abstract, *close):
        counts.update(words)
        counts.update(_pairs(words))
    for prefix, words in (("t:", title), ("s:", title), ("s:", abstract)):
        counts.update(prefix + word for word in words)
        counts.update(prefix + pair for pair in _pairs(words))
    return counts


def passage_counts(passage: Passage) -> Counter[str]:
    """Words and pairs of one passage."""
    words = _words(passage.words)
    return Counter(itertools.chain(words, _pairs(words)))


FACTS = (
    "title strong",
    "title any",
    "title caution",
    "abstract strong",
    "abstract any",
    "abstract caution",
    "text strong",
    "text any",
    "text caution",
    "no text",
    "no abstract",
    "density",
    "near",
    "federal",
    "local",
)


def facts(reading: Reading) -> np.ndarray:
    """The values of :data:`FACTS`: anchor counts (logarithms) by field, what is missing, the level of government."""
    values: list[float] = []
    for field in FIELDS:
        found = reading.anchors[field]
        strong = sum(anchor.strength == "strong" for anchor in found)
        values += [math.log1p(strong), float(bool(found)), float(len(found) > strong)]
    length = len(reading.cleaned.text)
    place = reading.jurisdiction or ""
    values += [
        float(length < 80),
        float(len(reading.abstract) < 20),
        min(3.0, 1000 * len(reading.anchors["text"]) / (length + 300)),
        float(reading.near),
        float(place == "us"),
        float(is_local(place)),
    ]
    return np.array(values)


def is_local(place: str | None) -> bool:
    """True for a county, city or tribe by its key (``us-ny-nyc``; DC counts as a state)."""
    return place is not None and (place.count("-") >= 2 or place == "us-local")


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text) if word not in _STOP]


def _pairs(words: Sequence[str]) -> Iterable[str]:
    return map(" ".join, itertools.pairwise(words))
