"""Washington State Legislature, from its own web services (SOAP services that answer plain GET with the same XML).

2026-11: the list of bills exercised on a recorded reply (752 bills); status changes and texts built to the services'
published description. Two requests give a biennium with all its history lines.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from freedom_policy import places
from freedom_policy.records import (
    Action,
    Committee,
    Kind,
    Measure,
    RelatedMeasure,
    Source,
    Sponsor,
    TextVersion,
    digest_of,
    oldest_first,
)
from freedom_policy.text import extract

from .base import MeasureSpider, Reading, Yielded
from .failures import BadReply, Broken
from .formats import read_date, read_time
from .subject import touches_subject

PLACE = "us-wa"
_TEXTS = "https://lawfilesext.leg.wa.gov/biennium"
_KINDS: dict[str, Kind] = {
    "B": "bill",
    "JM": "resolution",
    "JR": "joint resolution",
    "CR": "concurrent resolution",
    "R": "resolution",
}
_HISTORY = tuple[str, str, str]
"""Date, history line and status of one step."""


class Bill(NamedTuple):
    """One bill of the service's list; ``fields`` are its elements by name."""

    identifier: str
    biennium: str
    fields: Mapping[str, str]
    companions: tuple[str, ...]

    @property
    def key(self) -> str:
        """The measure's key."""
        return f"{PLACE}/{session_of(self.biennium)}/{self.identifier}"

    @property
    def substitute(self) -> tuple[int, int]:
        """Which substitute, and which engrossment of it."""
        return int(self.fields.get("SubstituteVersion") or 0), int(self.fields.get("EngrossedVersion") or 0)


def biennium_of(session: str) -> str:
    """The service's spelling of a session: ``2025-2026`` is ``2025-26``."""
    first = int(session[:4])
    return f"{first}-{(first + 1) % 100:02d}"


def session_of(biennium: str) -> str:
    """Our spelling of a biennium: ``2025-26`` is ``2025-2026``."""
    first = int(biennium[:4])
    return f"{first}-{first + 1}"


def number_of(bill_id: str) -> str:
    """A bill's number without the letters that tell its version: ``2SHB 1049``, ``ESHB 1049`` and ``HB 1049`` are one bill."""
    match = re.fullmatch(r"\d*(?:E\d*)?(?:\d*S)?(?:E\d*)?\s*([HS](?:B|JM|JR|CR|R|I))\s+(\d+)", bill_id.strip())
    return places.canonical_identifier(PLACE, f"{match[1]} {match[2]}" if match else bill_id)


def read_bills(root: Any) -> list[Bill]:
    """The bills of a list, each once with its latest version; from a bare or a SOAP reply.

    Raises:
        ValueError: a version number that is none.
    """
    found: dict[tuple[str, str], Bill] = {}
    for element in root.iter("{*}Legislation"):
        fields = _fields(element)
        if not fields.get("BillId"):
            continue
        fields |= {f"Current{name}": value for name, value in _fields(element.find("{*}CurrentStatus")).items()}
        fields["Type"] = _fields(element.find("{*}ShortLegislationType")).get("ShortLegislationType", "")
        companions = [_fields(row).get("BillId", "") for row in element.iterfind("{*}Companions/{*}Companion")]
        bill = Bill(number_of(fields["BillId"]), fields.get("Biennium", ""), fields, tuple(filter(None, companions)))
        place = (bill.biennium, bill.identifier)
        if place not in found or bill.substitute >= found[place].substitute:
            found[place] = bill
    return list(found.values())


def read_history(root: Any) -> dict[str, list[_HISTORY]]:
    """History lines by bill number, in the service's order; a line that came under two versions counts once."""
    found: dict[str, dict[_HISTORY, None]] = defaultdict(dict)
    for element in root.iter("{*}LegislativeStatus"):
        fields = _fields(element)
        if fields.get("BillId") and fields.get("HistoryLine"):
            step = (fields.get("ActionDate", ""), fields["HistoryLine"], fields.get("Status", ""))
            found[number_of(fields["BillId"])].setdefault(step)
    return {number: list(steps) for number, steps in found.items()}


def _fields(element: Any) -> dict[str, str]:
    if element is None:
        return {}
    return {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element if isinstance(child.tag, str)}


def measure_of(bill: Bill, history: Sequence[_HISTORY], source: Source) -> Measure:
    """A measure from a bill of the list and its history lines.

    Raises:
        Unreadable: a date that is none.
    """
    fields = bill.fields
    actions = [_action(bill, *step) for step in history]
    current = (
        fields.get("CurrentActionDate", ""),
        fields.get("CurrentHistoryLine", ""),
        fields.get("CurrentStatus", ""),
    )
    if current[1] and not any(action.description == current[1] for action in actions):
        actions.append(_action(bill, *current))
    sponsor = fields.get("Sponsor", "").strip("()")
    # "H ConsPro&Bus": the chamber and the committee that has it, as the service abbreviates.
    status = fields.get("CurrentStatus") or None
    referred = [
        match
        for action in actions
        if (match := re.search(r"referred to ([A-Z][^.]+?)(?: \(|\.|$)", action.description))
    ]
    return Measure(
        jurisdiction=PLACE,
        session=session_of(bill.biennium),
        identifier=bill.identifier,
        kind=_KINDS.get(fields["Type"]),
        title=fields.get("LongDescription") or fields.get("ShortDescription") or fields.get("LegalTitle") or "",
        source=source,
        other_titles=tuple(filter(None, (fields.get("ShortDescription"), fields.get("LegalTitle")))),
        sponsors=(Sponsor(name=sponsor, classification="primary", source_id=fields.get("PrimeSponsorID")),)
        if sponsor
        else (),
        committees=tuple(dict.fromkeys(Committee(name=match[1]) for match in referred)),
        actions=oldest_first(actions),
        versions=(_version(bill),),
        related=tuple(
            RelatedMeasure(
                relation_type="companion",
                session=session_of(bill.biennium),
                identifier=number_of(companion),
                stated_by="washington",
            )
            for companion in bill.companions
        ),
        introduced=read_date(fields.get("IntroducedDate")),
        source_status=status,
        url=f"https://app.leg.wa.gov/billsummary?BillNumber={fields.get('BillNumber')}&Year={bill.biennium[:4]}",
    )


def _action(bill: Bill, date: str, line: str, status: str) -> Action:
    letter = status[:1] or bill.fields.get("OriginalAgency", "")[:1]
    return Action(
        date=read_date(date),
        time=read_time(date),
        description=line,
        chamber="lower" if letter == "H" else "upper" if letter == "S" else None,
        type=status or None,
    )


def _version(bill: Bill) -> TextVersion:
    """The latest version: ``1101.htm``, ``1101-S.htm`` (substitute), ``1101-S2.E.htm`` (second one, engrossed)."""
    chamber = bill.fields.get("OriginalAgency") or ("House" if bill.identifier.startswith("H") else "Senate")
    folder = {
        "B": "Bills",
        "R": "Resolutions",
        "JM": "Joint Memorials",
        "JR": "Joint Resolutions",
        "CR": "Concurrent Resolutions",
    }
    substitute, engrossed = bill.substitute
    name = bill.fields.get("BillNumber", "")
    name += f"-S{substitute if substitute > 1 else ''}" if substitute else ""
    name += f".E{engrossed if engrossed > 1 else ''}" if engrossed else ""
    note = " ".join(filter(None, ("Engrossed" if engrossed else "", "Substitute" if substitute else "", "Bill")))
    path = f"Htm/Bills/{chamber} {folder.get(bill.fields['Type'], 'Bills')}/{name}.htm".replace(" ", "%20")
    return TextVersion(note=note, url=f"{_TEXTS}/{bill.biennium}/{path}", media_type="text/html")


# ---------------------------------------------------------------------------------------------------------------------


class WashingtonSpider(MeasureSpider):
    """Bills of a biennium; State: measure key -> digest of its row and history lines."""

    name = "washington"
    expects = "xml"

    async def collect(self) -> AsyncIterator[Yielded]:
        """One request for the bills, one for all their history lines; texts for what speaks of the subject."""
        first = int(self.options.session[:4]) if self.options.session else self.today.year - (self.today.year + 1) % 2
        biennium = biennium_of(str(first))
        begin = dt.date(first - 1, 12, 1)  # prefiling opens in December
        end = min(self.today, dt.date(first + 2, 1, 31)) + dt.timedelta(days=1)
        listing = await self.get_xml(
            self._call("GetLegislationIntroducedSince"), query={"sinceDate": begin.isoformat()}
        )
        bills = [bill for bill in read_bills(listing) if bill.biennium == biennium]
        if not bills:
            raise Broken(f"The service lists no bills of {biennium}.", mend="Check the session.", url=self._call(""))
        query = {"biennium": biennium, "beginDate": begin.isoformat(), "endDate": end.isoformat()}
        history = read_history(await self.get_xml(self._call("GetLegislativeStatusChangesByDateRange"), query=query))
        self.listed(len(bills))
        if not history:
            self.doubt("The service gives no history lines.", mend="Run it again.")

        async def read(bill: Bill) -> Yielded:
            return await self._bill(bill, history.get(bill.identifier, ()))

        async for message in self.each(self._asked_for(bills, history), read):
            yield message

    def _call(self, operation: str) -> str:
        return f"{self.base_url}/LegislationService.asmx/{operation}"

    def _asked_for(self, bills: Iterable[Bill], history: Mapping[str, Sequence[_HISTORY]]) -> list[Bill]:
        since, query = self.options.since, (self.options.query or "").lower()
        return [
            bill
            for bill in bills
            if (since is None or any(step[0] >= since.isoformat() for step in history.get(bill.identifier, ())))
            and query in " ".join(bill.fields.values()).lower()
        ]

    async def _bill(self, bill: Bill, history: Sequence[_HISTORY]) -> Yielded:
        digest = digest_of([dict(bill.fields), list(bill.companions), [list(step) for step in history]])
        url = f"{self._call('GetLegislation')}?biennium={bill.biennium}&billNumber={bill.fields.get('BillNumber')}"
        if self.known(bill.key) == digest:
            return self.unchanged(bill.key, url)
        measure = measure_of(bill, history, self.source(url, bill.fields.get("BillId")))
        reading = self.reading(measure.key)
        if touches_subject(measure):
            words = await reading.part("versions", self._words(reading, measure.versions[0].url or ""), None)
            if words:
                version = measure.versions[0].model_copy(update={"text": words})
                measure = measure.model_copy(update={"versions": (version,)})
        return self.found(measure, remember={bill.key: digest}, reading=reading)

    async def _words(self, reading: Reading, url: str) -> str | None:
        reply = await self.get(url, expects="html")
        found = extract(reply.body, "text/html")
        if found.status == "unreadable":
            raise BadReply(f"{reading.key}: its text is unreadable: {found.note}", url=url, raw=reply.body)
        return found.text or None
