"""Where items go with plain ``scrapy crawl NAME -O out.jsonl``."""

from __future__ import annotations

from typing import Any

from scrapy.exceptions import DropItem

from freedom_policy.records import Found, Message


class AsMeasures:
    """Lets the feed exporters of plain ``scrapy crawl`` see measures alone, as JSON-able dictionaries."""

    def process_item(self, item: Message, spider: Any = None) -> dict[str, Any]:
        """The measure of a :class:`~freedom_policy.records.Found`; other messages are for a caller with a store."""
        if isinstance(item, Found):
            return item.measure.model_dump(mode="json")
        raise DropItem(f"{item.type} is no measure", log_level="DEBUG")
