"""Where messages go: plain measures for ``scrapy crawl -O out.jsonl``, or the wire to the caller of a crawl."""

from __future__ import annotations

import asyncio
from typing import Any

from scrapy.exceptions import DropItem

from freedom_policy.records import Found, Message

from .wire import Writer


class AsMeasures:
    """Lets the feed exporters of plain ``scrapy crawl`` see measures alone, as JSON-able dictionaries."""

    def process_item(self, item: Message, spider: Any = None) -> dict[str, Any]:
        """The measure of a :class:`~freedom_policy.records.Found`; other messages are for a caller with a store."""
        if isinstance(item, Found):
            return item.measure.model_dump(mode="json")
        raise DropItem(f"{item.type} is no measure", log_level="DEBUG")


class ToCaller:
    """Hands each message to the process that asked for the crawl, and waits while that process is behind."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    @classmethod
    def from_crawler(cls, crawler: Any) -> ToCaller:
        """The worker gives the writer to the spider."""
        return cls(crawler.spider.caller)

    async def process_item(self, item: Message, spider: Any = None) -> Message:
        """Send one message; returns when the caller has room for more."""
        self._writer.send(item)
        while self._writer.behind:
            await asyncio.sleep(0.005)
        return item
