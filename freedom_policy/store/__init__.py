"""Where records are kept: models, migrations, ingest (writes) and queries (reads), on SQLite or PostgreSQL."""

from __future__ import annotations

from .collecting import Collecting
from .results import Check, DigestIssue, Disagreement, Facet, Observation
from .store import Store

__all__ = ["Check", "Collecting", "DigestIssue", "Disagreement", "Facet", "Observation", "Store"]
