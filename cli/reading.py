"""``digest``, ``list``, ``show``, ``coverage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .app import Settings
from .common import asked, emit, filters, open_tracker, terminal_width, use_color

if TYPE_CHECKING:
    from freedom_policy.reports import Digest


@click.command(
    "digest",
    epilog="Example: freedom-policy digest --since 30d --jurisdiction us-wa,us-or --format html --output digest.html",
)
@click.option("--since", metavar="DATE|7d|last", default="7d", show_default=True, help="Tell what we learnt since.")
@click.option("--until", metavar="DATE", help="... and until (default: now).")
@click.option("--watch", metavar="NAME", help="What a watch follows, in place of filters.")
@filters
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["text", "md", "html", "json", "atom", "ics", "eml"]),
    default="text",
    show_default=True,
)
@click.option("--output", metavar="FILE", help="Write a file instead of printing.")
@click.pass_obj
def digest_command(settings: Settings, output_format: str, output: str | None, **values: Any) -> None:
    """What moved, what is new, what is coming, where the gaps are, and how complete the look was.

    With --since last: what was not told before with the same filter, or of the same watch; it counts as told once it is
    printed or written.
    """
    wanted = asked(values)
    with open_tracker(settings) as tracker:
        if wanted.get("since") == "last":
            del wanted["since"]
            with tracker.telling(**wanted) as digest:
                _emit_digest(digest, output_format, output, settings)
        else:
            _emit_digest(tracker.digest(**wanted), output_format, output, settings)


def _emit_digest(digest: Digest, output_format: str, output: str | None, settings: Settings) -> None:
    if output_format == "text":
        emit(digest.to_text(width=terminal_width(), color=use_color(settings) and not output), output)
        return
    render = {
        "md": digest.to_markdown,
        "html": digest.to_html,
        "json": digest.to_json,
        "atom": digest.to_atom,
        "ics": digest.to_ics,
        "eml": digest.to_eml,
    }[output_format]
    emit(render(), output)


@click.command("list", epilog="Example: freedom-policy list --goal buyer_deterrence --stage enacted,effective")
@filters
@click.option("--since", metavar="DATE|30d", help="Last action on or after.")
@click.option("--until", metavar="DATE", help="Last action on or before.")
@click.option("--query", metavar="TEXT", help="Words in title, summary or number.")
@click.option("--all", "everything", is_flag=True, help="Also what is not about trafficking, or was never tagged.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N")
@click.option(
    "--format",
    "output_format",
    type=click.Choice(["table", "csv", "jsonl", "parquet"]),
    default="table",
    show_default=True,
)
@click.option("--output", metavar="FILE", help="Write a file (parquet needs one).")
@click.pass_obj
def list_command(settings: Settings, output_format: str, output: str | None, everything: bool, **values: Any) -> None:
    """List measures, in a stable order: place, session, number."""
    wanted = asked(values)
    if everything:
        wanted["tracked"] = None
    with open_tracker(settings) as tracker:
        found = tracker.measures(**wanted)
        text = found.render(
            output_format, output=output, width=terminal_width(), color=use_color(settings) and not output
        )
    if text is not None:
        emit(text, output)


@click.command("show", epilog='Example: freedom-policy show "us/117/S. 3949"')
@click.argument("key")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "md", "html", "json"]), default="text", show_default=True
)
@click.option("--as-of", metavar="DATE", help="Where it stood on a day.")
@click.option("--known-at", metavar="DATE", help="... as we knew it on a day.")
@click.option(
    "--diff", nargs=2, metavar="A B", help="What changed between two text versions (labels, or numbers from 1)."
)
@click.option("--reform", is_flag=True, help="The reform that it belongs to: how far it has come in each place.")
@click.option("--output", metavar="FILE", help="Write a file instead of printing.")
@click.pass_obj
def show_command(
    settings: Settings,
    key: str,
    output_format: str,
    as_of: str | None,
    known_at: str | None,
    diff: tuple[str, str] | None,
    reform: bool,
    output: str | None,
) -> None:
    """One measure: where it stands and why, its timeline, what it would do with quotations, its links.

    KEY is PLACE/SESSION/NUMBER in any spelling, such as us-tx/892/HB252.
    """
    page: Any
    with open_tracker(settings) as tracker:
        if diff:
            page = tracker.compare_versions(key, *diff)
        elif reform:
            page = tracker.reform(key)
        else:
            page = tracker.measure(key, as_of=as_of, known_at=known_at)
        text = _rendered(page, output_format, output, settings)
    emit(text, output)


def _rendered(page: Any, output_format: str, output: str | None, settings: Settings) -> str:
    """A page in the form that was asked for; colours are for the terminal alone."""
    if output_format == "text":
        return str(page.to_text(width=terminal_width(), color=use_color(settings) and not output))
    return str({"md": page.to_markdown, "html": page.to_html, "json": page.to_json}[output_format]())


@click.command(
    "coverage",
    epilog="Example: freedom-policy coverage --jurisdiction us-ny,us-ny-nyc --format html --output coverage.html",
)
@filters
@click.option(
    "--format", "output_format", type=click.Choice(["table", "csv", "json", "html"]), default="table", show_default=True
)
@click.option("--output", metavar="FILE", help="Write a file instead of printing.")
@click.pass_obj
def coverage_command(settings: Settings, output_format: str, output: str | None, **values: Any) -> None:
    """Places by focus areas and goals: in force, moving, dead, none found in what was collected, not looked at."""
    with open_tracker(settings) as tracker:
        coverage = tracker.coverage(**asked(values))
    if output_format == "table":
        emit(coverage.to_text(width=terminal_width(), color=use_color(settings) and not output), output)
    else:
        emit({"csv": coverage.to_csv, "json": coverage.to_json, "html": coverage.to_html}[output_format](), output)


@click.command("model-law", epilog="Example: freedom-policy model-law us-tx")
@click.argument("subject")
@click.option("--reform", is_flag=True, help="All measures that try the same change as the one named.")
@click.option(
    "--model-text",
    metavar="FILE",
    help="The act's own text, plain: texts are laid beside it, too. It is kept nowhere.",
)
@click.option(
    "--format", "output_format", type=click.Choice(["text", "md", "html", "json"]), default="text", show_default=True
)
@click.option("--output", metavar="FILE", help="Write a file instead of printing.")
@click.pass_obj
def model_law_command(
    settings: Settings, subject: str, reform: bool, model_text: str | None, output_format: str, output: str | None
) -> None:
    """Which sections of the Uniform Act on human trafficking (2013) are answered, by which provisions, in which words.

    SUBJECT is a place, such as us-tx, or a measure's key. Not found in what was read is not absent from the law.
    """
    with open_tracker(settings) as tracker:
        page = tracker.model_law(subject, reform=reform, model_text=model_text)
    emit(_rendered(page, output_format, output, settings), output)
