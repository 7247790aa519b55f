"""``impact``."""

from __future__ import annotations

import click

from .app import Settings
from .common import emit, open_tracker, terminal_width, use_color


@click.command(
    "impact",
    epilog="Example: freedom-policy impact us-tx/892/HB252 --outcomes arrests.csv --compare us-ok,us-nm",
)
@click.argument("key", required=False)
@click.option("--place", metavar="PLACE", help="Instead of KEY, with --provision: all such measures in force there.")
@click.option("--provision", metavar="TYPE", help="Which kind of provision it is about, such as safe_harbor_minors.")
@click.option(
    "--outcomes",
    metavar="FILE",
    required=True,
    help="Your series, as CSV: place, period, indicator, value; besides reporting, population, source, note, retrieved.",
)
@click.option(
    "--indicator", metavar="NAME", help="Which series of the file (default: the first one for the provision)."
)
@click.option("--compare", metavar="PLACE", multiple=True, help="Other places of the file to show; commas for several.")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "md", "html", "json"]), default="text", show_default=True
)
@click.option("--output", metavar="FILE", help="Write a file instead of printing.")
@click.pass_obj
def impact_command(
    settings: Settings,
    key: str | None,
    place: str | None,
    provision: str | None,
    outcomes: str,
    indicator: str | None,
    compare: tuple[str, ...],
    output_format: str,
    output: str | None,
) -> None:
    """What was counted before and after a law took effect: a description, never an effect.

    KEY is a measure that is law, PLACE/SESSION/NUMBER. The series is yours; none is shipped.
    """
    with open_tracker(settings) as tracker:
        page = tracker.impact(
            key, outcomes=outcomes, place=place, provision=provision, indicator=indicator, compare=compare
        )
    if output_format == "text":
        text = page.to_text(width=terminal_width(), color=use_color(settings) and not output)
    else:
        text = {"md": page.to_markdown, "html": page.to_html, "json": page.to_json}[output_format]()
    emit(text, output)
