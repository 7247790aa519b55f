"""American Legal Publishing (codelibrary.amlegal.com): codified ordinances, section by section.

The service is undocumented and often behind a bot wall, which we do not go around. Built to the shape that open clients
describe; not run live (2026-11).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from freedom_policy.records import digest_of
from freedom_policy.text import extract

from .base import MeasureSpider, Yielded
from .code_sections import Numbers, section_measure, whole_code
from .failures import Broken, Gone, ReadError
from .registry import Client, client_of

_SECTION = "section/"
_VERSION = "version"


@dataclass(frozen=True)
class Leaf:
    """A document at the end of the table of contents."""

    code: str
    document: str
    title: str

    @property
    def key(self) -> str:
        """How it is called in a problem."""
        return self.title[:60] or self.document


class AmlegalSpider(MeasureSpider):
    """Sections of one client's codes. The version's id says whether anything changed at all."""

    name = "amlegal"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client: Client = client_of(self.name, self.options)
        self._version = ""
        self._numbers = Numbers()

    async def collect(self) -> AsyncIterator[Yielded]:
        """Nothing but the version if it is as it was; else the tables of contents, and each document."""
        slug = self.client.client
        try:
            version = await self.get_json(f"client-version/{slug}/latest/")
        except Gone as error:
            raise Broken(
                f"American Legal has no client {slug!r}.", mend="Check its name there.", url=error.url
            ) from error
        self._version = str(version.get("uuid") or version.get("slug") or "latest")
        known = {name: value for name, value in self.memory.items() if name.startswith(_SECTION) and value}
        if known and self.known(_VERSION) == self._version and not self.options.partial:
            for name, value in known.items():
                yield self.unchanged(value[1], self._page_of(*name.removeprefix(_SECTION).split("/", 1)))
            self.listed(len(known))
            return
        leaves = self._all_leaves(version)
        async for message in whole_code(self, leaves, self._document, edition={_VERSION: self._version}):
            yield message

    async def _all_leaves(self, version: Mapping[str, Any]) -> AsyncIterator[Leaf]:
        for code in version.get("toc") or []:
            async for leaf in self._leaves(str(code.get("slug") or code["uuid"]), code.get("sections") or []):
                yield leaf

    async def _leaves(self, code: str, sections: Sequence[Mapping[str, Any]]) -> AsyncIterator[Leaf]:
        waiting = list(reversed(sections))
        while waiting:
            node = waiting.pop()
            children = node.get("sections") or node.get("children") or []
            if not children and node.get("has_children"):
                try:
                    reply = await self.get_json(f"section-toc/{node['id']}/")
                except ReadError as error:
                    self.lost(f"The contents of {node.get('title')} could not be read: {error.what}", where=error.url)
                    continue
                children = reply.get("sections") or reply.get("children") or [] if isinstance(reply, dict) else reply
            if children:
                waiting.extend(reversed(children))
            elif node.get("doc_id"):
                yield Leaf(code=code, document=str(node["doc_id"]), title=" ".join((node.get("title") or "").split()))

    async def _document(self, leaf: Leaf) -> Yielded | None:
        reply = await self.get_json(f"render-doc/{self.client.client}/{self._version}/{leaf.code}/{leaf.document}/")
        title = " ".join((reply.get("title") or leaf.title).split())
        # The HTML is written for a page of components: <Link>, <AnnotationDrawer>, className.
        text = extract(reply.get("html") or "", "text/html").text
        if not text or (self.options.query and self.options.query.lower() not in f"{title}\n{text}".lower()):
            return None
        url, memory = self._page_of(leaf.code, leaf.document), f"{_SECTION}{leaf.code}/{leaf.document}"
        digest = digest_of([title, text])
        known = self.known(memory)
        if known and known[0] == digest:
            return self.unchanged(known[1], url, source_id=leaf.document)
        measure = section_measure(
            place=self.client.jurisdiction,
            title=title,
            text=text,
            number=self._numbers.of(title, leaf.document),
            url=url,
            source=self.source(url, leaf.document),
        )
        return self.found(measure, remember={memory: [digest, measure.key]})

    def _page_of(self, code: str, document: str) -> str:
        """The page for people."""
        return f"https://codelibrary.amlegal.com/codes/{self.client.client}/latest/{code}/{document}"
