"""LegiScan API and dataset archives: only what its change hashes say has changed, and never more than the key allows.

2026-11: exercised on recorded getBill payloads of Congress (117th to 119th) and on Alaska's texts; not yet run live.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import io
import json
import zipfile
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from scrapy.http import Request

from freedom_policy import places
from freedom_policy.records import (
    Abstract,
    Action,
    Chamber,
    Committee,
    Document,
    Hearing,
    Kind,
    Measure,
    RelatedMeasure,
    RelationType,
    Remember,
    Source,
    Sponsor,
    TextVersion,
    oldest_first,
    unique,
)
from freedom_policy.text import extract

from .archives import members
from .base import MeasureSpider, Reading, Yielded
from .failures import BadReply, Blocked, Broken, ComeBackLater, Gone, ReadError, Unreachable
from .legiscan_sessions import known_session, session_of
from .subject import touches_subject

STATUS = {0: "N/A", 1: "Introduced", 2: "Engrossed", 3: "Enrolled", 4: "Passed", 5: "Vetoed", 6: "Failed"}
"""LegiScan's own words. "Failed" is hardly ever set, and "Passed" holds adopted resolutions too."""
_CHAMBERS: dict[str, Chamber] = {
    "H": "lower",
    "A": "lower",
    "S": "upper",
    "L": "legislature",
    "C": "legislature",
    "J": "joint",
}
_KINDS: dict[str, Kind] = {
    "B": "bill",
    "R": "resolution",
    "M": "resolution",
    "JM": "resolution",
    "CM": "resolution",
    "CR": "concurrent resolution",
    "JR": "joint resolution",
    "JRCA": "constitutional amendment",
    "CA": "constitutional amendment",
    "RCA": "constitutional amendment",
    "EO": "order",
}
# In Congress LegiScan's HB is a bill and its HR a resolution: the other way round from the House's own numbers.
_FEDERAL = {
    "HB": "HR",
    "SB": "S",
    "HR": "HRES",
    "SR": "SRES",
    "HJR": "HJRES",
    "SJR": "SJRES",
    "HCR": "HCONRES",
    "SCR": "SCONRES",
}
_RELATIONS: dict[str, RelationType] = {
    "same as": "companion",
    "crossfiled": "companion",
    "cross-filed": "companion",
    "replaces": "replaces",
    "replaced by": "replaced-by",
    "carry over": "prior-session",
}


def identifier_of(place: str, number: str) -> str:
    """The canonical number from LegiScan's spelling: ``HB748`` in Congress is ``HR748``, ``HR5`` is ``HRES5``."""
    if place == "us":
        letters = number.rstrip("0123456789")
        number = _FEDERAL.get(letters.upper(), letters) + number[len(letters) :]
    return places.canonical_identifier(place, number)


def place_of(state: str) -> str:
    """Our key of LegiScan's state (``US``, ``TX``).

    Raises:
        BadInput: no such place.
    """
    return places.jurisdiction("us" if state == "US" else f"us-{state.lower()}").key


def measure_of(bill: Mapping[str, Any], source: Source, texts: Mapping[int, str] | None = None) -> Measure:
    """A measure from a getBill payload; ``texts`` are words by document id.

    Raises:
        KeyError, ValueError, BadInput: it is not a bill of a place that we know.
    """
    place = place_of(bill["state"])
    session = session_of(place, bill["session"])
    title, description = bill.get("title") or "", bill.get("description") or ""
    begun = [_day(step["date"]) for step in bill.get("progress") or [] if step.get("event") == 1]
    return Measure(
        jurisdiction=place,
        session=session,
        identifier=identifier_of(place, bill["bill_number"]),
        kind=_KINDS.get(bill.get("bill_type") or ""),
        title=title or description,
        source=source,
        abstracts=(Abstract(abstract=description, note="LegiScan description"),)
        if description not in ("", title)
        else (),
        subjects=tuple(dict.fromkeys(row["subject_name"] for row in bill.get("subjects") or [])),
        sponsors=unique(_sponsor(row) for row in bill.get("sponsors") or []),
        committees=unique(_committees(bill)),
        actions=oldest_first(
            [
                Action(
                    date=_day(row["date"]), description=row["action"], chamber=_CHAMBERS.get(row.get("chamber") or "")
                )
                for row in bill.get("history") or []
            ]
        ),
        versions=tuple(
            TextVersion(
                note=row["type"],
                date=_day(row.get("date")),
                url=row.get("state_link") or row.get("url"),
                media_type=row.get("mime"),
                text=(texts or {}).get(row["doc_id"]),
            )
            for row in bill.get("texts") or []
        ),
        documents=unique(_documents(bill)),
        related=unique(_related(place, session, row) for row in bill.get("sasts") or [] if row.get("sast_bill_number")),
        hearings=unique(_hearing(row) for row in bill.get("calendar") or [] if row.get("date")),
        introduced=next((day for day in begun if day), None),
        source_status=STATUS.get(int(bill.get("status") or 0)),
        url=bill.get("state_link") or bill.get("url"),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text and not text.startswith("0000") else None


def _sponsor(row: Mapping[str, Any]) -> Sponsor:
    # 1 is the prime sponsor, 2 a cosponsor, 3 a joint one; 0 where the state makes no difference.
    return Sponsor(
        name=row["name"],
        classification="cosponsor" if row.get("sponsor_type_id") == 2 else "primary",
        entity_type="organization" if row.get("committee_sponsor") else "person",
        source_id=str(row["people_id"]) if row.get("people_id") else None,
        party=row.get("party") or None,
        district=row.get("district") or None,
    )


def _committees(bill: Mapping[str, Any]) -> Iterator[Committee]:
    pending = bill.get("committee")  # an object, or an empty list when there is none
    for row in [*(bill.get("referrals") or []), *([pending] if isinstance(pending, dict) and pending else [])]:
        if row.get("name"):
            yield Committee(name=row["name"], chamber=_CHAMBERS.get(row.get("chamber") or ""))


def _documents(bill: Mapping[str, Any]) -> Iterator[Document]:
    for kind in ("amendments", "supplements"):
        for row in bill.get(kind) or []:
            note = ": ".join(filter(None, (row.get("type"), row.get("title")))) or kind
            yield Document(
                note=note,
                date=_day(row.get("date")),
                url=row.get("state_link") or row.get("url"),
                media_type=row.get("mime"),
            )


def _related(place: str, session: str, row: Mapping[str, Any]) -> RelatedMeasure:
    word = (row.get("type") or "").lower()
    relation = _RELATIONS.get(word, "related")
    return RelatedMeasure(
        relation_type=relation,
        session="" if relation == "prior-session" else session,
        identifier=identifier_of(place, row["sast_bill_number"]),
        stated_by="legiscan",
        note=row.get("type") or "",
    )


def _hearing(row: Mapping[str, Any]) -> Hearing:
    time, where = row.get("time") or "", (row.get("location") or "").strip()
    return Hearing(
        date=dt.date.fromisoformat(row["date"]),
        time=dt.time.fromisoformat(time) if time not in ("", "00:00") else None,
        place=None if where.startswith("---") else where or None,  # "--- Select one" is an unset form field
        note=row.get("description") or row.get("type") or "",
    )


# ---------------------------------------------------------------------------------------------------------------------

_BILL = "bill/"
_QUERIES = "queries/"
_MONTHLY = 30_000
"""Queries that a free key has in a month; the setting LEGISCAN_MONTHLY has another key's number."""
_DATASET_FROM = 100
"""Unknown bills of a session from which its weekly dataset (two queries) is cheaper than a query for each."""
_DATASET_MOST = 256 * 1024 * 1024
"""Bytes of a dataset's reply: that of a whole Congress, in base64, is beyond the 64 MB of other replies."""
_BILL_MOST = 16 * 1024 * 1024
"""A bill in a dataset that says it has more bytes than this is not unpacked."""


class _Listed(NamedTuple):
    """A bill of a master list or a search: what we need to know to fetch it or to leave it."""

    bill_id: int
    change_hash: str

    @property
    def key(self) -> str:
        return f"bill {self.bill_id}"


class LegiScanSpider(MeasureSpider):
    """Bills of a place's sessions, or what a search finds; from files (dataset archives) with ``--base-url PATH``.

    The last text is fetched for what a query found and for what speaks of the subject, for each costs a query.
    """

    name = "legiscan"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._asked = 0
        self._told: set[tuple[str, str]] = set()
        self._over: ComeBackLater | None = None
        """Why the run ends, if a text was the last that the key allowed."""
        self._monthly = int(self.options.settings.get("LEGISCAN_MONTHLY", _MONTHLY))
        # A replay or a mirror counts nothing, unless a number is given for it.
        self._counts = (
            "LEGISCAN_MONTHLY" in self.options.settings or urlsplit(self.base_url).netloc in self.info.base_url
        )

    def authorize(self, request: Request) -> Request:
        """The key is a parameter of each query, of this service alone."""
        if self.options.key and urlsplit(request.url).netloc == urlsplit(self.base_url).netloc:
            url = f"{request.url}&key={quote(self.options.key, safe='')}"
            return request.replace(url=url, meta={**request.meta, "dont_redirect": True})
        return request

    async def ask(self, op: str, part: str, *, most: int | None = None, **query: Any) -> Any:
        """One query.

        Args:
            part: the part of the reply that holds what was asked for.
            most: bytes that the reply may have, if not those of the settings.

        Raises:
            Gone: there is no such thing.
            Blocked: the key is refused.
            ComeBackLater: the month's queries are used up.
            BadReply: another complaint of the service; else as :meth:`get_json`.
        """
        if self._counts and self._used >= self._monthly:
            raise ComeBackLater(
                f"The {self._monthly:,} queries that the key has in a month are used up.",
                mend="Run again next month; it goes on from here.",
            )
        self._asked += 1
        reply = await self.get_json("", query={"op": op, **query}, most=most)
        url = f"{self.base_url}/?op={op}"
        if isinstance(reply, dict) and reply.get("status") == "OK":
            if isinstance(reply.get(part), dict | list):
                return reply[part]
            raise BadReply(f"LegiScan's reply to {op} has no {part}", url=url, raw=json.dumps(reply).encode())
        # Errors come as HTTP 200 with a message.
        alert = reply.get("alert") if isinstance(reply, dict) else None
        said = (alert.get("message") if isinstance(alert, dict) else None) or "no status and no message"
        if "key" in said.lower() and "access" not in said.lower():
            mend = f"Check {self.info.key_variable}. {self.info.key_where}"
            raise Blocked(f"LegiScan refuses the key: {said}.", mend=mend, url=url)
        if any(word in said.lower() for word in ("limit", "exceed", "quota", "too many")):
            raise ComeBackLater(f"LegiScan: {said}.", mend="Run again later; it goes on from here.", url=url)
        if said.lower().startswith(("unknown", "invalid")) and op not in ("getSessionList", "getMasterListRaw"):
            raise Gone(f"LegiScan: {said}", url=url)
        raise BadReply(f"LegiScan: {said}", url=url, raw=json.dumps(reply).encode(), media_type="application/json")

    async def collect(self) -> AsyncIterator[Yielded]:
        """The sessions of the place that run, or the one named; or what a search finds."""
        if self.options.query:
            async for message in self.each(self._searched(), self._bill):
                yield message
        else:
            for session in await self._sessions():
                async for message in self._session(session):
                    yield message
        yield self._counted()
        if self._over:
            raise self._over

    async def _sessions(self) -> list[dict[str, Any]]:
        place = self.jurisdiction or ""
        state = "US" if place == "us" else place.removeprefix("us-").upper()
        rows = _objects(
            await self.ask("getSessionList", "sessions", state=state), "session_id", "year_start", "year_end"
        )
        if self.options.session:
            named = [row for row in rows if session_of(place, row) == self.options.session]
            if not named:
                known = ", ".join(sorted({session_of(place, row) for row in rows}, reverse=True)[:8])
                raise Broken(f"LegiScan has no session {self.options.session} of {place}.", mend=f"It has {known}.")
            return named
        current = [row for row in rows if row["year_end"] >= self.today.year and not row.get("prior")]
        return current or sorted(rows, key=lambda row: row["year_start"])[-1:]

    async def _session(self, session: Mapping[str, Any]) -> AsyncIterator[Yielded]:
        since = self.options.since
        self._tell_if_unknown(self.jurisdiction or "", session)
        # Only the long list says when something last happened to a bill.
        op = "getMasterList" if since else "getMasterListRaw"
        listing = await self.ask(op, "masterlist", id=session["session_id"])
        # A list that is empty is a list in PHP's JSON, and one that is not is an object with numbers for names.
        numbered = listing.items() if isinstance(listing, dict) else enumerate(listing)
        rows = _objects([row for name, row in numbered if name != "session"], "bill_id", "change_hash")
        if since:
            rows = [row for row in rows if (row.get("last_action_date") or "") >= since.isoformat()]
        # Each bill once, however often it is listed.
        wanted = list({row["bill_id"]: _Listed(row["bill_id"], row["change_hash"]) for row in rows}.values())
        self.listed(len(wanted))
        unknown = sum(self.known(f"{_BILL}{row.bill_id}") is None for row in wanted)
        if unknown >= _DATASET_FROM and not self.options.partial:
            hashes = {row.bill_id: row.change_hash for row in wanted}
            done: set[int] = set()
            async for message, bill_id in self._dataset(session, hashes):
                done.add(bill_id)
                yield message
            wanted = [row for row in wanted if row.bill_id not in done]
        async for message in self.each(wanted, self._bill):
            yield message

    def _tell_if_unknown(self, place: str, session: Mapping[str, Any]) -> None:
        """Say it, once, of a session that is none of ours: its bills are apart from those of other sources."""
        name = session_of(place, session)
        if (place, name) not in self._told and known_session(place, session) is None:
            self.problem(
                f"LegiScan's session {name!r} of {place} is none that the calendar surely has: its bills stand under that "
                "name, apart from those of other sources.",
                mend="Add it to data/places/sessions.csv.",
                sort="session",
            )
        self._told.add((place, name))

    async def _dataset(
        self, session: Mapping[str, Any], hashes: Mapping[int, str]
    ) -> AsyncIterator[tuple[Yielded, int]]:
        """Bills of the weekly archive that are as the master list has them; the others are fetched one by one."""
        try:
            rows = await self.ask("getDatasetList", "datasetlist", state=session.get("state_abbr"))
            row = next(row for row in rows if row["session_id"] == session["session_id"])
            given = await self.ask(
                "getDataset", "dataset", most=_DATASET_MOST, id=row["session_id"], access_key=row["access_key"]
            )
            bundle = zipfile.ZipFile(io.BytesIO(base64.b64decode(given["zip"])))
        except (ReadError, StopIteration, LookupError, TypeError, zipfile.BadZipFile, binascii.Error) as error:
            why = getattr(error, "what", None) or f"{type(error).__name__}: {error}"
            self.problem(
                f"The dataset of session {session['session_id']} could not be had: {why}",
                mend="Its bills come one by one.",
            )
            return
        with bundle:
            for info in bundle.infolist():
                name = info.filename
                if "/bill/" not in name or info.file_size > _BILL_MOST:
                    continue
                try:
                    bill = json.loads(bundle.read(name))["bill"]
                    listed = hashes.get(bill["bill_id"]) == bill["change_hash"]
                except (ValueError, LookupError, TypeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
                    self.logger.info("%s of the dataset does not read (%s); it is fetched alone", name, error)
                    continue
                if listed:
                    for message in await self._one(self._payload, _Payload(bill)):
                        yield message, bill["bill_id"]

    async def _searched(self) -> AsyncIterator[_Listed]:
        """What a search finds, page by page; the current year unless a session is named."""
        place = self.jurisdiction
        state = "ALL" if place is None else "US" if place == "us" else place.removeprefix("us-").upper()
        where: dict[str, Any] = {"state": state, "year": 2}
        if self.options.session:
            where = {"id": (await self._sessions())[0]["session_id"]}
        page = pages = 1
        while page <= pages:
            found = await self.ask("getSearchRaw", "searchresult", query=self.options.query, page=page, **where)
            if not isinstance(summary := found.get("summary"), dict):
                raise BadReply("a search without a summary", url=self.base_url, raw=json.dumps(found).encode())
            pages = int(summary.get("page_total") or 1)
            for row in _objects(found.get("results") or [], "bill_id", "change_hash"):
                yield _Listed(row["bill_id"], row["change_hash"])
            page += 1

    async def _bill(self, row: _Listed) -> Sequence[Yielded]:
        known = self.known(f"{_BILL}{row.bill_id}")
        if known and known[0] == row.change_hash:
            return [self.unchanged(known[1], self._url(row.bill_id), source_id=row.bill_id)]
        return await self._payload(_Payload(await self.ask("getBill", "bill", id=row.bill_id)))

    async def _payload(self, payload: _Payload) -> Sequence[Yielded]:
        bill = payload.bill
        source = self.source(self._url(bill["bill_id"]), bill["bill_id"])
        try:
            measure = measure_of(bill, source)
        except (KeyError, TypeError, ValueError) as error:
            raise BadReply(f"{type(error).__name__}: {error}", url=source.url, raw=json.dumps(bill).encode()) from error
        reading = self.reading(measure.key)
        if bill.get("texts") and (self.options.query or touches_subject(measure)):
            last = max(bill["texts"], key=lambda text: (text.get("date") or "", text["doc_id"]))
            words = await self._words(reading, last)
            measure = measure_of(bill, source, {last["doc_id"]: words} if words else None)
        hash_and_key = [bill["change_hash"], measure.key]
        return [
            self.found(measure, remember={f"{_BILL}{bill['bill_id']}": hash_and_key}, reading=reading),
            self._counted(),
        ]

    async def _words(self, reading: Reading, text: Mapping[str, Any]) -> str | None:
        """The words of one document; None, and a problem told, if there are none."""
        where = text.get("url") or ""
        try:
            given = await self.ask("getBillText", "text", id=text["doc_id"])
            found = extract(_document(given), given.get("mime"))
        except Gone as error:
            self.problem(f"{reading.key}: document {text['doc_id']} is not there: {error}", where=where, sort="text")
            return None
        except ReadError as error:
            reading.miss("versions", error)
            return None
        except ComeBackLater as error:
            # The bill itself was read, with a query: it is kept, also where the queries end here.
            self._over = error
            reading.miss("versions", Unreachable(error.what, url=where))
            return None
        if found.status != "ok":
            what = f"{reading.key}: document {text['doc_id']} is {found.status}: {found.note}"
            self.problem(what, where=where, sort="text")
            return None
        return found.text

    def _counted(self) -> Remember:
        return Remember(remember={self._month: self._used})

    @property
    def _month(self) -> str:
        return f"{_QUERIES}{self.today:%Y-%m}"

    @property
    def _used(self) -> int:
        """Queries in this month, with those of earlier runs of this scope."""
        return int(self.known(self._month) or 0) + self._asked

    def _url(self, bill_id: int) -> str:
        return f"{self.base_url}/?op=getBill&id={bill_id}"

    def read_local(self, path: Path) -> Iterator[Yielded]:
        """Bills of dataset archives: a ZIP as LegiScan gives it, a tar archive, or a folder of them."""
        seen: set[str] = set()
        for name, body in members(path, lambda name: name.endswith(".json") and "/bill/" in name):
            where = f"{path.name}/{name.removeprefix(path.as_posix()).lstrip('/')}"
            try:
                bill = json.loads(body)["bill"]
                measure = measure_of(bill, self.source(where, bill["bill_id"]))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                why = f"{type(error).__name__}: {error}".splitlines()[0]
                yield self.reject(why, url=where, raw=body, media_type="application/json", key=name)
                continue
            if (self.jurisdiction or measure.jurisdiction) != measure.jurisdiction:
                continue
            if (self.options.session or measure.session) != measure.session:
                continue
            self._tell_if_unknown(measure.jurisdiction, bill["session"])
            seen.add(measure.key)
            known = self.known(f"{_BILL}{bill['bill_id']}")
            if known and known[0] == bill["change_hash"]:
                yield self.unchanged(measure.key, where, source_id=bill["bill_id"])
            else:
                yield self.found(measure, remember={f"{_BILL}{bill['bill_id']}": [bill["change_hash"], measure.key]})
        if not seen:
            raise Broken(f"No LegiScan bills in {path}.", mend="Give a dataset ZIP, or a folder of them.")
        if self.jurisdiction and self.options.session:
            self.listed(len(seen))


class _Payload(NamedTuple):
    bill: dict[str, Any]

    @property
    def key(self) -> str:
        return str(self.bill.get("bill_number") or "")


def _document(text: Mapping[str, Any]) -> bytes:
    """The bytes of a getBillText reply, no fewer than it says: half a text must not be taken for a whole one.

    Raises:
        BadReply: they are fewer, or no base64.
    """
    try:
        body = base64.b64decode(text.get("doc") or "")
    except (binascii.Error, TypeError) as error:
        raise BadReply(f"document {text.get('doc_id')} is no base64: {error}") from error
    if not body or len(body) < int(text.get("text_size") or 0):
        raise BadReply(f"document {text.get('doc_id')} has {len(body):,} bytes and should have {text.get('text_size')}")
    return body


def _objects(rows: Any, *needed: str) -> list[dict[str, Any]]:
    """Rows of a list, each an object with the fields that are needed.

    Raises:
        BadReply: another form.
    """
    found = list(rows.values()) if isinstance(rows, dict) else rows
    for row in found:
        if not isinstance(row, dict) or any(row.get(name) is None for name in needed):
            raise BadReply(f"a list of another form, with {str(row)[:100]}", raw=json.dumps(rows).encode()[:100_000])
    return found
