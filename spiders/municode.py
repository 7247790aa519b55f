"""Municode (CivicPlus): codified ordinances of a city or county, section by section.

The service is undocumented. Several open clients agree on what is built here; it was not run live (2026-11). We name
ourselves and send no Referer of the publisher's own pages: if that is refused, the verdict says so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from freedom_policy import places
from freedom_policy.records import digest_of
from freedom_policy.text import extract

from .base import MeasureSpider, Yielded
from .code_sections import Numbers, section_measure, whole_code
from .failures import BadReply, Broken, Gone, ReadError
from .registry import Client, client_of

_OTHER_BASE = "https://library.municode.com/api"
"""Where one open client found the content routes when api.municode.com had none."""
_SECTION = "section/"
_JOB = "job"


@dataclass(frozen=True)
class Section:
    """One document of the code: a section with its words."""

    node: str
    title: str
    text: str
    key: str = field(default="")


class MunicodeSpider(MeasureSpider):
    """Sections of one client's code. The supplement's number (job) says whether anything changed at all."""

    name = "municode"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client: Client = client_of(self.name, self.options)
        self._content_base = self.base_url
        self._job = self._product = 0
        self._numbers = Numbers()

    async def collect(self) -> AsyncIterator[Yielded]:
        """Nothing but the supplement's number if it is as it was; else the table of contents, chapter by chapter."""
        await self._find_job()
        known = {name: value for name, value in self.memory.items() if name.startswith(_SECTION) and value}
        if known and self.known(_JOB) == self._job and not self.options.partial:
            for name, value in known.items():
                yield self.unchanged(value[1], self._page_of(name.removeprefix(_SECTION)))
            self.listed(len(known))
            return
        async for message in whole_code(self, self._sections(), self._section, edition={_JOB: self._job}):
            yield message

    async def _find_job(self) -> None:
        state, name = self.client.jurisdiction.split("-")[1].upper(), places.jurisdiction(self.client.jurisdiction).name
        try:
            client = await self.get_json("Clients/name", query={"clientName": name, "stateAbbr": state})
        except Gone as error:
            raise Broken(
                f"Municode has no client {name!r} in {state}.", mend="Check its name there.", url=error.url
            ) from error
        products = await self.get_json(f"Products/clientId/{client['ClientID']}")
        codes = [row for row in products if "code" in (row.get("ProductName") or "").lower()]
        if not codes:
            raise Broken(f"Municode has no code of {name}.", mend="It may have ordinances only.", url=self.base_url)
        self._product = codes[0].get("ProductID") or codes[0]["Id"]
        self._job = (await self.get_json(f"Jobs/latest/{self._product}"))["Id"]

    async def _sections(self) -> AsyncIterator[Section]:
        """Depth first through the table of contents. Content comes in groups, so a node that came already costs nothing."""
        root = await self.get_json("codesToc", query=self._where())
        waiting = list(reversed(root.get("Children") or []))
        seen: set[str] = set()
        while waiting:
            node = waiting.pop()
            if node["Id"] not in seen:
                try:
                    documents = await self._content(node["Id"])
                except ReadError as error:
                    self.lost(f"{node.get('Heading') or node['Id']} could not be read: {error.what}", where=error.url)
                    documents = []
                for document in documents:
                    if document["Id"] not in seen and (section := self._read(document)):
                        yield section
                    seen.add(document["Id"])
                seen.add(node["Id"])
            if node.get("HasChildren"):
                children = node.get("Children") or await self._children(node["Id"])
                waiting.extend(
                    reversed([child for child in children if child["Id"] not in seen or child.get("HasChildren")])
                )

    def _where(self, node: str | None = None) -> dict[str, Any]:
        return {"jobId": self._job, "productId": self._product, "nodeId": node}

    async def _children(self, node: str) -> Sequence[Mapping[str, Any]]:
        try:
            return await self.get_json("codesToc/children", query=self._where(node))
        except ReadError as error:
            self.lost(f"The contents of {node} could not be read: {error.what}", where=error.url)
            return []

    async def _content(self, node: str) -> Sequence[Mapping[str, Any]]:
        try:
            reply = await self.get_json(f"{self._content_base}/CodesContent", query=self._where(node))
        except Gone:
            if self._content_base != self.info.base_url:
                raise
            self._content_base = _OTHER_BASE
            reply = await self.get_json(f"{self._content_base}/CodesContent", query=self._where(node))
        documents = reply.get("Docs") if isinstance(reply, dict) else None
        if documents is None:
            raise BadReply("content without documents", url=self.base_url, raw=repr(reply).encode()[:1000])
        return documents

    def _read(self, document: Mapping[str, Any]) -> Section | None:
        """A section of a chunk; None for a heading without words, or what a query does not ask for."""
        title = " ".join((document.get("Title") or "").split())
        text = extract(document.get("Content") or "", "text/html").text
        if not text or (self.options.query and self.options.query.lower() not in f"{title}\n{text}".lower()):
            return None
        return Section(node=document["Id"], title=title, text=text, key=f"{self.client.jurisdiction}/code/{title[:40]}")

    async def _section(self, section: Section) -> Yielded:
        digest = digest_of([section.title, section.text])
        url = self._page_of(section.node)
        known = self.known(_SECTION + section.node)
        if known and known[0] == digest:
            return self.unchanged(known[1], url, source_id=section.node)
        measure = section_measure(
            place=self.client.jurisdiction,
            title=section.title,
            text=section.text,
            number=self._numbers.of(section.title, section.node),
            url=url,
            source=self.source(url, section.node),
        )
        return self.found(measure, remember={_SECTION + section.node: [digest, measure.key]})

    def _page_of(self, node: str) -> str:
        """The page for people."""
        state = self.client.jurisdiction.split("-")[1]
        return (
            f"https://library.municode.com/{state}/{self.client.client}/codes/code_of_ordinances?nodeId={quote(node)}"
        )
