"""Watches: what somebody follows, when it is due, and telling it once. Nothing is told twice or missed.

Each channel of a watch (an address, a webhook) keeps its own mark in the store's ledger. An issue is begun, sent, and only
then committed. One that was begun and not committed, because the send failed or the program was killed, is sent again as it
was, under the same Message-ID, so that a mailbox shows it once.
"""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from . import delivery
from .errors import BadInput, FreedomPolicyError, did_you_mean
from .records import MeasureFilter, Note, Record, StageChange, Watch
from .reports import build_digest
from .store import queries

if TYPE_CHECKING:
    from .reports import Digest
    from .store import Store
    from .store.results import DigestIssue

_OVERLAP = dt.timedelta(minutes=10)
"""What is learnt is stamped a moment before it is committed, so each span looks back a little; what was told is left out."""
_PERIOD_DAYS = {"daily": 1, "weekly": 7, "monthly": 30, None: 7}


class Sent(Record):
    """What became of one watch."""

    watch: str
    channels: int
    sent: int = 0
    changes: int = 0
    """Measures told in the last issue that was sent."""
    problem: str = ""
    exit_code: int = 0


class Told(NamedTuple):
    """A digest and what it tells, by names that stay."""

    digest: Digest
    items: tuple[str, ...]


def make_watch(
    name: str,
    wanted: MeasureFilter,
    *,
    keys: tuple[str, ...] = (),
    schedule: str | None = None,
    emails: tuple[str, ...] = (),
    webhook: str | None = None,
) -> Watch:
    """A watch on a filter, on single measures, or on both.

    Raises:
        BadInput: no name, or an address that is none.
    """
    if not name.strip():
        raise BadInput("A watch needs a name, such as 'Buyer-penalty bills in WA, OR, ID'.")
    for address in emails:
        delivery.check_address(address)
    if webhook is not None:
        delivery.check_webhook(webhook)
    if keys:
        wanted = (
            MeasureFilter(keys=keys, tracked=None)
            if wanted == MeasureFilter()
            else wanted.model_copy(update={"also": keys})
        )
    return Watch.model_validate(
        {"name": name.strip(), "filter": wanted, "schedule": schedule, "emails": emails, "webhook": webhook}
    )


def find(store: Store, name: str) -> Watch:
    """The watch of this name.

    Raises:
        BadInput: there is none; the message names near matches.
    """
    known = {watch.name: watch for watch in queries.watches(store)}
    if name not in known:
        hint = did_you_mean(name, known)
        raise BadInput(f"No watch is called {name!r}. {hint or 'See: freedom-policy watch list'}")
    return known[name]


class Matches(Record):
    """What a watch finds now."""

    measures: int
    wider: tuple[tuple[str, int], ...] = ()
    """Where it finds nothing: how to change the filter, in words, and how many measures are then found."""
    unknown: tuple[str, ...] = ()
    """Keys that are not in the store."""


def matches(store: Store, watch: Watch) -> Matches:
    """How many measures a watch finds now, and what would find more."""
    wanted = _as_numbered_now(store, watch.filter)
    keys = (*wanted.keys, *wanted.also)
    number = queries.count(store, wanted)
    return Matches(
        measures=number,
        wider=() if number else _wider(store, wanted),
        unknown=tuple(key for key in keys if queries.measure(store, key) is None),
    )


def _wider(store: Store, wanted: MeasureFilter) -> tuple[tuple[str, int], ...]:
    """Leaving out one part, or, where that does not help, one part alone."""
    defaults = {name: MeasureFilter.model_fields[name].default for name in MeasureFilter.model_fields}
    parts = [
        name for name in wanted.model_dump(exclude_defaults=True) if name not in ("keys", "also", "tracked", "limit")
    ]
    tries = [(f"without --{name.removesuffix('s')}", {name: defaults[name]}) for name in parts]
    if wanted.tracked:
        tries.append(("with what is not tagged as trafficking", {"tracked": None}))
    found = _counted(store, wanted, tries)
    if not found and len(parts) > 1:
        alone = [
            (f"--{kept.removesuffix('s')} alone", {name: defaults[name] for name in parts if name != kept})
            for kept in parts
        ]
        found = _counted(store, wanted, alone)
    return tuple(sorted(found, key=lambda pair: pair[1]))


def _counted(store: Store, wanted: MeasureFilter, tries: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, int]]:
    counts = [(words, queries.count(store, wanted.model_copy(update=change))) for words, change in tries]
    return [(words, number) for words, number in counts if number]


def make_note(key: str, text: str, position: str | None) -> Note:
    """A note on a measure.

    Raises:
        BadInput: neither words nor a position, or an unknown position.
    """
    known = ("support", "oppose", "watch")
    if position is not None and position not in known:
        raise BadInput(f"Unknown position {position!r}. Known: {', '.join(known)}.")
    if position is None and not text.strip():
        raise BadInput("Nothing to note. Give --position support, oppose or watch, or --text WORDS.")
    return Note.model_validate({"key": key, "text": text.strip(), "position": position})


def is_due(watch: Watch, last: dt.datetime | None, now: dt.datetime) -> bool:
    """True if the next issue is due, by whole days (UTC): a cron line that runs a second early must not lose a day."""
    if watch.schedule is None:
        return False
    if last is None:
        return True
    day, today = last.astimezone(dt.UTC).date(), now.astimezone(dt.UTC).date()
    if watch.schedule == "monthly":
        year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
        return today >= day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
    return today >= day + dt.timedelta(days=_PERIOD_DAYS[watch.schedule])


# ---------------------------------------------------------------------------------------------------------------------
# What is told


def tell(
    store: Store,
    name: str,
    *,
    wanted: MeasureFilter,
    since: dt.datetime | None,
    until: dt.datetime,
    now: dt.datetime,
    title: str | None = None,
    name_reviewers: bool = False,
) -> Told:
    """The digest of a span, without what an issue of the same ledger told already."""
    wanted = _as_numbered_now(store, wanted)
    changes = queries.changes(store, since - _OVERLAP if since else None, until, wanted)
    names = [_name_of(change) for change in changes]
    known = queries.told(store, name, names)
    fresh = [change for change, told in zip(changes, names, strict=True) if told not in known]
    digest = build_digest(
        store,
        since=since,
        until=until,
        filter=wanted,
        title=title,
        now=now,
        changes=fresh,
        name_reviewers=name_reviewers,
    )
    return Told(digest, tuple(dict.fromkeys(_name_of(change) for change in fresh)))


def _name_of(change: StageChange) -> str:
    return f"{change.measure.key} {change.to_stage} {change.observed_at.astimezone(dt.UTC).isoformat()}"


def _as_numbered_now(store: Store, wanted: MeasureFilter) -> MeasureFilter:
    """A draft's number that became a bill's is followed under its new number."""

    def renamed(keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(view.key if (view := queries.measure(store, key)) else key for key in keys)

    return wanted.model_copy(update={"keys": renamed(wanted.keys), "also": renamed(wanted.also)})


@contextmanager
def printing(
    store: Store,
    name: str | MeasureFilter,
    *,
    wanted: MeasureFilter,
    until: dt.datetime,
    now: dt.datetime,
    title: str | None = None,
) -> Iterator[Digest]:
    """What was not told under this name before, for a ``with`` block that prints or writes it.

    It counts as told when the block ends well, and not if it fails.
    """
    issue = store.begin_digest(name, until=until)
    try:
        told = tell(
            store, issue.name, wanted=wanted, since=issue.since, until=until, now=now, title=title, name_reviewers=True
        )
        yield told.digest
    except BaseException:
        store.give_up_digest(issue)
        raise
    store.commit_digest(issue, told.items)


# ---------------------------------------------------------------------------------------------------------------------
# Sending


class _Channel(NamedTuple):
    ledger: str
    deliver: Callable[[Digest, str], None]


def _channels(watch: Watch, values: Mapping[str, Any]) -> list[_Channel]:
    def mail(digest: Digest, issue: str, *, address: str) -> None:
        smtp = delivery.smtp_settings(values)
        delivery.send_mail(digest.to_eml(), (address,), smtp, message_id=f"<{issue}@freedom-policy.invalid>")

    def post(digest: Digest, issue: str, *, url: str) -> None:
        delivery.post_webhook(url, digest.to_json(), idempotency_key=issue)

    found = [
        _Channel(f"{ledger_name(watch)} to {address}", partial(mail, address=address))
        for address in dict.fromkeys(watch.emails)
    ]
    if watch.webhook:
        found.append(_Channel(f"{ledger_name(watch)} to {watch.webhook}", partial(post, url=watch.webhook)))
    return found


def ledger_name(watch: Watch) -> str:
    """The name under which the ledger keeps what was printed of a watch; channels have their own."""
    return f"watch {watch.name}"


def send(store: Store, watch: Watch, *, now: dt.datetime, values: Mapping[str, Any], due_only: bool = True) -> Sent:
    """Send a watch's digest to each of its channels whose issue is due, and what a broken send left over.

    Args:
        values: the config file's values, with ``[smtp]``.
        due_only: False sends what there is now, whenever the last issue was.
    """
    channels = _channels(watch, values)
    sent, changes, problems = 0, 0, list[FreedomPolicyError]()
    for channel in channels:
        try:
            for issue in _issues(store, watch, channel.ledger, now, due_only):
                told = _tell_issue(store, watch, issue, now)
                channel.deliver(told.digest, _issue_id(issue))
                _commit(store, issue, told.items)
                sent, changes = sent + 1, sum(bool(item.steps) for item in told.digest.items)
        except FreedomPolicyError as error:
            # The issue stays begun: it is sent again next time. The other channels and watches are not held up.
            problems.append(error)
    return Sent(
        watch=watch.name,
        channels=len(channels),
        sent=sent,
        changes=changes,
        problem=" ".join(dict.fromkeys(map(str, problems))),
        exit_code=max((error.exit_code for error in problems), default=0),
    )


def _issues(store: Store, watch: Watch, name: str, now: dt.datetime, due_only: bool) -> Iterator[DigestIssue]:
    """An issue that was begun and not sent, then a new one if it is due."""
    last = next(iter(queries.digest_issues(store, name, limit=1)), None)
    if last and last.state == "begun":
        yield last
    if not due_only or is_due(watch, queries.last_told(store, name), now):
        yield store.begin_digest(name, until=now)


def _tell_issue(store: Store, watch: Watch, issue: DigestIssue, now: dt.datetime) -> Told:
    # The first issue tells the period before it, not all that was ever collected.
    since = issue.since or issue.until - dt.timedelta(days=_PERIOD_DAYS[watch.schedule])
    return tell(store, issue.name, wanted=watch.filter, since=since, until=issue.until, now=now, title=watch.name)


def _commit(store: Store, issue: DigestIssue, items: tuple[str, ...]) -> None:
    try:
        store.commit_digest(issue, items)
    except BadInput:
        # Another program sent the same issue meanwhile, under the same Message-ID.
        last = next(iter(queries.digest_issues(store, issue.name, limit=1)), None)
        if last is None or last.id < issue.id or last.state == "given_up":
            raise


def _issue_id(issue: DigestIssue) -> str:
    """The same for the same issue whenever it is sent, another for any other issue of any store; tells no address."""
    named = f"{issue.id} {issue.name} {issue.begun_at.astimezone(dt.UTC).isoformat()}"
    return hashlib.sha256(named.encode()).hexdigest()[:32]
