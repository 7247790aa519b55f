"""``Store``: the database behind one door. Writes go through it; reads are in ``queries``."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Literal

from sqlalchemy import Connection, func, select, text

from ..errors import BadInput, StoreUnusable
from ..records import (
    Classification,
    Correction,
    CrawlState,
    Family,
    FamilyLink,
    Fate,
    Jurisdiction,
    LawEvent,
    Measure,
    MeasureFilter,
    Note,
    Review,
    Session,
    Status,
    Watch,
)
from . import bulk, corrections, due, law_events, ledger, norms, private, schema, status, tags
from . import families as families_
from .collecting import Collecting
from .engine import BUSY_SECONDS, is_missing, open_engine, parse_url, reading, writing
from .ingest import jurisdiction_from_key
from .models import Base, JurisdictionRow, SessionRow
from .results import DigestIssue
from .state import read_state


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Store:
    """A database of measures, on SQLite or PostgreSQL.

    Args:
        url: ``sqlite:///FILE`` (the folder is made), ``sqlite://`` (in memory) or ``postgresql+psycopg://USER@HOST/NAME``.
        busy_seconds: how long to wait for another writer.

    Raises:
        StoreUnusable: the database cannot be opened. An empty, older or newer one is told at the first use, so that
            ``upgrade`` can mend it.
    """

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS, make: bool = True) -> None:
        self.url = parse_url(url)
        if not make and is_missing(self.url):
            raise StoreUnusable(
                f"There is no store at {self.label}. Check the name. A new one begins with: freedom-policy collect SOURCE"
            )
        self.engine = open_engine(self.url, busy_seconds=busy_seconds)
        self._current = False
        # What was handed out to be assessed or classified: the digest of what was read, so that a measure that changes
        # meanwhile stays due.
        self._assessing: dict[str, str] = {}
        self._classifying: dict[str, str] = {}
        with reading(self.engine) as connection:
            connection.execute(text("SELECT 1"))

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self.label!r})"

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    # -- the database itself ------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Set up an empty database; check that one that is there is of this version.

        Raises:
            StoreUnusable: the database is older or newer than the code, or another program's.
        """
        if schema.is_empty(self.engine):
            schema.upgrade(self.engine)
        self.require_current()

    @property
    def label(self) -> str:
        """The database's URL, without its password."""
        return self.url.render_as_string(hide_password=True)

    def upgrade(self) -> str:
        """Bring the tables to this version, in one transaction; nothing happens where they are.

        Returns:
            What was done, in a sentence.

        Raises:
            StoreUnusable: the database is newer than the code, or another program's.
        """
        before = schema.upgrade(self.engine)
        if before == schema.NEWEST:
            return f"{self.label} is at version {before}; there is nothing to do."
        return f"{self.label} was brought from {before or 'empty'} to version {schema.NEWEST}."

    def require_current(self) -> None:
        """Check once that the tables are those of this version.

        Raises:
            StoreUnusable: the database is empty, older or newer than the code.
        """
        if not self._current:
            schema.require_current(self.engine)
            self._current = True

    def check(self) -> dict[str, str | int]:
        """Check the database's integrity and foreign keys, and count what is in it.

        Returns:
            ``database``, ``version``, ``integrity`` (``ok``), then the number of rows of each table.

        Raises:
            StoreUnusable: it is damaged, or of another version.
        """
        self.require_current()
        problems: list[str] = []
        with reading(self.engine) as connection:
            if self.engine.dialect.name == "sqlite":
                answers = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
                problems += [str(answer) for answer in answers if answer != "ok"]
                problems += [
                    f"a row of {row[0]} points to a row of {row[2]} that is not there"
                    for row in connection.exec_driver_sql("PRAGMA foreign_key_check")
                ]
            if problems:
                more = f" and {len(problems) - 3} more" if len(problems) > 3 else ""
                raise StoreUnusable(
                    f"Database {self.label} is damaged: {'; '.join(problems[:3])}{more}. Restore a backup."
                )
            counts = {
                table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
                for table in Base.metadata.sorted_tables
            }
        return {"database": self.label, "version": schema.NEWEST, "integrity": "ok", **counts}

    def backup(self, path: str | Path) -> Path:
        """Copy an SQLite database, whole and consistent, while others may use it.

        Raises:
            StoreUnusable: the file is there already or cannot be written, or the database is PostgreSQL.
        """
        target = Path(path)
        if self.engine.dialect.name != "sqlite":
            name = self.url.set(drivername="postgresql").render_as_string(hide_password=True)
            raise StoreUnusable(
                f"PostgreSQL makes its own backups. Run: pg_dump --format=custom --file={target} '{name}'"
            )
        if target.exists():
            raise StoreUnusable(f"Backup file {target} is there already. Give another name, or remove it.")
        try:
            with self.engine.connect() as connection, closing(sqlite3.connect(target)) as copy:
                connection.connection.driver_connection.backup(copy)  # type: ignore[union-attr]
        except (sqlite3.Error, OSError) as error:
            raise StoreUnusable(f"Backup {target} cannot be written: {error}.") from error
        return target

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection on one consistent snapshot; for short reads.

        Raises:
            StoreUnusable: the database failed, or is not of this version.
        """
        self.require_current()
        with reading(self.engine) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed as a whole or not at all.

        Raises:
            StoreUnusable: the database failed or is locked, or is not of this version.
        """
        self.require_current()
        with writing(self.engine) as connection:
            yield connection

    # -- collecting ---------------------------------------------------------------------------------------------------

    def collecting(
        self,
        source: str,
        *,
        jurisdiction: str | None = None,
        scope: str = "",
        partial: bool = False,
        cut: str | None = None,
        demo: bool = False,
        clock: Callable[[], dt.datetime] = _now,
    ) -> Collecting:
        """A run of a source, for a ``with`` block: ``run.write(message)``, ``run.finish(report)``, then ``run.result``.

        Args:
            scope: what part of the source is looked at; crawl state and missing measures are told per scope.
            partial: the run looks at a part of the scope only, so that nothing is missing because it was not seen.
            cut: how, in words (``limit 20``); it is kept, so that reports can say so.
            demo: the records come from a demo recording.
            clock: gives the moment at which we know something, for replays.
        """
        self.require_current()
        return Collecting(
            self.engine,
            source,
            jurisdiction=jurisdiction,
            scope=scope,
            partial=partial or cut is not None,
            cut=cut,
            demo=demo,
            clock=clock,
        )

    def load_state(self, source: str, scope: str = "") -> CrawlState:
        """What the crawl of a source and scope remembers."""
        with self.reading() as connection:
            return CrawlState(source=source, scope=scope, values=read_state(connection, source, scope))

    def save_places(self, jurisdictions: Iterable[Jurisdiction] = (), sessions: Iterable[Session] = ()) -> None:
        """Put what a registry knows of places and sessions into the store; what measures alone name stays.

        What is there already is not written again, so this may be called before every collect.
        """
        wanted = [
            {
                **place.model_dump(exclude={"chambers"}),
                "chambers": json.dumps([chamber.model_dump() for chamber in place.chambers]),
            }
            for place in jurisdictions
        ]
        calendar = [session.model_dump() for session in sessions]
        with self.reading() as connection:
            places = connection.execute(select(JurisdictionRow.__table__)).mappings()
            known = {row["key"]: dict(row) for row in places}
            terms = connection.execute(select(SessionRow.__table__)).mappings()
            known_terms = {(row["jurisdiction"], row["identifier"]): dict(row) for row in terms}
        new = [row for row in wanted if known.get(row["key"]) != row]
        new_calendar = [row for row in calendar if known_terms.get((row["jurisdiction"], row["identifier"])) != row]
        if not new and not new_calendar:
            return
        named = known.keys() | {row["key"] for row in wanted}
        bare = sorted({row["jurisdiction"] for row in new_calendar} - named)
        with self.writing() as connection:
            details = ["ocd_id", "name", "level", "parent", "time_zone", "chambers"]
            bulk.put(connection, JurisdictionRow, new, by=["key"], change=details)
            bulk.put(connection, JurisdictionRow, [jurisdiction_from_key(key) for key in bare], by=["key"], change=[])
            details = ["name", "start", "end", "classification"]
            bulk.put(connection, SessionRow, new_calendar, by=["jurisdiction", "identifier"], change=details)

    # -- monitoring ---------------------------------------------------------------------------------------------------

    def measures_to_assess(
        self,
        all: bool = False,
        *,
        as_of: dt.date | None = None,
        ruleset_of: Callable[[str], str] | None = None,
        text: bool = False,
        filter: MeasureFilter | None = None,
    ) -> Iterator[Measure]:
        """Measures whose status is due, merged over their sources, in the order of their keys.

        Due is what has no status, and what changed since its status was computed. Saving while iterating is fine.

        Args:
            all: every measure.
            as_of: also those whose status the passing of time may change until this day: sessions that have ended,
                effective dates that have come, executives who may have let a deadline pass.
            ruleset_of: gives the ruleset that counts for a place; also those whose status comes from another one.
            text: with the words of the latest text version.
            filter: only these.
        """
        self.require_current()
        for measure, digest in due.to_assess(
            self, all=all, as_of=as_of, ruleset_of=ruleset_of, text=text, wanted=filter
        ):
            self._assessing[measure.key] = digest
            yield measure

    def save_statuses(self, statuses: Iterable[tuple[str, Status]], *, observed_at: dt.datetime | None = None) -> int:
        """Keep what the monitor says of measures; one transaction for every 500.

        New events are appended, vanished ones marked as retracted, the status before is marked as superseded; what is
        the same is not written. Keys that are not in the store are passed over.

        Returns:
            How many measures have another status than before.
        """
        moment, changed = observed_at or _now(), 0
        for part in bulk.chunks(statuses):
            digests = _taken(self._assessing, part)
            with self.writing() as connection:
                changed += status.save_statuses(connection, dict(part), observed_at=moment, assessed=digests)
        return changed

    def save_law_event(self, event: LawEvent, *, observed_at: dt.datetime | None = None) -> LawEvent:
        """Keep what a person recorded of a law; one of the same stage and day is replaced. The measure's status is due.

        Raises:
            BadInput: no such measure.
        """
        with self.writing() as connection:
            return law_events.save_law_event(connection, event, observed_at or _now())

    def withdraw_law_event(
        self, key: str, stage: Fate, date: dt.date, *, observed_at: dt.datetime | None = None
    ) -> None:
        """Take back what a person recorded of a law. The measure's status is due.

        Raises:
            BadInput: no such measure, or nothing of that stage and day.
        """
        with self.writing() as connection:
            law_events.withdraw_law_event(connection, key, stage, date, observed_at or _now())

    def refresh_norms(
        self,
        norms_of: norms.NormsOf,
        level_norms: norms.LevelNorms,
        *,
        version: str,
        observed_at: dt.datetime | None = None,
    ) -> list[str]:
        """Compute again how long measures stand at a stage, for the places whose statuses changed since the last time.

        Call it after ``save_statuses``, with ``norms_of``, ``level_norms`` and ``VERSION`` of ``monitoring.movement``;
        ``queries.movement_norms`` reads what it keeps.

        Returns:
            Keys of the places that were looked at again.
        """
        self.require_current()
        return norms.refresh(self, norms_of, level_norms, version=version, observed_at=observed_at or _now())

    # -- classifying --------------------------------------------------------------------------------------------------

    def measures_to_classify(
        self, model: str, all: bool = False, *, filter: MeasureFilter | None = None
    ) -> Iterator[Measure]:
        """Measures that a model has not read, or whose words changed since; with the words of the latest text version.

        Args:
            model: the model's version, as in ``Classification.model``.
            all: every measure.
            filter: only these.
        """
        self.require_current()
        for measure, digest in due.to_classify(self, model, all=all, wanted=filter):
            self._classifying[measure.key] = digest
            yield measure

    def save_classifications(
        self, classifications: Iterable[tuple[str, Classification]], *, observed_at: dt.datetime | None = None
    ) -> int:
        """Keep what a model says of measures; a person's decision stays what is shown. One transaction for every 500.

        Returns:
            How many measures the model says something else of than before.
        """
        moment, changed = observed_at or _now(), 0
        for part in bulk.chunks(classifications):
            digests = _taken(self._classifying, part)
            with self.writing() as connection:
                changed += tags.save_classifications(connection, dict(part), observed_at=moment, read=digests)
        return changed

    def save_review(self, key: str, review: Review, classification: Classification | None = None) -> None:
        """Keep a person's decision on a measure. It outranks every model, and a later decision outranks it.

        Args:
            classification: what is right, needed for ``correct``; ``accept`` takes what is shown, ``reject`` means that
                the measure is not about trafficking.

        Raises:
            BadInput: no such measure, or nothing to decide on.
        """
        with self.writing() as connection:
            tags.save_review(connection, key, review, classification)
            corrections.settle(connection, key, review.decided_at)

    def save_corrections(self, said: Iterable[Correction]) -> int:
        """Keep what readers think is wrong until a person decides. Keys that are not in the store are passed over.

        Returns:
            How many were not waiting already.
        """
        moment, kept = _now(), 0
        for part in bulk.chunks(said):
            with self.writing() as connection:
                kept += corrections.save_corrections(connection, part, moment)
        return kept

    def measure_with_text(self, key: str) -> Measure:
        """One measure as a whole record, merged over its sources, with the words of its latest text version.

        Raises:
            BadInput: no such measure.
        """
        wanted = MeasureFilter(keys=(key,), tracked=None)
        found = next(due.to_classify(self, "", all=True, wanted=wanted), None)
        if found is None:
            raise BadInput(f"No measure {key} in the store; collect its source first.")
        return found[0]

    # -- reforms ------------------------------------------------------------------------------------------------------

    def save_families(
        self, families: Iterable[Family], links: Iterable[FamilyLink] = (), *, observed_at: dt.datetime | None = None
    ) -> int:
        """Keep all reforms as they are found now, in one transaction: a measure that is in none of them belongs to none.

        Links that are not found any more are retracted, except those that a person judged. Keys that are not in the store
        are passed over.

        Returns:
            How many measures changed their reform.
        """
        with self.writing() as connection:
            return families_.save_families(connection, families, links, observed_at=observed_at or _now())

    def review_link(self, first: str, second: str, kind: str, review: Literal["confirmed", "rejected"] | None) -> None:
        """Keep what a person decided of a link between measures; None takes it back.

        Raises:
            BadInput: no such link.
        """
        with self.writing() as connection:
            families_.review_link(connection, first, second, kind, review)

    # -- what people follow, think and were told ----------------------------------------------------------------------

    def save_watch(self, watch: Watch) -> Watch:
        """Keep a watch; one of the same name is replaced."""
        with self.writing() as connection:
            return private.save_watch(connection, watch, _now())

    def remove_watch(self, name: str) -> None:
        """Follow no more.

        Raises:
            BadInput: no such watch; the message names near matches.
        """
        with self.writing() as connection:
            private.remove_watch(connection, name, _now())

    def save_note(self, note: Note) -> Note:
        """Add our position on a measure, or private words about it; earlier notes stay.

        Raises:
            BadInput: no such measure.
        """
        with self.writing() as connection:
            return private.save_note(connection, note, _now())

    def begin_digest(self, digest: str | MeasureFilter, *, until: dt.datetime) -> DigestIssue:
        """Begin an issue of a digest, by its watch's name or its filter. Tell the span ``(issue.since, issue.until]``.

        Raises:
            BadInput: it was told beyond ``until`` already.
        """
        name = digest if isinstance(digest, str) else ledger.ledger_name(digest)
        with self.writing() as connection:
            return ledger.begin(connection, name, until, _now())

    def commit_digest(self, issue: DigestIssue, items: Iterable[str] = ()) -> DigestIssue:
        """Mark an issue as sent, with the items that it told; only then does the next one start where it ended.

        Raises:
            BadInput: it was sent or given up already.
        """
        with self.writing() as connection:
            return ledger.commit(connection, issue, items, _now())

    def give_up_digest(self, issue: DigestIssue) -> None:
        """Mark an issue as not sent; the next one tells its span too. An issue that is simply left does the same."""
        with self.writing() as connection:
            ledger.give_up(connection, issue, _now())


def _taken(handed_out: dict[str, str], part: Iterable[tuple[str, object]]) -> dict[str, str]:
    """The digests of what was handed out for these keys, taken off the list."""
    return {key: handed_out.pop(key) for key, _ in part if key in handed_out}
