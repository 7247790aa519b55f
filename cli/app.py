"""The root command. Subcommands load when they are called, so that ``--help`` is instant."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Any, NamedTuple

import click

from freedom_policy.errors import FreedomPolicyError

# Command -> (module, what it does in a line). The order is that of a newcomer's day.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("collecting", "See it work: real measures, recorded; no network, no setup."),
    "sources": ("collecting", "List what can be collected, what each covers and the key it needs."),
    "collect": ("collecting", "Collect bills and ordinances from a source into the store."),
    "classify": ("understanding", "Tag what each measure would do; or filter JSON Lines."),
    "monitor": ("watching", "Compute where each measure stands; or filter JSON Lines."),
    "digest": ("reading", "What moved, what is new, what is coming, and how complete the look was."),
    "list": ("reading", "List measures by place, stage, goal, area, words."),
    "show": ("reading", "One measure: status with its cause, timeline, tags with quotations."),
    "coverage": ("reading", "Places by focus areas and goals: in force, moving, dead, not looked at."),
    "model-law": ("reading", "A place, measure or reform beside the Uniform Act: what is answered."),
    "impact": ("impact", "What was counted before and after a law took effect; never an effect."),
    "watch": ("working", "Follow a filter or single measures; be told by mail or webhook."),
    "note": ("working", "Our position on a measure and private notes."),
    "review": ("working", "Decide on the machine's tags, the most useful first."),
    "correct": ("working", "Put readers' corrections into the review queue."),
    "record": ("working", "Record what a court or repeal made of a law, with the page that says so."),
    "evaluate": ("model", "Measure the model on labelled measures, with intervals."),
    "train": ("model", "Train a model on labelled measures."),
    "export": ("moving", "Write the store as a data package: CSV or Parquet with a schema."),
    "import": ("moving", "Restore an exported package into a new store."),
    "site": ("moving", "Write a static site: a page a place, a reform, a measure, plus search."),
    "explore": ("moving", "Open the store in Datasette, on this machine only."),
    "jobs": ("jobs", "Collect, tag and send by a schedule, on many machines (PostgreSQL)."),
    "db": ("upkeep", "Set up, check, upgrade or back up the store."),
    "doctor": ("upkeep", "What is missing on this machine and how to mend it."),
}


class Settings(NamedTuple):
    """The global options, handed to each command."""

    db: str | None
    config: str | None
    verbose: int
    quiet: bool
    color: bool | None
    """None: colour only on a terminal."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is needed, and tells users' mistakes in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f".{COMMANDS[cmd_name][0]}", __package__)
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from freedom_policy.errors import did_you_mean

            if args and (hint := did_you_mean(args[0], COMMANDS)) and "mean" not in error.message:
                raise click.UsageError(f"{error.message} {hint}", ctx) from error
            raise

    def invoke(self, ctx: click.Context) -> Any:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
            return result
        except FreedomPolicyError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(error.exit_code)
        except OSError as error:
            if error.filename is not None:
                raise
            _drop_output()
            # A reader that goes away (`| head`) is in its right.
            if isinstance(error, BrokenPipeError):
                ctx.exit(0)
            click.echo(
                f"Error: Cannot write the output: {error.strerror}. Nothing after that point was written.", err=True
            )
            ctx.exit(2)
        except KeyboardInterrupt:
            click.echo("Interrupted. What was done so far is kept; run the same command again to go on.", err=True)
            ctx.exit(130)


def _drop_output() -> None:
    """Python would complain once more at exit about what it could not write."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: freedom-policy demo",
)
@click.option("--db", metavar="URL", help="Database (default: $FREEDOM_POLICY_DB, else SQLite in your data folder).")
@click.option("--config", metavar="FILE", help="Config file with keys (TOML).")
@click.option("-v", "--verbose", count=True, help="Say more on standard error.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on standard error.")
@click.option("--color/--no-color", default=None, help="Colour (default: only on a terminal).")
@click.version_option(package_name="freedom_policy", prog_name="freedom-policy")
@click.pass_context
def root(ctx: click.Context, db: str | None, config: str | None, verbose: int, quiet: bool, color: bool | None) -> None:
    """Which reforms against human trafficking exist, what each would do, where it stands, where the gaps are."""
    if color is None and os.environ.get("NO_COLOR"):
        color = False
    ctx.obj = Settings(db, config, verbose, quiet, color)
    ctx.color = color


def _stop(_signal: int, _frame: object) -> None:
    """A service manager's stop is treated like Ctrl-C: what was done is kept, the crawl is ended in order."""
    raise KeyboardInterrupt


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 a finding, 2 bad input, 3 a source failed, 4 the store, 130 interrupted."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        status = root.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        status = error.exit_code
    except click.Abort:
        click.echo("Interrupted. What was done so far is kept; run the same command again to go on.", err=True)
        status = 130
    sys.exit(status if isinstance(status, int) else 0)
