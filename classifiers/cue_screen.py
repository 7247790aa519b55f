"""Which of many patterns can match a passage at all, and at which words: a thousand are asked for the price of a few.

Of each pattern we read off two conditions that it cannot match without: pieces of words that must stand somewhere, and
beginnings of the word that it starts with. Both are kept as bits, one a pattern, under the words that fulfil them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import reduce
from operator import or_
from typing import Any

_SHORTEST, _LONGEST = 3, 7
"""How many letters of a word that must stand somewhere are looked at."""
_START = "^"
"""Marks a piece that stands at the beginning of a word."""
_FIRST = 4
"""The word that a pattern starts with is told apart by at most so many."""
_FLOORS = 3
"""At most so many words that must stand somewhere are asked for."""
_KEPT_WORDS = 50_000
_WORDS = re.compile("[a-z0-9]+")


class Screen:
    """Finds the patterns worth trying. Every pattern is to begin with ``\\b`` and to be for normalised words."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._count = len(sources)
        self._all = (1 << self._count) - 1
        self._anywhere = 0
        standing: dict[str, int] = {}
        starting: dict[str, int] = {}
        free = 0
        for place, source in enumerate(sources):
            parsed = _parsed(source)
            options = sorted(_options(parsed, True), key=_cost)[:_FLOORS]
            for floor in range(_FLOORS):
                bit = 1 << (place + floor * self._count)
                if floor >= len(options):
                    free |= bit
                    continue
                for piece in options[floor]:
                    standing[piece] = standing.get(piece, 0) | bit
            first = _first_words(parsed)
            for beginning in first or ():
                starting[beginning] = starting.get(beginning, 0) | 1 << place
            if first is None:
                self._anywhere |= 1 << place
        self._free = free
        self._standing = _Standing(standing)
        self._starting = _Starting(starting)

    def __call__(self, words: str) -> list[tuple[int, list[int] | None]]:
        """Places of patterns that may match, ascending, each with where it may start (None: anywhere)."""
        parted = f" {words.encode('ascii', 'replace').translate(_PARTED).decode('ascii')} "
        distinct = set(parted.split())
        standing = reduce(or_, map(self._standing.__getitem__, distinct), self._free)
        possible = self._all
        for floor in range(_FLOORS):
            possible &= standing >> (floor * self._count)
        if not possible:
            return []
        anywhere = self._anywhere & possible
        found: dict[int, list[int] | None] = dict.fromkeys(_ones(anywhere)) if anywhere else {}
        starting = self._starting
        for word in distinct:
            bits = starting[word] & possible
            if not bits:
                continue
            starts = []
            whole = f" {word} "
            # In "parted" each letter stands one place further on; so the blank stands where the word does in "words".
            start = parted.find(whole)
            while start >= 0:
                starts.append(start)
                start = parted.find(whole, start + len(word))
            while bits:
                lowest = bits & -bits
                bits ^= lowest
                place = lowest.bit_length() - 1
                held = found.get(place)
                # Words were taken in any order.
                found[place] = sorted(held + starts) if held else starts
        return [(place, found[place]) for place in sorted(found)]


# What is no letter or figure of a normalised word parts it; the result is as long as the words, and as :data:`_WORDS` has it.
_PARTED = bytes(code if chr(code) in "abcdefghijklmnopqrstuvwxyz0123456789" else 32 for code in range(256))


class _Bits(dict[str, int]):
    """Words with their bits, worked out when a word is first met; words return, so they are kept, up to a number."""

    def __init__(self, known: dict[str, int]) -> None:
        super().__init__()
        self._known = known

    def __missing__(self, word: str) -> int:
        if len(self) >= _KEPT_WORDS:
            self.clear()
        bits = 0
        for piece in self._pieces(word):
            bits |= self._known.get(piece, 0)
        self[word] = bits
        return bits

    def _pieces(self, word: str) -> Iterator[str]:
        raise NotImplementedError


class _Standing(_Bits):
    def _pieces(self, word: str) -> Iterator[str]:
        for size in range(_SHORTEST, min(_LONGEST, len(word)) + 1):
            yield _START + word[:size]
            for start in range(len(word) - size + 1):
                yield word[start : start + size]


class _Starting(_Bits):
    def _pieces(self, word: str) -> Iterator[str]:
        for size in range(1, min(_FIRST, len(word)) + 1):
            yield word[:size]


def _ones(bits: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _parsed(source: str) -> list[Any]:
    parser: Any = getattr(re, "_parser", None)
    # An interpreter without it tries every pattern everywhere.
    return list(parser.parse(source)) if parser else []


# ---------------------------------------------------------------------------------------------------------------------
# What a pattern starts with


def _first_words(tree: list[Any]) -> frozenset[str] | None:
    """Beginnings of words, with one of which whatever ``tree`` matches begins; None if there is no such set."""
    unfinished, finished = _beginnings(tree)
    words = [_WORDS.match(text[:_FIRST]) for text in unfinished | finished]
    return frozenset(word.group() for word in words if word) if words and all(words) else None


def _beginnings(tree: list[Any]) -> tuple[set[str], set[str]]:
    """Literal beginnings: those after which ``tree`` is at its end, and those after which anything may follow."""
    unfinished, finished = {""}, set[str]()
    for code, value in tree:
        name = str(code)
        if name in ("AT", "ASSERT", "ASSERT_NOT"):
            continue  # these only forbid
        more, last = _node(name, value)
        joined = {start + end for start in unfinished for end in more}
        finished |= {start + end for start in unfinished for end in last}
        finished |= {text for text in joined if len(text) >= _FIRST}
        unfinished = {text for text in joined if len(text) < _FIRST}
        if not unfinished:
            break
    return unfinished, finished


def _node(name: str, value: Any) -> tuple[set[str], set[str]]:
    if name == "LITERAL":
        return {chr(value)}, set()
    if name == "IN" and all(str(code) == "LITERAL" for code, _ in value):
        return {chr(char) for _, char in value}, set()
    if name == "SUBPATTERN":
        return _beginnings(list(value[3]))
    if name == "BRANCH":
        found = [_beginnings(list(branch)) for branch in value[1]]
        return set().union(*(more for more, _ in found)), set().union(*(last for _, last in found))
    if name in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, body = value
        more, last = _beginnings(list(body))
        if most > 1:
            more, last = set(), more | last
        return (more | {""} if least == 0 else more), last
    return set(), {""}


# ---------------------------------------------------------------------------------------------------------------------
# Which words a pattern cannot do without


def _cost(words: frozenset[str]) -> tuple[float, list[str]]:
    # The subject's own words stand everywhere that we look; the fewer and the rarer, the better.
    return sum(8.0 if word.removeprefix(_START)[:4] in _COMMON else 2 - len(word) / _LONGEST for word in words), sorted(
        words
    )


_COMMON = frozenset(
    "traf huma vict forc sexu labo serv expl comm pers chil mino acts secti stat shal depa prov fund sect viol offe crim".split()  # noqa: SIM905
)


def _options(tree: list[Any], at_start: bool) -> list[frozenset[str]]:
    """Sets of pieces; that one of a set stands there is alone a necessary condition of the sequence ``tree``."""
    found: list[frozenset[str]] = []
    run, fresh = "", at_start
    """The literal run so far, and whether it began at the start of a word."""

    def close(run: str, fresh: bool) -> None:
        for match in _WORDS.finditer(run):
            if len(match.group()) >= _SHORTEST:
                begins = match.start() > 0 or fresh
                found.append(frozenset([_START * begins + match.group()[:_LONGEST]]))

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
