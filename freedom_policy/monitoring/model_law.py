"""Likeness to a model law: which sections of the Uniform Act of 2013 a provision answers to, and whose words follow its text.

The act's text is the Uniform Law Commission's and does not ship. What ships is its list of sections with short descriptions of
our own (``data/model_laws``); the codebook says which kind of provision answers to which. Who has the text may give it.
"""

from __future__ import annotations

import csv
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal

from rapidfuzz.distance import Indel

from .. import codebook
from ..errors import BadInput
from ..records import Record
from ..text import clean

NAME = "Uniform Act on Prevention of and Remedies for Human Trafficking (Uniform Law Commission, 2013)"
ALIKE = 0.25
"""From this share of a section's words on, a text follows it; texts that have nothing to do with it stay well below."""

_TABLE = files("freedom_policy.data") / "model_laws" / "uniform_act_2013.csv"
_MAPPING = "uniform_act_sections"
_GRAM = 4
_RUN = 5
"""Shorter runs of equal words ("under this section a person") tell nothing."""
_ROOM = 1.5
"""A passage may be longer than the model's section by as much."""
_SHOWN = 3
_LEAST_WORDS = 15
_WORD = re.compile(r"[A-Za-z0-9]+")
_CHOICE = re.compile(r"\[[^\]]{0,300}\]")
"""What a model law leaves to the state: ``[act]``, ``[insert the appropriate state code sections]``."""
_HEADING = re.compile(
    r"^[ \t]*(?:section|sec\.|§)\s*(?P<number>\d{1,2})[.:](?-i:\s*[A-Z][A-Z ,;:()’'-]{2,90}\.)?",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT = re.compile(
    r"^[ \t]*(?:legislative notes?|(?:reporter.s )?comments?|reporter.s notes?)[ \t]*(?::|\.?[ \t]*$)",
    re.IGNORECASE | re.MULTILINE,
)


class ModelSection(Record):
    """One section of the model law."""

    section: str
    name: str
    about: str
    """What it is about, in our words."""
    confirmed: str
    """``read``, or ``general knowledge``: number and name were not confirmed in a text that we read."""
    provisions: tuple[str, ...]
    """Kinds of provision of the codebook that answer to it."""


class Aligned(Record):
    """Words of a text that the model's section has in the same order: ``quote == text[start:end]`` of the cleaned text."""

    quote: str
    start: int
    end: int


class SectionLikeness(Record):
    """How far a text follows one section of the model law, with the words as proof."""

    kind: Literal["model-law"] = "model-law"
    section: str
    score: float
    """Share of the section's words that one passage of the text has in the same order, in runs of five or more."""
    same: int
    words: int
    """Words of the model's section, without what it leaves to the state."""
    aligned: tuple[Aligned, ...]
    """The longest runs, in the order of the text."""


@cache
def sections() -> Mapping[str, ModelSection]:
    """The act's sections by number, in its order; its short title and closing sections are left out."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for provision in codebook.load().provisions.values():
        for number in provision.mappings[_MAPPING]:
            kinds[number].append(provision.key)
    rows = csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines())
    return MappingProxyType(
        {row["section"]: ModelSection(**row, provisions=tuple(kinds[row["section"]])) for row in rows}
    )


def shared_with(provision: str, section: str) -> tuple[str, ...]:
    """The other sections that the same kind of provision answers to: which of them it is, the kind alone does not tell."""
    return tuple(
        number
        for number in codebook.load().provision(provision).mappings[_MAPPING]
        if number != section and number in sections()
    )


def read_model_text(text: str) -> dict[str, str]:
    """The words of each section, by number, from the model law's plain text.

    A section begins with a line such as ``SECTION 15. IMMUNITY OF MINOR.``; comments and notes between sections are left
    out, and where a number comes twice (a table of contents) the longer one counts.

    Raises:
        BadInput: no such section.
    """
    plain = clean(text).text
    starts = list(_HEADING.finditer(plain))
    found: dict[str, str] = {}
    for match, following in zip(starts, [*starts[1:], None], strict=False):
        body = plain[match.end() : following.start() if following else len(plain)]
        if comment := _COMMENT.search(body):
            body = body[: comment.start()]
        number = match["number"]
        if number in sections() and len(body) > len(found.get(number, "")):
            found[number] = body
    if not found:
        raise BadInput(
            "The model law's text has no section that we know. Each begins a line: SECTION 15. IMMUNITY OF MINOR."
        )
    return found


def likeness(text: str, model: Mapping[str, str]) -> list[SectionLikeness]:
    """How far a text follows each section of a model law, in the order of ``model``.

    For each section the passage with most of its four-word runs is found, and the two are aligned word by word.

    Args:
        text: of a measure; it is cleaned of line numbers and page heads.
        model: section number to words, from :func:`read_model_text`.
    """
    plain = clean(text).text
    spans = [match.span() for match in _WORD.finditer(plain)]
    words = [plain[start:end].lower() for start, end in spans]
    models = {number: _words(_CHOICE.sub(" ", body)) for number, body in model.items()}
    hits = _hits(words, models)
    found = []
    for number, wanted in models.items():
        if len(wanted) < _LEAST_WORDS:
            continue
        runs: list[tuple[int, int]] = []
        if starts := hits.get(number):
            low, high = _densest(starts, int(_ROOM * len(wanted)))
            runs = _equal_runs(wanted, words[low:high], low)
        same = sum(end - start for start, end in runs)
        longest = sorted(sorted(runs, key=lambda run: run[0] - run[1])[:_SHOWN])
        found.append(
            SectionLikeness(
                section=number,
                score=round(same / len(wanted), 3),
                same=same,
                words=len(wanted),
                aligned=tuple(_quoted(plain, spans[start][0], spans[end - 1][1]) for start, end in longest),
            )
        )
    return found


# -- inside ----------------------------------------------------------------------------------------------------------------


def _words(text: str) -> list[str]:
    return [match[0].lower() for match in _WORD.finditer(text)]


def _hits(words: list[str], models: Mapping[str, list[str]]) -> dict[str, list[int]]:
    """Where the four-word runs of each section begin in a text."""
    owners: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for number, wanted in models.items():
        for place in range(len(wanted) - _GRAM + 1):
            owners[tuple(wanted[place : place + _GRAM])].add(number)
    hits: dict[str, list[int]] = defaultdict(list)
    for place in range(len(words) - _GRAM + 1):
        for number in owners.get(tuple(words[place : place + _GRAM]), ()):
            hits[number].append(place)
    return hits


def _densest(starts: list[int], length: int) -> tuple[int, int]:
    """The stretch of so many words with most hits: (first word, end)."""
    best = max(
        range(len(starts)), key=lambda place: (bisect_left(starts, starts[place] + length) - place, -starts[place])
    )
    return starts[best], starts[best] + length + _GRAM


def _equal_runs(wanted: list[str], passage: list[str], offset: int) -> list[tuple[int, int]]:
    """Runs of equal words, as places in the text."""
    blocks: Iterable[tuple[int, int]] = (
        (op.dest_start, op.dest_end) for op in Indel.opcodes(wanted, passage) if op.tag == "equal"
    )
    return [(offset + start, offset + end) for start, end in blocks if end - start >= _RUN]


def _quoted(text: str, start: int, end: int) -> Aligned:
    return Aligned(quote=text[start:end], start=start, end=end)
