"""What the passages of a measure say, as numbers: cues by type and place, and how its anchors are used."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np

from freedom_policy import codebook

from . import cues
from .reading import Passage, Reading, passages, read

PLACES = ("title", "digest", "operative", "beside", "elsewhere", "findings", "under a title")
"""Where a cue can stand: title; summary, long title or digest; operative text beside an anchor; other text of a measure
whose title or summary has an anchor; other text; findings and recitals; operative text beside an anchor of a measure whose
title already says what it does, so that much of the text may be reprinted law."""
AREA_PLACES = (0, 1, 2)
NONE, HINT, SURE, BOUND = 0, 1, 2, 3
"""How strong a cue is: nothing, a hint, a sure cue, a sure cue together with the subject itself."""

_SUBJECT = re.compile(
    r"traffick|commercial(?:ly)? sexual|sexual\w* exploit|exploited (?:youth|child)|forced lab|servitude|slavery|prostitut"
    r"|commercial sex|sex (?:buy|work)|massage|loiter|uyghur"
)
_SUBJECT_TITLE = re.compile(r"traffick|prostitut|slavery|sexual exploit")
_HARD = re.compile(r"traffick|commercial(?:ly)? sexual|servitude|forced lab|exploit")
_CRIMES = re.compile(
    r"\b(?:murder|homicide|manslaughter|rape|robbery|kidnapp?ing|assault|arson|burglary|stalking|carjacking|domestic violence"
    r"|sexual (?:abuse|assault|battery)|incest|child pornography|terrorism|elder abuse|dating violence|drug trafficking|battery)"
)
_REFERENCE = re.compile(
    r"as defined|pursuant to|in violation of|under section|described in|as provided|set forth|chapter|rcw|u s c|u\.s\.c"
    r"|section \d|means"
)
_OPERATIVE = re.compile(
    r"\b(?:shall|must|may not|is appropriated|are appropriated|would (?:require|make|create"
    r"|provide|allow"
    r"|authorize|prohibit|establish|expand|increase)|requires?|establish(?:es)?|creates?|prohibits?|amend(?:ed"
    r"|ing) (?:by|to read))"
)
_EXISTING = re.compile(r"existing law|under current law|present law|current law")
_OTHER = (
    "drug",
    "narcotic",
    "fentanyl",
    "controlled substance",
    "firearm",
    "weapon",
    "gun",
    "wildlife",
    "bird",
    "marijuana",
    "cannabis",
    "abortion",
    "stolen",
    "theft",
    "counterfeit",
    "ivory",
    "identity",
    "arms",
    "rooster",
    "methamphetamine",
)
# An anchor that only points elsewhere: an item in a list of offences, a definition, an entity list.
_ITEM = re.compile(
    r"\W*\(?[a-z0-9]{1,5}[.)]*\W*(?:\[?\(?[a-z0-9]{1,5}\)?\]?\W*)?(?:(?:human|sex|labor|child|aggravated|attempted|or"
    r"|of|in|persons"
    r"|minor|the|first|second|third|degree|promot\w*|commercial|sexual|exploitation|a|\d)\W+){0,8}(?:traffick\w*"
    r"|exploitation|servitude)\W+"
    r"(?:[a-z0-9]+\W+){0,6}(?:under|as defined|as provided|pursuant|in violation|section|\()"
)
_DEFINED = re.compile(
    r"\"?(?:human trafficking|sex trafficking|commercial sexual exploitation)\"?"
    r" (?:means|shall mean|has the (?:same )?meaning)"
    r"|(?:definition|defined in|the term) .{0,60}traffick.{0,60}(?:means|has the meaning)"
)


# An anchor that is part of the name of another law, or of a list kept under one.
_CITATION = re.compile(
    r"(?:traffick\w*(?: and violence)?(?: victims?)?|forced labou?r|victims of traffick\w*)(?: \w+){0,4}"
    r" (?:re)?(?:authori[sz]ation |amendment )?act\b"
    r"|traffick\w* victims (?:prevention and )?protection|entity list|entitled .{0,40}an act to .{0,120}"
    r"|forced labor enforcement task force"
)


@dataclass(frozen=True, slots=True)
class Signals:
    """Passages of a reading with what was found in each."""

    reading: Reading
    passages: tuple[Passage, ...]
    hits: tuple[dict[str, cues.Level], ...]
    states: np.ndarray
    """Types x places, the strongest cue (0 to 3)."""
    counts: np.ndarray
    """Types: in how many passages a bound cue stands."""
    areas: np.ndarray
    """Areas x (title, digest, operative text): in how many passages on the subject words of the area stand."""


def place(passage: Passage, core: bool) -> int:
    """Index into :data:`PLACES`."""
    if passage.field == "title":
        return 0
    if passage.field == "abstract" or passage.role in ("digest", "front"):
        return 1
    if passage.role in ("findings", "recital", "short_title"):
        return 5
    if passage.anchored:
        return 2
    return 3 if core else 4


def is_core(reading: Reading) -> bool:
    """True if the title or the summary names the subject."""
    return bool(
        reading.anchors["title"] or reading.anchors["abstract"] or _SUBJECT_TITLE.search(reading.words["title"])
    )


def gather(reading: Reading) -> Signals:
    """Cut a reading into passages and look for every type's cues in each."""
    types = _types()
    cut = tuple(passages(reading)) if reading.near else ()
    found = tuple(cues.hits(passage.words) for passage in cut)
    states = np.zeros((len(types), len(PLACES)), dtype=np.int8)
    counts = np.zeros(len(types))
    areas = np.zeros((len(codebook.AREAS), 3))
    core = is_core(reading)
    subject = [_on_subject(passage.words) for passage in cut]
    for number, (passage, hit) in enumerate(zip(cut, found, strict=True)):
        if not hit and not subject[number]:
            continue
        where = place(passage, core)
        beside = any(
            0 <= other < len(cut) and subject[other] and cut[other].field == passage.field
            for other in (number - 1, number + 1)
        )
        bound = subject[number] or (where == 0 and core) or (where in (1, 2) and beside)
        if where <= AREA_PLACES[-1] and (subject[number] or where == 0):
            for area in cues.areas(passage.words):
                areas[codebook.AREAS.index(area), where] += 1
        for key, level in hit.items():
            row = types[key]
            state = HINT if level == cues.HINT else BOUND if bound else SURE
            states[row, where] = max(states[row, where], state)
            counts[row] += state == BOUND
    if (states[:, 0] == BOUND).any():
        states[:, 6], states[:, 2] = states[:, 2], 0
    return Signals(reading, cut, found, states, counts, areas)


@lru_cache(cues.KEPT_PASSAGES)
def _on_subject(words: str) -> bool:
    return _SUBJECT.search(words) is not None


def _types() -> dict[str, int]:
    return {key: number for number, key in enumerate(codebook.load().provisions)}


# ---------------------------------------------------------------------------------------------------------------------
# How the anchors are used: facts for relevance

_TITLE_PATTERNS = {
    "slavery": r"slavery|involuntary servitude",
    "buyer": r"(?:patron|solicit|buy|purchas|pay).{0,60}(?:prostitut|sex|commercial)|prostitut.{0,40}patron",
    "prostitution": r"prostitut|sex work|commercial sexual|sexually exploited|safe harbor shelter",
    "other": r"drug|narcotic|fentanyl|controlled|firearm|weapon|gun\b|wildlife|bird|marijuana|cannabis"
    r"|abortion|stolen|counterfeit"
    r"|gender|sexual orientation|doll",
    "bare": r"traffick",
    "recruiter": r"foreign labor|domestic worker|h 2[ab]\b",
    "labor": r"\b[ut] visas?|forced labor|uyghur|supply chain|loiter",
}
_TITLE_RULES = {name: re.compile(pattern) for name, pattern in _TITLE_PATTERNS.items()}
_FUNDING = ("support for victims of human trafficking", "safe harbor shelter", "safe harbor for sexually")
_FUNDING_HOUSING = re.compile(r"shelter and housing .{0,30}exploited")
_WHEREAS = re.compile(r"\bwhereas\b")


def usage(signals: Signals) -> dict[str, float]:
    """Facts about how a measure uses its anchors, by name. All are numbers of a size near one."""
    reading = signals.reading
    words = reading.words
    title, text = words["title"], words["text"][:12_000]
    in_title, in_abstract = bool(reading.anchors["title"]), bool(reading.anchors["abstract"])
    number = len(reading.anchors["text"])
    no_text = len(reading.cleaned.text) < 80
    hard = [p for p in signals.passages if p.anchored and p.field == "text" and _HARD.search(p.words)]
    uses = [_use(p.words) for p in hard]
    lists = [use.crimes for use in uses]
    references = [use.references for use in uses]
    verbs = [use.verbs for use in uses]
    pointers = [use.points_elsewhere for use in uses]
    plain = [
        verb > 0 and listed < 2 and not pointer and p.role not in ("findings", "recital", "front")
        for verb, listed, pointer, p in zip(verbs, lists, pointers, hard, strict=True)
    ]
    naming = [
        _HARD.search(p.words) is not None and not pointer and listed < 3
        for p, pointer, listed in zip(hard, pointers, lists, strict=True)
    ]
    digest = any(p.role == "digest" and p.anchored and _HARD.search(p.words) for p in signals.passages)
    summary = [p for p in signals.passages if p.field == "abstract" and p.anchored]
    existing = any(_EXISTING.search(p.words) for p in summary)
    changed = any(_OPERATIVE.search(p.words) and not _EXISTING.search(p.words) for p in summary)
    rules = {name: bool(rule.search(title)) for name, rule in _TITLE_RULES.items()}
    named = in_title or in_abstract
    whole = words["text"]
    cited = [_in_citation(whole, anchor.start, anchor.end) for anchor in reading.anchors["text"][:40]]
    whereas = "whereas" in text[:2500] and bool(_WHEREAS.search(text[:2500]))
    resolved = any(p.anchored and p.role == "operative" for p in signals.passages)
    bound = (signals.states == BOUND).sum(0)
    bound[2] += bound[6]
    traffick = text.count("traffick")
    place_ = reading.jurisdiction or ""
    count = len(hard) or 1
    values: dict[str, float] = {
        "title anchor": in_title,
        "abstract anchor": in_abstract,
        "text anchors": math.log1p(number),
        "no text": no_text,
        "nothing named": no_text and not named,
        "title only named": in_title and no_text,
        "funding rule": _funds(text) or _funds(title),
        "shortest list": min(min(lists), 6) if lists else -1,
        "mean list": min(sum(lists) / count, 6) if lists else -1,
        "no hard passage": not hard,
        "some passage without list": bool(lists) and min(lists) == 0,
        "named early": bool(_HARD.search(text[:1500])),
        "whereas": whereas,
        "only recitals": whereas and not resolved,
        "digest names it": digest,
        "digest alone names it": digest and not in_title,
        "existing law only": existing and not changed,
        "summary changes": changed,
        "most verbs": min(max(verbs), 5) if verbs else -1,
        "fewest references": min(min(references), 4) if references else -1,
        "plain passages": min(sum(plain), 5),
        "any plain passage": any(plain),
        "naming passages": math.log1p(sum(naming)),
        "pointer share": sum(pointers) / count,
        "all pointers": bool(hard) and all(pointers),
        "citation share": sum(cited) / (len(cited) or 1),
        "only citations": bool(cited) and all(cited) and not named and not digest,
        "findings share": sum(p.role in ("findings", "recital") for p in hard) / count,
        "traffick": math.log1p(traffick),
        "traffick without anchor": math.log1p(max(0, traffick - number)),
        "other subjects": min(_others(text) / (len(text) / 1000 + 1), 5),
        "first anchor": reading.anchors["text"][0].start / (len(text) + 1) if number else -1,
        "single anchor": number == 1 and not named and not digest,
        "anchors in text only": number > 0 and not named and not digest,
        "federal": place_ == "us",
        "local": place_.count("-") >= 2 or place_ == "us-local",
        "density": min(3.0, 1000 * number / (len(text) + 300)),
        "near": reading.near,
        "title cues": math.log1p(bound[0]),
        "digest cues": math.log1p(bound[1]),
        "operative cues": math.log1p(bound[2]),
        "title cues, named": bool(bound[0]) and in_title,
        "digest cues, named": bool(bound[1]) and (digest or in_abstract),
        "operative cues, named": bool(bound[2]) and number > 0,
    }
    for name, hit in rules.items():
        values[f"title {name}"] = hit
    for area, row in zip(codebook.AREAS, signals.areas, strict=True):
        for where in AREA_PLACES:
            values[f"area {area}, {PLACES[where]}"] = math.log1p(row[where])
    values["title slavery, law"] = rules["slavery"] and bool(
        re.search("constitution|exception|punish|new york|prohibit", title)
    )
    values["title buyer, no text"] = rules["buyer"] and no_text
    values["title prostitution, no text"] = rules["prostitution"] and no_text
    values["title other, unnamed"] = rules["other"] and not in_title
    values["title bare, unnamed"] = rules["bare"] and not named
    return {name: float(value) for name, value in values.items()}


@dataclass(frozen=True, slots=True)
class _Use:
    """How a passage uses the anchor that stands in it."""

    crimes: int
    """Different crimes that it lists."""
    references: int
    verbs: int
    points_elsewhere: bool


@lru_cache(cues.KEPT_PASSAGES)
def _use(words: str) -> _Use:
    return _Use(
        len(set(_CRIMES.findall(words))),
        len(_REFERENCE.findall(words)),
        len(_OPERATIVE.findall(words)),
        _ITEM.match(words) is not None
        or "entity list" in words
        or ("mean" in words and _DEFINED.search(words) is not None),
    )


def _funds(words: str) -> bool:
    return any(phrase in words for phrase in _FUNDING) or _FUNDING_HOUSING.search(words) is not None


def _others(text: str) -> int:
    """How often words of other subjects stand there, those that overlap counted once.

    One search for each word takes a fraction of the time of an expression for all.
    """
    spans = []
    for word in _OTHER:
        at = text.find(word)
        while at >= 0:
            spans.append((at, at + len(word)))
            at = text.find(word, at + len(word))
    count = last = 0
    for start, end in sorted(spans):
        if start >= last:
            count, last = count + 1, end
    return count


def _in_citation(words: str, start: int, end: int) -> bool:
    around = _CITATION.finditer(words, max(0, start - 180), end + 120)
    return any(found.start() <= start and found.end() >= end for found in around)


@cache
def usage_names() -> tuple[str, ...]:
    """Names of the facts of :func:`usage`, in the order that the model keeps."""
    return tuple(sorted(usage(gather(read("")))))


def usage_row(signals: Signals) -> np.ndarray:
    """The facts of :func:`usage` in the order of :func:`usage_names`."""
    values = usage(signals)
    return np.array([values[name] for name in usage_names()])
