"""``monitor``."""

from __future__ import annotations

import click

from .app import Settings
from .common import filter_lines, line, open_tracker, progress


@click.command("monitor", epilog="Example: freedom-policy monitor --input bills.jsonl > status.jsonl")
@click.option(
    "--input",
    "path",
    metavar="FILE|-",
    help="Filter JSON Lines instead of the store: id, jurisdiction, kind, actions, as_of.",
)
@click.option("--all", "everything", is_flag=True, help="Recompute everything, not only what may have moved.")
@click.option("--as-of", metavar="DATE", help="The day to compute for (default: today).")
@click.option("--unmapped", is_flag=True, help="List the action texts that no rule reads, by frequency.")
@click.pass_obj
def monitor_command(settings: Settings, path: str | None, everything: bool, as_of: str | None, unmapped: bool) -> None:
    """Compute where each measure stands, with the action and the rule that put it there."""
    if path:
        from freedom_policy.standalone import monitor_lines

        filter_lines(path, monitor_lines)
        return
    with open_tracker(settings) as tracker:
        if unmapped:
            for place, text, count in tracker.unmapped_actions():
                line(f"{count:>7,}  {place}  {text}", hang=9)
            return
        with progress(settings) as tell:
            work = tracker.monitor(all=everything, as_of=as_of, progress=tell)
            reforms = tracker.find_reforms(progress=tell)
    click.echo(f"Looked at {work.looked_at:,} measures, {work.changed:,} moved (ruleset {work.version}).")
    click.echo(f"Compared {reforms.looked_at:,} tracked measures, {reforms.changed:,} joined or left a reform.")
