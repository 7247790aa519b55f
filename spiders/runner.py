"""The caller's side of a crawl: starts the worker, hands its messages to a sink, and always comes back with a report."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import IO, cast

from pydantic import ValidationError

from freedom_policy.errors import BadInput
from freedom_policy.records import (
    CrawlOptions,
    CrawlReport,
    CrawlState,
    Found,
    Measure,
    Message,
    Problem,
    Rejected,
    Unchanged,
)

from . import health
from .registry import SHORTEST_KEY, check_options, scope_of, source_info
from .wire import LINE, BadOrder, Order

log = logging.getLogger(__name__)

_NEW_GROUP = 0x200
"""Windows' CREATE_NEW_PROCESS_GROUP, which the subprocess module of other systems does not know."""
_GRACE = 10.0
"""Seconds that a crawl has to end in good order when it is told to stop."""


def crawl(source: str, *, options: CrawlOptions, state: CrawlState, sink: Callable[[Message], None]) -> CrawlReport:
    """Collect from a source: run the crawl in a process of its own and hand each message to ``sink``, in this thread.

    The last message that the sink gets is the report, which is returned too. Whatever happens to the crawl's process,
    there is a report; a slow sink slows the crawl down and fills no memory.

    Args:
        source: name in the registry.
        options: what to collect; see :class:`~freedom_policy.records.CrawlOptions`.
        state: what earlier crawls of this source and scope remembered.
        sink: called with each message. If it raises, the crawl is stopped and the error goes on.

    Raises:
        BadInput: unknown source, client, jurisdiction..., or a missing key; before any request.
        KeyboardInterrupt: as it came, after the crawl was stopped in good order and the sink had all that was read.
    """
    options = check_options(source, options)
    return _Crawl(source, options, state, sink).run()


def probe(source: str, *, options: CrawlOptions) -> CrawlReport:
    """Ask a source for a little, keep nothing: is it alive, does it take our key, has its form changed?

    Args:
        options: as for :func:`crawl`; without a limit, three measures are asked for.

    Returns:
        The crawl's report. A field that should nearly always be filled and is in none of the measures is a problem, and
        the verdict then is ``partial``.

    Raises:
        BadInput: as :func:`crawl`.
    """
    measures: list[Measure] = []

    def sink(message: Message) -> None:
        if isinstance(message, Found):
            measures.append(message.measure)

    asked = options if options.limit else options.model_copy(update={"limit": 3})
    report = crawl(source, options=asked, state=CrawlState(source=source), sink=sink)
    seen = set().union(*(health.filled(measure) for measure in measures))
    # So few of so few only one time in fifty, if all were well.
    gone = [
        name
        for name, share in source_info(source).expect.items()
        if measures and name not in seen and (1 - share) ** len(measures) < 0.02
    ]
    if not gone:
        return report
    what = f"Field {', '.join(gone)} is filled in none of {len(measures)} measures."
    problem = Problem(what=what, mend="The source may have changed its form.")
    verdict = "partial" if report.verdict == "complete" else report.verdict
    return report.model_copy(update={"verdict": verdict, "problems": (*report.problems, problem)})


class _Crawl:
    def __init__(self, source: str, options: CrawlOptions, state: CrawlState, sink: Callable[[Message], None]) -> None:
        self.source = source
        self.options = options
        self.sink = sink
        self.started_at = dt.datetime.now(dt.UTC)
        self.found = self.quarantined = 0
        self.report: CrawlReport | None = None
        self.interrupted = False
        self.said: deque[str] = deque(maxlen=20)
        level = logging.getLogger("freedom_policy").getEffectiveLevel()
        self.order = Order(
            source=source, options=options, state=state, log_level=logging.getLevelName(max(level, logging.INFO))
        )
        self.process = self._start()
        # Popen's pipes are there because we asked for them.
        self.stdin, self.stdout, self.stderr = cast(
            tuple[IO[bytes], IO[bytes], IO[bytes]], (self.process.stdin, self.process.stdout, self.process.stderr)
        )
        self._listener = threading.Thread(target=self._listen, name="crawl-log", daemon=True)
        self._listener.start()

    def _start(self) -> subprocess.Popen[bytes]:
        # A group of its own, so that Ctrl-C in a terminal reaches the caller first and the crawl can end in good order.
        return subprocess.Popen(
            # -P keeps the working folder out of the child's path: in a checkout it holds a freedom_policy/ without its spiders.
            [sys.executable, "-P", "-m", "freedom_policy.spiders"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=1 << 16,
            start_new_session=os.name == "posix",
            creationflags=0 if os.name == "posix" else _NEW_GROUP,
        )

    def run(self) -> CrawlReport:
        try:
            self._give_order()
            try:
                self._read()
            except KeyboardInterrupt:
                self.interrupted = True
                self._stop(_GRACE)
                self._read()
        finally:
            self._end()
        report = self._final()
        self.sink(report)
        if self.interrupted:
            raise KeyboardInterrupt
        return report

    def _give_order(self) -> None:
        # A worker that died at once is told of by the report.
        with contextlib.suppress(OSError):
            self.stdin.write(self.order.model_dump_json().encode() + b"\n")
            self.stdin.flush()

    def _read(self) -> None:
        for line in self.stdout:
            try:
                message = LINE.validate_json(line)
            except ValidationError as error:
                # A line cut in half by a crash; anything else would be our own mistake.
                log.warning("a message of the crawl does not read: %s", error.errors()[0]["msg"])
                continue
            if isinstance(message, BadOrder):
                raise BadInput(message.message)
            if isinstance(message, CrawlReport):
                self.report = message
                continue
            self.found += isinstance(message, Found | Unchanged)
            self.quarantined += isinstance(message, Rejected)
            self.sink(message)

    def _stop(self, grace: float) -> None:
        """Tell the crawl to end; after the grace it is ended."""
        with contextlib.suppress(OSError):
            self.stdin.close()

        def end() -> None:
            deadline = time.monotonic() + grace
            while time.monotonic() < deadline:
                if self.process.poll() is not None:
                    return
                time.sleep(0.05)
            self.process.kill()

        threading.Thread(target=end, name="crawl-end", daemon=True).start()

    def _end(self) -> None:
        """Whatever happened, leave no process and no open pipe behind."""
        for pipe in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            self.process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._listener.join(timeout=2.0)
        with contextlib.suppress(OSError):
            self.stderr.close()

    def _listen(self) -> None:
        for line in self.stderr:
            text = line.decode("utf-8", "replace").rstrip()
            if self.options.key and len(self.options.key) >= SHORTEST_KEY:
                text = text.replace(self.options.key, "***")
            self.said.append(text)
            log.info("%s", text)

    def _final(self) -> CrawlReport:
        if self.report and not self.interrupted:
            return self.report
        if self.report:
            return (
                self.report
                if self.report.verdict != "complete"
                else self.report.model_copy(update={"verdict": "partial"})
            )
        code = self.process.returncode
        if self.interrupted:
            problem = Problem(what="The crawl was interrupted.", mend="Run it again: it goes on with what is missing.")
        else:
            how = f"killed by signal {_signal_name(-code)}" if code and code < 0 else f"exit code {code}"
            last = next((line for line in reversed(self.said) if line.strip()), "it said nothing")
            problem = Problem(
                what=f"The crawl's process ended early ({how}): {last[:300]}",
                mend="What was read is kept. Run it again: it goes on with what is missing.",
            )
        return CrawlReport(
            source=self.source,
            jurisdiction=self.options.jurisdiction,
            scope=scope_of(self.source, self.options),
            started_at=self.started_at,
            finished_at=dt.datetime.now(dt.UTC),
            verdict="partial" if self.found else "failed",
            found=self.found,
            quarantined=self.quarantined,
            problems=(problem,),
        )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal, or one of another system
        return str(number)
