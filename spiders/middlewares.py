"""Patience with a source: waits that it asks for, growing pauses after errors, a second look at refusal pages."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from scrapy import Request, Spider
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.http import Response
from scrapy.utils.httpobj import urlparse_cached
from scrapy.utils.misc import load_object

from .refusals import refusal


def retry_after(response: Response) -> float | None:
    """Seconds that a reply asks us to wait (``Retry-After`` as seconds or as a date); None if it does not say."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if not value:
        return None
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


class PatientRetry:
    """In place of Scrapy's retry middleware: the whole host rests as long as it asks for, else longer after each failure.

    Settings: ``RETRY_TIMES``, ``RETRY_HTTP_CODES``, ``RETRY_EXCEPTIONS`` as in Scrapy; ``PATIENCE_BASE`` (first pause, s),
    ``PATIENCE_MOST`` (longest pause of our own, s), ``PATIENCE_WAITS`` (how often one request waits for a rate limit),
    ``PATIENCE_ASKED`` (longest wait that a source may ask for before the crawl ends for now, s), ``REFUSAL_RETRIES``.
    """

    def __init__(self, crawler: Crawler) -> None:
        settings = crawler.settings
        self.crawler = crawler
        self.codes = {int(code) for code in settings.getlist("RETRY_HTTP_CODES")}
        self.exceptions = tuple(load_object(kind) for kind in settings.getlist("RETRY_EXCEPTIONS"))
        self.base = settings.getfloat("PATIENCE_BASE")
        self.most = settings.getfloat("PATIENCE_MOST")
        self.waits = settings.getint("PATIENCE_WAITS")
        self.asked = settings.getfloat("PATIENCE_ASKED")
        self.refusal_retries = settings.getint("REFUSAL_RETRIES")
        self._resting_until: dict[str, float] = {}
        self._answered: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PatientRetry:
        """Scrapy's way to make it."""
        return cls(crawler)

    async def process_request(self, request: Request, spider: Any = None) -> None:
        """Hold a request while its host rests."""
        host = urlparse_cached(request).netloc
        while (wait := self._resting_until.get(host, 0.0) - time.monotonic()) > 0:
            await asyncio.sleep(wait)

    async def process_response(self, request: Request, response: Response, spider: Any = None) -> Request | Response:
        self._answered.add(urlparse_cached(request).netloc)
        if request.meta.get("dont_retry"):
            return response
        final = request.meta.get("final_text")
        if response.status in self.codes and not (final and final in response.body):
            asked = retry_after(response)
            if asked is not None and asked > self.asked:
                return response
            if response.status == 429:
                return await self._wait_for_limit(request, response, asked)
            return await self._again(request, f"HTTP {response.status}", asked) or response
        if response.status == 200 and (why := refusal(response, request.meta.get("expects", "any"))):
            if request.meta.get("refusals", 0) >= self.refusal_retries:
                return response
            request = request.replace(meta={**request.meta, "refusals": request.meta.get("refusals", 0) + 1})
            return await self._again(request, why, None) or response
        return response

    async def process_exception(self, request: Request, exception: Exception, spider: Any = None) -> Request | None:
        if isinstance(exception, self.exceptions) and not request.meta.get("dont_retry"):
            # A host that never answered is more likely a wrong address than one that will soon be back.
            times = None if urlparse_cached(request).netloc in self._answered else 1
            return await self._again(request, type(exception).__name__, None, times)
        return None

    async def _wait_for_limit(self, request: Request, response: Response, asked: float | None) -> Request | Response:
        waits = request.meta.get("waits", 0)
        if waits >= self.waits:
            return response
        pause = asked if asked is not None else self._pause(waits)
        # A little more than asked, and not all at the same moment.
        self._rest(request, pause + random.uniform(0.0, 0.1) * max(pause, self.base))  # noqa: S311
        await self.process_request(request)
        return request.replace(meta={**request.meta, "waits": waits + 1}, dont_filter=True)

    async def _again(
        self, request: Request, reason: str, asked: float | None, times: int | None = None
    ) -> Request | None:
        spider = cast(Spider, self.crawler.spider)
        again = get_retry_request(request, spider=spider, reason=reason, max_retry_times=times)
        if again is None:
            return None
        pause = asked if asked is not None else self._pause(request.meta.get("retry_times", 0))
        if asked is not None:
            self._rest(request, pause)
        await asyncio.sleep(pause)
        return again

    def _pause(self, times: int) -> float:
        return min(self.most, self.base * 2**times) * random.uniform(0.75, 1.25)  # noqa: S311

    def _rest(self, request: Request, seconds: float) -> None:
        host = urlparse_cached(request).netloc
        self._resting_until[host] = max(self._resting_until.get(host, 0.0), time.monotonic() + seconds)
