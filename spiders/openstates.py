"""Open States API v3: bills of all states, DC and Puerto Rico, changed ones first to last, within the key's daily limit.

2026-11: written against the published server source and replayed scraper output; not yet run live.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapy.http import Request, Response

from freedom_policy import places
from freedom_policy.records import (
    Abstract,
    Action,
    Chamber,
    Citation,
    Committee,
    Document,
    Found,
    Kind,
    Measure,
    Rejected,
    RelatedMeasure,
    Remember,
    Source,
    Sponsor,
    TextVersion,
    Unchanged,
    oldest_first,
    unique,
)
from freedom_policy.text import extract

from .base import MeasureSpider, Yielded
from .failures import BadReply, Blocked, ComeBackLater, Gone, ReadError, Stop
from .subject import touches_subject

_CHAMBERS = ("upper", "lower", "legislature", "joint", "committee", "executive")
_KINDS: dict[str, Kind] = {
    "constitutional amendment": "constitutional amendment",
    "joint resolution": "joint resolution",
    "concurrent resolution": "concurrent resolution",
    "resolution": "resolution",
    "memorial": "resolution",
    "joint memorial": "resolution",
    "commemoration": "resolution",
    "ordinance": "ordinance",
    "bill": "bill",
    "proposed bill": "bill",
}
_FEDERAL_KINDS: dict[str, Kind] = {"JRES": "joint resolution", "CONRES": "concurrent resolution", "RES": "resolution"}
_CITATIONS = {"chapter": "chapter", "proposed": "proposed", "final": "law"}
_RELATIONS = ("companion", "prior-session", "replaced-by", "replaces", "related")
_BEST_TEXT = ("xml", "html", "plain", "wordprocessingml", "msword", "rtf", "pdf")
_EASTERN = ZoneInfo("America/New_York")


def measure_of(raw: Mapping[str, Any], source: Source) -> Measure:
    """A measure from Open States' JSON: what the scrapers write, what bulk files hold, or what API v3 answers.

    Raises:
        KeyError, ValueError, BadInput: it is not a bill of a place that we know.
    """
    where = raw["jurisdiction"]
    place = place_of(where if isinstance(where, str) else where["id"])
    session = session_of(place, raw.get("legislative_session") or raw["session"])
    zone = ZoneInfo(places.jurisdiction(place).time_zone)
    actions = _actions(raw.get("actions") or [], zone)
    identifier = places.canonical_identifier(place, raw["identifier"])
    begun = [action.date for action in actions if action.date and "introduction" in action.classification] or [
        action.date for action in actions if action.date and {"filing", "reading-1"} & set(action.classification)
    ]
    links = [row["url"] for row in raw.get("sources") or [] if row.get("url", "").startswith("http")]
    return Measure(
        jurisdiction=place,
        session=session,
        identifier=identifier,
        kind=_kind(place, identifier, raw.get("classification") or ()),
        title=raw.get("title") or "",
        source=source,
        other_titles=tuple(dict.fromkeys(row["title"] for row in raw.get("other_titles") or [] if row.get("title"))),
        abstracts=tuple(
            Abstract(abstract=row["abstract"], note=row.get("note") or "")
            for row in raw.get("abstracts") or []
            if row.get("abstract")
        ),
        subjects=tuple(dict.fromkeys(raw.get("subject") or [])),
        sponsors=unique(
            _sponsor(row) for row in raw.get("sponsorships") or raw.get("sponsors") or [] if row.get("name")
        ),
        committees=unique(_committees(raw.get("actions") or [])),
        actions=actions,
        versions=tuple(_version(row) for row in raw.get("versions") or []),
        documents=unique(doc for row in raw.get("documents") or [] for doc in _documents(row)),
        related=unique(_related(place, row) for row in raw.get("related_bills") or [] if row.get("identifier")),
        citations=unique(
            Citation(kind=_CITATIONS.get(row.get("citation_type") or "", "other"), citation=_citation(row))  # type: ignore[arg-type]
            for row in raw.get("citations") or []
            if row.get("citation")
        ),
        introduced=min(begun, default=None),
        url=next((link for link in links if "html" in link or "aspx" in link), None)
        or raw.get("openstates_url")
        or next(iter(links), None),
    )


def key_of(raw: Mapping[str, Any]) -> str:
    """The key that :func:`measure_of` would give, without making the measure.

    Raises:
        KeyError, BadInput: as there.
    """
    where = raw["jurisdiction"]
    place = place_of(where if isinstance(where, str) else where["id"])
    session = session_of(place, raw.get("legislative_session") or raw["session"])
    return f"{place}/{session}/{places.canonical_identifier(place, raw['identifier'])}"


def _citation(row: Mapping[str, Any]) -> str:
    """``Public Law 119-26``, as GovInfo has it, where the scraper says "US Public Law" and ``119-26`` apart."""
    said, publication = row["citation"], row.get("publication") or ""
    return (
        f"{publication.removeprefix('US ')} {said}" if publication.startswith("US P") and said[:1].isdigit() else said
    )


def _kind(place: str, identifier: str, words: Sequence[str]) -> Kind | None:
    # The scraper of Congress calls every resolution just that; its number says which.
    if place == "us":
        for letters, kind in _FEDERAL_KINDS.items():
            if letters in identifier:
                return kind
    return next((kind for word, kind in _KINDS.items() if word in words), None)


@lru_cache(maxsize=1024)
def place_of(ocd_id: str) -> str:
    """Our key of a place from its OCD id.

    Raises:
        BadInput: no such place.
    """
    return places.jurisdiction(ocd_id).key


@lru_cache(maxsize=4096)
def session_of(place: str, session: str) -> str:
    """The canonical session, remembered: a state's bills bear a handful of sessions."""
    return places.canonical_session(place, session)


def _actions(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> tuple[Action, ...]:
    moments = [row["date"] for row in rows if row.get("date")]
    pairs = list(pairwise(moments))
    falling, rising = sum(b < a for a, b in pairs), sum(b > a for a, b in pairs)
    if falling == rising and rows:  # one day: an introduction at the end shows that the list runs newest first
        first, last = (
            {"introduction", "filing", "reading-1"} & set(rows[n].get("classification") or []) for n in (0, -1)
        )
        falling += bool(last and not first)
    ordered = list(reversed(rows)) if falling > rising else list(rows)
    return oldest_first([_action(row, zone) for row in ordered])


def _action(row: Mapping[str, Any], zone: ZoneInfo) -> Action:
    day, time = moment(row.get("date") or "", zone)
    chamber, body = _organization(row)
    return Action(
        date=day,
        time=time,
        description=row.get("description") or "",
        chamber=chamber,
        body=body,
        classification=tuple(row.get("classification") or ()),
    )


@lru_cache(maxsize=65536)
def moment(text: str, zone: ZoneInfo) -> tuple[dt.date | None, dt.time | None]:
    """Local day and time of an Open States date.

    Dates come as a day, or as a UTC instant. An instant that is midnight in the place, in Washington (some scrapers run
    on Eastern time whatever their state) or in UTC is a day without a time.

    Raises:
        ValueError: neither.
    """
    if len(text) <= 10:
        # Partial dates ("2026", "2026-01") are allowed by the schema; they tell no day.
        return (dt.date.fromisoformat(text) if len(text) == 10 else None), None
    instant = dt.datetime.fromisoformat(text)
    if instant.tzinfo is None:
        return instant.date(), instant.time().replace(microsecond=0) if instant.time() != dt.time.min else None
    for possible in (zone, _EASTERN, dt.UTC):
        local = instant.astimezone(possible)
        if local.time() == dt.time.min:
            return local.date(), None
    local = instant.astimezone(zone)
    return local.date(), local.time().replace(microsecond=0)


def _organization(row: Mapping[str, Any]) -> tuple[Chamber | None, str | None]:
    given = row.get("organization") or row.get("organization_id")
    said = _pseudo_id(given) if isinstance(given, str) else given or {}
    kind, name = said.get("classification"), said.get("name")
    if kind is None and name:
        kind = "committee"
    chamber = kind if kind in _CHAMBERS else None
    return chamber, name if chamber in (None, "committee") else None


@lru_cache(maxsize=4096)
def _pseudo_id(text: str) -> Mapping[str, Any]:
    """What a scraper's pseudo id says: ``~{"classification": "lower"}``. A real id says nothing."""
    return json.loads(text[1:]) if text.startswith("~{") else {}


def _sponsor(row: Mapping[str, Any]) -> Sponsor:
    return Sponsor(
        name=row["name"],
        classification="primary" if row.get("primary") or row.get("classification") == "primary" else "cosponsor",
        entity_type="organization" if row.get("entity_type") == "organization" else "person",
    )


def _committees(rows: Sequence[Mapping[str, Any]]) -> list[Committee]:
    return [
        Committee(name=entity["name"], chamber=_organization(row)[0])
        for row in rows
        for entity in row.get("related_entities") or []
        if entity.get("entity_type") == "organization" and entity.get("name")
    ]


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text[:10]) if text and len(text) >= 10 else None


def _version(row: Mapping[str, Any]) -> TextVersion:
    def rank(link: Mapping[str, Any]) -> int:
        kind = link.get("media_type") or ""
        return next((n for n, word in enumerate(_BEST_TEXT) if word in kind), len(_BEST_TEXT))

    # The same words in several formats: the one that shows structure and marks best.
    link: Mapping[str, Any] = min((link for link in row.get("links") or [] if link.get("url")), key=rank, default={})
    return TextVersion(
        note=row.get("note") or "",
        date=_day(row.get("date")),
        url=link.get("url"),
        media_type=link.get("media_type") or None,
    )


# What stands among a bill's versions in some states and is none: amendments alone, comparisons, reports.
_ASIDE = re.compile(r"amendment|comparison|excerpt|report|analysis|fiscal|summary|digest|veto", re.IGNORECASE)
_STEPS = (
    re.compile(r"introduc|filed|original|^bill$|first print", re.IGNORECASE),
    re.compile(r"substitut|committee|amended|reprint|reported", re.IGNORECASE),
    re.compile(r"engross|passed", re.IGNORECASE),
    re.compile(r"enrol|chapter|\bact\b|session law|signed|final|passed legislature|became law", re.IGNORECASE),
)


def latest_text(versions: Sequence[TextVersion]) -> int | None:
    """Which version has the words as they stand now; None if none has an address.

    Some states list the newest first, some last, and few give dates: dates decide, then how far a version's name says that
    the bill had come, then the direction that the names of the list show.
    """
    usable = [n for n, version in enumerate(versions) if version.url and not _ASIDE.search(version.note)]
    usable = usable or [n for n, version in enumerate(versions) if version.url]
    if not usable:
        return None
    days = [version.date for n in usable if (version := versions[n]).date]
    if len(days) == len(usable):
        return max(usable, key=lambda n: (versions[n].date or dt.date.min, n))
    steps = {n: max((k for k, step in enumerate(_STEPS) if step.search(versions[n].note)), default=0) for n in usable}
    newest_first = steps[usable[0]] > steps[usable[-1]]
    return max(usable, key=lambda n: (steps[n], -n if newest_first else n))


def _documents(row: Mapping[str, Any]) -> list[Document]:
    return [
        Document(
            note=row.get("note") or "",
            date=_day(row.get("date")),
            url=link.get("url"),
            media_type=link.get("media_type") or None,
        )
        for link in row.get("links") or [{}]
    ]


def _related(place: str, row: Mapping[str, Any]) -> RelatedMeasure:
    kind = row.get("relation_type") or "related"
    return RelatedMeasure(
        relation_type=kind if kind in _RELATIONS else "related",  # type: ignore[arg-type]
        session=session_of(place, row.get("legislative_session") or ""),
        identifier=places.canonical_identifier(place, row["identifier"]),
        stated_by="openstates",
    )


# ---------------------------------------------------------------------------------------------------------------------

_INCLUDE = (
    "sponsorships",
    "abstracts",
    "other_titles",
    "actions",
    "sources",
    "documents",
    "versions",
    "related_bills",
)
_PAGE = 20
"""The most that the service gives at once."""
_NEWEST = "updated/"
_BILL = "bill/"
_SILENCES = 2
"""Texts in vain after which a site is left alone for this run."""
_BUDGET = "requests/"


class _Row(NamedTuple):
    """A bill as the service gives it."""

    raw: Mapping[str, Any]

    @property
    def key(self) -> str:
        """How it is called in a problem."""
        return f"{self.raw.get('session')} {self.raw.get('identifier')}"


def _state_of(row: Mapping[str, Any]) -> str:
    return f"{row['id']} {row['updated_at']}"


class OpenStatesSpider(MeasureSpider):
    """Bills of a place (its sessions of now, or the one named), or of all places for a query.

    What changed is asked for by ``updated_since``, oldest change first, so that a crawl that ends at the daily limit goes
    on from there. Texts lie on each legislature's own site; the last one is fetched for what a query found and for what
    speaks of the subject in its title, abstract or subjects, not for all.
    """

    name = "openstates"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = 0
        self._last: str | None = None
        self._silent: Counter[str] = Counter()

    def authorize(self, request: Request) -> Request:
        """The key goes to the API alone, not to the sites that texts lie on."""
        if self.options.key and urlsplit(request.url).netloc == urlsplit(self.base_url).netloc:
            request.headers["X-API-KEY"] = self.options.key
            request.meta["dont_redirect"] = True  # to no other host with the key
        return request

    def explain(self, response: Response, clean: str) -> Exception | None:
        """A refused key, in words."""
        if response.status in (401, 403) and urlsplit(clean).netloc == urlsplit(self.base_url).netloc:
            what = f"Open States refuses the key (HTTP {response.status})."
            return Blocked(
                what, mend=f"Check {self.info.key_variable}. {self.info.key_where}", url=clean.partition("?")[0]
            )
        return None

    async def collect(self) -> AsyncIterator[Yielded]:
        """All sessions in question, or the query's hits."""
        if self.options.query or self.options.since:
            async for message in self._changed(
                self.options.session, None, seen=set(), rows=set(), query=self.options.query
            ):
                yield message
            return
        for session in [self.options.session] if self.options.session else await self._sessions_of_now():
            async for message in self._session(session):
                yield message

    async def _sessions_of_now(self) -> list[str]:
        """Sessions that run, or ended in the last 60 days (late signatures), or start soon; else the latest."""
        place = await self._ask_api(
            f"jurisdictions/{places.jurisdiction(self.jurisdiction or '').ocd_id}", include=["legislative_sessions"]
        )
        sessions = [row["identifier"] for row in place.get("legislative_sessions") or []]
        dated = {
            row["identifier"]: (row["start_date"], row.get("end_date") or "9999")
            for row in place.get("legislative_sessions") or []
            if row.get("start_date")
        }
        recent = (self.today - dt.timedelta(days=60)).isoformat()
        current = [name for name in sessions if name not in dated or dated[name][1] >= recent]
        return current or [max(dated, key=lambda name: dated[name][0])] if sessions else []

    async def _session(self, session: str) -> AsyncIterator[Yielded]:
        self._last = None
        reached = self.known(_NEWEST + session) or {}
        newest = reached.get("at")
        if newest and reached.get("whole"):  # what bears that moment was read to its end; begin just after it
            newest = (dt.datetime.fromisoformat(reached["at"]) + dt.timedelta(microseconds=1)).isoformat()
        own = f"{self.jurisdiction}/"
        prefix = f"{_BILL}{own}{session_of(self.jurisdiction or '', session)}/"
        seen: set[str] = set()
        rows: set[str] = set()
        async for message in self._changed(session, newest, seen=seen, rows=rows):
            yield message
        known = {name[len(_BILL) :] for name, value in self.memory.items() if name.startswith(prefix) and value}
        unreadable = reached.get("unreadable", 0)
        total = (await self._page(session, None, 1, size=1))["pagination"]["total_items"]
        if total != len(known | seen) + unreadable:
            # Bills came or went without a change that we saw, or moved while we paged: look at all for what is amiss.
            known, unreadable = set(), 0
            async for message in self._changed(session, None, seen=seen, rows=rows):
                yield message
        for key in sorted(known - seen):
            yield self.unchanged(key, f"{self.base_url}/bills?session={session}&updated_since={newest}")
        self.listed(total)
        if total == len(known | seen) + unreadable:
            unreadable += sum(not key.startswith(own) for key in seen)
            yield self._reached(session, self._last or reached.get("at"), whole=True, unreadable=unreadable)
        else:
            self.doubt(
                f"Session {session} has {total:,} bills by the service's count, and {len(known | seen):,} came.",
                mend="Run again.",
            )

    async def _changed(
        self,
        session: str | None,
        newest: str | None,
        *,
        seen: set[str],
        rows: set[str],
        query: str | None = None,
    ) -> AsyncIterator[Yielded]:
        """Bills in the order of their changes, from ``newest`` on, but for those that are as they were in ``rows``.

        Keys of all that came are added to ``seen``, their states to ``rows``.

        A page begins with the last change seen rather than at a number, for numbers shift when a bill changes meanwhile.
        Only among changes of one moment it counts pages.
        """
        begin, page = newest or (self.options.since.isoformat() if self.options.since else None), 1
        while True:
            reply = await self._page(session, begin, page, query=query)
            fresh = [row for row in reply["results"] if _state_of(row) not in rows]
            rows.update(map(_state_of, fresh))
            async for message in self.each(map(_Row, fresh), self._bill):
                if isinstance(message, Found):
                    seen.add(message.measure.key)
                elif isinstance(message, Unchanged | Rejected):
                    seen.add(message.key or message.source.url)
                yield message
            if len(reply["results"]) < _PAGE:
                break
            last = max(row["updated_at"] for row in reply["results"])
            begin, page = (last, 1) if last != begin else (begin, page + 1)
            if session and not self.options.partial:
                yield self._reached(session, last, whole=False)
        self._last = max((row["updated_at"] for row in reply["results"]), default=self._last)

    def _reached(self, session: str, last: str | None, *, whole: bool, unreadable: int = 0) -> Yielded:
        here = {"at": last, "whole": whole, **({"unreadable": unreadable} if unreadable else {})}
        return Remember(remember={_NEWEST + session: here, self._day: self._used})

    @property
    def _day(self) -> str:
        return f"{_BUDGET}{self.today.isoformat()}"

    @property
    def _used(self) -> int:
        """Requests of this day, with those of earlier runs of this scope."""
        return int(self.known(self._day) or 0) + self._asked

    async def _page(
        self, session: str | None, since: str | None, page: int, *, query: str | None = None, size: int = _PAGE
    ) -> Any:
        place = places.jurisdiction(self.jurisdiction).ocd_id if self.jurisdiction else None
        return await self._ask_api(
            "bills",
            jurisdiction=place,
            session=session,
            q=query,
            updated_since=since,
            sort="updated_asc",
            page=page,
            per_page=size,
            include=_INCLUDE if size > 1 else [],
        )

    async def _ask_api(self, path: str, *, include: Sequence[str], **query: Any) -> Any:
        if (
            self.info.daily_limit
            and self._used >= self.info.daily_limit
            and urlsplit(self.base_url).netloc in self.info.base_url
        ):
            raise ComeBackLater(
                f"The {self.info.daily_limit} requests that a free key has in a day are used up.",
                mend="Run again tomorrow; it goes on from here.",
            )
        self._asked += 1
        repeated = "&".join(f"include={name}" for name in include)
        return await self.get_json(f"{path}?{repeated}" if repeated else path, query=query)

    async def _bill(self, item: _Row) -> Yielded:
        row = item.raw
        source = self.source(f"{self.base_url}/bills/{row['id']}", row["id"])
        try:
            measure = measure_of(row, source)
        except (KeyError, TypeError, ValueError) as error:
            raise BadReply(f"{type(error).__name__}: {error}", url=source.url, raw=json.dumps(row).encode()) from error
        updated, with_text = self.known(_BILL + measure.key) or ("", False)
        if updated == row["updated_at"] and (with_text or not self.options.query):
            return self.unchanged(measure.key, source.url, source_id=row["id"])
        if measure.versions and (self.options.query or touches_subject(measure)):
            measure = await self._with_text(measure)
        with_text = any(version.text for version in measure.versions)
        return self.found(measure, remember={_BILL + measure.key: [row["updated_at"], with_text]})

    async def _with_text(self, measure: Measure) -> Measure:
        """The measure with the words of its last version, if that site gives them to us."""
        place = latest_text(measure.versions)
        last = measure.versions[place] if place is not None else None
        host = urlsplit(last.url or "").netloc if last else ""
        if last is None or not host or self._silent[host] >= _SILENCES:
            return measure
        try:
            reply = await self.get(last.url or "", expects="any")
        except (ReadError, Stop) as error:
            # A legislature's site that refuses us does not end the crawl of the API, and is not asked for ever.
            self._silent[host] += not isinstance(error, Gone)
            self.problem(f"{measure.key}: its text could not be read: {error.what}", where=last.url or "", sort="text")
            return measure
        found = extract(reply.body, last.media_type)
        if found.status != "ok":
            self.problem(f"{measure.key}: its text is {found.status}: {found.note}", where=last.url or "", sort="text")
            return measure
        versions = list(measure.versions)
        versions[place or 0] = last.model_copy(update={"text": found.text})
        return measure.model_copy(update={"versions": tuple(versions)})
