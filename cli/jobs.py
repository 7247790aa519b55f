"""``jobs``: scheduled and shared work on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import logging
import sys

import click

from .app import Settings


@click.group("jobs", epilog="Example: freedom-policy --db postgresql+psycopg://me@db/freedom jobs run")
def jobs_command() -> None:
    """Collect, tag and send by a schedule, on as many machines as you like. Needs PostgreSQL.

    The schedule stands in the config file as [[schedule]] tables (docs/scheduling.md). On one machine, with SQLite, let
    cron or a systemd timer run the commands.
    """


@jobs_command.command("run", epilog="Example: freedom-policy jobs run")
@click.option("--once", is_flag=True, help="End when nothing is left to do now.")
@click.pass_obj
def run_command(settings: Settings, once: bool) -> None:
    """Work in the foreground: what the schedule brings and what is in the queue. Start one on each machine.

    Ctrl-C lets the job at hand end. A job whose worker was killed is run again.
    """
    from freedom_policy.jobs import Jobs

    # Of the queue every job is worth a line; of the crawler and the database only what went wrong.
    level = logging.WARNING if settings.quiet else logging.DEBUG if settings.verbose else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("procrastinate").setLevel(level)
    Jobs(settings.db, config_file=settings.config).run(once=once)


@jobs_command.command("schedule", epilog="Example: freedom-policy jobs schedule --now")
@click.option("--now", "at_once", is_flag=True, help="Put everything that is scheduled into the queue at once.")
@click.option(
    "--retag", is_flag=True, help="Put the tagging of everything anew into the queue, a job a place and session."
)
@click.pass_obj
def schedule_command(settings: Settings, at_once: bool, retag: bool) -> None:
    """Show what is done when (UTC), and check the config file's schedule; or have it done now."""
    from freedom_policy.jobs import Jobs

    jobs = Jobs(settings.db, config_file=settings.config)
    if retag:
        click.echo(f"{jobs.retag():,} jobs put into the queue.")
    if at_once:
        for entry in jobs.schedule:
            click.echo(f"{entry.name}: {'put into the queue' if jobs.put(entry) else 'waits already'}")
    if retag or at_once:
        return
    if not jobs.schedule:
        click.echo("Nothing is scheduled. Add [[schedule]] tables to the config file (docs/scheduling.md).", err=True)
    for entry, moment in jobs.next_times(dt.datetime.now(dt.UTC)):
        click.echo(f"{moment:%Y-%m-%d %H:%M}  {entry.cron:<16} {entry.name}")


@jobs_command.command("status", epilog="Example: freedom-policy jobs status --format json")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, metavar="N", help="At most so many."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def status_command(ctx: click.Context, limit: int, form: str) -> None:
    """What waits, what runs, what ended how. Exit code 1 if a job failed for good."""
    from freedom_policy.jobs import Jobs

    settings: Settings = ctx.obj
    found = Jobs(settings.db, config_file=settings.config).status(limit)
    for job in found:
        if form == "json":
            click.echo(job.model_dump_json())
            continue
        state: str = "stalled, runs again" if job.stalled else job.status
        if job.status == "todo" and job.attempts:
            state = (
                f"failed {job.attempts} time{'s' if job.attempts > 1 else ''}, again at {job.scheduled_at:%H:%M} UTC"
            )
        when = f"{job.last_event_at:%Y-%m-%d %H:%M}" if job.last_event_at else " " * 16
        click.echo(f"{job.id:>6}  {when}  {job.name}: {state}")
    if not found:
        click.echo("No job yet.", err=True)
    ctx.exit(1 if any(job.status == "failed" for job in found) else 0)
