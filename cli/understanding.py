"""``classify``."""

from __future__ import annotations

from functools import partial

import click

from .app import Settings
from .common import filter_lines, line, open_tracker, progress


@click.command("classify", epilog="Example: freedom-policy classify --input bills.jsonl > tags.jsonl")
@click.option(
    "--input",
    "path",
    metavar="FILE|-",
    help="Filter JSON Lines instead of the store: id, title, abstract, text, jurisdiction, kind.",
)
@click.option("--all", "everything", is_flag=True, help="Tag everything again, not only what is new or changed.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    metavar="N",
    help="With --input: processes to use; pays from hundreds of texts.",
)
@click.option("--explain", metavar="KEY", help="Show why a measure got its tags.")
@click.option("--drift", is_flag=True, help="Show what the latest model says otherwise than the one before it.")
@click.pass_obj
def classify_command(
    settings: Settings, path: str | None, everything: bool, jobs: int, explain: str | None, drift: bool
) -> None:
    """Tag what each measure would do: provisions with quotations, reform goals, focus areas.

    Every tag is the machine's until a person reviewed it.
    """
    if path:
        from freedom_policy.standalone import classify_lines

        filter_lines(path, partial(classify_lines, config_file=settings.config, jobs=jobs))
        return
    with open_tracker(settings) as tracker:
        if explain:
            for text in str(tracker.explain(explain)).splitlines():
                line(text, hang=len(text) - len(text.lstrip()) + 2)
            return
        if drift:
            click.echo(tracker.drift().to_text())
            return
        with progress(settings) as tell:
            work = tracker.classify(all=everything, progress=tell)
    click.echo(f"Tagged {work.looked_at:,} measures, {work.changed:,} with new tags (model {work.version}).")
