"""GovInfo BILLSTATUS XML into a measure. Both schemas: 1.0.0 (``billNumber``, ``billType``) and 3.0.0 (``number``, ``type``).

The two differ in names and wrappers only, so one reader takes either name. Facts of the format: actions come newest first;
the same event is told by the chamber and by the Library of Congress, with other codes; an empty element means nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from lxml import etree

from freedom_policy.records import (
    Abstract,
    Action,
    Chamber,
    Citation,
    Committee,
    Document,
    Hearing,
    Kind,
    Measure,
    RelatedMeasure,
    Source,
    Sponsor,
    TextVersion,
    oldest_first,
    unique,
)

from .formats import Unreadable, read_date, read_time, read_xml, words_of_html

_EASTERN = ZoneInfo("America/New_York")
_KINDS: dict[str, tuple[Kind, str]] = {
    "HR": ("bill", "house-bill"),
    "S": ("bill", "senate-bill"),
    "HRES": ("resolution", "house-resolution"),
    "SRES": ("resolution", "senate-resolution"),
    "HJRES": ("joint resolution", "house-joint-resolution"),
    "SJRES": ("joint resolution", "senate-joint-resolution"),
    "HCONRES": ("concurrent resolution", "house-concurrent-resolution"),
    "SCONRES": ("concurrent resolution", "senate-concurrent-resolution"),
}
"""Our kind, and the word in congress.gov's addresses."""
_CHAMBERS: dict[str, Chamber] = {"House": "lower", "Senate": "upper", "Joint": "joint"}
_LIBRARY = "Library of Congress"
# "Resolving differences -- House actions: ...", "Passed/agreed to in House: ...", "Reported to House."
_WHERE = re.compile(r"^Resolving differences -- (House|Senate) actions|\b(?:in|to) (?:the )?(House|Senate)\b")
# Where the words stand in the Congressional Record: one system gives it, the other does not, or with other spacing.
_PAGES = re.compile(r"\((?:text|consideration)[^)]*\)|\s+")


class Bill(NamedTuple):
    """A measure, and what in its file did not read (the measure is good without it)."""

    measure: Measure
    odd: list[str]


def read_bill(body: bytes, source: Source) -> Bill:
    """The measure in a BILLSTATUS file.

    Raises:
        Unreadable: no XML, or no bill with congress, type and number in it.
    """
    root = read_xml(body)
    bill = root if root.tag == "bill" else root.find("bill")
    if bill is None:
        raise Unreadable(f"no <bill> in <{root.tag}>: not a BILLSTATUS file")
    congress = _text(bill, "congress")
    number = _text(bill, "number") or _text(bill, "billNumber")
    letters = (_text(bill, "type") or _text(bill, "billType")).upper()
    if not (congress.isdigit() and number.isdigit() and letters in _KINDS):
        raise Unreadable(f"no congress, type and number that read: {congress!r} {letters!r} {number!r}")
    kind, word = _KINDS[letters]
    reader = _Reader(bill)
    titles = [title for item in _items(bill, "titles") if (title := _text(item, "title"))]
    title = _text(bill, "title") or (titles[0] if titles else "")
    return Bill(
        Measure(
            jurisdiction="us",
            session=congress,
            identifier=letters + number,
            kind=kind,
            title=title,
            source=source,
            other_titles=tuple(dict.fromkeys(other for other in titles if other != title)),
            abstracts=reader.abstracts(),
            subjects=reader.subjects(),
            sponsors=reader.sponsors(),
            committees=reader.committees(),
            actions=reader.actions(),
            versions=reader.versions(),
            documents=reader.documents(),
            related=reader.related(),
            citations=tuple(
                Citation(citation=f"{_text(law, 'type')} {_text(law, 'number')}".strip())
                for law in _items(bill, "laws")
                if _text(law, "number")
            ),
            hearings=reader.hearings(),
            introduced=reader.date(_text(bill, "introducedDate")),
            source_status=_text(bill, "latestAction/text") or None,
            url=f"https://www.congress.gov/bill/{_ordinal(congress)}-congress/{word}/{number}",
        ),
        reader.odd,
    )


def updated(body: bytes) -> str:
    """When a BILLSTATUS file says that it was updated, text included, as ``YYYY-MM-DDTHH:MM:SSZ``; empty if it does not.

    Read from the first bytes where it stands there, without parsing: bulk data is mostly unchanged.
    """
    # In some files lists come first, and their items have an updateDate of their own.
    head = _LIST.split(body[:4096], maxsplit=1)[0]
    if match := _UPDATED_WITH_TEXT.search(head) or _UPDATED.search(head):
        return match[1].decode("ascii", "replace")
    try:
        bill = read_xml(body).find("bill")
    except Unreadable:
        return ""
    if bill is None:
        return ""
    return _text(bill, "updateDateIncludingText") or _text(bill, "updateDate")


_LIST = re.compile(rb"<(?:item|summary|committeeReport)>")
_UPDATED_WITH_TEXT = re.compile(rb"<updateDateIncludingText>([^<]+)<")
_UPDATED = re.compile(rb"<updateDate>([^<]+)<")


class _Reader:
    """Reads the lists of one bill; what does not read is noted and left out."""

    def __init__(self, bill: etree._Element) -> None:
        self.bill = bill
        self.odd: list[str] = []

    def date(self, text: str) -> dt.date | None:
        # "2022-02-01T05:00:00Z" is midnight in Washington, so the day as written is the day.
        try:
            return read_date(text)
        except Unreadable as error:
            self.odd.append(str(error))
            return None

    def time(self, text: str) -> dt.time | None:
        try:
            return read_time(text)
        except Unreadable as error:
            self.odd.append(str(error))
            return None

    def abstracts(self) -> tuple[Abstract, ...]:
        found = []
        summaries = self.bill.find("summaries")
        for item in summaries.iter("summary", "item") if summaries is not None else ():
            words = words_of_html(_text(item, "text") or _text(item, "cdata/text"))
            if words:
                stage = _text(item, "actionDesc") or _text(item, "name")
                note = f"Congressional Research Service, {stage}" if stage else "Congressional Research Service"
                found.append(Abstract(abstract=words, note=note, date=self.date(_text(item, "actionDate"))))
        return unique(found)

    def subjects(self) -> tuple[str, ...]:
        names = [_text(self.bill, "policyArea/name"), _text(self.bill, "subjects/policyArea/name")]
        subjects = self.bill.find("subjects")
        if subjects is not None:
            names += [_text(item, "name") for item in subjects.iter("item")]
        return tuple(dict.fromkeys(name for name in names if name))

    def sponsors(self) -> tuple[Sponsor, ...]:
        first = [self._sponsor(item, primary=True) for item in _items(self.bill, "sponsors")]
        others = [self._sponsor(item, primary=False) for item in _items(self.bill, "cosponsors")]
        return unique(sponsor for sponsor in (*first, *others) if sponsor)

    def _sponsor(self, item: etree._Element, *, primary: bool) -> Sponsor | None:
        fields = {child.tag: (child.text or "").strip() for child in item}
        # "Rep. Fallon, Pat [R-TX-4]": what stands in brackets has fields of its own.
        name = fields.get("fullName", "").partition(" [")[0] or fields.get("name", "")
        if not name:
            return None
        state, district = fields.get("state", ""), fields.get("district", "")
        return Sponsor(
            name=name,
            classification="primary" if primary else "cosponsor",
            source_id=fields.get("bioguideId") or None,
            date=self.date(fields.get("sponsorshipDate", "")),
            party=fields.get("party") or None,
            district=f"{state}-{district}" if state and district else state or None,
            withdrawn=self.date(fields.get("sponsorshipWithdrawnDate", "")),
        )

    def committees(self) -> tuple[Committee, ...]:
        found = []
        for item, chamber in self._committee_items():
            if name := _text(item, "name"):
                found.append(Committee(name=name, chamber=chamber, code=_text(item, "systemCode") or None))
        return unique(found)

    def _committee_items(self) -> Iterator[tuple[etree._Element, Chamber | None]]:
        for item in (*_items(self.bill, "committees"), *_items(self.bill, "committees/billCommittees")):
            chamber = _CHAMBERS.get(_text(item, "chamber"))
            yield item, chamber
            for part in _items(item, "subcommittees"):
                yield part, chamber

    def hearings(self) -> tuple[Hearing, ...]:
        found = []
        for item, _ in self._committee_items():
            for activity in _items(item, "activities"):
                if _text(activity, "name").lower().startswith("hearings"):
                    try:
                        moment = dt.datetime.fromisoformat(_text(activity, "date").replace("Z", "+00:00"))
                    except ValueError:
                        self.odd.append(f"no date: {_text(activity, 'date')!r}")
                        continue
                    # An instant in UTC; the hearing was on a day and hour in Washington.
                    there = moment.astimezone(_EASTERN) if moment.tzinfo else moment
                    time = there.time() if there.time() != dt.time.min else None
                    found.append(Hearing(date=there.date(), time=time, body=_text(item, "name") or None, note="held"))
        return unique(found)

    def actions(self) -> tuple[Action, ...]:
        told = [self._action(item) for item in _items(self.bill, "actions")]
        told.reverse()
        return oldest_first(merge_systems(told))

    def _action(self, item: etree._Element) -> Action:
        fields = {child.tag: (child.text or "").strip() for child in item}
        text, system = fields.get("text", ""), _text(item, "sourceSystem/name")
        by_president = fields.get("type") in ("President", "BecameLaw")
        where = _WHERE.search(text) if system == _LIBRARY else None
        house = (where[1] or where[2]) if where else system.partition(" ")[0]
        bodies = [name for committee in _items(item, "committees") if (name := _text(committee, "name"))]
        legacy = _text(item, "committee/name")
        return Action(
            date=self.date(fields.get("actionDate", "")),
            time=self.time(fields.get("actionTime", "")),
            description=text,
            chamber=None if by_president else _CHAMBERS.get(house),
            body="; ".join(dict.fromkeys(bodies)) or legacy or None,
            code=fields.get("actionCode") or None,
            type=fields.get("type") or None,
            system=system or None,
            url=next((url for vote in item.iterfind("recordedVotes/") if (url := _text(vote, "url"))), None),
        )

    def versions(self) -> tuple[TextVersion, ...]:
        found = []
        for item in _items(self.bill, "textVersions"):
            urls = [url for form in _items(item, "formats") if (url := _text(form, "url"))]
            xml = next((url for url in urls if url.endswith(".xml")), urls[0] if urls else None)
            note = _text(item, "type")
            if note or xml:
                kind = "text/xml" if xml and xml.endswith(".xml") else None
                found.append(
                    TextVersion(note=note or "text", date=self.date(_text(item, "date")), url=xml, media_type=kind)
                )
        found.reverse()
        # Stable: versions of one day stay in the source's order; undated ones come last, as laws are listed undated.
        return tuple(sorted(unique(found), key=lambda version: version.date or dt.date.max))

    def documents(self) -> tuple[Document, ...]:
        reports = self.bill.iterfind("committeeReports/committeeReport")
        found = [Document(note=citation) for item in reports if (citation := _text(item, "citation"))]
        for item in _items(self.bill, "cboCostEstimates"):
            title, url = _text(item, "title"), _text(item, "url")
            if title or url:
                note = f"CBO cost estimate: {title}" if title else "CBO cost estimate"
                found.append(Document(note=note, date=self.date(_text(item, "pubDate")), url=url or None))
        return unique(found)

    def related(self) -> tuple[RelatedMeasure, ...]:
        found = []
        for item in _items(self.bill, "relatedBills"):
            letters, number, congress = _text(item, "type").upper(), _text(item, "number"), _text(item, "congress")
            if letters not in _KINDS or not number:
                continue
            details = [(_text(d, "type"), _text(d, "identifiedBy")) for d in _items(item, "relationshipDetails")]
            same = any(relation == "Identical bill" for relation, _ in details)
            found.append(
                RelatedMeasure(
                    relation_type="companion" if same else "related",
                    session=congress,
                    identifier=letters + number,
                    stated_by=", ".join(dict.fromkeys(by for _, by in details if by)),
                    note=", ".join(dict.fromkeys(relation for relation, _ in details if relation)),
                )
            )
        return unique(found)


def merge_systems(actions: Sequence[Action]) -> list[Action]:
    """Actions with each event once, where the chamber and the Library of Congress both tell it.

    Two actions of one day are one event if their system or code differs, their times do not, and one's words are the
    other's, or stand in it after a heading (``Passed/agreed to in House: On motion to...``). The one with the heading
    stays, with its code; system and code of the other are in its note. True repeats (same system, same code) stay.
    """
    kept: list[Action] = []
    by_day: dict[dt.date | None, list[int]] = {}
    for action in actions:
        same_day = by_day.setdefault(action.date, [])
        for place in same_day:
            if merged := _as_one(kept[place], action):
                kept[place] = merged
                break
        else:
            same_day.append(len(kept))
            kept.append(action)
    return kept


def _as_one(one: Action, two: Action) -> Action | None:
    if (one.system, one.code) == (two.system, two.code) or not (one.description and two.description):
        return None
    if one.time and two.time and one.time != two.time:
        return None
    # An action that already stands for two is not merged with a third one of the same system and code.
    if one.note and f"also {two.system} {two.code}" in one.note:
        return None
    words, others = (_PAGES.sub("", action.description).rstrip(".") for action in (one, two))
    if words == others:
        # Of equal words the Library's numeric codes say most: one list for both chambers.
        more, less = sorted((one, two), key=lambda action: not (action.code or "").isdigit())
    elif words.endswith(f":{others}"):
        more, less = one, two
    elif others.endswith(f":{words}"):
        more, less = two, one
    else:
        return None
    note = "; ".join(filter(None, (more.note, less.note, f"also {less.system} {less.code or 'without code'}")))
    return more.model_copy(
        update={
            "note": note,
            "time": more.time or less.time,
            "chamber": more.chamber or less.chamber,
            "body": more.body or less.body,
            "url": more.url or less.url,
        }
    )


# Plain loops: for elements with few children they take a quarter of the time of lxml's own path language.


def _child(parent: etree._Element | None, path: str) -> etree._Element | None:
    for tag in path.split("/"):
        if parent is None:
            return None
        for child in parent:
            if child.tag == tag:
                parent = child
                break
        else:
            return None
    return parent


def _items(parent: etree._Element, path: str) -> list[etree._Element]:
    found = _child(parent, path)
    return [child for child in found if child.tag == "item"] if found is not None else []


def _text(parent: etree._Element, path: str) -> str:
    found = _child(parent, path)
    return (found.text or "").strip() if found is not None else ""


def _ordinal(number: str) -> str:
    n = int(number)
    suffix = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"
