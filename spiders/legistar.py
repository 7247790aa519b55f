"""``legistar``: the Legistar Web API (v1) of any city or county; a client is a row of ``data/sources/legistar_clients.csv``.

The API's traps, and what we do: a reply has at most 1,000 rows and no count, so pages go by ``MatterId gt`` and the end is
checked against the newest id; ``MatterLastModifiedUtc`` stays still when a child changes, so the histories of open matters
are looked at each time; other dates are local wall time, and year 1 means none; action names carry line ends; error 500
with "LegistarConnectionString" means a wrong client, not an outage; 403 means a token is needed. Histories tell that a
matter is on an agenda, ``/events`` when and where that meeting is.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scrapy.http import Request, Response

from freedom_policy.places import canonical_identifier
from freedom_policy.records import (
    Abstract,
    Action,
    Citation,
    Committee,
    Document,
    Found,
    Hearing,
    Kind,
    Measure,
    Sponsor,
    TextVersion,
    digest_of,
    oldest_first,
    unique,
)

from .base import MeasureSpider, Reading, Yielded
from .failures import BadReply, Blocked, Broken, Gone, ReadError
from .formats import Unreadable, read_date, read_time, words_of_html
from .legistar_events import Event, matters_on, read_event
from .registry import Client, client_of
from .texts import words_of

_PAGE = 1000
"""Rows that the service gives at most; the setting LEGISTAR_PAGE overrides it in tests."""
_LIST_FIELDS = "MatterId,MatterFile,MatterLastModifiedUtc,MatterIntroDate"
# Words that end a matter, whoever uses them. "Filed" is not among them: in most places it means introduced.
_FINAL = re.compile(
    r"^(?:enacted|adopted|approved|passed|failed|disapproved|defeated|withdrawn|killed|died|dead|expired|repealed|rescinded"
    r"|historical|received and filed|signed)\b(?!.*(?:desk|pending|first reading|on first))",
    re.IGNORECASE,
)
_FINAL_HERE = {"nyc": re.compile(r"^filed\b", re.IGNORECASE)}
_STILL_DAYS = 60
"""A matter with a final status stays under watch for so long after it last moved: statuses lag behind the council."""
_NEAR_DAYS = 14
"""The agenda of a meeting within so many days is read each time: items are added without a trace in the meeting's dates."""
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"local law", "local law"),
    (r"charter amend|constitutional amend", "constitutional amendment"),
    (r"ordinance|council bill|\bbill\b|\bCB\b", "ordinance"),
    (r"resolution|\bres\b", "resolution"),
    (r"order\b", "order"),
)
_HEARING = re.compile(r"\bhearing\b", re.IGNORECASE)
_CANCELLED = re.compile(r"\bcancell?ed\b", re.IGNORECASE)
_ORGANIZATION = re.compile(
    r"\b(?:committee|department|office|commission|board|council|mayor|bureau|agency)\b", re.IGNORECASE
)
# Words of private people are not for us (CARE): neither testimony nor who came to a hearing.
_NOT_FOR_US = re.compile(
    r"testimony|transcript|stenographic|appearance card|public comment|correspondence", re.IGNORECASE
)
_YEAR = re.compile(r"\b((?:19|20)\d{2})(?:-[A-Z])?$")
_MEDIA = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@dataclass(frozen=True)
class Row:
    """A matter in a listing. ``key`` is the measure's key, for problems."""

    id: int
    key: str
    fields: Mapping[str, Any]

    @property
    def stamp(self) -> str:
        """When the service says it was last changed."""
        return self.fields.get("MatterLastModifiedUtc") or ""


class Legistar(MeasureSpider):
    """Matters of one client.

    State: ``11234`` (MatterId) -> ``{"at": last modified, "key": measure key, "open": bool, "histories": digest}``;
    ``cursor`` -> the last MatterId before which everything of an interrupted run was read; ``event/73601`` -> the meeting
    of a matter's hearing, as last seen; ``agenda/73601`` -> ``{"at": stamp, "matters": ids}`` of a meeting to come.
    """

    name = "legistar"
    expects = "json"
    final_text = b"LegistarConnectionString"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client: Client = client_of(self.name, self.options)
        self.required = self.client.always
        self._page_size = int(self.options.settings.get("LEGISTAR_PAGE", _PAGE))
        self._reading_now: dict[int, None] = {}
        self._events: dict[int, Event] = {}
        """Meetings of the last weeks and to come."""
        self._agendas: dict[int, list[int]] = {}
        """Meetings to come by the MatterIds on their agendas."""

    def authorize(self, request: Request) -> Request:
        if not self.options.key:
            return request
        token = f"{'&' if '?' in request.url else '?'}token={self.quoted_key}"
        return request.replace(url=request.url + token)

    def explain(self, response: Response, clean: str) -> Exception | None:
        if self.final_text and self.final_text in response.body:
            what = f"The service has no client {self.client.client!r} (LegistarConnectionString is not set up)."
            return Broken(
                what, mend="That is a wrong name, not an outage: look at the city's Legistar address.", url=clean
            )
        if response.status == 403:
            what = f"The service refuses {self.client.client!r} (HTTP 403): it needs a token, or does not take ours."
            return Blocked(what, mend=self.info.key_where, url=clean)
        return None

    # -- the listing --------------------------------------------------------------------------------------------------

    async def collect(self) -> AsyncIterator[Yielded]:
        seen: set[str] = set()
        try:
            async for message in self._calendar():
                yield message
        except Gone:
            self.logger.info("client %s shows no events", self.client.client)
        except ReadError as error:
            self.lost(f"The calendar of meetings could not be read: {error.what}", where=error.url)

        async def rows() -> AsyncIterator[Row]:
            async for row in self._rows():
                seen.add(str(row.id))
                yield row

        async for message in self.each(rows(), self._read):
            yield message
        if self.options.partial:
            return
        self.listed(len(seen))
        gone = (
            [] if self.losses or self.options.resume else sorted({key for key in self.memory if key.isdigit()} - seen)
        )
        yield self.remember({**dict.fromkeys(gone), "cursor": None})

    async def _rows(self) -> AsyncIterator[Row]:
        """Rows of the listing, each once, by rising MatterId; whole rows at first, later only what tells a change."""
        begin = self.known("cursor") if self.options.resume else None
        last = begin if isinstance(begin, int) else 0
        fields = _LIST_FIELDS if any(key.isdigit() for key in self.memory) else None
        second_look = False
        while True:
            page = await self._page(last, fields)
            fresh = [row for row in page if row.id > last]
            for row in fresh:
                self._reading_now[row.id] = None
                yield row
            if fresh:
                last = max(row.id for row in fresh)
            if len(page) >= self._page_size and fresh:
                second_look = False
                continue
            # A short page is the end, or a fault that looks like it: the newest matter tells.
            newest = await self._newest()
            cut = newest > last if newest is not None else last == 0
            if cut and not second_look:
                second_look = True
                continue
            if newest is not None and cut:
                self.doubt(
                    f"The listing ends at MatterId {last:,}, but the newest is {newest:,}.", mend="Run it again."
                )
                self.lost("The end of the listing could not be read.", where=self._url("matters"))
            return

    async def _page(self, last: int, fields: str | None) -> list[Row]:
        query = {"$filter": self._filter(last), "$orderby": "MatterId", "$top": self._page_size, "$select": fields}
        rows = await self.get_json(self._url("matters"), query=query)
        return [self._row(fields) for fields in self._list(rows, "matters")]

    async def _newest(self) -> int | None:
        query = {"$filter": self._filter(0), "$orderby": "MatterId desc", "$top": 1, "$select": "MatterId"}
        rows = self._list(await self.get_json(self._url("matters"), query=query), "matters")
        return int(rows[0]["MatterId"]) if rows else None

    def _filter(self, last: int) -> str | None:
        """OData: what the options ask for, after a MatterId. Four date terms at most; the service refuses seventeen."""
        terms = [f"MatterId gt {last}"] if last else []
        if year := self.options.session:
            terms.append(
                f"MatterIntroDate ge datetime'{year}-01-01' and MatterIntroDate lt datetime'{int(year) + 1}-01-01'"
            )
        if self.options.since:
            day = f"datetime'{self.options.since.isoformat()}'"
            dates = ("MatterLastModifiedUtc", "MatterIntroDate", "MatterAgendaDate", "MatterPassedDate")
            terms.append("(" + " or ".join(f"{name} ge {day}" for name in dates) + ")")
        if self.options.query:
            words = self.options.query.replace("'", "''")
            places = ["MatterTitle", "MatterName", *(["MatterEXText5"] if self.client.vocabulary == "nyc" else [])]
            terms.append("(" + " or ".join(f"substringof('{words}',{name}) eq true" for name in places) + ")")
        return " and ".join(terms) or None

    def _url(self, path: str) -> str:
        return f"{self.base_url}/v1/{self.client.client}/{path}"

    @staticmethod
    def _list(value: Any, what: str) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            raise BadReply(f"the list of {what} is no list", raw=repr(value)[:1000].encode())
        return value

    def _row(self, fields: Mapping[str, Any]) -> Row:
        number = fields.get("MatterFile") or ""
        key = (
            "/".join((self.client.jurisdiction, *self._identity(fields)))
            if number.strip()
            else f"MatterId {fields['MatterId']}"
        )
        return Row(int(fields["MatterId"]), key, fields)

    def _identity(self, fields: Mapping[str, Any]) -> tuple[str, str]:
        """Session (the filing year) and identifier. The year in the number comes first: it never moves."""
        identifier = canonical_identifier(self.client.jurisdiction, fields["MatterFile"])
        year = _YEAR.search(identifier)
        day = read_date(fields.get("MatterIntroDate")) or read_date(fields.get("MatterAgendaDate"))
        return (year[1] if year else str(day.year) if day else "undated"), identifier

    # -- meetings ----------------------------------------------------------------------------------------------------

    async def _calendar(self) -> AsyncIterator[Yielded]:
        """Learn the meetings of the last weeks and to come, and what is on the agendas of those to come."""
        begin = self.today - dt.timedelta(days=_STILL_DAYS)
        last = 0
        while True:
            after = f" and EventId gt {last}" if last else ""
            wanted = f"EventDate ge datetime'{begin.isoformat()}'{after}"
            query = {"$filter": wanted, "$orderby": "EventId", "$top": self._page_size}
            page = self._list(await self.get_json(self._url("events"), query=query), "events")
            if not all(isinstance(row.get("EventId"), int) for row in page):
                raise BadReply("an event without an id", url=self._url("events"), raw=json.dumps(page).encode())
            fresh = [row for row in page if row["EventId"] > last]
            for row in fresh:
                try:
                    self._events[row["EventId"]] = read_event(row)
                except (Unreadable, ValueError) as error:
                    yield self.reject(str(error), url=self._url("events"), raw=json.dumps(row).encode())
            if len(page) < self._page_size or not fresh:
                break
            last = max(row["EventId"] for row in fresh)
        if self.options.limit:
            return
        ahead = [event for event in self._events.values() if event.date >= self.today]
        past = {key for key in self.memory if key.startswith("agenda/")} - {f"agenda/{event.id}" for event in ahead}
        if past:
            yield self.remember(dict.fromkeys(sorted(past)))
        async for message in self.each(ahead, self._agenda):
            yield message

    async def _agenda(self, event: Event) -> Yielded | None:
        """Note which matters are on a meeting's agenda."""
        known = self.known(f"agenda/{event.id}")
        near = (event.date - self.today).days <= _NEAR_DAYS
        if isinstance(known, dict) and known.get("at") == event.stamp and not near:
            matters = known["matters"]
        else:
            url = self._url(f"events/{event.id}/eventitems")
            matters = matters_on(self._list(await self.get_json(url), "event items"))
        for matter in matters:
            self._agendas.setdefault(matter, []).append(event.id)
        now = {"at": event.stamp, "matters": matters}
        return None if known == now else self.remember({f"agenda/{event.id}": now})

    def _meetings(self, row: Row, histories: Iterable[Mapping[str, Any]]) -> dict[int, Event]:
        """The meetings that a matter's hearings are at, by id; past ones as they were last seen."""
        ids = {int(entry["MatterHistoryEventId"]) for entry in histories if _is_hearing(entry) and _event_id(entry)}
        found = {}
        for number in sorted(ids | set(self._agendas.get(row.id, ()))):
            remembered = self.known(f"event/{number}")
            if event := self._events.get(number):
                found[number] = event
            elif isinstance(remembered, dict):
                found[number] = Event.model_validate(remembered)
        return found

    # -- one matter ---------------------------------------------------------------------------------------------------

    async def _read(self, row: Row) -> list[Yielded] | Yielded | None:
        # A matter that fails stays among those being read, so that the cursor never passes it.
        message = await self._read_row(row)
        self._reading_now.pop(row.id, None)
        if not isinstance(message, Found) or not message.remember:
            return message
        cursor = next(iter(self._reading_now), row.id + 1) - 1
        return message.model_copy(update={"remember": {**message.remember, "cursor": cursor}})

    async def _read_row(self, row: Row) -> Yielded | list[Yielded]:
        if not _text(row.fields.get("MatterFile")):
            url, raw = self._url(f"matters/{row.id}"), json.dumps(dict(row.fields)).encode()
            raise BadReply("a matter without a number (MatterFile)", url=url, raw=raw, media_type="application/json")
        known = self.known(str(row.id))
        same = isinstance(known, dict) and known.get("at") == row.stamp
        reading = self.reading(row.key)
        if same and not known.get("open") and row.id not in self._agendas:
            return self.unchanged(known["key"], self._url(f"matters/{row.id}"), source_id=row.id)
        histories = await reading.part("actions", self._children(row, "histories", AgendaNote=1, MinutesNote=1), [])
        if reading.unread:
            reading.unread.append("hearings")  # they are read from the same page
        meetings = self._meetings(row, histories)
        # When a meeting moves, nothing of the matter itself does.
        shown = {str(number): event.model_dump(mode="json", exclude={"stamp"}) for number, event in meetings.items()}
        digest = digest_of([histories, shown] if shown else histories)
        if same and known.get("histories") == digest and not reading.unread:
            return self.unchanged(known["key"], self._url(f"matters/{row.id}"), source_id=row.id)
        fields = row.fields
        if "MatterTitle" not in fields:
            fields = await self.get_json(self._url(f"matters/{row.id}"))
        sponsors, attachments, versions = await asyncio.gather(
            reading.part("sponsors", self._children(row, "sponsors"), []),
            reading.part("documents", self._children(row, "attachments"), []),
            reading.part("versions", self._versions(row, reading), ()),
        )
        if "title" in self.required and not _text(fields.get("MatterTitle")):
            reading.miss("title", BadReply("MatterTitle came empty", url=self._url(f"matters/{row.id}")))
        odd: list[str] = []
        measure = self._measure(fields, histories, sponsors, attachments, versions, odd)
        measure = measure.model_copy(update={"hearings": _hearings(histories, meetings)})
        remember = {
            str(row.id): {
                "at": row.stamp,
                "key": measure.key,
                "open": self._is_open(measure, row.stamp),
                "histories": digest,
            },
            **{f"event/{number}": event for number, event in shown.items()},
        }
        found = self.found(measure, remember=remember, reading=reading)
        if odd:
            url = self._url(f"matters/{row.id}")
            return [
                found,
                self.reject(
                    f"read without: {'; '.join(odd)}", url=url, raw=json.dumps(histories).encode(), key=measure.key
                ),
            ]
        return found

    async def _children(self, row: Row, what: str, **query: Any) -> list[dict[str, Any]]:
        """A child list of a matter. Where lists are seldom empty, an empty one gets a second look."""
        url = self._url(f"matters/{row.id}/{what}")
        rows = self._list(await self.get_json(url, query=query), what)
        if not rows and self.required:
            rows = self._list(await self.get_json(url, query=query), what)
        return rows

    async def _versions(self, row: Row, reading: Reading) -> tuple[TextVersion, ...]:
        keys = [(str(pair["Key"]), str(pair.get("Value") or "*")) for pair in await self._children(row, "versions")]
        found = []
        # "*" is the first version, then A, B, ...
        for text_id, label in sorted(dict.fromkeys(keys), key=lambda pair: (pair[1] != "*", pair[1], pair[0])):
            url = self._url(f"matters/{row.id}/texts/{text_id}")
            public = url.replace(self.base_url, self.info.base_url, 1)
            empty = TextVersion(note=f"Version {label}", url=public, media_type="text/plain")
            fields = await reading.part("versions", self.get_json(url), {})
            words = _text(fields.get("MatterTextPlain")).replace("\r\n", "\n")
            if not words and fields.get("MatterTextRtf"):
                words = words_of(fields["MatterTextRtf"].encode("utf-8", "replace"), "application/rtf") or ""
            found.append(empty.model_copy(update={"text": words or None}))
        return tuple(found)

    def _is_open(self, measure: Measure, stamp: str) -> bool:
        """True while the histories are to be looked at each time."""
        status = measure.source_status or ""
        here = _FINAL_HERE.get(self.client.vocabulary)
        final = bool(_FINAL.search(status) or (here and here.search(status)))
        moved = [action.date for action in measure.actions if action.date]
        last = max([*moved, *([day] if (day := read_date(stamp)) else [])], default=None)
        return not final or (last is not None and (self.today - last).days < _STILL_DAYS)

    # -- into records -------------------------------------------------------------------------------------------------

    def _measure(
        self,
        fields: Mapping[str, Any],
        histories: Sequence[Mapping[str, Any]],
        sponsors: Sequence[Mapping[str, Any]],
        attachments: Sequence[Mapping[str, Any]],
        versions: tuple[TextVersion, ...],
        odd: list[str],
    ) -> Measure:
        session, identifier = self._identity(fields)
        kind = self._kind(_text(fields.get("MatterTypeName")))
        name, title = _text(fields.get("MatterName")), _text(fields.get("MatterTitle"))
        summary = words_of_html(_text(fields.get("MatterEXText5"))) if self.client.vocabulary == "nyc" else ""
        body = _text(fields.get("MatterBodyName"))
        histories = _each_once(histories, "MatterHistoryId")
        number = _text(fields.get("MatterEnactmentNumber"))
        # "2024/104" needs its word; "Ord 124872" has it.
        law = {"local law": "Local Law ", "ordinance": "Ordinance "}.get(kind or "", "") if number[:1].isdigit() else ""
        matter_id = fields["MatterId"]
        return Measure(
            jurisdiction=self.client.jurisdiction,
            session=session,
            identifier=identifier,
            kind=kind,
            title=title or name,
            other_titles=(name,) if name and title and name != title else (),
            source=self.source(self._url(f"matters/{matter_id}"), matter_id),
            abstracts=(Abstract(abstract=summary, note="the council's plain-language summary"),) if summary else (),
            sponsors=_sponsors(sponsors, _text(fields.get("MatterVersion"))),
            committees=(Committee(name=body, chamber="committee"),) if "ommittee" in body else (),
            actions=_actions(histories, odd),
            versions=versions,
            documents=_documents(attachments),
            citations=(Citation(citation=law + number),) if number else (),
            introduced=_date(fields.get("MatterIntroDate"), odd),
            source_status=_text(fields.get("MatterStatusName")) or None,
            # The service's own way from an API id to the page for people: it answers with a redirect.
            url=f"https://{self.client.client}.legistar.com/gateway.aspx?m=l&id={matter_id}",
        )

    def _kind(self, type_name: str) -> Kind | None:
        if type_name in self.client.kinds:
            return self.client.kinds[type_name]  # type: ignore[return-value]
        return next((kind for pattern, kind in _KINDS if re.search(pattern, type_name, re.IGNORECASE)), None)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _date(value: Any, odd: list[str]) -> Any:
    try:
        return read_date(_text(value))
    except Unreadable as error:
        odd.append(str(error))
        return None


def _each_once(rows: Iterable[Mapping[str, Any]], key: str) -> list[Mapping[str, Any]]:
    """Rows without those whose id came before: the same row twice. Two rows with two ids may both be true."""
    return list({row.get(key) or f"row {place}": row for place, row in enumerate(rows)}.values())


def _actions(histories: Iterable[Mapping[str, Any]], odd: list[str]) -> tuple[Action, ...]:
    found = []
    # Undated rows come last: nothing says where they belong.
    ordered = sorted(
        histories, key=lambda row: (_text(row.get("MatterHistoryActionDate")) or "~", row.get("MatterHistoryId") or 0)
    )
    for row in ordered:
        name, stamp = _text(row.get("MatterHistoryActionName")), _text(row.get("MatterHistoryActionDate"))
        body = _text(row.get("MatterHistoryActionBodyName"))
        # An agenda item that nothing happened to yet: it is in the hearings.
        if not name:
            continue
        day = _date(stamp, odd)
        # "This Introduction was Introduced by Council" says nothing that the action's name does not.
        notes = [_text(row.get(f"MatterHistory{part}")) for part in ("MinutesNote", "AgendaNote", "ActionText")]
        code = row.get("MatterHistoryActionId")
        found.append(
            Action(
                date=day,
                time=read_time(stamp) if day else None,
                description=name,
                chamber="executive"
                if body.lower() in ("mayor", "executive")
                else "committee"
                if "ommittee" in body
                else "council",
                body=body or None,
                code=None if code is None else str(code),
                type=_text(row.get("MatterHistoryPassedFlagName")) or None,
                note=next((note for note in notes if note and not note.endswith(name)), None),
            )
        )
    return oldest_first(found)


def _is_hearing(row: Mapping[str, Any]) -> bool:
    """True for a hearing held or scheduled, and for an agenda item to which nothing happened yet."""
    name = _text(row.get("MatterHistoryActionName"))
    return not name or bool(_HEARING.search(name) and not _CANCELLED.search(name))


def _event_id(row: Mapping[str, Any]) -> int:
    value = row.get("MatterHistoryEventId")
    return value if isinstance(value, int) and value > 0 else 0


def _hearings(histories: Iterable[Mapping[str, Any]], meetings: Mapping[int, Event]) -> tuple[Hearing, ...]:
    """Hearings held or scheduled, and agenda items that have a day and no action yet, with time and place if known.

    What is on the agenda of a meeting that falls out is no hearing.
    """
    found: list[Hearing] = []
    listed = set()
    for row in filter(_is_hearing, histories):
        stamp, meeting = _text(row.get("MatterHistoryActionDate")), meetings.get(_event_id(row))
        if not (day := meeting.date if meeting else _date(stamp, [])):
            continue
        listed.add(_event_id(row))
        name = _text(row.get("MatterHistoryActionName"))
        if meeting and meeting.off and not name:
            continue
        body, note = _text(row.get("MatterHistoryActionBodyName")) or None, name or "on the agenda"
        plain = Hearing(date=day, time=read_time(stamp), body=body, note=note)
        found.append(_hearing(meeting, body, note) if meeting else plain)
    ahead = (meeting for number, meeting in meetings.items() if number not in listed and not meeting.off)
    found += [_hearing(meeting, None, "on the agenda") for meeting in ahead]
    return unique(found)


def _hearing(meeting: Event, body: str | None, note: str) -> Hearing:
    return Hearing(
        date=meeting.date,
        time=meeting.time,
        body=body or meeting.body,
        place=meeting.place,
        url=meeting.url,
        note=note,
    )


def _sponsors(rows: Iterable[Mapping[str, Any]], version: str) -> tuple[Sponsor, ...]:
    """The sponsors of the matter's current version (a set is kept for each version), prime sponsor first."""
    sets: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        if _text(row.get("MatterSponsorName")):
            sets.setdefault(_text(row.get("MatterSponsorMatterVersion")), []).append(row)
    chosen = sets.get(version) or (sets[max(sets)] if sets else [])
    # The first one's number may be null or 0.
    chosen.sort(key=lambda row: row.get("MatterSponsorSequence") or 0)
    found: dict[object, Sponsor] = {}
    for row in chosen:
        name = " ".join(_text(row["MatterSponsorName"]).split())
        found.setdefault(
            row.get("MatterSponsorNameId") or name,
            Sponsor(
                name=name,
                classification="cosponsor" if found else "primary",
                entity_type="organization" if _ORGANIZATION.search(name) else "person",
                source_id=str(row["MatterSponsorNameId"]) if row.get("MatterSponsorNameId") else None,
            ),
        )
    return tuple(found.values())


def _documents(rows: Iterable[Mapping[str, Any]]) -> tuple[Document, ...]:
    found: dict[str, Document] = {}
    for row in rows:
        name, link = _text(row.get("MatterAttachmentName")), _text(row.get("MatterAttachmentHyperlink"))
        if _NOT_FOR_US.search(name) or row.get("MatterAttachmentShowOnInternetPage") is False or not (name or link):
            continue
        suffix = (_text(row.get("MatterAttachmentFileName")) or link).rpartition(".")[2].lower()
        found.setdefault(
            link or name, Document(note=name or "attachment", url=link or None, media_type=_MEDIA.get(suffix))
        )
    return tuple(found.values())
