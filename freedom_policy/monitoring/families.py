"""Reforms: families of measures that try the same change, found by stated relations and by likeness of title and text.

Neighbours come from sparse TF-IDF (scikit-learn); each pair is then aligned word by word (rapidfuzz), so that a link carries a
score that a person can check, and its proof. Links below ``SURE`` wait for a person.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from typing import TYPE_CHECKING, Literal

from rapidfuzz import fuzz

from ..places import canonical_identifier, canonical_session
from ..records import Family, FamilyLink, Measure, Record, Stage, Status
from .kinds import origin_from_number
from .stages import RANK

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LinkKind = Literal["companion", "prior-session", "same-session", "same-text", "replaces", "related"]
"""``same-session``: another of the same chamber. ``same-text``: in another place. ``related``: a source says so, no more."""

SURE = 0.93
"""At or above this a link joins a family without a person; below it waits for review."""
REVIEW = 0.80
"""Below this a pair is not worth a person's time."""

_WORDS = 2500
"""Characters of text (or abstract) that are compared; the operative beginning tells measures apart."""
_MIN_WORDS = 60
"""Texts shorter than this, in characters, say too little; then titles alone are compared."""
_SAME_TITLE = 0.98
_SAME_TEXT = 0.995
_WORKED_OVER = 0.7
"""Least likeness of texts under one rare title."""
_TOP_TERMS = 24
"""Rarest terms of each measure that may find neighbours."""
_OWN_TITLE = 25
"""Shorter titles, in characters, say too little to be any measure's own."""
_NEIGHBOURS = 12
_MIN_COSINE = 0.45
_CHUNK = 2000
_NAME = re.compile(
    r"\b(?:an?\s+)?(?:act|bill|joint\s+resolution|concurrent\s+resolution|resolution|local\s+law|ordinance)\s+(?=to\b|for\b)"
)
_OF_YEAR = re.compile(r"\b(?:act|law) of (?:19|20)\d\d\b")
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_TAG = re.compile(r"<[^>]{0,200}>")


class PlaceStanding(Record):
    """How far a reform has come in one place: its furthest member there."""

    jurisdiction: str
    key: str
    stage: Stage
    date: dt.date | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is compared of a measure; made by :func:`candidate`."""

    key: str
    jurisdiction: str
    session: str
    title: str
    chamber: str | None = None
    titles: tuple[str, ...] = ()
    """All titles, normalised, the first one the main title's."""
    words: str = ""
    """Beginning of the text or abstract, normalised."""
    since: dt.date | None = None
    related: tuple[tuple[str, str, str], ...] = field(default=())
    """(relation, key of the other, who states it)."""


def candidate(measure: Measure) -> Candidate:
    """What families need of a measure, without keeping its whole text in memory."""
    text = next((version.text for version in measure.versions if version.text), None)
    if not text and measure.abstracts:
        text = measure.abstracts[0].abstract
    titles = tuple(dict.fromkeys(filter(None, map(_title, (measure.title, *measure.other_titles)))))
    words = _plain(text[: 2 * _WORDS]) if text else ""
    for title in titles[:3]:
        words = words.removeprefix(title).strip()
    dates = [action.date for action in measure.actions if action.date]
    related = []
    for other in measure.related:
        place = other.jurisdiction or measure.jurisdiction
        key = f"{place}/{canonical_session(place, other.session)}/{canonical_identifier(place, other.identifier)}"
        related.append((other.relation_type, key, other.stated_by or measure.source.name))
    return Candidate(
        key=measure.key,
        jurisdiction=measure.jurisdiction,
        session=measure.session,
        title=measure.title,
        chamber=origin_from_number(measure.identifier),
        titles=titles,
        words=words[:_WORDS],
        since=measure.introduced or min(dates, default=None),
        related=tuple(related),
    )


def find_links(candidates: Sequence[Candidate], *, minimum: float = REVIEW) -> list[FamilyLink]:
    """All links among measures: those that sources state, and those that title and text show.

    Args:
        candidates: the measures, in any order; keys must be unique.
        minimum: least score of a link found by likeness; stated ones are always given.

    Returns:
        list of links, each pair once, the surest first.
    """
    links = {frozenset((link.first, link.second)): link for link in _stated(candidates)}
    bearers = _bearers(candidates)
    for one, other in _pairs(candidates, bearers):
        link = compare(one, other, own_title=_is_own(one, bearers) and _is_own(other, bearers))
        pair = frozenset((one.key, other.key))
        if link is not None and link.score >= minimum and (pair not in links or links[pair].kind == "related"):
            links[pair] = link
    return sorted(links.values(), key=lambda link: (-link.score, link.first, link.second))


def compare(one: Candidate, other: Candidate, *, own_title: bool = False) -> FamilyLink | None:
    """The link that two measures' own words show, with its score; None if they have nothing to compare.

    ``own_title``: no other measure of their chambers and sessions bears the title, so that an equal one, when it comes back in
    another session or place, says that the same reform is tried again though the text was worked over.
    """
    if not one.titles or not other.titles:
        return None
    first, second = sorted((one, other), key=_age)
    title = max(fuzz.ratio(a, b) for a in first.titles[:6] for b in second.titles[:6]) / 100
    kind = _kind(first, second)
    if len(first.words) >= _MIN_WORDS and len(second.words) >= _MIN_WORDS:
        text = fuzz.ratio(first.words, second.words) / 100
        proof = f"texts {text:.0%} alike, titles {title:.0%}"
        # An equal title alone does not make two different texts one reform; an equal text with a new title does. Nearly equal
        # texts under nearly equal titles are often the same form filled in twice (two business districts, two street names).
        score = text if text >= title else 0.75 * text + 0.25 * title
        sure = title >= _SAME_TITLE or text >= _SAME_TEXT
        if own_title and title >= _SAME_TITLE and text >= _WORKED_OVER and kind in ("prior-session", "same-text"):
            score, sure = max(score, SURE), True
            proof += ", which no other measure bears"
    else:
        # Titles tell less than texts: in two states the same one often stands over different laws.
        score = title
        proof = f"titles {title:.0%} alike"
        sure = title > 0.995 and own_title and kind in ("companion", "prior-session")
    if kind == "same-session" or not sure:
        score = min(score, SURE - 0.01)
    score = round(max(0.0, min(1.0, score)), 3)
    return FamilyLink(first=first.key, second=second.key, kind=kind, score=score, proof=proof)


def is_sure(link: FamilyLink) -> bool:
    """True if a link joins its measures: a person confirmed it, or it is strong and nobody rejected it."""
    if link.review is not None:
        return link.review == "confirmed"
    return link.score >= SURE and link.kind != "related"


def reforms(candidates: Sequence[Candidate], links: Iterable[FamilyLink]) -> list[Family]:
    """The families that the sure links make. A measure that no sure link ties is in none.

    A family's key is its oldest member's, so that it does not move when others join; its name is its newest member's title.

    Args:
        candidates: the measures.
        links: from :func:`find_links`, with what people decided on them in ``review``.
    """
    by_key = {item.key: item for item in candidates}
    parent = {key: key for key in by_key}

    def root(key: str) -> str:
        while parent[key] != key:
            parent[key] = parent[parent[key]]
            key = parent[key]
        return key

    for link in links:
        if is_sure(link) and link.first in by_key and link.second in by_key:
            parent[root(link.second)] = root(link.first)
    groups: dict[str, list[Candidate]] = defaultdict(list)
    for item in candidates:
        groups[root(item.key)].append(item)
    found = []
    for members in groups.values():
        if len(members) > 1:
            members.sort(key=_age)
            found.append(
                Family(key=members[0].key, name=members[-1].title, members=tuple(item.key for item in members))
            )
    return found


def standings(reform: Family, statuses: Mapping[str, Status]) -> list[PlaceStanding]:
    """How far a reform has come in each place: the furthest member's stage, the living before the dead."""
    best: dict[str, tuple[tuple[int, int, dt.date], PlaceStanding]] = {}
    for key in reform.members:
        status = statuses.get(key)
        if status is None:
            continue
        place = key.split("/", 1)[0]
        rank = RANK.get(status.stage, -1)
        order = (1 if rank >= 0 else 0, rank, status.stage_date or dt.date.min)
        if place not in best or order > best[place][0]:
            best[place] = order, PlaceStanding(jurisdiction=place, key=key, stage=status.stage, date=status.stage_date)
    return [standing for _, standing in sorted(best.values(), key=lambda pair: pair[1].jurisdiction)]


# -- inside ----------------------------------------------------------------------------------------------------------------


def _age(item: Candidate) -> tuple[dt.date, str]:
    return item.since or dt.date.max, item.key


def _plain(text: str) -> str:
    return _NOT_WORD.sub(" ", _TAG.sub(" ", text).lower()).strip()


def _title(title: str) -> str:
    """A title without what says nothing: "A bill to", "of 2021", punctuation."""
    return _OF_YEAR.sub("act", _NAME.sub("", _plain(title), count=1)).strip()


def _kind(first: Candidate, second: Candidate) -> LinkKind:
    if first.jurisdiction != second.jurisdiction:
        return "same-text"
    if first.session != second.session:
        return "prior-session"
    if first.chamber and second.chamber and first.chamber != second.chamber:
        return "companion"
    return "same-session"


def _stated(candidates: Sequence[Candidate]) -> Iterator[FamilyLink]:
    by_key = {item.key: item for item in candidates}
    for item in candidates:
        for relation, key, who in item.related:
            other = by_key.get(key)
            if other is None or other.key == item.key:
                continue
            first, second = sorted((item, other), key=_age)
            kinds: Mapping[str, LinkKind] = {"replaced-by": "replaces", "replaces": "replaces", "related": "related"}
            kind = kinds.get(relation) or _kind(first, second)
            score = 0.5 if kind == "related" else 1.0
            yield FamilyLink(
                first=first.key, second=second.key, kind=kind, score=score, proof=f"{who} states: {relation}"
            )


_Bearers = Mapping[tuple[str, str, str | None, str], list[int]]


def _bearers(candidates: Sequence[Candidate]) -> _Bearers:
    """Which measures of a place, session and chamber bear a title."""
    found: dict[tuple[str, str, str | None, str], list[int]] = defaultdict(list)
    for index, item in enumerate(candidates):
        for title in item.titles[:3]:
            found[item.jurisdiction, item.session, item.chamber, title].append(index)
    return found


def _is_own(item: Candidate, bearers: _Bearers) -> bool:
    """True if each long title of the measure is its alone in its session and chamber."""
    titles = [title for title in item.titles[:3] if len(title) >= _OWN_TITLE]
    return bool(titles) and all(
        len(bearers[item.jurisdiction, item.session, item.chamber, title]) == 1 for title in titles
    )


def _pairs(candidates: Sequence[Candidate], bearers: _Bearers) -> Iterator[tuple[Candidate, Candidate]]:
    """Pairs worth comparing, each once: neighbours by rare terms, and bearers of one title that is rare within each session."""
    same: dict[str, list[int]] = defaultdict(list)
    for (_, _, _, title), indexes in bearers.items():
        if len(indexes) == 1 and len(title) >= _OWN_TITLE:
            same[title] += indexes
    seen: set[int] = set()
    size = len(candidates)
    titled = (pair for group in same.values() if len(group) <= _NEIGHBOURS for pair in combinations(group, 2))
    for one, other in chain(titled, _neighbours(candidates)):
        low, high = sorted((one, other))
        if low * size + high not in seen:
            seen.add(low * size + high)
            yield candidates[low], candidates[high]


def _neighbours(candidates: Sequence[Candidate]) -> Iterator[tuple[int, int]]:
    """Pairs that share enough rare terms. Sparse throughout: memory grows with the measures, not with their pairs."""
    import numpy as np

    if len(candidates) < 2:
        return
    matrix = _rare_terms(candidates)
    turned = matrix.T.tocsr()
    for start in range(0, matrix.shape[0], _CHUNK):
        block = (matrix[start : start + _CHUNK] @ turned).tocsr()
        for row in range(block.shape[0]):
            low, high = block.indptr[row], block.indptr[row + 1]
            columns, scores = block.indices[low:high], block.data[low:high]
            near = (scores >= _MIN_COSINE) & (columns != start + row)
            columns, scores = columns[near], scores[near]
            if len(columns) > _NEIGHBOURS:
                columns = columns[np.argpartition(-scores, _NEIGHBOURS)[:_NEIGHBOURS]]
            yield from ((start + row, column) for column in columns.tolist())


def _rare_terms(candidates: Sequence[Candidate]) -> csr_matrix:
    """Unit TF-IDF rows over words and word pairs of titles and beginnings, only each measure's rarest terms."""
    import numpy as np
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
    from sklearn.preprocessing import normalize

    hashing = HashingVectorizer(
        n_features=2**21, ngram_range=(1, 2), alternate_sign=False, norm=None, binary=True, dtype=np.float32
    )
    counts = hashing.transform(" ".join((*item.titles[:3], item.words[:900])) for item in candidates).tocsr()
    frequency = np.bincount(counts.indices, minlength=counts.shape[1])
    ceiling = max(500, int(0.01 * len(candidates)))
    keep = (frequency > 1) & (frequency <= ceiling)
    counts.data[~keep[counts.indices]] = 0
    counts.eliminate_zeros()
    weights = normalize(TfidfTransformer(norm=None).fit_transform(counts)).tocsr()
    indptr, indices, data = [0], [], []
    for row in range(weights.shape[0]):
        low, high = weights.indptr[row], weights.indptr[row + 1]
        chosen = np.arange(low, high)
        if high - low > _TOP_TERMS:
            chosen = low + np.argpartition(-weights.data[low:high], _TOP_TERMS)[:_TOP_TERMS]
        indices.append(weights.indices[chosen])
        data.append(weights.data[chosen])
        indptr.append(indptr[-1] + len(chosen))
    pruned = csr_matrix((np.concatenate(data), np.concatenate(indices), indptr), shape=weights.shape)
    return normalize(pruned)
