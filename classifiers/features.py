"""Words as numbers: TF-IDF rows of measures and of passages, and a few facts about a measure's anchors."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .reading import FIELDS, Passage, Reading, looked_at

# Words are runs of two letters or more, and section signs; all else parts them.
_PARTED = bytes(code if chr(code) in "abcdefghijklmnopqrstuvwxyz§" else 32 for code in range(256))
_STOP_WORDS = (
    "the of and to in for or that by be as is on with any this such at from which it an its are was were has have had been "
    "will he she his her their they them there who whom whose these those than then thereof therein hereby herein said mr "
    "mrs ms senator representative sponsored assemblyman assemblywoman"
)
_STOP = frozenset([*_STOP_WORDS.split(), *"abcdefghijklmnopqrstuvwxyz"])
_TITLE_WORDS, _FIELD_WORDS = 400, 4000


Run = tuple[str, Sequence[str]]
"""Words that stand one after the other, and the prefix under which they and their pairs are counted ("" or "t:")."""


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

    def rows(self, documents: Sequence[Iterable[Run]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """As :meth:`row`, for the runs of many documents at once: document numbers (ascending), places and values."""
        lookup = self._lookup
        runs = [
            (number, lookup.prefixes[prefix], words)
            for number, document in enumerate(documents)
            for prefix, words in document
            if words and prefix in lookup.prefixes
        ]
        lengths = [len(words) for _, _, words in runs]
        found = map(lookup.words.get, itertools.chain.from_iterable(words for _, _, words in runs), itertools.repeat(0))
        words = np.fromiter(found, np.int64, sum(lengths))
        run = np.repeat(np.arange(len(runs)), lengths)
        owner = np.array([number for number, _, _ in runs], dtype=np.int64)[run]
        single = np.array([prefix for _, prefix, _ in runs], dtype=np.int64)[run] * lookup.size + words
        follows = np.flatnonzero(run[1:] == run[:-1])
        pair = single[follows] * lookup.size + words[follows + 1]
        at = np.searchsorted(lookup.pairs, pair)
        place = np.concatenate([lookup.single[single], np.where(lookup.pairs[at] == pair, lookup.pair_places[at], -1)])
        known = place >= 0
        both = np.concatenate([owner, owner[follows]])[known] * len(self.terms) + place[known]
        both.sort()
        first = np.flatnonzero(np.diff(both, prepend=-1))
        both, times = both[first], np.diff(first, append=len(both))
        owner, place = np.divmod(both, max(len(self.terms), 1))
        values = (1 + np.log(times)) * self.idf[place]
        length = np.sqrt(np.bincount(owner, values * values))
        return owner, place, values / length[owner]

    @cached_property
    def _lookup(self) -> _Lookup:
        return _Lookup.of(self.terms)


@dataclass(frozen=True, slots=True)
class _Lookup:
    """A vocabulary's terms by numbers of words (0 for those that no term has)."""

    words: dict[str, int]
    prefixes: dict[str, int]
    size: int
    """How many numbers of words there are."""
    single: np.ndarray
    """Prefix and word, ``prefix * size + word`` -> the term's place, or -1."""
    pairs: np.ndarray
    """Prefix and two words, ``(prefix * size + first) * size + second``, ascending; the last is larger than any."""
    pair_places: np.ndarray

    @classmethod
    def of(cls, terms: Sequence[str]) -> _Lookup:
        parts = [_PARTS.fullmatch(term).groups("") for term in terms]  # type: ignore[union-attr]
        known = sorted({word for _, first, second in parts for word in (first, second) if word})
        words = {word: number for number, word in enumerate(known, 1)}
        prefixes = {prefix: number for number, prefix in enumerate(sorted({prefix for prefix, _, _ in parts}))}
        size = len(words) + 1
        single = np.full(len(prefixes) * size, -1)
        pairs = {len(prefixes) * size * size: -1}
        for place, (prefix, first, second) in enumerate(parts):
            key = prefixes[prefix] * size + words[first]
            if second:
                pairs[key * size + words[second]] = place
            else:
                single[key] = place
        keys = np.array(sorted(pairs))
        return cls(words, prefixes, size, single, keys, np.array([pairs[key] for key in keys.tolist()]))


_PARTS = re.compile(r"([a-z]:)?(\S+)(?: (\S+))?")


def word_counts(reading: Reading) -> Counter[str]:
    """Words and pairs: ``t:`` from the title, ``s:`` from title and abstract, plain from all that is read closely."""
    counts: Counter[str] = Counter()
    for prefix, words in word_runs(reading):
        counts.update(prefix + word for word in words)
        counts.update(prefix + pair for pair in _pairs(words))
    return counts


def word_runs(reading: Reading) -> list[Run]:
    """What :func:`word_counts` counts, for :meth:`Vocabulary.rows`."""
    title = _words(reading.words["title"])[:_TITLE_WORDS]
    abstract = _words(reading.words["abstract"])[:_FIELD_WORDS]
    close = [_words(reading.words["text"][start:end]) for start, end in looked_at(reading)]
    plain = [("", words) for words in (title, abstract, *close)]
    return [*plain, ("t:", title), ("s:", title), ("s:", abstract)]


def passage_counts(passage: Passage) -> Counter[str]:
    """Words and pairs of one passage."""
    words = _words(passage.words)
    return Counter(itertools.chain(words, _pairs(words)))


def passage_runs(passage: Passage) -> list[Run]:
    """What :func:`passage_counts` counts, for :meth:`Vocabulary.rows`."""
    return [("", _words(passage.words))]


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
    if "§" in text:
        text = text.replace("§", " § ")
    # Several times as fast as an expression.
    words = text.encode("latin-1", "replace").translate(_PARTED).decode("latin-1").split()
    return list(itertools.filterfalse(_STOP.__contains__, words))


def _pairs(words: Sequence[str]) -> Iterable[str]:
    return map(" ".join, itertools.pairwise(words))
