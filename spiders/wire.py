"""The wire between a crawl's process and its caller: one JSON object a line."""

from __future__ import annotations

import queue
import threading
from typing import Annotated, BinaryIO, Literal

from pydantic import Field, TypeAdapter

from freedom_policy.records import CrawlOptions, CrawlReport, CrawlState, Found, Record, Rejected, Remember, Unchanged


class Order(Record):
    """What the caller writes to the worker's standard input, first line. The key travels here and nowhere else."""

    source: str
    options: CrawlOptions
    state: CrawlState
    log_level: str = "WARNING"


class BadOrder(Record):
    """The worker will not start: the caller's input is wrong. Nothing was requested."""

    type: Literal["bad_order"] = "bad_order"
    message: str


Line = Annotated[Found | Unchanged | Rejected | Remember | CrawlReport | BadOrder, Field(discriminator="type")]
LINE: TypeAdapter[Line] = TypeAdapter(Line)

_MOST_BYTES = 8 * 1024 * 1024


class Writer:
    """Writes messages from a thread, so that a slow caller never stops the crawl's event loop; it asks it to wait instead."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._waiting = 0
        self._lock = threading.Lock()
        self.broken = False
        """True when the caller is gone."""
        self._thread = threading.Thread(target=self._run, name="to-caller", daemon=True)
        self._thread.start()

    @property
    def behind(self) -> bool:
        """True while more than 8 MB wait for the caller."""
        return self._waiting > _MOST_BYTES and not self.broken

    def send(self, message: Record) -> None:
        """Queue one message."""
        line = message.model_dump_json().encode() + b"\n"
        with self._lock:
            self._waiting += len(line)
        self._lines.put(line)

    def close(self) -> None:
        """Write what is queued, then close the stream."""
        self._lines.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            if not self.broken:
                try:
                    self._stream.write(line)
                    if self._lines.empty():
                        self._stream.flush()
                except (OSError, ValueError):
                    self.broken = True
            with self._lock:
                self._waiting -= len(line)
        try:
            self._stream.close()
        except OSError:
            self.broken = True
