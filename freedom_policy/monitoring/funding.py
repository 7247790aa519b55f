"""Funding lines: amounts of money that a text gives, with the words that say so. What they buy is for a reader to judge."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Literal

from ..records import Record

FundingKind = Literal["appropriates", "authorizes", "allocates", "other"]

_AMOUNT = re.compile(
    r"\$\s?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s*(?P<scale>thousand|million|billion))?",
    re.IGNORECASE,
)
_SCALE = {"thousand": Decimal(1_000), "million": Decimal(1_000_000), "billion": Decimal(1_000_000_000)}
_KINDS: tuple[tuple[FundingKind, re.Pattern[str]], ...] = (
    ("authorizes", re.compile(r"authorized to be appropriated|authorization of appropriations", re.IGNORECASE)),
    ("appropriates", re.compile(r"\bappropriat(?:ed|es|ion|ions|ing|e)\b", re.IGNORECASE)),
    ("allocates", re.compile(r"\b(?:allocat|transfer|deposit|grant|fund)\w*", re.IGNORECASE)),
)
# Fines, fees and thresholds are money too, and no funding.
_NOT_FUNDING = re.compile(
    r"\b(?:fine[ds]?|penalt(?:y|ies)|fee|fees|bond|bail|damages|forfeit\w*|liable|punish\w*|exceeding|surcharge|value[d]?|reward|wages?)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"\b(?:fiscal\s+years?|FY)\s*(?P<years>(?:20\d\d)(?:\s*(?:-|–|through|to|and|,)\s*20\d\d)*)", re.IGNORECASE
)


class FundingLine(Record):
    """An amount, what the words around it do with it, for which years, and the sentence: ``quote == text[start:end]``."""

    amount: Decimal
    """US dollars."""
    kind: FundingKind
    years: tuple[int, ...] = ()
    quote: str
    start: int
    end: int


def funding_lines(text: str) -> tuple[FundingLine, ...]:
    """Amounts that a text appropriates, authorizes or allocates, in its order. Fines, fees and thresholds are left out."""
    found = []
    for match in _AMOUNT.finditer(text):
        start, end = _sentence(text, match.start(), match.end())
        sentence = text[start:end]
        kind = next((name for name, pattern in _KINDS if pattern.search(sentence)), None)
        if kind is None or (kind == "allocates" and _NOT_FUNDING.search(sentence)):
            continue
        amount = Decimal(match["number"].replace(",", "")) * (_SCALE[match["scale"].lower()] if match["scale"] else 1)
        found.append(
            FundingLine(amount=amount, kind=kind, years=_fiscal_years(sentence), quote=sentence, start=start, end=end)
        )
    return tuple(found)


def _fiscal_years(sentence: str) -> tuple[int, ...]:
    years: set[int] = set()
    for match in _YEARS.finditer(sentence):
        given = [int(year) for year in re.findall(r"20\d\d", match["years"])]
        span = len(given) == 2 and re.search(r"through|to|-|–", match["years"])
        years.update(range(given[0], given[1] + 1) if span and given[0] < given[1] < given[0] + 30 else given)
    return tuple(sorted(years))


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span, at most 400 characters to either side."""
    low, high = max(0, start - 400), min(len(text), end + 400)
    before = [match.end() for match in re.finditer(r"[.;:]\s+|\n\s*\n", text[low:start])]
    after = re.search(r"[.;](?=\s|$)|\n\s*\n", text[end:high])
    begin = low + before[-1] if before else low
    return begin, end + (after.end() if after and not after[0].isspace() else after.start() if after else high - end)
