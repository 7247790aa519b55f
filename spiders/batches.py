"""GovInfo's RSS feed of batches: which bills' files were written anew, and when. Pure: bytes in, plain values out.

An item stands for one run of the publisher's job, and its description names each file that the run wrote::

    <item><guid isPermaLink="false">BILLSTATUS-2021-04-22T15:07:33Z</guid>
    <pubDate>Thu, 22 Apr 2021 15:08:00 +0000</pubDate>
    <description>&lt;a href=https://www.govinfo.gov/bulkdata/BILLSTATUS/117/s/BILLSTATUS-117s1251.xml&gt;...</description></item>

The feed holds the last batches only, has stood still for days, and lags up to two hours behind the files
(usgpo/bill-status issues 171 and 106), so :func:`covers` is asked before it is believed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from .formats import Unreadable, read_xml

FILE = re.compile(r"BILLSTATUS-(\d{3})(hr|s|hres|sres|hjres|sjres|hconres|sconres)(\d+)\.xml(?=$|[\s\"'<>])")
LAG = dt.timedelta(hours=6)
"""A file may be there so long before the feed names it; the publisher's job runs every four hours."""
_FRESH = dt.timedelta(hours=36)
"""Older Congresses have a batch each day, so a newest item older than this is a feed that stands still."""


@dataclass(frozen=True)
class Batch:
    """One run of the publisher's job: when it ended, and the bills that it wrote, such as ``us/117/S1251``."""

    at: dt.datetime
    bills: frozenset[str]


def key_of(name: str) -> str | None:
    """The measure's key that a BILLSTATUS file's name or address tells; None for another file."""
    match = FILE.search(name)
    return f"us/{match[1]}/{match[2].upper()}{match[3]}" if match else None


def read_batches(body: bytes) -> list[Batch]:
    """The batches of a feed, oldest first.

    Raises:
        Unreadable: no feed, an item without a moment, or one that speaks of files in a way that we cannot read.
    """
    found = []
    for item in read_xml(body).iter("item"):
        said, moment = item.findtext("description") or "", item.findtext("pubDate") or ""
        bills = frozenset(f"us/{match[1]}/{match[2].upper()}{match[3]}" for match in FILE.finditer(said))
        if not bills and said.strip():
            raise Unreadable(f"a batch that names no bill's file: {said.strip()[:100]!r}")
        try:
            at = parsedate_to_datetime(moment)
        except ValueError as error:
            raise Unreadable(f"a batch without a moment: {moment!r}") from error
        found.append(Batch(at if at.tzinfo else at.replace(tzinfo=dt.UTC), bills))
    if not any(batch.bills for batch in found):
        raise Unreadable("no batches in the feed")
    return sorted(found, key=lambda batch: batch.at)


def covers(batches: Sequence[Batch], since: dt.datetime, now: dt.datetime) -> bool:
    """True if a feed names every file written after a moment: it begins before it, and has not stood still."""
    return batches[0].at <= since and now - _FRESH <= batches[-1].at <= now + LAG
