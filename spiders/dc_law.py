"""Laws, acts and code of the District of Columbia, from the XML that the Council itself publishes on GitHub.

2026-11: parsing exercised on 230 of the publisher's files; listing and fetching built to GitHub's documented form.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from freedom_policy import places
from freedom_policy.records import Abstract, Action, Citation, Committee, Measure, Source, TextVersion, unique
from freedom_policy.text import extract

from .archives import members
from .base import MeasureSpider, Yielded
from .failures import Broken
from .formats import Unreadable, read_date, read_xml

PLACE = "us-dc"
CODE = "code"
_TREE = "https://api.github.com/repos/DCCouncil/law-xml/git/trees/HEAD"
_SITE = "https://code.dccouncil.gov/us/dc/council"
_LAW = re.compile(r"us/dc/council/periods/(\d+)/(laws|acts)/[\w.-]+\.xml$")
_SECTION = re.compile(r"us/dc/council/code/titles/[\w.]+/sections/[\w.:~-]+\.xml$")
_BILL_IN_ADDRESS = re.compile(r"/Legislation/(B\d+-\d+)", re.IGNORECASE)
_BILL_IN_PROSE = re.compile(r"Bill (?:No\. )?(\d+-\d+)")
_PROSE_DATE = re.compile(
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December) \d{1,2}, \d{4}"
)
_CITATIONS = {"law": "law", "act": "chapter"}


def session_in(path: str) -> str | None:
    """Council period of a law's file, ``code`` for a section of the code, None for another file."""
    if match := _LAW.search(path):
        return match[1]
    return CODE if _SECTION.search(path) else None


def read_document(body: bytes, source: Source) -> Measure:
    """A measure from one file: a law or act (``<document>``), or a section of the code (``<section>``).

    Raises:
        Unreadable: it is neither.
    """
    root = read_xml(body)
    kind = etree.QName(root).localname
    if kind == "document":
        return _law(root, source)
    if kind == "section":
        return _section(root, source)
    raise Unreadable(f"neither a law nor a section of the code: <{kind}>")


def _law(root: Any, source: Source) -> Measure:
    numbers = {num.get("type"): _words(num) for num in root.findall("{*}num")}
    meta = root.find("{*}meta")
    if meta is None or not ({"law", "act"} & set(numbers)):
        raise Unreadable("a law without number or dates")
    number = numbers.get("law") or numbers["act"]
    history = meta.find("{*}history")
    narrative = _words(meta.find("{*}history/{*}narrative"))
    effective = read_date(_words(meta.find("{*}effective")))
    printed = tuple(
        Citation(kind=_CITATIONS.get(row.get("type") or "", "other"), citation=_words(row))  # type: ignore[arg-type]
        for row in meta.findall("{*}citations/{*}citation")
        if _words(row)
    )
    headings = {row.get("type"): _words(row) for row in root.findall("{*}heading")}
    stub = _words(meta.find("{*}search-text"))
    words = stub or _text(root, without=("meta", "num", "heading"))
    links = [
        row.get("url") for row in meta.findall("{*}citations/{*}citation") if (row.get("url") or "").startswith("http")
    ]
    folder = "laws" if "law" in numbers else "acts"
    page = f"{_SITE}/{folder}/{number}"
    summary = re.sub(r"^BILL SUMMARY\s*[-–]\s*", "", _words(meta.find("{*}history/{*}summary")))
    return Measure(
        jurisdiction=PLACE,
        session=number.partition("-")[0],
        identifier=places.canonical_identifier(PLACE, _bill_number(numbers, history, narrative) or f"L{number}"),
        kind="bill",
        title=headings.get("short") or _title_in(narrative) or root.get("id") or number,
        source=source,
        other_titles=(headings["long"],) if headings.get("long") else (),
        abstracts=(Abstract(abstract=summary, note="as introduced"),) if summary else (),
        committees=unique(
            Committee(name=_words(row))
            for row in meta.findall("{*}history/{*}committee")
            if "Retained by" not in _words(row)
        ),
        actions=tuple(_actions(meta, narrative, effective, number, numbers.get("act") or number, folder)),
        versions=(
            TextVersion(
                note=f"D.C. {folder[:-1].title()} {number}{' (scanned)' if stub else ''}",
                date=effective,
                url=next(iter(links), page),
                media_type="application/xml",
                text=words or None,
            ),
        ),
        citations=unique(printed),
        introduced=read_date(_words(meta.find("{*}introduced"))),
        effective=effective,
        source_status=folder[:-1].title(),
        url=page,
    )


def _bill_number(numbers: dict[str | None, str], history: Any, narrative: str) -> str | None:
    """The bill that became the law, so that it is one measure with what other sources say of the bill."""
    if numbers.get("bill"):
        return f"B{numbers['bill']}"
    if history is not None and (match := _BILL_IN_ADDRESS.search(history.get("url") or "")):
        return match[1]
    match = _BILL_IN_PROSE.search(narrative)
    return f"B{match[1]}" if match else None


def _title_in(narrative: str) -> str | None:
    match = re.search(r"“([^”]+)”", narrative)
    return match[1].rstrip(",") if match else None


def _actions(
    meta: Any, narrative: str, effective: dt.date | None, number: str, act: str, folder: str
) -> Iterator[Action]:
    if narrative:
        # Prose for laws before period 20: each sentence with a day is a step, told as printed.
        told_effect = False
        for sentence in re.split(r"(?<!No)(?<=[.])\s+(?=[A-Z])", narrative):
            if days := _PROSE_DATE.findall(sentence):
                day = dt.datetime.strptime(days[-1], "%B %d, %Y").date()  # noqa: DTZ007
                told_effect = told_effect or "effective" in sentence.lower()
                yield Action(date=day, description=sentence, chamber=None)
        # Some stop at the review by Congress, and the day of effect stands beside the prose only.
        if effective and not told_effect:
            yield _effect(effective, folder, number, note="the day that the publisher gives beside the history")
        return
    steps: list[Action] = []
    if introduced := read_date(_words(meta.find("{*}introduced"))):
        steps.append(Action(date=introduced, description="Introduced", chamber="legislature"))
    for vote in meta.findall("{*}history/{*}vote"):
        reading = vote.get("reading") or ""
        # The file holds laws and acts alone, so the votes on readings were won; the others are on amendments and motions.
        words = f"Passed on {reading.lower()} reading" if reading in ("First", "Final") else f"{reading} vote"
        steps.append(Action(date=read_date(vote.get("date")), description=words, chamber="legislature"))
    if enacted := read_date(_words(meta.find("{*}history/{*}enacted"))):
        steps.append(Action(date=enacted, description=f"Enacted as D.C. Act {act}", chamber="executive"))
    if effective:
        steps.append(_effect(effective, folder, number))
    yield from sorted(steps, key=lambda step: step.date or dt.date.min)


def _effect(day: dt.date, folder: str, number: str, note: str | None = None) -> Action:
    return Action(date=day, description=f"D.C. {folder[:-1].title()} {number} became effective", note=note)


def _section(root: Any, source: Source) -> Measure:
    number, heading = _words(root.find("{*}num")), _words(root.find("{*}heading"))
    if not number:
        raise Unreadable("a section without a number")
    notes = root.findall("{*}annotations/{*}annotation")
    history = [note for note in notes if note.get("type") == "History"]
    return Measure(
        jurisdiction=PLACE,
        session=CODE,
        identifier=number,
        kind="code_section",
        title=f"§ {number}. {heading}",
        source=source,
        actions=tuple(
            Action(date=_note_date(_words(note)), description=_words(note), type="History") for note in history
        ),
        versions=(
            TextVersion(
                note="code",
                url=f"{_SITE}/code/sections/{number}",
                media_type="application/xml",
                text=_text(root, without=("annotations", "num", "heading")) or None,
            ),
        ),
        citations=unique(Citation(kind="law", citation=note.get("doc")) for note in history if note.get("doc")),
        url=f"{_SITE}/code/sections/{number}",
    )


def _note_date(note: str) -> dt.date | None:
    """The day that a history note begins with (``Oct. 23, 2010, D.C. Law 18-239``)."""
    match = re.match(r"([A-Z][a-z]{2})[a-z]*\.? (\d{1,2}), (\d{4})", note)
    return dt.datetime.strptime(" ".join(match.groups()), "%b %d %Y").date() if match else None  # noqa: DTZ007


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def _text(root: Any, without: tuple[str, ...]) -> str:
    """The words below an element, but for some of its own children."""
    for child in list(root):
        if isinstance(child.tag, str) and etree.QName(child).localname in without:
            root.remove(child)
    return extract(etree.tostring(root, encoding="unicode"), "application/xml").text


# ---------------------------------------------------------------------------------------------------------------------


class _File(NamedTuple):
    path: str
    sha: str

    @property
    def key(self) -> str:
        return self.path


class DcLawSpider(MeasureSpider):
    """Files whose blob hash in the repository's tree changed; or all of a clone or archive with ``--base-url PATH``."""

    name = "dc-law"
    expects = "xml"

    async def collect(self) -> AsyncIterator[Yielded]:
        """One request for the list of all files with their hashes, then one for each file that changed."""
        own_host = self.base_url == self.info.base_url
        tree = await self.get_json(_TREE if own_host else f"{self.base_url}/git/trees/HEAD", query={"recursive": 1})
        files = [
            _File(row["path"], row["sha"])
            for row in tree["tree"]
            if row.get("type") == "blob" and self._wants(row["path"])
        ]
        if tree.get("truncated"):
            self.doubt("GitHub cut the list of files.", mend="Clone the repository and read it with --base-url FOLDER.")
        if not files:
            raise Broken("The repository lists no laws.", mend="Check the base URL and the session.", url=self.base_url)
        self.listed(len(files))
        async for message in self.each(files, self._file):
            yield message

    def _wants(self, path: str) -> bool:
        session = session_in(path)
        return session is not None and self.options.session in (None, session)

    async def _file(self, file: _File) -> Yielded:
        url = f"{self.base_url}/{file.path}"
        if known := self.known(file.path):
            sha, key = known
            if sha == file.sha:
                return self.unchanged(key, url)
        reply = await self.get(url)
        try:
            return self._message(file.path, file.sha, reply.body, url)
        except Unreadable as error:
            raise self.bad_reply(reply, str(error)) from error

    def _message(self, path: str, sha: str, body: bytes, url: str) -> Yielded:
        measure = read_document(body, self.source(url))
        return self.found(measure, remember={path: [sha, measure.key]})

    def read_local(self, path: Path) -> Iterator[Yielded]:
        """All laws, acts and sections in a clone or archive of the repository."""
        count = 0
        for name, body in members(path, self._wants):
            count += 1
            inside = name[name.rindex("us/dc/") :]
            sha = hashlib.sha1(
                b"blob %d\x00" % len(body) + body, usedforsecurity=False
            ).hexdigest()  # as git names a file
            known = self.known(inside)
            url = f"{self.info.base_url}/{inside}"
            try:
                yield (
                    self.unchanged(known[1], url)
                    if known and known[0] == sha
                    else self._message(inside, sha, body, url)
                )
            except (Unreadable, ValueError) as error:
                yield self.reject(str(error), url=url, raw=body, media_type="application/xml", key=inside)
        if not count:
            raise Broken(f"No laws in {path}.", mend="Give a clone or archive of the repository DCCouncil/law-xml.")
        self.listed(count)
