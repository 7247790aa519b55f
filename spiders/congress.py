"""``congress``: GovInfo BILLSTATUS files, found through sitemaps, with the text of each version; or the same files from disk.

A sitemap says when each file changed (``lastmod``), so an unchanged bill costs nothing, and an unchanged sitemap is not
sent again (ETag). ``--base-url`` may be a ZIP or tar archive of the service, or a folder of them: the way to load whole
Congresses; texts are then taken only if their files lie beside.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lxml import etree

from freedom_policy.records import Measure, TextVersion

from .archives import members
from .base import MeasureSpider, Reading, Yielded
from .billstatus import Bill, read_bill, updated
from .failures import BadReply, Broken, Gone, ReadError
from .formats import Unreadable, read_xml
from .texts import words_of

_FILE = re.compile(r"BILLSTATUS-(\d{3})(hr|s|hres|sres|hjres|sjres|hconres|sconres)(\d+)\.xml$")
_SITEMAP = re.compile(r"/BILLSTATUS/(\d{3})([a-z]+)/sitemap\.xml$")
_FRACTION = re.compile(r"\.\d+")
# Some collectors keep each bill in a folder of its own: data/117/bills/hr/hr1319/fdsys_billstatus.xml
_FOLDER = re.compile(r"(\d{3})/bills/([a-z]+)/\2(\d+)/fdsys_billstatus\.xml$")


@dataclass(frozen=True)
class Listed:
    """A bill in a sitemap: the measure's key (its place in the state too), address, and when it changed."""

    key: str
    url: str
    stamp: str


class Congress(MeasureSpider):
    """Bills and resolutions of Congress.

    State: ``us/117/HR1319`` -> ``{"at": lastmod, "text": bool}``; ``sitemap:117hr`` -> validators of a sitemap that was
    read to its end with nothing lost.
    """

    name = "congress"
    expects = "xml"
    required = ("title", "actions", "introduced")

    async def collect(self) -> AsyncIterator[Yielded]:
        for sitemap, folder in await self._sitemaps():
            async for message in self._sitemap(sitemap, folder):
                yield message

    async def _sitemaps(self) -> list[tuple[str, str]]:
        """Address and folder (``117hr``) of each sitemap that the options ask for, newest Congress first."""
        root = await self.get_xml("sitemap/bulkdata/BILLSTATUS/sitemapindex.xml")
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
        return [(url, congress + letters) for url, congress, letters in wanted]

    async def _sitemap(self, url: str, folder: str) -> AsyncIterator[Yielded]:
        before = self.losses
        try:
            validators, bills = await self._listing(url, folder)
        except ReadError as error:
            self.lost(f"The sitemap of {folder} could not be read: {error.what}", where=error.url)
            return
        if not self.options.partial:
            self.listed(len(bills))
            if gone := self._remembered(folder) - {bill.key for bill in bills}:
                yield self.remember(dict.fromkeys(sorted(gone)))
        async for message in self.each((bill for bill in bills if self._wanted(bill)), self._read):
            yield message
        if bills and self.losses == before and not self.options.partial:
            yield self.remember({f"sitemap:{folder}": validators})

    async def _listing(self, url: str, folder: str) -> tuple[dict[str, str], list[Listed]]:
        """Validators of a sitemap, and its bills; from the state if the sitemap is as it was."""
        earlier = self.known(f"sitemap:{folder}") or {}
        if earlier:
            response = await self.get(url, unless=earlier)
            if response.status == 304:
                return earlier, [
                    Listed(key, f"{self.base_url}/{self._path(key)}", self.known(key)["at"])
                    for key in sorted(self._remembered(folder))
                ]
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
            if match := _FILE.search(url):
                key = f"us/{match[1]}/{match[2].upper()}{match[3]}"
                stamp = _FRACTION.sub("", (entry.findtext("{*}lastmod") or "").strip())
                found[key] = Listed(key, self._here(url), stamp)
        return list(found.values())

    def _wanted(self, bill: Listed) -> bool:
        return not (self.options.since and bill.stamp[:10] < self.options.since.isoformat())

    async def _read(self, bill: Listed) -> list[Yielded] | Yielded | None:
        known = self.known(bill.key)
        if isinstance(known, dict) and known.get("text") and known.get("at") == bill.stamp:
            return self.unchanged(bill.key, bill.url)
        read, response = await self.get_read(lambda body: read_bill(body, self.source(bill.url)), bill.url)
        if not self._asked_for(read.measure):
            return None
        reading = self.reading(bill.key)
        measure = await self._with_texts(read.measure, reading)
        found = self.found(measure, remember={bill.key: {"at": bill.stamp, "text": True}}, reading=reading)
        return [found, *self._oddities(read, bill.url, response.body)]

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
    match = _FILE.search(name) or _FOLDER.search(name)
    return (match[1], match[2].upper() + match[3]) if match else None
