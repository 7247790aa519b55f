"""What crawls remember between runs."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from .models import CrawlStateRow


def read_state(connection: Connection, source: str, scope: str) -> dict[str, Any]:
    """What the crawl of a source and scope remembers; empty if nothing."""
    statement = select(CrawlStateRow.name, CrawlStateRow.value).where(
        CrawlStateRow.source == source, CrawlStateRow.scope == scope
    )
    return {name: json.loads(value) for name, value in connection.execute(statement)}
