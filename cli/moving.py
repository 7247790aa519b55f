"""``export``, ``import``, ``site``, ``explore``: the store carried elsewhere."""

from __future__ import annotations

from typing import Any, Literal

import click

from .app import Settings
from .common import asked, filters, open_tracker, progress


@click.command("export", epilog="Example: freedom-policy export freedom-data")
@click.argument("folder")
@click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True)
@click.option("--private", is_flag=True, help="With reviewers, watches, addresses, notes and positions: to move house.")
@click.pass_obj
def export_command(settings: Settings, folder: str, form: Literal["csv", "parquet"], private: bool) -> None:
    """Write the whole store into FOLDER as a Frictionless data package: one table a file, with a schema and credits.

    Cells are safe to open in a spreadsheet. What is private stays here unless you ask for it.
    """
    with open_tracker(settings) as tracker:
        package = tracker.export(folder, form=form, private=private)
    click.echo(f"Written: {package.folder}, {package.rows.get('measures', 0):,} measures.")
    if private:
        click.echo("It holds names, addresses and notes: keep it as you keep the store.", err=True)


@click.command("import", epilog="Example: freedom-policy --db sqlite:///new.sqlite import freedom-data")
@click.argument("folder")
@click.pass_obj
def import_command(settings: Settings, folder: str) -> None:
    """Restore an exported FOLDER into a store that holds nothing yet. All is checked before anything is written."""
    with open_tracker(settings, make=True) as tracker:
        package = tracker.import_(folder)
    click.echo(f"Restored {package.rows.get('measures', 0):,} measures from {package.folder}.")
    if not package.private:
        click.echo("The export was a public one: no reviewers, watches or notes were in it.", err=True)


@click.command("site", epilog="Example: freedom-policy site public_html --jurisdiction us-wa,us-or")
@click.argument("folder")
@filters
@click.pass_obj
def site_command(settings: Settings, folder: str, **values: Any) -> None:
    """Write a static site into FOLDER: one page a place, a reform, a measure, plus search. Works from a file share.

    A folder that holds an earlier one is brought up to date. Reviewers, watches, notes and positions are not in it.
    """
    with open_tracker(settings) as tracker, progress(settings) as tell:
        site = tracker.site(folder, progress=tell, **asked(values))
    removed = f", {site.removed:,} removed" if site.removed else ""
    click.echo(f"Written: {site.folder}, {site.measures:,} measures on {site.pages:,} pages{removed}.")


@click.command("explore", epilog="Example: freedom-policy explore --jurisdiction us-tx --open")
@filters
@click.option("--all", "everything", is_flag=True, help="Also what is not about trafficking, or was never tagged.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0: any that is free.")
@click.option("--open", "browser", is_flag=True, help="Open a browser.")
@click.pass_context
def explore_command(ctx: click.Context, everything: bool, port: int, browser: bool, **values: Any) -> None:
    """Ask the store questions in a browser, with Datasette, until Ctrl-C.

    Shows a copy that holds only what may be public, on this machine only (127.0.0.1).
    """
    settings: Settings = ctx.obj
    wanted = asked(values) | ({"tracked": None} if everything else {})
    with open_tracker(settings) as tracker, progress(settings) as tell:
        code = tracker.explore(port=port, browser=browser, progress=tell, **wanted)
    ctx.exit(3 if code else 0)
