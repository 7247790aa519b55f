"""``congress``: GovInfo BILLSTATUS files, found through sitemaps, with the text of each version; or the same files from disk.

A sitemap says when each file changed (``lastmod``), so an unchanged bill costs nothing, and an unchanged sitemap is not
sent again (ETag). Two shortcuts of the service, each left for the longer way when in doubt:

- Where many bills of a folder are due, as at a first look, they come from its ZIP (:mod:`.bundles`).
- The feed of batches (:mod:`.batches`) says which folders changed since the last look, and only their sitemaps are read;
  all of them once a week, for the feed tells of no file that is gone.

``--base-url`` may be a ZIP or tar archive of the service, or a folder of them: the way to load whole Congresses without
asking; texts are then taken only if their files lie beside.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from freedom_policy.records import Measure, TextVersion

from . import bundles
from .archives import members
from .base import MeasureSpider, Reading, Yielded
from .batches import FILE, LAG, covers, key_of, read_batches
from .billstatus import Bill, read_bill, updated
from .bundles import Bundle
from .failures import BadReply, Broken, Gone, ReadError
from .formats import Unreadable, read_xml
from .texts import words_of

_SITEMAP = re.compile(r"/BILLSTATUS/(\d{3})([a-z]+)/sitemap\.xml$")
_FRACTION = re.compile(r"\.\d+")
# Some collectors keep each bill in a folder of its own: data/117/bills/hr/hr1319/fdsys_billstatus.xml
_FOLDER = re.compile(r"(\d{3})/bills/([a-z]+)/\2(\d+)/fdsys_billstatus\.xml$")
_LOOK = "look"
_WEEK = dt.timedelta(days=7)
_ZIP_FROM = 100
"""Bills of a folder that are due from which its ZIP is cheaper; the setting CONGRESS_ZIP_FROM overrides it in tests."""


@dataclass(frozen=True)
class Listed:
    """A bill in a sitemap: the measure's key (its place in the state too), address, and when it changed."""

    key: str
    url: str
    stamp: str

    @property
    def file(self) -> str:
        """Base name of its file."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class Unpacked:
    """A bill that came in a ZIP, read."""

    listed: Listed
    bill: Bill
    body: bytes

    @property
    def key(self) -> str:
        """How it is called in a problem."""
        return self.listed.key


class Congress(MeasureSpider):
    """Bills and resolutions of Congress.

    State: ``us/117/HR1319`` -> ``{"at": lastmod, "text": bool}``; ``sitemap:117hr`` -> validators of a sitemap that was
    read to its end with nothing lost; ``zip:117hr`` -> the same of a ZIP; ``look`` -> ``{"at": moment up to which changes
    are known, "full": when all sitemaps were looked at}``.
    """

    name = "congress"
    expects = "xml"
    required = ("title", "actions", "introduced")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zip_from = int(self.options.settings.get("CONGRESS_ZIP_FROM", _ZIP_FROM))
        self._piece = int(self.options.settings.get("CONGRESS_PIECE", bundles.PIECE))
        self._named: frozenset[str] = frozenset()
        """Bills that the feed names as written since the last look: they are read, whatever the sitemap says."""
        self._texts: list[Bundle] = []

    async def collect(self) -> AsyncIterator[Yielded]:
        before = self.losses
        touched, look = await self._touched()
        if touched is None:
            sitemaps, now = await self._sitemaps()
            look = {"at": (now - LAG).isoformat(), "full": now.isoformat()}
        else:
            place = f"{self.base_url}/sitemap/bulkdata/BILLSTATUS"
            sitemaps = [(f"{place}/{folder}/sitemap.xml", folder) for folder in self._folders()]
        for sitemap, folder in sitemaps:
            async for message in self._sitemap(sitemap, folder, still=touched is not None and folder not in touched):
                yield message
        if self.losses == before and not self.options.partial:
            yield self.remember({_LOOK: look})

    async def _touched(self) -> tuple[set[str] | None, dict[str, str]]:
        """Folders that the feed of batches says were written to since the last look, and what to remember then.

        None where the feed would not tell all that changed, so that the sitemaps must.
        """
        look, now = self.known(_LOOK), self.started_at
        if self.options.partial or not look or now - dt.datetime.fromisoformat(look["full"]) > _WEEK:
            return None, {}
        try:
            batches, _ = await self.get_read(read_batches, "rss/billstatus-batch.xml", expects="xml")
        except ReadError as error:
            self.logger.info("no feed of batches (%s); looking at the sitemaps", error.what)
            return None, {}
        since = dt.datetime.fromisoformat(look["at"])
        named = frozenset().union(*(batch.bills for batch in batches if batch.at > since))
        touched = {folder for key in named if self.options.session in (None, (folder := _folder(key))[:3])}
        # A folder that we know no sitemap of has its first bill, or could not be read.
        if not covers(batches, since, now) or not touched <= set(self._folders()):
            return None, {}
        self._named = named
        return touched, {**look, "at": batches[-1].at.isoformat()}

    def _folders(self) -> list[str]:
        """Folders (``117hr``) whose sitemaps were read to their end, newest Congress first."""
        found = [key.partition(":")[2] for key in self.memory if key.startswith("sitemap:")]
        return sorted(found, key=lambda folder: (-int(folder[:3]), folder))

    async def _sitemaps(self) -> tuple[list[tuple[str, str]], dt.datetime]:
        """Address and folder (``117hr``) of each sitemap that the options ask for, newest Congress first; the time there."""
        root, response = await self.get_read(read_xml, "sitemap/bulkdata/BILLSTATUS/sitemapindex.xml")
        found = []
        for loc in root.iterfind("{*}sitemap/{*}loc"):
            if match := _SITEMAP.search((loc.text or "").strip()):
                found.append((self._here((loc.text or "").strip()), match[1], match[2]))
        if not found:
            raise Broken("The index of sitemaps lists no bills.", mend="Check the base URL.", url=self.base_url)
        there = sorted({congress for _, congress, _ in found}, key=int)
        if self.options.session and self.options.session not in there:
            held = f"{there[0]} to {there[-1]}"
            raise Broken(
                f"There is no Congress {self.options.session} at the source; it has {held}.", mend="Check --session."
            )
        wanted = [row for row in found if self.options.session in (None, row[1])]
        wanted.sort(key=lambda row: -int(row[1]))
        said = (response.headers.get("Date") or b"").decode("latin-1")
        return [(url, congress + letters) for url, congress, letters in wanted], _instant(said) or self.started_at

    async def _sitemap(self, url: str, folder: str, *, still: bool) -> AsyncIterator[Yielded]:
        before = self.losses
        try:
            validators, bills = await self._listing(url, folder, still=still)
        except ReadError as error:
            self.lost(f"The sitemap of {folder} could not be read: {error.what}", where=error.url)
            return
        there = {bill.key for bill in bills}
        # Some bills are in the feed before they are in the sitemap.
        bills += [self._bill(key, "") for key in sorted(self._named - there) if _folder(key) == folder]
        if not self.options.partial:
            self.listed(len(bills))
            if gone := self._remembered(folder) - {bill.key for bill in bills}:
                yield self.remember(dict.fromkeys(sorted(gone)))
        due = [bill for bill in bills if self._wanted(bill)]
        unknown = sum(not self._is_known(bill) for bill in due)
        if unknown >= self._zip_from and not self.options.limit:
            done: set[str] = set()
            texts = unknown * 2 >= len(bills) and not self.options.query
            async for message in self._zipped(folder, due, done, texts=texts):
                yield message
            due = [bill for bill in due if bill.key not in done]
        async for message in self.each(due, self._read):
            yield message
        if bills and self.losses == before and not self.options.partial:
            yield self.remember({f"sitemap:{folder}": validators})

    async def _listing(self, url: str, folder: str, *, still: bool) -> tuple[dict[str, str], list[Listed]]:
        """Validators of a sitemap, and its bills; from the state if the sitemap is as it was (``still``: as we know)."""
        earlier = self.known(f"sitemap:{folder}") or {}
        if still and earlier:
            return earlier, self._as_before(folder)
        if earlier:
            response = await self.get(url, unless=earlier)
            if response.status == 304:
                return earlier, self._as_before(folder)
        for second_look in (False, True):
            root, response = await self.get_read(read_xml, url)
            if (bills := self._bills(root)) or second_look:
                break
        if not bills:
            self.doubt(
                f"The sitemap of {folder} lists no bills.", mend="Nothing of it counts as gone. Run again later."
            )
            self.lost(f"The bills of {folder} were not looked at.", where=url)
        return self.validators(response), bills

    def _as_before(self, folder: str) -> list[Listed]:
        """The bills of a folder as we know them."""
        return [self._bill(key, self.known(key)["at"]) for key in sorted(self._remembered(folder))]

    def _bill(self, key: str, stamp: str) -> Listed:
        return Listed(key, f"{self.base_url}/{self._path(key)}", stamp)

    def _remembered(self, folder: str) -> set[str]:
        congress, letters = folder[:3], folder[3:].upper()
        pattern = re.compile(rf"us/{congress}/{letters}\d+")
        return {key for key, value in self.memory.items() if value and pattern.fullmatch(key)}

    @staticmethod
    def _path(key: str) -> str:
        _, congress, identifier = key.split("/")
        letters = identifier.rstrip("0123456789").lower()
        return f"bulkdata/BILLSTATUS/{congress}/{letters}/BILLSTATUS-{congress}{identifier.lower()}.xml"

    def _here(self, url: str) -> str:
        """A published address at the host that we read."""
        parts = urlsplit(url)
        live = urlsplit(self.info.base_url).hostname
        return f"{self.base_url}{parts.path}" if parts.hostname == live else url

    def _bills(self, root: etree._Element) -> list[Listed]:
        """The bills of a sitemap, each once."""
        found: dict[str, Listed] = {}
        for entry in root.iterfind("{*}url"):
            url = (entry.findtext("{*}loc") or "").strip()
            if key := key_of(url):
                stamp = _FRACTION.sub("", (entry.findtext("{*}lastmod") or "").strip())
                found[key] = Listed(key, self._here(url), stamp)
        return list(found.values())

    def _wanted(self, bill: Listed) -> bool:
        return not (self.options.since and bill.stamp[:10] < self.options.since.isoformat())

    def _is_known(self, bill: Listed) -> bool:
        """True if what we have of a bill is what the source has."""
        known = self.known(bill.key)
        same = isinstance(known, dict) and known.get("text") and known.get("at") == bill.stamp
        return bool(same) and bill.key not in self._named

    async def _read(self, bill: Listed) -> list[Yielded] | Yielded | None:
        if self._is_known(bill):
            return self.unchanged(bill.key, bill.url)
        read, response = await self.get_read(lambda body: read_bill(body, self.source(bill.url)), bill.url)
        return await self._kept(bill, read, response.body)

    async def _kept(self, bill: Listed, read: Bill, body: bytes) -> list[Yielded] | None:
        """What is told of a bill that was read, with its texts; nothing if it is not asked for."""
        if not self._asked_for(read.measure):
            return None
        reading = self.reading(bill.key)
        measure = await self._with_texts(read.measure, reading)
        found = self.found(measure, remember={bill.key: {"at": bill.stamp, "text": True}}, reading=reading)
        return [found, *self._oddities(read, bill.url, body)]

    # -- a folder's ZIP -----------------------------------------------------------------------------------------------

    async def _zipped(
        self, folder: str, due: Iterable[Listed], done: set[str], *, texts: bool
    ) -> AsyncIterator[Yielded]:
        """The bills that are in a folder's ZIP as its sitemap has them, noted in ``done``; the others come one by one.

        Args:
            texts: most of the folder is due, so that the ZIPs of its texts are worth their size.
        """
        congress, letters = folder[:3], folder[3:]
        state = f"zip:{folder}"
        path = f"bulkdata/BILLSTATUS/{congress}/{letters}/BILLSTATUS-{congress}-{letters}.zip"
        try:
            bundle = await bundles.fetch(self, path, unless=self.known(state), piece=self._piece)
        except ReadError as error:
            if not isinstance(error, Gone):
                self.problem(f"The ZIP of {folder} could not be had: {error.what}", mend="Its bills come one by one.")
            return
        if bundle is None:
            return  # it was read before, so what is due is newer than it
        with ExitStack() as stack:
            stack.enter_context(closing(bundle))
            for session in (1, 2) if texts else ():
                if more := await self._text_bundle(folder, session):
                    self._texts.append(stack.enter_context(closing(more)))
            async for message in self.each(self._unpacked(bundle, due, done), self._read_unpacked):
                yield message
            self._texts.clear()
        if not self.options.partial:
            yield self.remember({state: bundle.validators})

    async def _text_bundle(self, folder: str, session: int) -> Bundle | None:
        """The ZIP of a folder's bill texts of one of the two sessions of a Congress; texts in none come one by one."""
        congress, letters = folder[:3], folder[3:]
        path = f"bulkdata/BILLS/{congress}/{session}/{letters}/BILLS-{congress}-{session}-{letters}.zip"
        try:
            return await bundles.fetch(self, path, piece=self._piece)
        except ReadError as error:
            self.logger.info("no ZIP of texts of %s (%s); they come one by one", folder, error.what)
            return None

    def _unpacked(self, bundle: Bundle, due: Iterable[Listed], done: set[str]) -> Iterator[Unpacked]:
        made = _moment(bundle.validators)
        for bill in due:
            # What the feed names is newer than we can tell of a ZIP.
            if self._is_known(bill) or bill.key in self._named or (body := bundle.read(bill.file)) is None:
                continue
            # A ZIP that was made well after the file changed holds the change; else the file's own word must say so.
            if bill.stamp > made and _FRACTION.sub("", updated(body)) < bill.stamp:
                continue
            try:
                read = read_bill(body, self.source(bill.url))
            except Unreadable as error:
                self.logger.info("%s in its ZIP does not read (%s); it is fetched alone", bill.key, error)
                continue
            if read.measure.key == bill.key:
                done.add(bill.key)
                yield Unpacked(bill, read, body)

    async def _read_unpacked(self, unpacked: Unpacked) -> list[Yielded] | None:
        return await self._kept(unpacked.listed, unpacked.bill, unpacked.body)

    def _asked_for(self, measure: Measure) -> bool:
        """True if the measure holds the words of ``--query`` in a title, summary or subject. The service has no search."""
        if not self.options.query:
            return True
        said = " ".join(
            (measure.title, *measure.other_titles, *measure.subjects, *(a.abstract for a in measure.abstracts))
        )
        return self.options.query.lower() in said.lower()

    def _oddities(self, read: Bill, url: str, body: bytes) -> list[Yielded]:
        if not read.odd:
            return []
        why = f"read without: {'; '.join(dict.fromkeys(read.odd))}"
        return [self.reject(why, url=url, raw=body, media_type="text/xml", key=read.measure.key)]

    async def _with_texts(self, measure: Measure, reading: Reading) -> Measure:
        versions = []
        for version in measure.versions:
            versions.append(await reading.part("versions", self._text(version), version))
        return measure.model_copy(update={"versions": tuple(versions)})

    async def _text(self, version: TextVersion) -> TextVersion:
        if not version.url or not version.url.endswith(".xml"):
            return version
        for texts in self._texts:
            body = texts.read(version.url.rpartition("/")[2])
            if body and (words := words_of(body, "text/xml")):
                return version.model_copy(update={"text": words})
        try:
            _, response = await self.get_read(read_xml, self._here(version.url))
        except Gone:
            # A version is often announced days before its text is there; its address is kept.
            return version
        return version.model_copy(update={"text": words_of(response.body, "text/xml")})

    # -- from disk ----------------------------------------------------------------------------------------------------

    def read_local(self, path: Path) -> Iterator[Yielded]:
        count = 0
        for name, body in members(path, lambda name: _place(name) is not None):
            congress, identifier = _place(name) or ("", "")
            if self.options.session in (None, congress):
                count += 1
                yield from self._read_member(f"us/{congress}/{identifier}", body)
        if not count:
            raise Broken(f"No BILLSTATUS files in {path}.", mend="Give a ZIP or tar archive of them, or a folder.")
        if not self.options.partial:
            self.listed(count)

    def _read_member(self, key: str, body: bytes) -> Iterator[Yielded]:
        stamp = _FRACTION.sub("", updated(body))
        if self.options.since and stamp[:10] < self.options.since.isoformat():
            return
        url = f"{self.info.base_url}/{self._path(key)}"
        known = self.known(key)
        if stamp and isinstance(known, dict) and str(known.get("at")) >= stamp:
            # What we have is as new, or newer: an archive of last year takes nothing back.
            yield self.unchanged(key, url)
            return
        try:
            read = read_bill(body, self.source(url))
        except Unreadable as error:
            yield from self.failed(BadReply(str(error), url=url, raw=body, media_type="text/xml"), what=key)
            return
        if self._asked_for(read.measure):
            yield self.found(read.measure, remember={key: {"at": stamp, "text": False}})
            yield from self._oddities(read, url, body)


def _place(name: str) -> tuple[str, str] | None:
    """Congress and identifier that a file's name tells; None for another file."""
    match = FILE.search(name) or _FOLDER.search(name)
    return (match[1], match[2].upper() + match[3]) if match else None


def _folder(key: str) -> str:
    """``117hr`` of ``us/117/HR1319``."""
    _, congress, identifier = key.split("/")
    return congress + identifier.rstrip("0123456789").lower()


def _moment(validators: Mapping[str, str]) -> str:
    """Up to when a ZIP surely holds what changed, in the form of a ``lastmod``: some hours before it was made."""
    made = _instant(validators.get("modified", ""))
    return f"{made - LAG:%Y-%m-%dT%H:%M:%SZ}" if made else ""


def _instant(header: str) -> dt.datetime | None:
    """The moment in an HTTP header; None if there is none."""
    try:
        return parsedate_to_datetime(header).astimezone(dt.UTC)
    except ValueError:
        return None
