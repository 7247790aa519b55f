"""The registry of sources in ``data/sources``: what each covers, what it needs, and what a healthy crawl of it looks like.

Everything here is read before a crawl starts, so that a wrong option is told in one line and no request is made.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Literal
from urllib.parse import urlsplit
from urllib.request import url2pathname

import yaml
from pydantic import Field

from freedom_policy import places
from freedom_policy.errors import BadInput, did_you_mean
from freedom_policy.records import CrawlOptions, Level, Record

_SOURCES = files("freedom_policy.data") / "sources"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one written in C is there in most installations, and ten times as fast."""

Status = Literal["live", "recorded", "unverified", "blocked"]
"""``live``: exercised against the service. ``recorded``: against real recordings of its replies. ``unverified``: built to a
description only. ``blocked``: refuses collectors, so we do not collect."""


class SourceInfo(Record):
    """What the registry says of a source; a file ``data/sources/<name>.yaml``."""

    name: str
    title: str
    covers: str
    levels: tuple[Level, ...]
    publisher: str = ""
    base_url: str = ""
    status: Status
    status_note: str = ""
    """What it was exercised on, and when; for a blocked one, how it blocks."""
    ask: str = ""
    """For a blocked source: what to ask the publisher for."""
    jurisdiction: str | None = None
    """The one place that it covers; None if it covers several."""
    jurisdiction_needed: bool = False
    place_or_query_needed: bool = False
    """True where a service is too wide to be collected as a whole."""
    files_only: bool = False
    """True for a source that has no service: ``--base-url`` names a file or folder."""
    client_needed: bool = False
    clients: str | None = None
    """File of known clients beside the registry, if the source serves many places by client."""
    session_pattern: str | None = None
    session_example: str = ""
    takes: tuple[Literal["session", "client", "since", "query", "limit", "resume", "local"], ...] = ("limit",)
    """Which options mean something here; ``local`` is a file or folder as base URL."""
    key: Literal["none", "optional", "needed", "by_client"] = "none"
    key_variable: str | None = None
    """Environment variable of the key; ``{CLIENT}`` stands for the client in capitals."""
    key_where: str = ""
    """Where people get a key."""
    requests_per_second: float = Field(default=1.0, gt=0)
    concurrency: int = Field(default=2, ge=1)
    daily_limit: int | None = None
    schedule: str = "daily"
    at_least: int = 0
    """A whole scope (a session, a client) with fewer measures than this is not healthy."""
    at_most: int | None = None
    expect: dict[str, float] = Field(default_factory=dict)
    """Share of measures in which a field is filled when all is well; see :mod:`freedom_policy.spiders.health`."""
    empty_is_normal: bool = False
    """True where a scope may rightly hold nothing (a list of this week's rules)."""
    licence: str = ""
    documentation: str = ""

    @property
    def collects(self) -> bool:
        """False for a source that is listed as blocked."""
        return self.status != "blocked"


class Client(Record):
    """One place that a source serves by client slug."""

    client: str
    jurisdiction: str
    level: Level
    chamber: str
    token_needed: bool = False
    vocabulary: str = ""
    """Whose words its actions and statuses are in; a ruleset of monitoring may bear this name."""
    kinds: dict[str, str] = Field(default_factory=dict)
    """Our kind for the client's matter types, where its words do not say it themselves."""
    always: tuple[str, ...] = ()
    """Fields of a measure that are never empty here; one that is came broken, and is read again."""
    note: str = ""


@cache
def _entry(name: str) -> SourceInfo:
    """One registry file."""
    try:
        text = (_SOURCES / f"{name}.yaml").read_text(encoding="utf-8")
        return SourceInfo(name=name, **yaml.load(text, Loader=_Loader))  # noqa: S506  a safe loader, of either kind
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise BadInput(f"Registry file data/sources/{name}.yaml does not follow the form: {error}") from error


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(file.name[:-5] for file in _SOURCES.iterdir() if file.name.endswith(".yaml")))


@cache
def sources() -> Mapping[str, SourceInfo]:
    """All sources by name, those that collect first.

    Raises:
        BadInput: a registry file that does not follow the form.
    """
    found = sorted(map(_entry, _names()), key=lambda info: (not info.collects, info.name))
    return MappingProxyType({info.name: info for info in found})


def source_info(name: str) -> SourceInfo:
    """The registry entry of a source.

    Raises:
        BadInput: no such source; the message names near matches.
    """
    if name in _names():
        return _entry(name)
    known = sources()
    collecting = ", ".join(info.name for info in known.values() if info.collects)
    raise BadInput(
        " ".join(filter(None, (f"Unknown source {name!r}.", did_you_mean(name, known), f"Known: {collecting}.")))
    )


@cache
def clients(source: str) -> Mapping[str, Client]:
    """Known clients of a source by slug; empty for a source without clients.

    Raises:
        BadInput: no such source.
    """
    info = source_info(source)
    if not info.clients:
        return MappingProxyType({})
    found = {}
    with (_SOURCES / info.clients).open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            kinds = dict(pair.split("=", 1) for pair in row.get("kinds", "").split("|") if "=" in pair)
            found[row["client"]] = Client(
                client=row["client"],
                jurisdiction=row["jurisdiction"],
                level=row["level"],  # type: ignore[arg-type]
                chamber=row["chamber"],
                token_needed=row["token_needed"] == "yes",  # noqa: S105
                vocabulary=row["vocabulary"],
                kinds=kinds,
                always=tuple(filter(None, row.get("always", "").split("|"))),
                note=row.get("note", ""),
            )
    return MappingProxyType(found)


def client_of(source: str, options: CrawlOptions) -> Client:
    """The client that the options name, by slug or by jurisdiction.

    A client that the table does not know is taken if a jurisdiction is given with it.

    Raises:
        BadInput: no client, or an unknown one.
    """
    known = clients(source)
    if options.client is None:
        matching = [client for client in known.values() if client.jurisdiction == options.jurisdiction]
        if len(matching) == 1:
            return matching[0]
        raise BadInput(f"Source {source} needs a client: --client NAME, such as {', '.join(list(known)[:4])}.")
    if client := known.get(options.client.lower()):
        return client
    if options.jurisdiction:
        place = places.jurisdiction(options.jurisdiction)
        return Client(client=options.client, jurisdiction=place.key, level=place.level, chamber="council")
    hint = did_you_mean(options.client, known)
    raise BadInput(
        f"Unknown client {options.client!r} of {source}. {hint} To collect one that is not in the table, "
        "name its place too: --jurisdiction KEY.".replace("  ", " ")
    )


def is_local(base_url: str | None) -> bool:
    """True if a base URL is a file or folder of this machine rather than a service."""
    return bool(base_url and not re.match(r"[a-z][a-z0-9+.-]+://", base_url.replace("file://", "", 1), re.IGNORECASE))


def on_this_machine(base_url: str | None) -> bool:
    """True for files, and for a service on loopback (a replay, a demo, a test)."""
    return is_local(base_url) or (bool(base_url) and urlsplit(base_url).hostname in ("127.0.0.1", "localhost", "::1"))


def local_path(base_url: str | None) -> Path | None:
    """The file or folder of this machine that a base URL names; None for a service."""
    if not base_url or not is_local(base_url):
        return None
    parts = urlsplit(base_url)
    return Path(url2pathname(parts.path) if parts.scheme == "file" else base_url).expanduser()


def check_options(source: str, options: CrawlOptions) -> CrawlOptions:
    """The options as the source understands them, with jurisdiction and client filled in, before any request or write.

    Raises:
        BadInput: unknown source, client, jurisdiction or session, an option the source does not take, a day in the
            future, a base URL that is none, a missing key; or the source is listed as blocked.
    """
    info = source_info(source)
    if not info.collects:
        raise BadInput(f"Source {source} is blocked: {info.status_note} {info.ask}".strip())
    place = places.jurisdiction(options.jurisdiction).key if options.jurisdiction else None
    for name, value in (
        ("session", options.session),
        ("client", options.client),
        ("since", options.since),
        ("query", options.query),
    ):
        if value is not None and name not in info.takes:
            raise BadInput(
                f"Source {source} does not take --{name}. It takes {', '.join('--' + n for n in info.takes if n != 'local')}."
            )
    if options.since and options.since > dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1):
        raise BadInput(f"--since {options.since} is in the future. Give a day that has been.")
    _check_base(info, options)
    client = None
    if info.client_needed:
        known = client_of(source, options.model_copy(update={"jurisdiction": place}))
        if place and place != known.jurisdiction:
            raise BadInput(f"Client {known.client!r} is {known.jurisdiction}, not {place}. Leave --jurisdiction out.")
        place, client = known.jurisdiction, known.client
    if info.jurisdiction:
        if place and place != info.jurisdiction:
            raise BadInput(f"Source {source} covers {info.jurisdiction} only, not {place}.")
        place = info.jurisdiction
    if place is None and info.jurisdiction_needed:
        raise BadInput(f"Source {source} needs a place: --jurisdiction KEY, such as us-tx.")
    if place and not info.jurisdiction and places.jurisdiction(place).level not in info.levels:
        raise BadInput(
            f"Source {source} covers {', '.join(info.levels)} level, and {place} is {places.jurisdiction(place).level}."
        )
    if info.files_only and not is_local(options.base_url):
        raise BadInput(f"Source {source} reads files. Name a folder or archive: --base-url PATH.")
    if info.place_or_query_needed and not (place or options.query or is_local(options.base_url)):
        raise BadInput(f"Source {source} needs a place or words: --jurisdiction us-tx, or --query 'human trafficking'.")
    session = options.session
    if session is not None:
        session = places.canonical_session(place, session) if place else session.strip()
        if info.session_pattern and not re.fullmatch(info.session_pattern, session):
            raise BadInput(f"{options.session!r} is no session of {source}. Write it as {info.session_example}.")
    checked = options.model_copy(update={"jurisdiction": place, "client": client, "session": session})
    _check_key(info, checked)
    return checked


def _check_base(info: SourceInfo, options: CrawlOptions) -> None:
    if options.base_url is None:
        return
    parts = urlsplit(options.base_url)
    if path := local_path(options.base_url):
        if "local" not in info.takes:
            raise BadInput(
                f"--base-url {options.base_url!r} is no http(s) address. Source {info.name} reads a service only."
            )
        if not path.exists():
            raise BadInput(
                f"--base-url {options.base_url!r} is not there. Give an address, or a file or folder that exists."
            )
    elif parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise BadInput(
            f"--base-url {parts.scheme}://{parts.hostname or ''} is no base address. Write it as {info.base_url}."
        )


SHORTEST_KEY = 6
"""Characters of the shortest key that can be one. A shorter word would be masked in every problem that happens to hold it."""


def _check_key(info: SourceInfo, options: CrawlOptions) -> None:
    # A replay on this machine takes any word.
    if options.key and len(options.key) < SHORTEST_KEY and not on_this_machine(options.base_url):
        raise BadInput(
            f"The key of source {info.name} is too short to be one: {len(options.key)} characters, and {SHORTEST_KEY} are "
            "the least. "
            f"Set {key_variable(info, options.client)} to the whole of it. {info.key_where}".strip()
        )
    needed = info.key == "needed" or (info.key == "by_client" and client_of(info.name, options).token_needed)
    if needed and not options.key and not is_local(options.base_url):
        whose = f" for {options.client}" if options.client else ""
        raise BadInput(
            f"Source {info.name} needs a key{whose}. Set {key_variable(info, options.client)}. {info.key_where}".strip()
        )


def key_variable(info: SourceInfo, client: str | None = None) -> str:
    """Name of the environment variable that holds the key of a source (for one client of it); empty without a key."""
    return (info.key_variable or "").replace("{CLIENT}", (client or "").upper().replace("-", "_"))


def scope_of(source: str, options: CrawlOptions) -> str:
    """The part of a source that a crawl looks at and keeps state for: ``nyc``, ``117``, ``us-tx/892``, or an empty string.

    Raises:
        BadInput: as :func:`check_options`.
    """
    options = check_options(source, options)
    info = source_info(source)
    place = None if info.jurisdiction or options.client else options.jurisdiction
    return "/".join(part for part in (options.client, place, options.session) if part)
