"""What the store says of itself: plain records, beside those of ``freedom_policy.records``."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import AwareDatetime

from ..records import Record, Source


class Observation(Record):
    """One source's view of a measure, and when we last looked."""

    key: str
    source: Source
    first_seen: AwareDatetime
    changed_at: AwareDatetime
    last_checked: AwareDatetime | None = None
    missing_since: AwareDatetime | None = None
    title: str
    actions: int
    shown: bool
    """True if the measure's actions are taken from this view."""


class Disagreement(Record):
    """Sources that say different things of one field of a measure."""

    key: str
    field: str
    values: dict[str, Any]
    """By source."""
    shown: str
    """Source whose word is shown."""


class Check(Record):
    """The last successful look at a measure in a source."""

    key: str
    source: str
    scope: str
    checked_at: AwareDatetime
    missing_since: AwareDatetime | None = None


class Facet(Record):
    """How many measures share the values of some dimensions."""

    values: dict[str, Any]
    measures: int
    families: int
    """Measures of one reform count once."""
    latest: dt.date | None = None
    """Latest action among them."""


class DigestIssue(Record):
    """One issue of a digest in the ledger."""

    id: int
    name: str
    since: AwareDatetime | None
    """None: nothing was told under this name before."""
    until: AwareDatetime
    state: Literal["begun", "sent", "given_up"]
    begun_at: AwareDatetime
    ended_at: AwareDatetime | None = None
