"""One collect run: messages in, batches out, counts at the end."""

from __future__ import annotations

import base64
import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Engine, select

from ..errors import StoreUnusable
from ..records import CrawlReport, Found, Message, Problem, Rejected, Remember, Run, Unchanged, Verdict
from . import bulk
from .engine import writing
from .ingest import Batch, Context, Outcome, Written, prepare, write_batch
from .models import CheckRow, ObservationRow, RunRow, SessionRow
from .state import read_state

BATCH = 500
"""Records in one transaction."""
BATCH_CHARACTERS = 16_000_000
"""And no more words than this, so that memory stays flat where texts are long."""
BATCH_SECONDS = 10.0
"""A slow crawl commits at least this often, so that a kill costs little."""

_PROBLEMS: TypeAdapter[tuple[Problem, ...]] = TypeAdapter(tuple[Problem, ...])


class Collecting:
    """A run that is going on; made by ``Store.collecting``, used in a ``with`` block.

    Hand each message of the crawl to ``write``, and its report to ``finish`` (or to ``write``); then ``result`` is there.
    What was written before a failure or a kill stays, with the crawl state that covers it.
    """

    def __init__(
        self,
        engine: Engine,
        source: str,
        *,
        jurisdiction: str | None,
        scope: str,
        partial: bool,
        cut: str | None,
        demo: bool,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._engine = engine
        self._clock = clock
        self._run = Run(source=source, jurisdiction=jurisdiction, started_at=clock(), cut=cut)
        self._scope = scope
        self._partial = partial
        self._demo = demo
        self._batch = Batch()
        self._characters = 0
        self._flushed = time.monotonic()
        self._quarantined = 0
        self._problems: list[Problem] = []
        self._finished = False
        self._context: Context | None = None

    def __enter__(self) -> Collecting:
        with writing(self._engine) as connection:
            row = {
                "source": self._run.source,
                "jurisdiction": self._run.jurisdiction,
                "scope": self._scope,
                "started_at": self._run.started_at,
                "problems": "[]",
                "cut": self._run.cut,
                **_counts(self._run),
            }
            [run_id] = bulk.add_returning_ids(connection, RunRow, [row])
            places = {
                (place, session)
                for place, session in connection.execute(select(SessionRow.jurisdiction, SessionRow.identifier))
            }
            state = read_state(connection, self._run.source, self._scope)
        self._context = Context(run_id, self._run.source, self._scope, self._demo, state, places, seen={})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._finished:
            return
        if isinstance(error, StoreUnusable):
            # The store itself failed: what is pending was rolled back, and there is nowhere to write that we failed.
            return
        self._flush()
        why = (
            "The crawl ended without a report"
            if error is None
            else f"The run broke off: {kind.__name__ if kind else ''}"
        )
        detail = " ".join(str(error).split()) if error is not None else ""
        verdict: Verdict = "partial" if self._run.found else "failed"
        problem = Problem(what=f"{why}: {detail}" if detail else why, mend="Run it again: what was read stays.")
        self._end(verdict, missing=None, problems=(problem,))

    @property
    def result(self) -> Run:
        """The run as it is kept; complete after ``finish``."""
        return self._run

    def write(self, message: Message) -> None:
        """Take one message of the crawl. It is in the store after the next batch, at the latest after ``finish``.

        Raises:
            StoreUnusable: the database failed; nothing of the batch is kept.
        """
        match message:
            case Found():
                self._take_found(message)
            case Unchanged():
                self._make_room(message.key, message.source.name)
                self._batch.unchanged.append(message)
                self._batch.remember.update(message.remember)
            case Rejected():
                self._batch.rejected.append(message)
                self._quarantined += 1
                self._characters += len(message.raw)
            case Remember():
                self._batch.remember.update(message.remember)
            case CrawlReport():
                self.finish(message)
                return
        late = time.monotonic() - self._flushed > BATCH_SECONDS
        if late or len(self._batch) >= BATCH or self._characters >= BATCH_CHARACTERS:
            self._flush()

    def finish(self, report: CrawlReport) -> None:
        """End the run with what the crawl says of itself."""
        self._flush()
        whole = report.complete_scope and not self._partial
        self._run = self._run.model_copy(
            update={
                "jurisdiction": self._run.jurisdiction or report.jurisdiction,
                "requests": report.requests,
                "not_modified": report.not_modified,
                "bytes": report.bytes,
            }
        )
        self._end(report.verdict, missing=self._mark_missing() if whole else None, problems=report.problems)

    def _take_found(self, message: Found) -> None:
        measure = message.measure
        try:
            prepared = prepare(measure, message.unread)
        except ValueError as error:
            raw = base64.b64encode(repr(measure).encode("utf-8", "backslashreplace")).decode()
            reason = f"{measure.key!r} cannot be kept: {error}"
            source = measure.source
            self._batch.rejected.append(Rejected(source=source, reason=ascii(reason), raw=raw, media_type="text/plain"))
            self._quarantined += 1
            return
        self._make_room(prepared.key, measure.source.name)
        self._batch.found.append(prepared)
        self._batch.remember.update(message.remember)
        self._characters += len(prepared.record) + sum(map(len, prepared.texts.values()))

    def _make_room(self, key: str, source: str) -> None:
        if (key, source) in self._batch.keys:
            self._flush()
        self._batch.keys.add((key, source))

    def _flush(self) -> None:
        context = self._open_context()
        batch, self._batch, self._characters = self._batch, Batch(), 0
        self._flushed = time.monotonic()
        if not len(batch) and not batch.remember:
            return
        with writing(self._engine) as connection:
            written = write_batch(connection, batch, context, self._clock())
            after = self._counted(written)
            bulk.change(connection, RunRow, [{"id": context.run_id, **_counts(after)}])
        # Only now is it certain.
        self._run = after
        _note(context.seen, written.outcomes)
        for name, value in written.remembered.items():
            if value is None:
                context.state.pop(name, None)
            else:
                context.state[name] = value
        context.places.update((item.measure.jurisdiction, item.measure.session) for item in batch.found)
        self._problems += written.problems

    def _counted(self, written: Written) -> Run:
        seen = self._open_context().seen
        counts = Counter({"new": self._run.new, "changed": self._run.changed, "unchanged": self._run.unchanged})
        for observation_id, outcome in written.outcomes.items():
            counts.subtract([seen[observation_id]] if observation_id in seen else [])
            counts[_stronger(seen.get(observation_id), outcome)] += 1
        found = {"found": sum(counts.values()), "quarantined": self._quarantined}
        return self._run.model_copy(update={**counts, **found})

    def _mark_missing(self) -> int:
        """Mark what was seen in this scope before and not now; returns how many that are."""
        context = self._open_context()
        with writing(self._engine) as connection:
            statement = (
                select(CheckRow.observation_id, CheckRow.missing_since)
                .join(ObservationRow, ObservationRow.id == CheckRow.observation_id)
                .where(CheckRow.scope == self._scope, CheckRow.run_id != context.run_id)
                .where(ObservationRow.source == self._run.source)
            )
            gone = list(connection.execute(statement))
            rows = [
                {"observation_id": observation_id, "scope": self._scope, "missing_since": self._clock()}
                for observation_id, since in gone
                if since is None
            ]
            bulk.change(connection, CheckRow, rows, by=["observation_id", "scope"])
        return len(gone)

    def _end(self, verdict: Verdict, *, missing: int | None, problems: tuple[Problem, ...]) -> None:
        finished = self._clock()
        self._run = self._run.model_copy(
            update={
                "finished_at": finished,
                "verdict": verdict,
                "missing": missing,
                "seconds": (finished - self._run.started_at).total_seconds(),
                "problems": (*problems, *self._problems),
            }
        )
        with writing(self._engine) as connection:
            row = {
                "id": self._open_context().run_id,
                "jurisdiction": self._run.jurisdiction,
                "finished_at": finished,
                "verdict": verdict,
                "missing": missing,
                "problems": _PROBLEMS.dump_json(self._run.problems).decode(),
                **_counts(self._run),
            }
            bulk.change(connection, RunRow, [row])
        self._finished = True

    def _open_context(self) -> Context:
        if self._context is None or self._finished:
            raise RuntimeError("A run is written inside its 'with store.collecting(...)' block, until it is finished.")
        return self._context


def run_of(row: Any) -> Run:
    """The record of a run's row."""
    seconds = (row.finished_at - row.started_at).total_seconds() if row.finished_at else 0.0
    return Run(
        source=row.source,
        jurisdiction=row.jurisdiction,
        started_at=row.started_at,
        finished_at=row.finished_at,
        verdict=row.verdict,
        missing=row.missing,
        cut=row.cut,
        seconds=seconds,
        problems=_PROBLEMS.validate_python(json.loads(row.problems)),
        **{name: getattr(row, name) for name in _COUNTS},
    )


_COUNTS = ("found", "new", "changed", "unchanged", "quarantined", "requests", "not_modified", "bytes")


def _counts(run: Run) -> dict[str, int]:
    return {name: getattr(run, name) for name in _COUNTS}


def _stronger(before: Outcome | None, now: Outcome) -> Outcome:
    """What a run did to an observation that it saw twice: new stays new, changed stays changed."""
    return before if before in ("new", "changed") else now


def _note(seen: dict[int, Outcome], outcomes: dict[int, Outcome]) -> None:
    for observation_id, outcome in outcomes.items():
        seen[observation_id] = _stronger(seen.get(observation_id), outcome)
