"""The child process of a crawl: order on standard input, messages on standard output.

A Twisted reactor starts once in a process, so each crawl has a process of its own. When standard input closes (the caller
stops it, or is gone), the crawl ends in good order: what was read is sent, and the report says that it was interrupted.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from freedom_policy.errors import BadInput

from .base import MeasureSpider
from .registry import local_path
from .wire import BadOrder, Order, Writer


def main() -> int:
    """Run one crawl; the exit code is 0 if a report or a refusal of the order was sent."""
    # A crawl makes very many small objects and few cycles.
    gc.freeze()
    gc.set_threshold(50_000)
    gc.enable()
    order = Order.model_validate_json(sys.stdin.buffer.readline())
    writer = Writer(_take_standard_output())
    # The caller decides when to stop: an interrupt of the terminal reaches it first.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.basicConfig(level=order.log_level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    try:
        if path := local_path(order.options.base_url):
            _read_local(order, path, writer)
        else:
            _crawl(order, writer)
    except BadInput as error:
        writer.send(BadOrder(message=str(error)))
    writer.close()
    return 0


def _take_standard_output() -> BinaryIO:
    """Standard output for messages alone: whatever else prints goes to standard error."""
    stream = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=1 << 16)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return stream


def _when_told(stop: Callable[[], None]) -> None:
    def wait() -> None:
        # Not through sys.stdin: a thread that waits in it would stand in the way of the interpreter's end.
        while os.read(0, 1024):
            pass
        stop()

    threading.Thread(target=wait, name="from-caller", daemon=True).start()


def _crawl(order: Order, writer: Writer) -> None:
    from scrapy.crawler import AsyncCrawlerProcess

    settings = _settings(order.source)
    for name, value in (
        ("LOG_LEVEL", order.log_level),
        # Our own handler is there already.
        ("LOG_ENABLED", False),
        ("LOG_INSTALL_ROOT_HANDLER", False),
    ):
        settings.set(name, value, priority="cmdline")
    process = AsyncCrawlerProcess(settings)
    logging.getLogger("scrapy").setLevel(order.log_level)
    crawler = process.create_crawler(order.source)
    task = process.crawl(crawler, options=order.options, crawl_state=order.state, caller=writer)
    loop = asyncio.get_event_loop()

    def stop() -> None:
        while not task.done() and not (crawler.engine and crawler.engine.running):
            time.sleep(0.02)
        if not task.done():
            asyncio.run_coroutine_threadsafe(crawler.stop_async(), loop)

    _when_told(stop)
    process.start(install_signal_handlers=False)
    if error := task.exception():
        raise error
    writer.send(cast(MeasureSpider, crawler.spider).report())


def _read_local(order: Order, path: Path, writer: Writer) -> None:
    """Files need no event loop: read and send, at the pace of the caller."""
    told = threading.Event()
    _when_told(told.set)
    kind = SpiderLoader.from_settings(_settings(order.source)).load(order.source)
    spider = cast(MeasureSpider, kind(options=order.options, crawl_state=order.state))
    for message in spider.run_local(path, stopped=told.is_set):
        writer.send(message)
        while writer.behind:
            time.sleep(0.005)
    writer.send(spider.report())


def _settings(source: str) -> Settings:
    """Our settings, with the module of one source alone, for loading all takes a fifth of a crawl's start."""
    settings = Settings()
    settings.setmodule("freedom_policy.spiders.settings", priority="project")
    settings.set("SPIDER_MODULES", [f"freedom_policy.spiders.{source.replace('-', '_')}"], priority="cmdline")
    return settings
