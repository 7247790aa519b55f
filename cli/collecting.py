"""``demo``, ``sources``, ``collect``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from freedom_policy.errors import BadInput

from .app import Settings
from .common import emit, hint, open_tracker, progress, terminal_width, use_color

_BAD = ("partial", "blocked", "failed")


@click.command("demo", epilog="Example: freedom-policy demo --output ~/freedom-demo")
@click.option("--output", metavar="FOLDER", default=".", help="Where digest.html is written (default: here).")
@click.pass_obj
def demo_command(settings: Settings, output: str) -> None:
    """See it work: the real spiders read recordings of real measures, on this machine, without network.

    Prints the digest and writes digest.html. Your own store is not touched.
    """
    from freedom_policy.standalone import run_demo

    folder = Path(output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(
            f"The folder {output!r} cannot be made: {error.strerror}. Choose another, or leave it out."
        ) from error
    with progress(settings) as tell:
        demo = run_demo(progress=tell)
    click.echo(demo.to_text(width=terminal_width(), color=use_color(settings)).rstrip("\n"))
    emit(demo.to_html(), str(folder / "digest.html"))
    click.echo(
        "\nNext, for your own state (a free key from openstates.org/account/profile):\n"
        "  export FREEDOM_POLICY_OPENSTATES_KEY=...\n"
        "  freedom-policy collect openstates --jurisdiction us-tx --query trafficking\n"
        "  freedom-policy classify && freedom-policy monitor && freedom-policy digest --since 30d\n"
        "Congress needs no key: freedom-policy collect congress --session 119 --since 7d"
    )


@click.group(
    "sources", invoke_without_command=True, epilog="Examples: freedom-policy sources; freedom-policy sources check"
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.pass_context
def sources_command(ctx: click.Context, form: str) -> None:
    """List what can be collected: what each source covers, the key it needs, when it was last collected.

    State: recorded = tested on real recordings of its replies; unverified = built to a description only; blocked = it
    refuses collectors, so we do not collect it.
    """
    if ctx.invoked_subcommand:
        return
    settings: Settings = ctx.obj
    with open_tracker(settings, make=True) as tracker:
        known = tracker.sources()
        last = {run.source: run for run in reversed(tracker.runs())}
        rows = [
            {
                **info.model_dump(mode="json"),
                "last_collected": run.finished_at.isoformat() if run and run.finished_at else None,
                "last_verdict": run.verdict if run else None,
            }
            for name, info in known.items()
            for run in (last.get(name),)
        ]
    if form == "json":
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column, no_wrap in (
        ("Source", True),
        ("What it covers", False),
        ("State", True),
        ("Key", False),
        ("Collected", False),
    ):
        table.add_column(column, overflow="fold", no_wrap=no_wrap, min_width=None if no_wrap else 11)
    for row in rows:
        seen = f"{row['last_collected'][:10]} ({row['last_verdict']})" if row["last_collected"] else "never"
        table.add_row(row["name"], row["title"], row["status"], row["key_variable"] or "none", seen)
    Console(width=terminal_width(), no_color=not use_color(settings)).print(table)


@sources_command.command("check", epilog="Example: freedom-policy sources check congress")
@click.argument("source", nargs=-1)
@click.option("--jurisdiction", metavar="KEY", help="Place, such as us-tx.")
@click.option("--session", metavar="NAME", help="Session, such as 119.")
@click.option("--client", metavar="NAME", help="Legistar client, such as nyc.")
@click.option("--base-url", metavar="URL", help="Another host for the same service.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def check_command(ctx: click.Context, source: tuple[str, ...], form: str, **values: str | None) -> None:
    """Ask each SOURCE for a little and keep nothing: is it alive, does it take our key, has its form changed?

    Without SOURCE: every place collected before, and the sources that need no key. Exit code 3 if one is not well.
    """
    well = True
    with open_tracker(ctx.obj, make=True) as tracker:
        for label, said in tracker.check_sources(source, **{name: value for name, value in values.items() if value}):
            verdict = getattr(said, "verdict", "not asked")
            problems = [str(said)] if isinstance(said, Exception) else [str(problem) for problem in said.problems]
            well = well and verdict in ("complete", "empty_as_expected")
            if form == "json":
                click.echo(json.dumps({"source": label, "verdict": verdict, "problems": problems}, ensure_ascii=False))
            else:
                click.echo(f"{label}: {verdict}" + "".join(f"\n  {problem}" for problem in problems))
    ctx.exit(0 if well else 3)


@click.command("collect", epilog="Example: freedom-policy collect congress --session 119 --since 7d")
@click.argument("source", nargs=-1, required=True)
@click.option("--jurisdiction", metavar="KEY", help="Place, such as us-tx.")
@click.option("--session", metavar="NAME", help="Session, such as 119 or 892.")
@click.option("--client", metavar="NAME", help="Legistar client, such as nyc.")
@click.option("--since", metavar="DATE|7d|last", help="Only what changed since.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many measures.")
@click.option("--query", metavar="TEXT", help="Only what the source finds for these words.")
@click.option(
    "--base-url", metavar="URL", help="Another host for the same service, or a file or folder of its bulk data."
)
@click.option("--resume", is_flag=True, help="Go on where an interrupted run stopped.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_context
def collect_command(
    ctx: click.Context,
    source: tuple[str, ...],
    jurisdiction: str | None,
    session: str | None,
    client: str | None,
    since: str | None,
    limit: int | None,
    query: str | None,
    base_url: str | None,
    resume: bool,
    form: str,
) -> None:
    """Collect bills and ordinances from SOURCE (one or more) into the store.

    Safe to run twice and to interrupt. Exit code 3 if a source was partial, blocked, refused our key, or failed.
    """
    settings: Settings = ctx.obj
    bad = False
    with open_tracker(settings, make=True) as tracker:
        for name in source:
            with progress(settings) as tell:
                run = tracker.collect(
                    name,
                    jurisdiction=jurisdiction,
                    session=session,
                    client=client,
                    since=since,
                    limit=limit,
                    query=query,
                    base_url=base_url,
                    resume=resume,
                    progress=tell,
                )
            bad = bad or run.verdict in _BAD
            if form == "json":
                click.echo(run.model_dump_json())
                continue
            missing = "not counted" if run.missing is None else f"{run.missing:,}"
            click.echo(
                f"{run.source}{' ' + run.jurisdiction if run.jurisdiction else ''}: {run.verdict}. "
                f"Found {run.found:,} (new {run.new:,}, changed {run.changed:,}, unchanged {run.unchanged:,}), "
                f"missing {missing}, quarantined {run.quarantined:,}. "
                f"{run.requests:,} requests ({run.not_modified:,} not modified), {run.bytes / 1e6:,.1f} MB, {run.seconds:,.1f} s."
            )
            for problem in run.problems:
                click.echo(f"  {problem}", err=True)
    if not bad and form == "text":
        hint("Next: freedom-policy classify && freedom-policy monitor && freedom-policy digest")
    ctx.exit(3 if bad else 0)
