"""What was told to whom: a digest begun, and sent or not. Nothing is told twice or missed, also after a failed send.

A digest tells the span from the end of the last *sent* issue to its own ``until``. One that was begun and never sent moves
nothing, so the next one tells its span too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from ..errors import BadInput
from ..records import MeasureFilter, digest_of
from . import bulk
from .models import DigestIssueRow, DigestItemRow
from .results import DigestIssue

if TYPE_CHECKING:
    from .store import Store


def ledger_name(wanted: MeasureFilter) -> str:
    """The name under which digests of a filter are told apart when no watch names them."""
    return f"filter {digest_of(wanted.model_dump(mode='json', exclude_defaults=True, exclude={'limit', 'since', 'until'}))[:16]}"


def begin(connection: Connection, name: str, until: dt.datetime, now: dt.datetime) -> DigestIssue:
    """Begin an issue; one of the same name that was begun before and not sent is given up."""
    open_before = connection.execute(
        select(DigestIssueRow.id).where(DigestIssueRow.name == name, DigestIssueRow.state == "begun")
    ).scalars()
    _end(connection, list(open_before), "given_up", now)
    since = _last_told(connection, name)
    if since is not None and until < since:
        raise BadInput(
            f"The digest {name!r} was already told until {since:%Y-%m-%d %H:%M} UTC, after {until:%Y-%m-%d %H:%M} UTC."
        )
    row = {"name": name, "since": since, "until": until, "state": "begun", "begun_at": now, "ended_at": None}
    [issue_id] = bulk.add_returning_ids(connection, DigestIssueRow, [row])
    return DigestIssue(id=issue_id, name=name, since=since, until=until, state="begun", begun_at=now)


def commit(connection: Connection, issue: DigestIssue, items: Iterable[str], now: dt.datetime) -> DigestIssue:
    """Mark an issue as sent, with what it told."""
    state = connection.execute(select(DigestIssueRow.state).where(DigestIssueRow.id == issue.id)).scalar()
    if state != "begun":
        raise BadInput(
            f"Issue {issue.id} of the digest {issue.name!r} is {state or 'not in the store'}; only a begun one can be sent."
        )
    bulk.add(connection, DigestItemRow, [{"issue_id": issue.id, "item": item} for item in dict.fromkeys(items)])
    _end(connection, [issue.id], "sent", now)
    return issue.model_copy(update={"state": "sent", "ended_at": now})


def give_up(connection: Connection, issue: DigestIssue, now: dt.datetime) -> None:
    """Mark an issue as not sent; the next one tells its span too."""
    state = connection.execute(select(DigestIssueRow.state).where(DigestIssueRow.id == issue.id)).scalar()
    if state == "begun":
        _end(connection, [issue.id], "given_up", now)


def _end(connection: Connection, ids: Iterable[int], state: str, now: dt.datetime) -> None:
    bulk.change(connection, DigestIssueRow, [{"id": issue_id, "state": state, "ended_at": now} for issue_id in ids])


def _last_told(connection: Connection, name: str) -> dt.datetime | None:
    statement = select(func.max(DigestIssueRow.until, type_=DigestIssueRow.until.type)).where(
        DigestIssueRow.name == name, DigestIssueRow.state == "sent"
    )
    return connection.execute(statement).scalar()


def last_told(store: Store, digest: str | MeasureFilter) -> dt.datetime | None:
    """Until when a digest, by its watch's name or its filter, was told; None if it never was."""
    name = digest if isinstance(digest, str) else ledger_name(digest)
    with store.reading() as connection:
        return _last_told(connection, name)


def told(store: Store, name: str, items: Iterable[str]) -> set[str]:
    """Those of the items that an issue of this name has told."""
    found: set[str] = set()
    with store.reading() as connection:
        for part in bulk.chunks(items):
            statement = (
                select(DigestItemRow.item)
                .join(DigestIssueRow, DigestIssueRow.id == DigestItemRow.issue_id)
                .where(DigestIssueRow.name == name, DigestItemRow.item.in_(part))
            )
            found.update(connection.execute(statement).scalars())
    return found


def digest_issues(store: Store, name: str | None = None, limit: int = 100) -> list[DigestIssue]:
    """Issues of digests, newest first."""
    statement = select(DigestIssueRow.__table__).order_by(DigestIssueRow.id.desc()).limit(limit)
    if name is not None:
        statement = statement.where(DigestIssueRow.name == name)
    with store.reading() as connection:
        return [DigestIssue(**row._mapping) for row in connection.execute(statement)]
