"""What the commands share: opening the tracker, progress on standard error, filters, output files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from freedom_policy.errors import BadInput

from .app import Settings

if TYPE_CHECKING:
    from freedom_policy.standalone import Progress
    from freedom_policy.tracker import Tracker

F = TypeVar("F", bound=Callable[..., Any])

FILTERS = (
    ("--jurisdiction", "Place, such as us, us-tx, us-ny-nyc; commas for several."),
    ("--session", "Session, such as 119."),
    ("--stage", "Stage, such as in_committee, enacted, dead."),
    ("--goal", "Reform goal, such as buyer_deterrence."),
    ("--area", "Focus area, such as restoration."),
    ("--subarea", "Part of an area, such as rescue_exit.temporary_shelter."),
    ("--provision", "Provision type, such as vacatur_expungement."),
    ("--form", "sex, labor or both."),
)


def filters(command: F) -> F:
    """The filter options that ``list``, ``digest`` and ``coverage`` share."""
    for name, text in reversed(FILTERS):
        command = click.option(name, multiple=True, help=text)(command)
    return command


def asked(values: dict[str, Any]) -> dict[str, Any]:
    """The filters that were given, for the tracker."""
    return {name: value for name, value in values.items() if value not in (None, (), [])}


def open_tracker(settings: Settings, *, make: bool = False) -> Tracker:
    """The tracker on the database that the options name.

    Args:
        make: set up a store that was named and is not there. Who only reads would take an empty one for the answer.

    Raises:
        StoreUnusable: there is none at the place that was named.
    """
    from freedom_policy.tracker import Tracker

    return Tracker(settings.db, config_file=settings.config, make=make)


def hint(text: str) -> None:
    """A line on standard error for people, which ``--quiet`` leaves out."""
    context = click.get_current_context(silent=True)
    if context is None or not getattr(context.find_root().obj, "quiet", False):
        click.echo(text, err=True)


def line(text: str, *, hang: int = 0) -> None:
    """Print a line, broken between words where a terminal is too narrow for it."""
    import textwrap

    if sys.stdout.isatty():
        text = textwrap.fill(
            text, terminal_width(), subsequent_indent=" " * hang, break_long_words=False, break_on_hyphens=False
        )
    click.echo(text)


@contextmanager
def progress(settings: Settings) -> Iterator[Progress]:
    """A counter on standard error; silent with ``--quiet``, one line at the end where standard error is no terminal."""
    if settings.quiet:
        yield lambda what, count: None
        return
    if not sys.stderr.isatty():
        last: dict[str, int] = {}
        yield lambda what, count: last.__setitem__(what, count)
        for what, count in last.items():
            click.echo(f"{what}: {count:,}", err=True)
        return
    from rich.console import Console
    from rich.progress import Progress as Bar
    from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=False) as bar:
        tasks: dict[str, Any] = {}

        def tell(what: str, count: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=None)
            bar.update(tasks[what], completed=count)

        yield tell


def lines_of(path: str) -> BinaryIO:
    """Standard input for ``-``, else the file, opened for reading bytes.

    Raises:
        BadInput: the file cannot be opened.
    """
    if path == "-":
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except OSError as error:
        raise BadInput(f"Cannot read {path!r}: {error.strerror}.") from error


def emit(text: str, output: str | None) -> None:
    """Print, or write a file whole or not at all.

    Raises:
        BadInput: the file cannot be written.
    """
    if output is None or output == "-":
        click.echo(text.rstrip("\n"))
        return
    target = Path(output)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(target)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise BadInput(f"Cannot write {output!r}: {error.strerror}.") from error
    hint(f"Written: {target}")


def filter_lines(path: str, run: Callable[..., Iterator[dict[str, Any]]]) -> None:
    """Run a JSON Lines filter: results on standard output, unreadable lines on standard error, exit 2 if there were any."""
    problems = 0
    # In bytes, as JSON Lines are UTF-8 whatever the terminal or the platform speaks.
    out = sys.stdout.buffer

    def problem(number: int, why: str) -> None:
        nonlocal problems
        problems += 1
        click.echo(f"line {number}: {why}", err=True)

    with lines_of(path) as lines:
        for result in run(lines, problem=problem):
            out.write(_json_line(result))
    out.flush()
    if problems:
        raise BadInput(
            f"{problems} line(s) of {path!r} could not be read; the others are done. Each must be one JSON object."
        )


def _json_line(result: dict[str, Any]) -> bytes:
    import json

    try:
        return json.dumps(result, ensure_ascii=False).encode() + b"\n"
    except UnicodeEncodeError:  # half of a surrogate pair, which no encoding has: as an escape it comes back as it came
        return json.dumps(result).encode() + b"\n"


def terminal_width() -> int:
    """Columns to write for: those of the terminal, at most 100; 90 when piped."""
    import shutil

    return min(shutil.get_terminal_size((90, 24)).columns, 100) if sys.stdout.isatty() else 90


def use_color(settings: Settings) -> bool:
    """Colour as asked for; else only on a terminal."""
    return sys.stdout.isatty() if settings.color is None else settings.color
