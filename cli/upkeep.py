"""``db`` and ``doctor``."""

from __future__ import annotations

import click

from .app import Settings
from .common import hint, line, open_tracker


@click.group("db", epilog="Example: freedom-policy db check")
def db_command() -> None:
    """Set up, check, upgrade or back up the store."""


@db_command.command("upgrade", epilog="Example: freedom-policy db upgrade")
@click.pass_obj
def upgrade_command(settings: Settings) -> None:
    """Bring the store to this version's form (a new one is set up)."""
    from freedom_policy.standalone import upgrade_store

    click.echo(upgrade_store(settings.db, settings.config))


@db_command.command("check", epilog="Example: freedom-policy db check")
@click.pass_obj
def check_command(settings: Settings) -> None:
    """Check the store and count what is in it."""
    with open_tracker(settings) as tracker:
        for name, value in tracker.check_store().items():
            click.echo(f"{name}: {value:,}" if isinstance(value, int) else f"{name}: {value}")


@db_command.command("backup", epilog="Example: freedom-policy db backup freedom-backup.sqlite")
@click.argument("file")
@click.pass_obj
def backup_command(settings: Settings, file: str) -> None:
    """Copy the store to FILE while it is in use."""
    with open_tracker(settings) as tracker:
        tracker.store.backup(file)
    hint(f"Written: {file}")


@click.command("doctor", epilog="Example: freedom-policy doctor")
@click.pass_context
def doctor_command(ctx: click.Context) -> None:
    """What is missing on this machine and how to mend it. Exit code 1 if something must be mended."""
    from freedom_policy.standalone import diagnose

    settings: Settings = ctx.obj
    findings = diagnose(settings.db, settings.config)
    for finding in findings:
        line(f"{'ok  ' if finding.ok else 'mend' if finding.needed else 'note'}  {finding.what}", hang=6)
        if finding.mend:
            line(f"      {finding.mend}", hang=6)
    ctx.exit(1 if any(finding.needed and not finding.ok for finding in findings) else 0)
