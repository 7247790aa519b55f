"""``MeasureSpider``: what every source shares. A source adds a declaration and a small parser.

A spider is plain ``async`` code: :meth:`MeasureSpider.collect` yields messages, :meth:`~MeasureSpider.get` fetches, and
:meth:`~MeasureSpider.each` reads many measures at once. Scrapy does the rest (robots, throttle, retries, cache). Errors
are exceptions of :mod:`freedom_policy.spiders.failures`; one bad page costs one measure, never the crawl. See
``docs/add-a-source.md``.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import logging
import os
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import scrapy
from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Request, Response

from freedom_policy.errors import BadInput
from freedom_policy.records import (
    CrawlOptions,
    CrawlReport,
    CrawlState,
    Found,
    Measure,
    Problem,
    Rejected,
    Remember,
    Source,
    Unchanged,
)

from . import health
from .failures import BadReply, Blocked, Broken, ComeBackLater, Gone, ReadError, Refused, Stop, Unreachable
from .formats import Unreadable, read_json, read_xml
from .middlewares import retry_after
from .refusals import refusal
from .registry import (
    SHORTEST_KEY,
    SourceInfo,
    check_options,
    is_local,
    key_variable,
    local_path,
    on_this_machine,
    scope_of,
    source_info,
)
from .wire import Writer

T = TypeVar("T")
Yielded = Found | Unchanged | Rejected | Remember
"""What a spider yields; the report is the base's own."""
Expects = Literal["json", "xml", "html", "any"]

_ROOM = 200
"""Items on their way through Scrapy's pipelines before the spider waits."""
_RAW_KEPT = 1_000_000
"""Bytes of a reply kept in quarantine."""
_HOLES = 50
"""One measure in so many with an empty field that is never empty is enough to distrust a run."""
_SAMPLES = 5
"""Problems of one sort told one by one; the rest are counted."""

_last_reply: ContextVar[Response | None] = ContextVar("last_reply", default=None)


class Reading:
    """One measure being read from several pages. A page that fails costs its part, not the measure."""

    def __init__(self, spider: MeasureSpider, key: str) -> None:
        self._spider = spider
        self.key = key
        self.unread: list[str] = []

    async def part(self, field: str, reply: Awaitable[T], default: T) -> T:
        """Await one page; if it cannot be read, note that ``field`` of the measure is not known and give ``default``.

        A page that the source says is not there gives ``default`` too, and nothing is noted.
        """
        try:
            return await reply
        except Gone:
            return default
        except ReadError as error:
            self.miss(field, error)
            return default

    def miss(self, field: str, error: ReadError) -> None:
        """Note that a field of the measure is not known, and why."""
        if field not in self.unread:
            self.unread.append(field)
        self._spider.lost(f"{self.key}: {field} could not be read: {error.what}", where=error.url)


class MeasureSpider(scrapy.Spider):
    """Base of all sources. Subclasses set ``name`` and ``expects`` and write :meth:`collect`.

    Attributes:
        info: the registry entry of this source.
        options: what to collect, checked.
        memory: what earlier crawls of this scope remembered, by key; read it with :meth:`known`.
        base_url: where the service is, without a slash at the end.
        jurisdiction: key of the place, if the crawl has one.
        today: the day of the crawl in UTC.
        caller: where the messages go, if another process asked for the crawl.
    """

    expects: Expects = "json"
    """What the service's replies are; a web page in place of JSON or XML is a refusal."""
    final_text: bytes | None = None
    """Words in an error page (HTTP 5xx) that make a retry pointless."""
    required: tuple[str, ...] = ()
    """Fields of a measure that this source never leaves empty: one that is empty counts as unread, not as empty."""

    def __init__(
        self,
        *args: Any,
        options: CrawlOptions | None = None,
        crawl_state: CrawlState | None = None,
        caller: Writer | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args)
        self.caller = caller
        self.info: SourceInfo = source_info(self.name)
        self.options = check_options(self.name, options if options is not None else self._options_of(kwargs))
        self.scope = scope_of(self.name, self.options)
        self.memory: dict[str, Any] = dict(crawl_state.values) if crawl_state else {}
        self.base_url = (self.options.base_url or self.info.base_url).rstrip("/")
        self.jurisdiction = self.options.jurisdiction
        self.started_at = dt.datetime.now(dt.UTC)
        self.today = self.started_at.date()
        self._coverage = health.Coverage()
        self._history = health.History.read(self.memory)
        self._found = self._unchanged = self._quarantined = self._lost = 0
        self._came_empty = 0
        self._listed: int | None = None
        self._problems: list[Problem] = []
        self._problem_counts: dict[str, int] = {}
        self._new_memory: set[str] = set()
        self._unhealthy = self._blocked = self._broken = self._later = self._finished = False
        self._refused_in_a_row = self._failed_in_a_row = 0
        self._on_the_way = 0

    # -- to be written by a source ------------------------------------------------------------------------------------

    def collect(self) -> AsyncIterator[Yielded]:
        """Yield messages for everything that the options ask for. An ``async def`` with ``yield``."""
        raise NotImplementedError

    def read_local(self, path: Path) -> Iterator[Yielded]:
        """Yield messages from a file or folder of this machine (only for sources that take ``local``)."""
        raise NotImplementedError

    def authorize(self, request: Request) -> Request:
        """The request with the key in it; called for each one. The base adds nothing."""
        return request

    def explain(self, response: Response, clean: str) -> Exception | None:
        """What an error page (HTTP 4xx, 5xx) of this source means: an exception of :mod:`.failures`, or None for the usual.

        Args:
            clean: the address without key.
        """
        return None

    # -- what a source uses -------------------------------------------------------------------------------------------

    async def get(
        self,
        url: str,
        *,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        expects: Expects | None = None,
        unless: Mapping[str, str] | None = None,
        method: str = "GET",
        body: bytes | str | None = None,
        most: int | None = None,
    ) -> Response:
        """Fetch one page, politely and with retries.

        Args:
            url: full address, or a path below the base URL.
            query: query parameters, encoded once; None values are left out.
            expects: what is due, if not the spider's ``expects``.
            unless: validators of an earlier reply (:meth:`validators`); a reply with status 304 may come then.
            most: bytes that the reply may have, if not those of the settings.

        Returns:
            A reply with status 2xx, or 304.

        Raises:
            Gone, Refused, Unreachable, BadReply: this page cannot be had.
            Stop: the crawl should end.
        """
        address = url if urlsplit(url).scheme else f"{self.base_url}/{url.lstrip('/')}"
        if query:
            pairs = [(name, str(value)) for name, value in query.items() if value is not None]
            address += ("&" if "?" in address else "?") + urlencode(pairs, quote_via=quote, safe="$,:'()")
        due = expects or self.expects
        sent = {
            "Accept": {"json": "application/json", "xml": "application/xml, text/xml"}.get(due, "*/*"),
            **(headers or {}),
        }
        for validator, header in (("etag", "If-None-Match"), ("modified", "If-Modified-Since")):
            if unless and unless.get(validator):
                sent[header] = unless[validator]
        meta: dict[str, Any] = {"expects": due, "final_text": self.final_text}
        if most:
            # Nor is it for a cache of pages: a piece of a file would be taken for the whole.
            meta |= {"download_maxsize": most, "dont_cache": True}
        request = Request(address, method=method, headers=sent, body=body, meta=meta, dont_filter=True)
        clean = self.clean(address)
        try:
            response = await self.fetch(self.authorize(request))
        except IgnoreRequest as error:
            raise self._ignored(error, clean) from error
        except Exception as error:  # whatever the download raises is "no whole reply" to us
            raise self._unreachable(f"{_plain(error)}", clean) from error
        _last_reply.set(response)
        return self._judged(response, due, clean)

    async def fetch(self, request: Request) -> Response:
        """Through Scrapy's downloader and middlewares. Tests put recorded pages in its place."""
        return await self.crawler.engine.download_async(request)

    async def get_json(self, url: str, **more: Any) -> Any:
        """:meth:`get`, read as JSON.

        Raises:
            BadReply: no JSON even at a third try; else as :meth:`get`.
        """
        return (await self.get_read(read_json, url, **{**more, "expects": "json"}))[0]

    async def get_xml(self, url: str, **more: Any) -> Any:
        """:meth:`get`, read as XML (the root element, entities never resolved).

        Raises:
            BadReply: no XML even at a third try; else as :meth:`get`.
        """
        return (await self.get_read(read_xml, url, **{**more, "expects": "xml"}))[0]

    async def get_read(self, read: Callable[[bytes], T], url: str, **more: Any) -> tuple[T, Response]:
        """:meth:`get`, with the body read by a function that raises :class:`~.formats.Unreadable`.

        Returns:
            What the function gave, and the reply. Not for conditional requests.

        Raises:
            BadReply: the body does not read even at a third try; else as :meth:`get`.
        """
        for last in (False, False, True):
            response = await self.get(url, **more)
            try:
                return read(response.body), response
            except Unreadable as error:
                # A reply that breaks off may be whole the next time.
                if last:
                    raise self.bad_reply(response, str(error)) from error
        raise RuntimeError("the last try returns or raises")

    def bad_reply(self, response: Response, why: str) -> BadReply:
        """The error for a reply that does not read, with its body for the quarantine."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1") or None
        return BadReply(why, url=self.clean(response.url), raw=response.body, media_type=kind)

    async def each(
        self, items: Iterable[T] | AsyncIterable[T], read: Callable[[T], Awaitable[Yielded | Iterable[Yielded] | None]]
    ) -> AsyncIterator[Yielded]:
        """Read many measures, several at a time, and yield their messages as they come.

        ``items`` is asked for more only when there is room, so a listing may be a lazy generator of many pages. An item
        that cannot be read is told and kept in quarantine; the others go on. What was begun is finished before an error
        of the listing itself is raised.
        """
        source = _aiter(items)
        running: set[asyncio.Task[list[Yielded]]] = set()
        failure: Exception | None = None
        exhausted = False
        try:
            while True:
                while not exhausted and len(running) < self._width and not self._enough(len(running)):
                    try:
                        item = await anext(source)
                    except StopAsyncIteration:
                        exhausted = True
                    except (ReadError, Stop) as error:
                        failure, exhausted = error, True
                    else:
                        running.add(asyncio.ensure_future(self._one(read, item)))
                if not running:
                    break
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    try:
                        messages = task.result()
                    except Stop as error:
                        # The end of the crawl; what was begun beside it is still worth having.
                        failure, exhausted = failure or error, True
                        continue
                    for message in messages:
                        yield message
        finally:
            for task in running:
                task.cancel()
        if failure:
            raise failure

    async def _one(self, read: Callable[[T], Awaitable[Yielded | Iterable[Yielded] | None]], item: T) -> list[Yielded]:
        _last_reply.set(None)
        try:
            result = await read(item)
        except Stop:
            raise
        except ReadError as error:
            return self.failed(error, what=_name_of(item))
        except Exception as error:
            self.logger.debug("cannot read %s", _name_of(item), exc_info=True)
            reply = _last_reply.get()
            why = f"{type(error).__name__}: {error}".splitlines()[0][:300]
            return [
                self.reject(
                    why, url=reply.url if reply else self.base_url, raw=reply.body if reply else b"", key=_name_of(item)
                )
            ]
        return [result] if isinstance(result, Found | Unchanged | Rejected | Remember) else list(result or ())

    def failed(self, error: ReadError, *, what: str = "") -> list[Yielded]:
        """Tell that a measure could not be read. A reply that is there and does not read goes to quarantine."""
        if isinstance(error, BadReply):
            return [self.reject(error.what, url=error.url, raw=error.raw, media_type=error.media_type, key=what)]
        self.lost(f"{what or 'A page'} could not be read: {error.what}", where=error.url)
        return []

    def known(self, key: str) -> Any:
        """What an earlier crawl remembered under a key; None if nothing."""
        return self.memory.get(key)

    def source(self, url: str, source_id: str | int | None = None) -> Source:
        """Where a record was read, now, without key or token."""
        return Source(
            name=self.name,
            url=self.clean(url),
            retrieved_at=dt.datetime.now(dt.UTC),
            source_id=None if source_id is None else str(source_id),
        )

    def found(
        self, measure: Measure, *, remember: Mapping[str, Any] | None = None, reading: Reading | None = None
    ) -> Found:
        """The message for a measure that was read. With an unread part, nothing is remembered, so it is read again."""
        unread = list(reading.unread) if reading else []
        for name in self.required:
            if name not in unread and not getattr(measure, name):
                unread.append(name)
                self._came_empty += 1
                self.lost(f"{measure.key}: {name} came empty, which it never is here.", where=measure.source.url)
        return Found(measure=measure, remember={} if unread else dict(remember or {}), unread=tuple(unread))

    def unchanged(self, key: str, url: str, *, source_id: str | int | None = None) -> Unchanged:
        """The message for a measure that the source says is as it was."""
        return Unchanged(key=key, source=self.source(url, source_id))

    def reject(
        self, reason: str, *, url: str, raw: bytes = b"", media_type: str | None = None, key: str | None = None
    ) -> Rejected:
        """The message that puts a reply into quarantine."""
        return Rejected(
            source=self.source(url),
            reason=self.masked(reason) or "unreadable",
            raw=base64.b64encode(raw[:_RAW_KEPT]).decode("ascii"),
            media_type=media_type,
            key=key or None,
        )

    def remember(self, values: Mapping[str, Any]) -> Remember:
        """The message for state that belongs to no measure; the value None forgets a key."""
        return Remember(remember=dict(values))

    @property
    def losses(self) -> int:
        """How many pages, measures or parts of them could not be read so far."""
        return self._lost + self._quarantined

    def reading(self, key: str) -> Reading:
        """Begin to read a measure that takes several pages."""
        return Reading(self, key)

    def problem(self, what: str, *, where: str = "", mend: str = "", sort: str | None = None) -> None:
        """Tell people something about the run. Of one ``sort`` only the first few are told; the rest are counted."""
        sort = sort or what
        self._problem_counts[sort] = self._problem_counts.get(sort, 0) + 1
        if self._problem_counts[sort] <= _SAMPLES:
            self._problems.append(Problem(what=self.masked(what), where=self.clean(where) if where else "", mend=mend))

    def lost(self, what: str, *, where: str = "") -> None:
        """Tell that something could not be read; the run is partial."""
        self._lost += 1
        self.problem(what, where=where, mend="The next run reads it again.", sort="lost")

    def listed(self, count: int) -> None:
        """Tell how many measures the source's listing of the whole scope holds. Not for a part (limit, since, query)."""
        self._listed = (self._listed or 0) + count

    def doubt(self, what: str, *, mend: str = "") -> None:
        """Tell that the source's listing cannot be right; the run is partial, and nothing counts as missing."""
        self._unhealthy = True
        self.problem(what, mend=mend)

    @staticmethod
    def validators(response: Response) -> dict[str, str]:
        """ETag and Last-Modified of a reply, to be remembered and given as ``unless`` next time."""
        pairs = (("etag", "ETag"), ("modified", "Last-Modified"))
        found = {name: (response.headers.get(header) or b"").decode("latin-1") for name, header in pairs}
        return {name: value for name, value in found.items() if value}

    # -- secrets ------------------------------------------------------------------------------------------------------

    @property
    def quoted_key(self) -> str:
        """The key as it stands in an address."""
        return quote(self.options.key or "", safe="")

    def masked(self, text: str) -> str:
        """A text without the key, however it is encoded in it."""
        key = self.options.key
        if not key or len(key) < SHORTEST_KEY:
            return text
        for form in {key, quote(key), quote(key, safe="")}:
            text = text.replace(form, "***")
        return text

    def clean(self, url: str) -> str:
        """An address without key: parameters that hold it are left out."""
        if not self.options.key or len(self.options.key) < SHORTEST_KEY:
            return url
        address, mark, query = url.partition("?")
        kept = [pair for pair in query.split("&") if pair and self.masked(pair) == pair]
        return self.masked(address) + (mark + "&".join(kept) if kept else "")

    # -- the crawl ----------------------------------------------------------------------------------------------------

    @classmethod
    def from_crawler(cls, crawler: Any, *args: Any, **kwargs: Any) -> MeasureSpider:
        """Scrapy's way to make a spider: sets rate and concurrency of the source and hides the key from all logs."""
        try:
            spider = super().from_crawler(crawler, *args, **kwargs)
        except BadInput as error:
            crawler.bad_input = error  # the worker tells it in one line
            raise
        spider._be_polite(crawler.settings)
        for sign in (signals.item_scraped, signals.item_dropped, signals.item_error):
            crawler.signals.connect(spider._arrived, signal=sign)
        if spider.options.key:
            for handler in logging.getLogger().handlers:
                handler.setFormatter(_Masking(handler.formatter, spider.masked))
        return spider

    def _be_polite(self, settings: Any) -> None:
        """Rate and concurrency of the registry. A service on this machine (a replay, a demo) needs no sparing."""
        if not is_local(self.base_url) and on_this_machine(self.base_url):
            spared = {
                "AUTOTHROTTLE_ENABLED": False,
                "DOWNLOAD_DELAY": 0,
                "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
                "CONCURRENT_REQUESTS": 64,
                "PATIENCE_BASE": 0.05,
                "PATIENCE_MOST": 2.0,
            }
        else:
            spared = {
                "DOWNLOAD_DELAY": 1 / self.info.requests_per_second,
                "AUTOTHROTTLE_START_DELAY": max(0.5, 1 / self.info.requests_per_second),
                "AUTOTHROTTLE_TARGET_CONCURRENCY": float(self.info.concurrency),
                "CONCURRENT_REQUESTS_PER_DOMAIN": self.info.concurrency,
                "CONCURRENT_REQUESTS": 4 * self.info.concurrency,
            }
        for priority, values in (("spider", spared), ("cmdline", self.options.settings)):
            for name, value in values.items():
                settings.set(name, value, priority=priority)

    async def start(self) -> AsyncIterator[Yielded]:
        """Scrapy's entry: what :meth:`collect` yields, counted, then what health remembers.

        With a caller, messages go to it at its pace and past Scrapy's pipelines; else they are Scrapy's items.
        """
        path = local_path(self.options.base_url)
        async for message in _aiter(self.run_local(path)) if path else self._run():
            if self.caller:
                self.caller.send(message)
                while self.caller.behind:
                    await asyncio.sleep(0.005)
            else:
                while self._on_the_way >= _ROOM:
                    await asyncio.sleep(0.002)
                self._on_the_way += self._has_crawler
                yield message

    async def _run(self) -> AsyncIterator[Yielded]:
        try:
            async for message in self.collect():
                self.count(message)
                yield message
                if self._enough(0):
                    break
        except Exception as error:
            self.stopped(error)
        else:
            self._finished = True
        for message in self.closing():
            yield message

    def run_local(self, path: Path, stopped: Callable[[], bool] = lambda: False) -> Iterator[Yielded]:
        """What :meth:`read_local` yields, counted, then what health remembers. ``stopped`` is asked before each message."""
        try:
            for message in self.read_local(path):
                if stopped():
                    return
                self.count(message)
                yield message
                if self._enough(0):
                    break
        except Exception as error:
            self.stopped(error)
        else:
            self._finished = True
        yield from self.closing()

    def count(self, message: Yielded) -> None:
        """Keep the counts of the run."""
        if isinstance(message, Found):
            self._found += 1
            self._coverage.add(message.measure, message.unread)
            self._new_memory.update(message.remember)
        elif isinstance(message, Remember):
            self._new_memory.update(message.remember)
        elif isinstance(message, Unchanged):
            self._unchanged += 1
        elif isinstance(message, Rejected):
            self._quarantined += 1
            self.problem(
                f"{message.key or 'A reply'} is in quarantine: {message.reason}",
                where=message.source.url,
                sort="quarantined",
            )

    def stopped(self, error: Exception) -> None:
        """Tell why the crawl ended before its end."""
        if isinstance(error, Stop):
            self._blocked |= isinstance(error, Blocked)
            self._later |= isinstance(error, ComeBackLater)
            self._broken |= not isinstance(error, Blocked)
            self.problem(error.what, where=error.url, mend=error.mend)
        elif isinstance(error, ReadError):
            self._blocked |= isinstance(error, Refused)
            self._broken = True
            self.problem(
                f"A listing could not be read: {error.what}",
                where=error.url,
                mend="Check the base URL and the source's site.",
            )
        else:
            self._broken = True
            self.logger.error("The crawl stopped on an error of its own.", exc_info=error)
            self.problem(f"The crawler failed: {type(error).__name__}: {error}"[:300], mend="Please report this.")

    def closing(self) -> Iterator[Yielded]:
        """Judge the run's health; yield what the next run must know about it."""
        counted = self._listed if self._whole and not self._lost else None
        troubles = []
        if counted is not None and not (counted == 0 and self.info.empty_is_normal):
            troubles += health.count_problems(
                counted, self._history, at_least=self.info.at_least, at_most=self.info.at_most
            )
        # Only a run that read most of its scope says how often a field is filled.
        whole = self._coverage.measures * 2 >= self._found + self._unchanged
        faded = health.coverage_problems(self._coverage, self._history, self.info.expect, whole=whole)
        for trouble in (*troubles, *faded):
            self._unhealthy = True
            self.problem(trouble.what, where=trouble.where, mend=trouble.mend)
        after = self._history.after(counted, self._coverage if whole and not faded else health.Coverage())
        remember: dict[str, Any] = {health.HISTORY: after.model_dump()} if after != self._history else {}
        if faded or (self._came_empty and self._came_empty * _HOLES >= self._found):
            # Where a source shows holes it may have more than we can see: the next run reads all of this again.
            remember.update(dict.fromkeys(self._new_memory))
        if remember:
            yield Remember(remember=remember)

    def report(self) -> CrawlReport:
        """How the crawl went, with counts of requests from Scrapy's statistics."""
        stats = self.crawler.stats.get_stats() if self._has_crawler and self.crawler.stats else {}
        looked_at = self._found + self._unchanged
        interrupted = not self._finished and not (self._blocked or self._broken)
        if interrupted:
            self.problem("The crawl was interrupted.", mend="Run it again: it goes on with what is missing.")
        verdict = health.verdict(
            blocked=self._blocked,
            broken=self._broken,
            lost=self._lost + self._quarantined,
            unhealthy=self._unhealthy,
            interrupted=interrupted,
            looked_at=looked_at,
            empty_is_normal=self.info.empty_is_normal or self.options.partial,
        )
        if verdict == "failed" and not self._problems:
            self.problem("The source gave no measures.", mend="Check the session or client, and the source's site.")
        told = list(self._problems)
        told += [
            Problem(what=f"{count - _SAMPLES:,} more of the same sort ({sort}) are not listed.")
            for sort, count in self._problem_counts.items()
            if count > _SAMPLES
        ]
        return CrawlReport(
            source=self.name,
            jurisdiction=self.jurisdiction,
            scope=self.scope,
            started_at=self.started_at,
            finished_at=max(dt.datetime.now(dt.UTC), self.started_at),
            verdict=verdict,
            found=looked_at,
            quarantined=self._quarantined,
            requests=stats.get("downloader/request_count", 0),
            not_modified=stats.get("downloader/response_status_count/304", 0),
            bytes=stats.get("downloader/response_bytes", 0),
            problems=tuple(told),
            complete_scope=self._whole and not self._unhealthy and not self._lost,
        )

    def closed(self, reason: str) -> None:
        """Scrapy's last call: plain ``scrapy crawl`` has nobody else to tell how it went."""
        if self.caller is None:
            report = self.report()
            self.logger.info("%s: verdict %s, %d measures", self.name, report.verdict, report.found)
            for problem in report.problems:
                self.logger.warning("%s", problem)

    # -- inside -------------------------------------------------------------------------------------------------------

    @property
    def _has_crawler(self) -> bool:
        return getattr(self, "crawler", None) is not None

    @property
    def _width(self) -> int:
        """Measures read at the same time."""
        return 2 * self.crawler.settings.getint("CONCURRENT_REQUESTS_PER_DOMAIN") if self._has_crawler else 1

    @property
    def _whole(self) -> bool:
        """True if the crawl looked at all of its scope."""
        return (
            self._finished
            and not self.options.partial
            and self._listed is not None
            and not (self._broken or self._blocked)
        )

    def _enough(self, running: int) -> bool:
        limit = self.options.limit
        return limit is not None and self._found + self._unchanged + self._quarantined + running >= limit

    def _arrived(self, *args: Any, **kwargs: Any) -> None:
        self._on_the_way -= 1

    def _options_of(self, given: dict[str, Any]) -> CrawlOptions:
        """Options from ``scrapy crawl NAME -a name=value``; the key comes from the environment alone."""
        known = {"jurisdiction", "session", "client", "since", "limit", "query", "base_url", "resume"}
        if odd := set(given) - known:
            raise BadInput(f"Unknown argument {sorted(odd)[0]!r} of {self.name}. Known: {', '.join(sorted(known))}.")
        try:
            options = CrawlOptions.model_validate(given)
        except ValueError as error:
            raise BadInput(f"Arguments of {self.name}: {error}") from error
        variable = key_variable(self.info, options.client)
        return options.model_copy(update={"key": os.environ.get(variable) or None}) if variable else options

    def _judged(self, response: Response, due: Expects, clean: str) -> Response:
        """The reply if it is a good one; else the right error, with the crawl stopped where going on is useless."""
        status = response.status
        if status >= 400 and (told := self.explain(response, clean)):
            raise told
        if status == 304 or 200 <= status < 300:
            why = refusal(response, due) if status != 304 else None
            if why:
                raise self._refused(why, clean, response)
            self._refused_in_a_row = self._failed_in_a_row = 0
            return response
        if status in (404, 410):
            raise Gone(f"HTTP {status}: the source has nothing there", url=clean, raw=response.body)
        if status in (401, 403, 407, 451):
            raise self._refused(f"HTTP {status}: the source refuses us", clean, response)
        asked = retry_after(response)
        if status == 429 or (asked or 0) > 900:
            wait = f", come back in {int(asked)} s" if asked else ""
            raise ComeBackLater(
                f"The source's rate limit is used up (HTTP {status}{wait}).",
                mend="Run again later; it goes on from here.",
                url=clean,
            )
        if status >= 500:
            raise self._unreachable(f"HTTP {status} at every try", clean, response)
        raise BadReply(f"HTTP {status}: {_text_of(response)}", url=clean, raw=response.body)

    def _refused(self, why: str, clean: str, response: Response | None = None) -> Exception:
        self._refused_in_a_row += 1
        most = self.crawler.settings.getint("REFUSALS_BEFORE_STOP") if self._has_crawler else 5
        if self._refused_in_a_row >= most:
            return Blocked(
                f"The source refuses us: {why}, {self._refused_in_a_row} times in a row.", mend=self._ask(), url=clean
            )
        return Refused(why, url=clean, raw=response.body if response is not None else b"")

    def _unreachable(self, why: str, clean: str, response: Response | None = None) -> Exception:
        self._failed_in_a_row += 1
        most = self.crawler.settings.getint("FAILURES_BEFORE_STOP") if self._has_crawler else 10
        if self._failed_in_a_row >= most:
            return Broken(
                f"The source does not answer: {why}, {self._failed_in_a_row} pages in a row.",
                mend="Run again later; it goes on from here.",
                url=clean,
            )
        return Unreachable(self.masked(why), url=clean, raw=response.body if response is not None else b"")

    def _ignored(self, error: IgnoreRequest, clean: str) -> Exception:
        if "robots" in str(error).lower():
            return Blocked("The source's robots.txt does not allow this address.", mend=self._ask(), url=clean)
        return self._unreachable(f"{error}" or "the request was dropped", clean)

    def _ask(self) -> str:
        publisher = self.info.publisher or "the publisher"
        return (
            self.info.ask
            or f"Check the key, if the source has one; else ask {publisher} how they wish to be collected."
        )


class _Masking(logging.Formatter):
    """Another formatter's output without the key."""

    def __init__(self, inner: logging.Formatter | None, mask: Callable[[str], str]) -> None:
        super().__init__()
        self._inner = inner or logging.Formatter()
        self._mask = mask

    def format(self, record: logging.LogRecord) -> str:
        return self._mask(self._inner.format(record))


async def _aiter(items: Iterable[T] | AsyncIterable[T]) -> AsyncIterator[T]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


def _name_of(item: object) -> str:
    """How an item of a listing is called in a problem: itself if it is a text or number, else its ``key``."""
    return str(item)[:80] if isinstance(item, str | int) else str(getattr(item, "key", ""))


def _text_of(response: Response) -> str:
    return " ".join(response.body[:300].decode("utf-8", "replace").split())


def _plain(error: Exception) -> str:
    """A download error in words that help."""
    name = type(error).__name__
    words = {
        "TimeoutError": "no reply in time",
        "DownloadTimeoutError": "no reply in time",
        "TCPTimedOutError": "no connection in time",
        "ConnectionRefusedError": "nobody answers at that address",
        "DownloadConnectionRefusedError": "nobody answers at that address",
        "ConnectError": "no connection",
        "DNSLookupError": "the host name is unknown",
        "CannotResolveHostError": "the host name is unknown",
        "ConnectionLost": "the connection broke off",
        "ConnectionDone": "the connection broke off",
        "ResponseNeverReceived": "the connection broke off",
        "ResponseFailed": "the reply broke off",
        "ResponseDataLossError": "the reply broke off",
        "DownloadFailedError": "the reply broke off",
        "DownloadCancelledError": "the reply is too big",
        "CancelledError": "the reply is too big",
    }
    return words.get(name, f"{name}: {error}".splitlines()[0][:200])
