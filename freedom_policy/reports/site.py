"""A static site of what the store holds: one page a place, a reform, a measure, plus search. Works from a file share.

Everything comes through :mod:`freedom_policy.reports.items` and ``brief``, which are allow-lists of fields: reviewers, notes,
watches and positions have no way in.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import codebook
from ..errors import BadInput
from ..records import Family, MeasureFilter, Record
from ..store import queries
from . import brief, words
from .building import build_coverage, build_digest
from .coverage import STATE_STAGES
from .digest import foot
from .items import STANDING_NAMES, Item
from .pages import render
from .reform import reform_from

if TYPE_CHECKING:
    from ..store import Store

_MANIFEST = "site.json"
_CHANGES = dt.timedelta(days=30)
STATE_HEADINGS = {"in_force": "In force", "moving": "Moving", "ended": "Ended", "": "Stage not known"}


class Site(Record):
    """What an export wrote."""

    folder: str
    pages: int
    measures: int
    removed: int
    """Pages of an earlier export that are no more."""


class Entry(Record):
    """One measure in a list of the site."""

    key: str
    page: str
    label: str
    title: str
    stage: str
    state: str
    standing: str
    goals: tuple[str, ...]
    areas: tuple[str, ...]
    provisions: tuple[str, ...]
    family: str
    demo: bool


class _Names:
    """File names for keys: readable, safe on every system, never the same for two keys even where case does not count."""

    def __init__(self) -> None:
        self._by_key: dict[str, str] = {}
        self._taken: set[str] = set()

    def __call__(self, key: str) -> str:
        if key not in self._by_key:
            wished = key.replace("/", "--")
            name = re.sub(r"[^A-Za-z0-9._-]+", "_", wished)[:100]
            if name != wished or name.lower() in self._taken:
                name += f"-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
            self._taken.add(name.lower())
            self._by_key[key] = name
        return self._by_key[key]


def export_site(
    store: Store,
    folder: str | Path,
    *,
    filter: MeasureFilter | None = None,
    now: dt.datetime | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> Site:
    """Write the site; a folder that holds an earlier export is brought up to date.

    Args:
        filter: which measures; default: everything tracked.
        now: the moment of the export, aware; default: the clock.
        progress: called with what is being done and how many are done.

    Raises:
        BadInput: the folder cannot be used, or holds something else.
    """
    now, wanted, root = now or dt.datetime.now().astimezone(), filter or MeasureFilter(), Path(folder)
    before = _open(root)
    writer = _Writer(root, now)
    names, entries, norms = _Names(), [], queries.movement_norms(store)
    reforms = _reforms(store, set(queries.keys(store, wanted)), names)
    reform_pages = {key: f"../{listed.page}" for listed in reforms for key in listed.family.members}
    for view in queries.measures(store, wanted):
        page = brief.build(view, norms=norms, now=now, name_reviewer=False)
        entry = _entry(page.item, names)
        entries.append(entry)
        place = {"href": f"../places/{names(entry_place(entry))}.html", "name": page.item.place_name}
        writer.page(entry.page, "site_measure.html", brief=page, place=place, reform_href=reform_pages.get(entry.key))
        if progress and len(entries) % 100 == 0:
            progress("writing pages", len(entries))
    coverage = build_coverage(store, filter=wanted, now=now)
    by_place: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_place[entry_place(entry)].append(entry)
    rows = {row.place: row for row in coverage.rows}
    pages = {key: f"places/{names(key)}.html" for key in by_place}
    for key, found in by_place.items():
        writer.page(pages[key], "site_place.html", name=words.place(key), row=rows.get(key), groups=_groups(found))
    links = queries.family_links(store) if reforms else []
    for listed in reforms:
        views = queries.measures(store, MeasureFilter(keys=listed.family.members, tracked=None))
        reform = reform_from(listed.family, views, links, now=now, name_reviewer=False)
        writer.page(
            listed.page, "site_reform.html", reform=reform, member_link=lambda key: f"../measures/{names(key)}.html"
        )
    digest = build_digest(store, since=now - _CHANGES, filter=wanted, now=now, name_reviewers=False)
    writer.page("changes.html", "site_changes.html", digest=digest)
    writer.text("changes.xml", digest.to_atom())
    writer.text("coming.ics", digest.to_ics())
    writer.page("coverage.html", "site_coverage.html", coverage=coverage, link_place=_linker(pages))
    writer.page("search.html", "site_search.html", **_search(entries))
    writer.page("about.html", "site_about.html", looks=digest.looks)
    by_name = [(words.place(key), page, len(by_place[key])) for key, page in pages.items()]
    demo = any(entry.demo for entry in entries)
    writer.page("index.html", "site_index.html", places=sorted(by_name), reforms=reforms, digest=digest, demo=demo)
    removed = writer.finish(before)
    return Site(folder=str(root), pages=len(writer.written), measures=len(entries), removed=removed)


def entry_place(entry: Entry) -> str:
    """The place of a measure's key."""
    return entry.key.split("/", 1)[0]


def _entry(item: Item, names: _Names) -> Entry:
    return Entry(
        key=item.key,
        page=f"measures/{names(item.key)}.html",
        label=item.label,
        title=item.title,
        stage=item.stage_words,
        state=next((name for name, stages in STATE_STAGES.items() if item.stage in stages), ""),
        standing=item.standing,
        goals=item.goals,
        areas=item.areas,
        provisions=tuple(tag.name for tag in item.tags),
        family=item.family,
        demo=item.demo,
    )


def _groups(entries: list[Entry]) -> list[tuple[str, list[Entry]]]:
    """A place's measures under headings: counted ones by state, then the rest under their own names."""
    found = [
        (heading, [e for e in entries if e.standing == "counted" and e.state == state])
        for state, heading in STATE_HEADINGS.items()
    ]
    found += [
        (name, [e for e in entries if e.standing == standing])
        for standing, name in STANDING_NAMES.items()
        if standing != "counted"
    ]
    return [(heading, group) for heading, group in found if group]


class _Listed(NamedTuple):
    """A reform in the site's list."""

    family: Family
    page: str
    size: int


def _reforms(store: Store, here: set[str], names: _Names) -> list[_Listed]:
    """Families of at least two measures of the site, the largest first; members that are not in the site are left out."""
    found = []
    for family in queries.families(store):
        members = tuple(key for key in family.members if key in here)
        if len(members) > 1:
            page = f"reforms/{names('reform-' + family.key)}.html"
            found.append(_Listed(family.model_copy(update={"members": members}), page, len(members)))
    return sorted(found, key=lambda reform: (-reform.size, reform.family.name))


def _linker(pages: Mapping[str, str]) -> Callable[[str, str], Any]:
    from markupsafe import Markup

    def link(place: str, name: str) -> Any:
        return Markup('<a href="{}">{}</a>').format(pages[place], name) if place in pages else name

    return link


def _search(entries: list[Entry]) -> dict[str, Any]:
    """The script with its hash for the page's policy, and the data that it searches."""
    from markupsafe import Markup

    script = (files("freedom_policy.reports") / "templates" / "search.js").read_text(encoding="utf-8")
    # [page, label, title, stage, what it is about]
    data = [
        [
            e.page,
            e.label,
            e.title,
            e.stage,
            "; ".join((*(words.goal(g) for g in e.goals), *map(words.area, e.areas), *e.provisions)),
        ]
        for e in entries
    ]
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {"script": Markup(script), "script_hash": digest, "data": Markup(text), "count": len(entries)}  # noqa: S704


def _open(root: Path) -> list[str]:
    """The pages of an earlier export in a folder; the folder is made if it is not there."""
    manifest = root / _MANIFEST
    try:
        if root.exists() and not root.is_dir():
            raise BadInput(f"{root} is a file. Give a folder for the site.")
        root.mkdir(parents=True, exist_ok=True)
        if manifest.exists():
            return [str(name) for name in json.loads(manifest.read_text(encoding="utf-8"))["files"]]
        if any(root.iterdir()):
            raise BadInput(f"{root} holds other files. Give an empty folder, or one with an earlier export.")
    except (OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"The folder {root} cannot be used for the site: {error}.") from error
    return []


class _Writer:
    """Writes pages and remembers which."""

    def __init__(self, root: Path, now: dt.datetime) -> None:
        self.root, self.now = root, now
        self.written: list[str] = []
        self._common = {"made_at": now, "foot": foot(now), "area_names": [words.area(key) for key in codebook.AREAS]}

    def page(self, file: str, template: str, /, **values: Any) -> None:
        root = "../" * file.count("/")
        self.text(file, render(template, root=root, **self._common, **values))

    def text(self, name: str, text: str) -> None:
        path = self.root / name
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        except OSError as error:
            raise BadInput(f"Cannot write {path}: {error.strerror or error}.") from error
        self.written.append(name)

    def finish(self, before: list[str]) -> int:
        """Remove the pages that an earlier export wrote and this one did not; keep the list for the next one."""
        stale = [name for name in before if name not in set(self.written) and _inside(name)]
        for name in stale:
            (self.root / name).unlink(missing_ok=True)
        self.text(_MANIFEST, json.dumps({"made_at": self.now.isoformat(), "files": sorted(self.written)}, indent=1))
        return len(stale)


def _inside(name: str) -> bool:
    """A name that an export can have written; anything else in a manifest is left alone."""
    return re.fullmatch(r"(?:(?:measures|places|reforms)/)?[A-Za-z0-9._-]+\.(?:html|xml|ics)", name) is not None
