"""Scheduled and shared work for many machines: periodic collecting, retries, one look at a source at a time, re-tagging.

The queue is Procrastinate's, in the store's own PostgreSQL (in a schema of its own); here are only our tasks. Each of them
may be run twice without harm, so that a job whose worker was killed is simply run again. On one machine cron or a systemd
timer does the same on SQLite: ``docs/scheduling.md``.

What is to be done when stands in the config file::

    [[schedule]]
    cron = "15 */6 * * *"
    source = "congress"
    session = "119"
    since = "last"

    [[schedule]]
    cron = "0 7 * * *"
    job = "watches"
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, ValidationError

from .errors import BadInput, FreedomPolicyError, StoreUnusable
from .records import Record
from .tracker import Tracker

if TYPE_CHECKING:
    from procrastinate import App, JobContext
    from procrastinate.tasks import Task

SCHEMA = "freedom_policy_jobs"
"""The PostgreSQL schema that holds the queue."""
_STALLED_SECONDS = 60
"""A worker that gave no sign for so long was killed; its jobs are run again."""
_KEPT_HOURS = 24 * 30


class Scheduled(Record):
    """One ``[[schedule]]`` of the config file: a cron line (UTC) and what is then done."""

    cron: str
    job: Literal["collect", "understand", "watches"] = "collect"
    """``understand`` tags and computes status (every collect does so too); ``watches`` sends the digests that are due."""
    source: str | None = None
    jurisdiction: str | None = None
    session: str | None = None
    client: str | None = None
    since: str | None = None
    """A span such as ``7d``, or ``last``; nothing: everything, which alone notices what disappeared."""
    query: str | None = None
    limit: int | None = Field(default=None, ge=1)
    base_url: str | None = None

    @property
    def name(self) -> str:
        """Such as ``collect congress 119``."""
        parts = (self.job, self.source, self.jurisdiction, self.client, self.session, self.query)
        return " ".join(part for part in parts if part)

    @property
    def lock(self) -> str:
        """Jobs with the same lock never run at the same time: one look at a service and place at a time."""
        if self.job != "collect":
            return self.job
        return " ".join(part for part in ("collect", self.source, self.client or self.jurisdiction) if part)

    @property
    def asked(self) -> dict[str, Any]:
        """What ``Tracker.collect`` is asked."""
        return self.model_dump(exclude={"cron", "job"}, exclude_none=True)


class Job(Record):
    """One job in the queue."""

    id: int
    name: str
    status: Literal["todo", "doing", "succeeded", "failed", "cancelled", "aborting", "aborted"]
    attempts: int
    scheduled_at: dt.datetime | None
    last_event_at: dt.datetime | None
    stalled: bool
    """Its worker was killed; the next worker runs it again."""


class _Again(Exception):
    """A source was partial or failed: worth another try later."""


class Jobs:
    """The queue of a store on PostgreSQL.

    Args:
        url: database URL; default as for :class:`Tracker`.
        config_file: TOML file with ``[[schedule]]`` tables.

    Raises:
        BadInput: Procrastinate is not installed, the store is on SQLite, or a schedule is wrong.
        StoreUnusable: the database cannot be opened, or its queue was made by another version of Procrastinate.
    """

    def __init__(self, url: str | None = None, *, config_file: str | Path | None = None) -> None:
        self._url, self._config_file = url, config_file
        with self._tracker() as tracker:
            where = tracker.store.url
            self.label = tracker.store.label
            self.schedule = read_schedule(tracker.config.values)
            for entry in self.schedule:
                if entry.job == "collect":
                    tracker.check_collect(**entry.asked)
        if where.get_backend_name() != "postgresql":
            raise BadInput(
                f"The job queue needs PostgreSQL, and the store is {self.label}. On one machine let cron or a systemd timer "
                "run the commands (docs/scheduling.md); for many give --db postgresql+psycopg://USER@HOST/NAME."
            )
        self._conninfo = where.set(drivername="postgresql").render_as_string(hide_password=False)
        self._app = self._make_app()
        self._prepare()

    def _tracker(self) -> Tracker:
        return Tracker(self._url, config_file=self._config_file)

    # -- the tasks ----------------------------------------------------------------------------------------------------

    def _make_app(self) -> App:
        procrastinate = _procrastinate()
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(
                conninfo=self._conninfo, kwargs={"options": f"-c search_path={SCHEMA}"}, min_size=1, max_size=4
            ),
            # A worker that starts an hour late still does what was due.
            periodic_defaults={"max_delay": 3600},
        )
        # 5, 14 and 66 minutes after a failure: most services are back by then, and none is pestered.
        again = procrastinate.RetryStrategy(
            max_attempts=3, wait=300, exponential_wait=15, retry_exceptions={_Again, StoreUnusable}
        )

        def task(name: str, work: Callable[..., str]) -> Task[Any, Any, Any]:
            """One that is tried again later, unless the same waits already: two of one name cannot both wait."""

            @app.task(name=name, retry=again, pass_context=True)
            async def done(context: JobContext, timestamp: int = 0, **asked: Any) -> str:
                try:
                    return await asyncio.to_thread(work, **asked)
                except (_Again, StoreUnusable) as error:
                    if await self._waits(context.job.queueing_lock):
                        raise FreedomPolicyError(
                            f"{error} The same waits already, so this is not tried again."
                        ) from None
                    raise
                finally:
                    if name == "collect":  # also what a partial run read is there to be tagged
                        await self._put_async("understand", lock="understand", asked={})

            return done

        tasks = {
            "collect": task("collect", self._collect),
            "understand": task("understand", self._understand),
            "watches": task("watches", self._send_watches),
        }
        task("retag", self._retag)

        @app.periodic(cron="*/5 * * * *")
        @app.task(name="housekeeping", queueing_lock="housekeeping")
        async def housekeeping(timestamp: int) -> None:
            await self._run_stalled_again()
            await app.job_manager.delete_old_jobs(nb_hours=_KEPT_HOURS, include_failed=True)

        for entry in self.schedule:
            app.periodic(
                cron=entry.cron,
                periodic_id=entry.name,
                lock=entry.lock,
                queueing_lock=entry.name,
                task_kwargs=dict(entry.asked),
            )(tasks[entry.job])
        return app

    def _collect(self, **asked: Any) -> str:
        with self._tracker() as tracker:
            run = tracker.collect(**asked)
        told = f"{run.source}{' ' + run.jurisdiction if run.jurisdiction else ''}: {run.verdict}, {run.found} found"
        problems = "; ".join(map(str, run.problems[:3]))
        if run.verdict in ("partial", "failed"):
            raise _Again(f"{told}. {problems}")
        if run.verdict == "blocked":
            # Knocking again at a closed door is no use and no manners.
            raise FreedomPolicyError(f"{told}. {problems}")
        return told

    def _understand(self) -> str:
        with self._tracker() as tracker:
            tagged, moved = tracker.classify(), tracker.monitor()
        return f"{tagged.looked_at} tagged, {moved.changed} moved"

    def _retag(self, jurisdiction: str, session: str) -> str:
        with self._tracker() as tracker:
            work = tracker.classify(all=True, jurisdiction=jurisdiction, session=session)
        return f"{jurisdiction}/{session}: {work.looked_at} tagged, {work.changed} with new tags"

    def _send_watches(self) -> str:
        with self._tracker() as tracker:
            sent = tracker.send_watches()
        if failed := [item for item in sent if item.problem]:
            raise _Again("; ".join(f"{item.watch}: {item.problem}" for item in failed[:3]))
        return f"{sum(item.sent for item in sent)} sent"

    # -- putting into the queue ---------------------------------------------------------------------------------------

    def put(self, entry: Scheduled) -> bool:
        """Have something done as soon as a worker is free; False if the same is waiting already."""
        return self._put(entry.job, name=entry.name, lock=entry.lock, asked=entry.asked)

    def retag(self) -> int:
        """Have everything tagged again, in one job for each place and session; returns how many jobs were put."""
        with self._tracker() as tracker:
            scopes = tracker.scopes()
        return sum(
            self._put(
                "retag",
                name=f"retag {place}/{session}",
                lock=f"retag {place}/{session}",
                asked={"jurisdiction": place, "session": session},
            )
            for place, session in scopes
        )

    def _put(self, task: str, *, name: str, lock: str, asked: dict[str, Any]) -> bool:
        from procrastinate.exceptions import AlreadyEnqueued

        with self._open():
            try:
                self._app.configure_task(task, lock=lock, queueing_lock=name, allow_unknown=False).defer(**asked)
            except AlreadyEnqueued:
                return False
        return True

    async def _put_async(self, task: str, *, lock: str, asked: dict[str, Any]) -> None:
        from procrastinate.exceptions import AlreadyEnqueued

        try:
            await self._app.configure_task(task, lock=lock, queueing_lock=lock).defer_async(**asked)
        except AlreadyEnqueued:
            return

    # -- working and looking ------------------------------------------------------------------------------------------

    def run(self, *, once: bool = False) -> None:
        """Work in the foreground until stopped (Ctrl-C lets the job at hand end). Start as many as you like, anywhere.

        Args:
            once: end when nothing is left to do now.
        """

        async def work() -> None:
            async with self._app.open_async():
                await self._run_stalled_again()
                await self._app.run_worker_async(wait=not once, concurrency=1)

        with _told():
            asyncio.run(work())

    async def _waits(self, queueing_lock: str | None) -> bool:
        if queueing_lock is None:
            return False
        return bool(await self._app.job_manager.list_jobs_async(queueing_lock=queueing_lock, status="todo"))

    async def _run_stalled_again(self) -> None:
        from procrastinate.exceptions import UniqueViolation
        from procrastinate.jobs import Status

        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
            try:
                await manager.retry_job(job)
            except UniqueViolation:  # the same waits already
                await manager.finish_job(job, Status.FAILED, delete_job=False)

    def status(self, limit: int = 20) -> list[Job]:
        """Jobs, newest first: those that wait or run, then the last that ended."""
        query = """
            SELECT job.id, job.task_name, job.queueing_lock, job.status::text, job.attempts, job.scheduled_at,
                   (SELECT max(at) FROM procrastinate_events WHERE job_id = job.id) AS last_event_at,
                   job.status = 'doing' AND (worker.id IS NULL
                     OR worker.last_heartbeat < now() - %(stalled)s * interval '1 second') AS stalled
              FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
             WHERE job.task_name <> 'housekeeping'
             ORDER BY job.status NOT IN ('todo', 'doing'), job.id DESC LIMIT %(limit)s
        """
        with self._open():
            rows = self._app.connector.get_sync_connector().execute_query_all(
                query=query, limit=limit, stalled=_STALLED_SECONDS
            )
        return [
            Job(
                id=row["id"],
                name=row["queueing_lock"] or row["task_name"],
                status=row["status"],
                attempts=row["attempts"],
                scheduled_at=row["scheduled_at"],
                last_event_at=row["last_event_at"],
                stalled=bool(row["stalled"]),
            )
            for row in rows
        ]

    def next_times(self, now: dt.datetime) -> list[tuple[Scheduled, dt.datetime]]:
        """When each schedule is due next, soonest first."""
        from croniter import croniter

        times = [(entry, croniter(entry.cron, now).get_next(dt.datetime)) for entry in self.schedule]
        return sorted(times, key=lambda pair: (pair[1], pair[0].name))

    # -- the queue's tables -------------------------------------------------------------------------------------------

    @contextmanager
    def _open(self) -> Iterator[None]:
        with _told():
            self._app.open()
            try:
                yield
            finally:
                self._app.close()

    def _prepare(self) -> None:
        """Make the queue's tables where there are none; the schema's comment says which version made them."""
        import psycopg

        ours = f"Procrastinate {_version()}"
        with _told(), psycopg.connect(self._conninfo, options=f"-c search_path={SCHEMA}") as connection:
            # Two workers that start at the same moment take turns.
            connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (SCHEMA,))
            row = connection.execute(
                "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", (SCHEMA,)
            ).fetchone()
            if row is None:
                connection.execute(f"CREATE SCHEMA {SCHEMA}")
                connection.execute(self._app.schema_manager.get_schema())
                connection.execute(f"COMMENT ON SCHEMA {SCHEMA} IS '{ours}'")
            elif row[0] != ours:
                raise StoreUnusable(
                    f"The job queue in {self.label} was made by {row[0]}, and {ours} is installed. Stop all workers, then run: "
                    f"psql -c 'DROP SCHEMA {SCHEMA} CASCADE' (it holds waiting jobs only; the schedule makes them anew)."
                )


def read_schedule(values: dict[str, Any]) -> tuple[Scheduled, ...]:
    """The ``[[schedule]]`` tables of a config file.

    Raises:
        BadInput: a table is wrong; names its number.
    """
    _procrastinate()
    from croniter import croniter

    tables = values.get("schedule", [])
    if not isinstance(tables, list):
        raise BadInput("[schedule] in the config file must be [[schedule]], with two brackets, once for each line.")
    found: list[Scheduled] = []
    for number, table in enumerate(tables, 1):
        where = f"[[schedule]] number {number} in the config file"
        try:
            entry = Scheduled.model_validate(table)
        except ValidationError as error:
            first = error.errors()[0]
            raise BadInput(f"{where}: {'.'.join(map(str, first['loc']))}: {first['msg']}.") from error
        if not croniter.is_valid(entry.cron):
            raise BadInput(f"{where}: cron = {entry.cron!r} is no cron line. Write it like '15 */6 * * *' (UTC).")
        if (entry.job == "collect") != (entry.source is not None):
            raise BadInput(f"{where}: job = 'collect' needs a source, and the other jobs take none.")
        if any(entry.name == other.name for other in found):
            raise BadInput(f"{where}: {entry.name!r} is there twice. Put both times into one cron line.")
        found.append(entry)
    return tuple(found)


def _procrastinate() -> Any:
    try:
        import procrastinate
    except ImportError as error:
        raise BadInput("The job queue needs Procrastinate. Run: pip install 'freedom_policy[jobs]'") from error
    return procrastinate


def _version() -> str:
    from importlib.metadata import version

    return ".".join(version("procrastinate").split(".")[:2])


@contextmanager
def _told() -> Iterator[None]:
    """Turn the queue's database errors into one clear line."""
    import psycopg
    from procrastinate.exceptions import ConnectorException

    try:
        yield
    except (ConnectorException, psycopg.Error) as error:
        said = " ".join(str(error.__cause__ or error).split())
        raise StoreUnusable(f"The job queue cannot be used: {said}") from error
