"""``watch``, ``note``, ``review``, ``correct``: what people follow, think and decide."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from freedom_policy.errors import BadInput

from .app import Settings
from .common import asked, emit, filters, line, open_tracker, terminal_width

if TYPE_CHECKING:
    from freedom_policy.reviewing import Question
    from freedom_policy.tracker import Tracker


@click.group("watch", epilog="Example: freedom-policy watch list")
def watch_command() -> None:
    """Follow a filter or single measures, and be told by mail or webhook. Private to this store."""


@watch_command.command(
    "add",
    epilog='Example: freedom-policy watch add "Buyer-penalty bills in WA, OR, ID" --goal buyer_deterrence '
    "--jurisdiction us-wa,us-or,us-id --weekly --email you@example.org",
)
@click.argument("name")
@click.argument("keys", nargs=-1)
@filters
@click.option("--query", metavar="TEXT", help="Words in title, summary or number.")
@click.option("--daily", "schedule", flag_value="daily", default=None, help="Tell every day.")
@click.option("--weekly", "schedule", flag_value="weekly", help="Tell every week.")
@click.option("--monthly", "schedule", flag_value="monthly", help="Tell every month.")
@click.option("--email", "emails", metavar="ADDRESS", multiple=True, help="Where to; may be given several times.")
@click.option("--webhook", metavar="URL", help="POST the digest as JSON to this address.")
@click.option("--replace", is_flag=True, help="Change the watch of this name.")
@click.pass_obj
def add_command(
    settings: Settings,
    name: str,
    keys: tuple[str, ...],
    schedule: str | None,
    emails: tuple[str, ...],
    webhook: str | None,
    replace: bool,
    **values: Any,
) -> None:
    """Follow what the filters find, and the measures with these KEYS, whatever the classifier says of them.

    Name watches after law, not after people.
    """
    with open_tracker(settings, make=True) as tracker:
        if not replace and name.strip() in (watch.name for watch in tracker.watches()):
            raise BadInput(f"There is a watch called {name!r} already. Give another name, or --replace to change it.")
        watch = tracker.watch(name, keys=keys, schedule=schedule, emails=emails, webhook=webhook, **asked(values))
        found = tracker.matches(watch.name)
    click.echo(f"Watching {watch.name!r}: {found.measures:,} measure{'s' if found.measures != 1 else ''} now.")
    for key in found.unknown:
        click.echo(f"{key} is not in the store yet; it is told once it is collected.", err=True)
    if not found.measures and not found.unknown:
        click.echo("Nothing in the store fits yet. It stays and tells what comes.", err=True)
    for change, number in found.wider:
        click.echo(f"  {change}: {number:,}", err=True)
    if (emails or webhook) and not schedule:
        click.echo("It has no schedule: add --daily, --weekly or --monthly, or send it by its name.", err=True)
    elif schedule and not (emails or webhook):
        click.echo(f"It has no channel. Read it with: freedom-policy digest --watch {name!r} --since last", err=True)
    elif schedule:
        click.echo("Have `freedom-policy watch send` run daily; it sends what is due (docs/scheduling.md).", err=True)


@watch_command.command("list", epilog="Example: freedom-policy watch list --private")
@click.option("--private", is_flag=True, help="Show the addresses, too.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.pass_obj
def list_command(settings: Settings, private: bool, form: str) -> None:
    """List the watches, by name. Addresses are shown only with --private."""
    with open_tracker(settings) as tracker:
        rows = [(watch, tracker.matches(watch.name)) for watch in tracker.watches()]
    if form == "json":
        for watch, _ in rows:
            hidden = None if private else {"emails", "webhook"}
            click.echo(watch.model_dump_json(exclude=hidden, exclude_defaults=True))
        return
    if not rows:
        click.echo("No watch yet. See: freedom-policy watch add --help")
    for watch, found in rows:
        channels = [*watch.emails, *([watch.webhook] if watch.webhook else [])]
        if not private:
            channels = [f"{len(watch.emails)} by e-mail"] * bool(watch.emails) + ["webhook"] * bool(watch.webhook)
        where = ", ".join(channels) or "no channel"
        click.echo(f"{watch.name}: {found.measures:,} measures; {watch.schedule or 'when asked'}; {where}")


@watch_command.command("remove", epilog='Example: freedom-policy watch remove "Buyer-penalty bills in WA, OR, ID"')
@click.argument("name")
@click.pass_obj
def remove_command(settings: Settings, name: str) -> None:
    """Follow no more."""
    with open_tracker(settings) as tracker:
        tracker.unwatch(name)
    click.echo(f"No longer watching {name!r}.")


@watch_command.command("send", epilog="Example: freedom-policy --quiet watch send")
@click.argument("name", required=False)
@click.pass_context
def send_command(ctx: click.Context, name: str | None) -> None:
    """Send the digests that are due; with NAME that one now.

    Nothing is told twice or missed: a digest counts as told only after it was sent, and a repeated one carries the same
    Message-ID. Exit code 3 if a mail server or webhook failed; it is told again next time.
    """
    settings: Settings = ctx.obj
    with open_tracker(settings) as tracker:
        results = tracker.send_watches(name)
    for result in results:
        if result.sent and not settings.quiet:
            told = f"{result.changes:,} measure{'s' if result.changes != 1 else ''} moved"
            click.echo(f"{result.watch}: sent to {result.sent} of {result.channels}; {told}.")
        if result.problem:
            click.echo(f"{result.watch}: {result.problem}", err=True)
        if name and not result.channels:
            raise BadInput(
                f"{name!r} has no channel. Add one: freedom-policy watch add NAME ... --email ADDRESS --replace"
            )
    if not any(result.sent or result.problem for result in results):
        click.echo("Nothing is due.", err=True)
    ctx.exit(max((result.exit_code for result in results), default=0))


@click.command("note", epilog='Example: freedom-policy note us/119/HR4323 --position support --text "Testify in March"')
@click.argument("key", required=False)
@click.option("--position", type=click.Choice(["support", "oppose", "watch"]), help="Where we stand.")
@click.option("--text", metavar="WORDS", default="", help="Private words.")
@click.pass_obj
def note_command(settings: Settings, key: str | None, position: str | None, text: str) -> None:
    """Keep our position on a measure and private notes; with no --position and --text, show them.

    Notes never leave this store, save with `export --private`.
    """
    with open_tracker(settings) as tracker:
        if position or text:
            if key is None:
                raise BadInput("A note needs a measure: freedom-policy note KEY --text WORDS")
            note = tracker.note(key, text, position=position)
            click.echo(f"Noted on {note.key}.")
            return
        for note in tracker.notes(key):
            day = note.created_at.date().isoformat() if note.created_at else ""
            click.echo(" ".join(part for part in (day, note.key, note.position or "", note.text) if part))


# ---------------------------------------------------------------------------------------------------------------------
# Review


@click.command("review", epilog="Example: freedom-policy review --as 'A. Reader' --jurisdiction us-tx")
@click.argument("keys", nargs=-1)
@filters
@click.option("--as", "reviewer", metavar="NAME", help="Who decides (default: reviewer = NAME in the config file).")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")
@click.option("--list", "only_list", is_flag=True, help="List the queue and decide nothing.")
@click.option("--export", metavar="FILE", help="Write the decisions as labels (JSON Lines) and end; - prints them.")
@click.option("--private", is_flag=True, help="With --export: reviewers' names, too.")
@click.pass_obj
def review_command(
    settings: Settings,
    keys: tuple[str, ...],
    reviewer: str | None,
    limit: int | None,
    only_list: bool,
    export: str | None,
    private: bool,
    **values: Any,
) -> None:
    """Decide on the machine's tags, the most useful first: contradicted by readers, weakening, contested, uncertain.

    Each decision is kept at once, with who, when and why; stop at any time and go on later. With KEYS, those measures.
    """
    with open_tracker(settings) as tracker:
        if export:
            rows = tracker.decisions(private=private)
            emit("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), export)
            return
        wanted = asked(values) | ({"key": keys} if keys else {})
        queue = tracker.questions(**wanted)[:limit]
        if not queue:
            click.echo("Nothing waits for a decision.")
            return
        if only_list:
            for question in queue:
                line(f"{question.view.key}  {question.view.title}", hang=4)
                line(f"    {'; '.join(question.why)}", hang=4)
            return
        name = reviewer or tracker.config.values.get("reviewer")
        if not name:
            raise BadInput('Say who decides: --as NAME, or reviewer = "NAME" in the config file.')
        _decide_all(tracker, queue, str(name))


def _decide_all(tracker: Tracker, queue: list[Question], reviewer: str) -> None:
    decided = 0
    try:
        for number, question in enumerate(queue, 1):
            click.echo(f"\n[{number} of {len(queue)}]\n{question.to_text(width=terminal_width())}")
            answer = _decide(tracker, question, reviewer)
            if answer == "quit":
                break
            decided += answer == "decided"
    finally:
        click.echo(f"{decided} decided, {len(queue) - decided} left. Each decision is kept.", err=True)


def _decide(tracker: Tracker, question: Question, reviewer: str) -> str:
    while True:
        choice = click.prompt(
            "[a]ccept, [c]orrect, [r]eject (not about trafficking), [s]kip, [q]uit",
            type=click.Choice(["a", "c", "r", "s", "q"], case_sensitive=False),
            show_choices=False,
            err=True,
        ).lower()
        if choice in "sq":
            return "quit" if choice == "q" else "skipped"
        try:
            said = _corrections(question) if choice == "c" else {}
            reason = click.prompt("Why, in a few words (may be empty)", default="", show_default=False, err=True)
            decision = {"a": "accept", "c": "correct", "r": "reject"}[choice]
            tracker.decide(question.view.key, decision, reviewer=reviewer, reason=reason.strip(), **said)
        except BadInput as error:
            click.echo(f"Not kept: {error}", err=True)
            continue
        return "decided"


def _corrections(question: Question) -> dict[str, str]:
    """What is right, field by field; what was not changed is left to the machine."""
    tags = question.view.classification
    shown = {
        "relevance": tags.relevance if tags else "none",
        "provisions": ", ".join(dict.fromkeys(tag.type for tag in tags.provisions)) if tags else "",
        "goals": ", ".join(tags.goals) if tags else "",
        "direction": tags.direction if tags and tags.direction != "none" else "",
    }
    click.echo("Enter keeps what is shown; commas separate; none empties; a type may be type:direction.", err=True)
    said: dict[str, str] = {}
    for name, value in shown.items():
        if said.get("relevance") in ("mention", "none"):
            break
        # Goals follow corrected provisions unless they are corrected too.
        answer = str(click.prompt(f"  {name}", default=value or "none", err=True)).strip()
        if answer != (value or "none"):
            said[name] = answer
    return said


@click.command("correct", epilog="Example: freedom-policy correct --import corrections.csv")
@click.argument("key", required=False)
@click.option("--import", "path", metavar="FILE.csv", help="Many at once: a CSV with key and any of the fields below.")
@click.option("--says", metavar="WORDS", help="What is wrong, in words.")
@click.option("--relevance", metavar="LEVEL", help="core, partial, adjacent, mention or none.")
@click.option("--goals", metavar="GOALS", help="Reform goals, main one first; commas.")
@click.option("--provisions", metavar="TYPES", help="Provision types; commas; a type may be type:direction.")
@click.option("--direction", metavar="WORD", help="strengthens, weakens, mixed, neutral or unclear.")
@click.option("--said-by", metavar="NAME", help="Who says so. Private.")
@click.pass_obj
def correct_command(settings: Settings, key: str | None, path: str | None, **said: str | None) -> None:
    """Put a reader's correction of a measure's tags into the review queue, where a person decides.

    Columns of the CSV: key, says, relevance, goals, provisions, direction, said_by. A row that cannot be used is named by
    its line, the rest is done, and the exit code is 2.
    """
    given = {name: value for name, value in said.items() if value}
    if (key is None) == (path is None) or (path and given):
        raise BadInput("Name one measure (freedom-policy correct KEY --says WORDS), or give --import FILE.csv.")
    with open_tracker(settings) as tracker:
        if key:
            tracker.correct(key, **given)
            click.echo("In the review queue. Decide with: freedom-policy review")
            return
        _import(tracker, str(path))


def _import(tracker: Tracker, path: str) -> None:
    bad = 0

    def problem(number: int, why: str) -> None:
        nonlocal bad
        bad += 1
        click.echo(f"line {number}: {why}", err=True)

    try:
        # utf-8-sig: spreadsheets put a mark before the first column's name.
        with open(path, encoding="utf-8-sig", newline="") as lines:
            new = tracker.import_corrections(lines, problem=problem)
    except OSError as error:
        raise BadInput(f"Cannot read {path!r}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path!r} is not UTF-8 text. Save it as CSV UTF-8.") from error
    click.echo(f"{new:,} in the review queue. Decide with: freedom-policy review")
    if bad:
        raise BadInput(f"{bad} row{'s' if bad != 1 else ''} of {path!r} could not be used; the others are done.")


@click.command(
    "record",
    epilog="Example: freedom-policy record us-tx/892/HB252 enjoined --date 2026-03-02 --url https://example.org/order.html",
)
@click.argument("key", required=False)
@click.argument("stage", required=False)
@click.option("--date", metavar="DATE", help="The day on which it happened.")
@click.option("--url", metavar="URL", help="The page that says so.")
@click.option("--says", metavar="WORDS", default="", help="What happened, in a few words.")
@click.option("--as", "recorder", metavar="NAME", help="Who records it (default: reviewer = NAME in the config file).")
@click.option("--withdraw", is_flag=True, help="Take back what was recorded of this stage and day.")
@click.pass_obj
def record_command(
    settings: Settings,
    key: str | None,
    stage: str | None,
    date: str | None,
    url: str | None,
    says: str,
    recorder: str | None,
    withdraw: bool,
) -> None:
    """Record what became of a law where no source tells; without STAGE, list what was recorded.

    STAGE is enjoined, struck_down, repealed, expired, or effective where it applies again. It is shown as a person's word with
    its source, stays whatever is collected later, and leaves with an export; who recorded it does not.
    """
    with open_tracker(settings) as tracker:
        if stage is None:
            for event in tracker.recorded(key):
                line(
                    f"{event.date} {event.key} {event.stage} {event.url}{f' {event.says}' if event.says else ''}",
                    hang=4,
                )
            return
        if key is None or date is None or (url is None and not withdraw):
            raise BadInput("Say when, and which page says so: --date YYYY-MM-DD --url https://...")
        if withdraw:
            view = tracker.withdraw(key, stage, date=date)
        else:
            name = recorder or tracker.config.values.get("reviewer")
            if not name:
                raise BadInput('Say who records it: --as NAME, or reviewer = "NAME" in the config file.')
            view = tracker.record(key, stage, date=date, url=str(url), says=says, by=str(name))
    status = view.status
    day = f" since {status.stage_date}" if status and status.stage_date else ""
    click.echo(f"{'Taken back' if withdraw else 'Recorded'}. {view.key} stands at {view.stage}{day}.")
    for warning in status.warnings if status else ():
        if "a person recorded" in warning:
            click.echo(f"Note: {warning}.", err=True)
